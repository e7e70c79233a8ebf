"""OpenVtuber: its event byte by byte, and a Socket.IO relay that does as its Node server does, with a page behind."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import socketio
from aiohttp import web
from apps import PITCH, TILT, YAW, demo, numbered, turned
from server_clients import wait_for
from utils import angle_between, axis_turn
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from vtuber import rotation
from vtuber.outputs.openvtuber import Output
from vtuber.protocols.openvtuber import EVENT, NAMESPACE, PASSED_ON, Result

GOLDEN = (Path(__file__).with_name("golden") / "openvtuber.json").read_text(encoding="utf-8").strip()


# --- the event -------------------------------------------------------------------------------------------------------


def written(result: Result) -> str:
    return json.dumps([EVENT, result.data()], separators=(",", ":"))


def test_a_state_is_the_golden_event_and_read_back_is_the_same() -> None:
    assert written(Result.of(turned())) == GOLDEN
    name, told = json.loads(GOLDEN)
    assert name == EVENT and written(Result.parse(told)) == GOLDEN


def test_the_pages_head_bone_turns_as_the_head_is_turned() -> None:
    for state in (turned(), *demo()[::10]):
        x, y, z = np_radians(Result.of(state).euler)
        bone = axis_turn(0, x) @ axis_turn(1, y) @ axis_turn(2, z)  # three.js: Euler order XYZ
        assert angle_between(rotation.from_matrix(bone), state.head_rotation) < 1e-3


def np_radians(angles: tuple[float, float, float]) -> list[float]:
    return [math.radians(a) for a in angles]


def test_the_page_would_close_the_left_eye_and_open_the_mouth() -> None:
    told = Result.of(turned())
    assert told.blink[0] < 0.1 <= told.blink[1] and 0.4 < told.mouth <= 0.6
    closed = Result.of(replace(turned(), blendshapes={}))
    assert closed.mouth < 0.2 and min(closed.blink) >= 0.1
    assert told.eye == pytest.approx((math.radians(15), math.radians(10))), "left, down"


@pytest.mark.parametrize("data", [{}, {"euler": [1, 2]}, json.loads(GOLDEN)[1] | {"mouth": float("nan")}, []])
def test_what_is_no_result_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match="no result|not finite"):
        Result.parse(data)


# --- a relay and a page ----------------------------------------------------------------------------------------------


class Relay:
    """OpenVtuber's NodeServer/index.js, in words of python-socketio; and what a page of it hears."""

    def __init__(self, port: int, **settings: Any) -> None:
        self._settings = settings
        self.heard: list[dict[str, Any]] = []
        self.page_there = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._port = port
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self.page_there.wait(20)

    async def _run(self) -> None:
        server = socketio.AsyncServer(async_mode="aiohttp", namespaces=[NAMESPACE], **self._settings)

        async def pass_on(sid: str, result: Any) -> None:
            if result != 0:
                await server.emit(PASSED_ON, result, namespace=NAMESPACE, skip_sid=sid)

        server.on(EVENT, pass_on, namespace=NAMESPACE)
        app = web.Application()
        server.attach(app)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self._port, reuse_address=True).start()
        page = socketio.AsyncClient()
        page.on(PASSED_ON, self.heard.append, namespace=NAMESPACE)
        await page.connect(f"http://127.0.0.1:{self._port}", namespaces=[NAMESPACE], transports=["websocket"])
        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        self.page_there.set()
        await self._stop.wait()
        await page.disconnect()
        await server.shutdown()
        await runner.cleanup()

    def pause(self, seconds: float) -> None:
        """It answers nothing, and reads nothing."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(time.sleep, seconds)

    def close(self) -> None:
        assert self._stop is not None and self._loop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def relay(port: int) -> Iterator[Relay]:
    made = Relay(port)
    yield made
    made.close()


def test_the_page_hears_the_demo_performance_at_its_rate(relay: Relay, port: int) -> None:
    output = Output(f"127.0.0.1:{port}")

    def heard_of() -> bool:
        output.send(turned())
        time.sleep(0.02)
        return bool(relay.heard)

    wait_for(heard_of)
    assert relay.heard[-1]["euler"] == pytest.approx([-PITCH, YAW, -TILT], abs=4), "as three.js splits that turn"
    relay.heard.clear()
    for state in demo():
        output.send(state)
        time.sleep(1 / 120)
    last = Result.of(demo()[-1]).data()
    wait_for(lambda: relay.heard and relay.heard[-1] == last)
    expected = [Result.of(s).data() for s in demo()]
    assert all(told in expected for told in relay.heard[1:]) and len(relay.heard) > 0.8 * len(expected)
    output.close()
    output.close()


def test_absent_at_first_and_gone_in_between(
    port: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vtuber.connection.PAUSES_S", (0.05,))
    output = Output(f"127.0.0.1:{port}")
    for i in range(20):
        output.send(numbered(i))
        time.sleep(0.02)
    (said,) = caplog.messages
    assert f"127.0.0.1:{port}" in said and "yarn start" in said and "trying again" in said
    for _ in range(2):
        relay = Relay(port)

        def heard(relay: Relay = relay) -> bool:
            output.send(turned())
            return bool(relay.heard)

        wait_for(heard)
        relay.close()
    output.close()


def test_a_relay_that_asks_is_told_that_we_are_there(port: int, caplog: pytest.LogCaptureFixture) -> None:
    relay = Relay(port, ping_interval=0.1, ping_timeout=1.5)
    output = Output(f"127.0.0.1:{port}")
    start = time.monotonic()
    while time.monotonic() - start < 2.5:  # longer than it waits for an answer
        output.send(turned())
        time.sleep(0.02)
    relay.heard.clear()
    output.send(numbered(321))
    wait_for(lambda: relay.heard)
    assert relay.heard[-1] == Result.of(numbered(321)).data() and not caplog.messages
    output.close()
    relay.close()


def test_a_relay_that_falls_silent_is_left_and_tried_again(
    relay: Relay, port: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vtuber.connection.PAUSES_S", (0.05,))
    monkeypatch.setattr("vtuber.outputs.openvtuber.PATIENCE_S", 0.2)  # it asks every 25 seconds
    output = Output(f"127.0.0.1:{port}")
    wait_for(lambda: "connected" in caplog.text)
    output.close()
    assert caplog.messages[0].endswith("no answer; going on, and trying again")


def test_a_relay_that_stops_reading_gets_the_newest_afterwards(relay: Relay, port: int) -> None:
    output = Output(f"127.0.0.1:{port}")

    def heard_of() -> bool:
        output.send(turned())
        time.sleep(0.02)
        return bool(relay.heard)

    wait_for(heard_of)
    relay.pause(0.5)
    for i in range(300):
        output.send(numbered(i))
        time.sleep(0.001)
    wait_for(lambda: relay.heard[-1] == Result.of(numbered(299)).data())
    output.close()


@pytest.mark.parametrize(
    "answer, said",
    [
        ('44/kizuna,{"message":"Unable to connect"}', 'it refuses: {"message":"Unable to connect"}'),
        ("hello", "no answer"),
    ],
    ids=["another relay", "another protocol"],
)
def test_what_does_not_take_us_in_is_named(
    answer: str, said: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vtuber.web_socket.ANSWER_S", 0.3)

    def talk(client: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            for _ in client:
                client.send(answer)

    with serve(talk, "127.0.0.1", 0) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        output = Output(f"127.0.0.1:{other.socket.getsockname()[1]}")
        wait_for(lambda: said in caplog.text)
        output.close()
    assert len(caplog.messages) == 1
