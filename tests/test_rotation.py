"""Rotations: there and back over random ones and over the corners where formulas break."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from utils import angle_between, axis_turn, head_turn, random_rotation, to_opencv

from vtuber import rotation
from vtuber.stages import Array

RANDOM = [random_rotation(np.random.default_rng(seed)) for seed in range(200)]
HALF_TURNS = [np.array([*v, 0.0]) / np.linalg.norm(v) for v in product((-1.0, 0.0, 1.0), repeat=3) if any(v)]
NEAR_HALF_TURNS = [
    rotation.exp((math.pi - gap) * axis[:3]) for axis in HALF_TURNS for gap in (1e-9, 1e-6, 1e-3, -1e-6, -1e-3)
]
CORNERS = [rotation.IDENTITY, *HALF_TURNS, *NEAR_HALF_TURNS]


@pytest.mark.parametrize("name, cases", [("random", RANDOM), ("corners", CORNERS)])
def test_quaternion_to_matrix_and_back(name: str, cases: list[Array]) -> None:
    for q in cases:
        m = rotation.to_matrix(q)
        np.testing.assert_allclose(m @ m.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(m) == pytest.approx(1.0)
        back = rotation.from_matrix(m)
        assert np.linalg.norm(back) == pytest.approx(1.0) and back[3] >= 0
        assert angle_between(q, back) < 1e-7


def test_a_quaternion_turns_like_the_matrix_written_out() -> None:
    for axis, angle in product(range(3), (-3.0, -0.5, 0.2, 2.0)):
        q = rotation.exp(angle * np.eye(3)[axis])
        np.testing.assert_allclose(rotation.to_matrix(q), axis_turn(axis, angle), atol=1e-12)


def test_products_are_products_of_matrices() -> None:
    for a, b in zip(RANDOM, RANDOM[1:], strict=False):
        product_ = rotation.to_matrix(rotation.multiply(a, b))
        np.testing.assert_allclose(product_, rotation.to_matrix(a) @ rotation.to_matrix(b), atol=1e-12)
        assert angle_between(rotation.multiply(a, rotation.conjugate(a)), rotation.IDENTITY) < 1e-9


def test_log_and_exp_are_inverse_and_take_the_short_way() -> None:
    for q in (*RANDOM, *CORNERS):
        v = rotation.log(q)
        assert np.linalg.norm(v) <= math.pi + 1e-12
        assert angle_between(rotation.exp(v), q) < 1e-7
        np.testing.assert_allclose(np.linalg.norm(rotation.log(-q)), np.linalg.norm(v), atol=1e-9)


@pytest.mark.parametrize("size", [0.0, 1e-12, 1e-9, 1e-6, 1.0, 3.14])
def test_log_gives_back_the_rotation_vector(size: float) -> None:
    v = size * np.array([0.6, -0.48, 0.64])
    np.testing.assert_allclose(rotation.log(rotation.exp(v)), v, rtol=1e-9, atol=1e-15)


def test_scale_adds_up_along_one_axis() -> None:
    for q in RANDOM:
        third = rotation.scale(q, 1 / 3)
        assert angle_between(rotation.multiply(third, rotation.multiply(third, third)), q) < 1e-7
        assert angle_between(rotation.scale(q, 0.0), rotation.IDENTITY) == 0
        assert angle_between(rotation.scale(q, 1.0), q) < 1e-7


def test_mirror_reflects_the_axis_of_left_and_right() -> None:
    reflection = np.diag([-1.0, 1.0, 1.0])
    for q in RANDOM:
        reflected = reflection @ rotation.to_matrix(q) @ reflection
        np.testing.assert_allclose(rotation.to_matrix(rotation.mirror(q)), reflected, atol=1e-12)
        np.testing.assert_array_equal(rotation.mirror(rotation.mirror(q)), q)


def test_unitys_frame_is_ours_with_x_negated() -> None:
    # UniVRM, VMC and three-vrm all exchange x for -x between glTF and Unity (VRM 1.0 specification, coordinates).
    to_left_hand = np.diag([-1.0, 1.0, 1.0])
    for q in RANDOM:
        turned = to_left_hand @ rotation.to_matrix(q) @ to_left_hand
        np.testing.assert_allclose(rotation.to_matrix(rotation.to_unity(q)), turned, atol=1e-12)
        np.testing.assert_array_equal(rotation.from_unity(rotation.to_unity(q)), q)
        # A point turned and then carried over is the point carried over and then turned.
        point = np.array([0.3, -0.2, 0.9])
        there = turned @ rotation.unity_position(point)
        np.testing.assert_allclose(rotation.unity_position(there), rotation.to_matrix(q) @ point, atol=1e-12)


def test_yaw_pitch_roll_of_composed_turns() -> None:
    for yaw, pitch, roll in product((-2.5, -0.7, 0.0, 1.2), (-1.4, -0.3, 0.0, 0.6), (-3.0, -0.4, 0.0, 0.5)):
        assert rotation.yaw_pitch_roll(head_turn(yaw, pitch, roll)) == pytest.approx((yaw, pitch, roll))


def test_angles_are_put_together_as_they_are_taken_apart() -> None:
    for yaw, pitch, roll in product((-2.5, -0.7, 0.0, 1.2), (-1.4, -0.3, 0.0, 0.6), (-3.0, -0.4, 0.0, 0.5)):
        q = rotation.from_yaw_pitch_roll(yaw, pitch, roll)
        np.testing.assert_allclose(rotation.to_matrix(q), head_turn(yaw, pitch, roll), atol=1e-12)
        assert rotation.yaw_pitch_roll(rotation.to_matrix(q)) == pytest.approx((yaw, pitch, roll))
        np.testing.assert_allclose(rotation.ahead(q), rotation.to_matrix(q)[:, 2], atol=1e-12)
        assert rotation.angles(q) == rotation.angles(q.tolist()) == pytest.approx((yaw, pitch, roll))


def test_euler_angles_in_the_order_of_three_js() -> None:
    for x, y, z in product((-2.5, -0.7, 0.0, 1.2), (-1.4, -0.3, 0.0, 0.6), (-3.0, -0.4, 0.0, 0.5)):
        turn = axis_turn(0, x) @ axis_turn(1, y) @ axis_turn(2, z)
        assert rotation.euler_xyz(rotation.from_matrix(turn)) == pytest.approx((x, y, z))


def test_angles_have_the_signs_that_people_are_told() -> None:
    nose = np.array([0.0, 0.0, 1.0])
    crown = np.array([0.0, 1.0, 0.0])
    to_the_left = head_turn(0.3, 0.0, 0.0) @ nose
    assert to_the_left[0] > 0
    assert (head_turn(0.0, 0.3, 0.0) @ nose)[1] > 0
    # Counter-clockwise in the picture: the crown goes to the picture's left, which is the performer's right.
    assert (head_turn(0.0, 0.0, 0.3) @ crown)[0] < 0
    assert angle_between(rotation.from_matrix(head_turn(0.3, 0.2, 0.0)), rotation.from_yaw_pitch(0.3, 0.2)) < 1e-9


def test_straight_to_the_lens_is_no_rotation() -> None:
    assert angle_between(rotation.from_camera(np.diag([1.0, -1.0, -1.0])), rotation.IDENTITY) < 1e-12
    for q in RANDOM:
        m = rotation.to_camera(q)
        np.testing.assert_allclose(m, to_opencv(rotation.to_matrix(q)), atol=1e-12)
        assert angle_between(rotation.from_camera(m), q) < 1e-7


@pytest.mark.parametrize("bad", [np.zeros(4), np.full(4, np.nan), np.array([np.inf, 0, 0, 1])])
def test_what_is_no_rotation_is_refused(bad: Array) -> None:
    with pytest.raises(ValueError, match="not a rotation"):
        rotation.normalize(bad)


LEFT, UP, RIGHT_SHOULDER = math.radians(20), math.radians(10), math.radians(5)
"""A turn that no two conventions state alike."""


def test_apps_angles_have_the_signs_of_each_app() -> None:
    turned = rotation.from_yaw_pitch_roll(LEFT, UP, RIGHT_SHOULDER)
    assert angle_between(rotation.from_vts_phone(20.0, -10.0, 5.0), turned) < 1e-9
    assert rotation.to_vtube_studio(turned) == pytest.approx((20.0, 10.0, -5.0))
    assert rotation.to_vtuber_unity(turned) == pytest.approx((5.0, 10.0, -20.0))
    np.testing.assert_array_equal(rotation.vts_phone_position(np.array([1.0, 2.0, 3.0])), (-1.0, 2.0, -3.0))


def test_vtuber_unitys_angles_turn_its_neck_as_the_head_is_turned() -> None:
    # Its scene sets Quaternion.Euler(-pitch, yaw, -roll): about z, then x, then y, in Unity's left-handed frame.
    for q in RANDOM:
        roll, pitch, yaw = (math.radians(a) for a in rotation.to_vtuber_unity(q))
        mirrored = axis_turn(1, yaw) @ axis_turn(0, -pitch) @ axis_turn(2, -roll)
        assert angle_between(rotation.from_unity(rotation.from_matrix(mirrored)), q) < 1e-6


def test_the_other_apps_angles_have_their_own_signs() -> None:
    turned = rotation.from_yaw_pitch_roll(LEFT, UP, RIGHT_SHOULDER)
    assert rotation.to_ifacialmocap(turned) == pytest.approx((-10.0, 20.0, 5.0))
    assert angle_between(rotation.from_ifacialmocap(-10.0, 20.0, 5.0), turned) < 1e-9
    assert rotation.to_live_link_face(turned) == pytest.approx((LEFT, UP, RIGHT_SHOULDER))
    assert angle_between(rotation.from_live_link_face(LEFT, UP, RIGHT_SHOULDER), turned) < 1e-9
    assert rotation.live_link_eye(LEFT, UP) == (-LEFT, -UP)
    assert rotation.to_opentrack(turned) == pytest.approx((-20.0, 10.0, -5.0))
    assert rotation.to_vrchat(turned) == pytest.approx((-20.0, -10.0, -5.0))
    place = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(rotation.ifacialmocap_position(place), (-1.0, 2.0, 3.0))
    np.testing.assert_array_equal(rotation.opentrack_position(place), (1.0, 2.0, -3.0))
    np.testing.assert_array_equal(rotation.to_openseeface_position(place), (2.0, -1.0, 3.0))
    np.testing.assert_array_equal(rotation.from_openseeface_position(np.array([2.0, -1.0, 3.0])), place)


def test_openseefaces_quaternion_is_that_of_its_mirrored_face_behind_the_camera() -> None:
    # Its camera takes (row, column, depth) for (x, y, z); its face has x to the performer's right; and its fit starts
    # at the camera itself, from where it falls behind it: both image axes change their signs. Its quaternion is the
    # conjugate of that matrix.
    to_its_camera = np.diag([-1.0, -1.0, 1.0]) @ np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    for q in RANDOM:
        fitted = to_its_camera @ rotation.to_camera(q) @ np.diag([-1.0, 1.0, 1.0])
        raw = rotation.to_openseeface(q)
        assert angle_between(rotation.conjugate(raw), rotation.from_matrix(fitted)) < 1e-7
        assert angle_between(rotation.from_openseeface(-raw), q) < 1e-7
        x, y, z = (math.radians(a) for a in rotation.openseeface_euler(raw))
        np.testing.assert_allclose(axis_turn(2, z) @ axis_turn(1, y) @ axis_turn(0, x), fitted, atol=1e-9)


def test_openseefaces_own_receiver_sees_the_head_turn_as_unity_would() -> None:
    def received(q: Array) -> Array:  # the component OpenSeeIKTarget
        x, y, z, w = rotation.to_openseeface(q)
        return np.array([-y, -x, z, w])

    for q in RANDOM:
        turned = rotation.multiply(received(q), rotation.conjugate(received(rotation.IDENTITY)))
        assert angle_between(turned, rotation.to_unity(q)) < 1e-7
    x, y, z = rotation.openseeface_euler(rotation.to_openseeface(rotation.IDENTITY))
    assert (abs(x), y, z) == pytest.approx((180.0, 0.0, 90.0)), "which its receiver takes for straight ahead"
    with pytest.raises(ValueError, match="not a rotation"):
        rotation.from_openseeface(np.zeros(4))
