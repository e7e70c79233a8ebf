"""A video file frame by frame, and its playback against the clock."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2

from vtuber.capture import Capture, open_capture, rgb
from vtuber.stages import Frame, Image, VTuberError

logger = logging.getLogger(__name__)

USUAL_RATE = 30.0
"""Frames per second of a file that states none."""
FEW_FRAMES = 5
"""So many frames may be missing at the end unmentioned: containers round, and encoders drop the last ones."""
CATCH_UP_S = 0.25
"""Longest time spent skipping frames before one is shown all the same: a machine too slow to decode still moves."""


class VideoFile:
    """Decodes one file; safe to close from another thread.

    Raises:
        VTuberError: no such file, not a video, or no picture in it.
    """

    def __init__(self, path: Path, *, fps: float = 0.0) -> None:
        """fps: frames per second to time the frames by; 0 takes the file's own timestamps."""
        if not (math.isfinite(fps) and fps >= 0):
            raise VTuberError(f"fps must be 0 (the file's own) or a rate, not {fps:g}")
        if not path.is_file():
            raise VTuberError(f"there is no video {path}: check the path")
        self.path = path
        self._fps = fps
        self._lock = threading.Lock()
        self._closed = False
        self._capture = self._open()
        stated = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = fps or (stated if 0.1 < stated < 1000 else USUAL_RATE)
        """Frames per second: as asked for, else the file's own average."""
        count = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.frames = int(count) if 0 < count < 1e9 else 0
        """How many frames the file says it has; 0 when it does not say."""
        self._begin()
        self._first = self._grab()
        image = self.image() if self._first is not None else None
        if image is None:
            self.close()
            raise VTuberError(f"{path} has no picture that can be decoded: is it complete, and a video?")
        self.size = (image.shape[1], image.shape[0])
        """(width, height), px, as shown: turned by the file's rotation mark."""

    def _open(self) -> Capture:
        # FFmpeg by name: else OpenCV may take a broken "clip01.mp4" for the first picture of a numbered series.
        built = cv2.CAP_FFMPEG in cv2.videoio_registry.getStreamBackends()
        capture = open_capture(str(self.path), cv2.CAP_FFMPEG if built else cv2.CAP_ANY)
        if not capture.isOpened():
            raise VTuberError(f"{self.path} is not a video that can be read, or its end is missing: try to play it")
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        return capture

    def _begin(self) -> None:
        self._index = -1
        self._start = 0.0
        self._time = 0.0

    def rewind(self) -> None:
        """Back to the first frame. Opened anew: seeking is exact in some formats only."""
        with self._lock:
            if self._closed:
                return
            self._capture.release()
            self._capture = self._open()
            self._begin()
            self._first = None

    def grab(self) -> float | None:
        """Go to the next frame; its presentation time, seconds from the first frame, or None after the last.

        Raises:
            VTuberError: the file ends long before its own end: it was cut off.
        """
        if self._first is not None:
            first, self._first = self._first, None
            return first
        t = self._grab()
        if t is None and not self._closed:
            self._check_end()
        return t

    def _grab(self) -> float | None:
        with self._lock:
            if self._closed or not self._capture.grab():
                return None
            self._index += 1
            stamp = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000.0
        if self._index == 0:
            self._start = stamp if math.isfinite(stamp) else 0.0
            return 0.0
        if self._fps:
            self._time = self._index / self._fps
        else:
            stamp -= self._start
            # Streams without timestamps report 0, and damaged ones go backwards: then the average rate has to do.
            self._time = stamp if stamp > self._time else self._time + 1.0 / self.rate
        return self._time

    def image(self) -> Image | None:
        """The picture of the grabbed frame, (H, W, 3) uint8 RGB, contiguous; None when it cannot be had."""
        with self._lock:
            if self._closed:
                return None
            ok, bgr = self._capture.retrieve()
        return rgb(bgr) if ok else None

    def _check_end(self) -> None:
        read = self._index + 1
        missing = self.frames - read
        if missing <= FEW_FRAMES:
            return
        if _cut_off(self.path, missing / self.rate):
            raise VTuberError(
                f"{self.path} seems to be cut off: {read} of its {self.frames} frames could be read; copy it again"
            )
        logger.warning("%s says it has %d frames, %d could be read", self.path, self.frames, read)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._capture.release()


def _cut_off(path: Path, missing_s: float) -> bool:
    """Whether a file that gave too few frames was cut off, or just counts more frames than it shows.

    MP4 and MOV are a chain of boxes, each with its length (ISO 14496-12, 4.2), so a cut shows: the last box runs past
    the end of the file. The count alone will not do: a clip trimmed on a phone still counts the frames trimmed away.
    Other formats often only estimate their count from their length, sound included: a whole second must be missing.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(8)[4:8] not in (b"ftyp", b"moov", b"wide", b"free", b"mdat", b"skip"):
            return missing_s > 1.0
        position = 0
        while position + 8 <= size:
            file.seek(position)
            head = file.read(16)
            length = int.from_bytes(head[:4], "big")
            if length == 1:
                length = int.from_bytes(head[8:], "big")
            elif length == 0:  # to the end of the file, wherever that is
                return False
            if length < 8:
                return True
            position += length
    return position != size


def _steps(video: VideoFile, loop: bool) -> Iterator[tuple[int, float]]:
    """Grab frame after frame; yields its number and its presentation time, s, which rise on through every loop."""
    index, offset, t = 0, 0.0, 0.0
    while True:
        step = video.grab()
        if step is None:
            if not loop or index == 0:
                return
            offset = t + 1.0 / video.rate
            video.rewind()
            if (step := video.grab()) is None:  # closed meanwhile
                return
        t = offset + step
        yield index, t
        index += 1


def every_frame(video: VideoFile, *, loop: bool = False) -> Iterator[Frame]:
    """Every frame in order, as fast as they are taken; timestamps are presentation times from 0, strictly rising."""
    for index, t in _steps(video, loop):
        image = video.image()
        if image is not None:
            yield Frame(image, t, index)


def play(video: VideoFile, closed: threading.Event, *, loop: bool = False) -> Iterator[Frame]:
    """Frames as a camera would give them: each when its time has come, the newest one to a late reader.

    A frame's timestamp is the moment at which it was due on the monotonic clock: it shows how late the frame came out.
    """
    start = time.perf_counter()
    skipping: float | None = None
    for index, t in _steps(video, loop):
        now = time.perf_counter()
        if now >= start + t + 1.0 / video.rate:  # the next one is due already
            skipping = skipping or now
            if now - skipping < CATCH_UP_S:
                continue
            start = now - t
        skipping = None
        image = video.image()
        if closed.wait(max(0.0, start + t - time.perf_counter())):
            return
        if image is not None:
            yield Frame(image, start + t, index)
