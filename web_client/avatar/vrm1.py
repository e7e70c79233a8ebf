"""The VRM 1.0 extensions: licence, humanoid, gaze, expressions, springs."""

from .expressions import PRESETS
from .gltf import Document, Json
from .motion import ARKIT
from .skeleton import Skeleton

NAME = "Minamo"
AUTHOR = "The avatar driver project"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
EYES_FROM_HEAD = (0.0, 0.0865, 0.060)
"""Middle of the eyes from the head bone, metres."""
EYE_TURN = {"Inner": (50.0, 22.0), "Outer": (50.0, 26.0), "Down": (45.0, 16.0), "Up": (45.0, 16.0)}
"""How far the gaze target may be off, and the eye bone's turn there, degrees."""
COLLIDERS: list[tuple[str, tuple[float, float, float], float, tuple[float, float, float] | None]] = [
    # bone, offset from it, radius, and the other end of a capsule
    ("head", (0.0, 0.115, 0.006), 0.080, None),
    ("head", (0.0, 0.135, -0.030), 0.074, None),
    ("neck", (0.0, 0.0, -0.002), 0.042, (0.0, 0.07, 0.006)),
    ("upperChest", (0.0, 0.0, -0.010), 0.082, (0.0, 0.05, -0.006)),
    ("chest", (0.0, -0.03, 0.0), 0.078, (0.0, 0.06, 0.0)),
    ("spine", (0.0, 0.0, -0.004), 0.078, (0.0, 0.07, -0.002)),
    ("hips", (0.0, -0.02, -0.004), 0.096, (0.0, 0.05, -0.004)),
    ("leftUpperArm", (0.03, 0.0, 0.0), 0.043, (0.18, 0.0, 0.0)),
    ("rightUpperArm", (-0.03, 0.0, 0.0), 0.043, (-0.18, 0.0, 0.0)),
    ("leftShoulder", (0.02, -0.012, 0.0), 0.045, (0.07, -0.010, 0.0)),
    ("rightShoulder", (-0.02, -0.012, 0.0), 0.045, (-0.07, -0.010, 0.0)),
    ("leftUpperLeg", (0.0, 0.0, 0.0), 0.068, (0.0, -0.30, 0.0)),
    ("rightUpperLeg", (0.0, 0.0, 0.0), 0.068, (0.0, -0.30, 0.0)),
]


def extend(doc: Document, skeleton: Skeleton, bones: dict[str, int], face: int) -> None:
    """Adds VRMC_vrm and VRMC_springBone; `face` is the node with the morph targets."""
    doc.tree["extensionsUsed"] = ["VRMC_vrm", "VRMC_materials_mtoon", "VRMC_springBone"]
    doc.tree["extensions"] = {
        "VRMC_vrm": {
            "specVersion": "1.0",
            "meta": _meta(),
            "humanoid": {"humanBones": {name: {"node": bones[name]} for name in skeleton.humanoid()}},
            "firstPerson": {"meshAnnotations": [{"node": face, "type": "thirdPersonOnly"}]},
            "lookAt": _look_at(),
            "expressions": {
                "preset": {name: _expression(face, mix) for name, mix in PRESETS.items()},
                "custom": {shape: _expression(face, {shape: 1.0}) for shape in ARKIT},
            },
        },
        "VRMC_springBone": _springs(skeleton, bones),
    }


def _meta() -> Json:
    return {
        "name": NAME,
        "version": "1",
        "authors": [AUTHOR],
        "copyrightInformation": "CC0-1.0: no rights reserved",
        "licenseUrl": "https://vrm.dev/licenses/1.0/",
        "otherLicenseUrl": CC0,
        "avatarPermission": "everyone",
        "allowExcessivelyViolentUsage": True,
        "allowExcessivelySexualUsage": True,
        "commercialUsage": "corporation",
        "allowPoliticalOrReligiousUsage": True,
        "allowAntisocialOrHateUsage": False,
        "creditNotation": "unnecessary",
        "allowRedistribution": True,
        "modification": "allowModificationRedistribution",
    }


def _look_at() -> Json:
    names = {"Inner": "HorizontalInner", "Outer": "HorizontalOuter", "Down": "VerticalDown", "Up": "VerticalUp"}
    maps = {f"rangeMap{names[k]}": {"inputMaxValue": a, "outputScale": b} for k, (a, b) in EYE_TURN.items()}
    return {"type": "bone", "offsetFromHeadBone": list(EYES_FROM_HEAD), **maps}


def _expression(face: int, mix: dict[str, float]) -> Json:
    binds = [{"node": face, "index": ARKIT.index(shape), "weight": weight} for shape, weight in mix.items()]
    overrides = {"overrideBlink": "none", "overrideLookAt": "none", "overrideMouth": "none"}
    return {"isBinary": False, **({"morphTargetBinds": binds} if binds else {}), **overrides}


def _springs(skeleton: Skeleton, bones: dict[str, int]) -> Json:
    return {
        "specVersion": "1.0",
        "colliders": [
            {"node": bones[bone], "shape": _shape(offset, radius, tail)} for bone, offset, radius, tail in COLLIDERS
        ],
        "colliderGroups": [{"name": "body", "colliders": list(range(len(COLLIDERS)))}],
        "springs": [
            {
                "name": spring.name,
                "joints": [
                    {
                        "node": bones[bone],
                        "hitRadius": spring.radius,
                        "stiffness": spring.stiffness,
                        "gravityPower": spring.gravity,
                        "gravityDir": [0.0, -1.0, 0.0],
                        "dragForce": spring.drag,
                    }
                    for bone in spring.bones
                ],
            }
            | ({"colliderGroups": [0]} if spring.collides else {})
            for spring in skeleton.springs
        ],
    }


def _shape(offset: tuple[float, float, float], radius: float, tail: tuple[float, float, float] | None) -> Json:
    if tail is None:
        return {"sphere": {"offset": list(offset), "radius": radius}}
    return {"capsule": {"offset": list(offset), "radius": radius, "tail": list(tail)}}
