"""Which parts a command line and a settings file choose, with which settings; and making them."""

from __future__ import annotations

import argparse
import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from vtuber import config, layers, parts
from vtuber import profile as profiles
from vtuber.fusion import Fused
from vtuber.moods import Moods
from vtuber.parts import DEFAULTS
from vtuber.pipeline import Guarded, Pipeline
from vtuber.profile import Profile
from vtuber.stages import Filter, Signal, Source, Tracker, VTuberError
from vtuber.tuning import Tuning
from vtuber.wishes import Wishes


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
        self.given = list(given)
        """The sources as they were asked for; none is the first camera."""
        self.fallen_back = ""
        """The source that was taken because the one that is meant was not there."""
        self.layers = [split_layer(text) for text in given]
        """(parts of the body, source) as named, the lowest first; none named is the first camera."""
        self.tracker: str = options.tracker or choices.get("tracker") or DEFAULTS["tracker"]
        self.own_filter: str | None = options.filter or choices.get("filter")
        self.filter: str = self.own_filter or DEFAULTS["filter"]
        self.outputs: list[str] = getattr(options, "output", None) or choices.get("outputs") or []
        self.profile_name: str = options.profile or choices.get("profile") or ""
        self.profile = profiles.load(self.profile_name) if self.profile_name else Profile()
        self.common_shapes = self.config.shapes
        """Those that an avatar has which has none of its own."""
        self._lay_over(options.changes)
        in_use = self._in_use()
        for part, kind in in_use.items():
            if kind not in self.config.settings or kind not in parts.KINDS:
                continue
            if part in (self.tracker, self.filter):  # of two trackers each takes its own when it is made
                self.config.settings[kind] = parts.fitting(kind, part, self.config.of(kind))
        self._shared = self.config.settings.pop("source", {})
        """The file's [source]: for every source that knows a setting of it."""
        config.override(self.config, options.changes, in_use)

    def _lay_over(self, changes: Sequence[str]) -> None:
        """The settings of the avatar on stage over the common ones."""
        told = [c.partition("=")[2].strip() for c in changes if c.partition("=")[0].strip() == "server.avatar"]
        self.avatar: str = (told or [str(self.config.of("server").get("avatar", "default"))])[-1]
        self.own = self.config.avatars.get(self.avatar, config.Own())
        self.config.shapes = self.config.shapes | self.own.shapes
        for (section, key), name in config.OWN.items():
            value = getattr(self.own, name)
            if value is not None:
                self.config.settings.setdefault(section, {})[key] = value

    @property
    def framing(self) -> dict[str, str]:
        """How viewers frame the avatar on stage, in the words of their address."""
        told = {"cam": self.own.camera, "view": self.own.view}
        return {name: value for name, value in told.items() if value}

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
        self.fallen_back = source
        self.layers = [split_layer(source)]
        self._shared |= self.config.settings.pop("source", {})

    def source_settings(self, name: str) -> dict[str, Any]:
        """[source] of the file, [source.NAME] and --set NAME.key, --set source.key: whatever is said later counts."""
        in_use = {part: {s.name for s in parts.settings(parts.find("source", part))} for part, _ in self.sources}
        said = self.config.of("source")
        # What no source in use knows goes to all of them, to be refused.
        mine = {key: v for key, v in said.items() if key in in_use[name] or not any(key in k for k in in_use.values())}
        return parts.fitting("source", name, self._shared) | self.config.of(f"source.{name}") | mine

    def make_wishes(self) -> Wishes:
        """What the file says of the performer's taste."""
        with self._placed("shapes"), self._placed("tuning"):
            return Wishes(self.make_tuning(), Moods(self.config.moods))

    def make_tuning(self) -> Tuning:
        shapes = self.config.shapes
        given = parts.checked(Tuning, "tuning", self.config.of("tuning"))
        try:
            return Tuning({n: s.gain for n, s in shapes.items()}, {n: s.offset for n, s in shapes.items()}, **given)
        except ValueError as e:
            raise VTuberError(str(e)) from e

    @contextlib.contextmanager
    def _placed(self, section: str) -> Iterator[None]:
        """What is wrong with a setting is said with its line in the file."""
        try:
            yield
        except VTuberError as e:
            raise VTuberError(self.config.placed(section, str(e))) from e

    def make_tracker(self) -> Tracker:
        """The one that is named; of QUICK+SLOW the first, its head's turn corrected by the second."""
        with self._placed("tracker"):
            return self._make_tracker()

    def _make_tracker(self) -> Tracker:
        names, settings = self.tracker.split("+"), self.config.of("tracker")
        if len(names) > 2:
            raise VTuberError(f"--tracker {self.tracker}: no more than two trackers work together")
        if len(names) == 1:
            tracker: Tracker = parts.make("tracker", self.tracker, settings)
            return tracker
        quick, slow = (parts.make("tracker", name, parts.fitting("tracker", name, settings)) for name in names)
        return Fused(quick, slow)

    def make_pipeline(self, wishes: Wishes | None = None) -> Pipeline:
        """`wishes`: those of the run; without them, the file's."""
        with self._placed("filter"), self._placed("pipeline"):
            return self._make_pipeline(wishes or self.make_wishes())

    def _make_pipeline(self, wishes: Wishes) -> Pipeline:
        def make_filter(signal: Signal) -> Filter:
            made: Filter = parts.make("filter", self.filter, self.config.of("filter"), signal)
            return made

        # Other apps have smoothed what they say, and doing it twice is slow: only a filter that was asked for does.
        app_filter = make_filter if self.own_filter else None
        named = [body for body, _ in self.layers] or [tuple(layers.PARTS)]
        settings = parts.checked(Pipeline, "pipeline", self.config.of("pipeline"))
        try:
            return Pipeline(self.profile, make_filter, app_filter, named, wishes, **settings)
        except ValueError as e:
            raise VTuberError(f"pipeline: {e}") from e

    def make_output(self, text: str) -> Guarded:
        name, argument = split(text)
        with self._placed(f"output.{name}"):
            return Guarded(parts.make("output", name, self.config.of(f"output.{name}"), argument), name)

    def make_sources(self, **fixed: Any) -> list[Source]:
        """All of them, the lowest layer first; when one cannot be made, those before it are closed again."""
        made: list[Source] = []
        with contextlib.ExitStack() as stack:
            for name, argument in self.sources:
                with self._placed("source"), self._placed(f"source.{name}"):
                    source: Source = parts.make("source", name, {**self.source_settings(name), **fixed}, argument)
                stack.callback(source.close)
                made.append(source)
            stack.pop_all()
        return made
