"""The studio's pages on the sockets: commands come in, the truth goes to all of them, pictures to who asked alone.

A page says `studio` once and is told the truth; then `do` with a command, or `ask` with a question. Each is answered
with {ok, truth or answer or error}. All of it passes the same doors as the viewers: access.py.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import socketio  # type: ignore[import-untyped]

from vtuber.stages import VTuberError

log = logging.getLogger(__name__)

ROOM = "studio"
VITALS_S = 0.25
"""Between two looks at the figures, while a studio is open."""
PREVIEW_S = 1 / 12
"""Between two pictures of the camera, for who asked for them."""


class Studio(Protocol):
    """One session, as vtuber/studio.py has it. Calls may take a while."""

    def do(self, message: Any) -> None: ...

    def ask(self, name: str) -> Any: ...

    def truth(self) -> dict[str, Any]: ...

    def vitals(self) -> dict[str, Any]: ...

    def preview(self, picture: bool) -> tuple[bytes, list[dict[str, Any]]] | None: ...


class StudioRoom:
    """The studio's pages of one server.

    Args:
        more: what the server itself adds to the truth.
        figures: and to the figures.
    """

    def __init__(
        self,
        sio: socketio.AsyncServer,
        studio: Studio,
        more: Callable[[], dict[str, Any]],
        figures: Callable[[], dict[str, Any]],
    ) -> None:
        self._sio = sio
        self._studio = studio
        self._more = more
        self._figures = figures
        self._pages: set[str] = set()
        self._watching: dict[str, bool] = {}
        """Who sees the camera's marks; with the picture or without."""
        self._order = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        for event, handler in (("studio", self._enter), ("do", self._do), ("ask", self._ask), ("preview", self._look)):
            sio.on(event, handler)

    def start(self) -> None:
        """Begin to send figures and pictures. On the loop."""
        self._tasks = [
            asyncio.ensure_future(self._every(VITALS_S, lambda: bool(self._pages), self._tell_vitals)),
            asyncio.ensure_future(self._every(PREVIEW_S, lambda: bool(self._watching), self._show_preview)),
        ]

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def leave(self, sid: str) -> None:
        """A socket has closed."""
        self._pages.discard(sid)
        self._watching.pop(sid, None)

    async def announce(self) -> None:
        """Tell the truth to every page."""
        if self._pages:
            await self._sio.emit("truth", await self._truth(), room=ROOM)

    async def _truth(self) -> dict[str, Any]:
        truth = await asyncio.to_thread(self._studio.truth)
        return truth | await asyncio.to_thread(self._more)

    async def _enter(self, sid: str, *_: object) -> dict[str, Any]:
        await self._sio.enter_room(sid, ROOM)
        self._pages.add(sid)
        return {"ok": True, "truth": await self._truth()}

    async def _do(self, sid: str, message: object = None, *_: object) -> dict[str, Any]:
        if sid not in self._pages:
            return {"ok": False, "error": "say `studio` first"}
        async with self._order:  # in the order in which they came, whoever sent them
            try:
                await asyncio.to_thread(self._studio.do, message)
            except VTuberError as e:
                return {"ok": False, "error": str(e), "truth": await self._truth()}
            except Exception:
                log.exception("a command of the studio failed")
                return {"ok": False, "error": "that failed for a reason that is in the terminal"}
            truth = await self._truth()
        await self._sio.emit("truth", truth, room=ROOM, skip_sid=sid)
        return {"ok": True, "truth": truth}

    async def _ask(self, sid: str, name: object = None, *_: object) -> dict[str, Any]:
        if sid not in self._pages or not isinstance(name, str):
            return {"ok": False, "error": "say `studio` first, then a question by its name"}
        try:
            return {"ok": True, "answer": await asyncio.to_thread(self._studio.ask, name)}
        except VTuberError as e:
            return {"ok": False, "error": str(e)}

    async def _look(self, sid: str, what: object = None, *_: object) -> dict[str, Any]:
        """`picture`, `marks` or anything else for nothing."""
        if sid in self._pages and what in ("picture", "marks"):
            self._watching[sid] = what == "picture"
        else:
            self._watching.pop(sid, None)
        return {"ok": True}

    async def _every(self, seconds: float, wanted: Callable[[], bool], act: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            if not wanted():
                continue
            try:
                await act()
            except Exception:  # the next round comes
                log.exception("the studio could not be told")

    async def _tell_vitals(self) -> None:
        vitals = await asyncio.to_thread(self._studio.vitals)
        await self._sio.emit("vitals", vitals | self._figures(), room=ROOM)

    async def _show_preview(self) -> None:
        seen = await asyncio.to_thread(self._studio.preview, any(self._watching.values()))
        if seen is None:
            return
        picture, marks = seen
        for sid, whole in list(self._watching.items()):
            await self._sio.emit("preview", {"picture": picture if whole else b"", "marks": marks}, to=sid)
