"""VRChat's OSC: native eye tracking, and avatar parameters by name as numbers or as bits.

https://docs.vrchat.com/docs/osc-eye-tracking and osc-avatar-parameters; which of an avatar's parameters mean what is
VRCFaceTracking's custom, see unified.py. VRChat's own face tracking by OSC, new in 2026, is not spoken: its input
addresses could not be verified.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from operator import add

import numpy as np

from vtuber import rotation
from vtuber.protocols import osc, unified
from vtuber.stages import Array
from vtuber.wire import AvatarState

PORT = 9000
"""Where VRChat listens."""
PARAMETERS = "/avatar/parameters/"
REFRESH_S = 1.0
"""So often everything is said again, in case a packet was lost or the avatar changed."""
STATUS = ("EyeTrackingActive", "ExpressionTrackingActive", "LipTrackingActive")
"""Bools that say whether the performer is seen."""
MOST_BITS = 7

_FLOAT, _LOOK = struct.Struct(">f"), struct.Struct(">4f")
_COLUMN = {name: i for i, name in enumerate(unified.NAMES)}
_BITS = re.compile(r"(?P<name>.*?)(?P<bit>\d+|Negative)")
_EYES_CLOSED = osc.head("/tracking/eye/EyesClosedAmount", "f")
_EYES_LOOK = osc.head("/tracking/eye/LeftRightPitchYaw", "ffff")

Known = Mapping[str, str]
"""Address of an avatar's parameter -> its OSC type tag, as VRChat tells them."""


@dataclass(frozen=True, slots=True)
class Binary:
    """A parameter made of bools: `Name1`, `Name2`, `Name4` ..., and maybe `NameNegative`."""

    name: str
    bits: Mapping[int, str]
    """1, 2, 4 ... -> address"""
    negative: str | None = None
    """The address of the sign; without it, what is negative counts as nothing."""

    def code(self, value: float) -> int:
        """A value within -1..1 in steps of the lowest bit; one's complement where it is negative."""
        if value < 0 and self.negative is None:
            return 0
        whole = 1 << len(self.bits)
        # 1 has no bits of its own: it is all of them, as a hair less is.
        steps = min(whole - 1, int(abs(value) * whole))
        return ~steps if value < 0 else steps

    def bools(self, code: int) -> Iterator[tuple[str, bool]]:
        """Address by address."""
        if self.negative is not None:
            yield self.negative, code < 0
        steps = ~code if code < 0 else code
        yield from ((address, bool(steps & bit)) for bit, address in self.bits.items())


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send to one avatar."""

    floats: Mapping[str, str]
    """address -> parameter"""
    binaries: tuple[Binary, ...]
    status: tuple[str, ...]
    """Addresses of bools that say whether the performer is seen."""
    look: bool
    """VRChat turns the eyes; else the avatar does, by its parameters."""
    lids: bool
    """VRChat moves the lids; else the avatar does."""


def plan_blind(prefix: str, bits: int) -> Plan:
    """For an avatar that nobody has told about: every parameter, and VRChat's own eyes.

    Args:
        prefix: before `v2/`, as the avatar's maker chose it: "FT/" by custom.
        bits: of binary parameters besides the numbers, 0 for none; it has to be what the avatar has.

    Raises:
        ValueError: so many bits make no sense.
    """
    if not 0 <= bits <= MOST_BITS:
        raise ValueError(f"bits must be from 0 to {MOST_BITS}, not {bits}")
    names = sorted(unified.NAMES)
    root = f"{PARAMETERS}{prefix}v2/"
    binaries = [
        Binary(
            name,
            {1 << i: f"{root}{name}{1 << i}" for i in range(bits)},
            f"{root}{name}Negative" if name in unified.SIGNED else None,
        )
        for name in (names if bits else ())
    ]
    status = tuple(f"{PARAMETERS}{name}" for name in STATUS)
    return Plan({f"{root}{name}": name for name in names}, tuple(binaries), status, look=True, lids=True)


def plan_for(known: Known) -> Plan:
    """For the avatar that has these parameters: only what it has, each in the form that it has it in."""
    floats: dict[str, str] = {}
    bits: dict[str, dict[int, str]] = {}
    signs: dict[str, str] = {}
    for address, tag in known.items():
        before, found, name = address.rpartition("v2/")
        if not found or not before.endswith("/"):
            continue
        if tag == "f" and name in unified.NAMES:
            floats[address] = name
        elif tag in ("T", "F") and (match := _BITS.fullmatch(name)) and match["name"] in unified.NAMES:
            # The same parameter may be there under two prefixes; each is a number of its own.
            key = f"{before}v2/{match['name']}"
            if match["bit"] == "Negative":
                signs[key] = address
            elif (bit := int(match["bit"][:4])).bit_count() == 1 and bit < 1 << MOST_BITS:
                bits.setdefault(key, {})[bit] = address
    binaries = tuple(Binary(key.rpartition("v2/")[2], found_, signs.get(key)) for key, found_ in bits.items())
    status = tuple(a for a, tag in known.items() if tag in ("T", "F") and a.rpartition("/")[2] in STATUS)
    names = {*floats.values(), *(b.name for b in binaries)}
    return Plan(
        floats,
        binaries,
        status,
        # As VRCFaceTracking does: an avatar that moves its own eyes must not have them moved by VRChat too.
        look=not any(re.fullmatch(r"Eye(Left|Right)?[XY]", name) for name in names),
        lids=not any(name.startswith(("EyeOpen", "EyeClosed", "EyeLid")) for name in names),
    )


class Writer:
    """States -> messages, of which only those that say something new are given out, and all of them once a second."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    @property
    def plan(self) -> Plan:
        return self._plan

    @plan.setter
    def plan(self, plan: Plan) -> None:
        self._plan = plan
        self._columns = [_COLUMN[name] for name in plan.floats.values()]
        self._heads = [osc.head(address, "f") for address in plan.floats]
        self._words = struct.Struct("4s" * len(self._heads))
        self._forget()

    def _forget(self) -> None:
        """Whatever comes is news."""
        self._floats: Array = np.full(len(self._heads), np.nan)
        self._codes: dict[int, int] = {}
        self._bools: dict[str, bool] = {}
        self._refreshed = -math.inf

    def messages(self, state: AvatarState) -> list[bytes]:
        if not 0 <= state.timestamp - self._refreshed < REFRESH_S:
            self._forget()
            self._refreshed = state.timestamp
        seen = state.tracking in ("tracked", "reacquired")
        values = unified.values(state)
        messages = self._eyes(state) if seen else []
        messages += self._switches((address, seen) for address in self._plan.status)
        messages += self._numbers(values[self._columns])
        for i, binary in enumerate(self._plan.binaries):
            code = binary.code(float(values[_COLUMN[binary.name]]))
            if self._codes.get(i) != code:
                self._codes[i] = code
                messages += self._switches(binary.bools(code))
        return messages

    def _eyes(self, state: AvatarState) -> list[bytes]:
        """With every state: after ten seconds of silence VRChat moves them itself again, as it should."""
        messages = []
        if self._plan.look:
            eyes = [rotation.to_vrchat(state.bones[bone]) for bone in ("leftEye", "rightEye")]
            messages.append(_EYES_LOOK + _LOOK.pack(*(angle for yaw, pitch, _ in eyes for angle in (pitch, yaw))))
        if self._plan.lids:
            closed = (state.blendshapes["eyeBlinkLeft"] + state.blendshapes["eyeBlinkRight"]) / 2
            messages.append(_EYES_CLOSED + _FLOAT.pack(closed))
        return messages

    def _numbers(self, values: Array) -> list[bytes]:
        # A thousandth cannot be seen, and VRChat tells other players in 255 steps.
        rounded = (np.floor(values * 1000 + 1000.5) - 1000) / 1000
        news = (rounded != self._floats).tolist()
        self._floats = rounded
        return list(compress(map(add, self._heads, self._words.unpack(rounded.astype(">f4").tobytes())), news))

    def _switches(self, bools: Iterable[tuple[str, bool]]) -> list[bytes]:
        news = [(address, value) for address, value in bools if self._bools.get(address) is not value]
        self._bools.update(news)
        return [_switch(address, value) for address, value in news]


@lru_cache(maxsize=4096)
def _switch(address: str, value: bool) -> bytes:
    """A bool's message, which is nothing but its head."""
    return osc.head(address, "T" if value else "F")
