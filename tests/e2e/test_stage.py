"""The stage as OBS shows it, as several performers share it, and as its controls change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from vtuber import pose, rotation
from vtuber.pose import REST
from vtuber.server import Server

from .browser import OpenViewer, shared_file
from .pictures import touched
from .puppet import Puppet
from .viewer import Picture, Viewer
from .vrm_files import edited, nameless, with_lost_texture, without_humanoid, without_texture
from .zips import ENDLESS, endless

TURN = 0.4
OBS = "window.obsstudio = { pluginVersion: '2.24.0' };"
"""What OBS puts into the pages of its browser sources."""
TINY = {"width": 96, "height": 80}
SMALL = {"width": 200, "height": 170}


@pytest.fixture(scope="module")
def vrm(built: Path) -> bytes:
    return (built / "avatars" / "default.vrm").read_bytes()


def drawn(viewer: Viewer) -> int:
    return int(viewer.ask("vtuber.stats().drawn"))


def draws(viewer: Viewer) -> None:
    """Wait for some more pictures."""
    viewer.until("count => vtuber.stats().drawn > count + 3", drawn(viewer))


def stands_still(viewer: Viewer) -> None:
    """Some of the display's pictures go by, and none is drawn."""
    viewer.ask("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    before = drawn(viewer)
    viewer.ask("new Promise((done) => setTimeout(done, 400))")
    assert drawn(viewer) == before


def tell(viewer: Viewer, event: str, detail: str) -> None:
    viewer.ask(f"window.dispatchEvent(new CustomEvent('{event}', {{ detail: {detail} }}))")


def test_one_address_is_all_that_obs_needs(server: Server, open_viewer: OpenViewer) -> None:
    # As OBS opens it: no option but the address, and OBS' own object in the page.
    viewer = open_viewer(f"{server.url}stage", script=OBS, ui="", size=TINY).ready()
    cutout = viewer.cutout()
    assert (cutout[[0, 0], [0, -1], 3] == 0).all() and (cutout[..., 3] == 255).any()
    assert viewer.page.locator("#ui").is_hidden()
    draws(viewer)

    tell(viewer, "obsSourceVisibleChanged", "{ visible: false }")
    stands_still(viewer)
    received = viewer.received()
    server.send(pose.to_state(REST, 1.0, 0, "tracked", 1.0))
    viewer.until("count => vtuber.stats().received > count", received)
    tell(viewer, "obsSourceVisibleChanged", "{ visible: true }")
    draws(viewer)

    # Not in the preview, but in the programme: it must go on.
    tell(viewer, "obsSourceVisibleChanged", "{ visible: false }")
    tell(viewer, "obsSourceActiveChanged", "{ active: true }")
    draws(viewer)
    tell(viewer, "obsSourceActiveChanged", "{ active: false }")
    stands_still(viewer)
    tell(viewer, "obsSourceVisibleChanged", "{ visible: true }")
    draws(viewer)

    viewer.ask("Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })")
    viewer.ask("document.dispatchEvent(new Event('visibilitychange'))")
    stands_still(viewer)
    viewer.ask("delete document.visibilityState")
    viewer.ask("document.dispatchEvent(new Event('visibilitychange'))")
    draws(viewer)


def columns(cutout: Picture) -> list[tuple[int, int]]:
    """First and last column of every patch of the avatar, from the left."""
    shown = np.concatenate([[False], (cutout[..., 3] > 200).any(axis=0), [False]])
    edges = np.nonzero(np.diff(shown.astype(int)))[0]
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 5]


def test_two_performers_side_by_side(server: Server, open_viewer: OpenViewer) -> None:
    places = {"place": "-0.6,0.6", "cam": "full"}
    viewer = open_viewer(server.url, model="default,default", bg="transparent", **places).ready()
    viewer.until("() => vtuber.avatar(0) && vtuber.avatar(1)")
    for person, yaw in ((0, TURN), (1, -TURN)):
        turned = replace(REST, rotation=rotation.from_yaw_pitch(yaw, 0))
        server.send(pose.to_state(turned, 1.0 + person, person, "tracked", 1.0))
        looks = "([person, yaw]) => vtuber.boneWorld('head', person).forward[0] * yaw > 0.1"
        viewer.until(looks, [person, yaw])
        assert viewer.ask("person => vtuber.state(person).person", person) == person
    assert len(columns(viewer.cutout())) == 2
    left, right = columns(viewer.cutout())
    width = viewer.cutout().shape[1]
    assert (left[0] + left[1]) / 2 < width * 0.45 < width * 0.55 < (right[0] + right[1]) / 2


def test_a_dropped_file_is_for_the_performer_it_falls_on(server: Server, open_viewer: OpenViewer, vrm: bytes) -> None:
    viewer = open_viewer(server.url, people="2", size=TINY).ready()
    viewer.until("() => vtuber.avatar(0) && vtuber.avatar(1)")
    viewer.drop("mine.vrm", vrm, x=TINY["width"] * 3 // 4)
    viewer.until("() => vtuber.avatar(1).url === 'file:mine.vrm'")
    assert viewer.avatar()["url"].endswith("default.vrm")


def view(viewer: Viewer) -> list[float]:
    """Yaw, pitch, zoom, x, y, as the link for OBS has them."""
    link = viewer.page.get_by_label("Address for OBS").input_value()
    assert urlsplit(link).path == "/stage"
    return [float(number) for number in parse_qs(urlsplit(link).query).get("view", ["0,0,1,0,0"])[0].split(",")]


def middle_x(viewer: Viewer) -> float:
    cutout = viewer.cutout()
    _, x = np.nonzero(cutout[: cutout.shape[0] * 3 // 4, :, 3] > 128)
    return float(x.mean())


def drag(viewer: Viewer, right: int, *, button: str = "left") -> None:
    mouse = viewer.page.mouse
    mouse.move(120, 80)
    mouse.down(button="right" if button == "right" else "left")
    mouse.move(120 + right // 2, 80, steps=3)
    mouse.move(120 + right, 80, steps=3)
    mouse.up(button="right" if button == "right" else "left")


@pytest.mark.parametrize("mirror", ["0", "1"])
def test_what_is_dragged_follows_the_hand(server: Server, open_stopped_viewer: OpenViewer, mirror: str) -> None:
    viewer = open_stopped_viewer(server.url, bg="transparent", cam="full", ui="1", mirror=mirror).ready()
    puppet = Puppet(server, viewer)
    viewer.page.add_style_tag(content="#ui { visibility: hidden }")
    before = middle_x(viewer)
    drag(viewer, 60, button="right")
    puppet.show(REST)
    assert middle_x(viewer) - before == pytest.approx(60, abs=6)
    # Turned by the hand to the right: what was in front goes right, so the camera goes to the other side.
    drag(viewer, 60)
    viewer.page.clock.run_for(400)
    yaw, _, zoom, x, _ = view(viewer)
    sign = -1 if mirror == "1" else 1
    assert yaw * sign < -10 and x * sign > 0.1 and zoom == 1
    viewer.page.mouse.dblclick(120, 80)
    viewer.page.clock.run_for(400)
    assert view(viewer) == [0, 0, 1, 0, 0]


def test_look_and_camera_are_remembered(server: Server, open_viewer: OpenViewer) -> None:
    viewer = open_viewer(server.url, ui="1", quality="", size={"width": 900, "height": 420}).ready()
    page = viewer.page
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Night").click()
    page.get_by_label("Outlines").uncheck()
    page.get_by_role("button", name="Mirror the picture").click()
    page.mouse.move(200, 150)
    page.mouse.wheel(0, -300)
    viewer.until("() => localStorage.getItem('vtuber.view:' + vtuber.avatar().url)?.includes('view')")
    zoom = view(viewer)[2]
    assert zoom == pytest.approx(1.1**3, abs=0.01)
    link = page.get_by_label("Address for OBS").input_value()
    assert parse_qs(urlsplit(link).query) | {"view": []} == {
        "view": [], "bg": ["transparent"], "light": ["night"], "outline": ["0"], "mirror": ["1"], "ui": ["0"]
    }  # fmt: skip
    page.reload()
    viewer.ready()
    page.get_by_role("button", name="Settings").click()
    assert page.get_by_label("Address for OBS").input_value() == link
    assert "mirrored" in (page.locator("#stage").get_attribute("class") or "")


def test_settings_change_the_picture(server: Server, open_stopped_viewer: OpenViewer) -> None:
    options = {"bg": "00ff00", "quality": "high", "cam": "full", "ui": "1"}
    viewer = open_stopped_viewer(server.url, size=SMALL, **options).ready()
    puppet = Puppet(server, viewer)
    viewer.page.add_style_tag(content="#ui { visibility: hidden }")

    def shown_after(text: str) -> Picture:
        viewer.page.locator("#settings").get_by_text(text, exact=True).evaluate("element => element.click()")
        return puppet.hold(REST)

    soft = puppet.hold(REST)
    shadowless = shown_after("Shadow on the floor")
    feet = slice(soft.shape[0] * 4 // 5, None)
    assert (soft[feet].sum(axis=2) < shadowless[feet].sum(axis=2) - 20).sum() > 30
    bare = shown_after("Outlines")
    assert 0.001 < touched(shadowless, bare).mean() < 0.2
    night = shown_after("Night")
    ground = (bare == [0, 255, 0]).all(axis=2)
    assert night[~ground].mean() < 0.9 * bare[~ground].mean()
    assert (night[ground] == [0, 255, 0]).all(axis=1).mean() > 0.99  # all but hair that swings


@pytest.mark.parametrize(("fps", "expected"), [("0", 60), ("30", 30), ("24", 24)])
def test_frames_a_second(server: Server, open_stopped_viewer: OpenViewer, fps: str, expected: int) -> None:
    viewer = open_stopped_viewer(server.url, fps=fps, size=TINY).ready()
    viewer.page.clock.pause_at(viewer.ask("Date.now() + 5000") / 1000)
    before = drawn(viewer)
    viewer.page.clock.run_for(1000)
    assert drawn(viewer) - before == pytest.approx(expected, abs=3)


BROKEN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "half.vrm": (lambda vrm: vrm[: len(vrm) // 2], "cut short"),
    "letter.vrm": (lambda _: b"Dear avatar, how are you?\n", "not a VRM file"),
    "letter.txt": (lambda _: b"Dear avatar, how are you?\n", "is no avatar"),
    "bodiless.vrm": (lambda vrm: edited(vrm, without_humanoid), "skeleton"),
    "torn.vrm": (lambda vrm: edited(vrm, without_texture), "a picture in it cannot be read"),
    "lost.vrm": (lambda vrm: edited(vrm, with_lost_texture), "needs another file (lost.png)"),
    "model.vrm": (lambda vrm: edited(vrm, lambda gltf: gltf.pop("extensions")), "no VRM data"),
    "broken.zip": (lambda vrm: b"PK\3\4" + vrm[:500], "cut short"),
    "endless.zip": (lambda _: endless("a.vrm"), ENDLESS),
}


def test_broken_files_leave_the_avatar_alone(server: Server, open_viewer: OpenViewer, vrm: bytes) -> None:
    viewer = open_viewer(server.url, ui="1", size=TINY).ready()
    for name, (spoil, words) in BROKEN.items():
        viewer.drop(name, spoil(vrm))
        viewer.until("name => vtuber.message().includes(name)", name)
        assert words in viewer.message()
        assert viewer.page.locator("#message").text_content() == viewer.message()
        assert viewer.avatar()["url"].endswith("/avatars/default.vrm")
    viewer.errors[:] = [error for error in viewer.errors if "Couldn't load texture" not in error]


def test_without_any_known_name_the_head_still_turns(
    server: Server, open_stopped_viewer: OpenViewer, vrm: bytes
) -> None:
    viewer = open_stopped_viewer(server.url, size=TINY).ready()
    viewer.replaced_by(lambda: viewer.drop("nameless.vrm", edited(vrm, nameless)))
    assert not viewer.avatar()["perfectSync"] and viewer.weight("aa") is None
    puppet = Puppet(server, viewer)
    puppet.show(replace(REST, rotation=rotation.from_yaw_pitch(TURN, 0)), pictures=2)
    forward, _ = viewer.world("head")
    assert np.arcsin(forward[0]) == pytest.approx(TURN, abs=0.02)


def test_face_shows_a_whole_head_whose_eyes_nobody_knows(server: Server, open_viewer: OpenViewer) -> None:
    boxy = shared_file("avatars/vrm/cool_loops.vrm")
    viewer = open_viewer(server.url, cam="face", bg="transparent").ready()
    viewer.replaced_by(lambda: viewer.drop(boxy.name, boxy.read_bytes()))
    drawn_before = drawn(viewer)
    viewer.until("count => vtuber.stats().drawn > count + 1", drawn_before)
    top = viewer.cutout()[..., 3][: viewer.ask("innerHeight") // 2]
    assert not (top[:, [0, -1]] > 0).any() and not (top[0] > 0).any(), "the head is cut"
    assert (top > 200).any()
