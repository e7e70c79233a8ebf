"""What every part that speaks UDP shares: reading an address, a source that listens, a sender that never waits."""

from __future__ import annotations

import errno
import ipaddress
import logging
import selectors
import socket
import threading
import time
from abc import abstractmethod
from collections.abc import Iterable, Iterator

from vtuber import ports, stages
from vtuber.stages import Observation, Statistics, Traffic, VTuberError

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
TICK_S = 0.1
"""How long a listener waits for a datagram before it says that none has come."""
LARGEST = 65536
"""Bytes: no datagram is longer."""
AT_ONCE = 512
"""Datagrams that are read in one go; whoever sends faster than they are read shall not hold the loop for ever."""

Address = tuple[str, int]


def address(argument: str, port: int, host: str = LOOPBACK) -> Address:
    """`HOST:PORT`, `HOST`, `PORT` or nothing, with what is missing filled in; IPv6 in brackets: `[::1]:39539`.

    Raises:
        VTuberError: the port is no number from 0 to 65535.
    """
    text = argument.strip()
    if text.startswith("["):
        name, _, rest = text[1:].partition("]")
        digits = rest.removeprefix(":")
    elif text.count(":") > 1 or (":" not in text and not text.isdecimal()):
        name, digits = text, ""
    else:
        name, _, digits = text.rpartition(":")
    if digits and not (digits.isdecimal() and int(digits) <= 65535):
        raise VTuberError(f"{argument!r} is no address: write HOST:PORT, such as {host}:{port}")
    return name or host, int(digits) if digits else port


class Listener(stages.Source):
    """A source that listens on a UDP port. A part says in `observe` what a datagram means; `statistics` counts them.

    Whoever reads late gets the newest observation of each person, though every datagram has been looked at.

    Args:
        argument: `PORT` or `HOST:PORT` of this computer to listen on; nothing is the loopback address.
        port: the protocol's own.
        protocol: its name, for people.

    Raises:
        VTuberError: the port is taken or not allowed, or the host is not this computer's.
    """

    pictures = False

    def __init__(self, argument: str, port: int, protocol: str) -> None:
        self.statistics: Statistics = Statistics()
        self._protocol = protocol
        self._closed = False
        self._reading = threading.Lock()
        self._socket = bound(*address(argument, port), protocol)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        self.host: str = self._socket.getsockname()[0]
        self.port: int = self._socket.getsockname()[1]

    @abstractmethod
    def observe(self, data: bytes, t: float, sender: Address) -> Iterable[Observation]:
        """What one datagram says, that arrived at t (seconds); nothing while it is part of something larger.

        Raises:
            ValueError: it is not of this protocol, or broken. The text is shown to the user.
        """

    def remind(self, t: float) -> None:
        """Called at least every tenth of a second: say (`reply`) what keeps the other side sending."""

    def reply(self, data: bytes, to: Address) -> None:
        """Send from the port that is listened on. Never waits; a datagram that cannot leave is lost."""
        try:
            self._socket.sendto(data, to)
        except OSError as e:
            log.debug("%s: no datagram to %s:%d: %s", self._protocol, *to[:2], e)

    def __iter__(self) -> Iterator[Observation | None]:
        while True:
            with self._reading:
                if self._closed:
                    return
                newest = self._newest()
            yield from newest.values() if newest else (None,)

    def _newest(self) -> dict[int, Observation]:
        """The last observation of each person, waited for up to TICK_S and then read to the last datagram there is."""
        newest: dict[int, Observation] = {}
        give_up = time.perf_counter() + TICK_S
        while not newest and not self._closed:
            now = time.perf_counter()
            self.remind(now)
            if now >= give_up or not self._selector.select(give_up - now):
                break
            for _ in range(AT_ONCE):
                try:
                    data, sender = self._socket.recvfrom(LARGEST)
                except ConnectionResetError:
                    # How Windows says that an earlier reply() found nobody; it concerns no datagram of this side.
                    continue
                except OSError:
                    break  # no more for now
                for observation in self._counted(data, sender):
                    newest[observation.person] = observation
        return newest

    def _counted(self, data: bytes, sender: Address) -> Iterable[Observation]:
        if self._closed:
            return ()
        self.statistics.received += 1
        try:
            return list(self.observe(data, time.perf_counter(), sender))
        except ValueError as e:
            self.statistics.refused += 1
            self.statistics.last_error = str(e)
            return ()

    def describe(self) -> str:
        reach = "this computer only" if is_loopback(self.host) else "open to the network"
        return f"{self._protocol} on {self.host}:{self.port} ({reach})"

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        # A datagram to itself ends the wait of whoever is reading now; without it, TICK_S would.
        own = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(self.host, self.host)
        self.reply(b"", (own, self.port))
        with self._reading:
            self._selector.close()
            self._socket.close()


class Sender:
    """Datagrams to one address. UDP asks nobody whether he listens: who starts later is served from then on.

    Args:
        argument: `HOST:PORT`, `HOST` or `PORT`; what is missing is the loopback address and the protocol's own port.
        port: the protocol's own.

    Raises:
        VTuberError: the argument is no address, or there is no such host.
    """

    def __init__(self, argument: str, port: int) -> None:
        self.host, self.port = address(argument, port)
        family, kind, _, _, target = _resolved(self.host, self.port)
        self._socket = socket.socket(family, kind)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self._told = False
        self.traffic = Traffic()
        try:
            self._socket.connect(target)
        except OSError as e:
            self._socket.close()
            raise VTuberError(f"{self.host}:{self.port} is out of reach: {e.strerror or e}") from None

    def send(self, data: bytes) -> None:
        """Send one datagram; a full buffer or nobody there loses it, as the network would.

        Raises:
            OSError: the network is down, or the datagram too long.
        """
        try:
            self._socket.send(data)
            self.traffic.sent += 1
        except BlockingIOError:
            pass
        except ConnectionError:
            # An answer to an earlier datagram; worth a word, but no pause: the app may be starting at this moment.
            self.traffic.missed = time.perf_counter()
            self.traffic.error = f"nobody listens on {self.host}:{self.port}"
            if not self._told:
                log.warning("nobody listens on %s:%d yet; sending on", self.host, self.port)
                self._told = True

    def close(self) -> None:
        self._socket.close()


def is_loopback(host: str) -> bool:
    """Whether the numeric address can be reached from this computer only."""
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback


def route(host: str, port: int) -> tuple[Address, str]:
    """The numeric address of another app, and the address of this computer that its answers will come to.

    Raises:
        VTuberError: there is no such host, or no way to it.
    """
    family, kind, _, _, target = _resolved(host, port)
    with socket.socket(family, kind) as probe:
        try:
            probe.connect(target)  # which sends nothing yet
        except OSError as e:
            raise VTuberError(f"{host}:{port} is out of reach: {e.strerror or e}") from None
        return target, str(probe.getsockname()[0])


def _resolved(host: str, port: int) -> tuple[int, int, int, str, Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        raise VTuberError(f"there is no host {host!r}: check the name, or give its address") from None
    # IPv4 first: `localhost` may stand for both, and the apps at the other end listen on IPv4.
    family, kind, proto, name, target = min(found, key=lambda f: f[0] != socket.AF_INET)
    return family, kind, proto, name, target  # type: ignore[return-value]


def bound(host: str, port: int, protocol: str) -> socket.socket:
    """A socket that listens there and never waits.

    Raises:
        VTuberError: the port is taken or not allowed, or the host is not this computer's.
    """
    family, kind, _, _, target = _resolved(host, port)
    listening = socket.socket(family, kind)
    try:
        listening.setblocking(False)
        listening.bind(target)
    except OSError as e:
        listening.close()
        if e.errno == errno.EADDRINUSE:
            taker = ports.holder(port, "udp") or "the app itself or another tracker"
            reason = f"port {port} is taken, by {taker}: close it, or name another port"
        elif e.errno == errno.EADDRNOTAVAIL:
            reason = f"{host} is no address of this computer: use 0.0.0.0:{port} to listen on all of them"
        else:
            reason = f"cannot listen on {host}:{port}: {e.strerror or e}"
        raise VTuberError(f"{protocol}: {reason}") from None
    return listening


def is_own(address: str) -> bool:
    """Whether a numeric address is one of this computer's: only those can be bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
