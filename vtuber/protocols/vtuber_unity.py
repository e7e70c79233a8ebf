"""VTuber_Unity's eight numbers over TCP, as its archived Unity scene reads them (kwea123/VTuber_Unity).

Its messages have no end mark: whatever one Read() of up to 1024 bytes brings is split at spaces, and the first six
numbers count. Two messages in one read are one; a message cut in two ends the scene's receiving thread for good. Here
each message is 64 bytes long, ending in a line feed: sixteen fill the scene's buffer exactly, so that no read ends
inside one, and a reader that knows of the line feed finds them all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from vtuber import rotation
from vtuber.wire import NO_TURN, AvatarState

PORT = 5066
LENGTH = 64
RANGES = ((-50.0, 50.0), (-40.0, 40.0), (-50.0, 50.0), *[(0.0, 9.0)] * 5)
"""Of each number: the first three are the project's own; with the others a message keeps to its length."""
_FORM = " ".join(["%.4f"] * len(RANGES))
EYE_OPEN, EYE_SHUT = 0.3, 0.1
"""Aspect ratio of the eye; the scene takes 0.2 for half shut."""
MOUTH_SHUT, MOUTH_OPEN = 0.3, 0.8
"""Aspect ratio of the mouth at which the scene's is shut and open."""
MOUTH_WIDTH, SMILE_WIDTH = 0.25, 0.13
"""Width of the mouth as a share of the face, and what a smile adds; above 0.33 the scene smiles."""
FULL_JAW = 0.7
"""jawOpen of a mouth that is open wide in speech."""
LOOK_DEG = 60.0
"""Gaze that takes the iris from one corner to the other."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, in the order of the wire."""

    roll: float
    """Degrees, tilted to the right shoulder."""
    pitch: float
    """Degrees, up."""
    yaw: float
    """Degrees, turned to the right."""
    eye: float
    """Aspect ratio of the eye that is less open."""
    mouth: float
    """Aspect ratio of the mouth."""
    mouth_width: float
    """Share of the face's width."""
    iris_x: float
    """0 towards the performer's right, 1 left. The scene does not read it, nor the next."""
    iris_y: float
    """0 up, 1 down."""

    @classmethod
    def of(cls, state: AvatarState) -> Message:
        """What a state is in these words.

        Raises:
            ValueError: a number is not finite.
        """
        w = state.blendshapes.get
        blink = max(w("eyeBlinkLeft", 0.0), w("eyeBlinkRight", 0.0))
        opening = min(1.0, max(0.0, w("jawOpen", 0.0) - w("mouthClose", 0.0)) / FULL_JAW)
        smile = (w("mouthSmileLeft", 0.0) + w("mouthSmileRight", 0.0)) / 2
        yaw, pitch = _gaze(state)
        return cls(
            *rotation.to_vtuber_unity(state.head_rotation),
            EYE_OPEN + blink * (EYE_SHUT - EYE_OPEN),
            MOUTH_SHUT + opening * (MOUTH_OPEN - MOUTH_SHUT),
            MOUTH_WIDTH + smile * SMILE_WIDTH,
            0.5 + yaw / LOOK_DEG,
            0.5 - pitch / LOOK_DEG,
        )

    @classmethod
    def parse(cls, data: bytes) -> Message:
        """As the scene reads it: split at spaces. Raises ValueError."""
        try:
            values = [float(word) for word in data[:1024].decode("ascii").split()]
        except ValueError as e:
            raise ValueError(f"no message of VTuber_Unity: {e}") from None
        if len(values) != len(RANGES) or not all(map(math.isfinite, values)):
            raise ValueError(f"no message of VTuber_Unity: {len(values)} numbers instead of 8, or one is not finite")
        return cls(*values)

    def __bytes__(self) -> bytes:
        head, face = (self.roll, self.pitch, self.yaw), (self.eye, self.mouth, self.mouth_width)
        values = (*head, *face, self.iris_x, self.iris_y)
        if not math.isfinite(sum(values)):
            raise ValueError(f"a number is not finite: {values}")
        # Adding 0 makes a 0 of -0, which some readers do not know.
        held = [round(max(low, min(high, v)), 4) + 0.0 for v, (low, high) in zip(values, RANGES, strict=True)]
        return (_FORM % tuple(held)).ljust(LENGTH - 1).encode("ascii") + b"\n"


def _gaze(state: AvatarState) -> tuple[float, float]:
    """Yaw to the performer's left and pitch up of both eyes' mean, degrees."""
    left_yaw, left_pitch, _ = rotation.angles(state.bones.get("leftEye", NO_TURN))
    right_yaw, right_pitch, _ = rotation.angles(state.bones.get("rightEye", NO_TURN))
    return math.degrees(left_yaw + right_yaw) / 2, math.degrees(left_pitch + right_pitch) / 2
