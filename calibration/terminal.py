"""The guided calibration in a terminal: one prompt a step, one line that moves, and Enter to pass over a step."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from calibration.judge import bar
from calibration.steps import STEPS, Step

WIDTH = 78
CLEAR = "\r" + " " * WIDTH + "\r"


@dataclass
class Terminal:
    """Shows a calibration by writing text.

    Args:
        write: takes text as it is, without a line's end of its own.
        moving: whether a line may be written over, as a terminal does and a log does not.
    """

    write: Callable[[str], None]
    moving: bool = True
    _keys: Keys | None = field(default=None, repr=False)
    _quality: float = 0.0

    def greet(self) -> None:
        """What is to come, live."""
        seconds = sum(step.seconds for step in STEPS)
        self._keys = Keys() if sys.stdin is not None and sys.stdin.isatty() else None
        self.write(f"\n  {len(STEPS)} steps, {seconds:.0f} seconds of them. Sit as you always do, in good light.\n")
        self.write("  Enter passes over a step. Ctrl-C ends it, and nothing is changed.\n")

    def prompt(self, step: Step, number: int, again: bool) -> None:
        once_more = "Once more: " if again else ""
        self._quality = 0.0
        self._cleared(f"\n  {number:>2}/{len(STEPS)}  {once_more}{step.prompt}\n")

    def progress(self, text: str, done: float, quality: float | None) -> None:
        self._quality = self._quality if quality is None else quality
        if self.moving:
            went = f"  {self._quality:>4.0%} seen" if self._quality else ""
            self.write(f"\r         {bar(done)} {done:>4.0%}{went}  {text}"[:WIDTH].ljust(WIDTH))

    def skipped(self) -> bool:
        return self._keys is not None and self._keys.pressed()

    def say(self, line: str) -> None:
        """A line that stays."""
        self._cleared(f"{line}\n")

    def _cleared(self, text: str) -> None:
        self.write((CLEAR if self.moving else "") + text)


class Keys:
    """Whether Enter was pressed, without waiting for it."""

    def __init__(self) -> None:
        self._pressed = threading.Event()
        threading.Thread(target=self._watch, name="keys", daemon=True).start()

    def _watch(self) -> None:
        for _ in sys.stdin:
            self._pressed.set()

    def pressed(self) -> bool:
        """Since it was last asked."""
        was = self._pressed.is_set()
        self._pressed.clear()
        return was
