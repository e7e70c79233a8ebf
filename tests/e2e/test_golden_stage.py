"""The default avatar, of VRM 1.0 and 0.x, beside its pictures that were looked at."""

from __future__ import annotations

import pytest

from vtuber.server import Server

from .browser import OpenViewer
from .golden import DEFAULT, FAR_SHARE, MEAN_OFF, compare, pictures, read


@pytest.mark.parametrize("name", DEFAULT)
def test_the_default_avatar_looks_as_it_did(server: Server, open_stopped_viewer: OpenViewer, name: str) -> None:
    shown = pictures(server, open_stopped_viewer, name)
    for pose, picture in shown.items():
        apart = compare(picture, read(f"{name}_{pose}"))
        print(f"{name} {pose}: {apart}")
        again = "if it should differ: python -m tests.e2e.golden default default0, and look"
        assert apart["mean"] < MEAN_OFF and apart["far"] < FAR_SHARE, again
    assert compare(shown["neutral"], read(f"{name}_strong"))["mean"] > 2 * MEAN_OFF, "would not tell the poses apart"
