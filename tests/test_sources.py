"""Sources: a video and the demo as they are; the camera on a device that fails and recovers on command.

No camera hardware was at hand: what a real one does to OpenCV is not shown, only what we do with OpenCV's answers.
"""

from __future__ import annotations

import logging
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from vtuber import cameras
from vtuber.cameras import CameraInfo
from vtuber.sources import camera, demo, video
from vtuber.stages import Frame, VTuberError

WEBCAM = CameraInfo(0, "HD Webcam", "/dev/video0")
SECOND = CameraInfo(2, "Capture Card", "/dev/video2")


def write_clip(path: Path, frames: int = 30, fps: float = 30.0, fourcc: str = "mp4v") -> Path:
    """A clip in which the frame number can be read off the picture: grey level 8 * number on the left half."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), fps, (64, 48))
    assert writer.isOpened()
    for i in range(frames):
        picture = np.full((48, 64, 3), (200, 0, 0), np.uint8)
        picture[:, :32] = 8 * i % 256
        writer.write(picture)
    writer.release()
    return path


def number(frame: Frame) -> int:
    return round(float(frame.image[8:40, 4:24].mean()) / 8)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clips") / "clip.mp4")


# --- video: every frame ----------------------------------------------------------------------------------------------


def test_every_frame_comes_once_in_order_timed_from_zero(clip: Path) -> None:
    source = video.Source(str(clip), realtime=False)
    frames = list(source)
    assert not source.live
    assert source.frames == 30
    assert [f.index for f in frames] == list(range(30))
    assert [number(f) for f in frames] == list(range(30))
    np.testing.assert_allclose([f.timestamp for f in frames], np.arange(30) / 30, atol=1e-3)
    assert frames[0].timestamp == 0.0
    assert "64x48 at 30 fps" in source.describe()


def test_pictures_are_rgb_and_in_memory_of_their_own(clip: Path) -> None:
    first, second = islice(video.Source(str(clip), realtime=False), 2)
    assert first.image.shape == (48, 64, 3)
    assert first.image.dtype == np.uint8
    assert first.image.flags.c_contiguous
    assert not np.shares_memory(first.image, second.image)
    red, _, blue = first.image[:, 40:].reshape(-1, 3).mean(axis=0)
    assert blue > 150 and red < 50


def test_a_video_can_be_read_twice(clip: Path) -> None:
    source = video.Source(str(clip), realtime=False)
    assert [number(f) for f in source] == [number(f) for f in source] == list(range(30))


def test_asked_for_rate_replaces_the_files_own(clip: Path) -> None:
    frames = list(video.Source(str(clip), realtime=False, fps=10.0))
    np.testing.assert_allclose([f.timestamp for f in frames], np.arange(30) / 10)


def test_loop_goes_on_with_rising_index_and_time(clip: Path) -> None:
    source = video.Source(str(clip), realtime=False, loop=True)
    frames = list(islice(source, 70))
    assert source.frames == 0
    assert [f.index for f in frames] == list(range(70))
    assert [number(f) for f in frames] == [i % 30 for i in range(70)]
    np.testing.assert_allclose(np.diff([f.timestamp for f in frames]), 1 / 30, atol=1e-3)


def ffmpeg(*arguments: str) -> None:
    try:
        subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        pytest.skip("needs the ffmpeg program to make the clip")


def test_a_quarter_turn_mark_is_obeyed(clip: Path, tmp_path: Path) -> None:
    data = bytearray(clip.read_bytes())
    matrix = data.index(b"tkhd") + 44  # of the track header, version 0: ISO 14496-12, 8.3.2
    assert struct.unpack_from(">9i", data, matrix) == (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    struct.pack_into(">9i", data, matrix, 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    turned = tmp_path / "phone.mov"
    turned.write_bytes(data)
    frame = next(iter(video.Source(str(turned), realtime=False)))
    assert frame.image.shape == (64, 48, 3)
    assert frame.image[48:, :, 2].mean() > 150  # a quarter turn clockwise: the blue right half is below


def test_variable_frame_rate_keeps_its_own_times(clip: Path, tmp_path: Path) -> None:
    uneven = tmp_path / "uneven.mp4"
    # Frames 0..9 at 30 fps, each of the others a tenth of a second after the last.
    ffmpeg("-i", str(clip), "-vf", "setpts='if(lt(N,10),N/30,(10+(N-10)*3)/30)/TB'", "-fps_mode", "vfr", str(uneven))
    times = [f.timestamp for f in video.Source(str(uneven), realtime=False)]
    expected = [i / 30 if i < 10 else (10 + (i - 10) * 3) / 30 for i in range(30)]
    np.testing.assert_allclose(times, expected, atol=2e-3)


def test_a_stream_without_timestamps_still_has_rising_ones(clip: Path, tmp_path: Path) -> None:
    raw = tmp_path / "raw.h264"
    ffmpeg("-i", str(clip), "-c:v", "libx264", "-bf", "2", str(raw))
    times = [f.timestamp for f in video.Source(str(raw), realtime=False)]
    assert len(times) == 30
    assert all(a < b for a, b in pairwise(times))


# --- video: by the clock ---------------------------------------------------------------------------------------------


def test_played_in_real_time_no_frame_comes_before_its_time(clip: Path) -> None:
    source = video.Source(str(clip), fps=100.0)
    assert source.live
    arrivals = [(time.perf_counter(), f) for f in source]
    start = arrivals[0][1].timestamp
    assert all(now >= f.timestamp for now, f in arrivals)
    for _, f in arrivals:
        assert (f.timestamp - start) * 100 == pytest.approx(f.index, abs=0.01)


def test_a_late_reader_gets_the_newest_frame(clip: Path) -> None:
    # Fifty frames' time goes by between two reads, so whatever the machine's pace, frames must have been left out.
    source = iter(video.Source(str(clip), fps=500.0, loop=True))
    first = next(source)
    time.sleep(0.1)
    second = next(source)
    assert second.index - first.index >= 40
    assert number(second) == second.index % 30


def test_close_ends_playback_from_another_thread(clip: Path) -> None:
    source = video.Source(str(clip), fps=0.01)  # the second frame is due in 100 seconds
    frames = iter(source)
    next(frames)
    threading.Timer(0.05, source.close).start()
    assert list(frames) == []
    source.close()


def test_a_closed_video_gives_nothing(clip: Path) -> None:
    for source in (video.Source(str(clip)), video.Source(str(clip), realtime=False, loop=True)):
        source.close()
        assert list(source) == []


# --- video: what is no video -----------------------------------------------------------------------------------------


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(VTuberError, match=r"there is no video .*nothing\.mp4"):
        video.Source(str(tmp_path / "nothing.mp4"))
    with pytest.raises(VTuberError, match="which video"):
        video.Source()


@pytest.mark.parametrize("name", ["text.mp4", "text01.mp4"])
def test_a_text_is_no_video_and_only_one_line_says_so(tmp_path: Path, name: str) -> None:
    fake = tmp_path / name
    fake.write_text("these are words\n" * 100, encoding="utf-8")
    code = (
        "import sys; from vtuber.sources.video import Source; from vtuber.stages import VTuberError\n"
        "try: Source(sys.argv[1])\nexcept VTuberError as error: sys.exit(str(error))"
    )
    run = subprocess.run([sys.executable, "-c", code, str(fake)], capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 1
    assert run.stderr.strip().splitlines() == [
        f"{fake} is not a video that can be read, or its end is missing: try to play it"
    ]


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=duration=0.2", str(tmp_path / "sound.mp4"))
    with pytest.raises(VTuberError, match="not a video|no picture"):
        video.Source(str(tmp_path / "sound.mp4"))


def test_a_file_without_its_index_is_refused(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mp4")  # this writer puts the index, without which nothing can be read, last
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(VTuberError, match="its end is missing"):
        video.Source(str(cut))


def test_a_cut_off_file_gives_its_frames_and_then_says_so(tmp_path: Path) -> None:
    data = demo.CLIP.read_bytes()  # its index comes first
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) // 10])
    frames = []
    with pytest.raises(VTuberError, match=r"cut off: (\d+) of its 746 frames") as caught:
        for frame in video.Source(str(cut), realtime=False):
            frames.append(frame.index)
    assert frames == list(range(len(frames)))
    assert 20 < len(frames) < 200
    assert f"{len(frames)} of its" in str(caught.value)


def test_a_cut_off_avi_says_so_too(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.avi", frames=60, fourcc="MJPG")
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])
    with pytest.raises(VTuberError, match=r"cut off: \d+ of its 60 frames"):
        list(video.Source(str(cut), realtime=False))


def test_a_trimmed_clip_is_not_taken_for_a_cut_off_one(
    clip: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # Trimmed without encoding anew, as phones do: the file still holds and counts the frames before the new beginning.
    source, trimmed = tmp_path / "source.mp4", tmp_path / "trimmed.mp4"
    ffmpeg("-i", str(clip), "-c:v", "libx264", "-g", "30", str(source))
    ffmpeg("-ss", "0.5", "-i", str(source), "-c", "copy", str(trimmed))
    frames = list(video.Source(str(trimmed), realtime=False))
    assert 10 < len(frames) <= 30


def test_bad_rates_are_refused(clip: Path) -> None:
    for bad in (-1.0, float("nan"), float("inf")):
        with pytest.raises(VTuberError, match="fps"):
            video.Source(str(clip), fps=bad)


# --- demo ------------------------------------------------------------------------------------------------------------


def test_the_demo_goes_round_without_a_jump() -> None:
    clip = video.Source(str(demo.CLIP), realtime=False)
    shots = [f.image[::8, ::8].astype(int) for f in clip]
    steps = [float(np.abs(a - b).mean()) for a, b in pairwise(shots)]
    assert np.abs(shots[-1] - shots[0]).mean() < 2 * np.median(steps) < np.abs(shots[373] - shots[0]).mean()
    source = demo.Source(fps=3000.0)  # faster than it can be decoded: frames are left out, and the end comes soon
    assert source.live
    last = next(frame for frame in source if frame.index > clip.frames)
    source.close()
    np.testing.assert_array_equal(last.image[::8, ::8], shots[last.index % clip.frames])


def test_the_demo_takes_no_argument() -> None:
    with pytest.raises(VTuberError, match="video:me.mp4"):
        demo.Source("me.mp4")


# --- camera ----------------------------------------------------------------------------------------------------------


class Device:
    """A cv2.VideoCapture whose pictures carry their number, and that can be unplugged."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.wishes: list[tuple[int, float]] = []
        self.released = False
        bench.devices.append(self)

    def isOpened(self) -> bool:
        return self.bench.opens

    def set(self, prop: int, value: float) -> bool:
        self.wishes.append((prop, value))
        return True

    def get(self, prop: int) -> float:
        return {cv2.CAP_PROP_FRAME_WIDTH: 64.0, cv2.CAP_PROP_FRAME_HEIGHT: 48.0, cv2.CAP_PROP_FPS: 30.0}.get(prop, 0.0)

    def grab(self) -> bool:
        self.bench.tick.wait(0.002)
        return self.bench.delivers and self.bench.plugged is not None

    def retrieve(self) -> tuple[bool, Any]:
        self.bench.taken += 1
        return True, np.full((48, 64, 3), (self.bench.taken % 256, 0, 7), np.uint8)

    def release(self) -> None:
        self.released = True


class Bench:
    """The outside world: which camera is plugged in, and how it behaves."""

    def __init__(self) -> None:
        self.plugged: CameraInfo | None = WEBCAM
        self.opens = True
        self.delivers = True
        self.taken = 0
        self.devices: list[Device] = []
        self.opened: list[int] = []
        self.tick = threading.Event()

    def source(self, argument: str = "", **settings: Any) -> camera.Source:
        bench = self

        class Wired(camera.Source):
            def _list(self, backend: int) -> list[CameraInfo]:
                return [bench.plugged, SECOND] if bench.plugged else [SECOND]

            def _open(self, info: CameraInfo, backend: int) -> Any:
                bench.opened.append(info.index)
                return Device(bench)

        return Wired(argument, **settings)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(camera, "LOST_S", 0.05)
    monkeypatch.setattr(camera, "BACKOFF_S", (0.01, 0.02))
    monkeypatch.setattr(camera, "FIRST_PICTURE_S", 0.05)
    return Bench()


@pytest.fixture
def source(bench: Bench) -> Iterator[camera.Source]:
    made = bench.source()
    yield made
    made.close()


def test_camera_frames_are_rgb_and_rise(source: camera.Source) -> None:
    frames = list(islice(source, 5))
    assert all(f.image.shape == (48, 64, 3) and f.image[0, 0, 0] == 7 for f in frames)
    assert all(a.timestamp < b.timestamp and a.index < b.index for a, b in pairwise(frames))
    assert frames[-1].timestamp <= time.perf_counter()


def test_a_late_reader_of_a_camera_gets_the_newest_frame(bench: Bench, source: camera.Source) -> None:
    frames = iter(source)
    next(frames)
    before = bench.taken
    while bench.taken < before + 10:
        time.sleep(0.002)
    assert next(frames).index >= before + 8


def test_camera_wishes_are_asked_in_order(bench: Bench) -> None:
    source = bench.source(width=1280, height=720, fps=60.0)
    source.close()
    asked = [prop for prop, _ in bench.devices[0].wishes]
    assert asked == [cv2.CAP_PROP_FOURCC, cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FPS]
    assert dict(bench.devices[0].wishes)[cv2.CAP_PROP_FRAME_WIDTH] == 1280
    assert "0 (HD Webcam), 64x48 at 30 fps" in source.describe()


def test_close_from_another_thread_ends_the_camera_and_frees_it(bench: Bench, source: camera.Source) -> None:
    bench.delivers = False
    threading.Timer(0.05, source.close).start()
    assert len(list(source)) <= 1  # ends at all
    source.close()
    assert all(device.released for device in bench.devices)


def test_an_unplugged_camera_is_found_again_under_another_index(
    bench: Bench, source: camera.Source, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    frames = iter(source)
    before = next(frames).index
    bench.plugged = None
    while "waiting for it" not in caplog.text:
        time.sleep(0.005)
    time.sleep(0.1)  # several attempts go by, none with the other camera, which was not asked for
    assert bench.opened == [0]
    bench.plugged = CameraInfo(4, WEBCAM.name, "/dev/video4")
    while "camera is back" not in caplog.text:
        time.sleep(0.005)
    after = list(islice(frames, 3))
    assert after[-1].index > before
    assert bench.opened[-1] == 4
    assert len(caplog.records) == 2
    assert "4 (HD Webcam)" in source.describe()


def test_a_camera_that_opens_without_a_picture_is_refused_and_released(bench: Bench) -> None:
    bench.delivers = False
    with pytest.raises(VTuberError, match="camera 0 .HD Webcam.*"):
        bench.source()
    assert bench.devices and all(device.released for device in bench.devices)


def test_a_camera_that_does_not_open_is_refused(bench: Bench) -> None:
    bench.opens = False
    with pytest.raises(VTuberError, match="camera 0 .HD Webcam.*"):
        bench.source()


def test_camera_settings_are_checked(bench: Bench) -> None:
    with pytest.raises(VTuberError, match="more than 0"):
        bench.source(width=0)
    with pytest.raises(VTuberError, match="choose auto, v4l2"):
        bench.source(backend="directx")


# --- which camera ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argument", "index"),
    [("", 0), ("0", 0), ("2", 2), ("hd webcam", 0), ("card", 2), ("/dev/video2", 2)],
)
def test_a_camera_is_chosen_by_index_name_or_device(argument: str, index: int) -> None:
    assert cameras.choose(argument, [WEBCAM, SECOND]).index == index


def test_a_camera_that_is_not_there_names_those_that_are() -> None:
    for argument in ("1", "phone"):
        with pytest.raises(
            VTuberError, match=rf"camera {argument} is not there; .* 0 \(HD Webcam\), 2 \(Capture Card\)"
        ):
            cameras.choose(argument, [WEBCAM, SECOND])
    with pytest.raises(VTuberError, match="no camera found.*--source demo"):
        cameras.choose("", [])


def test_of_two_alike_the_one_at_the_old_place_is_found_again() -> None:
    twin = CameraInfo(1, WEBCAM.name, "/dev/video1")
    assert cameras.find_again(WEBCAM, [twin, WEBCAM]) is WEBCAM
    assert cameras.find_again(WEBCAM, [SECOND, twin]) is twin
    assert cameras.find_again(WEBCAM, [SECOND]) is None


def test_linux_listing_leaves_out_nodes_without_pictures(tmp_path: Path) -> None:
    """A folder laid out as the kernel does it; plain files cannot be asked, so the node's index decides."""
    names, devices = tmp_path / "class", tmp_path / "dev"
    devices.mkdir()
    for node, name, index in [("video0", "HD Webcam", "0"), ("video1", "HD Webcam", "1"), ("video10", "Loopback", "0")]:
        (names / node).mkdir(parents=True)
        (names / node / "name").write_text(f"{name}\n", encoding="utf-8")
        (names / node / "index").write_text(f"{index}\n", encoding="utf-8")
        (devices / node).touch()
    (names / "video7").mkdir()  # named, but without a device
    found = cameras.v4l2_cameras(names, devices)
    assert sorted((c.index, c.name) for c in found) == [(0, "HD Webcam"), (10, "Loopback")]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_who_holds_a_device_is_named(tmp_path: Path) -> None:
    device = tmp_path / "video0"
    device.touch()
    assert cameras.holders(str(device)) == []
    code = "import sys; file = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(device)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline()
        text = cameras.explain(CameraInfo(0, "HD Webcam", str(device)), opened=False)
        holder.communicate()
    assert "camera 0 (HD Webcam) is in use by" in text
    assert f"(process {holder.pid})" in text


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the reasons are found in Linux's ways")
def test_an_unplugged_device_is_said_to_be_unplugged(tmp_path: Path) -> None:
    text = cameras.explain(CameraInfo(0, "HD Webcam", str(tmp_path / "video0")), opened=False)
    assert "was unplugged" in text
