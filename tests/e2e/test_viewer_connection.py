"""A program that stops and starts again under an open page."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from vtuber import pose, rotation
from vtuber.pose import REST
from vtuber.server import Server

from .browser import OpenViewer
from .pictures import VISIBLE
from .viewer import Viewer

TURN = 0.6
"""Radians: so far that a cut to the idle motion, or from it, is larger than any step of a fade."""
JUMP_DEG = 4.0
"""The head's turn between two rendered frames that would be seen as a jump, on top of JUMP_DEG_PER_S."""
JUMP_DEG_PER_S = 130.0
"""The fades, of a second and of half a second, go as fast as this at their middle (idle.ts)."""


@contextmanager
def performing(server: Server) -> Iterator[None]:
    """A performer who keeps looking to the left, but for a little sway, thirty states a second."""
    over = threading.Event()

    def perform() -> None:
        while not over.wait(1 / 30):
            t = time.perf_counter()
            turned = replace(REST, rotation=rotation.from_yaw_pitch(TURN + 0.05 * np.sin(np.pi * t), 0.0))
            server.send(pose.to_state(turned, t, 0, "tracked", 1.0))

    thread = threading.Thread(target=perform)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def follows(viewer: Viewer) -> None:
    """Wait until the avatar's head is where the performer's is, and sways."""
    for side in (">", "<"):
        viewer.until(f"yaw => Math.asin(vtuber.boneWorld('head').forward[0]) {side} yaw", TURN)


def later(viewer: Viewer, seconds: float) -> None:
    """Let the page's clock go on."""
    viewer.until("end => performance.now() > end", viewer.ask("performance.now()") + 1000 * seconds)


def test_page_outlives_the_program(built: object, open_viewer: OpenViewer) -> None:
    first = Server(port=0)
    port = first.port
    try:
        viewer = open_viewer(first.url, unplugged=True, bg="00ff00", ui="1").ready()
        status = viewer.page.locator(".status")
        with performing(first):
            follows(viewer)
            viewer.record()
    finally:
        first.close()

    viewer.until("() => document.querySelector('.status').innerText.includes('connecting')")
    # The last thing said is old now: the idle motion fades in, slowly, from where the performer was.
    viewer.until("yaw => Math.abs(vtuber.boneWorld('head').forward[0]) < yaw / 3", TURN)
    later(viewer, 1.0)
    before = viewer.picture().astype(int)
    later(viewer, 1.5)
    apart = np.abs(viewer.picture().astype(int) - before).max(axis=2) > VISIBLE
    assert 0 < apart.sum() < 0.25 * apart.size, "the avatar should be alive, and calm"

    second = Server(port=port)
    try:
        with performing(second):
            follows(viewer)
        assert "connecting" not in status.inner_text()
    finally:
        second.close()

    rows = viewer.recorded()
    forward = np.array([row["forward"] for row in rows])
    steps = np.degrees(np.arccos(np.clip((forward[1:] * forward[:-1]).sum(axis=1), -1, 1)))
    seconds = np.diff([row["time"] for row in rows])
    print(f"{len(rows)} frames, largest step {steps.max():.2f} degrees, longest frame {seconds.max():.2f} s")
    assert (steps < JUMP_DEG + JUMP_DEG_PER_S * seconds).all()
