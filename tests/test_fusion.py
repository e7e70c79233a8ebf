"""A slow tracker beside a quick one: what it knows better is taken, what it gets wrong does no harm."""

from __future__ import annotations

import argparse
import logging
import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from utils import CAMERA, SIZE, canonical, face_at, head_turn, layout, project, to_opencv, truth

from vtuber import head_pose, rotation, stages
from vtuber.fusion import Correction, Fused
from vtuber.head_pose import Rigid
from vtuber.session import Chosen
from vtuber.stages import Array, Face, Frame, Observation, VTuberError
from vtuber.trackers import fan

SLOW = fan.layout(layout().points, contour=True)
RIGID = Rigid(layout().points * 0.01, layout().rigidity)
SHORT = 0.8
"""A quick tracker that follows this much of a turn beyond 15 degrees."""
Slow = Callable[[Array], Array]


def quick_at(yaw: float) -> Face:
    """What the quick tracker makes of a head turned by yaw, radians."""
    known = math.radians(15)
    return face_at(head_turn(math.copysign(min(abs(yaw), known) + SHORT * max(0.0, abs(yaw) - known), yaw), 0.0, 0.0))


def slow_at(yaw: float, tilt: float = 0.0) -> Face:
    """What the slow one makes of it, by a face whose axes are tilted against ours."""
    turn = head_turn(yaw, 0.0, 0.0) @ head_turn(0.0, tilt, 0.0)
    points = project(canonical()[layout().ibug68], to_opencv(turn), np.array([0.0, 0.0, 0.6]))
    return Face(points[:, :2], SLOW, 0.9)


def yaw_of(face: Face, camera: Array = CAMERA) -> float:
    points = face.landmarks if face.settled is None else face.settled
    head = head_pose.solve(points[layout().ibug68], RIGID, camera)
    return rotation.yaw_pitch_roll(rotation.to_matrix(rotation.from_camera(head.matrix)))[0]


def sweep(times: int = 4) -> Array:
    """Turns to both sides and back, radians, beginning straight ahead."""
    t = np.linspace(0, math.tau * times, 60 * times)
    turns: Array = math.radians(45) * np.sin(t)
    return turns


def taught(slow: Callable[[float], Face], believed: bool = True) -> Correction:
    correction = Correction()
    seen = [correction.look(quick_at(yaw), slow(yaw), SIZE) for yaw in sweep()]
    assert np.mean(seen) > 0.95 if believed else np.mean(seen) < 0.6
    return correction


def corrected(correction: Correction, yaw: float) -> Face:
    """A second after the head has come there."""
    face = quick_at(yaw)
    for t in (0.0, 1.0):
        face = correction(t, quick_at(yaw), SIZE)
    return face


@pytest.mark.parametrize("tilt_deg", [0.0, 3.0])
def test_what_the_quick_tracker_misses_is_added(tilt_deg: float) -> None:
    correction = taught(lambda yaw: slow_at(yaw, math.radians(tilt_deg)))
    for yaw in np.radians([-42, -30, 30, 42]):
        missed = abs(yaw_of(quick_at(yaw)) - yaw)
        assert abs(yaw_of(corrected(correction, yaw)) - yaw) < 0.45 * missed
    # Whose axes are right is not for the slow one to say: straight ahead nothing changes.
    assert abs(yaw_of(corrected(correction, 0.0))) < math.radians(0.3)


def test_only_the_head_pose_is_touched() -> None:
    face, before = corrected(taught(slow_at), 0.7), quick_at(0.7)
    np.testing.assert_array_equal(face.landmarks, before.landmarks)
    assert face.scores == before.scores and face.confidence == before.confidence
    assert face.settled is not None and face.settled.shape == face.landmarks.shape
    assert corrected(Correction(), 0.7).settled is None


def wrong(kind: str) -> Callable[[float], Face]:
    random, late = np.random.default_rng(1), [0.0] * 15

    def slow(yaw: float) -> Face:
        late.append(yaw)
        points = slow_at(yaw).landmarks
        middle = points.mean(axis=0)
        made = {
            "anywhere": lambda: random.uniform(0, 480, (68, 2)),
            "noise": lambda: points + random.normal(0, 8.0, points.shape),
            "mirrored": lambda: (points - middle) * (-1.0, 1.0) + middle,
            "another face": lambda: points + 120.0,
            "never turns": lambda: slow_at(0.0).landmarks,
            "lags behind": lambda: slow_at(late[-12]).landmarks,
            "not a number": lambda: points * np.nan,
            "a single point": lambda: np.full_like(points, 100.0),
        }
        return Face(made[kind](), SLOW, 0.9)

    return slow


GARBAGE = [
    "anywhere",
    "noise",
    "mirrored",
    "another face",
    "never turns",
    "lags behind",
    "not a number",
    "a single point",
]


@pytest.mark.parametrize("kind", GARBAGE)
def test_a_slow_tracker_that_is_wrong_does_no_harm(kind: str) -> None:
    correction = taught(wrong(kind), believed=False)
    for yaw in np.radians([-42, -20, 0, 20, 42]):
        assert abs(yaw_of(corrected(correction, yaw)) - yaw_of(quick_at(yaw))) < math.radians(0.3)


def test_one_that_contradicts_itself_counts_less_than_one_that_does_not() -> None:
    random = np.random.default_rng(2)
    unsteady = taught(lambda yaw: slow_at(yaw + random.normal(0, math.radians(2.5))))
    steady = taught(slow_at)
    here, there = (abs(yaw_of(corrected(c, 0.6)) - yaw_of(quick_at(0.6))) for c in (unsteady, steady))
    assert here < there


def test_a_correction_comes_without_a_jump() -> None:
    correction, shown = taught(slow_at), []
    correction(-1 / 30, quick_at(0.0), SIZE)
    for i in range(90):
        shown.append(yaw_of(correction(i / 30, quick_at(0.7), SIZE)))
    assert shown[-1] - shown[0] > math.radians(3)
    assert np.abs(np.diff(shown)).max() < math.radians(2.5)


# --- on rendered heads -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["A", "B"])
@pytest.mark.parametrize("kind", ["true points", "turned points"])
def test_on_rendered_heads(who: str, kind: str, observed: Callable[..., list[list[Observation]]]) -> None:
    """The face landmarker, and beside it the true points with a pixel of noise; or those of other frames."""
    quick, where, size = [], [], SIZE
    for clip, last in (("still", 45), ("yaw", None)):
        every, z = 4, truth(f"{who}_{clip}")
        seen = observed(f"gt/{who}_{clip}.mp4", last=last, every=every)
        for o, points, turn in zip(seen, z["lm2d"][::every], z["R"][::every], strict=False):
            assert o[0].face is not None
            quick.append(o[0].face)
            where.append((points.astype(float), turn.astype(float)))
            size = o[0].size
    camera, random = head_pose.camera_matrix(*size), np.random.default_rng(1)
    correction, far = Correction(), np.array([abs(math.asin(turn[0, 2])) > math.radians(30) for _, turn in where])
    heads: list[list[Array]] = [[], []]
    for again in range(3):  # the performer turns to and fro, and is looked at each time
        for i, face in enumerate(quick):
            t = (again * len(quick) + i) / 7.5
            now = correction(t, face, size)
            if again == 2:
                for listed, points in zip(heads, (face.landmarks, now.settled), strict=True):
                    listed.append(
                        head_pose.solve(
                            (face.landmarks if points is None else points)[layout().ibug68], RIGID, camera
                        ).matrix
                    )
            told = where[i if kind == "true points" else (i * 7 + 3) % len(where)][0]
            correction.look(face, Face(told + random.normal(0, 1.0, (68, 2)), SLOW, 0.9), size)
    true = np.array([turn for _, turn in where])
    alone, fused = (off_deg(true, np.array(h), ~far) for h in heads)
    if kind == "true points":
        assert fused[far].mean() < 0.8 * alone[far].mean()
        assert fused.mean() < 0.9 * alone.mean()
    else:
        assert fused.mean() < alone.mean() + 0.05


def off_deg(true: Array, mine: Array, level: Any) -> Array:
    """Degrees from the truth, after one constant turn that fits the frames marked as level."""
    u, _, v = np.linalg.svd(np.einsum("nji,njk->ik", true[level], mine[level]))
    constant = u @ np.diag([1, 1, np.linalg.det(u @ v)]) @ v
    cosine = (np.einsum("nij,nij->n", true @ constant, mine) - 1) / 2
    degrees: Array = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return degrees


# --- beside each other -----------------------------------------------------------------------------------------------


class Scripted(stages.Tracker):
    """A tracker whose faces are known beforehand; the slow one can be held up, and can break."""

    def __init__(self, see: Callable[[float], Face]) -> None:
        self.see, self.go, self.frames, self.closed, self.broken = see, threading.Event(), 0, 0, False
        self.last = 0
        """Number of the last frame that it saw."""
        self.done = threading.Semaphore(0)
        self.go.set()

    def track(self, frame: Frame) -> list[Observation]:
        self.go.wait(30)
        if self.broken:
            raise RuntimeError("the device is gone")
        self.frames += 1
        self.last = frame.index
        self.done.release()
        # The turn of the head is written into the picture: the slow tracker sees the frame and nothing else.
        yaw = (int(frame.image[0, 0, 0]) - 128) / 100
        return [Observation(frame.timestamp, 0, SIZE, self.see(yaw))]

    def close(self) -> None:
        self.closed += 1


def frame(i: int, yaw: float) -> Frame:
    return Frame(np.full((4, 4, 3), 128 + round(100 * yaw), np.uint8), i / 30, i)


def test_it_corrects_while_both_run() -> None:
    quick, slow = Scripted(quick_at), Scripted(slow_at)
    fused = Fused(quick, slow)
    for i, yaw in enumerate(sweep()):
        fused.track(frame(i, float(yaw)))
        assert slow.done.acquire(timeout=30)
    faces = [fused.track(frame(1000 + 30 * i, 0.7))[0].face for i in range(3)]
    assert faces[-1] is not None
    assert yaw_of(quick_at(0.7)) + math.radians(3) < yaw_of(faces[-1]) < 0.7 + math.radians(2)
    fused.close()
    assert quick.closed == slow.closed == 1


def test_a_slow_tracker_holds_nothing_up() -> None:
    quick, slow = Scripted(quick_at), Scripted(slow_at)
    slow.go.clear()
    fused = Fused(quick, slow)
    for i in range(20):
        assert fused.track(frame(i, 0.5))[0].face is not None
    assert quick.frames == 20 and slow.frames == 0
    slow.go.set()
    # It sees what is newest when it is free, and not the frames that have passed.
    assert slow.done.acquire(timeout=30) and (slow.last == 19 or slow.done.acquire(timeout=30))
    assert slow.last == 19 and slow.frames <= 2
    fused.close()


def test_one_that_breaks_is_gone_without_(caplog: pytest.LogCaptureFixture) -> None:
    slow = Scripted(slow_at)
    slow.broken = True
    fused = Fused(Scripted(quick_at), slow)
    with caplog.at_level(logging.WARNING):
        for i in range(10):
            assert fused.track(frame(i, 0.5))
        fused.close()
    assert [r.message for r in caplog.records] == [
        "the second tracker gave up, going on without it: the device is gone"
    ]


# --- chosen ----------------------------------------------------------------------------------------------------------


def chosen(tracker: str, *changes: str) -> Chosen:
    options = argparse.Namespace(config=None, tracker=tracker, filter=None, profile=None, changes=list(changes))
    return Chosen(options)


def test_two_trackers_are_named_with_a_plus() -> None:
    both = chosen("face_landmarker+face_landmarker", "tracker.threads=1").make_tracker()
    assert isinstance(both, Fused)
    both.close()


@pytest.mark.parametrize(
    "tracker, change, complaint",
    [
        ("face_landmarker+fan+fan", "tracker.faces=1", "no more than two trackers"),
        ("face_landmarker+dlib", "tracker.faces=1", "no tracker named 'dlib'"),
        ("face_landmarker+fan", "fan.depth_weights=x", "fan: depth_weights are of no use"),
        ("face_landmarker+fan", "fan.colour=red", "no setting 'colour'"),
    ],
)
def test_what_cannot_be_joined_is_said(tracker: str, change: str, complaint: str) -> None:
    with pytest.raises(VTuberError, match=complaint):
        chosen(tracker, change).make_tracker()
