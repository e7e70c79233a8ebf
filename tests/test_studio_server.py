"""The studio's messages on real sockets: two pages agree, and nobody else gets in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs
import pytest
import socketio
from running import App, free_port, options, running
from server_clients import until
from studio_page import page

from vtuber.server.app import lan_address
from vtuber.server.studio import VITALS_S
from vtuber.session import Session
from vtuber.studio import Studio


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_config_path", lambda *_: tmp_path / "config")
    (tmp_path / "vtuber.toml").touch()
    return tmp_path


@pytest.fixture
def session(home: Path) -> Iterator[Session]:
    port = free_port()
    app = App(port)
    try:
        with running(options(home / "vtuber.toml", f"vmc:{port}")) as (made, _):
            yield made
    finally:
        app.close()


def test_two_studios_agree(session: Session) -> None:
    async def scene() -> None:
        async with page(session.server.url) as one, page(session.server.url) as two:
            assert one.truth == two.truth
            answer = await one.call("do", {"do": "set", "section": "pipeline", "key": "mirror", "value": True})
            assert answer["ok"] and answer["truth"]["settings"]["pipeline"]["mirror"] is True
            await until(lambda: two.truth["settings"]["pipeline"]["mirror"] is True)
            assert one.truth == two.truth
            wishes = [
                (p, {"do": "shape", "name": "jawOpen", "gain": 1 + i / 10}) for i in range(1, 9) for p in (one, two)
            ]
            await asyncio.gather(*(p.call("do", wish) for p, wish in wishes))
            final = (await one.call("studio"))["truth"]
            await until(lambda: one.truth == two.truth == final)

    asyncio.run(scene())


def test_a_refused_wish_says_why_and_tells_the_truth(session: Session) -> None:
    async def scene() -> None:
        async with page(session.server.url) as one:
            answer = await one.call("do", {"do": "choose", "what": "filter", "value": "magic"})
            assert not answer["ok"] and "no filter named 'magic'" in answer["error"]
            assert answer["truth"]["run"]["filter"] == "steady"
            assert not (await one.call("ask", "the way"))["ok"]
            assert not (await one.call("ask", {"a": 1}))["ok"]
            assert not (await one.call("do"))["ok"]

    asyncio.run(scene())


def test_a_viewer_is_no_studio(session: Session) -> None:
    """Who did not enter is told nothing of it, and asks in vain."""

    async def scene() -> None:
        async with page(session.server.url, enter=False) as viewer, page(session.server.url) as studio:
            assert not (await viewer.call("do", {"do": "away", "on": True}))["ok"]
            await viewer.call("preview", "picture")
            await studio.call("do", {"do": "away", "on": True})
            await until(lambda: len(studio.vitals) > 2)
            assert viewer.truth == {} and viewer.vitals == [] and viewer.previews == []
            assert studio.vitals[-1]["viewers"] == 2

    asyncio.run(scene())


def test_the_cameras_picture_goes_to_who_asked_alone(home: Path) -> None:
    async def scene(url: str) -> None:
        async with page(url) as one, page(url) as two:
            await two.call("preview", "marks")
            await until(lambda: len(two.previews) > 2)
            assert all(seen["picture"] == b"" for seen in two.previews)
            await one.call("preview", "picture")
            await until(lambda: any(seen["marks"] for seen in one.previews) and len(two.previews) > 5)
            assert all(seen["picture"][:2] == b"\xff\xd8" for seen in one.previews)
            assert all(seen["picture"] == b"" for seen in two.previews)
            await one.call("preview", "off")
            count = len(one.previews)
            before = len(two.previews)
            await until(lambda: len(two.previews) > before + 3)
            assert len(one.previews) <= count + 1

    with running(options(home / "vtuber.toml", "demo")) as (made, _):
        asyncio.run(scene(made.server.url))


def test_a_closed_studio_costs_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No figure is counted and no picture is made for nobody."""
    asked: list[str] = []
    for name in ("truth", "vitals", "preview"):
        real = getattr(Studio, name)
        monkeypatch.setattr(Studio, name, lambda *given, name=name, real=real: (asked.append(name), real(*given))[1])

    async def scene(made: Session) -> None:
        async with page(made.server.url) as one:
            await one.call("preview", "picture")
            await until(lambda: {"truth", "vitals", "preview"} <= set(asked))
        await until(lambda: made.server.viewers == 0)
        await asyncio.sleep(2 * VITALS_S)  # what was under way may end
        asked.clear()
        seen = made.vitals.frames
        await until(lambda: made.vitals.frames > seen + 30)
        assert asked == []

    with running(options(home / "vtuber.toml", "demo")) as (made, _):
        asyncio.run(scene(made))


def test_the_parts_are_told_as_the_command_line_lists_them(session: Session) -> None:
    from vtuber import parts

    async def scene() -> dict[str, Any]:
        async with page(session.server.url) as one:
            told: dict[str, Any] = (await one.call("ask", "parts"))["answer"]
            return told

    told = asyncio.run(scene())
    for kind in parts.KINDS:
        assert [part["name"] for part in told[kind]] == parts.names(kind)
    steady = next(part for part in told["filter"] if part["name"] == "steady")
    assert [s["name"] for s in steady["settings"]] == ["smoothing", "preset", "predict_ms"]
    smoothing = steady["settings"][0]
    assert smoothing["text"].startswith("0 to 4; 0 none, 1 usual") and smoothing["type"] == "float"
    assert (smoothing["least"], smoothing["most"], smoothing["default"]) == (0, 4, 1)


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_a_page_of_another_origin_does_not_get_in(session: Session, origin: str) -> None:
    async def scene() -> None:
        with pytest.raises(socketio.exceptions.ConnectionError):
            async with page(session.server.url, headers={"Origin": origin}):
                pass

    asyncio.run(scene())


def test_with_lan_nothing_works_without_the_token(home: Path) -> None:
    """From a second address of this computer, as another machine would come."""
    port = free_port()
    if lan_address().startswith("127."):
        pytest.skip("this computer is in no network")

    async def scene(url: str) -> None:
        bare, _, token = url.partition("?token=")
        with pytest.raises(socketio.exceptions.ConnectionError):
            async with page(bare):
                pass
        with pytest.raises(socketio.exceptions.ConnectionError):
            async with page(bare, auth={"token": token[:-1] + "x"}):
                pass
        async with page(bare, auth={"token": token}) as one:
            assert (await one.call("do", {"do": "away", "on": True}))["ok"]

    with running(options(home / "vtuber.toml", f"vmc:{port}", lan=True)) as (made, _):
        asyncio.run(scene(made.server.url))
