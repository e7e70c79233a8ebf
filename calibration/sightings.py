"""The sightings of a board so far: where in the picture it was, how it was tilted, how near, and what is missing.

A camera is known when the board was seen all over the picture (a lens bends most at its edges) and tilted each way: of
a board held flat before the camera, focal length and distance cannot be told apart (Zhang 2000).
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from calibration.board import Board, Sighting
from vtuber import head_pose
from vtuber.stages import Array

GRID = (3, 4)
"""Rows and columns that the picture is looked at in."""
IN_A_CELL = 6
"""Corners that make a part of the picture seen."""
CELLS = 10
"""Of the twelve parts so many must be seen; with every part of the edge a chessboard would take for ever."""
TILT_DEG = 15.0
NEAR_AND_FAR = 1.3
"""The board's largest size in the picture over its smallest."""
FEWEST, MOST = 10, 40
"""Sightings that are needed, and that are kept: more only take time."""
NEWS = 0.04
"""A sighting is new when its corners lie this share of the picture's width from those of every other one."""
SWEPT = 0.02
"""A board that moved by more than this share from one picture to the next is blurred."""
WAYS = ("left", "right", "up", "down")


class Sightings:
    """What was seen of a board in pictures of one size (width, height), px."""

    def __init__(self, board: Board, size: tuple[int, int]) -> None:
        self.board, self.size = board, size
        self.kept: list[Sighting] = []
        self._points = board.points
        self._guess = head_pose.camera_matrix(*size)
        self._cells = np.zeros(GRID, dtype=int)
        self._tilted = dict.fromkeys(WAYS, 0.0)
        self._sizes: list[float] = []
        self._last: Sighting | None = None

    def add(self, seen: Sighting | None, *, moving: bool = False) -> bool:
        """Keep a sighting that tells something new.

        Args:
            moving: the pictures are of a film: one in which the board is swept along is passed over.
        """
        last, self._last = self._last, seen
        if seen is None or len(self.kept) >= MOST:
            return False
        width = self.size[0]
        if moving and (last is None or _apart(seen, last) > SWEPT * width):
            return False
        held = self._held(seen)
        if held is None:
            return False
        tilt, nearness = held
        tells = any(angle >= TILT_DEG > self._tilted[way] for way, angle in tilt.items())
        if not tells and any(_apart(seen, other) < NEWS * width for other in self.kept):
            return False
        self.kept.append(seen)
        self._sizes.append(nearness)
        for way, angle in tilt.items():
            self._tilted[way] = max(self._tilted[way], angle)
        column, row = (
            np.clip((seen.corners.T + 0.5) / np.array([self.size]).T, 0, 0.999) * [[GRID[1]], [GRID[0]]]
        ).astype(int)
        np.add.at(self._cells, (row, column), 1)
        return True

    def _held(self, seen: Sighting) -> tuple[dict[str, float], float] | None:
        """About how many degrees each side of the board is tilted away, and how near it is, 1/m."""
        try:
            ok, turn, place = cv2.solvePnP(self._points[seen.ids], seen.corners, self._guess, None)
        except cv2.error:
            return None
        if not ok or not np.isfinite(place).all() or float(place[2, 0]) <= 0:
            return None
        x, y, z = np.asarray(cv2.Rodrigues(turn)[0])[:, 2].tolist()
        # The board's own z points away from us, and so towards the side that is nearer.
        right_nearer, lower_nearer = math.degrees(math.atan2(x, abs(z))), math.degrees(math.atan2(y, abs(z)))
        tilt = {"left": right_nearer, "right": -right_nearer, "up": lower_nearer, "down": -lower_nearer}
        return tilt, 1.0 / float(place[2, 0])

    @property
    def missing(self) -> list[str]:
        """What to do next, the most wanted first; empty when the camera can be measured."""
        return [_WORDS.get(want) or f"move it to the {want} of the picture" for want in self.wants]

    @property
    def wants(self) -> list[str]:
        """The same, each in a word: show, a part of the picture, a way to tilt it, distance, or more."""
        if not self.kept:
            return ["show"]
        wanted = []
        unseen = [name for name, seen in zip(_CELL_NAMES, self.parts, strict=True) if not seen]
        if len(unseen) > GRID[0] * GRID[1] - CELLS:
            wanted.append(unseen[0])
        wanted += [way for way in WAYS if self._tilted[way] < TILT_DEG]
        if max(self._sizes) < NEAR_AND_FAR * min(self._sizes):
            wanted.append("distance")
        if len(self.kept) < FEWEST:
            wanted.append("more")
        return wanted

    @property
    def parts(self) -> list[bool]:
        """Which of the picture's parts the board was seen in, row by row."""
        seen: list[bool] = (self._cells >= IN_A_CELL).ravel().tolist()
        return seen

    @property
    def tilts(self) -> dict[str, float]:
        """Way -> 0..1, how much of the tilt that is needed was shown."""
        return {way: round(min(1.0, angle / TILT_DEG), 2) for way, angle in self._tilted.items()}

    @property
    def share(self) -> float:
        """0..1, how much of what is needed is there."""
        cells = min(CELLS, int((self._cells >= IN_A_CELL).sum())) / CELLS
        tilts = sum(min(1.0, angle / TILT_DEG) for angle in self._tilted.values()) / len(WAYS)
        return 0.4 * cells + 0.3 * tilts + 0.3 * min(1.0, len(self.kept) / FEWEST)

    def map(self) -> str:
        """One line: the parts of the picture, row by row, the tilts, and the count of sightings."""
        rows = ["".join("#" if n >= IN_A_CELL else "." for n in row) for row in self._cells.tolist()]
        tilts = " ".join(way if self._tilted[way] >= TILT_DEG else "-" * len(way) for way in WAYS)
        return f"picture {'/'.join(rows)}  tilted {tilts}  {len(self.kept)} views"


_CELL_NAMES = [
    f"{row} {column}".replace("middle middle", "middle").strip()
    for row in ("top", "middle", "bottom")
    for column in ("left", "middle", "middle", "right")
]
_WORDS = {
    "show": "show the board, so that all of it is in the picture",
    "left": "tilt it so that its left side is further away",
    "right": "tilt it so that its right side is further away",
    "up": "tilt it so that its upper side is further away",
    "down": "tilt it so that its lower side is further away",
    "distance": "come nearer with it, or go further away",
    "more": "show it from other sides",
}


def _apart(a: Sighting, b: Sighting) -> float:
    """px: mean distance of the corners that both have; infinite where they share none."""
    _, mine, other = np.intersect1d(a.ids, b.ids, return_indices=True)
    if len(mine) == 0:
        return math.inf
    off: Array = np.linalg.norm(a.corners[mine] - b.corners[other], axis=1)
    return float(off.mean())
