"""A profile as text: where a value stands in it, old versions made new, and numbers laid out to be read."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

VERSION = 2
"""Of what is written."""

_PLACE = re.compile(r" - at `(\$.*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_SPACE = re.compile(r"[ \t\r\n]*")
_ROW = re.compile(r"\[\n\s*([\d.eE+-]+(?:,\n\s*[\d.eE+-]+)*)\n\s*\]")
"""A list of numbers, one a line; no string of JSON holds a line's end."""
_BETWEEN = re.compile(r",\n\s*")

Content = dict[str, Any]


def parse(data: bytes) -> Any:
    """The content of a file, of the newest version.

    Raises:
        ValueError: it is not JSON, or of a version that never was; the text begins with the line.
    """
    try:
        content = json.loads(data.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError as e:
        line = 1 + data[: e.start].count(b"\n")
        raise ValueError(f", line {line}: it is not JSON: no text in UTF-8") from None
    except json.JSONDecodeError as e:
        raise ValueError(f", line {e.lineno}: it is not JSON: {e.msg} in column {e.colno}") from None
    except RecursionError:
        raise ValueError(": it is not JSON: nested too deeply") from None
    version = content.get("version", VERSION) if isinstance(content, dict) else VERSION
    while isinstance(version, int) and not isinstance(version, bool) and version < VERSION:
        if version not in _NEXT:
            raise ValueError(located(f"there never was a version {version} - at `$.version`", data))
        content = _NEXT[version](content)
        version += 1
        content["version"] = version
    return content


def _no_number(text: str) -> float:
    raise ValueError(f": it is not JSON: {text} is no number")


def _from_1(old: Content) -> Content:
    """Version 1 had one centre of the gaze for both eyes."""
    new = {key: value for key, value in old.items() if key not in ("gaze_centre", "gaze_gain")}
    centre, gain = old.get("gaze_centre", [0.0, 0.0]), old.get("gaze_gain", [1.0, 1.0])
    if isinstance(centre, list) and (centre != [0.0, 0.0] or gain != [1.0, 1.0]):
        new["eyes"] = {"centre": [*centre, *centre], "gain": gain}
    return new


_NEXT: dict[int, Callable[[Content], Content]] = {1: _from_1}
"""Version -> what makes the next one of it."""


def narrowed(complaint: str, content: Any, check: Callable[[Any], object]) -> str:
    """The complaint with names in place of each `[...]`, as which msgspec speaks of any member of a dictionary.

    Args:
        check: raises ValueError when content of the same shape, with fewer members, is as broken.
    """
    while "[...]" in complaint and (place := _PLACE.search(complaint)):
        above, _, below = place[1].partition("[...]")
        for member in list(_at(content, above)):
            less = copy.deepcopy(content)
            within = _at(less, above)
            for other in [name for name in within if name != member]:
                del within[other]
            try:
                check(less)
            except ValueError:
                break
        complaint = complaint.replace(place[1], f"{above}.{member}{below}")
    return complaint


def _at(content: Any, place: str) -> Any:
    for name, index in _STEP.findall(place):
        content = content[name or int(index)]
    return content


def located(complaint: str, data: bytes) -> str:
    """msgspec's complaint, which ends in the place as `$.name[0]`, with the line first: ", line 7, ranges: why"."""
    place = _PLACE.search(complaint)
    why = _PLACE.sub("", complaint)
    if place is None:
        return f", line 1: {why}"
    steps: list[str | int] = [name or int(index) for name, index in _STEP.findall(place[1])]
    spoken = place[1].removeprefix("$").removeprefix(".")
    line = line_of(data.decode("utf-8"), steps)
    where = f", {spoken}" if spoken else ""
    return f", line {line}{where}: {why}"


def line_of(text: str, steps: list[str | int]) -> int:
    """The line, counted from 1, of a value in JSON text; of what it lies in, where the value itself is not there."""
    decoder, at = json.JSONDecoder(), _skip(text, 0)
    for step in steps:
        found = _within(text, at, step, decoder)
        if found is None:
            break
        at = found
    return 1 + text.count("\n", 0, at)


def _within(text: str, at: int, step: str | int, decoder: json.JSONDecoder) -> int | None:
    """Where a member of the object or list that begins at `at` begins: an object's member with its name."""
    closing, index = {"{": "}", "[": "]"}.get(text[at], ""), 0
    at = _skip(text, at + 1)
    while closing and text[at] != closing:
        start, key = at, index
        named: str | int = key
        if closing == "}":
            named, at = decoder.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        if named == step:
            return at if closing == "]" or text[at] in "{[" else start
        _, at = decoder.raw_decode(text, at)
        at = _skip(text, at)
        at, index = _skip(text, at + (text[at] == ",")), index + 1
    return None


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def written(content: Any) -> bytes:
    """JSON of two spaces a level, with each row of numbers in one line."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    rows = _ROW.sub(lambda row: "[" + _BETWEEN.sub(", ", row[1]) + "]", text)
    return (rows + "\n").encode()
