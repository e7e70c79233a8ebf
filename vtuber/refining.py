"""Ranges that follow the performer slowly in use: what they reach with ease becomes the whole of a shape.

The value at rest and the value at most are drawn towards two quantiles of what is read. They creep by a fixed amount a
second, so that no single frame counts; and they never leave the neighbourhood of what was calibrated.
"""

from __future__ import annotations

from collections.abc import Mapping

from vtuber.profile import Range

REST_QUANTILE = 0.4
"""Where rest lies among all values: most of the time a shape is not shown."""
MOST_QUANTILE = 0.9
"""Where the most lies among the values of a shape that is shown, which is when it is in the upper half of its range."""
CREEP_PER_S = 0.004
"""How fast they move, at most: a range is another one after minutes, not seconds."""
REST_LEEWAY, MOST_LEEWAY = 0.1, 0.25
"""How far from the calibrated value they may go, as a share of the calibrated span."""
LONGEST_STEP_S = 0.1


class Refiner:
    """The ranges of one performer, as they are now.

    Args:
        calibrated: what was measured; only these shapes have a range.
        refined: where an earlier run left them.
    """

    def __init__(self, calibrated: Mapping[str, Range], refined: Mapping[str, Range]) -> None:
        self._calibrated = dict(calibrated)
        self.ranges = {name: refined.get(name, own) for name, own in calibrated.items()}
        """ARKit name -> (rest, most)"""
        self._last: float | None = None

    def see(self, t: float, weights: Mapping[str, float]) -> None:
        """Take in weights as they were read at time t (seconds), before any range is applied."""
        passed = 0.0 if self._last is None else min(LONGEST_STEP_S, max(0.0, t - self._last))
        self._last = t
        creep = CREEP_PER_S * passed
        for name, (rest, most) in self.ranges.items():
            own_rest, own_most = self._calibrated[name]
            span, value = own_most - own_rest, weights[name]
            # The usual stochastic quantile: it stands where what is above it balances what is below.
            rest += creep * (REST_QUANTILE if value > rest else REST_QUANTILE - 1.0)
            # A shape that is not shown says nothing of how far it reaches.
            if value > (rest + most) / 2:
                most += creep * (MOST_QUANTILE if value > most else MOST_QUANTILE - 1.0)
            self.ranges[name] = (
                _within(rest, own_rest - REST_LEEWAY * span, own_rest + REST_LEEWAY * span),
                _within(most, own_most - MOST_LEEWAY * span, own_most + MOST_LEEWAY * span),
            )

    @property
    def refined(self) -> dict[str, Range]:
        """What is to be kept: rounded, and only what differs from the calibration."""
        rounded = {name: (round(rest, 4), round(most, 4)) for name, (rest, most) in self.ranges.items()}
        return {name: found for name, found in rounded.items() if found != self._calibrated[name]}


def _within(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))
