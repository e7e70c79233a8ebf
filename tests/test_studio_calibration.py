"""The guided calibrations beside a run, over real sockets: done, thrown away, broken off, and taken back."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import platformdirs
import pytest
from boards import Lens, film
from running import options, running
from server_clients import until
from studio_page import Page, page

from calibration.board import Board
from calibration.steps import STEPS
from vtuber import profile
from vtuber.profile import Profile
from vtuber.session import Session
from vtuber.sources import demo

OLD = Profile(name="me", made="2026-01-01 10:00", ranges={"jawOpen": (0.1, 0.5)})
SLOWED = {"fps": "8", "realtime": "false", "loop": "true"}
"""The film of 30 pictures a second is read as one of 8, as fast as it can be: a step takes fewer of them."""
LONG_S = 240.0
"""Patience for the steps and the measuring."""
ROOT = Path(__file__).parents[1]
SIZE, FOCAL = (480, 360), 445.0


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The profile in use, in folders of the test's own."""
    monkeypatch.setattr(platformdirs, "user_config_path", lambda *_: tmp_path / "config")
    (tmp_path / "vtuber.toml").write_text('[run]\nprofile = "me"\n', encoding="utf-8")
    profile.save(OLD, profile.path_of("me"))
    return profile.path_of("me")


@contextlib.contextmanager
def playing(folder: Path, clip: Path = demo.CLIP, **settings: str) -> Iterator[Session]:
    changes = tuple(f"video.{key}={value}" for key, value in (SLOWED | settings).items())
    with running(options(folder / "vtuber.toml", f"video:{clip}", changes=changes)) as (session, _):
        yield session


@contextlib.asynccontextmanager
async def begun(session: Session, what: str = "face") -> AsyncIterator[Page]:
    async with page(session.server.url) as made:
        answer = await made.call("do", {"do": "calibrate", "what": what})
        assert answer["ok"], answer
        yield made


def where(page: Page) -> dict[str, Any]:
    """Where the calibration stands, as the page was told."""
    told: dict[str, Any] | None = page.vitals[-1]["calibration"] if page.vitals else None
    return told or {"phase": "", "step": "", "error": ""}


async def through(session: Session, page: Page, done: set[str]) -> dict[str, Any]:
    """Do these steps and pass over all others, until it has come to an end."""
    deadline = time.monotonic() + LONG_S
    while (now := session.desk.measuring.shown() or {"phase": ""})["phase"] not in ("judged", "failed"):
        assert time.monotonic() < deadline, "waited in vain"
        if now["phase"] == "steps" and now["step"] not in done:
            await page.call("do", {"do": "guide", "wish": "skip", "step": now["step"]})
        if now["phase"] == "measuring" and not session.desk.rig.source.now.live:
            # What was seen is seen: another source does not matter any more, and this one leaves time to measure.
            await page.call("do", {"do": "set", "section": "source.video", "key": "realtime", "value": True})
        await asyncio.sleep(0.02)
    await until(lambda: where(page)["phase"] == now["phase"])
    return where(page)


def test_from_the_first_step_to_a_profile_in_use_and_back(tmp_path: Path, old: Path) -> None:
    async def scene(session: Session) -> None:
        async with begun(session) as one, page(session.server.url) as two:
            assert not (await two.call("do", {"do": "calibrate", "what": "camera"}))["ok"], "one at a time"
            assert not (await two.call("ask", "calibration"))["ok"], "nothing was found yet"
            end = await through(session, one, {"ahead", "left", "right", "up", "down", "smile"})
            assert end["phase"] == "judged", end
            await until(lambda: where(two)["phase"] == "judged")
            assert set(end["qualities"]) >= {"ahead", "left", "smile"} and "tongue" not in end["qualities"]
            seen_before = session.vitals.frames
            found = (await two.call("ask", "calibration"))["answer"]
            assert found["picture"].startswith(b"\x89PNG") and found["page"].startswith("<!doctype html>")
            assert {"misfit", "height"} <= {figure["key"] for figure in found["figures"]}
            assert {"mouthSmileLeft", "mouthSmileRight"} <= {reach["name"] for reach in found["reaches"]}
            assert profile.load("me") == OLD, "not before it is kept"
            kept = await one.call("do", {"do": "guide", "wish": "keep"})
            assert kept["ok"] and kept["truth"]["calibrated"]["face"] and kept["truth"]["calibrated"]["before"]
            await until(lambda: where(two)["phase"] == "" and session.vitals.frames > seen_before)
            made = profile.load("me")
            assert made.face and "mouthSmileLeft" in made.ranges and session.desk.chosen.profile == made
            for expected in (OLD, made):
                answer = await two.call("do", {"do": "swap_profile"})
                assert answer["ok"] and profile.load("me") == expected == session.desk.chosen.profile
                await until(lambda expected=expected: one.truth["calibrated"]["face"] is (expected is made))

    with playing(tmp_path) as session:
        asyncio.run(scene(session))
    assert sorted(p.name for p in old.parent.iterdir()) == ["me.before", "me.json"]


def test_ended_changed_and_left_half_way_the_old_profile_stays(tmp_path: Path, old: Path) -> None:
    before = old.read_bytes()

    async def scene(session: Session) -> None:
        async with begun(session) as one:
            await until(lambda: where(one).get("done", 0) > 0)
            assert (await one.call("do", {"do": "guide", "wish": "end"}))["ok"]
            await until(lambda: where(one)["phase"] == "")
            assert not (await one.call("do", {"do": "guide", "wish": "skip"}))["ok"], "none is under way"
            await one.call("do", {"do": "calibrate", "what": "face"})
            await until(lambda: where(one).get("done", 0) > 0)
            await one.call("do", {"do": "set", "section": "source.video", "key": "loop", "value": False})
            await until(lambda: where(one)["phase"] == "failed")
            assert "the source was changed half-way" in where(one)["error"]
            assert not (await one.call("do", {"do": "guide", "wish": "keep"}))["ok"]
            await one.call("do", {"do": "calibrate", "what": "face"})
            await until(lambda: where(one)["phase"] == "steps")

    with playing(tmp_path) as session:
        asyncio.run(scene(session))
    assert old.read_bytes() == before and [p.name for p in old.parent.iterdir()] == ["me.json"]


def test_ranges_that_have_followed_go_back_to_what_was_calibrated(tmp_path: Path, old: Path) -> None:
    profile.save(msgspec.structs.replace(OLD, refined={"jawOpen": (0.1, 0.45)}), old)

    async def scene(session: Session) -> None:
        async with page(session.server.url) as one:
            await one.call("do", {"do": "set", "section": "pipeline", "key": "refine", "value": True})
            assert one.truth["calibrated"]["refined"] == 1
            await until(lambda: session.vitals.frames > 5)
            answer = await one.call("do", {"do": "unrefine"})
            assert answer["ok"] and profile.load("me") == OLD
            await until(lambda: "jawOpen" not in session.desk.rig.pipeline.now.people[0].refined or _crept(session))
            assert not (await one.call("do", {"do": "swap_profile"}))["ok"], "there is none before it"

    def _crept(session: Session) -> bool:
        """It follows anew, from what was calibrated."""
        return abs(session.desk.rig.pipeline.now.people[0].refined["jawOpen"][1] - 0.5) < 0.01

    with playing(tmp_path, realtime="true") as session:
        asyncio.run(scene(session))


@pytest.mark.parametrize("language", ["en", "ja", "zh_hant"])
def test_the_page_has_words_for_every_step(language: str) -> None:
    text = (ROOT / "web_client" / "src" / "studio" / "texts" / f"{language}.ts").read_text(encoding="utf-8")
    steps = text[text.index("    steps: {") : text.index("    names: {")]
    said = dict(re.findall(r"^ +'?([\w ]+?)'?: '(.+)',$", steps, re.M))
    assert list(said) == [step.name for step in STEPS]
    if language == "en":
        assert said == {step.name: step.prompt for step in STEPS}, "the terminal and the page say the same"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full disk to try")
def test_a_full_disk_is_said_and_what_was_found_can_still_be_kept(tmp_path: Path, old: Path) -> None:
    before, part = old.read_bytes(), old.with_name("me.json.part")

    async def scene(session: Session) -> None:
        async with begun(session) as one:
            assert (await through(session, one, {"ahead", "smile"}))["phase"] == "judged"
            part.symlink_to("/dev/full")
            answer = await one.call("do", {"do": "guide", "wish": "keep"})
            assert not answer["ok"] and "No space left on device" in answer["error"] and old.read_bytes() == before
            part.unlink(missing_ok=True)
            assert (await one.call("do", {"do": "guide", "wish": "keep"}))["ok"]
            assert profile.load("me").made != OLD.made

    with playing(tmp_path) as session:
        asyncio.run(scene(session))


@pytest.fixture(scope="module")
def board_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A board held before a known camera, for a moment in each place; nobody is to be seen."""
    camera = np.array([[FOCAL, 0.0, 239.5], [0.0, FOCAL, 179.5], [0.0, 0.0, 1.0]])
    path = tmp_path_factory.mktemp("film") / "board.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, SIZE)
    for picture in film(Board(), Lens(camera, np.zeros(5), SIZE)):
        for _ in range(10):
            writer.write(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))
    writer.release()
    return path


def test_nobody_and_too_few_views_are_refused_with_the_reason(tmp_path: Path, old: Path, board_film: Path) -> None:
    before = old.read_bytes()

    async def scene(session: Session) -> None:
        async with begun(session) as one:
            end = await through(session, one, {"ahead"})
            assert end["phase"] == "failed" and "no face was seen" in end["error"]
            await one.call("do", {"do": "calibrate", "what": "camera"})
            await until(lambda: where(one).get("views", 0) > 0)
            await one.call("do", {"do": "guide", "wish": "enough"})
            await until(lambda: where(one)["phase"] == "failed")
            assert "the board was not seen well enough" in where(one)["error"]

    with playing(tmp_path, board_film) as session:
        asyncio.run(scene(session))
    assert old.read_bytes() == before


def test_the_camera_is_measured_from_the_runs_own_pictures(tmp_path: Path, old: Path, board_film: Path) -> None:
    async def scene(session: Session) -> None:
        async with begun(session, "camera") as one:
            drawn = (await one.call("ask", "board"))["answer"]
            assert (drawn["width"], drawn["height"]) == (80, 56) and len(drawn["boxes"]) > 100
            assert (await one.call("ask", "board_a4"))["answer"].startswith(b"%PDF")
            assert "there is no paper" in (await one.call("ask", "board_a9"))["error"]
            await until(lambda: where(one)["phase"] not in ("", "steps"))
            told = [v["calibration"] for v in one.vitals if v["calibration"] and v["calibration"]["phase"] == "steps"]
            assert any(t["corners"] for t in told) and any(0 < t["share"] < 1 for t in told)
            await until(lambda: where(one)["phase"] in ("judged", "failed"))
            found = (await one.call("ask", "calibration"))["answer"]
            assert found["error"] < 0.5 and found["used"] >= 10
            assert (await one.call("do", {"do": "guide", "wish": "keep"}))["ok"]

    with playing(tmp_path, board_film, realtime="true", fps="30") as session:
        asyncio.run(scene(session))
    made = profile.load("me")
    assert made.camera is not None and made.ranges == OLD.ranges
    assert made.camera.matrix[0][0] == pytest.approx(FOCAL, rel=0.01)
