"""Real ARKit weights beside MediaPipe's scores of the same video: does what we make of scores follow ARKit?

<take>_arkit_cal.csv is a Live Link Face recording, <take>_mediapipe.csv the scores, both at the same rate and within
some frames of each other. The video is not to be had, so only what is made of scores can be measured.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
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


def figures(pairs: list[Take], solve: FromScores) -> dict[str, float]:
    """Mean correlation with ARKit over the shapes that a take shows, and of the blinks."""
    shapes, blinks = [], []
    for take in pairs:
        rows = [dict(zip(take.scores, row, strict=True)) for row in np.stack(list(take.scores.values()), 1).tolist()]
        made = [weights for row in rows if (weights := solve(row)) is not None]
        if not made:
            continue
        for name, true in take.true.items():
            if true.std() > MOVES and name in take.scores:
                r = correlation(np.array([weights[name] for weights in made]), true)
                shapes.append(r)
                if name.startswith("eyeBlink"):
                    blinks.append(r)
    result = {"arkit_takes": float(len(pairs))}
    if shapes:
        result["arkit_r"] = float(np.mean(shapes))
    if blinks:
        result["arkit_blink_r"] = float(np.mean(blinks))
    return result
