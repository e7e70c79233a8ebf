"""The ears: a relief over an egg-shaped outline, hinged at the cheek."""

import numpy as np

from . import head_shape
from .arrays import Floats, bell, smoothstep, spline, unit
from .head_shape import CHIN
from .mesh import Mesh, grid_triangles, mirrored, vertex_normals

WIDTH, HEIGHT = 0.030, 0.062
"""What the picture of the ear covers, metres."""
_OUTLINE = 1e-3 * np.array(  # backwards from the hinge, and up: millimetres
    [(1, 6), (3, 17), (9, 25), (17, 26), (23, 20), (24, 9), (20, -5), (14, -16), (9, -24), (4, -25), (1, -19), (1, -6)]
)
_MIDDLE = np.array([0.0105, 0.0025])
_RINGS = (0.0, 0.16, 0.30, 0.42, 0.54, 0.64, 0.74, 0.83, 0.91, 0.97, 1.0)
_SPOKES = 36
_PLACE_DEG, _PLACE_Y = 86.0, CHIN + 0.0790
_SPLAY = np.radians(32)
_TILT = np.radians(12)


def _outline(count: int) -> Floats:
    """The closed rim, (count, 2)."""
    closed = np.concatenate([_OUTLINE[-2:], _OUTLINE, _OUTLINE[:3]])
    return spline(np.arange(len(closed)) - 2, closed, np.arange(count) / count * len(_OUTLINE))


def _share(s: Floats, t: Floats) -> Floats:
    """Distance from the ear's middle as a share of its rim's."""
    rim = _outline(240) - _MIDDLE
    angle = np.arctan2(rim[:, 1], rim[:, 0])
    order = np.argsort(angle)
    ds, dt = s - _MIDDLE[0], t - _MIDDLE[1]
    reach = np.interp(np.arctan2(dt, ds), angle[order], np.hypot(*rim.T)[order], period=2 * np.pi)
    return np.asarray(np.hypot(ds, dt) / reach)


def relief(s: Floats, t: Floats) -> Floats:
    """Height of the ear's front over its plane, metres; s backwards from the hinge, t upwards."""
    r = _share(s, t)
    shell = smoothstep(-0.019, -0.012, t)
    """The lobe is plain."""
    back = smoothstep(0.003, 0.010, s)
    helix = 0.0026 * bell(r - 0.88, 0.075) * (0.35 + 0.65 * np.maximum(back, smoothstep(0.012, 0.020, t)))
    groove = -0.0012 * bell(r - 0.70, 0.06) * back
    fold = 0.0018 * bell(r - 0.54, 0.07) * back * smoothstep(0.022, 0.010, t)
    bowl = -0.0048 * smoothstep(0.52, 0.18, r)
    tragus = 0.0024 * bell(s - 0.0025, 0.0022) * bell(t + 0.001, 0.004)
    lobe = 0.0016 * bell(s - 0.008, 0.005) * bell(t + 0.019, 0.005)
    return np.asarray(shell * (helix + groove + fold + bowl) + tragus + lobe)


def ears() -> list[Mesh]:
    left = _ear()
    return [left, mirrored(left)]


def _ear() -> Mesh:
    rim = _outline(_SPOKES)
    flat = np.concatenate([_MIDDLE + (rim - _MIDDLE) * r for r in _RINGS])
    height = relief(flat[:, 0], flat[:, 1])
    back = np.concatenate([_MIDDLE + (rim - _MIDDLE) * r for r in (1.0, 0.72)])
    flat = np.concatenate([flat, back])
    height = np.concatenate([height, np.full(_SPOKES, -0.0022), np.full(_SPOKES, -0.0085)])
    positions = _placed(flat, height)
    triangles = grid_triangles(len(_RINGS) + 2, _SPOKES, closed=True)
    return Mesh(
        "skin",
        positions,
        triangles,
        vertex_normals(positions, triangles),
        picture_uvs(flat[:, 0], flat[:, 1]),
        {"head": np.ones(len(positions))},
    )


def picture_uvs(s: Floats, t: Floats) -> Floats:
    """Where the skin picture has the ear: its upper left quarter."""
    return np.stack([(s + 0.002) / WIDTH * 0.5, (0.030 - t) / HEIGHT * 0.5], -1)


def _placed(flat: Floats, height: Floats) -> Floats:
    """Points on her left ear: the plane leans outwards from the hinge, its top backwards."""
    at = head_shape.above(np.radians(_PLACE_DEG), np.array(_PLACE_Y), np.array(-0.0015))
    backwards = np.array([np.sin(_SPLAY), 0.0, -np.cos(_SPLAY)])
    upward = unit(np.array([0.16, np.cos(_TILT), -np.sin(_TILT)]))
    outward = unit(np.cross(upward, -backwards))
    backwards = np.cross(upward, outward)
    return np.asarray(at + flat[:, :1] * backwards + flat[:, 1:] * upward + height[:, None] * outward)
