"""What goes to which viewer, and when. No socket here: room.py carries what this file decides.

A viewer that is slow must get fewer states, never older ones. So no state waits in a queue: a viewer has one `Line` of
every person, the newest state stands at its end, and a packet takes it only at the moment the packet is written. When
WINDOW packets of a line are on their way and not acknowledged, no more are sent until the viewer answers.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import msgspec

from vtuber import wire

WINDOW = 2
"""States on their way to one viewer, of one person. Two: one being drawn and one travelling keep 60 Hz over any LAN."""
GIVE_UP = 10.0
"""Seconds after which a missing acknowledgement is no longer waited for: a page may lose a state with its handler."""
FORGET = 10.0
"""Seconds after which a person who is no longer sent is forgotten."""
FIRST_ID = 1_000_000_000
"""Our acknowledgement numbers start here; python-socketio's own, for its other events, count from 1."""


@dataclass(slots=True, eq=False)
class Message:
    """One state, encoded once for everybody."""

    person: int
    timestamp: float
    body: str
    """The JSON object of wire.to_json without its closing brace: the age is put in when a packet is written."""
    awaited: int = 0
    """Packets that were queued for this state and are not yet written."""


def encode(state: wire.AvatarState) -> Message:
    """Raises ValueError when a number of the state is not finite."""
    return Message(state.person, state.timestamp, _encoder.encode(wire.to_json(state)).decode()[:-1])


_encoder = msgspec.json.Encoder(enc_hook=lambda scalar: scalar.item())  # rounding a NumPy number gives a NumPy number


class Line:
    """One person's way to one viewer."""

    def __init__(self, viewer: Viewer, newest: Message) -> None:
        self.viewer = viewer
        self.newest = newest
        self.queued = False
        """A packet waits to be written; it will take the newest state then."""
        self.unacknowledged = 0
        self._sent: Message | None = None
        self._promised: Message | None = None

    def ready(self, now: float) -> bool:
        """Whether a packet should be queued now."""
        return not self.queued and self.newest is not self._sent and not self.viewer.must_wait(self, now)

    def queue(self, *, promised: bool) -> Line:
        """A packet goes into the socket's queue; `promised` when the newest state waits for nothing else."""
        self.queued = True
        self._promised = self.newest if promised else None
        self.newest.awaited += promised
        return self

    def write(self, now: float) -> str:
        """The packet's text, in Socket.IO's encoding, at the moment it is written."""
        message, self._sent, self.queued = self.newest, self.newest, False
        if self._promised is message:
            self._promised = None
            message.awaited -= 1
            if not message.awaited:
                self.viewer.latencies.append(now - message.timestamp)
        number = self.viewer.number(self, now)
        return f'2{number}["{wire.EVENT}",{message.body},"age":{now - message.timestamp:.4f}}}]'


class Viewer:
    """One connected page, with the window of each of its lines."""

    def __init__(self, latencies: deque[float]) -> None:
        self.latencies = latencies
        self.lines: dict[int, Line] = {}
        self.answers = False
        """Has acknowledged something. Until then (perhaps it never will) only its socket's queue holds us back."""
        self.unacknowledged: deque[tuple[int, Line]] = deque()
        self._next_id = FIRST_ID
        self._answered = 0.0

    def offer(self, message: Message) -> Line:
        """Put the state at the end of its person's line."""
        line = self.lines.get(message.person)
        if line is None:
            line = self.lines[message.person] = Line(self, message)
        line.newest = message
        return line

    def owes(self, now: float) -> float:
        """For how long an answer has been awaited, seconds."""
        return now - self._answered if self.unacknowledged else 0.0

    def must_wait(self, line: Line, now: float) -> bool:
        if not self.answers or line.unacknowledged < WINDOW:
            return False
        if now - self._answered > GIVE_UP:
            self._settle(self._next_id, now)
            return False
        return True

    def number(self, line: Line, now: float) -> str:
        """The number of the packet being written, which asks for an acknowledgement; "" to ask for none."""
        if not self.answers and line.unacknowledged >= WINDOW:
            return ""  # does not seem to answer: remember no more
        if not self.unacknowledged:
            self._answered = now
        line.unacknowledged += 1
        self.unacknowledged.append((self._next_id, line))
        self._next_id += 1
        return str(self._next_id - 1)

    def acknowledged(self, number: int, now: float) -> list[Line]:
        """The viewer has this packet, hence all before it: packets arrive in order. The lines to be queued now."""
        self.answers = True
        self._settle(number, now)
        return [line.queue(promised=False) for line in self.lines.values() if line.ready(now)]

    def _settle(self, number: int, now: float) -> None:
        self._answered = now
        while self.unacknowledged and self.unacknowledged[0][0] <= number:
            self.unacknowledged.popleft()[1].unacknowledged -= 1


class Audience:
    """All viewers, and the newest state of every person. The lines it returns are to be queued on their sockets."""

    def __init__(self, latencies: deque[float]) -> None:
        self.latencies = latencies
        self.viewers: dict[str, Viewer] = {}
        self._newest: dict[int, tuple[Message, float]] = {}

    def join(self, sid: str, now: float) -> list[Line]:
        """A new viewer sees everybody at once."""
        viewer = self.viewers[sid] = Viewer(self.latencies)
        return [viewer.offer(message).queue(promised=False) for message, _ in self._newest.values()]

    def leave(self, sid: str) -> None:
        self.viewers.pop(sid, None)

    def show(self, message: Message, now: float) -> dict[str, Line]:
        """A new state for everybody; by viewer, the lines that are ready for it."""
        self._newest[message.person] = (message, now)
        lines = {sid: viewer.offer(message) for sid, viewer in self.viewers.items()}
        if not lines:
            self.latencies.append(now - message.timestamp)
        return {sid: line.queue(promised=True) for sid, line in lines.items() if line.ready(now)}

    def acknowledged(self, sid: str, number: int, now: float) -> list[Line]:
        viewer = self.viewers.get(sid)
        return viewer.acknowledged(number, now) if viewer else []

    def forget(self, now: float) -> None:
        """Drop the persons that were not sent for a while."""
        for person in [p for p, (_, shown) in self._newest.items() if now - shown > FORGET]:
            del self._newest[person]
            for viewer in self.viewers.values():
                viewer.lines.pop(person, None)
