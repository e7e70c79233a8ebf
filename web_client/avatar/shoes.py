"""Minamo's socks and laced shoes."""

import numpy as np

from .arrays import Floats, resample, smoothstep, unit
from .body import leg_solid, solid_mesh
from .cloth_pictures import SHOE_BACK, SHOE_LENGTH, SHOE_WIDTH, SOCK_HEIGHT, SOCK_TOP
from .mesh import Mesh, mirrored, surface, sweep
from .skeleton import leg_weights
from .solids import Solid, ellipsoid, grown, onto, round_cone, union

MIDDLE_X = 0.066
"""The left shoe's middle."""


def shoes() -> list[Mesh]:
    """Both feet's, from the socks' bands down to the soles."""
    left = [_sock(), _band(), _upper(), _sole(), *_laces()]
    for mesh in left:
        mesh.weights = leg_weights(mesh.positions)
    return left + [mirrored(mesh) for mesh in left]


def _sock() -> Mesh:
    """An over-knee sock."""
    sock = solid_mesh("sock", grown(leg_solid(), 0.0022), (-0.02, 0.055, -0.09), (0.16, 0.505, 0.09), 0.013)
    y = sock.positions[:, 1]
    around = (sock.positions[:, 0] - MIDDLE_X) / np.interp(y, [0.05, 0.09, 0.3, 0.5], [0.060, 0.060, 0.090, 0.096])
    sock.uvs = np.stack([np.clip(0.5 + around, 0.01, 0.99), (SOCK_TOP - y) / SOCK_HEIGHT], 1)
    return sock


def _band() -> Mesh:
    """The rolled top of the sock."""
    angle = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    y = np.array([0.5075, 0.5085, 0.507, 0.499, 0.491, 0.4885])
    swell = np.array([-0.0030, 0.0020, 0.0046, 0.0056, 0.0046, 0.0010])
    start = np.stack(np.broadcast_arrays(0.067 + 0.05 * np.sin(angle), y[:, None], 0.003 + 0.05 * np.cos(angle)), -1)
    points = onto(leg_solid(), start.reshape(-1, 3), 0.0).reshape(start.shape)
    outward = unit((points - np.array([0.067, 0, 0.003])) * np.array([1.0, 0, 1.0]))
    points = points + outward * swell[:, None, None]
    points[..., 1] = start[..., 1]
    return surface("white", points, "leftUpperLeg", closed=True)


def _last() -> Solid:
    """The shoe without its sole: toes, instep, heel and the collar round the ankle."""
    return union(
        ellipsoid((0.0675, 0.033, 0.078), (0.0375, 0.0255, 0.044)),
        ellipsoid((0.0655, 0.038, 0.035), (0.0345, 0.0330, 0.050)),
        ellipsoid((0.0645, 0.042, -0.022), (0.0315, 0.0400, 0.043)),
        round_cone((0.064, 0.060, -0.010), (0.064, 0.094, -0.014), 0.0320, 0.0305),
        round_cone((0.065, 0.058, 0.040), (0.0645, 0.080, 0.010), 0.0110, 0.0140),
        blend=0.022,
    )


def _upper() -> Mesh:
    last = _last()

    def leather(p: Floats) -> Floats:
        top = p[:, 1] - 0.079 - 0.18 * (p[:, 2] + 0.02)
        return np.maximum(last(p), np.maximum(0.011 - p[:, 1], top))

    mesh = solid_mesh("shoe", leather, (0.01, 0.002, -0.085), (0.125, 0.110, 0.140), 0.0062)
    x, _, z = mesh.positions.T
    mesh.uvs = np.stack([0.5 + (x - MIDDLE_X) / SHOE_WIDTH, (z - SHOE_BACK) / SHOE_LENGTH], 1)
    return mesh


def _sole() -> Mesh:
    """A welt all round, and a heel."""
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    rays = np.stack([np.sin(angle), np.zeros(64), np.cos(angle)], 1)
    low, high = np.zeros(64), np.full(64, 0.15)
    last = _last()
    for _ in range(24):  # bisection for the last's outline, a little above the ground
        middle = (low + high) / 2
        inside = last(_SOLE_MIDDLE + rays * middle[:, None]) < 0.0015
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    z = _SOLE_MIDDLE[2] + rays[:, 2] * low
    arch = 0.0055 * smoothstep(-0.030, -0.024, z) * smoothstep(0.040, 0.020, z)
    rings = []
    for share, height in ((0.80, 0.0150), (0.99, 0.0150), (1.0, 0.0140), (1.0, 0.0105), (0.985, 0.0100), (0.975, 0.0)):
        y = np.maximum(np.full(64, height), arch)
        rings.append(_SOLE_MIDDLE * [1, 0, 1] + rays * (low * share)[:, None] + np.stack([0 * y, y, 0 * y], 1))
    rings.append(_SOLE_MIDDLE * [1, 0, 1] + rays * 0.001)
    return surface("sole", np.stack(rings), "leftFoot", closed=True)


_SOLE_MIDDLE = np.array([MIDDLE_X, 0.026, 0.028])


_EYELETS = ((0.0125, 0.062), (0.0130, 0.051), (0.0135, 0.040), (0.0140, 0.029))
"""Distance from the shoe's middle line, and z."""


def _laces() -> list[Mesh]:
    """Crossing laces and their bow."""
    parts = []
    for (x0, z0), (x1, z1) in zip(_EYELETS, _EYELETS[1:], strict=False):
        for side in (1, -1):
            ends = np.array([(side * x0, 0.09, z0), (0, 0.09, (z0 + z1) / 2), (-side * x1, 0.09, z1)])
            parts.append(_cord(ends, 0.0016 + 0.0006 * side))
    top = _EYELETS[-1][1]
    for side in (1, -1):
        loop = [(0, 0.09, top), (side * 0.012, 0.09, top + 0.009), (side * 0.022, 0.09, top + 0.004)]
        parts.append(_cord(np.array([*loop, (side * 0.016, 0.09, top - 0.003), (0, 0.09, top)]), 0.0034))
        parts.append(_cord(np.array([(0, 0.09, top), (side * 0.010, 0.09, top + 0.014)]), 0.0030))
    return parts


def _cord(points: Floats, height: float, half: float = 0.00135) -> Mesh:
    """A lace over the shoe, `height` above it, along points seen from above."""
    path = resample(points + np.array([MIDDLE_X - 0.001, 0, 0]), 11)
    last = _last()
    for _ in range(12):
        path[:, 1] -= (last(path) - height) * 0.8
    up = np.tile([0.0, 0.9, 0.44], (11, 1))
    return sweep("white", path, np.full(11, half), np.full(11, half * 0.7), up, "leftFoot", 6)
