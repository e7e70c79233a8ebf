"""A studio's page without a browser."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import socketio
from server_clients import PATIENCE


class Page:
    """A studio's page: a socket, the last truth, and what else it was told."""

    def __init__(self) -> None:
        self.truth: dict[str, Any] = {}
        self.vitals: list[dict[str, Any]] = []
        self.previews: list[dict[str, Any]] = []
        self.client = socketio.AsyncClient(reconnection=False)
        self.client.on("truth", self._take)
        self.client.on("vitals", self.vitals.append)
        self.client.on("preview", self.previews.append)

    def _take(self, truth: dict[str, Any]) -> None:
        self.truth = truth

    async def call(self, event: str, data: Any = None) -> dict[str, Any]:
        answer: dict[str, Any] = await self.client.call(event, data, timeout=PATIENCE)
        if "truth" in answer:
            self.truth = answer["truth"]
        return answer


@contextlib.asynccontextmanager
async def page(url: str, *, enter: bool = True, **settings: Any) -> AsyncIterator[Page]:
    made = Page()
    await made.client.connect(url, transports=["websocket"], wait_timeout=PATIENCE, **settings)
    try:
        if enter:
            assert (await made.call("studio"))["ok"]
        yield made
    finally:
        await made.client.disconnect()
