"""Writes into vtuber.toml what is changed while the program runs; all else in it stays as its owner wrote it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Null, Table, Whitespace

from vtuber.stages import VTuberError

Change = tuple[tuple[str, ...], Any]
"""Where, such as ("filter", "smoothing"), and the new value; None takes the entry out."""


class SettingsFile:
    """One file, read anew for every change: whoever edits it by hand meanwhile loses nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> str | None:
        """The text; None where there is no file.

        Raises:
            VTuberError: it cannot be read.
        """
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as e:
            raise VTuberError(f"settings file {self.path} cannot be read: {e}") from None

    def change(self, changes: Sequence[Change]) -> None:
        """Write the changes; a table is made where it is missing, and goes when its last entry is taken out.

        Raises:
            VTuberError: the file is not TOML, or cannot be written.
        """
        try:
            document = tomlkit.parse(self.read() or "")
            for place, value in changes:
                _put(document, place, value)
            text = tomlkit.dumps(document)
        except TOMLKitError as e:
            raise VTuberError(f"settings file {self.path} is not TOML: {e}") from None
        self.restore(text)

    def restore(self, text: str | None) -> None:
        """Write the whole text, or none at all, at once: nobody ever reads half a file.

        Raises:
            VTuberError: it cannot be written.
        """
        part = self.path.with_name(f"{self.path.name}.part")
        try:
            if text is None:
                self.path.unlink(missing_ok=True)
                return
            self.path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(text, encoding="utf-8", newline="")
            os.replace(part, self.path)
        except OSError as e:
            raise VTuberError(f"settings file {self.path} cannot be written: {e.strerror}") from None


def _put(document: Any, place: tuple[str, ...], value: Any) -> None:
    tables = [document]
    for name in place[:-1]:
        if name not in tables[-1]:
            if value is None:
                return
            # A table that holds but tables needs no heading of its own.
            tables[-1][name] = tomlkit.table(is_super_table=len(tables) < len(place) - 1)
        tables.append(tables[-1][name])
    if value is not None:
        tables[-1][place[-1]] = _item(value)
        return
    tables[-1].pop(place[-1], None)
    for name, outer, inner in zip(reversed(place[:-1]), reversed(tables[:-1]), reversed(tables[1:]), strict=True):
        if isinstance(inner, Table) and all(isinstance(item, Null | Whitespace) for _, item in inner.value.body):
            outer.pop(name)


def _item(value: Any) -> Any:
    """Dictionaries within one line; lists of them as tables of their own."""
    if isinstance(value, dict):
        inline = tomlkit.inline_table()
        inline.update(value)
        return inline
    if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
        tables = tomlkit.aot()
        for entry in value:
            table = tomlkit.table()
            for key, inner in entry.items():
                table[key] = _item(inner)
            tables.append(table)
        return tables
    return value
