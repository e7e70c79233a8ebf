"""Live Link Face: Epic's app for the iPhone, and apps that speak as it does, are the performers."""

from __future__ import annotations

from collections.abc import Iterator

from vtuber.protocols import live_link_face
from vtuber.protocols.live_link_face import Packet
from vtuber.stages import Observation
from vtuber.udp import Address, Listener

MOST = 16
"""Performers; a sender of ever new names shall not fill the memory."""


class Source(Listener):
    """Listens on PORT, else on 11111, on this computer only; on 0.0.0.0:PORT for a phone. Several may send at once.

    subject: take the performer of this name only; without it the first name that comes is performer 0, and so on
    """

    def __init__(self, argument: str = "", *, subject: str = "") -> None:
        super().__init__(argument, live_link_face.PORT, "Live Link Face")
        self._subject = subject
        self._people: dict[str, int] = {}

    def observe(self, data: bytes, t: float, sender: Address) -> Iterator[Observation]:
        packet = Packet.parse(data)
        if self._subject and packet.subject != self._subject:
            return
        if packet.subject not in self._people:
            if len(self._people) >= MOST:
                raise ValueError(f"performer {packet.subject!r} is one too many")
            self._people[packet.subject] = len(self._people)
        said = live_link_face.performance(packet)
        yield Observation(t, self._people[packet.subject], (0, 0), None, performance=said)
