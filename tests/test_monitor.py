"""`vtuber monitor`: what arrives, how often, and what was wrong with it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from vtuber import cli, monitor, rotation
from vtuber.stages import Observation, Performance, VTuberError
from vtuber.udp import Address, Listener, Sender

TURN = rotation.from_yaw_pitch(np.radians(20.0), np.radians(-10.0))
SAID = Performance(
    TURN, np.array([0.01, 0.02, -0.03]), np.radians([5.0, 1.0, 6.0, 2.0]),
    {"jawOpen": 0.53, "eyeBlinkLeft": 0.9, "mouthPucker": 0.01}, {"happy": 0.4}, {"leftHand": TURN},
)  # fmt: skip


class Word(Listener):
    """Says the same performance for each datagram; `bad` is refused, and `away` says that nobody is seen."""

    def __init__(self) -> None:
        super().__init__("0", 9, "words")

    def observe(self, data: bytes, t: float, sender: Address) -> Iterator[Observation]:
        if data == b"bad":
            raise ValueError("it is bad")
        yield Observation(t, 0, (0, 0), None, None if data == b"away" else SAID)


@pytest.fixture
def word() -> Iterator[Word]:
    made = Word()
    yield made
    made.close()


@pytest.fixture
def speak(word: Word) -> Iterator[Callable[[bytes], None]]:
    """Sends the same datagram about sixty times a second until the test ends."""
    stop, sender = threading.Event(), Sender(str(word.port), 9)
    threads: list[threading.Thread] = []

    def start(data: bytes) -> None:
        def run() -> None:
            while not stop.wait(1 / 60):
                sender.send(data)

        threads.append(threading.Thread(target=run))
        threads[-1].start()

    yield start
    stop.set()
    for thread in threads:
        thread.join()
    sender.close()


def test_it_shows_what_arrives(word: Word, speak: Callable[[bytes], None]) -> None:
    speak(b"here")
    text = "\n".join(monitor.watch(word, 0.5))
    assert re.search(r"\d+ packets/s", text)
    assert (
        "head yaw +20.0 pitch -10.0 roll +0.0, at +1.0 +2.0 -3.0 cm, eyes left +5 +1, right +6 +2, 1 more bones" in text
    )
    assert "3 shapes: eyeBlinkLeft 0.90  jawOpen 0.53\n" in text + "\n"
    assert "1 expressions: happy 0.40" in text


def test_it_says_that_nobody_is_seen(word: Word, speak: Callable[[bytes], None]) -> None:
    speak(b"away")
    assert "person 0: nobody is seen" in "\n".join(monitor.watch(word, 0.4))


def test_it_says_what_was_refused(word: Word, speak: Callable[[bytes], None]) -> None:
    speak(b"bad")
    lines = []
    with pytest.raises(VTuberError, match="packets were refused, the last: it is bad; is it another protocol"):
        for line in monitor.watch(word, 0.4):
            lines.append(line)
    assert re.search(r"(\d+) of \1 refused, the last: it is bad", lines[0])


def test_silence_is_said_with_what_to_look_at(word: Word) -> None:
    lines = []
    with pytest.raises(VTuberError, match=rf"words on 127.0.0.1:{word.port} .*listen on 0.0.0.0:{word.port}"):
        for line in monitor.watch(word, 0.3):
            lines.append(line)
    assert "silent for 1 s" in lines[0]


def test_the_commands_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["monitor", "camera"]) == 1
    out, err = capsys.readouterr()
    assert "'camera' is no protocol that is listened to; there are: " in err and "vmc" in err
    assert cli.main(["monitor", "fax:1"]) == 1
    assert cli.main(["monitor", "vmc:0", "--seconds", "0.2"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("VMC on 127.0.0.1:") and "0.2 s  silent" in out
    assert err.splitlines()[-1].startswith("vtuber: nothing came that says something")
    with pytest.raises(SystemExit) as ended:
        cli.main(["monitor", "vmc", "--seconds", "0"])
    assert ended.value.code == 2
