"""Broken packets for the parsers: real ones with bytes changed, cut, doubled and swapped, the same for the same seed.

VTUBER_FUZZ=1000000 in the environment makes the tests go through so many instead of a few thousand.
"""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Iterator, Sequence

COUNT = int(os.environ.get("VTUBER_FUZZ", "3000"))
WILD = [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\xc0\x7f", b"\xff\xff\xff\xfc"]
WILD += [struct.pack(">f", x) for x in (float("nan"), float("inf"), -float("inf"), 1e38, -0.0)]


def mutated(packets: Sequence[bytes], count: int = COUNT, seed: int = 0) -> Iterator[bytes]:
    """Packets after one to four changes each."""
    rng = random.Random(seed)
    for _ in range(count):
        data = bytearray(rng.choice(packets))
        for _ in range(rng.randint(1, 4)):
            _change(data, rng, packets)
        yield bytes(data)


def _change(data: bytearray, rng: random.Random, packets: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    kind = rng.randrange(7)
    if kind == 0 and data:
        data[at % len(data)] = rng.randrange(256)
    elif kind == 1 and data:
        data[at % len(data)] ^= 1 << rng.randrange(8)
    elif kind == 2:
        del data[at:]
    elif kind == 3:
        del data[at : at + rng.randint(1, 16)]
    elif kind == 4:
        data[at:at] = data[at : at + rng.randint(1, 64)] or b"\0"
    elif kind == 5:
        data[at & ~3 : (at & ~3) + 4] = rng.choice(WILD)
    else:
        other = rng.choice(packets)
        data[at:] = other[rng.randrange(len(other) + 1) :]
