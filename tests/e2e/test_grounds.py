"""Pictures behind the avatar: the server's own, chosen on the page and taken along to OBS, and one of the user's."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np
import pytest

from vtuber.server import Server

from .browser import OpenViewer
from .viewer import Picture, Viewer

SIZE = {"width": 700, "height": 420}
TEAL, AMBER = (20, 140, 130), (250, 180, 40)


def plain(colour: tuple[int, int, int]) -> bytes:
    """A PNG of one colour."""
    picture = np.full((20, 20, 3), colour[::-1], np.uint8)
    return cv2.imencode(".png", picture)[1].tobytes()


def corner(picture: Picture) -> list[int]:
    """Where neither controls nor avatar are: the upper left, below the status."""
    return [int(value) for value in picture[SIZE["height"] // 3, 4]]


def shows(viewer: Viewer, colour: tuple[int, int, int]) -> None:
    viewer.ask("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert corner(viewer.picture()) == pytest.approx(list(colour), abs=3)


def test_a_picture_is_chosen_as_the_ground(
    built: Path, open_viewer: OpenViewer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: tmp_path)
    (tmp_path / "backgrounds").mkdir()
    (tmp_path / "backgrounds" / "my room.png").write_bytes(plain(TEAL))
    server = Server(port=0, source="a test")
    try:
        viewer = open_viewer(server.url, ui="1", size=SIZE).ready()
        page = viewer.page
        page.get_by_role("button", name="Settings").click()
        with page.expect_response("**/backgrounds/**"):
            page.get_by_role("button", name="my room.png").click()
        link = page.get_by_label("Address for OBS").input_value()
        assert parse_qs(urlsplit(link).query)["bg"] == ["/backgrounds/my%20room.png"]
        shows(viewer, TEAL)

        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Picture …").click()
        chooser.value.set_files([{"name": "own.png", "mimeType": "image/png", "buffer": plain(AMBER)}])
        page.get_by_text("put it into the folder").wait_for()
        shows(viewer, AMBER)
        assert "bg=transparent" in page.get_by_label("Address for OBS").input_value()

        for bg in ("/backgrounds/my%20room.png", "my room.png"):
            shows(open_viewer(f"{server.url}stage", size=SIZE, bg=bg).ready(), TEAL)
    finally:
        server.close()
