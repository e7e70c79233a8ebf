"""OSC 1.0: messages and bundles, from bytes and to bytes. VMC and VRChat are spoken in it.

Our own, because it runs a hundred times for every frame: python-osc takes above 1 ms to write the messages of a VMC
frame, more than all outputs together may take, and this a tenth of it; and a bundle that names a negative size keeps
python-osc's parser in a loop for ever. The tests hold the two against each other.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

Argument = int | float | str | bytes | bool | None

PAYLOAD = 1472
"""Bytes of UDP in an Ethernet frame of 1500 without being split: 20 are IP's, 8 UDP's."""
NESTING = 4
"""Bundles within bundles: nobody is known to send more than one level."""
TAGS = 64
"""Arguments of one message: VMC's longest has 14."""

BUNDLE = b"#bundle\0"
IMMEDIATELY = b"\0\0\0\0\0\0\0\1"
"""The time tag that says: now."""
_NOW = BUNDLE + IMMEDIATELY
_SIZE = struct.Struct(">i")
_SIZES = tuple(_SIZE.pack(size) for size in range(PAYLOAD + 1))
"""Written once: the messages of a frame are two hundred at times."""
_NUMBERS = {"i": "i", "f": "f", "h": "q", "d": "d", "t": "Q", "c": "i", "r": "I", "m": "I"}
"""Type tag -> how struct calls it. t, c, r and m are a time, a character, a colour and a MIDI message."""
_CONSTANTS: dict[str, Argument] = {"T": True, "F": False, "N": None, "I": None}
"""Type tags without bytes; I is an impulse."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. Its numbers are written as the type tags i and f, whatever they were read from."""

    address: str
    arguments: tuple[Argument, ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> Message:
        """Raises ValueError: not a message, cut off, of an unknown type, or not UTF-8."""
        address_end = data.find(b"\0")
        tags_end = data.find(b"\0", (address_end + 4) & ~3)
        at = min((tags_end + 4) & ~3, len(data)) if address_end > 0 and tags_end > 0 else len(data)
        # The same heads come again and again.
        address, plan = (_known_head if at <= 128 else _head)(data[:at])
        arguments: list[Argument] = []
        for step in plan:
            if isinstance(step, struct.Struct):
                if at + step.size > len(data):
                    raise ValueError(f"OSC: {address[:64]} is cut off: its numbers reach beyond the packet")
                arguments += step.unpack_from(data, at)
                at += step.size
            elif step == "s":
                text, at = _text(data, at)
                arguments.append(text)
            elif step == "b":
                blob, at = _blob(data, at)
                arguments.append(blob)
            else:
                arguments.append(_CONSTANTS[step])
        return cls(address, tuple(arguments))

    def __bytes__(self) -> bytes:
        tags, parts = ",", []
        for value in self.arguments:
            tag, part = _written(value)
            tags += tag
            parts.append(part)
        return text(self.address) + text(tags) + b"".join(parts)


def read(packet: bytes) -> list[Message]:
    """The messages of a packet in their order, those of nested bundles too. Time tags are not waited for.

    Raises:
        ValueError: it is no OSC, or broken anywhere: then nothing of it counts.
    """
    found: list[Message] = []
    _collect(packet, 0, found)
    return found


def text(value: str) -> bytes:
    """A string as OSC pads it: zero-terminated, a multiple of four bytes."""
    data = value.encode()
    return data + bytes(4 - len(data) % 4)


def head(address: str, tags: str, *texts: str) -> bytes:
    """The beginning of a message up to its first number; for those that differ in nothing else from frame to frame."""
    return text(address) + text("," + "s" * len(texts) + tags) + b"".join(text(t) for t in texts)


def bundles(messages: Iterable[bytes], limit: int = PAYLOAD) -> Iterator[bytes]:
    """As few bundles as hold the messages in their order, none of them longer than `limit` bytes.

    A message that is longer by itself gets a bundle of its own.
    """
    parts, length = [_NOW], len(_NOW)
    for message in messages:
        size = len(message)
        length += 4 + size
        if length > limit and len(parts) > 1:
            yield b"".join(parts)
            parts, length = [_NOW], len(_NOW) + 4 + size
        parts += (_SIZES[size] if size <= PAYLOAD else _SIZE.pack(size), message)
    if len(parts) > 1:
        yield b"".join(parts)


class Sheet:
    """Messages of one frame, written but for their numbers, which are filled in frame by frame.

    OSC pads everything to four bytes: packets are rows of words, and a number of the type f is one of them.

    Args:
        messages: the beginning of each, and how many numbers follow it.
        bundled: as few packets as hold them; else each is a packet.
    """

    def __init__(self, messages: Sequence[tuple[bytes, int]], *, bundled: bool) -> None:
        def packets(number: bytes) -> list[bytes]:
            written = [head + number * count for head, count in messages]
            return list(bundles(written)) if bundled else written

        blank, marked = (np.frombuffer(b"".join(packets(number)), ">u4") for number in (bytes(4), b"\xff" * 4))
        self._words = blank.astype(">u4").view(">f4")
        self._places = np.flatnonzero(blank != marked)
        ends = np.cumsum([len(packet) for packet in packets(bytes(4))]).tolist()
        self._packets = [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]

    def filled(self, numbers: Sequence[float]) -> list[bytes]:
        """The packets with these numbers, of all messages in their order."""
        self._words[self._places] = numbers
        data = self._words.tobytes()
        return [data[packet] for packet in self._packets]


def _collect(data: bytes, depth: int, found: list[Message]) -> None:
    if data[:8] != BUNDLE:
        found.append(Message.parse(data))
        return
    if depth == NESTING:
        raise ValueError(f"OSC: more than {NESTING} bundles within each other")
    if len(data) < 16:
        raise ValueError("OSC: a bundle is cut off before its time tag")
    at = 16
    while at < len(data):
        if at + 4 > len(data):
            raise ValueError("OSC: a bundle is cut off")
        (size,) = _SIZE.unpack_from(data, at)
        at += 4
        if not 0 < size <= len(data) - at:
            raise ValueError(f"OSC: a bundle names {size} bytes where {len(data) - at} are left")
        _collect(data[at : at + size], depth + 1, found)
        at += size


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\0", at)
    if end < 0:
        raise ValueError("OSC: a string without its end")
    try:
        return data[at:end].decode(), (end + 4) & ~3
    except UnicodeDecodeError:
        raise ValueError(f"OSC: a string is not UTF-8: {data[at : min(end, at + 32)]!r}") from None


def _blob(data: bytes, at: int) -> tuple[bytes, int]:
    if at + 4 > len(data):
        raise ValueError("OSC: a blob is cut off")
    (size,) = _SIZE.unpack_from(data, at)
    at += 4
    if not 0 <= size <= len(data) - at:
        raise ValueError(f"OSC: a blob names {size} bytes where {len(data) - at} are left")
    return data[at : at + size], at + ((size + 3) & ~3)


Plan = tuple[struct.Struct | str, ...]
"""How to read arguments: neighbouring numbers at once, the others by their tag."""


def _head(data: bytes) -> tuple[str, Plan]:
    """Address and type tags."""
    if data[:1] != b"/":
        raise ValueError("OSC: a message must begin with its address")
    address, at = _text(data, 0)
    if at >= len(data):  # the old way to say: no arguments
        return address, ()
    tags, _ = _text(data, at)
    if tags[:1] != ",":
        raise ValueError(f"OSC: type tags must begin with a comma, not {tags[:8]!r}")
    if len(tags) > TAGS + 1:
        raise ValueError(f"OSC: a message of {len(tags) - 1} arguments")
    known = "".join(_NUMBERS)
    unknown = set(tags[1:]) - set(known + "sb") - _CONSTANTS.keys()
    if unknown:
        raise ValueError(f"OSC: arguments of unknown type {min(unknown)!r}")
    runs = re.findall(f"[{known}]+|.", tags[1:])
    structs = (struct.Struct(">" + "".join(_NUMBERS[t] for t in run)) if run[0] in _NUMBERS else run for run in runs)
    return address, tuple(structs)


_known_head = lru_cache(maxsize=1024)(_head)


def _written(value: Argument) -> tuple[str, bytes]:
    if value is None:
        return "N", b""
    if isinstance(value, bool):
        return ("T" if value else "F"), b""
    if isinstance(value, int):
        return "i", _SIZE.pack(value)
    if isinstance(value, float):
        return "f", struct.pack(">f", value)
    if isinstance(value, str):
        return "s", text(value)
    return "b", _SIZE.pack(len(value)) + value + bytes(-len(value) % 4)
