"""One contestant through everything there is to measure: look first, then score what was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from . import arkit, landmarks, overall, rendered, stills
from .contestants import Contestant
from .rendered import Clip, Figures
from .tracked import Seen, Tracked

QUICK = ("blink", "gaze", "iso", "leave", "natural", "shake", "speech", "still", "yaw")
"""Kinds of clips that are looked at when it must be quick, one performer's each."""
QUICK_PICTURES = 40
"""At most about so many of each kind of picture, then."""

Say = Callable[[str], None]
Pictures = list[tuple[Mapping[Path, Any], Callable[[Any, Any], dict[str, float]]]]


@dataclass(frozen=True)
class Sight:
    """What one contestant saw."""

    clips: Mapping[str, Tracked]
    pictures: Mapping[Path, Seen | None]


@dataclass
class Report:
    """How good that was."""

    figures: Figures = field(default_factory=dict)
    """Name -> a number, or a few."""
    shapes: dict[str, Any] = field(default_factory=dict)
    """ARKit name -> correlation, peak in its own segment, 98th percentile elsewhere."""
    clips: dict[str, Figures] = field(default_factory=dict)
    """Clip -> its own values."""
    arkit: dict[str, list[float]] = field(default_factory=dict)
    """ARKit name -> correlation with ARKit in each take."""


def look(who: Contestant, data: Path, *, quick: bool = False, jobs: int = 1, say: Say = lambda line: None) -> Sight:
    """Show a contestant everything that the folder holds; see the package's own text.

    Raises:
        VTuberError: the contestant does not run here.
    """
    truths = chosen_clips(data / "gt", quick)
    pictures = sorted({path for truth, _ in _pictures(data, quick) for path in truth})
    clips, stills = {}, {}
    with _workers(jobs) as work:
        seen = work(who.clip, [path.with_suffix(".mp4") for path in truths.values()])
        for name, tracked in zip(truths, seen, strict=True):
            clips[name] = tracked
            say(name)
        for path, face in zip(pictures, work(who.picture, pictures), strict=True):
            stills[path] = face
            say(path.name)
    return Sight(clips, stills)


@contextmanager
def _workers(jobs: int) -> Iterator[Any]:
    """map(), in as many processes as asked for."""
    if jobs == 1:
        yield map
        return
    # Spawned everywhere alike: what a fork takes along, such as a model's threads, does not always work.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield pool.map


def score(who: Contestant, data: Path, sight: Sight, *, quick: bool = False) -> Report:
    """Hold what was seen against the truth; of a full sight, the quick subset can be scored as well."""
    report, clips = Report(), []
    for name, path in chosen_clips(data / "gt", quick).items():
        truth = rendered.load(path)
        clips.append(Clip(name, truth, sight.clips[name].fitted(len(truth["R"]))))
    results = rendered.score(clips)
    report.figures.update(clips=len(clips), frames=sum(len(clip.truth["R"]) for clip in clips))
    report.figures.update(overall.figures(results))
    report.shapes = overall.per_shape(results)
    report.clips = {name: result.values for name, result in results.items()}
    for pictures, figures in _pictures(data, quick):
        if pictures:
            report.figures.update(figures(pictures, sight.pictures))
    takes = arkit.takes(data / "blendshapes")
    report.arkit = arkit.correlations(takes, who.from_scores)
    report.figures.update(arkit.figures(len(takes), report.arkit))
    return report


def chosen_clips(folder: Path, quick: bool) -> dict[str, Path]:
    """Clip -> truth. When it must be quick, one performer's of each kind, the performers in turn."""
    clips = rendered.truths(folder)
    if not quick:
        return clips
    chosen = {}
    for i, kind in enumerate(QUICK):
        names = [name for name in clips if name.partition("_")[2] == kind]
        if names:
            name = names[i % len(names)]
            chosen[name] = clips[name]
    return chosen


def _pictures(data: Path, quick: bool) -> Pictures:
    """The pictures' truths, and what scores each."""
    sets: Pictures = [
        (stills.poses(data / "pose"), stills.pose_figures),
        (stills.directions(data / "pose"), stills.direction_figures),
        (stills.gazes(data / "gaze"), stills.gaze_figures),
        (landmarks.photographs(data / "lm"), landmarks.figures),
    ]
    if quick:
        sets = [(dict(list(truth.items())[:: 1 + len(truth) // QUICK_PICTURES]), figures) for truth, figures in sets]
    return sets
