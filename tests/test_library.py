"""Avatars that are added over HTTP: whole and good ones are kept, all others refused with nothing left behind."""

from __future__ import annotations

import io
import json
import socket
import stat
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from fuzz import COUNT, mutated
from server_clients import RawViewer, get, state

from vtuber import avatar_files
from vtuber.server import Server

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
PIXELS = {"bufferView": 0, "mimeType": "image/png"}


def glb(picture: bytes = PNG, *, stretch: int = 0, **changes: Any) -> bytes:
    """A small VRM 1.0 file. `stretch` is added to the length that it says it has."""
    told: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "nodes": [{"name": "hips"}],
        "buffers": [{"byteLength": len(picture)}],
        "bufferViews": [{"buffer": 0, "byteOffset": 0, "byteLength": len(picture)}],
        "images": [PIXELS],
        "extensions": {"VRMC_vrm": {"meta": {"name": "Momo", "authors": ["Hana"], "licenseUrl": "https://vrm.dev/l"}}},
    } | changes
    text = json.dumps(told).encode()
    text += b" " * (-len(text) % 4)
    binary = picture + bytes(-len(picture) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks) + stretch) + chunks


def nested(depth: int) -> bytes:
    """A GLB whose description is lists within lists."""
    text = b"[" * depth
    return struct.pack("<4sIII4s", b"glTF", 2, 20 + depth, depth, b"JSON") + text


def numbers(count: int) -> dict[str, Any]:
    """A list of bytes in the first part of the file, which is as long as PNG."""
    return {"bufferView": 0, "byteOffset": 1, "count": count, "componentType": 5121, "type": "SCALAR"}


def zipped(way: int = zipfile.ZIP_DEFLATED, **files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", way) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def linked() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("idle.png", PNG)
        entry = zipfile.ZipInfo("talk.png")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return held.getvalue()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_: tmp_path / "data")
    made = Server(port=0)
    yield made
    made.close()


def put(server: Server, name: str, body: bytes, **headers: str) -> tuple[int, str]:
    status, _, text = get(server.port, f"/library/{name}", headers, method="PUT", body=body)
    return status, text.decode()


def kept(server: Server) -> list[str]:
    folder = server.library.folder
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_a_good_file_is_kept_and_says_whose_it_is(server: Server) -> None:
    assert put(server, "Momo.vrm", glb())[0] == 200
    assert kept(server) == ["Momo.vrm"]
    told = next(a for a in server.library.listing() if a["name"] == "Momo")
    assert (told["title"], told["author"], told["licence"], told["own"]) == ("Momo", "Hana", "https://vrm.dev/l", True)
    assert get(server.port, "/avatars/Momo.vrm")[0] == 200
    assert put(server, "faces.zip", zipped(**{"idle.png": PNG, "talk.png": PNG}))[0] == 200
    assert kept(server) == ["Momo.vrm", "faces.zip"]
    server.library.remove("Momo")
    assert kept(server) == ["faces.zip"]


BOMB = zipped(**{"body.png": PNG + bytes(30_000_000)})
REFUSED: list[tuple[str, bytes, int, str]] = [
    ("a.vrm", glb(stretch=10_000), 415, "longer than it is"),
    ("a.vrm", glb()[:60], 415, "damaged"),
    ("a.vrm", glb(nodes=[{}] * 1_000_000), 415, "more than 20000 bones"),
    ("a.vrm", glb(b"<html><script>alert(1)</script></html>"), 415, "no picture"),
    ("a.vrm", glb(b'<svg xmlns="http://www.w3.org/2000/svg"/>'), 415, "no picture"),
    ("a.vrm", glb(bufferViews=[{"buffer": 0, "byteLength": 10**9}]), 415, "beyond its end"),
    ("a.vrm", glb(images=[{"uri": "http://evil.example/a.png"}]), 415, "elsewhere"),
    ("a.vrm", glb(extensions={}), 415, "no VRM avatar"),
    ("a.vrm", glb(nodes=7), 415, "makes no sense"),
    ("a.vrm", glb(extensions=["VRM"]), 415, "makes no sense"),
    ("a.vrm", glb(extensions={"VRMC_vrm": None}), 415, "makes no sense"),
    ("a.vrm", glb(extensions={"VRM": {"meta": [1]}}), 415, "makes no sense"),
    ("a.vrm", nested(1_000_000), 415, "makes no sense"),
    ("a.vrm", glb(buffers=[{"uri": "http://evil.example/a.bin"}]), 415, "elsewhere"),
    ("a.vrm", glb(accessors=[numbers(48)]), 415, "beyond its end"),
    ("a.vrm", glb(accessors=[{"count": 10**12, "componentType": 5126, "type": "MAT4"}]), 415, "more numbers"),
    ("a.vrm", glb(skins=[{"joints": [0] * 1_000_000}]), 415, "more than 20000 bones"),
    ("face.png", b"<!doctype html><script>alert(1)</script>", 415, "is no avatar"),
    ("face.png", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 415, "is no avatar"),
    ("a.vrm", b"<!doctype html><p>hello", 415, "is no avatar"),
    ("a.vrm", b"", 415, "is no avatar"),
    ("a.zip", BOMB, 415, "far more than it should"),
    ("a.zip", zipped(**{"../../evil.png": PNG}), 415, "out of the folder"),
    ("a.zip", zipped(**{"/evil.png": PNG}), 415, "out of the folder"),
    ("a.zip", zipped(**{"C:\\evil.png": PNG}), 415, "out of the folder"),
    ("a.zip", linked(), 415, "symbolic link"),
    ("a.zip", zipped(**{"idle.png": b"<svg onload=alert(1)>"}), 415, "is no picture"),
    ("a.zip", zipped(**{"notes.txt": b"hello"}), 415, "holds no avatar"),
    ("a.zip", zipped(**{"idle.png": b"<!doctype html><script>alert(1)</script>"}), 415, "is no picture"),
    ("a.zip", zipped(**{"idle.png": PNG})[:-30], 415, "damaged"),
    ("a.zip", zipped(zipfile.ZIP_BZIP2, **{"idle.png": PNG}), 415, "an ordinary zip"),
    ("..%2F..%2Fevil.vrm", glb(), 400, "points elsewhere"),
    ("..%5Cevil.vrm", glb(), 400, "points elsewhere"),
    ("default.vrm", glb(), 400, "another name"),
    ("con.vrm", glb(), 400, "no name"),
]


def everything(server: Server) -> dict[str, bytes]:
    """All files of the user's data, hidden ones and thumbnails with them."""
    home = server.library.folder.parent
    return {str(path.relative_to(home)): path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name, body, status, words", REFUSED)
def test_what_is_no_good_avatar_is_refused(server: Server, name: str, body: bytes, status: int, words: str) -> None:
    put(server, "a.vrm", glb())
    before = everything(server)
    answer = put(server, name, body)
    assert answer[0] == status and words in answer[1], answer
    assert answer[1].count("\n") == 1 and "Traceback" not in answer[1], "one sentence"
    assert everything(server) == before
    with RawViewer(server.port) as viewer:  # and the stage goes on
        viewer.enter()
        server.send(state(7))
        assert viewer.read_state()[0] == 7


def test_broken_files_are_refused_and_never_more_than_that(tmp_path: Path) -> None:
    """Whatever bytes come: an avatar, or a sentence why it is none."""
    path, sentences = tmp_path / "any", set()
    good = [glb(), zipped(**{"idle.png": PNG * 40, "talk.png": PNG}), zipped(**{"a/b.model3.json": b"{}" * 99})]
    for data in mutated(good, COUNT // 10):
        path.write_bytes(data)
        try:
            avatar_files.check(path)
        except ValueError as e:
            sentences.add(str(e).partition(":")[0])
    assert len(sentences) > 4, sentences


def test_a_broken_file_put_there_by_hand_is_listed_without_a_name(server: Server) -> None:
    server.library.folder.mkdir(parents=True)
    (server.library.folder / "Odd.vrm").write_bytes(glb(extensions={"VRM": 3}))
    assert next(a for a in server.library.listing() if a["name"] == "Odd")["title"] == ""


def test_a_length_of_ten_gigabytes_is_refused_before_it_comes(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        host = f"127.0.0.1:{server.port}"
        line.sendall(f"PUT /library/a.vrm HTTP/1.1\r\nHost: {host}\r\nContent-Length: 10000000000\r\n\r\n".encode())
        answer = line.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 413") and "larger than 512 MB" in answer
    assert kept(server) == []


def test_what_does_not_arrive_whole_is_not_kept(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        head = f"PUT /library/a.vrm HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 9000\r\n\r\n"
        line.sendall(head.encode() + glb())
    assert get(server.port)[0] in (200, 503)
    server.close()
    assert kept(server) == []


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}])
def test_other_pages_add_nothing(server: Server, headers: dict[str, str]) -> None:
    assert put(server, "a.vrm", glb(), **headers)[0] == 403
    assert kept(server) == []


def test_thumbnails_are_pictures(server: Server) -> None:
    put(server, "Momo.vrm", glb())

    def draw(name: str, body: bytes) -> int:
        return get(server.port, f"/thumbnails/{name}", method="PUT", body=body)[0]

    assert draw("Momo", b"<svg onload=alert(1)>") == 415
    assert draw("Nobody", PNG) == 404
    assert draw("Momo", PNG + bytes(600_000)) == 413
    assert get(server.port, "/thumbnails/Momo")[0] == 404
    assert draw("Momo", PNG) == 200
    status, headers, body = get(server.port, "/thumbnails/Momo")
    assert (status, headers["content-type"], body) == (200, "image/png", PNG)
    assert next(a for a in server.library.listing() if a["name"] == "Momo")["thumbnail"]
