"""What the studio may ask of a run: it takes effect while the run goes on and is kept; a wrong wish changes nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from running import App, States, fed_by_app, free_port, options, wait_for
from utils import angle_between

from vtuber import config, rotation
from vtuber.chosen import Chosen
from vtuber.pose import Pose, to_state
from vtuber.session import Session
from vtuber.sources.demo import CLIP
from vtuber.stages import VTuberError
from vtuber.studio import Studio
from vtuber.tuning import Tuning

TOML = """\
# my own settings

[run]
filter = "one_euro"   # the one I like

[filter]
smoothing = 0.5  # half
"""


class Stage:
    """A session fed by an app, and its studio."""

    def __init__(self, session: Session, states: States, app: App, path: Path) -> None:
        self.session, self.states, self.app, self.path = session, states, app, path
        self.studio = Studio(session.desk, session.vitals)

    def do(self, command: str, /, **arguments: Any) -> dict[str, Any]:
        self.studio.do({"do": command, **arguments})
        return self.studio.truth()

    def weight(self, name: str) -> float:
        state = self.states.newest
        return float(state.blendshapes[name]) if state else -1.0

    def until(self, name: str, value: float) -> None:
        wait_for(lambda: abs(self.weight(name) - value) < 0.01)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with fed_by_app(tmp_path, TOML) as fed:
        made = Stage(*fed)
        made.until("jawOpen", 0.4)
        yield made


def test_gain_and_offset_of_a_shape_show_at_once_and_are_kept(stage: Stage) -> None:
    truth = stage.do("shape", name="jawOpen", gain=2.0, offset=-0.1)
    assert truth["shapes"] == {"jawOpen": {"gain": 2.0, "offset": -0.1}}
    stage.until("jawOpen", 0.7)
    assert stage.studio.vitals()["raw"][truth["names"]["shapes"].index("jawOpen")] == pytest.approx(0.4, abs=0.01)
    assert "jawOpen = {gain = 2.0, offset = -0.1}" in stage.path.read_text(encoding="utf-8")
    stage.do("shape", name="jawOpen")
    stage.until("jawOpen", 0.4)
    assert stage.path.read_text(encoding="utf-8").strip() == TOML.strip()


def test_the_heads_share(stage: Stage) -> None:
    stage.do("set", section="tuning", key="head", value=0.5)
    half = rotation.scale(stage.app.turn, 0.5)
    wait_for(lambda: angle_between(stage.states.newest.head_rotation, half) < 0.01)


@pytest.mark.parametrize("body", [0.0, 0.5, 2.0])
def test_the_bodys_share(body: float) -> None:
    """The trunk leans more or less; neck and head make up for it."""
    turn = rotation.from_yaw_pitch(0.5, 0.2)
    bones = to_state(Tuning(body=body)(Pose(turn)), 0.0, 0, "tracked", 1.0).bones
    whole = rotation.IDENTITY
    for name in ("spine", "chest", "upperChest", "neck", "head"):
        whole = rotation.multiply(whole, np.array(bones[name]))
    assert angle_between(whole, turn) < 1e-6
    assert angle_between(bones["chest"], rotation.scale(turn, 0.08 * body)) < 1e-6


def test_mirroring(stage: Stage) -> None:
    stage.until("mouthSmileLeft", 0.2)
    assert stage.do("set", section="pipeline", key="mirror", value=True)["settings"]["pipeline"]["mirror"] is True
    stage.until("mouthSmileRight", 0.2)


def test_a_setting_is_written_beside_the_owners_comments(stage: Stage) -> None:
    stage.do("set", section="filter", key="smoothing", value=1.5)
    assert stage.path.read_text(encoding="utf-8") == TOML.replace("0.5  #", "1.5  #")
    stage.do("choose", what="filter", value="kalman")
    text = stage.path.read_text(encoding="utf-8")
    assert 'filter = "kalman"   # the one I like' in text and "# my own settings" in text
    again = Chosen(options(stage.path, "vmc:0"))
    assert again.filter == "kalman" and again.config.of("filter") == {"smoothing": 1.5}


def test_what_the_file_was_given_by_hand_meanwhile_stays(stage: Stage) -> None:
    stage.path.write_text(TOML + "\n[pipeline]\nfreeze = true\n", encoding="utf-8")
    truth = stage.do("set", section="filter", key="smoothing", value=1.0)
    assert truth["settings"]["pipeline"]["freeze"] is True
    assert "freeze = true" in stage.path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "message, words",
    [
        ({"do": "set", "section": "filter", "key": "smoothing", "value": "much"}, "smoothing must be a number"),
        ({"do": "set", "section": "filter", "key": "sharpness", "value": 1}, "no setting 'sharpness'"),
        ({"do": "set", "section": "server", "key": "lan", "value": True}, "there is no setting server.lan"),
        ({"do": "set", "section": "tuning", "key": "head", "value": 3}, "head must be from 0 to 2"),
        ({"do": "shape", "name": "jawOpen", "gain": 9}, "gain of jawOpen must be from 0 to 4"),
        ({"do": "shape", "name": "earWiggle", "gain": 1.5}, "no shape 'earWiggle'"),
        ({"do": "choose", "what": "filter", "value": "magic"}, "no filter named 'magic'"),
        ({"do": "choose", "what": "source", "value": "no_such.mp4"}, "there is no video"),
        ({"do": "choose", "what": "profile", "value": "nobody"}, "there is no profile"),
        ({"do": "output", "text": "fax", "on": True}, "no output named 'fax'"),
        ({"do": "drop_output", "row": 7}, "no longer in the list"),
        ({"do": "show", "names": ["Rage"]}, "no expression 'Rage'"),
        ({"do": "avatar", "name": "nobody"}, "no avatar 'nobody'"),
        ({"do": "save_profile", "name": "../../me"}, "that is no command"),
        ({"do": "erase"}, "that is no command"),
        ({"do": "away", "on": "yes"}, "that is no command"),
        ({"do": "away", "on": True, "off": True}, "that is no command"),
        ("away", "that is no command"),
        (None, "that is no command"),
    ],
)
def test_a_wrong_wish_changes_nothing(stage: Stage, message: Any, words: str) -> None:
    before = stage.studio.truth()
    with pytest.raises(VTuberError, match=words):
        stage.studio.do(message)
    assert stage.studio.truth() == before
    assert stage.path.read_text(encoding="utf-8") == TOML
    seen = stage.session.vitals.frames
    wait_for(lambda: stage.session.vitals.frames > seen + 5)


def test_the_source_changes_and_comes_back(stage: Stage) -> None:
    """To the demo performer, whom a tracker must look at, and back to the app, on the very same port."""
    port = stage.session.desk.rig.source.now.port  # type: ignore[union-attr]
    assert stage.session.desk.rig.tracker.now is None
    truth = stage.do("choose", what="source", value="demo")
    assert truth["run"]["source"] == "demo" and truth["described"].startswith("the demo performer")
    wait_for(lambda: stage.session.vitals.newest and stage.session.vitals.newest[0] is not None)
    wait_for(lambda: stage.session.vitals.newest[1][0].measured is not None)  # type: ignore[index]
    assert stage.do("set", section="source", key="fps", value=20)["settings"]["source.demo"]["fps"] == 20
    picture, marks = wait_for(lambda: stage.studio.preview(True))
    assert picture[:2] == b"\xff\xd8" and len(marks[0]["points"]) == 68
    stage.do("choose", what="source", value=f"vmc:{port}")
    stage.until("jawOpen", 0.4)
    assert stage.studio.preview(True) is None
    with pytest.raises(VTuberError, match="there is no video"):
        stage.do("choose", what="source", value="nothing.mp4")
    stage.app.weights = {"jawOpen": 0.9}
    stage.until("jawOpen", 0.9)


def test_a_source_that_cannot_be_had_leaves_the_one_before(stage: Stage) -> None:
    """Both are of the kind that must let go of its port before the next can be tried."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(VTuberError, match="is taken"):
            stage.do("choose", what="source", value=f"vmc:{taken.getsockname()[1]}")
    stage.app.weights = {"jawOpen": 0.8}
    stage.until("jawOpen", 0.8)
    (found,) = [f for f in stage.studio.ask("findings") if f["subject"] == "source"]
    assert not found["ok"] and "is taken" in found["text"]
    stage.do("choose", what="source", value="demo")
    assert not [f for f in stage.studio.ask("findings") if f["subject"] == "source"]


def test_a_film_goes_round_and_an_app_that_is_silent_is_named(stage: Stage, tmp_path: Path) -> None:
    """The film's end would be the end of the run."""
    film, port = tmp_path / "short.mp4", stage.session.desk.rig.source.now.port  # type: ignore[union-attr]
    film.write_bytes(CLIP.read_bytes())
    truth = stage.do("choose", what="source", value=str(film))
    assert truth["settings"]["source.video"]["loop"] is True
    assert "[source.video]\nloop = true" in stage.path.read_text(encoding="utf-8")
    stage.app.speaking = False
    stage.do("choose", what="source", value=f"vmc:{port}")

    def complaint() -> list[str]:
        return [f["text"] for f in stage.studio.ask("findings") if f["subject"] == "camera" and not f["ok"]]

    assert "start that app" in wait_for(complaint)[0]


def test_sources_are_layered_ordered_and_taken_out_again(stage: Stage) -> None:
    """The other app's face lies over the first one's, whose head still counts."""
    first, port = stage.session.desk.rig.source.now.port, free_port()  # type: ignore[union-attr]
    other = App(port)
    other.weights = {"jawOpen": 0.9}
    other.turn = rotation.from_yaw_pitch(-0.3, 0.0)
    try:
        truth = stage.do("sources", sources=[f"vmc:{first}", f"face=vmc:{port}"])
        assert truth["run"]["sources"] == [f"vmc:{first}", f"face=vmc:{port}"]
        stage.until("jawOpen", 0.9)
        wait_for(lambda: angle_between(stage.states.newest.head_rotation, stage.app.turn) < 0.01)
        listening = [f["arguments"]["port"] for f in stage.studio.ask("findings") if f["subject"] == "port"]
        assert listening == [str(first), str(port)]
        assert f'sources = ["vmc:{first}", "face=vmc:{port}"]' in stage.path.read_text(encoding="utf-8")
        with pytest.raises(VTuberError, match="no 'tail' of a body"):
            stage.do("sources", sources=[f"vmc:{first}", f"tail=vmc:{port}"])
        stage.do("sources", sources=[f"face=vmc:{port}", f"vmc:{first}"])
        stage.until("jawOpen", 0.4)
        stage.do("sources", sources=[f"vmc:{port}"])
        stage.until("jawOpen", 0.9)
        wait_for(lambda: angle_between(stage.states.newest.head_rotation, other.turn) < 0.01)
    finally:
        other.close()


def test_away_and_back(stage: Stage) -> None:
    assert stage.do("away", on=True)["away"] is True
    wait_for(lambda: stage.states.newest.tracking == "lost")
    assert stage.weight("jawOpen") == pytest.approx(0.0, abs=1e-3)
    stage.do("away", on=False)
    wait_for(lambda: stage.states.newest.tracking == "tracked")
    stage.until("jawOpen", 0.4)


def test_expressions_take_over_what_they_name_and_give_it_back(stage: Stage) -> None:
    mood = {"name": "Wow", "key": "1", "fade": 0.05, "shapes": {"jawOpen": 0.9}, "over": ["mouth"]}
    truth = stage.do("expression", mood=mood)
    assert [m["key"] for m in truth["expressions"] if m["name"] == "Smile"] == [""], "a key does one thing"
    assert stage.do("show", names=["Wow"])["shown"] == ["Wow"]
    stage.until("jawOpen", 0.9)
    stage.until("mouthSmileLeft", 0.0)
    stage.do("show", names=[])
    stage.until("jawOpen", 0.4)
    stage.until("mouthSmileLeft", 0.2)
    kept = config.load(stage.path).moods
    assert [m.name for m in kept] == [m["name"] for m in truth["expressions"]]
    assert kept[-1].over == ("mouth",)
    assert "Wow" not in [m["name"] for m in stage.do("expression", old="Wow")["expressions"]]


def test_the_performers_face_becomes_an_expression(stage: Stage) -> None:
    """As the performer likes it: with the gains."""
    stage.app.weights |= {"eyeLookUpLeft": 1.0, "cheekPuff": 0.02}
    stage.until("eyeLookUpLeft", 1.0)
    stage.do("shape", name="jawOpen", gain=2.0)
    stage.until("jawOpen", 0.8)
    truth = stage.do("take_face", name="Smile")
    assert truth["expressions"][0]["shapes"] == {"jawOpen": 0.8, "mouthSmileLeft": 0.2}, "no gaze, nothing unseen"
    assert config.load(stage.path).moods[0].shapes == {"jawOpen": 0.8, "mouthSmileLeft": 0.2}
    stage.app.weights = {}
    stage.until("mouthSmileLeft", 0.0)
    with pytest.raises(VTuberError, match="at rest"):
        stage.do("take_face", name="Smile")
    with pytest.raises(VTuberError, match="no expression 'Rage'"):
        stage.do("take_face", name="Rage")


def test_an_output_that_nobody_hears_is_heard_and_is_not(stage: Stage) -> None:
    """The receiver comes, and goes again."""
    port = free_port()
    truth = stage.do("output", text=f"opentrack:127.0.0.1:{port}", on=True)
    assert truth["outputs"] == [{"text": f"opentrack:127.0.0.1:{port}", "on": True}]

    def health() -> dict[str, Any]:
        told: dict[str, Any] = stage.studio.vitals()["outputs"][0]
        return told

    wait_for(lambda: health()["state"] == "nobody")
    assert str(port) in health()["error"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", port))
        receiver.settimeout(30.0)
        assert len(receiver.recv(100)) == 48
        wait_for(lambda: health()["state"] == "sending")
        sent = health()["sent"]
        wait_for(lambda: health()["sent"] > sent)
    wait_for(lambda: health()["state"] == "nobody")
    truth = stage.do("output", text=f"opentrack:127.0.0.1:{port}", on=False, row=0)
    assert not truth["outputs"][0]["on"] and health()["state"] == "off"
    again = Chosen(options(stage.path, "vmc:0"))
    assert again.outputs == [] and again.config.choices["outputs_off"] == [f"opentrack:127.0.0.1:{port}"]
    assert stage.do("drop_output", row=0)["outputs"] == []


def test_recentring_needs_somebody(stage: Stage) -> None:
    with pytest.raises(VTuberError, match="nobody was seen yet"):
        stage.do("recentre")


def test_profiles_are_saved_by_name_and_chosen(stage: Stage) -> None:
    truth = stage.do("save_profile", name="evening")
    assert truth["run"]["profile"] == "evening" and truth["profiles"] == ["evening"]
    assert stage.do("choose", what="profile", value="")["run"]["profile"] == ""


def test_a_visit_is_remembered(stage: Stage) -> None:
    assert stage.studio.truth()["visited"] is False
    assert stage.do("visited", done=True)["visited"] is True
    assert config.load(stage.path).studio.visited


@pytest.mark.parametrize(
    "text, line, words",
    [
        ("[filter]\n\nsmoothing = 'x'\n", 3, "smoothing must be a number"),
        ("# one\n[run]\nfliter = 'kalman'\n", 3, "fliter"),
        ("\n[flter]\nsmoothing = 1\n", 2, r"\[flter\] means nothing"),
        ("[shapes]\nmouthPucker = {gain = 1.2}\njawOpen = {gian = 1.2}\n", 3, "gian"),
        ("[shapes]\njawOpen = {gain = 12}\n", 2, "from 0 to 4"),
        ("[pipeline]\nmirror = 3\n", 2, "mirror must be true or false"),
        ("[[expression]]\nname = 'a'\nkey = '12'\n", 1, "key must be one of 1 to 9"),
        ("[tuning]\nhead = 5\n", 2, "head must be from 0 to 2"),
        ("filter.smoothing = 'x'\n", 1, "smoothing must be a number"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VTuberError, match=words) as refused:
        chosen = Chosen(options(path, "vmc:0"))
        chosen.make_pipeline()
    assert str(refused.value).startswith(f"{path}, line {line}: ")
