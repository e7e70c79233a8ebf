"""What a profile changes of what was read of a face."""

from __future__ import annotations

import logging
import math

import msgspec
import numpy as np
import pytest
from utils import head_turn, to_opencv

from vtuber import acting, personal
from vtuber.gaze import Gaze
from vtuber.personal import Personal
from vtuber.profile import Eyes, Look, Profile
from vtuber.wire import ARKIT

AHEAD = np.diag([1.0, -1.0, -1.0]), np.array([0.0, 0.0, 0.6])


def test_an_empty_profile_changes_nothing() -> None:
    own = Personal(Profile())
    left, right = Gaze(0.1, 0.2), Gaze(0.3, -0.1)
    assert own.gaze(left, right, *AHEAD) == (left, right)
    weights = dict.fromkeys(ARKIT, 0.3)
    assert own.weights(0.0, dict(weights), left, right, *AHEAD) == weights


def test_the_gaze_is_straight_where_the_performer_looked_straight() -> None:
    own = Personal(Profile(eyes=Eyes((0.05, -0.02, -0.03, -0.01), (2.0, 0.5))))
    left, right = own.gaze(Gaze(0.05, -0.02), Gaze(-0.03, -0.01), *AHEAD)
    assert (left, right) == (Gaze(0.0, 0.0), Gaze(0.0, 0.0))
    left, _ = own.gaze(Gaze(0.15, 0.08), Gaze(0.0, 0.0), *AHEAD)
    assert (left.yaw, left.pitch) == pytest.approx((0.2, 0.05))


def test_the_face_sees_the_camera_on_the_other_side_of_its_turn() -> None:
    for yaw, pitch in ((0.3, 0.0), (0.0, 0.2), (-0.25, 0.15)):
        x, y = personal.facing(to_opencv(head_turn(yaw, pitch, 0.1)), np.array([0.0, 0.0, 0.6]))
        turned = head_turn(yaw, pitch, 0.1).T @ np.array([0.0, 0.0, 1.0])
        assert x == pytest.approx(math.atan2(turned[0], turned[2])) and y == pytest.approx(math.asin(turned[1]))


def test_what_the_heads_turn_adds_is_taken_out_of_both_eyes_alike() -> None:
    turned = ((0.5, 0.0, 0.0, 0.0, 0.0), (0.0, 0.25, 0.0, 0.0, 1.0))
    own = Personal(Profile(eyes=Eyes(turned=turned)))
    matrix, place = to_opencv(head_turn(0.3, 0.2, 0.0)), np.array([0.0, 0.0, 0.6])
    x, y = personal.facing(matrix, place)
    left, right = own.gaze(Gaze(0.5 * x, 0.25 * y + y * y), Gaze(0.5 * x + 0.1, 0.0), matrix, place)
    assert (left.yaw, left.pitch) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert (right.yaw, right.pitch) == pytest.approx((0.1, -0.25 * y - y * y))


def test_looks_follow_the_calibrated_gaze() -> None:
    own = Personal(Profile(eyes=Eyes()))
    made = own.weights(0.0, dict.fromkeys(ARKIT, 0.0), Gaze(math.radians(15), 0.0), Gaze(math.radians(15), 0.0), *AHEAD)
    assert made["eyeLookOutLeft"] == pytest.approx(0.5) and made["eyeLookInRight"] == pytest.approx(0.5)


def test_what_is_read_along_is_taken_out_before_ranges_stretch() -> None:
    own = Personal(Profile(crosstalk={"eyeBlinkLeft": {"eyeBlinkRight": 0.25}}, ranges={"eyeBlinkRight": (0.1, 0.9)}))
    none = Gaze(0.0, 0.0)
    weights = dict.fromkeys(ARKIT, 0.0) | {"eyeBlinkLeft": 0.8, "eyeBlinkRight": 0.3}
    made = own.weights(0.0, dict(weights), none, none, *AHEAD)
    assert made["eyeBlinkLeft"] == 0.8 and made["eyeBlinkRight"] == pytest.approx(0.0)
    made = own.weights(0.0, dict(weights) | {"eyeBlinkRight": 1.0}, none, none, *AHEAD)
    assert made["eyeBlinkRight"] == pytest.approx((1.0 - 0.2 - 0.1) / 0.8)


def test_what_a_turned_head_adds_to_a_shape_is_taken_out() -> None:
    own = Personal(Profile(turned={"mouthLeft": (0.5, 0.0, 0.0, 0.0, 0.0)}))
    matrix, place, none = to_opencv(head_turn(-0.4, 0.0, 0.0)), np.array([0.0, 0.0, 0.6]), Gaze(0.0, 0.0)
    weights = dict.fromkeys(ARKIT, 0.3)
    made = own.weights(0.0, dict(weights), none, none, matrix, place)
    assert made["mouthLeft"] == pytest.approx(0.3 - 0.5 * 0.4) and made["mouthRight"] == 0.3
    assert own.weights(0.0, dict(weights), none, none, *AHEAD)["mouthLeft"] == 0.3


def test_a_look_is_kept_and_read_again() -> None:
    memory = np.random.default_rng(1).normal(size=acting.network().remembered).astype(np.float32)
    look = msgspec.json.decode(msgspec.json.encode(personal.look_of(memory)), type=Look)
    again = personal.memory_of(look)
    assert again is not None
    np.testing.assert_allclose(again, memory, rtol=1e-3, atol=1e-3)
    actor = acting.Actor(again)
    kept = actor.memory
    assert kept is not None and kept is not again
    np.testing.assert_array_equal(kept, again)
    assert personal.memory_of(None) is None


@pytest.mark.parametrize("look", [Look("", "AAAA"), Look("?", "not base 64!"), Look("?", "AAAA")])
def test_a_look_that_means_nothing_is_passed_over_and_said(look: Look, caplog: pytest.LogCaptureFixture) -> None:
    look = msgspec.structs.replace(look, network=look.network and acting.network().name)
    with caplog.at_level(logging.WARNING):
        assert personal.memory_of(look) is None
    assert "calibrate the face again" in caplog.text
