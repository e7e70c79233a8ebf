"""The server's thread: one asyncio loop with everything on it, from the first socket to the last."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from aiohttp import web

import vtuber
from vtuber import ports, stages, wire
from vtuber.server import live2d
from vtuber.server.access import SOCKETS, Access, is_loopback, middleware
from vtuber.server.library import Library
from vtuber.server.pages import BUILT, Pages, avatar_address, avatar_folders, background_folder
from vtuber.server.room import MAX_MESSAGE, Room
from vtuber.server.studio import Studio
from vtuber.server.viewers import Message, encode

log = logging.getLogger(__name__)
http_log = logging.getLogger(f"{__name__}.http")
# aiohttp reports every malformed request as an error with a traceback: what strangers send is not the user's problem.
http_log.setLevel(logging.CRITICAL)

LATENCIES = 10_000
"""How many are kept."""
ANYWHERE = "0.0.0.0"
"""All IPv4 addresses of this computer."""
FAREWELL = 0.25
"""Seconds that a request in progress gets when the server closes."""


class Server(stages.Output):
    """Shows the avatar in browsers: the page, its avatars, and every state to every viewer over Socket.IO.

    `studio` is the session that the studio's pages steer; without one there is no studio. `framing` is how viewers
    frame the avatar unless their address says otherwise, in the words of that address: cam, view.

    host: address to listen on; one of this computer's own loopback addresses unless `lan`.
    port: 0 takes a free one; `url` tells which.
    lan: let other machines in, with the token in `url`.
    avatar: name of the .vrm or .zip file, without its ending, that viewers load first.
    source: one line about what is tracked, for the viewers.

    Raises:
        VTuberError: the port is taken or not allowed, or there is no such avatar.
    """

    def __init__(
        self,
        studio: Studio | None = None,
        framing: Mapping[str, str] = {},
        *,
        host: str = "127.0.0.1",
        port: int = wire.PORT,
        lan: bool = False,
        avatar: str = "default",
        source: str = "",
    ) -> None:
        self.latencies: deque[float] = deque(maxlen=LATENCIES)
        """Seconds from capture until a state's packets were given to the sockets of all viewers that were ready for it;
        with no viewer, until the server's thread took it. Copy it with list() before reading it."""
        self._access = Access(lan=lan)
        self._pages = Pages(BUILT / "web", avatar_folders(), background_folder())
        avatar_file = _find_avatar(self._pages, avatar)
        hello = {
            "version": vtuber.__version__,
            "wire": wire.WIRE_VERSION,
            "source": source,
            "avatar": avatar_address(avatar_file),
            "framing": dict(framing),
        }
        self._avatar = avatar
        self.library = Library(self._pages, self._announce)
        self._room = Room(
            access=self._access,
            hello=hello,
            latencies=self.latencies,
            studio=studio,
            more=self._more,
            figures=self._figures,
        )
        self._lock = threading.Lock()
        self._fresh: dict[int, Message] = {}
        self._waking = False
        self._closed = False
        self._wake = asyncio.Event()
        self._stop = asyncio.Event()
        listener = listen(host, port, lan=lan)
        self.port: int = listener.getsockname()[1]
        self.url = self._address(host)
        self._loop = asyncio.new_event_loop()
        started: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(listener, started), name="vtuber-server", daemon=True)
        self._thread.start()
        started.result()

    @property
    def viewers(self) -> int:
        """How many are connected."""
        return len(self._room.audience.viewers)

    def heartbeats(self) -> list[float]:
        """For how long each viewer has owed an answer, seconds; 0 of those who owe none. From any thread.

        Pages that never answer, as the studio's own do not, are no viewers here.
        """
        now = time.perf_counter()
        return [viewer.owes(now) for viewer in list(self._room.audience.viewers.values()) if viewer.answers]

    def send(self, state: wire.AvatarState) -> None:
        """Show this state. From any thread; never waits: if the server is behind, the newest of each person is kept.

        Raises:
            ValueError: a number of the state is not finite.
        """
        message = encode(state)
        with self._lock:
            if self._closed:
                return
            self._fresh[message.person] = message
            if not self._waking:
                self._waking = True
                self._loop.call_soon_threadsafe(self._wake.set)

    def show_avatar(self, name: str, framing: Mapping[str, str] = {}) -> None:
        """Show an avatar of the library in every viewer that has not chosen one itself. From any thread.

        framing: as of the constructor.

        Raises:
            VTuberError: there is no such avatar.
        """
        file = _find_avatar(self._pages, name)
        self._avatar = name
        self._call(self._room.greet_all(avatar=avatar_address(file), framing=dict(framing)))

    def express(self, called: Sequence[Mapping[str, Any]]) -> None:
        """Show these of the avatars' own expressions, {name, fade in seconds}, and no others. From any thread."""
        self._call(self._room.express(called))

    def say_source(self, source: str) -> None:
        """Tell the viewers what is tracked now. From any thread."""
        self._call(self._room.greet_all(source=source))

    def _call(self, coroutine: Coroutine[Any, Any, None]) -> None:
        with self._lock:
            if self._closed:
                coroutine.close()
                return
            asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def announce(self) -> None:
        """Tell every studio what is true now. From any thread."""
        self._call(self._announce())

    async def _announce(self) -> None:
        if self._room.studio:
            await self._room.studio.announce()

    def _more(self) -> dict[str, Any]:
        """What the studio is told of the server."""
        return {
            "version": vtuber.__version__,
            "avatar": self._avatar,
            "avatars": self.library.listing(),
            "server": {"port": self.port, "lan": self._access.lan, "url": self.url, "qr": self._qr()},
        }

    def _qr(self) -> str:
        """The studio's link for another device, as a picture; "" where none may come."""
        if not self._access.lan:
            return ""
        import segno

        link = self.url.replace("/?", "/studio?")
        return str(segno.make(link, error="m").png_data_uri(scale=6, border=2))

    def _figures(self) -> dict[str, Any]:
        return {"viewers": self.viewers}

    def close(self) -> None:
        """Disconnect everybody and free the port. Viewers try to come back by themselves."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._loop.call_soon_threadsafe(self._stop.set)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _address(self, host: str) -> str:
        if not self._access.lan:
            return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"
        reachable = lan_address() if is_this_machine(host) or host == ANYWHERE else host
        return f"http://{reachable}:{self.port}/?token={self._access.token}"

    def _run(self, listener: socket.socket, started: Future[None]) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve(listener, started))
        except BaseException as error:
            if started.done():
                log.exception("the viewer's server ended")
            else:
                started.set_exception(error)
        finally:
            with self._lock:
                self._closed = True
            listener.close()
            self._loop.run_until_complete(_end_tasks())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _serve(self, listener: socket.socket, started: Future[None]) -> None:
        guard = middleware(self._access, f"vtuber_{self.port}")
        app = web.Application(middlewares=[guard], client_max_size=MAX_MESSAGE, logger=http_log)
        app.router.add_route("*", SOCKETS, self._room.handle)
        live2d.add_to(app)
        self.library.add_to(app)
        self._pages.add_to(app)
        runner = self._runner = web.AppRunner(app, access_log=None, logger=http_log, shutdown_timeout=FAREWELL)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        tasks = [asyncio.ensure_future(self._deliver()), asyncio.ensure_future(self._room.tidy())]
        if self._room.studio:
            self._room.studio.start()
        started.set_result(None)
        await self._stop.wait()
        for task in tasks:
            task.cancel()
        await self._room.close()
        for transport in self._connections():
            transport.abort()  # a viewer that has stopped reading would keep a polite goodbye waiting
        await runner.cleanup()

    def _connections(self) -> list[asyncio.Transport]:
        server = self._runner.server
        transports = [connection.transport for connection in server.connections] if server else []
        return [transport for transport in transports if isinstance(transport, asyncio.Transport)]

    async def _deliver(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            with self._lock:
                fresh, self._fresh, self._waking = self._fresh, {}, False
            try:
                await self._room.show(fresh.values())
            except Exception:  # the next state may go through
                log.exception("a state could not be sent")


def listen(host: str, port: int, *, lan: bool) -> socket.socket:
    """A listening TCP socket; with `lan`, on all of this computer's IPv4 addresses unless `host` names one of them.

    Raises:
        VTuberError: the port is taken, not allowed or no port at all, or the host is not this computer's.
    """
    if lan and is_this_machine(host):
        host = ANYWHERE
    if not lan and not is_this_machine(host):
        raise stages.VTuberError(f"listening on {host} lets other machines in: say so with --lan")
    if not 0 <= port <= 65535:
        raise stages.VTuberError(f"{port} is no port: choose one from 1024 to 65535 with --port")
    try:
        # create_server reuses the address of closed connections on POSIX; Windows does so by itself, and there the
        # option would let two servers share the port.
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            holder = ports.holder(port, "tcp")
            taker = f"by {holder}" if holder else "perhaps by another vtuber"
            reason = f"port {port} is taken, {taker}: close it or choose another with --port"
        elif isinstance(error, PermissionError):
            reason = f"the system does not allow port {port}: choose one from 1024 to 65535 with --port"
        else:
            reason = f"cannot listen on {host}, port {port}: {error.strerror or error}"
        raise stages.VTuberError(reason) from error


def is_this_machine(host: str) -> bool:
    """Whether the address can be reached from this computer only."""
    return host.lower() == "localhost" or is_loopback(host)


def lan_address() -> str:
    """This computer's IPv4 address in the LAN; the loopback address when it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a UDP socket sends nothing: it only asks which way packets would leave. The address is of
            # TEST-NET-2 (RFC 5737), which belongs to nobody.
            probe.connect(("198.51.100.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def _find_avatar(pages: Pages, avatar: str) -> str:
    """The name of the avatar's file."""
    found = pages.find_named(avatar)
    if found is not None:
        return found.name
    # A checkout that was not built has no default avatar; the page that says so is the answer there.
    if avatar == "default":
        return "default.vrm"
    known = ", ".join(pages.avatar_names()) or "none yet"
    raise stages.VTuberError(f"no avatar {avatar!r}: put {avatar}.vrm into {pages.avatars[0]} (there: {known})")


async def _end_tasks() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
