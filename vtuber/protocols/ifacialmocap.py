"""iFacialMocap: the text that the phone app sends, versions 1 and 2, and the hello that asks for it.

    eyeBlink_L-37|...|trackingStatus-1|=head#rx,ry,rz,px,py,pz|rightEye#rx,ry,rz|leftEye#rx,ry,rz|

Weights are whole percents, angles degrees, places metres. Version 2 has & for the - before a weight. Names are ARKit's
with _L and _R for Left and Right. https://www.ifacialmocap.com/for-developer; what it leaves open:

* Signs, seen in packets of phones and in what receivers do with them: relative to what the names call left, the angles
  are ARKit's own (right-handed, x down, y to the left), and x of the place runs to the right.
* The order of the angles is Unity's (about y, then x, then z), into which receivers put them as they are.
* trackingStatus 0 means that nobody is seen: said by apps that receive it, not by the vendor.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from vtuber import rotation
from vtuber.protocols import arkit_eyes
from vtuber.stages import Array, Performance
from vtuber.wire import ARKIT, NO_TURN, AvatarState

PORT = 49983
"""Both the phone's, for the hello, and the computer's, for the data."""
_HELLO = "iFacialMocap_sahuasouryya9218sauhuiayeta91555dy3719"
_VERSION_2 = "|sendDataVersion=v2"
FACEMOTION3D_PORT = 49993
"""Facemotion3d's, for a hello of its own; what it sends is version 2."""
_FACEMOTION3D_HELLO = b"FACEMOTION3D_OtherStreaming"
SEPARATOR = {1: "-", 2: "&"}
LONGEST = 16384
"""Bytes; a real packet has some 1300."""
FAR_M = 1000.0
"""A place further away than this is a fault."""

WIRE_NAME = {
    name: name.removesuffix(word) + f"_{word[0]}"
    for word in ("Left", "Right")
    for name in ARKIT
    # jawLeft and mouthLeft say where the jaw and the mouth go: they have no twin at the other side of the face.
    if name.endswith(word) and name not in ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
}
"""ARKit -> the wire, where they differ."""
KNOWN = {WIRE_NAME.get(name, name): name for name in ARKIT} | {name: name for name in ARKIT}
"""Spellings on the wire -> ARKit; Facemotion3d writes Left and Right."""
STATUS = "trackingStatus"
BLOCKS = {"head": (3, 6), "leftEye": (3,), "rightEye": (3,)}
"""How many numbers a block may have; older versions send no place."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What one packet says, as it was sent."""

    percents: Mapping[str, float] = field(default_factory=dict)
    """ARKit name -> 0..100, negative from Facemotion3d; a phone does not send every shape each time."""
    tracked: bool | None = None
    """None: it does not say."""
    head: tuple[float, ...] = ()
    """Three angles in degrees, then, of most versions, three places in metres."""
    left_eye: tuple[float, ...] = ()
    right_eye: tuple[float, ...] = ()
    """Three angles in degrees, or nothing."""

    @classmethod
    def parse(cls, data: bytes) -> Frame:
        """Either version. What has no known name is passed over, as in the vendor's own sample.

        Raises:
            ValueError: it is no text, names nothing that is known, or a number of it is none.
        """
        percents: dict[str, float] = {}
        blocks: dict[str, tuple[float, ...]] = {}
        tracked = None
        for part in _decoded(data).split("|"):
            text = part.strip().removeprefix("=")
            name, mark, rest = text.partition("#")
            if mark:
                if name in BLOCKS:
                    blocks[name] = _block(name, rest)
                continue
            name, mark, rest = text.partition("&" if "&" in text else "-")
            if name == STATUS:
                tracked = _number(rest) != 0
            elif name in KNOWN:
                percents[KNOWN[name]] = _number(rest)
        if not percents and "head" not in blocks:
            raise ValueError(f"neither a shape nor a head: {data[:40]!r}")
        return cls(percents, tracked, *(blocks.get(name, ()) for name in BLOCKS))

    def encode(self, version: int) -> bytes:
        """The packet as a phone that was asked for this version sends it."""
        names, form = _form(SEPARATOR[version], tuple(self.percents))
        text = form % tuple(map(round, map(self.percents.__getitem__, names)))
        if self.tracked is not None:
            text += f"{STATUS}{SEPARATOR[version]}{int(self.tracked)}|"
        # The eyes stand the other way round than in BLOCKS, as in the packets of a phone.
        for name, numbers in (("=head", self.head), ("rightEye", self.right_eye), ("leftEye", self.left_eye)):
            text += f"{name}#{','.join([f'{n:.5f}' for n in numbers])}|"
        return text.encode("ascii")


@lru_cache(maxsize=64)
def _form(mark: str, names: tuple[str, ...]) -> tuple[list[str], str]:
    """Those of the names that are sent, in the order of the wire, and the text that takes their percents."""
    sent = [name for name in ARKIT if name in names]
    return sent, "".join(f"{WIRE_NAME.get(name, name)}{mark}%d|" for name in sent)


def hello(version: int, port: int = PORT) -> bytes:
    """What a computer sends to the phone's port, once, to be sent data."""
    if port == FACEMOTION3D_PORT:
        return _FACEMOTION3D_HELLO
    return (_HELLO + (_VERSION_2 if version == 2 else "")).encode("ascii")


def asked_version(data: bytes) -> int | None:
    """The version that a hello asks for; None of anything else, such as the hello for data over TCP."""
    if not data.startswith(_HELLO.encode("ascii")):
        return None
    return 2 if b"v2" in data[len(_HELLO) : LONGEST] else 1


def frame(state: AvatarState) -> Frame:
    """A state as the phone would send it."""
    eyes = []
    for bone in ("leftEye", "rightEye"):
        x, y, _ = rotation.to_ifacialmocap(state.bones.get(bone, NO_TURN))
        eyes.append((x, y, 0.0))
    place = rotation.ifacialmocap_position(np.array(state.head_position)).tolist()
    return Frame(
        {name: 100.0 * weight for name, weight in state.blendshapes.items()},
        state.tracking != "lost",
        (*rotation.to_ifacialmocap(state.head_rotation), *place),
        *eyes,
    )


def performance(f: Frame, weights: Mapping[str, float]) -> Performance:
    """What a frame says of a performance.

    Args:
        weights: ARKit name -> 0..1, of this frame and, where it leaves a shape out, of those before.
    """
    return Performance(
        rotation=rotation.from_ifacialmocap(*f.head[:3]) if f.head else None,
        position=_place(f.head[3:]) if len(f.head) == 6 else None,
        gaze=arkit_eyes.gaze(_eye(f.left_eye), _eye(f.right_eye), weights) if f.left_eye and f.right_eye else None,
        blendshapes=weights,
    )


def _place(numbers: tuple[float, ...]) -> Array:
    if max(map(abs, numbers)) > FAR_M:
        raise ValueError(f"a head {max(map(abs, numbers)):g} m away")
    return rotation.ifacialmocap_position(np.array(numbers))


def _eye(angles: tuple[float, ...]) -> tuple[float, float]:
    """Yaw to the performer's left and pitch up, radians."""
    x, y, _ = angles
    return math.radians(y), -math.radians(x)


def _decoded(data: bytes) -> str:
    if len(data) > LONGEST:
        raise ValueError(f"{len(data)} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None


def _block(name: str, text: str) -> tuple[float, ...]:
    numbers = tuple(map(_number, text.split(",", 8)))
    if len(numbers) not in BLOCKS[name]:
        raise ValueError(f"{name} has {len(numbers)} numbers")
    return numbers


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no number") from None
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]!r} is not finite")
    return number
