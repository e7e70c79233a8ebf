"""The WebSocket of outputs that keep a connection, against the server of another package."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
from websockets.sync.server import ServerConnection, serve

from vtuber import web_socket


def parrot(client: ServerConnection) -> None:
    """Says everything back, some bytes before it, and goes at "end"."""
    for told in client:
        if told == "end":
            return
        client.send(b"\0\1")
        client.send(told)


@pytest.fixture
def port() -> Iterator[int]:
    with serve(parrot, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.socket.getsockname()[1]


async def said_back(port: int, *texts: str) -> list[str]:
    heard = []
    async with web_socket.connected("parrot", "127.0.0.1", port, "/", "buy one") as made:
        for text in texts:
            await made.say(text.encode("utf-8"))
            heard.append(await made.heard())
    return heard


def test_what_is_said_is_said_back_and_bytes_are_passed_over(port: int) -> None:
    texts = ["", "はい", "x" * 100_000]
    assert asyncio.run(said_back(port, *texts)) == texts


def test_the_end_is_an_oserror(port: int) -> None:
    with pytest.raises(OSError, match="it ended the connection"):
        asyncio.run(said_back(port, "a", "end"))


def test_nobody_there_is_said_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(OSError, match=f"nothing answers on 127.0.0.1:{port}: buy one"):
        asyncio.run(said_back(port, "a"))


@pytest.mark.parametrize("answer", [b"HTTP/1.1 404 No\r\n\r\n", b"SSH-2.0-x\r\n\r\n"])
def test_somebody_else_there_is_said(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def talk() -> None:
            client, _ = other.accept()
            with client:
                client.recv(4096)
                client.sendall(answer)

        threading.Thread(target=talk, daemon=True).start()
        with pytest.raises(OSError, match="is no parrot"):
            asyncio.run(said_back(other.getsockname()[1], "a"))


def test_who_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_socket, "ANSWER_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as deaf, pytest.raises(asyncio.TimeoutError):
        asyncio.run(said_back(deaf.getsockname()[1], "a"))
