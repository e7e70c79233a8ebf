"""The studio speaks three languages: no text of the page is left in another one."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from running import free_port

from vtuber import moods, parts
from vtuber.stages import VTuberError
from vtuber.wire import ARKIT, PRESETS

from .studio_page import PATIENCE_MS, Start, StudioPages, panel

TEXTS = Path(__file__).parents[2] / "web_client" / "src" / "studio" / "texts"
LANGUAGES = {"ja": "ja", "zh-Hant": "zh_hant"}
EVERY_TEXT = """
() => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  const settings = ['tracking', 'camera', 'outputs'].map((name) => `#panel-${name} .settings`);
  const parts = [...settings, '.findings', '.error', 'option[lang]', 'noscript'].join();
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.nodeType === 1 ? node : node.parentElement;
    if (element.closest(parts)) continue;
    const own = ['aria-label', 'placeholder', 'title', 'alt'].map((name) => node.getAttribute?.(name) ?? '');
    found.push(...(node.nodeType === 3 ? [node.data] : own));
  }
  return [document.title, ...found];
}
"""
"""All texts of the page, apart from what the parts say: settings by their signatures, findings, errors."""
NAMES = r"VTuber|Minamo|(\d+ × \d+ · )?\d+ fps( · \d+ ms)?|vtuber calibrate face|vrm\.dev/.*|.*vtuber\.toml"
KEYS = r"(Ctrl|Alt|Shift)( \+ (Ctrl|Alt|Shift))*"
PROGRAM = (
    r"the demo performer.*|nobody listens on .*|"
    r"Keys of other windows need .*|pip install .*|Wayland lets no program .*|There is no display.*"
)
"""What the program itself says, in its own language."""


def texts(page: Page, name: str) -> dict[str, str]:
    """Path of a text -> the text, of one language's file."""
    source = (TEXTS / f"{name}.ts").read_text(encoding="utf-8")
    told = page.evaluate("(" + source[source.index("= {") + 2 : source.rindex("};") + 1] + ")")

    def flat(told: Any, path: str) -> Iterator[tuple[str, str]]:
        for key, value in told.items():
            yield from flat(value, f"{path}.{key}") if isinstance(value, dict) else [(f"{path}.{key}", value)]

    return dict(flat(told, ""))


def tour(page: Page, begin: str) -> set[str]:
    """All that is read in every section and at every step of the first visit; `begin` is the button that opens it."""
    found: set[str] = set()

    def look() -> None:
        for text in page.evaluate(EVERY_TEXT):
            found.update(piece.strip() for piece in (text, *re.split("[:：·]", text)))

    panel(page, "help").get_by_role("button", name=begin, exact=True).click()
    dialog = page.get_by_role("dialog")
    while dialog.is_visible():
        look()
        dialog.locator("button.primary").last.click()
    for tab in page.locator("[role=tab]").all():
        tab.click()
        look()
    return found - {""}


def a_name(text: str) -> bool:
    """What is called the same in every language, or is said by the program and its parts."""
    named = {*ARKIT, *PRESETS, *(mood.name for mood in moods.USUAL)}
    named |= {name for kind in parts.KINDS for name in parts.names(kind)}
    shapes = {re.sub("([A-Z])", r" \1", name).lower() for name in ARKIT}
    return (
        text in named
        or text.lower() in shapes
        or not re.search("[A-Za-z]{3}", text)
        or re.fullmatch(f"{NAMES}|{KEYS}|{PROGRAM}", text) is not None
        or any(text in summary for summary in summaries() if len(text) > 9)
    )


@cache
def summaries() -> list[str]:
    """What each part says of itself; those whose packages are missing say nothing here."""
    told = []
    for kind in parts.KINDS:
        for name in parts.names(kind):
            with contextlib.suppress(VTuberError):
                told.append(parts.summary(parts.find(kind, name)))
    return told


def test_every_text_changes_with_the_language(start: Start, studio: StudioPages, home: Path) -> None:
    (home / "vtuber.toml").write_text("[studio]\nvisited = true\n", encoding="utf-8")
    page = studio(start("--output", f"opentrack:127.0.0.1:{free_port()}"), stage=False)
    english = texts(page, "en")
    in_english = tour(page, english[".help.begin"])
    for code, name in LANGUAGES.items():
        other = texts(page, name)
        assert english.keys() == other.keys()
        page.locator("header select").select_option(code)
        expect(page.locator("#tab-help")).to_have_text(other[".sections.help"], timeout=PATIENCE_MS)
        badge = panel(page, "outputs").locator("[data-output=opentrack] .badge").first
        expect(badge).to_have_text(other[".outputs.states.nobody"], timeout=PATIENCE_MS)
        found = tour(page, other[".help.begin"])
        same = {text for path, text in english.items() if other[path] == text}
        left = {text for text in found & set(english.values()) - same if not a_name(text)}
        assert not left, f"{code}: left in English: {left}"
        unchanged = {text for text in found & in_english - same if not a_name(text)}
        assert not unchanged, f"{code}: no language's file has {unchanged}"
        assert len(found & set(other.values())) > 100, "hardly anything was seen"
        assert page.evaluate("document.documentElement.lang") == code
