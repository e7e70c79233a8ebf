"""What became better: the same pictures read without the profile and with it, in figures that a performer understands.

They are measured on the pictures that the profile was made from, so they say that it fits, not how well it will do
tomorrow; tests/performance/calibrated.py scores other recordings, against a truth that no calibration saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration import gazing, ranges
from calibration.face import Result
from calibration.steps import STEPS, shows
from calibration.takes import Take
from vtuber.profile import Profile
from vtuber.wire import ARKIT

FULL = 0.8
"""A shape that comes to this is shown by the avatar at its full height."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was judged."""

    key: str
    """By which it is known to whoever says it in another language."""
    name: str
    unit: str
    before: float
    after: float
    less_is_better: bool

    @property
    def better(self) -> bool:
        return self.after < self.before if self.less_is_better else self.after > self.before

    def text(self, value: float) -> str:
        return f"{value:.0%}" if self.unit == "%" else f"{value:.2f}{self.unit}"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one shape came, as it is read: at rest, at most without the profile, and with it."""

    name: str
    rest: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole of it."""

    profile: Profile
    figures: Sequence[Figure]
    reaches: Sequence[Reach]
    notes: Sequence[str]


def judge(result: Result, misfit_px: tuple[float, float] | None = None) -> Verdict:
    """What became better.

    Args:
        misfit_px: of the usual face and of the performer's own over all views (FaceCalibration.misfit_px).
    """
    before, after = result.before, result.after
    reaches = _reaches(result)
    figures = []
    if misfit_px is not None:
        figures.append(Figure("misfit", "landmarks off the face that is fitted to them", " px", *misfit_px, True))
    off = _off_straight(before), _off_straight(after)
    if off[0] is not None and off[1] is not None:
        figures.append(Figure("straight", "straight looks off straight ahead", "°", off[0], off[1], True))
    lids = ranges.separation(before), ranges.separation(after)
    if lids[0] is not None and lids[1] is not None:
        figures.append(Figure("lids", "lids apart in a wink, of 1", "", lids[0], lids[1], False))
    if reaches:
        full = [float(np.mean([getattr(r, when) >= FULL for r in reaches])) for when in ("before", "after")]
        figures.append(Figure("height", "shapes that reach their full height", "%", full[0], full[1], False))
    calm = _restless(before), _restless(after)
    if calm[0] is not None and calm[1] is not None:
        figures.append(Figure("rest", "a face at rest: its five strongest shapes", "", calm[0], calm[1], True))
    return Verdict(result.profile, figures, reaches, result.notes)


def _off_straight(takes: Sequence[Take]) -> float | None:
    """Degrees: mean distance of the straight looks from straight ahead."""
    off = [found for take in takes if (found := gazing.off_straight(take)) is not None]
    return float(np.degrees(np.concatenate(off).mean())) if off else None


def _reaches(result: Result) -> list[Reach]:
    asked = {name for step in STEPS for name in step.shapes}
    found = []
    for name in ARKIT:
        if name not in asked and name not in result.profile.ranges:
            continue
        pairs = [(b, a) for b, a in zip(result.before, result.after, strict=True) if b in _showing(name, result.before)]
        if pairs:
            before, after = (
                max(ranges.reach(take.shape(name)) for take in takes) for takes in zip(*pairs, strict=True)
            )
            found.append(Reach(name, result.profile.range_of(name)[0], before, after))
    return found


def _showing(name: str, takes: Sequence[Take]) -> list[Take]:
    steps = [step for step in STEPS if name in step.shapes]
    own = [take for take in takes if any(shows(take.label, step) for step in steps)]
    return own or ranges.shown_in(name, takes)


def _restless(takes: Sequence[Take]) -> float | None:
    """Mean of the five shapes that are strongest while the performer looks ahead at ease."""
    calm = [take.weights for take in takes if take.label == "ahead"]
    if not calm:
        return None
    return float(np.sort(np.median(np.concatenate(calm), axis=0))[-5:].mean())


BAR = 20


def table(verdict: Verdict) -> list[str]:
    """For the terminal: how well each step went, what became better, and how far the shapes reach now."""
    quality = verdict.profile.quality
    lines = ["", "  step          how well it went"]
    for step in STEPS:
        if step.name in quality:
            lines.append(f"  {step.name:<12}  {bar(quality[step.name])} {quality[step.name]:>5.0%}")
        else:
            lines.append(f"  {step.name:<12}  {'not shown':<{BAR}}      -")
    lines += ["", f"  {'':<54}{'before':>9}{'after':>10}"]
    for f in verdict.figures:
        mark = "better" if f.better else "as it was" if f.text(f.before) == f.text(f.after) else "not better"
        lines.append(f"  {f.name:<54}{f.text(f.before):>9}{f.text(f.after):>10}  {mark}")
    lines += ["", *(f"  note: {note}" for note in verdict.notes)]
    return lines if verdict.notes else lines[:-1]


def bar(share: float, width: int = BAR) -> str:
    """A bar of blocks and dots."""
    full = round(max(0.0, min(1.0, share)) * width)
    return "█" * full + "·" * (width - full)
