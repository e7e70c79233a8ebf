"""Every kind of setting, changed once by hand in the studio: it shows at once to a viewer, and survives a restart."""

from __future__ import annotations

import math
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from running import App, free_port, wait_for

from vtuber.server.pages import BUILT

from .ear import Ear, State, turn_of
from .films import film, twice
from .studio_page import PATIENCE_MS, StudioPages, choose_film, drivers, panel, put

PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(40)
"""Begins as a picture does: thumbnails that are there need not be drawn, which takes a processor seconds."""
UPRIGHT = [0.0, 0.0, 0.0, 1.0]


def cutoff(app: App, ear: Ear, name: str = "jawOpen") -> float:
    """Hz, at its most, with which this shape goes after a small step of it; inf when it goes at once."""
    start = app.weights.get(name, 0.0)
    target = start + 0.06
    ear.until(lambda s: s["tracking"] == "tracked" and abs(s["blendshapes"][name] - start) < 0.005)
    begin = len(ear.states) - 10
    app.weights = app.weights | {name: target}
    ear.shape(name, target, near=0.005)
    app.weights = app.weights | {name: start}
    fastest = 0.0
    states = [state for state in ear.states[begin:] if state["person"] == 0]
    for before, after in pairwise(states):
        left, rest = (abs(target - state["blendshapes"][name]) for state in (before, after))
        if left > 0.02:
            hertz = math.log(left / rest) / math.tau / (after["t"] - before["t"]) if rest > 0.002 else math.inf
            fastest = max(fastest, hertz)
    ear.shape(name, start, near=0.005)
    return fastest


# --- every kind of setting -------------------------------------------------------------------------------------------

SETTINGS = """\
# my own settings
[run]
source = "demo"

[studio]
visited = true
"""


@pytest.fixture
def app() -> Iterator[App]:
    made = App(free_port())
    yield made
    made.close()


@pytest.fixture
def receivers() -> Iterator[list[socket.socket]]:
    """Two apps that listen by UDP."""
    made = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for one in made:
        one.bind(("127.0.0.1", 0))
        one.settimeout(30.0)
    yield made
    for one in made:
        one.close()


def test_every_kind_of_setting_shows_at_once_and_survives_a_restart(
    built: Path, studio: StudioPages, tmp_path: Path, app: App, receivers: list[socket.socket]
) -> None:
    settings, twins = tmp_path / "vtuber.toml", film(tmp_path / "twins.mp4", change=twice)
    settings.write_text(SETTINGS, encoding="utf-8")
    with drivers(tmp_path) as start:
        driver = start()
        assert put(driver, "/library/Other.vrm", (BUILT / "avatars/default.vrm").read_bytes())[0] == 200
        for name in ("default", "Other"):
            put(driver, f"/thumbnails/{name}", PIXEL)
        with closing(Ear(driver.url)) as ear:
            page = studio(driver, stage=False)
            change_what_concerns_cameras(page, ear, twins)
            change_the_source(page, ear, app)
            change_the_filter(page, ear, app)
            change_the_shape(page, ear)
            change_the_policy(page, ear, app)
            change_the_output(page, receivers)
            change_the_expression(page, ear)
            change_the_profile(page, ear, tmp_path)
            panel(page, "avatars").get_by_role("button", name="Show: ").last.click()
            wait_for(lambda: ear.hello["avatar"] == "/avatars/Other.vrm")
            shown = ear.until(settled)
        driver.stop()
        assert settings.read_text(encoding="utf-8").startswith("# my own settings\n[run]\n")
        assert "[source.video]\nloop = true" in settings.read_text(encoding="utf-8"), "a film chosen on air goes round"
        again = start()
        with closing(Ear(again.url)) as ear:
            the_same(shown, ear.until(settled))
            assert ear.hello["avatar"] == "/avatars/Other.vrm"
            assert lost_for(ear, app) > 1.5 + 1.0
            drain(receivers[1])
            assert receivers[1].recv(65536)
            assert 0 < cutoff(app, ear, "mouthFunnel") < 4.0
            page = studio(again, stage=False)
            page.locator("h1").click()
            page.keyboard.press("7")
            ear.until(lambda s: s["expressions"]["angry"] > 0.9)
            choose_film(page, twins)
            ear.until(lambda s: s["tracking"] == "tracked", person=1)
            ear.until(lambda s: s["tracking"] == "tracked" and s["bones"]["chest"] == UPRIGHT)


def settled(state: State) -> bool:
    """Tracked, and shown as all the changes together make it."""
    return state["tracking"] == "tracked" and abs(state["blendshapes"]["jawOpen"] - 0.9) < 0.01


def the_same(one: State, other: State) -> None:
    for part in ("blendshapes", "expressions"):
        assert one[part] == pytest.approx(other[part], abs=0.01)
    assert one["head"]["rotation"] == pytest.approx(other["head"]["rotation"], abs=0.01)


def drain(receiver: socket.socket) -> None:
    """Reads what waits there already."""
    receiver.setblocking(False)
    try:
        while receiver.recv(65536):
            pass
    except BlockingIOError:
        receiver.settimeout(30.0)


def change_what_concerns_cameras(page: Page, ear: Ear, twins: Path) -> None:
    """A source's own setting, the source, a setting of the tracker, and the body's share."""
    camera = panel(page, "camera")
    camera.get_by_text("Its settings").click()
    camera.get_by_role("spinbutton", name="Fps").fill("12")
    camera.get_by_role("spinbutton", name="Fps").press("Enter")
    wait_for(lambda: ear.hello["source"] == "the demo performer, 12 fps")
    choose_film(page, twins)
    wait_for(lambda: "twins.mp4" in ear.hello["source"])
    ear.until(lambda s: s["tracking"] == "tracked" and s["bones"]["chest"] != UPRIGHT)
    assert all(s["person"] == 0 for s in ear.states)
    tracking = panel(page, "tracking")
    tracking.get_by_role("spinbutton", name="Faces").fill("2")
    tracking.get_by_role("spinbutton", name="Faces").press("Enter")
    ear.until(lambda s: s["tracking"] == "tracked", person=1)
    tracking.get_by_role("slider", name="Body").fill("0")
    ear.until(lambda s: s["tracking"] == "tracked" and s["bones"]["chest"] == UPRIGHT)


def change_the_source(page: Page, ear: Ear, app: App) -> None:
    camera = panel(page, "camera")
    camera.get_by_role("combobox", name="A phone or another app").select_option("vmc")
    row = camera.locator(".row", has=page.get_by_role("textbox", name="Port, if it is not the usual one", exact=True))
    row.get_by_role("textbox").fill(str(app.port))
    row.get_by_role("button", name="Use").click()
    ear.shape("jawOpen", 0.4)


def change_the_filter(page: Page, ear: Ear, app: App) -> None:
    tracking = panel(page, "tracking")
    assert cutoff(app, ear) > 50, "what an app says is shown as it comes"
    tracking.get_by_role("combobox", name="Smoothing").select_option("exponential")
    wait_for(lambda: cutoff(app, ear) < 50)
    tracking.get_by_role("combobox", name="Smoothing").select_option("steady")
    tracking.get_by_role("combobox", name="Preset").select_option("low-latency")
    wait_for(lambda: cutoff(app, ear) > 6)
    tracking.get_by_role("combobox", name="Preset").select_option("calm")
    wait_for(lambda: 0 < cutoff(app, ear) < 4)


def change_the_shape(page: Page, ear: Ear) -> None:
    """Gain and offset of a shape, mirror, and the head's share."""
    row = panel(page, "face").locator("[data-shape=jawOpen]")
    row.get_by_role("slider", name="Gain").fill("2")
    ear.shape("jawOpen", 0.8)
    row.get_by_role("slider", name="Offset").fill("-0.1")
    ear.shape("jawOpen", 0.7)
    tracking = panel(page, "tracking")
    before = ear.until(lambda s: s["blendshapes"]["mouthSmileLeft"] > 0.15)["head"]["rotation"]
    tracking.get_by_role("switch", name=re.compile("^Mirror")).click()
    after = ear.until(lambda s: s["blendshapes"]["mouthSmileRight"] > 0.15)
    assert after["blendshapes"]["mouthSmileLeft"] < 0.05 and after["head"]["rotation"][1] == pytest.approx(-before[1])
    tracking.get_by_role("slider", name="Head").fill("0.5")
    half = turn_of(after) / 2
    ear.until(lambda s: abs(turn_of(s) - half) < 0.005)


def change_the_policy(page: Page, ear: Ear, app: App) -> None:
    """Stay as last seen when lost, and how long to keep still before."""
    tracking = panel(page, "tracking")
    tracking.get_by_role("switch", name=re.compile("^Freeze")).click()
    tracking.get_by_role("slider", name="Hold").fill("1.5")
    expect(tracking.get_by_role("slider", name="Hold")).to_have_value("1.5", timeout=PATIENCE_MS)
    ear.goes_on()
    assert lost_for(ear, app) > 1.5 + 1.0


def lost_for(ear: Ear, app: App) -> float:
    """Seconds, by the states' own clock, from the app's last word until the avatar is lost; it stays as it was."""
    before = ear.until(lambda s: s["tracking"] == "tracked")
    app.speaking = False
    lost = ear.until(lambda s: s["tracking"] == "lost")
    last = max(s["t"] for s in ear.states if s["tracking"] == "tracked")
    the_same(before, lost)
    app.speaking = True
    ear.until(lambda s: s["tracking"] == "tracked")
    return float(lost["t"] - last)


def change_the_output(page: Page, receivers: list[socket.socket]) -> None:
    """Add one, then give it another address."""
    one, other = (f"127.0.0.1:{receiver.getsockname()[1]}" for receiver in receivers)
    outputs = panel(page, "outputs")
    outputs.get_by_role("combobox", name="Kind").select_option("vmc")
    outputs.get_by_role("textbox", name="Address and port", exact=True).fill(one)
    outputs.get_by_role("button", name="Add an output").click()
    assert receivers[0].recv(65536)
    address = outputs.get_by_role("textbox", name="Address and port: vmc")
    address.fill(other)
    address.press("Enter")
    assert receivers[1].recv(65536)


def change_the_expression(page: Page, ear: Ear) -> None:
    """Another key for an expression."""
    expressions = panel(page, "expressions")
    angry = expressions.locator("[data-expression=Angry]")
    angry.locator("summary").click()
    ear.until(lambda s: s["expressions"]["angry"] > 0.9)  # it is shown while it is edited
    angry.get_by_role("combobox", name="Key").first.select_option("7")
    expect(angry.locator("kbd").first).to_have_text("7", timeout=PATIENCE_MS)
    angry.locator("summary").click()  # while it was open, the face was shown
    ear.until(lambda s: s["expressions"]["angry"] < 0.1)
    page.locator("h1").click()
    page.keyboard.press("7")
    ear.until(lambda s: s["expressions"]["angry"] > 0.9)
    page.keyboard.press("7")
    ear.until(lambda s: s["expressions"]["angry"] < 0.1)


def change_the_profile(page: Page, ear: Ear, home: Path) -> None:
    """Save one, let a calibration write a range into it, and choose it again."""
    profiles = panel(page, "profiles")
    profiles.get_by_role("textbox", name="Save under a name").fill("evening")
    profiles.get_by_role("button", name="Save").click()
    choice = profiles.get_by_role("combobox", name="In use")
    expect(choice).to_have_value("evening", timeout=PATIENCE_MS)
    choice.select_option("")
    expect(choice).to_have_value("", timeout=PATIENCE_MS)
    (path,) = home.rglob("evening.json")
    path.write_text('{"version": 1, "name": "evening", "ranges": {"jawOpen": [0.1, 0.7]}}', encoding="utf-8")
    choice.select_option("evening")
    ear.shape("jawOpen", 0.9)
