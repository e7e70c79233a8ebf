"""What filters share: how far apart two values are, and how to go a part of the way, on vectors and on rotations."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from vtuber import rotation
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
