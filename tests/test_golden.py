"""The golden session: recorded landmarks must give the recorded states, whatever is changed in between.

When a change is meant to alter them, run tests/golden/make_session.py and look at the difference.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from utils import layout

sys.path.insert(0, str(Path(__file__).with_name("golden")))
from make_session import FIRST_HIDDEN, FRAMES, HIDDEN, SESSION, replay

CLOSE = 1e-3 + 1e-9
"""One step of the rounding on the wire, which a hair may tip over."""


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SESSION.read_text(encoding="utf-8").splitlines()]


def differences(path: str, a: Any, b: Any) -> list[str]:
    """Where two JSON values differ by more than CLOSE."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        return [d for key in a for d in differences(f"{path}.{key}", a[key], b[key])]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [d for i, (x, y) in enumerate(zip(a, b, strict=True)) for d in differences(f"{path}[{i}]", x, y)]
    if isinstance(a, int | float) and isinstance(b, int | float):
        return [] if abs(a - b) <= CLOSE else [f"{path}: {a} is not {b}"]
    return [] if a == b else [f"{path}: {a!r} is not {b!r}"]


def test_recorded_landmarks_give_the_recorded_states(rows: list[dict[str, Any]]) -> None:
    states = replay(rows, layout())
    wrong = [d for i, row in enumerate(rows) for d in differences(f"frame {i}", states[i], row["state"])]
    assert not wrong, "\n".join([f"{len(wrong)} numbers differ, such as:", *wrong[:10]])


def test_the_session_has_something_of_everything(rows: list[dict[str, Any]]) -> None:
    assert len(rows) == FRAMES
    tracking = [row["state"]["tracking"] for row in rows]
    assert [t for i, t in enumerate(tracking) if i == 0 or t != tracking[i - 1]][:3] == [
        "tracked",
        "coasting",
        "reacquired",
    ]
    assert ["landmarks" in row for row in rows].count(False) == HIDDEN
    assert "landmarks" not in rows[FIRST_HIDDEN]
    turns = [row["state"]["head"]["rotation"][1] for row in rows]
    assert max(turns) - min(turns) > 0.02, "the head moves"
    assert max(row["state"]["expressions"]["blink"] for row in rows) > 0.8, "and blinks"
    assert SESSION.stat().st_size < 300_000


def test_a_wrong_number_would_be_seen() -> None:
    assert differences("x", {"a": [1.0, 2.0]}, {"a": [1.0, 2.002]}) == ["x.a[1]: 2.0 is not 2.002"]
    assert differences("x", {"a": 1}, {"b": 1}) and differences("x", [1], [1, 2]) and differences("x", "a", "b")
    assert not differences("x", {"a": 1.0}, {"a": 1.0005})
