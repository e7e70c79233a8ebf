"""A program that stops and starts again under an open page."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from conftest import OpenViewer
from pictures import VISIBLE
from viewer import Viewer

from vtuber import pose, rotation
from vtuber.pose import REST
from vtuber.server import Server

JUMP_DEG = 4.0
"""The head's turn between two rendered frames that would be seen as a jump, on top of JUMP_DEG_PER_S."""
JUMP_DEG_PER_S = 60.0


@contextmanager
def performing(server: Server) -> Iterator[None]:
    """A performer who turns to the left and back, ten degrees, every two seconds, thirty states a second."""
    over = threading.Event()

    def perform() -> None:
        while not over.wait(1 / 30):
            t = time.perf_counter()
            turned = replace(REST, rotation=rotation.from_yaw_pitch(0.175 * np.sin(np.pi * t), 0.0))
            server.send(pose.to_state(turned, t, 0, "tracked", 1.0))

    thread = threading.Thread(target=perform)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def moves(viewer: Viewer) -> None:
    """Wait until the performer's head goes well to both sides."""
    for side in ("> 0.12", "< -0.12"):
        viewer.until(f"() => vtuber.boneWorld('head').forward[0] {side}")


def test_page_outlives_the_program(built: object, open_viewer: OpenViewer) -> None:
    first = Server(port=0)
    port = first.port
    try:
        viewer = open_viewer(first.url, unplugged=True, bg="00ff00", ui="1").ready()
        status = viewer.page.locator(".status")
        with performing(first):
            moves(viewer)
            viewer.record()
            moves(viewer)
    finally:
        first.close()

    viewer.until("() => document.querySelector('.status').innerText.includes('connecting')")
    # The last thing said is old now: the idle motion fades in, slowly, from where the performer was.
    viewer.until("then => performance.now() / 1000 > then + 4", viewer.ask("performance.now() / 1000"))
    before = viewer.picture().astype(int)
    viewer.until("then => performance.now() / 1000 > then + 1.5", viewer.ask("performance.now() / 1000"))
    apart = np.abs(viewer.picture().astype(int) - before).max(axis=2) > VISIBLE
    assert 0 < apart.sum() < 0.25 * apart.size, "the avatar should be alive, and calm"

    second = Server(port=port)
    try:
        with performing(second):
            moves(viewer)
        assert "connecting" not in status.inner_text()
    finally:
        second.close()

    rows = viewer.recorded()
    forward = np.array([row["forward"] for row in rows])
    steps = np.degrees(np.arccos(np.clip((forward[1:] * forward[:-1]).sum(axis=1), -1, 1)))
    seconds = np.diff([row["time"] for row in rows])
    print(f"{len(rows)} frames, largest step {steps.max():.2f} degrees, longest frame {seconds.max():.2f} s")
    assert (steps < JUMP_DEG + JUMP_DEG_PER_S * seconds).all()
