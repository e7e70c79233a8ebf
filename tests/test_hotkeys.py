"""Keys of other windows: pressed on a real X server, and obeyed by a real session."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from running import fed_by_app, wait_for

from vtuber import commands, config, keys
from vtuber.moods import Mood, Moods
from vtuber.stages import VTuberError
from vtuber.studio import Studio
from vtuber.wishes import Wishes

MOODS = '[[expression]]\nname = "Joy"\nkey = "1"\n[[expression]]\nname = "Shut"\nkey = "2"\nhold = true\n'


def lacking(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextlib.contextmanager
def x_server(*arguments: str) -> Iterator[None]:
    """An X server of its own, named in the environment."""
    if not sys.platform.startswith("linux"):
        pytest.skip("X11 is Linux' own")
    if shutil.which("Xvfb") is None or importlib.util.find_spec("pynput") is None:
        lacking("needs Xvfb and pynput")
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "64x64x24", "-nolisten", "tcp", *arguments],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader, encoding="ascii") as told, pytest.MonkeyPatch.context() as environment:
        environment.setenv("DISPLAY", f":{told.readline().strip()}")
        environment.delenv("WAYLAND_DISPLAY", raising=False)
        environment.delenv("XDG_SESSION_TYPE", raising=False)
        yield
    server.terminate()
    server.wait()


@pytest.fixture(scope="module")
def display() -> Iterator[None]:
    with x_server():
        yield


@pytest.fixture
def keyboard(display: None) -> Any:
    """Presses keys as a hand does, in no window of ours."""
    from pynput.keyboard import Controller, Key

    controller = Controller()

    class Keyboard:
        def down(self, *names: str) -> None:
            for name in names:
                controller.press(getattr(Key, name, name))

        def up(self, *names: str) -> None:
            for name in names:
                controller.release(getattr(Key, name, name))

        def strike(self, *names: str) -> None:
            self.down(*names)
            self.up(*reversed(names))

    return Keyboard()


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with fed_by_app(tmp_path, MOODS) as (session, *_):
        yield Studio(session.desk, session.vitals)


def test_keys_of_other_windows_switch_hold_and_send_away(keyboard: Any, studio: Studio) -> None:
    def shown() -> list[str]:
        names: list[str] = studio.truth()["shown"]
        return names

    keyboard.strike("ctrl_l", "alt_l", "1")
    studio.do({"do": "hotkeys", "held": "ctrl+alt"})
    assert studio.truth()["hotkeys"] == {"held": "ctrl+alt", "problem": ""}
    assert shown() == [], "off until it is asked for"
    keyboard.strike("ctrl_l", "alt_l", "1")
    wait_for(lambda: shown() == ["Joy"])
    keyboard.strike("1")
    keyboard.strike("ctrl_l", "1")
    keyboard.strike("ctrl_l", "alt_l", "shift_l", "1")
    keyboard.down("ctrl_r", "alt_l", "2")
    wait_for(lambda: shown() == ["Joy", "Shut"])
    keyboard.up("2")
    wait_for(lambda: shown() == ["Joy"])
    keyboard.down("2")
    wait_for(lambda: shown() == ["Joy", "Shut"])
    keyboard.up("alt_l")  # whichever is let go first
    wait_for(lambda: shown() == ["Joy"])
    keyboard.up("2", "ctrl_r")
    keyboard.strike("ctrl_l", "alt_l", "1")
    wait_for(lambda: shown() == [])
    keyboard.strike("ctrl_l", "alt_l", "a")
    wait_for(lambda: studio.truth()["away"])
    studio.do({"do": "hotkeys", "held": "alt+shift"})
    keyboard.strike("ctrl_l", "alt_l", "1")
    keyboard.strike("alt_l", "shift_l", "a")
    wait_for(lambda: not studio.truth()["away"])
    assert shown() == []
    studio.do({"do": "hotkeys", "held": ""})
    keyboard.strike("alt_l", "shift_l", "a")
    assert studio.truth()["hotkeys"]["held"] == "" and not studio.truth()["away"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_display_that_tells_nobody_of_keys_is_no_end(display: None, studio: Studio) -> None:
    with (
        x_server("-extension", "RECORD"),
        pytest.raises(VTuberError, match="the keys of other windows cannot be heard"),
    ):
        studio.do({"do": "hotkeys", "held": "ctrl+alt"})
    truth = studio.truth()["hotkeys"]
    assert truth["held"] == "" and "cannot be heard" in truth["problem"]


def test_who_cannot_listen_says_so_and_keeps_nothing(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("Wayland is Linux' own")
    monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    with pytest.raises(VTuberError, match="Wayland lets no program hear"):
        studio.do({"do": "hotkeys", "held": "ctrl+alt"})
    truth = studio.truth()["hotkeys"]
    assert truth["held"] == "" and truth["problem"].startswith("Wayland")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(VTuberError, match=r"pip install 'vtuber-driver\[hotkeys\]'"):
        studio.do({"do": "hotkeys", "held": "ctrl+alt"})


@pytest.mark.parametrize("text", ["shift", "ctrl+hyper", "1"])
def test_other_modifiers_are_refused_by_name_and_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "vtuber.toml"
    path.write_text(f'[studio]\nhotkeys = "{text}"\n', encoding="utf-8")
    with pytest.raises(VTuberError, match="line 2: .*hotkeys must be some of ctrl, alt, shift, cmd"):
        config.load(path)


def test_what_each_key_asks_for() -> None:
    wishes = Wishes(moods=Moods([Mood("Joy", "1"), Mood("Shut", "2", hold=True)]))

    def asked(key: str, *on: str, down: bool = True) -> commands.AnyCommand | None:
        wishes.moods.want(on)
        return keys.wish(key, down, wishes)

    table: list[tuple[Callable[[], object], object]] = [
        (lambda: asked("1"), commands.Show(("Joy",))),
        (lambda: asked("1", "Joy", "Shut"), commands.Show(("Shut",))),
        (lambda: asked("1", down=False), None),
        (lambda: asked("2", "Joy"), commands.Show(("Joy", "Shut"))),
        (lambda: asked("2", "Joy", "Shut", down=False), commands.Show(("Joy",))),
        (lambda: asked("3"), None),
        (lambda: asked("c"), commands.Recentre()),
        (lambda: asked("c", down=False), None),
        (lambda: asked("a"), commands.Away(True)),
    ]
    for ask, said in table:
        assert ask() == said
