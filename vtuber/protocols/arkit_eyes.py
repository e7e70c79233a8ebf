"""The eyes of apps that send ARKit's shapes and the eyes' angles as well."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from vtuber.stages import Array

FURTHEST = math.radians(60)
"""No eye turns further."""
SURE = 0.02
"""An eyeLook shape above this says which way the eye looks."""


def gaze(left: tuple[float, float], right: tuple[float, float], weights: Mapping[str, float]) -> Array:
    """(4,) radians: left yaw, left pitch, right yaw, right pitch, against the head; yaw to the performer's left.

    The angles say how far, the eyeLook shapes which way: signs of the angles differ between apps and their versions,
    the shapes' names do not.

    Args:
        left, right: yaw to the performer's left and pitch up, radians, as the protocol has them.
        weights: ARKit name -> 0..1
    """
    turned = []
    for side, outward, (yaw, pitch) in (("Left", 1.0, left), ("Right", -1.0, right)):
        out = weights.get(f"eyeLookOut{side}", 0.0) - weights.get(f"eyeLookIn{side}", 0.0)
        up = weights.get(f"eyeLookUp{side}", 0.0) - weights.get(f"eyeLookDown{side}", 0.0)
        turned += [_towards(yaw, outward * out), _towards(pitch, up)]
    return np.clip(turned, -FURTHEST, FURTHEST)


def _towards(angle: float, shape: float) -> float:
    return math.copysign(angle, shape) if abs(shape) > SURE else angle
