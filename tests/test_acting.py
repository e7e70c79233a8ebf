"""Reading a face: what the network is given, what it remembers, and that it says the same as where it was learned."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.utils import data, truth
from vtuber import acting, head_pose, models, parts, rotation
from vtuber.acting import Actor
from vtuber.face_mesh import TaskFile
from vtuber.head_pose import HeadPose
from vtuber.litert import Model
from vtuber.stages import Array, Frame, Observation
from vtuber.wire import ARKIT

CAMERA = head_pose.camera_matrix(640, 480)


def canonical() -> Array:
    """(468, 3) cm"""
    return TaskFile.read(models.path("face_landmarker.task")).canonical


def seen(face: Array, head: HeadPose) -> Array:
    """Landmarks (n, 3) of a face in metres as a far camera sees it: hardly any perspective."""
    placed = face @ head.matrix.T + head.position
    depth = float(head.position[2])
    points = np.empty_like(placed)
    points[:, :2] = CAMERA[0, 0] * placed[:, :2] / depth + CAMERA[:2, 2]
    points[:, 2] = CAMERA[0, 0] * (placed[:, 2] - depth) / depth
    return points


@pytest.mark.parametrize(("yaw", "distance"), [(0, 10), (30, 10), (-45, 14), (20, 25)])
def test_the_shape_has_neither_pose_nor_size_nor_place(yaw: float, distance: float) -> None:
    face = canonical() * 0.01
    straight = HeadPose(np.diag([1.0, -1.0, -1.0]), np.array([0, 0, 10.0]), 0.0)
    turned = np.diag([1.0, -1.0, -1.0]) @ rotation.to_matrix(rotation.from_yaw_pitch(np.radians(yaw), 0.1))
    moved = HeadPose(turned, np.array([0.0, 0.0, distance]), 0.0)
    shapes = []
    for head in (straight, moved):
        points = seen(face, head)
        shape, view = acting.in_view(points, points[:, :2].mean(axis=0), head, CAMERA)
        shapes.append(shape)
        np.testing.assert_allclose(view[:9].reshape(3, 3), head.matrix, atol=2e-2)
    np.testing.assert_allclose(shapes[0], shapes[1], atol=2e-2)


def test_the_line_of_sight_is_turned_to() -> None:
    for x, y in ((0.0, 0.0), (0.4, -0.3), (-1.0, 0.8)):
        turn = acting.towards(x, y)
        np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
        np.testing.assert_allclose(turn[:, 2], np.array([x, y, 1]) / np.sqrt(x * x + y * y + 1), atol=1e-12)
        assert np.linalg.det(turn) == pytest.approx(1)


def test_the_weights_are_small_and_whole() -> None:
    assert acting.WEIGHTS.stat().st_size < 2_000_000
    with np.load(acting.WEIGHTS) as file:
        assert all(np.isfinite(file[name]).all() for name in file.files)
        assert file["gain"].shape == file["rest"].shape == file["trust"].shape == (51,)


def test_looking_inside_a_model_changes_nothing_that_comes_out() -> None:
    content = TaskFile.read(models.path("face_landmarker.task")).landmarks
    plain, open_ = Model(content), Model(content, inner=(345, 439))
    x = plain.example()
    for a, b in zip(plain(x), open_(x), strict=True):
        np.testing.assert_array_equal(a, b)
    assert open_.peek(345).shape == (32, 32, 64)
    assert open_.peek(439).shape == (4, 4, 128)


@pytest.fixture(scope="module")
def performance() -> list[Observation]:
    """The demo performer, tracked."""
    tracker = parts.make("tracker", "face_landmarker", {})
    try:
        return [o for frame in clip() for o in tracker.track(frame)]
    finally:
        tracker.close()


def clip() -> Iterator[Frame]:
    from vtuber.sources import demo

    source = parts.make("source", "video", {"realtime": False}, str(demo.CLIP))
    try:
        for frame, _ in zip(source, range(300), strict=False):
            yield frame
    finally:
        source.close()


def heads(performance: list[Observation]) -> Iterator[tuple[Observation, HeadPose]]:
    rigid = None
    for observation in performance:
        face = observation.face
        assert face is not None
        rigid = rigid or head_pose.Rigid(face.layout.points * 0.01, face.layout.rigidity)
        yield observation, head_pose.solve(face.landmarks[face.layout.ibug68], rigid, CAMERA)


def test_every_weight_and_its_confidence_is_between_0_and_1(performance: list[Observation]) -> None:
    actor = Actor()
    for o, head in heads(performance):
        assert o.face is not None
        acted = actor(o.timestamp, o.face, head, CAMERA)
        assert tuple(acted.weights) == ARKIT[:51]
        assert all(0 <= w <= 1 for w in acted.weights.values())
        assert acted.confidence.shape == (51,)
        assert (acted.confidence >= 0).all() and (acted.confidence <= 1).all()
        assert np.linalg.norm(acted.turn) == pytest.approx(1)


def test_memory_takes_over_without_a_leap(performance: list[Observation]) -> None:
    o, head = next(heads(performance))
    assert o.face is not None
    actor = Actor()
    said = [np.array(list(actor(o.timestamp + i / 30, o.face, head, CAMERA).weights.values())) for i in range(90)]
    assert max(float(np.abs(b - a).max()) for a, b in zip(said, said[1:], strict=False)) < 0.05


def test_a_number_that_is_not_finite_is_refused(performance: list[Observation]) -> None:
    o, head = next(heads(performance))
    assert o.face is not None and o.face.impression is not None
    broken = dataclasses.replace(o.face.impression, whole=np.full_like(o.face.impression.whole, np.nan))
    actor = Actor()
    with pytest.raises(ValueError, match="finite"):
        actor(0.0, dataclasses.replace(o.face, impression=broken), head, CAMERA)
    actor(0.1, o.face, head, CAMERA)  # and nothing of it is remembered


def test_the_demo_performer_is_read_as_she_acts(performance: list[Observation]) -> None:
    known = truth("B_natural")
    names, acted = [str(n) for n in known["blend_names"]], known["blend"][: len(performance)]
    actor = Actor()
    read = [actor(o.timestamp, o.face, head, CAMERA).weights for o, head in heads(performance) if o.face]
    moving = [n for i, n in enumerate(names) if acted[:, i].std() > 0.05 and not n.startswith("eye")]
    assert len(moving) > 5
    agreement = [np.corrcoef([r[n] for r in read], acted[:, names.index(n)])[0, 1] for n in moving]
    assert np.mean(agreement) > 0.8, dict(zip(moving, agreement, strict=True))


def test_a_head_turned_far_is_looked_at_in_the_mirror_too_and_known_better() -> None:
    figures = []
    for who in "AB":
        true = truth(f"{who}_yaw")
        mirrored, with_, without = turned_heads(f"{who}_yaw")
        yaw = np.abs(true["ypr"][:, 0])
        assert not np.any(mirrored[yaw < 20]), "a look more is not for nothing"
        assert 0.3 < np.mean(mirrored[yaw > 40]) < 0.4
        figures.append([beyond(40, true, said) for said in (with_, without)])
    better, plain = np.mean(figures, axis=0)
    assert better < 0.97 * plain, figures


def turned_heads(clip: str) -> tuple[Array, Array, Array]:
    """In which frames there was a second look; and the heads' rotations (n, 3, 3) with it and without."""
    source = parts.make("source", "video", {"realtime": False}, str(data(f"gt/{clip}.mp4")))
    tracker = parts.make("tracker", "face_landmarker", {})
    actors, mirrored, rigid = (Actor(), Actor()), [], None
    said: tuple[list[Array], list[Array]] = ([], [])
    for frame in source:
        face = tracker.track(frame)[0].face
        assert face is not None
        rigid = rigid or head_pose.Rigid(face.layout.points * 0.01, face.layout.rigidity)
        head = head_pose.solve(face.landmarks[face.layout.ibug68], rigid, CAMERA)
        mirrored.append(face.mirror is not None)
        for actor, read, heads in zip(actors, (face, dataclasses.replace(face, mirror=None)), said, strict=True):
            turn = actor(frame.timestamp, read, head, CAMERA).turn
            heads.append(head.matrix @ rotation.to_matrix(turn))
    source.close()
    tracker.close()
    return np.array(mirrored), np.array(said[0]), np.array(said[1])


def beyond(least: float, true: dict[str, Any], said: Array) -> float:
    """Mean error, degrees, of heads turned further, less what is constant of those near the front."""
    yaw = np.abs(true["ypr"][:, 0])
    off = [rotation.log(rotation.from_matrix(a.T @ b)) for a, b in zip(true["R"], said, strict=True)]
    constant = rotation.to_matrix(rotation.exp(np.mean([o for o, y in zip(off, yaw, strict=True) if y < 15], axis=0)))
    errors = [
        np.linalg.norm(rotation.log(rotation.from_matrix((a @ constant).T @ b)))
        for a, b, y in zip(true["R"], said, yaw, strict=True)
        if y > least
    ]
    return float(np.degrees(np.mean(errors)))


def test_a_still_heads_noise_is_no_motion_and_a_turn_is() -> None:
    """What is newly read of the turn counts little while the head wavers in place, and much once it has turned."""
    new, off = np.array([0.1, 0.0, 0.0]), []
    wavering, turning = (lambda i: 0.1 * np.sin(i)), (lambda i: 5.0 * i / 60)
    for degrees in (wavering, turning):
        actor = acting.Actor()
        for i in range(60):
            wander = np.radians(degrees(i))
            head = rotation.to_matrix(rotation.exp(np.array([0.0, wander, 0.0])))
            actor._last = (i - 1) / 30
            found = actor._steady(i / 30, np.zeros(3) if i < 20 else new, head)
        off.append(float(found[0] / new[0]))
    assert off[0] < 0.15 and off[1] > 0.8, off
