"""Axis truth: one performer through every output, over a real socket, and back in through the matching source.

And what docs/wires.md says of it.
"""

from __future__ import annotations

import contextlib
import math
import re
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from utils import angle_between, axis_turn, head_turn

from vtuber import parts, rotation
from vtuber.pipeline import Guarded, Pipeline
from vtuber.pose import Pose, to_state
from vtuber.profile import Profile
from vtuber.stages import Array, Observation, Output, Source
from vtuber.wire import ARKIT, AvatarState


@dataclass(frozen=True)
class Wire:
    """What a protocol carries there and back again."""

    name: str
    settings: tuple[tuple[str, Any], ...] = ()
    """Of the output."""
    rotation_deg: float = 0.1
    place_mm: float | None = 1.0
    """None: it has no place for the head."""
    gaze_deg: float = 0.1
    shapes: float | None = 0.02
    """How far each of the 52 may be off; None: it has not all of them."""
    wink: float = 0.01
    """How far the lids may be off."""
    bones: bool = False


WIRES = [
    Wire("vmc", bones=True),
    Wire("vmc", (("bundle", False), ("names", "arkit")), bones=True),
    Wire("vmc", (("names", "vrm0"),), shapes=None, bones=True),
    Wire("vmc", (("names", "vrm1"),), shapes=None, bones=True),
    Wire("openseeface", shapes=None),
    Wire("ifacialmocap"),
    Wire("ifacialmocap", (("version", 2),)),
    Wire("live_link_face", place_mm=None),
]
"""One line for each way in which a wire that has an output and a source can be set."""

TURNS = {
    "left, up, tilted": (20.0, 10.0, 5.0),
    "right, down, tilted over": (-20.0, -10.0, -5.0),
    "left": (20.0, 0.0, 0.0),
    "up": (0.0, 10.0, 0.0),
    "tilted to the left shoulder": (0.0, 0.0, -5.0),
    "far": (50.0, -30.0, 20.0),
}
"""Degrees: yaw to the performer's left, pitch up, roll to the right shoulder."""


def performer(turn_deg: Sequence[float], *, seconds: float, place: Array | None = None) -> AvatarState:
    """Winks with the left eye, looks to the left and up, speaks; a raised arm."""
    weights = np.zeros(len(ARKIT))
    for name, weight in {"eyeBlinkLeft": 1.0, "jawOpen": 0.5, "mouthSmileLeft": 0.7, "browInnerUp": 0.3}.items():
        weights[ARKIT.index(name)] = weight
    looks = {"eyeLookOutLeft": 12 / 30, "eyeLookInRight": 12 / 30, "eyeLookUpLeft": 8 / 25, "eyeLookUpRight": 8 / 25}
    for name, weight in looks.items():
        weights[ARKIT.index(name)] = weight
    arm = rotation.from_matrix(axis_turn(2, -0.6) @ axis_turn(1, 0.3))
    return to_state(
        Pose(
            rotation.from_matrix(head_turn(*np.radians(turn_deg))),
            np.zeros(3) if place is None else place,
            np.radians([12.0, 8.0, 12.0, 8.0]),
            weights,
            bones={"leftUpperArm": arm, "rightLowerArm": rotation.mirror(arm), "leftIndexProximal": arm},
        ),
        seconds,
        0,
        "tracked",
        0.9,
    )


def carried(wire: Wire, states: Sequence[AvatarState]) -> list[AvatarState]:
    """What a driver at the other end makes of these states, sent one by one."""
    source: Source = parts.make("source", wire.name, {}, "0")
    output: Output = parts.make("output", wire.name, dict(wire.settings), f"127.0.0.1:{source.port}")  # type: ignore[attr-defined]
    pipeline, arrived = Pipeline(Profile(), parts.find("filter", "none")), []
    try:
        items = iter(source)
        for state in states:
            output.send(state)
            seen = next(item for _, item in zip(range(50), items, strict=False) if item is not None)
            assert isinstance(seen, Observation)
            arrived.append(pipeline.step(state.timestamp, [replace(seen, timestamp=state.timestamp)])[0].state)
        assert source.statistics is not None
        assert (source.statistics.refused, source.statistics.last_error) == (0, "")
    finally:
        output.close()
        source.close()
    return arrived


def id_of(wire: Wire) -> str:
    return " ".join([wire.name, *(f"{key}={value}" for key, value in wire.settings)])


every_wire = pytest.mark.parametrize("wire", WIRES, ids=id_of)


@every_wire
@pytest.mark.parametrize("turn", TURNS)
def test_a_turned_head_comes_back_as_it_was(wire: Wire, turn: str) -> None:
    there = performer(TURNS[turn], seconds=1.0)
    (back,) = carried(wire, [there])
    assert back.tracking == "tracked"
    assert math.degrees(angle_between(back.head_rotation, there.head_rotation)) < wire.rotation_deg
    whole = rotation.IDENTITY
    for bone in ("spine", "chest", "upperChest", "neck", "head"):
        whole = rotation.multiply(whole, np.array(back.bones[bone]))
    assert math.degrees(angle_between(whole, there.head_rotation)) < wire.rotation_deg


@every_wire
def test_the_left_eye_winks_and_both_look_to_the_left_and_up(wire: Wire) -> None:
    there = performer((0, 0, 0), seconds=1.0)
    (back,) = carried(wire, [there])
    assert back.blendshapes["eyeBlinkLeft"] == pytest.approx(1.0, abs=wire.wink)
    assert back.blendshapes["eyeBlinkRight"] == pytest.approx(0.0, abs=wire.wink)
    assert back.expressions["blinkLeft"] > 0.9 and back.expressions["blinkRight"] < 0.1
    for eye in ("leftEye", "rightEye"):
        off = math.degrees(angle_between(back.bones[eye], there.bones[eye]))
        assert off < wire.gaze_deg, f"{eye} is {off:.2f} degrees off"


@pytest.mark.parametrize("wire", [w for w in WIRES if w.shapes is not None], ids=id_of)
def test_every_shape_comes_back_under_its_name(wire: Wire) -> None:
    there = performer((0, 0, 0), seconds=1.0)
    weights = {name: (i + 1) / 60 for i, name in enumerate(ARKIT)}
    # Opposite looks of one eye are never there at once.
    weights.update({n: 0.0 for n in weights if n.startswith(("eyeLookIn", "eyeLookDown"))})
    (back,) = carried(wire, [replace(there, blendshapes=weights)])
    off = {n: abs(back.blendshapes[n] - w) for n, w in weights.items() if not n.startswith("eyeLook")}
    assert max(off.values()) < wire.shapes, max(off, key=off.__getitem__)


@pytest.mark.parametrize("wire", [w for w in WIRES if w.place_mm is not None], ids=id_of)
def test_a_step_of_the_head_comes_back_as_long(wire: Wire) -> None:
    step = np.array([0.06, 0.03, -0.05])
    before, after = performer((0, 0, 0), seconds=1.0), performer((0, 0, 0), seconds=1.1, place=step)
    first, last = carried(wire, [before, after])
    moved = np.subtract(last.head_position, first.head_position)
    assert 1000 * float(np.abs(moved - step).max()) < wire.place_mm, f"{moved} instead of {step}"


@pytest.mark.parametrize("wire", [w for w in WIRES if w.bones], ids=id_of)
def test_arms_and_fingers_come_back(wire: Wire) -> None:
    there = performer((20, 10, 5), seconds=1.0)
    (back,) = carried(wire, [there])
    for bone, q in there.bones.items():
        assert math.degrees(angle_between(back.bones[bone], q)) < 0.1, bone


@every_wire
def test_a_lost_performer_is_not_tracked_at_the_other_end(wire: Wire) -> None:
    there = performer((20, 10, 5), seconds=1.0)
    source: Source = parts.make("source", wire.name, {}, "0")
    output: Output = parts.make("output", wire.name, dict(wire.settings), f"127.0.0.1:{source.port}")  # type: ignore[attr-defined]
    with contextlib.closing(source), contextlib.closing(output):
        items = iter(source)
        output.send(there)
        assert next(i for _, i in zip(range(50), items, strict=False) if i is not None).performance is not None  # type: ignore[union-attr]
        for n in range(3):
            output.send(replace(there, timestamp=1.1 + n / 60, tracking="lost", confidence=0.0))
        came = [next(items) for _ in range(3)]
        assert wire.name == "ifacialmocap" or all(i is None or i.performance is None for i in came)  # type: ignore[union-attr]


def test_every_wire_with_both_ends_is_in_the_table() -> None:
    both = set(parts.names("output")) & set(parts.names("source"))
    assert both == {wire.name for wire in WIRES}


# --- the page about it -----------------------------------------------------------------------------------------------

PAGE = Path(__file__).parents[1] / "docs" / "wires.md"
NO_WIRES = {"camera", "video", "demo"}
LEFT_UP_TILTED = rotation.from_matrix(head_turn(*np.radians((20.0, 10.0, -5.0))))


def whole_turn(bones: Mapping[str, Sequence[float]]) -> Array:
    turn = rotation.IDENTITY
    for bone in ("hips", "spine", "chest", "upperChest", "neck", "head"):
        turn = rotation.multiply(turn, np.array(bones.get(bone, rotation.IDENTITY)))
    return turn


SAYS: dict[str, Callable[[Array], Sequence[float]]] = {
    "vmc": lambda q: rotation.to_unity(whole_turn(to_state(Pose(q), 0.0, 0, "tracked", 1.0).bones)).tolist(),
    "openseeface": lambda q: rotation.to_openseeface(q).tolist(),
    "ifacialmocap": rotation.to_ifacialmocap,
    "live_link_face": rotation.to_live_link_face,
    "vtube_studio": rotation.to_vtube_studio,
    "opentrack": rotation.to_opentrack,
    "vtuber_unity": rotation.to_vtuber_unity,
    "vrchat": rotation.to_vrchat,
    "openvtuber": lambda q: [math.degrees(angle) for angle in rotation.euler_xyz(q)],
}


def rows(heading: str) -> dict[str, list[str]]:
    """The cells of a table of the page, by the names in the first."""
    section = PAGE.read_text(encoding="utf-8").split(f"## {heading}")[1].split("\n## ")[0]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "|" in line]
    return {name: cells[1:] for cells in table for name in re.findall(r"`(\w+)`", cells[0])}


def test_the_page_says_how_each_wire_turns() -> None:
    table = rows("Axes")
    for wire, says in SAYS.items():
        np.testing.assert_allclose([float(word) for word in table[wire][0].split()], says(LEFT_UP_TILTED), atol=6e-5)
    x, y, z = (float(word) for word in table["vts_phone"][0].split())
    assert math.degrees(angle_between(rotation.from_vts_phone(x, y, z), LEFT_UP_TILTED)) < 1e-6
    assert set(table) == {*SAYS, "vts_phone"}


def test_the_page_names_every_part_and_its_directions() -> None:
    table = rows("Ports and directions")
    for kind, column in (("output", 0), ("source", 1)):
        for name in set(parts.names(kind)) - NO_WIRES:  # type: ignore[arg-type]
            assert table[name][column] == "yes", f"{kind} {name}"


# --- whatever the other side does ------------------------------------------------------------------------------------

PATIENCE_S = 60.0
"""No send may take so long, on whatever machine: what blocks would block for ever."""


def files_or(name: str, address: str, folder: Path) -> str:
    return str(folder / f"out.{name}") if name in ("csv", "jsonl") else address


def all_sent(output: Output, states: Sequence[AvatarState]) -> bool:
    """Whether an output takes all of them without waiting for anybody."""
    done = threading.Event()

    def send() -> None:
        guarded = Guarded(output, "output")
        for state in states:
            guarded.send(state)
        done.set()

    threading.Thread(target=send, daemon=True).start()
    return done.wait(PATIENCE_S)


@pytest.fixture
def own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """What is stored for this user is stored here."""
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    return tmp_path


def settings_of(name: str) -> dict[str, Any]:
    return {"announce": "off"} if name == "vrchat" else {}


@pytest.mark.parametrize("other", ["absent", "deaf"])
@pytest.mark.parametrize("name", parts.names("output"))
def test_no_output_waits_for_its_receiver(name: str, other: str, own_folders: Path) -> None:
    """Deaf: it listens, on TCP and UDP, and never reads."""
    states = [performer((20, 10, 5), seconds=n / 60) for n in range(100)]
    with contextlib.ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = tcp.getsockname()[1]
        if other == "deaf":
            udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            udp.bind(("127.0.0.1", port))
        else:
            tcp.close()
        output = parts.make("output", name, settings_of(name), files_or(name, f"127.0.0.1:{port}", own_folders))
        stack.callback(output.close)
        assert all_sent(output, states)


@every_wire
def test_a_receiver_that_starts_anew_is_served_again(wire: Wire) -> None:
    there = performer((20, 10, 5), seconds=1.0)
    source: Source = parts.make("source", wire.name, {}, "0")
    port = str(source.port)  # type: ignore[attr-defined]
    with contextlib.closing(parts.make("output", wire.name, dict(wire.settings), port)) as output:
        output.send(there)
        assert next(iter(source)) is not None
        source.close()
        for n in range(5):
            output.send(replace(there, timestamp=2.0 + n))
        with contextlib.closing(parts.make("source", wire.name, {}, port)) as again:
            items = iter(again)
            for n in range(3):
                output.send(replace(there, timestamp=8.0 + n))
            assert any(item is not None for _, item in zip(range(3), items, strict=False))
