"""The server's life: start, states from a thread to viewers, restart, and strangers who speak nonsense."""

import asyncio
import json
import logging
import math
import random
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from server_clients import PATIENCE, RawViewer, Viewer, get, mark_of, state, until, upgrade, wait_for

import vtuber
from vtuber import wire
from vtuber.server import Server
from vtuber.stages import VTuberError

POLL = "/socket.io/?EIO=4&transport=polling"


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(port=0, source="a test")
    yield server
    server.close()


def closes(server: Server) -> bool:
    """Whether close() returns at all, whatever the viewers do."""
    closing = threading.Thread(target=server.close, daemon=True)
    closing.start()
    closing.join(PATIENCE)
    return not closing.is_alive()


def test_taken_port_is_named_with_the_way_out(server: Server) -> None:
    with pytest.raises(VTuberError, match=rf"^port {server.port} is taken, .* choose another with --port$"):
        Server(port=server.port)
    assert get(server.port, "/nothing")[0] == 404, "the first one goes on"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"port": 70000}, "--port"),
        ({"port": -1}, "--port"),
        ({"host": "0.0.0.0"}, "--lan"),
        ({"host": "192.0.2.77"}, "--lan"),
        ({"host": "198.51.100.7", "lan": True, "port": 0}, "cannot listen on 198.51.100.7"),
        ({"host": "no such host", "lan": True, "port": 0}, "cannot listen on no such host"),
    ],
)
def test_wrong_addresses_are_told_in_one_line(settings: dict[str, object], words: str) -> None:
    with pytest.raises(VTuberError) as caught:
        Server(**settings)  # type: ignore[arg-type]
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_url_is_the_page(server: Server) -> None:
    assert server.url == f"http://127.0.0.1:{server.port}/"
    assert get(server.port)[0] in (200, 503)


def test_send_from_threads_without_viewers(server: Server) -> None:
    def feed(person: int) -> None:
        for mark in range(50):
            server.send(state(mark, person=person))

    threads = [threading.Thread(target=feed, args=(person,)) for person in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_for(lambda: len(server.latencies) >= 4)
    assert all(0 <= latency < math.inf for latency in list(server.latencies))
    assert server.latencies.maxlen is not None


def test_state_that_is_not_finite_stays_here(server: Server) -> None:
    with pytest.raises(ValueError, match="finite"):
        server.send(state(timestamp=math.nan))


def test_late_viewer_is_greeted_and_complete_at_once(server: Server) -> None:
    for mark in range(20):
        server.send(state(mark, person=mark % 2))
    wait_for(lambda: server.latencies)

    async def watch() -> None:
        async with await Viewer().connect(server.url) as viewer:
            await until(lambda: len(viewer.events) == 3)
            (greeting, hello), *states = viewer.events
            assert greeting == "hello"
            assert hello == {
                "version": vtuber.__version__,
                "wire": wire.WIRE_VERSION,
                "source": "a test",
                "avatar": "/avatars/default.vrm",
                "framing": {},
                "expressions": [],
            }
            assert {message["person"]: mark_of(message) for _, message in states} == {0: 18, 1: 19}
            sent = wire.to_json(state(timestamp=1.0))
            assert states[0][1].keys() == sent.keys() | {"age"}
            assert states[0][1]["blendshapes"] == sent["blendshapes"]
            assert all(0 <= message["age"] < PATIENCE for _, message in states)

    asyncio.run(watch())


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_every_transport_carries_the_newest(server: Server, transport: str) -> None:
    async def watch() -> None:
        async with await Viewer().connect(server.url, transports=[transport]) as viewer:
            for mark in range(1, 30):
                server.send(state(mark))
                await asyncio.sleep(0.002)
            await until(lambda: viewer.marks[-1:] == [29])
            assert viewer.marks == sorted(set(viewer.marks)), "in order, none twice"

    asyncio.run(watch())


def test_echo_is_answered(server: Server) -> None:
    async def watch() -> None:
        async with await Viewer().connect(server.url, transports=["websocket"]) as viewer:
            assert await viewer.client.call("echo", timeout=PATIENCE) is None
            server.send(state(4))
            await until(lambda: viewer.marks == [4])

    asyncio.run(watch())


def test_person_who_is_gone_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vtuber.server.viewers.FORGET", 0.2)
    monkeypatch.setattr("vtuber.server.room.SWEEP", 0.05)
    server = Server(port=0)
    try:
        server.send(state(person=1))
        wait_for(lambda: server.latencies)
        wait_for(lambda: not server._room.audience._newest)
    finally:
        server.close()


def test_restart_on_the_same_port_brings_the_viewer_back() -> None:
    async def watch() -> None:
        first = Server(port=0)
        first.send(state(1))
        async with await Viewer().connect(first.url) as viewer:
            await until(lambda: viewer.marks == [1])
            await asyncio.to_thread(first.close)
            second = Server(port=first.port)
            try:
                second.send(state(2))
                await until(lambda: viewer.marks == [1, 2])
            finally:
                await asyncio.to_thread(second.close)

    asyncio.run(watch())


def test_close_twice_from_threads_then_send(server: Server) -> None:
    assert closes(server) and closes(server)
    server.send(state())
    with socket.socket() as sock, pytest.raises(OSError):
        sock.settimeout(1.0)
        sock.connect(("127.0.0.1", server.port))
    assert not [thread for thread in threading.enumerate() if thread is server._thread]


def test_close_does_not_wait_for_a_viewer_that_reads_nothing(server: Server) -> None:
    with RawViewer(server.port, buffer=4096) as stalled:
        stalled.enter()
        for mark in range(40):  # each about 100 kB: more than the system takes for one that does not read
            server.send(state(mark, weights=6000))
            wait_for(lambda: not server._fresh)
        (viewer,) = server._room.audience.viewers.values()
        wait_for(lambda: viewer.lines[0].queued)
        assert closes(server)
    again = Server(port=server.port)
    again.close()


def test_close_does_not_wait_for_a_download(server: Server, tmp_path: Path) -> None:
    server._pages.web_folder = tmp_path
    (tmp_path / "large.bin").write_bytes(bytes(30_000_000))
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", server.port))
        sock.sendall(f"GET /large.bin HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        assert sock.recv(15) == b"HTTP/1.1 200 OK"
        assert closes(server)


def test_stalled_viewer_is_dropped_when_it_answers_no_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vtuber.server.room.PING", (0.3, 0.4))
    monkeypatch.setattr("vtuber.server.room.LINGER", 0.1)
    server = Server(port=0)
    try:
        with RawViewer(server.port, buffer=4096) as stalled:
            stalled.enter()
            server.send(state())
            assert stalled.read_state()[0] == 0
            for mark in range(40):
                server.send(state(mark, weights=6000))
                wait_for(lambda: not server._fresh)
            wait_for(lambda: server.viewers == 0)
            wait_for(lambda: not server._connections())
    finally:
        server.close()


NONSENSE = [
    "", "x", "9", "0", "1", "2probe", "5", "6", "b!", b"", b"\0\xff" * 50, "\ud83d", "4" + "x" * 70_000,
    "4", "42", "4[[[", "4" + "[" * 50_000, "43[]", "43" + "9" * 99 + "[]", '43[{"_placeholder":true}]',
    "40", "40[1]", '40/nowhere,{"token":1}', "41", "44{}", "451-[]", "46", "42" + "9" * 200 + "[]", "42{}", "42null",
    '42["avatar"]', '42["no such event",{}]',
]  # fmt: skip


def test_nonsense_on_websockets_hurts_nobody(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    async def watch() -> None:
        async with await Viewer().connect(server.url) as viewer:
            for nonsense in NONSENSE:
                for enter in (False, True):
                    with await asyncio.to_thread(RawViewer, server.port) as raw:
                        if enter:
                            await asyncio.to_thread(raw.enter)
                        await asyncio.to_thread(raw.write, nonsense)
            server.send(state(5))
            await until(lambda: viewer.marks == [5])
            await until(lambda: server.viewers == 1)

    with caplog.at_level(logging.WARNING):
        asyncio.run(watch())
    told = [
        record
        for record in caplog.records
        if record.name.split(".")[0] in ("vtuber", "aiohttp", "engineio", "socketio")
    ]
    assert not told, "what strangers send is not told to the user"
    wait_for(lambda: not server._room._sio.environ)


def test_nonsense_over_http_hurts_nobody(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vtuber.server.room.PATIENCE", 0.2)
    assert get(server.port, "/socket.io/")[0] == 400
    assert get(server.port, "/socket.io/?EIO=3&transport=polling")[0] == 400
    assert get(server.port, f"{POLL}&sid=nobody")[0] == 400
    for nonsense in [*NONSENSE, b"4" * 2_000_000]:
        session = f"{POLL}&sid={json.loads(get(server.port, POLL)[2][1:])['sid']}"
        body = nonsense.encode("utf-8", "surrogatepass") if isinstance(nonsense, str) else nonsense
        get(server.port, session, method="POST", body=body)
    get(server.port, "/", {"X-Large": "x" * 100_000})
    chance = random.Random(1)
    for _ in range(30):
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as sock:
            sock.sendall(chance.choice([b"", b"GET / HTTP/1.1\r\n", b"\x16\x03\x01"]) + chance.randbytes(400))
    assert get(server.port, "/nothing")[0] == 404


def test_oversized_message_ends_its_sender_only(server: Server) -> None:
    with RawViewer(server.port) as large, RawViewer(server.port) as other:
        large.enter()
        other.enter()
        with pytest.raises((EOFError, OSError)):
            large.write("4" + "x" * 3_000_000)
            while True:
                large.read()
        server.send(state(8))
        assert other.read_state()[0] == 8


def test_sockets_are_not_compressed_and_go_out_at_once(server: Server) -> None:
    sock, status, head = upgrade(server.port, {"Sec-WebSocket-Extensions": "permessage-deflate"})
    try:
        assert status == 101 and "Sec-WebSocket-Extensions" not in head
        for transport in server._connections():
            ours = transport.get_extra_info("socket")
            assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), "small packets must not be held back"
    finally:
        sock.close()


def test_number_of_sockets_is_limited(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vtuber.server.room.MAX_SOCKETS", 3)
    with RawViewer(server.port), RawViewer(server.port), RawViewer(server.port):
        assert get(server.port, POLL)[0] == 503
    wait_for(lambda: get(server.port, POLL)[0] == 200)
