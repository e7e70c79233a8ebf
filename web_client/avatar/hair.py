"""Minamo's hair: a cap, and locks that grow along the scalp and hang; the long ones swing on springs."""

import numpy as np

from . import head_shape
from .arrays import Floats, resample, smoothstep, spline, unit
from .hair_style import AHOGE, BACK, CHAINS, FRINGE, MIDDLE_BACK, PULLED, SIDES, TAILS, Guide, Lock
from .head_shape import CHIN, HEIGHT
from .mesh import Mesh, grid_triangles, sweep, vertex_normals
from .skeleton import Skeleton, Spring

GLOSS_Y = CHIN + 0.198
"""Height of the ring of light on the hair."""
GLOSS_V = 0.25
"""Where the hair picture has it."""
VARIANTS = 4
"""The hair picture holds so many different locks side by side."""
_COLUMNS = 10

_SWING = {  # stiffness, gravity, collision radius in metres
    "fringe": (2.4, 0.02, 0.010),
    "ahoge": (2.4, 0.00, 0.006),
    "side": (1.4, 0.20, 0.009),
    "tail": (1.9, 0.08, 0.020),
    "back": (1.2, 0.14, 0.024),
}


def hair(skeleton: Skeleton) -> list[Mesh]:
    """All hair; adds its springs to the skeleton."""
    for chain, joints in CHAINS.items():
        _add_chain(skeleton, chain, joints)
    paired = [lock for part in (SIDES, PULLED, BACK, TAILS) for lock in _both_sides(part)]
    locks = [*FRINGE, *paired, *MIDDLE_BACK, *AHOGE]
    return [_cap(), *(_lock_mesh(lock, skeleton, k % VARIANTS) for k, lock in enumerate(locks))]


def _add_chain(skeleton: Skeleton, chain: str, joints: Guide) -> None:
    points = _guide_points(joints)
    bones = [f"{chain}{k}" for k in range(len(points))]
    stiffness, gravity, radius = _SWING[chain.removesuffix("Left").removesuffix("Right").removesuffix("Middle")]
    spring = Spring(chain, bones, stiffness, gravity, 0.45, radius)
    skeleton.add_spring(spring, "head", points)


def _guide_points(guide: Guide) -> Floats:
    bearing, y, offset = np.array(guide, float).T
    return head_shape.above(np.radians(bearing), CHIN + y, offset)


def _lock_mesh(lock: Lock, skeleton: Skeleton, variant: int) -> Mesh:
    """A tapering leaf along the guide: domed outside, nearly flat towards the head."""
    length = np.linalg.norm(np.diff(_guide_points(lock.guide), axis=0), axis=1).sum()
    count = int(np.clip(length / 0.012, 13, 32))
    path = resample(_guide_points(lock.guide), count)
    t = np.linspace(0, 1, count)
    taper = lock.root + (1 - lock.root) * smoothstep(0.0, 0.38, t)
    taper = taper * (1 - np.clip((t - 0.38) / 0.62, 0, 1) ** 1.7) + 0.012
    half = lock.half_width * taper
    outward = _outward(path)
    if lock.chain.startswith("tail"):
        outward = _smoothed(unit(path - _middle_line(lock.chain, skeleton, t) + 0.010 * outward))
    weights = _chain_weights(path, lock.chain, skeleton)
    mesh = sweep("hair", path, half, half * lock.thickness, outward, weights, _COLUMNS, flat_below=0.4)
    across = np.repeat(outward, _COLUMNS + 1, axis=0)
    mesh.normals = unit(0.55 * mesh.normals + 0.45 * across)
    mesh.uvs[:, 0] = (variant + mesh.uvs[:, 0]) / VARIANTS
    mesh.uvs[:, 1] = np.repeat(_picture_v(path[:, 1], t), _COLUMNS + 1)
    return mesh


def _outward(path: Floats) -> Floats:
    """Away from the head's middle, for points on its hair (k, 3)."""
    core = np.array([0.0, CHIN + 0.135, -0.008])
    away = path - core
    away[:, 1] = np.maximum(away[:, 1], 0) * 1.1
    return unit(away)


def _middle_line(chain: str, skeleton: Skeleton, t: Floats) -> Floats:
    """Points (k, 3) on the chain's line at the shares t of its length."""
    joints = np.array([skeleton.positions[f"{chain}{k}"] for k in range(len(CHAINS[chain]))])
    return spline(np.linspace(0, 1, len(joints)), joints, t)


def _smoothed(directions: Floats, reach: int = 5) -> Floats:
    """Unit vectors (k, 3) averaged over `reach` neighbours to both sides."""
    padded = np.pad(directions, ((reach, reach), (0, 0)), mode="edge")
    return unit(sum(padded[k : k + len(directions)] for k in range(2 * reach + 1)))


def _picture_v(y: Floats, t: Floats) -> Floats:
    """Picture rows: the gloss where the lock passes GLOSS_Y, the tip colour only on long hair."""
    passing = y[0] > GLOSS_Y > y.min()
    reach = float(np.interp(y[0] - y.min(), [0.05, 0.14, 0.32], [0.40, 0.72, 1.0]))
    if not passing:
        return np.asarray(0.33 + (reach - 0.33) * t)
    crossing = t[int(np.argmax(y < GLOSS_Y))]
    return np.interp(t, [0.0, crossing, 1.0], [0.05, GLOSS_V, reach])


def _chain_weights(path: Floats, chain: str, skeleton: Skeleton) -> dict[str, Floats]:
    """Each path point follows the chain's joint above it; the part above the chain follows the head."""
    if chain not in CHAINS:
        return {chain: np.ones(len(path))}
    joints = np.array([skeleton.positions[f"{chain}{k}"] for k in range(len(CHAINS[chain]))])
    steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(joints, axis=0), axis=1))])
    nearest = np.linalg.norm(path[:, None] - joints[None], axis=2)
    along = _project(path, joints, steps, nearest)
    weights, soft = {"head": 1 - smoothstep(-0.035, 0.045, along)}, 0.5 * float(np.diff(steps).mean())
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
    hairline = (
        CHIN + 0.185 - 0.095 * smoothstep(0.75, 1.45, np.abs(theta)) - 0.032 * smoothstep(1.6, 2.6, np.abs(theta))
    )
    bottom = head_shape.phi_at(hairline)
    share = np.linspace(0, 1, rows)[:, None]
    phi = np.pi - 0.02 - share * (np.pi - 0.02 - bottom)
    offset = 0.004 + 0.007 * (1 - smoothstep(0.9, 1.0, share)) * np.ones_like(phi)
    offset = offset + 0.010 * smoothstep(0.20, 0.236, head_shape.height_at(phi) - CHIN)
    around = np.broadcast_to(theta, phi.shape)
    points = head_shape.point(around, phi, 0.0) + head_shape.normal_at(around, phi) * offset[..., None]
    points[0] = points[0].mean(0)  # closed at the crown
    positions = points.reshape(-1, 3)
    triangles = grid_triangles(rows, columns, closed=True)[:, ::-1]
    v = np.interp(positions[:, 1], [CHIN + 0.015, GLOSS_Y, CHIN + HEIGHT], [0.55, GLOSS_V, 0.15])
    uvs = np.stack([np.tile(theta / np.pi * 2, rows), v], 1)
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
