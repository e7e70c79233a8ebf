"""Delaunay triangulation of points in the plane (Bowyer-Watson), for the face's free-form topology."""

import numpy as np

from .arrays import Floats, Ints


def delaunay(points: Floats) -> Ints:
    """Counter-clockwise triangles (m, 3) over points (n, 2); a minute fixed jitter keeps grids from degenerating."""
    span = float(np.ptp(points, axis=0).max())
    jitter = np.random.default_rng(0).uniform(-1, 1, points.shape) * span * 1e-6
    center = points.mean(0)
    far = center + span * 40 * np.array([[0.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
    p = np.concatenate([points + jitter, far])
    n = len(points)
    triangles = np.array([[n, n + 1, n + 2]])
    circles = _circumcircles(p, triangles)
    for i in range(n):
        hit = ((circles[:, :2] - p[i]) ** 2).sum(1) < circles[:, 2]
        rim = _rim(triangles[hit])
        fresh = np.column_stack([rim, np.full(len(rim), i)])
        triangles = np.concatenate([triangles[~hit], fresh])
        circles = np.concatenate([circles[~hit], _circumcircles(p, fresh)])
    return triangles[(triangles < n).all(1)]


def _rim(removed: Ints) -> Ints:
    """Directed edges (k, 2) of the removed triangles that no two of them share."""
    edges = {(int(a), int(b)) for t in removed for a, b in ((t[0], t[1]), (t[1], t[2]), (t[2], t[0]))}
    return np.array(sorted(e for e in edges if (e[1], e[0]) not in edges))


def _circumcircles(p: Floats, triangles: Ints) -> Floats:
    """Centre x, centre y, squared radius of each triangle: (m, 3)."""
    a, b, c = (p[triangles[:, k]] for k in range(3))
    ab, ac = b - a, c - a
    d = 2 * (ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0])
    ab2, ac2 = (ab**2).sum(1), (ac**2).sum(1)
    ux = (ac[:, 1] * ab2 - ab[:, 1] * ac2) / d
    uy = (ab[:, 0] * ac2 - ac[:, 0] * ab2) / d
    return np.column_stack([a[:, 0] + ux, a[:, 1] + uy, ux**2 + uy**2])
