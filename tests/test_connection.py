"""Outputs with a connection: one thread for all, the newest state only, one line for an app that is not there."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from apps import numbered, turned
from server_clients import wait_for

from vtuber.connection import Connected, GivenUp, side_by_side
from vtuber.wire import AvatarState


class App(Connected):
    """Runs what a test says, and keeps count."""

    def __init__(self, talk: Callable[[App], object]) -> None:
        self.tries = self.ended = 0
        self.heard: list[AvatarState | None] = []
        self._what = talk
        super().__init__("the app")

    async def talk(self) -> None:
        self.tries += 1
        try:
            said = self._what(self)
            if asyncio.iscoroutine(said):
                await said
        finally:
            await asyncio.sleep(0.01)  # what is tidied up takes its time
            self.ended += 1


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Little patience; and the thread ends with its last user."""
    monkeypatch.setattr("vtuber.connection.PAUSES_S", (0.01,))
    yield
    wait_for(lambda: not any(t.name == "vtuber-connections" for t in threading.enumerate()))


def failing(error: Exception) -> Callable[[App], object]:
    def talk(app: App) -> None:
        raise error

    return talk


async def listening(app: App) -> None:
    app.stands()
    while True:
        app.heard.append(await app.newest())


@pytest.mark.parametrize(
    "error, said",
    [(OSError("not there"), "not there"), (asyncio.TimeoutError(), "no answer"), (ValueError("rubbish"), "rubbish")],
)
def test_trouble_is_said_once_and_tried_again(error: Exception, said: str, caplog: pytest.LogCaptureFixture) -> None:
    app = App(failing(error))
    wait_for(lambda: app.tries > 5)
    app.send(turned())
    app.close()
    assert caplog.messages == [f"the app: {said}; going on, and trying again"]


def test_it_is_tried_again_after_longer_and_longer_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = (0.001, 0.002, 0.003)
    monkeypatch.setattr("vtuber.connection.PAUSES_S", pauses)
    slept: list[float] = []
    sleep = asyncio.sleep

    async def counted(seconds: float) -> None:
        slept.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", counted)
    app = App(failing(OSError("not there")))
    wait_for(lambda: app.tries > 6)
    app.close()
    assert tuple(s for s in slept if s in pauses)[:5] == (*pauses, pauses[-1], pauses[-1])


def test_what_is_no_use_is_not_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    app = App(failing(GivenUp("you said no")))
    wait_for(lambda: caplog.messages)
    for i in range(100):
        app.send(numbered(i))
    app.close()
    assert caplog.messages == ["the app: you said no"] and app.tries == 1


def test_what_rings_while_the_last_user_leaves_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vtuber.connection.FAREWELL_S", None)  # patience without end
    app = App(failing(GivenUp("you said no")))
    wait_for(app._ended.is_set)
    app._loop.call_soon_threadsafe(time.sleep, 0.2)  # so that it leaves before the ring is heard
    app.send(turned())
    closing = threading.Thread(target=app.close, daemon=True)
    closing.start()
    closing.join(30)
    assert not closing.is_alive()


def test_a_fault_of_our_own_is_shown_whole_and_stops_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    other = App(listening)
    app = App(failing(RuntimeError("a fault")))
    wait_for(lambda: "a fault" in caplog.text)
    other.send(turned())
    wait_for(lambda: other.heard)
    app.close()
    other.close()
    assert app.tries == 1 and caplog.records[0].exc_info


def test_it_says_when_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    def third_time(app: App) -> object:
        return listening(app) if app.tries == 3 else failing(OSError("not yet"))(app)

    app = App(third_time)
    wait_for(lambda: len(caplog.messages) == 2)
    app.close()
    assert caplog.messages == ["the app: not yet; going on, and trying again", "the app: connected"]


def test_who_is_slow_gets_the_newest_of_the_first_performer() -> None:
    gate = asyncio.Event()

    async def slow(app: App) -> None:
        await gate.wait()
        await listening(app)

    app = App(slow)
    for i in range(100):
        app.send(numbered(i))
        app.send(turned(person=1))
    app._loop.call_soon_threadsafe(gate.set)
    wait_for(lambda: app.heard)
    app.close()
    assert app.heard == [numbered(99)]


def test_no_state_in_time_is_none() -> None:
    async def waiting(app: App) -> None:
        app.heard.append(await app.newest(0.01))
        app.heard.append(await app.newest(60.0))
        await asyncio.sleep(60)

    app = App(waiting)
    wait_for(lambda: app.heard)
    app.send(turned())
    wait_for(lambda: len(app.heard) == 2)
    app.close()
    assert app.heard == [None, turned()]


def test_all_share_one_thread() -> None:
    apps = [App(listening) for _ in range(3)]
    wait_for(lambda: all(app.tries for app in apps))
    assert [t.name for t in threading.enumerate()].count("vtuber-connections") == 1
    for app in apps:
        app.send(turned())
    wait_for(lambda: all(app.heard for app in apps))
    for app in apps:
        app.close()


def test_close_waits_until_everything_is_tidy_and_may_be_repeated() -> None:
    other, app = App(listening), App(listening)
    wait_for(lambda: app.tries)
    app.close()
    assert app.ended == 1
    app.close()
    app.send(turned())
    other.close()
    App(listening).close()  # hardly begun


def test_side_by_side_ends_with_the_first_and_hands_on_its_error() -> None:
    ended = []

    async def endless() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    async def broken() -> None:
        raise OSError("broken")

    async def brief() -> None:
        pass

    asyncio.run(side_by_side(endless(), brief()))
    with pytest.raises(OSError, match="broken"):
        asyncio.run(side_by_side(broken(), endless()))
    assert ended == [True, True]
