"""What a calibration is worth: each performer of a folder, calibrated from clips of their own, then scored on another.

    python -m tests.performance.calibrated FOLDER [--json OUT] [--only NAME]... [--readme]

A folder holds <performer>_<kind>.mp4 and .npz as ../shared/data/gt does. The calibration sees the videos of yaw, pitch,
roll (or sweep), iso, blink and gaze, never a truth, by the very command `vtuber calibrate face`. Scored is `natural`,
which it has not seen, and whether every wink of `blink` is told apart. What is constant per performer is taken out
before the head and the gaze are scored, with and without a profile alike (see accuracy/rendered.py); the gaze is given
as it came, too.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vtuber import cli
from vtuber.stages import Array, VTuberError

from .accuracy import rendered
from .accuracy.contestants import Parts
from .accuracy.rendered import Clip
from .accuracy.tracked import Tracked

ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).with_name("calibrated.json")
"""The figures that the README shows."""
BEGIN, END = "<!-- calibration -->\n", "<!-- end calibration -->"
SCORED, WINKS = "natural", "blink"
WINK = 0.5
"""True lids that are so far apart wink."""
TOLD = 0.3
"""Found lids that are so far apart, on the right side, tell a wink."""
NAMES = {
    "head": "head rotation off, degrees",
    "gaze": "gaze off, degrees",
    "gaze as it came": "gaze off as it came, degrees",
    "shapes": "shapes, mean correlation",
    "winks": "winks told apart",
}

Figures = dict[str, float]


def performers(folder: Path) -> list[str]:
    """Those who have a clip to be scored.

    Raises:
        VTuberError: there is nobody.
    """
    found = sorted(p.stem.rpartition("_")[0] for p in folder.glob(f"*_{SCORED}.mp4") if p.with_suffix(".npz").exists())
    if not found:
        raise VTuberError(f"{folder} holds no <performer>_{SCORED}.mp4 with its .npz")
    return found


def measure(folder: Path, who: str, profile: str = "") -> Figures:
    """Head, gaze, shapes and winks of one performer, with a profile or without."""
    contestant = Parts(profile=profile)
    clip = _clip(folder, f"{who}_{SCORED}", contestant)
    result = rendered.score([clip])[clip.name]
    figures = {
        "head": float(result.samples["rotation"].mean()),
        "gaze": float(result.samples["gaze"].mean()),
        "gaze as it came": float(result.samples["gaze_raw"].mean()),
        "shapes": result.values["shapes_r"],
    }
    if (folder / f"{who}_{WINKS}.mp4").exists():
        blinks = _clip(folder, f"{who}_{WINKS}", contestant)
        told = winks_told(blinks)
        figures["winks"] = float(np.mean(told)) if told else float("nan")
    return figures


def _clip(folder: Path, name: str, contestant: Parts) -> Clip:
    truth = rendered.load(folder / f"{name}.npz")
    tracked: Tracked = contestant.clip(folder / f"{name}.mp4").fitted(len(truth["R"]))
    return Clip(name, truth, tracked)


def winks_told(clip: Clip) -> list[bool]:
    """Of each wink, whether left and right are told apart while it lasts."""
    true, found = (
        shapes("eyeBlinkLeft") - shapes("eyeBlinkRight") for shapes in (clip.shapes.__getitem__, clip.tracked.shape)
    )
    return [abs(mean) > TOLD and mean * side > 0 for mean, side in _winks(true, found)]


def _winks(true: Array, found: Array) -> list[tuple[float, float]]:
    """(what was found in the mean, +1 left or -1 right) of each."""
    which = np.where(true > WINK, 1, np.where(true < -WINK, -1, 0))
    starts = np.flatnonzero(np.diff(which, prepend=0))
    ends = [*starts[1:], len(which)]
    spans = zip(starts, ends, strict=True)
    return [(float(np.nanmean(found[a:b])), float(which[a])) for a, b in spans if which[a]]


def calibrated(folder: Path, who: str, into: Path) -> str:
    """The path of a profile that the command made.

    Raises:
        VTuberError: it made none.
    """
    path = into / f"{who}.json"
    if cli.main(["calibrate", "face", "--source", str(folder / who), "--profile", str(path)]) != 0:
        raise VTuberError(f"{who} could not be calibrated")
    return str(path)


def table(scores: Mapping[str, tuple[Figures, Figures]]) -> list[str]:
    """Markdown: every performer, and the mean of all."""
    lines = ["| performer | what | without | with | change |", "|---|---|---|---|---|"]
    for who, (without, with_) in [*scores.items(), ("mean", mean(list(scores.values())))]:
        for key in (key for key in NAMES if key in without):
            a, b = without[key], with_[key]
            share = key in ("winks",)
            change = "" if key in ("shapes", "winks") else f"{b / a - 1:+.0%}"
            shown = (f"{a:.0%}", f"{b:.0%}") if share else (f"{a:.3f}", f"{b:.3f}")
            lines.append(f"| {who} | {NAMES[key]} | {shown[0]} | {shown[1]} | {change or f'{b - a:+.3f}'} |")
    return lines


def mean(scores: Sequence[tuple[Figures, Figures]]) -> tuple[Figures, Figures]:
    keys = set.intersection(*(set(figures) for pair in scores for figures in pair))
    first, second = ({k: float(np.mean([pair[i][k] for pair in scores])) for k in NAMES if k in keys} for i in (0, 1))
    return first, second


def readme(text: str, kept: Mapping[str, Any]) -> str:
    """The README with these figures, the mean of all performers, in their place."""
    before, after = mean([(pair["without"], pair["with"]) for pair in kept.values()])
    lines = [
        "| rendered performers, acting that it did not see | without | with a profile |",
        "|---|---|---|",
    ]
    for key, name in NAMES.items():
        shown = [f"{f[key]:.0%}" if key == "winks" else f"{f[key]:.2f}" for f in (before, after)]
        lines.append(f"| {name} | {shown[0]} | {shown[1]} |")
    head, _, rest = text.partition(BEGIN)
    return head + BEGIN + "\n".join(lines) + "\n" + END + rest.partition(END)[2]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.performance.calibrated", description=__doc__)
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    parser.add_argument("--only", metavar="NAME", action="append", default=[], help="this performer; may be repeated")
    parser.add_argument("--json", metavar="OUT", type=Path, help="write the figures there as well")
    parser.add_argument("--readme", action="store_true", help="keep the figures, and write the README's table")
    options = parser.parse_args(arguments)
    try:
        scores: dict[str, tuple[Figures, Figures]] = {}
        with tempfile.TemporaryDirectory() as into:
            for who in performers(options.folder):
                if options.only and who not in options.only:
                    continue
                profile = calibrated(options.folder, who, Path(into))
                scores[who] = measure(options.folder, who), measure(options.folder, who, profile)
    except VTuberError as e:
        print(e, file=sys.stderr)
        return 1
    print("\n".join(table(scores)))
    kept = {who: {"without": rounded(a), "with": rounded(b)} for who, (a, b) in scores.items()}
    for path in [options.json, KEPT if options.readme else None]:
        if path is not None:
            path.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    if options.readme:
        page = ROOT / "README.md"
        page.write_text(readme(page.read_text(encoding="utf-8"), kept), encoding="utf-8")
    return 0


def rounded(figures: Figures) -> Figures:
    return {key: round(value, 4) for key, value in figures.items()}


if __name__ == "__main__":
    sys.exit(main())
