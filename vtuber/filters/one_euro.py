"""The 1-euro filter: calm when still, prompt when fast.

Casiez, Roussel & Vogel 2012, "1 Euro Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive
Systems". The cutoff rises with the speed of the signal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vtuber.signals import Smoother, share_within
from vtuber.stages import Array, Signal


@dataclass(frozen=True, slots=True)
class Tuning:
    """One signal's numbers; speeds in the signal's unit per second."""

    still_hz: float
    """Cutoff when nothing moves."""
    per_speed: float
    """Cutoff gained, Hz, for each unit per second."""
    speed_hz: float = 4.0
    """Cutoff of the speed's own estimate."""


TUNING: dict[Signal, Tuning] = {
    # What a still head shows is mostly a slow wander below 1 Hz, so the calm must be deep, and the way out of it steep.
    "rotation": Tuning(0.2, 30.0, 2.0),
    "position": Tuning(1.0, 40.0),
    # A saccade is over within two frames: at its speed nearly the whole way must be gone at once.
    "gaze": Tuning(1.5, 8.0, 15.0),
    # A blink closes within 100 ms; the lid at rest may be calmed.
    "eyelids": Tuning(2.5, 6.0, 30.0),
    "weights": Tuning(2.0, 4.0, 10.0),
}


class Filter(Smoother):
    """1-euro filter; rotations along the great circle by their angular speed, vectors component by component.

    Settings:
        smoothing: 0 to 4; 0 none, 1 usual, 2 twice as calm.
    """

    def _start(self, x: Array, still: Array) -> None:
        self._measured, self._velocity = x, still

    def _next(self, dt: float, x: Array) -> Array:
        tuning = TUNING[self.signal]
        measured = self._space.difference(x, self._measured) / dt
        self._velocity = self._velocity + share_within(dt, tuning.speed_hz) * (measured - self._velocity)
        turning = self.signal == "rotation"
        speed = np.full(3, np.linalg.norm(self._velocity)) if turning else np.abs(self._velocity)
        cutoff = (tuning.still_hz + tuning.per_speed * speed) / self._smoothing
        self._measured = x
        return self._space.moved(self._shown, share_within(dt, cutoff) * self._space.difference(x, self._shown))
