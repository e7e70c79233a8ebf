"""VTube Studio's phone app: its datagrams byte by byte, its axes, what a network may send, a phone on a socket."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from apps import listening, next_of
from hypothesis import example, given
from hypothesis import strategies as st
from utils import angle_between, head_turn

from vtuber import rotation
from vtuber.protocols.vts_phone import PhoneFrame, request
from vtuber.sources.vts_phone import Source, performance
from vtuber.stages import VTuberError
from vtuber.wire import ARKIT

GOLDEN = Path(__file__).with_name("golden") / "vts_phone.txt"
IPHONE, FACELESS, ANDROID, MEOWFACE = GOLDEN.read_bytes().splitlines()
MUTATIONS = 20_000


# --- the bytes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("datagram", [IPHONE, FACELESS], ids=["face", "no face"])
def test_an_iphones_datagram_is_written_as_it_was_read(datagram: bytes) -> None:
    assert bytes(PhoneFrame.parse(datagram)) == datagram


@pytest.mark.parametrize("datagram", [IPHONE, ANDROID, MEOWFACE], ids=["iPhone", "Android", "MeowFace"])
def test_every_phone_says_the_same_whatever_its_spelling(datagram: bytes) -> None:
    read = PhoneFrame.parse(datagram)
    assert read == PhoneFrame.parse(IPHONE)
    assert tuple(read.blendshapes) == ARKIT and read.blendshapes["eyeBlinkLeft"] == 1.0
    assert read.blendshapes["tongueOut"] == pytest.approx(51 / 64, abs=1e-4)


def test_the_request_is_the_documented_one() -> None:
    assert json.loads(request([11125, 11126], 2.5)) == {
        "messageType": "iOSTrackingDataRequest",
        "time": 2.5,
        "sentBy": "VTuber driver",
        "ports": [11125, 11126],
    }
    for ports, seconds in (([], 1.0), (list(range(33)), 1.0), ([1], 0.4), ([1], 10.5)):
        with pytest.raises(ValueError, match="a request names"):
            request(ports, seconds)


# --- axes ------------------------------------------------------------------------------------------------------------


def test_the_performance_is_in_our_axes() -> None:
    made = performance(PhoneFrame.parse(IPHONE))
    assert made.rotation is not None and made.position is not None and made.blendshapes is not None
    turned = rotation.from_matrix(head_turn(*np.radians([20.0, 10.0, 5.0])))
    assert angle_between(made.rotation, turned) < 1e-6
    np.testing.assert_allclose(made.position, (0.03, 0.015, -0.42))
    assert made.blendshapes["eyeBlinkLeft"] == 1 and made.blendshapes["eyeBlinkRight"] == 0
    assert made.gaze is None, "the eyeLook shapes say it"


def test_fields_that_a_phone_leaves_out_are_at_rest() -> None:
    read = PhoneFrame.parse(b'{"FaceFound":true,"SomethingNew":[{"a":1}]}')
    assert read == PhoneFrame(True)
    assert performance(read).blendshapes is None, "it does not say"


# --- whatever may come -----------------------------------------------------------------------------------------------


def replaced(old: bytes, new: bytes) -> bytes:
    assert old in IPHONE
    return IPHONE.replace(old, new, 1)


@pytest.mark.parametrize(
    "datagram, complaint",
    [
        (b"", "no tracking data"),
        (b"\xff\xfe\x00\x80", "no tracking data"),
        (replaced(b"JawOpen", b"Jaw\xc3\x28"), "no tracking data"),
        (b"[]", "no tracking data"),
        (b"{}", "FaceFound"),
        (b'{"FaceFound":1}', "FaceFound"),
        (IPHONE[:-1], "no tracking data"),
        (IPHONE[: len(IPHONE) // 2], "no tracking data"),
        (replaced(b'"x":20.0', b'"x":NaN'), "no tracking data"),
        (replaced(b'"x":20.0', b'"x":Infinity'), "no tracking data"),
        (replaced(b'"x":20.0', b'"x":1e999'), "no tracking data"),
        (replaced(b'"x":20.0', b'"x":1e300'), "rotation"),
        (replaced(b'"x":-3.0', b'"x":1e9'), "position"),
        (replaced(b'"v":0.0156', b'"v":NaN'), "no tracking data"),
        (replaced(b'"v":0.0156', b'"v":"much"'), "no tracking data"),
        (replaced(b'"Hotkey":-1', b'"Hotkey":' + b"9" * 30_000), "no tracking data"),
        (b'{"FaceFound":true,"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}", "no tracking data"),
        (b'{"FaceFound":true,"BlendShapes":[' + b",".join([b'{"k":"JawOpen","v":1}'] * 300) + b"]}", "300 blendshapes"),
    ],
    ids=[
        "empty", "not UTF-8", "a name that is not UTF-8", "a list", "an object of nothing", "a number for yes or no",
        "one byte short", "half", "NaN", "infinity", "beyond a float", "turned too far", "too far away",
        "a weight of NaN", "a weight in words", "a number of 30000 digits", "nested too deep", "too many shapes",
    ],
)  # fmt: skip
def test_what_is_broken_is_refused_in_one_sentence(datagram: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as caught:
        PhoneFrame.parse(datagram)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_a_name_of_fifty_thousand_letters_is_passed_over() -> None:
    read = PhoneFrame.parse(replaced(b"JawOpen", b"J" * 50_000))
    assert set(ARKIT) - set(read.blendshapes) == {"jawOpen"}


def test_weights_outside_their_range_are_brought_into_it() -> None:
    read = PhoneFrame.parse(b'{"FaceFound":true,"BlendShapes":[{"k":"JawOpen","v":1e300},{"k":"CheekPuff","v":-1}]}')
    assert read.blendshapes == {"jawOpen": 1.0, "cheekPuff": 0.0}


def survives(datagram: bytes) -> bool:
    """Whether it was understood; nothing but a ValueError may leave the parser, and no number that is not finite."""
    try:
        read = PhoneFrame.parse(datagram)
    except ValueError:
        return False
    numbers = [*read.rotation, *read.position, *read.eye_left, *read.eye_right, *read.blendshapes.values()]
    assert np.isfinite(numbers).all() and len(read.blendshapes) <= len(ARKIT)
    performance(read)
    return True


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(b"\x00")
def test_anything_at_all(datagram: bytes) -> None:
    survives(datagram)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("kvxyz"), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(json.loads(IPHONE))), JSON))
def test_any_json_under_the_right_names(told: dict[str, object]) -> None:
    survives(json.dumps({"FaceFound": True} | told).encode())


def mutated(datagram: bytes, chance: random.Random) -> bytes:
    """With up to four bytes changed, a piece cut out or doubled."""
    data = bytearray(datagram)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                data[at] = chance.choice(b'0123456789-+.eE{}[],:"')
            case 2:
                del data[at : at + chance.randint(1, 40)]
            case _:
                data[at:at] = data[at : at + chance.randint(1, 40)]
        if not data:
            break
    return bytes(data)


def test_mutated_datagrams_do_no_harm_and_the_next_good_one_works() -> None:
    """A million of them were run once; these are for every day."""
    chance = random.Random(4)
    understood = 0
    for i in range(MUTATIONS):
        understood += survives(mutated((IPHONE, FACELESS, ANDROID, MEOWFACE)[i % 4], chance))
        if i % 1000 == 0:
            assert bytes(PhoneFrame.parse(IPHONE)) == IPHONE
    assert 0 < understood < MUTATIONS


# --- a phone on a socket ---------------------------------------------------------------------------------------------


class Phone:
    """The app's part: waits to be asked, then sends to the ports that were named, at the address that asked."""

    def __init__(self) -> None:
        self.socket = listening()
        self.port = self.socket.getsockname()[1]

    def asked(self) -> list[tuple[str, int]]:
        data, (host, _) = self.socket.recvfrom(2048)
        asked = json.loads(data)
        assert asked["messageType"] == "iOSTrackingDataRequest" and 0.5 <= asked["time"] <= 10
        return [(host, port) for port in asked["ports"]]


@pytest.fixture
def phone() -> Iterator[Phone]:
    made = Phone()
    yield made
    made.socket.close()


@pytest.fixture
def source(phone: Phone) -> Iterator[Source]:
    made = Source(f"127.0.0.1:{phone.port}")
    yield made
    made.close()


def test_it_asks_the_phone_and_yields_what_comes(phone: Phone, source: Source) -> None:
    items = iter(source)
    assert next(items) is None, "nothing came yet"
    (to,) = phone.asked()
    assert to == ("127.0.0.1", source.port)
    phone.socket.sendto(b"rubbish", to)
    phone.socket.sendto(IPHONE, to)
    seen = next_of(items, lambda item: item is not None)
    assert seen is not None and seen.performance is not None and seen.size == (0, 0) and seen.face is None
    assert seen.performance.blendshapes is not None and seen.performance.blendshapes["eyeBlinkLeft"] == 1
    phone.socket.sendto(FACELESS, to)
    gone = next_of(items, lambda item: item is not None)
    assert gone is not None and gone.performance is None, "the app sees nobody"
    assert (source.statistics.received, source.statistics.refused) == (3, 1)
    assert "no tracking data" in source.statistics.last_error


def test_it_keeps_asking(phone: Phone, source: Source) -> None:
    items = iter(source)
    for _ in range(25):
        assert next(items) is None
    assert phone.asked() and phone.asked(), "the phone stops some seconds after it was asked last"


def test_only_the_phone_is_listened_to(phone: Phone, source: Source) -> None:
    assert source.observe(IPHONE, 1.0, ("127.0.0.1", 5))
    with pytest.raises(ValueError, match="192.168.1.7, which is not the phone"):
        source.observe(IPHONE, 1.0, ("192.168.1.7", phone.port))


def test_it_says_where_it_listens_and_whom_it_asks(phone: Phone, source: Source) -> None:
    assert source.describe() == (
        f"VTube Studio's phone app on 127.0.0.1:{source.port} (this computer only), asked of 127.0.0.1:{phone.port}"
    )


def test_without_an_address_it_says_what_is_missing() -> None:
    with pytest.raises(VTuberError, match=r"vts_phone:192\.168\.1\.20"):
        Source("")
