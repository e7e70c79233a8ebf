"""Live Link Face: bytes against the sheet and against PyLiveLinkFace, what a network may send, real sockets."""

from __future__ import annotations

import math
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from apps import GAZE_PITCH, GAZE_YAW, PITCH, TILT, YAW, demo, packets, turned
from conftest import needed
from fuzz import mutated
from hypothesis import given
from hypothesis import strategies as st
from utils import angle_between

from vtuber import rotation
from vtuber.outputs.live_link_face import Output
from vtuber.protocols.live_link_face import ANGLES, Packet, packet, performance
from vtuber.sources.live_link_face import MOST, Source
from vtuber.stages import Observation, VTuberError
from vtuber.wire import ARKIT

GOLDEN = Path(__file__).with_name("golden") / "live_link_face.bin"
DEVICE = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
FROM = ("127.0.0.1", 1)


FACE, FACELESS = packets(GOLDEN)


@pytest.fixture
def source() -> Iterator[Source]:
    made = Source("0")
    yield made
    made.close()


def sender(to: socket.socket | Source, **settings: str) -> Output:
    port = to.port if isinstance(to, Source) else to.getsockname()[1]
    return Output(f"127.0.0.1:{port}", **settings)


# --- the bytes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [FACE, FACELESS], ids=["face", "no face"])
def test_golden_bytes(data: bytes) -> None:
    assert bytes(Packet.parse(data)) == data


def test_the_packet_is_that_of_the_sheet() -> None:
    """Read with the layout as it is handed about: u32 6 little-endian, 37 bytes that begin with $, name, time, 61."""
    version, device = struct.unpack_from("<I37s", FACE)
    (length,) = struct.unpack_from(">i", FACE, 41)
    name = FACE[45 : 45 + length].decode("utf-8")
    frame, sub_frame, rate, denominator, count = struct.unpack_from(">ifiiB", FACE, 45 + length)
    values = struct.unpack_from(">61f", FACE, 45 + length + 17)
    assert (version, device, name, rate, denominator, count) == (6, b"$" + DEVICE.encode(), "Änne", 60, 1, 61)
    assert len(FACE) == 45 + length + 17 + 244
    assert (frame + sub_frame) / 60 == pytest.approx(12 * 3600 + 34 * 60 + 56.789, abs=1e-4), "the time of day"
    named = dict(zip((*ARKIT, *ANGLES), values, strict=True))
    assert named["eyeBlinkLeft"] == 1 and named["eyeBlinkRight"] == 0, "a left wink"
    assert named["tongueOut"] == pytest.approx(0.51)
    assert [named[f"Head{a}"] for a in ("Yaw", "Pitch", "Roll")] == pytest.approx(np.radians([20, 10, 5]), abs=1e-6)
    # The eyes' angles run the other way: they look 15 degrees to the left and 10 down.
    for side in ("Left", "Right"):
        assert named[f"{side}EyeYaw"] == pytest.approx(math.radians(-15), abs=1e-6)
        assert named[f"{side}EyePitch"] == pytest.approx(math.radians(10), abs=1e-6)
    assert len(FACELESS) <= 45 + length + 16, "without a face the packet is its head"


def test_pylivelinkface_sees_the_demo_performer(receiver: socket.socket) -> None:
    needed("pylivelinkface")
    from pylivelinkface import FaceBlendShape, PyLiveLinkFace

    output = sender(receiver)
    furthest, times = 0.0, []
    states = [turned(), *demo()]
    for state in states:
        output.send(state)
        found, seen = PyLiveLinkFace.decode(receiver.recv(2048))
        assert found == (state.tracking != "lost") and seen.name == "vtuber"
        values = {shape.name: seen.get_blendshape(shape) for shape in FaceBlendShape}
        weights = {name: values[name[0].upper() + name[1:]] for name in ARKIT}
        assert weights == pytest.approx(dict(state.blendshapes), abs=1e-6)
        angles = rotation.yaw_pitch_roll(rotation.to_matrix(np.array(state.head_rotation)))
        assert [values["HeadYaw"], values["HeadPitch"], values["HeadRoll"]] == pytest.approx(angles, abs=1e-6)
        times.append((seen._frames + seen._sub_frame) / 60)
        furthest = max(furthest, abs(values["HeadYaw"])) if len(times) > 1 else 0.0
    output.close()
    passed = [s.timestamp - states[0].timestamp for s in states]
    assert [t - times[0] for t in times] == pytest.approx(passed, abs=1e-3), "the source's rate"
    assert furthest > math.radians(8), "a performer who never turns would prove nothing"


def test_we_read_what_pylivelinkface_sends() -> None:
    needed("pylivelinkface")
    from pylivelinkface import FaceBlendShape, PyLiveLinkFace

    face = PyLiveLinkFace("Anna", DEVICE, fps=60)
    for shape, value in ((FaceBlendShape.EyeBlinkLeft, 1.0), (FaceBlendShape.HeadYaw, 0.25)):
        face.set_blendshape(shape, value, no_filter=True)
    read = Packet.parse(face.encode())
    assert (read.device, read.subject, read.rate) == (DEVICE, "Anna", 60)
    said = performance(read)
    assert said is not None and said.blendshapes is not None and said.rotation is not None
    assert [name for name, w in said.blendshapes.items() if w] == ["eyeBlinkLeft"]
    assert angle_between(said.rotation, rotation.from_yaw_pitch(0.25, 0.0)) < 1e-6


# --- there and back --------------------------------------------------------------------------------------------------


def test_a_turned_head_comes_back_over_a_socket(source: Source) -> None:
    output, items = sender(source), iter(source)
    output.send(turned())
    seen = next(items)
    assert isinstance(seen, Observation) and seen.performance is not None
    said = seen.performance
    assert said.rotation is not None and said.gaze is not None and said.blendshapes is not None
    head = rotation.from_yaw_pitch_roll(math.radians(YAW), math.radians(PITCH), -math.radians(TILT))
    assert math.degrees(angle_between(said.rotation, head)) < 0.001
    assert np.degrees(said.gaze) == pytest.approx([GAZE_YAW, GAZE_PITCH] * 2, abs=0.001)
    assert said.blendshapes == pytest.approx(dict(turned().blendshapes), abs=1e-6)
    output.send(turned("lost"))
    gone = next(items)
    assert isinstance(gone, Observation) and gone.performance is None
    output.close()


def test_eyes_look_where_their_shapes_say() -> None:
    """Apps differ in the signs of the eyes' angles; the shapes' names leave no doubt."""
    angles = dict.fromkeys(ANGLES, 0.0) | {"LeftEyeYaw": 0.2, "RightEyeYaw": 0.2, "LeftEyePitch": 0.1}
    looking = dict.fromkeys(ARKIT, 0.0) | {"eyeLookOutLeft": 0.4, "eyeLookInRight": 0.4, "eyeLookUpLeft": 0.2}
    for sign in (1.0, -1.0):
        values = (*looking.values(), *(sign * a for a in angles.values()))
        said = performance(Packet(DEVICE, "a", values=values))
        assert said is not None and said.gaze is not None
        assert said.gaze[:3] == pytest.approx([0.2, 0.1, 0.2], abs=1e-6)


def test_every_performer_is_a_subject_of_his_own(source: Source, receiver: socket.socket) -> None:
    output = sender(receiver, subject="Anna")
    names, devices = [], set()
    for person in (0, 1, 2, 0):
        output.send(turned(person=person))
        read = Packet.parse(receiver.recv(2048))
        names.append(read.subject)
        devices.add(read.device)
    output.close()
    assert names == ["Anna", "Anna2", "Anna3", "Anna"] and len(devices) == 3
    people = [next(iter(source.observe(bytes(Packet(DEVICE, name)), 0.0, FROM))).person for name in names]
    assert people == [0, 1, 2, 0]
    for i in range(MOST - 3):
        list(source.observe(bytes(Packet(DEVICE, f"new {i}")), 0.0, FROM))
    with pytest.raises(ValueError, match="one too many"):
        list(source.observe(bytes(Packet(DEVICE, "newest")), 0.0, FROM))


def test_a_source_may_be_told_whom_to_follow() -> None:
    source = Source("0", subject="Anna")
    assert not list(source.observe(FACE, 0.0, FROM)), "that is Änne"
    assert [o.person for o in source.observe(bytes(Packet(DEVICE, "Anna")), 0.0, FROM)] == [0]
    source.close()


def test_it_listens_on_loopback_and_says_so(source: Source) -> None:
    assert source.describe() == f"Live Link Face on 127.0.0.1:{source.port} (this computer only)"


@pytest.mark.parametrize("subject", ["", "a" * 300])
def test_a_subject_needs_a_reasonable_name(subject: str) -> None:
    with pytest.raises(VTuberError, match="a subject of a reasonable length"):
        Output("", subject=subject)


# --- whatever may come -----------------------------------------------------------------------------------------------

NAME_AT = 45
AFTER = NAME_AT + 5
"""Where the name "Änne" begins and ends."""


def changed(at: int, new: bytes) -> bytes:
    return FACE[:at] + new + FACE[at + len(new) :]


@pytest.mark.parametrize(
    "data, complaint",
    [
        (b"", "not Live Link Face"),
        (b"\x05" + FACE[1:], "not Live Link Face"),
        (FACE[:3], "cut off"),
        (FACE[:44], "cut off"),
        (changed(1, b"\x7f\xff\xff\xff"), "a name of 2147483647 bytes"),
        (changed(41, b"\xff\xff\xff\xff"), "a name of -1 bytes"),
        (changed(41, b"\x00\x00\x01\x01") + bytes(400), "a name of 257 bytes"),
        (changed(NAME_AT, b"\xc3\x28"), "not UTF-8"),
        (changed(AFTER + 16, b"\x3e"), "62 values, not 61"),
        (changed(AFTER + 16, b"\xff"), "255 values"),
        (FACE[:-1], "260 bytes after the name, not 261"),
        (FACE + b"\0", "262 bytes after the name"),
        (changed(AFTER + 17, struct.pack(">f", math.nan)), "not finite"),
        (changed(AFTER + 17 + 52 * 4, struct.pack(">f", math.inf)), "not finite"),
        (changed(AFTER + 4, struct.pack(">f", -math.inf)), "not finite"),
    ],
    ids=[
        "empty", "another version", "three bytes", "no name", "an oversized device", "a negative length",
        "an oversized name", "not UTF-8", "one value too many by count", "a count beyond the packet", "a byte short",
        "a byte too long", "NaN", "infinity", "an infinite time",
    ],
)  # fmt: skip
def test_what_is_broken_is_refused_in_one_sentence(data: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as caught:
        Packet.parse(data)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


def survives(data: bytes) -> bool:
    """Whether it was understood; nothing but a ValueError may leave, and no number that makes no pose."""
    try:
        said = performance(Packet.parse(data))
    except ValueError:
        return False
    if said is not None:
        assert said.rotation is not None and said.gaze is not None and said.blendshapes is not None
        assert abs(float(np.linalg.norm(said.rotation)) - 1) < 1e-6 and np.isfinite(said.gaze).all()
        assert all(0 <= w <= 1 for w in said.blendshapes.values())
    return True


@given(st.binary(max_size=400))
def test_anything_at_all(data: bytes) -> None:
    survives(data)
    survives(FACE[:45] + data)


def test_mutated_packets_do_no_harm_and_the_next_good_one_works() -> None:
    """A million were run once; see tests/fuzz.py."""
    understood = tried = 0
    for tried, data in enumerate(mutated([FACE, FACELESS]), 1):
        understood += survives(data)
        if tried % 1000 == 0:
            assert bytes(Packet.parse(FACE)) == FACE
    assert 0 < understood < tried


def test_a_source_counts_what_it_refuses_and_goes_on(source: Source) -> None:
    items = iter(source)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as app:
        for data in (FACE[:-1], b"\xff" * 50, FACE):
            app.sendto(data, ("127.0.0.1", source.port))
    while (seen := next(items)) is None:
        pass
    assert isinstance(seen, Observation) and seen.performance is not None
    assert (source.statistics.received, source.statistics.refused) == (3, 2)
    assert "not Live Link Face" in source.statistics.last_error


def test_the_packet_of_a_state_at_the_end_of_the_day_is_in_range() -> None:
    assert packet(turned(), DEVICE, "a", 24 * 3600 - 1e-4).frame == 24 * 3600 * 60 - 1
