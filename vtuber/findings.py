"""What can be wrong with a performer's picture, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from vtuber.findings_text import TEXTS
from vtuber.stages import Array, Frame

SLOW = 0.7
"""A camera below this share of the rate that was asked for is slow."""
DARK, BRIGHT = 50, 215
"""Mean grey levels, of 255, between which a picture is well lit."""
SMALL_FACE = 0.12
"""A face narrower than this share of the picture is tracked with more noise."""
EDGE = 0.02
"""A face nearer to the edge of the picture than this share of it may leave at any moment."""
EYES = ((36, 39), (42, 45))
"""iBUG's corners of the eyes, each from its left end in the picture to its right."""
LEAST_EYE = 12
"""Pixels: of a smaller eye, nobody can tell what is before it."""
SHADED = 0.6
"""Skin below this share of the cheek's brightness lies behind something dark ..."""
FLAT = 0.08
"""... in which no white of an eye and no iris stand out by more than this share."""

RED = ((50, 61), (51, 62), (52, 63), (56, 65), (57, 66), (58, 67))
"""iBUG's points between which lips are red."""
COVERED, OTHER_LIGHT = 0.09, 0.3
"""Skin round the mouth that is of so much another colour than below the eyes (logarithm of red and blue over green), or
so much lighter or darker (logarithm of its grey), lies behind something ..."""
LIPS, SHADES = 0.06, 0.1
"""... through which no lips show: of that colour to so much, and of one shade to so much."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    subject: str
    ok: bool
    text: str
    """In English."""
    key: str = ""
    """Its name in TEXTS, for other languages; "" of what is only said in the terminal."""
    arguments: Mapping[str, str] = field(default_factory=dict)


def told(subject: str, ok: bool, key: str, **arguments: object) -> Finding:
    """A finding by the name of its text."""
    said = {name: str(value) for name, value in arguments.items()}
    return Finding(subject, ok, TEXTS[key].format_map(said), key, said)


def rate(measured: float, wanted: float) -> Finding:
    """Frames a second against those that were asked for."""
    well = measured >= SLOW * wanted
    return told("camera rate", well, "rateWell" if well else "rateSlow", fps=round(measured), wanted=round(wanted))


def light(frame: Frame) -> Finding:
    level = float(frame.image[::8, ::8].mean())
    key = "lightDark" if level < DARK else "lightBright" if level > BRIGHT else "lightWell"
    return told("light", key == "lightWell", key, level=round(level))


def face(points: Array | None, size: tuple[int, int]) -> Finding:
    """Where a face's landmarks (N, 2 or 3), px, lie in a picture of (width, height); None: no face."""
    if points is None:
        return told("face", False, "faceNone")
    low, high = points[:, :2].min(axis=0) / size, points[:, :2].max(axis=0) / size
    share = float(high[0] - low[0])
    edge = bool(np.any(low < EDGE) or np.any(high > 1 - EDGE))
    key = "faceSmall" if share < SMALL_FACE else "faceEdge" if edge else "faceWell"
    return told("face", key == "faceWell", key, share=round(100 * share))


def sunglasses(frame: Frame, points: Array) -> Finding | None:
    """Whether dark glasses hide the eyes, of a face with these 68 landmarks, px; None when none do, or nobody can tell.

    A dark lens also covers the skin below the eye, and behind it nothing of the eye stands out. No frame of 49 clips of
    faces, clear glasses among them, has both: there that skin is no darker than 0.82 of the cheek's, and 0.44 at most
    with dark lenses painted on.
    """
    for outer, inner in EYES:
        across = points[inner, :2] - points[outer, :2]
        width = float(np.linalg.norm(across))
        if width < LEAST_EYE:
            return None
        middle = (points[inner, :2] + points[outer, :2]) / 2
        down = np.array([-across[1], across[0]])
        cheek = _patch(frame, middle + 1.45 * down, 0.2 * width)
        below = _patch(frame, middle + 0.6 * down, 0.18 * width)
        eye = _patch(frame, middle, 0.3 * width)
        if min(cheek.size, below.size, eye.size) == 0:
            return None
        skin = max(1.0, float(cheek.mean()))
        if below.mean() > SHADED * skin or eye.std() > FLAT * skin:
            return None
    return told("face", False, "sunglasses")


def mask(frame: Frame, points: Array) -> Finding | None:
    """Whether a mask hides the mouth, of a face with these 68 landmarks, px; None when none does, or nobody can tell.

    A beard is another colour than skin as well, but lips show in it. In 24 clips of bare faces none came near both; of
    masks painted on in six colours five of six are told, the fewest of those that are coloured like skin.
    """
    points = points[:, :2]
    width = float(np.linalg.norm(points[45] - points[36]))
    if width < 3 * LEAST_EYE:
        return None
    down = points[8] - points[27]
    down = down * (0.28 * width / max(1e-6, float(np.linalg.norm(down))))
    left, right, corners = points[[42, 45]].mean(axis=0), points[[36, 39]].mean(axis=0), points[54] - points[48]
    skin = [_colours(frame, place, 0.07 * width) for place in (left + down, right + down, points[28])]
    places = (points[54] + 0.25 * corners, points[48] - 0.25 * corners, points[[57, 8]].mean(axis=0),
              points[[33, 51]].mean(axis=0))  # fmt: skip
    low = [_colours(frame, place, 0.07 * width) for place in places]
    lips = np.concatenate([_colours(frame, points[[a, b]].mean(axis=0), 0.03 * width) for a, b in RED])
    if min(len(part) for part in (*skin, *low, lips)) == 0:
        return None
    bare, around = np.mean([part.mean(axis=0) for part in skin], axis=0), np.array([part.mean(axis=0) for part in low])
    other = np.linalg.norm(_hue(around) - _hue(bare), axis=1).min() > COVERED
    darker = np.abs(np.log((around.mean(axis=1) + 8) / (bare.mean() + 8))).min() > OTHER_LIGHT
    same = np.linalg.norm(_hue(lips.mean(axis=0)) - _hue(around.mean(axis=0))) < LIPS
    even = np.log(lips.mean(axis=1) + 8).std() < SHADES
    return told("face", False, "maskWorn") if (other or darker) and same and even else None


def _hue(colours: Array) -> Array:
    """(..., 2) of red, green, blue (..., 3): logarithms of red and of blue over green."""
    light = np.log(colours + 4.0)
    return np.stack([light[..., 0] - light[..., 1], light[..., 2] - light[..., 1]], axis=-1)


def _colours(frame: Frame, middle: Array, reach: float) -> Array:
    """(n, 3) red, green and blue round a point, px; none outside the picture."""
    x, y, r = round(float(middle[0])), round(float(middle[1])), max(2, int(reach))
    square = frame.image[max(0, y - r) : max(0, y + r + 1), max(0, x - r) : max(0, x + r + 1)]
    return np.asarray(square.reshape(-1, 3), float)


def _patch(frame: Frame, middle: Array, reach: float) -> Array:
    """Grey levels round a point, px; of none outside the picture."""
    return np.asarray(_colours(frame, middle, reach).mean(axis=1))
