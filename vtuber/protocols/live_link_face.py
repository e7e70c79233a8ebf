"""Live Link Face: the packet of Epic's phone app, version 6, which Unreal Engine's Live Link listens for.

Version (1 byte) · device id · subject name · frame number i32, sub-frame f32, rate i32, denominator i32 · count u8 = 61
· 61 f32; all big-endian, a text being its length as i32 and UTF-8. The usual reading, "u32 little-endian 6, then 37
bytes that begin with $", is the same bytes: the length 36 of a UUID ends in 0x24, which is $. Without a face the packet
ends after the name or the time.

The packet's layout is that of PyLiveLinkFace and of apps that receive it. The head's units and signs are documented
nowhere: radians and these signs are what MeFaMo sends and what viewers of the phone app read, unverified on a phone.
The eyes' are those of the engine's conversion from ARKit.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from vtuber import rotation
from vtuber.protocols import arkit_eyes
from vtuber.stages import Performance
from vtuber.wire import ARKIT, NO_TURN, AvatarState

PORT = 11111
VERSION = 6
RATE = 60
"""Frames of the time code per second."""
ANGLES = (
    "HeadYaw", "HeadPitch", "HeadRoll",
    "LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll",
)  # fmt: skip
COUNT = len(ARKIT) + len(ANGLES)
LONGEST_NAME = 256
"""Bytes; Unreal's own limit for device and subject."""

_LENGTH = struct.Struct("!i")
_TIME = struct.Struct("!ifii")
_VALUES = struct.Struct(f"!B{COUNT}f")


@dataclass(frozen=True, slots=True)
class Packet:
    """One frame of one subject."""

    device: str
    """A UUID, 36 characters."""
    subject: str
    """What the performer is called in Unreal."""
    frame: int = 0
    """Of the time code."""
    sub_frame: float = 0.0
    """0..1"""
    rate: int = RATE
    denominator: int = 1
    values: tuple[float, ...] | None = None
    """(61,) the ARKit weights in Apple's order, 0..1, then ANGLES, radians. None: the app sees no face."""

    @classmethod
    def parse(cls, data: bytes) -> Packet:
        """Raises ValueError when the bytes are no such packet, or hold a number that is not finite."""
        if not data or data[0] != VERSION:
            raise ValueError(f"not Live Link Face version {VERSION}: begins with {data[:4]!r}")
        device, at = _text(data, 1)
        subject, at = _text(data, at)
        left = len(data) - at
        if left <= _TIME.size:
            return cls(device, subject)
        if data[at + _TIME.size] != COUNT:
            raise ValueError(f"{data[at + _TIME.size]} values, not {COUNT}")
        if left != _TIME.size + _VALUES.size:
            raise ValueError(f"{left} bytes after the name, not {_TIME.size + _VALUES.size}")
        frame, sub_frame, rate, denominator = _TIME.unpack_from(data, at)
        values = _VALUES.unpack_from(data, at + _TIME.size)[1:]
        if not all(map(math.isfinite, (sub_frame, *values))):
            raise ValueError("holds a number that is not finite")
        return cls(device, subject, frame, sub_frame, rate, denominator, values)

    def __bytes__(self) -> bytes:
        start = bytes((VERSION,)) + _encoded(self.device) + _encoded(self.subject)
        if self.values is None:
            return start
        time = _TIME.pack(self.frame, self.sub_frame, self.rate, self.denominator)
        return start + time + _VALUES.pack(COUNT, *self.values)


def packet(state: AvatarState, device: str, subject: str, day_s: float) -> Packet:
    """A state at a time of day (seconds) as the phone would send it; a lost performer is no face."""
    if state.tracking == "lost":
        return Packet(device, subject)
    frame, sub_frame = divmod(day_s * RATE, 1.0)
    angles = [*rotation.to_live_link_face(state.head_rotation)]
    for bone in ("leftEye", "rightEye"):
        yaw, pitch, _ = rotation.angles(state.bones.get(bone, NO_TURN))
        angles += [*rotation.live_link_eye(yaw, pitch), 0.0]
    return Packet(device, subject, int(frame), sub_frame, values=(*state.weights(), *angles))


def performance(p: Packet) -> Performance | None:
    """What a packet says; None when the app sees no face."""
    if p.values is None:
        return None
    weights = {name: min(1.0, max(0.0, w)) for name, w in zip(ARKIT, p.values, strict=False)}
    yaw, pitch, roll, *eyes = p.values[len(ARKIT) :]
    left, right = rotation.live_link_eye(*eyes[:2]), rotation.live_link_eye(*eyes[3:5])
    return Performance(
        rotation=rotation.from_live_link_face(yaw, pitch, roll),
        gaze=arkit_eyes.gaze(left, right, weights),
        blendshapes=weights,
    )


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A text and where it ends."""
    if len(data) < at + _LENGTH.size:
        raise ValueError("cut off within its head")
    (length,) = _LENGTH.unpack_from(data, at)
    start = at + _LENGTH.size
    if not 0 <= length <= LONGEST_NAME or start + length > len(data):
        raise ValueError(f"a name of {length} bytes")
    try:
        return data[start : start + length].decode("utf-8"), start + length
    except UnicodeDecodeError:
        raise ValueError("a name that is not UTF-8") from None


def _encoded(text: str) -> bytes:
    raw = text.encode("utf-8")
    return _LENGTH.pack(len(raw)) + raw
