"""The default avatar: its files are read back and checked as a stranger would."""

import json
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.interpolate import LinearNDInterpolator

WEB_CLIENT = Path(__file__).resolve().parents[1] / "web_client"
sys.path.insert(0, str(WEB_CLIENT))

from avatar import make  # noqa: E402

ARKIT = [
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen",
    "jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight",
    "mouthPucker", "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft",
    "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
]  # fmt: skip
PRESETS = [
    "happy", "angry", "sad", "relaxed", "surprised", "neutral", "aa", "ih", "ou", "ee", "oh", "blink", "blinkLeft",
    "blinkRight", "lookUp", "lookDown", "lookLeft", "lookRight",
]  # fmt: skip
REQUIRED_PARENTS = {
    "spine": "hips", "chest": "spine", "upperChest": "chest", "neck": "upperChest", "head": "neck", "leftEye": "head",
    "rightEye": "head", "leftShoulder": "upperChest", "leftUpperArm": "leftShoulder", "leftLowerArm": "leftUpperArm",
    "leftHand": "leftLowerArm", "leftUpperLeg": "hips", "leftLowerLeg": "leftUpperLeg", "leftFoot": "leftLowerLeg",
    "leftToes": "leftFoot", "rightUpperArm": "rightShoulder", "rightLowerArm": "rightUpperArm",
    "rightHand": "rightLowerArm", "rightUpperLeg": "hips", "rightLowerLeg": "rightUpperLeg",
    "rightFoot": "rightLowerLeg",
}  # fmt: skip
SIZE_LIMIT = 6_000_000
DTYPES = {5126: "<f4", 5121: "<u1", 5123: "<u2"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


class Glb:
    """A binary glTF file taken apart."""

    def __init__(self, data: bytes) -> None:
        magic, version, length = struct.unpack_from("<III", data)
        assert (magic, version, length) == (0x46546C67, 2, len(data))
        size, kind = struct.unpack_from("<II", data, 12)
        assert kind == 0x4E4F534A
        self.tree: dict[str, Any] = json.loads(data[20 : 20 + size])
        self.binary = data[28 + size :]
        assert len(self.binary) == self.tree["buffers"][0]["byteLength"]

    def view(self, index: int, dtype: str, width: int, count: int) -> NDArray[Any]:
        view = self.tree["bufferViews"][index]
        assert view["byteOffset"] + view["byteLength"] <= len(self.binary)
        return np.frombuffer(self.binary, dtype, count * width, view["byteOffset"]).reshape(count, width)

    def accessor(self, index: int) -> NDArray[Any]:
        a = self.tree["accessors"][index]
        dtype, width = DTYPES[a["componentType"]], WIDTHS[a["type"]]
        if "bufferView" in a:
            return self.view(a["bufferView"], dtype, width, a["count"])
        values = np.zeros((a["count"], width), dtype)
        if "sparse" in a:
            s = a["sparse"]
            rows = self.view(s["indices"]["bufferView"], DTYPES[s["indices"]["componentType"]], 1, s["count"])[:, 0]
            values[rows] = self.view(s["values"]["bufferView"], dtype, width, s["count"])
        return values

    def node(self, name: str) -> dict[str, Any]:
        return next(n for n in self.tree["nodes"] if n["name"] == name)

    def primitives(self, name: str) -> list[dict[str, Any]]:
        return list(self.tree["meshes"][self.node(name)["mesh"]]["primitives"])

    def part(self, name: str, material: str) -> dict[str, Any]:
        return next(p for p in self.primitives(name) if self.tree["materials"][p["material"]]["name"] == material)

    def positions(self, primitive: dict[str, Any]) -> NDArray[Any]:
        return self.accessor(primitive["attributes"]["POSITION"])

    def morph(self, primitive: dict[str, Any], shape: str) -> NDArray[Any]:
        return self.accessor(primitive["targets"][ARKIT.index(shape)]["POSITION"])

    def posed(self, primitive: dict[str, Any], **weights: float) -> NDArray[Any]:
        """Positions (n, 3) with blendshapes applied."""
        return np.asarray(self.positions(primitive) + sum(w * self.morph(primitive, s) for s, w in weights.items()))


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    avatar = make.model()
    return {"1": make.encode(avatar), "0": make.encode(avatar, old_format=True)}


@pytest.fixture(scope="module")
def glb(files: dict[str, bytes]) -> Glb:
    return Glb(files["1"])


@pytest.fixture(scope="module")
def old(files: dict[str, bytes]) -> Glb:
    return Glb(files["0"])


def vrm(glb: Glb) -> dict[str, Any]:
    return dict(glb.tree["extensions"]["VRMC_vrm"])


def test_same_bytes_every_time(files: dict[str, bytes], tmp_path: Path) -> None:
    assert make.build(tmp_path / "again.vrm").read_bytes() == files["1"]


def test_size(files: dict[str, bytes]) -> None:
    assert all(100_000 < len(data) < SIZE_LIMIT for data in files.values())


def test_geometry_is_sound(glb: Glb, old: Glb) -> None:
    for file in (glb, old):
        joints = len(file.tree["skins"][0]["joints"])
        for primitive in file.primitives("Body") + file.primitives("Face"):
            attributes = {key: file.accessor(k) for key, k in primitive["attributes"].items()}
            count = len(attributes["POSITION"])
            indices = file.accessor(primitive["indices"])
            assert indices.max() < count and len(indices) % 3 == 0
            assert attributes["JOINTS_0"].max() < joints
            assert np.isfinite(attributes["POSITION"]).all()
            np.testing.assert_allclose(attributes["WEIGHTS_0"].sum(1), 1, atol=1e-5)
            np.testing.assert_allclose(np.linalg.norm(attributes["NORMAL"], axis=1), 1, atol=1e-4)


def test_real_scale_facing_forward(glb: Glb) -> None:
    points = np.concatenate([glb.positions(p) for p in glb.primitives("Body") + glb.primitives("Face")])
    assert -0.01 < points[:, 1].min() < 0.01
    assert 1.4 < points[:, 1].max() < 1.6
    assert glb.positions(glb.part("Body", "iris"))[:, 2].min() > 0.03


def test_required_bones_and_their_parents(glb: Glb) -> None:
    bones = {name: b["node"] for name, b in vrm(glb)["humanoid"]["humanBones"].items()}
    parents = {child: k for k, node in enumerate(glb.tree["nodes"]) for child in node.get("children", [])}
    for bone, parent in REQUIRED_PARENTS.items():
        assert parents[bones[bone]] == bones[parent]
    fingers = [b for b in bones if any(f in b for f in ("Thumb", "Index", "Middle", "Ring", "Little"))]
    assert len(fingers) == 30
    assert len(set(bones.values())) == len(bones)


def test_left_is_plus_x(glb: Glb) -> None:
    bones = vrm(glb)["humanoid"]["humanBones"]
    for name in ("UpperArm", "UpperLeg", "Shoulder"):
        x = glb.tree["nodes"][bones["left" + name]["node"]]["translation"][0]
        assert x > 0 and glb.tree["nodes"][bones["right" + name]["node"]]["translation"][0] == -x


def test_custom_expressions_are_the_52_shapes(glb: Glb) -> None:
    face = glb.tree["nodes"].index(glb.node("Face"))
    mesh = glb.tree["meshes"][glb.node("Face")["mesh"]]
    assert mesh["extras"]["targetNames"] == ARKIT
    custom = vrm(glb)["expressions"]["custom"]
    assert sorted(custom) == ARKIT
    for shape, expression in custom.items():
        assert expression["morphTargetBinds"] == [{"node": face, "index": ARKIT.index(shape), "weight": 1.0}]


def test_eighteen_presets(glb: Glb) -> None:
    presets = vrm(glb)["expressions"]["preset"]
    assert sorted(presets) == sorted(PRESETS)
    for name, preset in presets.items():
        binds = preset.get("morphTargetBinds", [])
        assert bool(binds) == (name != "neutral")
        assert all(0 < bind["weight"] <= 1 and bind["index"] < 52 for bind in binds)


@pytest.mark.parametrize("shape", ARKIT)
def test_every_shape_moves_the_skin_visibly(glb: Glb, shape: str) -> None:
    skin = glb.part("Face", "face")
    assert np.linalg.norm(glb.morph(skin, shape), axis=1).max() > 0.001


@pytest.mark.parametrize("shape", [s for s in ARKIT if s.endswith("Left") and s not in ("jawLeft", "mouthLeft")])
def test_left_shapes_move_the_left_and_mirror_the_right(glb: Glb, shape: str) -> None:
    skin = glb.part("Face", "face")
    rest, left = glb.positions(skin), np.linalg.norm(glb.morph(skin, shape), axis=1)
    right = np.linalg.norm(glb.morph(skin, shape.replace("Left", "Right")), axis=1)
    assert left[rest[:, 0] > 0].sum() > 0.85 * left.sum()
    order = np.lexsort(np.round(rest, 5).T)
    mirror = np.lexsort(np.round(rest * [-1, 1, 1], 5).T)
    assert abs(left[order].sum() - right[mirror].sum()) < 1e-4
    assert left.max() == pytest.approx(right.max(), abs=1e-6)


@pytest.mark.parametrize("shape, sign", [("jawLeft", 1), ("jawRight", -1), ("mouthLeft", 1), ("mouthRight", -1)])
def test_sideways_shapes_go_to_her_own_side(glb: Glb, shape: str, sign: int) -> None:
    assert sign * glb.morph(glb.part("Face", "face"), shape)[:, 0].sum() > 0.01


def lid_gap(glb: Glb, **weights: float) -> float:
    """Widest height between the left upper and lower lid, metres, where the lids' edge is the eye opening's rim."""
    lid = glb.part("Face", "lid")
    rest, posed = glb.positions(lid), glb.posed(lid, **weights)
    rim = np.flatnonzero((rest[:, 0] > 0) & (np.arange(len(rest)) % 88 < 44))
    upper = rim[rest[rim, 1] > np.median(rest[rim, 1])]
    lower = np.setdiff1d(rim, upper)
    gaps = [
        posed[k, 1] - np.interp(posed[k, 0], *posed[lower[np.argsort(posed[lower, 0])]][:, :2].T)
        for k in upper
        if posed[lower, 0].min() < posed[k, 0] < posed[lower, 0].max()
    ]
    return float(max(gaps))


def test_blink_closes_the_eye(glb: Glb) -> None:
    assert lid_gap(glb) > 0.02
    assert 0.006 < lid_gap(glb, eyeBlinkLeft=0.5) < 0.02
    assert lid_gap(glb, eyeBlinkLeft=1.0) < 0.001
    assert lid_gap(glb, eyeBlinkLeft=1.0, eyeSquintLeft=1.0, eyeLookDownLeft=1.0) < 0.001
    assert lid_gap(glb, eyeWideLeft=1.0) > lid_gap(glb) + 0.002


def lip_gap(glb: Glb, **weights: float) -> float:
    """Height of the mouth's opening in the middle, metres: the first row of its wall hangs on the upper lip."""
    wall = glb.posed(glb.part("Face", "mouth"), **weights).reshape(9, 25, 3)
    return float(wall[0, 12, 1] - wall[-1, 12, 1])


def test_jaw_opens_and_mouth_close_shuts_the_lips(glb: Glb) -> None:
    assert abs(lip_gap(glb)) < 0.0005
    assert lip_gap(glb, jawOpen=1.0) > 0.015
    assert abs(lip_gap(glb, jawOpen=1.0, mouthClose=1.0)) < 0.001
    assert abs(lip_gap(glb, jawOpen=0.5, mouthClose=0.5)) < 0.001


MARGIN = 0.01
"""As far around what is looked for, metres, a surface counts."""


def front_of(points: NDArray[Any], places: NDArray[Any]) -> NDArray[Any]:
    """Depth of a surface's front at the (x, y) of places (m, 3), from its points (n, 3); NaN beside it."""
    low, high = places[:, :2].min(axis=0) - MARGIN, places[:, :2].max(axis=0) + MARGIN
    near = ((points[:, :2] > low) & (points[:, :2] < high)).all(axis=1)
    front = points[(points[:, 2] > 0.02) & near]
    return np.asarray(LinearNDInterpolator(front[:, :2], front[:, 2])(places[:, :2]))


LIPS_SHUT = [
    "cheekPuff", "jawForward", "jawLeft", "mouthDimpleLeft", "mouthFrownLeft", "mouthLeft", "mouthPressLeft",
    "mouthRollLower", "mouthRollUpper", "mouthShrugUpper", "mouthSmileLeft", "mouthStretchLeft",
]  # fmt: skip


def test_teeth_stay_behind_shut_lips(glb: Glb) -> None:
    skin, teeth = glb.part("Face", "face"), glb.part("Face", "teeth")
    for shape in LIPS_SHUT:
        points = glb.posed(teeth, **{shape: 1.0})
        ahead = points[:, 2] - front_of(glb.posed(skin, **{shape: 1.0}), points)
        assert np.nanmax(ahead) < -0.0005, shape


BROWS = ["browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight"]


def test_brows_lie_between_skin_and_fringe(glb: Glb) -> None:
    skin, brow = glb.part("Face", "face"), glb.part("Face", "brow")
    hair = glb.positions(glb.part("Body", "hair"))
    for weights in ({}, *({shape: 1.0} for shape in BROWS)):
        points = glb.posed(brow, **weights)
        ahead = points[:, 2] - front_of(glb.posed(skin, **weights), points)
        assert ahead.min() > 0.0005 and ahead.max() < 0.005
        for point in points:
            over = hair[(np.hypot(*(hair[:, :2] - point[:2]).T) < 0.002) & (hair[:, 2] > 0.03)]
            assert (over[:, 2] > point[2]).all()


@pytest.mark.parametrize("blink", [0.0, 0.5, 1.0])
def test_lids_slide_over_the_eyeballs(glb: Glb, blink: float) -> None:
    points = glb.posed(glb.part("Face", "face"), eyeBlinkLeft=blink, eyeBlinkRight=blink)
    points = points[points[:, 2] > 0.02]
    for material in ("iris", "eyewhite"):
        ball = glb.positions(glb.part("Body", material))
        left = ball[ball[:, 0] > 0]
        behind = LinearNDInterpolator(left[:, :2], left[:, 2])(points[:, :2]) - points[:, 2]
        assert np.nanmax(behind) < 0.0002, material


def test_ears_stand_out_from_the_head(glb: Glb) -> None:
    bare, head = glb.positions(glb.part("Body", "skin")), glb.positions(glb.part("Face", "face"))
    eyes = glb.positions(glb.part("Body", "iris"))[:, 1].mean()
    for side in (1, -1):
        ear = bare[(side * bare[:, 0] > 0.06) & (np.abs(bare[:, 1] - eyes) < 0.06)]
        assert 0.03 < np.ptp(ear[:, 1]) < 0.07
        assert (side * ear[:, 0]).max() > (side * head[:, 0]).max() + 0.004


def test_every_finger_has_a_nail(glb: Glb) -> None:
    nails, joints = glb.positions(glb.part("Body", "nail")), bone_places(glb)
    for name, place in joints.items():
        if name.endswith("Distal"):
            assert np.linalg.norm(nails - place, axis=1).min() < 0.02, name


def bone_places(glb: Glb) -> dict[str, NDArray[Any]]:
    """Where the humanoid's bones are in T-pose, (3,) each."""
    nodes = glb.tree["nodes"]
    parents = {child: k for k, node in enumerate(nodes) for child in node.get("children", [])}

    def place(index: int) -> NDArray[Any]:
        own = np.array(nodes[index].get("translation", [0.0, 0.0, 0.0]))
        return own + place(parents[index]) if index in parents else own

    return {name: place(bone["node"]) for name, bone in vrm(glb)["humanoid"]["humanBones"].items()}


def test_chin_stays_down_when_the_lips_close_over_an_open_jaw(glb: Glb) -> None:
    skin = glb.part("Face", "face")
    rest, posed = glb.positions(skin), glb.posed(skin, jawOpen=1.0, mouthClose=1.0)
    chin = int(np.argmin(rest[:, 1]))
    assert posed[chin, 1] < rest[chin, 1] - 0.004


def test_gaze_is_the_bones_alone(glb: Glb) -> None:
    assert vrm(glb)["lookAt"]["type"] == "bone"
    iris = glb.part("Body", "iris")
    bones = vrm(glb)["humanoid"]["humanBones"]
    joints, weights = (glb.accessor(iris["attributes"][key]) for key in ("JOINTS_0", "WEIGHTS_0"))
    driven = (weights * np.isin(joints, [bones["leftEye"]["node"], bones["rightEye"]["node"]])).sum(1)
    assert driven.min() > 0.2


def test_springs_hang_together(glb: Glb) -> None:
    spring = glb.tree["extensions"]["VRMC_springBone"]
    human = {b["node"] for b in vrm(glb)["humanoid"]["humanBones"].values()}
    assert len(spring["springs"]) > 10
    for chain in spring["springs"]:
        nodes = [joint["node"] for joint in chain["joints"]]
        assert len(nodes) > 1 and not human & set(nodes)
        for parent, child in zip(nodes, nodes[1:], strict=False):
            assert child in glb.tree["nodes"][parent]["children"]
    assert {c["node"] for c in spring["colliders"]} <= human


def test_free_for_all(glb: Glb, old: Glb) -> None:
    meta = vrm(glb)["meta"]
    assert "publicdomain/zero" in meta["otherLicenseUrl"]
    assert meta["avatarPermission"] == "everyone" and meta["commercialUsage"] == "corporation"
    assert meta["allowRedistribution"] and meta["modification"] == "allowModificationRedistribution"
    assert old.tree["extensions"]["VRM"]["meta"]["licenseName"] == "CC0"


def test_vrm0_twin(old: Glb, glb: Glb) -> None:
    extension = old.tree["extensions"]["VRM"]
    groups = {g["name"]: g for g in extension["blendShapeMaster"]["blendShapeGroups"]}
    mesh = old.node("Face")["mesh"]
    for shape in ARKIT:
        group = groups[shape[0].upper() + shape[1:]]
        assert group["binds"] == [{"mesh": mesh, "index": ARKIT.index(shape), "weight": 100.0}]
    presets = {g["presetName"] for g in groups.values()} - {"unknown"}
    assert len(presets) == 17 and {"joy", "a", "blink_l", "lookup"} <= presets
    assert len(extension["materialProperties"]) == len(old.tree["materials"])
    assert {"hips", "leftThumbProximal", "leftThumbIntermediate"} <= {
        b["bone"] for b in extension["humanoid"]["humanBones"]
    }
    new_face, old_face = (f.positions(f.part("Face", "face")) for f in (glb, old))
    np.testing.assert_allclose(old_face, new_face * [-1, 1, -1], atol=1e-6)
    assert extension["secondaryAnimation"]["boneGroups"]
