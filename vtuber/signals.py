"""What filters share: how far apart two values are, and how to go a part of the way, on vectors and on rotations."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Protocol

import numpy as np

from vtuber import rotation, stages
from vtuber.stages import Array, Signal


class Space(Protocol):
    """Where a signal lives. Differences are plain vectors, so one filter formula serves every space."""

    @staticmethod
    def difference(to: Array, of: Array) -> Array:
        """The step from `of` to `to`, in the signal's unit (radians for rotations)."""
        ...

    @staticmethod
    def moved(x: Array, step: Array) -> Array:
        """The value a step away."""
        ...


class Vectors:
    """Numbers that add."""

    @staticmethod
    def difference(to: Array, of: Array) -> Array:
        return to - of

    @staticmethod
    def moved(x: Array, step: Array) -> Array:
        return x + step


class Rotations:
    """Unit quaternions (4,); steps are rotation vectors, taken along the great circle: no axis is smoothed alone."""

    @staticmethod
    def difference(to: Array, of: Array) -> Array:
        return rotation.log(rotation.multiply(to, rotation.conjugate(of)))

    @staticmethod
    def moved(x: Array, step: Array) -> Array:
        return rotation.normalize(rotation.multiply(rotation.exp(step), x))


def space_of(signal: Signal) -> type[Space]:
    return Rotations if signal == "rotation" else Vectors


def share_within(dt: float, cutoff_hz: float | Array) -> float | Array:
    """The share of the way that a first-order low-pass of this cutoff goes in dt seconds: 1 - exp(-2 pi f dt)."""
    return 1.0 - np.exp(-math.tau * cutoff_hz * dt)


def checked(x: Array) -> Array:
    """The value itself.

    Raises:
        ValueError: it holds a number that is not finite.
    """
    if not np.isfinite(x).all():
        raise ValueError(f"a filter was given a number that is not finite: {x}")
    return x


class Smoother(stages.Filter):
    """A filter that takes its first value as it is, and then goes on from what it last showed.

    Settings:
        smoothing: 0 none, 1 usual, more: calmer.
    """

    def __init__(self, signal: Signal, *, smoothing: float = 1.0) -> None:
        super().__init__(signal)
        if not 0 <= smoothing < math.inf:
            raise ValueError(f"smoothing must not be negative, and finite: {smoothing}")
        self._space = space_of(signal)
        self._smoothing = smoothing
        self._time: float | None = None
        self._shown = np.zeros(0)

    def __call__(self, t: float, x: Array) -> Array:
        checked(x)
        if self._time is None or self._smoothing == 0:
            self._time, self._shown = t, x
            self._start(x, np.zeros(3 if self.signal == "rotation" else x.shape))
        elif t > self._time:
            self._shown = self._next(t - self._time, x)
            self._time = t
        return self._shown

    def reset(self) -> None:
        self._time = None

    @abstractmethod
    def _start(self, x: Array, still: Array) -> None:
        """Begin at x; `still` is the step that goes nowhere."""

    @abstractmethod
    def _next(self, dt: float, x: Array) -> Array:
        """What to show, dt seconds (above 0) after the value before; called before `_shown` changes."""
