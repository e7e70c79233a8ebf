"""A Kalman filter on value and velocity: follows steady motion without lag, at the price of overshooting stops."""

from __future__ import annotations

import numpy as np

from vtuber.signals import Smoother
from vtuber.stages import Array, Signal

NOISE: dict[Signal, tuple[float, float]] = {
    "rotation": (0.006, 5.0),
    "position": (0.002, 2.0),
    "gaze": (0.03, 200.0),
    "eyelids": (0.03, 400.0),
    "weights": (0.02, 60.0),
}
"""Per signal: the measurement's standard deviation, and the acceleration to be expected (unit and unit/s^2)."""


class Filter(Smoother):
    """Constant velocity with white acceleration (Bar-Shalom, Li & Kirubarajan 2001, section 6.2.2).

    Settings:
        smoothing: 0 to 4; 0 none, 1 usual, 2 takes the measurements for twice as noisy.
    """

    def _start(self, x: Array, still: Array) -> None:
        sd, _ = NOISE[self.signal]
        self._velocity = still
        # Every component has the same noise, so one covariance serves them all.
        self._covariance = np.diag([sd**2, 1.0])

    def _next(self, dt: float, x: Array) -> Array:
        return self._corrected(x, self._predicted(dt))

    def _predicted(self, dt: float) -> Array:
        _, acceleration = NOISE[self.signal]
        step = np.array([[1.0, dt], [0.0, 1.0]])
        gain = np.array([dt * dt / 2, dt])
        self._covariance = step @ self._covariance @ step.T + np.outer(gain, gain) * acceleration**2
        return self._space.moved(self._shown, self._velocity * dt)

    def _corrected(self, x: Array, expected: Array) -> Array:
        sd, _ = NOISE[self.signal]
        variance = (sd * self._smoothing) ** 2
        gain = self._covariance[:, 0] / (self._covariance[0, 0] + variance)
        surprise = self._space.difference(x, expected)
        self._velocity = self._velocity + gain[1] * surprise
        self._covariance = self._covariance - np.outer(gain, self._covariance[0])
        return self._space.moved(expected, gain[0] * surprise)
