"""VMC as it arrives: the messages of many packets, gathered into frames, and what a frame says of a performance."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from vtuber import rotation
from vtuber.protocols import osc
from vtuber.protocols.osc import Argument
from vtuber.protocols.vmc import EXPRESSIONS, UNITY_BONE
from vtuber.stages import Array, Performance
from vtuber.wire import ARKIT, PRESETS, Quaternion, Vector

CHAIN = ("hips", "spine", "chest", "upperChest", "neck", "head")
"""The bones whose product is the turn of the head."""
HEAD = ("neck", "head")
EYES = ("leftEye", "rightEye")
FAR_M = 1000.0
"""A place further away than this is a fault."""


def _plain(name: str) -> str:
    """Names are compared without case and underscore: `Blink_L` and `BLINK_L`, `JawOpen` and `jawOpen` all occur."""
    return name.replace("_", "").lower()


def _spellings() -> dict[str, str]:
    known = {_plain(sent): ours for names in EXPRESSIONS.values() for ours, sent in names.items()}
    for name in (*ARKIT, *PRESETS):
        known[_plain(name)] = name
        for word, letter in (("Left", "L"), ("Right", "R")):
            if name.endswith(word):  # as in iFacialMocap's eyeBlink_L
                known.setdefault(_plain(name.removesuffix(word) + letter), name)
    # As most apps spell them, so that they are found at once.
    return known | {sent: ours for names in EXPRESSIONS.values() for ours, sent in names.items()}


WEIGHTS = _spellings()
"""A weight's name as it may come, itself or plain -> ours."""
BONES = {spelling: ours for ours, theirs in UNITY_BONE.items() for spelling in (theirs, _plain(theirs))}


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment of another app: as it was sent, in Unity's axes, under our names."""

    tracked: bool = True
    """False when the app says that no avatar is loaded or that its tracking is bad."""
    time: float | None = None
    """Seconds on the app's own clock; None until it tells."""
    root: Vector | None = None
    """Metres"""
    bones: Mapping[str, tuple[Vector, Quaternion]] = field(default_factory=dict)
    """VRM 1.0 bone -> place in metres and rotation, local to the parent."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """ARKit name or VRM 1.0 preset -> 0..1"""


class Reader:
    """Gathers frames: every packet in, whole frames out. What it remembers is bounded by the names it knows.

    A frame is whole when its values are applied. Apps that never apply, or send bones only, are understood as well:
    what comes a second time begins the next frame.
    """

    def __init__(self) -> None:
        self.refused = ""
        """Why messages of the last packet were passed over; empty when all were good."""
        self._tracked = True
        self._time: float | None = None
        self._root: Vector | None = None
        self._bones: dict[str, tuple[Vector, Quaternion]] = {}
        self._weights: dict[str, float] = {}
        self._staged: dict[str, tuple[str, float]] = {}
        self._moved: set[str] = set()
        self._applies = False
        self._frames: list[Frame] = []
        self._handlers: dict[str, Callable[[tuple[Argument, ...]], None]] = {
            "/VMC/Ext/OK": self._ok,
            "/VMC/Ext/T": self._clock,
            "/VMC/Ext/Root/Pos": self._place,
            "/VMC/Ext/Bone/Pos": self._bone,
            "/VMC/Ext/Blend/Val": self._value,
            "/VMC/Ext/Blend/Apply": self._apply,
        }

    def feed(self, packet: bytes) -> list[Frame]:
        """The frames that this packet completes, mostly none or one. Addresses that say nothing to us are passed over.

        Raises:
            ValueError: the packet is no OSC.
        """
        self._frames, self.refused = [], ""
        for message in osc.read(packet):
            handler = self._handlers.get(message.address)
            if handler is None:
                continue
            try:
                handler(message.arguments)
            except ValueError as e:
                self.refused = f"VMC: {message.address}: {e}"
        return self._frames

    def _ok(self, given: tuple[Argument, ...]) -> None:
        numbers = [_number(g) for g in given[:4]]
        if not numbers:
            raise ValueError("says nothing")
        self._tracked = numbers[0] != 0 and (len(numbers) < 4 or numbers[3] != 0)

    def _clock(self, given: tuple[Argument, ...]) -> None:
        (self._time,) = _numbers(given, 1)

    def _place(self, given: tuple[Argument, ...]) -> None:
        _, self._root, _ = _pose(given)

    def _bone(self, given: tuple[Argument, ...]) -> None:
        name, place, turn = _pose(given)
        bone = BONES.get(name) or BONES.get(_plain(name))
        if bone is None:
            return
        if bone in self._moved:
            self._emit(commit=not self._applies)
        self._moved.add(bone)
        self._bones[bone] = place, turn

    def _value(self, given: tuple[Argument, ...]) -> None:
        if len(given) < 2 or not isinstance(given[0], str):
            raise ValueError("is not a name and a number")
        name = WEIGHTS.get(given[0]) or WEIGHTS.get(_plain(given[0]))
        weight = _number(given[1])
        if name is None:
            return
        if name in self._staged and self._staged[name][0] == given[0]:
            # A second round without an Apply: it got lost, or this app sends none.
            self._applies = False
            self._emit(commit=True)
        self._staged[name] = given[0], min(1.0, max(0.0, weight))

    def _apply(self, given: tuple[Argument, ...]) -> None:
        self._applies = True
        self._emit(commit=True)

    def _emit(self, *, commit: bool) -> None:
        if commit:
            self._weights.update((name, weight) for name, (_, weight) in self._staged.items())
            self._staged.clear()
        self._moved.clear()
        self._frames.append(Frame(self._tracked, self._time, self._root, dict(self._bones), dict(self._weights)))


def performance(frame: Frame, *, hips: bool = True) -> Performance:
    """What a frame says of the performer, our axes; of each part only what the app has sent.

    The head's turn is that of the whole body up to it; the bones below the neck are passed on as well.

    Args:
        hips: whether their place and turn count.
    """
    turns = dict(zip(frame.bones, _turns(frame), strict=True))
    if not hips:
        turns.pop("hips", None)
    head = rotation.IDENTITY
    for bone in CHAIN:
        head = rotation.multiply(head, turns.get(bone, rotation.IDENTITY))
    says_head = any([turns.pop(bone, None) is not None for bone in HEAD])  # a list: each of them is taken out
    eyes = [turns.pop(bone) for bone in EYES if bone in turns]
    blendshapes = {name: w for name, w in frame.weights.items() if name not in PRESETS}
    presets = {name: w for name, w in frame.weights.items() if name in PRESETS}
    return Performance(
        rotation=rotation.normalize(head) if says_head else None,
        position=_position(frame, hips),
        gaze=np.array([_yaw_pitch(eyes[0]), _yaw_pitch(eyes[-1])]).ravel() if eyes else None,
        blendshapes=blendshapes or None,
        expressions=presets or None,
        bones=turns,
    )


def _turns(frame: Frame) -> list[Array]:
    if not frame.bones:
        return []
    return list(rotation.from_unity(np.array([turn for _, turn in frame.bones.values()])))


def _position(frame: Frame, hips: bool) -> Array | None:
    """Root and hips together: which of them an app moves differs."""
    places = [frame.root] if frame.root else []
    places += [frame.bones["hips"][0]] if hips and "hips" in frame.bones else []
    return rotation.unity_position(np.sum(places, axis=0)) if places else None


def _yaw_pitch(turn: Array) -> tuple[float, float]:
    yaw, pitch, _ = rotation.angles(turn)
    return yaw, pitch


def _pose(given: tuple[Argument, ...]) -> tuple[str, Vector, Quaternion]:
    """Name, place and unit quaternion; later versions add arguments behind them."""
    if len(given) < 8 or not isinstance(given[0], str):
        raise ValueError("is not a name and seven numbers")
    x, y, z, qx, qy, qz, qw = _numbers(given[1:], 7)
    if max(abs(x), abs(y), abs(z)) > FAR_M:
        raise ValueError(f"{given[0][:32]} lies a kilometre away")
    length = math.hypot(qx, qy, qz, qw)
    if not 1e-6 < length < 1e6:
        raise ValueError(f"the rotation of {given[0][:32]} has the length {length:g}")
    return given[0], (x, y, z), (qx / length, qy / length, qz / length, qw / length)


def _numbers(given: tuple[Argument, ...], count: int) -> list[float]:
    if len(given) < count:
        raise ValueError(f"needs {count} numbers, has {len(given)}")
    return [_number(g) for g in given[:count]]


def _number(given: Argument) -> float:
    if type(given) is not float:
        if type(given) is not int:
            raise ValueError(f"is not a number: {given!r:.32}")
        given = float(given)
    if given - given != 0.0:  # infinities and NaN; quicker than asking math
        raise ValueError("holds a number that is not finite")
    return given
