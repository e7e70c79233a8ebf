"""iFacialMocap: the phone's app is the performer, or another app that speaks as it does, such as Facemotion3d."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterator

from vtuber import udp
from vtuber.protocols import ifacialmocap
from vtuber.protocols.ifacialmocap import Frame
from vtuber.stages import Observation, VTuberError
from vtuber.udp import Address, Listener

ASK_EVERY_S = 1.0
"""Hellos to a phone that sends nothing."""
STILL_S = 0.5
"""A living face never repeats itself: a packet that does so for longer was sent by a phone that sees nobody."""


class Source(Listener):
    """The argument is the phone's address, which its app shows: a hello asks it to send. It is listened to, and nobody
    else, at port 49983 of the one address of this computer that the phone can reach. HOST:49993 greets Facemotion3d.

    For apps that send unasked the argument is where to listen: nothing for apps on this computer, `0.0.0.0` for
    others, another `PORT`.

    phone: HOST or HOST:PORT to say hello to, where the argument shall be the address to listen on
    version: of the packets that the hello asks for, 1 or 2; both are understood
    """

    def __init__(self, argument: str = "", *, phone: str = "", version: int = 2) -> None:
        if version not in ifacialmocap.SEPARATOR:
            raise VTuberError(f"ifacialmocap has the versions 1 and 2, not {version}")
        self._phone: Address | None = None
        if not phone and not _own(udp.address(argument, ifacialmocap.PORT)):
            phone, argument = argument, ""
        if phone:
            self._phone, here = udp.route(*udp.address(phone, ifacialmocap.PORT))
            argument = argument or (f"[{here}]" if ":" in here else here)
        super().__init__(argument, ifacialmocap.PORT, "iFacialMocap")
        self._hello = ifacialmocap.hello(version, self._phone[1] if self._phone else self.port)
        self._asked = self._heard = -math.inf
        self._weights: dict[str, float] = {}
        self._last = b""
        self._changed = 0.0

    def remind(self, t: float) -> None:
        if self._phone and t - max(self._asked, self._heard) >= ASK_EVERY_S:
            self._asked = t
            self.reply(self._hello, self._phone)

    def observe(self, data: bytes, t: float, sender: Address) -> Iterator[Observation]:
        if self._phone and sender[0] != self._phone[0]:
            raise ValueError(f"from {sender[0]}, which is not the phone")
        if ifacialmocap.asked_version(data):
            raise ValueError(f"{sender[0]} asks this computer for data, as of a phone")
        frame = Frame.parse(data)
        self._heard = t
        if data != self._last:
            self._last, self._changed = data, t
        seen = t - self._changed < STILL_S if frame.tracked is None else frame.tracked
        # A phone does not send every shape each time: what it leaves out stays as it was.
        self._weights.update({name: min(1.0, max(0.0, p / 100)) for name, p in frame.percents.items()})
        said = ifacialmocap.performance(frame, dict(self._weights)) if seen else None
        yield Observation(t, 0, (0, 0), None, performance=said)

    def describe(self) -> str:
        asked = f", asked of the phone at {self._phone[0]}:{self._phone[1]}" if self._phone else ""
        return super().describe() + asked


def _own(address: Address) -> bool:
    """Whether a host is this computer: a place to listen, and no phone."""
    host, port = address
    try:
        numeric = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        if numeric.is_unspecified or numeric.is_loopback:
            return True
    there, here = udp.route(host, port)
    return there[0] == here
