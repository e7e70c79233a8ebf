"""The parts of a run, each of which may be exchanged while it goes on. The loop in pipeline.py knows nothing of it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from vtuber import stages
from vtuber.performer import Step
from vtuber.pipeline import Guarded, Pipeline, Seen
from vtuber.several import Moment, Several
from vtuber.stages import Frame, Observation, Output, Source, SourceItem, Tracker
from vtuber.wire import AvatarState

KEPT = 300
"""Of how many frames the times are kept."""
TICK_S = 0.1
"""How often it is said that nothing has come, while there is no source."""

Timing = deque[float]
"""Seconds, of the last frames."""


class LiveSource(stages.Source):
    """The source of a run. Between the end of one and the beginning of the next, nothing comes, and time goes on."""

    def __init__(self, source: Source | Several) -> None:
        self._now: Source | Several | None = source
        self._started: Callable[[], None] = lambda: None
        self._news = threading.Condition()
        self._closed = False

    @property
    def now(self) -> Source | Several | None:
        """The one that is read."""
        return self._now

    @property
    def pictures(self) -> bool:  # type: ignore[override]  # of whichever source it is
        return isinstance(self._now, Source) and self._now.pictures

    def stop(self) -> None:
        """Close the one that is read: its device is free for another."""
        with self._news:
            old, self._now = self._now, None
            self._news.notify_all()
        if old is not None:
            old.close()

    def start(self, source: Source | Several, started: Callable[[], None]) -> None:
        """Read this one from now on, closing the one before.

        Args:
            started: called by whoever reads, before the first item of the new source.
        """
        with self._news:
            old, self._now, self._started = self._now, source, started
            self._news.notify_all()
        if old is not None:
            old.close()

    def __iter__(self) -> Iterator[SourceItem | Moment | None]:  # type: ignore[override]  # as Several
        while not self._closed:
            with self._news:
                source, started, self._started = self._now, self._started, lambda: None
                if source is None:
                    self._news.wait(TICK_S)
            if source is None:
                yield None
                continue
            started()
            for item in source:
                if source is not self._now:
                    break
                yield item
            with self._news:
                if source is self._now:  # it has come to its own end, and so does the run
                    return

    def describe(self) -> str:
        return self._now.describe() if isinstance(self._now, Source) else ""

    def close(self) -> None:
        self._closed = True
        self.stop()


class LiveTracker(stages.Tracker):
    """The tracker of a run; None while the sources give no pictures. `seconds`: what each frame took."""

    def __init__(self, tracker: Tracker | None) -> None:
        self._now = tracker
        self._busy = threading.Lock()
        self.on_tracked: Callable[[Frame, list[Observation]], None] = lambda frame, seen: None
        """Is shown every picture, and what was seen in it; the run waits for it."""
        self.seconds: Timing = deque(maxlen=KEPT)

    @property
    def now(self) -> Tracker | None:
        return self._now

    def exchange(self, tracker: Tracker | None) -> None:
        """Take this one from the next frame on, and close the one before."""
        with self._busy:
            old, self._now = self._now, tracker
        if old is not None and old is not tracker:
            old.close()

    def track(self, frame: Frame) -> list[Observation]:
        start = time.perf_counter()
        with self._busy:
            found = self._now.track(frame) if self._now is not None else []
        self.seconds.append(time.perf_counter() - start)
        self.on_tracked(frame, found)
        return found

    def close(self) -> None:
        self.exchange(None)


class LivePipeline:
    """The pipeline of a run, as `pipeline.run` uses one. `seconds`: what each frame took."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.now = pipeline
        self.seconds: Timing = deque(maxlen=KEPT)
        self._next: Pipeline | None = None

    def exchange(self, pipeline: Pipeline) -> None:
        """Take this one from the next frame on; the performers before the camera stay the same."""
        self._next = pipeline

    def begin(self, pipeline: Pipeline) -> None:
        """Take this one at once, for another source. Only whoever reads the source may call it."""
        pipeline.follow(self.now, same=False)
        self.now, self._next = pipeline, None

    def combine(self, t: float, layers: Sequence[Seen]) -> list[Step]:
        start = time.perf_counter()
        steps = self._current().combine(t, layers)
        self.seconds.append(time.perf_counter() - start)
        return steps

    def silent(self, t: float, *, everybody: bool) -> list[Step]:
        return self._current().silent(t, everybody=everybody)

    def _current(self) -> Pipeline:
        following, self._next = self._next, None
        if following is not None:
            following.follow(self.now, same=True)
            self.now = following
        return self.now


class LiveOutputs(stages.Output):
    """The outputs of a run: `fixed` ones, and those that come and go. `seconds`: what each round took."""

    def __init__(self, fixed: Sequence[Output | Guarded]) -> None:
        self._fixed = tuple(fixed)
        self._changing: tuple[Guarded, ...] = ()
        self._busy = threading.Lock()
        self.seconds: Timing = deque(maxlen=KEPT)

    @property
    def now(self) -> tuple[Guarded, ...]:
        """Those that come and go."""
        return self._changing

    def take(self, outputs: Sequence[Guarded]) -> None:
        """These and no others, from the next state on. Those that are left out are closed."""
        with self._busy:
            old, self._changing = self._changing, tuple(outputs)
        for output in old:
            if output not in outputs:
                output.close()

    def send(self, state: AvatarState) -> None:
        start = time.perf_counter()
        with self._busy:  # none is closed while it is sending
            for output in (*self._fixed, *self._changing):
                output.send(state)
        self.seconds.append(time.perf_counter() - start)

    def close(self) -> None:
        self.take(())
