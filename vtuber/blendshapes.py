"""Scores and gaze -> all 52 ARKit weights.

The model's scores are kept where they are good; what geometry knows better is put in its place: the eyeLook shapes come
from the gaze (ARKit's 1.0 is about 30 degrees sideways and 25 up or down), and a look down, which lowers the lid, is
taken out of the blink.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

from vtuber.gaze import Gaze
from vtuber.wire import ARKIT

LOOK_SIDEWAYS, LOOK_UP_DOWN = math.radians(30), math.radians(25)
"""Gaze at which an eyeLook shape is 1."""
LID = ((0.11, 0.0), (0.22, 0.25), (0.32, 0.5), (0.49, 0.75), (0.62, 1.0))
"""The model's eyeBlink, and how far the lid is down: seen on rendered eyes held at each. Half-way, the score lags."""
RESTING = {
    "browDown": (0.01, 0.8),
    "browInnerUp": (0.03, 0.95),
    "browOuterUp": (0.08, 0.9),
    "eyeSquint": (0.02, 0.9),
    "eyeWide": (0.0, 0.6),
}
"""Shapes whose score is not 0 on a face at rest, or not 1 at its most: (rest, most). From ARKit weights beside the
model's scores of a real face, which follow each other at different scales; kept on the cautious side."""
LEARNED = 0.7
"""The learned reader's share in a lid and in those of SHARED; the rest is the score's."""
RESTING_SIDES = {
    name: ends for shape, ends in RESTING.items() for name in (shape, f"{shape}Left", f"{shape}Right") if name in ARKIT
}
SHARED = [name for name in RESTING_SIDES if not name.startswith("eyeSquint")]
"""Shapes whose scores follow ARKit's own weights on a real face, by 0.9 in the mean, but not so on rendered ones, which
the learned reader knows better."""
LID_OF_LOOK_DOWN = 0.2
"""How much of a full look down the model's eyeBlink takes for a blink."""
FAR_DOWN = 0.5
"""A lid with such a score is not explained by looking down any more."""


def solve(scores: Mapping[str, float], left: Gaze, right: Gaze) -> dict[str, float]:
    """The 52 weights, 0..1, by ARKit name; a shape without a score rests at 0."""
    weights = {name: scores.get(name, 0.0) for name in ARKIT}
    for name in RESTING_SIDES:
        weights[name] = _from_rest(name, weights[name])
    weights.update(looks(left, right))
    for side in ("Left", "Right"):
        down = weights[f"eyeLookDown{side}"]
        weights[f"eyeBlink{side}"] = blink(scores.get(f"eyeBlink{side}", 0.0), down)
    return weights


def acted(weights: Mapping[str, float], scores: Mapping[str, float], left: Gaze, right: Gaze) -> dict[str, float]:
    """The 52 weights of a face whose acting was read (acting.Actor), with its gaze."""
    solved = {name: weights.get(name, 0.0) for name in ARKIT}
    solved.update(looks(left, right))
    for name in SHARED:
        solved[name] = LEARNED * solved[name] + (1 - LEARNED) * _from_rest(name, scores.get(name, 0.0))
    for side in ("Left", "Right"):
        # Two readers of a lid, with faults of their own: one tells winks apart, the other shuts an eye wholly.
        by_score = blink(scores.get(f"eyeBlink{side}", 0.0), solved[f"eyeLookDown{side}"])
        solved[f"eyeBlink{side}"] = LEARNED * solved[f"eyeBlink{side}"] + (1 - LEARNED) * by_score
    return solved


def looks(left: Gaze, right: Gaze) -> dict[str, float]:
    """The eight eyeLook shapes of a gaze."""
    shapes = {}
    for side, eye, outward in (("Left", left, 1.0), ("Right", right, -1.0)):
        out, up = outward * eye.yaw / LOOK_SIDEWAYS, eye.pitch / LOOK_UP_DOWN
        shapes[f"eyeLookOut{side}"], shapes[f"eyeLookIn{side}"] = _unit(out), _unit(-out)
        shapes[f"eyeLookUp{side}"], shapes[f"eyeLookDown{side}"] = _unit(up), _unit(-up)
    return shapes


def gaze(weights: Mapping[str, float]) -> tuple[Gaze, Gaze]:
    """Where the eyes look by their eyeLook shapes: left, right; `looks` turned round."""
    w = weights
    left = w["eyeLookOutLeft"] - w["eyeLookInLeft"], w["eyeLookUpLeft"] - w["eyeLookDownLeft"]
    right = w["eyeLookInRight"] - w["eyeLookOutRight"], w["eyeLookUpRight"] - w["eyeLookDownRight"]
    return (
        Gaze(left[0] * LOOK_SIDEWAYS, left[1] * LOOK_UP_DOWN),
        Gaze(right[0] * LOOK_SIDEWAYS, right[1] * LOOK_UP_DOWN),
    )


def blink(score: float, look_down: float) -> float:
    """The lid's own share of the model's score: 0 open, 1 shut, whatever the eye looks at."""
    # A shut eye is shut: the less the score leaves open, the less is explained by a look down.
    score -= LID_OF_LOOK_DOWN * look_down * _unit(1.0 - score / FAR_DOWN)
    for (low, a), (high, b) in itertools.pairwise(LID):
        if score < high:
            return _unit(a + (b - a) * (score - low) / (high - low))
    return 1.0


def _from_rest(name: str, score: float) -> float:
    """A score as a weight: 0 on a face at rest, 1 at its most."""
    rest, most = RESTING_SIDES[name]
    return _unit((score - rest) / (most - rest))


def _unit(x: float) -> float:
    return max(0.0, min(1.0, x))
