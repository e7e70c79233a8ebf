"""What is chosen, as the command line and vtuber.toml say; a change is written first, and taken back on failure."""

from __future__ import annotations

import argparse
import copy
from collections.abc import Iterator
from contextlib import contextmanager

from vtuber import config
from vtuber.chosen import Chosen
from vtuber.settings_file import Change, SettingsFile


class Kept:
    """The choices of one run. The file is the truth.

    Raises:
        VTuberError: something that is chosen means nothing.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = copy.copy(options)
        self.chosen = Chosen(self._options)
        self.file = SettingsFile(options.config or config.default_path())

    @contextmanager
    def changed(self, *changes: Change, without: str = "", change: tuple[str, str] = ("", "")) -> Iterator[None]:
        """Write the changes and choose anew; when what follows fails, put all of it back.

        without: the option of the command line that no longer counts.
        change: the same for a --set, (section, key).
        """
        text, options, chosen = self.file.read(), self._options, self.chosen
        try:
            self.file.change(changes)
            self._options = _lessened(options, without, change, chosen)
            self._options.config = self.file.path
            self.chosen = Chosen(self._options)
            if not chosen.config.choices.get("source") and chosen.fallen_back and without != "source":
                self.chosen.fall_back(chosen.fallen_back)
            yield
        except BaseException:
            self.file.restore(text)
            self._options, self.chosen = options, chosen
            raise


def _lessened(options: argparse.Namespace, without: str, change: tuple[str, str], chosen: Chosen) -> argparse.Namespace:
    """The command line without what the studio has changed since."""
    less = copy.copy(options)
    if without:
        setattr(less, without, None)
    section, key = change
    kind = section.partition(".")[0]
    own = {"tracker": chosen.tracker.split("+"), "filter": [chosen.filter]}.get(kind, [section.rpartition(".")[2]])
    targets = {f"{part}.{key}" for part in (section, *own)}
    less.changes = [c for c in options.changes if c.partition("=")[0].strip() not in targets]
    return less
