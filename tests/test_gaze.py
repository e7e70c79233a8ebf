"""Gaze: irises are put where an eye of known direction shows them, in a head of known pose."""

from __future__ import annotations

import math

import numpy as np
import pytest
from utils import CAMERA, face_at, head_turn, layout, project, to_opencv, truth

from vtuber import gaze, head_pose
from vtuber.gaze import Gaze
from vtuber.stages import Array, Face

POINTS = layout().points * 0.01
OPEN = (0.0, 0.0)
YAWS = np.radians([-25, -12, 0, 12, 25])


def looking(yaw: float, pitch: float, turn: Array) -> Face:
    """A face whose irises sit on eyeballs turned by yaw and pitch (radians, in the head)."""
    position = np.array([0.0, 0.0, 0.6])
    face = face_at(turn, position.tolist())
    landmarks = face.landmarks.copy()
    for side, first in (("left", 42), ("right", 36)):
        centre = (POINTS[first] + POINTS[first + 3]) / 2 - (0.0, 0.0, gaze.CORNERS_TO_CENTRE_M)
        iris = centre + gaze.IRIS_ORBIT_M * gaze.direction(Gaze(yaw, pitch))
        landmarks[layout().groups[f"{side}_iris"]] = project(iris[None], to_opencv(turn), position)
    return Face(landmarks, face.layout, face.confidence, face.scores)


def measured(face: Face, shut: tuple[float, float] = OPEN) -> tuple[Gaze, Gaze]:
    seen = face.landmarks[layout().ibug68]
    pose = head_pose.solve(seen, head_pose.Rigid(POINTS, layout().rigidity), CAMERA)
    return gaze.both_eyes(face, pose, CAMERA, POINTS, shut)


def test_direction_is_a_unit_vector_with_the_signs_of_head_axes() -> None:
    np.testing.assert_allclose(gaze.direction(Gaze(0.0, 0.0)), (0, 0, 1))
    to_the_left, up = gaze.direction(Gaze(0.4, 0.0)), gaze.direction(Gaze(0.0, 0.3))
    assert to_the_left[0] > 0 and up[1] > 0
    assert np.linalg.norm(gaze.direction(Gaze(0.7, -0.5))) == pytest.approx(1.0)


@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (0.35, 0.0, 0.0), (-0.3, 0.15, 0.2)])
def test_yaw_is_recovered_in_sign_and_size(turn: tuple[float, float, float]) -> None:
    found = [measured(looking(float(yaw), 0.0, head_turn(*turn))) for yaw in YAWS]
    mean = np.array([(left.yaw + right.yaw) / 2 for left, right in found])
    # Irises of the mesh follow a look with less than its size, which the gains undo; these follow it fully.
    gain = np.polyfit(YAWS, mean, 1)[0]
    assert 0.8 * gaze.YAW_GAIN < gain < 1.2 * gaze.YAW_GAIN
    assert abs(mean[2]) < math.radians(4)
    assert (np.diff(mean) > 0).all()


def test_pitch_is_recovered_in_sign_and_order() -> None:
    pitches = np.radians([-8, -4, 0, 4, 8]) + gaze.PITCH_ZERO
    mean = np.array([sum(g.pitch for g in measured(looking(0.0, float(p), np.eye(3)))) / 2 for p in pitches])
    assert (np.diff(mean) > 0).all()
    assert mean[0] < -0.1 and mean[4] > 0.1
    assert abs(mean[2]) < 0.15


def test_both_eyes_agree_on_a_far_look() -> None:
    for yaw in YAWS:
        left, right = measured(looking(float(yaw), 0.1, np.eye(3)))
        assert abs(left.yaw - right.yaw) < math.radians(3)
        assert abs(left.pitch - right.pitch) < math.radians(2)


def test_a_shut_eye_does_not_pull_the_open_one() -> None:
    face = looking(math.radians(15), gaze.PITCH_ZERO, np.eye(3))
    honest, _ = measured(face)
    landmarks = face.landmarks.copy()
    landmarks[layout().groups["right_iris"], 0] += 4.0
    torn = Face(landmarks, face.layout, face.confidence)
    both_open, _ = measured(torn)
    right_shut, _ = measured(torn, (0.0, 1.0))
    assert abs(right_shut.yaw - honest.yaw) < 0.3 * abs(both_open.yaw - honest.yaw)


def test_a_face_turned_away_looks_ahead() -> None:
    left, right = measured(looking(math.radians(20), 0.2, head_turn(math.radians(50), 0.0, 0.0)))
    assert (left.yaw, left.pitch) == pytest.approx((0, 0), abs=1e-6)
    assert (right.yaw, right.pitch) == pytest.approx((0, 0), abs=1e-6)


def test_no_iris_however_wild_leaves_the_limits() -> None:
    face = face_at()
    for shift in ((500.0, 0.0), (-500.0, 300.0), (0.0, -800.0)):
        landmarks = face.landmarks.copy()
        for side in ("left", "right"):
            landmarks[layout().groups[f"{side}_iris"], :2] += shift
        for eye in measured(Face(landmarks, face.layout, 0.5)):
            assert abs(eye.yaw) <= gaze.MAX_YAW and abs(eye.pitch) <= gaze.MAX_PITCH


@pytest.mark.parametrize("who", ["A", "B"])
def test_rendered_eyes_of_known_gaze(who: str, observed, make_pipeline) -> None:  # type: ignore[no-untyped-def]
    z, every = truth(f"{who}_gaze"), 3
    pipeline = make_pipeline()
    steps = [pipeline.step(o[0].timestamp, o)[0] for o in observed(f"gt/{who}_gaze.mp4", every=every)]
    true = z["gaze_head"][::every].mean(axis=1)
    yaw, pitch = np.arctan2(true[:, 0], true[:, 2]), np.arcsin(true[:, 1])
    # Left for the performer's left, in bones as in ARKit's shapes.
    left = np.array([s.state.bones["leftEye"] for s in steps])
    seen_yaw, seen_pitch = 2 * left[:, 1], -2 * left[:, 0]
    assert np.corrcoef(seen_yaw, yaw)[0, 1] > 0.95
    assert np.corrcoef(seen_pitch, pitch)[0, 1] > 0.9
    assert 0.7 < np.polyfit(yaw, seen_yaw, 1)[0] < 1.3
    assert 0.6 < np.polyfit(pitch, seen_pitch, 1)[0] < 1.5
    look_left = np.array([s.state.expressions["lookLeft"] for s in steps])
    assert look_left[yaw > 0.25].min() > 0.5 > 0.05 > look_left[yaw < -0.25].max()
