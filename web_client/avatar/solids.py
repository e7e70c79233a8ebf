"""Smooth solids as signed distance functions, and their surface as a mesh (surface nets)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .arrays import Floats, Ints, unit

Mask = NDArray[np.bool_]

Solid = Callable[[Floats], Floats]
"""Points (n, 3) -> signed distance (n,), metres, negative inside."""


def round_cone(start: tuple[float, float, float], end: tuple[float, float, float], r0: float, r1: float) -> Solid:
    """A capsule from `start` to `end` whose radius runs from r0 to r1."""
    a, b = np.array(start, float), np.array(end, float)

    def distance(p: Floats) -> Floats:
        h = np.clip((p - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
        return np.asarray(np.linalg.norm(p - a - h[:, None] * (b - a), axis=1) - (r0 + (r1 - r0) * h))

    return distance


def ellipsoid(center: tuple[float, float, float], radii: tuple[float, float, float]) -> Solid:
    """An axis-aligned ellipsoid (distance approximate away from the surface)."""
    c, r = np.array(center, float), np.array(radii, float)

    def distance(p: Floats) -> Floats:
        k0, k1 = np.linalg.norm((p - c) / r, axis=1), np.linalg.norm((p - c) / r**2, axis=1)
        return np.asarray(k0 * (k0 - 1) / np.maximum(k1, 1e-9))

    return distance


def column(section: Callable[[Floats], tuple[Floats, Floats, Floats, Floats]], low: float, high: float) -> Solid:
    """An upright solid, cut flat at low and high: section(y) is the ellipse's centre x and z, radius x and z."""

    def distance(p: Floats) -> Floats:
        x, z, rx, rz = section(p[:, 1])
        side = (np.hypot((p[:, 0] - x) / rx, (p[:, 2] - z) / rz) - 1) * np.minimum(rx, rz)
        return np.asarray(np.maximum(side, np.maximum(low - p[:, 1], p[:, 1] - high)))

    return distance


def union(*solids: Solid, blend: float = 0.01) -> Solid:
    """The solids melted together over a `blend` wide fillet."""

    def distance(p: Floats) -> Floats:
        d = solids[0](p)
        for solid in solids[1:]:
            other = solid(p)
            h = np.maximum(blend - np.abs(d - other), 0) / blend
            d = np.minimum(d, other) - h * h * blend / 4
        return d

    return distance


def grown(solid: Solid, by: float) -> Solid:
    """The solid thickened by `by` metres on all sides."""
    return lambda p: solid(p) - by


def gradient(solid: Solid, p: Floats, step: float = 1e-4) -> Floats:
    """Outward unit normals (n, 3) of the distance field at p."""
    d = [(solid(p + step * e) - solid(p - step * e)) for e in np.eye(3)]
    return unit(np.stack(d, 1))


def onto(solid: Solid, p: Floats, offset: float = 0.0, steps: int = 8) -> Floats:
    """Points moved along the field's gradient to `offset` metres outside the surface."""
    for _ in range(steps):
        p = p - gradient(solid, p) * (solid(p) - offset)[:, None]
    return p


def surface_nets(solid: Solid, low: Floats, high: Floats, cell: float) -> tuple[Floats, Ints]:
    """Positions (n, 3) and triangles (m, 3) of the solid's surface inside the box; open where the box cuts it."""
    axes = [np.arange(a, b + cell * 0.999, cell) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    shape = grid.shape[:3]
    values = np.concatenate([solid(part) for part in np.array_split(grid.reshape(-1, 3), 16)]).reshape(shape)
    inside = values < 0
    n = tuple(s - 1 for s in shape)
    corners = np.zeros(n, int)
    for i, j, k in np.ndindex(2, 2, 2):
        corners += inside[i : n[0] + i, j : n[1] + j, k : n[2] + k]
    active = (corners > 0) & (corners < 8)
    index = np.full(n, -1)
    index[active] = np.arange(active.sum())
    positions = onto(solid, _crossings_mean(values, axes, active), steps=2)
    return positions, _quads(inside, index)


def _crossings_mean(values: Floats, axes: list[Floats], active: Mask) -> Floats:
    """Mean of the points where each active cell's edges meet the surface: (cells, 3)."""
    cells = np.argwhere(active)
    cell = axes[0][1] - axes[0][0]
    total, count = np.zeros((len(cells), 3)), np.zeros(len(cells))
    for axis in range(3):
        for offset in np.ndindex(2, 2):
            start = np.insert(np.array(offset), axis, 0)
            end = start + np.eye(3, dtype=int)[axis]
            a, b = (values[tuple((cells + corner).T)] for corner in (start, end))
            crossing = (a < 0) != (b < 0)
            t = np.where(crossing, a / np.where(crossing, a - b, 1.0), 0.0)
            local = start + t[:, None] * np.eye(3)[axis]
            total += np.where(crossing[:, None], local, 0)
            count += crossing
    origin = np.array([a[0] for a in axes])
    return np.asarray(origin + (cells + total / count[:, None]) * cell)


def _quads(inside: Mask, index: Ints) -> Ints:
    """Two triangles for every grid edge that meets the surface, from the four cells around it."""
    faces = []
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        a = np.take(inside, range(inside.shape[axis] - 1), axis)
        b = np.take(inside, range(1, inside.shape[axis]), axis)
        edges = np.argwhere(a != b)
        keep = np.all([(edges[:, k] > 0) & (edges[:, k] < index.shape[k]) for k in (u, v)], axis=0)
        edges = edges[keep]
        eu, ev = np.eye(3, dtype=int)[u], np.eye(3, dtype=int)[v]
        quad = np.stack([index[tuple((edges - du * eu - dv * ev).T)] for du, dv in ((1, 1), (0, 1), (0, 0), (1, 0))], 1)
        outward = a[tuple(edges.T)]
        quad = np.where(outward[:, None], quad, quad[:, ::-1])
        faces += [quad[:, [0, 1, 2]], quad[:, [0, 2, 3]]]
    return np.concatenate(faces)
