"""The guided calibration of the face beside a run: its pictures and what was seen in them are handed over as they come,
and measured without holding it up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from calibration import guide, page
from calibration.apart import apart
from calibration.face import FaceCalibration
from calibration.guide import Portrait
from calibration.judge import Verdict
from calibration.steps import STEPS, Step
from vtuber import stages
from vtuber.latest import Closed, Latest
from vtuber.profile import Profile
from vtuber.stages import Frame, Observation, VTuberError

log = logging.getLogger(__name__)

WAITING = 45
"""Pictures that may wait to be looked at; of more, the oldest are passed over."""
TICK_S = 0.1
"""How long nothing may come before that is said."""

Sight = tuple[Frame, Sequence[Observation]]


class Feed(stages.Source):
    """The pictures of a run as a source; `tracker` tells what the run saw in the last one."""

    def __init__(self) -> None:
        self._mail: Latest[list[Sight]] = Latest(merge=lambda old, new: (old + new)[-WAITING:])
        self.tracker = _Told()

    def put(self, frame: Frame, observations: Sequence[Observation]) -> None:
        """Never waits."""
        self._mail.put([(frame, observations)])

    def __iter__(self) -> Iterator[Frame | None]:
        while True:
            try:
                sights = self._mail.get(TICK_S)
            except TimeoutError:
                yield None
                continue
            except Closed:
                return
            for frame, self.tracker.told in sights:
                yield frame

    def describe(self) -> str:
        return "the run's own pictures"

    def close(self) -> None:
        self._mail.close()


class _Told(stages.Tracker):
    """Says again what the run's tracker said."""

    told: Sequence[Observation] = ()

    def track(self, frame: Frame) -> list[Observation]:
        return list(self.told)

    def close(self) -> None:
        pass


class FaceFlow:
    """The steps, the measuring and the verdict, on a thread of its own. It is a `guide.Screen` to the steps.

    Args:
        base: the profile that is built on.
        name: of the one that is made.
        screen_inches: the diagonal of the screen whose corners are looked at.
    """

    def __init__(self, base: Profile, name: str, screen_inches: float | None) -> None:
        self._name, self._screen_inches = name, screen_inches
        self._calibration, self._portrait, self._feed = FaceCalibration(base), Portrait(), Feed()
        self._shown: dict[str, Any] = {
            "kind": "face", "phase": "steps", "error": "", "steps": [step.name for step in STEPS], "qualities": {},
            "step": STEPS[0].name, "number": 1, "again": False, "ready": False, "done": 0.0, "seen": True,
            "skippable": STEPS[0].skippable,
        }  # fmt: skip
        self._verdict: Verdict | None = None
        self._picture: bytes | None = None
        self._skip, self._stop, self._order = threading.Event(), threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._run, name="calibration", daemon=True)
        self._thread.start()

    # --- from the run and from the studio ----------------------------------------------------------------------------

    def see(self, frame: Frame, observations: Sequence[Observation]) -> None:
        if self._shown["phase"] == "steps":
            self._feed.put(frame, observations)

    def skip(self, step: str) -> None:
        if step == self._shown["step"]:
            self._skip.set()

    def enough(self) -> None:
        """A face is measured when its steps are done."""

    def shown(self) -> dict[str, Any]:
        return self._shown

    def result(self) -> Profile:
        if self._verdict is None:
            raise VTuberError("nothing was measured yet")
        return self._verdict.profile

    def verdict(self) -> dict[str, Any]:
        profile, found = self.result(), self._verdict
        assert found is not None
        return {
            "qualities": profile.quality,
            "figures": [msgspec.to_builtins(figure) | {"better": figure.better} for figure in found.figures],
            "reaches": msgspec.to_builtins(found.reaches),
            "notes": list(found.notes),
            "picture": self._picture or b"",
            "page": page.page(found, self._calibration.usual_face),
        }

    def close(self, reason: str = "") -> None:
        with self._order:
            if reason and not self._stop.is_set():
                self._shown = self._shown | {"phase": "failed", "error": reason}
            self._stop.set()
        self._feed.close()

    # --- the screen of the steps -------------------------------------------------------------------------------------

    def prompt(self, step: Step, number: int, again: bool) -> None:
        self._skip.clear()
        self._say(
            step=step.name, number=number, again=again, ready=False, done=0.0, seen=True, skippable=step.skippable,
            qualities=self._calibration.qualities,
        )  # fmt: skip

    def progress(self, text: str, done: float, quality: float | None) -> None:
        news: dict[str, Any] = {"ready": text != guide.GET_READY, "seen": text != guide.NO_FACE, "done": round(done, 2)}
        if quality is not None:
            news["qualities"] = self._shown["qualities"] | {self._shown["step"]: round(quality, 2)}
        self._say(**news)

    def skipped(self) -> bool:
        was = self._skip.is_set()
        self._skip.clear()
        return was

    # --- the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            guide.from_source(self._feed, self._feed.tracker, self._calibration, self, portrait=self._portrait)
            self._say(phase="measuring", qualities=self._calibration.qualities)
            found = apart(self._stop, guide.measure, self._calibration, self._name, self._screen_inches)
            if found is None:
                return
            self._verdict, self._picture = found, self._portrait.drawn(found.profile)
            self._say(phase="judged")
        except VTuberError as e:
            self._say(phase="failed", error=str(e))
        except Exception:
            log.exception("the calibration broke off")
            self._say(phase="failed", error="that failed for a reason that is in the terminal")

    def _say(self, **news: Any) -> None:
        """Where it stands now; nothing more once it is closed."""
        with self._order:
            if not self._stop.is_set():
                self._shown = self._shown | news
