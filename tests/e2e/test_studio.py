"""The studio in a real browser, beside a real session: what is touched there shows on stage, and stays."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .driver import Driver

PATIENCE_MS = 60_000
AXE = Path(__file__).parents[2] / "web_client" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
SECTIONS = ("camera", "tracking", "face", "expressions", "avatars", "outputs", "profiles", "performance", "help")

OpenStudio = Callable[..., Page]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studio")


@pytest.fixture
def start(built: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Driver]]:
    """`vtuber run` with the demo performer and folders of its own."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    (home / "vtuber.toml").touch()
    drivers: list[Driver] = []

    def begin(*arguments: str) -> Driver:
        drivers.append(Driver("--source", "demo", "--config", str(home / "vtuber.toml"), *arguments))
        return drivers[-1]

    yield begin
    for driver in drivers:
        driver.stop()


@pytest.fixture
def studio(browser: Browser) -> Iterator[OpenStudio]:
    """Opens a studio page; in the end none may have had an error."""
    pages: list[tuple[Page, list[str]]] = []

    def open_studio(driver: Driver, section: str = "", width: int = 1100, **settings: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 700}, locale="en", **settings)
        page, errors = context.new_page(), []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: errors.append(str(error)))
        pages.append((page, errors))
        page.goto(f"{driver.url}studio?quality=low#{section}")
        page.locator("[role=tab]").first.wait_for(state="attached")
        return page

    yield open_studio
    for page, errors in pages:
        page.context.close()
        assert errors == []


def serious(page: Page) -> list[str]:
    """axe-core's serious findings on the page itself; the stage in its frame has its own tests."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, { iframes: false })")
    return [
        f"{v['id']}: {node['html'][:160]}" for v in found["violations"] if v["impact"] in SERIOUS for node in v["nodes"]
    ]


def test_settings_show_at_once_agree_and_survive(start: Callable[..., Driver], studio: OpenStudio, home: Path) -> None:
    (home / "vtuber.toml").write_text("# mine\n[studio]\nvisited = true\n", encoding="utf-8")
    driver = start()
    one, two = studio(driver, "tracking"), studio(driver, "tracking")
    mirror = "Mirror"
    expect(one.get_by_role("switch", name=re.compile(mirror))).not_to_be_checked(timeout=PATIENCE_MS)
    one.get_by_role("switch", name=re.compile(mirror)).click()
    expect(two.get_by_role("switch", name=re.compile(mirror))).to_be_checked(timeout=PATIENCE_MS)
    two.get_by_role("combobox", name="Smoothing").select_option("one_euro")
    expect(one.get_by_role("combobox", name="Smoothing")).to_have_value("one_euro", timeout=PATIENCE_MS)
    one.locator("#tab-face").click()
    gain = one.locator("[data-shape=jawOpen] input").first
    gain.fill("2.5")
    two.locator("#tab-face").click()
    expect(two.locator("[data-shape=jawOpen]")).to_have_class(re.compile("changed"), timeout=PATIENCE_MS)
    expect(two.locator("[data-shape=jawOpen] input").first).to_have_value("2.5", timeout=PATIENCE_MS)
    one.keyboard.press("a")
    expect(two.get_by_role("button", name="Away")).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)
    one.locator("h1").click()
    one.keyboard.press("1")
    expect(two.locator(".chip", has_text="Smile")).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)
    driver.stop()
    text = (home / "vtuber.toml").read_text(encoding="utf-8")
    assert text.startswith("# mine") and "mirror = true" in text and "jawOpen = {gain = 2.5}" in text
    again = studio(start(), "tracking")
    expect(again.get_by_role("switch", name=re.compile(mirror))).to_be_checked(timeout=PATIENCE_MS)
    expect(again.get_by_role("combobox", name="Smoothing")).to_have_value("one_euro", timeout=PATIENCE_MS)


def test_an_output_says_whether_somebody_hears(start: Callable[..., Driver], studio: OpenStudio, home: Path) -> None:
    (home / "vtuber.toml").write_text("[studio]\nvisited = true\n", encoding="utf-8")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        port = receiver.getsockname()[1]
        page = studio(start(), "outputs")
        page.get_by_role("combobox", name="Kind").select_option("opentrack")
        page.get_by_role("textbox", name="Address and port", exact=True).fill(f"127.0.0.1:{port}")
        page.get_by_role("button", name="Add an output").click()
        badge = page.locator("[data-output=opentrack] .badge")
        expect(badge).to_have_text("Sending", timeout=PATIENCE_MS)
        expect(page.locator("[data-output=opentrack]")).to_contain_text(re.compile(r"[1-9]\d* packets a second"))
    expect(badge).to_have_text("Nobody answers", timeout=PATIENCE_MS)
    page.locator("[data-output=opentrack]").get_by_role("switch").first.click()
    expect(badge).to_have_text("Off", timeout=PATIENCE_MS)


@pytest.mark.parametrize("scheme", ["light"])
def test_every_section_is_accessible_and_fits_a_phone(
    start: Callable[..., Driver], studio: OpenStudio, home: Path, scheme: str
) -> None:
    if not AXE.is_file():
        pytest.skip("needs axe-core: npm ci in web_client")
    (home / "vtuber.toml").write_text("[studio]\nvisited = true\n", encoding="utf-8")
    page = studio(start("--output", "vmc"), width=400, color_scheme=scheme)
    page.evaluate("document.querySelector('iframe').remove()")  # what it draws takes time, and is tested elsewhere
    for section in SECTIONS:
        page.locator(f"#tab-{section}").click()
        expect(page.locator(f"#panel-{section}")).to_be_visible()
        assert serious(page) == [], section
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, section
    page.get_by_role("combobox", name="Language").select_option("ja")
    expect(page.get_by_role("tab", name="動かないとき")).to_be_visible(timeout=PATIENCE_MS)
    assert page.evaluate("document.documentElement.lang") == "ja"
    page.get_by_role("combobox", name="言語").select_option("zh-Hant")
    expect(page.get_by_role("tab", name="不會動？")).to_be_visible(timeout=PATIENCE_MS)
