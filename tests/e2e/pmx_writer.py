"""Writes PMX files: as much of the format as the tests need.

What is given is in the project's axes: right-handed, facing +Z. The file's are left-handed, facing -Z.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Place = tuple[float, float, float]
Skin = str | Sequence[str] | Callable[[Floats], list[tuple[str, str, float]]]
"""The bone of all points, of each, or two for each and the first one's weight."""

TAIL_IS_BONE, USUAL, IK, GRANT = 0x1, 0x1E, 0x20, 0x100
BOTH_SIDES, EDGE = 0x1, 0x10


@dataclass(frozen=True)
class Mesh:
    points: Floats
    normals: Floats
    uvs: Floats
    faces: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Material:
    name: str
    texture: str
    edge: float = 0.0
    toon: int = -1
    """One of the shared ramps; -1 for none."""
    sphere: str = ""
    both_sides: bool = False


@dataclass(frozen=True)
class Bone:
    name: str
    parent: str
    position: Place
    grant: tuple[str, float] | None = None
    ik: tuple[str, tuple[tuple[str, bool], ...]] | None = None
    """The effector, and the links: each with whether it is a knee."""


@dataclass(frozen=True)
class Morph:
    name: str
    offsets: Mapping[int, Floats]


@dataclass(frozen=True)
class Body:
    bone: str
    shape: str
    size: Place
    position: Place
    group: int
    physics: bool


@dataclass(frozen=True)
class Joint:
    a: int
    b: int
    limit: float
    """Radians, about x and z, to both sides."""


@dataclass
class Model:
    name: str
    materials: list[Material]
    bones: list[Bone]
    morphs: list[Morph] = field(default_factory=list)
    groups: list[tuple[str, list[tuple[str, float]]]] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    joints: list[Joint] = field(default_factory=list)
    vertices: list[bytes] = field(default_factory=list)
    faces: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)

    def add(self, mesh: Mesh, material: int, skin: Skin, centre: Place | None = None) -> int:
        """The number of its first vertex. centre: of a mesh that hangs spherically on its bones."""
        first = len(self.vertices)
        count = len(mesh.points)
        if isinstance(skin, str):
            hung = [(skin, skin, 1.0)] * count
        elif callable(skin):
            hung = skin(mesh.points)
        else:
            hung = [(name, name, 1.0) for name in skin]
        numbers = {bone.name: i for i, bone in enumerate(self.bones)}
        for point, normal, uv, (one, other, weight) in zip(mesh.points, mesh.normals, mesh.uvs, hung, strict=True):
            data = struct.pack("<8f", *_flip(point), *_flip(normal), *uv)
            if centre is not None:
                hung_on = (numbers[one], numbers[other], weight)
                data += struct.pack("<Bhhf9f", 3, *hung_on, *_flip(centre) * 3)
            elif one == other:
                data += struct.pack("<Bh", 0, numbers[one])
            else:
                data += struct.pack("<Bhhf", 1, numbers[one], numbers[other], weight)
            self.vertices.append(data + struct.pack("<f", 1.0))
        # The mirrored axis turns triangles inside out.
        self.faces.setdefault(material, []).extend(
            (first + int(a), first + int(c), first + int(b)) for a, b, c in mesh.faces
        )
        return first


def write_pmx(model: Model, version: float = 2.0, rename: Callable[[str], str] = str) -> bytes:
    """The file. rename: what bones and morphs are called in it."""
    out = [b"PMX ", struct.pack("<fB8B", version, 8, 0, 0, 4, 1, 1, 2, 2, 2)]
    out += [_text(model.name), _text("Puppet"), _text(""), _text("")]
    out += [_count(model.vertices), *model.vertices]
    faces = [face for i in range(len(model.materials)) for face in model.faces.get(i, [])]
    out += [struct.pack("<i", 3 * len(faces)), np.array(faces, "<i4").tobytes()]
    textures = sorted({path for m in model.materials for path in (m.texture, m.sphere) if path})
    out += [_count(textures), *map(_text, textures)]
    out += [_count(model.materials)]
    out += [_material(m, textures, 3 * len(model.faces.get(i, []))) for i, m in enumerate(model.materials)]
    numbers = {bone.name: i for i, bone in enumerate(model.bones)}
    out += [_count(model.bones), *(_bone(bone, numbers, rename) for bone in model.bones)]
    morphs = {morph.name: i for i, morph in enumerate(model.morphs)}
    out += [
        struct.pack("<i", len(model.morphs) + len(model.groups)),
        *(_morph(morph, rename) for morph in model.morphs),
    ]
    for name, parts in model.groups:
        out += [_text(rename(name)), _text(""), struct.pack("<BBi", 4, 0, len(parts))]
        out += [struct.pack("<hf", morphs[part], ratio) for part, ratio in parts]
    out += [_count([])]
    out += [_count(model.bodies), *(_body(body, numbers) for body in model.bodies)]
    out += [_count(model.joints), *map(_joint, model.joints)]
    return b"".join(out)


def _flip(point: Floats | Place) -> Place:
    x, y, z = (float(value) for value in point)
    return x, y, -z


def _text(text: str) -> bytes:
    data = text.encode("utf-16-le")
    return struct.pack("<i", len(data)) + data


def _count(items: Sequence[object]) -> bytes:
    return struct.pack("<i", len(items))


def _material(m: Material, textures: list[str], indices: int) -> bytes:
    flags = (BOTH_SIDES if m.both_sides else 0) | (EDGE if m.edge else 0)
    colours = struct.pack("<4f4f3fB5f", 1, 1, 1, 1, 0, 0, 0, 5, 0.5, 0.5, 0.5, flags, 0.25, 0.12, 0.2, 1, m.edge)
    sphere = textures.index(m.sphere) if m.sphere else -1
    maps = struct.pack("<bbB", textures.index(m.texture), sphere, 2 if m.sphere else 0)
    toon = struct.pack("<BB", 1, m.toon) if m.toon >= 0 else struct.pack("<Bb", 0, -1)
    return _text(m.name) + _text("") + colours + maps + toon + _text("") + struct.pack("<i", indices)


def _bone(bone: Bone, numbers: Mapping[str, int], rename: Callable[[str], str]) -> bytes:
    flags = USUAL | (GRANT if bone.grant else 0) | (IK if bone.ik else 0)
    parent = numbers[bone.parent] if bone.parent else -1
    data = (
        _text(rename(bone.name)) + _text("") + struct.pack("<3fhiH3f", *_flip(bone.position), parent, 0, flags, 0, 0, 0)
    )
    if bone.grant:
        data += struct.pack("<hf", numbers[bone.grant[0]], bone.grant[1])
    if bone.ik:
        effector, links = bone.ik
        data += struct.pack("<hifi", numbers[effector], 40, 2.0, len(links))
        for name, knee in links:
            limits = struct.pack("<6f", -np.pi, 0, 0, -0.0087, 0, 0) if knee else b""
            data += struct.pack("<hB", numbers[name], int(knee)) + limits
    return data


def _morph(morph: Morph, rename: Callable[[str], str]) -> bytes:
    offsets = b"".join(struct.pack("<i3f", vertex, *_flip(offset)) for vertex, offset in morph.offsets.items())
    return _text(rename(morph.name)) + _text("") + struct.pack("<BBi", 4, 1, len(morph.offsets)) + offsets


def _body(body: Body, numbers: Mapping[str, int]) -> bytes:
    shape = {"sphere": 0, "box": 1, "capsule": 2}[body.shape]
    data = (
        _text(body.bone)
        + _text("")
        + struct.pack("<hBHB", numbers[body.bone], body.group, 0xFFFF & ~(1 << body.group), shape)
    )
    return data + struct.pack(
        "<9f5fB", *body.size, *_flip(body.position), 0, 0, 0, 1, 0.9, 0.9, 0, 0, int(body.physics)
    )


def _joint(joint: Joint) -> bytes:
    limits = struct.pack("<6f", -joint.limit, 0, -joint.limit, joint.limit, 0, joint.limit)
    return _text("") + _text("") + struct.pack("<Bhh", 0, joint.a, joint.b) + bytes(48) + limits + bytes(24)
