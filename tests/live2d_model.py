"""A Live2D model of our own, drawn and rigged here: a face, two pairs of arms, a pigtail. Japanese names all through.

Everything that the viewer has to draw is in it: a soft mask and an inverted one, light and shade, a choice of arms,
hair with physics, an expression, and an idle motion.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np
from moc3 import ADDITIVE, DOUBLE_SIDED, INVERTED_MASK, MULTIPLICATIVE, Mesh, Parameter, Points, moc3

NAME = "もも"
SIZE = 800
"""Pixels of the canvas, which are one unit."""
CELL, CELLS = 64, 4
"""The texture: 4 x 4 shapes of 64 pixels."""
NECK = np.array([0.0, 0.05])
PARTS = ("PartBody", "PartArmA", "PartArmB", "PartHead")
BODY, ARM_A, ARM_B, HEAD = range(4)

PARAMETERS = (
    Parameter("ParamAngleX", -30, 0, 30, (-30, 0, 30)),
    Parameter("ParamAngleY", -30, 0, 30, (-30, 0, 30)),
    Parameter("ParamAngleZ", -30, 0, 30, (-30, 0, 30)),
    Parameter("ParamEyeLOpen", 0, 1, 1.2, (0, 1, 1.2)),
    Parameter("ParamEyeROpen", 0, 1, 1.2, (0, 1, 1.2)),
    Parameter("ParamEyeBallX", -1, 0, 1, (-1, 0, 1)),
    Parameter("ParamEyeBallY", -1, 0, 1, (-1, 0, 1)),
    Parameter("ParamBrowLY", -1, 0, 1, (-1, 0, 1)),
    Parameter("ParamBrowRY", -1, 0, 1, (-1, 0, 1)),
    Parameter("ParamMouthOpenY", 0, 0, 1, (0, 1)),
    Parameter("ParamHair", -1, 0, 1, (-1, 0, 1)),
    Parameter("ParamArmLA", -10, -3, 10, (-10, 10)),
    Parameter("ParamBlush", 0, 0.25, 1, (0, 1)),
)
TURN = ("ParamAngleX", "ParamAngleY", "ParamAngleZ")

COLOURS = {
    "skin": (255, 224, 204),
    "hair": (112, 84, 160),
    "white": (255, 255, 255),
    "iris": (48, 120, 190),
    "brow": (80, 56, 120),
    "mouth": (200, 64, 80),
    "body": (60, 90, 150),
    "arm": (90, 130, 200),
    "crossed": (220, 150, 60),
    "shade": (214, 200, 222),
    "light": (120, 120, 90),
    "blush": (255, 150, 150),
}
ROUND = {"skin", "white", "iris", "mouth", "light", "blush"}
PLACES = {name: i for i, name in enumerate(COLOURS)}
Values = Mapping[str, float]


def texture() -> bytes:
    """A PNG with all shapes; edges are soft."""
    page = np.zeros((CELLS * CELL, CELLS * CELL, 4), np.uint8)
    y, x = np.indices((CELL, CELL)) - (CELL - 1) / 2
    for name, place in PLACES.items():
        far = np.hypot(x, y) if name in ROUND else np.maximum(abs(x), abs(y))
        alpha = np.clip(CELL / 2 - 3 - far, 0, 1)
        row, column = divmod(place, CELLS)
        cell = page[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL]
        cell[..., :3] = COLOURS[name][::-1]
        cell[..., 3] = np.round(255 * alpha)
    return bytes(cv2.imencode(".png", page)[1])


def quad(name: str, centre: tuple[float, float], half: tuple[float, float]) -> tuple[Points, Points]:
    """The corners (4, 2) of a shape on the canvas, and where it is in the texture."""
    corners = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    row, column = divmod(PLACES[name], CELLS)
    middle = np.array([column + 0.5, CELLS - row - 0.5])
    return np.array(centre) + corners * half, (middle + corners * 0.5 * (1 - 4 / CELL)) / CELLS


def headed(points: Points, values: Values, depth: float) -> Points:
    """With the head: turned about the neck, and shifted, what is nearer further."""
    angle = np.radians(-values.get("ParamAngleZ", 0.0))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    way = np.array([values.get("ParamAngleX", 0.0), values.get("ParamAngleY", 0.0)]) / 30
    return (points + 0.05 * depth * way - NECK) @ turn + NECK


def mesh(
    id: str,
    part: int,
    shape: str,
    centre: tuple[float, float],
    half: tuple[float, float],
    *,
    own: tuple[str, ...] = (),
    move: Callable[[Points, Values], Points] = lambda points, values: points,
    depth: float | None = None,
    **others: Any,
) -> Mesh:
    """One shape, moved by its own parameters and, when it has a depth, by the head's."""
    points, uvs = quad(shape, centre, half)

    def placed(values: Values) -> Points:
        moved = move(points.copy(), values)
        return moved if depth is None else headed(moved, values, depth)

    moved_by = own if depth is None else (*own, *TURN)
    return Mesh(id, part, uvs, (0, 1, 2, 0, 2, 3), placed, moved_by, **others)


def opened(name: str, centre: tuple[float, float]) -> Callable[[Points, Values], Points]:
    """As high as the parameter says."""
    return lambda points, values: np.array(centre) + (points - centre) * (1, max(values[name], 0.02))


def shifted(name: str, way: tuple[float, float], other: str = "") -> Callable[[Points, Values], Points]:
    def move(points: Points, values: Values) -> Points:
        along = np.array([values[name], values[other] if other else values[name]])
        return points + along * way

    return move


def swung(points: Points, values: Values) -> Points:
    points[:2, 0] += 0.12 * values["ParamHair"]
    return points


def meshes() -> list[Mesh]:
    """Front to back in a list, each with its own order."""
    found = [
        mesh("Tail", HEAD, "hair", (0.31, 0.02), (0.06, 0.2), own=("ParamHair",), move=swung, depth=0.6, order=300),
        mesh("Body", BODY, "body", (0, -0.28), (0.24, 0.24), order=400),
        mesh(
            "ArmA",
            ARM_A,
            "arm",
            (0.27, -0.3),
            (0.05, 0.2),
            own=("ParamArmLA",),
            move=shifted("ParamArmLA", (0.004, 0)),
            order=410,
        ),
        mesh("ArmB", ARM_B, "crossed", (0, -0.26), (0.2, 0.05), order=420),
        mesh("Neck", BODY, "skin", (0, 0), (0.07, 0.09), order=430),
        mesh("Face", HEAD, "skin", (0, 0.2), (0.25, 0.23), depth=1.0, order=500),
        mesh(
            "Mouth",
            HEAD,
            "mouth",
            (0, 0.075),
            (0.05, 0.045),
            own=("ParamMouthOpenY",),
            move=mouth,
            depth=1.3,
            order=510,
        ),
    ]
    for side, x in (("L", 0.1), ("R", -0.1)):
        found += eye(side, x, len(found))
    whites = tuple(i for i, one in enumerate(found) if one.id.startswith("White"))
    found += [
        mesh("Blush", HEAD, "blush", (0, 0.12), (0.2, 0.035), own=("ParamBlush",),
             move=opened("ParamBlush", (0, 0.12)), depth=1.2, flags=MULTIPLICATIVE | DOUBLE_SIDED, order=505),
        # The shade of the fringe falls on the face, and not on the eyes.
        mesh("Shade", HEAD, "shade", (0, 0.27), (0.22, 0.09), depth=1.1,
             flags=MULTIPLICATIVE | DOUBLE_SIDED | INVERTED_MASK, masks=whites, order=560),
        mesh("Fringe", HEAD, "hair", (0, 0.38), (0.27, 0.07), depth=1.4, order=600),
    ]  # fmt: skip
    return found


def mouth(points: Points, values: Values) -> Points:
    return np.array((0, 0.075)) + (points - (0, 0.075)) * (1, 0.12 + 0.88 * values["ParamMouthOpenY"])


def eye(side: str, x: float, first: int) -> list[Mesh]:
    """White, iris, its light, brow. The iris is seen within the white alone."""
    centre, lid = (x, 0.2), f"ParamEye{side}Open"
    look = shifted("ParamEyeBallX", (0.03, 0.02), "ParamEyeBallY")
    looks = ("ParamEyeBallX", "ParamEyeBallY")
    return [
        mesh(f"White{side}", HEAD, "white", centre, (0.06, 0.055), own=(lid,), move=opened(lid, centre), depth=1.2,
             order=520),
        mesh(f"Iris{side}", HEAD, "iris", centre, (0.035, 0.05), own=looks, move=look, depth=1.2, masks=(first,),
             order=530),
        mesh(f"Light{side}", HEAD, "light", (x + 0.012, 0.22), (0.02, 0.02), own=looks, move=look, depth=1.2,
             masks=(first,), flags=ADDITIVE | DOUBLE_SIDED, order=540),
        mesh(f"Brow{side}", HEAD, "brow", (x, 0.285), (0.05, 0.008), own=(f"ParamBrow{side}Y",),
             move=shifted(f"ParamBrow{side}Y", (0, 0.02)), depth=1.3, order=610),
    ]  # fmt: skip


def model(version: int = 1) -> bytes:
    return moc3(PARTS, PARAMETERS, meshes(), SIZE, version)


def chain(source: str, kind: str, target: str) -> dict[str, Any]:
    vertices = [
        {"Position": {"X": 0, "Y": y}, "Mobility": m, "Delay": 0.9, "Acceleration": 1.2, "Radius": y}
        for y, m in ((0, 1.0), (6, 0.93))
    ]
    edge = {"Minimum": -10, "Default": 0, "Maximum": 10}
    return {
        "Id": "PhysicsSetting1",
        "Input": [{"Source": {"Target": "Parameter", "Id": source}, "Weight": 100, "Type": kind, "Reflect": False}],
        "Output": [
            {"Destination": {"Target": "Parameter", "Id": target}, "VertexIndex": 1, "Scale": 1.5, "Weight": 100,
             "Type": "Angle", "Reflect": False}
        ],
        "Vertices": vertices,
        "Normalization": {"Position": edge, "Angle": edge},
    }  # fmt: skip


def files(folder: str = NAME) -> dict[str, bytes]:
    """All files of the model by their paths."""
    settings = {
        "Version": 3,
        "FileReferences": {
            "Moc": f"{NAME}.moc3",
            "Textures": ["画像/texture_00.png"],
            "Physics": f"{NAME}.physics3.json",
            "Pose": f"{NAME}.pose3.json",
            "DisplayInfo": f"{NAME}.cdi3.json",
            "Expressions": [{"Name": "照れ", "File": "表情/照れ.exp3.json"}],
            "Motions": {"Idle": [{"File": "動き/待機.motion3.json"}]},
        },
        "Groups": [
            {"Target": "Parameter", "Name": "EyeBlink", "Ids": ["ParamEyeLOpen", "ParamEyeROpen"]},
            {"Target": "Parameter", "Name": "LipSync", "Ids": ["ParamMouthOpenY"]},
        ],
    }
    motion = {
        "Version": 3,
        "Meta": {"Duration": 4, "Fps": 30, "Loop": True, "FadeInTime": 0.5, "FadeOutTime": 0.5},
        "Curves": [
            {"Target": "Parameter", "Id": "ParamArmLA", "Segments": [0, 8, 1, 1, 8, 1, 8, 2, 8, 0, 4, 8]},
            {"Target": "PartOpacity", "Id": "PartArmA", "Segments": [0, 0, 2, 4, 0]},
            {"Target": "PartOpacity", "Id": "PartArmB", "Segments": [0, 1, 2, 4, 1]},
        ],
    }
    blush = {
        "Type": "Live2D Expression",
        "FadeInTime": 0.2,
        "Parameters": [{"Id": "ParamBlush", "Value": 0.75, "Blend": "Add"}],
    }
    written: dict[str, bytes | dict[str, Any]] = {
        f"{NAME}.model3.json": settings,
        f"{NAME}.moc3": model(),
        f"{NAME}.physics3.json": {
            "Version": 3,
            "Meta": {},
            "PhysicsSettings": [chain("ParamAngleX", "X", "ParamHair")],
        },
        f"{NAME}.pose3.json": {
            "Type": "Live2D Pose",
            "Groups": [[{"Id": "PartArmA", "Link": []}, {"Id": "PartArmB", "Link": []}]],
        },
        f"{NAME}.cdi3.json": {"Version": 3, "Parameters": [{"Id": "ParamBlush", "GroupId": "", "Name": "頬の赤み"}]},
        "画像/texture_00.png": texture(),
        "表情/照れ.exp3.json": blush,
        "動き/待機.motion3.json": motion,
    }
    return {
        f"{folder}/{path}": content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        for path, content in written.items()
    }


def zipped(content: Mapping[str, bytes], encoding: str = "utf-8") -> bytes:
    """A zip; with Shift-JIS as Japanese systems write it: the names' encoding is not said."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in content.items():
            archive.writestr(_Name(path, encoding), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


class _Name(zipfile.ZipInfo):
    """A name written in an encoding of its own, without the flag that says UTF-8."""

    def __init__(self, name: str, encoding: str) -> None:
        super().__init__(name)
        self._encoding = encoding

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        if self._encoding == "utf-8":
            return self.filename.encode(), self.flag_bits | 0x800
        return self.filename.encode(self._encoding), self.flag_bits
