"""How a run fares, in figures: rates, times of each stage, latency, what was dropped; and its newest picture."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Sequence

from vtuber.performer import Step
from vtuber.several import Moment
from vtuber.stages import Frame, SourceItem

RATE_S = 2.0
"""Frames a second are counted over so long."""
KEPT = 300
"""Of how many frames figures are kept."""


class Vitals:
    """Watches a run: `watch` is called with all that happens in it, by its own thread; the rest from any."""

    def __init__(self) -> None:
        self.frames = 0
        self.dropped = 0
        """Pictures of the source that came while another was being tracked."""
        self.waited: deque[float] = deque(maxlen=KEPT)
        """Seconds from the capture of a picture until it was tracked and posed."""
        self.newest: tuple[Frame | None, list[Step]] | None = None
        """The last picture, if it came with one, and what was made of it."""
        self._times: deque[tuple[float, bool]] = deque(maxlen=KEPT)
        self._index = 0

    def watch(self, item: SourceItem | Moment, steps: list[Step]) -> None:
        now = time.perf_counter()
        frame = _picture(item)
        self.frames += 1
        if frame is not None:
            # A number that goes back is another source's.
            self.dropped += max(0, frame.index - self._index - 1) if self._index else 0
            self._index = frame.index
        self.waited.append(now - item.timestamp)
        self._times.append((now, steps[0].state.tracking in ("tracked", "reacquired")))
        self.newest = (frame, steps)

    def fresh(self) -> None:
        """Another source begins: its numbers are its own."""
        self._index = 0
        self.newest = None

    def shown(self) -> list[float]:
        """The 52 weights of the first performer's last state."""
        newest = self.newest
        return list(newest[1][0].state.blendshapes.values()) if newest else []

    def rate(self) -> float:
        """Frames a second."""
        return len(self._lately()) / RATE_S

    def tracked(self) -> float:
        """The share of the last frames in which somebody was seen, 0..1."""
        lately = self._lately()
        return sum(lately) / max(1, len(lately))

    def _lately(self) -> list[bool]:
        now = time.perf_counter()
        return [seen for t, seen in list(self._times) if now - t < RATE_S]


def _picture(item: SourceItem | Moment) -> Frame | None:
    items: Sequence[SourceItem] = [i for layer in item.layers for i in layer] if isinstance(item, Moment) else [item]
    return next((i for i in reversed(items) if isinstance(i, Frame)), None)


def middle(seconds: Collection[float], share: float = 0.5) -> float:
    """The value, in ms, that this share of them does not exceed; 0 of none."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
