"""MMD avatars: a little one of our own, and one that people use, driven and seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vtuber import rotation
from vtuber.pose import REST
from vtuber.server import Server

from .browser import SHARED, OpenViewer
from .golden import FAR_SHARE, MEAN_OFF, POSES, compare, pictures, read
from .make_pmx import FOLDER, cell, make_files, make_model, tube
from .pictures import centre, changed, touched
from .pmx_writer import Mesh, write_pmx
from .puppet import BROWS, Puppet, looking, weights
from .test_viewer_directions import TURN, Case, Model
from .viewer import Picture
from .zips import ENDLESS, endless, zipped

KIZUNA = SHARED / "avatars" / "pmx" / "kizunaai"


def doll(version: float = 2.0) -> bytes:
    return zipped(make_files(write_pmx(make_model(), version)), FOLDER)


def folder_zip(folder: Path) -> bytes:
    return zipped({path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()})


@pytest.fixture(scope="module", params=["doll", "kizunaai"])
def case(request: pytest.FixtureRequest, server: Server, open_stopped_viewer: OpenViewer) -> Iterator[Case]:
    if request.param == "kizunaai" and not SHARED.is_dir():
        pytest.skip("needs avatars/pmx/kizunaai of the test data beside the checkout")
    content = doll() if request.param == "doll" else folder_zip(KIZUNA)
    viewer = open_stopped_viewer(server.url, cam="face", bg="00ff00").ready()
    shown = viewer.replaced_by(lambda: viewer.drop(f"{request.param}.zip", content))
    assert (shown["kind"], shown["url"]) == ("mmd", f"file:{request.param}.zip")
    yield Case(Model(None, "", eyes=True), Puppet(server, viewer))
    viewer.page.close()


def test_head_turns_and_nods(case: Case) -> None:
    case.show(replace(REST, rotation=rotation.from_yaw_pitch(TURN, 0)), lambda x, y: x > 4 and abs(y) < x)
    forward, _ = case.puppet.viewer.world("head")
    assert np.arctan2(forward[0], forward[2]) == pytest.approx(TURN, abs=0.02)
    case.show(replace(REST, rotation=rotation.from_yaw_pitch(0, -TURN)), lambda x, y: y > 3 and abs(x) < y)
    forward, _ = case.puppet.viewer.world("head")
    assert np.arcsin(forward[1]) == pytest.approx(-TURN, abs=0.02)


def test_right_eye_winks_alone(case: Case) -> None:
    right, left = case.eye("Right"), case.eye("Left")
    (right_x, right_y), (left_x, left_y) = centre(right), centre(left)
    between = (right_x + left_x) / 2
    assert left_x - right_x > 20, "the right eye is on the left of the picture"
    assert abs(left_y - right_y) < 0.3 * (left_x - right_x)
    assert not right[:, np.arange(right.shape[1]) > between].any()
    case.puppet.show(weights(eyeBlinkRight=1.0))
    viewer = case.puppet.viewer
    assert [viewer.weight("blinkRight"), viewer.weight("blinkLeft"), viewer.weight("まばたき")] == [1, 0, 0]
    case.puppet.show(weights(eyeBlinkLeft=0.9, eyeBlinkRight=0.9))
    assert viewer.weight("まばたき") == pytest.approx(0.9, abs=0.01)


def test_mouth_opens_below_the_eyes(case: Case) -> None:
    mouth = case.change(REST, weights(jawOpen=0.8))
    x, y = centre(mouth)
    assert x == pytest.approx(mouth.shape[1] / 2, abs=8)
    assert y > centre(case.eye("Left"))[1] + 10
    assert case.puppet.viewer.weight("あ") == pytest.approx(1.0, abs=0.01)


def test_brows_go_up_above_the_eyes(case: Case) -> None:
    (right, _), (left, eyes_y) = centre(case.eye("Right")), centre(case.eye("Left"))
    # Between the eyes and a little beside them: further out long hair still swings.
    face = slice(int(right - 20), int(left + 20))
    brows = touched(case.puppet.hold(REST), case.puppet.next(BROWS))[:, face]
    above = np.arange(len(brows)) < eyes_y - 5
    assert brows[above].sum() > max(12, 0.6 * brows.sum())
    assert case.puppet.viewer.weight("上") == pytest.approx(1.0, abs=0.01)


def test_eyes_look_to_the_left(case: Case) -> None:
    moved = case.change(REST, looking(0.4, 0.0))
    eyes = case.eye("Left") | case.eye("Right")
    assert (moved & eyes).sum() > 0.6 * moved.sum()
    for name in ("leftEye", "rightEye"):
        forward, _ = case.puppet.viewer.world(name)
        assert 0.08 < np.arctan2(forward[0], forward[2]) < 0.25
        assert abs(forward[1]) < 0.01


def test_keys_show_what_no_face_drives(case: Case) -> None:
    viewer = case.puppet.viewer
    name = "おどろき" if viewer.weight("おどろき") is not None else "悲しい"
    for weight in (1, 0):
        viewer.page.keyboard.press("1")
        for _ in range(5):
            case.puppet.show(REST)
        assert viewer.weight(name) == weight


def test_arms_hang_down_from_an_a_pose(case: Case) -> None:
    case.puppet.show(REST)
    bone = case.puppet.viewer.bone("leftUpperArm")
    assert bone is not None
    degrees = np.degrees(2 * np.arctan2(bone[2], bone[3]))
    assert degrees == pytest.approx(-71, abs=4), "against a level arm"


def test_hair_swings_and_comes_to_rest(case: Case) -> None:
    turned = replace(REST, rotation=rotation.from_yaw_pitch(0.6, 0))
    case.puppet.hold(REST)
    case.puppet.show(turned)
    swinging = case.puppet.next(turned)
    for _ in range(12):
        case.puppet.show(turned)
    late, later = case.puppet.next(turned), case.puppet.next(turned)
    moved, calm = (np.abs(a.astype(int) - b.astype(int)).max(axis=2) > 24 for a, b in ((swinging, late), (late, later)))
    assert moved.sum() > 60
    assert calm.sum() < 0.5 * moved.sum()


def column(centre: tuple[float, float, float] | None) -> bytes:
    """The doll with a column over its head that hangs on head and chest by halves; centre: spherically about it."""
    model = make_model()
    points, normals, faces = tube(np.array([[0, 15.9, 0], [0, 14.3, 0]]), np.array([2.0, 2.0]), 24)
    mesh = Mesh(points, normals, cell("cloth", len(points)), faces)
    model.add(mesh, 1, lambda points: [("頭", "上半身2", 0.5)] * len(points), centre)
    return zipped(make_files(write_pmx(model)), FOLDER)


def girth(picture: Picture) -> float:
    """How wide the column is, px: in the mean over the upper part of what is seen."""
    seen = (picture != [0, 255, 0]).any(axis=2)
    rows = np.nonzero(seen.any(axis=1))[0]
    return float(seen[rows[0] + 4 : rows[0] + 12].sum(axis=1).mean())


def test_what_hangs_spherically_keeps_its_girth_when_it_is_twisted(
    server: Server, open_stopped_viewer: OpenViewer
) -> None:
    viewer = open_stopped_viewer(server.url, cam="full", bg="00ff00", quality="high").ready()
    puppet, kept = Puppet(server, viewer), {}
    for name, content in (("linear", column(None)), ("spherical", column((0.0, 15.1, 0.0)))):
        viewer.replaced_by(lambda name=name, content=content: viewer.drop(f"{name}.zip", content))  # type: ignore[misc]
        still, twisted = (puppet.hold(replace(REST, rotation=rotation.from_yaw_pitch(yaw, 0))) for yaw in (0.0, 1.4))
        kept[name] = girth(twisted) / girth(still)
    print(f"girth kept: {kept}")
    assert kept["linear"] < 0.93, "would not tell them apart"
    assert kept["spherical"] == pytest.approx(1.0, abs=0.03)


def test_without_any_known_name_the_head_still_turns(server: Server, open_stopped_viewer: OpenViewer) -> None:
    names: dict[str, str] = {}
    pmx = write_pmx(make_model(), rename=lambda name: names.setdefault(name, f"part {len(names)}"))
    viewer = open_stopped_viewer(server.url, cam="face", bg="00ff00").ready()
    viewer.replaced_by(lambda: viewer.drop("strange.zip", zipped(make_files(pmx), FOLDER)))
    puppet = Puppet(server, viewer)
    still, turned = puppet.hold(REST), puppet.hold(replace(REST, rotation=rotation.from_yaw_pitch(TURN, 0)))
    assert changed(still, turned).sum() > 500
    forward, _ = viewer.world("head")
    assert np.arctan2(forward[0], forward[2]) == pytest.approx(TURN, abs=0.02)


def test_broken_files_are_refused_and_the_old_avatar_stays(server: Server, open_viewer: OpenViewer) -> None:
    viewer = open_viewer(server.url, bg="00ff00").ready()
    viewer.replaced_by(lambda: viewer.drop("doll.zip", doll(version=2.1)))
    pmx = write_pmx(make_model())
    without = {path: content for path, content in make_files().items() if "atlas" not in path}
    spoilt = {**make_files(), "tex/atlas.png": b"no picture"}
    for name, content, said in (
        ("half.zip", zipped(make_files(pmx[: len(pmx) // 2])), "cut short"),
        ("tail.pmx", pmx[:-7], "cut short"),
        ("letter.zip", zipped({"letter.pmx": b"Dear avatar, how are you?"}), "not a PMX"),
        ("old.zip", zipped({"old.pmx": b"Pmd" + bytes(400)}), "PMD"),
        ("alone.pmx", pmx, "ATLAS.PNG"),
        ("without.zip", zipped(without), "ATLAS.PNG"),
        ("spoilt.zip", zipped(spoilt), "cannot be read"),
        ("noise.zip", zipped({"noise.pmx": pmx[:400] + bytes(range(256)) * 40}), "damaged"),
        ("endless.zip", endless("a.pmx"), ENDLESS),
    ):
        viewer.drop(name, content)
        viewer.until("name => vtuber.message().startsWith(name)", name)
        assert said in viewer.message()
        assert viewer.avatar()["url"] == "file:doll.zip"
    assert (viewer.picture() != [0, 255, 0]).any(axis=2).mean() > 0.1, "the old avatar is gone"


def test_nothing_is_left_on_the_graphics_card(server: Server, open_viewer: OpenViewer) -> None:
    viewer = open_viewer(server.url).ready()
    content = doll()
    held = []
    for i in range(4):
        viewer.replaced_by(lambda name=f"doll{i}.zip": viewer.drop(name, content))  # type: ignore[misc]
        viewer.picture()
        held.append(viewer.ask("vtuber.stats().resources"))
    assert held[1] == held[2] == held[3]
    assert held[0]["geometries"] < 12


@pytest.mark.parametrize("name", ["doll"])
def test_it_looks_as_it_should(server: Server, open_stopped_viewer: OpenViewer, name: str) -> None:
    shown = pictures(server, open_stopped_viewer, name)
    for pose in POSES:
        off = compare(shown[pose], read(f"{name}_{pose}"))
        assert off["mean"] < MEAN_OFF and off["far"] < FAR_SHARE, (pose, off)
    apart = compare(shown["neutral"], shown["strong"])
    assert apart["mean"] > 3 * MEAN_OFF, "the goldens would not tell the poses apart"
