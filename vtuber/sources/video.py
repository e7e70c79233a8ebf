"""A video file: played like a camera, or frame by frame."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from vtuber import stages
from vtuber.stages import Frame, VTuberError
from vtuber.video_file import VideoFile, every_frame, play


class Source(stages.Source):
    """A video file, any format that OpenCV's FFmpeg reads. The argument is its path.

    fps: frames per second to play it at; 0 takes the file's own timing
    realtime: play it by the clock, skipping frames for a late reader; otherwise every frame, timed from 0
    loop: start again at the end

    Raises:
        VTuberError: on construction, no such file or no video; at the end, the file is cut off.
    """

    def __init__(self, argument: str = "", *, fps: float = 0.0, realtime: bool = True, loop: bool = False) -> None:
        if not argument:
            raise VTuberError("which video? name its path, as in --source video:clip.mp4")
        self.live = realtime
        self._loop = loop
        self._closed = threading.Event()
        self._fresh = True
        self._video = VideoFile(Path(argument).expanduser(), fps=fps)

    @property
    def frames(self) -> int:
        """How many frames the file says it has; 0 when it does not say, or goes round for ever."""
        return 0 if self._loop else self._video.frames

    def __iter__(self) -> Iterator[Frame]:
        if not self._fresh:
            self._video.rewind()
        self._fresh = False
        if self.live:
            return play(self._video, self._closed, loop=self._loop)
        return every_frame(self._video, loop=self._loop)

    def describe(self) -> str:
        width, height = self._video.size
        pace = "played in real time" if self.live else "every frame"
        return f"video {self._video.path.name}, {width}x{height} at {self._video.rate:g} fps, {pace}"

    def close(self) -> None:
        self._closed.set()
        self._video.close()
