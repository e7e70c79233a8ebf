"""Text messages to an app over a WebSocket, for outputs that keep a connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

ANSWER_S = 5.0
"""An app that takes longer to take us in is taken for gone."""


class WebSocket:
    """A connection that stands."""

    def __init__(self, told: aiohttp.ClientWebSocketResponse) -> None:
        self._told = told

    async def say(self, text: bytes) -> None:
        """Send one message, UTF-8. Raises OSError when the connection is gone."""
        await self._told.send_str(text.decode("utf-8"))

    async def heard(self) -> str:
        """The next message, waited for; those that are no text are passed over. Raises OSError at the end."""
        while True:
            message = await self._told.receive()
            if message.type is aiohttp.WSMsgType.TEXT:
                return str(message.data)
            if message.type is not aiohttp.WSMsgType.BINARY:
                raise OSError("it ended the connection")


@asynccontextmanager
async def connected(app: str, host: str, port: int, path: str, way_out: str) -> AsyncIterator[WebSocket]:
    """A connection to ws://HOST:PORT/PATH, ended with the block.

    Args:
        app: who should be there, for people.
        way_out: what to do when nobody is.

    Raises:
        OSError: nothing answers there, or somebody else does.
        TimeoutError: it took too long.
    """

    async def opened(http: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        return await http.ws_connect(f"ws://{f'[{host}]' if ':' in host else host}:{port}{path}")  # type: ignore[return-value]

    async with aiohttp.ClientSession() as http:
        try:
            made = await asyncio.wait_for(opened(http), ANSWER_S)
        except aiohttp.ClientConnectionError:
            raise OSError(f"nothing answers on {host}:{port}: {way_out}") from None
        except aiohttp.ClientError as e:
            raise OSError(f"what answers on {host}:{port} is no {app}: {e}") from None
        async with made:
            yield WebSocket(made)
