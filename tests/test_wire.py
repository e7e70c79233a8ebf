"""What leaves us: names, numbers, and the twins in TypeScript and C#."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from vtuber import wire
from vtuber.pose import REST, to_state
from vtuber.wire import ARKIT, BONES, PRESETS, AvatarState

STATE = to_state(REST, 12.34567, 0, "tracked", 0.98765)


@pytest.mark.parametrize("name", wire.TWINS)
def test_the_committed_twins_are_what_the_generator_writes(name: str) -> None:
    path = Path(__file__).parents[1] / name
    assert path.read_text(encoding="utf-8") == wire.TWINS[name](), "run: python -m vtuber.wire"


def test_names_are_all_there_once() -> None:
    assert len(ARKIT) == len(set(ARKIT)) == 52
    assert len(PRESETS) == len(set(PRESETS)) == 18
    assert {n.replace("Left", "Right") for n in ARKIT if "Left" in n} <= set(ARKIT)
    for twin in (wire.typescript(), wire.csharp()):
        assert all(f"'{n}'" in twin or f'"{n}"' in twin for n in (*ARKIT, *PRESETS, *BONES))


def test_weights_stand_in_arkits_order() -> None:
    told = replace(STATE, blendshapes={"tongueOut": 0.25, "eyeBlinkLeft": 0.5, "another": 1.0})
    assert told.weights() == [0.5, *[0.0] * 50, 0.25]


def test_a_state_as_json() -> None:
    message = wire.to_json(STATE)
    assert list(message) == [
        "v",
        "t",
        "person",
        "tracking",
        "confidence",
        "head",
        "bones",
        "blendshapes",
        "expressions",
    ]
    assert message["v"] == wire.WIRE_VERSION
    assert (message["t"], message["confidence"]) == (12.3457, 0.988)
    assert message["head"] == {"rotation": [0, 0, 0, 1], "position": [0, 0, 0]}
    assert tuple(message["bones"]) == BONES
    assert tuple(message["blendshapes"]) == ARKIT
    assert tuple(message["expressions"]) == PRESETS
    # The strictest reader there is: no NaN, no numpy, nothing but JSON.
    assert json.loads(json.dumps(message, allow_nan=False)) == msgspec.json.decode(msgspec.json.encode(message))


def broken(bad: float) -> list[AvatarState]:
    return [
        replace(STATE, timestamp=bad),
        replace(STATE, confidence=bad),
        replace(STATE, head_rotation=(0.0, 0.0, bad, 1.0)),
        replace(STATE, head_position=(bad, 0.0, 0.0)),
        replace(STATE, bones={**STATE.bones, "leftEye": (0.0, 0.0, bad, 1.0)}),
        replace(STATE, blendshapes={**STATE.blendshapes, "tongueOut": bad}),
        replace(STATE, expressions={**STATE.expressions, "aa": bad}),
    ]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_no_number_that_is_none_leaves_us(bad: float) -> None:
    for state in broken(bad):
        with pytest.raises(ValueError, match="not finite"):
            wire.to_json(state)
