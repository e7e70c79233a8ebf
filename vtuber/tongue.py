"""The landmark model's word on a stuck-out tongue -> tongueOut, off unless sure.

MediaPipe's landmark model has a third output that its graph drops, a probability. Looked at on real clips, on
photographs and on tongues painted onto faces (tests/test_tongue.py), it is that of a tongue out of the mouth. It swings
from frame to frame, misses a tip between the lips and many a painted tongue, and flares up on faces blurred by their
own motion, laughing ones above all, and now and then at a red ball held to the lips. So it is heard over a fifth of a
second; only while the lips are parted, as what lies between them parts them even when the jaw is shut; and a mouth that
moves fast is not believed.
"""

from __future__ import annotations

import math

from vtuber.stages import Array

HEARD_S = 0.2
"""A word is forgotten in this time, to a third."""
SURE, UNSURE = 0.4, 0.2
"""Averages at which the tongue comes out, and goes in again."""
PARTED = 0.05
"""Lips closer than this have nothing between them; in widths between the eyes' outer corners."""
FAST = 2.0
"""A mouth that goes so many of those widths in a second, about 18 cm, blurs in the light of a room at night."""
OUT_S, IN_S = 0.08, 0.15
"""How long the avatar's tongue takes, for the eye's sake."""
STEP_S = 0.05
"""No frame counts for longer: one that comes late must not decide alone."""
PAUSE_S = 0.5
"""After so long without a face, nothing is remembered."""


class Tongue:
    """tongueOut of one performer, from frame to frame."""

    def __init__(self) -> None:
        self._last = -math.inf
        self._place: list[float] = []
        """Where the mouth was then."""
        self._heard = self._shown = 0.0
        self._out = False

    def __call__(self, t: float, said: float, points: Array) -> float:
        """The weight of tongueOut, 0..1.

        Args:
            t: seconds; an equal or earlier time changes nothing.
            said: the model's probability, 0..1.
            points: (68, 3) iBUG points of the face, px; (68, 2) does for a head that is not turned far.
        """
        if t <= self._last:
            return self._shown
        since, place = t - self._last, points[48:68, :2].mean(axis=0).tolist()
        if since > PAUSE_S:
            self._place, self._heard, self._shown, self._out = [], 0.0, 0.0, False
        eyes, apart = _widths(points)
        self._last, before, self._place = t, self._place, place
        if not before:
            return 0.0
        dt = min(since, STEP_S)
        word = said if apart > PARTED * eyes and 0.0 <= said <= 1.0 else 0.0
        if math.dist(place, before) > FAST * eyes * since:
            word = min(word, self._heard)
        self._heard += (1.0 - math.exp(-dt / HEARD_S)) * (word - self._heard)
        self._out = self._heard > (UNSURE if self._out else SURE)
        self._shown = max(0.0, min(1.0, self._shown + (dt / OUT_S if self._out else -dt / IN_S)))
        return self._shown


def _widths(points: Array) -> tuple[float, float]:
    """Between the eyes' outer corners, and between the lips at their widest."""
    eyes = math.dist(points[36], points[45])
    return eyes, max(math.dist(points[upper], points[lower]) for upper, lower in ((61, 67), (62, 66), (63, 65)))
