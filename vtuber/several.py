"""Several live sources as one: the first sets the pace, each is read by its own thread, only what is newest counts."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vtuber.latest import Closed, Latest
from vtuber.stages import Frame, Source, SourceItem, VTuberError

log = logging.getLogger(__name__)

TICK_S = 0.1
"""A first source that says nothing for so long is silent ..."""
STEP_S = 1 / 60
"""... and until it speaks again, the others are asked at this pace."""
CLOSE_S = 1.0
"""How long close() waits for a thread."""

News = dict[int | None, SourceItem]
"""By person; None is a picture."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is new from several sources; it may be nothing, and time goes on."""

    timestamp: float
    """Capture time of the first source that has news, else now; seconds, never before the last one's."""
    layers: tuple[tuple[SourceItem, ...], ...]
    """For each source its news: a picture, or an observation of each person; empty without any."""

    @property
    def news(self) -> bool:
        return any(self.layers)


class Several:
    """Reads sources side by side, `sources[0]` first. Closing it closes them.

    Raises:
        VTuberError: one of them is not live: it would wait for nobody, and nobody for it.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        for source in sources:
            if not source.live:
                raise VTuberError(f"{source.describe()}: only live sources go together; leave out realtime=false")
        self._sources = list(sources)
        self._news: list[Latest[News]] = [Latest(merge=lambda old, new: old | new) for _ in sources]
        self._failure: BaseException | None = None
        self._last = 0.0
        self._threads: list[threading.Thread] = []

    @property
    def sources(self) -> list[Source]:
        """The lowest first."""
        return list(self._sources)

    def __iter__(self) -> Iterator[Moment]:
        for i in range(len(self._sources)):
            self._threads.append(threading.Thread(target=self._read, args=(i,), name=f"source {i + 1}", daemon=True))
            self._threads[-1].start()
        heard = time.perf_counter()
        while True:
            now = time.perf_counter()
            try:
                first = self._taken(0, STEP_S if now - heard > TICK_S else TICK_S)
            except Closed:
                if self._failure:
                    raise self._failure from None
                return
            if first:
                heard = time.perf_counter()
            layers = (first, *(self._rest(i) for i in range(1, len(self._sources))))
            paced = next((max(item.timestamp for item in items) for items in layers if items), time.perf_counter())
            self._last = max(self._last, paced)
            yield Moment(self._last, layers)

    def _taken(self, i: int, timeout: float) -> tuple[SourceItem, ...]:
        try:
            return tuple(self._news[i].get(timeout).values())
        except TimeoutError:
            return ()

    def _rest(self, i: int) -> tuple[SourceItem, ...]:
        try:
            return self._taken(i, 0.0)
        except Closed:  # it has ended; the others go on
            return ()

    def _read(self, i: int) -> None:
        news = self._news[i]
        try:
            for item in self._sources[i]:
                if item is not None:
                    news.put({None if isinstance(item, Frame) else item.person: item})
        except Exception as e:
            if i == 0:
                self._failure = e
            else:
                log.warning("%s has ended: %s", self._sources[i].describe(), e)
        finally:
            news.close()

    def close(self) -> None:
        """Close every source. Calling it twice is harmless."""
        for source in self._sources:
            source.close()
        for thread in self._threads:
            thread.join(timeout=CLOSE_S)
