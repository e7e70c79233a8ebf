"""Short films of the demo performer, made for a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vtuber.sources.demo import CLIP

Picture = npt.NDArray[np.uint8]
TURNED = 102
"""The picture of the demo in which the head is turned furthest, by some 34 degrees."""
RATE = 10.0
"""Pictures a second."""


def film(
    path: Path,
    first: int = TURNED,
    step: int = 0,
    change: Callable[[Picture], Picture] = lambda p: p,
    *,
    length: int = 10,
    rate: float = RATE,
) -> Path:
    """So many of the demo's pictures from `first` on, each `step` after the last, changed."""
    reader, pictures = cv2.VideoCapture(str(CLIP)), []
    for i in range(first + step * length + 1):
        picture = reader.read()[1]
        if i >= first:
            pictures.append(change(picture))
    reader.release()
    height, width = pictures[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, (width, height))
    for i in range(length):
        writer.write(pictures[i * step])
    writer.release()
    return path


def twice(picture: Picture) -> Picture:
    """Two of them side by side."""
    return np.hstack([picture, picture])


def darkened(picture: Picture) -> Picture:
    """As in a room with the lamp off."""
    return (picture * 0.12).astype(np.uint8)
