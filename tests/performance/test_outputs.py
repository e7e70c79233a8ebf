"""All outputs at once: what they cost for each state when everybody is connected, reads and answers."""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from server_clients import wait_for

from vtuber import parts, rotation
from vtuber.pipeline import Guarded
from vtuber.pose import Pose, to_state
from vtuber.server import Server
from vtuber.wire import ARKIT, AvatarState

RATE = 60
STATES = 90
TRIES = 6
MOST = 1.0
"""CPU milliseconds of a state in all outputs together, every thread counted, on a machine with nothing else to do."""
BUSY = 1.5
"""The same where other programs' data push ours out of the processor's memory."""
HEARD = 0.5
"""Share of the states that everybody hears at least, or nothing was measured: who is late gets the newest."""
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


class Receivers:
    """Whoever there is at the other end, connected, reading and answering; what that costs them is not ours."""

    def __init__(self, names: Sequence[str]) -> None:
        program = [sys.executable, str(Path(__file__).with_name("receivers.py")), *names]
        self._process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports: dict[str, int] = self._told()

    def heard(self) -> dict[str, int]:
        """Output -> messages that have come."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._told()

    def _told(self) -> dict[str, int]:
        assert self._process.stdout is not None
        told: dict[str, int] = json.loads(self._process.stdout.readline())
        return told

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


FILES = {"csv", "jsonl"}


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    made = Receivers([name for name in parts.names("output") if name not in FILES])
    yield made
    made.close()


@pytest.fixture
def outputs(receivers: Receivers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Guarded]]:
    """Every one there is."""
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    with contextlib.ExitStack() as stack:
        made = []
        for name in parts.names("output"):
            argument = str(tmp_path / name) if name in FILES else f"127.0.0.1:{receivers.ports[name]}"
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


def test_all_outputs_at_once_cost_less_than_a_millisecond(
    outputs: list[Guarded], receivers: Receivers, viewer: Guarded
) -> None:
    """The best of some tries counts: whatever else the machine does can only make one worse."""
    states = [acting(n) for n in range(STATES)]

    def everybody_hears() -> bool:
        cost(states[:10], [viewer, *outputs])
        return all(receivers.heard().values())

    wait_for(everybody_hears)
    ratios: list[float] = []
    while len(ratios) < TRIES and not (ratios and ratios[-1] < MOST):
        before = receivers.heard()
        alone, with_all, with_work = (cost(states, [viewer, *some]) for some in ([], outputs, [Millisecond()]))
        ratios.append((with_all - alone) / (with_work - alone))
        after = receivers.heard()
        missed = [name for name in after if after[name] - before[name] < HEARD * STATES]
        assert not missed, f"{missed} did not hear what was measured"
    print(f"all outputs together: {min(ratios):.2f} ms of an idle core for each state")
    assert min(ratios) < BUSY, f"milliseconds for each state, of an idle core: {[round(r, 2) for r in ratios]}"
