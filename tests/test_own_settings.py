"""Settings for one avatar alone: laid over the common ones while it is on stage, kept in a table of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from running import App, States, free_port, options, running, wait_for

from vtuber.chosen import Chosen
from vtuber.session import Session
from vtuber.stages import VTuberError
from vtuber.studio import Studio

TOML = """\
[shapes]
jawOpen = {gain = 2.0}     # for all of them

[avatar."Mira 2.0"]
body = 0.5
mirror = true
camera = "face"
shapes = {mouthSmileLeft = {gain = 3.0}}
"""


class Stage:
    def __init__(self, session: Session, states: States, path: Path) -> None:
        self.session, self.states, self.path = session, states, path
        self.studio = Studio(session.desk, session.vitals)

    def do(self, command: str, /, **arguments: Any) -> dict[str, Any]:
        self.studio.do({"do": command, **arguments})
        return self.studio.truth()

    def until(self, **weights: float) -> None:
        def same() -> bool:
            state = self.states.newest
            return state and all(abs(state.blendshapes[name] - weight) < 0.01 for name, weight in weights.items())

        wait_for(same)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """An app whose jaw is open by 0.4 and whose left side smiles by 0.2, and a library with two avatars."""
    monkeypatch.setattr(platformdirs, "user_config_path", lambda *_: tmp_path / "config")
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_: tmp_path / "data")
    folder = tmp_path / "data" / "avatars"
    folder.mkdir(parents=True)
    for name in ("Mira 2.0", "Box"):
        (folder / f"{name}.vrm").touch()
    path, port = tmp_path / "vtuber.toml", free_port()
    path.write_text(TOML, encoding="utf-8")
    app = App(port)
    try:
        with running(options(path, f"vmc:{port}")) as (session, states):
            made = Stage(session, states, path)
            made.until(jawOpen=0.8, mouthSmileLeft=0.2)
            yield made
    finally:
        app.close()


def test_choosing_an_avatar_applies_its_own_settings_at_once(stage: Stage) -> None:
    truth = stage.do("avatar", name="Mira 2.0")
    stage.until(jawOpen=0.8, mouthSmileRight=0.6)  # mirrored, and three times as strong
    assert truth["own"]["body"] == 0.5 and truth["settings"]["tuning"]["body"] == 0.5
    assert truth["settings"]["pipeline"]["mirror"] is True
    truth = stage.do("avatar", name="Box")
    stage.until(jawOpen=0.8, mouthSmileLeft=0.2)
    assert truth["own"]["shapes"] == {} and truth["settings"]["tuning"]["body"] == 1.0
    again = Chosen(options(stage.path, "vmc:0", changes=("server.avatar=Mira 2.0", "tuning.body=0.7")))
    assert again.framing == {"cam": "face"}
    assert again.make_tuning() and again.config.of("tuning")["body"] == "0.7", "the command line goes before"


def test_what_is_set_for_one_avatar_leaves_the_others_alone(stage: Stage) -> None:
    stage.do("avatar", name="Box")
    stage.do("shape", name="jawOpen", gain=1.0, own=True)
    stage.until(jawOpen=0.4)
    truth = stage.do("set", section="tuning", key="head", value=0.5, own=True)
    assert truth["settings"]["tuning"]["head"] == 0.5
    stage.do("set", section="pipeline", key="mirror", value=True, own=True)
    stage.until(mouthSmileRight=0.2)
    text = stage.path.read_text(encoding="utf-8")
    assert "jawOpen = {gain = 2.0}     # for all of them" in text and "[avatar.Box]" in text
    stage.do("avatar", name="default")
    stage.until(jawOpen=0.8, mouthSmileLeft=0.2)
    stage.do("avatar", name="Box")
    stage.until(jawOpen=0.4, mouthSmileRight=0.2)
    stage.do("shape", name="jawOpen", gain=2.0, own=True)  # as the common one: nothing of its own is left
    assert stage.studio.truth()["own"]["shapes"] == {}
    truth = stage.do("common", what="following")
    stage.until(jawOpen=0.8, mouthSmileLeft=0.2)
    assert truth["own"]["head"] is None and truth["own"]["mirror"] is None
    assert "Box" not in stage.path.read_text(encoding="utf-8").replace('avatar = "Box"', "")


def test_the_shapes_of_one_avatar_become_the_common_ones_again(stage: Stage) -> None:
    stage.do("avatar", name="Mira 2.0")
    stage.until(mouthSmileRight=0.6)
    assert stage.do("common", what="shapes")["shapes"] == {"jawOpen": {"gain": 2.0, "offset": 0.0}}
    stage.until(mouthSmileRight=0.2)


@pytest.mark.parametrize(
    "message, words",
    [
        ({"do": "set", "section": "filter", "key": "smoothing", "value": 1, "own": True}, "the same for all avatars"),
        ({"do": "shape", "name": "jawOpen", "gain": 9, "own": True}, "gain of jawOpen must be from 0 to 4"),
        ({"do": "set", "section": "tuning", "key": "body", "value": 3, "own": True}, "body must be from 0 to 2"),
        ({"do": "set", "section": "pipeline", "key": "mirror", "value": "no", "own": True}, "mirror"),
        ({"do": "frame", "camera": "feet"}, "that is no command"),
        ({"do": "frame", "view": "1,2,x"}, "that is no command"),
    ],
)
def test_a_wrong_wish_changes_nothing(stage: Stage, message: dict[str, Any], words: str) -> None:
    before = stage.studio.truth()
    with pytest.raises(VTuberError, match=words):
        stage.studio.do(message)
    assert stage.studio.truth() == before and stage.path.read_text(encoding="utf-8") == TOML


def test_an_avatar_is_framed_and_viewers_are_told(stage: Stage) -> None:
    truth = stage.do("frame", camera="full", view="0,0,1.5,0,0.2")
    assert truth["own"]["camera"] == "full" and truth["own"]["view"] == "0,0,1.5,0,0.2"
    assert '[avatar.default]\ncamera = "full"' in stage.path.read_text(encoding="utf-8")
    stage.do("frame")
    assert "avatar.default" not in stage.path.read_text(encoding="utf-8")


@pytest.mark.parametrize("entry", ["bdoy = 1", "body = 'much'", "camera = 'feet'"])
def test_a_wrong_entry_is_named_with_its_line(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "vtuber.toml"
    path.write_text(f'[avatar."A b"]\nbody = 1\n\n[avatar.C]\nhead = 1\n{entry}\n', encoding="utf-8")
    with pytest.raises(VTuberError, match=rf"line 6: \[avatar\.C\].*{entry.split()[0]}"):
        Chosen(options(path, "vmc:0"))
