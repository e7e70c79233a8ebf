"""VTube Studio as the avatar: a plug-in that feeds its tracking parameters, --output vtube_studio."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import socket
import time
from collections.abc import Mapping
from typing import Any

import aiohttp

from vtuber import permissions, udp
from vtuber.connection import Connected, GivenUp, side_by_side
from vtuber.protocols import vtube_studio as api
from vtuber.protocols.vtube_studio import Message, Refused

log = logging.getLogger(__name__)

ANSWER_S = 5.0
"""An app that takes longer to answer is taken for gone."""
DISCOVERY_S = 2.5
"""The app says where it is every two seconds."""
RESEND_S = 0.5
"""A parameter that is not sent again within a second is let go."""
RETRY_S = 10.0
"""Before parameters that were refused are tried again."""
APP = "vtube_studio"
SWITCH = 'switch on "Start API (allow plugins)" in its settings'


class Output(Connected):
    """Asks VTube Studio once for its permission (a window opens there), then sets its parameters: head, eyes, mouth,
    brows, and one of our own for each ARKit shape. The argument is HOST:PORT; without one the app is looked for on
    this computer, at its usual port 8001 and by its broadcasts.

    custom: create and feed the parameters ARKitJawOpen, ARKitMouthPucker and so on, to choose in the model's settings
    """

    def __init__(self, argument: str = "", *, custom: bool = True) -> None:
        self._address = udp.address(argument, api.PORT)
        self._look = not argument
        self._custom = custom
        self._asked = False
        self._complained: set[str] = set()
        super().__init__("VTube Studio" if self._look else "VTube Studio on {}:{}".format(*self._address))

    async def talk(self) -> None:
        async with aiohttp.ClientSession() as http, await self._connected(http) as socket_:
            session = Session(socket_)
            try:
                await side_by_side(self._converse(session), session.watch())
            except Refused as e:
                if e.number == api.API_OFF:
                    raise OSError(f"its API is off: {SWITCH}") from None
                raise

    async def _converse(self, session: Session) -> None:
        await self._authenticate(session)
        names = await self._parameters(session)
        self.stands()
        await self._feed(session, names)

    async def _connected(self, http: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        try:
            return await _web_socket(http, *self._address)
        except (OSError, asyncio.TimeoutError):  # two kinds before Python 3.11
            if not self._look:
                raise
        port = await discovered()
        if port is None:
            raise OSError(f"not found on this computer: start it, and {SWITCH}")
        return await _web_socket(http, self._address[0], port)

    async def _authenticate(self, session: Session) -> None:
        host = self._address[0]
        token = permissions.given(APP).get(host)
        if token and (await session.ask(api.authentication(token))).get("authenticated") is True:
            return
        if not self._asked:
            log.warning("%s asks you whether this program may move your avatar: allow it there", self.other)
            self._asked = True
        try:
            answer = await session.ask(api.ask_for_token(), of_the_user=True)
        except Refused as e:
            if e.number == api.DENIED:
                raise GivenUp("permission was denied there; start this program again to be asked again") from None
            raise
        token = str(answer.get("authenticationToken"))[: api.TOKEN_LENGTH]
        told = await session.ask(api.authentication(token))
        if told.get("authenticated") is not True:
            raise OSError(f"did not take its own permission: {told.get('reason')}")
        permissions.keep(APP, host, token)

    async def _parameters(self, session: Session) -> set[str]:
        """The names that may be set; what is missing of our own is created."""
        known = api.parameter_names(await session.ask(api.parameter_list()))
        if not self._custom:
            return known - set(api.CUSTOM.values())
        failed: list[str] = []
        for shape, name in api.CUSTOM.items():
            if name not in known:
                try:
                    await session.ask(api.creation(shape))
                    known.add(name)
                except Refused as e:
                    if e.number == api.NOT_AUTHENTICATED:
                        raise
                    failed.append(f"{name}: {e}")
        if failed:
            log.warning("%s: %d parameters were not created, such as %s", self.other, len(failed), failed[0])
        return known

    async def _feed(self, session: Session, names: set[str]) -> None:
        last, refused, again = None, set[str](), 0.0
        while True:
            last = await self.newest(RESEND_S) or last
            if last is None:
                continue
            values, found = api.parameters(last), api.face_found(last)
            if refused and time.perf_counter() > again:
                refused = await self._refused(session, api.chosen(values, refused), found)
                again = time.perf_counter() + RETRY_S
            try:
                await session.ask(api.injection(api.chosen(values, names - refused), found))
            except Refused as e:
                if e.number not in (api.UNKNOWN, api.TAKEN):
                    raise
                # The whole request counts for nothing, and it does not say which parameter is at fault.
                refused = await self._refused(session, api.chosen(values, names), found)
                again = time.perf_counter() + RETRY_S

    async def _refused(self, session: Session, values: Mapping[str, float], found: bool) -> set[str]:
        """Each on its own: those that the app does not know any more, or that another plug-in has in hand."""
        refused = {}
        for name, value in values.items():
            try:
                await session.ask(api.injection({name: value}, found))
            except Refused as e:
                if e.number not in (api.UNKNOWN, api.TAKEN):
                    raise
                refused[name] = str(e)
        if fresh := refused.keys() - self._complained:
            self._complained |= fresh
            reason = refused[min(fresh)]
            log.warning("%s: without %s: %s", self.other, ", ".join(sorted(fresh)), reason)
        return set(refused)


class Session:
    """Requests and answers on one WebSocket, one after the other: the app is never asked faster than it answers."""

    def __init__(self, socket_: aiohttp.ClientWebSocketResponse) -> None:
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
        await self._socket.send_str(bytes(asked).decode("utf-8"))
        self._waiting = None if of_the_user else time.perf_counter()
        while True:
            heard = await self._socket.receive()
            if heard.type is aiohttp.WSMsgType.TEXT:
                told = Message.parse(heard.data)
                if told.id == asked.id:
                    self._waiting = None
                    return told.answer()
            elif heard.type is not aiohttp.WSMsgType.BINARY:
                raise OSError("it ended the connection")


async def _web_socket(http: aiohttp.ClientSession, host: str, port: int) -> aiohttp.ClientWebSocketResponse:
    async def opened() -> aiohttp.ClientWebSocketResponse:
        url = f"ws://{f'[{host}]' if ':' in host else host}:{port}"
        return await http.ws_connect(url)  # type: ignore[return-value]

    try:
        return await asyncio.wait_for(opened(), ANSWER_S)
    except aiohttp.ClientConnectionError:
        raise OSError(f"nothing answers on {host}:{port}: start it, and {SWITCH}") from None
    except aiohttp.ClientError as e:
        raise OSError(f"what answers on {host}:{port} is no VTube Studio: {e}") from None


# --- finding it ------------------------------------------------------------------------------------------------------


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
