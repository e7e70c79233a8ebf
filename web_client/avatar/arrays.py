"""Small numeric tools shared by the modelling modules."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def smoothstep(low: float, high: float, x: ArrayLike) -> Floats:
    """0 below `low`, 1 above `high`, a smooth S between; `low` may exceed `high` for a falling edge."""
    t = np.clip((np.asarray(x, float) - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def unit(vectors: ArrayLike) -> Floats:
    """Vectors along the last axis scaled to length 1; zero vectors stay zero."""
    v = np.asarray(vectors, float)
    return np.asarray(v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-12))


def bell(x: ArrayLike, width: float) -> Floats:
    """Gaussian bump of height 1 and standard deviation `width`."""
    return np.asarray(np.exp(-0.5 * (np.asarray(x, float) / width) ** 2))


def spline(knots: ArrayLike, values: ArrayLike, x: ArrayLike) -> Floats:
    """Cubic Hermite through (knots (k,), values (k,) or (k, d)) with finite-difference slopes, at x (n,)."""
    t, v, q = np.asarray(knots, float), np.asarray(values, float), np.asarray(x, float)
    slope = np.gradient(v, t, axis=0)
    q = np.clip(q, t[0], t[-1])
    i = np.clip(np.searchsorted(t, q, side="right") - 1, 0, len(t) - 2)
    step = t[i + 1] - t[i]
    s = (q - t[i]) / step
    if v.ndim > 1:
        s, step = s[:, None], step[:, None]
    a, b = 2 * s**3 - 3 * s**2 + 1, s**3 - 2 * s**2 + s
    c, d = -2 * s**3 + 3 * s**2, s**3 - s**2
    return np.asarray(a * v[i] + b * step * slope[i] + c * v[i + 1] + d * step * slope[i + 1])


def resample(points: ArrayLike, count: int) -> Floats:
    """A smooth curve through control points (k, d), as `count` samples (count, d)."""
    p = np.asarray(points, float)
    return spline(np.arange(len(p)), p, np.linspace(0, len(p) - 1, count))
