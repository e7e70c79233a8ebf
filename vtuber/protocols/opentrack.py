"""opentrack's "UDP over network": a head's place and turn, for games and for everything that opentrack feeds.

Six f64, little-endian: x, y, z in centimetres, then yaw, pitch, roll in degrees. Units and signs are those of
opentrack's own webcam tracker; whoever wants an axis the other way round finds that among opentrack's options.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

import numpy as np

from vtuber import rotation
from vtuber.wire import AvatarState

PORT = 4242
CM = 100.0
"""In a metre."""

_PACKET = struct.Struct("<6d")


@dataclass(frozen=True, slots=True)
class Pose:
    """As opentrack shows it."""

    x: float
    """cm, to the performer's left"""
    y: float
    """cm, up"""
    z: float
    """cm, away from the screen"""
    yaw: float
    """degrees, to the performer's right"""
    pitch: float
    """degrees, up"""
    roll: float
    """degrees, to the left shoulder"""

    @classmethod
    def parse(cls, data: bytes) -> Pose:
        """Raises ValueError when there are not 48 bytes, or a number is not finite."""
        if len(data) != _PACKET.size:
            raise ValueError(f"{len(data)} bytes, not {_PACKET.size}")
        values = _PACKET.unpack(data)
        if not all(map(math.isfinite, values)):
            raise ValueError("holds a number that is not finite")
        return cls(*values)

    def __bytes__(self) -> bytes:
        return _PACKET.pack(self.x, self.y, self.z, self.yaw, self.pitch, self.roll)


def pose(state: AvatarState) -> Pose:
    x, y, z = (rotation.opentrack_position(np.array(state.head_position)) * CM).tolist()
    return Pose(x, y, z, *rotation.to_opentrack(state.head_rotation))
