"""What leaves us: the avatar's state, its names, and how it is written as JSON. The only definition of it.

Conventions, stated once:

* weights: Apple's ARKit names in camelCase, 0..1, keyed by name, never by position
* expressions and bones: VRM 1.0 names
* left and right are the performer's own
* axes: glTF / VRM 1.0 / three.js: right-handed, x to the performer's left, +Y up, facing +Z; metres, seconds, radians
* rotations: unit quaternions x, y, z, w, local to the parent bone in VRM's normalized pose (the T-pose is identity)

`python -m vtuber.wire` writes the TypeScript and C# twins; CI fails when they are stale.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

WIRE_VERSION = 1
EVENT = "avatar"
"""The Socket.IO event that carries one state."""
PORT = 8765
"""Where our own server listens, unless it is told otherwise."""

Tracking = Literal["tracked", "coasting", "lost", "reacquired"]
"""tracked: measured now. coasting: briefly unseen, the pose held and eased. lost: idle. reacquired: blending back."""
TRACKING: tuple[Tracking, ...] = get_args(Tracking)

ARKIT = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft",
    "eyeSquintLeft", "eyeWideLeft",
    "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight",
    "eyeSquintRight", "eyeWideRight",
    "jawForward", "jawLeft", "jawRight", "jawOpen",
    "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight", "mouthSmileLeft", "mouthSmileRight",
    "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
)  # fmt: skip
"""The 52 blendshapes, in the order of ARKit's headers."""

PRESETS = (
    "happy", "angry", "sad", "relaxed", "surprised", "neutral",
    "aa", "ih", "ou", "ee", "oh", "blink", "blinkLeft", "blinkRight",
    "lookUp", "lookDown", "lookLeft", "lookRight",
)  # fmt: skip
"""The 18 expression presets of VRM 1.0."""

BONES = ("spine", "chest", "upperChest", "neck", "head", "leftEye", "rightEye")
"""The VRM bones that every state drives. It may name any other bone of VRM's humanoid, such as arms and fingers that
another app tracks; a client rests the bones that are not named, and passes over names it does not know."""


def _fingers(name: str, proximal: float, intermediate: float, distal: float) -> dict[str, tuple[float, float, float]]:
    parts = {"Proximal": proximal, "Intermediate": intermediate, "Distal": distal}
    return {f"left{name}{part}": (0.0, 0.0, -angle) for part, angle in parts.items()}


RELAXED = {
    # A negative turn about z lowers the left arm, which points along +x in the T-pose.
    "leftShoulder": (0.0, 0.0, -3.0),
    "leftUpperArm": (4.0, -4.0, -71.0),
    "leftLowerArm": (0.0, -14.0, -4.0),
    "leftHand": (-4.0, 0.0, -3.0),
    **_fingers("Index", 8, 16, 10),
    **_fingers("Middle", 12, 20, 12),
    **_fingers("Ring", 16, 24, 14),
    **_fingers("Little", 18, 26, 16),
    "leftThumbMetacarpal": (0.0, 10.0, 0.0),
    "leftThumbProximal": (0.0, 8.0, 0.0),
    "leftThumbDistal": (0.0, 14.0, 0.0),
}
"""How a bone rests that is not named: arms down, elbows a touch bent, fingers loosely curled; those not listed here
rest in the T-pose. Local turns from it about x, y and z, in degrees, Rx Ry Rz; the right side is the mirror image."""

Quaternion = tuple[float, float, float, float]
Vector = tuple[float, float, float]
NO_TURN: Quaternion = (0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class AvatarState:
    """One performer at one moment."""

    timestamp: float
    """Capture time of the frame, seconds, monotonic."""
    person: int
    """Stable from frame to frame; 0 is the first performer."""
    tracking: Tracking
    confidence: float
    """0..1; 0 while nobody is seen."""
    head_rotation: Quaternion
    """Of the whole head against the camera's level view: the product of the bones from spine to head."""
    head_position: Vector
    """Metres from the neutral place (the profile's, else where the performer was first seen)."""
    bones: Mapping[str, Quaternion]
    blendshapes: Mapping[str, float]
    expressions: Mapping[str, float]

    def weights(self) -> list[float]:
        """Of the 52 blendshapes, in the order of ARKIT; 0 of those that are not named."""
        return list(map(self.blendshapes.get, ARKIT, _NOTHING))


_NOTHING = (0.0,) * len(ARKIT)


def to_json(state: AvatarState) -> dict[str, Any]:
    """The state as plain JSON values, rounded to what can be seen: 0.1 mm, 0.01 degrees, 1/1000 of a weight.

    Whoever asks for the same state next gets the same dict: do not change it.

    Raises:
        ValueError: a number is not finite.
    """
    # The viewer and the outputs that write files ask one after the other; one assignment is safe between threads.
    global _told
    known, told = _told
    if known is not state:
        told = _plain(state)
        _told = state, told
    return told


_told: tuple[AvatarState | None, dict[str, Any]] = None, {}
"""The last state that was asked for, and what it is in JSON."""


def _plain(state: AvatarState) -> dict[str, Any]:
    if not math.isfinite(_total(state)):
        raise ValueError(f"state of person {state.person} at {state.timestamp} holds a number that is not finite")
    return {
        "v": WIRE_VERSION,
        "t": round(state.timestamp, 4),
        "person": state.person,
        "tracking": state.tracking,
        "confidence": round(state.confidence, 3),
        "head": {"rotation": _rounded(state.head_rotation, 5), "position": _rounded(state.head_position, 4)},
        "bones": {name: _rounded(q, 5) for name, q in state.bones.items()},
        # Weights are not negative, and for 70 of them round() would take most of the time spent here.
        "blendshapes": {name: int(w * 1000 + 0.5) / 1000 for name, w in state.blendshapes.items()},
        "expressions": {name: int(w * 1000 + 0.5) / 1000 for name, w in state.expressions.items()},
    }


def _rounded(values: Quaternion | Vector, digits: int) -> list[float]:
    return [round(v, digits) for v in values]


def _total(state: AvatarState) -> float:
    """A sum that is finite only when every number is."""
    total = state.timestamp + state.confidence + sum(state.head_rotation) + sum(state.head_position)
    total += sum(sum(q) for q in state.bones.values())
    return total + sum(state.blendshapes.values()) + sum(state.expressions.values())


# --- the twins -------------------------------------------------------------------------------------------------------

ROOT = Path(__file__).parent.parent
HEADER = "// Written by `python -m vtuber.wire` from vtuber/wire.py: change it there, not here.\n"


def typescript() -> str:
    def names(constant: str, type_name: str, values: tuple[str, ...]) -> str:
        listed = "".join(f"  '{v}',\n" for v in values)
        kind = f"export type {type_name} = (typeof {constant})[number];\n"
        return f"export const {constant} = [\n{listed}] as const;\n{kind}"

    relaxed = "".join(f"  {bone}: [{x:g}, {y:g}, {z:g}],\n" for bone, (x, y, z) in RELAXED.items())
    return "\n".join(
        [
            HEADER,
            f"export const WIRE_VERSION = {WIRE_VERSION};\nexport const EVENT = '{EVENT}';\n",
            names("TRACKING", "Tracking", TRACKING),
            names("ARKIT", "ArkitName", ARKIT),
            names("PRESETS", "PresetName", PRESETS),
            names("BONES", "BoneName", BONES),
            "/** Bones at rest, degrees about x, y, z from the T-pose; the right side is the mirror image. */\n"
            f"export const RELAXED: Record<string, readonly [number, number, number]> = {{\n{relaxed}}};\n",
            "/** Unit quaternion x, y, z, w; right-handed, +Y up, facing +Z. */\n"
            "export type Quaternion = [number, number, number, number];\n"
            "/** Metres. */\nexport type Vector = [number, number, number];\n",
            "/** One performer at one moment. Left and right are the performer's own. */\n"
            "export interface AvatarState {\n"
            "  v: number;\n"
            "  /** Capture time, seconds, on the sender's monotonic clock. */\n"
            "  t: number;\n"
            "  person: number;\n"
            "  tracking: Tracking;\n"
            "  confidence: number;\n"
            "  head: { rotation: Quaternion; position: Vector };\n"
            "  bones: Record<string, Quaternion>;\n"
            "  blendshapes: Record<string, number>;\n"
            "  expressions: Record<string, number>;\n"
            "  /** Seconds from capture to sending, added by the server. */\n"
            "  age?: number;\n"
            "}\n",
        ]
    )


def csharp() -> str:
    def names(constant: str, values: tuple[str, ...]) -> str:
        listed = "".join(f'            "{v}",\n' for v in values)
        return f"        public static readonly string[] {constant} =\n        {{\n{listed}        }};\n"

    body = "\n".join([names("Arkit", ARKIT), names("Presets", PRESETS), names("Bones", BONES)])
    return (
        f"{HEADER}namespace VTuberBridge\n{{\n"
        "    /// <summary>The names on the wire: ARKit blendshapes, VRM 1.0 expression presets and bones.</summary>\n"
        "    public static class Wire\n    {\n"
        f"        public const int Version = {WIRE_VERSION};\n\n{body}    }}\n}}\n"
    )


TWINS = {"web_client/src/wire.ts": typescript, "unity_bridge/Runtime/Core/Wire.cs": csharp}


def main() -> None:
    """Write the twins into the checkout."""
    for name, make in TWINS.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
