"""One run from chosen parts: builds them, joins them to the server, and takes them down in order."""

from __future__ import annotations

import argparse
import contextlib
import gc
import math
import sys
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from vtuber import parts, pipeline, recording
from vtuber.chosen import Chosen
from vtuber.desk import Desk
from vtuber.measuring import Flows
from vtuber.pipeline import Guarded, Report
from vtuber.stages import VTuberError
from vtuber.studio import Studio
from vtuber.vitals import Vitals

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


class Session:
    """`vtuber run`: everything constructed on entering, everything closed on leaving.

    Args:
        flows: gives the guided calibrations of the studio; None where there are none.
    """

    def __init__(self, options: argparse.Namespace, say: Say, flows: Callable[[], Flows] | None = None) -> None:
        self._options = options
        self._say = say
        self._flows = flows
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> Session:
        with contextlib.ExitStack() as stack:
            self.desk = Desk(self._options, self._say, self._flows)
            self.vitals = Vitals()
            stack.callback(self.desk.close)
            stack.callback(self.desk.measuring.close)
            self.server = self._open_server(self.desk)
            stack.callback(self.server.close)
            self.desk.on_remove_avatar = self.server.library.remove
            self.desk.expressing.on_called, self.desk.on_key = self.server.express, self.server.announce
            self.desk.on_avatar, self.desk.rig.on_source = self.server.show_avatar, self._told
            self.desk.rig.serve(Guarded(self.server, "viewer"))
            self._listen()
            self._exit = stack.pop_all()
        chosen = self.desk.chosen
        ways = [chosen.tracker, chosen.filter] if self.desk.rig.tracker.now else [chosen.own_filter or "as it comes"]
        self._say(f"{self.desk.rig.described} -> {', '.join(ways)}")
        self._say(f"viewer: {self.server.url}")
        return self

    def _open_server(self, desk: Desk) -> Any:
        from vtuber.server import Server

        settings = dict(desk.chosen.config.of("server"))
        if self._options.port is not None:
            settings["port"] = self._options.port
        if self._options.lan:
            settings["lan"] = True
        settings.setdefault("source", desk.rig.described)
        framing = desk.chosen.framing
        studio = Studio(desk, self.vitals)
        server = Server(studio, framing, **parts.checked(Server, "server", settings))
        studio.examiner.heartbeats = server.heartbeats
        return server

    def _listen(self) -> None:
        try:
            self.desk.listen()
        except VTuberError as e:  # all else goes on
            self._say(str(e))

    def _told(self, source: str) -> None:
        self.vitals.fresh()
        self.server.say_source(source)

    def run(self, frames: int) -> Report:
        steady()
        rig = self.desk.rig
        report = pipeline.run(rig.source, rig.tracker, rig.pipeline, [rig.outputs], frames, watch=self.vitals.watch)
        report.latencies = list(self.server.latencies) or report.latencies
        try:
            self.desk.keep_refined()
        except VTuberError as e:  # the run is over, and was good
            self._say(str(e))
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
