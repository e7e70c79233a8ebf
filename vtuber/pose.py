"""One performer's pose as arrays: what is measured, smoothed, blended and, last of all, named for the wire."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from vtuber import expressions, rotation
from vtuber.signals import Rotations
from vtuber.stages import Array
from vtuber.wire import ARKIT, AvatarState, Quaternion, Tracking, Vector

SHARES = {"spine": 0.06, "chest": 0.08, "upperChest": 0.06, "neck": 0.3, "head": 0.5}
"""How the turn of the head is shared down the body; together they make the whole turn."""
LIDS = np.array([ARKIT.index("eyeBlinkLeft"), ARKIT.index("eyeBlinkRight")])
_TWIN = [
    ARKIT.index(n.replace("Left", "Right") if "Left" in n else n.replace("Right", "Left") if "Right" in n else n)
    for n in ARKIT
]


@dataclass(frozen=True, slots=True)
class Pose:
    """Our axes: x to the performer's left, y up, z out of the face."""

    rotation: Array = field(default_factory=lambda: rotation.IDENTITY.copy())
    """(4,) of the head against the camera's level view."""
    position: Array = field(default_factory=lambda: np.zeros(3))
    """(3,) metres from the neutral place."""
    gaze: Array = field(default_factory=lambda: np.zeros(4))
    """(4,) radians: left yaw, left pitch, right yaw, right pitch, against the head; yaw to the performer's left."""
    weights: Array = field(default_factory=lambda: np.zeros(len(ARKIT)))
    """(52,) 0..1 in the order of ARKIT."""


REST = Pose()


def blend(a: Pose, b: Pose, share: float) -> Pose:
    """From a (share 0) to b (share 1), rotations along the great circle."""
    if share <= 0:
        return a
    if share >= 1:
        return b
    return Pose(
        Rotations.moved(a.rotation, share * Rotations.difference(b.rotation, a.rotation)),
        a.position + share * (b.position - a.position),
        a.gaze + share * (b.gaze - a.gaze),
        a.weights + share * (b.weights - a.weights),
    )


def mirrored(p: Pose) -> Pose:
    """As a looking-glass shows it: the performer's left becomes the avatar's right."""
    return Pose(
        rotation.mirror(p.rotation),
        p.position * np.array([-1.0, 1.0, 1.0]),
        p.gaze[[2, 3, 0, 1]] * np.array([-1.0, 1.0, -1.0, 1.0]),
        p.weights[_TWIN],
    )


def to_state(p: Pose, timestamp: float, person: int, tracking: Tracking, confidence: float) -> AvatarState:
    """The pose under the wire's names."""
    weights = dict(zip(ARKIT, p.weights.tolist(), strict=True))
    return AvatarState(
        timestamp,
        person,
        tracking,
        confidence,
        _quaternion(p.rotation),
        cast(Vector, tuple(p.position.tolist())),
        _bones(p),
        weights,
        expressions.solve(weights),
    )


def _bones(p: Pose) -> dict[str, Quaternion]:
    x, y, z, w = p.rotation.tolist()
    sine, half = math.sqrt(x * x + y * y + z * z), math.acos(max(-1.0, min(1.0, w)))
    bones: dict[str, Quaternion] = {}
    for bone, share in SHARES.items():
        # The same axis, and this share of the angle.
        scale = math.sin(half * share) / sine if sine > 1e-9 else share
        bones[bone] = (x * scale, y * scale, z * scale, math.cos(half * share))
    left_yaw, left_pitch, right_yaw, right_pitch = p.gaze.tolist()
    bones["leftEye"] = _quaternion(rotation.from_yaw_pitch(left_yaw, left_pitch))
    bones["rightEye"] = _quaternion(rotation.from_yaw_pitch(right_yaw, right_pitch))
    return bones


def _quaternion(q: Array) -> Quaternion:
    return cast(Quaternion, tuple(q.tolist()))
