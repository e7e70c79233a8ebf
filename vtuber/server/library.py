"""The avatars that the studio adds and removes, and their thumbnails: every file is checked before it has a name."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from vtuber import avatar_files
from vtuber.avatar_files import Meta
from vtuber.server.pages import AVATARS, Pages
from vtuber.stages import VTuberError

log = logging.getLogger(__name__)

MOST_AVATAR = 512 * 2**20
MOST_THUMBNAIL = 512 * 2**10
"""Bytes."""
PIECE = 2**18
LONGEST_NAME = 60


class Refused(Exception):
    """The text says why, the number is the answer's status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Library:
    """The user's own folder of avatars, `pages.avatars[0]`, and its thumbnails beside it.

    changed: is called after every change.
    """

    def __init__(self, pages: Pages, changed: Callable[[], Awaitable[None]]) -> None:
        self._pages = pages
        self._changed = changed
        self._metas: dict[tuple[Path, int], Meta] = {}

    @property
    def folder(self) -> Path:
        return self._pages.avatars[0]

    @property
    def thumbnails(self) -> Path:
        return self.folder.parent / "thumbnails"

    def add_to(self, app: web.Application) -> None:
        app.router.add_put("/library/{name}", self._add)
        app.router.add_put("/thumbnails/{name}", self._add_thumbnail)
        app.router.add_get("/thumbnails/{name}", self._thumbnail)

    def listing(self) -> list[dict[str, Any]]:
        """The avatars, for the studio."""
        listed = []
        for name in self._pages.avatar_names():
            path = self._pages.find_named(name)
            if path is None:
                continue
            status = path.stat()
            meta = self._meta(path, status.st_mtime_ns)
            thumbnail = self.thumbnails / f"{name}.image"
            fresh = thumbnail.is_file() and thumbnail.stat().st_mtime_ns >= status.st_mtime_ns
            own = path.is_relative_to(self.folder.resolve())
            told: dict[str, Any] = msgspec.to_builtins(meta)
            told |= {"name": name, "size": status.st_size, "own": own, "thumbnail": fresh}
            listed.append(told | {"stamp": status.st_mtime_ns // 1_000_000})
        return listed

    def remove(self, name: str) -> None:
        """Delete an avatar of the user's own.

        Raises:
            VTuberError: there is none, or it cannot be deleted.
        """
        path = self._pages.find_named(name)
        if path is None or not path.is_relative_to(self.folder.resolve()):
            raise VTuberError(f"there is no avatar {name!r} of yours")
        try:
            path.unlink()
            (self.thumbnails / f"{name}.image").unlink(missing_ok=True)
        except OSError as e:
            raise VTuberError(f"{path} cannot be deleted: {e.strerror}") from None

    def _meta(self, path: Path, written: int) -> Meta:
        key = (path, written)
        if key not in self._metas:
            try:
                self._metas[key] = avatar_files.check(path)[1]
            except (ValueError, OSError):  # put there by hand, in whatever state
                self._metas[key] = Meta()
        return self._metas[key]

    # --- requests ----------------------------------------------------------------------------------------------------

    async def _add(self, request: web.Request) -> web.StreamResponse:
        told = request.match_info["name"]
        try:
            name = plain(told)
            self.folder.mkdir(parents=True, exist_ok=True)
            await self._take(request, MOST_AVATAR, lambda part: self._admit(part, name))
        except (Refused, OSError) as e:
            return _refusal(e, told)
        await self._changed()
        return web.Response(text=f"{name} is in your library.\n")

    def _admit(self, part: Path, name: str) -> None:
        try:
            ending, _ = avatar_files.check(part)
        except ValueError as e:
            raise Refused(415, str(e)) from None
        part.replace(self.folder / f"{name}{ending}")
        for other in AVATARS:  # the new one takes the place of an old one of the other kind, too
            if other != ending:
                (self.folder / f"{name}{other}").unlink(missing_ok=True)

    async def _add_thumbnail(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        try:
            if self._pages.find_named(name) is None:
                raise Refused(404, "is no avatar here")
            self.thumbnails.mkdir(parents=True, exist_ok=True)
            await self._take(request, MOST_THUMBNAIL, lambda part: self._admit_thumbnail(part, name))
        except (Refused, OSError) as e:
            return _refusal(e, name)
        return web.Response(text="Kept.\n")

    def _admit_thumbnail(self, part: Path, name: str) -> None:
        with part.open("rb") as file:
            if avatar_files.picture_type(file.read(16)) not in ("image/png", "image/webp", "image/jpeg"):
                raise Refused(415, "is no picture")
        part.replace(self.thumbnails / f"{name}.image")

    async def _thumbnail(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        path = self.thumbnails / f"{name}.image"
        if self._pages.find_named(name) is None or not path.is_file():
            raise web.HTTPNotFound(text="There is no such picture here.\n")
        data = await asyncio.to_thread(path.read_bytes)
        kind = avatar_files.picture_type(data[:16]) or "application/octet-stream"
        return web.Response(body=data, headers={"Content-Type": kind, "Cache-Control": "no-cache"})

    async def _take(self, request: web.Request, most: int, admit: Callable[[Path], None]) -> None:
        """Stream the body to a file without a name, and let `admit` give it one; whatever goes wrong, nothing stays.

        Raises:
            Refused: too long, or not admitted.
            OSError: the disk is full, or not to be written to.
        """
        if (request.content_length or 0) > most:
            raise Refused(413, f"is larger than {most // 2**20 or 1} MB")
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".adding-", dir=self.folder)
        part, taken = Path(name), 0
        try:
            with os.fdopen(handle, "wb") as file:
                async for piece in request.content.iter_chunked(PIECE):
                    taken += len(piece)
                    if taken > most:
                        raise Refused(413, f"is larger than {most // 2**20 or 1} MB")
                    await asyncio.to_thread(file.write, piece)
            if request.content_length is not None and taken < request.content_length:
                raise Refused(400, "did not arrive whole")
            await asyncio.to_thread(admit, part)
        finally:
            part.unlink(missing_ok=True)


def plain(told: str) -> str:
    """A safe file name, without ending, made of the one that was told.

    Raises:
        Refused: nothing of it can be a name.
    """
    if any(sign in told for sign in "/\\\0") or told.startswith(".."):
        raise Refused(400, "has a name that points elsewhere")
    stem = re.sub(r"\.(vrm|glb|zip)$", "", told, flags=re.IGNORECASE)
    name = re.sub(r"[^\w .()-]", "_", stem).strip(" .")[:LONGEST_NAME].rstrip(" .")
    # Windows keeps these names for devices, whatever their ending.
    if not name or re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name, re.IGNORECASE):
        raise Refused(400, "has no name that a file can have")
    if name == "default":
        raise Refused(400, "would hide the avatar that comes with the program: give it another name")
    return name


def _refusal(error: Refused | OSError, told: str) -> web.Response:
    if isinstance(error, OSError):
        return web.Response(status=507, text=f"{told} cannot be kept: {error.strerror}\n")
    response = web.Response(status=error.status, text=f"{told} {error}.\n")
    response.force_close()  # what is still to come of it is not read
    return response
