"""The Socket.IO room: who is connected, the greeting, and the packets of viewers.py on their way to the sockets.

studio.py adds the events of the studio's pages.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import socketio  # type: ignore[import-untyped]
from aiohttp import hdrs, web
from engineio import packet as engine  # type: ignore[import-untyped]
from engineio.exceptions import EngineIOError  # type: ignore[import-untyped]

from vtuber.server.access import ADMITTED, Access
from vtuber.server.studio import Studio, StudioRoom
from vtuber.server.viewers import FIRST_ID, Audience, Line, Message

log = logging.getLogger(__name__)
transport_log = logging.getLogger(f"{__name__}.transport")
# The Socket.IO library reports what strangers send as errors with tracebacks; whoever looks into it lowers this level.
transport_log.setLevel(logging.CRITICAL)

HELLO = "hello"
"""The event that greets a viewer, before any state."""
ECHO = "echo"
"""The event whose acknowledgement tells a viewer how long a round trip takes."""
EXPRESSIONS = "expressions"
"""The event that names the avatars' own expressions that are on, and no others: a list of {name, fade in seconds}. The
greeting has them by the same name."""
MAX_MESSAGE = 64 * 1024
"""Bytes of one message from a viewer."""
MAX_SOCKETS = 100
PING = (10, 20)
"""Seconds between two pings, and for the answer: whoever is silent for longer is gone. A page that loads a large avatar
may be busy for some seconds."""
PATIENCE = 5.0
"""Seconds that a posted message may take: a slow sender, and what the library does with a broken one, would go on."""
SWEEP = 5.0
"""Seconds between two rounds of tidying up."""
LINGER = 1.0
"""Seconds that a socket may stay open after its viewer left."""


class Room:
    """All viewers of one server. Lives on one event loop; only `latencies` is read from other threads."""

    def __init__(
        self,
        *,
        access: Access,
        hello: Mapping[str, Any],
        latencies: deque[float],
        studio: Studio | None = None,
        more: Callable[[], dict[str, Any]] = dict,
        figures: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self.audience = Audience(latencies)
        self._access = access
        self._hello = {**hello, EXPRESSIONS: []}
        self._upgrades: dict[str, web.Request] = {}
        self._strangers: set[str] = set()
        self._sio = socketio.AsyncServer(
            async_mode="aiohttp",
            client_manager=_Manager(self._acknowledged),
            cors_allowed_origins=[],  # access.py is the one judge of origins, at every request
            max_http_buffer_size=MAX_MESSAGE,
            http_compression=False,
            ping_interval=PING[0],
            ping_timeout=PING[1],
            logger=transport_log,
            engineio_logger=transport_log,
        )
        self._sio.on("connect", self._connect)
        self._sio.on("disconnect", self._disconnect)
        self._sio.on(ECHO, self._echo)
        self.studio = StudioRoom(self._sio, studio, more, figures) if studio else None

    async def greet_all(self, **news: Any) -> None:
        """Greet every viewer anew, with what has changed."""
        self._hello |= news
        await self._sio.emit(HELLO, self._hello)

    async def express(self, called: Iterable[Mapping[str, Any]]) -> None:
        """These of the avatars' own expressions are on in every viewer, and no others."""
        self._hello[EXPRESSIONS] = list(called)
        await self._sio.emit(EXPRESSIONS, self._hello[EXPRESSIONS])

    async def show(self, messages: Iterable[Message]) -> None:
        """Give new states to every viewer that is ready for them."""
        for message in messages:
            for sid, line in self.audience.show(message, time.perf_counter()).items():
                await self._queue(sid, line)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One HTTP request of a Socket.IO client, or its whole websocket."""
        session = request.query.get("sid")
        if "j" in request.query:
            return web.Response(status=400, text="JSONP is not spoken here.\n")
        if session is None and len(self._sio.environ) >= MAX_SOCKETS:
            return web.Response(status=503, text="Too many viewers are connected.\n")
        if hdrs.UPGRADE in request.headers:
            request = _uncompressed(request)
            if session is not None and session in self._sio.environ:
                self._upgrades[session] = request
        patience = PATIENCE if request.method == "POST" else None
        try:
            response: web.StreamResponse = await asyncio.wait_for(self._sio.handle_request(request), patience)
            return response
        except Exception as error:  # the library lets whatever a broken packet causes fall through
            log.debug("a socket of %s sent something unreadable: %r", request.remote, error)
            for sid in list(self._sio.environ):
                if sid == session or self._request(sid) is request:
                    await self._drop(sid)
            return web.Response(status=400, text="Not Socket.IO.\n")

    async def tidy(self) -> None:
        """Forget who is gone, and close sockets that never became a viewer. Runs until cancelled."""
        while True:
            await asyncio.sleep(SWEEP)
            try:
                self.audience.forget(time.perf_counter())
                await self._drop_strangers()
            except Exception:  # the next round comes
                log.exception("tidying up failed")

    async def close(self) -> None:
        if self.studio:
            self.studio.stop()
        await self._sio.shutdown()

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: object = None) -> None:
        if not ADMITTED.get() and not (isinstance(auth, dict) and self._access.is_token(auth.get("token"))):
            raise socketio.exceptions.ConnectionRefusedError("This server needs the token that vtuber printed.")
        self._sio.start_background_task(self._greet, sid)  # runs after the library has confirmed the connection

    async def _greet(self, sid: str) -> None:
        await self._sio.emit(HELLO, self._hello, to=sid)
        if not self._sio.manager.is_connected(sid, "/"):
            return  # has left already: nobody would ever take it out again
        for line in self.audience.join(sid, time.perf_counter()):
            await self._queue(sid, line)
        log.info("a viewer came, %d now", len(self.audience.viewers))

    async def _echo(self, sid: str, *_: object) -> None:
        """Returning is the acknowledgement."""

    async def _disconnect(self, sid: str, reason: str = "") -> None:
        self.audience.leave(sid)
        if self.studio:
            self.studio.leave(sid)
        log.info("a viewer left (%s), %d now", reason, len(self.audience.viewers))
        request = self._request(self._sio.manager.eio_sid_from_sid(sid, "/"))
        if request is not None and request.transport is not None and hdrs.UPGRADE in request.headers:
            # A stalled viewer takes no goodbye: its writer would wait for as long as the other side keeps the line up.
            asyncio.get_running_loop().call_later(LINGER, request.transport.abort)

    async def _acknowledged(self, sid: str, number: int) -> None:
        for line in self.audience.acknowledged(sid, number, time.perf_counter()):
            await self._queue(sid, line)

    async def _queue(self, sid: str, line: Line) -> None:
        session = self._sio.manager.eio_sid_from_sid(sid, "/")
        if session is None:
            return
        try:
            await self._sio.eio.send_packet(session, _StatePacket(line))
        except EngineIOError:  # closed a moment ago: `_disconnect` comes
            log.debug("a viewer left while a state was on its way")

    async def _drop_strangers(self) -> None:
        """Close the sockets that are no viewer and were none a round ago: no token, or no Socket.IO spoken."""
        sockets = set(self._sio.environ)
        strangers = {sid for sid in sockets if self._sio.manager.sid_from_eio_sid(sid, "/") is None}
        for sid in strangers & self._strangers:
            await self._drop(sid)
        self._strangers = strangers
        self._upgrades = {sid: request for sid, request in self._upgrades.items() if sid in sockets}

    async def _drop(self, session: str) -> None:
        """Close an engine.io session at once, viewer or not."""
        request = self._request(session)
        socket = self._sio.eio.sockets.pop(session, None)
        if socket is not None:
            await socket.close(wait=False, abort=True)
        if request is not None and request.transport is not None and hdrs.UPGRADE in request.headers:
            request.transport.abort()

    def _request(self, session: str) -> web.Request | None:
        """The request that carries this session: its websocket, else the one that opened it."""
        environ = self._sio.environ.get(session)
        return self._upgrades.get(session) or (environ["aiohttp.request"] if environ else None)


class _StatePacket(engine.Packet):  # type: ignore[misc]
    """A packet that is filled when engine.io writes it: it carries the newest state, and the state's true age."""

    def __init__(self, line: Line) -> None:
        super().__init__(engine.MESSAGE, "")
        self._line = line
        self._text = ""

    def encode(self, b64: bool = False) -> str:
        self._text = self._text or f"{engine.MESSAGE}{self._line.write(time.perf_counter())}"
        return self._text


class _Manager(socketio.AsyncManager):  # type: ignore[misc]
    """Hands the acknowledgements of states to us; those of other events stay the library's."""

    def __init__(self, acknowledged: Callable[[str, int], Awaitable[None]]) -> None:
        super().__init__()
        self._state_acknowledged = acknowledged

    async def trigger_callback(self, sid: str, id: int | None, data: list[Any]) -> None:
        if isinstance(id, int) and id >= FIRST_ID:
            await self._state_acknowledged(sid, id)
        else:
            await super().trigger_callback(sid, id, data)


def _uncompressed(request: web.Request) -> web.Request:
    """The same upgrade without the offer of compression: on loopback and in a LAN it costs more time than it saves."""
    headers = request.headers.copy()
    headers.popall(hdrs.SEC_WEBSOCKET_EXTENSIONS, None)
    return request.clone(headers=headers)
