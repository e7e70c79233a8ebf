"""The browser, and how pages are opened in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserType, Playwright

from .viewer import Viewer

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
SIZE = {"width": 360, "height": 300}
"""Small, so that a processor draws it fast enough."""
FLAGS = ["--no-sandbox", "--enable-unsafe-swiftshader", "--disable-background-networking"]
UNDRAWN = """
window.undrawn = true;
for (const name of ['drawElements', 'drawArrays', 'clear']) {
  const draw = WebGL2RenderingContext.prototype[name];
  WebGL2RenderingContext.prototype[name] = function (...what) { if (!window.undrawn) draw.apply(this, what); };
}
"""
"""Script for pages: all runs but the drawing, for which a processor takes up to a second. `Viewer.picture` draws."""

OpenViewer = Callable[..., Viewer]


def lacking(reason: str) -> NoReturn:
    """Skips; in continuous integration, where everything must be there, fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def chromium(playwright: Playwright) -> str | None:
    """The system's Chromium, else the one that Playwright fetched."""
    return chromium_of(playwright.chromium)


def chromium_of(kind: BrowserType) -> str | None:
    """The same, where only the kind of browser is at hand."""
    names = ("chromium", "chromium-browser", "google-chrome")
    own = kind.executable_path
    return next(filter(None, map(shutil.which, names)), own if Path(own).exists() else None)


def opener(browser: Browser, *, stopped: bool = False) -> Iterator[OpenViewer]:
    """Opens pages, one after the other: `open_viewer(address, option=value, ...)`. Each must have behaved in the end.

    Only the pictures that are looked at are drawn, unless with `drawn`; all the rest of the page runs.

    stopped: with a clock that the test moves.
    """
    viewers: list[tuple[Viewer, bool]] = []

    def open_viewer(
        address: str,
        *,
        unplugged: bool = False,
        drawn: bool = False,
        size: dict[str, int] = SIZE,
        script: str = "",
        **options: str,
    ) -> Viewer:
        for old, _ in viewers:
            old.page.close()  # else it goes on rendering
        page = browser.new_page(viewport={"width": size["width"], "height": size["height"]})
        if stopped:
            page.clock.install(time=0)
        query = urlencode({"quality": "low", "ui": "0", **options})
        viewer = Viewer(page, f"{address}?{query}", script if drawn else UNDRAWN + script, drawn=drawn)
        viewers.append((viewer, unplugged))
        return viewer

    yield open_viewer
    for viewer, _ in viewers:
        viewer.page.close()
    for viewer, unplugged in viewers:
        viewer.check(unplugged=unplugged)


def shared_file(path: str) -> Path:
    """A file of the test data that lies beside the checkout; skips without it."""
    file = SHARED / path
    if not SHARED.is_dir():
        pytest.skip(f"needs {path} of the test data beside the checkout")
    return file
