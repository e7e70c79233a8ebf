"""Which parts a command line and a settings file choose, with which settings; and a run without any picture."""

from __future__ import annotations

import argparse
import gc
import json
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from utils import angle_between

from vtuber import cli, parts, rotation
from vtuber.chosen import Chosen, split_layer
from vtuber.layers import PARTS
from vtuber.pose import Pose, to_state
from vtuber.session import Session
from vtuber.stages import VTuberError

ALL = tuple(PARTS)


def options(
    folder: Path, *sources: str, toml: str = "", changes: tuple[str, ...] = (), **more: Any
) -> argparse.Namespace:
    path = folder / "own.toml"
    path.write_text(toml, encoding="utf-8")
    given = {"tracker": None, "filter": None, "profile": None, "output": None, "port": 0, "lan": False}
    return argparse.Namespace(config=path, source=list(sources) or None, changes=list(changes), **(given | more))


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- layers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, expected",
    [
        ("camera", (ALL, "camera")),
        ("vmc:39540", (ALL, "vmc:39540")),
        ("body=vmc:39540", (("body",), "vmc:39540")),
        ("hands,body=vmc", (("body", "hands"), "vmc")),
        ("head,eyes,face=camera:1", (("head", "eyes", "face"), "camera:1")),
        ("video:a=b.mp4", (ALL, "video:a=b.mp4")),
        ("/films/face=1.mp4", (ALL, "/films/face=1.mp4")),
    ],
)
def test_a_source_may_be_held_to_parts_of_the_body(text: str, expected: tuple[tuple[str, ...], str]) -> None:
    assert split_layer(text) == expected


def test_a_part_that_no_body_has_is_refused() -> None:
    with pytest.raises(VTuberError, match="no 'torso' of a body; there are: head, eyes, face, body, hands"):
        split_layer("torso=vmc")


def test_a_file_of_such_a_name_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "body=1.mp4").touch()
    assert split_layer("body=1.mp4") == (ALL, "body=1.mp4")


# --- choices ---------------------------------------------------------------------------------------------------------


def test_sources_come_from_the_command_line_or_the_file(tmp_path: Path) -> None:
    several = '[run]\nsources = ["camera:1", "body=vmc"]\n'
    assert Chosen(options(tmp_path, toml=several)).layers == [(ALL, "camera:1"), (("body",), "vmc")]
    assert Chosen(options(tmp_path, toml='[run]\nsource = "demo"\n')).sources == [("demo", "")]
    assert Chosen(options(tmp_path, "demo", "vmc:1", toml=several)).sources == [("demo", ""), ("vmc", "1")]
    assert Chosen(options(tmp_path)).sources == [("camera", "")]


def own_settings(chosen: Chosen, name: str) -> dict[str, Any]:
    return chosen.source_settings(name)


def test_each_source_gets_the_settings_that_it_knows(tmp_path: Path) -> None:
    toml = "[source]\nwidth = 320\nfps = 15\nhips = false\n[source.demo]\nfps = 20\n"
    chosen = Chosen(options(tmp_path, "camera", "demo", "vmc", toml=toml))
    assert own_settings(chosen, "camera") == {"width": 320, "fps": 15}
    assert own_settings(chosen, "demo") == {"fps": 20}
    assert own_settings(chosen, "vmc") == {"hips": False}


def test_set_names_one_source_or_all_that_know_the_setting(tmp_path: Path) -> None:
    changes = ("source.fps=60", "camera.width=99", "source.demo.fps=10")
    chosen = Chosen(options(tmp_path, "camera", "demo", "vmc", changes=changes))
    assert own_settings(chosen, "camera") == {"width": "99", "fps": "60"}
    assert own_settings(chosen, "vmc") == {}
    unknown = Chosen(options(tmp_path, "demo", "vmc", changes=("source.colour=red",)))
    with pytest.raises(VTuberError, match="demo has no setting 'colour'"):
        unknown.make_sources()


def test_a_part_that_is_source_and_output_is_named_by_its_kind_too(tmp_path: Path) -> None:
    both = {"output": ["vmc:1"]}
    changes = ("source.vmc.hips=false", "output.vmc.bundle=no")
    chosen = Chosen(options(tmp_path, "vmc:0", changes=changes, **both))
    assert own_settings(chosen, "vmc") == {"hips": "false"}
    assert chosen.config.of("output.vmc") == {"bundle": "no"}
    with pytest.raises(VTuberError, match="no part 'vmc' in use; there are: .*source.vmc, output.vmc"):
        Chosen(options(tmp_path, "vmc:0", changes=("vmc.hips=false",), **both))


def test_when_one_source_fails_those_before_it_are_closed(tmp_path: Path) -> None:
    port = free_port()
    chosen = Chosen(options(tmp_path, f"vmc:{port}", f"vmc:{port}"))
    with pytest.raises(VTuberError, match="is taken"):
        chosen.make_sources()
    parts.make("source", "vmc", {}, str(port)).close()


def test_an_apps_word_is_smoothed_only_on_request(tmp_path: Path) -> None:
    assert Chosen(options(tmp_path, "vmc:0")).own_filter is None
    assert Chosen(options(tmp_path, "vmc:0", toml='[run]\nfilter = "kalman"\n')).own_filter == "kalman"
    assert Chosen(options(tmp_path, "vmc:0", filter="one_euro")).filter == "one_euro"


@pytest.fixture
def unsteady() -> Iterator[None]:
    """Takes back what a run does to the interpreter."""
    interval = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)
    gc.unfreeze()


# --- a translator ----------------------------------------------------------------------------------------------------


def test_without_pictures_no_model_is_loaded(tmp_path: Path, unsteady: None) -> None:
    """From VMC to a file, and to the viewer."""
    port, said = free_port(), []
    turn = rotation.from_yaw_pitch(0.35, 0.17)
    asked = options(tmp_path, f"vmc:{port}", output=[f"jsonl:{tmp_path / 'out.jsonl'}"])
    sender, stop = parts.make("output", "vmc", {}, str(port)), threading.Event()

    def send() -> None:
        n = 0
        while not stop.wait(1 / 60):
            n += 1
            sender.send(to_state(Pose(turn), n / 60, 0, "tracked", 1.0))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        with Session(asked, say=said.append) as session:
            assert session.desk.rig.tracker.now is None
            report = session.run(20)
    finally:
        stop.set()
        thread.join()
        sender.close()
    assert said[0] == f"VMC on 127.0.0.1:{port} (this computer only) -> as it comes"
    assert report.frames == 20 and report.tracked == 20
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert angle_between(rows[-1]["head"]["rotation"], turn) < 1e-4


def test_several_sources_are_said_with_what_they_give(tmp_path: Path, unsteady: None) -> None:
    said: list[str] = []
    asked = options(tmp_path, "demo", "body,hands=vmc:0")
    with Session(asked, say=said.append) as session:
        report = session.run(3)
    assert said[0].startswith("the demo performer, 30 fps; over it body, hands from VMC on 127.0.0.1:")
    assert said[0].endswith(" -> face_landmarker, steady") and report.frames == 3


def test_two_cameras_are_one_too_many(tmp_path: Path) -> None:
    with (
        pytest.raises(VTuberError, match="one source may give pictures"),
        Session(options(tmp_path, "demo", "demo"), print),
    ):
        pass


def test_list_shows_how_sources_go_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list"]) == 0
    out = capsys.readouterr().out
    assert "later ones overlay" in out and all(part in out for part in PARTS)
    assert np.all([f"  {name} " in out for name in parts.names("source")])
