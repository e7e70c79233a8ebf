"""OSCQuery with VRChat: we announce ourselves, find it, and ask which parameters the avatar has."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from typing import Any

from zeroconf import IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from vtuber import udp
from vtuber.connection import FAREWELL_S, background
from vtuber.protocols import osc, oscquery

log = logging.getLogger(__name__)

VRCHAT = "VRChat-Client"
"""How the name of VRChat's own service begins."""
PAUSES_S = (2.0, 5.0, 10.0, 30.0)
"""Before VRChat is asked again, that had no answer: it says nothing while an avatar loads."""
SETTLE_S = 0.5
"""From the news of another avatar to its parameters being told."""
ANSWER_S, LONGEST = 5.0, 4 << 20
"""How long an answer may take, and how long it may be, bytes."""
REQUEST = 4096
"""Bytes of a request, at most."""


class OscQuery:
    """Speaks OSCQuery in the background until closed. Trouble costs a line in the log and nothing else.

    Args:
        tell: called on the background thread with every avatar's parameters: address -> OSC type tag.
        host: the numeric address of ours that we are reached at; the loopback address for a VRChat on this computer.
        vrchat: VRChat's numeric address.
        network: announce on the network. Otherwise multicast packets do not leave this computer: their time to live
            is 0, so they reach its own programs only.
    """

    def __init__(self, tell: Callable[[Mapping[str, str]], None], host: str, vrchat: str, *, network: bool) -> None:
        self.name = f"VTuber-{secrets.token_hex(3).upper()}"
        self.ready = threading.Event()
        """Set when the announcement is out."""
        self._tell, self._host, self._vrchat, self._network = tell, host, vrchat, network
        self._stop, self._ask = asyncio.Event(), asyncio.Event()
        self._found: tuple[str, int] | None = None
        self._asking: set[asyncio.Task[None]] = set()
        self._loop = background.join()
        self._run: Future[None] = asyncio.run_coroutine_threadsafe(self._serve(), self._loop)
        self._closed = False

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._loop.call_soon_threadsafe(self._stop.set)
        wait([self._run], FAREWELL_S)
        background.leave()

    async def _serve(self) -> None:
        try:
            async with contextlib.AsyncExitStack() as stack:
                http, news = await self._listen(stack)
                await self._announce(stack, http, news)
                asked = asyncio.ensure_future(self._keep_asking())
                stack.callback(asked.cancel)
                self.ready.set()
                await self._stop.wait()
        except Exception as e:  # a network that allows no multicast, or whatever else zeroconf meets
            log.warning("VRChat: cannot announce ourselves (%s); sending it every parameter", e or type(e).__name__)

    async def _listen(self, stack: contextlib.AsyncExitStack) -> tuple[int, int]:
        """The ports for HTTP and for news of the avatar."""
        server = await asyncio.start_server(self._answer, self._host, 0, limit=REQUEST)
        stack.callback(server.close)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _News(self._ask.set), (self._host, 0))
        stack.callback(transport.close)
        self._port: int = transport.get_extra_info("sockname")[1]
        return server.sockets[0].getsockname()[1], self._port

    async def _announce(self, stack: contextlib.AsyncExitStack, http: int, news: int) -> None:
        zeroconf = AsyncZeroconf(ip_version=IPVersion.V4Only)
        stack.push_async_callback(zeroconf.async_close)
        await zeroconf.zeroconf.async_wait_for_start()
        if not self._network:
            for sender in zeroconf.zeroconf.engine.senders:
                sender.sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
        browser = AsyncServiceBrowser(zeroconf.zeroconf, oscquery.HTTP_SERVICE, handlers=[self._seen])
        stack.push_async_callback(browser.async_cancel)
        for kind, port in ((oscquery.HTTP_SERVICE, http), (oscquery.OSC_SERVICE, news)):
            info = AsyncServiceInfo(
                kind,
                f"{self.name}.{kind}",
                addresses=[socket.inet_aton(self._host)],
                port=port,
                properties={"txtvers": "1"},
                server=f"{self.name}.local.",
            )
            await (await zeroconf.async_register_service(info))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One HTTP request: the tree, or who we are."""
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), ANSWER_S)
            method, _, rest = head.partition(b" ")
            path, _, query = rest.partition(b" ")[0].partition(b"?")
            if method != b"GET" or path not in (b"/", b"/avatar", b"/avatar/change"):
                status, body = "404 Not Found", b""
            elif b"HOST_INFO" in query:
                status, body = "200 OK", oscquery.host_info(self.name, self._host, self._port)
            else:
                status, body = "200 OK", oscquery.tree(path.decode())
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                "Cache-Control: no-store\r\nConnection: close\r\n\r\n".encode()
                + body
            )
            await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError, asyncio.TimeoutError) as e:
            log.debug("OSCQuery request: %r", e)
        finally:
            writer.close()

    def _seen(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if name.startswith(VRCHAT) and state_change is not ServiceStateChange.Removed:
            task = asyncio.ensure_future(self._locate(zeroconf, service_type, name))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _locate(self, zeroconf: Zeroconf, kind: str, name: str) -> None:
        info = AsyncServiceInfo(kind, name)
        if not await info.async_request(zeroconf, ANSWER_S * 1000) or not info.port:
            return
        for address in info.parsed_addresses(IPVersion.V4Only):
            if address == self._vrchat or (self._vrchat.startswith("127.") and udp.is_own(address)):
                self._found = address, info.port
                self._ask.set()
                return
        log.debug("%s is somebody else's VRChat", name)

    async def _keep_asking(self) -> None:
        while True:
            await self._ask.wait()
            self._ask.clear()
            for pause in (*PAUSES_S, 0.0):
                await asyncio.sleep(SETTLE_S)
                if self._found is None:
                    break
                try:
                    known = oscquery.parameters(await asyncio.wait_for(_get(*self._found, oscquery.AVATAR), ANSWER_S))
                except (OSError, EOFError, ValueError, asyncio.TimeoutError) as e:
                    log.debug("VRChat at %s: %s", self._found, e)
                    await _either(self._ask, pause)
                    continue
                log.info("VRChat: an avatar with %d parameters", len(known))
                self._tell(known)
                break


class _News(asyncio.DatagramProtocol):
    """Hears /avatar/change."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed

    def datagram_received(self, data: bytes, addr: Any) -> None:
        with contextlib.suppress(ValueError):
            if any(message.address == oscquery.AVATAR_CHANGE for message in osc.read(data)):
                self._changed()


async def _get(host: str, port: int, path: str) -> bytes:
    """The body of an HTTP answer. In the old version 1.0, whose answers come in one piece.

    Raises:
        OSError: nobody there.
        ValueError: an answer that is too long, or is none.
    """
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = bytearray()
        while part := await reader.read(65536):
            answer += part
            if len(answer) > LONGEST:
                raise ValueError(f"OSCQuery: an answer of more than {LONGEST} bytes")
    finally:
        writer.close()
    head, end, body = bytes(answer).partition(b"\r\n\r\n")
    if not end or head.split(b" ", 2)[1:2] != [b"200"]:
        raise ValueError(f"OSCQuery: answered {head[:40]!r}")
    return body


async def _either(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
