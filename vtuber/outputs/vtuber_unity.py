"""VTuber_Unity's Unity scene, as it was released: --output vtuber_unity, and its window moves."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from vtuber import udp
from vtuber.connection import Connected, side_by_side
from vtuber.protocols.vtuber_unity import PORT, Message

BUFFER = 4096
"""Bytes that may wait to be sent: what is older than a second is of no use to a scene that stops reading."""


class Output(Connected):
    """Sends head, lids and mouth to the scene over TCP. The argument is HOST:PORT; the scene listens on
    127.0.0.1:5066. Start it before or after; it takes one program at a time.
    """

    def __init__(self, argument: str = "") -> None:
        self._address = udp.address(argument, PORT)
        super().__init__("VTuber_Unity's scene on {}:{}".format(*self._address))

    async def talk(self) -> None:
        reader, writer = await asyncio.open_connection(*self._address)
        try:
            writer.transport.set_write_buffer_limits(0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
            self.stands()
            await side_by_side(self._say(writer), _until_it_ends(reader))
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _say(self, writer: asyncio.StreamWriter) -> None:
        while True:
            state = await self.newest()
            if state is not None:
                writer.write(bytes(Message.of(state)))
                await writer.drain()


async def _until_it_ends(reader: asyncio.StreamReader) -> None:
    """The scene says nothing: only its end is heard."""
    while await reader.read(1024):
        pass
