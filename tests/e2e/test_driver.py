"""The whole way: `vtuber run` watches a performer, and a browser shows what they do."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from vtuber.wire import TRACKING

from .browser import OpenViewer, shared_file
from .driver import Driver
from .pictures import changed
from .viewer import Viewer

Rows = list[dict[str, Any]]
Start = Callable[..., Driver]
Values = npt.NDArray[np.float64]

SMALL = {"width": 200, "height": 160}
SHUT = 0.4
"""A lid this much further down than the other winks."""
LONGEST_DELAY_S = 0.4
"""Shorter than the time from one wink to the next."""
JUMP_DEG = 12.0
"""The head's turn from one rendered frame to the next that is seen as a jump, on top of JUMP_DEG_PER_S."""
JUMP_DEG_PER_S = 200.0


@pytest.fixture
def start(built: Path) -> Iterator[Start]:
    drivers: list[Driver] = []

    def begin(*arguments: str) -> Driver:
        drivers.append(Driver(*arguments))
        return drivers[-1]

    yield begin
    for driver in drivers:
        code = driver.stop()
        if sys.platform != "win32":
            assert code == 0, "\n".join(driver.lines)


def watch(viewer: Viewer, seconds: float) -> Rows:
    """What the page showed, frame by frame, from the first tracked state until the sender's clock went on so far."""
    viewer.until("() => vtuber.state()?.tracking === 'tracked'")
    first = viewer.ask("vtuber.state().t")
    viewer.record()
    viewer.until("end => vtuber.state().t >= end", first + seconds)
    return viewer.recorded()


def column(rows: Rows, name: str) -> Values:
    return np.array([row[name] for row in rows], dtype=float)


def test_demo_performer_moves_the_default_avatar(start: Start, open_viewer: OpenViewer) -> None:
    driver = start("--source", "demo")
    viewer = open_viewer(driver.url, ui="1", bg="00ff00", drawn=True).ready()
    rows = watch(viewer, 4.0)
    forward = np.array([row["forward"] for row in rows])
    yaw, pitch = np.degrees(np.arctan2(forward[:, 0], forward[:, 2])), np.degrees(np.arcsin(forward[:, 1]))
    # More than the idle motion does by itself: that is 6 degrees to each side at the very most.
    assert np.ptp(yaw) + np.ptp(pitch) > 6
    viewer.until("() => ['jawOpen', 'mouthSmileLeft', 'eyeBlinkLeft'].some((name) => vtuber.weight(name) > 0.1)")

    before = viewer.picture()
    received = viewer.received()
    viewer.until("n => vtuber.stats().received > n + 15", received)
    after = viewer.picture()
    height, width, _ = before.shape
    green = (before == [0, 255, 0]).all(axis=2)
    middle = green[height // 2 : height * 3 // 4, width * 2 // 5 : width * 3 // 5]
    assert middle.mean() < 0.3, "no avatar in the middle"
    assert green[:10, :10].all()
    assert changed(before, after).sum() > 50

    assert viewer.avatar()["perfectSync"]
    viewer.until("() => /tracking\\s*[1-9]\\d* fps/.test(document.querySelector('.status').innerText)")

    bare = open_viewer(driver.url, ui="0", size=SMALL).ready()
    assert not bare.page.locator(".status").is_visible()
    assert not bare.page.locator("#ui").is_visible()
    bare.until("() => vtuber.stats().received > 5")


class Truth:
    """What the performer of a rendered clip did, frame by frame, against what a page showed of it."""

    def __init__(
        self, video: Path, states: Path, rows: Rows, cut: slice = slice(None), fps: float | None = None
    ) -> None:
        self._data = np.load(video.with_suffix(".npz"))
        self._cut = cut
        self._fps = fps or float(self._data["fps"])
        with states.open(encoding="utf-8") as lines:
            start = json.loads(next(lines))["t"]
        self._seen = column(rows, "t") - start

    def yaw(self, delay: float) -> Values:
        """Degrees to the performer's left, at each rendered frame, `delay` seconds before its newest state."""
        return self._at(delay, self._data["ypr"][:, 0])

    def lid(self, side: str, delay: float) -> Values:
        return self._at(delay, self._data["blend"][:, list(self._data["blend_names"]).index(f"eyeBlink{side}")])

    def _at(self, delay: float, values: Values) -> Values:
        shown = values[self._cut]
        times = np.arange(len(shown)) / self._fps
        return np.asarray(np.interp((self._seen - delay) % (len(shown) / self._fps), times, shown))


def write_cut(video: Path, clip: Path, first: int, last: int, fps: float) -> None:
    """Frames first to last - 1, played at another rate."""
    reader = cv2.VideoCapture(str(video))
    writer = cv2.VideoWriter(str(clip), cv2.VideoWriter.fourcc(*"mp4v"), fps, (640, 480))
    for i in range(last):
        picture = reader.read()[1]
        if i >= first:
            writer.write(picture)
    reader.release()
    writer.release()


def best_delay(wanted: Callable[[float], Values], shown: Values) -> tuple[float, float]:
    """The delay of what is shown, seconds, at most LONGEST_DELAY_S, and the correlation there."""
    scores = {d: float(np.corrcoef(wanted(d), shown)[0, 1]) for d in np.arange(0.0, LONGEST_DELAY_S, 1 / 60)}
    delay = max(scores, key=lambda d: scores[d])
    return delay, scores[delay]


def test_the_avatar_turns_as_the_real_head_did(start: Start, open_viewer: OpenViewer, tmp_path: Path) -> None:
    video, states = shared_file("gt/A_yaw.mp4"), tmp_path / "states.jsonl"
    driver = start("--source", str(video), "--set", "source.loop=true", "--output", f"jsonl:{states}")
    rows = watch(open_viewer(driver.url, size=SMALL).ready(), 7.0)
    truth = Truth(video, states, rows)
    forward = np.array([row["forward"] for row in rows])
    yaw = np.degrees(np.arctan2(forward[:, 0], forward[:, 2]))
    delay, correlation = best_delay(truth.yaw, yaw)
    slope = np.polyfit(truth.yaw(delay), yaw, 1)[0]
    print(f"{len(rows)} frames, correlation {correlation:.3f}, slope {slope:.2f}, delay {delay:.3f} s")
    assert correlation > 0.9
    assert 0.7 < slope < 1.2


def test_winks_of_a_real_face_reach_the_right_eye(start: Start, open_viewer: OpenViewer, tmp_path: Path) -> None:
    video, states = shared_file("gt/B_blink.mp4"), tmp_path / "states.jsonl"
    # The winks only, and slowly: a browser without a graphics card shows few pictures a second.
    clip, first, last, fps = tmp_path / "winks.mp4", 60, 135, 12.0
    write_cut(video, clip, first, last, fps)
    driver = start("--source", str(clip), "--set", "source.loop=true", "--output", f"jsonl:{states}")
    rows = watch(open_viewer(driver.url, size=SMALL).ready(), (last - first) / fps)
    truth = Truth(video, states, rows, slice(first, last), fps)
    # Blinks of both eyes cancel out in the difference: the winks remain, of one eye and the other in turn.
    shown = column(rows, "left") - column(rows, "right")
    delay, correlation = best_delay(lambda d: truth.lid("Left", d) - truth.lid("Right", d), shown)
    print(
        f"{len(rows)} frames, correlation {correlation:.3f}, delay {delay:.3f} s, {shown.min():.2f}..{shown.max():.2f}"
    )
    assert correlation > 0.7
    assert shown.max() > SHUT
    assert shown.min() < -SHUT


def test_a_face_that_leaves_and_comes_back_never_makes_the_head_jump(start: Start, open_viewer: OpenViewer) -> None:
    video = shared_file("gt/A_leave.mp4")
    driver = start("--source", str(video), "--set", "source.loop=true")
    rows = watch(open_viewer(driver.url, size=SMALL).ready(), 8.0)
    states = [row["tracking"] for row in rows]
    order = [state for i, state in enumerate(states) if i == 0 or state != states[i - 1]]
    print(order)
    assert set(order) == set(TRACKING)
    assert "tracked coasting" in " ".join(order)
    assert "reacquired tracked" in " ".join(order)
    steps, seconds = steps_deg(rows), np.diff(column(rows, "time"))
    print(f"largest step {steps.max():.1f} degrees, {(steps / np.maximum(seconds, 1e-3)).max():.0f} degrees/s")
    assert (steps < JUMP_DEG + JUMP_DEG_PER_S * seconds).all()


def steps_deg(rows: Rows) -> Values:
    """How far the head turned from each rendered frame to the next, degrees, whichever of its axes went furthest."""
    steps = []
    for name in ("forward", "up"):
        axis = np.array([row[name] for row in rows])
        steps.append(np.degrees(np.arccos(np.clip((axis[1:] * axis[:-1]).sum(axis=1), -1, 1))))
    return np.asarray(np.maximum(*steps))
