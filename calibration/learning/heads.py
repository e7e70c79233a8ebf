"""Random heads that are known exactly: who, how lit, from where, looking and acting how; drawn by render_heads.

The renderer and the head model (ICT-FaceKit, MIT) are not part of this project: `load` takes the folder of both.
Lengths are centimetres here, as there; angles in degrees.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from calibration.learning import worn
from vtuber.wire import ARKIT

Array = npt.NDArray[np.float64]
Rng = np.random.Generator

WINDOW = 240
"""px: side of the picture that is drawn around the head."""
COARSE = 0.75
"""Vertices of the mesh are merged into cells of this size (cm) outside eyes and mouth: it draws three times as fast."""
SKIN = ("tex_face", "tex_head")
TEETH, FRONT_TEETH = 0.3, 1.6
"""cm: cells of the molars; nearer to the middle than this, teeth keep their shape."""

PAIRED = sorted({n[: -len("Left")] for n in ARKIT if n.endswith("Left") and not n.startswith(("mouthLeft", "jawLeft"))})
SINGLE = [
    n
    for n in ARKIT
    if n not in ("tongueOut", "mouthClose")
    and n.removesuffix("Left") not in PAIRED
    and n.removesuffix("Right") not in PAIRED
]
ACTED = [n for n in [*PAIRED, *SINGLE] if not n.startswith(("eyeLook", "eyeBlink"))]
"""What an expression is made of; lids and gaze go their own way."""

HARD = ("eyeSquint", "eyeWide", "cheekSquint", "mouthFrown", "mouthLowerDown", "mouthPress", "browDown", "jawForward")
"""Small motions that much else resembles: shown alone and in company as often again."""
COMMON = [*ACTED, *HARD]
BESIDE, BESIDE_SHARE = ("eyeSquint", "eyeWide", "cheekSquint", "mouthPress"), 0.2
"""The hardest of them also come into whatever else a face does, so often."""

ONE_SIDED = 0.55
"""More than in life: what is rare is read as noise, and a raised brow drew the other with it."""

LOOKS: tuple[dict[str, float], ...] = (
    {"mouthSmile": 1.0, "cheekSquint": 0.6, "eyeSquint": 0.4},
    {"mouthSmile": 0.8, "jawOpen": 0.4, "mouthUpperUp": 0.4, "cheekSquint": 0.5},
    {"browInnerUp": 0.9, "browOuterUp": 0.9, "eyeWide": 0.6, "jawOpen": 0.4},
    {"browInnerUp": 0.8, "mouthFrown": 0.8, "mouthShrugLower": 0.4},
    {"browDown": 1.0, "eyeSquint": 0.5, "mouthPress": 0.6},
    {"browDown": 0.8, "noseSneer": 0.9, "mouthUpperUp": 0.7},
    {"jawOpen": 0.9}, {"jawOpen": 0.5, "mouthStretch": 0.5}, {"jawOpen": 0.5, "mouthLowerDown": 0.5},
    {"jawOpen": 0.3, "mouthFunnel": 0.7, "mouthPucker": 0.3}, {"mouthPucker": 0.9, "jawOpen": 0.1},
    {"mouthPucker": 0.6, "cheekPuff": 0.6}, {"cheekPuff": 1.0}, {"cheekPuff": 0.8, "mouthPress": 0.5},
    {"mouthRollLower": 0.7, "mouthRollUpper": 0.5}, {"mouthRollLower": 0.7, "mouthUpperUp": 0.3, "jawOpen": 0.1},
    {"mouthPress": 0.8, "mouthRollLower": 0.3}, {"mouthSmile": 0.4, "mouthStretch": 0.4, "jawOpen": 0.15},
    {"mouthShrugUpper": 0.5, "mouthShrugLower": 0.7}, {"mouthDimple": 0.7, "mouthPress": 0.4},
    {"mouthUpperUp": 0.4, "mouthLowerDown": 0.5, "jawOpen": 0.1}, {"mouthLeft": 0.8}, {"mouthRight": 0.8},
    {"jawLeft": 0.8, "jawOpen": 0.2}, {"jawRight": 0.8, "jawOpen": 0.2}, {"jawForward": 0.8},
    {"mouthClose": 0.6, "jawOpen": 0.6}, {"mouthStretch": 0.8, "jawOpen": 0.2}, {"eyeWide": 0.9}, {"eyeSquint": 0.9},
)  # fmt: skip
"""What faces do in company; each is scaled and mixed at random."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """The modules and the mesh of render_heads."""

    headmodel: Any
    model: dict[str, Any]
    people: list[dict[str, Any]]
    marks: Array
    """(68, 2) where the landmarks lie on the face's texture, 0..1."""


def load(folder: Path) -> Renderer:
    """Read render_heads from its folder."""
    sys.path.insert(0, str(folder))
    import headmodel

    model = dict(np.load(folder / "ict_head.npz"))
    people = []
    for name in ("identity_A", "identity_B"):
        data = np.load(folder / f"{name}.npz")
        someone = {k: (data[k] if data[k].ndim else data[k].item()) for k in data.files}
        for key in SKIN:
            picture = cv2.imdecode(someone[key], cv2.IMREAD_COLOR)
            someone[key] = cv2.resize(picture, (1024, 1024)).astype(np.float32)
        people.append(someone)
    return Renderer(headmodel, coarse(model), people, worn.marks_on_skin(model))


def coarse(model: dict[str, Any]) -> dict[str, Any]:
    """The head model with fewer triangles where neither eyes nor lips are; every vertex stays, and moves as before."""
    v, faces, uvs, materials = model["v"], model["f"], model["f_vt"], model["f_mat"]
    fine = np.zeros(len(v), bool)
    marks = v[model["lm68"]]
    for group, reach in ((slice(36, 48), 0.8), (slice(48, 68), 0.7)):
        distance = np.linalg.norm(v[:, None] - marks[group][None], axis=2).min(1)
        fine |= distance < reach
    part = np.zeros(len(v), int)
    for i, (a, b) in enumerate(model["part_range"]):
        part[a:b] = i
        name = str(model["part_names"][i])
        if name.startswith(("sclera", "lashes")):
            fine[a:b] = True
        elif name == "teeth":
            fine[a:b] = np.abs(v[a:b, 0]) < FRONT_TEETH
        elif name in ("gums_tongue", "mouth_socket", "eye_socket_l", "eye_socket_r"):
            fine[a:b] = False
    size = np.full(len(v), COARSE)
    names = [str(n) for n in model["part_names"]]
    size[part == names.index("head_neck")] = 2 * COARSE
    size[part == names.index("teeth")] = TEETH
    cell = np.floor(v / size[:, None]).astype(np.int64)
    key = np.where(
        fine,
        10**9 + np.arange(len(v)),
        ((part * 400 + cell[:, 0] + 200) * 400 + cell[:, 1] + 200) * 400 + cell[:, 2] + 200,
    )
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    kept = first[group]
    uv_of: dict[tuple[int, int], int] = {}
    for corner, uv, material in zip(faces.ravel(), uvs.ravel(), np.repeat(materials, 3), strict=True):
        uv_of.setdefault((int(corner), int(material)), int(uv))
    merged = kept[faces]
    whole = (merged[:, 0] != merged[:, 1]) & (merged[:, 1] != merged[:, 2]) & (merged[:, 2] != merged[:, 0])
    new_uvs = uvs[whole].copy()
    for i, (old, corners, material) in enumerate(zip(faces[whole], merged[whole], materials[whole], strict=True)):
        for k in range(3):
            if old[k] != corners[k]:
                new_uvs[i, k] = uv_of.get((int(corners[k]), int(material)), new_uvs[i, k])
    return {**model, "f": merged[whole], "f_vt": new_uvs, "f_mat": materials[whole]}


def person(r: Renderer, rng: Rng) -> dict[str, Any]:
    """Somebody new: a random face, a skin mixed of those at hand, hair or none, eyes of any colour."""
    a, b = r.people if rng.random() < 0.5 else r.people[::-1]
    mix = rng.beta(0.6, 0.6)
    base = dict(a)
    base.pop("v_extra", None)
    # Modes of about unit deviation; a wider draw than life's, so that nobody is outside it.
    base["coef"] = rng.normal(0, rng.uniform(0.5, 1.1), 50)
    tint = np.array([1.0, rng.uniform(0.8, 1.08), rng.uniform(0.7, 1.1)]) * rng.uniform(0.4, 1.15)
    for key in SKIN:
        skin = a[key] * (1 - mix) + b[key] * mix
        blotches = cv2.resize(
            rng.normal(0, 1, (8, 8, 3)).astype(np.float32), (1024, 1024), interpolation=cv2.INTER_CUBIC
        )
        skin = skin * (1 + 0.05 * blotches)
        contrast = rng.uniform(0.75, 1.25)
        mean = skin.mean((0, 1))
        skin = mean + contrast * (skin - mean)
        if key == "tex_face":
            skin = worn.painted(skin, r.marks, rng)
        base[key] = cv2.imencode(".bmp", np.clip(skin, 0, 255).astype(np.uint8))[1].ravel()
    base["skin_tint"] = tuple(tint)
    base["iris"] = tuple(rng.uniform(0.1, 0.75) * rng.uniform(0.5, 1.0, 3))
    base["gloss"] = float(rng.uniform(0.5, 2.0))
    base["lashes"] = bool(rng.random() < 0.8)
    base["shirt"] = tuple(rng.uniform(0.02, 0.8, 3))
    base["torso_f"] = base["torso_f"][:1]  # out of the window, and dear
    if rng.random() < 0.25:
        base.pop("hair_v", None)
    else:
        base["hair_tint"] = tuple(rng.uniform(0.1, 1.5) * rng.uniform(0.6, 1.0, 3))
    return worn.with_glasses(base, r.model, rng) if rng.random() < worn.GLASSES else base


def expression(rng: Rng) -> dict[str, float]:
    """ARKit weights of one moment, without gaze."""
    weights: dict[str, float] = {}

    def add(name: str, value: float) -> None:
        names = [name] if name in ARKIT else [f"{name}Left", f"{name}Right"]
        if len(names) == 2 and rng.random() < ONE_SIDED:
            names = [str(rng.choice(names))]
        for n in names:
            weights[n] = min(1.0, weights.get(n, 0.0) + value)

    kind = rng.random()
    if kind < 0.25:
        add(str(rng.choice(COMMON)), rng.uniform(0.15, 1.0))
    elif kind < 0.5:
        for name in rng.choice(COMMON, rng.integers(2, 5), replace=False):
            add(str(name), rng.uniform(0.1, 1.0))
    elif kind < 0.85:
        for _ in range(rng.integers(1, 3)):
            scale = rng.uniform(0.2, 1.1)
            for name, value in LOOKS[rng.integers(len(LOOKS))].items():
                add(name, min(1.0, scale * value * rng.uniform(0.6, 1.4)))
    elif kind < 0.93:
        for name in rng.choice(COMMON, 8, replace=False):
            add(str(name), rng.uniform(0.0, 0.35))
    if rng.random() < BESIDE_SHARE:
        add(str(rng.choice(BESIDE)), rng.uniform(0.2, 1.0))
    if "mouthClose" not in weights and weights.get("jawOpen", 0) > 0.2 and rng.random() < 0.1:
        weights["mouthClose"] = rng.uniform(0.2, 1.0) * weights["jawOpen"]
    if "mouthClose" in weights:
        weights["mouthClose"] = min(weights["mouthClose"], weights.get("jawOpen", 0.0))
    lids = rng.random()
    if lids < 0.4:
        left = right = rng.uniform(0, 1) if rng.random() < 0.6 else 1.0
        if rng.random() < 0.4:
            left, right = [(left, 0.0), (0.0, right), (rng.uniform(0, 1), rng.uniform(0, 1))][rng.integers(3)]
        weights.update(eyeBlinkLeft=float(left), eyeBlinkRight=float(right))
    return {name: float(value) for name, value in weights.items() if value > 0}


def angles(rng: Rng) -> Array:
    """Yaw, pitch, roll, degrees: mostly towards the screen, with a tail to the sides."""
    if rng.random() < 0.4:
        return np.array([rng.uniform(-70, 70), rng.uniform(-30, 30), rng.uniform(-30, 30)])
    return rng.normal(0, 1, 3) * [14, 8, 6]


def gaze(rng: Rng) -> tuple[tuple[float, float], tuple[float, float]]:
    """Yaw and pitch of the left and the right eye, degrees: together, often converging a little."""
    if rng.random() < 0.2:
        yaw, pitch = rng.normal(0, 3, 2)
    else:
        yaw, pitch = rng.uniform(-32, 32), rng.uniform(-24, 22)
    converge = rng.uniform(0, 4) if rng.random() < 0.5 else 0.0
    return (float(yaw - converge), float(pitch)), (float(yaw + converge), float(pitch))
