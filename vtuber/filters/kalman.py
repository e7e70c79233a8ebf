"""A Kalman filter on value and velocity: follows steady motion without lag, at the price of overshooting stops."""

from __future__ import annotations

import numpy as np

from vtuber import stages
from vtuber.signals import checked, space_of
from vtuber.stages import Array, Signal

NOISE: dict[Signal, tuple[float, float]] = {
    "rotation": (0.006, 5.0),
    "position": (0.002, 2.0),
    "gaze": (0.03, 200.0),
    "eyelids": (0.03, 400.0),
    "weights": (0.02, 60.0),
}
"""Per signal: the measurement's standard deviation, and the acceleration to be expected (unit and unit/s^2)."""


class Filter(stages.Filter):
    """Constant velocity with white acceleration (Bar-Shalom, Li & Kirubarajan 2001, section 6.2.2).

    Settings:
        smoothing: 0 none, 1 usual, 2 takes the measurements for twice as noisy.
    """

    def __init__(self, signal: Signal, *, smoothing: float = 1.0) -> None:
        super().__init__(signal)
        if smoothing < 0:
            raise ValueError(f"smoothing must not be negative: {smoothing}")
        self._space = space_of(signal)
        self._smoothing = smoothing
        self._time: float | None = None
        self._x = self._velocity = np.zeros(0)
        self._covariance = np.zeros((2, 2))

    def __call__(self, t: float, x: Array) -> Array:
        checked(x)
        if self._time is None or self._smoothing == 0:
            sd, _ = NOISE[self.signal]
            self._time, self._x = t, x
            self._velocity = np.zeros(3 if self.signal == "rotation" else x.shape)
            # Every component has the same noise, so one covariance serves them all.
            self._covariance = np.diag([sd**2, 1.0])
            return x
        dt = t - self._time
        if dt <= 0:
            return self._x
        self._predict(dt)
        self._correct(x)
        self._time = t
        return self._x

    def _predict(self, dt: float) -> None:
        _, acceleration = NOISE[self.signal]
        self._x = self._space.moved(self._x, self._velocity * dt)
        step = np.array([[1.0, dt], [0.0, 1.0]])
        gain = np.array([dt * dt / 2, dt])
        self._covariance = step @ self._covariance @ step.T + np.outer(gain, gain) * acceleration**2

    def _correct(self, x: Array) -> None:
        sd, _ = NOISE[self.signal]
        variance = (sd * self._smoothing) ** 2
        gain = self._covariance[:, 0] / (self._covariance[0, 0] + variance)
        surprise = self._space.difference(x, self._x)
        self._x = self._space.moved(self._x, gain[0] * surprise)
        self._velocity = self._velocity + gain[1] * surprise
        self._covariance = self._covariance - np.outer(gain, self._covariance[0])

    def reset(self) -> None:
        self._time = None
