"""The lines of the lips, and the inside of the mouth: its wall, teeth and tongue."""

import numpy as np

from . import head_shape
from .arrays import Floats, bell, smoothstep, unit
from .face_points import FacePoints
from .head_shape import MOUTH_HALF_WIDTH, MOUTH_Y, mouth_line
from .mesh import Mesh, grid_triangles, grid_uvs
from .motion import ARKIT, displacement

COLUMNS = 25


def mouth() -> list[Mesh]:
    """All parts of the mouth but the skin."""
    return [_lip_line(1.0), _lip_line(-1.0), _cavity(), _teeth(), _tongue()]


def _fastened(x: Floats, lip: float) -> FacePoints:
    """Points on one lip's edge."""
    y = mouth_line(x)
    return FacePoints(x, y, head_shape.front_z(x, y), np.full_like(x, lip))


def _part(material: str, grid: Floats, morphs: dict[str, Floats]) -> Mesh:
    """A mesh over a (rows, columns, 3) grid, columns towards +x and rows down."""
    rows, columns = grid.shape[:2]
    positions = grid.reshape(-1, 3)
    normals = unit(positions - np.array([0.0, MOUTH_Y, -0.05]))
    moving = {shape: d for shape, d in morphs.items() if np.abs(d).max() > 1e-6}
    triangles = grid_triangles(rows, columns)[:, ::-1]
    return Mesh(
        material, positions, triangles, normals, grid_uvs(rows, columns), {"head": np.ones(len(positions))}, moving
    )


def _lip_line(lip: float) -> Mesh:
    """The drawn edge of a lip. Pressing and rolling the lips thickens it: that is how a drawing shows them."""
    x = MOUTH_HALF_WIDTH * np.linspace(-1.06, 1.06, COLUMNS)
    t = np.clip(np.abs(x) / MOUTH_HALF_WIDTH, 0, 1)
    half = (
        (0.00078 if lip > 0 else 0.00042)
        * (0.55 + 0.45 * bell(t, 0.35) + 0.25 * bell(t - 0.95, 0.09))
        * (1 - smoothstep(1.0, 1.06, np.abs(x) / MOUTH_HALF_WIDTH))
    )
    curl = 0.0006 * smoothstep(0.70, 1.06, np.abs(x) / MOUTH_HALF_WIDTH)
    y = mouth_line(x) + curl
    edges = np.stack([y + half, y - half])
    z = head_shape.front_z(np.stack([x, x]), edges) + 0.0006
    grid = np.stack([np.stack([x, x]), edges, z], -1)
    at = _fastened(np.clip(x, -MOUTH_HALF_WIDTH, MOUTH_HALF_WIDTH), lip)
    morphs = {shape: np.tile(displacement(shape, at), (2, 1)) for shape in ARKIT}
    thicken = np.concatenate([np.ones(COLUMNS), -np.ones(COLUMNS)]) * np.tile(1 - t**2, 2)
    for shape, by, share in _thickened(lip, x):
        morphs[shape][:, 1] += by * thicken * np.tile(share, 2)
    if lip < 0:  # lips shut: the upper line alone is drawn
        morphs["mouthClose"][:, 1] -= np.concatenate([half, -half])
    return _part("line", grid, morphs)


def _thickened(lip: float, x: Floats) -> list[tuple[str, float, Floats]]:
    """Blendshape, metres, and share along the line by which the drawn lip grows thicker."""
    left, every = smoothstep(-0.006, 0.006, x), np.ones_like(x)
    sides = [("mouthPressLeft", 0.00055, left), ("mouthPressRight", 0.00055, left[::-1])]
    return [*sides, ("mouthRollUpper" if lip > 0 else "mouthRollLower", 0.0007, every)]


def _cavity(rows: int = 9) -> Mesh:
    """The wall inside, hung between the two lips: it folds up as they close."""
    x = MOUTH_HALF_WIDTH * np.linspace(-1, 1, COLUMNS)
    v = np.linspace(0, 1, rows)
    lips = _fastened(x, 1.0)
    depth = 0.030 * np.sin(np.pi * v)[:, None] ** 0.7 * np.sqrt(np.clip(1 - (x / MOUTH_HALF_WIDTH) ** 2, 0, 1)) + 0.0004
    grid = np.stack(np.broadcast_arrays(x[None], lips.y[None], lips.z[None] - depth), -1)
    morphs = {}
    for shape in ARKIT:
        upper, lower = displacement(shape, lips), displacement(shape, _fastened(x, -1.0))
        share = smoothstep(0, 1, v)[:, None, None]
        morphs[shape] = ((1 - share) * upper + share * lower).reshape(-1, 3)
    return _part("mouth", grid, morphs)


def _teeth() -> Mesh:
    """A smooth white row, fixed to the skull behind the upper lip; lips that move sideways take it a little along."""
    x = np.linspace(-0.0170, 0.0170, 13)
    y = np.array([MOUTH_Y + 0.0035, MOUTH_Y - 0.0008, MOUTH_Y - 0.0030])
    arch = head_shape.front_z(x, np.full_like(x, MOUTH_Y)) - 0.0060 - 0.0070 * (x / 0.0170) ** 2
    bow = 0.0026 * (x / 0.0170) ** 2
    grid = np.stack(np.broadcast_arrays(x[None], y[:, None] + bow, arch[None]), -1)
    upper = displacement("mouthLeft", _fastened(np.zeros(1), 1.0))[0] * np.array([0.6, 0, 0])
    morphs = {"mouthLeft": np.tile(upper, (39, 1)), "mouthRight": np.tile(-upper, (39, 1))}
    lift = np.tile([0, 0.0030, -0.002], (39, 1))
    morphs |= {"mouthPucker": lift, "mouthFunnel": lift * 0.8}
    return _part("teeth", grid, morphs)


def _tongue(rows: int = 9, columns: int = 13) -> Mesh:
    """A soft pad on the jaw, behind the lower lip; tongueOut brings its tip forward and down."""
    u = np.linspace(-1, 1, columns)
    v = np.linspace(0, 1, rows)
    width = 0.0098 * np.sqrt(np.clip(1 - ((v - 0.35) / 0.68) ** 2, 0.02, 1))
    x = width[:, None] * u
    front = float(head_shape.front_z(np.array(0.0), np.array(MOUTH_Y)))
    z = front - 0.026 + 0.0175 * np.sin(v * np.pi / 2)[:, None] - 0.002 * u**2
    y = MOUTH_Y - 0.0035 - 0.0050 * v[:, None] ** 2 - 0.0022 * u**2 + 0.0008 * (1 - bell(u, 0.15))
    grid = np.stack(np.broadcast_arrays(x, y, z), -1)
    jaw = {}
    for shape in ARKIT:
        middle = displacement(shape, _fastened(np.zeros(1), -1.0))[0]
        jaw[shape] = np.tile(middle * np.array([0.7, 0.55, 0.8]), (rows * columns, 1))
    jaw["tongueOut"] = _out(np.repeat(v, columns), np.tile(u, rows))
    return _part("tongue", grid, jaw)


def _out(v: Floats, u: Floats) -> Floats:
    """Displacement of the tongue's points at tongueOut: over the lower lip, the tip hanging."""
    reach = smoothstep(0.15, 0.75, v)
    hang = smoothstep(0.45, 1.0, v)
    return np.stack([0.0006 * u * hang, -0.0010 * reach - 0.0125 * hang**1.2, 0.0185 * reach - 0.0035 * hang], 1)
