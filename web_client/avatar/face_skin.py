"""The skin of the head: a free-form mesh with openings for the eyes and the mouth."""

import numpy as np

from . import eye_shape, head_shape
from .arrays import Floats, Ints, smoothstep, unit
from .face_points import FacePoints
from .head_shape import CHIN, EYE_X, EYE_Y, MOUTH_Y
from .mesh import Mesh, vertex_normals
from .motion import displacements
from .triangulate import delaunay

LIP_GAP = 0.00015
EYE_RINGS = (1.0, 1.07, 1.16, 1.30, 1.50, 1.78)
LID_POINTS = 22
"""Points along one lid."""
MOUTH_RINGS = (  # half width; half height while triangulating (the mouth ajar); half height at rest
    (0.0165, 0.0040, LIP_GAP),
    (0.0178, 0.0052, 0.0014),
    (0.0200, 0.0070, 0.0036),
    (0.0235, 0.0095, 0.0066),
    (0.0285, 0.0135, 0.0110),
)
ROUND_SCALE, UP_SCALE = 0.075, 0.115
"""Metres per radian of theta and phi, near enough for even triangles."""


def head_skin() -> Mesh:
    """The whole head's skin with its morphs; the left half is built, then mirrored."""
    flat, rest, lip, ring_sizes = _left_points()
    triangles = _without_holes(delaunay(flat), ring_sizes)
    positions, triangles, lip = _mirror_and_weld(rest, triangles, lip)
    x, y, z = positions.T
    at = FacePoints(x, y, z, lip)
    smooth = np.where(positions[:, 2:] > 0.03, 0.85, 0.0) * np.array([0, 0, 1.0])
    bumps = head_shape.bump(positions[:, 0], positions[:, 1])[:, None] * smooth
    normals = vertex_normals(positions - bumps, triangles)
    facing = 0.9 * smoothstep(0.02, 0.06, positions[:, 2:])
    normals = unit(normals + facing * np.array([0.0, 0.05, 1.0]))
    return Mesh(
        "face", positions, triangles, normals, face_uvs(positions), {"head": np.ones(len(positions))}, displacements(at)
    )


def face_uvs(positions: Floats) -> Floats:
    """The face picture is laid on from the front: 0.2 m wide and 0.26 m high from just under the chin."""
    return np.stack([0.5 + positions[:, 0] / 0.2, (CHIN + 0.245 - positions[:, 1]) / 0.26], 1)


def _left_points() -> tuple[Floats, Floats, Floats, tuple[int, int]]:
    """Plane layout (n, 2), rest positions (n, 3), lip side (n,), and how many points the eye and mouth openings have.

    The eye opening's points come first, then the mouth opening's.
    """
    eye_rings = [_eye_ring(ratio) for ratio in EYE_RINGS]
    mouth_rings = [_mouth_ring(*ring) for ring in MOUTH_RINGS]
    groups = [eye_rings[0], mouth_rings[0], *eye_rings[1:], *mouth_rings[1:], _background()]
    flat, rest, lip = (np.concatenate([group[k] for group in groups]) for k in range(3))
    return flat, rest, lip, (len(eye_rings[0][0]), len(mouth_rings[0][0]))


def _front_group(x: Floats, y_flat: Floats, y_rest: Floats, lip: Floats) -> tuple[Floats, Floats, Floats]:
    flat = np.stack([head_shape.theta_at(x, y_rest) * ROUND_SCALE, head_shape.phi_at(y_flat) * UP_SCALE], 1)
    return flat, np.stack([x, y_rest, head_shape.front_z(x, y_rest)], 1), lip


def _eye_ring(ratio: float) -> tuple[Floats, Floats, Floats]:
    points = eye_shape.scaled(eye_shape.outline(LID_POINTS), ratio)[:: 1 if ratio < 1.2 else 2]
    x, y = EYE_X + points[:, 0], EYE_Y + points[:, 1]
    x = np.where(x > 0.060, 0.060 + (x - 0.060) * 0.45, x)
    keep = x > 0.004
    return _front_group(x[keep], y[keep], y[keep], np.ones(keep.sum()))


def _mouth_ring(half_width: float, flat_height: float, rest_height: float) -> tuple[Floats, Floats, Floats]:
    angle = np.linspace(-np.pi / 2, np.pi / 2, 25)
    x = half_width * np.cos(angle)
    x[[0, -1]] = 0.0
    s = np.sin(angle)
    lift = (head_shape.mouth_line(x) - MOUTH_Y) * (1 - smoothstep(0.003, 0.011, rest_height))
    return _front_group(x, MOUTH_Y + flat_height * s, MOUTH_Y + rest_height * s + lift, np.where(s > 1e-9, 1.0, -1.0))


def _background() -> tuple[Floats, Floats, Floats]:
    """Staggered rows over the half head, clear of the rings; coarser behind the ears."""
    points = []
    for row, phi in enumerate(np.linspace(0, np.pi, 44)):
        front = np.arange(0.0 if row % 2 else 0.055, 1.35, 0.11)
        behind = np.linspace(1.45, np.pi, 10) if row % 2 == 0 else np.array([np.pi])
        points += [(theta, phi) for theta in (0.0, *front[front > 0], *behind)]
    theta, phi = np.array(points).T
    rest = head_shape.point(theta, phi)
    e, v = eye_shape.local(rest[:, 0], rest[:, 1])
    mouth = np.hypot(rest[:, 0] / 0.033, (rest[:, 1] - MOUTH_Y) / 0.0165)
    clear = (theta > 1.3) | ((eye_shape.ratio(e, v) > 2.0) & (mouth > 1))
    flat = np.stack([theta * ROUND_SCALE, phi * UP_SCALE], 1)
    lip = np.where(rest[:, 1] > MOUTH_Y, 1.0, -1.0)
    return flat[clear], rest[clear], lip[clear]


def _without_holes(triangles: Ints, ring_sizes: tuple[int, int]) -> Ints:
    eye, mouth = ring_sizes
    in_eye = (triangles < eye).all(1)
    in_mouth = ((triangles >= eye) & (triangles < eye + mouth)).all(1)
    return triangles[~(in_eye | in_mouth)]


def _mirror_and_weld(rest: Floats, triangles: Ints, lip: Floats) -> tuple[Floats, Ints, Floats]:
    n = len(rest)
    both = np.concatenate([rest, rest * np.array([-1.0, 1.0, 1.0])])
    faces = np.concatenate([triangles, triangles[:, ::-1] + n])
    _, first, where = np.unique(np.round(both / 1e-6).astype(np.int64), axis=0, return_index=True, return_inverse=True)
    faces = where.reshape(-1)[faces]
    solid = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    return both[first], faces[solid], np.concatenate([lip, lip])[first]
