"""Reads the arrays of a MATLAB 5 file: "MAT-File Format", The MathWorks; real numbers only, which is what poses are."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vtuber.stages import Array

HEADER = 128
MATRIX, COMPRESSED = 14, 15
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""Type of a data element -> its numbers."""


def read(path: Path) -> dict[str, Array]:
    """Every real array by its name.

    Raises:
        ValueError: not such a file, or cut off.
    """
    data = path.read_bytes()
    if len(data) < HEADER or data[124:128] != b"\x00\x01IM":
        raise ValueError(f"{path} is not a little-endian MATLAB 5 file")
    try:
        return dict(_arrays(data[HEADER:]))
    except (struct.error, zlib.error, KeyError, IndexError) as e:
        raise ValueError(f"{path} is broken: {e}") from e


def _arrays(data: bytes) -> Iterator[tuple[str, Array]]:
    for kind, content in _elements(data):
        if kind == COMPRESSED:
            yield from _arrays(zlib.decompress(content))
        elif kind == MATRIX:
            _, (_, shape), (_, name), *numbers = _elements(content)
            if numbers and numbers[0][0] in NUMBERS:
                values = np.frombuffer(numbers[0][1], "<" + NUMBERS[numbers[0][0]]).astype(float)
                # The columns come one after the other.
                yield name.decode("ascii"), values.reshape(np.frombuffer(shape, "<i4"), order="F")


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(type, content) of each data element; a short one has both in its first eight bytes."""
    at = 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if kind >> 16:
            kind, size = kind & 0xFFFF, kind >> 16
            yield kind, data[at + 4 : at + 4 + size]
            at += 8
            continue
        if at + 8 + size > len(data):
            raise struct.error("an element is longer than the file")
        yield kind, data[at + 8 : at + 8 + size]
        at += 8 + size
        if kind != COMPRESSED:
            at += -size % 8
