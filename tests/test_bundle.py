"""The personal face: a known face is seen through a known camera along a path as performers turn, with noise, and must
be found again; views that cannot tell are refused, with the reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from utils import CAMERA, face_at, head_turn, layout, seen, to_opencv

from calibration import bundle, views
from calibration.adjustment import Adjustment, Seen, State, rotations
from calibration.views import Views
from vtuber.stages import Array, VTuberError

USUAL, RIGIDITY = layout().points * 0.01, layout().rigidity
OUTER_EYES = (36, 45)
SIZE = (640, 480)


def own_face(random: np.random.Generator) -> Array:
    """Somebody: other proportions than the usual face, and 2 mm of their own at each point."""
    return USUAL * np.array([1.06, 0.95, 1.1]) + random.normal(size=(68, 3)) * 0.002


def path(count: int, yaw: float = 35.0, pitch: float = 20.0, roll: float = 8.0) -> list[tuple[Array, Array]]:
    """To the left, to the right, then up and down, swaying a little all the time as people do."""
    poses = []
    for t in np.linspace(0, 1, count):
        sideways = yaw * np.sin(4 * np.pi * t) if t < 0.5 else 3 * np.sin(9 * t)
        up = pitch * np.sin(4 * np.pi * t) if t >= 0.5 else 3 * np.cos(8 * t)
        turn = head_turn(*np.radians([sideways, up, roll * np.sin(11 * t)]))
        place = np.array([0.03 * np.sin(5 * t), 0.02 * np.cos(4 * t), 0.55 + 0.08 * np.sin(7 * t)])
        poses.append((to_opencv(turn), place))
    return poses


def seen_from(poses: list[tuple[Array, Array]], face: Array, focal: float, noise: float, seed: int = 1) -> Views:
    camera = np.array([[focal, 0, 319.5], [0, focal, 239.5], [0, 0, 1.0]])
    random = np.random.default_rng(seed)
    placed = np.array([face @ matrix.T + place for matrix, place in poses])
    pixels = placed @ camera.T
    landmarks = pixels[..., :2] / pixels[..., 2:] + random.normal(size=(len(poses), 68, 2)) * noise
    depth = np.stack([placed[:, eye, 2].mean(axis=1) for eye in views.EYES], axis=1)
    turns = np.array([views.turn_deg(matrix) for matrix, _ in poses])
    return Views(landmarks, np.ones(len(poses)), turns, focal * bundle.IRIS_M / depth, SIZE)


def apart(found: Array, truth: Array) -> Array:
    """(68,) distances, as shares of the outer-eye distance; place and direction of the whole do not count."""
    laid = bundle.laid_over(found, truth, np.ones(68))
    distances: Array = np.linalg.norm(laid - truth, axis=1)
    return distances / float(np.linalg.norm(truth[OUTER_EYES[0]] - truth[OUTER_EYES[1]]))


@pytest.mark.parametrize("focal", [480.0, 820.0])
def test_a_known_face_and_focal_length_are_found_through_a_pixel_of_noise(focal: float) -> None:
    truth = own_face(np.random.default_rng(3))
    found = bundle.adjust(seen_from(path(240), truth, focal, 1.0), USUAL, RIGIDITY)
    assert apart(USUAL, truth).max() > 0.05, "the usual face would do"
    assert apart(found.points, truth).max() < 0.02
    assert found.camera[0, 0] == pytest.approx(focal, rel=0.03)
    assert abs(found.camera[0, 0] / focal - 1) < 4 * found.focal_spread < 0.08
    assert found.after_px < 1.6 < found.before_px
    assert found.passed_over == 0 and found.views >= 200


def test_with_a_known_camera_the_face_is_found_in_its_true_size() -> None:
    truth = own_face(np.random.default_rng(4)) * 1.1
    found = bundle.adjust(seen_from(path(160), truth, 600.0, 1.0), USUAL, RIGIDITY, CAMERA)
    assert apart(found.points, truth).max() < 0.02
    assert found.focal_spread == 0 and np.array_equal(found.camera, CAMERA)
    assert found.size_spread == bundle.IRIS_SPREAD
    # The axes are those of the usual face.
    np.testing.assert_allclose(found.points, bundle.laid_over(truth, USUAL, RIGIDITY), atol=0.002)


def test_the_spread_says_how_far_a_point_may_be_off() -> None:
    truth = own_face(np.random.default_rng(5))
    off, told, bone = [], [], RIGIDITY == 1.0
    for seed in range(3):
        found = bundle.adjust(seen_from(path(100), truth, 600.0, 1.0, seed), USUAL, RIGIDITY, CAMERA)
        off.append(np.linalg.norm(bundle.laid_over(found.points, truth, np.ones(68)) - truth, axis=1))
        told.append(found.spread)
    off, told = np.array(off)[:, bone], np.array(told)[:, bone]
    ratio = np.sqrt(np.mean(np.square(off)) / np.mean(np.square(told)))
    assert 0.5 < ratio < 2.0


def test_wild_landmarks_and_views_of_somebody_else_do_no_harm() -> None:
    truth, random = own_face(np.random.default_rng(6)), np.random.default_rng(7)
    clean = seen_from(path(160), truth, 600.0, 1.0)
    landmarks = clean.landmarks.copy()
    wild = random.random((160, 68)) < 0.03
    landmarks[wild] += random.normal(size=(int(wild.sum()), 2)) * 60
    other = random.choice(160, 16, replace=False)
    landmarks[other] = landmarks[other][:, random.permutation(68)]
    found = bundle.adjust(replace(clean, landmarks=landmarks), USUAL, RIGIDITY, CAMERA)
    assert apart(found.points, truth).max() < 0.02
    assert found.passed_over >= 16


def test_hidden_landmarks_are_left_out() -> None:
    truth = own_face(np.random.default_rng(8))
    clean = seen_from(path(160), truth, 600.0, 1.0)
    landmarks = clean.landmarks.copy()
    landmarks[clean.turns[:, 0] > 15, 36:42] = np.nan
    found = bundle.adjust(replace(clean, landmarks=landmarks), USUAL, RIGIDITY, CAMERA)
    assert apart(found.points, truth).max() < 0.02


@pytest.mark.parametrize(
    "yaw, pitch, words",
    [
        (0.0, 0.0, "turn"),
        (35.0, 0.0, "up and down"),
        (0.0, 20.0, "to the left and to the right"),
        (5.0, 3.0, "to the left, to the right, up and down"),
    ],
)
def test_a_head_that_was_not_turned_is_refused_with_what_is_missing(yaw: float, pitch: float, words: str) -> None:
    still = seen_from(path(160, yaw, pitch, 0.0), USUAL, 600.0, 1.0)
    with pytest.raises(VTuberError, match=words) as refusal:
        bundle.adjust(still, USUAL, RIGIDITY)
    assert "\n" not in str(refusal.value)


def test_a_head_turned_to_one_side_only_is_refused() -> None:
    both = seen_from(path(160), USUAL, 600.0, 1.0)
    with pytest.raises(VTuberError, match="to the right"):
        views.coverage(both.chosen(both.turns[:, 0] > -4), ahead=(0.0, 0.0)).demand()
    with pytest.raises(VTuberError, match="only 11 views"):
        bundle.adjust(both.chosen(np.arange(0, 160, 15)), USUAL, RIGIDITY)


def test_two_people_in_turn_are_refused() -> None:
    one = seen_from(path(160), own_face(np.random.default_rng(9)), 600.0, 1.0)
    stranger = np.random.default_rng(10).permutation(68)
    landmarks = one.landmarks.copy()
    landmarks[::2] = landmarks[::2, stranger]
    with pytest.raises(VTuberError, match="face"):
        bundle.adjust(replace(one, landmarks=landmarks), USUAL, RIGIDITY)


def test_no_iris_keeps_the_usual_size() -> None:
    blind = seen_from(path(120), USUAL * 1.2, 600.0, 0.5)
    found = bundle.adjust(replace(blind, irises=np.full((120, 2), np.nan)), USUAL, RIGIDITY, CAMERA)
    assert np.isinf(found.size_spread)
    width = float(np.ptp(found.points[:, 0]) / np.ptp(USUAL[:, 0]))
    assert width == pytest.approx(1.0, abs=0.1)


def test_views_are_gathered_from_what_a_tracker_saw() -> None:
    faces = [face_at(head_turn(0.02 * i - 0.4, 0.01 * (i % 20) - 0.1, 0.0)) for i in range(40)]
    found = views.gather(
        [seen(i / 30, face) for i, face in enumerate(faces)] + [seen(2.0, None), seen(3.0, faces[0], 1)]
    )
    assert len(found) == 40 and found.size == SIZE
    assert found.turns[0, 0] == pytest.approx(np.degrees(-0.4), abs=0.5)
    assert np.isfinite(found.irises).all()
    with pytest.raises(VTuberError, match="seen in 3 pictures"):
        views.gather([seen(i / 30, face) for i, face in enumerate(faces[:3])])


def test_the_derivative_is_that_of_the_errors() -> None:
    """Against finite differences, at a point away from the start."""
    random = np.random.default_rng(11)
    poses = path(4)
    face = own_face(random)
    state = State(600.0, face, np.array([m for m, _ in poses]), np.array([p for _, p in poses]))
    seen_by = Seen(random.normal(size=(4, 68, 2)) * 50, np.full((4, 68), 1.3), np.full(68, 0.01))
    fit = Adjustment(seen_by, state, focal_sought=True)
    x = random.normal(size=1 + 3 * 68 + 6 * 4) * 0.02
    derivative = fit._derivative(x).toarray()
    for column in random.choice(len(x), 40, replace=False):
        step = np.zeros(len(x))
        step[column] = 1e-6
        slope = (fit._errors(x + step) - fit._errors(x - step)) / 2e-6
        np.testing.assert_allclose(derivative[:, column], slope, rtol=1e-4, atol=1e-3)


def test_rotations_are_rotations() -> None:
    vectors = np.random.default_rng(12).normal(size=(20, 3)) * np.logspace(-8, 0.4, 20)[:, None]
    made = rotations(vectors)
    np.testing.assert_allclose(made @ made.transpose(0, 2, 1), np.tile(np.eye(3), (20, 1, 1)), atol=1e-12)
    np.testing.assert_allclose(np.einsum("tij,tj->ti", made, vectors), vectors, atol=1e-12)
