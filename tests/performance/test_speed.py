"""What the README promises of speed, as ratios within one run."""

from __future__ import annotations

import time
from typing import Any

import pytest
from conftest import needed

from vtuber import bench

FRAMES = 90
TRIES = 3
BARE, PEER = 1.45, 1.0
"""Most CPU time per frame, of the bare models' and of the official package's."""


@pytest.fixture(scope="module")
def figures() -> list[dict[str, Any]]:
    """A few benchmarks. The best counts: whatever else the machine does can only make one worse."""
    tries: list[dict[str, Any]] = []
    while len(tries) < TRIES and not (tries and within_promise(tries[-1])):
        tries.append(bench.measure(None, FRAMES, lambda line: None))
    return tries


def within_promise(f: dict[str, Any]) -> bool:
    return bool(f["ratio"] <= BARE and all(peer["ratio"] <= PEER for peer in f["peers"].values()))


def test_a_frame_costs_little_more_than_its_models(figures: list[dict[str, Any]]) -> None:
    assert min(f["ratio"] for f in figures) <= BARE


def test_a_frame_costs_less_than_in_the_official_package(figures: list[dict[str, Any]]) -> None:
    needed("mediapipe")
    assert min(f["peers"]["mediapipe_tasks"]["ratio"] for f in figures) <= PEER


def test_no_other_thread_is_kept_busy() -> None:
    """As OpenBLAS's are, which spin between two small products that were shared among them."""
    pipeline, pictures = bench._pipeline(), bench._pictures(None, FRAMES)
    tracker = bench._warm_tracker(pictures[0])
    everybody, own = time.process_time(), time.thread_time()
    for frame in pictures:
        pipeline.step(frame.timestamp, tracker.track(frame))
    everybody, own = time.process_time() - everybody, time.thread_time() - own
    tracker.close()
    assert everybody < 1.2 * own


def test_sending_takes_a_fraction_of_the_work(figures: list[dict[str, Any]]) -> None:
    assert min(f["sending_ms"]["p50"] / f["processing_ms"]["p50"] for f in figures) < 0.25


def test_all_that_is_promised_is_reported(figures: list[dict[str, Any]]) -> None:
    f = figures[0]
    assert {"bare_ms", "frame_ms", "ratio", "stages", "peers", "latency_ms", "startup_s", "rss_mb"} <= f.keys()
    assert f["frame_ms"] == pytest.approx(f["ratio"] * f["bare_ms"])
    assert f["latency_ms"]["p50"] <= f["latency_ms"]["p95"] <= f["latency_ms"]["p99"]
