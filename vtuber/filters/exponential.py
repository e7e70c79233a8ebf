"""Exponential smoothing: the simplest, with the same delay whatever the speed."""

from __future__ import annotations

from vtuber.signals import Smoother, share_within
from vtuber.stages import Array, Signal

CUTOFF_HZ: dict[Signal, float] = {"rotation": 3.0, "position": 2.0, "gaze": 6.0, "eyelids": 12.0, "weights": 5.0}


class Filter(Smoother):
    """Goes the same share of the way each moment.

    Settings:
        smoothing: 0 to 4; 0 none, 1 usual, 2 twice as calm and twice as late.
    """

    def _start(self, x: Array, still: Array) -> None:
        pass

    def _next(self, dt: float, x: Array) -> Array:
        share = share_within(dt, CUTOFF_HZ[self.signal] / self._smoothing)
        return self._space.moved(self._shown, share * self._space.difference(x, self._shown))
