"""vtuber.toml and --set: which parts, with which settings.

[run]
sources = ["camera:1", "body=vmc"]        # as on the command line; or just: source = "camera:1"
outputs = ["jsonl:states.jsonl"]

[source]
fps = 60

[source.vmc]               # of one source alone, where there are several
port = 39540

[filter]
smoothing = 0.5
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import platformdirs

from vtuber.stages import VTuberError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SECTIONS = ("source", "tracker", "filter", "pipeline", "server", "output")
CHOICES = {"source": str, "sources": list, "tracker": str, "filter": str, "profile": str, "outputs": list}

Settings = dict[str, dict[str, Any]]


class Config:
    """The choice of parts, and the settings of each section.

    Those of an output stand under `output.NAME`; those of one source among several may stand under `source.NAME`.
    """

    def __init__(self, choices: Mapping[str, Any], settings: Settings) -> None:
        self.choices = dict(choices)
        self.settings = settings

    def of(self, section: str) -> dict[str, Any]:
        return self.settings.get(section, {})


def default_path() -> Path:
    """Where vtuber.toml is looked for when none is named."""
    return platformdirs.user_config_path("vtuber") / "vtuber.toml"


def load(path: Path | None) -> Config:
    """Read a file; without one, the default file if it is there.

    Raises:
        VTuberError: not there, not TOML, or with an entry that means nothing.
    """
    if path is None:
        path = default_path()
        if not path.is_file():
            return Config({}, {})
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise VTuberError(f"settings file {path} cannot be read: {e.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise VTuberError(f"settings file {path} is not TOML: {e}") from None
    return _checked(data, path)


def _checked(data: dict[str, Any], path: Path) -> Config:
    choices = data.pop("run", {})
    if not isinstance(choices, dict):
        raise VTuberError(f"{path}: run = {choices!r} means nothing here; write a table: [run]")
    settings: Settings = {}
    for section, table in data.items():
        for name, entry in _tables(section, table).items():
            if section not in SECTIONS or not isinstance(entry, dict):
                raise VTuberError(f"{path}: [{name}] means nothing here; there are: run, {', '.join(SECTIONS)}")
            settings[name] = dict(entry)
    for name, value in choices.items():
        known = name in CHOICES and isinstance(value, CHOICES[name])
        if not known or (isinstance(value, list) and not all(isinstance(v, str) for v in value)):
            raise VTuberError(f"{path}: [run] {name} = {value!r} means nothing here; there are: {', '.join(CHOICES)}")
    return Config(choices, settings)


def _tables(section: str, table: Any) -> dict[str, Any]:
    """The tables of a section by their full names: [output] has only those of its parts, [source] may have some."""
    if not isinstance(table, dict) or section not in ("output", "source"):
        return {section: table}
    own = {key: value for key, value in table.items() if section == "source" and not isinstance(value, dict)}
    inner = {f"{section}.{name}": entry for name, entry in table.items() if name not in own}
    return inner | ({section: own} if own else {})


def override(config: Config, changes: Sequence[str], names: Mapping[str, str]) -> None:
    """Apply `--set part.key=value`. A part is named by its kind or by its own name.

    Args:
        names: part name -> section, for the parts in use.

    Raises:
        VTuberError: not of that form, or a part that is not in use.
    """
    for change in changes:
        target, equals, value = change.partition("=")
        part, dot, key = target.strip().rpartition(".")
        if not (equals and dot and part and key):
            raise VTuberError(f"--set {change}: write it as part.setting=value, such as source.fps=60")
        section = part if part in SECTIONS and part != "output" else names.get(part, "")
        if part.startswith(("output.", "source.")):
            section = part if part in names.values() else ""
        if not section:
            known = ", ".join(dict.fromkeys([*SECTIONS[:-1], *names]))
            raise VTuberError(f"--set {change}: there is no part {part!r} in use; there are: {known}")
        config.settings.setdefault(section, {})[key] = value.strip()
