"""What can be wrong with a performer's picture, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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


def rate(measured: float, wanted: float) -> Finding:
    """Frames a second against those that were asked for."""
    if measured >= SLOW * wanted:
        return Finding("camera rate", True, f"{measured:.0f} frames a second")
    why = "more light helps (cameras expose longer in the dark), and so does a USB port of its own"
    return Finding("camera rate", False, f"{measured:.0f} frames a second instead of {wanted:.0f}: {why}")


def light(frame: Frame) -> Finding:
    level = float(frame.image[::8, ::8].mean())
    if level < DARK:
        return Finding("light", False, f"too dark ({level:.0f} of 255): put a lamp in front of you")
    if level > BRIGHT:
        return Finding("light", False, f"too bright ({level:.0f} of 255): turn the light away from the camera")
    return Finding("light", True, f"{level:.0f} of 255")


def face(points: Array | None, size: tuple[int, int]) -> Finding:
    """Where a face's landmarks (N, 2 or 3), px, lie in a picture of (width, height); None: no face."""
    if points is None:
        return Finding("face", False, "nobody is seen: sit in front of the camera, and mind a cover over the lens")
    low, high = points[:, :2].min(axis=0) / size, points[:, :2].max(axis=0) / size
    share = float(high[0] - low[0])
    if share < SMALL_FACE:
        return Finding("face", False, f"seen, but small ({share:.0%} of the picture): come nearer")
    if np.any(low < EDGE) or np.any(high > 1 - EDGE):
        return Finding("face", False, "at the edge of the picture: turn the camera, or move to its middle")
    return Finding("face", True, f"seen, {share:.0%} of the picture wide")
