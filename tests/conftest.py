"""Fixtures of many tests. In CI nothing that can be installed may be missing in silence."""

from __future__ import annotations

import importlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from apps import listening
from utils import data, pictures

from vtuber import parts
from vtuber.pipeline import Pipeline
from vtuber.profile import Profile
from vtuber.stages import Observation
from vtuber.trackers.face_landmarker import Tracker

# Programs that a test starts and interrupts do as this one does: a shell that runs the tests in the background has it
# ignore Ctrl-C, and so would they.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def observed() -> Callable[..., list[list[Observation]]]:
    """observed(clip, first, last, every): what the tracker saw in each frame of a clip of ../shared/data, done once."""
    known: dict[tuple[Any, ...], list[list[Observation]]] = {}

    def observe(name: str, first: int = 0, last: int | None = None, every: int = 1) -> list[list[Observation]]:
        key = (name, first, last, every)
        if key not in known:
            tracker = Tracker()
            known[key] = [tracker.track(frame) for frame in pictures(data(name), first, last, every)]
        return known[key]

    return observe


@pytest.fixture
def make_pipeline() -> Callable[..., Pipeline]:
    """make_pipeline("one_euro", mirror=True ...): a pipeline of a newcomer."""

    def make(filter: str = "none", profile: Profile | None = None, **settings: bool) -> Pipeline:
        return Pipeline(profile or Profile(), parts.find("filter", filter), **settings)

    return make


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    """The far end of a wire by UDP."""
    made = listening()
    yield made
    made.close()


def needed(package: str) -> ModuleType:
    """Import an optional package; where it is missing the test is skipped, in CI it fails."""
    if os.environ.get("CI") == "true":
        return importlib.import_module(package)
    return pytest.importorskip(package)
