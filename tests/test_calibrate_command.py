"""`vtuber calibrate face` on real pictures: clips, a guided run, and every way in which it may come to nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from calibration import clips, command, guide
from calibration.clips import Clip
from calibration.face import FaceCalibration
from calibration.guide import Portrait
from calibration.steps import BY_NAME, FREE, Step
from calibration.terminal import Terminal
from vtuber import cli, profile
from vtuber.profile import Profile
from vtuber.sources import demo, video
from vtuber.stages import VTuberError
from vtuber.trackers.face_landmarker import Tracker

OLD = Profile(name="old", ranges={"jawOpen": (0.1, 0.5)})


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """The demo performer, of whom a second and a half is said to look ahead."""
    path = tmp_path / "recorded.mp4"
    shutil.copyfile(demo.CLIP, path)
    path.with_suffix(".steps").write_text("# first, last, step\n0.0 1.5 ahead\n", encoding="utf-8")
    return path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "own" / "own.json"
    profile.save(OLD, path)
    return path


def calibrate(source: Path | str, own: Path, *more: str) -> int:
    return cli.main(["calibrate", "face", "--source", str(source), "--profile", str(own), *more])


def test_a_recording_becomes_a_profile_and_a_page(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "deep" / "me.json"
    assert calibrate(recorded, own) == 0
    made = profile.load(str(own))
    assert made.name == "me" and made.neutral and made.look and set(made.quality) == {"ahead"}
    said = capsys.readouterr().out
    assert "how well it went" in said and str(own) in said and "not turned" in said
    text = own.with_suffix(".html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>") and "data:image" not in text
    assert sorted(p.name for p in own.parent.iterdir()) == ["me.html", "me.json"]


def test_a_run_that_is_broken_off_leaves_the_old_profile(recorded: Path, old: Path) -> None:
    before = old.read_bytes()
    options = cli._parser().parse_args(["calibrate", "face", "--source", str(recorded), "--profile", str(old)])

    def write(text: str) -> None:
        if "ahead" in text:  # it is looking at the pictures
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        command.face(options, write, moving=True)
    assert old.read_bytes() == before and [p.name for p in old.parent.iterdir()] == ["own.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full disk to try")
def test_a_full_disk_leaves_the_old_profile(recorded: Path, old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (old.parent / "own.json.part").symlink_to("/dev/full")
    assert calibrate(recorded, old) == 1
    assert "No space left on device; the old one, if there was one, is untouched" in capsys.readouterr().err
    assert profile.load(str(old)) == OLD


def test_a_broken_profile_is_not_built_on(recorded: Path, old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old.write_text('{\n"version": "new"\n}', encoding="utf-8")
    assert calibrate(recorded, old) == 1
    assert "line 2, version" in capsys.readouterr().err
    assert "new" in old.read_text(encoding="utf-8")


def test_a_picture_is_in_the_page_only_when_asked_for(recorded: Path, tmp_path: Path) -> None:
    """The demo performer turns enough, in a few seconds, for a face of their own."""
    recorded.with_suffix(".steps").write_text("0 7 free\n", encoding="utf-8")
    own, report = tmp_path / "me.json", tmp_path / "page.html"
    options = cli._parser().parse_args(
        ["calibrate", "face", "--source", str(recorded), "--profile", str(own), "--picture", "--report", str(report)]
    )
    said: list[str] = []
    command.face(options, said.append, moving=False)
    assert profile.load(str(own)).face is not None
    assert "data:image/png;base64," in report.read_text(encoding="utf-8")
    assert "with a picture of you: it stays on this computer" in "".join(said)


def test_an_old_code_page_has_no_bars_and_does_not_mind(recorded: Path, tmp_path: Path) -> None:
    arguments = ["calibrate", "face", "--source", str(recorded), "--profile", str(tmp_path / "me.json")]
    done = subprocess.run(
        [sys.executable, "-m", "vtuber", *arguments],
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert b"how well it went" in done.stdout


class Watched(Terminal):
    """A terminal whose performer passes over some steps."""

    def __init__(self, write: Callable[[str], None], passed_over: set[str]) -> None:
        super().__init__(write)
        self.asked: list[str] = []
        self._passed_over = passed_over

    def prompt(self, step: Step, number: int, again: bool) -> None:
        self.asked.append(step.name)
        super().prompt(step, number, again)

    def skipped(self) -> bool:
        return self.asked[-1] in self._passed_over


def test_guided_every_step_is_asked_for_measured_and_asked_for_once_more_when_it_went_badly() -> None:
    steps = [BY_NAME[name] for name in ("ahead", "puff", "tongue")]
    shown: list[str] = []
    terminal, calibration, portrait = Watched(shown.append, {"puff"}), FaceCalibration(), Portrait()
    source, tracker = video.Source(str(demo.CLIP), realtime=False), Tracker()
    guide.from_source(source, tracker, calibration, terminal, steps, portrait)
    source.close()
    tracker.close()
    assert terminal.asked[0] == "ahead" and "puff" in terminal.asked, "nobody waits for a step that is passed over"
    assert terminal.asked[-2:] == ["tongue", "tongue"], "the demo performer keeps it in"
    assert "puff" not in calibration.qualities
    assert "Once more: Put out your tongue" in "".join(shown) and "get ready" in "".join(shown)
    assert portrait.image is not None


def test_pictures_that_end_half_way_are_said() -> None:
    source, tracker = video.Source(str(demo.CLIP), realtime=False), Tracker()
    with pytest.raises(VTuberError, match="ended half-way: nothing was changed"):
        steps = [BY_NAME["tongue"]] * 9
        guide.from_source(source, _Blind(tracker), FaceCalibration(), Watched(lambda text: None, set()), steps)
    source.close()
    tracker.close()


class _Blind(Tracker):
    """Looks at nothing, quickly."""

    def __init__(self, real: Tracker) -> None:
        self._real = real

    def track(self, frame: object) -> list[object]:  # type: ignore[override]
        return []

    def close(self) -> None:
        pass


def names(folder: Path, *wanted: str) -> Path:
    for name in wanted:
        (folder / name).write_bytes(b"")
    return folder


def test_clips_are_known_by_their_names(tmp_path: Path) -> None:
    folder = names(tmp_path, "A_yaw.mp4", "A_blink.mp4", "A_natural.mp4", "A_wink-left.MP4", "A_iso.npz", "notes.txt")
    assert {(c.path.name, c.label) for c in clips.clips_of(folder)} == {
        ("A_yaw.mp4", "turns"),
        ("A_blink.mp4", "lids"),
        ("A_wink-left.MP4", "wink left"),
    }
    names(folder, "B_yaw.mp4")
    with pytest.raises(VTuberError, match="holds clips of A, B: name one of them"):
        clips.clips_of(folder)
    assert [c.path.name for c in clips.clips_of(folder / "B")] == ["B_yaw.mp4"]
    assert clips.clips_of(names(tmp_path, "me.mp4") / "me.mp4") == [Clip(tmp_path / "me.mp4", FREE)]


@pytest.mark.parametrize(
    "line, complaint",
    [
        ("0 1", "line 2: write first and last second"),
        ("a 1 ahead", "line 2: write first and last second"),
        ("0 1 dance", "line 2: there is no step 'dance'"),
        ("2 1 ahead", "line 2: the step ends before it begins"),
        ("# 0 1 ahead", "names no step"),
    ],
)
def test_steps_beside_a_video_are_checked(recorded: Path, line: str, complaint: str) -> None:
    recorded.with_suffix(".steps").write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(VTuberError, match=complaint):
        clips.clips_of(recorded)


def test_nothing_to_calibrate_from_is_said(tmp_path: Path) -> None:
    with pytest.raises(VTuberError, match="holds no clip of a calibration"):
        clips.clips_of(tmp_path)
    with pytest.raises(VTuberError, match="no video and no folder"):
        clips.clips_of(tmp_path / "none" / "none.mp4")


def test_corners_of_a_screen() -> None:
    yaw, pitch = guide.corners_of(27.0, 0.6)
    assert (yaw, pitch) == pytest.approx((0.4623, 0.2733), abs=1e-3)
