"""Faces that are no performer's: followed from look to look, and are they people, or pictures of people?

A face that does not move is a poster, a book or a screen. The landmarks of a picture on the wall stay within 0.2 % of
its width for many seconds, in spite of the camera's noise. Of fifteen people who talk, act or listen, the stillest got
0.6 % away within a second, and nearly all of them several per cent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vtuber.face_detector import Box, intersection_over_union
from vtuber.face_mesh import box_of
from vtuber.stages import Array

ALIVE = 0.01
"""Who got so far from where they were first seen, in widths of the face, is alive."""
SAME = 0.2
"""Boxes with more than this overlap (over union) are one face; a picture may be covered in part for a moment."""
FORGET_S = 10.0
"""A stranger who has not been seen for so long is forgotten."""


class Trail:
    """Where a face was first measured, and how far it got from there."""

    def __init__(self, since: float, points: Array) -> None:
        """
        Args:
            since: when it was found, seconds.
            points: (N, 3) its landmarks then, px.
        """
        self.since = since
        self.begin(points)

    def begin(self, points: Array) -> None:
        """From here on."""
        self._start = _middle(points)
        self.furthest = 0.0
        """In widths of the face."""

    def goes_to(self, points: Array) -> None:
        """The landmarks (N, 3), px, of a later frame."""
        width = float(points[:, 0].max() - points[:, 0].min())
        self.furthest = max(self.furthest, math.dist(self._start, _middle(points)) / max(width, 1.0))


@dataclass(slots=True, eq=False)
class Stranger:
    """One face that is no performer's."""

    box: Box
    """Where the detector saw it last."""
    time: float
    """When that was, seconds."""
    beside: bool = False
    """Was it there together with every performer, or where none who was lost can have got? Then it is none of them."""
    region: Box | None = None
    """Where its landmarks were last, and are to be looked for; None where they were not found."""
    trail: Trail | None = None

    def moved(self, distance: float = ALIVE) -> bool:
        """Did it get further than this, in widths of the face?"""
        return self.trail is not None and self.trail.furthest > distance

    def measured(self, points: Array | None, now: float) -> None:
        """Its landmarks (N, 3), px, or None where none were found. From the first ones on it is on its way."""
        if points is None:
            self.region = None
            return
        self.region = box_of(points)
        if self.trail is None:
            self.trail = Trail(now, points)
        else:
            self.trail.goes_to(points)


class Strangers:
    """All of them; whoever becomes a performer is taken out."""

    def __init__(self) -> None:
        self._known: list[Stranger] = []

    def seen(self, boxes: Sequence[Box], now: float) -> list[Stranger]:
        """Who the detector's boxes are, in their order; those not seen are remembered for a while."""
        self._known = [s for s in self._known if 0 <= now - s.time <= FORGET_S]
        free, found = list(self._known), []
        for box in boxes:
            stranger = max(free, key=lambda s: intersection_over_union(s.box, box), default=None)
            if stranger is None or intersection_over_union(stranger.box, box) <= SAME:
                stranger = Stranger(box, now)
                self._known.append(stranger)
            else:
                free.remove(stranger)
                stranger.box, stranger.time = box, now
            found.append(stranger)
        return found

    def remove(self, stranger: Stranger) -> None:
        """It became a performer."""
        self._known.remove(stranger)


def _middle(points: Array) -> tuple[float, float]:
    x, y = points[:, :2].mean(axis=0).tolist()
    return x, y
