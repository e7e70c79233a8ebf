"""Clients for the server's tests: states to send, plain HTTP, a well-behaved viewer and one that does as it is told."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import os
import socket
import struct
import time
from collections.abc import Callable, Mapping
from typing import Any

import socketio

from vtuber import wire

PATIENCE = 20.0
"""Seconds after which a test stops waiting for something that should come: a guard against hanging, no measure."""


def state(mark: int = 0, *, person: int = 0, weights: int = 52, timestamp: float | None = None) -> wire.AvatarState:
    """A tracked state, captured now; `mark` is found again in the x of the head's position, in units of 0.1 mm."""
    return wire.AvatarState(
        timestamp=time.perf_counter() if timestamp is None else timestamp,
        person=person,
        tracking="tracked",
        confidence=0.9,
        head_rotation=(0.0, 0.0, 0.0, 1.0),
        head_position=(mark * 1e-4, 0.0, 0.0),
        bones={"head": (0.0, 0.0, 0.0, 1.0)},
        blendshapes={f"weight{i}": 0.123 for i in range(weights)},
        expressions={},
    )


def mark_of(message: Mapping[str, Any]) -> int:
    return round(message["head"]["position"][0] * 1e4)


def wait_for(condition: Callable[[], object]) -> None:
    """Block until it is true, from a test without a loop."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


async def until(condition: Callable[[], object]) -> None:
    """Wait until it is true, letting the clients of the same loop run."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.002)


def get(
    port: int,
    path: str = "/",
    headers: Mapping[str, str | None] | None = None,
    *,
    method: str = "GET",
    body: bytes | None = None,
    address: str = "127.0.0.1",
) -> tuple[int, dict[str, str], bytes]:
    """One request, sent as written; a header of None is left out. Returns status, lower-case headers and body."""
    sent: dict[str, str | None] = {"Host": f"{address}:{port}", **(headers or {})}
    if body is not None:
        sent["Content-Length"] = str(len(body))
    connection = http.client.HTTPConnection(address, port, timeout=PATIENCE)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


class Viewer:
    """python-socketio's own client, keeping all that it was sent, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []
        self.marks: list[int] = []
        self.client = socketio.AsyncClient(reconnection_delay=0.1, reconnection_delay_max=0.2, randomization_factor=0)
        self.client.on("hello", lambda hello: self.events.append(("hello", hello)))
        self.client.on(wire.EVENT, self._state)

    def _state(self, message: Any) -> None:
        self.events.append((wire.EVENT, message))
        self.marks.append(mark_of(message))

    async def __aenter__(self) -> Viewer:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.client.transport() == "polling":  # whose goodbye would wait for the poll that is under way
            await self.client.eio.disconnect(abort=True)
        else:
            await self.client.disconnect()

    async def connect(self, url: str, **settings: Any) -> Viewer:
        await self.client.connect(url, wait_timeout=PATIENCE, **settings)
        return self


def upgrade(
    port: int, headers: Mapping[str, str] | None = None, *, address: str = "127.0.0.1", query: str = "", buffer: int = 0
) -> tuple[socket.socket, int, str]:
    """Ask for a websocket by hand, receiving in `buffer` bytes. Returns the socket, the answer's status and head."""
    sock = socket.socket(socket.AF_INET)
    if buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    sock.settimeout(PATIENCE)
    sock.connect((address, port))
    sent = {
        "Host": f"{address}:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
        **(headers or {}),
    }
    lines = [f"GET /socket.io/?EIO=4&transport=websocket{query} HTTP/1.1", *(f"{k}: {v}" for k, v in sent.items())]
    sock.sendall("\r\n".join([*lines, "", ""]).encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(1)
    return sock, int(head.split()[1]), head.decode()


class RawViewer:
    """A websocket by hand: reads, writes and acknowledges only when told to (RFC 6455; Engine.IO 4; Socket.IO 5)."""

    def __init__(self, port: int, *, buffer: int = 0) -> None:
        self.socket, status, self.head = upgrade(port, buffer=buffer)
        assert status == 101, self.head

    def __enter__(self) -> RawViewer:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def enter(self) -> None:
        """Become a viewer: up to the greeting, which is read."""
        assert self.read()[0] == "0"
        self.write("40")
        assert self.read().startswith("40")
        assert self.read().startswith('42["hello"')

    def write(self, data: str | bytes) -> None:
        payload = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        size = len(payload)
        length = struct.pack("!B", size | 0x80) if size < 126 else struct.pack("!BQ", 127 | 0x80, size)
        kind = 0x81 if isinstance(data, str) else 0x82
        self.socket.sendall(bytes([kind]) + length + bytes(4) + payload)  # a mask of zeros leaves the payload as it is

    def read(self) -> str:
        """The next text message; pings are answered on the way. EOFError when the server has hung up."""
        while True:
            kind, size = self._exactly(2)
            size = struct.unpack("!Q", self._exactly(8))[0] if size == 127 else size
            size = struct.unpack("!H", self._exactly(2))[0] if size == 126 else size
            text = self._exactly(size).decode("utf-8", "replace")
            if kind == 0x88:
                raise EOFError
            if text != "2":
                return text
            self.write("3")

    def read_state(self) -> tuple[int, str]:
        """The next state: its mark and the number to acknowledge. Other events are passed over."""
        while True:
            text = self.read()
            assert text.startswith("42"), text
            number, _, rest = text[2:].partition("[")
            name, message = json.loads(f"[{rest}")
            if name == wire.EVENT:
                return mark_of(message), number

    def acknowledge(self, number: str) -> None:
        self.write(f"43{number}[]")

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data
