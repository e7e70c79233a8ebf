"""The command line, as a user meets it: in a process of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from vtuber import cli
from vtuber.sources import demo
from vtuber.wire import ARKIT, BONES, PRESETS, TRACKING

ROOT = Path(__file__).parents[1]
PATIENCE_S = 120.0


def vtuber(*arguments: str, home: Path, root: Path = ROOT, **settings: Any) -> subprocess.CompletedProcess[str]:
    """Run the command, with user folders of its own."""
    environment = os.environ | {
        "PYTHONPATH": str(root),
        "XDG_CONFIG_HOME": str(home),
        "XDG_DATA_HOME": str(home),
        "APPDATA": str(home),
        "LOCALAPPDATA": str(home),
        "PYTHONUTF8": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "vtuber", *arguments],
        cwd=home,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
        **settings,
    )


def cut_demo(path: Path, frames: int) -> Path:
    """The first frames of the demo performer as a video of their own."""
    capture = cv2.VideoCapture(str(demo.CLIP))
    size = (int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30.0, size)
    for _ in range(frames):
        writer.write(capture.read()[1])
    writer.release()
    return path


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut_demo(tmp_path_factory.mktemp("clip") / "clip.mp4", 20)


# --- what goes wrong -------------------------------------------------------------------------------------------------


def refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit code 1, and one line for people."""
    assert result.returncode == 1, result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("vtuber: ")
    assert "Traceback" not in result.stderr and "Error(" not in result.stderr
    for word in words:
        assert word in lines[0]


Case = tuple[list[str], list[str]]
TRACK = ["track", "clip.mp4", "-o", "out.jsonl"]
RUN = ["run", "--no-browser", "--port", "0", "--source"]

BROKEN: list[Case] = [
    (["track", "missing.mp4", "-o", "out.jsonl"], ["missing.mp4", "there is no video"]),
    (["track", "text.mp4", "-o", "out.jsonl"], ["text.mp4", "not a video"]),
    (["track", "cut.mp4", "-o", "out.jsonl"], ["cut.mp4"]),
    ([*TRACK, "--tracker", "dlib"], ["no tracker named 'dlib'", "face_landmarker"]),
    ([*TRACK, "--profile", "text.json"], ["text.json", "not JSON"]),
    ([*TRACK, "--set", "tracker.eyes=3"], ["no setting 'eyes'"]),
    ([*RUN, "camera:99"], ["camera"]),
]
"""Each in a process of its own, as the user has it."""

BROKEN_TOO: list[Case] = [
    (["track", "clip.mp4", "-o", "nowhere/out.jsonl"], ["cannot be written"]),
    (["track", "clip.mp4", "-o", "."], ["cannot be written"]),
    ([*TRACK, "--filter", "magic"], ["no filter named 'magic'", "one_euro"]),
    ([*TRACK, "--profile", "nobody"], ["there is no profile"]),
    ([*TRACK, "--config", "text.mp4"], ["text.mp4", "not TOML"]),
    ([*TRACK, "--set", "tracker.faces=many"], ["a whole number"]),
    ([*TRACK, "--set", "tracker.faces=0"], ["at least 1"]),
    ([*TRACK, "--set", "faces"], ["part.setting=value"]),
    ([*RUN, "webcam"], ["no source named 'webcam'"]),
    ([*RUN, "missing.mp4"], ["there is no video"]),
    ([*RUN, "demo:x"], ["takes no argument"]),
    ([*RUN, "demo", "--output", "fax"], ["no output named 'fax'"]),
    ([*RUN, "demo", "--output", "jsonl"], ["needs a file"]),
    ([*RUN, "demo", "--port", "70000"], ["70000"]),
    ([*RUN, "demo", "--set", "source.fps=0"], ["fps"]),
    ([*RUN, "demo", "--set", "filter.smoothing=-1"], ["must not be negative"]),
]


@pytest.fixture(scope="module")
def littered(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Path:
    """A folder with broken files of each kind."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copy(clip, folder / "clip.mp4")
    (folder / "text.mp4").write_text("no = video, and no toml: either", encoding="utf-8")
    (folder / "text.json").write_text("no json", encoding="utf-8")
    whole = clip.read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    return folder


@pytest.mark.parametrize("arguments, words", BROKEN, ids=[" ".join(a) for a, _ in BROKEN])
def test_what_the_user_can_mend_is_said_in_one_line(arguments: list[str], words: list[str], littered: Path) -> None:
    refused(vtuber(*arguments, home=littered), *words)
    assert not list(littered.glob("out.jsonl*")), "nothing half done is left"


@pytest.mark.parametrize("arguments, words", BROKEN_TOO, ids=[" ".join(a) for a, _ in BROKEN_TOO])
def test_and_so_is_this(
    arguments: list[str],
    words: list[str],
    littered: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(littered)
    code = cli.main(arguments)
    refused(subprocess.CompletedProcess(arguments, code, *capfd.readouterr()), *words)
    assert not list(littered.glob("out.jsonl*"))


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        refused(vtuber("--source", "demo", "--no-browser", "--port", port, home=tmp_path), port, "taken")


def test_a_damaged_model_is_named(tmp_path: Path, clip: Path) -> None:
    """A copy of the package whose model has one wrong byte."""
    root = tmp_path / "copy"
    shutil.copytree(ROOT / "vtuber", root / "vtuber", ignore=shutil.ignore_patterns("built", "__pycache__"))
    from vtuber import models

    model = root / "vtuber" / "built" / "models" / "face_landmarker.task"
    model.parent.mkdir(parents=True)
    content = bytearray(models.path(model.name).read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    result = vtuber("track", str(clip), "-o", "out.jsonl", home=tmp_path, root=root)
    refused(result, "face_landmarker.task", "damaged")


def test_a_disk_that_fills_up_is_said_in_one_line(tmp_path: Path, clip: Path) -> None:
    resource = pytest.importorskip("resource", reason="this system limits no file sizes")

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    # Python ignores the signal that goes with it, and gets an error from the write instead.
    result = vtuber("track", str(clip), "-o", "out.jsonl", home=tmp_path, preexec_fn=small_files)
    refused(result, "out.jsonl cannot be written")
    assert not list(tmp_path.glob("out.jsonl*"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["track"],
        ["track", "clip.mp4"],
        ["dance"],
        ["run", "--frames", "0"],
        ["run", "--frames", "many"],
        ["run", "--port", "high"],
        ["--nonsense"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: vtuber" in capsys.readouterr().err


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for argument in ("--version", "--help"):
        with pytest.raises(SystemExit) as ended:
            cli.main([argument])
        assert ended.value.code == 0
    out = capsys.readouterr().out
    assert re.match(r"vtuber \d+\.\d+", out)
    assert all(command in out for command in cli.COMMANDS)


def test_list_names_every_part_and_setting(capsys: pytest.CaptureFixture[str]) -> None:
    from vtuber import parts

    assert cli.main(["list"]) == 0
    out = capsys.readouterr().out
    for kind in parts.KINDS:
        assert f"{kind}s\n" in out
        for name in parts.names(kind):
            assert re.search(rf"^  {name} ", out, re.M)
    assert "smoothing=1.0" in out and "faces=1" in out


# --- what goes right -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    home = tmp_path_factory.mktemp("track")
    result = vtuber("track", str(clip), "-o", "out.jsonl", home=home)
    assert result.returncode == 0, result.stderr
    assert "20 frames, tracked 100.0%" in result.stdout
    assert [p.name for p in home.glob("out*")] == ["out.jsonl"]
    return [json.loads(line) for line in (home / "out.jsonl").read_text(encoding="utf-8").splitlines()]


def test_track_writes_every_frame_in_order(rows: list[dict[str, Any]]) -> None:
    assert [r["frame"] for r in rows] == list(range(20))
    np.testing.assert_allclose([r["t"] for r in rows], np.arange(20) / 30, atol=1e-3)


def test_track_writes_the_state_and_what_was_measured(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert list(row) == [
            "v", "frame", "t", "person", "tracked", "tracking", "confidence",
            "head", "bones", "blendshapes", "expressions", "camera",
        ]  # fmt: skip
        assert row["tracked"] is True and row["tracking"] in TRACKING and row["person"] == 0
        assert 0.5 < row["confidence"] <= 1
        assert set(row["head"]) == {"rotation", "position"}
        assert (tuple(row["bones"]), tuple(row["blendshapes"]), tuple(row["expressions"])) == (BONES, ARKIT, PRESETS)
        camera = row["camera"]
        shapes = {"R": (3, 3), "t": (3,), "gaze_left": (3,), "gaze_right": (3,), "landmarks68": (68, 2)}
        assert set(camera) == {*shapes, "reprojection_px"}
        assert {name: np.shape(camera[name]) for name in shapes} == shapes
        np.testing.assert_allclose(np.array(camera["R"]) @ np.transpose(camera["R"]), np.eye(3), atol=1e-4)
        assert np.linalg.norm(camera["gaze_left"]) == pytest.approx(1.0, abs=1e-3)
        # The performer faces the lens, some way before it, and looks into it rather than away.
        assert camera["R"][2][2] < -0.7 and 0.2 < camera["t"][2] < 2.0
        assert camera["gaze_left"][2] < -0.7
        assert 0 < camera["reprojection_px"] < 10


def test_a_frame_without_a_face_has_no_camera_block(tmp_path: Path) -> None:
    writer = cv2.VideoWriter(str(tmp_path / "empty.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 30.0, (320, 240))
    for _ in range(5):
        writer.write(np.full((240, 320, 3), 90, np.uint8))
    writer.release()
    assert vtuber("track", "empty.mp4", "-o", "out.jsonl", home=tmp_path).returncode == 0
    for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        assert row["tracked"] is False and row["tracking"] == "lost" and "camera" not in row
        assert row["confidence"] == 0


def test_a_run_ends_by_itself_with_its_summary(tmp_path: Path) -> None:
    arguments = ["--source", "demo", "--frames", "30", "--no-browser", "--port", "0", "--output", "jsonl:states.jsonl"]
    result = vtuber(*arguments, home=tmp_path)
    assert result.returncode == 0 and result.stderr == ""
    first, second, last = result.stdout.strip().splitlines()
    assert first == "the demo performer, 30 fps -> face_landmarker, steady"
    assert re.fullmatch(r"viewer: http://127\.0\.0\.1:\d+/", second)
    number = r"\d+\.\d"
    latency = rf"capture to sent {number} / {number} / {number} ms \(p50/p95/p99\)"
    assert re.fullmatch(rf"30 frames, tracked 100\.0%, {number} fps, {latency}", last)
    states = (tmp_path / "states.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(states) == 30 and json.loads(states[0])["v"] == 1


def test_settings_come_from_file_and_command_line(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[run]\nsource = "demo"\n[source]\nfps = 20\n', encoding="utf-8")
    common = ["run", "--no-browser", "--port", "0", "--frames", "2", "--config", "own.toml"]
    assert "demo performer, 20 fps" in vtuber(*common, home=tmp_path).stdout
    assert "demo performer, 60 fps" in vtuber(*common, "--set", "demo.fps=60", home=tmp_path).stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send Ctrl-C to one process alone")
def test_ctrl_c_during_track_leaves_no_half_file(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "vtuber", "track", str(demo.CLIP), "-o", "out.jsonl"],
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        part = tmp_path / "out.jsonl.part"
        end = time.perf_counter() + PATIENCE_S
        while not (part.exists() and part.stat().st_size) and time.perf_counter() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert not list(tmp_path.glob("out.jsonl*"))


def test_the_command_line_alone_loads_nothing_heavy() -> None:
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import vtuber.cli"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in result.stderr.splitlines()}
    assert "vtuber" in loaded
    assert not loaded & {"cv2", "ai_edge_litert", "scipy", "aiohttp", "socketio", "msgspec", "mediapipe", "matplotlib"}
