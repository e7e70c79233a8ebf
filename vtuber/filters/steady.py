"""Still while nothing but noise moves, with the motion as soon as something does: judged by distance, not by speed.

What is shown goes after what is measured with a cutoff that grows with the sixth power of the distance between the
two. Within a radius that noise hardly leaves, the noise is averaged away; beyond it the motion goes through at once.
So what is shown is never further from what is measured than the radius or a little more, at any speed. A slow turn,
which no speed tells from noise, is followed smoothly and closely: its distance adds up.

The idea that the distance decides is that of opentrack's Accela filter and of the jitter radius in "Skeletal Joint
Smoothing White Paper" (Azimi, Microsoft 2012); the variable cutoff is that of the 1-euro filter (see one_euro).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vtuber.signals import Smoother, share_within
from vtuber.stages import Array, Signal

STEEPNESS = 6
"""The cutoff's power of the distance: 4 is softer with larger errors, 8 nearly a dead zone, whose edge is felt."""
SINGLE = 2.0
"""One measurement counts at once from this many radii on, without waiting for the next ones to agree."""
START_S = 0.2
"""At first the measurements are averaged for so long: the first one may be the worst, and the calm would keep it."""
VELOCITY_HZ = 4.0
"""Cutoff of the velocity that a prediction goes on with."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """One signal's numbers."""

    radius: float | tuple[float, ...]
    """Where the cutoff is 1 Hz, in the signal's unit: three or four standard deviations of a still face's noise."""
    still_hz: float
    """Cutoff when nothing moves."""
    watch_hz: float
    """Cutoff for the distance itself: the lower, the surer, and the later."""
    whole: bool
    """All components move together; or each by itself."""
    fastest: float = 0.0
    """Unit per second; a prediction goes on no faster. 0: this signal is never predicted."""


TUNING: dict[Signal, Tuning] = {
    # What a still head shows is mostly a wander below 1 Hz, 0.1 degree wide. A quick shake is 200 degrees a second.
    "rotation": Tuning(0.006, 0.03, 1.0, whole=True, fastest=4.0),
    # Depth is measured five to ten times worse than the place across the picture.
    "position": Tuning((0.0005, 0.0005, 0.003), 0.1, 2.0, whole=True, fastest=1.0),
    # Both eyes start together. Two degrees are lost in a fixation's own noise; a saccade is larger, and over within
    # two frames.
    "gaze": Tuning(0.035, 0.1, 3.0, whole=True),
    # A blink closes within 100 ms. Small weights matter, so near the radius these two are only calmed a little.
    "eyelids": Tuning(0.05, 1.0, 8.0, whole=False),
    "weights": Tuning(0.05, 3.0, 8.0, whole=False),
}

PRESETS = {"balanced": (1.0, 0.0), "low-latency": (0.5, 0.03), "calm": (2.0, 0.0)}
"""Smoothing, and seconds ahead."""


class Filter(Smoother):
    """Holds still what is still, and lets motion through at once.

    Settings:
        smoothing: 0 to 4; 0 none, 1 usual, 2 takes twice as much for noise: calmer, and up to twice as far off.
        preset: `balanced`; `low-latency` calms half as much and shows the head 30 ms ahead; `calm` calms twice as much.
        predict_ms: 0 to 200; show the head so much ahead, for what camera and screen take; sudden stops overshoot.
    """

    def __init__(
        self,
        signal: Signal,
        *,
        smoothing: float = 1.0,
        preset: Literal["balanced", "calm", "low-latency"] = "balanced",
        predict_ms: float = 0.0,
    ) -> None:
        if preset not in PRESETS:
            raise ValueError(f"preset must be one of {', '.join(PRESETS)}, not {preset!r}")
        if not 0 <= predict_ms <= 200:
            raise ValueError(f"predict_ms must be from 0 to 200, not {predict_ms}")
        more, ahead = PRESETS[preset]
        super().__init__(signal, smoothing=smoothing * more)
        tuning = TUNING[signal]
        self._tuning = tuning
        self._ahead = ahead + predict_ms / 1000 if tuning.fastest else 0.0
        self._per_radius = 1.0 / np.array(tuning.radius)

    def __call__(self, t: float, x: Array) -> Array:
        shown = super().__call__(t, x)
        if not self._ahead or self._smoothing == 0:
            return shown
        speed = float(np.linalg.norm(self._velocity))
        seconds = self._ahead * min(1.0, self._tuning.fastest / max(speed, 1e-9))
        return self._space.moved(shown, self._velocity * seconds)

    def _start(self, x: Array, still: Array) -> None:
        self._distance = self._velocity = still
        self._age = 0.0

    def _next(self, dt: float, x: Array) -> Array:
        off = self._space.difference(x, self._shown)
        self._distance = self._distance + share_within(dt, self._tuning.watch_hz) * (off - self._distance)
        step = share_within(dt, self._cutoff(dt, off)) * off
        self._velocity = self._velocity + share_within(dt, VELOCITY_HZ) * (step / dt - self._velocity)
        return self._space.moved(self._shown, step)

    def _cutoff(self, dt: float, off: Array) -> float | Array:
        """Hz, of the whole or of each component."""
        radii = np.maximum(self._radii(self._distance), self._radii(off) / SINGLE) / self._smoothing
        cutoff = self._tuning.still_hz / self._smoothing + radii**STEEPNESS
        self._age += dt
        if self._age < START_S:
            # With this the share is dt / age, as in an average of all values so far, but never quite the whole way.
            cutoff = np.maximum(cutoff, 1.0 / (math.tau * self._age))
        return cutoff

    def _radii(self, step: Array) -> float | Array:
        """The length of a step, in radii."""
        scaled = step * self._per_radius
        return math.sqrt(float(scaled @ scaled)) if self._tuning.whole else np.abs(scaled)
