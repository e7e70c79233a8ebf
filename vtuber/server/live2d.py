"""Live2D's Core over HTTP: given to the page, and taken from it when the user drops the file there."""

from __future__ import annotations

import asyncio

from aiohttp import web

from vtuber import live2d_core
from vtuber.server.access import caller_of, is_loopback
from vtuber.server.pages import file_response
from vtuber.stages import VTuberError

ADDRESS = f"/live2d/{live2d_core.NAME}"


def add_to(app: web.Application) -> None:
    app.router.add_get(ADDRESS, _give)
    app.router.add_put(ADDRESS, _take)


async def _give(_request: web.Request) -> web.StreamResponse:
    path = live2d_core.path()
    if path is None:
        raise web.HTTPNotFound(text="Live2D's Core is not here yet: run vtuber live2d-core FILE.\n")
    return file_response(path, "no-cache")


async def _take(request: web.Request) -> web.StreamResponse:
    # What is taken here runs in everybody's page, the performer's too: other machines only watch, token or not.
    if not is_loopback(caller_of(request).peer):
        raise web.HTTPForbidden(text="Drop the Core on the page on the computer that vtuber runs on.\n")
    content = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        content += chunk
        if len(content) > live2d_core.LARGEST:
            raise web.HTTPRequestEntityTooLarge(live2d_core.LARGEST, len(content), text="That is not Live2D's Core.\n")
    try:
        await asyncio.to_thread(live2d_core.keep, bytes(content))
    except VTuberError as e:
        raise web.HTTPBadRequest(text=f"{e}\n") from None
    return web.Response(status=204)
