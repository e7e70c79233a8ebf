"""opentrack: turns your head in flight simulators and other games. Its input must be "UDP over network"."""

from __future__ import annotations

from vtuber import stages
from vtuber.protocols import opentrack
from vtuber.udp import Sender
from vtuber.wire import AvatarState


class Output(stages.Output):
    """Sends the head's turn and place to HOST:PORT, else to port 4242 of this computer.

    A lost head sends nothing, so that the game's view stays as it was.

    person: which performer, counted from 0
    """

    def __init__(self, argument: str = "", *, person: int = 0) -> None:
        self._person = person
        self._sender = Sender(argument, opentrack.PORT)
        self.traffic = self._sender.traffic

    def send(self, state: AvatarState) -> None:
        if state.person == self._person and state.tracking != "lost":
            self._sender.send(bytes(opentrack.pose(state)))

    def close(self) -> None:
        self._sender.close()
