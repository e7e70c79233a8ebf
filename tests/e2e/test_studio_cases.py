"""The studio in use, in a real browser beside a real program: outputs' states, keys, library, findings, languages."""

from __future__ import annotations

import base64
import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from running import free_port, options, running, wait_for
from test_sources import Bench
from vtube_studio_app import Studio

from vtuber.server.pages import BUILT
from vtuber.sources import camera

from .driver import FOLDERS, Driver
from .ear import Ear, State, turn_of
from .films import darkened, film
from .studio_page import PATIENCE_MS, StudioPages, choose_film, drivers, panel, put
from .viewer import DROP
from .vrm_files import edited

ON_KEYS = (
    "cheekPuff", "noseSneerLeft", "mouthFunnel", "jawForward", "mouthPucker", "mouthLeft", "browInnerUp", "jawLeft",
    "tongueOut",
)  # fmt: skip
"""The shapes that the expressions on the keys 1 to 9 show; those on even keys are held."""
SETTINGS = """\
[run]
source = 'FILM'

[source.video]
loop = true

[studio]
visited = true
""" + "\n".join(
    f'[[expression]]\nname = "K{key}"\nkey = "{key}"\nfade = 0.05\nhold = {str(key % 2 == 0).lower()}\n'
    f'shapes = {{{shape} = 1.0}}\nover = ["mouth", "cheeks", "brows"]\n'
    for key, shape in enumerate(ON_KEYS, 1)
)


class Desk:
    """One program with a film of one still picture, one page of its studio, and what a viewer hears."""

    def __init__(self, driver: Driver, page: Page, ear: Ear, home: Path) -> None:
        self.driver, self.page, self.ear, self.home = driver, page, ear, home

    def finding(self, words: str) -> Locator:
        """What is to be mended, by its words, in "Not moving?"."""
        return panel(self.page, "help").locator("li[data-ok=false]", has_text=re.compile(words))

    def message(self, words: str) -> None:
        """Waits until the page says so."""
        expect(self.page.locator(".message.shown")).to_contain_text(re.compile(words), timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def desk(built: Path, browser: Browser, home: Path) -> Iterator[Desk]:
    (home / "vtuber.toml").write_text(SETTINGS.replace("FILM", str(film(home / "still.mp4"))), encoding="utf-8")
    with drivers(home) as start, closing(StudioPages(browser)) as pages:
        driver = start()
        put(driver, "/thumbnails/default", b"\x89PNG\r\n\x1a\n" + bytes(40))  # to be drawn it takes seconds
        with closing(Ear(driver.url)) as ear:
            page = pages(driver, stage=False)
            ear.until(lambda s: s["tracking"] == "tracked")
            yield Desk(driver, page, ear, home)


# --- outputs ---------------------------------------------------------------------------------------------------------


def add_output(page: Page, part: str, address: str) -> Locator:
    """Its box in the list."""
    outputs = panel(page, "outputs")
    outputs.get_by_role("combobox", name="Kind").select_option(part)
    outputs.get_by_role("textbox", name="Address and port", exact=True).fill(address)
    outputs.get_by_role("button", name="Add an output").click()
    return outputs.locator(f"[data-output={part}]")


def says(box: Locator, state: str) -> None:
    expect(box.locator(".badge").first).to_have_text(state, timeout=PATIENCE_MS)


def test_a_receiver_by_udp_comes_and_goes(desk: Desk) -> None:
    port = free_port()
    box = add_output(desk.page, "vmc", f"127.0.0.1:{port}")
    says(box, "Nobody answers")
    expect(box.locator(".error")).to_contain_text(str(port))
    for _ in range(2):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
            receiver.bind(("127.0.0.1", port))
            receiver.settimeout(30.0)
            assert b"/VMC/Ext/" in receiver.recv(65536)
            says(box, "Sending")
            expect(box).to_contain_text(re.compile(r"[1-9]\d* packets a second"), timeout=PATIENCE_MS)
        says(box, "Nobody answers")
    box.get_by_role("button", name="Remove").click()
    expect(box).to_have_count(0, timeout=PATIENCE_MS)


def test_a_receiver_that_must_allow_it_comes_goes_and_refuses(desk: Desk) -> None:
    port = free_port(socket.SOCK_STREAM)
    box = add_output(desk.page, "vtube_studio", f"127.0.0.1:{port}")
    says(box, "Nobody answers")
    with closing(Studio(port)) as app:
        says(box, "Sending")
        wait_for(lambda: app.injected)
    says(box, "Nobody answers")
    with closing(Studio(port, allow=False)) as app:
        says(box, "Refused")
        expect(box.locator(".error")).to_contain_text("permission was denied")
        app.allow = True
        box.get_by_role("switch").first.click()
        says(box, "Off")
        box.get_by_role("switch").first.click()
        says(box, "Sending")
    box.get_by_role("button", name="Remove").click()
    expect(box).to_have_count(0, timeout=PATIENCE_MS)


# --- keys ------------------------------------------------------------------------------------------------------------


def shows(key: int) -> Any:
    return lambda state: state["blendshapes"][ON_KEYS[key - 1]] > 0.95


def rests(key: int) -> Any:
    return lambda state: state["blendshapes"][ON_KEYS[key - 1]] < 0.6


def test_keys_show_expressions_recentre_and_go_away(desk: Desk) -> None:
    page, ear = desk.page, desk.ear
    panel(page, "performance")
    page.locator("h1").click()
    for key in range(1, 10):
        page.keyboard.down(str(key))
        ear.until(shows(key))
        page.keyboard.up(str(key))
        if key % 2:  # it stays until the key is pressed again
            ear.goes_on()
            ear.until(shows(key))
            page.keyboard.press(str(key))
        ear.until(rests(key))
    for pressed in ("true", "false"):
        page.keyboard.press("1")
        page.keyboard.press("3")  # sooner than the first is answered
        for name in ("K1", "K3"):
            chip = page.locator(f".chip[data-name={name}]")
            expect(chip).to_have_attribute("aria-pressed", pressed, timeout=PATIENCE_MS)
    page.keyboard.press("a")
    ear.until(lambda s: s["tracking"] == "lost")
    page.keyboard.press("A")
    ear.until(lambda s: s["tracking"] == "tracked")
    ear.until(lambda s: turn_of(s) > 0.3)
    page.keyboard.press("c")
    desk.message("Recentred")
    ear.until(lambda s: turn_of(s) < 0.05)


def test_keys_are_letters_while_something_is_typed(desk: Desk) -> None:
    page, ear = desk.page, desk.ear
    search = panel(page, "face").get_by_role("searchbox")
    search.focus()
    begin = len(ear.states)
    page.keyboard.type("3c1a")
    expect(search).to_have_value("3c1a")
    search.fill("")
    page.get_by_role("combobox", name="Language").focus()
    page.keyboard.press("1")
    page.locator("h1").click()
    page.keyboard.press("9")  # is obeyed, and came after all of these
    ear.until(shows(9))
    page.keyboard.press("9")
    ear.until(rests(9))

    def untouched(state: State) -> bool:
        return state["tracking"] == "tracked" and rests(1)(state) and rests(3)(state)

    assert all(untouched(state) for state in ear.states[begin:])


# --- library ---------------------------------------------------------------------------------------------------------


def drop(page: Page, name: str, data: bytes) -> None:
    """Drops a file on the page."""
    transfer = page.evaluate_handle(DROP, [name, base64.b64encode(data).decode()])
    page.dispatch_event("body", "drop", {"dataTransfer": transfer})


def momo(gltf: dict[str, Any]) -> None:
    gltf["extensions"]["VRMC_vrm"]["meta"] |= {
        "name": "Momo", "authors": ["Hana", "Taro"], "licenseUrl": "https://vrm.dev/licenses/1.0/",
    }  # fmt: skip


def test_an_avatar_is_dropped_chosen_seen_and_removed(desk: Desk) -> None:
    page = desk.page
    stage = page.context.new_page()
    stage.set_viewport_size({"width": 200, "height": 160})
    stage.goto(f"{desk.driver.url}stage?quality=low&ui=0")
    avatars = panel(page, "avatars")
    drop(page, "Momo.vrm", edited((BUILT / "avatars/default.vrm").read_bytes(), momo))
    card = avatars.locator("[data-avatar=Momo]")
    expect(card.get_by_role("heading", name="Momo")).to_be_visible(timeout=PATIENCE_MS)
    expect(card).to_contain_text("by Hana, Taro")
    expect(card.get_by_role("link")).to_have_attribute("href", "https://vrm.dev/licenses/1.0/")
    card.get_by_role("button", name="Show: Momo").click()
    wait_for(lambda: desk.ear.hello["avatar"] == "/avatars/Momo.vrm")
    stage.wait_for_function("() => window.vtuber?.avatar(0)?.name === 'Momo'", timeout=PATIENCE_MS)
    stage.close()
    drawn = "() => document.querySelector('#panel-avatars [data-avatar=Momo] img').naturalWidth === 256"
    page.wait_for_function(drawn, timeout=PATIENCE_MS)
    wait_for(lambda: list(desk.home.rglob("Momo.image")))
    expect(card.get_by_role("button", name="Remove")).to_have_count(0)
    avatars.locator("[data-avatar=default]").get_by_role("button", name=re.compile("Show")).click()
    wait_for(lambda: desk.ear.hello["avatar"] == "/avatars/default.vrm")
    page.once("dialog", lambda dialog: dialog.accept())
    card.get_by_role("button", name="Remove: Momo").click()
    expect(card).to_have_count(0, timeout=PATIENCE_MS)
    assert not list(desk.home.rglob("Momo*"))


@pytest.mark.parametrize(
    "name, data, words",
    [
        ("photo.png", b"<!doctype html><script>alert(1)</script>", "is no avatar"),
        ("Broken.vrm", b"glTF" + bytes(60), "no glTF"),
    ],
    ids=["no avatar", "damaged"],
)
def test_a_refused_file_says_why_and_the_stage_goes_on(desk: Desk, name: str, data: bytes, words: str) -> None:
    before = sorted(desk.home.rglob("*"))
    drop(desk.page, name, data)
    desk.message(f"{name}.*{words}")
    assert sorted(desk.home.rglob("*")) == before
    desk.ear.goes_on()


# --- why isn't it moving? --------------------------------------------------------------------------------------------


def test_a_dark_film_a_taken_port_and_a_dead_receiver_are_found(desk: Desk) -> None:
    page = desk.page
    expect(panel(page, "help").locator("li").first).to_be_visible(timeout=PATIENCE_MS)
    expect(desk.finding("too dark")).to_have_count(0)
    choose_film(page, film(desk.home / "dark.mp4", change=darkened))
    expect(desk.finding(r"too dark \(\d+ of 255\): put a lamp")).to_be_visible(timeout=PATIENCE_MS)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        row = panel(page, "camera").locator(".row", has=page.get_by_role("textbox", name=re.compile("^Port")))
        row.get_by_role("combobox").select_option("vmc")
        row.get_by_role("textbox").fill(str(port))
        row.get_by_role("button", name="Use").click()
        desk.message(f"port {port} is taken")
        expect(desk.finding(f"port {port} is taken")).to_be_visible(timeout=PATIENCE_MS)
    dead = free_port()
    box = add_output(page, "opentrack", f"127.0.0.1:{dead}")
    says(box, "Nobody answers")
    expect(desk.finding(f"opentrack.*{dead}")).to_be_visible(timeout=PATIENCE_MS)
    panel(page, "outputs").locator("[data-output=opentrack]").get_by_role("button", name="Remove").click()
    choose_film(page, desk.home / "still.mp4")
    expect(desk.finding(f"{dead}|{port}|too dark")).to_have_count(0, timeout=PATIENCE_MS)


def test_a_camera_that_stops_is_found_and_so_is_its_return(
    built: Path, studio: StudioPages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The camera's own part and thread, on a device of the test's that stops giving pictures."""
    bench = Bench()
    bench.tick = SimpleNamespace(wait=lambda _: time.sleep(1 / 30))  # type: ignore[assignment]
    for name, value in (("LOST_S", 0.3), ("BACKOFF_S", (0.05,)), ("FIRST_PICTURE_S", 1.0)):
        monkeypatch.setattr(camera, name, value)
    for name in FOLDERS:
        monkeypatch.setenv(name, str(tmp_path))
    with closing(bench.source()) as wired:
        monkeypatch.setattr(camera, "Source", type(wired))
    settings = tmp_path / "vtuber.toml"
    settings.write_text("[studio]\nvisited = true\n", encoding="utf-8")
    with running(options(settings, "camera")) as (session, _):
        page = studio(SimpleNamespace(url=session.server.url), "help", stage=False)
        findings = page.locator("#panel-help li")
        expect(findings.filter(has_text="camera 0 (HD Webcam)")).to_have_attribute("data-ok", "true")
        bench.delivers = False
        stopped = findings.filter(has_text="nothing comes from camera 0 (HD Webcam)")
        expect(stopped).to_have_attribute("data-ok", "false", timeout=PATIENCE_MS)
        expect(page.locator(".pill")).to_have_text("No picture", timeout=PATIENCE_MS)
        bench.delivers = True
        expect(stopped).to_have_count(0, timeout=PATIENCE_MS)
