"""The studio's page in a real browser, and the program behind it with folders of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page
from server_clients import get

from .driver import Driver

PATIENCE_MS = 60_000
Start = Callable[..., Driver]


class StudioPages:
    """Opens studio pages: `pages(driver, "tracking", width=400)`. In the end none may have had an error.

    stage: whether the avatar's frame is loaded: drawing it by processor costs most of a test that does not look at it.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._opened: list[tuple[Page, list[str]]] = []

    def __call__(
        self, driver: Driver, section: str = "", width: int = 1100, *, stage: bool = True, **settings: Any
    ) -> Page:
        context = self._browser.new_context(**{"viewport": {"width": width, "height": 700}, "locale": "en", **settings})
        page, errors = context.new_page(), list[str]()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: errors.append(str(error)))
        self._opened.append((page, errors))
        if not stage:
            without_stage(context)
        page.goto(f"{driver.url}studio?quality=low#{section}")
        page.locator("[role=tab]").first.wait_for(state="attached")
        return page

    def close(self) -> None:
        for page, errors in self._opened:
            page.context.close()
            assert errors == []


@contextmanager
def drivers(home: Path) -> Iterator[Start]:
    """Starts `vtuber run` with all its files in this folder, and ends it."""
    (home / "vtuber.toml").touch()
    started: list[Driver] = []

    def begin(*arguments: str) -> Driver:
        started.append(Driver("--config", str(home / "vtuber.toml"), *arguments, home=home))
        return started[-1]

    try:
        yield begin
    finally:
        for driver in started:
            driver.stop()


def without_stage(context: BrowserContext) -> None:
    """Leaves the avatar's frame empty from the next page on; `context.unroute_all()` fills it again."""
    context.route(re.compile(r"/\?bg=gradient"), lambda route: route.fulfill(body="", content_type="text/html"))


def panel(page: Page, name: str) -> Locator:
    """A section of the studio, opened."""
    page.locator(f"#tab-{name}").click()
    return page.locator(f"#panel-{name}")


def choose_film(page: Page, path: Path) -> None:
    """Lets a film perform."""
    row = panel(page, "camera").locator(".row", has=page.get_by_role("textbox", name="Path of the file"))
    row.get_by_role("textbox").fill(str(path))
    row.get_by_role("button", name="Use").click()


def put(driver: Driver, path: str, body: bytes) -> tuple[int, str]:
    """An upload from this computer, as the page makes it."""
    port = urlsplit(driver.url).port or 0
    status, _, text = get(port, path, method="PUT", body=body)
    return status, text.decode()
