"""The studio in a real browser, beside a real session: what is touched there shows on stage, and stays."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from .driver import Driver
from .studio_page import PATIENCE_MS, StudioPages

AXE = Path(__file__).parents[2] / "web_client" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SECTIONS = ("camera", "tracking", "face", "expressions", "avatars", "outputs", "profiles", "performance", "help")


def serious(page: Page) -> list[str]:
    """axe-core's serious findings on the page itself; the stage in its frame has its own tests."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, { iframes: false })")
    return [
        f"{v['id']}: {node['html'][:160]}" for v in found["violations"] if v["impact"] in SERIOUS for node in v["nodes"]
    ]


def test_the_first_visit_from_nothing_to_the_copied_address(
    start: Callable[..., Driver], studio: StudioPages, home: Path
) -> None:
    (home / "vtuber.toml").write_text("", encoding="utf-8")
    driver = start()
    page = studio(driver, stage=False, permissions=["clipboard-read", "clipboard-write"])
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Choose your camera")).to_be_visible(timeout=PATIENCE_MS)
    dialog.get_by_role("button", name="Demo performer").click()
    expect(dialog.get_by_text(re.compile(r"^[1-9]\d* fps$"))).to_be_visible(timeout=PATIENCE_MS)
    assert serious(page) == []
    dialog.get_by_role("button", name="Next").click()
    page.wait_for_function("() => document.querySelector('dialog canvas')?.dataset.faces === '1'", timeout=PATIENCE_MS)
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_role("button", name="This is straight ahead").click()
    expect(dialog.get_by_text("You can do this again")).to_be_visible(timeout=PATIENCE_MS)
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.locator("[data-avatar=default]")).to_be_visible(timeout=PATIENCE_MS)
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_role("button", name="Copy the OBS address").click()
    page.wait_for_function("() => document.querySelector('.message.shown') !== null", timeout=PATIENCE_MS)
    assert page.evaluate("navigator.clipboard.readText()") == f"{driver.url}?bg=transparent&ui=0"
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_be_hidden(timeout=PATIENCE_MS)
    page.context.unroute_all()
    page.reload()
    page.locator("[role=tab]").first.wait_for()
    expect(page.locator(".pill")).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
    assert not page.get_by_role("dialog").is_visible(), "never again unless asked"
    page.wait_for_function(
        "() => document.querySelector('iframe').contentWindow.vtuber?.avatar(0)", timeout=PATIENCE_MS
    )
    text = (home / "vtuber.toml").read_text(encoding="utf-8")
    assert "visited = true" in text and 'profile = "me"' in text


def test_settings_show_at_once_agree_and_survive(start: Callable[..., Driver], studio: StudioPages, home: Path) -> None:
    (home / "vtuber.toml").write_text("# mine\n[studio]\nvisited = true\n", encoding="utf-8")
    driver = start()
    one, two = (studio(driver, "tracking", stage=False) for _ in range(2))
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
    again = studio(start(), "tracking", stage=False)
    expect(again.get_by_role("switch", name=re.compile(mirror))).to_be_checked(timeout=PATIENCE_MS)
    expect(again.get_by_role("combobox", name="Smoothing")).to_have_value("one_euro", timeout=PATIENCE_MS)


def test_an_output_says_whether_somebody_hears(start: Callable[..., Driver], studio: StudioPages, home: Path) -> None:
    (home / "vtuber.toml").write_text("[studio]\nvisited = true\n", encoding="utf-8")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        port = receiver.getsockname()[1]
        page = studio(start(), "outputs", stage=False)
        page.get_by_role("combobox", name="Kind").select_option("opentrack")
        page.get_by_role("textbox", name="Address and port", exact=True).fill(f"127.0.0.1:{port}")
        page.get_by_role("button", name="Add an output").click()
        badge = page.locator("[data-output=opentrack] .badge")
        expect(badge).to_have_text("Sending", timeout=PATIENCE_MS)
        expect(page.locator("[data-output=opentrack]")).to_contain_text(re.compile(r"[1-9]\d* packets a second"))
    expect(badge).to_have_text("Nobody answers", timeout=PATIENCE_MS)
    page.locator("[data-output=opentrack]").get_by_role("switch").first.click()
    expect(badge).to_have_text("Off", timeout=PATIENCE_MS)


def test_every_section_is_accessible_and_fits_a_phone(
    start: Callable[..., Driver], studio: StudioPages, home: Path
) -> None:
    if not AXE.is_file():
        pytest.skip("needs axe-core: npm ci in web_client")
    (home / "vtuber.toml").write_text("[studio]\nvisited = true\n", encoding="utf-8")
    page = studio(start("--output", "vmc"), width=400, stage=False)
    for section in SECTIONS:
        page.locator(f"#tab-{section}").click()
        expect(page.locator(f"#panel-{section}")).to_be_visible()
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert serious(page) == [], (section, scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, section
    page.get_by_role("combobox", name="Language").select_option("ja")
    expect(page.get_by_role("tab", name="動かないとき")).to_be_visible(timeout=PATIENCE_MS)
    assert page.evaluate("document.documentElement.lang") == "ja"
    page.get_by_role("combobox", name="言語").select_option("zh-Hant")
    expect(page.get_by_role("tab", name="不會動？")).to_be_visible(timeout=PATIENCE_MS)
