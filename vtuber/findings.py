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
