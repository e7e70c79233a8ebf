"""What a face looked like from many sides: the views that a personal face is measured from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vtuber import head_pose, rotation
from vtuber.lens import Lens
from vtuber.stages import Array, Observation, VTuberError

CM = 0.01
TURNED = {"left": 12.0, "right": 12.0, "up": 6.0, "down": 6.0}
"""Degrees from straight ahead that each direction needs before depths can be told at all."""
WISHED = {"left": 30.0, "right": 30.0, "up": 15.0, "down": 15.0}
"""And those that make a good face; further the landmarks of the hidden half are imagined."""
FURTHEST_DEG = 45.0
"""Views from further aside than this are left out, for the same reason."""
CELL_DEG = 6.0
"""Views are taken evenly over cells of this size: a long look ahead says no more than a short one."""
STILL_DEG = 3.0
"""A head that turned less than this in all was held still."""


EYES = (slice(42, 48), slice(36, 42))
"""The left eye and the right one among the 68 points."""


@dataclass(frozen=True, slots=True)
class Views:
    """One face, seen in many pictures of one size."""

    landmarks: Array
    """(T, 68, 2) px without lens distortion, pixel centres at integers; nan where a point was not seen."""
    confidence: Array
    """(T,) 0..1"""
    turns: Array
    """(T, 2) degrees: yaw to the performer's left and pitch up, against the camera."""
    irises: Array
    """(T, 2) px: diameter of the left and the right iris; nan where it is not known."""
    size: tuple[int, int]
    """(width, height) of the pictures, px."""

    def __post_init__(self) -> None:
        count = len(self.landmarks)
        if self.landmarks.shape[1:] != (68, 2):
            raise ValueError(f"landmarks must be (T, 68, 2), not {self.landmarks.shape}")
        if not (self.confidence.shape == (count,) and self.turns.shape == self.irises.shape == (count, 2)):
            raise ValueError("every view needs its confidence, turn and irises")

    def __len__(self) -> int:
        return len(self.landmarks)

    def chosen(self, which: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Views:
        """Some of them, by index or by mask."""
        return Views(self.landmarks[which], self.confidence[which], self.turns[which], self.irises[which], self.size)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far the head was turned each way."""

    reached: dict[str, float]
    """left, right, up, down (the performer's own) -> degrees from straight ahead."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Directions without which no face can be measured."""
        return tuple(way for way, least in TURNED.items() if self.reached[way] < least)

    @property
    def quality(self) -> dict[str, float]:
        """Direction -> 0..1, 1 when there is nothing left to wish for."""
        return {way: min(1.0, max(0.0, self.reached[way] / WISHED[way])) for way in WISHED}

    @property
    def still(self) -> bool:
        """Was the head hardly turned at all?"""
        return max(self.reached.values()) < STILL_DEG

    def demand(self) -> None:
        """Raises VTuberError that says what to do, when a direction is missing."""
        if self.still:
            raise VTuberError("the head was held still: turn it slowly to the left, to the right, up and down")
        if self.missing:
            far = ", ".join(f"{w} {max(0.0, self.reached[w]):.0f} of {TURNED[w]:.0f}" for w in self.missing)
            raise VTuberError(f"the head was turned too little ({far} degrees): turn it {_ways(self.missing)} as well")


def _ways(names: Sequence[str]) -> str:
    words = [f"to the {name}" if name in ("left", "right") else name for name in names]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 2 else words)


def gather(observations: Sequence[Observation], lens: Lens | None = None, person: int = 0) -> Views:
    """The views of one performer in what a tracker saw: its 68 points, and its irises where it has them.

    Args:
        observations: of pictures of one size; those without a face, and of others, are passed over.
        lens: the camera's, where it is known; the landmarks are freed of what it distorts.

    Raises:
        VTuberError: the face was hardly ever seen, or the pictures are not all of one size.
    """
    seen = [o for o in observations if o.person == person and o.face is not None]
    if len(seen) < 10:
        raise VTuberError(f"the face was seen in {len(seen)} pictures only: sit before the camera, in good light")
    size = seen[0].size
    if any(o.size != size for o in seen):
        raise VTuberError("the pictures are not all of one size: calibrate from one camera at a time")
    lens = Lens(head_pose.camera_matrix(*size)) if lens is None else lens
    landmarks, confidence, turns, irises = [], [], [], []
    start = None
    for o in seen:
        assert o.face is not None
        face, layout = lens.straight_face(o.face), o.face.layout
        points = face.landmarks if face.settled is None else face.settled
        try:
            start = head_pose.solve(points[layout.ibug68], _rigid(layout.points, layout.rigidity), lens.matrix, start)
        except ValueError:
            continue
        landmarks.append(points[layout.ibug68, :2])
        confidence.append(face.confidence)
        turns.append(turn_deg(start.matrix))
        irises.append([_diameter(points, layout.groups.get(f"{side}_iris")) for side in ("left", "right")])
    if len(landmarks) < 10:
        raise VTuberError("no head fits what was seen of the face: sit before the camera, in good light")
    return Views(np.array(landmarks), np.array(confidence), np.array(turns), np.array(irises), size)


def _rigid(points: Array, rigidity: Array) -> head_pose.Rigid:
    return head_pose.Rigid(points * CM, rigidity)


def turn_deg(matrix: Array) -> tuple[float, float]:
    """Yaw and pitch, degrees, of a head -> camera rotation (3, 3)."""
    yaw, pitch, _ = rotation.yaw_pitch_roll(rotation.to_matrix(rotation.from_camera(matrix)))
    return math.degrees(yaw), math.degrees(pitch)


def _diameter(points: Array, iris: npt.NDArray[np.intp] | None) -> float:
    """px: the mean across the rim; the landmark model draws irises wider than high."""
    if iris is None or len(iris) < 5:
        return math.nan
    rim = points[iris[1:], :2]
    half = len(rim) // 2
    return float(np.linalg.norm(rim[:half] - rim[half : 2 * half], axis=1).mean())


def coverage(views: Views, ahead: tuple[float, float] | None = None) -> Coverage:
    """How far the head was turned.

    Args:
        ahead: yaw and pitch, degrees, of the performer looking straight ahead; without it, the middle of the views.
    """
    yaw, pitch = np.median(views.turns, axis=0).tolist() if ahead is None else ahead
    # A single wild frame is no turn: the second percentile from either end counts.
    (right, down), (left, up) = np.percentile(views.turns - (yaw, pitch), [2, 98], axis=0).tolist()
    return Coverage({"left": left, "right": -right, "up": up, "down": -down})


def spread_out(views: Views, most: int = 300) -> Views:
    """At most so many of them, evenly over the directions that they were seen from, the surest of each first."""
    sure = views.chosen(np.flatnonzero(np.abs(views.turns).max(axis=1) <= FURTHEST_DEG))
    if len(sure) <= most:
        return sure
    cells: dict[tuple[int, ...], list[int]] = {}
    for i in np.argsort(-sure.confidence, kind="stable").tolist():
        cells.setdefault(tuple(np.floor(sure.turns[i] / CELL_DEG).astype(int).tolist()), []).append(i)
    # Neighbours in time are nearly the same picture: within a cell they are taken from everywhere in it.
    rows = [_interleaved(sorted(cell)) for cell in cells.values()]
    taken = [row[depth] for depth in range(max(map(len, rows))) for row in rows if depth < len(row)]
    return sure.chosen(np.array(sorted(taken[:most])))


def _interleaved(items: list[int]) -> list[int]:
    """The same, so that any first few of them are spread over the whole: first, middle, quarters ..."""
    order = sorted(range(len(items)), key=lambda i: int(f"{i:016b}"[::-1], 2))
    return [items[i] for i in order]
