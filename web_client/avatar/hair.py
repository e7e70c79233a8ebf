"""Minamo's hair: a cap, and locks that grow along the scalp and hang; the long ones swing on springs."""

from dataclasses import dataclass

import numpy as np

from . import head_shape
from .arrays import Floats, resample, smoothstep, unit
from .head_shape import CHIN, HEIGHT
from .mesh import Mesh, grid_triangles, sweep, vertex_normals
from .skeleton import Skeleton, Spring

GLOSS_Y = 1.428
"""Height of the ring of light on the hair."""
GLOSS_V = 0.25
"""Where the hair picture has it."""

Guide = list[tuple[float, float, float]]
"""Control points of a lock from root to tip: bearing (degrees, 0 front, + to her left), height y, metres over the scalp."""


@dataclass(frozen=True)
class Lock:
    """One lock of hair."""

    guide: Guide
    half_width: float
    chain: str = "head"
    """The bone it is fastened to, or the spring chain it swings with."""
    thickness: float = 0.42
    """Half thickness as a share of the half width."""
    root: float = 0.55
    """Width at the root as a share of the widest."""


def hair(skeleton: Skeleton) -> list[Mesh]:
    """All hair; adds its springs to the skeleton."""
    for chain, joints in _CHAINS.items():
        _add_chain(skeleton, chain, joints)
    locks = [*_FRINGE, *_both_sides(_SIDES), *_both_sides(_BACK), *_MIDDLE_BACK, *_AHOGE]
    return [_cap(), *(_lock_mesh(lock, skeleton) for lock in locks)]


def _add_chain(skeleton: Skeleton, chain: str, joints: Guide) -> None:
    points = _guide_points(joints)
    bones = [f"{chain}{k}" for k in range(len(points))]
    short = len(points) <= 3
    spring = Spring(chain, bones, 2.2 if short else 1.1, 0.03 if short else 0.14, 0.45, 0.012 if short else 0.022)
    skeleton.add_spring(spring, "head", points)


def _guide_points(guide: Guide) -> Floats:
    bearing, y, offset = np.array(guide, float).T
    return head_shape.above(np.radians(bearing), y, offset)


def _lock_mesh(lock: Lock, skeleton: Skeleton) -> Mesh:
    """A tapering, slightly flattened tube along the guide."""
    length = np.linalg.norm(np.diff(_guide_points(lock.guide), axis=0), axis=1).sum()
    count = int(np.clip(length / 0.016, 8, 26))
    path = resample(_guide_points(lock.guide), count)
    t = np.linspace(0, 1, count)
    taper = lock.root + (1 - lock.root) * smoothstep(0.0, 0.38, t)
    taper = taper * (1 - smoothstep(0.50, 1.0, t) ** 1.15) + 0.02
    half = lock.half_width * taper
    outward = _outward(path)
    weights = _chain_weights(path, lock.chain, skeleton)
    mesh = sweep("hair", path, half, half * lock.thickness, outward, weights, 8)
    across = np.repeat(outward, 8, axis=0)
    mesh.normals = unit(0.55 * mesh.normals + 0.45 * across)
    mesh.uvs[:, 1] = np.repeat(_picture_v(path[:, 1], t), 8)
    mesh.uvs[:, 0] = mesh.uvs[:, 0] + lock.guide[-1][0] * 0.137
    return mesh


def _outward(path: Floats) -> Floats:
    """Away from the head's middle, for points on its hair (k, 3)."""
    core = np.array([0.0, CHIN + 0.13, -0.008])
    away = path - core
    away[:, 1] = np.maximum(away[:, 1], 0) * 1.1
    return unit(away)


def _picture_v(y: Floats, t: Floats) -> Floats:
    """Picture rows: the gloss where the lock passes GLOSS_Y, the tip colour only on long hair."""
    passing = y[0] > GLOSS_Y > y.min()
    reach = float(np.interp(y[0] - y.min(), [0.05, 0.16, 0.40], [0.40, 0.74, 1.0]))
    if not passing:
        return np.asarray(0.33 + (reach - 0.33) * t)
    crossing = t[int(np.argmax(y < GLOSS_Y))]
    return np.interp(t, [0.0, crossing, 1.0], [0.05, GLOSS_V, reach])


def _chain_weights(path: Floats, chain: str, skeleton: Skeleton) -> dict[str, Floats]:
    """Each path point follows the chain's joint above it; the part above the chain follows the head."""
    if chain not in _CHAINS:
        return {chain: np.ones(len(path))}
    joints = np.array([skeleton.positions[f"{chain}{k}"] for k in range(len(_CHAINS[chain]))])
    steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(joints, axis=0), axis=1))])
    nearest = np.linalg.norm(path[:, None] - joints[None], axis=2)
    along = _project(path, joints, steps, nearest)
    weights, soft = {"head": 1 - smoothstep(-0.012, 0.02, along)}, 0.35 * float(np.diff(steps).mean())
    for k in range(len(joints) - 1):
        rise = 1 - weights["head"] if k == 0 else smoothstep(steps[k] - soft, steps[k] + soft, along)
        fall = smoothstep(steps[k + 1] - soft, steps[k + 1] + soft, along) if k < len(joints) - 2 else 0.0
        weights[f"{chain}{k}"] = rise * (1 - fall)
    return weights


def _project(path: Floats, joints: Floats, steps: Floats, nearest: Floats) -> Floats:
    """Arc length along the joints' polyline of the nearest point to each path point; negative above the first."""
    best, along = np.full(len(path), np.inf), np.zeros(len(path))
    for k in range(len(joints) - 1):
        span = joints[k + 1] - joints[k]
        h = (path - joints[k]) @ span / (span @ span)
        h = np.clip(h, -1.0 if k == 0 else 0.0, 1.0)
        gap = np.linalg.norm(path - joints[k] - h[:, None] * span, axis=1)
        closer = gap < best
        best, along = np.where(closer, gap, best), np.where(closer, steps[k] + h * np.linalg.norm(span), along)
    return along


def _cap(rows: int = 12, columns: int = 48) -> Mesh:
    """The hair on the scalp, under the locks, down to the hairline."""
    theta = np.linspace(-np.pi, np.pi, columns, endpoint=False)
    hairline = 1.418 - 0.095 * smoothstep(0.75, 1.45, np.abs(theta)) - 0.055 * smoothstep(1.5, 2.6, np.abs(theta))
    bottom = head_shape.phi_at(hairline)
    share = np.linspace(0, 1, rows)[:, None]
    phi = np.pi - 0.02 - share * (np.pi - 0.02 - bottom)
    offset = 0.004 + 0.006 * (1 - smoothstep(0.9, 1.0, share)) * np.ones_like(phi)
    around = np.broadcast_to(theta, phi.shape)
    points = head_shape.point(around, phi, 0.0) + head_shape.normal_at(around, phi) * offset[..., None]
    positions = points.reshape(-1, 3)
    triangles = grid_triangles(rows, columns, closed=True)[:, ::-1]
    v = np.interp(positions[:, 1], [1.25, GLOSS_Y, CHIN + HEIGHT], [0.55, GLOSS_V, 0.02])
    uvs = np.stack([np.tile(theta / np.pi * 4, rows), v], 1)
    normals = vertex_normals(positions, triangles)
    return Mesh("hair", positions, triangles, normals, uvs, {"head": np.ones(len(positions))})


def _both_sides(locks: list[Lock]) -> list[Lock]:
    """Locks written for her left, and their mirror images."""
    right = [
        Lock(
            [(-b, y, o) for b, y, o in lock.guide],
            lock.half_width,
            lock.chain.replace("Left", "Right"),
            lock.thickness,
            lock.root,
        )
        for lock in locks
    ]
    return locks + right


def _bang(middle: float, tip: float, tip_y: float, half_width: float, lift: float = 0.0, chain: str = "head") -> Lock:
    """A fringe lock from the parting over the forehead."""
    root = 10 + (middle - 10) * 0.30
    guide = [
        (root, 1.462, 0.002 + lift),
        (10 + (middle - 10) * 0.72, 1.448, 0.0145 + lift),
        (middle, 1.420, 0.0165 + lift),
        (middle + (tip - middle) * 0.55, (1.420 + tip_y) / 2 - 0.004, 0.0125 + lift),
        (tip, tip_y, 0.0070 + lift * 0.5),
    ]
    return Lock(guide, half_width, chain, 0.36, 0.62)


_FRINGE = [
    _bang(-48, -58, 1.335, 0.0150, 0.000, "fringeRight"),
    _bang(-33, -44, 1.352, 0.0160, 0.002, "fringeRight"),
    _bang(-17, -27, 1.368, 0.0160, 0.003, "fringeMiddle"),
    _bang(-3, -9, 1.374, 0.0155, 0.001, "fringeMiddle"),
    _bang(8, 7, 1.378, 0.0120, 0.003, "fringeMiddle"),
    _bang(20, 25, 1.372, 0.0150, 0.001, "fringeLeft"),
    _bang(33, 42, 1.354, 0.0160, 0.003, "fringeLeft"),
    _bang(48, 58, 1.335, 0.0150, 0.001, "fringeLeft"),
    _bang(-25, -36, 1.374, 0.0090, 0.0055),
    _bang(14, 16, 1.384, 0.0080, 0.0050),
]
_SIDES = [
    Lock(
        [
            (30, 1.462, 0.004),
            (52, 1.440, 0.016),
            (64, 1.395, 0.017),
            (68, 1.335, 0.013),
            (66, 1.270, 0.012),
            (64, 1.205, 0.016),
            (66, 1.140, 0.012),
        ],
        0.0150,
        "sideLeft",
        0.50,
    ),
    Lock(
        [
            (38, 1.462, 0.003),
            (66, 1.440, 0.016),
            (78, 1.395, 0.020),
            (82, 1.330, 0.018),
            (80, 1.262, 0.016),
            (76, 1.215, 0.012),
        ],
        0.0190,
        "sideLeft",
        0.45,
    ),
    Lock(
        [
            (50, 1.464, 0.003),
            (84, 1.442, 0.017),
            (97, 1.395, 0.023),
            (102, 1.330, 0.022),
            (104, 1.265, 0.018),
            (106, 1.215, 0.016),
        ],
        0.0240,
        "sideLeft",
        0.42,
    ),
]
_BACK = [
    Lock(
        [
            (60, 1.466, 0.002),
            (104, 1.440, 0.018),
            (114, 1.390, 0.025),
            (122, 1.300, 0.026),
            (132, 1.200, 0.030),
            (138, 1.080, 0.042),
            (138, 0.985, 0.030),
        ],
        0.0310,
        "backLeft",
        0.40,
    ),
    Lock(
        [
            (80, 1.467, 0.002),
            (124, 1.440, 0.019),
            (134, 1.385, 0.027),
            (140, 1.290, 0.027),
            (146, 1.180, 0.032),
            (150, 1.050, 0.050),
            (146, 0.935, 0.040),
        ],
        0.0330,
        "backLeft",
        0.38,
    ),
    Lock(
        [
            (100, 1.468, 0.002),
            (146, 1.440, 0.019),
            (154, 1.385, 0.028),
            (158, 1.290, 0.030),
            (162, 1.170, 0.036),
            (165, 1.030, 0.054),
            (160, 0.900, 0.044),
        ],
        0.0340,
        "backMiddleLeft",
        0.38,
    ),
]
_MIDDLE_BACK = [
    Lock(
        [
            (140, 1.468, 0.002),
            (168, 1.440, 0.018),
            (176, 1.385, 0.026),
            (179, 1.290, 0.032),
            (180, 1.170, 0.040),
            (180, 1.030, 0.058),
            (176, 0.885, 0.050),
        ],
        0.0350,
        "backMiddleLeft",
        0.38,
    ),
]
_AHOGE = [
    Lock([(20, 1.462, 0.004), (15, 1.468, 0.030), (30, 1.462, 0.058), (48, 1.452, 0.070)], 0.0052, "ahoge", 0.6, 0.8)
]


def _fringe_chain(bearing: float) -> Guide:
    return [(bearing * 0.9, 1.425, 0.0165), (bearing, 1.395, 0.013), (bearing * 1.1, 1.360, 0.009)]


_CHAINS: dict[str, Guide] = {
    "fringeLeft": _fringe_chain(36),
    "fringeMiddle": _fringe_chain(-8),
    "fringeRight": _fringe_chain(-40),
    **{
        f"side{side}": [
            (sign * 72, 1.360, 0.016),
            (sign * 72, 1.300, 0.014),
            (sign * 70, 1.240, 0.014),
            (sign * 68, 1.190, 0.015),
            (sign * 68, 1.140, 0.012),
        ]
        for side, sign in (("Left", 1), ("Right", -1))
    },
    **{
        f"back{side}": [
            (sign * 130, 1.300, 0.026),
            (sign * 138, 1.200, 0.031),
            (sign * 143, 1.110, 0.042),
            (sign * 144, 1.030, 0.046),
            (sign * 142, 0.950, 0.036),
        ]
        for side, sign in (("Left", 1), ("Right", -1))
    },
    **{
        f"backMiddle{side}": [
            (sign * 164, 1.300, 0.028),
            (sign * 166, 1.190, 0.036),
            (sign * 167, 1.090, 0.048),
            (sign * 168, 0.990, 0.052),
            (sign * 166, 0.890, 0.046),
        ]
        for side, sign in (("Left", 1), ("Right", -1))
    },
    "ahoge": [(15, 1.468, 0.020), (30, 1.464, 0.055), (48, 1.452, 0.070)],
}
