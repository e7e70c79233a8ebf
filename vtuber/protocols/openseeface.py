"""OpenSeeFace: one record of 1785 bytes for each face, all faces of a frame behind each other in one packet.

Little-endian and without gaps, as facetracker.py writes it and Unity/OpenSee.cs reads it. How the face of a record is
made up from a state is openseeface_face.py.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

PORT = 11573
POINTS = 68
"""iBUG's 68 without the inner corners of the mouth, in an order of their own (openseeface_face.py), then the right and
the left pupil."""
POINTS_3D = 70
"""The same, and the centres of the right and the left eyeball."""
FEATURES = (
    "eye_l", "eye_r",
    "eyebrow_steepness_l", "eyebrow_updown_l", "eyebrow_quirk_l",
    "eyebrow_steepness_r", "eyebrow_updown_r", "eyebrow_quirk_r",
    "mouth_corner_updown_l", "mouth_corner_inout_l", "mouth_corner_updown_r", "mouth_corner_inout_r",
    "mouth_open", "mouth_wide",
)  # fmt: skip
"""-1..1 around the face's own usual. Eyes: -1 shut. Brows: up is positive. Corners of the mouth: a smile is negative,
as they are measured downwards from the upper lip."""

Floats = npt.NDArray[np.float32]

RECORD = np.dtype(
    [
        ("time", "<f8"),
        ("face", "<i4"),
        ("width", "<f4"),
        ("height", "<f4"),
        ("right_open", "<f4"),
        ("left_open", "<f4"),
        ("success", "u1"),
        ("error", "<f4"),
        ("quaternion", "<f4", (4,)),
        ("euler", "<f4", (3,)),
        ("translation", "<f4", (3,)),
        ("confidence", "<f4", (POINTS,)),
        ("landmarks", "<f4", (POINTS, 2)),
        ("points", "<f4", (POINTS_3D, 3)),
        ("features", "<f4", (len(FEATURES),)),
    ]
)
MOST = 36
"""Faces in a packet: no datagram is longer."""


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One face in one frame, as it was sent."""

    time: float
    """Seconds since 1970; receivers only see that it grows."""
    face: int
    """Stays the same as long as the face is followed."""
    width: float
    height: float
    """px, of the picture"""
    right_open: float
    left_open: float
    """Eyes: 0 shut, 1 open."""
    success: int
    """Whether there is a pose: 0 or 1"""
    error: float
    """px, of the fit; receivers take more than 100 for a bad one."""
    quaternion: Floats
    """(4,) x, y, z, w; rotation.from_openseeface"""
    euler: Floats
    """(3,) degrees; rotation.openseeface_euler"""
    translation: Floats
    """(3,) in units of its face model, rotation.from_openseeface_position"""
    confidence: Floats
    """(68,) 0..1"""
    landmarks: Floats
    """(68, 2) px, x and y"""
    points: Floats
    """(70, 3) in units of its face model: x to the performer's right, y down, z into the face."""
    features: Floats
    """(14,) in the order of FEATURES"""

    def __bytes__(self) -> bytes:
        numbers = (self.time, self.face, self.width, self.height, self.right_open, self.left_open, self.success)
        arrays = (self.quaternion, self.euler, self.translation, self.confidence, self.landmarks, self.points)
        rows = [np.asarray(array, "<f4").tobytes() for array in (*arrays, self.features)]
        return _START.pack(*numbers, self.error) + b"".join(rows)


_START = struct.Struct("<di4fBf")
"""A record up to its first array."""
_NAMES = tuple(f.name for f in fields(Record))
_USED = ("right_open", "left_open", "quaternion", "translation", "points", "features")


def parse(data: bytes) -> list[Record]:
    """The faces of a packet.

    Raises:
        ValueError: the length is not that of whole records, or a number that counts is not finite.
    """
    if not data or len(data) % RECORD.itemsize or len(data) > MOST * RECORD.itemsize:
        raise ValueError(f"{len(data)} bytes, not 1 to {MOST} records of {RECORD.itemsize}")
    rows = np.frombuffer(data, RECORD)
    for name in _USED:
        if not np.isfinite(rows[name]).all():
            raise ValueError(f"{name} holds a number that is not finite")
    return [_record(row) for row in rows]


def _record(row: Any) -> Record:
    values: list[Any] = [row[name] if RECORD[name].shape else row[name].item() for name in _NAMES]
    return Record(*values)
