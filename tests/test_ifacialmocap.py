"""iFacialMocap: its text against strict readers, what a phone and a network may send, both ends on real sockets."""

from __future__ import annotations

import math
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from apps import GAZE_PITCH, GAZE_YAW, PITCH, TILT, YAW, demo, listening, next_of, turned
from fuzz import mutated
from hypothesis import example, given
from hypothesis import strategies as st
from utils import angle_between

from vtuber import rotation, udp
from vtuber.outputs.ifacialmocap import MOST, Output
from vtuber.protocols import ifacialmocap
from vtuber.protocols.ifacialmocap import Frame, asked_version, frame, hello, performance
from vtuber.sources.ifacialmocap import STILL_S, Source
from vtuber.stages import Observation, VTuberError
from vtuber.wire import ARKIT

GOLDEN = Path(__file__).with_name("golden") / "ifacialmocap.txt"
V1, V2, LOST_V1, LOST_V2 = GOLDEN.read_bytes().splitlines()
FROM = ("127.0.0.1", 1)
HELLO = b"iFacialMocap_sahuasouryya9218sauhuiayeta91555dy3719"


@pytest.fixture
def source() -> Iterator[Source]:
    made = Source("0")
    yield made
    made.close()


def port_of(end: socket.socket) -> int:
    port: int = end.getsockname()[1]
    return port


# --- the bytes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data, version", [(V1, 1), (V2, 2), (LOST_V1, 1), (LOST_V2, 2)])
def test_golden_bytes(data: bytes, version: int) -> None:
    read = Frame.parse(data)
    assert read.encode(version) == data
    assert read == Frame.parse(read.encode(3 - version)), "both versions say the same"


def strictly(text: str) -> tuple[dict[str, float], dict[str, list[float]]]:
    """As the receivers that forgive least: version 1 with whole numbers, one =, a | behind everything."""
    assert text.count("=") == 1 and text.endswith("|") and text.isascii()
    shapes, blocks = text.split("=")
    assert re.fullmatch(r"(\w+-\d{1,3}\|)+", shapes)
    weights = {name: int(value) / 100 for name, _, value in (part.partition("-") for part in shapes[:-1].split("|"))}
    found = {}
    for part in blocks[:-1].split("|"):
        name, _, numbers = part.partition("#")
        found[name] = [float(n) for n in numbers.split(",")]
    assert {name: len(numbers) for name, numbers in found.items()} == {"head": 6, "rightEye": 3, "leftEye": 3}
    return weights, found


def unity_rotation(x: float, y: float, z: float) -> np.ndarray:
    """What Quaternion.Euler makes of degrees: about z, then x, then y, in Unity's frame."""
    turns = [rotation.exp(math.radians(angle) * np.eye(3)[axis]) for axis, angle in ((1, y), (0, x), (2, z))]
    return rotation.multiply(rotation.multiply(turns[0], turns[1]), turns[2])


def test_a_strict_reader_sees_the_turned_head() -> None:
    weights, blocks = strictly(frame(turned()).encode(1).decode())
    assert weights["eyeBlink_L"] == 1 and weights["eyeBlink_R"] == 0, "a left wink"
    assert weights["jawOpen"] == 0.35 and weights["mouthSmile_L"] == 0.5 and weights["mouthLeft"] == 0.25
    assert len(weights) == len(ARKIT) + 1 and weights["trackingStatus"] == 0.01
    # A receiver that puts the angles into Unity as they are shows the performer's mirror image, and swaps the shapes.
    shown = unity_rotation(*blocks["head"][:3])
    assert angle_between(shown, rotation.to_unity(rotation.mirror(np.array(turned().head_rotation)))) < 1e-6
    assert blocks["head"][:3] == pytest.approx([-PITCH, YAW, -TILT], abs=1e-4), "down, to the left, right shoulder"
    assert blocks["head"][3:] == pytest.approx([-0.03, -0.02, 0.05]), "right, up, towards the phone; metres"
    for eye in ("leftEye", "rightEye"):
        assert blocks[eye] == pytest.approx([-GAZE_PITCH, GAZE_YAW, 0], abs=1e-4)


def test_a_strict_reader_sees_the_demo_performer(receiver: socket.socket) -> None:
    output = Output(f"127.0.0.1:{port_of(receiver)}")
    furthest = 0.0
    for state in demo():
        output.send(state)
        weights, blocks = strictly(receiver.recv(4096).decode())
        for name, weight in state.blendshapes.items():
            spelled = name if name in weights else re.sub("(L|R)(eft|ight)$", r"_\1", name)
            assert weights[spelled] == pytest.approx(weight, abs=0.00501), name
        shown = unity_rotation(*blocks["head"][:3])
        assert angle_between(shown, rotation.to_unity(rotation.mirror(np.array(state.head_rotation)))) < 1e-4
        furthest = max(furthest, abs(blocks["head"][1]))
    output.close()
    assert furthest > 8, "a performer who never turns would prove nothing"


def test_the_hello_is_the_documented_one() -> None:
    assert hello(1) == HELLO and hello(2) == HELLO + b"|sendDataVersion=v2"
    assert hello(2, 49993) == b"FACEMOTION3D_OtherStreaming", "which has another port and another hello"
    assert asked_version(hello(1)) == 1 and asked_version(hello(2)) == 2
    for other in (b"", b"iFacialMocap_UDPTCP_sahuasouryya9218sauhuiayeta91555dy3719", V1, b"\xff"):
        assert asked_version(other) is None


# --- what phones send ------------------------------------------------------------------------------------------------


def test_a_frame_with_stray_pieces_is_read_by_its_names() -> None:
    """As the vendor's sample is: glued to the rest of another, a lone number, numbers without a name."""
    text = "mouthSmile_R-12(eyeWide_R-0)|1|jawOpen-40|hapihapi-0|FM_SAD-3|=|head#1,2,3|leftEye#4,5,6|34903,-1.66,0.2|"
    with pytest.raises(ValueError, match="is no number"):
        Frame.parse(text.encode())
    read = Frame.parse(text.replace("(eyeWide_R-0)", "").encode())
    assert read == Frame({"mouthSmileRight": 12, "jawOpen": 40}, None, (1, 2, 3), (4, 5, 6))
    said = performance(read, {})
    assert said.position is None and said.gaze is None, "it does not say"
    assert said.rotation is not None


def test_facemotion3ds_spelling_and_its_negative_weights_are_understood() -> None:
    read = Frame.parse(b"eyeBlinkLeft&100|jawLeft&-12.5|eyeBlink_R&3|=head#0,0,0,0,0,-0.5|")
    assert read.percents == {"eyeBlinkLeft": 100, "jawLeft": -12.5, "eyeBlinkRight": 3}


def observed(source: Source, data: bytes, t: float = 0.0) -> Observation:
    (seen,) = source.observe(data, t, FROM)
    return seen


def test_a_shape_left_out_stays_as_it_was(source: Source) -> None:
    observed(source, b"jawOpen-40|mouthPucker-20|")
    said = observed(source, b"jawOpen-250|").performance
    assert said is not None and said.blendshapes == {"jawOpen": 1.0, "mouthPucker": 0.2}
    observed(source, b"jawOpen--3|")
    assert said.blendshapes == {"jawOpen": 1.0, "mouthPucker": 0.2}, "what was handed out does not change"


def test_a_phone_that_sees_nobody(source: Source) -> None:
    assert observed(source, V1).performance is not None
    assert observed(source, LOST_V1).performance is None, "it says so"
    silent = V1.replace(b"trackingStatus-1|", b"")
    assert observed(source, silent, 1.0).performance is not None
    assert observed(source, silent, 1.0 + STILL_S / 2).performance is not None
    assert observed(source, silent, 1.0 + STILL_S).performance is None, "a living face never repeats itself"
    assert observed(source, silent.replace(b"jawOpen-17", b"jawOpen-18"), 2.0).performance is not None
    for t in (3.0, 3.0 + STILL_S):
        assert observed(source, V1, t).performance is not None, "who says that it sees somebody is believed"


@pytest.mark.parametrize(
    "data, yaws",
    [
        (b"eyeLookIn_L-25|eyeLookOut_R-13|eyeLookDown_L-25|eyeLookDown_R-25|=head#-16.5,4.35,0.26,0.033,-0.081,-0.397|"
         b"rightEye#8.97,-4.78,-0.75|leftEye#8.81,-9.08,-1.40|", (-9.08, -4.78)),
        (b"eyeLookIn_L&4|eyeLookIn_R&6|eyeLookDown_L&17|eyeLookDown_R&17|=head#-21.5,-6.04,-6.6,-0.031,-0.103,-0.658|"
         b"rightEye#6.03,2.44,0.26|leftEye#6.03,-1.67,-0.18|", (-1.67, 2.44)),
    ],
    ids=["eyes to the right", "eyes to something near"],
)  # fmt: skip
def test_the_eyes_of_phones_agree_with_their_shapes(data: bytes, yaws: tuple[float, float]) -> None:
    """Parts of packets that phones sent: what is known of the signs."""
    read = Frame.parse(data)
    weights = {name: percent / 100 for name, percent in read.percents.items()}
    by_angles, by_both = performance(read, {}).gaze, performance(read, weights).gaze
    assert by_angles is not None and by_both is not None
    np.testing.assert_allclose(by_angles, by_both)
    assert np.degrees(by_angles[[0, 2]]) == pytest.approx(yaws), "in is towards the nose"
    assert (by_angles[[1, 3]] < 0).all(), "down"


def test_eyes_look_where_their_shapes_say() -> None:
    for sign in (1, -1):
        read = Frame({}, None, (), (0.0, sign * 10.0, 0.0), (0.0, sign * 10.0, 0.0))
        said = performance(read, {"eyeLookInLeft": 0.3, "eyeLookOutRight": 0.3})
        assert said.gaze is not None
        assert said.gaze == pytest.approx([-math.radians(10), 0, -math.radians(10), 0])


# --- whatever may come -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data, complaint",
    [
        (b"", "neither a shape nor a head"),
        (b"\xff\xfe\x80", "not UTF-8"),
        (V1.replace(b"jawOpen", b"jaw\xc3\x28"), "not UTF-8"),
        (b"GET / HTTP/1.1", "neither a shape nor a head"),
        (b"|" * 100, "neither a shape nor a head"),
        (b"jawOpen-4|" * 2000, "20000 bytes"),
        (b"jawOpen-nan|", "'nan' is not finite"),
        (b"jawOpen-1e999|", "is not finite"),
        (b"jawOpen&-inf|", "is not finite"),
        (b"jawOpen-|", "'' is no number"),
        (b"jawOpen-" + b"x" * 5000, "is no number"),
        (b"=head#1,2|", "head has 2 numbers"),
        (b"=head#1,2,3,4,5,6,7|", "head has 7 numbers"),
        (b"=head#" + b"1," * 3000 + b"1|", "is no number"),
        (b"=head#1,2,nan|", "is not finite"),
        (b"=head#1,2,3,4,5,inf|", "is not finite"),
        (b"jawOpen-1|=leftEye#1,2|", "leftEye has 2 numbers"),
    ],
    ids=[
        "empty", "not UTF-8", "a name that is not UTF-8", "another protocol", "nothing but marks", "oversized", "NaN",
        "beyond a float", "infinity", "no weight", "an oversized weight", "too few angles", "a number too many",
        "numbers beyond all counts", "NaN in an angle", "infinity in a place", "an eye of two",
    ],
)  # fmt: skip
def test_what_is_broken_is_refused_in_one_sentence(data: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as caught:
        Frame.parse(data)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


def test_an_oversized_name_is_passed_over() -> None:
    assert Frame.parse(b"j" * 9000 + b"-1|jawOpen-4|").percents == {"jawOpen": 4}


def test_a_head_a_thousand_kilometres_away_is_refused(source: Source) -> None:
    with pytest.raises(ValueError, match="a head 1e\\+06 m away"):
        observed(source, b"=head#0,0,0,0,1e6,0|")


def survives(data: bytes, source: Source) -> bool:
    """Whether it was understood; nothing but a ValueError may leave, and no number that makes no pose."""
    try:
        (seen,) = source.observe(data, 0.0, FROM)
    except ValueError:
        return False
    if (said := seen.performance) is not None:
        for numbers in (said.rotation, said.position, said.gaze):
            assert numbers is None or np.isfinite(numbers).all()
        assert said.blendshapes is not None and said.blendshapes.keys() <= set(ARKIT)
        assert all(0 <= w <= 1 for w in said.blendshapes.values())
    return True


WORDS = st.sampled_from(
    ["head#", "=", "|", "-", "&", ",", "leftEye#", "jawOpen", "1", "-2.5", "nan", "1e400", "é", "_"]
)


@given(st.binary(max_size=300) | st.lists(WORDS, max_size=40).map(lambda words: "".join(words).encode()))
@example(b"jawOpen-1_0|")
def test_anything_at_all(data: bytes) -> None:
    source = Source.__new__(Source)  # no socket is needed to be given a datagram
    source._phone, source._weights, source._last, source._changed = None, {}, b"", 0.0
    survives(data, source)


def test_mutated_packets_do_no_harm_and_the_next_good_one_works(source: Source) -> None:
    """A million were run once; see tests/fuzz.py."""
    understood = tried = 0
    for tried, data in enumerate(mutated([V1, V2, LOST_V1]), 1):
        understood += survives(data, source)
        if tried % 1000 == 0:
            assert Frame.parse(V1).encode(1) == V1
    assert 0 < understood < tried
    assert source._weights.keys() <= set(ARKIT), "it remembers nothing else"


# --- the driver is the phone -----------------------------------------------------------------------------------------


def test_it_pushes_either_version_without_being_asked(receiver: socket.socket) -> None:
    for version in (1, 2):
        output = Output(f"127.0.0.1:{port_of(receiver)}", version=version)
        output.send(turned(person=1))
        output.send(turned())
        assert receiver.recv(4096) == frame(turned()).encode(version), "and the chosen performer only"
        output.close()
    with pytest.raises(VTuberError, match="the versions 1 and 2, not 3"):
        Output("", version=3)


def test_a_lost_performer_is_said_to_be_lost(receiver: socket.socket) -> None:
    output = Output(f"127.0.0.1:{port_of(receiver)}")
    output.send(turned("lost"))
    assert b"trackingStatus-0|" in receiver.recv(4096)
    output.close()


def test_as_a_phone_it_waits_for_the_hello_and_answers_in_the_version_asked_for(receiver: socket.socket) -> None:
    free = listening()
    phone = ("127.0.0.1", port_of(free))
    free.close()
    output = Output(f"{phone[0]}:{phone[1]}", phone=True, answer_port=port_of(receiver))
    asking = listening()  # apps say hello from any port, and listen on the one that is agreed
    for version in (1, 2):
        output.send(turned())
        receiver.settimeout(0.05)
        if version == 1:
            with pytest.raises(TimeoutError):
                receiver.recv(4096)
        else:
            receiver.recv(4096)
        receiver.settimeout(10)
        asking.sendto(b"\xff not a hello", phone)
        asking.sendto(hello(version), phone)
        for _ in range(2):
            output.send(turned())
            assert receiver.recv(4096) == frame(turned()).encode(version)
    asking.close()
    output.close()


class Crowd:
    """A phone's socket on which hellos come from ever new computers."""

    def __init__(self) -> None:
        self.asked = 0

    def recvfrom(self, size: int) -> tuple[bytes, tuple[str, int]]:
        self.asked += 1
        if self.asked % 5 == 0:
            raise ConnectionResetError
        return hello(1), (f"192.0.2.{self.asked % 250}", 9)


def test_a_phone_serves_so_many_and_never_stays_with_their_hellos() -> None:
    output = Output("127.0.0.1:0", phone=True)
    crowd = Crowd()
    for _ in range(20):
        output._listen(crowd)  # type: ignore[arg-type]
    assert len(output._asked) == MOST and crowd.asked <= 20 * 8
    output.close()


def test_two_phones_at_one_port_are_told_what_to_do(receiver: socket.socket) -> None:
    with pytest.raises(VTuberError, match="is taken"):
        Output(f"127.0.0.1:{port_of(receiver)}", phone=True)


# --- the phone is the performer --------------------------------------------------------------------------------------


def test_a_turned_head_comes_back_over_a_socket(source: Source) -> None:
    output = Output(f"127.0.0.1:{source.port}")
    output.send(turned())
    seen = next_of(iter(source), lambda item: item is not None)
    assert seen is not None and seen.performance is not None
    said = seen.performance
    assert said.rotation is not None and said.position is not None and said.gaze is not None
    head = rotation.from_yaw_pitch_roll(math.radians(YAW), math.radians(PITCH), -math.radians(TILT))
    assert math.degrees(angle_between(said.rotation, head)) < 0.001
    assert said.position == pytest.approx(turned().head_position, abs=1e-5)
    assert np.degrees(said.gaze) == pytest.approx([GAZE_YAW, GAZE_PITCH] * 2, abs=0.001)
    assert said.blendshapes == pytest.approx(dict(turned().blendshapes), abs=0.00501)
    output.close()


def test_it_says_hello_to_the_phone_until_it_sends(receiver: socket.socket) -> None:
    source = Source("0", phone=f"127.0.0.1:{port_of(receiver)}")
    items = iter(source)
    for _ in range(25):
        assert next(items) is None, "nothing came yet"
    data, computer = receiver.recvfrom(2048)
    assert data == hello(2) == receiver.recv(2048), "a hello may get lost"
    assert computer == ("127.0.0.1", source.port), "the phone answers to the port that is listened on"
    receiver.sendto(V2, computer)
    assert next_of(items, lambda item: item is not None) is not None
    with pytest.raises(ValueError, match="192.0.2.7, which is not the phone"):
        list(source.observe(V1, 0.0, ("192.0.2.7", 49983)))
    assert source.describe().endswith(f"asked of the phone at 127.0.0.1:{port_of(receiver)}")
    source.close()


def test_a_phones_address_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no second machine here: the way to it leads over the loopback address."""

    def route(host: str, port: int) -> tuple[udp.Address, str]:
        assert host == "192.0.2.20"
        return ("192.0.2.20", port), "127.0.0.1"

    free = listening()
    monkeypatch.setattr(udp, "route", route)
    monkeypatch.setattr(ifacialmocap, "PORT", port_of(free))
    free.close()
    source = Source("192.0.2.20")
    assert source.describe() == (
        f"iFacialMocap on 127.0.0.1:{source.port} (this computer only), asked of the phone at 192.0.2.20:{source.port}"
    )
    source.close()


@pytest.mark.parametrize("argument", ["0", "127.0.0.1:0", "localhost:0"])
def test_without_a_phone_it_listens_on_loopback_and_says_so(argument: str) -> None:
    source = Source(argument)
    assert source.describe() == f"iFacialMocap on 127.0.0.1:{source.port} (this computer only)"
    next(iter(source))
    source.close()


def test_told_so_it_listens_to_the_network() -> None:
    source = Source("0.0.0.0:0")
    assert source.describe() == f"iFacialMocap on 0.0.0.0:{source.port} (open to the network)"
    source.close()


def test_an_app_that_takes_this_computer_for_a_phone_is_told_apart(source: Source) -> None:
    with pytest.raises(ValueError, match="asks this computer for data, as of a phone"):
        list(source.observe(hello(1), 0.0, FROM))
    with pytest.raises(VTuberError, match="the versions 1 and 2, not 0"):
        Source("0", version=0)
