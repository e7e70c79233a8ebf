"""Who may talk: the rules as values, then on real sockets."""

import asyncio
import contextlib
import http.cookies
import json
import socket

import pytest
import socketio
from server_clients import Viewer, get, state, until, upgrade

from vtuber.server import Server
from vtuber.server.access import Access, Caller, is_loopback
from vtuber.server.app import lan_address

POLL = "/socket.io/?EIO=4&transport=polling"


def caller(**said: object) -> Caller:
    return Caller(**{"peer": "127.0.0.1", "local": "127.0.0.1", "host": "127.0.0.1:8765", **said})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8765", "localhost", "LocalHost:1", "[::1]", "[::1]:8765"],
)
def test_loopback_names_are_ours(host: str) -> None:
    assert Access(lan=False).refusal(caller(host=host, origin=f"http://{host}")) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:8765",
        "localhost.evil.example:8765",
        "127.0.0.1.evil.example",
        "evil.example#127.0.0.1",
        "127.0.0.1@evil.example",
        "localhost:8765:8765",
        "localhost:",
        "::1",
        "192.0.2.1:8765",
        "127.0.0.1 ",
        "127.0.0.1\n",
    ],
)
def test_other_names_are_not_ours(host: str) -> None:
    assert Access(lan=False).refusal(caller(host=host)) is not None


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:80",
        "http://127.0.0.1:5173",
        "http://localhost:8765",
        "http://127.0.0.1:8765.evil.example",
        "https://127.0.0.1:8765",
        "file://",
    ],
)
def test_other_origins_are_refused(origin: str) -> None:
    assert Access(lan=False).refusal(caller(origin=origin)) is not None


def test_pages_elsewhere_may_link_to_us_but_not_load_from_us() -> None:
    access = Access(lan=False)
    for site in ("cross-site", "same-site", "anything"):
        assert access.refusal(caller(site=site)) is not None
        assert access.refusal(caller(site=site, navigation=True)) is None
    for site in ("none", "same-origin", None):
        assert access.refusal(caller(site=site)) is None


def test_lan_knows_the_address_that_was_reached_and_the_machine_name() -> None:
    lan = Access(lan=True)
    neighbour = {"peer": "192.0.2.9", "local": "192.0.2.1"}
    assert lan.refusal(caller(**neighbour, host="192.0.2.1:8765")) is None
    assert lan.refusal(caller(**neighbour, host=f"{socket.gethostname()}:8765")) is None
    assert lan.refusal(caller(**neighbour, host="192.0.2.2:8765")) is not None
    assert lan.refusal(caller(**neighbour, host="evil.example:8765")) is not None
    assert Access(lan=False).refusal(caller(**neighbour, host="127.0.0.1")) is not None


def test_token_is_asked_of_other_machines_only() -> None:
    lan = Access(lan=True)
    neighbour = caller(peer="192.0.2.9")
    assert lan.admits(neighbour, None, lan.token)
    for wrong in ("", "no", None, 0, [lan.token], lan.token[:-1], lan.token + "a", "ü" * 24, "\ud800"):
        assert not lan.admits(neighbour, wrong)
    assert lan.admits(caller()) and Access(lan=False).admits(caller())
    assert Access(lan=True).token != lan.token


def test_loopback_addresses() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1")))
    assert not any(map(is_loopback, ("192.0.2.1", "::ffff:192.0.2.1", "fe80::1%eth0", "0.0.0.0", "", "localhost")))


REFUSED = [
    {"Host": "evil.example"},
    {"Host": "evil.example:{port}"},
    {"Origin": "null"},
    {"Origin": "http://evil.example"},
    {"Origin": "http://evil.example:{port}"},
    {"Origin": "http://localhost:{port}"},
    {"Host": "evil.example:{port}", "Origin": "http://evil.example:{port}"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    {"X-Forwarded-Host": "evil.example", "Origin": "http://evil.example"},
]


def test_every_door_refuses_strangers() -> None:
    server = Server(port=0)
    try:
        for pattern in REFUSED:
            headers = {name: value.format(port=server.port) for name, value in pattern.items()}
            for path, method in [("/", "GET"), ("/avatars/default.vrm", "GET"), (POLL, "GET"), (POLL, "POST")]:
                status, answer, body = get(server.port, path, headers, method=method)
                assert status == 403, (pattern, path)
                assert body.count(b"\n") == 1 and body.endswith(b".\n"), "one plain sentence"
                assert not any(name.startswith("access-control") for name in answer)
                assert "evil" not in answer["content-security-policy"]
            sock, status, _ = upgrade(server.port, headers)
            sock.close()
            assert status == 403, pattern
        assert get(server.port, "/", {"Host": None})[0] in (400, 403)  # aiohttp may be the first to refuse it
        assert get(server.port, POLL, {"Origin": f"http://127.0.0.1:{server.port}"})[0] == 200
        sock, status, _ = upgrade(server.port, {"Origin": f"http://127.0.0.1:{server.port}"})
        sock.close()
        assert status == 101
    finally:
        server.close()


def test_sockets_give_nothing_to_scripts_of_other_pages() -> None:
    server = Server(port=0)
    try:
        assert get(server.port, f"{POLL}&j=0")[0] == 400, "JSONP would hand the state to any page"
        status, headers, _ = get(server.port, POLL)
        assert status == 200 and headers["cross-origin-resource-policy"] == "same-origin"
        crossing = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        assert get(server.port, POLL, crossing)[0] == 403, "a link may open a page, never a socket"
    finally:
        server.close()


@pytest.fixture
def lan_server():  # type: ignore[no-untyped-def]
    if is_loopback(lan_address()):
        pytest.skip("this machine has no address but loopback")
    server = Server(port=0, lan=True)
    yield server
    server.close()


def test_lan_link_lets_in_and_leaves_a_cookie(lan_server: Server) -> None:
    port, here = lan_server.port, lan_address()
    address, _, token = lan_server.url.partition("/?token=")
    assert address == f"http://{here}:{port}" and len(token) >= 20
    missing = "/avatars/none.vrm"
    assert get(port, missing, address=here)[0] == 403
    assert get(port, f"{missing}?token=wrong", address=here)[0] == 403
    assert get(port, missing, {"Host": f"evil.example:{port}"}, address=here)[0] == 403
    assert get(port, f"{missing}?token={token}", {"Origin": "http://evil.example"}, address=here)[0] == 403
    assert get(port, missing)[0] == 404, "this computer needs no token"

    status, headers, _ = get(port, f"/?token={token}", address=here)
    assert status != 403
    (cookie,) = http.cookies.SimpleCookie(headers["set-cookie"]).values()
    assert cookie.value == token and cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["path"] == "/"
    bearing = {"Cookie": f"{cookie.key}={cookie.value}"}
    assert get(port, missing, bearing, address=here)[0] == 404
    assert get(port, missing, {"Cookie": f"{cookie.key}=wrong"}, address=here)[0] == 403
    assert "set-cookie" not in get(port, missing, bearing, address=here)[1]

    async def watch() -> None:
        lan_server.send(state(3))
        async with await Viewer().connect(address, headers=bearing) as viewer:
            await until(lambda: viewer.marks == [3])

    asyncio.run(watch())


def test_lan_sockets_may_bring_the_token_themselves(lan_server: Server) -> None:
    address, _, token = lan_server.url.partition("/?token=")

    async def watch() -> None:
        lan_server.send(state(3))
        for transport in ("websocket", "polling"):
            async with await Viewer().connect(address, auth={"token": token}, transports=[transport]) as viewer:
                await until(lambda viewer=viewer: viewer.marks == [3])
            async with await Viewer().connect(lan_server.url, transports=[transport]) as viewer:
                await until(lambda viewer=viewer: viewer.marks == [3])
        for auth in (None, {"token": "wrong"}, {"token": None}, {}, {"token": [token]}):
            stranger, answers = Viewer(), []
            stranger.client.on("connect_error", answers.append)
            with pytest.raises(socketio.exceptions.ConnectionError):
                await stranger.connect(address, auth=auth, transports=["websocket"])
            await stranger.client.disconnect()
            assert not stranger.events and "token" in answers[0]["message"]

    asyncio.run(watch())


def test_polling_without_token_gets_nothing(lan_server: Server) -> None:
    port, here = lan_server.port, lan_address()
    lan_server.send(state())
    status, _, body = get(port, POLL, address=here)
    session = f"{POLL}&sid={json.loads(body[1:])['sid']}"
    assert status == 200
    assert get(port, session, method="POST", body=b"40", address=here)[0] == 200
    assert get(port, session, address=here)[2].startswith(b"44")
    assert lan_server.viewers == 0


def test_socket_that_never_brings_a_token_is_closed(lan_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vtuber.server.room.SWEEP", 0.05)
    lan_server.close()
    server = Server(port=0, lan=True)
    try:
        sock, status, _ = upgrade(server.port, address=lan_address())
        with sock, contextlib.suppress(ConnectionResetError):
            assert status == 101
            while sock.recv(4096):  # ends when the server hangs up
                pass
    finally:
        server.close()
