"""MediaPipe's Face Landmarker models on LiteRT: 478 points with irises and 52 scores, up to N faces."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from vtuber import acting, face_mesh, models, stages
from vtuber.face_detector import Box, FaceDetector, intersection_over_union
from vtuber.face_mesh import FaceMesh, TaskFile
from vtuber.stages import Array, Face, Frame, Image, Observation
from vtuber.strangers import ALIVE, SAME, Stranger, Strangers, Trail

PRESENT = 0.5
"""The landmark model's probability below which the face is gone."""
LOOK_AROUND_S = 2.0
"""While the performers are tracked, the detector only runs this often: to know who else is in the picture."""
UNSURE_S = 0.3
"""But this often while a performer may be a picture, or has not come yet."""
PATIENCE_S = 10.0
"""So long after a performer was lost, only a face that could be theirs takes their place."""
MIN_RETURN_SIZE = 0.5
"""A face smaller than this share of the lost one is somebody else: a poster, a passer-by."""
TAKE_OVER_SIZE = 1.5
"""A face this much larger than the tracked one, closer to the camera that is, takes over."""
SETTLING = 3
"""So often a new face is measured again in its first frame. The detector's box frames a face otherwise than its
landmarks do, which turns the head by up to 1.3 degrees; each look leaves about a third of that."""
NEAR = 0.6
"""A returning face within this many widths of where it was lost is the same, whoever else was seen there."""
LEAVING_S = 0.7
"""So long after a performer was lost, or found, whoever passes before a picture may seem to move it:"""
LEAVING_MOVE = 0.15
"""then only a face that gets this far, in widths of its own, is somebody's."""
WIDTHS_PER_S = 10.0
"""A performer who was lost is within this many widths of their face, for each second since, and one more: 1.5 m/s."""
PICTURE_S = 3.0
"""A performer who has not moved at all for so long is a picture, and gives way to somebody who does."""
FAR = math.radians(33)
"""A head that `face_mesh.turned` says to be further is also looked at in the mirror, since left and right are not alike
to the models: at once, and then in each so many frames."""
MIRRORED_EACH = 3
MOST_STRANGERS = 3
"""So many strangers, the largest, are measured in one frame."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A performer: where the face is, or was."""

    box: Box
    time: float
    tracked: bool
    trail: Trail
    """From where they were found, or from where they were a moment later."""
    far: int = 0
    """Frames for which the head has been turned far."""

    def is_picture(self, now: float) -> bool:
        """Has this face not moved since it was found?"""
        return self.trail.furthest <= ALIVE and now - self.trail.since > PICTURE_S


class Tracker(stages.Tracker):
    """Finds faces, then follows each from its own last landmarks.

    Settings:
        faces: how many performers share the camera; each keeps its number.
        threads: CPU threads for the models; more than 1 costs more in all than it saves.
    """

    def __init__(self, *, faces: int = 1, threads: int = 1) -> None:
        if faces < 1 or threads < 1:
            raise ValueError(f"faces and threads must be at least 1, not {faces} and {threads}")
        task = TaskFile.read(models.path("face_landmarker.task"))
        self.detector = FaceDetector(task.detector, threads)
        self.mesh = FaceMesh(task.landmarks, task.blendshapes, threads, acting.network().coarse)
        self.layout = face_mesh.layout(task.canonical)
        self._slots: list[Seen | None] = [None] * faces
        self.forget()
        self._shape: tuple[int, ...] = ()

    def forget(self) -> None:
        """Know nobody: the next frame is looked at as if it were the first."""
        self._slots = [None] * len(self._slots)
        self._strangers = Strangers()
        self._looked = -math.inf

    def track(self, frame: Frame) -> list[Observation]:
        found: dict[int, Observation] = {}
        if frame.image.shape != self._shape:  # another camera, or another size of its pictures: no place holds
            self.forget()
            self._shape = frame.image.shape
        for person, seen in enumerate(self._slots):
            if seen and seen.tracked and not self._follow(frame, person, seen.box, found):
                self._slots[person] = replace(seen, tracked=False)
        self._part_twins(found)
        if self._should_look(frame.timestamp, found):
            self._look_around(frame, found)
        return [found[person] for person in sorted(found)]

    def _should_look(self, now: float, found: dict[int, Observation]) -> bool:
        """Every frame while a performer is lost; else now and then, to know who is who."""
        if not found or any(seen and not seen.tracked for seen in self._slots):
            return True
        sure = all(seen and seen.trail.furthest > ALIVE for seen in self._slots)
        return not 0 <= now - self._looked < (LOOK_AROUND_S if sure else UNSURE_S)

    def _follow(self, frame: Frame, person: int, box: Box, found: dict[int, Observation]) -> bool:
        """Measure the face near `box`; if one is there, it is this person's now."""
        points, presence = self.mesh.landmarks(frame.image, face_mesh.region_of_box(box))
        if presence < PRESENT or not _inside(points, frame.image):
            return False
        seen, trail = self._slots[person], self._trail(person, points, frame.timestamp)
        far = (seen.far if seen else 0) + 1 if face_mesh.turned(points) > FAR else 0
        self._slots[person] = Seen(face_mesh.box_of(points), frame.timestamp, True, trail, far)
        face = Face(points, self.layout, presence, self.mesh.scores(points), self.mesh.impression())
        if far % MIRRORED_EACH == 1:
            face = replace(face, mirror=self._in_mirror(frame, points))
        height, width = frame.image.shape[:2]
        found[person] = Observation(frame.timestamp, person, (width, height), face)
        return True

    def _in_mirror(self, frame: Frame, points: Array) -> Face | None:
        """The face with landmarks (478, 3) px, found in the mirror image; None where none is found there."""
        last = frame.image.shape[1] - 1
        region = face_mesh.region_of_box(face_mesh.box_of(points))
        region = replace(region, centre=(last - region.centre[0], region.centre[1]), angle=-region.angle)
        mirrored, presence = self.mesh.landmarks(np.asarray(cv2.flip(frame.image, 1), dtype=np.uint8), region)
        if presence < PRESENT:
            return None
        scores, impression = self.mesh.scores(mirrored), self.mesh.impression()
        mirrored[:, 0] = last - mirrored[:, 0]
        return Face(mirrored, self.layout, presence, scores, impression)

    def _trail(self, person: int, points: Array, now: float) -> Trail:
        """A performer's trail goes on; at first it only begins: what moved may be who passes before a picture."""
        seen = self._slots[person]
        if seen is None or not seen.tracked or now < seen.trail.since:
            return Trail(now, points)
        if now - seen.trail.since < LEAVING_S:
            seen.trail.begin(points)
        else:
            seen.trail.goes_to(points)
        return seen.trail

    def _settle(self, frame: Frame, person: int, found: dict[int, Observation]) -> None:
        """Look again at a new face, so that the head does not twitch when it appears.

        The landmarks and scores of the first look are left: they are the official package's to a hair.
        """
        face, seen = found[person].face, self._slots[person]
        assert face is not None and seen is not None
        points = self._settled(frame, seen.box)
        if points is not None:
            self._slots[person] = replace(seen, box=face_mesh.box_of(points), trail=Trail(frame.timestamp, points))
            settled = replace(face, settled=points, impression=self.mesh.impression())
            found[person] = replace(found[person], face=settled)

    def _settled(self, frame: Frame, box: Box) -> Array | None:
        """The landmarks of the face near `box`, measured until they move no more; None where there is no face."""
        for _ in range(SETTLING):
            points, presence = self.mesh.landmarks(frame.image, face_mesh.region_of_box(box))
            if presence < PRESENT or not _inside(points, frame.image):
                return None
            box = face_mesh.box_of(points)
        return points

    def _part_twins(self, found: dict[int, Observation]) -> None:
        """Two slots on one face: the later one lets go."""
        people = sorted(found)
        for i, a in enumerate(people):
            for b in people[i + 1 :]:
                first, second = self._slots[a], self._slots[b]
                if b in found and first and second and intersection_over_union(first.box, second.box) > 0.5:
                    del found[b]
                    self._slots[b] = None

    def _look_around(self, frame: Frame, found: dict[int, Observation]) -> None:
        """Detect faces; give free slots to those who may have them, and remember the others as strangers."""
        now = self._looked = frame.timestamp
        held = [seen.box for seen in self._slots if seen and seen.tracked]
        boxes = [b for b in self.detector(frame.image) if all(intersection_over_union(b, h) < 0.2 for h in held)]
        strangers = self._strangers.seen(sorted(boxes, key=lambda b: -b.size[0]), now)
        if any(self._slots):
            self._measure(frame, strangers[:MOST_STRANGERS])
            for stranger in strangers:
                stranger.beside |= not any(seen is None or _in_reach(seen, stranger.box, now) for seen in self._slots)
        for person, seen in enumerate(self._slots):
            if seen and seen.tracked:
                candidates = [s for s in strangers if _takes_over(seen, s, now)]
            else:
                candidates = [s for s in strangers if _may_be(seen, s, now)]
                candidates.sort(key=lambda s: _strangeness(seen, s.box))
            if candidates and self._follow(frame, person, candidates[0].region or candidates[0].box, found):
                if not candidates[0].region:
                    self._settle(frame, person, found)
                strangers.remove(candidates[0])
                self._strangers.remove(candidates[0])
        if len(found) == len(self._slots):
            for stranger in strangers:
                stranger.beside = True

    def _measure(self, frame: Frame, strangers: list[Stranger]) -> None:
        """Where their landmarks are, to know who moves."""
        for stranger in strangers:
            if stranger.region and intersection_over_union(stranger.region, stranger.box) > SAME:
                points, presence = self.mesh.landmarks(frame.image, face_mesh.region_of_box(stranger.region))
                stranger.measured(points if presence >= PRESENT else None, frame.timestamp)
            else:
                stranger.measured(self._settled(frame, stranger.box), frame.timestamp)


def _in_reach(lost: Seen, box: Box, now: float) -> bool:
    """Could a performer have got there since they were last seen?"""
    seconds = now - lost.time
    if lost.tracked or seconds < 0:
        return not lost.tracked
    return math.dist(box.centre, lost.box.centre) < (1 + WIDTHS_PER_S * seconds) * lost.box.size[0]


def _may_be(lost: Seen | None, stranger: Stranger, now: float) -> bool:
    """Could this face be the performer who was lost?"""
    if lost is None or lost.trail.furthest <= ALIVE:  # nobody yet, or a moment's mistake
        return True
    box, away = stranger.box, now - lost.time
    lately = 0 <= away <= PATIENCE_S
    if lately and box.size[0] < MIN_RETURN_SIZE * lost.box.size[0] * BOX_TO_MESH:
        return False
    if math.dist(box.centre, lost.box.centre) < NEAR * lost.box.size[0]:
        return True
    if lately and stranger.beside:
        return False
    return stranger.moved(LEAVING_MOVE if 0 <= away < LEAVING_S else ALIVE)


def _takes_over(seen: Seen, stranger: Stranger, now: float) -> bool:
    """Is this face the performer, rather than the one that is tracked?"""
    share = MIN_RETURN_SIZE if seen.is_picture(now) else TAKE_OVER_SIZE
    return stranger.moved() and stranger.box.size[0] > share * seen.box.size[0] * BOX_TO_MESH


BOX_TO_MESH = 0.95
"""A detector's box is about this much as wide as the landmarks' box of the same frontal face."""


def _strangeness(lost: Seen | None, box: Box) -> float:
    """How unlike the lost performer a face is: distance moved and change of size; a first face: smallness."""
    if lost is None:
        return -box.size[0]
    width = lost.box.size[0]
    return math.dist(box.centre, lost.box.centre) / width + 2 * abs(math.log(box.size[0] / (width * BOX_TO_MESH)))


def _inside(points: Array, image: Image) -> bool:
    """Is the middle of the face in the picture? The model imagines landmarks beyond the edge for a while."""
    height, width = image.shape[:2]
    x, y = points[1, :2]
    return bool(-0.05 * width <= x <= 1.05 * width and -0.05 * height <= y <= 1.05 * height)
