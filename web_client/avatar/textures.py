"""The painted pictures: face, iris, eye white, hair, cloth."""

import numpy as np

from .arrays import Floats, bell, smoothstep
from .head_shape import CHIN, EYE_X, EYE_Y, MOUTH_Y, NOSE_Y, half_width
from .picture import canvas, over, ramp

SKIN = "#fff0e6"
CHEEK_X, CHEEK_Y = 0.0475, EYE_Y - 0.0325
HAIR_TONES = ["#8f80d2", "#a99be6", "#b7abf0", "#a9b4f2", "#8fd3f0", "#a5eef0"]


def paint() -> dict[str, Floats]:
    """Picture name -> (h, w, 3)."""
    return {
        "face": face(),
        "iris": iris(),
        "eyewhite": eye_white(),
        "outline": outline(),
        "hair": hair(),
        "skirt": skirt(),
        "blouse": blouse(),
    }


def face(size: int = 512) -> Floats:
    """Skin with blush, a hint of nose and lips, warm lids. Laid on as face_skin.face_uvs says."""
    picture, u, v = canvas(size, size, SKIN)
    x, y = (u - 0.5) * 0.2, CHIN + 0.245 - v * 0.26
    ax = np.abs(x)
    blush = bell(ax - CHEEK_X, 0.0125) * bell(y - CHEEK_Y, 0.0072)
    picture = over(picture, "#ff9c92", 0.62 * blush)
    picture = over(picture, "#ff8d86", 0.55 * _blush_strokes(ax, y))
    picture = over(picture, "#f6cdbf", 0.75 * smoothstep(CHIN + 0.112, CHIN + 0.140, y))
    picture = over(picture, "#f3b2a4", 0.42 * bell(ax - EYE_X, 0.019) * bell(y - EYE_Y - 0.019, 0.0045))
    picture = over(picture, "#f7b3a4", 0.50 * bell(ax - EYE_X - 0.004, 0.016) * bell(y - EYE_Y + 0.0180, 0.0028))
    picture = over(picture, "#f0958a", 0.55 * bell(x, 0.0030) * bell(y - NOSE_Y + 0.0032, 0.0016))
    picture = over(picture, "#ffffff", 0.75 * bell(x + 0.0008, 0.0013) * bell(y - NOSE_Y - 0.0022, 0.0018))
    picture = over(picture, "#f58f8c", 0.42 * bell(x, 0.0085) * bell(y - MOUTH_Y + 0.0026, 0.0022))
    picture = over(picture, "#f7a49c", 0.30 * bell(x, 0.0090) * bell(y - MOUTH_Y - 0.0020, 0.0018))
    return over(picture, "#eab0a2", 0.55 * bell(x, 0.007) * bell(y - MOUTH_Y + 0.0105, 0.0016))


def outline(size: int = 128) -> Floats:
    """Where the face is outlined: at its rim, but not round the eyes, the nose and the mouth."""
    picture, u, v = canvas(size, size, "#000000")
    x, y = (u - 0.5) * 0.2, CHIN + 0.245 - v * 0.26
    sides = smoothstep(0.84, 0.96, np.abs(x) / np.maximum(half_width(y), 0.004))
    rim = np.maximum(sides, smoothstep(CHIN + 0.016, CHIN + 0.006, y))
    nose = bell(x, 0.004) * bell(y - NOSE_Y, 0.006) * 0.8
    return np.repeat(np.maximum(rim, nose)[..., None], 3, 2) + picture


def _blush_strokes(ax: Floats, y: Floats) -> Floats:
    """Three short slanted strokes on each cheek."""
    along = (y - CHEEK_Y) * 0.94 + (ax - CHEEK_X) * 0.34
    strokes = sum(bell(ax - CHEEK_X - k * 0.0062 - (y - CHEEK_Y) * 0.35, 0.00075) for k in (-1, 0, 1))
    return np.asarray(strokes * (1 - smoothstep(0.0026, 0.0042, np.abs(along))))


def iris(size: int = 256) -> Floats:
    """From dusk violet above to bright water below, with a ring, rays, a pupil and lights."""
    _, u, v = canvas(size, size, "#000000")
    x, y = u * 2 - 1, 1 - v * 2
    r, angle = np.hypot(x, y), np.arctan2(y, x)
    picture = ramp(["#241a5e", "#3f3aa6", "#3b86d8", "#58d6e4", "#b8fbf0"], [0.0, 0.30, 0.55, 0.80, 1.0], v)
    rays = np.sin(angle * 23) * 0.5 + np.sin(angle * 37 + 1.3) * 0.35 + np.sin(angle * 61 + 0.4) * 0.25
    picture = over(
        picture, "#e6fff8", 0.20 * np.clip(rays, 0, 1) * smoothstep(0.30, 0.62, r) * smoothstep(0.3, -0.5, y)
    )
    picture = over(picture, "#1d1650", 0.35 * np.clip(-rays, 0, 1) * smoothstep(0.3, 0.7, r))
    picture = over(picture, "#7ff4ec", 0.55 * bell(r - 0.70, 0.09) * smoothstep(0.05, -0.55, y))
    picture = over(picture, "#1c1450", 0.95 * smoothstep(0.80, 0.96, r) * (0.75 + 0.25 * y))
    pupil = np.hypot(x / 0.36, (y - 0.02) / 0.44)
    picture = over(picture, "#4fe0ea", 0.55 * bell(pupil - 1.22, 0.10) * smoothstep(0.3, -0.4, y))
    picture = over(picture, "#140d3c", smoothstep(1.08, 0.90, pupil))
    picture = over(picture, "#120b38", 0.75 * smoothstep(0.30, 0.95, y))
    return _lights(picture, x, y)


def _lights(picture: Floats, x: Floats, y: Floats) -> Floats:
    """Reflections: a large one above, small ones below, a soft glow at the foot."""
    picture = over(picture, "#d9fffb", 0.75 * bell(x, 0.34) * bell(y + 0.66, 0.13))
    for cx, cy, rx, ry, tone in (
        (0.34, 0.40, 0.27, 0.25, "#ffffff"),
        (-0.40, -0.30, 0.12, 0.12, "#ffffff"),
        (0.06, 0.08, 0.05, 0.05, "#f2fbff"),
    ):
        picture = over(picture, tone, smoothstep(1.10, 0.88, np.hypot((x - cx) / rx, (y - cy) / ry)))
    return over(picture, "#ffb3c8", 0.5 * smoothstep(1.1, 0.7, np.hypot((x + 0.48) / 0.13, (y - 0.46) / 0.20)))


def eye_white(size: int = 64) -> Floats:
    """White, in the upper lid's shadow; 0.06 m across."""
    picture, u, v = canvas(size, size, "#ffffff")
    y = (0.5 - v) * 0.06
    picture = over(picture, "#a9a3cf", 0.85 * smoothstep(0.002, 0.013, y))
    return over(picture, "#e3dcee", 0.6 * smoothstep(0.008, 0.022, np.abs(u - 0.5) * 0.06))


def hair(width: int = 128, height: int = 512) -> Floats:
    """u round the lock (0.25 its ridge, 0 and 0.5 its edges), v from root (0) over the gloss (0.25) to the tip (1)."""
    _, u, v = canvas(width, height, "#000000")
    streak = sum(np.sin(2 * np.pi * (f * u + p)) * a for f, p, a in ((3, 0.1, 0.5), (7, 0.6, 0.35), (13, 0.3, 0.25)))
    ridge = np.sin(2 * np.pi * u)
    tone = np.clip(v + 0.015 * streak, 0, 1)
    picture = ramp(HAIR_TONES, [0, 0.12, 0.45, 0.66, 0.88, 1.0], tone)
    long = 1 - smoothstep(0.75, 1.0, v)
    picture = over(picture, "#7566bd", 0.55 * smoothstep(0.55, -0.15, ridge) * long)
    picture = over(picture, "#5a4ba3", 0.60 * smoothstep(-0.2, -0.7, ridge) * long)
    picture = over(picture, "#7d6ec6", 0.30 * np.clip(streak, 0, 1) * long)
    picture = over(picture, "#cfc6fb", 0.30 * smoothstep(0.80, 1.0, ridge) * long)
    edge = 0.25 + 0.020 * streak
    gloss = smoothstep(-0.060, -0.035, v - edge) * (1 - smoothstep(0.0, 0.030, v - edge + 0.02 * np.sin(u * 40)))
    return over(
        picture, "#f3efff", 0.80 * gloss * smoothstep(-0.1, 0.7, ridge) * (0.65 + 0.35 * np.clip(1 - streak, 0, 1))
    )


def skirt(width: int = 32, height: int = 256) -> Floats:
    """u from the valley of a pleat (0) to its ridge (1), v from waist to hem: navy with two pale stripes."""
    picture, u, v = canvas(width, height, "#3c4688")
    picture = over(picture, "#2c3368", smoothstep(0.0, 1.0, 1 - v) * 0.5)
    for middle, half in ((0.885, 0.016), (0.935, 0.008)):
        picture = over(picture, "#f4f2ff", smoothstep(half + 0.004, half, np.abs(v - middle)))
    return over(picture, "#171b45", 0.62 * smoothstep(0.55, 0.0, u) * smoothstep(0.0, 0.25, v))


def blouse(width: int = 256, height: int = 128) -> Floats:
    """White with soft folds at the waist, the armpits and the cuffs; 1 m wide, 0.36 m high from y = 1.19 down."""
    picture, u, v = canvas(width, height, "#ffffff")
    x, y = np.abs(u - 0.5), 1.19 - v * 0.36
    pleats = 0.5 + 0.5 * np.sin(x * 190 + np.sin(y * 60))
    waist = smoothstep(0.985, 0.885, y) * (x < 0.14)
    cuff = smoothstep(0.34, 0.44, x) * (0.5 + 0.5 * np.sin(y * 330))
    armpit = bell(x - 0.115, 0.022) * smoothstep(1.115, 1.075, y)
    picture = over(picture, "#cfcbea", 0.75 * waist * pleats)
    picture = over(picture, "#cfcbea", 0.55 * cuff)
    return over(picture, "#c9c5e8", 0.50 * armpit)
