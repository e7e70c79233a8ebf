"""OpenVtuber's event: what its relay passes on to its page, kizuna.html (1996scarlet/OpenVtuber at 3073761).

The page sets the head bone's three.js Euler angles, both eyes' from one pair, a mouth morph by steps at 0.2, 0.4 and
0.6, and a closed eye below 0.1; an MMD model faces +z as ours do, so its own left is the performer's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from vtuber import rotation
from vtuber.wire import NO_TURN, AvatarState

PORT = 6789
NAMESPACE = "/kizuna"
EVENT, PASSED_ON = "result_data", "result_download"
"""What the tracker says to the relay, and under what name the relay says it to the pages."""
PATH = "/socket.io/?EIO=4&transport=websocket"
"""Socket.IO on Engine.IO 4, over a WebSocket from the start."""
JOIN = f"40{NAMESPACE},".encode()
_REFUSED = f"44{NAMESPACE},"
PING, PONG = "2", b"3"
"""The first character is Engine.IO's kind of packet; of 4, a message, the second is Socket.IO's."""
EYE_OPEN = 0.3
"""Height of an open eye over its width."""
LIPS = 0.5
"""jawOpen at which the gap is as high as both lips together: the ratio is then 0.5. Estimated."""


@dataclass(frozen=True, slots=True)
class Result:
    """One message, under the wire's names."""

    euler: tuple[float, float, float]
    """Degrees about x, y and z, in three.js's order XYZ."""
    eye: tuple[float, float]
    """Radians: to the performer's left, down; of both eyes."""
    mouth: float
    """The gap between the lips over gap and lips, 0..1."""
    blink: tuple[float, float]
    """Height over width of the left and the right eye."""

    @classmethod
    def of(cls, state: AvatarState) -> Result:
        w = state.blendshapes.get
        x, y, z = rotation.euler_xyz(state.head_rotation)
        opening = max(0.0, w("jawOpen", 0.0) - w("mouthClose", 0.0))
        left_yaw, left_pitch, _ = rotation.angles(state.bones.get("leftEye", NO_TURN))
        right_yaw, right_pitch, _ = rotation.angles(state.bones.get("rightEye", NO_TURN))
        return cls(
            (math.degrees(x), math.degrees(y), math.degrees(z)),
            ((left_yaw + right_yaw) / 2, -(left_pitch + right_pitch) / 2),
            opening / (opening + LIPS),
            (EYE_OPEN * (1 - w("eyeBlinkLeft", 0.0)), EYE_OPEN * (1 - w("eyeBlinkRight", 0.0))),
        )

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Result:
        """From the event's argument. Raises ValueError."""
        try:
            x, y, z = map(float, data["euler"])
            yaw, down = map(float, data["eye"])
            left, right = map(float, data["blink"])
            made = cls((x, y, z), (yaw, down), float(data["mouth"]), (left, right))
        except (KeyError, TypeError, ValueError) as e:
            raise ValueError(f"no result of OpenVtuber: {e!r}") from None
        made.data()
        return made

    def event(self) -> bytes:
        """The message that says it to the relay. Raises ValueError as data() does."""
        return f"42{NAMESPACE},".encode() + msgspec.json.encode([EVENT, self.data()])

    def data(self) -> dict[str, Any]:
        """The event's argument, rounded to what can be seen.

        Raises:
            ValueError: a number is not finite.
        """
        numbers = [*self.euler, *self.eye, self.mouth, *self.blink]
        if not math.isfinite(sum(numbers)):
            raise ValueError(f"a number is not finite: {numbers}")
        a, b, c, d, e, mouth, left, right = [round(n, 4) + 0.0 for n in numbers]
        return {"euler": [a, b, c], "eye": [d, e], "mouth": mouth, "blink": [left, right]}


def joined(message: str) -> bool:
    """Whether it is the answer to JOIN. Raises OSError when the relay refuses."""
    if message.startswith(_REFUSED):
        raise OSError(f"it refuses: {message[len(_REFUSED) :][:200]}")
    return message.encode().startswith(JOIN)
