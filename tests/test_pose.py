"""Poses: mirrored, blended, and under the wire's names."""

from __future__ import annotations

import numpy as np
import pytest
from utils import angle_between, numbers, random_rotation

from vtuber import pose, rotation
from vtuber.pose import REST, SHARES, Pose
from vtuber.wire import ARKIT, AvatarState


def random_pose(seed: int) -> Pose:
    random = np.random.default_rng(seed)
    return Pose(
        random_rotation(random), random.normal(0, 0.2, 3), random.uniform(-0.5, 0.5, 4), random.uniform(0, 1, 52)
    )


def state(p: Pose) -> AvatarState:
    return pose.to_state(p, 1.0, 0, "tracked", 0.9)


@pytest.mark.parametrize("seed", range(20))
def test_the_bones_from_spine_to_head_make_the_heads_turn(seed: int) -> None:
    s = state(random_pose(seed))
    turn = rotation.IDENTITY
    for bone in SHARES:
        turn = rotation.multiply(turn, np.array(s.bones[bone]))
    assert angle_between(turn, s.head_rotation) < 1e-6
    assert sum(SHARES.values()) == pytest.approx(1.0)
    assert np.isfinite(numbers(s)).all()


def test_mirrored_twice_is_as_before() -> None:
    for seed in range(20):
        p = random_pose(seed)
        np.testing.assert_allclose(numbers(state(pose.mirrored(pose.mirrored(p)))), numbers(state(p)), atol=1e-12)


def test_mirrored_shapes_bones_and_looks_change_sides() -> None:
    p = random_pose(1)
    plain, mirrored = state(p), state(pose.mirrored(p))
    for name, weight in plain.blendshapes.items():
        twin = name.replace("Left", "#").replace("Right", "Left").replace("#", "Right")
        # jawLeft and mouthLeft change with jawRight and mouthRight, as everything else.
        assert mirrored.blendshapes[twin] == weight
    for name in ("blinkLeft", "lookLeft"):
        assert mirrored.expressions[name.replace("Left", "Right")] == pytest.approx(plain.expressions[name])
    assert mirrored.head_position[0] == -plain.head_position[0]
    assert mirrored.head_position[1:] == plain.head_position[1:]
    np.testing.assert_allclose(mirrored.bones["rightEye"], rotation.mirror(np.array(plain.bones["leftEye"])))
    np.testing.assert_allclose(mirrored.bones["head"], rotation.mirror(np.array(plain.bones["head"])))


def test_a_blend_goes_from_one_to_the_other() -> None:
    a, b = random_pose(2), random_pose(3)
    assert pose.blend(a, b, 0.0) is a and pose.blend(a, b, 1.0) is b
    assert pose.blend(a, b, -1.0) is a and pose.blend(a, b, 2.0) is b
    whole = angle_between(a.rotation, b.rotation)
    for share in (0.1, 0.5, 0.9):
        middle = pose.blend(a, b, share)
        assert angle_between(a.rotation, middle.rotation) == pytest.approx(share * whole)
        np.testing.assert_allclose(middle.weights, a.weights + share * (b.weights - a.weights))
        np.testing.assert_allclose(middle.gaze, a.gaze + share * (b.gaze - a.gaze))


def test_rest_is_the_t_pose() -> None:
    s = state(REST)
    assert s.head_rotation == (0, 0, 0, 1)
    assert all(angle_between(q, rotation.IDENTITY) == 0 for q in s.bones.values())
    assert set(s.blendshapes.values()) == set(s.expressions.values()) == {0.0}
    assert tuple(s.blendshapes) == ARKIT
