"""The page's options, its files and its manners."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vtuber.pose import REST
from vtuber.server import Server

from .browser import SIZE, OpenViewer, shared_file
from .pictures import changed
from .puppet import Puppet, weights
from .viewer import Picture, Viewer

TALL = {"width": 300, "height": 360}


@pytest.fixture(scope="module")
def vrm(built: Path) -> bytes:
    return (built / "avatars" / "default.vrm").read_bytes()


def corners(picture: Picture) -> Picture:
    return picture[[0, 0, -1, -1], [0, -1, 0, -1]]


def middle(picture: Picture) -> Picture:
    height, width, _ = picture.shape
    return picture[height * 2 // 5 : height * 3 // 5, width * 9 // 20 : width * 11 // 20]


def test_transparent_ground(server: Server, open_viewer: OpenViewer) -> None:
    for quality in ("low", "high"):
        cutout = open_viewer(server.url, bg="transparent", cam="full", quality=quality).ready().cutout()
        assert (corners(cutout)[:, 3] == 0).all()
        head = cutout[: cutout.shape[0] // 2]
        assert (head[..., 3] == 255).sum() > 500
        # Where the edge is smoothed, its colour must be the avatar's own and not mixed with black.
        edge = head[(head[..., 3] > 60) & (head[..., 3] < 200)]
        inside = head[head[..., 3] == 255]
        if len(edge) > 50:
            assert np.median(edge[:, :3]) > 0.5 * np.median(inside[:, :3])


@pytest.mark.parametrize("bg", ["#ff0000", "ff0000"])
def test_plain_ground(server: Server, open_viewer: OpenViewer, bg: str) -> None:
    picture = open_viewer(server.url, bg=bg, cam="full").ready().picture()
    assert (corners(picture) == [255, 0, 0]).all()


def test_without_options_the_ground_is_a_soft_gradient(server: Server, open_viewer: OpenViewer) -> None:
    picture = open_viewer(server.url, cam="full").ready().picture().astype(int)
    assert corners(picture).min() > 120
    ground = picture[:, 3]
    assert 0 < np.abs(np.diff(ground, axis=0)).max() < 12
    assert np.ptp(ground, axis=0).max() > 5


def extent(viewer: Viewer) -> tuple[int, int, Picture]:
    """The avatar's first and last row, and the picture."""
    cutout = viewer.cutout()
    rows = np.nonzero((cutout[..., 3] > 128).any(axis=1))[0]
    return int(rows[0]), int(rows[-1]), cutout


def eyes_apart(server: Server, viewer: Viewer) -> tuple[float, float]:
    """How far apart the eyes are, and how high they sit, both as shares of the picture's height."""
    puppet = Puppet(server, viewer)
    ends = []
    for shape in ("eyeBlinkLeft", "eyeBlinkRight"):
        y, x = np.nonzero(changed(puppet.hold(REST), puppet.next(weights(**{shape: 1.0}))))
        ends.append((x.mean(), y.mean()))
    (left_x, left_y), (right_x, right_y) = ends
    height = viewer.picture().shape[0]
    return (left_x - right_x) / height, 1 - (left_y + right_y) / 2 / height


@pytest.mark.parametrize("size", [SIZE, TALL], ids=["wide", "tall"])
def test_full_shows_all_from_head_to_feet(server: Server, open_viewer: OpenViewer, size: dict[str, int]) -> None:
    first, last, cutout = extent(open_viewer(server.url, cam="full", bg="transparent", size=size).ready())
    height = cutout.shape[0]
    assert 0 < first < 0.3 * height
    assert 0.7 * height < last < height - 1


def test_bust_and_face_come_nearer(server: Server, open_stopped_viewer: OpenViewer) -> None:
    views = {}
    for camera in ("bust", "face"):
        viewer = open_stopped_viewer(server.url, cam=camera, bg="transparent").ready()
        first, last, cutout = extent(viewer)
        assert first < 0.15 * cutout.shape[0], "room above the head is lost"
        assert last == cutout.shape[0] - 1, "the avatar ends above the picture's lower edge"
        views[camera] = eyes_apart(server, viewer)
        assert 0.25 < views[camera][1] < 0.75
    assert views["face"][0] > 1.15 * views["bust"][0]


def test_model_by_name_and_by_address(server: Server, open_viewer: OpenViewer) -> None:
    for model in ("default", "/avatars/default.vrm", f"{server.url}avatars/default.vrm"):
        viewer = open_viewer(server.url, model=model).ready()
        assert viewer.avatar()["url"] == f"{server.url}avatars/default.vrm"


def test_unknown_options_are_named_and_passed_over(server: Server, open_viewer: OpenViewer) -> None:
    strange = {"cam": "moon", "bg": "nice", "quality": "ultra", "mirror": "maybe", "frills": "9", "ui": "2"}
    viewer = open_viewer(server.url, **strange).ready()
    assert viewer.avatar()["metaVersion"] == "1"
    assert viewer.message()
    assert len(np.unique(middle(viewer.picture()).reshape(-1, 3), axis=0)) > 3


def test_models_from_elsewhere_are_refused(server: Server, open_viewer: OpenViewer) -> None:
    viewer = open_viewer(server.url, model="http://127.0.0.1:9/evil.vrm").ready()
    assert viewer.avatar()["url"] == f"{server.url}avatars/default.vrm"
    assert "not on this server" in viewer.message()


def test_dropped_files(server: Server, open_viewer: OpenViewer, vrm: bytes) -> None:
    viewer = open_viewer(server.url, bg="00ff00", ui="1").ready()

    assert viewer.replaced_by(lambda: viewer.drop("mine.vrm", vrm))["url"] == "file:mine.vrm"

    for name, content in (
        ("letter.vrm", b"Dear avatar, how are you?\n"),
        ("half.vrm", vrm[: len(vrm) // 2]),
        ("empty.vrm", b""),
        ("noise.vrm", vrm[:20] + bytes(2000)),
    ):
        viewer.drop(name, content)
        viewer.until("name => vtuber.message().includes(name)", name)
        assert "\n" not in viewer.message()
        assert viewer.page.locator("#message").inner_text() == viewer.message()
        assert viewer.avatar()["url"] == "file:mine.vrm"
        assert not (middle(viewer.picture()) == [0, 255, 0]).all(axis=2).any(), "the old avatar is gone"

    assert viewer.replaced_by(lambda: viewer.drop("again.vrm", vrm))["url"] == "file:again.vrm"


def test_dropped_avatar_takes_the_place_of_the_old(server: Server, open_viewer: OpenViewer) -> None:
    robot = shared_file("avatars/vrm/debug_robot.vrm")
    viewer = open_viewer(server.url, bg="00ff00").ready()
    shown = viewer.picture()
    viewer.replaced_by(lambda: viewer.drop(robot.name, robot.read_bytes()))
    assert changed(shown, viewer.picture()).mean() > 0.1
