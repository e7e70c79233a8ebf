"""The far end of a wire; and states to send there: a pose that no two conventions state alike, the demo performer's."""

from __future__ import annotations

import json
import math
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import cast

from vtuber import expressions, rotation
from vtuber.stages import Observation
from vtuber.wire import ARKIT, AvatarState, Quaternion, Tracking

SESSION = Path(__file__).with_name("golden") / "session.jsonl"
YAW, PITCH, TILT = 20.0, 10.0, 5.0
"""Degrees: turned to the performer's left, up, tilted to the left shoulder."""
GAZE_YAW, GAZE_PITCH = 15.0, -10.0
"""Degrees: to the performer's left, down."""
AT_REST = (0.0, 0.0, 0.0, 1.0)


def turned(tracking: Tracking = "tracked", person: int = 0) -> AvatarState:
    """Turned, tilted and moved, with a left wink, a mouth half open and a smile on the left."""
    head = rotation.from_yaw_pitch_roll(math.radians(YAW), math.radians(PITCH), -math.radians(TILT))
    eye = rotation.from_yaw_pitch(math.radians(GAZE_YAW), math.radians(GAZE_PITCH))
    q = {name: cast(Quaternion, tuple(v.tolist())) for name, v in (("head", head), ("leftEye", eye), ("rightEye", eye))}
    weights = dict.fromkeys(ARKIT, 0.0) | {
        "eyeBlinkLeft": 1.0,
        "jawOpen": 0.35,
        "mouthSmileLeft": 0.5,
        "mouthLeft": 0.25,
    }
    place = (0.03, -0.02, 0.05)
    return AvatarState(12.5, person, tracking, 0.9, q["head"], place, q, weights, expressions.solve(weights))


@cache
def demo() -> tuple[AvatarState, ...]:
    """The demo performer's first seconds, 30 states a second, as they left the pipeline."""
    states = []
    for line in SESSION.read_text(encoding="utf-8").splitlines():
        s = json.loads(line)["state"]
        head, bones = s["head"], {name: tuple(q) for name, q in s["bones"].items()}
        states.append(
            AvatarState(
                s["t"], s["person"], s["tracking"], s["confidence"],
                tuple(head["rotation"]), tuple(head["position"]), bones, s["blendshapes"], s["expressions"],
            )
        )  # fmt: skip
    return tuple(states)


def numbered(i: int) -> AvatarState:
    """A state that is known again by its jaw."""
    state = turned()
    return replace(state, blendshapes={**state.blendshapes, "jawOpen": i / 1000})


# --- the far end -----------------------------------------------------------------------------------------------------


def listening() -> socket.socket:
    """An app that receives, or a phone that sends: a UDP socket on this computer."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    made.settimeout(10)
    return made


def packets(golden: Path) -> list[bytes]:
    """Those of a file that has each behind its length, four bytes, little-endian."""
    data, found = golden.read_bytes(), []
    while data:
        (length,) = struct.unpack_from("<I", data)
        found.append(data[4 : 4 + length])
        data = data[4 + length :]
    return found


def next_of(items: Iterator[Observation | None], wanted: Callable[[Observation | None], bool]) -> Observation | None:
    """What a source yields next that is wanted."""
    for _ in range(200):
        item = next(items)
        if wanted(item):
            return item
    raise AssertionError("waited in vain")
