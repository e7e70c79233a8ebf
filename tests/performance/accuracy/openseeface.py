"""OpenSeeFace by its own script, facetracker.py, from a checkout of it; its log is read.

Its log is in the axes of its arrays, (row, column), so that x and y are exchanged. It has no ARKit shapes: eyeBlink is
measured here from the gap of its lids, eyeLook from its pupils between the eye's corners, jawOpen from the gap of its
inner lips, each right up to gain, which correlations do not mind.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vtuber.stages import Array, VTuberError
from vtuber.video_file import VideoFile, every_frame

from .contestants import REPEATS, Contestant, read_picture
from .tracked import Seen, Tracked

POINTS, PUPILS = 66, (66, 67)
"""Its points, and the right and the left pupil after them."""
IBUG68 = [*range(48), 58, *range(48, 53), 62, *range(53, 58), *range(58, 66)]
"""Its point for each iBUG one. It lacks the outer corners of the mouth: the inner ones stand in."""
SWAP: Array = np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 1]])
MIRROR: Array = np.diag([1.0, 1.0, -1.0])
OPEN = 95
"""The percentile of the lids' gap in a clip that counts as open."""


@dataclass(frozen=True)
class OpenSeeFace(Contestant):
    """Runs in the checkout's own environment, .venv, where there is one, else in this Python; it needs onnxruntime,
    pillow and an OpenCV before 5."""

    checkout: Path
    model: int = 0

    def clip(self, path: Path) -> Tracked:
        video = VideoFile(path)
        count = sum(1 for _ in every_frame(video))
        video.close()
        return Tracked.of(seen(self._log(path), count))

    def picture(self, path: Path) -> Seen | None:
        image = cv2.cvtColor(read_picture(path), cv2.COLOR_RGB2BGR)
        height, width = image.shape[:2]
        with tempfile.TemporaryDirectory() as folder:
            clip = Path(folder) / "picture.avi"
            # FFV1 is lossless.
            writer = cv2.VideoWriter(str(clip), cv2.VideoWriter.fourcc(*"FFV1"), 30, (width, height))
            for _ in range(REPEATS):
                writer.write(image)
            writer.release()
            return seen(self._log(clip), REPEATS)[-1]

    def _log(self, clip: Path) -> list[str]:
        """The rows of its log. Raises VTuberError when it wrote none."""
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log.csv"
            options = {"-c": clip.resolve(), "-F": 1000, "--model": self.model, "--max-threads": 1, "--log-data": log}
            command = [self._python(), "facetracker.py", "--silent", "1"]
            command += [str(word) for pair in options.items() for word in pair]
            run = subprocess.run(
                command, cwd=self.checkout, capture_output=True, encoding="utf-8", errors="replace", check=False
            )
            if not log.is_file() or run.returncode:
                last = (run.stderr.strip().splitlines() or ["no word of why"])[-1]
                raise VTuberError(f"OpenSeeFace in {self.checkout} does not run here: {last}")
            return log.read_text(encoding="utf-8").splitlines()

    def _python(self) -> str:
        own = [self.checkout / ".venv" / place for place in ("bin/python", "Scripts/python.exe")]
        return str(next((path.absolute() for path in own if path.is_file()), sys.executable))


def seen(log: Sequence[str], count: int) -> list[Seen | None]:
    """What its log says of each of `count` frames."""
    faces = {frame: face for frame, face in _faces(log) if frame < count}
    if not faces:
        return [None] * count
    points = np.stack([face.points for face in faces.values()])
    opened = [np.percentile(gap, OPEN) for gap in _lids(points)]
    return [faces[i].seen(opened) if i in faces else None for i in range(count)]


@dataclass(frozen=True)
class _Face:
    turn: Array
    """(3,) rotation vector, its axes"""
    shift: Array
    """(3,)"""
    points: Array
    """(68, 2) px, iBUG order"""
    pupils: Array
    """(2, 2) px, right and left"""

    def seen(self, opened: Sequence[float]) -> Seen:
        right, left = (1 - gap[0] / most for gap, most in zip(_lids(self.points[None]), opened, strict=True))
        shapes = {"eyeBlinkRight": float(np.clip(right, 0, 1)), "eyeBlinkLeft": float(np.clip(left, 0, 1))}
        for side, pupil, corners, outward in (("Right", 0, (36, 39), -1), ("Left", 1, (42, 45), 1)):
            x, y = _between(self.pupils[pupil], *self.points[list(corners)])
            shapes[f"eyeLookOut{side}"], shapes[f"eyeLookIn{side}"] = max(0.0, outward * x), max(0.0, -outward * x)
            shapes[f"eyeLookUp{side}"], shapes[f"eyeLookDown{side}"] = max(0.0, -y), max(0.0, y)
        gap = np.linalg.norm(self.points[62] - self.points[66])
        shapes["jawOpen"] = float(gap / np.linalg.norm(self.points[36] - self.points[45]))
        position = SWAP @ self.shift * np.sign(self.shift[2])
        return Seen(self._rotation(), position, self.points, shapes=shapes)

    def _rotation(self) -> Array:
        """Head -> camera. Its solution mostly lies behind the camera, where it looks the same from the front, seen
        through a point, with near and far exchanged: both are undone."""
        turn = np.asarray(cv2.Rodrigues(self.turn)[0])
        if self.shift[2] < 0:
            behind: Array = MIRROR @ (-SWAP @ turn) @ MIRROR
            return behind
        before: Array = SWAP @ turn @ SWAP
        return before


def _faces(log: Sequence[str]) -> Iterator[tuple[int, _Face]]:
    header = log[0].split(",")
    column = {name: i for i, name in enumerate(header)}
    first, turn, shift = column["Landmark[0].X"], column["RVec.X"], column["TVec.X"]
    for line in log[1:]:
        cells = line.split(",")
        # The pupils have no name in the header, and are counted off.
        if len(cells) < first + 3 * (POINTS + len(PUPILS)) or cells[column["Success3D"]] != "True":
            continue
        marks = np.array(cells[first : first + 3 * (POINTS + len(PUPILS))], dtype=float).reshape(-1, 3)[:, :2]
        yield (
            int(cells[column["Frame"]]) - 1,
            _Face(
                np.array(cells[turn : turn + 3], dtype=float),
                np.array(cells[shift : shift + 3], dtype=float),
                marks[IBUG68],
                marks[list(PUPILS)],
            ),
        )


def _lids(points: Array) -> list[Array]:
    """(N, 68, 2) -> the lids' gap over the eye's width, (N,) of the right and the left eye."""
    gaps = []
    for outer, upper, lower in ((36, (37, 38), (41, 40)), (42, (43, 44), (47, 46))):
        gap = np.linalg.norm(points[:, list(upper)] - points[:, list(lower)], axis=2).mean(axis=1)
        gaps.append(gap / np.linalg.norm(points[:, outer] - points[:, outer + 3], axis=1))
    return gaps


def _between(pupil: Array, a: Array, b: Array) -> tuple[float, float]:
    """Where a pupil is from the middle of the eye's corners, along and across their line, in 0.4 eye widths."""
    width = float(np.linalg.norm(b - a)) + 1e-6
    along = (b - a) / width
    off = (pupil - (a + b) / 2) / (0.4 * width)
    return float(off @ along), float(off @ np.array([-along[1], along[0]]))
