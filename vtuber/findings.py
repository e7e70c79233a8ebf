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


def _patch(frame: Frame, middle: Array, reach: float) -> Array:
    """Grey levels round a point, px; of none outside the picture."""
    x, y, r = round(float(middle[0])), round(float(middle[1])), max(2, int(reach))
    return np.asarray(frame.image[max(0, y - r) : max(0, y + r + 1), max(0, x - r) : max(0, x + r + 1)].mean(axis=2))
