"""The performer that comes with the program, so that everything can be tried without a camera."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from vtuber import stages
from vtuber.stages import Frame, VTuberError
from vtuber.video_file import VideoFile, play

CLIP = Path(__file__).with_name("demo.mp4")
"""Runs forward, then backward, so that its end meets its beginning. THIRD_PARTY.md says where it is from."""


class Source(stages.Source):
    """A rendered performer who moves, looks about, blinks and talks, for ever. Takes no argument.

    fps: frames per second
    """

    def __init__(self, argument: str = "", *, fps: float = 30.0) -> None:
        if argument:
            raise VTuberError(f"the demo takes no argument; for a video of yours use --source video:{argument}")
        if not fps > 0:
            raise VTuberError(f"fps must be more than 0, not {fps:g}")
        self._closed = threading.Event()
        self._video = VideoFile(CLIP, fps=fps)

    def __iter__(self) -> Iterator[Frame]:
        return play(self._video, self._closed, loop=True)

    def describe(self) -> str:
        return f"the demo performer, {self._video.rate:g} fps"

    def close(self) -> None:
        self._closed.set()
        self._video.close()
