"""Real ARKit weights beside MediaPipe's scores of the same video: does what we make of scores follow ARKit?

<take>_arkit_cal.csv is a Live Link Face recording, <take>_mediapipe.csv the scores, both at the same rate and within
some frames of each other. The video is not to be had, so only what is made of scores can be measured.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vtuber.stages import Array
from vtuber.wire import ARKIT

from .measures import correlation

SHIFT = 15
"""The two are laid on each other within so many rows, where jawOpen agrees best."""
MOVES = 0.05
"""A shape whose true standard deviation is below this is not shown in the take."""

Weights = Mapping[str, Array]
"""ARKit name -> (N,) weight in each row."""
FromScores = Callable[[Mapping[str, float]], Mapping[str, float] | None]
"""Scores of one frame -> weights; None: it does not start from scores."""


@dataclass(frozen=True)
class Take:
    """Rows of the same moments."""

    true: Weights
    scores: Weights


def takes(folder: Path) -> list[Take]:
    """Every pair below a folder."""
    found = []
    for path in sorted(folder.rglob("*_arkit_cal.csv")):
        other = path.with_name(path.name.replace("_arkit_cal", "_mediapipe"))
        if other.is_file():
            found.append(_laid_together(_columns(path), _columns(other)))
    return found


def _columns(path: Path) -> Weights:
    """The ARKit columns, whose names may begin with a capital."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    named = {name[:1].lower() + name[1:]: name for name in rows[0] if name}
    return {name: np.array([float(row[named[name]]) for row in rows]) for name in ARKIT if name in named}


def _laid_together(true: Weights, scores: Weights) -> Take:
    def cut(shift: int) -> tuple[slice, slice]:
        length = min(len(true["jawOpen"]) - max(0, shift), len(scores["jawOpen"]) - max(0, -shift))
        return slice(max(0, shift), max(0, shift) + length), slice(max(0, -shift), max(0, -shift) + length)

    def fit(shift: int) -> float:
        here, there = cut(shift)
        return correlation(scores["jawOpen"][there], true["jawOpen"][here])

    here, there = cut(max(range(-SHIFT, SHIFT + 1), key=fit))
    return Take({n: v[here] for n, v in true.items()}, {n: v[there] for n, v in scores.items()})


def correlations(pairs: Sequence[Take], solve: FromScores) -> dict[str, list[float]]:
    """ARKit name -> correlation with ARKit in each take that shows the shape."""
    found: dict[str, list[float]] = {}
    for take in pairs:
        rows = [dict(zip(take.scores, row, strict=True)) for row in np.stack(list(take.scores.values()), 1).tolist()]
        made = [weights for row in rows if (weights := solve(row)) is not None]
        for name, true in take.true.items() if made else ():
            if true.std() > MOVES and name in take.scores:
                found.setdefault(name, []).append(correlation(np.array([weights[name] for weights in made]), true))
    return found


def figures(takes: int, found: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Means over shapes and takes: of all, and of the blinks."""
    made: dict[str, float] = {"arkit_takes": takes}
    chosen = {"arkit_r": list(found), "arkit_blink_r": [name for name in found if name.startswith("eyeBlink")]}
    for figure, names in chosen.items():
        if names:
            made[figure] = float(np.mean([r for name in names for r in found[name]]))
    return made
