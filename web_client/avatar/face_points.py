"""Points fastened to the face, and what a blendshape does to them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .arrays import Floats, bell, smoothstep
from .head_shape import MOUTH_HALF_WIDTH, MOUTH_Y


@dataclass(frozen=True)
class FacePoints:
    """Points fastened to the face at rest."""

    x: Floats
    y: Floats
    z: Floats
    """(n,) metres."""
    lip: Floats
    """(n,) +1 on the upper lip's side of the mouth, -1 on the lower's: they coincide while the mouth is shut."""

    def mirrored(self) -> "FacePoints":
        return replace(self, x=-self.x)


Flow = tuple[Floats, Floats, Floats]
"""Displacement dx, dy along the face and dz towards the viewer, each (n,) metres."""
FlowOf = Callable[[FacePoints], Flow]


def in_front(at: FacePoints) -> Floats:
    """1 on the face, 0 behind it."""
    return smoothstep(0.0, 0.035, at.z)


def still(at: FacePoints) -> Floats:
    return np.zeros_like(at.x)


def upper_side(at: FacePoints) -> Floats:
    """1 on the upper lip's side of the mouth, else 0."""
    return np.asarray(at.lip > 0, float)


def lip_grip(at: FacePoints) -> Floats:
    """1 on the lips, fading to 0 on the skin round the mouth."""
    q = at.y - MOUTH_Y
    return (1 - smoothstep(0.55, 2.1, np.hypot(at.x / 0.0225, q / 0.0125))) * in_front(at)


def corner(at: FacePoints) -> Floats:
    """Grip of the left corner of the mouth."""
    inside = np.clip(at.x / MOUTH_HALF_WIDTH, 0, 1) ** 1.6
    outside = bell(np.maximum(at.x - MOUTH_HALF_WIDTH, 0), 0.010)
    return np.asarray(inside * outside * bell(at.y - MOUTH_Y, 0.0095) * in_front(at))
