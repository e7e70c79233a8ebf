"""The painted eyes and brows, and the inside of the mouth."""

import numpy as np

from .arrays import Floats, bell, smoothstep
from .picture import canvas, over, ramp


def iris(size: int = 512) -> Floats:
    """From deep violet above to bright water below: a dark ring, fibres, a second ring round the pupil, and lights."""
    _, u, v = canvas(size, size, "#000000")
    x, y = u * 2 - 1, 1 - v * 2
    r, angle = np.hypot(x, y), np.arctan2(y, x)
    picture = ramp(["#2a1d6e", "#3b3aae", "#2f7fd8", "#3cc3e6", "#9cf6ec"], [0.0, 0.28, 0.52, 0.76, 1.0], v)
    fibres = _fibres(angle, 46, 1) * 0.6 + _fibres(angle, 110, 2) * 0.4
    low = smoothstep(0.35, -0.5, y)
    picture = over(picture, "#e8fffb", 0.40 * smoothstep(0.2, 1.6, fibres) * bell(r - 0.66, 0.17) * low)
    picture = over(picture, "#1b2f8e", 0.38 * smoothstep(0.1, 1.5, -fibres) * bell(r - 0.62, 0.24))
    picture = over(picture, "#8ffcf0", 0.60 * bell(r - 0.76 - 0.02 * fibres, 0.055) * smoothstep(0.0, -0.6, y))
    picture = over(picture, "#2b2a92", 0.55 * bell(r - 0.53 - 0.02 * fibres, 0.040) * smoothstep(-0.9, 0.2, y))
    picture = over(picture, "#17104a", 0.95 * smoothstep(0.83, 0.95, r + 0.010 * fibres))
    pupil = np.hypot(x / 0.33, (y - 0.02) / 0.41)
    picture = over(picture, "#5be4f0", 0.65 * bell(pupil - 1.20, 0.085) * smoothstep(0.35, -0.5, y))
    picture = over(picture, "#150c40", smoothstep(1.07, 0.93, pupil))
    picture = over(picture, "#3a37a8", 0.55 * smoothstep(0.9, 0.3, pupil) * smoothstep(0.0, -0.35, y))
    picture = over(picture, "#110a36", 0.82 * smoothstep(0.22, 0.92, y + 0.12 * x**2))
    return _lights(picture, x, y)


def _fibres(angle: Floats, count: int, seed: int) -> Floats:
    """Uneven rays, mean 0 and deviation 1."""
    values = np.random.default_rng(seed).standard_normal(count)
    knots = np.arange(count) * 2 * np.pi / count
    return np.asarray(np.interp(angle, knots, (values - values.mean()) / values.std(), period=2 * np.pi))


def _lights(picture: Floats, x: Floats, y: Floats) -> Floats:
    """Reflections: a large slanted one above, small ones beside and below, a soft glow at the foot."""
    picture = over(picture, "#d4fff8", 0.80 * bell(x, 0.36) * bell(y + 0.70 - 0.25 * x**2, 0.10))
    picture = over(picture, "#8f86e8", 0.50 * bell(x + 0.30, 0.22) * bell(y - 0.52, 0.13))
    for cx, cy, rx, ry, lean, tone in (
        (0.33, 0.42, 0.235, 0.300, -0.45, "#ffffff"),
        (-0.42, -0.34, 0.105, 0.140, -0.40, "#ffffff"),
        (0.60, 0.02, 0.050, 0.070, -0.40, "#f2fbff"),
        (-0.30, 0.62, 0.085, 0.060, 0.40, "#cfd4ff"),
    ):
        dx, dy = x - cx, y - cy
        dx, dy = dx * np.cos(lean) + dy * np.sin(lean), dy * np.cos(lean) - dx * np.sin(lean)
        picture = over(picture, tone, smoothstep(1.06, 0.94, np.hypot(dx / rx, dy / ry)))
    return picture


def eye_white(size: int = 128) -> Floats:
    """White, in the upper lid's shadow, warmer in the corners; 0.06 m across, the nose on the left."""
    picture, u, v = canvas(size, size, "#fdfcff")
    x, y = (u - 0.5) * 0.06, (0.5 - v) * 0.06
    picture = over(picture, "#d9d3ea", 0.8 * smoothstep(0.008, 0.022, np.abs(x)))
    picture = over(picture, "#e8a8ae", 0.7 * smoothstep(-0.0165, -0.0215, x))
    picture = over(picture, "#e3b4bc", 0.4 * smoothstep(0.0190, 0.0245, x))
    return over(picture, "#8f88c0", 0.85 * smoothstep(0.0035, 0.0115, y + 8.0 * x**2))


def lash(width: int = 128, height: int = 32) -> Floats:
    """u along the lid from the nose, v from the upper edge to the lid: darkest at the lid, violet at the ends."""
    picture, u, v = canvas(width, height, "#231a4c")
    picture = over(picture, "#54408f", 0.75 * smoothstep(0.75, 0.0, v))
    return over(picture, "#5a3a70", 0.6 * smoothstep(0.22, 0.0, u))


def brow(width: int = 128, height: int = 32) -> Floats:
    """u from the nose outwards, v downwards: fine slanted hairs, lighter towards the nose."""
    picture, u, v = canvas(width, height, "#6a5ca8")
    hairs = np.sin((u * 30 + v * 3.0) * 2 * np.pi) + 0.6 * np.sin((u * 47 + v * 3.5) * 2 * np.pi)
    picture = over(picture, "#50428c", 0.5 * smoothstep(0.2, 1.2, hairs))
    return over(picture, "#9a8cd0", 0.6 * smoothstep(0.3, 0.0, u))


def mouth(size: int = 64) -> Floats:
    """The wall of the mouth, upper lip to lower: dark in its depth."""
    picture, u, v = canvas(size, size, "#b8444f")
    depth = np.sin(np.pi * v) * (1 - (2 * u - 1) ** 2)
    return over(picture, "#5c1426", 0.9 * smoothstep(0.15, 0.85, depth))


def tongue(size: int = 64) -> Floats:
    """u across, v from the root to the tip: a furrow down the middle."""
    picture, u, v = canvas(size, size, "#f58b94")
    picture = over(picture, "#c9505f", 0.75 * smoothstep(0.6, 0.0, v))
    picture = over(picture, "#d9606e", 0.7 * bell(u - 0.5, 0.035) * smoothstep(1.0, 0.75, v))
    return over(picture, "#ffc4c6", 0.6 * bell(np.abs(u - 0.5) - 0.2, 0.07) * bell(v - 0.72, 0.14))
