"""The pages and avatars, asked for by real HTTP requests."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from server_clients import get

from vtuber.server import Server
from vtuber.server.pages import BUILT, inside
from vtuber.stages import VTuberError

INDEX = b"<!doctype html><script type=module crossorigin src=./assets/index-C0ffee.js></script>"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built client and avatars in `built`, the user's avatars in `mine`, and a file that is nobody's business."""
    files = {
        "built/web/index.html": INDEX,
        "built/web/studio.html": b"<!doctype html>studio",
        "built/web/favicon.svg": b"<svg/>",
        "built/web/.hidden": b"hidden",
        "built/web/assets/index-C0ffee.js": b"export {};",
        "built/web/assets/index-C0ffee.css": b"body {}",
        "built/web/assets/decoder-C0ffee.wasm": b"\0asm",
        "built/avatars/default.vrm": b"built in",
        "built/avatars/second.vrm": b"second",
        "mine/default.vrm": b"my own",
        "mine/\u6843\u306e \u9854.vrm": b"peach",
        "mine/hiyori.zip": b"zipped",
        "mine/second.zip": b"second, zipped",
        "mine/notes.txt": b"private",
        "grounds/my room.jpg": b"room",
        "grounds/notes.txt": b"private",
        "secret.vrm": b"secret",
        "secret.txt": b"secret",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    monkeypatch.setattr("vtuber.server.app.BUILT", tmp_path / "built")
    monkeypatch.setattr("vtuber.server.app.background_folder", lambda: tmp_path / "grounds")
    monkeypatch.setattr("vtuber.server.app.avatar_folders", lambda: [tmp_path / "mine", tmp_path / "built/avatars"])
    return tmp_path


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    server = Server(port=0)
    yield server.port
    server.close()


def test_index_is_always_asked_for_anew(port: int) -> None:
    for path in ("/", "/index.html", "/stage", "/stage?cam=face", "/?token=whatever"):
        status, headers, body = get(port, path)
        assert (status, body) == (200, INDEX)
        assert headers["content-type"] == "text/html; charset=utf-8"
        assert headers["cache-control"] == "no-cache"
    etag = get(port)[1]["etag"]
    assert get(port, "/", {"If-None-Match": etag})[0] == 304


@pytest.mark.parametrize(
    ("path", "kind", "cache"),
    [
        ("/assets/index-C0ffee.js", "text/javascript; charset=utf-8", "immutable"),
        ("/assets/index-C0ffee.css", "text/css; charset=utf-8", "immutable"),
        ("/assets/decoder-C0ffee.wasm", "application/wasm", "immutable"),
        ("/studio.html", "text/html; charset=utf-8", "no-cache"),
        ("/favicon.svg", "image/svg+xml", "no-cache"),
        ("/avatars/default.vrm", "model/gltf-binary", "no-cache"),
        ("/avatars/hiyori.zip", "application/zip", "no-cache"),
    ],
)
def test_types_and_caching(port: int, path: str, kind: str, cache: str) -> None:
    status, headers, _ = get(port, path)
    assert status == 200
    assert headers["content-type"] == kind
    assert cache in headers["cache-control"]


def test_headers_keep_others_out(port: int) -> None:
    for path in ("/", "/avatars/default.vrm", "/nothing", "/socket.io/"):
        headers = get(port, path)[1]
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'self'"
        assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
        assert f"ws://127.0.0.1:{port}" in policy["connect-src"].split()
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["server"] == "vtuber"
        assert not any(name.startswith("access-control") for name in headers)


def test_own_avatars_go_before_the_built_in_ones(port: int) -> None:
    assert get(port, "/avatars/default.vrm")[2] == b"my own"
    assert get(port, "/avatars/second.vrm")[2] == b"second"
    assert get(port, "/avatars/%E6%A1%83%E3%81%AE%20%E9%A1%94.vrm")[2] == b"peach"
    assert get(port, "/avatars/second.zip")[2] == b"second, zipped"
    status, _, body = get(port, "/avatars/third.vrm")
    assert status == 404 and b"no such avatar" in body


def test_library_names_all_that_can_be_shown(port: int) -> None:
    status, headers, body = get(port, "/library.json")
    assert (status, headers["cache-control"]) == (200, "no-store")
    avatars = ["default.vrm", "hiyori.zip", "second.zip", "%E6%A1%83%E3%81%AE%20%E9%A1%94.vrm"]
    assert json.loads(body) == {
        "avatars": [f"/avatars/{name}" for name in avatars],
        "backgrounds": ["/backgrounds/my%20room.jpg"],
    }
    for address in (*json.loads(body)["avatars"], *json.loads(body)["backgrounds"]):
        assert get(port, address)[0] == 200
    assert get(port, "/backgrounds/my%20room.jpg")[1]["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("default", "default.vrm"),
        ("hiyori?token=a-b", "hiyori.zip?token=a-b"),
        ("second", "second.zip"),
        ("%E6%A1%83%E3%81%AE%20%E9%A1%94", "%E6%A1%83%E3%81%AE%20%E9%A1%94.vrm"),
    ],
)
def test_a_name_leads_to_its_file(port: int, name: str, address: str) -> None:
    status, headers, _ = get(port, f"/avatars/{name}")
    assert (status, headers["location"]) == (302, f"/avatars/{address}")


@pytest.mark.parametrize(
    "path",
    [
        "/avatars/../secret.vrm",
        "/avatars/..%2fsecret.vrm",
        "/avatars/%2e%2e%2fsecret.vrm",
        "/avatars/..%5csecret.vrm",
        "/avatars/%2e%2e/secret.vrm",
        "/avatars/....//secret.vrm",
        "/avatars//secret.vrm",
        "/avatars/notes.txt",
        "/avatars/notes.txt%00.vrm",
        "/avatars/default.vrm::$DATA",
        "/avatars/C:default.vrm",
        "/avatars/.vrm",
        "/avatars/",
        "/avatars",
        f"/avatars/{'a' * 5000}.vrm",
        "/avatars/*.vrm",
        "/backgrounds/notes.txt",
        "/backgrounds/..%2fsecret.txt",
        "/../secret.txt",
        "/%2e%2e/%2e%2e/secret.txt",
        "/..%2f..%2fsecret.txt",
        "/assets/..%5c..%5c..%5csecret.txt",
        "/assets/../../../secret.txt",
        "/.hidden",
        "/assets",
        "/assets/",
        "/assets//index-C0ffee.js",
        "//index.html",
        "/index.html/",
        "/index.html%00",
    ],
)
def test_nothing_else_is_served(port: int, path: str) -> None:
    status, _, body = get(port, path)
    assert status == 404
    assert body.startswith(b"There is no such")


def test_links_out_of_the_folder_are_refused(port: int, folder: Path) -> None:
    try:
        (folder / "mine/link.vrm").symlink_to(folder / "secret.vrm")
        (folder / "mine/inner.vrm").symlink_to(folder / "mine/default.vrm")
        (folder / "built/web/up").symlink_to(folder, target_is_directory=True)
    except OSError:
        pytest.skip("this system lets only some users make links")
    assert get(port, "/avatars/link.vrm")[0] == 404
    assert get(port, "/up/secret.txt")[0] == 404
    assert get(port, "/avatars/inner.vrm")[2] == b"my own"


def test_names_are_plain(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    assert inside(tmp_path, "a") == (tmp_path / "a").resolve()
    for names in [(), ("",), (".",), ("..",), ("a", ""), ("a\\b",), ("\n",), ("b",), (str(tmp_path / "a"),)]:
        assert inside(tmp_path, *names) is None


def test_missing_client_says_how_to_build_it(folder: Path) -> None:
    (folder / "built/web/index.html").unlink()
    server = Server(port=0)
    try:
        status, headers, body = get(server.port)
        assert status == 503 and headers["content-type"].startswith("text/html")
        assert b"pip install ." in body
        assert get(server.port, "/avatars/default.vrm")[0] == 200
    finally:
        server.close()


def test_unknown_avatar_is_named_with_those_that_are_there(folder: Path) -> None:
    with pytest.raises(
        VTuberError, match=r"no avatar 'tpyo': put tpyo.vrm into .*mine \(there: default, hiyori, second, "
    ) as e:
        Server(port=0, avatar="tpyo")
    assert "\n" not in str(e.value)
    for name in ("../secret", "second.vrm", ""):
        with pytest.raises(VTuberError):
            Server(port=0, avatar=name)


def test_large_bodies_and_other_methods_are_refused(port: int) -> None:
    assert get(port, "/", method="POST", body=b"x")[0] == 405
    assert get(port, "/avatars/default.vrm", method="DELETE")[0] == 405
    assert get(port, "/avatars/default.vrm", method="PUT", body=b"x")[0] == 405


def test_the_studio_has_an_address_of_its_own() -> None:
    if not (BUILT / "web" / "studio.html").is_file():
        pytest.skip("needs the built web client: python hatch_build.py")
    server = Server(port=0)
    try:
        status, headers, body = get(server.port, "/studio")
    finally:
        server.close()
    assert status == 200 and headers["content-type"].startswith("text/html") and b'id="studio"' in body
