"""From source to outputs: one step for each frame, and the loop around it."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from threadpoolctl import threadpool_limits

from vtuber.layers import PARTS
from vtuber.loss import HOLD_S
from vtuber.performer import FilterMaker, Performer, Step
from vtuber.profile import Profile
from vtuber.several import Moment, Several
from vtuber.stages import Frame, Observation, Output, Source, SourceItem, Tracker, Traffic, VTuberError
from vtuber.wire import AvatarState
from vtuber.wishes import Wishes

log = logging.getLogger(__name__)

FORGET_S = 30.0
"""A second performer who has been away for so long is forgotten; the first never is."""
MISSED_S = 1.5
"""For so long after an answer that nobody listens, nobody does."""
RETRY_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Pauses before a failed output is tried again."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one source says at one moment."""

    observations: Sequence[Observation] = ()
    everybody: bool = True
    """Whoever is not among them is not seen; otherwise nothing new is said of them."""

    def of(self, t: float, person: int) -> Observation | None:
        """The last word on a person; None when there is none."""
        for observation in reversed(self.observations):
            if observation.person == person:
                return observation
        return Observation(t, person, (0, 0), None) if self.everybody else None


class Combining(Protocol):
    """What the loop needs of a pipeline."""

    def combine(self, t: float, layers: Sequence[Seen]) -> list[Step]: ...

    def silent(self, t: float, *, everybody: bool) -> list[Step]: ...


class Pipeline:
    """Observations of one moment -> the state of every performer.

    Args:
        make_filter: smooths what is measured on landmarks.
        app_filter: smooths what other apps say; None leaves it as it is.
        layers: the parts of the body that each source may give, the lowest source first.
        wishes: what is laid over all that is tracked.

    Settings:
        mirror: exchange left and right, for everybody.
        freeze: a performer who is lost stays as last seen, instead of going to rest.
        hold: 0 to 10; seconds for which a performer who is lost keeps still before going to rest.
        refine: the calibrated ranges follow the performer slowly; `vtuber calibrate back` undoes it.
    """

    def __init__(
        self,
        profile: Profile,
        make_filter: FilterMaker,
        app_filter: FilterMaker | None = None,
        layers: Sequence[Iterable[str]] = (tuple(PARTS),),
        wishes: Wishes | None = None,
        *,
        mirror: bool = False,
        freeze: bool = False,
        hold: float = HOLD_S,
        refine: bool = False,
    ) -> None:
        wishes = wishes or Wishes()
        _one_thread()

        def make(person: int) -> Performer:
            return Performer(
                person,
                profile,
                make_filter,
                app_filter,
                layers,
                wishes=wishes,
                mirror=mirror,
                freeze=freeze,
                hold=hold,
                refine=refine and person == 0,
            )

        self._make = make
        self._layers = len(layers)
        self._people: dict[int, Performer] = {0: self._make(0)}

    @property
    def people(self) -> dict[int, Performer]:
        """The performers who are remembered, by their number; the first is always there."""
        return self._people

    def follow(self, old: Pipeline, *, same: bool) -> None:
        """Take the place of another in a run: everybody goes on from the pose that they were shown in.

        same: the same performers before the same sources; what is remembered of their faces still holds.
        """
        for person, who in old.people.items():
            self._people.setdefault(person, self._make(person)).follow(who, same=same)

    def silent(self, t: float, *, everybody: bool) -> list[Step]:
        """The performers at time t (seconds) when no source has said anything.

        everybody: which means that nobody is there; otherwise the word of the sources is only late.
        """
        return self.combine(t, [Seen(everybody=everybody)] * self._layers)

    def step(self, t: float, observations: Sequence[Observation]) -> list[Step]:
        """The performers at time t (seconds), also those not seen now. The same inputs give the same states."""
        return self.combine(t, [Seen(observations)])

    def combine(self, t: float, layers: Sequence[Seen]) -> list[Step]:
        """The same of several sources, layer by layer."""
        seen = {o.person for layer in layers for o in layer.observations}
        for person in seen - self._people.keys():
            self._people[person] = self._make(person)
        for person in [p for p, who in self._people.items() if p and p not in seen and t - who.last_seen > FORGET_S]:
            del self._people[person]
        return [who.step(t, [s.of(t, person) for s in layers]) for person, who in sorted(self._people.items())]


@functools.cache
def _one_thread() -> None:
    """Let numpy multiply by one thread: OpenBLAS would share each small product among all cores, whose threads then
    spin for tens of milliseconds, waiting for the next; with that a frame took twice the CPU time."""
    threadpool_limits(1, user_api="blas")


@dataclass(frozen=True, slots=True)
class Health:
    """How an output fares."""

    state: Literal["waiting", "sending", "nobody", "refused", "failed"]
    sent: int
    """Packets that left; states, of an output that writes a file."""
    error: str
    """Why it is not well; "" when it is."""


class Guarded:
    """An output that may fail without stopping anything: said once, tried again after a pause."""

    def __init__(self, output: Output, name: str) -> None:
        self._output = output
        self._name = name
        self._failures = 0
        self._resume = 0.0
        self._states = 0
        self._error = ""

    def health(self) -> Health:
        """How it goes. May be asked from any thread."""
        traffic = self._output.traffic or Traffic()
        sent = traffic.sent if self._output.traffic else self._states
        if self._failures:
            return Health("failed", sent, self._error)
        if traffic.reach != "open":
            return Health(traffic.reach, sent, traffic.error)
        if time.perf_counter() - traffic.missed < MISSED_S:
            return Health("nobody", sent, traffic.error)
        return Health("sending" if self._states else "waiting", sent, "")

    def send(self, state: AvatarState) -> None:
        if self._failures and time.perf_counter() < self._resume:
            return
        try:
            self._output.send(state)
        except OSError as e:
            if not self._failures:
                log.warning("output %s: %s; going on, and trying again", self._name, e)
            self._error = str(e)
            self._resume = time.perf_counter() + RETRY_S[min(self._failures, len(RETRY_S) - 1)]
            self._failures += 1
            return
        self._states += 1
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


Watcher = Callable[[SourceItem | Moment, list[Step]], None]


def run(
    source: Source | Several,
    tracker: Tracker | None,
    pipeline: Combining,
    outputs: Iterable[Output | Guarded],
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
            if item is None:
                # A camera without pictures shows nobody; a phone on a weak network may only be late.
                nobody = isinstance(source, Source) and source.pictures
                steps = pipeline.silent(time.perf_counter(), everybody=nobody)
            else:
                steps = _steps(item, tracker, pipeline)
            news = item.news if isinstance(item, Moment) else item is not None
            if item is not None and news:
                if watch:
                    watch(item, steps)
                report.frames += 1
                report.tracked += steps[0].state.tracking in ("tracked", "reacquired")
            for step in steps:
                for output in outputs:
                    output.send(step.state)
            if item is not None and news:
                report.latencies.append(time.perf_counter() - item.timestamp)
            if frames and report.frames >= frames:
                break
    except KeyboardInterrupt:
        report.interrupted = True
    report.seconds = time.perf_counter() - start
    return report


def _steps(item: SourceItem | Moment, tracker: Tracker | None, pipeline: Combining) -> list[Step]:
    if isinstance(item, Moment):
        return pipeline.combine(item.timestamp, [_seen(items, tracker) for items in item.layers])
    return pipeline.combine(item.timestamp, [_seen([item], tracker)])


def _seen(items: Sequence[SourceItem], tracker: Tracker | None) -> Seen:
    """What one source's items say; pictures are looked at."""
    observations = [item for item in items if isinstance(item, Observation)]
    pictures = [item for item in items if isinstance(item, Frame)]
    if not pictures:
        return Seen(observations, everybody=False)
    if tracker is None:
        raise VTuberError("this source yields pictures, which need a tracker")
    return Seen(tracker.track(pictures[-1]))
