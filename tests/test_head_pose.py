"""Head pose: the canonical face is projected at known poses through a known camera, and must be found there again."""

from __future__ import annotations

import math

import numpy as np
import pytest
from utils import CAMERA, angle_between, head_turn, layout, project, to_opencv

from vtuber import head_pose, rotation
from vtuber.head_pose import HeadPose
from vtuber.stages import Array

RIGID = layout().rigidity
POINTS = layout().points * 0.01
FACE = head_pose.Rigid(POINTS, RIGID)


def random_pose(random: np.random.Generator) -> tuple[Array, Array]:
    """Within what a performer does before a webcam: (3, 3) and metres, OpenCV axes."""
    yaw, pitch, roll = (math.radians(random.uniform(-a, a)) for a in (60, 35, 40))
    distance = random.uniform(0.3, 1.5)
    return to_opencv(head_turn(yaw, pitch, roll)), np.array([*random.uniform(-0.2, 0.2, 2) * distance, distance])


def turned_by_deg(a: Array, b: Array) -> float:
    return math.degrees(angle_between(rotation.from_matrix(a), rotation.from_matrix(b)))


@pytest.mark.parametrize("columns", [2, 3])
def test_a_pose_is_found_again(columns: int) -> None:
    random = np.random.default_rng(1)
    for _ in range(60):
        matrix, position = random_pose(random)
        found = head_pose.solve(project(POINTS, matrix, position)[:, :columns], FACE, CAMERA)
        assert turned_by_deg(found.matrix, matrix) < 0.01
        np.testing.assert_allclose(found.position, position, atol=1e-4)
        assert found.reprojection_px < 0.01


@pytest.mark.parametrize("columns, typical_deg, worst_deg", [(2, 2.0, 8.0), (3, 1.2, 4.0)])
def test_noise_of_a_pixel_turns_the_head_a_little(columns: int, typical_deg: float, worst_deg: float) -> None:
    random = np.random.default_rng(2)
    errors = []
    for _ in range(100):
        matrix, position = random_pose(random)
        position *= 0.6 / position[2]
        noisy = project(POINTS, matrix, position) + random.normal(0, 1.0, (68, 3))
        found = head_pose.solve(noisy[:, :columns], FACE, CAMERA)
        errors.append(turned_by_deg(found.matrix, matrix))
        assert abs(found.position[2] / position[2] - 1) < 0.06
    assert np.median(errors) < typical_deg
    assert max(errors) < worst_deg


def test_depth_of_the_landmarks_helps_where_a_flat_picture_is_ambiguous() -> None:
    random = np.random.default_rng(3)
    errors: dict[int, list[float]] = {2: [], 3: []}
    for _ in range(60):
        matrix, _ = random_pose(random)
        noisy = project(POINTS, matrix, np.array([0.0, 0.0, 1.2])) + random.normal(0, 1.0, (68, 3))
        for columns, listed in errors.items():
            found = head_pose.solve(noisy[:, :columns], FACE, CAMERA)
            listed.append(turned_by_deg(found.matrix, matrix))
    assert np.mean(errors[3]) < 0.9 * np.mean(errors[2])


def test_gross_outliers_count_little() -> None:
    random = np.random.default_rng(4)
    errors = []
    for _ in range(60):
        matrix, position = random_pose(random)
        position *= 0.6 / position[2]
        landmarks = project(POINTS, matrix, position)
        wild = random.choice(np.flatnonzero(RIGID == 1.0), 2, replace=False)
        landmarks[wild, :2] += random.uniform(20, 40, (2, 2))
        errors.append(turned_by_deg(head_pose.solve(landmarks, FACE, CAMERA).matrix, matrix))
    assert np.median(errors) < 4.0
    assert max(errors) < 12.0


def test_a_point_without_weight_does_not_count_at_all() -> None:
    matrix, position = to_opencv(head_turn(0.4, -0.2, 0.1)), np.array([0.05, 0.02, 0.6])
    landmarks = project(POINTS, matrix, position)
    landmarks[RIGID == 0] += 500.0
    assert turned_by_deg(head_pose.solve(landmarks, FACE, CAMERA).matrix, matrix) < 0.01


def test_no_flip_along_a_path_through_the_frontal_view() -> None:
    # Far away and nearly frontal a flat fit has two solutions that are mirror images of each other.
    random = np.random.default_rng(5)
    last: HeadPose | None = None
    for angle in np.linspace(-0.5, 0.5, 121):
        matrix, position = to_opencv(head_turn(float(angle), 0.3 * float(angle), 0.0)), np.array([0.0, 0.0, 1.5])
        noisy = project(POINTS, matrix, position)[:, :2] + random.normal(0, 0.3, (68, 2))
        last = head_pose.solve(noisy, FACE, CAMERA, last)
        assert turned_by_deg(last.matrix, matrix) < 8.0


def test_the_last_pose_helps_but_does_not_bind() -> None:
    near, far = to_opencv(head_turn(0.1, 0.0, 0.0)), to_opencv(head_turn(-0.9, 0.4, 0.5))
    position = np.array([0.0, 0.0, 0.6])
    last = HeadPose(near, position, 0.0)
    found = head_pose.solve(project(POINTS, far, position), FACE, CAMERA, last)
    assert turned_by_deg(found.matrix, far) < 0.1


def test_the_guessed_camera_sees_as_wide_as_webcams_do() -> None:
    camera = head_pose.camera_matrix(1280, 720)
    assert camera[0, 2] == 639.5 and camera[1, 2] == 359.5
    assert camera[0, 0] == camera[1, 1]
    # From 67 degrees corner to corner, as the constant says; webcams are sold with 55 to 90.
    diagonal = math.degrees(2 * math.atan(math.hypot(1280, 720) / 2 / camera[0, 0]))
    assert 55 < diagonal < 90
    np.testing.assert_allclose(head_pose.camera_matrix(640, 360)[0, 0] * 2, camera[0, 0])


def test_too_few_points_and_numbers_that_are_none_are_refused() -> None:
    landmarks = project(POINTS, to_opencv(np.eye(3)), np.array([0.0, 0.0, 0.6]))
    few = np.zeros(68)
    few[:5] = 1.0
    with pytest.raises(ValueError, match="six landmarks, not 5"):
        head_pose.Rigid(POINTS, few)
    with pytest.raises(ValueError, match="no head pose fits"):
        head_pose.solve(np.full((68, 2), 100.0), FACE, CAMERA)
    landmarks[30, 1] = np.nan
    with pytest.raises(ValueError, match="not a finite number"):
        head_pose.solve(landmarks, FACE, CAMERA)
