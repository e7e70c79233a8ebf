"""Keys that work while another window has the focus: the package pynput tells of them, where the system lets it."""

from __future__ import annotations

import importlib.util
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from vtuber.stages import VTuberError

log = logging.getLogger(__name__)

MODIFIERS = ("ctrl", "alt", "shift", "cmd")
KEYS = "123456789ac"
"""What may be pressed with them."""
CODES = {
    # Windows' virtual keys are ASCII's capitals; with Ctrl and Alt there is no character to go by.
    "win32": {ord(key.upper()): key for key in KEYS},
    # Apple's Events.h, kVK_ANSI_1 and so on: Alt makes other characters of them.
    "darwin": {
        0x12: "1",
        0x13: "2",
        0x14: "3",
        0x15: "4",
        0x17: "5",
        0x16: "6",
        0x1A: "7",
        0x1C: "8",
        0x19: "9",
        0x00: "a",
        0x08: "c",
    },  # fmt: skip
}
"""The keyboard's own numbers of KEYS, where characters alone would not do."""
READY_S = 5.0
"""For so long the listening may take to begin."""
TICK_S = 0.02
SHIFTED = dict(zip("!@#$%^&*(", KEYS, strict=False))
"""What X11 tells of the digits with Shift, on an American keyboard."""


def modifiers(text: str) -> frozenset[str]:
    """`ctrl+alt` -> those two; "" is none.

    Raises:
        ValueError: something else is named, or Shift alone, with which people write.
    """
    named = frozenset(filter(None, (word.strip() for word in text.lower().split("+"))))
    if named - set(MODIFIERS) or named == {"shift"}:
        raise ValueError(f"hotkeys must be some of {', '.join(MODIFIERS)} joined by +, not {text!r}; shift not alone")
    return named


def impossible() -> str:
    """Why no keys can be heard here, with the way out; "" where they can."""
    if importlib.util.find_spec("pynput") is None:
        return "keys of other windows need the package pynput: pip install 'vtuber-driver[hotkeys]'"
    if sys.platform.startswith("linux"):
        if os.environ.get("XDG_SESSION_TYPE") == "wayland" or os.environ.get("WAYLAND_DISPLAY"):
            return "Wayland lets no program hear the keys of other windows: log in with an X11 session for that"
        if not os.environ.get("DISPLAY"):
            return "there is no display whose keys could be heard"
    return ""


class Hotkeys:
    """Listens from now on until `close`. Of all that is typed on this computer, only these keys are ever looked at.

    Args:
        held: the modifiers that must be held, and no others.
        act: is told of a key of KEYS, and whether it goes down or up, on a thread of its own.

    Raises:
        VTuberError: not on this system, or not allowed.
    """

    def __init__(self, held: frozenset[str], act: Callable[[str, bool], None]) -> None:
        problem = impossible()
        if problem:
            raise VTuberError(problem)
        self._wanted = held
        self._act = act
        self._held: set[str] = set()
        self._down: set[str] = set()
        # The system waits for whoever listens to its keys: nothing is done on that thread.
        self._news: queue.SimpleQueue[tuple[str, bool] | None] = queue.SimpleQueue()
        try:
            from pynput import keyboard

            self._listener: Any = keyboard.Listener(on_press=self._press, on_release=self._release)
            self._listener.start()
            self._wait()
        except Exception as e:  # whatever its back ends meet, such as a display that refuses
            raise VTuberError(f"the keys of other windows cannot be heard: {e}") from e
        if sys.platform == "darwin" and not self._listener.IS_TRUSTED:
            self._listener.stop()
            where = "System Settings, Privacy & Security, Accessibility and Input Monitoring"
            raise VTuberError(f"macOS does not let keys be heard yet: allow the terminal under {where}, and start anew")
        threading.Thread(target=self._run, name="vtuber-hotkeys", daemon=True).start()

    def close(self) -> None:
        """Listen no more. Calling it twice is harmless."""
        self._listener.stop()
        self._news.put(None)

    def _wait(self) -> None:
        """Until keys are heard. pynput's own waiting does not end when its listening has failed.

        Raises:
            RuntimeError: they will not be.
        """
        waiting = threading.Thread(target=self._listener.wait, daemon=True)
        waiting.start()
        give_up = time.perf_counter() + READY_S
        while waiting.is_alive():
            if not self._listener.is_alive() or time.perf_counter() > give_up:
                raise RuntimeError("the system does not let this program listen")
            waiting.join(TICK_S)

    def _run(self) -> None:
        while (news := self._news.get()) is not None:
            try:
                self._act(*news)
            except Exception:  # the next key is another
                log.exception("a key could not be obeyed")

    def _press(self, key: Any, *_: object) -> None:
        modifier = _modifier(key)
        if modifier:
            self._held.add(modifier)
            return
        name = self._name(key)
        # The keyboard repeats a key that is held.
        if name and self._held == self._wanted and name not in self._down:
            self._down.add(name)
            self._news.put((name, True))

    def _release(self, key: Any, *_: object) -> None:
        modifier = _modifier(key)
        self._held.discard(modifier)
        gone = set(self._down) if modifier in self._wanted else self._down & {self._name(key)}
        self._down -= gone
        for name in gone:
            self._news.put((name, False))

    def _name(self, key: Any) -> str:
        """The key among KEYS; "" for all others."""
        code = getattr(key, "vk", None)
        known = CODES.get(sys.platform, {})
        if code in known:
            return known[code]
        char = getattr(self._listener.canonical(key), "char", None) or ""
        char = SHIFTED.get(char, char)
        return char if len(char) == 1 and char in KEYS else ""


def _modifier(key: Any) -> str:
    """`ctrl` of ctrl_l, and so on; AltGr, with which people write, is none of them but holds all back."""
    name = getattr(key, "name", None) or ""
    stem = name.removesuffix("_l").removesuffix("_r")
    return stem if stem in (*MODIFIERS, "alt_gr") else ""
