"""OpenVtuber's page, through its own relay: --output openvtuber, and kizuna.html moves."""

from __future__ import annotations

import asyncio

from vtuber import udp, web_socket
from vtuber.connection import Connected, side_by_side
from vtuber.protocols import openvtuber
from vtuber.protocols.openvtuber import Result
from vtuber.web_socket import WebSocket

PATIENCE_S = 60.0
"""The relay asks every 25 seconds whether we are there."""


class Output(Connected):
    """Says each state to OpenVtuber's relay (`yarn start` in its NodeServer folder), which passes it on to the pages.
    The argument is the relay's HOST:PORT, 127.0.0.1:6789 when left out.
    """

    def __init__(self, argument: str = "") -> None:
        self._address = udp.address(argument, openvtuber.PORT)
        super().__init__("OpenVtuber's relay on {}:{}".format(*self._address))

    async def talk(self) -> None:
        way_out = "run `yarn start` in its NodeServer folder"
        async with web_socket.connected("Socket.IO relay", *self._address, openvtuber.PATH, way_out) as relay:
            await relay.say(openvtuber.JOIN)
            while not openvtuber.joined(await asyncio.wait_for(relay.heard(), web_socket.ANSWER_S)):
                pass
            self.stands()
            await side_by_side(self._say(relay), self._answer(relay))

    async def _say(self, relay: WebSocket) -> None:
        while True:
            state = await self.newest()
            if state is not None:
                await relay.say(Result.of(state).event())

    async def _answer(self, relay: WebSocket) -> None:
        while True:
            if await asyncio.wait_for(relay.heard(), PATIENCE_S) == openvtuber.PING:
                await relay.say(openvtuber.PONG)
