"""iFacialMocap: the driver is the phone, for apps with an "iPhone" input: VSeeFace, VMagicMirror, Warudo, VNyan."""

from __future__ import annotations

import contextlib
import socket

from vtuber import stages, udp
from vtuber.protocols import ifacialmocap
from vtuber.stages import VTuberError
from vtuber.udp import Sender
from vtuber.wire import AvatarState

MOST = 8
"""Computers that a phone serves."""
AT_ONCE = 8
"""Hellos that are answered between two states."""


class Output(stages.Output):
    """Sends to HOST:PORT, else to port 49983 of this computer; no hello is needed.

    version: 1, which every app reads, or 2
    phone: wait for hellos as a phone does, and send to who asks, in the version asked for. The argument is then this
        computer's own address to wait on, such as 0.0.0.0 for all; the apps must run on other computers
    answer_port: the port at which the apps that said hello are sent to
    person: which performer, counted from 0
    """

    def __init__(
        self,
        argument: str = "",
        *,
        version: int = 1,
        phone: bool = False,
        answer_port: int = ifacialmocap.PORT,
        person: int = 0,
    ) -> None:
        if version not in ifacialmocap.SEPARATOR:
            raise VTuberError(f"ifacialmocap has the versions 1 and 2, not {version}")
        self._version = version
        self._person = person
        self._answer_port = answer_port
        self._asked: dict[str, int] = {}
        self._sender = None if phone else Sender(argument, ifacialmocap.PORT)
        self.traffic = self._sender.traffic if self._sender else None
        self._phone = udp.bound(*udp.address(argument, ifacialmocap.PORT), "iFacialMocap") if phone else None

    def send(self, state: AvatarState) -> None:
        if state.person != self._person:
            return
        frame = ifacialmocap.frame(state)
        if self._sender:
            self._sender.send(frame.encode(self._version))
        elif self._phone:
            self._listen(self._phone)
            packets = {version: frame.encode(version) for version in set(self._asked.values())}
            for host, version in self._asked.items():
                # Nobody there, or a full buffer: lost, as the network would lose it. The app may be starting anew.
                with contextlib.suppress(BlockingIOError, ConnectionError):
                    self._phone.sendto(packets[version], (host, self._answer_port))

    def _listen(self, phone: socket.socket) -> None:
        for _ in range(AT_ONCE):
            try:
                data, (host, *_) = phone.recvfrom(udp.LARGEST)
            except ConnectionError:
                continue  # Windows: an earlier packet found nobody
            except OSError:
                return
            version = ifacialmocap.asked_version(data)
            if version and (host in self._asked or len(self._asked) < MOST):
                self._asked[host] = version

    def close(self) -> None:
        if self._sender:
            self._sender.close()
        if self._phone:
            self._phone.close()
