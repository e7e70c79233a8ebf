"""The studio's pictures: the README's one, and every section at two widths, light and dark, to be looked at.

Made by `python -m tests.e2e.screenshots studio [FOLDER]`: docs/studio.png, and into FOLDER all the others.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from .driver import Driver

SECTIONS = ("camera", "tracking", "face", "expressions", "avatars", "outputs", "profiles", "performance", "help")
WIDTHS = (1280, 400)
SCHEMES = ("light", "dark")
STEPS = 5
"""Of the first visit."""
PATIENCE_MS = 60_000
SETTLE_MS = 1_500
"""Until meters, charts and the smallest pictures have something to show."""


@contextmanager
def running(text: str, *arguments: str) -> Iterator[Driver]:
    """`vtuber run` with the demo performer, a file of settings with this text, and no other file of the user's."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "vtuber.toml"
        config.write_text(text, encoding="utf-8")
        os.environ.update(dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "LOCALAPPDATA"), folder))
        driver = Driver("--source", "demo", "--config", str(config), *arguments)
        try:
            yield driver
        finally:
            driver.stop()


def opened(browser: Browser, driver: Driver, section: str, width: int, scheme: str, *, quality: str = "low") -> Page:
    height = 860 if width > 1000 else 800
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme, locale="en")  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{driver.url}studio?quality={quality}#{section}")
    page.locator("[role=tab]").first.wait_for(state="attached")
    return page


def readme_picture(browser: Browser, path: Path) -> None:
    """The section of the shapes, with the avatar beside it."""
    settings = "[studio]\nvisited = true\n[shapes]\njawOpen = {gain = 1.4}\nmouthSmileLeft = {gain = 1.2}\n"
    with running(settings) as driver:
        page = opened(browser, driver, "face", 1280, "light", quality="medium")
        page.frame_locator("iframe").locator("canvas").first.wait_for()
        page.wait_for_function("() => document.querySelector('iframe').contentWindow.vtuber?.avatar?.(0)")
        page.wait_for_timeout(6 * SETTLE_MS)
        page.screenshot(path=path, timeout=PATIENCE_MS)
        page.close()


def without_stage(page: Page) -> None:
    """It takes a processor long to draw."""
    page.evaluate("document.querySelector('iframe').removeAttribute('src')")


def every_section(browser: Browser, folder: Path) -> None:
    """SECTION-WIDTH-SCHEME.png for each, the whole page."""
    with running("[studio]\nvisited = true\n", "--output", "vmc", "--output", "opentrack") as driver:
        for width in WIDTHS:
            for scheme in SCHEMES:
                page = opened(browser, driver, SECTIONS[0], width, scheme)
                without_stage(page)
                for section in SECTIONS:
                    page.locator(f"#tab-{section}").click()
                    page.wait_for_timeout(SETTLE_MS)
                    page.screenshot(path=folder / f"{section}-{width}-{scheme}.png", full_page=True)
                page.close()


def first_visit(browser: Browser, folder: Path) -> None:
    """visit-STEP-WIDTH-SCHEME.png for each step."""
    for width, scheme in zip(WIDTHS, SCHEMES, strict=True):
        with running("") as driver:
            page = opened(browser, driver, "", width, scheme)
            without_stage(page)
            dialog = page.get_by_role("dialog")
            for step in range(1, STEPS + 1):
                page.wait_for_timeout(2 * SETTLE_MS)
                page.screenshot(path=folder / f"visit-{step}-{width}-{scheme}.png")
                dialog.locator(".actions button").last.click()
            page.close()


def calibrations(browser: Browser, folder: Path) -> None:
    """calibrate-KIND-PHASE-WIDTH-SCHEME.png: the words before each, and its first step."""
    for width, scheme in zip(WIDTHS, SCHEMES, strict=True):
        with running("[studio]\nvisited = true\n") as driver:
            page = opened(browser, driver, "profiles", width, scheme)
            without_stage(page)
            for kind in ("face", "camera"):
                page.get_by_role("button", name=f"Calibrate your {kind}").click()
                page.screenshot(path=folder / f"calibrate-{kind}-intro-{width}-{scheme}.png")
                page.get_by_role("button", name="Begin").click()
                page.wait_for_timeout(2 * SETTLE_MS)
                page.screenshot(path=folder / f"calibrate-{kind}-steps-{width}-{scheme}.png")
                page.get_by_role("button", name="End without keeping").click()
            page.close()
