"""What a viewer receives, heard by a socket of the test's own: no page, and nothing is drawn."""

from __future__ import annotations

import contextlib
import json
import math
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from running import wait_for
from server_clients import RawViewer

from vtuber.wire import EVENT

State = dict[str, Any]


class Ear:
    """A viewer of the server at `url`, on this computer. `states`: all that came; `hello`: the last greeting."""

    def __init__(self, url: str) -> None:
        self.states: list[State] = []
        self.hello: dict[str, Any] = {}
        self._line = RawViewer(urlsplit(url).port or 0)
        assert self._line.read()[0] == "0"
        self._line.write("40")
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        wait_for(lambda: self.hello)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._line.socket.shutdown(2)
        self._thread.join()
        self._line.socket.close()

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                text = self._line.read()
                number, _, rest = text[2:].partition("[")
                if not text.startswith("42"):
                    continue
                name, message = json.loads(f"[{rest}")
                if name == EVENT:
                    self._line.acknowledge(number)
                    self.states.append(message)
                elif name == "hello":
                    self.hello = message

    def until(self, condition: Callable[[State], object], person: int = 0) -> State:
        """The first state from now on of which it is true."""
        begin = len(self.states)

        def found() -> list[State]:
            return [s for s in self.states[begin:] if s["person"] == person and condition(s)]

        first: State = wait_for(found)[0]
        return first

    def shape(self, name: str, value: float, near: float = 0.02) -> None:
        """Waits until this ARKit weight is shown."""
        self.until(lambda state: abs(state["blendshapes"][name] - value) < near)

    def goes_on(self) -> None:
        """The stage goes on: more states come."""
        for _ in range(3):
            self.until(lambda state: True)


def turn_of(state: State) -> float:
    """Radians by which the head is turned from straight ahead."""
    return 2 * math.acos(min(1.0, abs(state["head"]["rotation"][3])))
