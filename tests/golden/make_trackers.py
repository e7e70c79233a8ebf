"""Writes packets of OpenSeeFace, iFacialMocap, Live Link Face and opentrack: one head, as each of them would send it.

    python tests/golden/make_trackers.py

Turned 20 degrees to the performer's left, 10 up, 5 to the right shoulder; 3 cm to the left, 2 down, 5 nearer; looking
15 to the left and 10 down; a left wink, and every other shape a weight of its own. In .bin each packet follows its
length, u32 little-endian; in .txt it is a line.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np

from vtuber import rotation
from vtuber.pose import Pose, to_state
from vtuber.protocols import ifacialmocap, live_link_face, openseeface_face, opentrack
from vtuber.wire import ARKIT, AvatarState, Tracking

HERE = Path(__file__).parent
WEIGHTS = {name: i / 100 for i, name in enumerate(ARKIT)} | {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 0.0}
DEVICE = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


def state(person: int = 0, tracking: Tracking = "tracked") -> AvatarState:
    turned = rotation.from_yaw_pitch_roll(math.radians(20), math.radians(10), math.radians(5))
    gaze = np.radians([15.0, -10.0, 15.0, -10.0])
    pose = Pose(turned, np.array([0.03, -0.02, 0.05]), gaze, np.array(list(WEIGHTS.values())))
    return to_state(pose, 12.5, person, tracking, 0.9)


def main() -> None:
    faces = [bytes(openseeface_face.record(state(person), 1.7e9 + 0.25)) for person in (0, 1)]
    _write("openseeface.bin", [faces[0], b"".join(faces)])
    day_s = 12 * 3600 + 34 * 60 + 56.789
    packets = [live_link_face.packet(s, DEVICE, "Änne", day_s) for s in (state(), state(tracking="lost"))]
    _write("live_link_face.bin", [bytes(p) for p in packets])
    _write("opentrack.bin", [bytes(opentrack.pose(state()))])
    lines = [ifacialmocap.frame(s).encode(version) for s in (state(), state(tracking="lost")) for version in (1, 2)]
    (HERE / "ifacialmocap.txt").write_bytes(b"".join(line + b"\n" for line in lines))


def _write(name: str, packets: list[bytes]) -> None:
    (HERE / name).write_bytes(b"".join(struct.pack("<I", len(p)) + p for p in packets))


if __name__ == "__main__":
    main()
