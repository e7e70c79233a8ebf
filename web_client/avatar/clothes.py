"""Minamo's clothes: a white blouse with a sailor collar, and a pleated skirt."""

from dataclasses import replace

import numpy as np

from .arrays import Floats, smoothstep, spline, unit
from .body import TORSO_CENTER_Z, TORSO_HEIGHTS, TORSO_RADIUS_X, TORSO_RADIUS_Z, solid_mesh
from .cloth_pictures import BLOUSE_HEIGHT, BLOUSE_TOP
from .mesh import Mesh, mirrored, surface, trimmed
from .skeleton import Skeleton, Spring, arm_weights, leg_weights, torso_weights, trunk_and_arms_weights
from .solids import Solid, column, ellipsoid, gradient, onto, round_cone, union

WAIST, HEM = 0.880, 0.620
PLEATS = 18
SKIRT_CHAINS = 8
DEPTH = 0.94
"""The skirt's radius to the front as a share of that sideways: the hands hang at its sides."""
_EASE = np.interp(TORSO_HEIGHTS, [0.80, 0.90, 1.0, 1.09, 1.13, 1.16], [0.010, 0.010, 0.012, 0.010, 0.006, 0.004])


def clothes(skeleton: Skeleton) -> list[Mesh]:
    """Everything worn but bows and shoes; adds the skirt's springs."""
    return [*_blouse(), *_buttons(), *_cuffs(), *_collar(), _hips(), _skirt(skeleton), _belt()]


def _trunk_section(y: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    x, z, c = (spline(TORSO_HEIGHTS, v, y) for v in (TORSO_RADIUS_X + _EASE, TORSO_RADIUS_Z + _EASE, TORSO_CENTER_Z))
    return np.zeros_like(y), c, x, z


def blouse_solid() -> Solid:
    """Trunk, chest, shoulders and sleeves, melted together."""
    trunk = union(
        column(_trunk_section, 0.84, 1.158),
        *(ellipsoid((s * 0.043, 1.022, 0.048), (0.046, 0.044, 0.040)) for s in (1, -1)),
        blend=0.035,
    )
    arms = []
    for s in (1, -1):
        arms += [
            round_cone((s * 0.030, 1.118, -0.014), (s * 0.098, 1.116, -0.013), 0.042, 0.0435),
            round_cone((s * 0.098, 1.118, -0.013), (s * 0.290, 1.124, -0.012), 0.0440, 0.0370),
            round_cone((s * 0.290, 1.124, -0.012), (s * 0.440, 1.124, -0.006), 0.0370, 0.0490),
            round_cone((s * 0.440, 1.124, -0.006), (s * 0.520, 1.124, -0.003), 0.0490, 0.0300),
        ]
    return union(trunk, *arms, blend=0.022)


def _blouse() -> list[Mesh]:
    """Its front and its back, which have their own halves of the picture."""
    whole = solid_mesh("blouse", blouse_solid(), (-0.4675, 0.855, -0.135), (0.4675, 1.185, 0.145), 0.010)
    whole.weights = trunk_and_arms_weights(whole.positions)
    whole = _without_neckline(whole)
    down = (BLOUSE_TOP - whole.positions[:, 1]) / BLOUSE_HEIGHT
    whole.uvs = np.stack([0.5 + whole.positions[:, 0], np.clip(down, 0.002, 0.998) / 2], 1)
    a, b, c = (whole.positions[whole.triangles[:, k]] for k in range(3))
    facing = np.cross(b - a, c - a)[:, 2] > 0
    front, back = (replace(whole, triangles=whole.triangles[side]) for side in (facing, ~facing))
    back.uvs = whole.uvs + np.array([0.0, 0.5])
    return [trimmed(front), trimmed(back)]


def _buttons() -> list[Mesh]:
    """Pearly buttons down the front."""
    return [_button(y) for y in (1.012, 0.982, 0.952, 0.922)]


def _button(y: float, radius: float = 0.0050) -> Mesh:
    solid = blouse_solid()
    at = onto(solid, np.array([[0.0, y, 0.13]]), 0.0)[0]
    normal = gradient(solid, at[None])[0]
    right = unit(np.cross([0.0, 1.0, 0.0], normal))
    up = np.cross(normal, right)
    angle = np.arange(20) * 2 * np.pi / 20
    rim = np.cos(angle)[:, None] * right + np.sin(angle)[:, None] * up
    rings = [rim * radius * share + normal * rise for share, rise in _BUTTON]
    mesh = surface("gold", at + np.stack(rings), "chest", closed=True)
    mesh.weights = torso_weights(mesh.positions)
    return mesh


_BUTTON = ((0.02, 0.0022), (0.50, 0.0022), (0.62, 0.0028), (0.85, 0.0028), (1.0, 0.0018), (1.0, -0.0006))
"""A button's profile: share of its radius, and height over the cloth, metres."""


def _without_neckline(mesh: Mesh) -> Mesh:
    """The blouse without the V over her chest; the collar covers the cut."""
    x, y, z = mesh.positions.T
    opening = np.interp(y, [1.060, 1.100, 1.142, 1.2], [0.010, 0.044, 0.073, 0.080])
    gone = (np.abs(x) < opening) & ((z > -0.04) | (y > 1.085))
    mesh.triangles = mesh.triangles[~gone[mesh.triangles].all(1)]
    return mesh


def _ring(material: str, x: float, thickness: float, length: float) -> Mesh:
    """A band over the left sleeve at distance x from the middle, reaching `length` to both sides."""
    angle = -np.linspace(0, 2 * np.pi, 28, endpoint=False)
    along = x + np.array([-1, -0.96, -0.5, 0, 0.5, 0.96, 1, 0.9]) * length
    lift = np.array([-0.001, thickness, thickness, thickness, thickness, thickness, -0.001, -0.006])
    start = np.stack(
        np.broadcast_arrays(along[:, None], 1.124 + 0.05 * np.cos(angle), -0.006 + 0.05 * np.sin(angle)), -1
    )
    solid = blouse_solid()
    points = start.copy()
    for _ in range(6):
        points = onto(solid, points.reshape(-1, 3), 0.0, 1).reshape(start.shape)
        points[..., 0] = start[..., 0]
    axis = np.array([0, 1.124, -0.006])
    outward = unit((points - axis) * np.array([0.0, 1.0, 1.0]))
    mesh = surface(material, points + outward * lift[:, None, None], "head", closed=True)
    mesh.weights = arm_weights(mesh.positions)
    return mesh


def _cuffs() -> list[Mesh]:
    """Navy cuffs with a white stripe."""
    left = [_ring("navy", 0.4530, 0.0024, 0.0190), _ring("white", 0.4455, 0.0034, 0.0026)]
    return left + [mirrored(m) for m in left]


def _collar() -> list[Mesh]:
    """The sailor collar: a wide square at the back, pointed lapels in front, a white stripe near its edge."""
    stripes = ((0.715, 0.745), (0.80, 0.875))
    return [_collar_sheet("navy", 0.0, 1.0, 0.0045), *(_collar_sheet("white", *s, 0.0060) for s in stripes)]


def _collar_sheet(material: str, inner: float, outer: float, offset: float) -> Mesh:
    """The part of the collar between two shares of the way from its neck line to its edge."""
    s = np.linspace(-1, 1, 61)
    neck, edge = _neck_line(np.abs(s)), _collar_edge(np.abs(s))
    share = np.linspace(inner, outer, 9 if outer - inner > 0.5 else 3)
    flat = neck[None] + (edge - neck)[None] * share[:, None, None]
    flat[..., 0] *= np.sign(s)
    points = onto(blouse_solid(), flat.reshape(-1, 3), offset, 10).reshape(flat.shape)
    stand = 0.010 * (1 - smoothstep(0.0, 0.25, share))[:, None] * smoothstep(0.25, 0.6, np.abs(s))
    points[..., 1] += stand
    mesh = surface(material, points[:, ::-1], "head")
    mesh.weights = trunk_and_arms_weights(mesh.positions)
    return mesh


def _neck_line(s: Floats) -> Floats:
    """Left half of the collar's inner edge, front point (s = 0) round to the nape (s = 1): (n, 3)."""
    knots = [
        (0.0, 1.062, 0.085),
        (0.024, 1.100, 0.070),
        (0.046, 1.142, 0.030),
        (0.050, 1.160, -0.016),
        (0.034, 1.162, -0.050),
        (0.0, 1.160, -0.062),
    ]
    return spline(np.linspace(0, 1, len(knots)), np.array(knots), s)


def _collar_edge(s: Floats) -> Floats:
    """Left half of the collar's outer edge, as _neck_line."""
    knots = [
        (0.002, 1.048, 0.092),
        (0.058, 1.078, 0.078),
        (0.089, 1.136, 0.024),
        (0.092, 1.125, -0.046),
        (0.092, 1.035, -0.085),
        (0.0, 1.020, -0.086),
    ]
    return spline(np.array([0, 0.2, 0.4, 0.6, 0.8, 1.0]), np.array(knots), s)


def _hips() -> Mesh:
    """Dark shorts under the skirt."""
    legs = [round_cone((s * 0.066, 0.77, 0.0), (s * 0.067, 0.60, 0.002), 0.068, 0.058) for s in (1, -1)]
    solid = union(column(_trunk_section, 0.72, 0.90), *legs, blend=0.02)
    mesh = solid_mesh("navy", solid, (-0.16, 0.685, -0.12), (0.16, 0.875, 0.12), 0.016)
    left = leg_weights(mesh.positions * np.array([1, 1, 1]))
    right = {bone.replace("left", "right"): w for bone, w in left.items()}
    side = smoothstep(-0.02, 0.02, mesh.positions[:, 0])
    mesh.weights = {b: w * side for b, w in left.items() if b != "hips"} | {
        b: w * (1 - side) for b, w in right.items() if b != "hips"
    }
    mesh.weights["hips"] = left["hips"]
    return mesh


def _skirt_radius(t: Floats) -> Floats:
    """Radius sideways at the share t of the way from waist to hem."""
    return spline([0.0, 0.2, 0.5, 1.0], [0.0985, 0.1230, 0.1450, 0.1730], t)


def _skirt(skeleton: Skeleton) -> Mesh:
    """Knife pleats from waist to hem."""
    rows, per_pleat = 14, 6
    t = np.linspace(0, 1, rows)[:, None]
    u = np.arange(PLEATS * per_pleat) / (PLEATS * per_pleat)
    phase = (u * PLEATS) % 1.0
    fold = np.interp(phase, [0.0, 0.12, 0.80, 1.0], [-0.6, 1.0, 0.35, -0.6])
    radius = _skirt_radius(t.ravel())[:, None] * (1 + 0.085 * fold * smoothstep(-0.05, 0.7, t))
    bearing = 2 * np.pi * (u + 0.25 / PLEATS)
    y = WAIST + (HEM - WAIST) * t + 0.004 * fold * t
    points = np.stack(np.broadcast_arrays(radius * np.sin(bearing), y, DEPTH * radius * np.cos(bearing)), -1)
    mesh = surface("skirt", points, "hips", closed=True)
    mesh.uvs[:, 0] = np.tile((fold + 0.6) / 1.6, rows)
    mesh.weights = _skirt_weights(skeleton, mesh.positions)
    return mesh


def _skirt_weights(skeleton: Skeleton, p: Floats) -> dict[str, Floats]:
    """Each point swings with the two chains beside it."""
    t = (WAIST - p[:, 1]) / (WAIST - HEM)
    bearing = np.arctan2(p[:, 0], p[:, 2] / DEPTH)
    upper, lower = smoothstep(0.08, 0.45, t), smoothstep(0.45, 0.80, t)
    weights = {"hips": 1 - upper}
    for k in range(SKIRT_CHAINS):
        angle = 2 * np.pi * k / SKIRT_CHAINS
        name = f"skirt{k}_"
        radius = _skirt_radius(np.array([0.18, 0.55, 1.0]))
        points = np.stack([radius * np.sin(angle), np.array([0.83, 0.725, HEM]), DEPTH * radius * np.cos(angle)], 1)
        skeleton.add_spring(
            Spring(f"skirt{k}", [f"{name}{j}" for j in range(3)], 1.6, 0.10, 0.5, 0.012), "hips", points
        )
        gap = np.abs((bearing - angle + np.pi) % (2 * np.pi) - np.pi) * SKIRT_CHAINS / (2 * np.pi)
        share = np.clip(1 - gap, 0, 1)
        weights[f"{name}0"] = share * (upper - lower)
        weights[f"{name}1"] = share * lower
    return weights


def _belt() -> Mesh:
    """The skirt's waistband."""
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    y = np.array([0.898, 0.896, 0.872, 0.868])
    r = np.array([0.094, 0.0985, 0.1035, 0.100])
    points = np.stack(
        np.broadcast_arrays(r[:, None] * np.sin(angle), y[:, None], 0.004 + 0.83 * r[:, None] * np.cos(angle)), -1
    )
    mesh = surface("navy", points, "hips", closed=True)
    mesh.weights = torso_weights(mesh.positions)
    return mesh
