"""`vtuber calibrate camera`: boards seen through a known camera, distorted, blurred, noisy; and what goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from boards import Lens, film, places, spoiled
from test_cli import ROOT, refused, vtuber

from calibration import bundle, camera, printed
from calibration.board import Board, Sighting, parse
from calibration.sightings import Sightings
from calibration.views import Views
from vtuber import profile
from vtuber.profile import Profile
from vtuber.sources import demo
from vtuber.stages import Image, VTuberError

SIZE = (480, 360)
CAMERA = np.array([[445.0, 0.0, 244.0], [0.0, 450.0, 174.0], [0.0, 0.0, 1.0]])
DISTORTION = np.array([-0.12, 0.05, 0.001, -0.0008, 0.0])
BOARDS = {kind: parse(kind) for kind in ("charuco", "chessboard")}


@pytest.fixture(scope="module")
def lens() -> Lens:
    return Lens(CAMERA, DISTORTION, SIZE)


@pytest.fixture(scope="module")
def films(lens: Lens) -> dict[str, list[Image]]:
    return {kind: film(board, lens) for kind, board in BOARDS.items()}


@pytest.fixture(scope="module")
def folder(films: dict[str, list[Image]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pictures of the ChArUco board as files."""
    made = tmp_path_factory.mktemp("board")
    for i, picture in enumerate(films["charuco"]):
        cv2.imwrite(str(made / f"{i:02}.png"), picture)
    return made


def seen_in(pictures: list[Image], board: Board, size: tuple[int, int] = SIZE) -> Sightings:
    seen = Sightings(board, size)
    for picture in pictures:
        seen.add(board.find(picture))
    return seen


# --- truth -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["charuco", "chessboard"])
def test_a_known_camera_is_found(kind: str, films: dict[str, list[Image]]) -> None:
    found = camera.fit(seen_in(films[kind], BOARDS[kind]))
    matrix = np.array(found.camera.matrix)
    assert matrix[0, 0] == pytest.approx(CAMERA[0, 0], rel=0.005)
    assert matrix[1, 1] == pytest.approx(CAMERA[1, 1], rel=0.005)
    np.testing.assert_allclose(matrix[:2, 2], CAMERA[:2, 2], atol=1.5)
    np.testing.assert_allclose(found.camera.distortion[:2], DISTORTION[:2], atol=0.03)
    assert found.error_px < 0.3 and found.focal_spread < 0.005
    assert found.camera.size == SIZE


def test_a_few_spoiled_pictures_are_left_out(films: dict[str, list[Image]]) -> None:
    seen = seen_in(films["charuco"], BOARDS["charuco"])
    random = np.random.default_rng(2)
    for i in (3, 11):
        bad = seen.kept[i]
        moved = bad.corners + random.normal(size=bad.corners.shape).astype(np.float32) * 4
        seen.kept[i] = Sighting(moved.astype(np.float32), bad.ids)
    found = camera.fit(seen)
    assert found.left_out >= 2
    assert found.camera.matrix[0][0] == pytest.approx(CAMERA[0, 0], rel=0.005)


def test_a_board_partly_outside_the_picture_is_used(lens: Lens) -> None:
    board = BOARDS["charuco"]
    found = board.find(lens.take(board, np.eye(3), np.array([0.1, 0.07, 0.3])))
    assert found is not None and 8 <= len(found.ids) < len(board.points)
    assert BOARDS["chessboard"].find(lens.take(BOARDS["chessboard"], np.eye(3), np.array([0.1, 0.07, 0.3]))) is None


def test_the_focal_length_from_irises_at_a_known_distance() -> None:
    turns = np.zeros((60, 2))
    width = np.full((60, 2), 600.0 * bundle.IRIS_M / 0.6) + np.random.default_rng(3).normal(size=(60, 2)) * 0.5
    found = camera.from_distance(Views(np.zeros((60, 68, 2)), np.ones(60), turns, width, (640, 480)), 0.6)
    assert found.camera.matrix[0][0] == pytest.approx(600.0, rel=0.03)
    assert found.focal_spread > 0.05, "it is an estimate, and says so"
    with pytest.raises(VTuberError, match="irises"):
        camera.from_distance(Views(np.zeros((60, 68, 2)), np.ones(60), turns, width * np.nan, (640, 480)), 0.6)


# --- the live map ----------------------------------------------------------------------------------------------------


def test_the_map_asks_for_what_is_missing(lens: Lens, films: dict[str, list[Image]]) -> None:
    board = BOARDS["charuco"]
    seen = Sightings(board, SIZE)
    assert "show the board" in seen.missing[0] and seen.share == 0
    shares = []
    for picture in films["charuco"]:
        seen.add(board.find(picture))
        shares.append(seen.share)
    assert seen.missing == [] and shares[-1] == 1.0
    assert all(b >= a for a, b in zip(shares, shares[1:], strict=False))
    first = Sightings(board, SIZE)
    first.add(board.find(films["charuco"][0]))
    assert any("tilt" in wish for wish in first.missing) and any("move it to the" in wish for wish in first.missing)


@pytest.mark.parametrize("away, side", [("left", (-1, 0)), ("right", (1, 0)), ("upper", (0, -1)), ("lower", (0, 1))])
def test_a_tilt_is_asked_for_by_the_side_that_is_to_go_away(away: str, side: tuple[int, int], lens: Lens) -> None:
    board = BOARDS["charuco"]
    x, y = side
    turn = cv2.Rodrigues(np.radians([25.0 * y, -25.0 * x, 0.0]))[0]
    assert (turn @ np.array([x, y, 0.0]))[2] > 0.4, "this side is further away"
    seen = Sightings(board, SIZE)
    assert any(f"{away} side is further" in wish for wish in _wishes(seen, board, lens, np.eye(3)))
    assert not any(f"{away} side is further" in wish for wish in _wishes(seen, board, lens, turn))


def _wishes(seen: Sightings, board: Board, lens: Lens, turn: np.ndarray) -> list[str]:
    assert seen.add(board.find(lens.take(board, turn, np.array([0.0, 0.0, 0.36]))))
    return seen.missing


def test_a_sighting_like_another_or_swept_along_is_passed_over(films: dict[str, list[Image]]) -> None:
    board = BOARDS["charuco"]
    one, other = (board.find(films["charuco"][i]) for i in (0, 1))
    seen = Sightings(board, SIZE)
    assert seen.add(one) and not seen.add(one)
    moving = Sightings(board, SIZE)
    assert not moving.add(one, moving=True), "nothing says yet that it is held still"
    assert moving.add(one, moving=True)
    assert not moving.add(other, moving=True) and moving.add(other, moving=True)
    assert not seen.add(None)


# --- a bad set is refused, with the reason ---------------------------------------------------------------------------


def test_a_flat_board_is_refused(lens: Lens) -> None:
    board, random = BOARDS["charuco"], np.random.default_rng(4)
    flat = [spoiled(lens.take(board, np.eye(3), place), random) for _, place in list(places(board, lens))[:12]]
    with pytest.raises(VTuberError, match="tilt it"):
        camera.fit(seen_in(flat, board))


def test_corners_that_lie_anywhere_are_refused(films: dict[str, list[Image]]) -> None:
    seen = seen_in(films["charuco"], BOARDS["charuco"])
    random = np.random.default_rng(5)
    seen.kept = [
        Sighting((s.corners + random.normal(size=s.corners.shape) * 5).astype(np.float32), s.ids) for s in seen.kept
    ]
    with pytest.raises(VTuberError, match=r"px from where they should|known to|crooked"):
        camera.fit(seen)


@pytest.mark.parametrize("text", ["", "board", "charuco:1x2", "chessboard:8x8", "chessboard:9x6:9999", "charuco:9x"])
def test_a_board_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(VTuberError, match="--board"):
        parse(text)


def test_a_board_by_its_words() -> None:
    assert parse("chessboard:9x6:30.5") == Board("chessboard", 9, 6, 0.0305)
    assert parse("charuco") == Board("charuco", 10, 7, 0.025)
    assert len(parse("charuco:11x8").points) == 70


# --- the command -----------------------------------------------------------------------------------------------------


def test_pictures_in_a_folder_become_a_profile_that_keeps_the_rest(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    profile.save(Profile(name="own", ranges={}), path)
    done = vtuber("calibrate", "camera", "--source", str(folder), "--profile", str(path), home=tmp_path)
    assert done.returncode == 0, done.stderr
    for word in ("focal length", "field of view", "distortion", "error", "views", "100%"):
        assert word in done.stdout
    kept = profile.load(str(path))
    assert kept.name == "own" and kept.camera is not None and kept.camera.size == SIZE
    assert kept.camera.matrix[0][0] == pytest.approx(CAMERA[0, 0], rel=0.005)
    before = path.read_bytes()
    few = tmp_path / "few"
    few.mkdir()
    for picture in sorted(folder.iterdir())[:3]:
        (few / picture.name).write_bytes(picture.read_bytes())
    refused(
        vtuber("calibrate", "camera", "--source", str(few), "--profile", str(path), home=tmp_path),
        "not seen well enough",
        "the profile was not changed",
    )
    assert path.read_bytes() == before and os.listdir(tmp_path).count("own.json") == 1


def test_a_folder_without_a_board_and_one_without_pictures(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    refused(vtuber("calibrate", "camera", "--source", str(empty), home=tmp_path), "holds no pictures")
    cv2.imwrite(str(empty / "grey.png"), np.full((120, 160), 99, np.uint8))
    refused(vtuber("calibrate", "camera", "--source", str(empty), home=tmp_path), "no charuco of 10 x 7")
    (empty / "broken.png").write_bytes(b"no picture")
    refused(vtuber("calibrate", "camera", "--source", str(empty), home=tmp_path), "broken.png is no picture")


@pytest.mark.skipif(sys.platform == "win32", reason="interrupting a child by a signal is POSIX's way")
def test_an_interrupted_run_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    profile.save(Profile(name="own"), path)
    before = path.read_bytes()
    run = subprocess.Popen(
        [sys.executable, "-m", "vtuber", "calibrate", "camera", "--source", str(demo.CLIP), "--profile", str(path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert run.stdout is not None
    assert "charuco" in run.stdout.readline()
    time.sleep(0.2)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 130 and "broken off: nothing was changed" in said
    assert path.read_bytes() == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_full_disk_is_said_and_the_old_profile_stays(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    profile.save(Profile(name="own"), path)
    before = path.read_bytes()
    path.with_name("own.json.part").symlink_to("/dev/full")
    refused(
        vtuber("calibrate", "camera", "--source", str(folder), "--profile", str(path), home=tmp_path),
        "cannot be written",
        "No space left",
    )
    assert path.read_bytes() == before


# --- on paper and on a screen ----------------------------------------------------------------------------------------


def test_the_pdf_is_in_true_size(tmp_path: Path) -> None:
    """Read as any PDF reader must: offsets, the scale, and the boxes of one path."""
    done = vtuber("calibrate", "camera", "--print", str(tmp_path / "board.pdf"), home=tmp_path)
    assert done.returncode == 0, done.stderr
    data = (tmp_path / "board.pdf").read_bytes()
    assert data.startswith(b"%PDF-1.4") and data.endswith(b"%%EOF\n")
    start = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    offsets = [int(line.split()[0]) for line in data[start:].split(b"\n")[3:8]]
    assert all(data[at:].startswith(b"%d 0 obj" % number) for number, at in enumerate(offsets, start=1))
    assert b"/MediaBox [0 0 841.890 595.276]" in data and b"/PrintScaling /None" in data
    assert b"2.834646 0 0 2.834646 0 0 cm" in data, "millimetres"
    boxes = np.array([line.split()[:4] for line in data.split(b"\n") if line.endswith(b" re")], dtype=float)
    board = parse("charuco")
    assert np.ptp(np.concatenate([boxes[:, 0], boxes[:, 0] + boxes[:, 2]])) == pytest.approx(250, abs=3.2)
    assert boxes[0, 2:].tolist() == [25.0, 25.0]
    # What the boxes cover is found again as the board.
    drawn = np.full((1680, 2376), 255, np.uint8)
    for x, y, w, h in np.round(boxes * 8).astype(int):
        drawn[1680 - y - h : 1680 - y, x : x + w] = 0
    found = board.find(drawn)
    assert found is not None and len(found.ids) == len(board.points)
    assert np.linalg.norm(found.corners[1] - found.corners[0]) == pytest.approx(200, abs=1)


def test_a_board_too_large_for_the_paper_is_refused_with_what_fits(tmp_path: Path) -> None:
    with pytest.raises(VTuberError, match="squares of 2. mm fit"):
        printed.pdf(parse("charuco:10x7:40"))
    assert printed.pdf(parse("charuco:10x7:35"), "a3").startswith(b"%PDF")
    with pytest.raises(VTuberError, match="there is no paper"):
        printed.pdf(parse("charuco"), "napkin")
    with pytest.raises(VTuberError, match="as .pdf"):
        printed.write(parse("charuco"), tmp_path / "board.doc")


def test_the_page_needs_nothing_else() -> None:
    page = printed.page(parse("chessboard"))
    assert "<svg" in page and "http" not in page and page.count("M") >= 35
