"""Picture avatars, in layers and whole, driven and seen."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from vtuber import rotation
from vtuber.pose import REST
from vtuber.server import Server

from .browser import OpenViewer
from .golden import FAR_SHARE, MEAN_OFF, POSES, compare, pictures, read
from .make_pictures import make_set, make_whole_set
from .pictures import centre, touched
from .puppet import BROWS, Puppet, looking, weights
from .test_viewer_directions import TURN, Case, Model
from .viewer import Picture
from .zips import ENDLESS, endless, zipped

SMALL = 240


@pytest.fixture(scope="module")
def layers() -> dict[str, bytes]:
    return make_set(SMALL)


@pytest.fixture(scope="module")
def case(layers: dict[str, bytes], server: Server, open_stopped_viewer: OpenViewer) -> Iterator[Case]:
    viewer = open_stopped_viewer(server.url, cam="bust", bg="00ff00").ready()
    calm = {**layers, "picture.json": b'{"bounce": 0}'}
    shown = viewer.replaced_by(lambda: viewer.drop("girl.zip", zipped(calm, "girl/")))
    assert (shown["kind"], shown["name"]) == ("picture", "girl")
    yield Case(Model(None, "", eyes=False), Puppet(server, viewer))
    viewer.page.close()


def test_head_turns_nods_and_tilts(case: Case) -> None:
    case.show(replace(REST, rotation=rotation.from_yaw_pitch(TURN, 0)), lambda x, y: x > 3 and abs(y) < x)
    forward, _ = case.puppet.viewer.world("head")
    assert np.arctan2(forward[0], forward[2]) == pytest.approx(TURN, abs=0.02)
    case.show(replace(REST, rotation=rotation.from_yaw_pitch(0, -TURN)), lambda x, y: y > 2 and abs(x) < y)
    # Counter-clockwise in the picture: the crown, and the face with it, goes to the left.
    case.show(replace(REST, rotation=rotation.exp(np.array([0.0, 0.0, TURN]))), lambda x, y: x < -4)


def test_right_eye_winks_alone_though_both_are_in_one_picture(case: Case) -> None:
    right, left = case.eye("Right"), case.eye("Left")
    (right_x, right_y), (left_x, left_y) = centre(right), centre(left)
    assert left_x - right_x > 20, "the right eye is on the left of the picture"
    assert abs(left_y - right_y) < 0.3 * (left_x - right_x)
    assert not right[:, np.arange(right.shape[1]) > (right_x + left_x) / 2].any()
    viewer = case.puppet.viewer
    case.puppet.show(weights(eyeBlinkRight=1.0))
    assert [viewer.weight("blinkRight"), viewer.weight("blinkLeft")] == [1, 0]
    assert viewer.weight("girl/eyes_closed.png") == 0.5, "one half of two is shown"
    case.puppet.show(weights(eyeBlinkLeft=0.45, eyeBlinkRight=0.45))
    assert viewer.weight("girl/eyes_half.png") == 1


def test_mouth_opens_in_steps_below_the_eyes(case: Case) -> None:
    mouth = case.change(REST, weights(jawOpen=0.7))
    x, y = centre(mouth)
    assert x == pytest.approx(mouth.shape[1] / 2, abs=8)
    assert y > centre(case.eye("Left"))[1] + 10
    shown = []
    for opening in (0.0, 0.22, 0.7):
        case.puppet.show(weights(jawOpen=opening))
        shown.append([case.puppet.viewer.weight(f"girl/mouth_{state}.png") for state in ("closed", "half", "open")])
    assert shown == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    case.puppet.show(weights(mouthSmileLeft=0.95, mouthSmileRight=0.95))
    assert case.puppet.viewer.weight("girl/mouth_smile.png") == 1


def test_brows_go_up(case: Case) -> None:
    brows = touched(case.puppet.hold(REST), case.puppet.next(BROWS))
    above = np.arange(len(brows)) < centre(case.eye("Left"))[1] - 5
    assert brows[above].sum() > max(40, 0.6 * brows.sum())


def test_irises_look_to_the_left_and_stay_within_the_eyes(case: Case) -> None:
    moved = case.change(REST, looking(0.45, 0.0))
    eyes = case.eye("Left") | case.eye("Right")
    assert moved.sum() > 20
    assert (moved & eyes).sum() > 0.8 * moved.sum()


def test_it_hops_as_it_begins_to_speak_and_comes_down_again(
    server: Server, open_stopped_viewer: OpenViewer, layers: dict[str, bytes]
) -> None:
    viewer = open_stopped_viewer(server.url, bg="00ff00").ready()
    viewer.replaced_by(lambda: viewer.drop("girl.zip", zipped(layers)))
    puppet = Puppet(server, viewer)

    def top(picture: Picture) -> int:
        return int(np.nonzero((picture != [0, 255, 0]).any(axis=2).any(axis=1))[0][0])

    still = top(puppet.hold(REST))
    tops = [top(puppet.next(weights(jawOpen=0.7))) for _ in range(8)]
    assert min(tops) <= still - 10
    assert tops[-1] == pytest.approx(still, abs=5), "breath is all that is left"


@pytest.mark.parametrize(
    "names",
    [
        ("idle.png", "talking.png", "blink.png", "talking_blink.png"),
        ("EyesOpenMouthClosed.png", "EyesOpenMouthOpen.png", "EyesClosedMouthClosed.png", "EyesClosedMouthOpen.png"),
        (
            "closed mouth, open eyes.png",
            "open mouth, open eyes.png",
            "closed mouth, closed eyes.png",
            "open mouth, closed eyes.png",
        ),
    ],
    ids=["words", "parts", "states_first"],
)
def test_whole_pictures_by_the_names_that_people_give_them(
    server: Server, open_stopped_viewer: OpenViewer, names: tuple[str, ...]
) -> None:
    files = dict(zip(names, make_whole_set(120).values(), strict=True))
    viewer = open_stopped_viewer(server.url, bg="00ff00").ready()
    viewer.replaced_by(lambda: viewer.drop("four.zip", zipped(files)))
    puppet = Puppet(server, viewer)
    shut = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
    for name, pose in zip(
        names, (REST, weights(jawOpen=0.7), weights(**shut), weights(jawOpen=0.7, **shut)), strict=True
    ):
        puppet.show(pose)
        assert [viewer.weight(other) for other in names] == [float(other == name) for other in names]


def test_one_picture_of_any_name_still_turns_its_head(server: Server, open_stopped_viewer: OpenViewer) -> None:
    viewer = open_stopped_viewer(server.url, bg="00ff00").ready()
    viewer.replaced_by(lambda: viewer.drop("IMG_20231104.png", make_whole_set(120)["idle.png"]))
    puppet = Puppet(server, viewer)
    still = puppet.hold(REST)
    turned = puppet.hold(replace(REST, rotation=rotation.exp(np.array([0.0, 0.0, 0.4]))))
    assert (np.abs(still.astype(int) - turned.astype(int)).max(axis=2) > 24).mean() > 0.03


def endless_png() -> bytes:
    """A PNG of some bytes that says to be 60,000 points wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def test_broken_files_are_refused_and_the_old_avatar_stays(
    server: Server, open_viewer: OpenViewer, layers: dict[str, bytes]
) -> None:
    viewer = open_viewer(server.url, bg="00ff00").ready()
    viewer.replaced_by(lambda: viewer.drop("girl.zip", zipped(layers)))
    named = b'{"layers": [{"file": "body.png"}, {"file": "tail.png"}]}'
    for name, content, said in (
        ("half.zip", zipped(layers)[:-200], "cut short"),
        ("torn.zip", zipped({**layers, "head.png": layers["head.png"][:60]}), "head.png cannot be read"),
        ("letter.png", b"\x89PNG, dear avatar", "cannot be read"),
        ("endless.zip", endless("body.png"), ENDLESS),
        ("huge.zip", zipped({"body.png": endless_png()}), "too large"),
        ("named.zip", zipped({**layers, "picture.json": named}), "tail.png"),
        ("comma.zip", zipped({**layers, "picture.json": b"{,}"}), "no JSON"),
        ("leg.zip", zipped({**layers, "picture.json": b'{"layers":[{"file":"body.png","part":"leg"}]}'}), "leg"),
    ):
        viewer.drop(name, content)
        viewer.until("name => vtuber.message().startsWith(name)", name)
        assert said in viewer.message()
        assert viewer.avatar()["url"] == "file:girl.zip"
    assert (viewer.picture() != [0, 255, 0]).any(axis=2).mean() > 0.1, "the old avatar is gone"


def test_nothing_is_left_on_the_graphics_card(
    server: Server, open_viewer: OpenViewer, layers: dict[str, bytes]
) -> None:
    viewer = open_viewer(server.url).ready()
    content = zipped(layers)
    held = []
    for i in range(4):
        viewer.replaced_by(lambda name=f"girl{i}.zip": viewer.drop(name, content))  # type: ignore[misc]
        viewer.picture()
        held.append(viewer.ask("vtuber.stats().resources"))
    for what in ("geometries", "textures", "programs"):
        counts = [now[what] for now in held]
        # A layer that no blink or word has shown yet is not on the card: one avatar holds so many, or some fewer.
        assert max(counts) < 1.5 * len(layers), (what, counts)
        assert min(counts) > 0.4 * len(layers) or what == "programs", (what, counts)


@pytest.mark.parametrize("name", ["layers", "whole"])
def test_it_looks_as_it_should(server: Server, open_stopped_viewer: OpenViewer, name: str) -> None:
    shown = pictures(server, open_stopped_viewer, name)
    for pose in POSES:
        off = compare(shown[pose], read(f"{name}_{pose}"))
        assert off["mean"] < MEAN_OFF and off["far"] < FAR_SHARE, (pose, off)
    apart = compare(shown["neutral"], shown["strong"])
    assert apart["mean"] > 3 * MEAN_OFF, "the goldens would not tell the poses apart"
