"""The lens: against OpenCV's own, there and back, and what it is worth to the head pose."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from utils import CAMERA, SIZE, angle_between, face_at, head_turn, seen

from vtuber import lens, rotation
from vtuber.filters.none import Filter
from vtuber.lens import Lens
from vtuber.pipeline import Pipeline
from vtuber.profile import Camera, Profile

BENT = (-0.18, 0.06, 0.002, -0.0015, 0.0)
KNOWN = Camera(((600.0, 0.0, 319.5), (0.0, 600.0, 239.5), (0.0, 0.0, 1.0)), SIZE, BENT)
GRID = np.stack(np.meshgrid(np.linspace(0, 639, 9), np.linspace(0, 479, 7)), axis=-1).reshape(-1, 2)


@pytest.mark.parametrize("distortion", [BENT, (0.12, -0.2, 0.0, 0.001, 0.05)])
def test_it_is_opencvs_lens(distortion: tuple[float, ...]) -> None:
    mine = Lens(CAMERA, distortion)
    rays = np.column_stack([(GRID - CAMERA[:2, 2]) / 600.0, np.ones(len(GRID))])
    theirs, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), CAMERA, np.array(distortion))
    np.testing.assert_allclose(mine.bent(GRID), theirs.reshape(-1, 2), atol=1e-9)
    np.testing.assert_allclose(mine.straightened(mine.bent(GRID)), GRID, atol=0.02)


def test_depth_stays_and_a_straight_lens_does_nothing() -> None:
    points = np.column_stack([GRID, np.arange(len(GRID), dtype=float)])
    np.testing.assert_array_equal(Lens(CAMERA, BENT).straightened(points)[:, 2], points[:, 2])
    assert Lens(CAMERA).straightened(points) is points and Lens(CAMERA, (0.0,) * 5).bent(points) is points


def test_far_outside_the_picture_it_stays_finite() -> None:
    far = GRID * 50 - 10000
    assert np.isfinite(Lens(CAMERA, (-0.5, 0.3, 0.01, 0.01, 0.1)).straightened(far)).all()


def test_the_profiles_lens_belongs_to_the_shape_of_its_pictures() -> None:
    own = Profile(camera=KNOWN)
    assert lens.of(own, (320, 240)).distortion == BENT and lens.of(own, (320, 240)).matrix[0, 0] == 300
    assert lens.of(own, (1280, 720)).distortion == () and lens.of(Profile(), SIZE).distortion == ()


def test_a_head_in_the_corner_is_right_with_the_lens_and_wrong_without() -> None:
    turn = head_turn(0.3, 0.1, 0.05)
    straight = face_at(turn, (0.17, 0.11, 0.5))
    face = replace(straight, landmarks=Lens(CAMERA, BENT).bent(straight.landmarks), scores=None)
    off = {}
    for name, camera in {"with": KNOWN, "without": Camera(KNOWN.matrix, SIZE)}.items():
        step = Pipeline(Profile(camera=camera), Filter).step(0.0, [seen(0.0, face)])[0]
        assert step.measured is not None
        off[name] = np.degrees(angle_between(step.measured.rotation, rotation.from_matrix(turn)))
        np.testing.assert_array_equal(step.measured.landmarks68, face.landmarks[face.layout.ibug68, :2])
    assert off["with"] < 0.1 and off["without"] > 0.5, off
