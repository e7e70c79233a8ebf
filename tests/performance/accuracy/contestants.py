"""Who is measured: the parts of this program, or the official MediaPipe package by itself. See openseeface.py, too.

A contestant takes a clip frame by frame and says what it saw. A picture is shown as a short clip of the same frame, as
a camera would, and what was seen last counts.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vtuber import blendshapes, config, models, parts, wire
from vtuber import profile as profiles
from vtuber.face_mesh import IBUG68
from vtuber.gaze import Gaze
from vtuber.pipeline import Pipeline
from vtuber.profile import Profile
from vtuber.rotation import FROM_CAMERA
from vtuber.stages import Filter, Frame, Image, Signal, VTuberError
from vtuber.video_file import VideoFile, every_frame

from .tracked import Seen, Tracked

REPEATS = 5
"""So many times a picture is shown."""
RATE = 30.0


class Contestant(ABC):
    """Anything that can be measured; it must survive pickling, for the work is shared among processes."""

    @abstractmethod
    def clip(self, path: Path) -> Tracked:
        """What is seen in each frame of a video, from the first on."""

    @abstractmethod
    def picture(self, path: Path) -> Seen | None:
        """What is seen in a picture."""

    def from_scores(self, scores: Mapping[str, float]) -> Mapping[str, float] | None:
        """The weights that come of MediaPipe's scores alone; None where scores are not what it starts from."""
        return None


class FrameByFrame(Contestant):
    """A contestant that runs in this process."""

    def clip(self, path: Path) -> Tracked:
        video = VideoFile(path)
        try:
            return Tracked.of(self.follow(every_frame(video)))
        finally:
            video.close()

    def picture(self, path: Path) -> Seen | None:
        image = read_picture(path)
        return list(self.follow(Frame(image, i / RATE, i) for i in range(REPEATS)))[-1]

    @abstractmethod
    def follow(self, frames: Iterable[Frame]) -> Iterable[Seen | None]:
        """What is seen in each frame, by somebody who knows nothing of any frame before the first."""


@dataclass(frozen=True)
class Parts(FrameByFrame):
    """Tracker, maths and filter of this program, as `vtuber track` joins them."""

    tracker: str = parts.DEFAULTS["tracker"]
    filter: str = parts.DEFAULTS["filter"]
    profile: str = ""
    settings: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    """Kind of part, or `pipeline` -> its settings."""

    @classmethod
    def chosen(cls, tracker: str | None, filter: str | None, profile: str | None, changes: list[str]) -> Parts:
        """As the command line names them. Raises VTuberError."""
        plain = cls(tracker or cls.tracker, filter or cls.filter, profile or "")
        settings = config.Config({}, {})
        config.override(settings, changes, {plain.tracker: "tracker", plain.filter: "filter"})
        return dataclasses.replace(plain, settings=settings.settings)

    def follow(self, frames: Iterable[Frame]) -> Iterable[Seen | None]:
        tracker = parts.make("tracker", self.tracker, self.settings.get("tracker", {}))
        try:
            pipeline = self._pipeline()
            for frame in frames:
                step = pipeline.step(frame.timestamp, tracker.track(frame))[0]
                m = step.measured
                if m is None:
                    yield None
                    continue
                gaze = np.stack([m.gaze_left, m.gaze_right])
                # As it goes out, to a thousandth: a shape that moves by less follows nothing.
                weights = wire.to_json(step.state)["blendshapes"]
                yield Seen(m.matrix, m.position, m.landmarks68, gaze, weights)
        finally:
            tracker.close()

    def from_scores(self, scores: Mapping[str, float]) -> Mapping[str, float] | None:
        return blendshapes.solve(scores, *_gaze_of(scores))

    def _pipeline(self) -> Pipeline:
        def make(signal: Signal) -> Filter:
            made: Filter = parts.make("filter", self.filter, self.settings.get("filter", {}), signal)
            return made

        profile = profiles.load(self.profile) if self.profile else Profile()
        return Pipeline(profile, make, **parts.checked(Pipeline, "pipeline", self.settings.get("pipeline", {})))


def _gaze_of(scores: Mapping[str, float]) -> tuple[Gaze, Gaze]:
    """Where the eyes look by the scores of their eyeLook shapes."""
    eyes = []
    for side, outward in (("Left", 1), ("Right", -1)):
        out = scores[f"eyeLookOut{side}"] - scores[f"eyeLookIn{side}"]
        up = scores[f"eyeLookUp{side}"] - scores[f"eyeLookDown{side}"]
        eyes.append(Gaze(outward * out * blendshapes.LOOK_SIDEWAYS, up * blendshapes.LOOK_UP_DOWN))
    return eyes[0], eyes[1]


class MediaPipe(FrameByFrame):
    """The official package alone: its own head matrix, landmarks as its graph smooths them, and the model's scores."""

    def from_scores(self, scores: Mapping[str, float]) -> Mapping[str, float] | None:
        return scores

    def follow(self, frames: Iterable[Frame]) -> Iterable[Seen | None]:
        landmarker = _landmarker()
        try:
            for frame in frames:
                yield _mediapipe(landmarker, frame)
        finally:
            landmarker.close()


def _landmarker() -> Any:
    try:
        import mediapipe
    except ModuleNotFoundError as e:
        raise VTuberError("--mediapipe needs the package mediapipe: pip install 'vtuber-driver[mediapipe]'") from e
    vision = mediapipe.tasks.vision
    options = vision.FaceLandmarkerOptions(
        base_options=mediapipe.tasks.BaseOptions(model_asset_buffer=models.path("face_landmarker.task").read_bytes()),
        running_mode=vision.RunningMode.VIDEO,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    return vision.FaceLandmarker.create_from_options(options)


def _mediapipe(landmarker: Any, frame: Frame) -> Seen | None:
    import mediapipe

    picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(frame.image))
    result = landmarker.detect_for_video(picture, round(1000 * frame.timestamp))
    if not result.face_landmarks:
        return None
    height, width = frame.image.shape[:2]
    points = np.array([[p.x * width - 0.5, p.y * height - 0.5] for p in result.face_landmarks[0]])
    # The matrix is in centimetres, y up and z towards the camera, and may hold a scale.
    placed = np.array(result.facial_transformation_matrixes[0])
    u, _, v = np.linalg.svd(placed[:3, :3])
    return Seen(
        FROM_CAMERA[:, None] * (u @ v),
        FROM_CAMERA * placed[:3, 3],
        points[IBUG68],
        shapes={c.category_name: float(c.score) for c in result.face_blendshapes[0] if c.category_name != "_neutral"},
    )


def read_picture(path: Path) -> Image:
    """(H, W, 3) uint8, RGB. Raises VTuberError when it cannot be read."""
    # The bytes and not the path: OpenCV cannot open every path that Windows allows.
    image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise VTuberError(f"{path} is not a picture that can be read")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)
