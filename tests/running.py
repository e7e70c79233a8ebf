"""A session that runs beside a test, fed by another app's packets: no camera, no model, no waiting."""

from __future__ import annotations

import argparse
import contextlib
import gc
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest

from calibration import flows
from vtuber import parts, rotation
from vtuber.pose import Pose, to_state
from vtuber.session import Session
from vtuber.wire import ARKIT

PATIENCE_S = 30.0


def options(config: Path, *sources: str, changes: tuple[str, ...] = (), **more: Any) -> argparse.Namespace:
    """What `vtuber run` was given on its command line."""
    given = {"tracker": None, "filter": None, "profile": None, "output": None, "port": 0, "lan": False}
    return argparse.Namespace(config=config, source=list(sources) or None, changes=list(changes), **(given | more))


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], Any]) -> Any:
    """Block until it is true; returns what it said."""
    deadline = time.monotonic() + PATIENCE_S
    while not (said := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
    return said


class App:
    """Another app that sends one pose over and over, while it is `speaking`; it may be changed at any time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.speaking = True
        self.turn = rotation.from_yaw_pitch(0.3, 0.0)
        self.weights = {"jawOpen": 0.4, "mouthSmileLeft": 0.2}
        self._sender = parts.make("output", "vmc", {"names": "arkit"}, str(port))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def _send(self) -> None:
        while not self._stop.wait(1 / 60):
            if not self.speaking:
                continue
            weights = np.array([self.weights.get(name, 0.0) for name in ARKIT])
            self._sender.send(to_state(Pose(self.turn, weights=weights), time.perf_counter(), 0, "tracked", 1.0))

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._sender.close()


@contextlib.contextmanager
def fed_by_app(folder: Path, toml: str) -> Iterator[tuple[Session, States, App, Path]]:
    """A session with these settings that an app feeds, its states, that app, and the file of the settings."""
    path, port = folder / "vtuber.toml", free_port()
    path.write_text(toml, encoding="utf-8")
    app = App(port)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platformdirs, "user_config_path", lambda *_: folder / "config")
        try:
            with running(options(path, f"vmc:{port}")) as (session, states):
                yield session, states, app, path
        finally:
            app.close()


class States:
    """An output that keeps the newest state."""

    newest: Any = None

    def send(self, state: Any) -> None:
        self.newest = state

    def close(self) -> None:
        pass


@contextlib.contextmanager
def running(asked: argparse.Namespace) -> Iterator[tuple[Session, States]]:
    """The session on a thread of its own; the states that it shows."""
    interval, states = sys.getswitchinterval(), States()
    with Session(asked, say=lambda line: None, flows=lambda: flows) as session:
        send = session.server.send

        def both(state: Any) -> None:
            states.send(state)
            send(state)

        session.server.send = both
        failures: list[BaseException] = []

        def run() -> None:
            try:
                session.run(0)
            except BaseException as e:
                failures.append(e)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield session, states
        finally:
            session.desk.rig.source.close()
            thread.join(PATIENCE_S)
            sys.setswitchinterval(interval)
            gc.unfreeze()
        assert not thread.is_alive() and not failures, failures
