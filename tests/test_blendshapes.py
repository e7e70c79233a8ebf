"""The 52 weights from scores and gaze; and the 18 presets from the weights."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vtuber import blendshapes, expressions
from vtuber.face_mesh import SCORES
from vtuber.gaze import Gaze
from vtuber.wire import ARKIT, PRESETS

AHEAD = Gaze(0.0, 0.0)
WIDE = {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0}


def scores(**known: float) -> dict[str, float]:
    return dict.fromkeys(SCORES, 0.0) | known


def presets(**known: float) -> dict[str, float]:
    return expressions.solve(dict.fromkeys(ARKIT, 0.0) | known)


@pytest.mark.parametrize("seed", range(50))
def test_every_name_is_there_within_zero_and_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    given = {n: float(random.choice([0.0, 1.0, random.random()])) for n in SCORES}
    left, right = (Gaze(*random.uniform(-1.0, 1.0, 2)) for _ in range(2))
    weights = blendshapes.solve(given, left, right)
    assert tuple(weights) == ARKIT
    assert all(0 <= w <= 1 for w in weights.values())
    shown = expressions.solve(weights)
    assert tuple(shown) == PRESETS
    assert all(0 <= w <= 1 for w in shown.values())
    assert sum(shown[v] for v in ("aa", "ih", "ou", "ee", "oh")) <= 1 + 1e-9


def test_two_readers_share_a_brow_and_one_reads_a_smile() -> None:
    said = {"browInnerUp": 1.0, "mouthSmileLeft": 1.0}
    read, scored = blendshapes.acted(said, {}, AHEAD, AHEAD), blendshapes.acted({}, said, AHEAD, AHEAD)
    assert read["browInnerUp"] == pytest.approx(blendshapes.LEARNED)
    assert scored["browInnerUp"] == pytest.approx(1 - blendshapes.LEARNED)
    assert read["mouthSmileLeft"] == 1.0 and scored["mouthSmileLeft"] == 0.0
    resting = blendshapes.acted({}, {"browOuterUpRight": 0.08, "eyeWideLeft": 0.0}, AHEAD, AHEAD)
    assert resting["browOuterUpRight"] == resting["eyeWideLeft"] == 0.0


def test_without_scores_a_face_rests() -> None:
    assert set(blendshapes.solve({}, AHEAD, AHEAD).values()) == {0.0}
    assert not any(presets().values())


def test_looks_come_from_the_gaze() -> None:
    misleading = scores(eyeLookOutLeft=1.0, eyeLookUpRight=1.0)
    to_the_left = blendshapes.solve(misleading, Gaze(math.radians(15), 0.0), Gaze(math.radians(15), 0.0))
    assert to_the_left["eyeLookOutLeft"] == to_the_left["eyeLookInRight"] == pytest.approx(0.5)
    assert to_the_left["eyeLookInLeft"] == to_the_left["eyeLookOutRight"] == to_the_left["eyeLookUpRight"] == 0
    up = blendshapes.solve(misleading, Gaze(0.0, math.radians(25)), Gaze(0.0, math.radians(-25)))
    assert up["eyeLookUpLeft"] == up["eyeLookDownRight"] == pytest.approx(1.0)
    assert up["eyeLookDownLeft"] == up["eyeLookUpRight"] == 0


def test_a_look_down_is_no_blink() -> None:
    down = Gaze(0.0, -blendshapes.LOOK_UP_DOWN)
    taken_for_a_blink = scores(eyeBlinkLeft=0.24, eyeBlinkRight=0.24)
    ahead = blendshapes.solve(taken_for_a_blink, AHEAD, AHEAD)["eyeBlinkLeft"]
    looking_down = blendshapes.solve(taken_for_a_blink, down, down)["eyeBlinkLeft"]
    assert ahead > 0.25
    assert looking_down < 0.1


@pytest.mark.parametrize("look_down", [0.0, 0.5, 1.0])
def test_a_lid_goes_all_the_way_whatever_the_eye_looks_at(look_down: float) -> None:
    travel = [blendshapes.blink(float(s), look_down) for s in np.linspace(0, 1, 101)]
    assert travel[0] == 0.0 and travel[-1] == 1.0
    assert (np.diff(travel) >= -1e-12).all()
    assert blendshapes.blink(blendshapes.LID[-1][0], look_down) == pytest.approx(1.0)


def test_the_models_resting_scores_are_rest() -> None:
    resting = {f"{shape}{side}": rest for shape, (rest, _) in blendshapes.RESTING.items() for side in ("Left", "Right")}
    resting["browInnerUp"] = blendshapes.RESTING["browInnerUp"][0]
    weights = blendshapes.solve(scores(**{n: w for n, w in resting.items() if n in SCORES}), AHEAD, AHEAD)
    assert set(weights.values()) == {0.0}


@pytest.mark.parametrize(
    "weights, leading",
    [
        ({"jawOpen": 0.7}, "aa"),
        ({"mouthPucker": 0.95}, "ou"),
        ({"mouthFunnel": 0.7, "jawOpen": 0.6}, "oh"),
        ({**WIDE, "jawOpen": 0.6}, "ee"),
        ({"mouthStretchLeft": 0.9, "mouthStretchRight": 0.9}, "ih"),
    ],
)
def test_vowels_follow_the_shape_of_the_mouth(weights: dict[str, float], leading: str) -> None:
    shown = presets(**weights)
    vowels = {v: shown[v] for v in ("aa", "ih", "ou", "ee", "oh")}
    assert max(vowels, key=lambda v: vowels[v]) == leading
    assert vowels[leading] > 0.3


def test_a_closed_mouth_over_an_open_jaw_is_no_vowel() -> None:
    assert presets(jawOpen=0.6, mouthClose=0.6)["aa"] == 0


@pytest.mark.parametrize(
    "weights, name",
    [
        (WIDE, "happy"),
        ({"browDownLeft": 1.0, "browDownRight": 1.0}, "angry"),
        ({"mouthFrownLeft": 0.9, "mouthFrownRight": 0.9}, "sad"),
        ({"browInnerUp": 0.9, "eyeWideLeft": 0.9, "eyeWideRight": 0.9}, "surprised"),
        ({"eyeBlinkLeft": 1.0}, "blinkLeft"),
        ({"eyeBlinkRight": 1.0}, "blinkRight"),
        ({"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0}, "lookLeft"),
        ({"eyeLookOutRight": 1.0, "eyeLookInLeft": 1.0}, "lookRight"),
        ({"eyeLookUpLeft": 1.0, "eyeLookUpRight": 1.0}, "lookUp"),
        ({"eyeLookDownLeft": 1.0, "eyeLookDownRight": 1.0}, "lookDown"),
    ],
)
def test_each_preset_has_its_own_shapes(weights: dict[str, float], name: str) -> None:
    shown = presets(**weights)
    assert shown.pop(name) > 0.8
    assert max(shown[n] for n in PRESETS if n not in (name, "blink")) < 0.3
