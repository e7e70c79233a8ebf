"""From picture to state on rendered heads of known pose, gaze and blinks: sides, signs and rough sizes.

How good it is in figures is measured by tests/performance; here only what must never break.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from utils import truth, yaw_pitch_roll_deg

from vtuber.performer import Step
from vtuber.pipeline import Pipeline
from vtuber.stages import Array, Observation

Observed = Callable[..., list[list[Observation]]]
MakePipeline = Callable[..., Pipeline]


@pytest.fixture(params=["A", "B"])
def who(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def steps(seen: list[list[Observation]], pipe: Pipeline) -> list[Step]:
    return [pipe.step(o[0].timestamp, o)[0] for o in seen]


def angles(matrices: Any) -> Array:
    """(n, 3) yaw, pitch, roll, degrees."""
    return np.array([yaw_pitch_roll_deg(m) for m in matrices])


@pytest.mark.parametrize("clip, axis, gain", [("yaw", 0, 0.75), ("pitch", 1, 0.75), ("roll", 2, 0.9)])
def test_each_turn_has_its_sign_and_size(
    who: str, clip: str, axis: int, gain: float, observed: Observed, make_pipeline: MakePipeline
) -> None:
    z, every = truth(f"{who}_{clip}"), 7
    found = steps(observed(f"gt/{who}_{clip}.mp4", every=every), make_pipeline())
    true, mine = z["ypr"][::every], angles([s.measured.matrix for s in found if s.measured])
    assert np.corrcoef(true[:, axis], mine[:, axis])[0, 1] > 0.98
    assert gain < np.polyfit(true[:, axis], mine[:, axis], 1)[0] < 1.2
    # As a state: yaw to the left is a turn about +y, looking up about -x, counter-clockwise about +z.
    q = np.array([s.state.head_rotation for s in found])
    sign, part = [(1, 1), (-1, 0), (1, 2)][axis]
    assert np.corrcoef(sign * q[:, part], true[:, axis])[0, 1] > 0.97


def test_head_turns_are_right_within_a_few_degrees(who: str, observed: Observed, make_pipeline: MakePipeline) -> None:
    z, every = truth(f"{who}_natural"), 5
    found = steps(observed(f"gt/{who}_natural.mp4", every=every), make_pipeline())
    mine, true = np.array([s.measured.matrix for s in found if s.measured]), z["R"][::every].astype(float)
    # Whose head is level is a matter of definition: one constant turn is taken out.
    u, _, v = np.linalg.svd(np.einsum("nji,njk->ik", true, mine))
    constant = u @ np.diag([1, 1, np.linalg.det(u @ v)]) @ v
    cosine = (np.einsum("nij,nij->n", true @ constant, mine) - 1) / 2
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean() < 3.0


def test_nearer_is_nearer(who: str, observed: Observed, make_pipeline: MakePipeline) -> None:
    every = 2
    found = steps(observed(f"gt/{who}_nearfar.mp4", every=every), make_pipeline())
    mine = np.array([s.measured.position[2] for s in found if s.measured])
    true = truth(f"{who}_nearfar")["t"][::every, 2] / 100
    assert np.corrcoef(np.log(mine), np.log(true))[0, 1] > 0.99
    # The webcam's angle of view is not known, so the distance is right up to a factor.
    assert 0.5 < np.median(mine / true) < 2


def test_blinks_and_winks_are_the_performers_own_sides(
    who: str, observed: Observed, make_pipeline: MakePipeline
) -> None:
    z, every = truth(f"{who}_blink"), 2
    found = steps(observed(f"gt/{who}_blink.mp4", every=every), make_pipeline("one_euro"))
    names = [str(n) for n in z["blend_names"]]
    true = {s: z["blend"][::every, names.index(f"eyeBlink{s}")] for s in ("Left", "Right")}
    mine = {s: np.array([f.state.blendshapes[f"eyeBlink{s}"] for f in found]) for s in ("Left", "Right")}
    for side in ("Left", "Right"):
        assert np.corrcoef(true[side], mine[side])[0, 1] > 0.85
        assert mine[side][true[side] > 0.95].mean() > 0.7
        assert mine[side][true[side] < 0.02].mean() < 0.15
    wink_left = (true["Left"] > 0.9) & (true["Right"] < 0.1)
    wink_right = (true["Right"] > 0.9) & (true["Left"] < 0.1)
    assert wink_left.any() and wink_right.any()
    difference = mine["Left"] - mine["Right"]
    assert difference[wink_left].mean() > 0.3 and difference[wink_right].mean() < -0.3
    shown = np.array([f.state.expressions["blinkLeft"] - f.state.expressions["blinkRight"] for f in found])
    assert shown[wink_left].mean() > 0.3 and shown[wink_right].mean() < -0.3


def test_the_mouth_opens_when_it_opens(who: str, observed: Observed, make_pipeline: MakePipeline) -> None:
    z, every = truth(f"{who}_speech"), 3
    found = steps(observed(f"gt/{who}_speech.mp4", every=every), make_pipeline("one_euro"))
    jaw = z["blend"][::every, [str(n) for n in z["blend_names"]].index("jawOpen")]
    assert np.corrcoef(jaw, [s.state.blendshapes["jawOpen"] for s in found])[0, 1] > 0.7


def test_a_still_head_hardly_moves(who: str, observed: Observed, make_pipeline: MakePipeline) -> None:
    seen = observed(f"gt/{who}_still.mp4", last=120)
    raw, calm = (
        angles([s.measured.matrix for s in steps(seen, make_pipeline(name)) if s.measured])[15:]
        for name in ("none", "one_euro")
    )
    assert (calm.std(axis=0) < (0.12, 0.12, 0.06)).all()
    assert (np.abs(np.diff(calm, axis=0)).mean(axis=0) < 0.5 * np.abs(np.diff(raw, axis=0)).mean(axis=0)).all()


def test_a_fast_shake_is_followed_within_a_frame(who: str, observed: Observed, make_pipeline: MakePipeline) -> None:
    """On frames 0 to 120, at 30 fps, of a shake of 1.3 to 1.8 Hz and a nod."""
    z, last = truth(f"{who}_shake"), 120
    found = steps(observed(f"gt/{who}_shake.mp4", last=last), make_pipeline("one_euro"))
    mine = angles([s.measured.matrix for s in found if s.measured])
    t, true = np.arange(last) / 30, z["ypr"][:last]
    shifts = np.arange(-0.03, 0.1, 0.002)
    fits = [sum(np.corrcoef(np.interp(t - s, t, true[:, k]), mine[:, k])[0, 1] for k in (0, 1)) for s in shifts]
    assert shifts[int(np.argmax(fits))] < 0.5 / 30
