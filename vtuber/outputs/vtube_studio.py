"""VTube Studio as the avatar: a plug-in that feeds its tracking parameters, --output vtube_studio."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Set

from vtuber import permissions, udp, web_socket
from vtuber.connection import Connected, GivenUp, side_by_side
from vtuber.protocols import vtube_studio as api
from vtuber.protocols.vtube_studio import Refused
from vtuber.vtube_studio import SWITCH, Session, discovered
from vtuber.web_socket import WebSocket
from vtuber.wire import AvatarState

log = logging.getLogger(__name__)

RESEND_S = 0.5
"""A parameter that is not sent again within a second is let go."""
RETRY_S = 10.0
"""Before parameters that were refused are tried again."""
APP = "vtube_studio"


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
        async with contextlib.AsyncExitStack() as stack:
            session = Session(await self._connected(stack))
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

    async def _connected(self, stack: contextlib.AsyncExitStack) -> WebSocket:
        def at(port: int) -> contextlib.AbstractAsyncContextManager[WebSocket]:
            return web_socket.connected("VTube Studio", self._address[0], port, "/", f"start it, and {SWITCH}")

        try:
            return await stack.enter_async_context(at(self._address[1]))
        except (OSError, asyncio.TimeoutError):  # two kinds before Python 3.11
            if not self._look:
                raise
        port = await discovered()
        if port is None:
            raise OSError(f"not found on this computer: start it, and {SWITCH}")
        return await stack.enter_async_context(at(port))

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

    async def _feed(self, session: Session, names: Set[str]) -> None:
        last, refused, again = None, frozenset[str](), 0.0
        allowed = names
        while True:
            last = await self.newest(RESEND_S) or last
            if last is None:
                continue
            if refused and time.perf_counter() > again:
                refused = await self._refused(session, last, refused)
                allowed, again = names - refused, time.perf_counter() + RETRY_S
            try:
                await session.ask(api.injection(last, allowed))
            except Refused as e:
                if e.number not in (api.UNKNOWN, api.TAKEN):
                    raise
                # The whole request counts for nothing, and it does not say which parameter is at fault.
                refused = await self._refused(session, last, names)
                allowed, again = names - refused, time.perf_counter() + RETRY_S

    async def _refused(self, session: Session, state: AvatarState, names: Set[str]) -> frozenset[str]:
        """Each on its own: those that the app does not know any more, or that another plug-in has in hand."""
        refused = {}
        for name in names & api.parameters(state).keys():
            try:
                await session.ask(api.injection(state, {name}))
            except Refused as e:
                if e.number not in (api.UNKNOWN, api.TAKEN):
                    raise
                refused[name] = str(e)
        if fresh := refused.keys() - self._complained:
            self._complained |= fresh
            reason = refused[min(fresh)]
            log.warning("%s: without %s: %s", self.other, ", ".join(sorted(fresh)), reason)
        return frozenset(refused)
