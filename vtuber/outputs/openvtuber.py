"""OpenVtuber's page, through its own relay: --output openvtuber, and kizuna.html moves."""

from __future__ import annotations

import socketio  # type: ignore[import-untyped]

from vtuber import udp
from vtuber.connection import Connected, side_by_side
from vtuber.protocols.openvtuber import EVENT, NAMESPACE, PORT, Result

PATIENCE_S = 5.0
QUEUED = 2
"""Messages that may wait for a slow relay; then states are left out."""


class Output(Connected):
    """Says each state to OpenVtuber's relay (`yarn start` in its NodeServer folder), which passes it on to the pages.
    The argument is the relay's HOST:PORT, 127.0.0.1:6789 when left out.
    """

    def __init__(self, argument: str = "") -> None:
        host, port = udp.address(argument, PORT)
        self._url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        super().__init__(f"OpenVtuber's relay on {host}:{port}")

    async def talk(self) -> None:
        client = socketio.AsyncClient(reconnection=False)
        try:
            try:
                await client.connect(self._url, namespaces=[NAMESPACE], wait_timeout=PATIENCE_S)
            except socketio.exceptions.ConnectionError:
                raise OSError("it does not answer: run `yarn start` in its NodeServer folder") from None
            self.stands()
            await side_by_side(self._say(client), client.wait())
        except socketio.exceptions.SocketIOError as e:
            raise OSError(str(e) or "it ended the connection") from None
        finally:
            await client.disconnect()

    async def _say(self, client: socketio.AsyncClient) -> None:
        while True:
            state = await self.newest()
            if state is not None and client.eio.queue.qsize() < QUEUED:
                await client.emit(EVENT, Result.of(state).data(), namespace=NAMESPACE)
