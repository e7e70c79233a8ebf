"""Loss of tracking as explicit states: tracked -> coasting (hold, then ease) -> lost -> reacquired (blend back)."""

from __future__ import annotations

import math

from vtuber.pose import REST, Pose, blend
from vtuber.wire import Tracking

HOLD_S = 0.4
"""A face unseen for so long was hidden by a hand or a sneeze: keep still."""
MOST_HOLD_S = 60.0
EASE_S = 1.2
"""Then go to rest in this time."""
BLEND_S = 0.5
"""And come back in this."""
GAP_S = 0.1
"""A frame or two without a face are no loss at all."""
LEAP_MPS, LEAP_M = 4.0, 0.12
"""A head that goes further and faster than this is another head: a bigger face took over, or a film was cut."""


class Loss:
    """What the audience sees of one performer, without a jump, whatever the tracker sees.

    freeze: while lost, keep the last pose instead of going to rest.
    hold: seconds to keep still before easing.
    """

    def __init__(self, *, freeze: bool = False, hold: float = HOLD_S) -> None:
        if not 0 <= hold <= MOST_HOLD_S:
            raise ValueError(f"hold must be from 0 to {MOST_HOLD_S:g} seconds, not {hold:g}")
        self._freeze = freeze
        self._hold = hold
        self._seen: float | None = None
        """When the face was last measured."""
        self._place = REST.position
        """And where."""
        self._away = False
        """Was it looked for in vain, long enough to be a loss? Frames that come slowly are none."""
        self._back: float | None = None
        """When it came back, while blending."""
        self._from = REST
        """The pose shown when the face was lost, and again when it came back."""
        self._shown = REST
        self._last = 0.0
        """When a pose was last shown."""

    def __call__(self, t: float, measured: Pose | None) -> tuple[Tracking, Pose]:
        """The state and the pose to show at time t (seconds)."""
        tracking, self._shown = self._unseen(t) if measured is None else self._measured(t, measured)
        self._last = t
        return tracking, self._shown

    def follow(self, old: Loss, *, same: bool) -> None:
        """Go on where another one was taken out of service; unless it is the `same` performer, blending from there."""
        self._seen, self._place, self._last = old._seen, old._place, old._last
        self._away, self._back, self._from, self._shown = old._away, old._back, old._from, old._shown
        # Whoever was never seen left no pose to blend from.
        self._away = self._away or (not same and old._seen is not None)

    def _measured(self, t: float, measured: Pose) -> tuple[Tracking, Pose]:
        # Whoever appears for the first time has nothing to come back from.
        if self._away or self._leaps(t, measured):
            # From the last moment without a face, so that one who is seen now and then still gets somewhere.
            self._back, self._from, self._away = self._last, self._shown, False
        self._seen, self._place = t, measured.position
        if self._back is None:
            return "tracked", measured
        share = _smooth((t - self._back) / BLEND_S)
        if share >= 1:
            self._back = None
            return "tracked", measured
        return "reacquired", blend(self._from, measured, share)

    def _leaps(self, t: float, measured: Pose) -> bool:
        if self._seen is None:
            return False
        return math.dist(measured.position, self._place) > max(LEAP_M, LEAP_MPS * (t - self._seen))

    def _unseen(self, t: float) -> tuple[Tracking, Pose]:
        if self._seen is None:
            return "lost", self._shown
        away = t - self._seen
        self._away = self._away or away > GAP_S
        if away <= self._hold:
            self._from = self._shown
            return "coasting", self._shown
        share = _smooth((away - self._hold) / EASE_S)
        target = self._from if self._freeze else REST
        return ("coasting" if share < 1 else "lost"), blend(self._from, target, share)


def _smooth(x: float) -> float:
    """0..1 with no jump in speed at either end: 3x^2 - 2x^3."""
    x = max(0.0, min(1.0, x))
    return x * x * (3 - 2 * x)
