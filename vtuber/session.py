"""One run from chosen parts: builds them, joins them to the server, and takes them down in order."""

from __future__ import annotations

import argparse
import contextlib
import gc
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from vtuber import config, parts, pipeline, recording
from vtuber import profile as profiles
from vtuber.parts import DEFAULTS
from vtuber.pipeline import Guarded, Pipeline, Report
from vtuber.profile import Profile
from vtuber.stages import Filter, Signal, Source, Tracker, VTuberError

Say = Callable[[str], None]

SWITCH_S = 0.0005
"""How long a thread may keep Python's lock while another waits for it."""


def steady() -> None:
    """Prepare the interpreter for a run in real time, when everything is imported and made."""
    # The server's thread waits its turn while the tracking computes: at the usual 5 ms, packets would leave late.
    sys.setswitchinterval(SWITCH_S)
    # A full garbage collection looks through all that was ever imported, which holds up a frame by some 30 ms: this
    # takes what is there now out of its sight.
    gc.collect()
    gc.freeze()


def percentile(values: Sequence[float], p: float) -> float:
    """The nearest-rank percentile; nan of nothing."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(p / 100 * len(ordered)) - 1)]


def split(text: str) -> tuple[str, str]:
    """PART:ARGUMENT -> (part, argument)."""
    part, _, argument = text.partition(":")
    return part, argument


def split_source(text: str) -> tuple[str, str]:
    """A source by its part, or a video by its path; a path wins where both could be meant."""
    part, argument = split(text)
    if Path(text).expanduser().is_file() or (part not in parts.names("source") and _like_path(text)):
        return "video", text
    return part, argument


def _like_path(text: str) -> bool:
    return "/" in text or "\\" in text or "." in text


class Chosen:
    """The parts that a command line and a settings file ask for."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.config = config.load(options.config)
        choices = self.config.choices
        self.source: str | None = getattr(options, "source", None) or choices.get("source")
        self.tracker: str = options.tracker or choices.get("tracker") or DEFAULTS["tracker"]
        self.filter: str = options.filter or choices.get("filter") or DEFAULTS["filter"]
        self.outputs: list[str] = getattr(options, "output", None) or choices.get("outputs") or []
        name = options.profile or choices.get("profile")
        self.profile = profiles.load(name) if name else Profile()
        in_use = {split_source(self.source or "camera")[0]: "source", self.tracker: "tracker", self.filter: "filter"}
        in_use.update({split(o)[0]: f"output.{split(o)[0]}" for o in self.outputs})
        for part, kind in in_use.items():
            if kind in parts.KINDS and kind in self.config.settings:
                self.config.settings[kind] = parts.fitting(kind, part, self.config.of(kind))
        config.override(self.config, options.changes, in_use)

    def make_tracker(self) -> Tracker:
        tracker: Tracker = parts.make("tracker", self.tracker, self.config.of("tracker"))
        return tracker

    def make_pipeline(self) -> Pipeline:
        def make_filter(signal: Signal) -> Filter:
            made: Filter = parts.make("filter", self.filter, self.config.of("filter"), signal)
            return made

        return Pipeline(self.profile, make_filter, **parts.checked(Pipeline, "pipeline", self.config.of("pipeline")))

    def make_outputs(self) -> list[Guarded]:
        made = []
        for text in self.outputs:
            name, argument = split(text)
            output = parts.make("output", name, self.config.of(f"output.{name}"), argument)
            made.append(Guarded(output, name))
        return made

    def make_source(self, **fixed: Any) -> Source:
        name, argument = split_source(self.source or "camera")
        source: Source = parts.make("source", name, {**self.config.of("source"), **fixed}, argument)
        return source


class Session:
    """`vtuber run`: everything constructed on entering, everything closed on leaving."""

    def __init__(self, options: argparse.Namespace, say: Say) -> None:
        self._options = options
        self._say = say
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> Session:
        with contextlib.ExitStack() as stack:
            chosen = Chosen(self._options)
            self._pipeline = chosen.make_pipeline()
            self._tracker = chosen.make_tracker()
            stack.callback(self._tracker.close)
            self._outputs = chosen.make_outputs()
            for output in self._outputs:
                stack.callback(output.close)
            self._source = self._open_source(chosen)
            stack.callback(self._source.close)
            self.server = self._open_server(chosen)
            stack.callback(self.server.close)
            self._exit = stack.pop_all()
        self._say(f"{self._source.describe()} -> {chosen.tracker}, {chosen.filter}")
        self._say(f"viewer: {self.server.url}")
        return self

    def _open_source(self, chosen: Chosen) -> Source:
        if chosen.source:
            return chosen.make_source()
        try:
            return chosen.make_source()
        except VTuberError as e:
            self._say(f"{e}; showing the demo performer instead")
            chosen.source = "demo"
            chosen.config.settings["source"] = parts.fitting("source", "demo", chosen.config.of("source"))
            return chosen.make_source()

    def _open_server(self, chosen: Chosen) -> Any:
        from vtuber.server import Server

        settings = dict(chosen.config.of("server"))
        if self._options.port is not None:
            settings["port"] = self._options.port
        if self._options.lan:
            settings["lan"] = True
        settings.setdefault("source", self._source.describe())
        return Server(**parts.checked(Server, "server", settings))

    def run(self, frames: int) -> Report:
        steady()
        outputs = [Guarded(self.server, "viewer"), *self._outputs]
        report = pipeline.run(self._source, self._tracker, self._pipeline, outputs, frames)
        report.latencies = list(self.server.latencies) or report.latencies
        return report

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()


def track_file(options: argparse.Namespace, say: Say) -> None:
    """`vtuber track`: every frame of a video, in order, into JSON Lines; a broken-off run leaves no half file."""
    from tqdm import tqdm

    options.source = f"video:{options.input}"
    chosen = Chosen(options)
    with contextlib.ExitStack() as stack:
        pipe = chosen.make_pipeline()
        source = chosen.make_source(realtime=False)
        stack.callback(source.close)
        tracker = chosen.make_tracker()
        stack.callback(tracker.close)
        part = options.out.parent / f"{options.out.name}.part"
        try:
            file = stack.enter_context(part.open("wb"))
        except OSError as e:
            raise VTuberError(f"{options.out} cannot be written: {e.strerror}") from None
        stack.callback(part.unlink, missing_ok=True)
        total = getattr(source, "frames", 0) or None
        # disable=None: no bar where no terminal shows it, such as in a log.
        bar = stack.enter_context(tqdm(total=total, unit="frame", leave=False, disable=None))

        def watch(item: Any, steps: list[Any]) -> None:
            for step in steps:
                file.write(recording.line(item.index, step))
            bar.update()

        try:
            report = pipeline.run(source, tracker, pipe, [], watch=watch)
            file.close()
            if report.interrupted:
                raise KeyboardInterrupt
            part.replace(options.out)
        except OSError as e:
            with contextlib.suppress(OSError):  # what is still to be written fails for the same reason
                file.close()
            raise VTuberError(f"{options.out} cannot be written: {e.strerror}") from None
    say(
        f"{options.out}: {report.frames} frames, tracked {report.tracked / max(1, report.frames):.1%}, "
        f"{report.frames / max(1e-9, report.seconds):.1f} fps"
    )
