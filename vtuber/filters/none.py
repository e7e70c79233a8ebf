"""No smoothing: what was measured."""

from __future__ import annotations

from vtuber import stages
from vtuber.signals import checked
from vtuber.stages import Array


class Filter(stages.Filter):
    """Passes every value on as it is."""

    def __call__(self, t: float, x: Array) -> Array:
        return checked(x)

    def reset(self) -> None:
        pass
