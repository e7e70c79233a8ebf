"""Jitter against lag: what each filter makes of the same head, calmer and calmer; a table and docs/frontier.svg.

    python -m tests.performance.frontier [--data FOLDER] [--out docs/frontier.svg]

The head of every performer's `still`, `shake` and `natural` clip (rendered, with truth; see the README there) is
tracked once, and goes through every filter with more and more smoothing:

    jitter   standard deviation of the still head's yaw, pitch and roll about a straight line, degrees
    lag      how far yaw and pitch come behind the truth of the shake, ms
    astray   how far the natural motion is from what was measured, degrees: what a filter makes of slow motion
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vtuber import parts, rotation
from vtuber.parts import DEFAULTS
from vtuber.pipeline import Pipeline
from vtuber.profile import Profile
from vtuber.stages import Array, Filter
from vtuber.video_file import VideoFile, every_frame

from .accuracy.measures import angles_deg, delay_ms, geodesic_deg, spread_about_trend
from .chart import Curve, Panel, svg

MakeFilter = Callable[[], Filter]

ROOT = Path(__file__).parents[2]
RATE = 30.0
SMOOTHING = {
    "none": (0.0,),
    "exponential": (0.125, 0.25, 0.5, 1.0, 2.0),
    "kalman": (0.5, 1.0, 2.0, 4.0, 8.0),
    "one_euro": (0.25, 0.5, 1.0, 2.0, 4.0),
    "steady": (0.25, 0.5, 0.7, 1.0, 1.4, 2.0),
}
COLOURS = {"none": "#666", "exponential": "#b07aa1", "kalman": "#4e79a7", "one_euro": "#f28e2b", "steady": "#2a9d4a"}
BELOW = ("kalman", "exponential", "MediaPipe's own")
ALLOWED_DEG, ALLOWED_MS = 0.03, 20.0
"""What the project asks of its default filter."""


@dataclass(frozen=True, slots=True)
class Point:
    """One filter with one setting."""

    smoothing: float
    jitter: Array
    """(3,) degrees: yaw, pitch, roll."""
    lag_ms: float
    astray_deg: float


MEDIAPIPE = Point(1.0, np.array([0.0523, 0.0490, 0.0236]), 6.0, float("nan"))
"""The official package in VIDEO mode with the head matrix of its own: RESULTS.md beside the clips."""


class Head:
    """One clip's head: (N, 4) as measured, our axes, and (N, 3) the true yaw, pitch and roll, degrees."""

    def __init__(self, clip: Path) -> None:
        with np.load(clip.with_suffix(".npz")) as truth:
            self.true = truth["ypr"].astype(float)
        tracker, pipe = parts.make("tracker", DEFAULTS["tracker"], {}), Pipeline(Profile(), _unfiltered)
        video, rows = VideoFile(clip), []
        for frame in every_frame(video):
            (step,) = pipe.step(frame.timestamp, tracker.track(frame))
            assert step.measured is not None, f"{clip.name}: the head is lost in frame {frame.index}"
            rows.append(step.measured.rotation)
        video.close()
        tracker.close()
        self.measured: Array = np.array(rows)

    def through(self, filter_: Filter) -> Array:
        """(N, 3, 3) head -> camera, smoothed."""
        shown = [filter_(i / RATE, q) for i, q in enumerate(self.measured)]
        return np.array([rotation.to_camera(q) for q in shown])


def _unfiltered(signal: str) -> Filter:
    made: Filter = parts.make("filter", "none", {}, signal)
    return made


class Heads:
    """The clips of a folder, by what they show."""

    def __init__(self, folder: Path) -> None:
        self._clips = {what: sorted(folder.glob(f"*_{what}.mp4")) for what in ("still", "shake", "natural")}
        if not all(self._clips.values()):
            raise SystemExit(f"{folder} has no *_still.mp4, *_shake.mp4 and *_natural.mp4: name a folder with --data")

    @functools.cache  # noqa: B019 - one object, for as long as the program runs
    def of(self, what: str) -> list[Head]:
        return [Head(clip) for clip in self._clips[what]]

    def jitter(self, make: MakeFilter) -> Array:
        """(3,) degrees: yaw, pitch, roll."""
        turns = [spread_about_trend(angles_deg(head.through(make()))) for head in self.of("still")]
        return np.asarray(np.mean(turns, axis=0))

    def lag_ms(self, make: MakeFilter) -> float:
        shown = [(head.true[:, :2], angles_deg(head.through(make()))[:, :2]) for head in self.of("shake")]
        return float(np.mean([delay_ms(true, found, RATE) for true, found in shown]))

    def astray_deg(self, make: MakeFilter) -> float:
        pairs = [(head.through(make()), head.through(_unfiltered("rotation"))) for head in self.of("natural")]
        return float(np.mean([geodesic_deg(*pair).mean() for pair in pairs]))

    def point(self, name: str, smoothing: float) -> Point:
        def make() -> Filter:
            made: Filter = parts.find("filter", name)("rotation", **({"smoothing": smoothing} if smoothing else {}))
            return made

        return Point(smoothing, self.jitter(make), self.lag_ms(make), self.astray_deg(make))


def table(found: dict[str, list[Point]]) -> Iterator[str]:
    yield "| filter | smoothing | jitter yaw / pitch / roll, degrees | lag, ms | astray, degrees |"
    yield "|---|---|---|---|---|"
    for name, points in found.items():
        for p in points:
            jitter = " / ".join(f"{j:.3f}" for j in p.jitter)
            astray = "" if np.isnan(p.astray_deg) else f"{p.astray_deg:.2f}"
            yield f"| {name} | {p.smoothing:g} | {jitter} | {p.lag_ms:.0f} | {astray} |"


def draw(found: dict[str, list[Point]]) -> str:
    """The picture: jitter up, lag and straying to the right."""

    def curves(across: str) -> list[Curve]:
        return [
            Curve(
                name,
                COLOURS.get(name, "#d1495b"),
                [(float(getattr(p, across)), float(p.jitter.max())) for p in points],
                [p.smoothing == 1 for p in points],
                below=name in BELOW,
            )
            for name, points in found.items()
            if not np.isnan(getattr(points[0], across))
        ]

    return svg(
        "still head: jitter, degrees (the worst of yaw, pitch and roll)",
        (0.01, 0.1),
        (0.01, 0.02, 0.03, 0.05, 0.1),
        [
            Panel(
                "lag on a quick shake, ms", (-4.0, 60.0), (0, 20, 40, 60), curves("lag_ms"), (ALLOWED_MS, ALLOWED_DEG)
            ),
            Panel(
                "slow motion: away from what was measured, degrees",
                (0.0, 1.25),
                (0, 0.25, 0.5, 0.75, 1),
                curves("astray_deg"),
            ),
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.performance.frontier", description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "gt", help="folder of clips")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "frontier.svg", help="the picture")
    options = parser.parse_args()
    heads = Heads(options.data)
    found = {name: [heads.point(name, s) for s in values] for name, values in SMOOTHING.items()}
    found["MediaPipe's own"] = [MEDIAPIPE]
    print("\n".join(table(found)))
    options.out.write_text(draw(found), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
