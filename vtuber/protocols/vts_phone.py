"""What VTube Studio's phone app sends to other programs, and MeowFace as well: a JSON datagram for each frame.

Sheet: DenchiSoft/VTubeStudioBlendshapeUDPReceiverTest. The axes are not written down anywhere; those below are what its
example scene, a Warudo plug-in and two phone emulators agree on. Unverified: that a place is in centimetres, and how
the apps count the eyes' own angles, which is why gaze is taken from the eyeLook shapes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from vtuber.wire import ARKIT

PORT = 21412
"""Where the phone listens for requests."""
SECONDS = (0.5, 10.0)
"""For how long a request may ask."""
FURTHEST_DEG, FURTHEST_CM = 360.0, 10_000.0
"""Beyond these a number is no head's."""
SHAPES_AT_MOST = 256

Vector = tuple[float, float, float]
ORIGIN: Vector = (0.0, 0.0, 0.0)

SPELLINGS: dict[str, str] = {name.lower(): name for name in ARKIT} | {
    f"{name[: -len(side)]}_{side[0]}".lower(): name
    for name in ARKIT
    for side in ("Left", "Right")
    if name.endswith(side)
}
"""A shape's name in lower case -> ARKit's: iPhones send JawOpen, MeowFace jawOpen, Android some as eyeLookOut_L."""


@dataclass(frozen=True, slots=True)
class PhoneFrame:
    """One frame of the phone's tracking."""

    face_found: bool
    rotation: Vector = ORIGIN
    """Degrees: x turned to the performer's left, y down, z tilted to the right shoulder; applied z first, y last."""
    position: Vector = ORIGIN
    """Centimetres: x to the performer's right, y up, z away from the phone."""
    blendshapes: Mapping[str, float] = field(default_factory=dict)
    """By ARKit name, 0..1."""
    timestamp_ms: float = 0
    """The phone's clock, Unix time."""
    hotkey: int = -1
    """1 to 8 while one is pressed on the phone's screen."""
    eye_left: Vector = ORIGIN
    eye_right: Vector = ORIGIN
    """Degrees, of axes unknown."""

    @classmethod
    def parse(cls, data: bytes) -> PhoneFrame:
        """Raises ValueError: not of this protocol, or with numbers that are no head's."""
        try:
            told = _DECODER.decode(data)
        except (msgspec.MsgspecError, ValueError, RecursionError) as e:
            raise ValueError(f"no tracking data of VTube Studio's phone: {e}") from None
        if len(told.BlendShapes) > SHAPES_AT_MOST:
            raise ValueError(f"{len(told.BlendShapes)} blendshapes are more than any phone sends")
        return cls(
            told.FaceFound,
            _within(told.Rotation, FURTHEST_DEG, "rotation"),
            _within(told.Position, FURTHEST_CM, "position"),
            _weights(told.BlendShapes),
            told.Timestamp,
            told.Hotkey,
            _within(told.EyeLeft, FURTHEST_DEG, "left eye"),
            _within(told.EyeRight, FURTHEST_DEG, "right eye"),
        )

    def __bytes__(self) -> bytes:
        """As an iPhone writes it."""
        told = _Told(
            Timestamp=self.timestamp_ms,
            Hotkey=self.hotkey,
            FaceFound=self.face_found,
            Rotation=_Vector(*self.rotation),
            Position=_Vector(*self.position),
            BlendShapes=[_Shape(name[0].upper() + name[1:], value) for name, value in self.blendshapes.items()],
            EyeLeft=_Vector(*self.eye_left),
            EyeRight=_Vector(*self.eye_right),
        )
        return msgspec.json.encode(told)


def request(ports: list[int], seconds: float) -> bytes:
    """What asks the phone to send to these ports of ours, for so long.

    Raises:
        ValueError: more ports or seconds than the app allows.
    """
    if not 1 <= len(ports) <= 32 or not SECONDS[0] <= seconds <= SECONDS[1]:
        raise ValueError(f"a request names 1 to 32 ports and 0.5 to 10 s, not {len(ports)} and {seconds:g}")
    asked = {"messageType": "iOSTrackingDataRequest", "time": seconds, "sentBy": "VTuber driver", "ports": ports}
    return msgspec.json.encode(asked)


class _Vector(msgspec.Struct, frozen=True):
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0


class _Shape(msgspec.Struct):
    k: str
    v: float


class _Told(msgspec.Struct, kw_only=True):
    """The names on the wire, in their order; whatever else is there is passed over, as the sheet asks."""

    Timestamp: float | int = 0
    Hotkey: int = -1
    FaceFound: bool
    Rotation: _Vector = _Vector()
    Position: _Vector = _Vector()
    BlendShapes: list[_Shape] = []
    EyeLeft: _Vector = _Vector()
    EyeRight: _Vector = _Vector()


_DECODER = msgspec.json.Decoder(_Told)


def _within(v: _Vector, limit: float, what: str) -> Vector:
    if not all(abs(n) <= limit for n in (v.x, v.y, v.z)):
        raise ValueError(f"{what} ({v.x:g}, {v.y:g}, {v.z:g}) is no head's")
    return v.x, v.y, v.z


def _weights(shapes: list[_Shape]) -> dict[str, float]:
    weights = {}
    for shape in shapes:
        name = SPELLINGS.get(shape.k.lower())
        if name is not None:
            if not math.isfinite(shape.v):
                raise ValueError(f"{name} is {shape.v}")
            weights[name] = max(0.0, min(1.0, shape.v))
    return weights
