"""Find a part by its file name, and its settings by its signature. There is no registry."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from vtuber.stages import VTuberError

Kind = Literal["source", "tracker", "filter", "output"]
KINDS: tuple[Kind, ...] = ("source", "tracker", "filter", "output")
DEFAULTS: dict[Kind, str] = {"tracker": "face_landmarker", "filter": "steady"}
"""The parts that are taken when none is named; the source is the first camera."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One keyword-only parameter of a constructor."""

    name: str
    type: type
    default: Any
    text: str = ""
    """What the docstring says of it."""
    choices: tuple[str, ...] = ()
    """The only texts that it takes, where its type names them."""

    @property
    def bounds(self) -> tuple[float, float] | None:
        """A number's usual range, where the docstring names one: `0 to 2`."""
        found = re.search(r"\b(\d+(?:\.\d+)?) to (\d+(?:\.\d+)?)\b", self.text)
        return (float(found[1]), float(found[2])) if found and self.type in (int, float) else None


def names(kind: Kind) -> list[str]:
    """The parts of a kind: the files of its folder."""
    package = importlib.import_module(f"vtuber.{kind}s")
    return sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_"))


def find(kind: Kind, name: str) -> type[Any]:
    """The part's class, imported only now.

    Raises:
        VTuberError: there is no such part, or a package that it needs is not installed.
    """
    if name not in names(kind):
        raise VTuberError(f"there is no {kind} named {name!r}; there are: {', '.join(names(kind))}")
    try:
        module = importlib.import_module(f"vtuber.{kind}s.{name}")
    except ModuleNotFoundError as e:
        raise VTuberError(
            f"{kind} {name} needs the package {e.name}: pip install 'vtuber-driver[{_extra(name)}]'"
        ) from e
    part: type[Any] = getattr(module, kind.capitalize())
    return part


def settings(part: type[Any]) -> list[Setting]:
    """The settings of a part: the keyword-only parameters of its constructor."""
    hints, found = get_type_hints(part.__init__), []
    doc = inspect.getdoc(part) or ""
    for p in inspect.signature(part.__init__).parameters.values():
        if p.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        hint = hints.get(p.name, str)
        choices = get_args(hint) if get_origin(hint) is Literal else ()
        found.append(Setting(p.name, str if choices else hint, p.default, _said_of(p.name, doc), choices))
    return found


def _said_of(name: str, doc: str) -> str:
    """The entry `name: ...` of a docstring with the lines that go on from it."""
    entry = re.search(rf"^( *){name}: (.*(?:\n\1 +.*)*)", doc, re.MULTILINE)
    return " ".join(entry[2].split()) if entry else ""


def summary(part: type[Any]) -> str:
    """The first line of a part's file."""
    return (sys.modules[part.__module__].__doc__ or "").strip().split("\n")[0]


def checked(part: type[Any], title: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as the constructor wants them; text from the command line is converted.

    Raises:
        VTuberError: an unknown setting, or a value of the wrong type.
    """
    known = {s.name: s for s in settings(part)}
    result = {}
    for name, value in given.items():
        if name not in known:
            listed = ", ".join(known) or "none"
            raise VTuberError(f"{title} has no setting {name!r}; it has: {listed}")
        result[name] = _converted(known[name], value, title)
    return result


def fitting(kind: Kind, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A settings file serves every part of a kind: what only its siblings know is left out for this one."""
    own = {s.name for s in settings(find(kind, name))}
    strange = given.keys() - own
    known: set[str] = set()
    for sibling in names(kind) if strange else []:
        try:
            known.update(s.name for s in settings(find(kind, sibling)))
        except VTuberError:  # a part whose package is not installed
            continue
    return {key: value for key, value in given.items() if key in own or key not in known}


def own(part: type[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the given settings that the part has."""
    known = {s.name for s in settings(part)}
    return {key: value for key, value in given.items() if key in known}


def values(part: type[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting of a part: as given, else as usual. Raises VTuberError as `checked` does."""
    return {s.name: s.default for s in settings(part)} | checked(part, "", given)


def make(kind: Kind, name: str, given: Mapping[str, Any], *arguments: Any) -> Any:
    """Construct a part. Raises VTuberError."""
    part = find(kind, name)
    try:
        return part(*arguments, **checked(part, f"{kind} {name}", given))
    except ValueError as e:
        raise VTuberError(f"{kind} {name}: {e}") from e


def _converted(setting: Setting, value: Any, title: str) -> Any:
    wanted = setting.type
    if setting.choices and value not in setting.choices:
        raise VTuberError(f"{title}: {setting.name} must be one of {', '.join(setting.choices)}, not {value!r}")
    try:
        if wanted is bool and isinstance(value, str):
            return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[value.lower()]
        if isinstance(value, str) and wanted in (int, float):
            return wanted(value)
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if wanted in (bool, int, float, str) and type(value) is not wanted:
            raise ValueError
    except (KeyError, ValueError):
        kind = {bool: "true or false", int: "a whole number", float: "a number"}.get(wanted, "text")
        raise VTuberError(f"{title}: {setting.name} must be {kind}, not {value!r}") from None
    return value


def _extra(name: str) -> str:
    return name.split("_")[0]
