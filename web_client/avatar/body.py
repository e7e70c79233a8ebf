"""The skin below the head: neck and chest, hands, legs."""

import numpy as np

from .arrays import Floats, smoothstep, spline, unit
from .mesh import Mesh, mirrored, surface
from .skeleton import FINGERS, arm_weights, blend_along, leg_weights, torso_weights
from .skin_pictures import neck_uvs
from .solids import Solid, column, gradient, onto, round_cone, surface_nets, union

TORSO_HEIGHTS = np.array([0.70, 0.76, 0.80, 0.85, 0.895, 0.95, 1.00, 1.05, 1.09, 1.125, 1.150, 1.175])
TORSO_RADIUS_X = np.array([0.105, 0.120, 0.118, 0.100, 0.084, 0.090, 0.098, 0.101, 0.100, 0.086, 0.056, 0.040])
TORSO_RADIUS_Z = np.array([0.080, 0.090, 0.088, 0.076, 0.064, 0.069, 0.074, 0.073, 0.066, 0.056, 0.046, 0.038])
TORSO_CENTER_Z = np.array([-0.006, -0.006, -0.003, 0.002, 0.004, 0.005, 0.003, -0.003, -0.008, -0.013, -0.016, -0.017])


def torso_section(y: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """The trunk's ellipse at heights y: centre x and z, radius x and z."""
    x, z, c = (spline(TORSO_HEIGHTS, v, y) for v in (TORSO_RADIUS_X, TORSO_RADIUS_Z, TORSO_CENTER_Z))
    return np.zeros_like(y), c, x, z


def skin() -> list[Mesh]:
    """All visible skin but the head's."""
    left = [_hand(), *_nails(), _leg()]
    return [_neck(), *left, *map(mirrored, left)]


def solid_mesh(
    material: str, solid: Solid, low: tuple[float, float, float], high: tuple[float, float, float], cell: float
) -> Mesh:
    """The solid's surface within a box as an unweighted mesh, lit by the solid's own normals."""
    positions, triangles = surface_nets(solid, np.array(low), np.array(high), cell)
    uvs = np.tile([0.25, 0.9], (len(positions), 1))
    return Mesh(material, positions, triangles, gradient(solid, positions, 1e-3), uvs, {})


def _neck() -> Mesh:
    """Neck and upper chest; the chin's shadow is painted, and the normals lean forward so that none other falls."""
    solid = union(
        round_cone((0, 1.08, -0.017), (0, 1.228, -0.012), 0.0370, 0.0300),
        column(torso_section, 1.02, 1.168),
        round_cone((-0.05, 1.112, -0.014), (0.05, 1.112, -0.014), 0.030, 0.030),
        blend=0.035,
    )
    mesh = solid_mesh("skin", solid, (-0.0675, 1.045, -0.075), (0.0675, 1.236, 0.085), 0.0060)
    front = 1.4 * smoothstep(-0.02, 0.02, mesh.positions[:, 2:])
    mesh.normals = unit(mesh.normals + front * np.array([0.0, 0.1, 1.0]))
    mesh.uvs = neck_uvs(mesh.positions)
    mesh.weights = torso_weights(mesh.positions)
    return mesh


def hand_solid() -> Solid:
    """Forearm, palm and fingers of the left hand, palm down."""
    knuckles = [round_cone((0.500, 1.1250, z * 0.55), (0.556, 1.1255, z), 0.0128, 0.0098) for z in _KNUCKLE_Z]
    palm = union(
        round_cone((0.40, 1.125, -0.006), (0.488, 1.125, -0.002), 0.0225, 0.0175),
        round_cone((0.475, 1.125, -0.002), (0.512, 1.124, -0.001), 0.0168, 0.0150),
        *knuckles,
        round_cone((0.500, 1.119, 0.010), (0.532, 1.113, 0.026), 0.0125, 0.0105),
        blend=0.014,
    )
    fingers = [_finger(name) for name in FINGERS]
    return union(palm, union(*fingers, blend=0.0012), blend=0.0085)


_FINGER_RADIUS = {"Thumb": 0.0090, "Index": 0.0073, "Middle": 0.0076, "Ring": 0.0073, "Little": 0.0064}
_KNUCKLE_Z = (0.0215, 0.0060, -0.0095, -0.0230)


def _finger(name: str) -> Solid:
    """Three segments, each a little slimmer, the joints a little thicker than what lies between."""
    first, step = (np.array(v) for v in FINGERS[name])
    thick = _FINGER_RADIUS[name]
    along = [-0.2 if name == "Thumb" else -0.5, 0.55, 1.0, 1.55, 1.95, 2.45, 2.74]
    radius = [1.05, 0.93, 0.95, 0.84, 0.86, 0.80, 0.62]
    points = [(float(x), float(y), float(z)) for x, y, z in (first + step * a for a in along)]
    pieces = [
        round_cone(points[k], points[k + 1], thick * radius[k], thick * radius[k + 1]) for k in range(len(along) - 1)
    ]
    return union(*pieces, blend=0.004)


def _hand() -> Mesh:
    mesh = solid_mesh("skin", hand_solid(), (0.425, 1.080, -0.050), (0.66, 1.15, 0.080), 0.0036)
    mesh.weights = _hand_weights(mesh.positions)
    mesh.uvs = hand_uvs(mesh.positions)
    return mesh


def hand_uvs(p: Floats) -> Floats:
    """Where the skin picture has the hand, seen from above: its upper right quarter."""
    return np.stack([0.5 + 0.5 * (p[:, 0] - 0.42) / 0.24, 0.5 * (p[:, 2] + 0.05) / 0.13], 1)


def _nails() -> list[Mesh]:
    return [_nail(name) for name in FINGERS]


def _nail(name: str) -> Mesh:
    """A thin plate on the back of a fingertip."""
    first, step = (np.array(v) for v in FINGERS[name])
    along = unit(step)
    back = unit(np.array([0.0, 1.0, 0.0]) if name != "Thumb" else np.array([0.25, 0.72, 0.65]))
    across = unit(np.cross(back, along))
    half_length, half_width = (0.0056, 0.0047) if name == "Thumb" else (0.0047, 0.0036)
    r, a = np.meshgrid(np.array([0.02, 0.6, 0.92, 1.0, 1.06]), np.arange(18) * 2 * np.pi / 18, indexing="ij")
    square = (np.abs(np.cos(a)) ** 2.6 + np.abs(np.sin(a)) ** 2.6) ** (-1 / 2.6)
    """Between an ellipse and a rectangle."""
    flat = (r * square * np.cos(a))[..., None] * along * half_length
    flat = flat + (r * square * np.sin(a))[..., None] * across * half_width
    start = first + step * 2.66 + back * 0.004 + flat.reshape(-1, 3)
    solid = hand_solid()
    points = onto(solid, start, 0.0, 6) + np.repeat([0.0008, 0.0008, 0.0006, 0.0002, -0.0006], 18)[:, None] * back
    mesh = surface("nail", points.reshape(5, 18, 3), "head", closed=True)
    mesh.normals = gradient(solid, mesh.positions, 1e-3)
    mesh.weights = _hand_weights(mesh.positions)
    return mesh


def _hand_weights(p: Floats) -> dict[str, Floats]:
    """Each finger by its distance from the finger's line, its joints by the distance along it.

    What lies between the fingers' roots stays with the palm, else the skin there would tear.
    """
    arm = arm_weights(p)
    weights = {bone: w for bone, w in arm.items() if bone != "leftHand"}
    gaps = []
    for first, step in FINGERS.values():
        a, s = np.array(first), np.array(step)
        h = np.clip((p - a) @ s / (s @ s), 0, 3)
        gaps.append(np.linalg.norm(p - a - h[:, None] * s, axis=1))
    nearest = np.argmin(np.stack(gaps), 0)
    palm = arm["leftHand"].copy()
    for k, (name, (first, step)) in enumerate(FINGERS.items()):
        s = np.array(step)
        along = (p - np.array(first)) @ s / (s @ s)
        segments = ["palm", *_segment_names(name)]
        chain = blend_along(segments, [0.0, 1.0, 2.0], 0.30, along)
        thick = _FINGER_RADIUS[name]
        mine = (nearest == k) * arm["leftHand"] * (1 - smoothstep(1.2 * thick, 1.9 * thick, gaps[k]))
        for bone in segments[1:]:
            weights[bone] = chain[bone] * mine
            palm -= weights[bone]
    return weights | {"leftHand": palm}


def _segment_names(finger: str) -> list[str]:
    parts = ("Metacarpal", "Proximal", "Distal") if finger == "Thumb" else ("Proximal", "Intermediate", "Distal")
    return [f"left{finger}{part}" for part in parts]


LEG_HEIGHTS = np.array([0.03, 0.085, 0.15, 0.23, 0.31, 0.37, 0.415, 0.47, 0.54, 0.62, 0.71, 0.82])
LEG_RADIUS = np.array([0.0235, 0.0240, 0.0285, 0.0365, 0.0410, 0.0395, 0.0382, 0.0412, 0.0480, 0.0560, 0.0630, 0.0665])
LEG_CENTER_X = np.interp(LEG_HEIGHTS, [0.03, 0.415, 0.82], [0.064, 0.066, 0.0665])
LEG_CENTER_Z = np.array([-120, -120, -125, -140, -120, -50, 10, 25, 20, 10, 0, 0]) * 1e-4


def leg_solid() -> Solid:
    """The left leg, hip to ankle."""

    def section(y: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        radius = spline(LEG_HEIGHTS, LEG_RADIUS, y)
        return spline(LEG_HEIGHTS, LEG_CENTER_X, y), spline(LEG_HEIGHTS, LEG_CENTER_Z, y), radius, radius * 1.04

    return column(section, 0.02, 0.83)


def _leg() -> Mesh:
    mesh = solid_mesh("skin", leg_solid(), (-0.02, 0.475, -0.09), (0.16, 0.80, 0.09), 0.016)
    mesh.weights = leg_weights(mesh.positions)
    return mesh
