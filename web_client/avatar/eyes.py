"""Eyes: white, iris, lid edge, lashes, crease and brow, made for her left and mirrored."""

import numpy as np

from . import eye_shape, head_shape
from .arrays import Floats, Ints, bell, resample, smoothstep, unit
from .face_points import FacePoints
from .face_skin import face_uvs
from .head_shape import BROW_Y, EYE_PIVOT, EYE_X, EYE_Y
from .mesh import Mesh, grid_triangles, grid_uvs, mirrored, vertex_normals
from .motion import displacements

IRIS_RADIUS = (0.0164, 0.0184)
IRIS_CENTER = (-0.0006, 0.0)
GRIP_OF_EYE_BONE = 0.34
"""Share of the eye bone's turn the iris follows: the pivot lies far behind, so 30 degrees slide it about 1 cm."""
RECESS = 0.0012
"""Depth of the iris behind the face's surface."""


def eyes() -> list[Mesh]:
    """All parts of both eyes."""
    left = [_white(), _iris(), _lid_edge(), *_upper_lashes(), _lower_lash(), _crease(), _brow()]
    return left + [mirrored_eye(mesh) for mesh in left]


def mirrored_eye(mesh: Mesh) -> Mesh:
    """Mirrored, but with the iris picture the right way round, so that the light falls from one side."""
    twin = mirrored(mesh)
    if mesh.material == "iris":
        twin.uvs = np.stack([1 - mesh.uvs[:, 0], mesh.uvs[:, 1]], 1)
    return twin


def on_face(local: Floats, offset: float = 0.0) -> tuple[Floats, FacePoints]:
    """Points (n, 3) over the left eye's region from local (e, v), and what they are fastened to."""
    x, y = EYE_X + local[:, 0], EYE_Y + local[:, 1]
    z = head_shape.front_z(x, y)
    at = FacePoints(x, y, z, np.ones(len(x)))
    normal = head_shape.normal_at(head_shape.theta_at(x, y), head_shape.phi_at(y))
    return np.stack([x, y, z], 1) + normal * offset, at


def _ball(local: Floats, recess: float) -> Floats:
    """Points (n, 3) on the sphere round the eye's pivot, `recess` metres behind the face at the eye's middle."""
    pivot = np.array(EYE_PIVOT)
    center = np.array([EYE_X, EYE_Y, float(head_shape.front_z(np.array(EYE_X), np.array(EYE_Y)))])
    forward = unit(center - pivot)
    radius = float(np.linalg.norm(center - pivot)) - recess
    across = unit(np.cross([0.0, 1.0, 0.0], forward))
    upward = np.cross(forward, across)
    flat = local[:, :1] / forward[2] * across + local[:, 1:] * upward
    rise = np.sqrt(np.maximum(radius**2 - (flat**2).sum(1), 1e-6))
    return np.asarray(pivot + flat + rise[:, None] * forward)


def _disc(rings: int, spokes: int) -> tuple[Floats, Ints]:
    """Unit disc points (n, 2) and triangles."""
    radius, angle = np.meshgrid(np.linspace(0.001, 1, rings), np.arange(spokes) * 2 * np.pi / spokes, indexing="ij")
    points = np.stack([(radius * np.cos(angle)).ravel(), (radius * np.sin(angle)).ravel()], 1)
    return points, grid_triangles(rings, spokes, closed=True)


def _plate(material: str, positions: Floats, triangles: Ints, uvs: Floats, at: FacePoints | None) -> Mesh:
    """A small mesh of the face, lit as the face is: normals straight out."""
    normals = unit(np.tile([0.25, 0.1, 1.0], (len(positions), 1)))
    morphs = displacements(at) if at is not None else {}
    return Mesh(material, positions, triangles, normals, uvs, {"head": np.ones(len(positions))}, morphs)


def _white() -> Mesh:
    rim = eye_shape.scaled(eye_shape.outline(20), 1.42)
    rings = np.linspace(0, 1, 5)[:, None, None]
    local = (rings * rim).reshape(-1, 2)
    uvs = 0.5 + local * np.array([1, -1]) / 0.06
    rest, _ = on_face(local, -0.0068)
    edge = smoothstep(0.55, 1.05, np.repeat(np.linspace(0, 1.42, 5), 40))[:, None]
    positions = _ball(local, RECESS + 0.0048) * (1 - edge) + rest * edge
    return _plate("eyewhite", positions, grid_triangles(5, 40, closed=True)[:, ::-1], uvs, None)


def _iris() -> Mesh:
    disc, triangles = _disc(5, 32)
    local = disc * IRIS_RADIUS + IRIS_CENTER
    mesh = _plate("iris", _ball(local, RECESS), triangles, 0.5 + disc * np.array([0.5, -0.5]), None)
    mesh.weights = {"head": np.full(len(disc), 1 - GRIP_OF_EYE_BONE), "leftEye": np.full(len(disc), GRIP_OF_EYE_BONE)}
    return mesh


def _lid_edge() -> Mesh:
    """The lids' thickness: a band from their edge back into the head."""
    rim = eye_shape.outline(22)
    edge, at = on_face(rim)
    back = edge + np.array([0.0, 0.0, -0.0080]) * smoothstep(-0.02, 0.02, edge[:, 2])[:, None]
    positions = np.concatenate([edge, back])
    at = FacePoints(*(np.tile(a, 2) for a in (at.x, at.y, at.z, at.lip)))
    mesh = _plate("lid", positions, grid_triangles(2, len(rim), closed=True), face_uvs(positions), at)
    mesh.normals = vertex_normals(mesh.positions, mesh.triangles)
    return mesh


def ribbon(
    material: str, lower: Floats, upper: Floats, anchor: Floats, offset: float, tilt: Floats | None = None
) -> Mesh:
    """A strip between two local curves (n, 2), moving with the lid's edge at `anchor` (n, 2).

    `tilt` (n,) is how far its upper edge drops when the eye shuts, metres.
    """
    n = len(anchor)
    positions, _ = on_face(np.concatenate([upper, lower]), offset)
    _, at = on_face(np.concatenate([anchor, anchor]))
    mesh = _plate(material, positions, grid_triangles(2, n)[:, ::-1], grid_uvs(2, n), at)
    if tilt is not None:
        mesh.morphs["eyeBlinkLeft"] = mesh.morphs["eyeBlinkLeft"].copy()
        mesh.morphs["eyeBlinkLeft"][:n, 1] -= tilt
    return mesh


def _upper_lashes() -> list[Mesh]:
    """The dark band along the upper lid, thickest outside the middle, and the lashes at its outer end."""
    edge = eye_shape.upper_lid(33)
    t = np.linspace(0, 1, 33)
    outward = unit(np.stack([0.35 * (edge[:, 0] + 0.002) / 0.02, np.ones(33)], 1))
    thickness = 0.0007 + 0.0031 * smoothstep(0, 0.50, t) + 0.0012 * bell(t - 0.74, 0.16)
    thickness = thickness - 0.0016 * smoothstep(0.88, 1, t)
    inner = edge - outward * 0.0005
    band = ribbon("lash", inner, edge + outward * thickness[:, None], edge, 0.0009, 0.05 * thickness)
    return [band, *(_spike(edge, *lash) for lash in _LASHES)]


_LASHES = (  # share along the lid, length in metres, angle in degrees over the horizontal, half width in metres
    (0.995, 0.0098, 14, 0.0016),
    (0.940, 0.0086, 30, 0.0015),
    (0.875, 0.0070, 47, 0.0013),
    (0.790, 0.0052, 62, 0.0011),
    (0.690, 0.0040, 74, 0.0008),
)


def _spike(edge: Floats, at: float, length: float, angle_deg: float, half_width: float) -> Mesh:
    """A pointed lash that curls up from the share `at` of the lid's edge."""
    place = np.linspace(0, 1, len(edge))
    root = np.array([np.interp(at, place, edge[:, k]) for k in range(2)]) + (-0.0008, 0.0012)
    a = np.radians(angle_deg)
    along, across = np.array([np.cos(a), np.sin(a)]), np.array([-np.sin(a), np.cos(a)])
    s = np.linspace(0, 1, 9)[:, None]
    middle = root + along * (length * s - 0.0010) + across * 0.0026 * (s**2 - 0.35 * s)
    half = half_width * (1 - s) ** 1.1
    drop = (middle[:, 1] - root[1]) * 1.75
    mesh = ribbon("lash", middle - across * half, middle + across * half, np.repeat(root[None], 9, 0), 0.0010)
    mesh.uvs = np.full_like(mesh.uvs, 0.6)
    mesh.morphs["eyeBlinkLeft"] = mesh.morphs["eyeBlinkLeft"] - np.tile(drop, 2)[:, None] * np.array([0, 1, 0])
    return mesh


def _lower_lash(count: int = 21) -> Mesh:
    """A thin line under the outer half of the eye."""
    edge = eye_shape.lower_lid(31)[:count]
    t = np.linspace(0, 1, count)
    thickness = 0.00115 * smoothstep(-0.3, 0.25, t) * (1 - smoothstep(0.45, 1.0, t)) + 0.00012
    down = unit(edge - np.array([0.001, 0.004]))
    return ribbon(
        "lash", (edge + down * thickness[:, None])[::-1], edge[::-1] - down[::-1] * 0.0002, edge[::-1], 0.0006
    )


def _crease() -> Mesh:
    """The fold over the upper lid, smoothed out when the eye shuts."""
    edge = eye_shape.upper_lid(25)[4:23]
    t = np.linspace(0, 1, len(edge))
    line = edge + np.stack([0.0010 * (t - 0.4), 0.0050 + 0.0008 * bell(t - 0.5, 0.3)], 1)
    half = 0.00042 * np.sin(np.pi * np.clip(t, 0.02, 0.98)) ** 0.7
    lift = np.stack([np.zeros_like(t), half], 1)
    mesh = ribbon("line", line - lift, line + lift, line, 0.0007)
    fold = np.concatenate([-half, half])
    mesh.morphs["eyeBlinkLeft"] = mesh.morphs["eyeBlinkLeft"] + fold[:, None] * np.array([0, 1, 0])
    return mesh


def _brow() -> Mesh:
    """The brow: a soft wedge from the nose outwards."""
    spine = resample([(-0.0200, -0.0014), (-0.009, 0.0014), (0.006, 0.0032), (0.019, 0.0022), (0.0295, -0.0026)], 19)
    t = np.linspace(0, 1, 19)
    half = 0.0020 * smoothstep(-0.02, 0.14, t) * (1 - 0.85 * smoothstep(0.35, 1.0, t))
    local = spine + np.array([0.0, BROW_Y - EYE_Y])
    lift = np.stack([0.15 * half, half], 1)
    return ribbon("brow", local - lift, local + lift, local, 0.0016)
