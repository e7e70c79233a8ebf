"""The painted skin: the face, and everything else that is bare."""

import numpy as np

from . import ears
from .arrays import Floats, bell, smoothstep
from .head_shape import CHIN, EYE_X, EYE_Y, MOUTH_Y, NOSE_Y, half_width
from .picture import canvas, over
from .skeleton import FINGERS

SKIN = "#fff0e6"
CHEEK_X, CHEEK_Y = 0.0475, EYE_Y - 0.0325


def face(size: int = 1024) -> Floats:
    """Skin with blush, a hint of nose and lips, warm lids. Laid on as face_skin.face_uvs says."""
    picture, u, v = canvas(size, size, SKIN)
    x, y = (u - 0.5) * 0.2, CHIN + 0.245 - v * 0.26
    ax = np.abs(x)
    blush = bell(ax - CHEEK_X, 0.0125) * bell(y - CHEEK_Y, 0.0072)
    picture = over(picture, "#ff9c92", 0.62 * blush)
    picture = over(picture, "#ff8d86", 0.36 * _blush_strokes(ax, y))
    picture = over(picture, "#f6cdbf", 0.75 * smoothstep(CHIN + 0.112, CHIN + 0.140, y))
    picture = over(picture, "#f3b2a4", 0.42 * bell(ax - EYE_X, 0.019) * bell(y - EYE_Y - 0.019, 0.0045))
    picture = over(picture, "#f7b3a4", 0.50 * bell(ax - EYE_X - 0.004, 0.016) * bell(y - EYE_Y + 0.0180, 0.0028))
    picture = over(picture, "#f0958a", 0.55 * bell(x, 0.0030) * bell(y - NOSE_Y + 0.0032, 0.0016))
    under_nose = bell(y - NOSE_Y + 0.0056 - 55 * x**2, 0.00042) * smoothstep(0.0044, 0.0012, ax)
    picture = over(picture, "#c9746c", 0.60 * under_nose)
    picture = over(picture, "#f4c2b4", 0.35 * bell(x + 0.0062, 0.0030) * bell(y - NOSE_Y - 0.014, 0.010))
    picture = over(picture, "#ffffff", 0.75 * bell(x + 0.0008, 0.0013) * bell(y - NOSE_Y - 0.0022, 0.0018))
    picture = over(picture, "#f58f8c", 0.42 * bell(x, 0.0085) * bell(y - MOUTH_Y + 0.0026, 0.0022))
    picture = over(picture, "#f7a49c", 0.30 * bell(x, 0.0090) * bell(y - MOUTH_Y - 0.0020, 0.0018))
    return over(picture, "#eab0a2", 0.55 * bell(x, 0.007) * bell(y - MOUTH_Y + 0.0105, 0.0016))


def _blush_strokes(ax: Floats, y: Floats) -> Floats:
    """Three short slanted strokes on each cheek."""
    along = (y - CHEEK_Y) * 0.94 + (ax - CHEEK_X) * 0.34
    strokes = sum(bell(ax - CHEEK_X - k * 0.0062 - (y - CHEEK_Y) * 0.35, 0.00075) for k in (-1, 0, 1))
    return np.asarray(strokes * (1 - smoothstep(0.0026, 0.0042, np.abs(along))))


def outline(size: int = 128) -> Floats:
    """Where the face is outlined: at its rim, but not round the eyes, the nose and the mouth."""
    picture, u, v = canvas(size, size, "#000000")
    x, y = (u - 0.5) * 0.2, CHIN + 0.245 - v * 0.26
    sides = smoothstep(0.84, 0.96, np.abs(x) / np.maximum(half_width(y), 0.004))
    rim = np.maximum(sides, smoothstep(CHIN + 0.016, CHIN + 0.006, y))
    nose = bell(x, 0.004) * bell(y - NOSE_Y, 0.006) * 0.8
    return np.repeat(np.maximum(rim, nose)[..., None], 3, 2) + picture


def skin(size: int = 512) -> Floats:
    """The ear upper left, the hand upper right, plain skin below, blushing towards the foot of the picture."""
    picture, u, v = canvas(size, size, SKIN)
    picture = _neck(picture, u, v)
    s, t = u / 0.5 * ears.WIDTH - 0.002, 0.030 - v / 0.5 * ears.HEIGHT
    ear = (u < 0.5) & (v < 0.5)
    depth = ears.relief(s, t)
    picture = over(picture, "#ee9f94", 0.80 * ear * smoothstep(0.0006, -0.0040, depth))
    picture = over(picture, "#e58b82", 0.50 * ear * bell(np.gradient(depth, axis=1) - 2.2e-4, 1.2e-4))
    picture = over(picture, "#fff8f2", 0.60 * ear * smoothstep(0.0014, 0.0026, depth))
    x, z = 0.42 + (u - 0.5) / 0.5 * 0.24, v / 0.5 * 0.13 - 0.05
    hand = (u > 0.5) & (v < 0.5)
    for name, (first, step) in FINGERS.items():
        for k, strength in ((0, 0.0 if name == "Thumb" else 0.40), (1, 0.30), (2, 0.22), (2.75, 0.38)):
            gap = np.hypot(x - first[0] - k * step[0], (z - first[2] - k * step[2]) * 1.1)
            picture = over(picture, "#f7a79b", strength * hand * bell(gap, 0.0055))
    return picture


def neck_uvs(p: Floats) -> Floats:
    """Where the skin picture has neck and chest, seen from the front: its lower right quarter."""
    v = 0.5 + 0.5 * (1.240 - p[:, 1]) / 0.2
    return np.stack([0.5 + 0.5 * (p[:, 0] + 0.07) / 0.14, v], 1)


def _neck(picture: Floats, u: Floats, v: Floats) -> Floats:
    """The chin's shadow, and the collar bones."""
    here = (u > 0.5) & (v > 0.5)
    x, y = (u - 0.5) / 0.5 * 0.14 - 0.07, 1.240 - (v - 0.5) / 0.5 * 0.2
    shadow = smoothstep(-0.0012, 0.0012, y - 1.163 - 5.0 * x**2 + 0.10 * x)
    picture = over(picture, "#f4c0b2", 0.92 * here * shadow)
    bone = np.abs(np.abs(x) - 0.026)
    line = bell(y - 1.112 - 0.16 * (np.abs(x) - 0.010) + 2.0 * (np.abs(x) - 0.020) ** 2, 0.0010)
    picture = over(picture, "#e9a596", 0.70 * here * line * smoothstep(0.022, 0.008, bone))
    hollow = bell(x, 0.0045) * bell(y - 1.113, 0.004)
    return over(picture, "#f0b4a4", 0.45 * here * hollow)
