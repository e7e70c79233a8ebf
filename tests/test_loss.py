"""Loss of tracking: whatever the tracker sees, the audience sees no jump."""

from __future__ import annotations

import math

import numpy as np
import pytest
from utils import angle_between

from vtuber import rotation
from vtuber.loss import BLEND_S, EASE_S, GAP_S, HOLD_S, Loss
from vtuber.pose import REST, Pose
from vtuber.wire import ARKIT, Tracking

DT = 1 / 30


def pose_at(t: float) -> Pose:
    """A head that swings, looks about and talks: no faster than people do."""
    a = 0.5 * math.sin(1.3 * t)
    return Pose(
        rotation.from_yaw_pitch(a, 0.3 * math.cos(t)),
        np.array([0.1 * math.sin(t), 0.05, -0.1]),
        np.full(4, 0.2 * math.sin(2 * t)),
        np.full(len(ARKIT), 0.5 + 0.4 * math.sin(1.7 * t)),
    )


def play(loss: Loss, seen: list[bool], dt: float = DT) -> list[tuple[Tracking, Pose]]:
    return [loss(i * dt, pose_at(i * dt) if there else None) for i, there in enumerate(seen)]


def largest_jump(shown: list[Pose]) -> tuple[float, float, float]:
    """Between one frame and the next: radians, metres, weights."""
    pairs = list(zip(shown, shown[1:], strict=False))
    return (
        max(angle_between(a.rotation, b.rotation) for a, b in pairs),
        max(float(np.abs(a.position - b.position).max()) for a, b in pairs),
        max(float(np.abs(a.weights - b.weights).max()) for a, b in pairs),
    )


def test_states_come_in_order_and_last_as_long_as_they_say() -> None:
    states = [s for s, _ in play(Loss(), [True] * 30 + [False] * 120 + [True] * 60)]
    order = [s for i, s in enumerate(states) if i == 0 or s != states[i - 1]]
    assert order == ["tracked", "coasting", "lost", "reacquired", "tracked"]
    assert states.count("coasting") * DT == pytest.approx(HOLD_S + EASE_S, abs=2 * DT)
    assert states.count("reacquired") * DT == pytest.approx(BLEND_S, abs=2 * DT)


def test_nobody_yet_is_lost_and_at_rest() -> None:
    loss = Loss()
    assert loss(0.0, None) == ("lost", REST)
    tracking, shown = loss(DT, pose_at(DT))
    assert tracking == "tracked"
    np.testing.assert_array_equal(shown.weights, pose_at(DT).weights)


def test_while_held_nothing_moves_and_then_it_comes_to_rest() -> None:
    played = play(Loss(), [True] * 30 + [False] * 120)
    held = played[30 : 30 + int(HOLD_S / DT) - 1]
    assert all(s == "coasting" and p is played[29][1] for s, p in held)
    tracking, shown = played[-1]
    assert tracking == "lost"
    np.testing.assert_allclose(shown.weights, REST.weights)
    assert angle_between(shown.rotation, rotation.IDENTITY) < 1e-9


def test_freeze_stays_as_last_seen() -> None:
    played = play(Loss(freeze=True), [True] * 30 + [False] * 120)
    tracking, shown = played[-1]
    assert tracking == "lost"
    np.testing.assert_allclose(shown.weights, played[29][1].weights)
    assert angle_between(shown.rotation, played[29][1].rotation) < 1e-9


def test_a_frame_without_a_face_is_no_loss() -> None:
    seen = [True] * 30 + [False] * int(GAP_S / DT - 0.5) + [True] * 30
    states = [s for s, _ in play(Loss(), seen)]
    assert "reacquired" not in states
    assert states[-1] == "tracked"


@pytest.mark.parametrize("fps", [2.0, 5.0, 9.9, 10.0, 15.0])
def test_frames_that_come_slowly_are_no_loss(fps: float) -> None:
    states = [s for s, _ in play(Loss(), [True] * 30, 1 / fps)]
    assert set(states) == {"tracked"}


def test_a_face_seen_only_now_and_then_is_still_followed() -> None:
    target = pose_at(0.7)
    loss = Loss()
    loss(0.0, REST)
    for i in range(1, 200):
        _, shown = loss(0.1 * i, target if i % 3 == 0 else None)
    assert angle_between(shown.rotation, target.rotation) < 0.5 * angle_between(REST.rotation, target.rotation)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("freeze", [False, True])
def test_no_jump_whenever_the_face_goes_and_comes(seed: int, freeze: bool) -> None:
    random = np.random.default_rng(seed)
    seen = [True] * 10
    while len(seen) < 600:
        seen += [False] * int(random.integers(1, 90)) + [True] * int(random.integers(1, 60))
    shown = [p for _, p in play(Loss(freeze=freeze), seen)]
    turn, move, weight = largest_jump(shown)
    # The motion itself, with what may be caught up after a gap that was no loss (GAP_S), and the fastest blend:
    # smoothstep moves at most 1.5 times the distance over its length.
    own_turn, own_move, own_weight = largest_jump([pose_at(i * DT) for i in range(600)])
    frames = GAP_S / DT + 1.5
    assert turn < frames * own_turn + 1.5 * DT / BLEND_S * 1.3
    assert move < frames * own_move + 1.5 * DT / BLEND_S * 0.25
    assert weight < frames * own_weight + 1.5 * DT / BLEND_S * 1.0


def elsewhere(t: float) -> Pose:
    """Another head, a metre to the side of the first."""
    other = pose_at(t + 7)
    return Pose(other.rotation, other.position + np.array([1.0, 0.0, 0.0]), other.gaze, other.weights)


@pytest.mark.parametrize("hidden", [0, 1, 2])
def test_another_head_in_the_place_of_the_first_is_gone_over_to(hidden: int) -> None:
    """A larger face took over between two frames, or with a frame or two in between."""
    loss, played = Loss(), []
    for i in range(90):
        there = pose_at(i * DT) if i < 40 else elsewhere(i * DT)
        played.append(loss(i * DT, None if 40 <= i < 40 + hidden else there))
    turn, move, _ = largest_jump([p for _, p in played])
    assert move < 1.5 * DT / BLEND_S * 1.2 and turn < 0.3
    assert [s for s, _ in played].count("reacquired") * DT == pytest.approx(BLEND_S, abs=2 * DT)
    assert played[-1][0] == "tracked"


@pytest.mark.parametrize("fps", [2.0, 10.0, 30.0])
def test_a_quick_head_is_still_the_same_head(fps: float) -> None:
    """Half a metre to and fro within a second: as fast as one jumps up from a chair."""
    loss = Loss()
    states = set()
    for i in range(60):
        p = pose_at(i / fps)
        there = Pose(p.rotation, np.array([0.5 * math.sin(3.0 * i / fps), 0.0, 0.0]), p.gaze, p.weights)
        states.add(loss(i / fps, there)[0])
    assert states == {"tracked"}


def test_the_bound_above_would_see_a_teleport() -> None:
    own = largest_jump([pose_at(i * DT) for i in range(600)])
    assert (
        (GAP_S / DT + 1.5) * own[0] + 1.5 * DT / BLEND_S * 1.3
        < 0.3
        < angle_between(pose_at(1.2).rotation, REST.rotation)
    )
