"""OSC: there and back, beside python-osc, and what is broken is refused."""

from __future__ import annotations

import math
import struct
import tracemalloc

import pytest
from conftest import needed
from fuzz import mutated

from vtuber.protocols import osc
from vtuber.protocols.osc import Message

PLAIN = [
    Message("/a"),
    Message("/VMC/Ext/OK", (1, 3, 0, 1)),
    Message("/VMC/Ext/Bone/Pos", ("Head", 0.0, 0.5, -0.25, 0.0, 0.0, 0.0, 1.0)),
    Message("/VMC/Ext/Blend/Val", ("目を閉じる", 0.5)),
    Message("/x/yz", (True, False, None, b"\1\2\3", "", b"", -1, "abcd")),
]
PACKETS = [bytes(m) for m in PLAIN] + list(osc.bundles(map(bytes, PLAIN)))


@pytest.mark.parametrize("message", PLAIN, ids=str)
def test_a_message_there_and_back(message: Message) -> None:
    data = bytes(message)
    assert len(data) % 4 == 0
    assert Message.parse(data) == message and bytes(Message.parse(data)) == data


def test_the_specifications_own_example() -> None:
    # OSC 1.0, "Example 2": /foo with 1000, -1, hello, 1.234 and 5.678.
    data = bytes.fromhex(
        "2f666f6f00000000 2c69697366660000 000003e8 ffffffff 68656c6c6f000000 3f9df3b6 40b5b22d".replace(" ", "")
    )
    assert bytes(Message("/foo", (1000, -1, "hello", 1.234, 5.678))) == data
    address, arguments = Message.parse(data).address, Message.parse(data).arguments
    assert address == "/foo" and arguments == pytest.approx((1000, -1, "hello", 1.234, 5.678))


def test_head_is_how_messages_begin() -> None:
    head = osc.head("/VMC/Ext/Blend/Val", "f", "Joy")
    assert head + struct.pack(">f", 0.5) == bytes(Message("/VMC/Ext/Blend/Val", ("Joy", 0.5)))
    assert osc.head("/VMC/Ext/Blend/Apply", "") == bytes(Message("/VMC/Ext/Blend/Apply"))


@pytest.mark.parametrize("limit", [16, 60, 200, 1472])
def test_bundles_keep_to_their_limit_and_order(limit: int) -> None:
    messages = [Message("/n", (n, "x" * (n % 40))) for n in range(100)]
    packets = list(osc.bundles(map(bytes, messages), limit))
    for packet in packets:
        assert len(packet) <= limit or len(osc.read(packet)) == 1
    assert [m for packet in packets for m in osc.read(packet)] == messages
    assert limit < 1472 or all(len(p) > limit - 64 for p in packets[:-1]), "room is left"


@pytest.mark.parametrize("bundled", [True, False])
def test_a_sheet_is_filled_as_its_messages_would_be_written(bundled: bool) -> None:
    names = [f"{'long' * (n % 30)}{n}" for n in range(150)]
    counts = [n % 5 for n in range(150)]
    sheet = osc.Sheet(
        [(osc.head("/b", "f" * count, name), count) for name, count in zip(names, counts, strict=True)], bundled=bundled
    )
    for seed in range(3):
        numbers = [math.sin(seed + i) for i in range(sum(counts))]
        rest = iter(numbers)
        messages = [
            bytes(Message("/b", (name, *(next(rest) for _ in range(count)))))
            for name, count in zip(names, counts, strict=True)
        ]
        assert sheet.filled(numbers) == (list(osc.bundles(messages)) if bundled else messages)
    assert osc.Sheet([], bundled=bundled).filled([]) == []


def test_nothing_makes_no_bundle() -> None:
    assert list(osc.bundles([])) == []


def test_types_of_other_senders_are_read() -> None:
    def made(tags: bytes, data: bytes) -> bytes:
        return b"/t\0\0" + tags + data

    doubles = made(b",dht\0\0\0\0", struct.pack(">dqQ", 0.1, -5, 1 << 63))
    assert Message.parse(doubles).arguments == (0.1, -5, 1 << 63)
    assert Message.parse(made(b",crm\0\0\0\0", struct.pack(">iII", 65, 1, 2))).arguments == (65, 1, 2)
    assert Message.parse(made(b",TFNI\0\0\0", b"")).arguments == (True, False, None, None)
    assert Message.parse(b"/old/style\0\0") == Message("/old/style")


# --- beside python-osc -----------------------------------------------------------------------------------------------


def test_python_osc_reads_what_is_written_and_writes_what_is_read() -> None:
    needed("pythonosc")
    from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
    from pythonosc.osc_message_builder import OscMessageBuilder
    from pythonosc.osc_packet import OscPacket

    known = [m for m in PLAIN if b"" not in m.arguments]  # it refuses to write an empty blob
    (bundle,) = osc.bundles(map(bytes, known))
    theirs = [Message(t.message.address, tuple(t.message.params)) for t in OscPacket(bundle).messages]
    assert theirs == known
    builder = OscBundleBuilder(IMMEDIATELY)
    for message in known:
        made = OscMessageBuilder(message.address)
        for argument in message.arguments:
            made.add_arg(argument)
        assert made.build().dgram == bytes(message)
        builder.add_content(made.build())
    assert builder.build().dgram == bundle


# --- what is broken --------------------------------------------------------------------------------------------------


def bundle_of(size: int, data: bytes) -> bytes:
    return osc.BUNDLE + osc.IMMEDIATELY + struct.pack(">i", size) + data


def nested(depth: int) -> bytes:
    data = bytes(Message("/deep"))
    for _ in range(depth):
        (data,) = osc.bundles([data])
    return data


@pytest.mark.parametrize(
    "data, complaint",
    [
        (b"", "must begin with its address"),
        (b"hello", "must begin with its address"),
        (b"/no/end", "a string without its end"),
        (b"/a\0\0,f", "a string without its end"),
        (b"/a\0\0f\0\0\0", "must begin with a comma"),
        (b"/a\0\0,f\0\0\1\2\3", "reach beyond the packet"),
        (b"/a\0\0,ffffffffffff\0\0\0" + bytes(44), "reach beyond the packet"),
        (b"/a\0\0,s\0\0", "a string without its end"),
        (b"/a\0\0,s\0\0abcd", "a string without its end"),
        (b"/a\0\0,b\0\0\0\0", "a blob is cut off"),
        (b"/a\0\0,b\0\0\0\0\0\5abcd", "a blob names 5 bytes where 4 are left"),
        (b"/a\0\0,b\0\0\xff\xff\xff\xfcabcd", "a blob names -4 bytes"),
        (b"/a\0\0,q\0\0abcd", "unknown type 'q'"),
        (b"/a\0\0,[i]\0\0\0\0" + bytes(4), "unknown type '\\['"),
        (b"/\xff\xfe\0,\0\0\0", "not UTF-8"),
        (b"/a\0\0,s\0\0\xe3\x81\0\0", "not UTF-8"),
        (b"/a\0\0," + b"i" * 1000 + b"\0" * 3 + bytes(4000), "a message of 1000 arguments"),
        (b"#bundle", "must begin with its address"),
        (b"#bundle\0\0\0\0", "cut off before its time tag"),
        (b"#bundle\0" + bytes(8) + b"\0\0", "a bundle is cut off"),
        (bundle_of(5000, b"/a\0\0"), "a bundle names 5000 bytes where 4 are left"),
        (bundle_of(-4, b"/a\0\0"), "a bundle names -4 bytes"),
        (bundle_of(0, b"/a\0\0"), "a bundle names 0 bytes"),
        (bundle_of(2**31 - 1, b"/a\0\0"), "a bundle names 2147483647 bytes"),
        (nested(5), "more than 4 bundles within each other"),
        (nested(1500), "more than 4 bundles within each other"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_broken_packets_are_refused_with_the_reason(data: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        osc.read(data)


def test_bundles_within_bundles_are_read_to_a_limit() -> None:
    assert osc.read(nested(4)) == [Message("/deep")]


def test_numbers_that_are_none_are_the_protocols_affair() -> None:
    (read,) = osc.read(bytes(Message("/a", (math.nan, math.inf))))
    assert math.isnan(read.arguments[0]) and read.arguments[1] == math.inf  # type: ignore[arg-type]


def test_mutated_packets_are_read_or_refused_without_growth() -> None:
    for data in mutated(PACKETS):
        survives(data)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for data in mutated(PACKETS, 1000, seed=1):
        survives(data)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 2_000_000, "the heads that are remembered, and nothing else"


def survives(data: bytes) -> None:
    """Read or refused; and what was read can be written, and reads as the same again."""
    try:
        messages = osc.read(data)
    except ValueError as e:
        assert str(e).startswith("OSC: ") and len(str(e)) < 200
        messages = []
    for message in filter(writable, messages):
        written = bytes(message)
        assert bytes(Message.parse(written)) == written
    assert [bytes(m) for m in osc.read(PACKETS[1])] == [PACKETS[1]], "a good packet after a bad one"


def writable(message: Message) -> bool:
    """Whether its numbers, which may have been read from 64 bits, fit into 32."""
    numbers = [a for a in message.arguments if isinstance(a, int | float)]
    return all(-(2**31) <= n < 2**31 if isinstance(n, int) else not 3e38 < abs(n) < math.inf for n in numbers)


def test_any_bytes_at_all() -> None:
    hypothesis = needed("hypothesis")
    some = hypothesis.strategies.binary(max_size=200)
    begun = hypothesis.strategies.sampled_from([b"", b"/a\0\0", b"/a\0\0,", osc.BUNDLE + osc.IMMEDIATELY])

    @hypothesis.settings(max_examples=300, deadline=None, database=None)
    @hypothesis.given(begun, some)
    def check(start: bytes, rest: bytes) -> None:
        survives(start + rest)

    check()
