"""A real browser, the built page, and a server, for the tests of the whole way from a performer to the picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="needs Playwright: pip install -e .[test]")

from playwright.sync_api import Browser, sync_playwright

from vtuber.server import Server
from vtuber.server.pages import BUILT

from .browser import FLAGS, OpenViewer, chromium, lacking, opener
from .driver import Driver
from .studio_page import Start, StudioPages, drivers


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder with the built page and the default avatar."""
    for part in ("web/index.html", "avatars/default.vrm"):
        if not (BUILT / part).is_file():
            lacking(f"vtuber/built/{part} is missing: run python hatch_build.py")
    return BUILT


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all these tests, and no longer: as long as it is there, no other test can run an asyncio loop here."""
    with sync_playwright() as playwright:
        path = chromium(playwright)
        if path is None:
            lacking("needs Chromium")
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="package", autouse=True)
def patient_server() -> Iterator[None]:
    """Where a test moves the page's clock, the server would be silent for too long by it: it pings by the real one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vtuber.server.room.PING", (1000, 100_000))
        yield


@pytest.fixture(scope="package")
def server(built: Path) -> Iterator[Server]:
    """Shows whatever a test sends to it."""
    server = Server(port=0, source="a test")
    yield server
    server.close()


@pytest.fixture
def open_viewer(browser: Browser) -> Iterator[OpenViewer]:
    yield from opener(browser)


@pytest.fixture(scope="module")
def open_stopped_viewer(browser: Browser) -> Iterator[OpenViewer]:
    yield from opener(browser, stopped=True)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that a program of `start` keeps lies here; vtuber.toml is its settings file."""
    return tmp_path_factory.mktemp("studio")


@pytest.fixture
def start(built: Path, home: Path) -> Iterator[Start]:
    """`vtuber run` with the demo performer."""

    def begin(*arguments: str) -> Driver:
        return start_any("--source", "demo", *arguments)

    with drivers(home) as start_any:
        yield begin


@pytest.fixture
def studio(browser: Browser) -> Iterator[StudioPages]:
    made = StudioPages(browser)
    yield made
    made.close()
