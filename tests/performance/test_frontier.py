"""What the README promises of the usual filter, on rendered heads whose truth is known."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
from performance import frontier
from performance.frontier import ALLOWED_DEG, ALLOWED_MS, MEDIAPIPE, Heads, Point
from utils import data

from vtuber import parts


@pytest.fixture(scope="module")
def heads() -> Heads:
    return Heads(data("gt"))


def made(name: str, **settings: Any) -> frontier.MakeFilter:
    return lambda: parts.make("filter", name, settings, "rotation")


def test_the_usual_filter_is_calm_and_prompt(heads: Heads) -> None:
    usual = made(parts.DEFAULTS["filter"])
    assert (heads.jitter(usual) <= ALLOWED_DEG).all()
    assert heads.lag_ms(usual) <= ALLOWED_MS
    assert (heads.jitter(made("none")) > 2 * heads.jitter(usual)).all(), "there was something to calm"


def test_calm_is_calmer_and_low_latency_is_earlier(heads: Heads) -> None:
    usual = made(parts.DEFAULTS["filter"])
    assert heads.jitter(made("steady", preset="calm")).max() <= heads.jitter(usual).max()
    assert heads.lag_ms(made("steady", preset="low-latency")) < heads.lag_ms(usual) - 10


def test_the_picture_shows_every_filter() -> None:
    point = Point(1.0, np.array([0.02, 0.01, 0.01]), 3.0, 0.1)
    found = {name: [point] for name in (*parts.names("filter"), "<MediaPipe> & co")}
    found["<MediaPipe> & co"] = [MEDIAPIPE]
    root = ET.fromstring(frontier.draw(found))
    words = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    for name in parts.names("filter"):
        assert words.count(name) == 2
    assert words.count("<MediaPipe> & co") == 1, "it does not say how far it goes astray"
    assert set(frontier.SMOOTHING) == set(parts.names("filter"))
    assert len(list(frontier.table(found))) == 2 + len(found)
