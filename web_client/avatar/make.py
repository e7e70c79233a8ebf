"""Puts the avatar together and writes the file."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from . import body, bows, clothes, ears, eyes, face_skin, gltf, hair, mouth, shoes, skeleton, textures, vrm0, vrm1
from .mesh import Mesh
from .motion import ARKIT
from .skeleton import Skeleton


@dataclass(frozen=True)
class Avatar:
    """Everything that is drawn, before any file format."""

    skeleton: Skeleton
    face: list[Mesh]
    """Parts with blendshapes."""
    body: list[Mesh]


def model() -> Avatar:
    """Minamo in T-pose, facing +Z."""
    bones = skeleton.build()
    parts = [face_skin.head_skin(), *eyes.eyes(), *mouth.mouth(), *ears.ears(), *body.skin()]
    parts += [*hair.hair(bones), *clothes.clothes(bones), *shoes.shoes(), *bows.bows(bones)]
    return Avatar(bones, [m for m in parts if m.morphs], [m for m in parts if not m.morphs])


def turned(avatar: Avatar) -> Avatar:
    """Turned about, to face -Z as VRM 0.x files do."""
    half_turn = np.array([-1.0, 1.0, -1.0])

    def turn(mesh: Mesh) -> Mesh:
        morphs = {shape: d * half_turn for shape, d in mesh.morphs.items()}
        return replace(mesh, positions=mesh.positions * half_turn, normals=mesh.normals * half_turn, morphs=morphs)

    bones = replace(avatar.skeleton, positions={name: p * half_turn for name, p in avatar.skeleton.positions.items()})
    return Avatar(bones, [turn(m) for m in avatar.face], [turn(m) for m in avatar.body])


def encode(avatar: Avatar, old_format: bool = False) -> bytes:
    """The avatar as a VRM 1.0 file, or as VRM 0.x."""
    if old_format:
        avatar = turned(avatar)
    doc = gltf.Document()
    bones = gltf.add_bones(doc, avatar.skeleton)
    gltf.add_skin(doc, avatar.skeleton)
    pictures = gltf.add_materials(doc, textures.paint(), mtoon=not old_format)
    body_node = gltf.add_mesh(doc, "Body", avatar.body, bones)
    face_node = gltf.add_mesh(doc, "Face", avatar.face, bones, ARKIT)
    doc.add("scenes", {"nodes": [0, body_node, face_node]})
    if old_format:
        vrm0.extend(doc, avatar.skeleton, bones, face_node, pictures)
    else:
        vrm1.extend(doc, avatar.skeleton, bones, face_node)
    return doc.glb()


def build(path: str | Path, vrm0: bool = False) -> Path:
    """Writes the default avatar to `path`; the bytes are the same every time."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(encode(model(), vrm0))
    return target
