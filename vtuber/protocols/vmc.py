"""VMC, the Virtual Motion Capture protocol V3.1: names, and a state as messages. vmc_reader.py is the other direction.

https://protocol.vmc.info/english (CC BY). Rotations and places are Unity's: left-handed, y up, the avatar facing +z,
metres, quaternions x, y, z, w, local to the parent bone; the specification never says so, every implementation does.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import cast

import numpy as np

from vtuber import rotation
from vtuber.protocols import osc
from vtuber.wire import ARKIT, NO_TURN, RELAXED, AvatarState, Quaternion, Vector

PORT = 39539
"""Where a Marionette, the app that shows the avatar, listens."""

FINGERS = tuple(
    f"{side}{finger}{joint}"
    for side in ("left", "right")
    for finger in ("Thumb", "Index", "Middle", "Ring", "Little")
    for joint in (("Metacarpal" if finger == "Thumb" else "Proximal"),
                  ("Proximal" if finger == "Thumb" else "Intermediate"), "Distal")
)  # fmt: skip
LIMBS = tuple(
    f"{side}{part}"
    for part in ("UpperLeg", "LowerLeg", "Foot", "Shoulder", "UpperArm", "LowerArm", "Hand", "Toes", "Eye")
    for side in ("left", "right")
)
HUMANOID = ("hips", "spine", "chest", "upperChest", "neck", "head", "jaw", *LIMBS, *FINGERS)
"""The 55 bones of a VRM 1.0 humanoid."""


def _unity_bone(name: str) -> str:
    """Unity's HumanBodyBones counts the thumb's joints as those of the other fingers."""
    if "Thumb" in name:
        name = name.replace("Proximal", "Intermediate").replace("Metacarpal", "Proximal")
    return name[0].upper() + name[1:]


UNITY_BONE: Mapping[str, str] = {name: _unity_bone(name) for name in HUMANOID}
"""VRM 1.0 -> VMC."""

EXPRESSIONS: Mapping[str, Mapping[str, str]] = {
    "vrm0": {
        "happy": "Joy", "angry": "Angry", "sad": "Sorrow", "relaxed": "Fun", "surprised": "Surprised",
        "neutral": "Neutral", "aa": "A", "ih": "I", "ou": "U", "ee": "E", "oh": "O",
        "blink": "Blink", "blinkLeft": "Blink_L", "blinkRight": "Blink_R",
        "lookUp": "LookUp", "lookDown": "LookDown", "lookLeft": "LookLeft", "lookRight": "LookRight",
    },
    "vrm1": {},
    "arkit": {name: name[0].upper() + name[1:] for name in ARKIT},
}  # fmt: skip
"""Vocabulary -> our name -> the name sent. vrm1 is our own; arkit is "Perfect Sync" as VSeeFace spells it."""

REST: dict[str, Vector] = {
    "hips": (0.0, 0.8, 0.0),
    "spine": (0.0, 0.065, 0.0),
    "chest": (0.0, 0.08, -0.002),
    "upperChest": (0.0, 0.09, -0.006),
    "neck": (0.0, 0.109, -0.01),
    "head": (0.0, 0.053, 0.01),
    "leftEye": (0.017, 0.082, 0.016),
    "leftShoulder": (0.022, 0.095, -0.004),
    "leftUpperArm": (0.07, -0.004, 0.0),
    "leftLowerArm": (0.198, 0.0, 0.0),
    "leftHand": (0.195, 0.0, 0.01),
    "leftUpperLeg": (0.068, -0.045, 0.0),
    "leftLowerLeg": (-0.002, -0.34, 0.002),
    "leftFoot": (-0.002, -0.34, -0.014),
    "leftToes": (0.002, -0.053, 0.074),
    "leftThumbMetacarpal": (0.027, -0.014, 0.02),
    "leftThumbProximal": (0.021, -0.004, 0.016),
    "leftThumbDistal": (0.021, -0.004, 0.016),
    "leftIndexProximal": (0.081, 0.001, 0.025),
    "leftIndexIntermediate": (0.022, -0.001, 0.002),
    "leftIndexDistal": (0.022, -0.001, 0.002),
    "leftMiddleProximal": (0.084, 0.002, 0.008),
    "leftMiddleIntermediate": (0.025, -0.001, 0.0),
    "leftMiddleDistal": (0.025, -0.001, 0.0),
    "leftRingProximal": (0.081, 0.001, -0.009),
    "leftRingIntermediate": (0.022, -0.001, -0.002),
    "leftRingDistal": (0.022, -0.001, -0.002),
    "leftLittleProximal": (0.075, -0.001, -0.024),
    "leftLittleIntermediate": (0.018, -0.001, -0.002),
    "leftLittleDistal": (0.018, -0.001, -0.002),
}
"""Where a bone rests from its parent: those of the default avatar, metres, our axes. A receiver that takes places
literally shows a distorted avatar instead of one fallen into a point; most take rotations only."""
REST.update({name.replace("left", "right"): (-x, y, z) for name, (x, y, z) in REST.items() if name.startswith("left")})

_CALIBRATED, _NORMAL = 3, 0
"""The calibration state and mode of an app that needs none: done, no mixed reality."""
_OK = [osc.head("/VMC/Ext/OK", "iiii") + struct.pack(">4i", 1, _CALIBRATED, _NORMAL, seen) for seen in (False, True)]
_TIME = osc.head("/VMC/Ext/T", "f")
_ROOT = osc.head("/VMC/Ext/Root/Pos", "fffffff", "root")
_BONE, _BLEND = "/VMC/Ext/Bone/Pos", "/VMC/Ext/Blend/Val"
_APPLY = osc.head("/VMC/Ext/Blend/Apply", "")


class Writer:
    """States -> the packets of one VMC frame, in the order OK, T, Root, bones, values, Apply.

    A receiver may keep what it is not told: every name is sent in every frame, zeros too.

    Args:
        vocabularies: of EXPRESSIONS, which names the weights are sent under.
        relaxed: bones that the state does not name are sent as wire.RELAXED has them; else they are not sent.
        bundled: several messages in a packet; else each is one.

    Raises:
        ValueError: an unknown vocabulary.
    """

    def __init__(
        self, vocabularies: Collection[str] = ("vrm0", "arkit"), *, relaxed: bool = True, bundled: bool = False
    ) -> None:
        strange = [v for v in vocabularies if v not in EXPRESSIONS]
        if strange or not vocabularies:
            raise ValueError(f"names must be some of {'+'.join(EXPRESSIONS)}, not {'+'.join(vocabularies)!r}")
        self._presets = [EXPRESSIONS[v] for v in vocabularies if v != "arkit"]
        self._arkit = EXPRESSIONS["arkit"] if "arkit" in vocabularies else {}
        self._bundled = bundled
        turns = relaxed_turns() if relaxed else {}
        self._relaxed = {n: _bone(n) + struct.pack(">4f", *rotation.to_unity(np.array(q))) for n, q in turns.items()}
        # The names are those of the frame before, unless somebody's tracking begins or ends.
        self._sheet = lru_cache(maxsize=16)(self._written)
        self._start: float | None = None

    def packets(self, state: AvatarState) -> list[bytes]:
        """One frame. Bones that are no VRM bones are left out."""
        if self._start is None:
            self._start = state.timestamp
        bones = {"hips": NO_TURN} | {name: q for name, q in state.bones.items() if name in UNITY_BONE}
        sheet = self._sheet(state.tracking in ("tracked", "reacquired"), tuple(bones), tuple(state.expressions))
        numbers = [
            # From the first state on: a 32-bit float of a clock that runs for days would stand still for whole frames.
            state.timestamp - self._start,
            *rotation.unity_position(np.array(state.head_position)).tolist(),
            *rotation.to_unity(np.array([NO_TURN, *bones.values()])).ravel().tolist(),
        ]
        # Receivers add up the clips, and nearly every avatar has its lids one by one.
        presets = [0.0 if name == "blink" else weight for name, weight in state.expressions.items()]
        numbers += presets * len(self._presets)
        numbers += state.weights() if self._arkit else ()
        return sheet.filled(numbers)

    def _written(self, seen: bool, bones: Sequence[str], expressions: Sequence[str]) -> osc.Sheet:
        messages = [(_OK[seen], 0), (_TIME, 1), (_ROOT, 7)]
        messages += [(_bone(name), 4) for name in bones]
        messages += [(message, 0) for name, message in self._relaxed.items() if name not in bones]
        values = [names.get(name, name) for names in self._presets for name in expressions] + [*self._arkit.values()]
        messages += [(osc.head(_BLEND, "f", name), 1) for name in values]
        return osc.Sheet([*messages, (_APPLY, 0)], bundled=self._bundled)


def _bone(name: str) -> bytes:
    """A bone's message up to its rotation."""
    place = rotation.unity_position(np.array(REST.get(name, (0.0, 0.0, 0.0))))
    return osc.head(_BONE, "fffffff", UNITY_BONE[name]) + struct.pack(">3f", *place)


def relaxed_turns() -> dict[str, Quaternion]:
    """wire.RELAXED as quaternions, for both sides."""
    turns: dict[str, Quaternion] = {}
    for name, degrees in RELAXED.items():
        x, y, z = (rotation.exp(math.radians(angle) * axis) for angle, axis in zip(degrees, np.eye(3), strict=True))
        turn = rotation.multiply(x, rotation.multiply(y, z))
        turns[name] = cast(Quaternion, tuple(turn.tolist()))
        turns[name.replace("left", "right")] = cast(Quaternion, tuple(rotation.mirror(turn).tolist()))
    return turns
