"""What one contestant made of one clip, frame by frame, as arrays: the same for ours and for the peers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vtuber.stages import Array
from vtuber.wire import ARKIT


@dataclass(frozen=True, slots=True)
class Seen:
    """A face in one frame; camera axes are OpenCV's (x right, y down, z forward). None: the contestant does not say."""

    rotation: Array | None = None
    """(3, 3) head -> camera."""
    position: Array | None = None
    """(3,) of the head before the camera, in any unit."""
    landmarks: Array | None = None
    """(68, 2) px in iBUG order, pixel centres at integers."""
    gaze: Array | None = None
    """(2, 3) unit vectors of the left and the right eye, in the camera's frame."""
    shapes: Mapping[str, float] = field(default_factory=dict)
    """ARKit name -> 0..1."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """A clip of N frames; what was not seen, or is not said, is nan."""

    detected: Any
    """(N,) bool"""
    rotation: Array
    """(N, 3, 3) head -> camera"""
    position: Array
    """(N, 3)"""
    landmarks: Array
    """(N, 68, 2) px"""
    gaze: Array
    """(N, 2, 3) left and right eye"""
    shapes: Array
    """(N, 52) in the order of ARKIT"""

    @classmethod
    def of(cls, frames: Iterable[Seen | None]) -> Tracked:
        """None is a frame in which no face was seen."""
        rows = list(frames)
        n = len(rows)
        made = cls(
            np.array([row is not None for row in rows], dtype=bool),
            *(np.full((n, *shape), np.nan) for shape in ((3, 3), (3,), (68, 2), (2, 3), (len(ARKIT),))),
        )
        for i, row in enumerate(rows):
            if row is None:
                continue
            for name in ("rotation", "position", "landmarks", "gaze"):
                value = getattr(row, name)
                if value is not None:
                    getattr(made, name)[i] = value
            made.shapes[i] = [row.shapes.get(name, np.nan) for name in ARKIT]
        return made

    def shape(self, name: str) -> Array:
        """(N,) one weight by its ARKit name."""
        return self.shapes[:, ARKIT.index(name)]

    def fitted(self, count: int) -> Tracked:
        """The first `count` frames; where there are fewer, nothing was seen in the rest."""
        kept: list[Any] = []
        for values in (self.detected, self.rotation, self.position, self.landmarks, self.gaze, self.shapes):
            rest = np.full((max(0, count - len(values)), *values.shape[1:]), False if values.dtype == bool else np.nan)
            kept.append(np.concatenate([values[:count], rest]))
        return Tracked(*kept)
