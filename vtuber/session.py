"""One run from chosen parts: builds them, joins them to the server, and takes them down in order."""

from __future__ import annotations

import argparse
import contextlib
import gc
import math
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from vtuber import config, layers, parts, pipeline, recording
from vtuber import profile as profiles
from vtuber.fusion import Fused
from vtuber.parts import DEFAULTS
from vtuber.pipeline import Guarded, Pipeline, Report
from vtuber.profile import Profile
from vtuber.several import Several
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


def split_layer(text: str) -> tuple[tuple[str, ...], str]:
    """`body,hands=vmc:39540` -> the parts of the body that a source may give, all where none is named, and the source.

    Raises:
        VTuberError: there is no such part of the body.
    """
    named = re.match(r"([a-z]+(?:,[a-z]+)*)=", text)
    if named is None or Path(text).expanduser().is_file():
        return tuple(layers.PARTS), text
    wanted = named[1].split(",")
    for part in wanted:
        if part not in layers.PARTS:
            raise VTuberError(f"--source {text}: there is no {part!r} of a body; there are: {', '.join(layers.PARTS)}")
    return tuple(part for part in layers.PARTS if part in wanted), text[named.end() :]


def _like_path(text: str) -> bool:
    return "/" in text or "\\" in text or "." in text


class Chosen:
    """The parts that a command line and a settings file ask for."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.config = config.load(options.config)
        choices = self.config.choices
        source = [choices["source"]] if "source" in choices else []
        given: list[str] = getattr(options, "source", None) or choices.get("sources") or source
        self.layers = [split_layer(text) for text in given]
        """(parts of the body, source) as named, the lowest first; none named is the first camera."""
        self.tracker: str = options.tracker or choices.get("tracker") or DEFAULTS["tracker"]
        self.own_filter: str | None = options.filter or choices.get("filter")
        self.filter: str = self.own_filter or DEFAULTS["filter"]
        self.outputs: list[str] = getattr(options, "output", None) or choices.get("outputs") or []
        name = options.profile or choices.get("profile")
        self.profile = profiles.load(name) if name else Profile()
        in_use = self._in_use()
        for part, kind in in_use.items():
            if kind not in self.config.settings or kind not in parts.KINDS:
                continue
            if part in (self.tracker, self.filter):  # of two trackers each takes its own when it is made
                self.config.settings[kind] = parts.fitting(kind, part, self.config.of(kind))
        self._shared = self.config.settings.pop("source", {})
        """The file's [source]: for every source that knows a setting of it."""
        config.override(self.config, options.changes, in_use)

    def _in_use(self) -> dict[str, str]:
        """What --set may name -> its section: parts by their own name, where it is one part's only."""
        own = [(name, f"source.{name}") for name, _ in self.sources]
        own += [(name, f"output.{name}") for name, _ in map(split, self.outputs)]
        sections = {name: {s for n, s in own if n == name} for name, _ in own}
        single = {name: found.pop() for name, found in sections.items() if len(found) == 1}
        trackers = dict.fromkeys(self.tracker.split("+"), "tracker")
        return single | {s: s for _, s in own} | trackers | {self.filter: "filter"}

    @property
    def sources(self) -> list[tuple[str, str]]:
        """(part, argument) of each."""
        return [split_source(text) for _, text in self.layers] or [("camera", "")]

    def fall_back(self, source: str) -> None:
        """Take this one instead, with what it knows of the settings."""
        self.layers = [split_layer(source)]
        self._shared |= self.config.settings.pop("source", {})

    def _source_settings(self, name: str) -> dict[str, Any]:
        """[source] of the file, [source.NAME] and --set NAME.key, --set source.key: whatever is said later counts."""
        in_use = {part: {s.name for s in parts.settings(parts.find("source", part))} for part, _ in self.sources}
        said = self.config.of("source")
        # What no source in use knows goes to all of them, to be refused.
        mine = {key: v for key, v in said.items() if key in in_use[name] or not any(key in k for k in in_use.values())}
        return parts.fitting("source", name, self._shared) | self.config.of(f"source.{name}") | mine

    def make_tracker(self) -> Tracker:
        """The one that is named; of QUICK+SLOW the first, its head's turn corrected by the second."""
        names, settings = self.tracker.split("+"), self.config.of("tracker")
        if len(names) > 2:
            raise VTuberError(f"--tracker {self.tracker}: no more than two trackers work together")
        if len(names) == 1:
            tracker: Tracker = parts.make("tracker", self.tracker, settings)
            return tracker
        quick, slow = (parts.make("tracker", name, parts.fitting("tracker", name, settings)) for name in names)
        return Fused(quick, slow)

    def make_pipeline(self) -> Pipeline:
        def make_filter(signal: Signal) -> Filter:
            made: Filter = parts.make("filter", self.filter, self.config.of("filter"), signal)
            return made

        # Other apps have smoothed what they say, and doing it twice is slow: only a filter that was asked for does.
        app_filter = make_filter if self.own_filter else None
        named = [body for body, _ in self.layers] or [tuple(layers.PARTS)]
        settings = parts.checked(Pipeline, "pipeline", self.config.of("pipeline"))
        return Pipeline(self.profile, make_filter, app_filter, named, **settings)

    def make_outputs(self) -> list[Guarded]:
        made = []
        for text in self.outputs:
            name, argument = split(text)
            output = parts.make("output", name, self.config.of(f"output.{name}"), argument)
            made.append(Guarded(output, name))
        return made

    def make_sources(self, **fixed: Any) -> list[Source]:
        """All of them, the lowest layer first; when one cannot be made, those before it are closed again."""
        made: list[Source] = []
        with contextlib.ExitStack() as stack:
            for name, argument in self.sources:
                source: Source = parts.make("source", name, {**self._source_settings(name), **fixed}, argument)
                stack.callback(source.close)
                made.append(source)
            stack.pop_all()
        return made


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
            self._outputs = chosen.make_outputs()
            for output in self._outputs:
                stack.callback(output.close)
            sources = self._open_sources(chosen)
            for source in sources:
                stack.callback(source.close)
            if sum(source.pictures for source in sources) > 1:
                raise VTuberError("only one source may give pictures; the others are apps, such as vmc")
            self._source = Several(sources) if len(sources) > 1 else sources[0]
            stack.callback(self._source.close)
            self._tracker = chosen.make_tracker() if any(source.pictures for source in sources) else None
            if self._tracker:
                stack.callback(self._tracker.close)
            self._described = self._describe(chosen, sources)
            self.server = self._open_server(chosen)
            stack.callback(self.server.close)
            self._exit = stack.pop_all()
        ways = [chosen.tracker, chosen.filter] if self._tracker else [chosen.own_filter or "as it comes"]
        self._say(f"{self._described} -> {', '.join(ways)}")
        self._say(f"viewer: {self.server.url}")
        return self

    def _open_sources(self, chosen: Chosen) -> list[Source]:
        if chosen.layers:
            return chosen.make_sources()
        try:
            return chosen.make_sources()
        except VTuberError as e:
            self._say(f"{e}; showing the demo performer instead")
            chosen.fall_back("demo")
            return chosen.make_sources()

    def _describe(self, chosen: Chosen, sources: Sequence[Source]) -> str:
        """What is read, the lowest layer first; the parts of the body where not all are given."""
        lines = []
        for (body, _), source in zip(chosen.layers or [split_layer("camera")], sources, strict=True):
            limit = f"{', '.join(body)} from " if len(body) < len(layers.PARTS) else ""
            lines.append(limit + source.describe())
        return "; over it ".join(lines)

    def _open_server(self, chosen: Chosen) -> Any:
        from vtuber.server import Server

        settings = dict(chosen.config.of("server"))
        if self._options.port is not None:
            settings["port"] = self._options.port
        if self._options.lan:
            settings["lan"] = True
        settings.setdefault("source", self._described)
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

    options.source = [f"video:{options.input}"]
    chosen = Chosen(options)
    with contextlib.ExitStack() as stack:
        pipe = chosen.make_pipeline()
        (source,) = chosen.make_sources(realtime=False)
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
