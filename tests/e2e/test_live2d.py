"""Live2D avatars in the real page: a model of the tests' own, and a maker's where the test data has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from live2d import core
from live2d_model import NAME, files, model, zipped

from vtuber import live2d_core, rotation
from vtuber.pose import REST
from vtuber.server import Server

from .browser import OpenViewer
from .live2d_stage import GOLDEN, GOLDENS, RIGS, Case, apart, state_of, zip_of
from .pictures import Mask, centre, changed, shift
from .puppet import BROWS, looking, weights
from .viewer import Picture
from .zips import ENDLESS, endless

TURN = 0.25
"""Radians."""
ARMS = (220, 150, 60)
"""The colour of the crossed arms of our own model."""
DRIVEN = ("ParamAngle", "ParamBodyAngle", "ParamEye", "ParamBrow", "ParamMouth", "ParamBreath")
SWUNG = ("ParamHair", "ParamSideup", "ParamRibbon", "ParamSkirt", "ParamBust", "Param_Angle_Rotation")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The user's data folder, with the Core in it."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("platformdirs.user_data_path", lambda name: folder)
        live2d_core.keep(core())
        (folder / "avatars").mkdir()
        (folder / "avatars" / "own.zip").write_bytes(zip_of(RIGS["own"]))
        yield folder


@pytest.fixture(scope="module")
def live2d_server(built: Path, data: Path) -> Iterator[Server]:
    server = Server(port=0, source="a test")
    yield server
    server.close()


@pytest.fixture(scope="module", params=RIGS)
def case(request: pytest.FixtureRequest, live2d_server: Server, open_stopped_viewer: OpenViewer) -> Iterator[Case]:
    case = Case(RIGS[request.param], live2d_server, open_stopped_viewer)
    yield case
    case.viewer.page.close()


def test_it_is_what_its_files_say(case: Case) -> None:
    avatar = case.viewer.avatar()
    assert (avatar["kind"], avatar["perfectSync"]) == ("live2d", False)
    assert avatar["name"] == (NAME if case.rig.file is None else "hiyori_pro_t10")
    names = {one["name"] for one in case.parameters().values()}
    assert ("頬の赤み" if case.rig.file is None else "Eye L Open") in names


def test_what_nobody_drives_keeps_its_default(case: Case) -> None:
    case.puppet.hold(replace(weights(jawOpen=0.5), rotation=rotation.from_yaw_pitch(TURN, TURN)))
    free = [one for name, one in case.parameters().items() if not name.startswith(DRIVEN + SWUNG)]
    assert len(free) >= 2
    assert [one["value"] for one in free] == [one["default"] for one in free]
    assert any(one["default"] != 0 for one in free) or case.rig.file is not None


@pytest.mark.parametrize("sign", [1, -1], ids=["left", "right"])
def test_turning(case: Case, sign: int) -> None:
    after = case.puppet.hold(replace(REST, rotation=rotation.from_yaw_pitch(sign * TURN, 0)))
    assert case.value("ParamAngleX") == pytest.approx(sign * np.degrees(TURN), abs=0.2)
    assert case.value("ParamAngleY") == pytest.approx(0, abs=0.2)
    forward, _ = case.viewer.world("head")
    assert np.arctan2(forward[0], forward[2]) == pytest.approx(sign * TURN, abs=0.02)
    x, y = shift(case.rest, after, case.face())
    assert sign * x > 2 and abs(y) < sign * x


@pytest.mark.parametrize("sign", [1, -1], ids=["up", "down"])
def test_nodding(case: Case, sign: int) -> None:
    after = case.puppet.hold(replace(REST, rotation=rotation.from_yaw_pitch(0, sign * TURN)))
    assert case.value("ParamAngleY") == pytest.approx(sign * np.degrees(TURN), abs=0.2)
    x, y = shift(case.rest, after, case.face())
    assert -sign * y > 1 and abs(x) < -sign * y


def test_tilting(case: Case) -> None:
    # Positive about z: the picture's counter-clockwise, so the left eye, on the right of the screen, goes up.
    tilted = replace(REST, rotation=rotation.exp(np.array([0.0, 0.0, TURN])))
    case.puppet.show(tilted)
    assert case.value("ParamAngleZ") == pytest.approx(-np.degrees(TURN), abs=0.2)
    shut = {side: replace(weights(**{f"eyeBlink{side}": 1.0}), rotation=tilted.rotation) for side in ("Left", "Right")}
    (_, left_y), (_, right_y) = (centre(case.change(shut[side], tilted)) for side in ("Left", "Right"))
    assert right_y - left_y > 5


def test_a_wink_of_the_right_eye_alone(case: Case) -> None:
    right, left = case.lid("Right"), case.lid("Left")
    case.puppet.show(weights(eyeBlinkRight=1.0))
    assert (case.value("ParamEyeROpen"), case.value("ParamEyeLOpen")) == (0, 1)
    assert case.viewer.weight("eyeBlinkRight") == 1
    case.puppet.show(weights(eyeBlinkLeft=1.0))
    assert (case.value("ParamEyeROpen"), case.value("ParamEyeLOpen")) == (1, 0)
    (left_x, left_y), (right_x, right_y) = centre(left), centre(right)
    assert left_x - right_x > 20 and abs(left_y - right_y) < 5
    columns = np.arange(right.shape[1])
    assert not right[:, columns > (left_x + right_x) / 2].any()
    assert not left[:, columns < (left_x + right_x) / 2].any()


def test_wide_eyes_use_all_that_the_model_has(case: Case) -> None:
    wide = case.fine_change(weights(eyeWideLeft=1.0, eyeWideRight=1.0))
    assert case.parameters()["ParamEyeLOpen"]["maximum"] == pytest.approx(1.2)
    assert case.value("ParamEyeLOpen") == pytest.approx(1.2)
    assert wide.sum() > 5


def test_mouth_and_brows(case: Case) -> None:
    mouth = case.change(weights(jawOpen=0.7))
    assert case.value("ParamMouthOpenY") == 1
    x, y = centre(mouth)
    lids = case.lid("Left") | case.lid("Right")
    eyes_x, eyes_y = centre(lids)
    assert y > eyes_y + 10 and x == pytest.approx(eyes_x, abs=8)
    assert not (mouth & lids).any()
    brows = case.fine_change(BROWS)
    assert case.value("ParamBrowLY") == case.value("ParamBrowRY") == 1
    assert centre(brows)[1] < eyes_y - 3


@pytest.mark.parametrize("way, x, y", [((0.3, 0.0), 1, 0), ((0.0, -0.2), 0, 1)], ids=["left", "down"])
def test_gaze(case: Case, way: tuple[float, float], x: int, y: int) -> None:
    lids = case.lid("Left"), case.lid("Right")
    before, after = case.puppet.hold(REST), case.puppet.next(looking(*way))
    assert case.value("ParamEyeBallX") == pytest.approx(way[0] / 0.5236, abs=0.02)
    assert case.value("ParamEyeBallY") == pytest.approx(way[1] / 0.5236, abs=0.02)
    for eye in lids:
        moved_x, moved_y = shift(before, after, eye)
        along, across = (moved_x * x, moved_y) if x else (moved_y * y, moved_x)
        assert along >= 1 and abs(across) <= along, (moved_x, moved_y)


def test_hair_swings_and_comes_to_rest(case: Case) -> None:
    puppet, turned = case.puppet, replace(REST, rotation=rotation.from_yaw_pitch(0.5, 0))
    puppet.hold(REST)
    still = case.value(case.rig.hair)
    swung = []
    for _ in range(12):
        puppet.show_state(state_of(turned), step_ms=50)
        swung.append(case.value(case.rig.hair) - still)
    full = case.parameters()[case.rig.hair]
    assert max(map(abs, swung)) > 0.1 * (full["maximum"] - full["minimum"])
    assert len({round(value, 3) for value in swung}) > 6
    for _ in range(8):
        puppet.show(turned, pictures=4)
    rest = case.value(case.rig.hair)
    puppet.show(turned)
    assert abs(case.value(case.rig.hair) - rest) < 0.02 * (full["maximum"] - full["minimum"])


@pytest.mark.parametrize("name", GOLDENS)
def test_our_own_model_looks_as_it_did(case: Case, name: str) -> None:
    if case.rig.file is not None:
        pytest.skip("pictures of somebody else's model are not kept")
    golden = cv2.imread(str(GOLDEN / f"{name}.png"))
    assert golden is not None
    assert apart(golden[..., ::-1].astype(np.uint8), case.puppet.hold(GOLDENS[name])) < 0.02


@pytest.mark.parametrize("name", RIGS)
def test_arms_show_once(name: str, live2d_server: Server, open_stopped_viewer: OpenViewer) -> None:
    """With its pose the model has one pair of arms; without the file, both."""
    once, twice = (
        Case(RIGS[name], live2d_server, open_stopped_viewer, zip_of(RIGS[name], leave_out), cam="full").rest
        for leave_out in ("nothing", "pose3")
    )
    assert changed(once, twice).any()
    if name == "own":
        assert not coloured(once, ARMS).any()
        assert coloured(twice, ARMS).sum() > 50


def coloured(picture: Picture, colour: tuple[int, int, int]) -> Mask:
    return np.asarray(np.abs(picture.astype(int) - colour).max(axis=2) < 12)


# --- without the Core, and what is broken ----------------------------------------------------------------------------


def test_the_core_is_dropped_on_the_page(
    built: Path, open_viewer: OpenViewer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: tmp_path)
    server = Server(port=0, source="a test")
    try:
        viewer = open_viewer(server.url, ui="1").ready()
        old = viewer.avatar()["url"]
        viewer.drop("momo.zip", zip_of(RIGS["own"]))
        viewer.until("() => vtuber.message() !== ''")
        lines = viewer.message().split("\n")
        assert len(lines) == 3 and lines[0].startswith("momo.zip is a Live2D avatar")
        assert "live2d.com/en/sdk/download/web" in lines[1] and "vtuber live2d-core FILE.zip" in lines[2]
        assert viewer.avatar()["url"] == old
        # The browser's own words for a Core that is not there.
        assert viewer.errors and all(live2d_core.NAME in error for error in viewer.errors), viewer.errors
        viewer.errors.clear()
        # What waited for it comes by itself.
        viewer.replaced_by(lambda: viewer.drop("CubismSdkForWeb.zip", zipped({f"Sdk/Core/{live2d_core.NAME}": core()})))
        assert viewer.avatar()["kind"] == "live2d"
        assert live2d_core.path() is not None
    finally:
        server.close()


def broken_models() -> dict[str, tuple[bytes, str]]:
    """What is wrong with it -> the zip, and what the page says."""
    whole = files()
    moc = f"{NAME}/{NAME}.moc3"
    picture = f"{NAME}/画像/texture_00.png"

    def with_one(path: str, content: bytes | None) -> bytes:
        changed = {name: data for name, data in {**whole, path: content}.items() if data is not None}
        return zipped(changed)

    return {
        "truncated moc": (with_one(moc, whole[moc][:5000]), "cut short or broken"),
        "moc of nonsense": (with_one(moc, b"MOC3\x01\0" + b"\x7f" * 9000), "cut short or broken"),
        "moc that is none": (with_one(moc, b"hello"), "is no Live2D model"),
        "newer moc": (with_one(moc, model(version=6)), "is of Cubism 5.3, and your Live2D Core reads models up to 5.0"),
        "no moc": (with_one(moc, None), f"lacks its model, {moc}"),
        "settings without moc": (with_one(f"{NAME}/{NAME}.model3.json", b"{}"), "names no .moc3 file"),
        "no texture": (with_one(picture, None), f"lacks its texture {picture}"),
        "broken texture": (with_one(picture, whole[picture][:100]), f"its texture {picture} cannot be read"),
        "endless zip": (endless(f"{NAME}.model3.json"), ENDLESS),
        "truncated zip": (zipped(whole)[:-300], "cut short"),
        "broken settings": (with_one(f"{NAME}/{NAME}.model3.json", b'{"Version": 3,'), "cannot be read"),
    }


def test_broken_models_leave_the_old_avatar(live2d_server: Server, open_viewer: OpenViewer) -> None:
    viewer = open_viewer(live2d_server.url, model="own").ready()
    assert viewer.avatar()["kind"] == "live2d"
    old = viewer.avatar()["url"]
    for number, (what, (content, said)) in enumerate(broken_models().items()):
        name = f"{number}.zip"
        viewer.drop(name, content)
        viewer.until("name => vtuber.message().startsWith(name)", name)
        message = viewer.message()
        assert said in message and message.count("\n") == 0, f"{what}: {message}"
        assert viewer.avatar()["url"] == old, what


def test_a_model_without_its_extras_is_shown(live2d_server: Server, open_viewer: OpenViewer) -> None:
    viewer = open_viewer(live2d_server.url, model="own").ready()
    bare = {
        path: b"nonsense" if path.endswith(("physics3.json", "exp3.json")) else data for path, data in files().items()
    }
    bare = {path: data for path, data in bare.items() if not path.endswith((".motion3.json", ".cdi3.json"))}
    viewer.replaced_by(lambda: viewer.drop("bare.zip", zipped(bare)))
    assert viewer.avatar()["kind"] == "live2d"


def test_nothing_is_left_on_the_graphics_card(live2d_server: Server, open_viewer: OpenViewer) -> None:
    viewer = open_viewer(live2d_server.url, model="own").ready()
    held = []
    for i in range(4):
        viewer.replaced_by(lambda i=i: viewer.drop(f"model{i}.zip", zip_of(RIGS["own"])))
        viewer.until("n => vtuber.stats().drawn > n + 2", viewer.ask("vtuber.stats().drawn"))
        held.append(viewer.ask("vtuber.stats().resources"))
    # What no blink has hidden or shown yet is not on the card: one or two drawables of the eyes.
    geometries = [now["geometries"] for now in held]
    assert min(geometries) >= 16 and max(geometries) - min(geometries) <= 2, geometries
    assert held[0]["textures"] >= 2
    assert {(now["textures"], now["programs"]) for now in held} == {(held[0]["textures"], held[0]["programs"])}


def test_keys_show_the_expressions(live2d_server: Server, open_stopped_viewer: OpenViewer) -> None:
    case = Case(RIGS["own"], live2d_server, open_stopped_viewer)
    assert case.value("ParamBlush") == 0.25
    case.viewer.page.keyboard.press("1")
    case.puppet.show(REST, pictures=4)
    assert case.value("ParamBlush") == 1 and case.viewer.weight("照れ") == 1
    assert changed(case.rest, case.viewer.picture()).any()
    case.viewer.page.keyboard.press("1")
    case.puppet.show(REST, pictures=12)
    assert case.value("ParamBlush") == 0.25


def test_the_idle_motion_comes_when_nobody_is_there(live2d_server: Server, open_stopped_viewer: OpenViewer) -> None:
    case = Case(RIGS["own"], live2d_server, open_stopped_viewer, cam="full")
    assert case.value("ParamArmLA") == -3 and not coloured(case.rest, ARMS).any()
    for _ in range(40):
        case.puppet.show(REST, tracking="lost")
    assert case.value("ParamArmLA") == pytest.approx(8, abs=0.01)
    crossed = case.viewer.picture()
    assert coloured(crossed, ARMS).sum() > 50
    for _ in range(20):
        case.puppet.show(REST)
    assert case.value("ParamArmLA") == -3 and not coloured(case.viewer.picture(), ARMS).any()


def test_a_model_without_the_expected_names_still_turns(live2d_server: Server, open_stopped_viewer: OpenViewer) -> None:
    renamed = {
        path: data.replace(b"Param", b"Other") if path.endswith(".moc3") else data for path, data in files().items()
    }
    case = Case(RIGS["own"], live2d_server, open_stopped_viewer, zipped(renamed))
    assert all(name.startswith("Other") for name in case.parameters())
    for turned in (rotation.from_yaw_pitch(0.5, 0), rotation.exp(np.array([0.0, 0.0, 0.5]))):
        assert case.change(replace(REST, rotation=turned)).sum() > 200
    case.puppet.show(replace(REST, rotation=rotation.from_yaw_pitch(0.5, 0)))
    forward, _ = case.viewer.world("head")
    assert forward[0] > 0.15
