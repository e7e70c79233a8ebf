"""The VRM 0.x extension: the same avatar for older applications."""

from .expressions import PRESETS
from .gltf import Document, Json
from .materials import MATERIALS, Material
from .motion import ARKIT
from .picture import color
from .skeleton import Skeleton
from .vrm1 import AUTHOR, CC0, COLLIDERS, EYE_TURN, EYES_FROM_HEAD, NAME

PRESET_NAMES = {  # VRM 1.0 -> 0.x preset and group name
    "happy": ("joy", "Joy"), "angry": ("angry", "Angry"), "sad": ("sorrow", "Sorrow"), "relaxed": ("fun", "Fun"),
    "surprised": ("unknown", "Surprised"), "neutral": ("neutral", "Neutral"),
    "aa": ("a", "A"), "ih": ("i", "I"), "ou": ("u", "U"), "ee": ("e", "E"), "oh": ("o", "O"),
    "blink": ("blink", "Blink"), "blinkLeft": ("blink_l", "Blink_L"), "blinkRight": ("blink_r", "Blink_R"),
    "lookUp": ("lookup", "LookUp"), "lookDown": ("lookdown", "LookDown"),
    "lookLeft": ("lookleft", "LookLeft"), "lookRight": ("lookright", "LookRight"),
}  # fmt: skip


def extend(doc: Document, skeleton: Skeleton, bones: dict[str, int], face: int, textures: dict[str, int]) -> None:
    """Adds the VRM extension; `face` is the node with the morph targets."""
    doc.tree["extensionsUsed"] = ["VRM", "KHR_materials_unlit"]
    head = bones["head"]
    doc.tree["extensions"] = {
        "VRM": {
            "exporterVersion": "the project's avatar package",
            "specVersion": "0.0",
            "meta": _meta(),
            "humanoid": {
                "humanBones": [
                    {"bone": _bone_name(n), "node": bones[n], "useDefaultValues": True} for n in skeleton.humanoid()
                ]
            },
            "firstPerson": _first_person(head, doc.tree["nodes"][face]["mesh"]),
            "blendShapeMaster": {"blendShapeGroups": _groups(doc.tree["nodes"][face]["mesh"])},
            "secondaryAnimation": _secondary(skeleton, bones),
            "materialProperties": [_material(name, m, textures) for name, m in MATERIALS.items()],
        }
    }


def _meta() -> Json:
    return {
        "title": NAME,
        "version": "1",
        "author": AUTHOR,
        "contactInformation": "",
        "reference": "",
        "allowedUserName": "Everyone",
        "violentUssageName": "Allow",
        "sexualUssageName": "Allow",
        "commercialUssageName": "Allow",
        "otherPermissionUrl": "",
        "licenseName": "CC0",
        "otherLicenseUrl": CC0,
    }


def _bone_name(name: str) -> str:
    """VRM 0.x counts the thumb's joints as it does the fingers'."""
    return name.replace("ThumbProximal", "ThumbIntermediate").replace("ThumbMetacarpal", "ThumbProximal")


def _first_person(head: int, face_mesh: int) -> Json:
    x, y, z = EYES_FROM_HEAD
    curve = [0, 0, 0, 1, 1, 1, 1, 0]
    names = {"Inner": "HorizontalInner", "Outer": "HorizontalOuter", "Down": "VerticalDown", "Up": "VerticalUp"}
    maps: Json = {f"lookAt{names[k]}": {"curve": curve, "xRange": a, "yRange": b} for k, (a, b) in EYE_TURN.items()}
    return {
        "firstPersonBone": head,
        "firstPersonBoneOffset": {"x": x, "y": y, "z": z},
        "meshAnnotations": [{"mesh": face_mesh, "firstPersonFlag": "ThirdPersonOnly"}],
        "lookAtTypeName": "Bone",
        **maps,
    }


def _groups(mesh: int) -> list[Json]:
    """Presets first, then the 52 ARKit shapes under their PascalCase names."""
    presets = [_group(group, preset, mesh, PRESETS[name]) for name, (preset, group) in PRESET_NAMES.items()]
    return presets + [_group(shape[0].upper() + shape[1:], "unknown", mesh, {shape: 1.0}) for shape in ARKIT]


def _group(name: str, preset: str, mesh: int, mix: dict[str, float]) -> Json:
    binds = [{"mesh": mesh, "index": ARKIT.index(shape), "weight": weight * 100} for shape, weight in mix.items()]
    return {"name": name, "presetName": preset, "binds": binds, "materialValues": [], "isBinary": False}


def _secondary(skeleton: Skeleton, bones: dict[str, int]) -> Json:
    """Spheres only, in Unity's axes: the file's, with z turned round."""
    groups: list[Json] = []
    for bone, offset, radius, tail in COLLIDERS:
        ends = (
            [offset]
            if tail is None
            else [tuple(a + (b - a) * k / 2 for a, b in zip(offset, tail, strict=True)) for k in range(3)]
        )
        spheres = [{"offset": {"x": -x, "y": y, "z": z}, "radius": radius} for x, y, z in ends]
        groups.append({"node": bones[bone], "colliders": spheres})
    springs = [
        {
            "comment": spring.name,
            "stiffiness": spring.stiffness,
            "gravityPower": spring.gravity,
            "gravityDir": {"x": 0.0, "y": -1.0, "z": 0.0},
            "dragForce": spring.drag,
            "center": -1,
            "hitRadius": spring.radius,
            "bones": [bones[spring.bones[0]]],
            "colliderGroups": list(range(len(groups))) if spring.collides else [],
        }
        for spring in skeleton.springs
    ]
    return {"boneGroups": springs, "colliderGroups": groups}


def _material(name: str, m: Material, textures: dict[str, int]) -> Json:
    """MToon 0.x properties; its colours are sRGB."""
    floats = {
        "_Cutoff": 0.5, "_BumpScale": 1.0, "_ReceiveShadowRate": 1.0, "_ShadingGradeRate": 1.0, "_ShadeShift": m.shift,
        "_ShadeToony": 0.9, "_LightColorAttenuation": 0.0, "_IndirectLightIntensity": 0.1, "_RimLightingMix": 1.0,
        "_RimFresnelPower": 4.0, "_RimLift": 0.0, "_OutlineWidth": m.outline_width * 100,
        "_OutlineScaledMaxDistance": 1.0, "_OutlineLightingMix": 0.0,
        "_BlendMode": 0.0, "_OutlineWidthMode": 1.0 if m.outline else 0.0,
        "_OutlineColorMode": 0.0, "_CullMode": 0.0 if m.both_sides else 2.0, "_OutlineCullMode": 1.0,
        "_SrcBlend": 1.0, "_DstBlend": 0.0, "_ZWrite": 1.0, "_MToonVersion": 38.0,
    }  # fmt: skip
    colors = {"_Color": m.lit, "_ShadeColor": m.shade, "_RimColor": m.rim, "_OutlineColor": m.outline or "#000000"}
    vectors = {key: [*(round(float(v), 4) for v in color(code)), 1.0] for key, code in colors.items()}
    slots = {key: textures[m.picture] for key in ("_MainTex", "_ShadeTexture")} if m.picture else {}
    if m.outline_picture:
        slots["_OutlineWidthTexture"] = textures[m.outline_picture]
    return {
        "name": name,
        "shader": "VRM/MToon",
        "renderQueue": 2000,
        "floatProperties": floats,
        "vectorProperties": vectors | {key: [0, 0, 1, 1] for key in slots},
        "textureProperties": slots,
        "keywordMap": {"MTOON_OUTLINE_WIDTH_WORLD": True} if m.outline else {},
        "tagMap": {"RenderType": "Opaque"},
    }
