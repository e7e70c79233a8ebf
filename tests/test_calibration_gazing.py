"""Where eyes look when they look straight: fitted on readings whose errors are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from calibration import gazing, ranges
from calibration.takes import Take
from vtuber import personal
from vtuber.stages import Array
from vtuber.wire import ARKIT

CENTRE: Array = np.array([0.06, -0.03, -0.02, -0.04])
TURNED: Array = np.array([[0.2, 0.0], [0.0, -0.15], [0.05, 0.1], [0.0, 0.0], [0.0, 0.2]])
_random = np.random.default_rng(3)


def turning(true: str, count: int = 240) -> Take:
    """The head goes all around; the eyes go along, stay on the screen, or dart about."""
    angle = np.linspace(0, 4 * math.pi, count)
    facing = np.column_stack([0.45 * np.sin(angle), 0.3 * np.sin(angle / 2)])
    straight = facing if true == "on screen" else np.zeros_like(facing)
    wrong = np.array([personal.monomials(x, y) for x, y in facing.tolist()]) @ TURNED
    gaze = np.tile(straight + wrong, 2) + CENTRE + _random.normal(0, 0.01, (count, 4))
    if true == "darting":
        gaze[::12] += 0.4
    zeros = (np.zeros((count, n)) for n in (4, 3))
    return Take("turns", angle, *zeros, facing, gaze, np.zeros((count, 52)), np.zeros(count))


@pytest.mark.parametrize("true", ["along", "on screen", "darting"])
def test_what_is_read_wrong_is_found_whatever_the_eyes_did(true: str) -> None:
    eyes = gazing.eyes([turning(true)])
    assert eyes is not None and eyes.gain == (1.0, 1.0)
    tolerance = 0.02 if true == "darting" else 0.015  # the ridge holds back what is barely seen
    np.testing.assert_allclose(eyes.centre, CENTRE, atol=tolerance)
    x, y = 0.3, -0.2
    found = personal.monomials(x, y) @ np.array(eyes.turned).T
    np.testing.assert_allclose(found, personal.monomials(x, y) @ TURNED, atol=2 * tolerance)


def test_the_calibrated_gaze_of_the_same_eyes_is_straight() -> None:
    take = turning("along")
    assert float(np.degrees(gazing.off_straight(take)).mean()) > 3.0  # type: ignore[arg-type]
    eyes = gazing.eyes([take])
    assert eyes is not None
    basis = np.array([personal.monomials(x, y) for x, y in take.facing.tolist()])
    own = take.gaze - np.tile(basis @ np.array(eyes.turned).T, 2) - np.array(eyes.centre)
    assert float(np.degrees(np.abs(own)).mean()) < 1.0


def test_shut_eyes_and_few_frames_say_nothing() -> None:
    shut = turning("along")
    shut.weights[:, :14] = 1.0
    assert gazing.eyes([shut]) is None
    assert gazing.eyes([turning("along", 10)]) is None
    assert gazing.eyes([]) is None and gazing.spread([]) is None


def test_shapes_that_follow_the_turn_of_the_head_are_known_and_others_left_alone() -> None:
    take = turning("along")
    own = [ARKIT.index(name) for name in ("mouthLeft", "jawOpen", "cheekPuff")]
    take.weights[:, own[0]] = np.clip(0.1 + 0.4 * take.facing[:, 0] + _random.normal(0, 0.01, 240), 0, 1)
    take.weights[:, own[1]] = np.clip(_random.normal(0.2, 0.1, 240), 0, 1)
    take.weights[:, own[2]] = 0.02 * take.facing[:, 0] ** 2
    found = ranges.turned([take])
    assert set(found) == {"mouthLeft"}
    assert found["mouthLeft"][0] == pytest.approx(0.35, abs=0.08)
    assert ranges.turned([]) == {}
