"""What the stage costs: bytes to fetch, script for a picture, memory over time and over many avatars."""

from __future__ import annotations

import base64
import gzip
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from vtuber import rotation
from vtuber.pose import REST
from vtuber.server import Server

from .browser import OpenViewer
from .puppet import Puppet
from .viewer import Viewer
from .vrm_files import edited, with_small_pictures

TINY = {"width": 96, "height": 80}
FIRST_TRANSFER = 300_000
"""Bytes, gzipped, of all code and style that a VRM avatar needs."""
PICTURES = 10_000
BETWEEN_STATES = 100
"""Pictures from one state to the next."""
TURN = 0.3
GROWTH = 250_000
"""Bytes of heap by which two garbage collections differ anyhow."""
SWAPS = 20
POSE_RATIO = 2.0
"""Most that posing may cost against the script of three.js that draws the same avatar; 0.5 was measured."""
KEEP = "data => { window.bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0)); }"
SWAP = """
(name) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([window.bytes], name));
  document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
}
"""
OTHERS = {"a.pmx": b"PMX nonsense", "a.model3.json": b"nonsense", "a.png": b"\x89PNG nonsense"}


def fetched(viewer: Viewer) -> set[str]:
    """The built files that the page has asked for so far."""
    script = "performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname)"
    return {path.lstrip("/") for path in viewer.ask(script) if path.startswith("/assets/")}


def test_first_transfer_is_small_and_other_kinds_come_when_needed(
    server: Server, open_viewer: OpenViewer, built: Path
) -> None:
    viewer = open_viewer(f"{server.url}stage", size=TINY).ready()
    known = fetched(viewer)
    files = [built / "web" / name for name in ("index.html", *known)]
    total = sum(len(gzip.compress(file.read_bytes())) for file in files)
    print(f"first transfer: {total / 1000:.0f} kB gzip, {len(files)} files")
    assert len(known) >= 4
    assert total <= FIRST_TRANSFER
    for name, content in OTHERS.items():
        viewer.drop(name, content)
        viewer.until("name => vtuber.message().includes(name)", name)
        assert fetched(viewer) > known, f"nothing more was fetched for {name}"
        known = fetched(viewer)
    viewer.errors.clear()  # a picture that is none, and a Core that is not there, are told of by the browser too


def test_script_for_a_picture(server: Server, open_viewer: OpenViewer) -> None:
    viewer = open_viewer(server.url, size=TINY).ready()
    viewer.ask("vtuber.measure()")  # the engine compiles what is hot
    costs = [viewer.ask("vtuber.measure()") for _ in range(3)]
    cost = min(costs, key=lambda cost: float(cost["poseMs"]))
    print("script for a picture, ms: " + ", ".join(f"{name[:-2]} {ms:.3f}" for name, ms in cost.items()))
    assert cost["poseMs"] < POSE_RATIO * cost["drawMs"]


def drawn(viewer: Viewer) -> int:
    return cast(int, viewer.ask("vtuber.stats().drawn"))


def after_collection(viewer: Viewer) -> dict[str, float]:
    """The page's own figures, with everything that nobody holds gone."""
    session = viewer.page.context.new_cdp_session(viewer.page)
    session.send("Performance.enable")
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    session.detach()
    return {metric["name"]: metric["value"] for metric in metrics}


def test_ten_thousand_pictures_leave_nothing_behind(server: Server, open_stopped_viewer: OpenViewer) -> None:
    viewer = open_stopped_viewer(server.url, size=TINY).ready()
    puppet = Puppet(server, viewer)

    def play(pictures: int) -> float:
        """Pictures of a turning head; the bytes of heap after them."""
        for i in range(pictures // BETWEEN_STATES):
            puppet.show(replace(REST, rotation=rotation.from_yaw_pitch(TURN * (i % 3 - 1), 0)), pictures=0)
            viewer.page.clock.run_for(BETWEEN_STATES * 16)
        return after_collection(viewer)["JSHeapUsedSize"]

    before, first = play(PICTURES // 10), drawn(viewer)
    grown = play(PICTURES) - before
    shown = drawn(viewer) - first
    print(f"heap after {shown} pictures: {grown / 1000:+.0f} kB of {before / 1e6:.1f} MB")
    assert shown > 0.9 * PICTURES
    assert grown < GROWTH


def swap(viewer: Viewer, name: str) -> dict[str, float]:
    """Another copy of the avatar, and what the page holds with it."""
    viewer.ask(SWAP, name)
    viewer.until("name => vtuber.avatar().url === `file:${name}`", name)
    viewer.until("count => vtuber.stats().drawn > count + 2", drawn(viewer))
    metrics = after_collection(viewer)
    resources = cast("dict[str, float]", viewer.ask("vtuber.stats().resources"))
    return {**resources, "listeners": metrics["JSEventListeners"], "nodes": metrics["Nodes"]}


def test_twenty_avatars_leave_nothing_behind(server: Server, open_viewer: OpenViewer, built: Path) -> None:
    viewer = open_viewer(server.url, size=TINY, ui="1").ready()
    small = edited((built / "avatars" / "default.vrm").read_bytes(), with_small_pictures)
    viewer.ask(KEEP, base64.b64encode(small).decode())
    first = swap(viewer, "first.vrm")
    for i in range(SWAPS - 2):
        viewer.ask(SWAP, f"{i}.vrm")
        viewer.until("name => vtuber.avatar().url === `file:${name}`", f"{i}.vrm")
    last = swap(viewer, "last.vrm")
    print("held with one avatar, and after twenty:", first, last)
    assert last == pytest.approx(first, abs=2)
