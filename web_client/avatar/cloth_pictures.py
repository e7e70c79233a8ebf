"""The painted clothes: seams, folds, stripes and stitches."""

import numpy as np

from .arrays import Floats, bell, smoothstep
from .picture import canvas, over

BLOUSE_TOP, BLOUSE_HEIGHT = 1.19, 0.36
"""The blouse's picture begins at this height and covers so much, metres; it is 1 m wide."""
FOLD, DEEP = "#c6c4e6", "#a9a6d4"
SOCK_TOP, SOCK_HEIGHT = 0.510, 0.470
SHOE_BACK, SHOE_LENGTH, SHOE_WIDTH = -0.075, 0.205, 0.110


def stitches(along: Floats, across: Floats, length: float = 0.0034, width: float = 0.00045) -> Floats:
    """A dashed line where `across` is 0; both in metres."""
    return np.asarray(bell(across, width) * smoothstep(0.35, 0.5, np.abs((along / length) % 1.0 - 0.5) * 2))


def blouse(width: int = 1536, height: int = 1024) -> Floats:
    """Its front above, its back below."""
    _, u, v = canvas(width, height // 2, "#ffffff")
    x, y = u - 0.5, BLOUSE_TOP - v * BLOUSE_HEIGHT
    return np.concatenate([_front(x, y), _back(x, y)])


def _front(x: Floats, y: Floats) -> Floats:
    picture = _cloth(x, y)
    picture = _bust(picture, x, y)
    picture = _placket(picture, x, y)
    return _pocket(picture, x, y)


def _back(x: Floats, y: Floats) -> Floats:
    """A yoke seam and a pleat down the middle."""
    picture = _cloth(x, y)
    pleat = smoothstep(1.075, 1.06, y)
    picture = over(picture, FOLD, 0.7 * pleat * (bell(x, 0.0025) + 0.6 * bell(np.abs(x) - 0.016, 0.0018)))
    yoke = (np.abs(x) < 0.10) * 1.0
    return over(picture, DEEP, 0.6 * yoke * (bell(y - 1.078, 0.0009) + stitches(x, y - 1.074)))


def _cloth(x: Floats, y: Floats) -> Floats:
    """What front and back have in common: sleeves, waist, seams."""
    ax = np.abs(x)
    picture = np.ones((*x.shape, 3))
    body = smoothstep(0.150, 0.125, ax) * smoothstep(1.16, 1.10, y)
    waves = np.sin(ax * 210 + 1.4 * np.sin(ax * 60) + 8 * (y - 0.9))
    picture = over(picture, FOLD, 0.75 * body * smoothstep(0.975, 0.885, y) * smoothstep(0.0, 0.9, waves))
    picture = over(picture, DEEP, 0.50 * body * smoothstep(0.925, 0.880, y) * smoothstep(0.6, 1.0, waves))
    picture = over(picture, FOLD, 0.55 * smoothstep(0.965, 0.895, y) * smoothstep(0.045, 0.115, ax) * body)
    picture = _sleeves(picture, ax, y)
    armhole = ax - 0.108 - 0.004 * np.sin((y - 1.08) * 40)
    on_shoulder = smoothstep(1.05, 1.07, y)
    picture = over(picture, DEEP, 0.75 * on_shoulder * bell(armhole, 0.0011))
    return over(picture, DEEP, 0.55 * on_shoulder * stitches(y, armhole - 0.0042))


def _sleeves(picture: Floats, ax: Floats, y: Floats) -> Floats:
    """Folds at the armpit, the elbow and above the cuff."""
    h = y - 1.124
    for reach, slope, strength in ((0.020, 0.9, 0.8), (0.034, 0.45, 0.6), (0.052, 0.2, 0.45)):
        line = h + 0.040 - slope * (ax - 0.125) * 0.6
        fan = bell(line, 0.0030) * smoothstep(0.118, 0.128, ax) * smoothstep(0.128 + 2.4 * reach, 0.13, ax)
        picture = over(picture, FOLD, strength * fan)
    for at, lean, strength in ((0.262, 0.5, 0.5), (0.284, 0.15, 0.8), (0.303, -0.25, 0.75), (0.322, -0.6, 0.45)):
        bend = bell((ax - at - lean * (h + 0.02)) / (0.0030 + 0.05 * np.maximum(-h, 0)), 1.0) * smoothstep(
            0.022, -0.025, h
        )
        picture = over(picture, FOLD, strength * bend)
    gather = smoothstep(0.372, 0.445, ax)
    waves = np.sin(h * 420 + 2.0 * np.sin(h * 130) + 9 * np.sin(ax * 30))
    picture = over(picture, FOLD, 0.75 * gather * smoothstep(0.1, 0.9, waves))
    picture = over(picture, DEEP, 0.5 * smoothstep(0.415, 0.445, ax) * smoothstep(0.4, 1.0, waves))
    return over(picture, FOLD, 0.55 * smoothstep(-0.018, -0.042, h) * smoothstep(0.12, 0.16, ax))


def _bust(picture: Floats, x: Floats, y: Floats) -> Floats:
    """Soft shade under the bust, and folds that run to it from the armpit and the waist."""
    ax = np.abs(x)
    under = bell(y - 0.982 - 3.5 * (ax - 0.043) ** 2, 0.010) * smoothstep(0.100, 0.065, ax)
    picture = over(picture, FOLD, 0.65 * under)
    between = bell(x, 0.012) * smoothstep(1.06, 1.03, y) * smoothstep(0.96, 1.0, y)
    picture = over(picture, FOLD, 0.40 * between)
    for slope, start, strength in ((0.9, 1.070, 0.55), (0.45, 1.052, 0.45), (0.05, 1.034, 0.35)):
        crease = bell(y - start - slope * (ax - 0.100), 0.0026) * smoothstep(0.062, 0.09, ax) * (ax < 0.125)
        picture = over(picture, FOLD, strength * crease)
    return picture


def _placket(picture: Floats, x: Floats, y: Floats) -> Floats:
    """The button strip."""
    strip = smoothstep(1.075, 1.070, y)
    picture = over(picture, "#ffffff", 0.75 * strip * smoothstep(0.0115, 0.0105, np.abs(x)))
    for edge in (-0.0115, 0.0115):
        picture = over(picture, DEEP, strip * (0.75 * bell(x - edge, 0.0008) + 0.2 * bell(x - edge * 1.12, 0.0022)))
        picture = over(picture, DEEP, 0.6 * strip * stitches(y, x - edge * 0.76))
    return picture


def _pocket(picture: Floats, x: Floats, y: Floats) -> Floats:
    """A breast pocket on her left, with a wave sewn on it."""
    dx, dy = x - 0.060, y - 1.008
    side = np.maximum(np.abs(dx) - 0.019, np.maximum(dy - 0.020, -dy - 0.022 + 0.25 * np.abs(dx)))
    picture = over(picture, "#ffffff", 0.55 * smoothstep(0.0005, -0.0005, side))
    picture = over(picture, DEEP, 0.8 * bell(side, 0.0007))
    picture = over(picture, DEEP, 0.6 * (dy < 0.016) * stitches(dx + dy, side + 0.0024))
    picture = over(picture, DEEP, 0.6 * (side < 0) * bell(dy - 0.012, 0.0006))
    for k, tone in enumerate(("#39427f", "#58b9e8")):
        wave = dy + 0.001 + 0.0055 * k - 0.0016 * np.sin(dx * 700)
        picture = over(picture, tone, 0.9 * smoothstep(0.0011, 0.0006, np.abs(wave)) * (np.abs(dx) < 0.0115))
    return picture


def skirt(width: int = 64, height: int = 1024) -> Floats:
    """u from the valley of a pleat (0) to its ridge (1), v from waist to hem: navy with two pale stripes."""
    picture, u, v = canvas(width, height, "#424c92")
    picture = over(picture, "#2c3368", 0.55 * smoothstep(0.7, 0.0, v))
    picture = over(picture, "#4f5cab", 0.40 * smoothstep(0.55, 1.0, u) * smoothstep(0.1, 0.6, v))
    for middle, half, tone in ((0.868, 0.0155, "#f6f4ff"), (0.920, 0.0070, "#f6f4ff"), (0.820, 0.0035, "#58b9e8")):
        picture = over(picture, tone, smoothstep(half + 0.002, half, np.abs(v - middle)))
    picture = over(picture, "#20265a", 0.55 * bell(v - 0.985, 0.0022))
    picture = over(picture, "#6a78c6", 0.55 * bell(u - 0.93, 0.030) * smoothstep(0.05, 0.3, v))
    return over(picture, "#171b45", 0.66 * smoothstep(0.60, 0.0, u) * smoothstep(0.0, 0.25, v))


def sock(width: int = 256, height: int = 1024) -> Floats:
    """u across the leg, v from the top down: ribbed, with two stripes, in folds at the ankle."""
    picture, u, v = canvas(width, height, "#363d78")
    leg = np.abs(u - 0.5) * 2
    ribs = 0.5 + 0.5 * np.cos(np.arcsin(np.clip(leg * 0.98, 0, 1)) * 46)
    picture = over(picture, "#262c5e", 0.38 * ribs * smoothstep(0.55, 0.05, v) + 0.16 * ribs)
    picture = over(picture, "#242a5a", 0.60 * smoothstep(0.45, 1.0, leg))
    picture = over(picture, "#525ca4", 0.45 * bell(u - 0.58, 0.10))
    for middle, half, tone in ((0.095, 0.0075, "#f6f4ff"), (0.122, 0.0040, "#58b9e8")):
        picture = over(picture, tone, 0.95 * smoothstep(half + 0.0015, half, np.abs(v - middle)))
    ankle = smoothstep(0.80, 0.90, v)
    return over(picture, "#1d2250", 0.5 * ankle * smoothstep(0.2, 1.0, np.sin(v * 190 + 5 * (u - 0.5))))


def shoe(size: int = 512) -> Floats:
    """Seen from above: u across, v from the heel to the toes; a toe cap, a facing for the laces, stitches."""
    picture, u, v = canvas(size, size, "#8a5248")
    x, z = (u - 0.5) * SHOE_WIDTH, SHOE_BACK + v * SHOE_LENGTH
    picture = over(picture, "#6a3b36", 0.55 * smoothstep(0.03, -0.06, z))
    cap = z - 0.082 + 9.0 * x**2
    picture = over(picture, "#7a443d", 0.8 * smoothstep(-0.0008, 0.0008, cap))
    picture = over(picture, "#f1c3a4", 0.45 * bell(x - 0.012, 0.007) * bell(z - 0.104, 0.008))
    facing = np.abs(x) - 0.0155 - 0.10 * np.maximum(0.03 - z, 0)
    facing = np.maximum(np.maximum(facing, z - 0.066), 0.010 - z)
    picture = over(picture, "#74403a", 0.8 * smoothstep(0.0008, -0.0008, facing))
    for line in (cap, facing):
        picture = over(picture, "#3d1f1f", 0.85 * bell(line, 0.0007))
        for off in (0.0020, 0.0036):
            picture = over(picture, "#e0b48c", 0.75 * stitches(x + z, line - off, 0.003, 0.0004))
    return picture


def ribbon(width: int = 256, height: int = 256) -> Floats:
    """u round a loop, its left half across a flat end; v away from the knot: creased there, pale at the rims."""
    picture, u, v = canvas(width, height, "#ff8f80")
    creases = np.sin(2 * np.pi * (9 * u + 0.6 * np.sin(5 * u))) + 0.6 * np.sin(2 * np.pi * 17 * u)
    picture = over(picture, "#d8566a", 0.70 * smoothstep(0.0, 1.3, creases) * smoothstep(0.62, 0.05, v))
    picture = over(picture, "#c8465e", 0.60 * smoothstep(0.20, 0.0, v))
    picture = over(picture, "#ffc0ae", 0.55 * bell(v - 0.62, 0.13) * bell(u - 0.25, 0.10))
    rim = np.abs(((u + 0.25) % 0.5) - 0.25)
    return over(picture, "#fff1ea", 0.92 * smoothstep(0.008, 0.002, np.abs(rim - 0.042)))
