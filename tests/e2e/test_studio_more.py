"""The studio in a real browser: expressions that are mixed and seen at once, settings of one avatar alone."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page, expect
from running import free_port

from .browser import UNDRAWN
from .studio_page import PATIENCE_MS, Start, StudioPages

VISITED = "[studio]\nvisited = true\n"


def stage_of(page: Page) -> Frame:
    """The avatar's frame, once it has its avatar; it need not be drawn, which takes a processor long."""
    handle = page.locator("iframe.stage").element_handle()
    frame = handle.content_frame() if handle else None
    assert frame is not None
    frame.wait_for_function("() => window.vtuber", timeout=PATIENCE_MS)
    frame.evaluate(UNDRAWN)
    frame.wait_for_function("() => window.vtuber?.avatar(0)", timeout=PATIENCE_MS)
    return frame


def until(frame: Frame, condition: str, argument: Any = None) -> None:
    frame.wait_for_function(condition, arg=argument, timeout=PATIENCE_MS)


def test_an_expression_is_mixed_and_seen_on_stage_at_once(start: Start, studio: StudioPages, home: Path) -> None:
    (home / "vtuber.toml").write_text(VISITED, encoding="utf-8")
    page = studio(start(), "expressions")
    stage = stage_of(page)
    smile = page.locator("[data-expression=Smile]")
    smile.locator("summary").click()
    expect(smile.get_by_role("button", name="Smile", exact=True)).to_have_attribute("aria-pressed", "true")
    smile.get_by_role("combobox", name="Face", exact=True).select_option("own mix")
    search = smile.get_by_role("combobox", name="Add a shape")
    search.fill("cheek pu")
    search.press("Enter")
    puff = smile.get_by_role("slider", name="Cheek puff")
    expect(puff).to_have_value("0.5", timeout=PATIENCE_MS)
    puff.fill("0.9")
    until(stage, "() => Math.abs(vtuber.state().blendshapes.cheekPuff - 0.9) < 0.01")
    smile.get_by_role("combobox", name="The avatar’s own").select_option("happy")
    until(stage, "() => vtuber.weight('happy') === 1")
    assert 'avatar = "happy"' in (home / "vtuber.toml").read_text(encoding="utf-8")
    smile.get_by_role("button", name="Remove: Cheek puff").click()
    until(stage, "() => vtuber.state().blendshapes.cheekPuff < 0.5")
    smile.get_by_role("button", name="Take my face now").click()
    expect(smile.locator("[data-mixed]").first).to_be_visible(timeout=PATIENCE_MS)
    smile.locator("summary").click()
    until(stage, "() => vtuber.weight('happy') === 0")
    expect(smile.get_by_role("button", name="Smile", exact=True)).to_have_attribute("aria-pressed", "false")


def test_a_key_does_one_thing_wherever_the_focus_is(start: Start, studio: StudioPages, home: Path) -> None:
    """The stage in its frame leaves its keys to the studio; a stage of its own shows the avatar's own expressions."""
    mood = '[[expression]]\nname = "Love"\nkey = "1"\navatar = "sad"\n'
    (home / "vtuber.toml").write_text(VISITED + mood, encoding="utf-8")
    driver = start()
    page = studio(driver, "expressions")
    stage = stage_of(page)
    assert stage.evaluate("() => vtuber.expressions()")[0] != "sad"
    stage.locator("canvas").first.focus()
    stage.evaluate("() => window.focus()")
    stage.locator("body").press("1")
    until(stage, "() => vtuber.weight('sad') === 1")
    assert stage.evaluate("() => vtuber.weight(vtuber.expressions()[0])") == 0
    expect(page.locator(".chip", has_text="Love")).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)
    page.goto(f"{driver.url}?quality=low&ui=0")
    page.wait_for_function("() => window.vtuber?.avatar(0)", timeout=PATIENCE_MS)
    page.wait_for_function("() => vtuber.weight('sad') === 1", timeout=PATIENCE_MS)  # also for who comes later
    page.keyboard.press("1")
    page.wait_for_function("() => vtuber.weight(vtuber.expressions()[0]) === 1", timeout=PATIENCE_MS)
    assert page.evaluate("() => vtuber.weight('sad')") == 1


def test_one_avatar_has_settings_of_its_own(start: Start, studio: StudioPages, home: Path, built: Path) -> None:
    (home / "vtuber.toml").write_text(VISITED, encoding="utf-8")
    driver = start()
    page = studio(driver, "avatars", width=1280)
    stage = stage_of(page)
    other = page.locator("[data-avatar=Other]")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a file").click()
    copy = home / "Other.vrm"
    shutil.copy(built / "avatars" / "default.vrm", copy)
    chooser.value.set_files(copy)
    other.get_by_role("button", name=re.compile("^Show")).click()
    until(stage, "() => vtuber.avatar(0).url.includes('Other')")
    usual = stage.evaluate("() => vtuber.framing()")
    page.get_by_text("How the avatar on stage is framed").click()
    page.get_by_role("combobox", name="Picture").select_option("full")
    until(stage, "() => vtuber.framing().cam === 'full'")
    page.get_by_role("slider", name="Nearer").fill("1.5")
    until(stage, "() => vtuber.framing().view.startsWith('0,0,1.5')")
    page.locator("#tab-face").click()
    page.get_by_role("switch", name=re.compile("For this avatar alone")).click()
    jaw = page.locator("[data-shape=jawOpen]")
    jaw.locator("input").first.fill("2")
    expect(jaw).to_have_class(re.compile("changed"), timeout=PATIENCE_MS)
    page.locator("#tab-avatars").click()
    page.locator("[data-avatar=default]").get_by_role("button", name=re.compile("^Show")).click()
    until(stage, "usual => JSON.stringify(vtuber.framing()) === JSON.stringify(usual)", usual)
    page.locator("#tab-face").click()
    expect(jaw).not_to_have_class(re.compile("changed"), timeout=PATIENCE_MS)
    expect(page.get_by_role("switch", name=re.compile("For this avatar alone"))).not_to_be_checked()
    text = (home / "vtuber.toml").read_text(encoding="utf-8")
    assert "[avatar.Other]" in text and 'camera = "full"' in text and "[shapes]" not in text
    page.goto(f"{driver.url}stage?quality=low&ui=0&model=Other")
    page.wait_for_function("() => window.vtuber?.avatar(0)", timeout=PATIENCE_MS)
    assert page.evaluate("() => vtuber.framing()") == usual, "an address that names the avatar says all of it"


def test_sources_are_laid_over_each_other(start: Start, studio: StudioPages, home: Path) -> None:
    (home / "vtuber.toml").write_text(VISITED, encoding="utf-8")
    port = free_port()
    page = studio(start(), "camera", stage=False)
    expect(page.locator("#panel-camera .badge").first).to_have_text(re.compile(r"^\d+ × \d+ · [1-9]\d* fps$"))
    box = page.get_by_role("region", name="Several together")
    box.get_by_role("combobox", name="Lay over").select_option("vmc")
    box.get_by_role("textbox").fill(str(port))
    box.get_by_role("button", name="Lay over").click()
    over = box.locator(f"[data-layer='vmc:{port}']")
    over.get_by_role("button", name="Head").click()
    expect(over.get_by_role("button", name="Head")).to_have_attribute("aria-pressed", "false", timeout=PATIENCE_MS)
    text = (home / "vtuber.toml").read_text(encoding="utf-8")
    assert f'sources = ["demo", "eyes,face,body,hands=vmc:{port}"]' in text
    page.locator("#tab-help").click()
    page.get_by_role("combobox", name="Language").select_option("ja")
    findings = page.locator("#panel-help .findings")
    expect(findings).to_contain_text(f"ポート ポート {port} で", timeout=PATIENCE_MS)
    expect(findings).to_contain_text("フレーム数 毎秒", timeout=PATIENCE_MS)
    page.locator("#tab-camera").click()
    page.get_by_role("button", name=f"削除: vmc:{port}").click()
    expect(page.locator("[data-layer]")).to_have_count(1, timeout=PATIENCE_MS)
