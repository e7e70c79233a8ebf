"""The Live2D model of the tests' own, as vitest and the golden pictures take it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from live2d_model import model
from moc3 import BODY

FILE = Path(__file__).parent / "golden" / "live2d.moc3"


def test_the_kept_file_is_what_is_drawn_here() -> None:
    """When it is not, and should be: python -m tests.e2e.live2d_stage makes file and pictures anew."""
    kept, made = FILE.read_bytes(), model()
    assert len(kept) == len(made)
    # Turns are worked out by the system's own sine.
    start = BODY + 128 + 64
    assert kept[:start] == made[:start]
    numbers = [struct.unpack_from(f"<{(len(data) - start) // 4}f", data, start) for data in (kept, made)]
    for a, b in zip(*numbers, strict=True):
        assert a == b or a != a or a == pytest.approx(b, abs=1e-6)


def test_its_version_is_what_was_asked_for() -> None:
    assert model(version=4)[:6] == b"MOC3\x04\0"
