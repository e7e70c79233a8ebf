"""A webcam, read in a thread of its own: whoever takes a frame gets the newest one, and close() hardly waits."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator

import cv2

from vtuber import cameras, stages
from vtuber.cameras import CameraInfo
from vtuber.capture import Capture, open_capture, rgb
from vtuber.latest import Closed, Latest
from vtuber.stages import Frame, VTuberError

logger = logging.getLogger(__name__)

FIRST_PICTURE_S = 5.0
"""How long a camera may take from opening to its first picture; the slow ones set their exposure before."""
LOST_S = 1.0
"""Without a picture for so long, a camera counts as unplugged."""
BACKOFF_S = (0.25, 0.5, 1.0, 2.0)
"""Waits between the attempts to open it again; the last one goes on."""
TICK_S = 0.1
"""How long the iteration waits for a frame before it says that there is none."""
CLOSE_S = 1.0
"""How long close() waits for the device to be let go."""


class Source(stages.Source):
    """A camera. The argument is its index, its name or a part of it; nothing takes the first one.

    width, height: size to ask for, px. The face models look at 256 px or less, so 640x480 tracks as well as 1280x720
        does at webcam distance, for a third of the decoding; ask for more when sitting far away
    fps: frames per second to ask for
    mjpeg: ask for compressed pictures: at higher sizes and rates, USB has no room for others
    backend: auto, v4l2, avfoundation, dshow, msmf or any: how OpenCV talks to the camera

    A camera that is unplugged is waited for, and found again by its name.

    Raises:
        VTuberError: on construction, no camera, not that one, in use, not allowed, or no picture from it.
    """

    def __init__(
        self,
        argument: str = "",
        *,
        width: int = 640,
        height: int = 480,
        fps: float = 30.0,
        mjpeg: bool = True,
        backend: str = "auto",
    ) -> None:
        if width < 1 or height < 1 or not fps > 0:
            raise VTuberError(f"width, height and fps must be more than 0, not {width}x{height} at {fps:g}")
        self._wishes = [
            # In this order: the format decides which sizes there are, and the size which rates. A buffer of one picture
            # is not asked for: the thread empties any buffer at once, and the driver needs room for the next picture.
            (cv2.CAP_PROP_FOURCC, float(cv2.VideoWriter.fourcc(*"MJPG")) if mjpeg else None),
            (cv2.CAP_PROP_FRAME_WIDTH, float(width)),
            (cv2.CAP_PROP_FRAME_HEIGHT, float(height)),
            (cv2.CAP_PROP_FPS, fps),
        ]
        self._backends = cameras.backends(backend)
        self._latest: Latest[Frame] = Latest()
        self._closed = threading.Event()
        self._count = 0
        self._newest = 0.0
        self._camera = cameras.choose(argument, self._list(self._backends[0]))
        capture = self._connect(self._camera)
        if capture is None:
            raise VTuberError(self._refusal)
        self._format = _format(capture)
        self._thread = threading.Thread(target=self._run, args=(capture,), name="camera", daemon=True)
        self._thread.start()

    # The two ways to the outside, apart so that a test can put a device of its own in their place.

    def _list(self, backend: int) -> list[CameraInfo]:
        return cameras.list_cameras(backend)

    def _open(self, camera: CameraInfo, backend: int) -> Capture:
        return open_capture(camera.index, backend)

    def __iter__(self) -> Iterator[Frame | None]:
        while not self._closed.is_set():
            try:
                yield self._latest.get(timeout=TICK_S)
            except TimeoutError:
                yield None
            except Closed:
                return

    def describe(self) -> str:
        return f"camera {self._camera}, {self._format}"

    def close(self) -> None:
        self._closed.set()
        self._latest.close()
        # A device that hangs in the driver is left to its thread; the program need not wait for it.
        self._thread.join(timeout=CLOSE_S)

    def _connect(self, camera: CameraInfo) -> Capture | None:
        """Open the camera and wait for its first picture; None when it does not come, with the reason in _refusal."""
        self._refusal = ""
        for backend in self._backends:
            here = camera
            if backend != self._backends[0]:  # each counts in its own way
                found = cameras.find_again(camera, self._list(backend))
                if found is None:
                    continue
                here = found
            capture = self._open(here, backend)
            if not capture.isOpened():
                self._refusal = self._refusal or cameras.explain(here, opened=False)
                continue
            for property_, wish in self._wishes:
                if wish is not None:
                    capture.set(property_, wish)
            if self._first_picture(capture):
                return capture
            capture.release()
            self._refusal = cameras.explain(here, opened=True)
        return None

    def _first_picture(self, capture: Capture) -> bool:
        give_up = time.perf_counter() + FIRST_PICTURE_S
        while not self._closed.is_set():
            if self._take(capture):
                return True
            if time.perf_counter() > give_up:
                break
            self._closed.wait(0.02)
        return False

    def _run(self, capture: Capture | None) -> None:
        """The camera's thread: takes pictures until close, and comes back after the camera was gone."""
        while capture is not None:
            self._read(capture)
            capture.release()
            if self._closed.is_set():
                return
            logger.warning("camera %s gives no pictures any more: waiting for it to come back", self._camera)
            capture = self._wait_for_return()
            if capture is not None:
                logger.warning("camera is back: %s", self._camera)

    def _read(self, capture: Capture) -> None:
        """Take every picture as it comes; ends when none came for LOST_S, or at close."""
        last = time.perf_counter()
        while not self._closed.is_set():
            if self._take(capture):
                last = time.perf_counter()
            elif time.perf_counter() - last > LOST_S:
                return
            else:
                self._closed.wait(0.02)

    def _wait_for_return(self) -> Capture | None:
        attempt = 0
        while not self._closed.wait(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)]):
            attempt += 1
            found = cameras.find_again(self._camera, self._list(self._backends[0]))
            capture = self._connect(found) if found is not None else None
            if found is not None and capture is not None:
                self._camera = found
                return capture
        return None

    def _take(self, capture: Capture) -> bool:
        if not capture.grab():
            return False
        timestamp = self._moment(capture)
        ok, bgr = capture.retrieve()
        if not ok:
            return False
        self._latest.put(Frame(rgb(bgr), timestamp, self._count))
        self._count += 1
        return True

    def _moment(self, capture: Capture) -> float:
        """When the grabbed picture was taken, seconds, monotonic and rising.

        Linux stamps each picture in the driver, on the very clock that perf_counter reads; it is believed when it lies
        in the near past. Elsewhere the moment of the grab has to do.
        """
        now = time.perf_counter()
        if sys.platform.startswith("linux"):
            stamp = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000.0
            if now - LOST_S < stamp < now:
                now = stamp
        self._newest = max(now, self._newest + 1e-6)
        return self._newest


def _format(capture: Capture) -> str:
    """What the camera really delivers, which need not be what it was asked for."""
    code = int(capture.get(cv2.CAP_PROP_FOURCC))
    letters = "".join(chr(code >> shift & 0x7F) for shift in (0, 8, 16, 24))
    width, height = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
    rate = capture.get(cv2.CAP_PROP_FPS)
    return f"{width:.0f}x{height:.0f} at {rate:g} fps" + (f", {letters}" if letters.isalnum() else "")
