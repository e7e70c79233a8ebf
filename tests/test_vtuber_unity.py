"""VTuber_Unity: its eight numbers byte by byte, and a TCP server that reads them as its archived scene does."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import astuple, replace
from pathlib import Path

import pytest
from apps import demo, numbered, turned
from server_clients import wait_for

from vtuber.outputs.vtuber_unity import Output
from vtuber.protocols.vtuber_unity import LENGTH, Message
from vtuber.wire import ARKIT, AvatarState

GOLDEN = (Path(__file__).with_name("golden") / "vtuber_unity.bin").read_bytes()
AT_REST = (0.0, 0.0, 0.0, 1.0)


def resting() -> AvatarState:
    return replace(turned(), head_rotation=AT_REST, bones={}, blendshapes=dict.fromkeys(ARKIT, 0.0))


# --- the bytes -------------------------------------------------------------------------------------------------------


def test_states_are_the_golden_bytes_and_read_back_are_the_same() -> None:
    assert bytes(Message.of(turned())) + bytes(Message.of(resting())) == GOLDEN
    for i in range(0, len(GOLDEN), LENGTH):
        assert bytes(Message.parse(GOLDEN[i : i + LENGTH])) == GOLDEN[i : i + LENGTH]


def test_sixteen_messages_fill_the_scenes_buffer() -> None:
    far = replace(Message.of(turned()), roll=-1e6, pitch=-1e6, yaw=-1e6, eye=-99, mouth=-99, mouth_width=-99)
    assert len(bytes(far)) == LENGTH and 1024 % LENGTH == 0
    assert Message.parse(bytes(far)).roll == -50 and Message.parse(bytes(far)).pitch == -40


@pytest.mark.parametrize("data", [b"", b"1 2 3", b"1 2 3 4 5 6 7 x", b"\xff", b"nan 2 3 4 5 6 7 8", b"1 " * 5000])
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no message of VTuber_Unity"):
        Message.parse(data)


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        bytes(replace(Message.of(turned()), mouth=float("nan")))


# --- a scene ---------------------------------------------------------------------------------------------------------


class Scene:
    """Reads as the archived script does: up to 1024 bytes, split at spaces, six numbers. A short read would end it."""

    def __init__(self, port: int = 0) -> None:
        self.read: list[list[float]] = []
        self.reads = 0
        self.error: Exception | None = None
        self.paused = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self._client: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while True:
                self._client, _ = self._listener.accept()
                while data := self._client.recv(1024):
                    self.reads += 1
                    self.read.append([float(word) for word in data.decode("ascii").split(" ")[:6]])
                    assert len(self.read[-1]) == 6
                    while self.paused.is_set():
                        time.sleep(0.01)
        except OSError:
            pass
        except Exception as e:
            self.error = e

    def close(self) -> None:
        for s in (self._client, self._listener):
            if s is not None:
                with contextlib.suppress(OSError):
                    s.shutdown(socket.SHUT_RDWR)
                s.close()
        self._thread.join(5)


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.close()


@pytest.fixture
def output(scene: Scene) -> Iterator[Output]:
    made = Output(f"127.0.0.1:{scene.port}")
    yield made
    made.close()


def test_the_scene_sees_the_head_turned_as_it_is(scene: Scene, output: Output) -> None:
    output.send(turned())
    wait_for(lambda: scene.read)
    roll, pitch, yaw, eye, mouth, width = scene.read[-1]
    # The scene sets Euler(-pitch, yaw, -roll) on an avatar that faces +z: its own left is a negative yaw.
    assert (roll, pitch, yaw) == pytest.approx((-5, 10, -20), abs=0.01)
    assert eye < 0.195 and 0.3 < mouth < 0.8 and width < 0.33, "eye shut, mouth half open, not yet a smile"


def test_the_demo_performance_arrives_at_its_rate(scene: Scene, output: Output) -> None:
    for state in demo():
        output.send(state)
        time.sleep(1 / 120)
    expected = [astuple(Message.of(s))[:6] for s in demo()]
    wait_for(lambda: scene.read and scene.read[-1] == pytest.approx(expected[-1], abs=1e-4))
    assert scene.error is None
    assert len(scene.read) > 0.8 * len(expected), "more than a state or two in one read is not seen"


def test_other_performers_are_not_for_this_avatar(scene: Scene, output: Output) -> None:
    output.send(turned(person=1))
    output.send(numbered(500))
    wait_for(lambda: scene.read)
    assert scene.read[0] == pytest.approx(list(astuple(Message.of(numbered(500)))[:6]), abs=1e-4)


def test_a_scene_that_is_slow_gets_whole_messages(scene: Scene, output: Output) -> None:
    output.send(numbered(0))
    wait_for(lambda: scene.read)
    scene.paused.set()
    output.send(numbered(1))
    wait_for(lambda: scene.reads == 2)
    for i in range(2, 400):
        output.send(numbered(i))
        if i % 8 == 0:
            time.sleep(0.002)  # so that many are on their way at once
    scene.paused.clear()
    last = list(astuple(Message.of(numbered(399)))[:6])

    def caught_up() -> bool:
        output.send(numbered(399))
        return scene.read[-1] == pytest.approx(last, abs=1e-4)

    wait_for(caught_up)
    assert scene.error is None, "a read that ended inside a message would have been its last"


def test_absent_at_first_gone_in_between_and_back_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vtuber.connection.PAUSES_S", (0.05,))
    first = Scene()
    port = first.port
    first.close()
    output = Output(f"127.0.0.1:{port}")
    for i in range(20):
        output.send(numbered(i))
        time.sleep(0.02)
    assert [r.message for r in caplog.records] == [caplog.records[0].message], "one line, however often it is tried"
    assert f"127.0.0.1:{port}" in caplog.text and "trying again" in caplog.text
    for _ in range(2):
        scene = Scene(port)

        def sent(scene: Scene = scene) -> bool:
            output.send(turned())
            return bool(scene.read)

        wait_for(sent)
        scene.close()
    output.close()
    output.close()
    assert "connected" in caplog.text
    wait_for(lambda: not any(t.name == "vtuber-connections" for t in threading.enumerate()))
