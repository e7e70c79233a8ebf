"""The guided calibrations in the studio, in a real browser: through the dialog with the demo performer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .studio_page import PATIENCE_MS, Start, StudioPages
from .test_studio import AXE, SCHEMES, serious

LONG_MS = 4 * PATIENCE_MS
"""Patience for the measuring, which other work on the machine holds up."""
PASSING_OVER = """() => setInterval(() => {
  const words = document.querySelector('dialog[open] .words-now')?.textContent ?? '';
  const skip = [...document.querySelectorAll('dialog[open] button')].find((b) => b.textContent === 'Skip this step');
  if (words !== '' && !/Look at the middle|Smile/.test(words) && skip && !skip.hidden) skip.click();
}, 50)"""
"""A performer who does two steps, and passes over all others."""


def phase(page: Page, name: str) -> None:
    """Wait until the dialog shows this."""
    page.wait_for_function(
        "name => document.querySelector('dialog[open]')?.dataset.phase === name", arg=name, timeout=LONG_MS
    )


def fits(page: Page, width: int) -> None:
    """No serious finding in either scheme, and nothing wider than the page."""
    if AXE.is_file():
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert serious(page) == [], scheme
    assert page.evaluate("document.querySelector('dialog[open]').scrollWidth") <= width


@pytest.fixture
def settled(home: Path) -> Path:
    (home / "vtuber.toml").write_text("[studio]\nvisited = true\n", encoding="utf-8")
    return home


def test_a_face_from_the_first_step_to_the_profile_and_back(start: Start, studio: StudioPages, settled: Path) -> None:
    driver = start()
    one, two = studio(driver, "profiles", stage=False), studio(driver, "profiles", width=400, stage=False)
    back = one.get_by_role("button", name="before the calibration")
    expect(back).to_be_disabled(timeout=PATIENCE_MS)
    one.get_by_role("button", name="Calibrate your face").click()
    fits(one, 1100)
    one.get_by_role("button", name="Begin").click()
    phase(one, "steps")
    expect(one.get_by_text("Look at the middle of your screen")).to_be_visible()
    one.wait_for_function("() => document.querySelector('dialog[open] canvas').dataset.faces === '1'")
    two.get_by_role("button", name="Show it").click()
    expect(two.get_by_text("Look at the middle of your screen")).to_be_visible(timeout=PATIENCE_MS)
    fits(two, 400)
    two.evaluate(PASSING_OVER)
    phase(one, "judged")
    expect(one.get_by_role("button", name="Keep it")).to_be_visible(timeout=PATIENCE_MS)
    expect(one.get_by_role("row", name="Tongue")).to_contain_text("skipped")
    fits(one, 1100)
    expect(two.get_by_role("button", name="Keep it")).to_be_visible(timeout=PATIENCE_MS)
    fits(two, 400)
    two.get_by_role("button", name="Keep it").click()
    for page in (one, two):
        expect(page.locator("dialog[open]")).to_have_count(0, timeout=PATIENCE_MS)
        expect(page.locator("#panel-profiles")).to_contain_text("Face calibrated 20", timeout=PATIENCE_MS)
        expect(page.get_by_role("combobox", name="In use")).to_have_value("me")
    back.click()
    expect(two.locator("#panel-profiles")).not_to_contain_text("Face calibrated 20", timeout=PATIENCE_MS)
    back.click()
    expect(two.locator("#panel-profiles")).to_contain_text("Face calibrated 20", timeout=PATIENCE_MS)


def test_a_camera_without_a_board_is_refused_and_nothing_changes(
    start: Start, studio: StudioPages, settled: Path
) -> None:
    page = studio(start(), "profiles", width=400, stage=False)
    page.get_by_role("button", name="Calibrate your camera").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Board as PDF, A4").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    page.get_by_role("button", name="Begin").click()
    phase(page, "steps")
    expect(page.locator(".words-now")).to_have_text(re.compile("Show the board"), timeout=PATIENCE_MS)
    page.get_by_role("button", name="Show the board", exact=True).click()
    expect(page.get_by_role("img", name="Calibration board")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Hide the board").click()
    fits(page, 400)
    page.get_by_role("button", name="Measure now").click()
    phase(page, "failed")
    expect(page.get_by_role("alert")).to_contain_text("the board was not seen well enough", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("#panel-profiles")).not_to_contain_text("Camera calibrated")
