"""VRM files made of another: broken in one place, or without something."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

HEADER, CHUNK = 12, 8


def edited(vrm: bytes, edit: Callable[[dict[str, Any]], None]) -> bytes:
    """The file with its description changed in place by `edit`."""
    (length,) = struct.unpack_from("<I", vrm, HEADER)
    gltf = json.loads(vrm[HEADER + CHUNK : HEADER + CHUNK + length])
    edit(gltf)
    text = json.dumps(gltf).encode()
    text += b" " * (-len(text) % 4)
    rest = vrm[HEADER + CHUNK + length :]
    head = struct.pack("<4sII", b"glTF", 2, HEADER + CHUNK + len(text) + len(rest))
    return head + struct.pack("<I4s", len(text), b"JSON") + text + rest


def without_humanoid(gltf: dict[str, Any]) -> None:
    del gltf["extensions"]["VRMC_vrm"]["humanoid"]


def without_texture(gltf: dict[str, Any]) -> None:
    """The first picture lies where something else does."""
    gltf["images"][0]["bufferView"] = 0


def with_lost_texture(gltf: dict[str, Any]) -> None:
    """The first picture is a file of its own, which is not there."""
    gltf["images"][0] = {"uri": "lost.png"}


def nameless(gltf: dict[str, Any]) -> None:
    """No expression by any name that is looked for, and no gaze."""
    vrm = gltf["extensions"]["VRMC_vrm"]
    vrm["expressions"] = {"custom": {"something else": next(iter(vrm["expressions"]["preset"].values()))}}
    vrm.pop("lookAt", None)
    for mesh in gltf["meshes"]:
        names = mesh.get("extras", {}).get("targetNames", [])
        mesh.setdefault("extras", {})["targetNames"] = [f"shape {i}" for i in range(len(names))]


def with_small_pictures(gltf: dict[str, Any]) -> None:
    """Every picture is the smallest one: as many textures as before, sooner read."""
    smallest = min(gltf["images"], key=lambda image: gltf["bufferViews"][image["bufferView"]]["byteLength"])
    gltf["images"] = [dict(smallest) for _ in gltf["images"]]
