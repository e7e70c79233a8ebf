"""Exponential smoothing: the simplest, with the same delay whatever the speed."""

from __future__ import annotations

from vtuber import stages
from vtuber.signals import checked, share_within, space_of
from vtuber.stages import Array, Signal

CUTOFF_HZ: dict[Signal, float] = {"rotation": 3.0, "position": 2.0, "gaze": 6.0, "eyelids": 12.0, "weights": 5.0}


class Filter(stages.Filter):
    """Goes the same share of the way each moment.

    Settings:
        smoothing: 0 none, 1 usual, 2 twice as calm and twice as late.
    """

    def __init__(self, signal: Signal, *, smoothing: float = 1.0) -> None:
        super().__init__(signal)
        if smoothing < 0:
            raise ValueError(f"smoothing must not be negative: {smoothing}")
        self._space = space_of(signal)
        self._smoothing = smoothing
        self._last: tuple[float, Array] | None = None

    def __call__(self, t: float, x: Array) -> Array:
        checked(x)
        if self._last is None or self._smoothing == 0:
            self._last = t, x
            return x
        then, y = self._last
        dt = max(0.0, t - then)
        share = share_within(dt, CUTOFF_HZ[self.signal] / self._smoothing)
        y = self._space.moved(y, share * self._space.difference(x, y))
        self._last = max(t, then), y
        return y

    def reset(self) -> None:
        self._last = None
