"""What several tests share: where the clips are, how far apart rotations are, and faces made by arithmetic."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vtuber import face_mesh, models, rotation
from vtuber.face_mesh import TaskFile
from vtuber.stages import Array, Face, LandmarkLayout, Observation
from vtuber.video_file import VideoFile, every_frame
from vtuber.wire import AvatarState

SHARED = Path(__file__).parents[1].parent / "shared"
"""Real clips and outside truth. They are not ours to publish: they lie beside the checkout, where they are at all."""
FPS = 30.0
SIZE = (640, 480)
CAMERA: Array = np.array([[600.0, 0.0, 319.5], [0.0, 600.0, 239.5], [0.0, 0.0, 1.0]])


def data(name: str) -> Path:
    """A file of ../shared/data; without that folder the test is skipped."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("needs the clips of ../shared/data")
    return folder / name


def truth(clip: str) -> dict[str, Any]:
    """What was rendered in a clip of ../shared/data/gt, by field name."""
    with np.load(data(f"gt/{clip}.npz")) as z:
        return {name: z[name] for name in z.files}


def pictures(path: Path, first: int = 0, last: int | None = None, every: int = 1) -> list[Any]:
    """The chosen frames of a video."""
    video = VideoFile(path)
    chosen = []
    for frame in every_frame(video):
        if last is not None and frame.index >= last:
            break
        if frame.index >= first and (frame.index - first) % every == 0:
            chosen.append(frame)
    video.close()
    return chosen


# --- rotations -------------------------------------------------------------------------------------------------------


def angle_between(a: Array | Sequence[float], b: Array | Sequence[float]) -> float:
    """Radians from one unit quaternion to another; q and -q are the same rotation."""
    dot = abs(float(np.dot(a, b)))
    # The sine serves small angles, where the cosine is blind.
    sine = float(np.linalg.norm(np.asarray(a) * np.sign(np.dot(a, b) or 1.0) - np.asarray(b))) / 2
    return 2 * math.acos(min(1.0, dot)) if dot < 0.9 else 4 * math.asin(min(1.0, sine))


def random_rotation(random: np.random.Generator) -> Array:
    """A quaternion (4,), evenly distributed (Shoemake 1992: normalize four normal numbers)."""
    q: Array = random.normal(size=4)
    return q / float(np.linalg.norm(q))


def axis_turn(axis: int, angle: float) -> Array:
    """The elementary right-handed rotation matrix (3, 3) about x, y or z, written out by hand."""
    c, s = math.cos(angle), math.sin(angle)
    i, j = [(1, 2), (2, 0), (0, 1)][axis]
    m = np.eye(3)
    m[i, i] = m[j, j] = c
    m[i, j], m[j, i] = -s, s
    return m


def head_turn(yaw: float, pitch: float, roll: float) -> Array:
    """Ry(yaw) Rx(-pitch) Rz(roll), (3, 3), our axes, radians: the convention of the rendered clips."""
    m: Array = axis_turn(1, yaw) @ axis_turn(0, -pitch) @ axis_turn(2, roll)
    return m


def to_opencv(turn: Array) -> Array:
    """A turn in our axes (3, 3) -> head to camera in OpenCV's (x right, y down, z forward)."""
    m: Array = np.diag([1.0, -1.0, -1.0]) @ turn
    return m


def yaw_pitch_roll_deg(matrix: Array) -> tuple[float, float, float]:
    """Of a head -> camera matrix, OpenCV axes."""
    yaw, pitch, roll = rotation.yaw_pitch_roll(np.diag([1.0, -1.0, -1.0]) @ matrix)
    return math.degrees(yaw), math.degrees(pitch), math.degrees(roll)


# --- faces -----------------------------------------------------------------------------------------------------------


@functools.cache
def layout() -> LandmarkLayout:
    return face_mesh.layout(TaskFile.read(models.path("face_landmarker.task")).canonical)


@functools.cache
def canonical() -> Array:
    """The mesh's canonical face (468, 3), metres, head axes."""
    return TaskFile.read(models.path("face_landmarker.task")).canonical * 0.01


def project(points: Array, matrix: Array, position: Array, camera: Array = CAMERA) -> Array:
    """Points (N, 3) in head axes, m -> pixels with depth (N, 3): z away from the camera at the scale of x."""
    placed = points @ matrix.T + position
    seen = placed @ camera.T
    depth = (placed[:, 2] - position[2]) * camera[0, 0] / position[2]
    return np.column_stack([seen[:, :2] / seen[:, 2:], depth])


def face_at(
    turn: Array | None = None,
    position: Sequence[float] = (0.0, 0.0, 0.6),
    *,
    gaze_shift_px: tuple[float, float] = (0.0, 0.0),
    scores: dict[str, float] | None = None,
) -> Face:
    """The canonical face as the mesh would see it, turned (3, 3, our axes) and placed (m, OpenCV axes).

    The irises sit in the middle of the eye's corners, moved by `gaze_shift_px` across the picture.
    """
    matrix = to_opencv(np.eye(3) if turn is None else turn)
    landmarks = np.zeros((478, 3))
    landmarks[:468] = project(canonical(), matrix, np.asarray(position))
    for side in ("left", "right"):
        corners = landmarks[layout().groups[f"{side}_eye_corners"]]
        middle = corners.mean(axis=0) + np.array([*gaze_shift_px, 0.0])
        rim = 0.2 * float(np.linalg.norm(corners[0, :2] - corners[1, :2]))
        around = [(0, 0), (rim, 0), (0, -rim), (-rim, 0), (0, rim)]
        landmarks[layout().groups[f"{side}_iris"]] = [middle + (x, y, 0.0) for x, y in around]
    known = dict.fromkeys(face_mesh.SCORES, 0.0) | (scores or {})
    return Face(landmarks, layout(), 0.9, known)


def seen(t: float, face: Face | None, person: int = 0) -> Observation:
    return Observation(t, person, SIZE, face)


# --- states ----------------------------------------------------------------------------------------------------------


def numbers(state: AvatarState) -> Array:
    """Every number of a state that an avatar shows, in one row."""
    rows = [*state.head_rotation, *state.head_position]
    rows += [v for q in state.bones.values() for v in q]
    return np.array(rows + [*state.blendshapes.values(), *state.expressions.values()])
