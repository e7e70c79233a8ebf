"""What an open studio costs the tracker: from the capture of a picture until its pose, with and without the page.

    python -m tests.performance.studio_cost [ROUNDS] [FRAMES]

Two seconds of the demo performer go round, tracked as by `vtuber run`; every figure is of whole rounds of them, since a
head that is turned far takes longer than one that is not. The page is a process of its own, as a browser is: the
studio's socket with the camera's picture on, and the stage's beside it. Rounds alternate, so that whatever else the
machine does hits both alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

import socketio
from e2e.films import film
from running import options, running, wait_for

from vtuber.session import Session, percentile

LOOP = 60
"""Frames of the film ..."""
FIRST = 330
"""... from this one of the demo on: she talks and moves her head."""
ROUNDS, FRAMES = 5, 2 * LOOP
"""Of each state a round has so many frames."""
SETTLE = 20
"""Frames that are not counted after the page came or went."""
SHARES = (50, 95, 99)


@dataclass
class Figures:
    """Milliseconds from capture to pose: a row (p50, p95, p99) for each round."""

    closed: list[list[float]] = field(default_factory=list)
    open: list[list[float]] = field(default_factory=list)
    cpu: dict[str, list[float]] = field(default_factory=lambda: {"closed": [], "open": []})
    """CPU ms that the program takes for each frame, all its threads together."""
    pictures: int = 0
    """Pictures of the camera that the page was sent."""

    def best(self, rows: list[list[float]]) -> list[float]:
        """The quietest round of each figure: whatever else the machine does can only make one worse."""
        return [min(column) for column in zip(*rows, strict=True)]

    def grown(self, share: int = 99) -> float:
        """By how many ms this share of SHARES grows when the studio is opened."""
        i = SHARES.index(share)
        return self.best(self.open)[i] - self.best(self.closed)[i]

    def wander(self, share: int = 99) -> float:
        """By how many ms it differs between the rounds without the page: what the machine does by itself."""
        halves = [self.best(half)[SHARES.index(share)] for half in (self.closed[::2], self.closed[1::2]) if half]
        return max(halves) - min(halves)


def latencies(session: Session, frames: int) -> list[float]:
    """p50, p95 and p99 of so many frames, ms."""
    vitals = session.vitals
    start = vitals.frames + SETTLE
    wait_for(lambda: vitals.frames >= start)
    vitals.waited.clear()
    wait_for(lambda: len(vitals.waited) >= frames)
    waited = list(vitals.waited)
    return [1000 * percentile(waited, share) for share in SHARES]


class Page:
    """The studio's page in a process of its own."""

    def __init__(self, url: str) -> None:
        program = [sys.executable, __file__, "page", url]
        self._process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, word: str) -> int:
        """`open` or `close`; how many pictures it had in all."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


@contextlib.contextmanager
def session() -> Iterator[Session]:
    """The performer, tracked."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "vtuber.toml"
        config.write_text("[source.video]\nloop = true\n", encoding="utf-8")
        performer = film(Path(folder) / "performer.mp4", FIRST, 1, length=LOOP, rate=30.0)
        with running(options(config, str(performer))) as (made, _):
            yield made


def measure(made: Session, page: Page, figures: Figures, frames: int = FRAMES) -> None:
    """One round: without the page, and with it."""
    for name, rows in (("closed", figures.closed), ("open", figures.open)):
        if name == "open":
            page.say("open")
        start, first = time.process_time(), made.vitals.frames
        rows.append(latencies(made, frames))
        figures.cpu[name].append(1000 * (time.process_time() - start) / (made.vitals.frames - first))
    figures.pictures = page.say("close")


async def be_page(url: str) -> None:
    """The page's own process: obeys words on its input until that ends."""
    if hasattr(os, "nice"):
        os.nice(10)  # what serving the page costs is measured, not what the page takes itself
    count, sockets = 0, list[socketio.AsyncClient]()

    def seen(_: object) -> None:
        nonlocal count
        count += 1

    while word := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if word == "open":
            sockets = [socketio.AsyncClient(), socketio.AsyncClient()]
            for one in sockets:
                one.on("avatar", lambda _: None)
                await one.connect(url, transports=["websocket"])
            sockets[0].on("preview", seen)
            await sockets[0].call("studio")
            await sockets[0].call("preview", "picture")
        else:
            for one in sockets:
                await one.disconnect()
        print(count, flush=True)


def main() -> None:
    rounds, frames = (int(given) for given in (sys.argv[1:] + [str(ROUNDS), str(FRAMES)][len(sys.argv) - 1 :]))
    figures = Figures()
    with session() as made:
        page = Page(made.server.url)
        never = latencies(made, frames)
        for _ in range(rounds):
            measure(made, page, figures, frames)
        page.close()
    print(f"capture to pose, ms, {frames} frames a round; the page had {figures.pictures} pictures")
    print("                      p50    p95    p99")
    rows = [("never opened", [never]), ("closed", figures.closed), ("open", figures.open)]
    for name, told in rows:
        for row in told:
            print(f"{name:18}", *(f"{value:6.1f}" for value in row))
    for name, told in rows[1:]:
        print(f"{f'best, {name}':18}", *(f"{value:6.1f}" for value in figures.best(told)))
    closed, opened = (min(figures.cpu[name]) for name in ("closed", "open"))
    print(f"CPU of a frame: {closed:.1f} ms closed, {opened:.1f} ms open, all threads together")
    print(f"p99 grows by {figures.grown():+.1f} ms; without the page it wanders by {figures.wander():.1f} ms")


if __name__ == "__main__":
    if sys.argv[1:2] == ["page"]:
        asyncio.run(be_page(sys.argv[2]))
    else:
        main()
