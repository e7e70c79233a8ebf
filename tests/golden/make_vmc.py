"""Writes vmc.bin and vmc.json: packets of VMC, and what is in them. Read by the tests here and by those in C#.

    python tests/golden/make_vmc.py

vmc.bin: each packet behind its length, four bytes, little-endian. vmc.json: "packets" has the messages of each packet
as [address, argument ...], numbers as the 32-bit floats that were sent.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vtuber import rotation
from vtuber.pose import Pose, to_state
from vtuber.protocols import osc, vmc
from vtuber.protocols.osc import Message
from vtuber.wire import ARKIT, AvatarState

PACKETS, TRUTH = Path(__file__).with_name("vmc.bin"), Path(__file__).with_name("vmc.json")


def turned() -> AvatarState:
    """20 degrees to the performer's left, 10 up, tilted by 5; a left wink, the eyes to the right, a hand raised."""
    tilt = rotation.exp(np.array([0.0, 0.0, math.radians(5)]))
    head = rotation.multiply(rotation.from_yaw_pitch(math.radians(20), math.radians(10)), tilt)
    gaze = np.radians([-15.0, 5.0, -12.0, 5.0])
    weights = np.linspace(0.0, 1.0, len(ARKIT))
    weights[[ARKIT.index("eyeBlinkLeft"), ARKIT.index("eyeBlinkRight")]] = 0.95, 0.05
    state = to_state(Pose(head, np.array([0.05, -0.02, 0.1]), gaze, weights), 100.0, 0, "tracked", 0.9)
    arm = {"leftUpperArm": (0.0, 0.0, -0.6, 0.8), "leftThumbMetacarpal": (0.1, 0.7, 0.1, 0.7)}
    return replace(state, bones={**state.bones, **arm})


def packets() -> list[bytes]:
    state = turned()
    lost = replace(state, timestamp=100.5, tracking="coasting", bones={"head": (0.0, 0.0, 0.0, 1.0)})
    bundled = vmc.Writer(bundled=True).packets(state)
    single = vmc.Writer(["vrm1"], relaxed=False).packets(lost)
    nested = next(osc.bundles([next(osc.bundles(single[:2])), *single[2:4]]))
    foreign = [
        Message("/VMC/Ext/Opt", ("よろしく",)),
        Message("/VMC/Ext/Blend/Val", ("目を閉じる", 0.5)),
        Message("/VMC/Ext/Blend/Val", ("BLINK_L", 1.0, "a later version's argument")),
        Message("/VMC/Ext/OK", (1,)),
        Message("/elsewhere", (True, False, None, b"\1\2\3", 7)),
        Message("/VMC/Ext/Blend/Apply"),
    ]
    return [*bundled, *single, nested, *osc.bundles(map(bytes, foreign))]


def truth(found: list[bytes]) -> dict[str, Any]:
    messages = [osc.read(packet) for packet in found]
    return {"packets": [[[m.address, *map(_plain, m.arguments)] for m in packet] for packet in messages]}


def _plain(value: osc.Argument) -> Any:
    return list(value) if isinstance(value, bytes) else value


def main() -> None:
    found = packets()
    PACKETS.write_bytes(b"".join(struct.pack("<I", len(p)) + p for p in found))
    text = json.dumps(truth(found), ensure_ascii=False, indent=None, separators=(",", ":"))
    TRUTH.write_text(text.replace("]],", "]],\n") + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
