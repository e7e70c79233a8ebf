"""The parts of a running session, made from what was chosen and exchanged when that changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from vtuber import chosen as choices
from vtuber import layers
from vtuber.chosen import Chosen
from vtuber.live import LiveOutputs, LivePipeline, LiveSource, LiveTracker
from vtuber.pipeline import Guarded
from vtuber.several import Several
from vtuber.stages import Output, Source, VTuberError

Say = Callable[[str], None]
ALONE = frozenset({"demo", "video"})
"""Sources of which a second can be opened while the first still runs; others hold a device or a port."""


class Row(msgspec.Struct):
    """One output in the list."""

    text: str
    """As after --output: PART or PART:ADDRESS."""
    on: bool
    guarded: Guarded | None = None


class Rig:
    """Source, tracker, pipeline and outputs of one run.

    Raises:
        VTuberError: a part cannot be made; those made before are closed again.
    """

    def __init__(self, chosen: Chosen, say: Say) -> None:
        self.wishes = chosen.make_wishes()
        self.pipeline = LivePipeline(chosen.make_pipeline(self.wishes))
        self.rows: list[Row] = []
        self.outputs = LiveOutputs(())
        self.on_source: Callable[[str], None] = lambda text: None
        """Is told what is read from now on."""
        try:
            for text in chosen.outputs:
                self.rows.append(Row(text, True, chosen.make_output(text)))
            self.rows += [Row(text, False) for text in chosen.config.choices.get("outputs_off", [])]
            sources = self._first_sources(chosen, say)
            self.source = LiveSource(_joined(sources))
            self.described = _describe(sources, chosen)
            self.tracker = LiveTracker(chosen.make_tracker() if _pictures(sources) else None)
        except BaseException:
            self.close()
            raise
        self._take_outputs()

    def close(self) -> None:
        """End the source and close every part. Calling it twice is harmless."""
        for part in ("source", "tracker"):
            if hasattr(self, part):
                getattr(self, part).close()
        for row in self.rows:
            if row.guarded is not None:
                row.guarded.close()

    def serve(self, viewer: Output | Guarded) -> None:
        """Send every state there as well, before all others."""
        self.outputs = LiveOutputs([viewer])
        self._take_outputs()

    # --- outputs -----------------------------------------------------------------------------------------------------

    def put_rows(self, rows: list[Row], chosen: Chosen) -> None:
        """These outputs and no others; those that are on and not made yet are made. Raises VTuberError."""
        made: list[Row] = []
        try:
            for row in rows:
                if row.on and row.guarded is None:
                    row.guarded = chosen.make_output(row.text)
                    made.append(row)
        except VTuberError:
            for row in made:
                if row.guarded is not None:
                    row.guarded.close()
            raise
        self.rows = rows
        self._take_outputs()

    def remake_outputs(self, part: str, chosen: Chosen) -> None:
        """Settings of an output were changed: those of its kind begin anew. Raises VTuberError."""
        concerned = {i for i, row in enumerate(self.rows) if choices.split(row.text)[0] == part}
        self.put_rows([Row(row.text, row.on) if i in concerned else row for i, row in enumerate(self.rows)], chosen)

    def _take_outputs(self) -> None:
        self.outputs.take([row.guarded for row in self.rows if row.guarded is not None])

    # --- tracking ----------------------------------------------------------------------------------------------------

    def change_tracker(self, chosen: Chosen) -> None:
        """Raises VTuberError."""
        if self.tracker.now is not None:
            self.tracker.exchange(chosen.make_tracker())

    def change_pipeline(self, chosen: Chosen) -> None:
        """Another filter, profile or policy. Raises VTuberError."""
        self.pipeline.exchange(chosen.make_pipeline(self.wishes))

    def change_source(self, chosen: Chosen) -> None:
        """Raises VTuberError: the one before goes on."""
        held = {name for name, _ in self._running.sources} - ALONE
        clash = bool(held & {name for name, _ in chosen.sources})
        if clash:
            self.source.stop()
        try:
            sources = _made_sources(chosen)
        except VTuberError:
            if clash:
                self._start(_made_sources(self._running), self._running)
            raise
        self._start(sources, chosen)

    def _start(self, sources: Sequence[Source], chosen: Chosen) -> None:
        pipeline = chosen.make_pipeline(self.wishes)
        if _pictures(sources) and self.tracker.now is None:
            self.tracker.exchange(chosen.make_tracker())
        self._running = chosen
        self.described = _describe(sources, chosen)
        self.source.start(_joined(sources), lambda: self.pipeline.begin(pipeline))
        self.on_source(self.described)

    def _first_sources(self, chosen: Chosen, say: Say) -> list[Source]:
        try:
            sources = _made_sources(chosen)
        except VTuberError as e:
            if chosen.layers:
                raise
            say(f"{e}; showing the demo performer instead")
            chosen.fall_back("demo")
            sources = _made_sources(chosen)
        self._running = chosen
        return sources


def _made_sources(chosen: Chosen) -> list[Source]:
    sources = chosen.make_sources()
    if sum(source.pictures for source in sources) > 1:
        for source in sources:
            source.close()
        raise VTuberError("only one source may give pictures; the others are apps, such as vmc")
    return sources


def _describe(sources: Sequence[Source], chosen: Chosen) -> str:
    """What is read, the lowest layer first; the parts of the body where not all are given."""
    lines = []
    for (body, _), source in zip(chosen.layers or [choices.split_layer("camera")], sources, strict=True):
        limit = f"{', '.join(body)} from " if len(body) < len(layers.PARTS) else ""
        lines.append(limit + source.describe())
    return "; over it ".join(lines)


def _joined(sources: Sequence[Source]) -> Source | Several:
    return Several(sources) if len(sources) > 1 else sources[0]


def _pictures(sources: Sequence[Source]) -> bool:
    return any(source.pictures for source in sources)
