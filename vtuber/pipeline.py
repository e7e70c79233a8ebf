"""From source to outputs: one step for each frame, and the loop around it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vtuber.performer import FilterMaker, Performer, Step
from vtuber.profile import Profile
from vtuber.stages import Frame, Observation, Output, Source, Tracker, VTuberError
from vtuber.wire import AvatarState

log = logging.getLogger(__name__)

FORGET_S = 30.0
"""A second performer who has been away for so long is forgotten; the first never is."""
RETRY_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Pauses before a failed output is tried again."""


class Pipeline:
    """Observations of one moment -> the state of every performer.

    Settings:
        mirror: exchange left and right, for everybody.
        freeze: a performer who is lost stays as last seen, instead of going to rest.
    """

    def __init__(
        self, profile: Profile, make_filter: FilterMaker, *, mirror: bool = False, freeze: bool = False
    ) -> None:
        def make(person: int) -> Performer:
            return Performer(person, profile, make_filter, mirror=mirror, freeze=freeze)

        self._make = make
        self._people: dict[int, Performer] = {0: self._make(0)}

    def step(self, t: float, observations: Sequence[Observation]) -> list[Step]:
        """The performers at time t (seconds), also those not seen now. The same inputs give the same states."""
        seen = {o.person: o for o in observations}
        for person in seen.keys() - self._people.keys():
            self._people[person] = self._make(person)
        for person in [p for p, who in self._people.items() if p and p not in seen and t - who.last_seen > FORGET_S]:
            del self._people[person]
        return [self._one(t, who, seen.get(person)) for person, who in sorted(self._people.items())]

    def _one(self, t: float, who: Performer, observation: Observation | None) -> Step:
        try:
            return who.step(t, observation)
        except ValueError as e:
            log.warning("frame at %.3f s passed over for person %d: %s", t, who.person, e)
            return who.step(t, None)


class Guarded:
    """An output that may fail without stopping anything: said once, tried again after a pause."""

    def __init__(self, output: Output, name: str) -> None:
        self._output = output
        self._name = name
        self._failures = 0
        self._resume = 0.0

    def send(self, state: AvatarState) -> None:
        if self._failures and time.perf_counter() < self._resume:
            return
        try:
            self._output.send(state)
        except OSError as e:
            if not self._failures:
                log.warning("output %s: %s; going on, and trying again", self._name, e)
            self._resume = time.perf_counter() + RETRY_S[min(self._failures, len(RETRY_S) - 1)]
            self._failures += 1
            return
        if self._failures:
            log.warning("output %s works again", self._name)
            self._failures = 0

    def close(self) -> None:
        try:
            self._output.close()
        except OSError as e:  # such as a full disk, met when the last lines are written
            log.warning("output %s: %s; its end is missing", self._name, e)


@dataclass
class Report:
    """What a run did."""

    frames: int = 0
    tracked: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    """Seconds from capture until every output had the state, for each frame."""
    interrupted: bool = False
    """Ended by Ctrl-C."""


Watcher = Callable[[Frame | Observation, list[Step]], None]


def run(
    source: Source,
    tracker: Tracker | None,
    pipeline: Pipeline,
    outputs: Sequence[Guarded],
    frames: int = 0,
    watch: Watcher | None = None,
) -> Report:
    """Track until the source ends, or `frames` frames are done (0: no limit). Ctrl-C ends it as well, orderly.

    Args:
        tracker: None when the source yields observations.
        watch: is called with every frame and its steps, before the outputs.
    """
    report, start = Report(), time.perf_counter()
    try:
        for item in source:
            steps = _steps(item, tracker, pipeline)
            if item is not None:
                if watch:
                    watch(item, steps)
                report.frames += 1
                report.tracked += steps[0].measured is not None
            for step in steps:
                for output in outputs:
                    output.send(step.state)
            if item is not None:
                report.latencies.append(time.perf_counter() - item.timestamp)
            if frames and report.frames >= frames:
                break
    except KeyboardInterrupt:
        report.interrupted = True
    report.seconds = time.perf_counter() - start
    return report


def _steps(item: Frame | Observation | None, tracker: Tracker | None, pipeline: Pipeline) -> list[Step]:
    if item is None:
        return pipeline.step(time.perf_counter(), [])
    if isinstance(item, Observation):
        return pipeline.step(item.timestamp, [item])
    if tracker is None:
        raise VTuberError("this source yields pictures, which need a tracker")
    return pipeline.step(item.timestamp, tracker.track(item))
