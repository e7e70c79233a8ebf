"""The Unity package: compiled by Debian's C# compiler against a stand-in for Unity, and fed by the real output.

Each assembly is compiled by itself, as Unity does it: the core without any UnityEngine.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from utils import angle_between

from vtuber import __version__, rotation
from vtuber.outputs.vmc import Output
from vtuber.pose import Pose, to_state
from vtuber.protocols.vmc import UNITY_BONE
from vtuber.wire import ARKIT, AvatarState

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "unity_bridge"
TESTS = ROOT / "tests" / "unity"
GOLDEN = ROOT / "tests" / "golden"
CHAIN = ("Spine", "Chest", "UpperChest", "Neck", "Head")
FUZZED = 20_000
"""Mutated packets in a run of the tests. A million were run once, with the same result."""

STUBS = {"UnityEngine": [TESTS / "UnityEngine.cs"], "UniVrm": [TESTS / "UniVrm.cs"]}


def sources(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.cs"))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of the compiled tests."""
    if not (shutil.which("mcs") and shutil.which("mono")):
        if os.environ.get("CI") == "true":
            pytest.fail("needs Debian's mono-mcs and mono-runtime")
        pytest.skip("needs the C# compiler mcs and mono (Debian: mono-mcs, mono-runtime)")
    out = tmp_path_factory.mktemp("csharp")
    runtime = PACKAGE / "Runtime"
    unity = ["UnityEngine", "VTuberBridge.Core"]
    compiled(out, "VTuberBridge.Core", sources(runtime / "Core"), [])
    compiled(out, "UnityEngine", STUBS["UnityEngine"], [])
    compiled(out, "UniVrm", STUBS["UniVrm"], ["UnityEngine"])
    compiled(out, "VTuberBridge", sources(runtime), unity)
    for vrm in ("Vrm0", "Vrm10"):
        compiled(out, f"VTuberBridge.{vrm}", sources(runtime / vrm), [*unity, "VTuberBridge", "UniVrm"])
    compiled(out, "Sample", sources(PACKAGE / "Samples~" / "PrimitiveHead"), [*unity, "VTuberBridge"])
    stubs = [path for paths in STUBS.values() for path in paths]
    tests = [path for path in sources(TESTS) if path not in stubs]
    compiled(out, "Tests", tests, [*unity, "VTuberBridge", "UniVrm", "Sample"], "exe")
    return ["mono", "--debug", str(out / "Tests.exe")]


def compiled(out: Path, name: str, files: list[Path], references: list[str], kind: str = "library") -> None:
    # Unity 2021.3 knows C# 9, this compiler no more than 7.2: what passes here passes there.
    command = ["mcs", "-nologo", "-langversion:7.2", "-warn:4", "-warnaserror", "-debug", f"-target:{kind}"]
    command += [f"-out:{out / name}.{'exe' if kind == 'exe' else 'dll'}"]
    command += [f"-r:{out / reference}.dll" for reference in references] + [str(file) for file in files]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def ran(program: list[str], *arguments: str) -> str:
    run = subprocess.run([*program, *arguments], capture_output=True, encoding="utf-8", check=False, timeout=600)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]
    return run.stdout


def test_the_csharp_tests_pass(program: list[str]) -> None:
    run = subprocess.run([*program, "test"], capture_output=True, encoding="utf-8", check=False, timeout=600)
    failed = "\n".join(line for line in run.stdout.splitlines() if not line.startswith("ok "))
    assert run.returncode == 0, failed + run.stderr
    assert int(re.findall(r"^(\d+) tests, 0 failed$", run.stdout, re.M)[0]) >= 60


def test_mutated_packets_do_no_harm(program: list[str]) -> None:
    """Nothing thrown, nothing grown, every number sane, and each hundredth packet a good one that is understood."""
    said = ran(program, "fuzz", str(GOLDEN / "vmc.bin"), str(FUZZED), "20261122")
    broken = int(re.findall(r"(\d+) of them broken", said)[0])
    assert FUZZED * 0.2 < broken < FUZZED


# --- golden packets --------------------------------------------------------------------------------------------------


def messages() -> list[list[list[Any]]]:
    truth = json.loads((GOLDEN / "vmc.json").read_text(encoding="utf-8"))
    packets: list[list[list[Any]]] = truth["packets"]
    return packets


def argument(word: str) -> Any:
    """One argument as the C# program writes it: the type tag first, but bare for texts."""
    if word in ("T", "F", "N"):
        return {"T": True, "F": False, "N": None}[word]
    return int(word[1:]) if word[0] == "i" else struct.unpack("f", struct.pack("f", float(word[1:])))[0]


def same(word: str, expected: Any) -> bool:
    if isinstance(expected, str):
        return word in expected.split(" ")
    if isinstance(expected, list):
        return word == "b"
    found = argument(word)
    return type(found) is type(expected) and found == expected


def test_golden_packets_say_the_same_in_csharp(program: list[str]) -> None:
    said = ran(program, "golden", str(GOLDEN / "vmc.bin")).splitlines()
    packets = messages()
    assert [line for line in said if line.startswith("packet")] == ["packet whole"] * len(packets)
    lines = [line.removeprefix("message ").split(" ") for line in said if line.startswith("message")]
    expected = [message for packet in packets for message in packet]
    assert len(lines) == len(expected)
    for words, message in zip(lines, expected, strict=True):
        texts = [w for value in message if isinstance(value, str) for w in value.split(" ")]
        assert [w for w in words if w in texts] == texts
        assert len(words) == len(message) + len(texts) - sum(isinstance(value, str) for value in message)
        if len(words) == len(message):
            assert all(same(word, value) for word, value in zip(words, message, strict=True)), (words, message)


def frame(said: str) -> dict[str, dict[str, list[float]]]:
    """What the C# program printed of a frame: "bone", "weight" -> name -> numbers."""
    found: dict[str, dict[str, list[float]]] = {"bone": {}, "weight": {}, "": {}}
    for line in said.splitlines():
        kind, _, rest = line.partition(" ")
        if kind in ("bone", "weight"):
            name, *numbers = rest.split(" ")
            found[kind][name] = [float(n) for n in numbers]
        elif kind in ("root", "hips", "status", "packets", "interval"):
            found[""][kind] = [float(n) for n in rest.split(" ")]
    return found


def test_golden_packets_make_the_same_frame_in_csharp(program: list[str]) -> None:
    """What each bone was told last, and each weight before the last Apply."""
    found = frame(ran(program, "golden", str(GOLDEN / "vmc.bin")))
    bones: dict[str, list[float]] = {}
    weights: dict[str, float] = {}
    for address, *values in (message for packet in messages() for message in packet):
        if address == "/VMC/Ext/Bone/Pos":
            bones[values[0]] = values[4:8]
        elif address == "/VMC/Ext/Blend/Val":
            weights[values[0].casefold()] = values[1]
    assert set(found["bone"]) == set(bones)
    for name, q in bones.items():
        assert angle_between(q, found["bone"][name]) < 1e-5, name
    known = {name.casefold(): value[0] for name, value in found["weight"].items()}
    assert len(known) > 70
    shared = set(known) & set(weights)
    assert {"jawopen", "eyeblinkleft", "happy", "blinkleft", "目を閉じる"} <= shared
    # The last word on this one was said under its other name.
    assert {name for name in shared if abs(known[name] - weights[name]) > 1e-6} <= {"blinkleft"}
    assert known["blinkleft"] == weights["blink_l"] == 1.0


# --- the real output -------------------------------------------------------------------------------------------------


def states() -> Iterator[AvatarState]:
    for line in (GOLDEN / "session.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)["state"]
        head = row["head"]
        yield AvatarState(
            row["t"],
            row["person"],
            row["tracking"],
            row["confidence"],
            tuple(head["rotation"]),
            tuple(head["position"]),
            row["bones"],
            row["blendshapes"],
            row["expressions"],
        )


@pytest.mark.parametrize("bundle", [True, False])
def test_the_vmc_output_arrives_in_the_receiver(program: list[str], bundle: bool) -> None:
    with subprocess.Popen([*program, "listen"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as receiver:
        assert receiver.stdin is not None and receiver.stdout is not None
        port = int(receiver.stdout.readline())
        output = Output(f"127.0.0.1:{port}", bundle=bundle)
        sent = list(states())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stray:
            # The last one again and again: a busy machine drops what its receiver cannot take in time.
            for i, state in enumerate([*sent, *sent[-1:] * 20]):
                output.send(state)
                # Also what is not for us, as it comes on every port now and then; an empty datagram among it.
                stray.sendto(b"hello"[: i % 6], ("127.0.0.1", port))
                time.sleep(0.005 if i < len(sent) else 0.05)
        said, _ = receiver.communicate("\n", timeout=60)
        output.close()
    found, last = frame(said), sent[-1]
    packets, bad = found[""]["packets"]
    assert 0 < bad <= len(sent) + 20 and packets - bad > 2 * len(sent)
    head = rotation.IDENTITY
    for name in CHAIN:
        head = rotation.multiply(head, np.array(found["bone"][name]))
    assert math.degrees(angle_between(head, rotation.to_unity(np.array(last.head_rotation)))) < 0.1
    eye = rotation.to_unity(np.array(last.bones["leftEye"]))
    assert math.degrees(angle_between(found["bone"]["LeftEye"], eye)) < 0.1
    for name, weight in last.blendshapes.items():
        assert found["weight"][name][0] == pytest.approx(weight, abs=1e-6)
    x, y, z = last.head_position
    assert found[""]["root"] == pytest.approx([-x, y, z], abs=1e-6)
    assert found[""]["status"][:2] == [1.0, float(last.tracking in ("tracked", "reacquired"))]


def test_an_avatar_in_unity_looks_where_the_performer_looks(program: list[str]) -> None:
    """20 degrees to the performer's left, 10 up, no tilt; the eyes 10 to the right; a left wink.

    An avatar in Unity faces +z, y is up, and its left hand points along -x: written out here by hand.
    """
    yaw, pitch = math.radians(20), math.radians(10)
    turn = rotation.from_yaw_pitch(yaw, pitch)
    weights = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 0.0, "jawOpen": 0.25}
    pose = Pose(turn, gaze=np.radians([-10.0, 0.0, -10.0, 0.0]), weights=np.array([weights.get(n, 0.0) for n in ARKIT]))
    with subprocess.Popen([*program, "drive"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as avatar:
        assert avatar.stdin is not None and avatar.stdout is not None
        output = Output(f"127.0.0.1:{int(avatar.stdout.readline())}")
        for i in range(100):
            output.send(to_state(pose, i / 30, 0, "tracked", 1.0))
            time.sleep(0.02)
        said, _ = avatar.communicate("\n", timeout=60)
        output.close()
    found = frame(said)
    forward, up = found["bone"]["Head"][:3], found["bone"]["Head"][3:]
    look = [-math.sin(yaw) * math.cos(pitch), math.sin(pitch), math.cos(yaw) * math.cos(pitch)]
    assert forward == pytest.approx(look, abs=0.002)
    assert up[0] == pytest.approx(math.sin(yaw) * math.sin(pitch), abs=0.002), "not tilted, only leant back"
    for eye in ("LeftEye", "RightEye"):
        x, _, z = found["bone"][eye][:3]
        assert math.degrees(math.atan2(-x, z)) == pytest.approx(10, abs=0.5), "20 to the left, 10 back"
    assert found["weight"]["eyeBlinkLeft"][0] == pytest.approx(100, abs=0.1)
    assert found["weight"]["eyeBlinkRight"][0] == 0
    assert found["weight"]["jawOpen"][0] == pytest.approx(25, abs=0.1)


# --- the package -----------------------------------------------------------------------------------------------------


def assets() -> list[Path]:
    """What Unity sees of the package: folders and files, but not those whose name ends with a tilde."""
    inside = [p for p in PACKAGE.rglob("*") if not any(part.endswith("~") for part in p.relative_to(PACKAGE).parts)]
    return [p for p in inside if p.suffix != ".meta"]


def test_every_asset_has_its_own_identity() -> None:
    """Unity passes over files of an installed package that come without a .meta file."""
    guids = {}
    for path in assets():
        meta = path.with_name(path.name + ".meta")
        assert meta.is_file(), f"{path.relative_to(ROOT)} has no .meta file"
        (guid,) = re.findall(r"^guid: ([0-9a-f]{32})$", meta.read_text(encoding="utf-8"), re.M)
        assert guid not in guids, f"{path} and {guids[guid]} have the same guid"
        guids[guid] = path
    for meta in PACKAGE.rglob("*.meta"):
        assert meta.with_suffix("").exists(), f"{meta.relative_to(ROOT)} belongs to nothing"


def test_the_manifest_is_true() -> None:
    manifest = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
    assert manifest["unity"] == "2021.3" and manifest["version"] == __version__
    for sample in manifest["samples"]:
        assert any((PACKAGE / sample["path"]).glob("*.cs"))
    assert (PACKAGE / "LICENSE.md").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_core_knows_nothing_of_unity() -> None:
    core = PACKAGE / "Runtime" / "Core"
    assert json.loads((core / "VTuberBridge.Core.asmdef").read_text(encoding="utf-8"))["noEngineReferences"] is True
    for path in core.glob("*.cs"):
        assert "using UnityEngine" not in path.read_text(encoding="utf-8"), path.name


def test_assemblies_refer_to_what_is_there() -> None:
    definitions = [json.loads(p.read_text(encoding="utf-8")) for p in PACKAGE.rglob("*.asmdef")]
    ours = {definition["name"] for definition in definitions}
    assert ours == {"VTuberBridge.Core", "VTuberBridge", "VTuberBridge.Vrm0", "VTuberBridge.Vrm10"}
    for definition in definitions:
        foreign = set(definition["references"]) - ours
        # UniVRM's assemblies may be missing: then the whole assembly is left out.
        assert not foreign or definition["defineConstraints"] == [definition["versionDefines"][0]["define"]]


def test_the_bones_are_those_of_the_wire() -> None:
    text = (PACKAGE / "Runtime" / "Core" / "HumanBones.cs").read_text(encoding="utf-8")
    assert set(re.findall(r'"(\w+)"', text)) == set(UNITY_BONE.values())


def test_files_stay_small() -> None:
    for path in [*PACKAGE.rglob("*.cs"), *TESTS.glob("*.cs")]:
        if path not in STUBS["UnityEngine"]:
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 330, f"{path.name}: split it by noun"
