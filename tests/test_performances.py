"""What another app says becomes a pose: names, gaze and eye shapes, expressions, and numbers that are none."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from utils import angle_between, numbers

from vtuber import blendshapes, expressions, parts, rotation
from vtuber.gaze import Gaze
from vtuber.performances import Performances
from vtuber.pipeline import Pipeline
from vtuber.pose import Pose, to_state
from vtuber.profile import Neutral, Profile
from vtuber.stages import Observation, Performance
from vtuber.wire import ARKIT, PRESETS, AvatarState

TURN = rotation.from_yaw_pitch(math.radians(20), math.radians(10))
WHOLE = Performance(
    TURN,
    np.array([0.1, 0.2, 0.3]),
    np.array([0.1, -0.1, 0.2, -0.1]),
    {"jawOpen": 0.5, "eyeBlinkLeft": 1.0},
    None,
    {"leftHand": TURN, "head": TURN, "leftEye": TURN},
)


def state(
    *said: Performance, filter: str | None = None, profile: Profile | None = None, mirror: bool = False
) -> AvatarState:
    """The last one, of an app that speaks 60 times a second."""
    maker = parts.find("filter", filter) if filter else None
    pipe = Pipeline(profile or Profile(), parts.find("filter", "none"), maker, mirror=mirror)
    steps = [pipe.step(n / 60, [Observation(n / 60, 0, (0, 0), None, p)])[0] for n, p in enumerate(said)]
    assert steps[-1].measured is None
    return steps[-1].state


def pose_of(said: Performance) -> Pose:
    return Performances(Profile(), None)(0.0, said)[0]


def test_what_an_app_says_is_what_comes_out() -> None:
    s = state(WHOLE)
    assert (s.tracking, s.confidence) == ("tracked", 1.0)
    assert angle_between(s.head_rotation, TURN) < 1e-9
    assert s.blendshapes["jawOpen"] == 0.5 and s.blendshapes["eyeBlinkLeft"] == 1.0
    assert s.expressions["blinkLeft"] == 1.0 and s.expressions["blinkRight"] == 0.0
    assert angle_between(s.bones["leftHand"], TURN) < 1e-9
    assert angle_between(s.bones["leftEye"], rotation.from_yaw_pitch(0.1, -0.1)) < 1e-9, "the gaze, not the bone"
    assert angle_between(s.bones["rightEye"], rotation.from_yaw_pitch(0.2, -0.1)) < 1e-9


def test_only_changes_of_place_count() -> None:
    assert state(WHOLE).head_position == (0, 0, 0)
    moved = replace(WHOLE, position=np.array([0.15, 0.2, 0.25]))
    np.testing.assert_allclose(state(WHOLE, moved).head_position, (0.05, 0, -0.05), atol=1e-12)
    calibrated = Profile(neutral=Neutral((0.0, 0.1, 0.0, 0.995), (9.0, 9.0, 9.0)))
    s = state(WHOLE, profile=calibrated)
    # The camera's neutral says nothing about a phone that stands elsewhere.
    assert s.head_position == (0, 0, 0) and angle_between(s.head_rotation, TURN) < 1e-9


def test_what_is_not_said_rests() -> None:
    s = state(Performance(rotation=TURN))
    assert set(s.blendshapes.values()) == {0.0} and s.head_position == (0, 0, 0)
    assert angle_between(s.bones["leftEye"], rotation.IDENTITY) == 0


def test_ranges_of_the_profile_hold() -> None:
    s = state(WHOLE, profile=Profile(ranges={"jawOpen": (0.2, 0.6)}))
    assert s.blendshapes["jawOpen"] == pytest.approx(0.75)


def test_mirrored() -> None:
    s = state(WHOLE, mirror=True)
    assert s.blendshapes["eyeBlinkRight"] == 1.0 and s.blendshapes["eyeBlinkLeft"] == 0.0
    assert angle_between(s.head_rotation, rotation.mirror(TURN)) < 1e-9
    assert angle_between(s.bones["rightHand"], rotation.mirror(TURN)) < 1e-9 and "leftHand" not in s.bones


def test_no_filter_unless_it_is_asked_for() -> None:
    jump = [WHOLE] * 30 + [replace(WHOLE, rotation=rotation.IDENTITY, blendshapes={"jawOpen": 1.0})]
    assert state(*jump).blendshapes["jawOpen"] == 1.0
    assert angle_between(state(*jump).head_rotation, rotation.IDENTITY) < 1e-9
    smooth = state(*jump, filter="exponential")
    assert 0.5 < smooth.blendshapes["jawOpen"] < 1.0
    assert 0.05 < angle_between(smooth.head_rotation, rotation.IDENTITY) < angle_between(TURN, rotation.IDENTITY)


# --- gaze and eye shapes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "left, right", [((0.3, 0.2), (0.1, 0.2)), ((-0.4, -0.3), (-0.5, -0.3)), ((0.0, 0.0), (0.0, 0.0))]
)
def test_looks_and_gaze_are_each_others_inverse(left: tuple[float, float], right: tuple[float, float]) -> None:
    weights = blendshapes.looks(Gaze(*left), Gaze(*right))
    assert len(weights) == 8 and all(0 <= w <= 1 for w in weights.values())
    for eye, wanted in zip(blendshapes.gaze(weights), (left, right), strict=True):
        assert (eye.yaw, eye.pitch) == pytest.approx(wanted)


def test_an_app_with_shapes_alone_looks_where_they_say() -> None:
    said = Performance(
        blendshapes={"eyeLookOutLeft": 0.5, "eyeLookInRight": 0.5, "eyeLookUpLeft": 0.4, "eyeLookUpRight": 0.4}
    )
    left_yaw, left_pitch, right_yaw, right_pitch = pose_of(said).gaze
    assert left_yaw == pytest.approx(math.radians(15)) == right_yaw
    assert left_pitch == pytest.approx(math.radians(10)) == right_pitch


def test_an_app_with_a_gaze_alone_has_its_shapes_follow() -> None:
    weights = dict(
        zip(
            ARKIT,
            pose_of(Performance(gaze=np.array([0.2, -0.1, 0.2, -0.1]), blendshapes={"jawOpen": 1.0})).weights,
            strict=True,
        )
    )
    assert weights["eyeLookOutLeft"] == weights["eyeLookInRight"] > 0.3
    assert weights["eyeLookDownLeft"] > 0.2 and weights["eyeLookUpLeft"] == 0
    both = Performance(gaze=np.array([0.2, -0.1, 0.2, -0.1]), blendshapes={"eyeLookOutLeft": 0.9})
    kept = dict(zip(ARKIT, pose_of(both).weights, strict=True))
    assert kept["eyeLookOutLeft"] == 0.9, "an app that says both means both"
    assert pose_of(both).gaze[0] == 0.2


# --- expressions ------------------------------------------------------------------------------------------------------


def test_expressions_become_shapes_and_stay_expressions() -> None:
    s = state(Performance(expressions={"happy": 0.8, "aa": 1.0, "blinkLeft": 1.0, "lookRight": 0.5}))
    assert s.expressions["happy"] == 0.8 and s.expressions["aa"] == 1.0 and s.expressions["lookRight"] == 0.5
    assert s.blendshapes["mouthSmileLeft"] > 0.6 and s.blendshapes["jawOpen"] == pytest.approx(0.7)
    assert s.blendshapes["eyeBlinkLeft"] == 1.0 and s.blendshapes["eyeBlinkRight"] == 0.0
    assert s.blendshapes["eyeLookInLeft"] == 0.5 == s.blendshapes["eyeLookOutRight"]
    assert s.bones["leftEye"][1] < -0.05, "turned to the performer's right"
    mirrored = state(Performance(expressions={"blinkLeft": 1.0}), mirror=True)
    assert mirrored.expressions["blinkRight"] == 1.0 and mirrored.expressions["blinkLeft"] == 0.0


@pytest.mark.parametrize("preset", [p for p in PRESETS if p != "neutral"])
def test_each_expression_turned_to_shapes_and_back_is_itself_above_all(preset: str) -> None:
    weights = dict.fromkeys(ARKIT, 0.0) | expressions.shapes({preset: 1.0})
    assert set(weights) == set(ARKIT) and all(0 <= w <= 1 for w in weights.values())
    solved = expressions.solve(weights)
    expected = "happy" if preset == "relaxed" else preset
    siblings = {"blink": ("blinkLeft", "blinkRight"), "blinkLeft": ("blink",), "blinkRight": ("blink",)}.get(preset, ())
    rest = [w for name, w in solved.items() if name != expected and name not in siblings]
    if preset == "relaxed":
        assert sum(solved.values()) < 0.2, "too faint to be taken for joy"
    else:
        assert solved[expected] > 0.25 and solved[expected] > max(rest)


def test_one_blink_said_twice_is_one_blink() -> None:
    assert expressions.shapes({"blink": 0.5, "blinkLeft": 0.5})["eyeBlinkLeft"] == 0.5
    assert expressions.shapes({"blink": 0.2, "blinkRight": 0.9}) == {"eyeBlinkLeft": 0.2, "eyeBlinkRight": 0.9}


def test_an_expression_without_a_meaning_in_shapes_still_arrives() -> None:
    s = state(Performance(expressions={"neutral": 1.0}))
    assert s.expressions["neutral"] == 1.0 and set(s.blendshapes.values()) == {0.0}


# --- numbers that are none --------------------------------------------------------------------------------------------

NAN4, NAN3 = np.full(4, math.nan), np.array([0.0, math.inf, 0.0])


@pytest.mark.parametrize(
    "bad",
    [
        replace(WHOLE, rotation=NAN4),
        replace(WHOLE, rotation=np.zeros(4)),
        replace(WHOLE, position=NAN3),
        replace(WHOLE, gaze=NAN4),
        replace(WHOLE, blendshapes={"jawOpen": math.nan}),
        replace(WHOLE, blendshapes={"jawOpen": math.inf}),
        replace(WHOLE, expressions={"aa": math.nan}, blendshapes=None),
        replace(WHOLE, bones={"leftHand": NAN4}),
        replace(WHOLE, bones={"leftHand": np.zeros(4)}),
    ],
)  # fmt: skip
def test_numbers_that_are_none_are_passed_over(bad: Performance, caplog: pytest.LogCaptureFixture) -> None:
    s = state(WHOLE, bad, WHOLE)
    assert np.isfinite(numbers(s)).all() and angle_between(s.head_rotation, TURN) < 1e-9
    assert caplog.text.count("passed over") == 1
    first = state(bad)
    assert np.isfinite(numbers(first)).all() and first.tracking == "lost"


def test_weights_beyond_their_range_are_cut() -> None:
    s = state(Performance(blendshapes={"jawOpen": 7.0, "mouthPucker": -1.0}, expressions={"aa": 3.0}))
    assert s.blendshapes["jawOpen"] == 1.0 and s.blendshapes["mouthPucker"] == 0.0 and s.expressions["aa"] == 1.0


def test_a_state_of_presets_blends_by_how_far_they_count() -> None:
    given = np.zeros((2, len(PRESETS)))
    given[:, PRESETS.index("happy")] = 0.5, 0.4
    solved = to_state(Pose(), 0.0, 0, "tracked", 1.0).expressions["happy"]
    assert to_state(Pose(presets=given), 0.0, 0, "tracked", 1.0).expressions["happy"] == pytest.approx(
        0.5 * solved + 0.4
    )
