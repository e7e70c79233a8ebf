"""Twenty viewers of which one stalls: nobody else notices, and it comes back to the newest state, not to old ones."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
from server_clients import PATIENCE, RawViewer, Viewer, mark_of, state, until, wait_for

from vtuber.server import Server
from vtuber.server.viewers import WINDOW

HEALTHY = 19
STATES = 300


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """One that does not give a stalled viewer up, however slow this machine is."""
    monkeypatch.setattr("vtuber.server.viewers.GIVE_UP", 1e6)
    monkeypatch.setattr("vtuber.server.room.PING", (1000, 1000))
    server = Server(port=0)
    yield server
    server.close()


async def healthy(stack: AsyncExitStack, server: Server, count: int) -> list[Viewer]:
    viewers = [await stack.enter_async_context(Viewer()) for _ in range(count)]
    for viewer in viewers:
        await viewer.connect(server.url, transports=["websocket"])
    await until(lambda: all(viewer.events for viewer in viewers))
    return viewers


def held(server: Server) -> int:
    """States and packets that the server keeps for its viewers, in all."""
    kept = 0
    for viewer in server._room.audience.viewers.values():
        kept += len(viewer.lines) + len(viewer.unacknowledged)
    return kept + sum(socket.queue.qsize() for socket in server._room._sio.eio.sockets.values())


def test_one_stalled_viewer_of_twenty(server: Server) -> None:
    """The next state is sent when all healthy ones have the last: so they must get each, on a machine of any speed."""
    with RawViewer(server.port, buffer=4096) as stalled:
        stalled.enter()
        server.send(state(0))
        mark, number = stalled.read_state()
        stalled.acknowledge(number)
        assert mark == 0

        async def watch() -> int:
            async with AsyncExitStack() as stack:
                viewers = await healthy(stack, server, HEALTHY)
                await until(lambda: all(viewer.marks == [0] for viewer in viewers))
                most = 0
                for mark in range(1, STATES + 1):
                    server.send(state(mark))
                    await until(lambda mark=mark: all(viewer.marks[-1] == mark for viewer in viewers))
                    most = max(most, held(server))
                for viewer in viewers:
                    assert viewer.marks == list(range(STATES + 1))
                return most

        most = asyncio.run(watch())
        assert most <= (HEALTHY + 1) * (1 + WINDOW + 1), "a line, a window and a packet for each, and no more"
        wait_for(lambda: server.viewers == 1)
        stale = []
        while mark != STATES:
            mark, number = stalled.read_state()
            stalled.acknowledge(number)
            stale.append(mark)
        assert len(stale) - 1 <= WINDOW and stale == sorted(stale)
        server.send(state(STATES + 1))
        assert stalled.read_state()[0] == STATES + 1


def test_slow_viewer_sees_fewer_states_and_none_is_old(server: Server) -> None:
    """A page that takes its time for each state, as python-socketio does when its handler waits."""

    async def watch() -> None:
        async with AsyncExitStack() as stack:
            (quick,) = await healthy(stack, server, 1)
            slow = await stack.enter_async_context(Viewer())
            behind: list[int] = []
            newest = 0

            async def busy(message: dict[str, object]) -> None:
                behind.append(newest - mark_of(message))
                await asyncio.sleep(0.05)

            slow.client.on("avatar", busy)
            await slow.connect(server.url, transports=["websocket"])
            for mark in range(1, 101):
                newest = mark
                server.send(state(mark))
                await until(lambda mark=mark: quick.marks[-1:] == [mark])
                await asyncio.sleep(0.005)
            await until(lambda: behind[-1:] == [0])
            assert quick.marks == list(range(1, 101))
            assert 1 < len(behind) < 100

    asyncio.run(watch())


def test_viewer_that_never_answers_gets_the_newest(server: Server) -> None:
    """A page of somebody else's, whose handler knows no acknowledgements."""
    with RawViewer(server.port) as silent:
        silent.enter()
        marks = []
        for mark in range(50):
            server.send(state(mark))
            marks.append(silent.read_state()[0])
        assert marks == list(range(50))
        (viewer,) = server._room.audience.viewers.values()
        assert len(viewer.unacknowledged) == WINDOW


def test_memory_does_not_grow_with_a_silent_viewer_that_reads_nothing(server: Server) -> None:
    with RawViewer(server.port, buffer=4096) as silent:
        silent.enter()
        for mark in range(60):  # each about 100 kB: more than the system takes for one that does not read
            server.send(state(mark, weights=6000))
            wait_for(lambda: not server._fresh)
        assert held(server) <= 1 + WINDOW + 1


def test_many_persons_stay_apart(server: Server) -> None:
    async def watch() -> None:
        async with AsyncExitStack() as stack:
            (viewer,) = await healthy(stack, server, 1)
            for mark in range(100):
                for person in range(5):
                    server.send(state(mark, person=person))
                await asyncio.sleep(0)
            await until(lambda: {m["person"]: mark_of(m) for _, m in viewer.events[1:]} == dict.fromkeys(range(5), 99))

    asyncio.run(watch())


def test_send_never_waits_for_the_loop(server: Server) -> None:
    """With the server's own thread held up, states pile up nowhere and send() goes on."""
    gate = threading.Event()
    server._loop.call_soon_threadsafe(gate.wait, PATIENCE)
    for mark in range(500):
        server.send(state(mark, person=mark % 2))
    assert not gate.is_set()
    gate.set()
    wait_for(lambda: len(server.latencies) == 2)
    with RawViewer(server.port) as late:
        late.enter()
        assert sorted(late.read_state()[0] for _ in range(2)) == [498, 499]
    assert len(server.latencies) == 2, "of each person, one state was taken: the newest"
