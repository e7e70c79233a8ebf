"""The mesh that all parts are made of, and the primitives that make meshes."""

from dataclasses import dataclass, field, replace

import numpy as np

from .arrays import Floats, Ints, unit


@dataclass
class Mesh:
    """Triangles of one material, skinned, with optional morph targets."""

    material: str
    positions: Floats
    """(n, 3) metres."""
    triangles: Ints
    """(m, 3) vertex indices, counter-clockwise from outside."""
    normals: Floats
    """(n, 3) unit."""
    uvs: Floats
    """(n, 2), origin at the picture's top left."""
    weights: dict[str, Floats]
    """Bone name -> (n,) weights; need not sum to 1, the writer normalises."""
    morphs: dict[str, Floats] = field(default_factory=dict)
    """Blendshape name -> (n, 3) displacement at weight 1."""


def vertex_normals(positions: Floats, triangles: Ints) -> Floats:
    """Area-weighted normals (n, 3)."""
    a, b, c = (positions[triangles[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    normals = np.zeros_like(positions)
    for k in range(3):
        np.add.at(normals, triangles[:, k], face)
    return unit(normals)


def grid_triangles(rows: int, columns: int, closed: bool = False) -> Ints:
    """Triangles of a (rows, columns) vertex grid; `closed` joins the last column to the first."""
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(columns if closed else columns - 1), indexing="ij")
    a = (row * columns + column).ravel()
    b = (row * columns + (column + 1) % columns).ravel()
    c, d = a + columns, b + columns
    return np.concatenate([np.stack([a, b, d], 1), np.stack([a, d, c], 1)])


def grid_uvs(rows: int, columns: int) -> Floats:
    """u across the columns, v down the rows: (rows * columns, 2)."""
    v, u = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    return np.stack([u.ravel(), v.ravel()], 1)


def surface(material: str, points: Floats, weights: dict[str, Floats] | str, closed: bool = False) -> Mesh:
    """A mesh over a (rows, columns, 3) grid of points; columns run counter-clockwise seen from outside, rows down."""
    rows, columns = points.shape[:2]
    positions = points.reshape(-1, 3)
    triangles = grid_triangles(rows, columns, closed)[:, ::-1]
    if isinstance(weights, str):
        weights = {weights: np.ones(len(positions))}
    return Mesh(material, positions, triangles, vertex_normals(positions, triangles), grid_uvs(rows, columns), weights)


def sweep(
    material: str,
    path: Floats,
    width: Floats,
    thickness: Floats,
    up: Floats,
    weights: dict[str, Floats] | str,
    columns: int = 8,
    flat_below: float = 1.0,
) -> Mesh:
    """A tube along path (k, 3), its section an ellipse: half `width` (k,) sideways, half `thickness` (k,) along `up`.

    `flat_below` scales the thickness on the side away from `up`.

    Each path point makes columns + 1 vertices: the seam is doubled for the picture's sake. Weights are given per path
    point, (k,), or as the name of one bone.
    """
    tangent = unit(np.gradient(path, axis=0))
    side = unit(np.cross(up, tangent))
    lift = np.cross(tangent, side)
    angle = np.linspace(0, 2 * np.pi, columns + 1)
    height = np.sin(angle) * np.where(np.sin(angle) > 0, 1.0, flat_below)
    ring = side[:, None] * (np.cos(angle)[None, :, None] * width[:, None, None]) + lift[:, None] * (
        height[None, :, None] * thickness[:, None, None]
    )
    if isinstance(weights, dict):
        weights = {bone: np.repeat(w, columns + 1) for bone, w in weights.items()}
    mesh = surface(material, path[:, None] + ring, weights)
    mesh.triangles = mesh.triangles[:, ::-1]
    normals = vertex_normals(mesh.positions, mesh.triangles).reshape(len(path), columns + 1, 3)
    normals[:, 0] = normals[:, -1] = unit(normals[:, 0] + normals[:, -1])
    mesh.normals = normals.reshape(-1, 3)
    return mesh


def swap_sides(name: str) -> str:
    """The mirrored bone or blendshape name: Left <-> Right."""
    for a, b in (("Left", "Right"), ("left", "right")):
        if a in name:
            return name.replace(a, b)
        if b in name:
            return name.replace(b, a)
    return name


def mirrored(mesh: Mesh) -> Mesh:
    """The same mesh on the other side of x = 0."""
    flip = np.array([-1.0, 1.0, 1.0])
    return replace(
        mesh,
        positions=mesh.positions * flip,
        triangles=mesh.triangles[:, ::-1],
        normals=mesh.normals * flip,
        weights={swap_sides(bone): w for bone, w in mesh.weights.items()},
        morphs={swap_sides(name): d * flip for name, d in mesh.morphs.items()},
    )


def trimmed(mesh: Mesh) -> Mesh:
    """Without the vertices that no triangle uses."""
    used, triangles = np.unique(mesh.triangles, return_inverse=True)
    return replace(
        mesh,
        positions=mesh.positions[used],
        triangles=triangles.reshape(-1, 3),
        normals=mesh.normals[used],
        uvs=mesh.uvs[used],
        weights={bone: w[used] for bone, w in mesh.weights.items()},
        morphs={name: d[used] for name, d in mesh.morphs.items()},
    )


def joined(meshes: list[Mesh]) -> Mesh:
    """Meshes of one material as one mesh."""
    counts = [len(m.positions) for m in meshes]
    starts = np.cumsum([0, *counts[:-1]])

    def stacked(per_mesh: list[dict[str, Floats]], width: tuple[int, ...]) -> dict[str, Floats]:
        names = dict.fromkeys(name for d in per_mesh for name in d)
        return {
            name: np.concatenate([d.get(name, np.zeros((n, *width))) for d, n in zip(per_mesh, counts, strict=True)])
            for name in names
        }

    return Mesh(
        meshes[0].material,
        np.concatenate([m.positions for m in meshes]),
        np.concatenate([m.triangles + s for m, s in zip(meshes, starts, strict=True)]),
        np.concatenate([m.normals for m in meshes]),
        np.concatenate([m.uvs for m in meshes]),
        stacked([m.weights for m in meshes], ()),
        stacked([m.morphs for m in meshes], (3,)),
    )
