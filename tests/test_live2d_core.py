"""Live2D's Core: looked over, kept, given to the page and taken from it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from live2d import core
from server_clients import get

from vtuber import cli, live2d_core
from vtuber.doctor import _live2d
from vtuber.server import Server
from vtuber.server.live2d import ADDRESS
from vtuber.stages import VTuberError

STAND_IN = b"var Live2DCubismCore; /* csmGetLatestMocVersion csmUpdateModel */ A.MocVersion_30=1,A.MocVersion_42=4"
SDK = "CubismSdkForWeb-5-r.4/Core/live2dcubismcore.min.js"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: tmp_path / "data")
    return tmp_path / "data" / "live2d"


@pytest.fixture
def port() -> Iterator[int]:
    server = Server(port=0)
    yield server.port
    server.close()


def test_the_real_core_is_known_and_what_it_reads() -> None:
    assert live2d_core.check(core()) == "Cubism 5.0"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><title>Live2DCubismCore csmGetLatestMocVersion csmUpdateModel</title>",
        b"console.log('hello')",
        b"\xff\xfe" + STAND_IN,
        STAND_IN + b"\0",
        STAND_IN.replace(b"csmUpdateModel", b""),
        STAND_IN + b" " * live2d_core.LARGEST,
    ],
    ids=["empty", "page", "script", "binary", "null", "half", "large"],
)
def test_what_is_no_core_is_refused(content: bytes, folder: Path) -> None:
    with pytest.raises(VTuberError, match="is not Live2D's Core"):
        live2d_core.keep(content)
    assert not folder.exists()


def test_from_the_command_line(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [finding] = _live2d()
    assert finding.ok and "no Core yet" in finding.text and live2d_core.SDK_PAGE in finding.text
    file = tmp_path / "core.js"
    file.write_bytes(STAND_IN)
    assert cli.main(["live2d-core", str(file)]) == 0
    assert f"kept in {folder}; it reads models up to Cubism 4.2" in capsys.readouterr().out
    assert live2d_core.path() == folder / live2d_core.NAME
    [finding] = _live2d()
    assert finding.ok and f"in {folder}" in finding.text and "Cubism 4.2" in finding.text


def test_out_of_the_sdk(tmp_path: Path, folder: Path) -> None:
    sdk = tmp_path / "sdk.zip"
    with zipfile.ZipFile(sdk, "w") as archive:
        archive.writestr("CubismSdkForWeb-5-r.4/Core/notlive2dcubismcore.min.js", b"other")
        archive.writestr(SDK, STAND_IN)
    assert cli.main(["live2d-core", str(sdk)]) == 0
    assert (folder / live2d_core.NAME).read_bytes() == STAND_IN


@pytest.mark.parametrize("what", ["missing", "folder", "other zip", "broken zip", "large entry"])
def test_files_that_hold_none(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file.zip"
    if what == "folder":
        file.mkdir()
    elif what != "missing":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            name = "readme.txt" if what == "other zip" else SDK
            archive.writestr(name, STAND_IN + b" " * (live2d_core.LARGEST if what == "large entry" else 1))
    if what == "broken zip":
        content = bytearray(file.read_bytes())
        content[60:90] = b"\xff" * 30
        file.write_bytes(content)
    assert cli.main(["live2d-core", str(file)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("vtuber: ") and said.count("\n") == 1 and str(file) in said
    assert live2d_core.path() is None


def test_the_server_gives_it(port: int) -> None:
    assert get(port, ADDRESS)[0] == 404
    live2d_core.keep(STAND_IN)
    status, headers, body = get(port, ADDRESS)
    assert (status, body, headers["content-type"]) == (200, STAND_IN, "text/javascript; charset=utf-8")


def test_the_server_takes_it(port: int, folder: Path) -> None:
    own = {"Origin": f"http://127.0.0.1:{port}", "Sec-Fetch-Site": "same-origin"}
    assert get(port, ADDRESS, own, method="PUT", body=STAND_IN)[0] == 204
    assert get(port, ADDRESS)[2] == STAND_IN
    assert [file.name for file in folder.iterdir()] == [live2d_core.NAME]


def test_the_server_takes_nothing_else(port: int) -> None:
    status, _, body = get(port, ADDRESS, method="PUT", body=b"alert(1)")
    assert status == 400 and b"is not Live2D's Core" in body
    assert get(port, ADDRESS, method="PUT", body=STAND_IN + b" " * live2d_core.LARGEST)[0] == 413
    foreign = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert get(port, ADDRESS, foreign, method="PUT", body=STAND_IN)[0] == 403
    assert get(port, ADDRESS, method="POST", body=STAND_IN)[0] == 405
    assert live2d_core.path() is None


def test_the_server_takes_it_from_its_own_computer_only(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(port=0, lan=True)
    token = server.url.partition("token=")[2]
    monkeypatch.setattr("vtuber.server.live2d.is_loopback", lambda address: False)
    status, _, body = get(server.port, f"{ADDRESS}?token={token}", method="PUT", body=STAND_IN)
    server.close()
    assert status == 403 and b"on the computer that vtuber runs on" in body
    assert live2d_core.path() is None


def test_the_core_is_in_nothing_that_we_ship() -> None:
    """Nor is the package imported that the tests take it from."""
    root = Path(__file__).parents[1]
    built = [path for path in (root / "vtuber" / "built" / "web").rglob("*") if path.suffix in (".js", ".html")]
    sources = [*(root / "web_client" / "src").rglob("*.ts"), root / "web_client" / "vite.config.ts"]
    assert sources
    for path in [*built, *sources, *(root / "vtuber").glob("*.py")]:
        text = path.read_text(encoding="utf-8")
        assert "csmReviveMocInPlace" not in text and "oh-my-live2d" not in text, path
