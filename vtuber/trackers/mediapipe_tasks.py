"""The official MediaPipe package's Face Landmarker: the reference that `face_landmarker` is held against.

It is not the default: from 0.10.30 on the package sends usage metrics to its maker, without a switch
(google-ai-edge/mediapipe#6291), and a program that watches a face must not; it also needs more CPU time for the same
models. Needs the extra `mediapipe`.
"""

from __future__ import annotations

import functools
import itertools
import logging
import math

import mediapipe as mp
import numpy as np

from vtuber import face_mesh, models, stages
from vtuber.stages import Array, Face, Frame, Observation

log = logging.getLogger(__name__)


class Tracker(stages.Tracker):
    """Finds faces with MediaPipe's own graph.

    The package does not hand out the probability of a face, so the confidence of a found one is 1.

    Settings:
        faces: how many performers share the camera.
        mode: `video` follows faces and smooths their landmarks inside the graph; `image` looks at each frame anew.
    """

    def __init__(self, *, faces: int = 1, mode: str = "video") -> None:
        if faces < 1:
            raise ValueError(f"faces must be at least 1, not {faces}")
        if mode not in ("video", "image"):
            raise ValueError(f"mode must be video or image, not {mode!r}")
        warn_of_telemetry()
        file = models.path("face_landmarker.task")
        self.layout = face_mesh.layout(face_mesh.TaskFile.read(file).canonical)
        self._video = mode == "video"
        vision = mp.tasks.vision
        options = vision.FaceLandmarkerOptions(
            # The bytes and not the path: the package cannot open every path that Windows allows.
            base_options=mp.tasks.BaseOptions(model_asset_buffer=file.read_bytes()),
            running_mode=vision.RunningMode.VIDEO if self._video else vision.RunningMode.IMAGE,
            num_faces=faces,
            output_face_blendshapes=True,
        )
        self._landmarker = vision.FaceLandmarker.create_from_options(options)
        self._closed = False
        self._last_ms = -1
        self._places: list[Array | None] = [None] * faces
        """Where each performer's face was last seen, (2,) px."""

    def track(self, frame: Frame) -> list[Observation]:
        picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(frame.image))
        if self._video:
            # The graph refuses a timestamp that does not rise.
            self._last_ms = max(self._last_ms + 1, round(frame.timestamp * 1000))
            result = self._landmarker.detect_for_video(picture, self._last_ms)
        else:
            result = self._landmarker.detect(picture)
        height, width = frame.image.shape[:2]
        faces = []
        for landmarks, categories in zip(result.face_landmarks, result.face_blendshapes, strict=True):
            points = np.array([[p.x * width - 0.5, p.y * height - 0.5, p.z * width] for p in landmarks])
            scores = {c.category_name: float(c.score) for c in categories if c.category_name in face_mesh.SCORES}
            faces.append(Face(points, self.layout, 1.0, scores))
        people = self._named([face.landmarks[:, :2].mean(axis=0) for face in faces])
        named = sorted(zip(people, faces, strict=True), key=lambda pair: pair[0])
        return [Observation(frame.timestamp, person, (width, height), face) for person, face in named]

    def _named(self, centres: list[Array]) -> list[int]:
        """A number for each face, the one of the nearest place first: the package's own order is not stable."""
        pairs = sorted(
            (math.inf if place is None else math.dist(place, centre), person, i)
            for (person, place), (i, centre) in itertools.product(enumerate(self._places), enumerate(centres))
        )
        people: dict[int, int] = {}
        for _, person, i in pairs:
            if i not in people and person not in people.values():
                people[i] = person
                self._places[person] = centres[i]
        return [people[i] for i in range(len(centres))]

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._landmarker.close()


@functools.cache
def warn_of_telemetry() -> None:
    """Said once in a run: whoever starts this tracker is to know, and to decide."""
    log.warning(
        "mediapipe_tasks runs the package mediapipe %s, which from 0.10.30 on sends usage metrics to Google and cannot "
        "be told not to; the tracker face_landmarker runs the same models and sends nothing",
        mp.__version__,
    )
