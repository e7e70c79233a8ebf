"""All outputs at once: what they cost for each state."""

from __future__ import annotations

import contextlib
import math
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from vtuber import parts, rotation
from vtuber.pipeline import Guarded
from vtuber.pose import Pose, to_state
from vtuber.server import Server
from vtuber.wire import ARKIT, AvatarState

RATE = 60
STATES = 90
TRIES = 6
MOST = 1.0
"""CPU milliseconds of a state in all outputs together, every thread counted."""
MILLISECOND = 20_000
"""Turns of the loop below that an idle desktop core makes in a millisecond; a busy or slow machine, which takes longer,
takes longer for the outputs as well."""


def acting(n: int) -> AvatarState:
    """The n-th state of somebody who moves everything at once, which is as much as there can be to send."""
    t = n / RATE
    swing = math.sin(3 * t)
    weights = np.clip(0.5 + 0.5 * np.sin(3 * t + np.arange(len(ARKIT))), 0, 1)
    turn = rotation.from_yaw_pitch(0.4 * swing, 0.2 * math.cos(3 * t))
    return to_state(Pose(turn, np.full(3, 0.01 * swing), np.full(4, 0.2 * swing), weights), t, 0, "tracked", 0.9)


@pytest.fixture
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Guarded]]:
    """Every one there is, each with somebody who listens, and reads nothing."""
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    with contextlib.ExitStack() as stack:
        made = []
        for name in parts.names("output"):
            tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            port = tcp.getsockname()[1]
            udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            udp.bind(("127.0.0.1", port))
            argument = str(tmp_path / name) if name in ("csv", "jsonl") else f"127.0.0.1:{port}"
            settings = {"announce": "off"} if name == "vrchat" else {}
            made.append(Guarded(parts.make("output", name, settings, argument), name))
            stack.callback(made[-1].close)
        yield made


class Millisecond:
    """Sends nothing, and works for as long as the outputs may."""

    def send(self, state: AvatarState) -> None:
        x = 0
        for i in range(MILLISECOND):
            x += i * i % 7


def cost(states: Sequence[AvatarState], outputs: Sequence[Guarded | Millisecond]) -> float:
    """CPU seconds of the whole process for these states, sent at RATE."""
    start, due = time.process_time(), time.perf_counter()
    for state in states:
        for output in outputs:
            output.send(state)
        due += 1 / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
    return time.process_time() - start


@pytest.fixture
def viewer() -> Iterator[Guarded]:
    """What every run has anyway."""
    server = Guarded(Server(port=0), "viewer")
    yield server
    server.close()


def test_all_outputs_at_once_cost_less_than_a_millisecond(outputs: list[Guarded], viewer: Guarded) -> None:
    """The best of some tries counts: whatever else the machine does can only make one worse."""
    states = [acting(n) for n in range(STATES)]
    cost(states[:10], [viewer, *outputs])
    ratios: list[float] = []
    while len(ratios) < TRIES and not (ratios and ratios[-1] < MOST):
        alone, with_all, with_work = (cost(states, [viewer, *some]) for some in ([], outputs, [Millisecond()]))
        ratios.append((with_all - alone) / (with_work - alone))
    print(f"all outputs together: {min(ratios):.2f} ms of an idle core for each state")
    assert min(ratios) < MOST, f"milliseconds for each state, of an idle core: {[round(r, 2) for r in ratios]}"
