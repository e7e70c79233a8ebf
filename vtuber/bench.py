"""How fast is it here? CPU time per frame against the bare models and against a peer, and the latency to a viewer.

Ratios are of one run on one machine, passes taken in turn, so that a busy or slow computer does not change them.
"""

from __future__ import annotations

import dataclasses
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from vtuber import parts, wire
from vtuber.pipeline import Pipeline
from vtuber.profile import Profile
from vtuber.server import Server
from vtuber.session import percentile, steady
from vtuber.stages import Frame, Tracker, VTuberError

PASSES = 5
PEERS = ("mediapipe_tasks",)
LIVE_FRAMES = 150
VIEWERS = 2

Say = Callable[[str], None]


def measure(source: Path | None, frames: int, say: Say) -> dict[str, Any]:
    """All figures; `say` gets them as text. See DESIGN: `vtuber bench --json`."""
    pictures = _pictures(source, frames)
    width, height = pictures[0].image.shape[1], pictures[0].image.shape[0]
    say(f"{len(pictures)} frames of {width}x{height}, {PASSES} passes; CPU time, medians")
    ours: list[dict[str, float]] = []
    peers: dict[str, list[float]] = {}
    for _ in range(PASSES):
        ours.append(_ours(pictures))
        for name in PEERS:
            cost = _peer(name, pictures)
            if cost is not None:
                peers.setdefault(name, []).append(cost)
    stages = {name: statistics.median(p[name] for p in ours) for name in ours[0]}
    bare, frame = stages.pop("bare"), stages.pop("frame")
    figures: dict[str, Any] = {"bare_ms": bare, "frame_ms": frame, "ratio": frame / bare, "stages": stages}
    stages["track, less models"] = stages.pop("track") - bare
    say(f"bare models          {bare:7.2f} ms a frame")
    say(f"whole frame          {frame:7.2f} ms a frame, {frame / bare:.2f} of the bare models")
    for name, cost in stages.items():
        say(f"  {name:<19} {cost:7.2f} ms")
    figures["peers"] = {}
    for name, costs in peers.items():
        cost = statistics.median(costs)
        figures["peers"][name] = {"frame_ms": cost, "ratio": frame / cost}
        say(f"{name:<20} {cost:7.2f} ms a frame; ours is {frame / cost:.2f} of it")
    figures.update(_live(say))
    figures["startup_s"] = _startup()
    figures["rss_mb"] = _memory_mb()
    say(f"start to first tracked frame {figures['startup_s']:.2f} s")
    return figures


def _pictures(source: Path | None, frames: int) -> list[Frame]:
    """Frames decoded beforehand: decoding is the camera's business."""
    from vtuber.sources import demo

    reader = parts.make("source", "video", {"realtime": False}, str(source or demo.CLIP))
    try:
        pictures = [frame for frame, _ in zip(reader, range(frames), strict=False)]
    finally:
        reader.close()
    if len(pictures) < 2:
        raise VTuberError(f"{source} has too few frames to measure anything")
    return pictures


class Stopwatch:
    """CPU seconds by name, all threads of the process together."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        start = time.process_time()
        yield
        self.spent[name] = self.spent.get(name, 0.0) + time.process_time() - start


def _pipeline() -> Pipeline:
    part = parts.find("filter", parts.DEFAULTS["filter"])
    return Pipeline(Profile(), lambda signal: part(signal))


def _ours(pictures: list[Frame]) -> dict[str, float]:
    """One pass: ms per frame of each stage, of the whole, and of the same model calls made bare, in turn."""
    tracker, pipeline, watch = _warm_tracker(pictures[0]), _pipeline(), Stopwatch()
    models = [tracker.detector.model, tracker.mesh.landmark_model, tracker.mesh.blendshape_model]
    inputs = [model.example() for model in models]
    for frame in pictures:
        before = [model.calls for model in models]
        with watch.time("track"):
            observations = tracker.track(frame)
        with watch.time("solve"):
            steps = pipeline.step(frame.timestamp, observations)
        with watch.time("encode"):
            for step in steps:
                msgspec.json.encode(wire.to_json(step.state))
        times = [model.calls - n for model, n in zip(models, before, strict=True)]
        with watch.time("bare"):
            for model, x, n in zip(models, inputs, times, strict=True):
                for _ in range(n):
                    model(x)
    tracker.close()
    spent = {name: 1000 * s / len(pictures) for name, s in watch.spent.items()}
    spent["frame"] = spent["track"] + spent["solve"] + spent["encode"]
    return spent


def _warm_tracker(frame: Frame) -> Any:
    tracker = parts.make("tracker", "face_landmarker", {})
    for _ in range(3):
        tracker.track(frame)
    return tracker


def _peer(name: str, pictures: list[Frame]) -> float | None:
    """CPU ms per frame of another tracker alone, on the same frames; None when it is not installed."""
    try:
        tracker: Tracker = parts.make("tracker", name, {})
    except VTuberError:
        return None
    try:
        for i in range(3):
            tracker.track(dataclasses.replace(pictures[0], timestamp=pictures[0].timestamp - 1 + 0.1 * i))
        start = time.process_time()
        for frame in pictures:
            tracker.track(frame)
        return 1000 * (time.process_time() - start) / len(pictures)
    finally:
        tracker.close()


VIEWER = """
import asyncio, sys, socketio
async def main():
    client = socketio.AsyncClient()
    client.on("avatar", lambda state: None)
    await client.connect(sys.argv[1])
    print("connected", flush=True)
    await client.wait()
asyncio.run(main())
"""


def _live(say: Say) -> dict[str, Any]:
    """The demo performer in real time with viewers connected, each in its own process."""
    server = Server(port=0)
    viewers = [
        subprocess.Popen([sys.executable, "-c", VIEWER, server.url], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(VIEWERS)
    ]
    source = parts.make("source", "demo", {}, "")
    try:
        for viewer in viewers:
            assert viewer.stdout is not None
            viewer.stdout.readline()
        worked, sent = _play(source, server)
    finally:
        source.close()
        for viewer in viewers:
            viewer.kill()
            viewer.communicate()
        server.close()
    total = [a + b for a, b in zip(worked, sent, strict=False)]
    figures = {"latency_ms": _spread(total), "processing_ms": _spread(worked), "sending_ms": _spread(sent)}
    p = figures["latency_ms"]
    say(f"arrival to sent      {p['p50']:.1f} / {p['p95']:.1f} / {p['p99']:.1f} ms (p50/p95/p99), {VIEWERS} viewers")
    p = figures["sending_ms"]
    say(f"  of it sending      {p['p50']:.2f} / {p['p95']:.2f} / {p['p99']:.2f} ms")
    return figures


def _play(source: Any, server: Server) -> tuple[list[float], list[float]]:
    """Seconds from a frame's arrival to its state, and from there to its packets being sent."""
    tracker, pipeline, worked = parts.make("tracker", "face_landmarker", {}), _pipeline(), []
    steady()
    for frame in source:
        arrived = time.perf_counter()
        (step,) = pipeline.step(frame.timestamp, tracker.track(frame))
        done = time.perf_counter()
        server.send(dataclasses.replace(step.state, timestamp=done))
        worked.append(done - arrived)
        if len(worked) >= LIVE_FRAMES:
            break
    time.sleep(0.2)
    tracker.close()
    warm = 10
    return worked[warm:], list(server.latencies)[warm:]


def _spread(seconds: list[float]) -> dict[str, float]:
    return {f"p{p}": 1000 * percentile(seconds, p) for p in (50, 95, 99)}


STARTUP = """
from vtuber import parts
from vtuber.sources import demo
source = parts.make("source", "video", {"realtime": False}, str(demo.CLIP))
tracker = parts.make("tracker", "face_landmarker", {})
assert tracker.track(next(iter(source)))
"""


def _startup() -> float:
    """Seconds from a cold interpreter to the first tracked frame; the best of three, as others only disturb."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", STARTUP], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times)


def _memory_mb() -> float | None:
    """The most memory that this process ever held; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)
