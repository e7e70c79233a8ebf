"""opentrack: 48 bytes, read as opentrack's own receiver does."""

from __future__ import annotations

import math
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from apps import PITCH, TILT, YAW, demo, packets, turned

from vtuber import rotation
from vtuber.outputs.opentrack import Output
from vtuber.protocols.opentrack import Pose, pose

GOLDEN = Path(__file__).with_name("golden") / "opentrack.bin"


@pytest.fixture
def output(receiver: socket.socket) -> Iterator[Output]:
    made = Output(f"127.0.0.1:{receiver.getsockname()[1]}")
    yield made
    made.close()


def test_golden_bytes() -> None:
    (packet,) = packets(GOLDEN)
    read = Pose.parse(packet)
    assert bytes(read) == packet
    assert struct.unpack("<6d", packet) == pytest.approx((3.0, -2.0, -5.0, -20.0, 10.0, -5.0))
    assert (read.x, read.y, read.z) == pytest.approx((3.0, -2.0, -5.0)), "cm"


def test_the_head_turns_as_opentracks_own_tracker_would_say() -> None:
    read = pose(turned())
    assert (read.yaw, read.pitch, read.roll) == pytest.approx((-YAW, PITCH, TILT)), "right, up, left shoulder"
    assert (read.x, read.y, read.z) == pytest.approx((3.0, -2.0, -5.0)), "left, up, away; cm"


def test_the_demo_performer_arrives_state_by_state(receiver: socket.socket, output: Output) -> None:
    furthest = 0.0
    for state in demo():
        output.send(state)
        x, y, z, yaw, pitch, roll = struct.unpack("<6d", receiver.recv(100))
        # opentrack's axes: x to the performer's left, y up, z away; its yaw runs to the right, its roll to the left.
        angles = rotation.yaw_pitch_roll(rotation.to_matrix(np.array(state.head_rotation)))
        assert (-yaw, pitch, -roll) == pytest.approx([math.degrees(a) for a in angles], abs=1e-9)
        assert np.array([x, y, -z]) / 100 == pytest.approx(np.array(state.head_position))
        furthest = max(furthest, abs(yaw))
    assert furthest > 8, "a performer who never turns would prove nothing"


def test_a_lost_head_and_another_performer_send_nothing(receiver: socket.socket, output: Output) -> None:
    output.send(turned("lost"))
    output.send(turned(person=1))
    output.send(turned())
    assert Pose.parse(receiver.recv(100)) == pose(turned())
    receiver.setblocking(False)
    with pytest.raises(BlockingIOError):
        receiver.recv(100)


@pytest.mark.parametrize(
    "packet, complaint",
    [
        (b"", "0 bytes, not 48"),
        (bytes(47), "47 bytes"),
        (bytes(49), "49 bytes"),
        (struct.pack("<6d", 0, 0, 0, math.nan, 0, 0), "not finite"),
        (struct.pack("<6d", math.inf, 0, 0, 0, 0, 0), "not finite"),
    ],
)
def test_what_is_broken_is_refused(packet: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Pose.parse(packet)
