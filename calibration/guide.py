"""Through the calibration of the face, from beginning to end: from clips, or live, with a prompt for each step.

It talks to whoever shows it (a terminal) by a `Screen`, and writes nothing before all is measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from calibration import clips, judge, page, picture
from calibration.face import FaceCalibration
from calibration.judge import Verdict
from calibration.steps import STEPS, Step
from vtuber import profile as profiles
from vtuber.profile import Profile
from vtuber.stages import Frame, Image, Observation, Source, Tracker, VTuberError

LEAD_S = 1.5
"""From the prompt until the step is measured: to read it, and to begin."""
POOR = 0.5
"""A step that went worse is asked for once more."""
INCH_M = 0.0254
SCREEN_RATIO = 9 / 16
GET_READY, NO_FACE = "get ready", "no face is seen"
"""What is said of a step's progress, beside nothing."""
PASSED_ON = 30.0
"""Seconds without any picture before it is given up."""


class Screen(Protocol):
    """Where it is shown."""

    def prompt(self, step: Step, number: int, again: bool) -> None:
        """A step begins."""
        ...

    def progress(self, text: str, done: float, quality: float | None) -> None:
        """How far it is (0..1), and how well it goes (0..1)."""
        ...

    def skipped(self) -> bool:
        """Whether the performer wants to pass over this step; asked again and again."""
        ...


@dataclass
class Portrait:
    """The frame that the face is drawn over: the last one of looking ahead, or the first one at all."""

    image: Image | None = None
    seen: Observation | None = None
    _ahead: bool = field(default=False, repr=False)

    def offer(self, frame: Frame, label: str, observations: Sequence[Observation]) -> None:
        mine = next((o for o in observations if o.person == 0 and o.face is not None), None)
        ahead = label in ("ahead", "shapes")
        if mine is not None and (self.image is None or (ahead and not self._ahead)):
            self.image, self.seen, self._ahead = frame.image.copy(), mine, ahead

    def drawn(self, profile: Profile) -> bytes | None:
        """PNG of it with the profile's own face laid over; None without a picture, or without such a face."""
        if self.image is None or self.seen is None or profile.face is None:
            return None
        return picture.drawn(self.image.copy(), self.seen, profile)


def from_clips(
    source: Path, tracker: Tracker, calibration: FaceCalibration, screen: Screen, portrait: Portrait | None = None
) -> None:
    """Every frame of recorded clips.

    Raises:
        VTuberError: there are none, or one cannot be read.
    """
    for clip, done, frame, observations in clips.frames(clips.clips_of(source), tracker):
        calibration.observe(clip.label, observations)
        if portrait is not None:
            portrait.offer(frame, clip.label, observations)
        if frame.index % 15 == 0:
            screen.progress(f"{clip.path.name}: {clip.label}", done, None)


def from_source(
    source: Source,
    tracker: Tracker,
    calibration: FaceCalibration,
    screen: Screen,
    steps: Sequence[Step] = STEPS,
    portrait: Portrait | None = None,
) -> None:
    """Live: every step is asked for, measured, and asked for once more when it went badly.

    Raises:
        VTuberError: the source ended or fell silent half-way.
    """
    pictures = _pictures(source)
    for number, step in enumerate(steps, 1):
        for again in (False, True):
            screen.prompt(step, number, again)
            done = _do(step, pictures, tracker, calibration, screen, portrait)
            if not done or (calibration.quality(step) or 0.0) >= POOR:
                break
            if not again:
                calibration.forget(step.name)


def _pictures(source: Source) -> Iterator[Frame]:
    empty = 0
    for item in source:
        if isinstance(item, Frame):
            empty = 0
            yield item
        else:
            empty += 1
            if empty > 10 * PASSED_ON:
                raise VTuberError("no picture came for half a minute: is the camera still there?")


def _do(
    step: Step,
    pictures: Iterator[Frame],
    tracker: Tracker,
    calibration: FaceCalibration,
    screen: Screen,
    portrait: Portrait | None,
) -> bool:
    """One step. False: it was passed over."""
    began = math.nan
    for frame in pictures:
        began = frame.timestamp if math.isnan(began) else began
        observations = tracker.track(frame)
        passed = frame.timestamp - began - LEAD_S
        if step.skippable and screen.skipped():
            calibration.forget(step.name)
            return False
        if passed < 0:
            screen.progress(GET_READY, 0.0, None)
            continue
        calibration.observe(step.name, observations)
        if portrait is not None:
            portrait.offer(frame, step.name, observations)
        seen = any(o.face is not None for o in observations)
        quality = calibration.quality(step) if frame.index % 5 == 0 else None
        screen.progress("" if seen else NO_FACE, min(1.0, passed / step.seconds), quality)
        if passed >= step.seconds:
            return True
    raise VTuberError("the pictures ended half-way: nothing was changed; do it again, all of it")


def corners_of(screen_inches: float, distance_m: float) -> tuple[float, float]:
    """Yaw and pitch, radians, from the middle to the corners of a usual wide screen, from so far away."""
    width = screen_inches * INCH_M / math.hypot(1.0, SCREEN_RATIO)
    return math.atan2(width / 2, distance_m), math.atan2(width * SCREEN_RATIO / 2, distance_m)


def measure(calibration: FaceCalibration, name: str, screen_inches: float | None = None) -> Verdict:
    """The profile of this name, judged; nothing is written.

    Raises:
        VTuberError: nothing can be measured from what was seen; the text says what to do.
    """
    distance = calibration.distance_m
    corners = None if screen_inches is None or distance is None else corners_of(screen_inches, distance)
    return judge.judge(calibration.finish(name, corners), calibration.misfit_px)


def finish(
    calibration: FaceCalibration,
    path: Path,
    *,
    screen_inches: float | None = None,
    report: Path | None = None,
    portrait: Portrait | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Verdict:
    """Measure, write the profile, then the page; say what became better.

    Args:
        path: of the profile.
        report: of the page, when one is wanted.
        portrait: put into the page.

    Raises:
        VTuberError: nothing can be measured, or not written; the old profile is untouched.
    """
    verdict = measure(calibration, path.stem, screen_inches)
    profiles.save(verdict.profile, path)
    for line in judge.table(verdict):
        say(line)
    say("")
    say(f"  profile: {path}")
    if report is not None:
        png = None if portrait is None else portrait.drawn(verdict.profile)
        write_page(report, page.page(verdict, calibration.usual_face, png))
        say(f"  page:    {report}" + (", with a picture of you: it stays on this computer" if png else ""))
    return verdict


def write_page(path: Path, text: str) -> None:
    """Atomically. Raises VTuberError when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as e:
        raise VTuberError(f"the profile is kept, but the page {path} cannot be written: {e.strerror}") from None


def base_of(path: Path) -> Profile:
    """The profile that is built on: what is there, or an empty one.

    Raises:
        VTuberError: what is there is broken.
    """
    return profiles.load(str(path)) if path.exists() else Profile(name=path.stem)
