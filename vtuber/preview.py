"""The camera's picture for the performer's own eyes, with what is seen in it. It is made only while somebody looks."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from vtuber.performer import Measured, Step
from vtuber.stages import Array, Frame

WIDTH = 480
"""Pixels: enough to see oneself, and little to encode."""
QUALITY = 72
"""Of JPEG, in percent."""
AXIS_M = 0.1
RAY_M = 0.25
EYES = ((36, 39), (42, 45))
"""iBUG's corners of the right eye and of the left."""


def picture(frame: Frame) -> bytes:
    """JPEG, not mirrored."""
    height, width = frame.image.shape[:2]
    image = frame.image
    if width > WIDTH:
        image = cv2.resize(image, (WIDTH, round(height * WIDTH / width)), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    ok, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return data.tobytes() if ok else b""


def marks(steps: list[Step], size: tuple[int, int]) -> list[dict[str, Any]]:
    """What is drawn over the picture, of each performer: 0..1 of its width and height.

    points: the 68 landmarks; axes: from the head's middle to its left (x), up (y) and front (z); rays: of each eye,
    the performer's right first, from the eye to where it looks.
    """
    return [_mark(step.measured, np.array(size, float)) for step in steps if step.measured is not None]


def _mark(measured: Measured, size: Array) -> dict[str, Any]:
    points = measured.landmarks68
    middle = points[27:48].mean(axis=0)
    # How many pixels a metre is at the face: the eyes' outer corners are 9 cm apart, seen from the front.
    spread = points - points.mean(axis=0)
    scale = float(np.sqrt((spread**2).sum(axis=1).mean())) / 0.055
    axes = [middle + scale * AXIS_M * measured.matrix[:2, i] for i in range(3)]
    looks = (measured.gaze_right, measured.gaze_left)
    rays = []
    for (a, b), look in zip(EYES, looks, strict=True):
        eye = (points[a] + points[b]) / 2
        rays.append([eye, eye + scale * RAY_M * look[:2]])
    return {
        "points": _shares(points, size),
        "axes": [_shares(np.array([middle, end]), size) for end in axes],
        "rays": [_shares(np.array(ray), size) for ray in rays],
    }


def _shares(points: Array, size: Array) -> list[list[float]]:
    shares: list[list[float]] = np.round((points + 0.5) / size, 4).tolist()
    return shares
