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

[shapes]                   # the performer's taste, beside what was measured
jawOpen = {gain = 1.3, offset = 0.05}

[[expression]]             # see moods.Mood
name = "Joy"
key = "1"
preset = "happy"

[avatar.Mira]              # while this avatar is on stage
body = 0.5
shapes = {jawOpen = {gain = 1.1}}
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import platformdirs

from vtuber import hotkeys
from vtuber.moods import MOST, USUAL, Mood
from vtuber.stages import VTuberError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SECTIONS = ("source", "tracker", "filter", "pipeline", "tuning", "server", "output")
CHOICES = {
    "source": str,
    "sources": list,
    "tracker": str,
    "filter": str,
    "profile": str,
    "outputs": list,
    "outputs_off": list,
}
"""Of [run]. `outputs_off` are the outputs that the studio remembers, with their addresses, while they are off."""

Settings = dict[str, dict[str, Any]]


class Config:
    """The choice of parts, and the settings of each section.

    Those of an output stand under `output.NAME`; those of one source among several may stand under `source.NAME`.
    """

    def __init__(self, choices: Mapping[str, Any], settings: Settings, path: Path | None = None) -> None:
        self.choices = dict(choices)
        self.settings = settings
        self.path = path
        """The file that it was read from."""
        self.text = ""
        """The file as it is written."""
        self.shapes: dict[str, Shape] = {}
        self.moods: tuple[Mood, ...] = USUAL
        self.avatars: dict[str, Own] = {}
        self.studio = Studio()

    def of(self, section: str) -> dict[str, Any]:
        return self.settings.get(section, {})

    def placed(self, section: str, problem: str) -> str:
        """What is wrong with a setting of the section, with the line of the file that it stands in, if it does."""
        for key in re.findall(r"\w+", problem):
            line = line_of(self.text, section, key)
            if line:
                return f"{self.path}, line {line}: {problem}"
        return problem


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is made of one shape's weight."""

    gain: float = 1.0
    offset: float = 0.0


class Own(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[avatar.NAME]: what is another for one avatar while it is on stage."""

    shapes: dict[str, Shape] = {}
    head: float | None = None
    body: float | None = None
    """As in [tuning]."""
    mirror: bool | None = None
    """As in [pipeline]."""
    camera: Literal["", "bust", "face", "full"] = ""
    view: str = ""
    """How the viewers frame it, as in their address: cam and view."""


OWN = {("tuning", "head"): "head", ("tuning", "body"): "body", ("pipeline", "mirror"): "mirror"}
"""Setting -> its name in [avatar.NAME]."""


class Studio(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the studio remembers of its user: [studio]."""

    visited: bool = False
    """The first visit is over."""
    hotkeys: str = ""
    """The modifiers, such as "ctrl+alt", with which 1 to 9, A and C work while another window has the focus."""

    def __post_init__(self) -> None:
        """Raises ValueError on what is no modifier."""
        hotkeys.modifiers(self.hotkeys)


def line_of(text: str, section: str, key: str = "") -> int:
    """The line, counted from 1, of a key in a table `[section]` of a file, or of the table; 0 when there is none."""
    table, found = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        opened = re.match(r"\s*\[\[?\s*([^\]#]+?)\s*\]", line)
        if opened:
            table = opened[1].replace('"', "").replace("'", "")
            if table == section and not key:
                return number
        named = re.match(r"\s*([\w.\"'-]+)\s*=", line)
        if named and key:
            full = f"{table}.{named[1]}" if table else named[1]
            if full.replace('"', "").replace("'", "") == f"{section}.{key}":
                return number
            if not found and full == section:  # the whole table in one line
                found = number
    return found


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
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except OSError as e:
        raise VTuberError(f"settings file {path} cannot be read: {e.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise VTuberError(f"settings file {path} is not TOML: {e}") from None
    return _checked(data, path, text)


def _checked(data: dict[str, Any], path: Path, text: str) -> Config:
    def wrong(problem: str, section: str, key: str = "") -> VTuberError:
        line = line_of(text, section, key) or line_of(text, section)
        return VTuberError(f"{path}{f', line {line}' if line else ''}: {problem}")

    choices = data.pop("run", {})
    if not isinstance(choices, dict):
        raise VTuberError(f"{path}: run = {choices!r} means nothing here; write a table: [run]")
    own = {name: data.pop(name) for name in ("shapes", "expression", "studio", "avatar") if name in data}
    settings: Settings = {}
    for section, table in data.items():
        for name, entry in _tables(section, table).items():
            if section not in SECTIONS or not isinstance(entry, dict):
                known = ", ".join(("run", *SECTIONS, "shapes", "expression", "studio", "avatar"))
                raise wrong(f"[{name}] means nothing here; there are: {known}", name)
            settings[name] = dict(entry)
    for name, value in choices.items():
        known_type = name in CHOICES and isinstance(value, CHOICES[name])
        if not known_type or (isinstance(value, list) and not all(isinstance(v, str) for v in value)):
            listed = ", ".join(CHOICES)
            raise wrong(f"[run] {name} = {value!r} means nothing here; there are: {listed}", "run", name)
    made = Config(choices, settings, path)
    made.text = text
    for section, told in own.items():
        try:
            if section == "shapes":
                made.shapes = msgspec.convert(told, dict[str, Shape])
            elif section == "expression":
                made.moods = _moods(told)
            elif section == "avatar":
                made.avatars = msgspec.convert(told, dict[str, Own])
            else:
                made.studio = msgspec.convert(told, Studio)
        except ValueError as e:  # msgspec's own names the place: $.gain
            key = next((k for k in told if isinstance(told, dict) and _unfit(section, told[k])), "")
            if section == "avatar" and key:
                named = re.search(r"unknown field `(\w+)`|\$\[\.\.\.\]\.(\w+)", str(e))
                entry = (named[1] or named[2]) if named else ""
                raise wrong(f"[avatar.{key}] {e}", f"avatar.{key}", entry) from None
            raise wrong(f"[{section}] {key}: {e}", section, key) from None
    return made


def _moods(told: Any) -> tuple[Mood, ...]:
    """Raises ValueError."""
    moods: tuple[Mood, ...] = msgspec.convert(told, tuple[Mood, ...])
    names, keys = [mood.name for mood in moods], [mood.key for mood in moods if mood.key]
    if len(moods) > MOST:
        raise ValueError(f"there are {len(moods)} expressions, more than {MOST}")
    if len(set(names)) < len(names) or len(set(keys)) < len(keys):
        raise ValueError("two expressions have the same name or key")
    return moods


def _unfit(section: str, entry: Any) -> bool:
    try:
        msgspec.convert(entry, {"shapes": Shape, "avatar": Own}.get(section, bool))
    except ValueError:
        return True
    return False


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
