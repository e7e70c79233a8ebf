"""The painted hair."""

import numpy as np

from .arrays import Floats, bell, smoothstep
from .picture import canvas, over, ramp

TONES = ["#8b7bd0", "#a596e6", "#b3a6f0", "#a6aef2", "#86cdf0", "#a8f0ee"]
STOPS = [0, 0.12, 0.45, 0.66, 0.88, 1.0]
"""Tones from root to tip, and where they are."""


def hair(variants: int = 4, width: int = 256, height: int = 1024) -> Floats:
    """Locks side by side, each as _lock paints it."""
    return np.concatenate([_lock(seed, width, height) for seed in range(variants)], 1)


def _lock(seed: int, width: int, height: int) -> Floats:
    """u round the lock (0.25 its ridge, 0 and 0.5 its edges), v from root (0) over the gloss (0.25) to the tip (1)."""
    _, u, v = canvas(width, height, "#000000")
    bent = u + 0.012 * np.sin(2 * np.pi * (1.3 * v + 0.37 * seed))
    broad, fine = _strands(bent, 10, seed), _strands(bent, 44, seed + 10)
    ridge = np.sin(2 * np.pi * u)
    picture = ramp(TONES, STOPS, np.clip(v + 0.020 * broad, 0, 1))
    long = 1 - 0.75 * smoothstep(0.70, 1.0, v)
    picture = over(picture, "#7464c0", 0.50 * smoothstep(0.50, -0.10, ridge) * long)
    picture = over(picture, "#5a4ba6", 0.55 * smoothstep(-0.1, -0.6, ridge) * long)
    picture = over(picture, "#6858b8", 0.42 * smoothstep(0.2, 1.4, -broad - 0.4 * fine) * long)
    picture = over(picture, "#5d4db0", 0.38 * smoothstep(0.5, 1.5, -fine) * long)
    picture = over(picture, "#dcd4ff", 0.30 * smoothstep(0.5, 1.6, fine) * (0.4 + 0.6 * smoothstep(0.0, 0.8, ridge)))
    picture = over(picture, "#57489f", 0.18 * smoothstep(0.10, 0.0, v))
    return _gloss(picture, v, broad, fine, smoothstep(-0.05, 0.55, ridge))


def _gloss(picture: Floats, v: Floats, broad: Floats, fine: Floats, front: Floats) -> Floats:
    """The ring of light: a crisp upper edge, long streaks below, a thinner echo under it."""
    top = 0.215 + 0.012 * broad
    foot = 0.262 + 0.020 * broad + 0.024 * np.abs(fine)
    band = smoothstep(-0.012, 0.012, v - top) * smoothstep(0.020, -0.020, v - foot)
    echo = bell(v - foot - 0.045, 0.010) * smoothstep(0.1, 0.9, fine)
    picture = over(picture, "#e2daff", 0.55 * bell(v - 0.245, 0.055) * front)
    return over(picture, "#fdfaff", (0.86 * band + 0.45 * echo) * front * (0.75 + 0.25 * smoothstep(-1.2, 0.3, fine)))


def _strands(u: Floats, count: int, seed: int) -> Floats:
    """Smooth noise over u with period 1, about `count` waves, mean 0 and deviation 1."""
    values = np.random.default_rng(seed).standard_normal(count * 2)
    values = (values - values.mean()) / values.std()
    knots = np.arange(count * 2) / (count * 2)
    return np.asarray(np.interp(u, knots, values, period=1.0))
