"""A real browser, the built page, and a server, for the tests of the whole way from a performer to the picture."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright", reason="needs Playwright: pip install -e .[test]")

from playwright.sync_api import Browser, Playwright, sync_playwright
from viewer import Viewer

from vtuber.server import Server
from vtuber.server.pages import BUILT

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
SIZE = {"width": 360, "height": 300}
"""Small, so that a processor draws it fast enough."""
FLAGS = ["--no-sandbox", "--enable-unsafe-swiftshader", "--disable-background-networking"]

OpenViewer = Callable[..., Viewer]


def lacking(reason: str) -> None:
    """Skips; in continuous integration, where everything must be there, fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def chromium(playwright: Playwright) -> str | None:
    """The system's Chromium, else the one that Playwright fetched."""
    names = ("chromium", "chromium-browser", "google-chrome")
    own = playwright.chromium.executable_path
    return next(filter(None, map(shutil.which, names)), own if Path(own).exists() else None)


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder with the built page and the default avatar."""
    for part in ("web/index.html", "avatars/default.vrm"):
        if not (BUILT / part).is_file():
            lacking(f"vtuber/built/{part} is missing: run python hatch_build.py")
    return BUILT


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = chromium(playwright)
        if path is None:
            lacking("needs Chromium")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(built: Path) -> Iterator[Server]:
    """Shows whatever a test sends to it."""
    server = Server(port=0, source="a test")
    yield server
    server.close()


def opener(browser: Browser, *, stopped: bool = False) -> Iterator[OpenViewer]:
    """Opens pages, one after the other: `open_viewer(address, option=value, ...)`. Each must have behaved in the end.

    stopped: with a clock that the test moves.
    """
    viewers: list[tuple[Viewer, bool]] = []

    def open_viewer(address: str, *, unplugged: bool = False, size: dict[str, int] = SIZE, **options: str) -> Viewer:
        for old, _ in viewers:
            old.page.close()  # else it goes on rendering
        page = browser.new_page(viewport={"width": size["width"], "height": size["height"]})
        if stopped:
            page.clock.install(time=0)
        query = urlencode({"quality": "low", "ui": "0", **options})
        viewer = Viewer(page, f"{address}?{query}")
        viewers.append((viewer, unplugged))
        return viewer

    yield open_viewer
    for viewer, _ in viewers:
        viewer.page.close()
    for viewer, unplugged in viewers:
        viewer.check(unplugged=unplugged)


@pytest.fixture
def open_viewer(browser: Browser) -> Iterator[OpenViewer]:
    yield from opener(browser)


@pytest.fixture(scope="module")
def open_stopped_viewer(browser: Browser) -> Iterator[OpenViewer]:
    yield from opener(browser, stopped=True)


def shared_file(path: str) -> Path:
    """A file of the test data that lies beside the checkout; skips without it."""
    file = SHARED / path
    if not SHARED.is_dir():
        pytest.skip(f"needs {path} of the test data beside the checkout")
    return file
