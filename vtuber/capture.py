"""The one door to cv2.VideoCapture, with OpenCV and its FFmpeg kept silent: callers say in one line what went wrong."""

from __future__ import annotations

import os

# Read once: by OpenCV when it is loaded, by its FFmpeg part when the first file is opened (-8 is AV_LOG_QUIET).
# Whoever wants the chatter back sets them before the program starts.
_wanted = "OPENCV_LOG_LEVEL" in os.environ
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
# A camera that stops delivering blocks a read for this many seconds; OpenCV's own choice on Linux is 10.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "3")
# Windows' Media Foundation otherwise tries hardware converters, and opening takes up to half a minute (opencv#17687).
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")

import cv2  # noqa: E402 - the variables above must be there first
import numpy as np  # noqa: E402

from vtuber.stages import Image  # noqa: E402

if not _wanted:  # said again, since somebody else may have loaded OpenCV before this file
    _logging = cv2 if hasattr(cv2, "setLogLevel") else cv2.utils.logging  # its place in OpenCV 4, and in 5
    _logging.setLogLevel(0)

Capture = cv2.VideoCapture


def open_capture(where: int | str, api: int) -> Capture:
    """A camera (its index) or a file (its path) through one of OpenCV's back ends; ask isOpened() how it went."""
    return cv2.VideoCapture(where, api)


def rgb(bgr: cv2.typing.MatLike) -> Image:
    """OpenCV's picture (H, W, 3) BGR as RGB, contiguous, in memory of its own."""
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
