"""VTube Studio at the other end: where it is, and a session of requests and answers."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import time
from collections.abc import Mapping
from typing import Any

from vtuber import udp
from vtuber.protocols import vtube_studio as api
from vtuber.protocols.vtube_studio import Message
from vtuber.web_socket import WebSocket

ANSWER_S = 5.0
"""An app that takes longer to answer is taken for gone."""
DISCOVERY_S = 2.5
"""The app says where it is every two seconds."""
SWITCH = 'switch on "Start API (allow plugins)" in its settings'


class Session:
    """Requests and answers on one WebSocket, one after the other: the app is never asked faster than it answers."""

    def __init__(self, socket_: WebSocket) -> None:
        self._socket = socket_
        self._ids = itertools.count(1)
        self._waiting: float | None = None
        """Since when."""

    async def watch(self) -> None:
        """Raises TimeoutError when an answer is too long in coming: cheaper than an alarm for each."""
        while True:
            await asyncio.sleep(ANSWER_S / 2)
            if self._waiting is not None and time.perf_counter() - self._waiting > ANSWER_S:
                raise asyncio.TimeoutError

    async def ask(self, request: Message, *, of_the_user: bool = False) -> Mapping[str, Any]:
        """The answer's data; a user may take his time. Raises Refused, OSError, ValueError."""
        asked = Message(request.kind, request.data, str(next(self._ids)))
        await self._socket.say(bytes(asked))
        self._waiting = None if of_the_user else time.perf_counter()
        while True:
            told = Message.parse(await self._socket.heard())
            if told.id == asked.id:
                self._waiting = None
                return told.answer()


async def discovered() -> int | None:
    """The port that VTube Studio on this computer broadcasts, waited for; None when it does not. Raises OSError."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT"):
        with contextlib.suppress(OSError):
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listening.bind(("", api.DISCOVERY_PORT))  # a broadcast reaches no socket that is bound to one address
    except OSError:
        listening.close()
        return None
    heard: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Ear(heard), sock=listening)
    try:
        return await asyncio.wait_for(heard, DISCOVERY_S)
    except asyncio.TimeoutError:
        return None
    finally:
        transport.close()


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, heard: asyncio.Future[int | None]) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        if self._heard.done() or not udp.is_own(addr[0]):
            return
        try:
            port = api.broadcast_port(data)
        except ValueError:
            return
        if port is None:
            self._heard.set_exception(OSError(f"its API is off: {SWITCH}"))
        else:
            self._heard.set_result(port)
