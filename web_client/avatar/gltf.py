"""Writes meshes, bones and pictures as binary glTF 2.0, leaving room for the VRM extensions."""

import json
import struct
from typing import Any

import numpy as np

from .arrays import Floats, unit
from .materials import MATERIALS
from .mesh import Mesh, joined
from .picture import linear, png
from .skeleton import Skeleton

Json = dict[str, Any]
_ARRAY, _ELEMENTS = 34962, 34963
_COMPONENT = {"f4": 5126, "u1": 5121, "u2": 5123}
MORPH_FLOOR = 2e-5
"""Displacements under this, metres, are not stored."""


class Document:
    """The glTF tree and its binary chunk, grown piece by piece."""

    def __init__(self) -> None:
        self.tree: Json = {"asset": {"version": "2.0", "generator": "the project's avatar package"}, "scene": 0}
        for key in (
            "scenes",
            "nodes",
            "meshes",
            "materials",
            "textures",
            "images",
            "accessors",
            "bufferViews",
            "skins",
        ):
            self.tree[key] = []
        self.tree["samplers"] = [{"magFilter": 9729, "minFilter": 9987, "wrapS": 10497, "wrapT": 33071}]
        self._binary = bytearray()

    def view(self, data: bytes, target: int | None = None) -> int:
        self._binary.extend(b"\0" * (-len(self._binary) % 4))
        entry = {"buffer": 0, "byteOffset": len(self._binary), "byteLength": len(data)}
        if target is not None:
            entry["target"] = target
        self._binary.extend(data)
        return self._append("bufferViews", entry)

    def accessor(
        self, values: "np.ndarray[Any, Any]", kind: str, dtype: str, target: int | None = None, bounds: bool = False
    ) -> int:
        """Values (n, ...) stored whole, as glTF type `kind`."""
        array = np.ascontiguousarray(values, dtype="<" + dtype)
        view = self.view(array.tobytes(), target)
        entry: Json = {"bufferView": view, "componentType": _COMPONENT[dtype], "count": len(array), "type": kind}
        if bounds:
            entry |= {"min": array.min(0).tolist(), "max": array.max(0).tolist()}
        return self._append("accessors", entry)

    def sparse(self, moves: Floats) -> int:
        """Displacements (n, 3) of which only the moving ones are stored."""
        rows = np.flatnonzero(np.abs(moves).max(1) > MORPH_FLOOR)
        kept = np.zeros(moves.shape, "<f4")
        kept[rows] = moves[rows]
        bounds = {"min": kept.min(0).tolist(), "max": kept.max(0).tolist()}
        entry: Json = {"componentType": 5126, "count": len(kept), "type": "VEC3"} | bounds
        if len(rows):
            indices = {"bufferView": self.view(rows.astype("<u2").tobytes()), "componentType": 5123}
            values = {"bufferView": self.view(kept[rows].tobytes())}
            entry["sparse"] = {"count": len(rows), "indices": indices, "values": values}
        return self._append("accessors", entry)

    def picture(self, name: str, pixels: Floats) -> int:
        """A texture index for the painted picture."""
        image = self._append("images", {"name": name, "mimeType": "image/png", "bufferView": self.view(png(pixels))})
        return self._append("textures", {"sampler": 0, "source": image})

    def _append(self, key: str, entry: Json) -> int:
        self.tree[key].append(entry)
        return len(self.tree[key]) - 1

    def add(self, key: str, entry: Json) -> int:
        """Appends to a top-level list; returns the index."""
        return self._append(key, entry)

    def glb(self) -> bytes:
        """The finished file."""
        self._binary.extend(b"\0" * (-len(self._binary) % 4))
        self.tree["buffers"] = [{"byteLength": len(self._binary)}]
        text = json.dumps(self.tree, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        total = 12 + 8 + len(text) + 8 + len(self._binary)
        head = struct.pack("<III", 0x46546C67, 2, total) + struct.pack("<II", len(text), 0x4E4F534A)
        return head + text + struct.pack("<II", len(self._binary), 0x004E4942) + bytes(self._binary)


def add_bones(doc: Document, skeleton: Skeleton) -> dict[str, int]:
    """Bone name -> node index; the first is the root."""
    index = {name: k for k, name in enumerate(skeleton.parents)}
    for name, parent in skeleton.parents.items():
        origin = skeleton.positions[parent] if parent else np.zeros(3)
        node: Json = {"name": name, "translation": [round(float(v), 6) for v in skeleton.positions[name] - origin]}
        children = [index[child] for child, p in skeleton.parents.items() if p == name]
        doc.add("nodes", node | ({"children": children} if children else {}))
    return index


def add_skin(doc: Document, skeleton: Skeleton) -> int:
    matrices = np.tile(np.eye(4), (len(skeleton.parents), 1, 1))
    matrices[:, 3, :3] = -np.array(list(skeleton.positions.values()))
    inverse = doc.accessor(matrices.reshape(-1, 16), "MAT4", "f4")
    return doc.add("skins", {"joints": list(range(len(matrices))), "inverseBindMatrices": inverse, "skeleton": 0})


def joints_and_weights(mesh: Mesh, bones: dict[str, int]) -> tuple[Floats, Floats]:
    """The four strongest bones of each vertex (n, 4) and their weights, summing to 1."""
    names = list(mesh.weights)
    table = np.maximum(np.stack([mesh.weights[name] for name in names], 1), 0)
    table = np.concatenate([table, np.zeros((len(table), 4))], 1)
    order = np.argsort(-table, axis=1, kind="stable")[:, :4]
    weights = np.take_along_axis(table, order, 1)
    weights = np.where(weights > 1e-3, weights, 0)
    weights /= weights.sum(1, keepdims=True)
    index = np.array([bones[name] for name in names] + [0] * 4)[order]
    return np.where(weights > 0, index, 0), weights


def add_mesh(doc: Document, name: str, meshes: list[Mesh], bones: dict[str, int], shapes: tuple[str, ...] = ()) -> int:
    """A skinned node of one primitive per material, with the given morph targets; returns the node's index."""
    materials = list(MATERIALS)
    primitives = []
    for material in materials:
        parts = [m for m in meshes if m.material == material]
        if parts:
            primitives.append(_primitive(doc, joined(parts), bones, shapes) | {"material": materials.index(material)})
    mesh: Json = {"name": name, "primitives": primitives}
    if shapes:
        mesh |= {"weights": [0.0] * len(shapes), "extras": {"targetNames": list(shapes)}}
    return doc.add("nodes", {"name": name, "mesh": doc.add("meshes", mesh), "skin": 0})


def _primitive(doc: Document, mesh: Mesh, bones: dict[str, int], shapes: tuple[str, ...]) -> Json:
    joints, weights = joints_and_weights(mesh, bones)
    attributes = {
        "POSITION": doc.accessor(mesh.positions, "VEC3", "f4", _ARRAY, bounds=True),
        "NORMAL": doc.accessor(unit(mesh.normals), "VEC3", "f4", _ARRAY),
        "TEXCOORD_0": doc.accessor(mesh.uvs, "VEC2", "f4", _ARRAY),
        "JOINTS_0": doc.accessor(joints, "VEC4", "u1", _ARRAY),
        "WEIGHTS_0": doc.accessor(weights, "VEC4", "f4", _ARRAY),
    }
    primitive: Json = {
        "attributes": attributes,
        "indices": doc.accessor(mesh.triangles.ravel(), "SCALAR", "u2", _ELEMENTS),
    }
    if shapes:
        still = np.zeros_like(mesh.positions)
        primitive["targets"] = [{"POSITION": doc.sparse(mesh.morphs.get(shape, still))} for shape in shapes]
    return primitive


def add_materials(doc: Document, pictures: dict[str, Floats], mtoon: bool) -> dict[str, int]:
    """All materials, with the VRM 1.0 MToon extension if asked; returns picture name -> texture index."""
    textures = {name: doc.picture(name, pixels) for name, pixels in pictures.items()}
    for name, m in MATERIALS.items():
        pbr: Json = {"baseColorFactor": [*linear(m.lit), 1.0], "metallicFactor": 0.0, "roughnessFactor": 1.0}
        toon: Json = {
            "specVersion": "1.0",
            "shadeColorFactor": linear(m.shade),
            "shadingShiftFactor": m.shift,
            "shadingToonyFactor": 0.92,
            "giEqualizationFactor": 0.9,
            "parametricRimColorFactor": linear(m.rim),
            "parametricRimFresnelPowerFactor": 4.0,
            "rimLightingMixFactor": 1.0,
        }
        if m.outline:
            toon |= {"outlineWidthMode": "worldCoordinates", "outlineWidthFactor": m.outline_width}
            toon |= {"outlineColorFactor": linear(m.outline), "outlineLightingMixFactor": 0.0}
        if m.outline_picture:
            toon["outlineWidthMultiplyTexture"] = {"index": textures[m.outline_picture]}
        if m.picture:
            pbr["baseColorTexture"] = {"index": textures[m.picture]}
            toon["shadeMultiplyTexture"] = {"index": textures[m.picture]}
        extensions = {"VRMC_materials_mtoon": toon} if mtoon else {"KHR_materials_unlit": {}}
        doc.add(
            "materials",
            {"name": name, "doubleSided": m.both_sides, "pbrMetallicRoughness": pbr, "extensions": extensions},
        )
    return textures
