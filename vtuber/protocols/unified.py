"""Unified Expressions: a state as the v2 parameters of VRCFaceTracking, for which avatars of VRChat are built.

Names, sums and signs are those of its source (Params/Expressions at 4c58db6). What ARKit does not measure, such as the
tongue's turns, is not there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from vtuber import rotation
from vtuber.wire import NO_TURN, AvatarState

SIDES = ("Right", "Left")
PERSONAL_SPACE_M = 0.5
"""The head's place is told from -1 to 1 for so many metres each way."""


def _base() -> dict[str, str]:
    base = {
        "JawOpen": "jawOpen", "JawRight": "jawRight", "JawLeft": "jawLeft", "JawForward": "jawForward",
        "MouthClosed": "mouthClose", "MouthRaiserUpper": "mouthShrugUpper", "MouthRaiserLower": "mouthShrugLower",
        "TongueOut": "tongueOut",
    }  # fmt: skip
    for side in SIDES:
        for name, arkit in {
            "EyeSquint": f"eyeSquint{side}", "EyeWide": f"eyeWide{side}",
            "BrowPinch": f"browDown{side}", "BrowLowerer": f"browDown{side}",
            "BrowInnerUp": "browInnerUp", "BrowOuterUp": f"browOuterUp{side}",
            "CheekSquint": f"cheekSquint{side}", "CheekPuff": "cheekPuff",
            "LipSuckUpper": "mouthRollUpper", "LipSuckLower": "mouthRollLower",
            "LipFunnelUpper": "mouthFunnel", "LipFunnelLower": "mouthFunnel",
            "LipPuckerUpper": "mouthPucker", "LipPuckerLower": "mouthPucker",
            "MouthUpperUp": f"mouthUpperUp{side}", "MouthLowerDown": f"mouthLowerDown{side}",
            "NoseSneer": f"noseSneer{side}", "MouthUpper": f"mouth{side}", "MouthLower": f"mouth{side}",
            "MouthCornerPull": f"mouthSmile{side}", "MouthCornerSlant": f"mouthSmile{side}",
            "MouthFrown": f"mouthFrown{side}", "MouthStretch": f"mouthStretch{side}",
            "MouthDimple": f"mouthDimple{side}", "MouthPress": f"mouthPress{side}",
        }.items():  # fmt: skip
            base[f"{name}{side}"] = arkit
    return base


BASE: Mapping[str, str] = _base()
"""Unified expression -> the ARKit shape that says it."""
MEANS = (
    "BrowInnerUp", "BrowOuterUp", "CheekSquint", "LipSuckUpper", "LipSuckLower", "LipFunnelUpper", "LipFunnelLower",
    "LipPuckerUpper", "LipPuckerLower", "MouthUpperUp", "MouthLowerDown", "MouthStretch", "MouthPress", "MouthDimple",
    "NoseSneer",
)  # fmt: skip
"""Parameters without a side that are the mean of both."""
SIGNED = frozenset(
    ("JawX", "MouthX", "MouthUpperX", "MouthLowerX", "EyeX", "EyeY")
    + tuple(f"Eye{side}{axis}" for side in SIDES for axis in "XY")
    + tuple(
        f"{name}{side}"
        for name in ("BrowExpression", "MouthCornerY", "SmileFrown", "SmileSad", "MouthTightenerStretch")
        for side in ("", *SIDES)
    )
    + tuple(f"LipSuckFunnel{lip}" for lip in ("Upper", "Lower"))
    + tuple(f"LipSuckFunnel{lip}{side}" for lip in ("Upper", "Lower") for side in SIDES)
    + tuple(f"Head/{name}" for name in ("Yaw", "Pitch", "Roll", "PosX", "PosY", "PosZ"))
)
"""Parameters from -1 to 1; all others run from 0 to 1."""


def solve(state: AvatarState) -> dict[str, float]:
    """Every v2 parameter that the state can say, by its name behind `v2/`, within -1..1."""
    shapes = state.blendshapes
    values = {name: shapes.get(arkit, 0.0) for name, arkit in BASE.items()}
    _sides(values)
    _both(values)
    _eyes(values, state)
    _head(values, state)
    return values


def _sides(v: dict[str, float]) -> None:
    """What is combined on each side by itself."""
    for s in SIDES:
        v[f"BrowUp{s}"] = 0.6 * v[f"BrowOuterUp{s}"] + 0.4 * v[f"BrowInnerUp{s}"]
        v[f"BrowDown{s}"] = 0.75 * v[f"BrowLowerer{s}"] + 0.25 * v[f"BrowPinch{s}"]
        v[f"MouthSmile{s}"] = 0.8 * v[f"MouthCornerPull{s}"] + 0.2 * v[f"MouthCornerSlant{s}"]
        v[f"MouthSad{s}"] = max(v[f"MouthFrown{s}"], v[f"MouthStretch{s}"])
        v[f"BrowExpression{s}"] = (v[f"BrowInnerUp{s}"] + v[f"BrowOuterUp{s}"]) / 2 - v[f"BrowDown{s}"]
        v[f"CheekPuffSuck{s}"] = v[f"CheekPuff{s}"]
        v[f"LipPucker{s}"] = (v[f"LipPuckerUpper{s}"] + v[f"LipPuckerLower{s}"]) / 2
        for lip in ("Upper", "Lower"):
            v[f"LipSuckFunnel{lip}{s}"] = v[f"LipSuck{lip}{s}"] - v[f"LipFunnel{lip}{s}"]
        v[f"MouthTightenerStretch{s}"] = -v[f"MouthStretch{s}"]
        v[f"MouthCornerY{s}"] = v[f"MouthCornerSlant{s}"] - v[f"MouthFrown{s}"]
        v[f"SmileFrown{s}"] = v[f"MouthSmile{s}"] - v[f"MouthFrown{s}"]
        v[f"SmileSad{s}"] = v[f"MouthSmile{s}"] - v[f"MouthSad{s}"]


def _both(v: dict[str, float]) -> None:
    """What stands for both sides, or for one against the other."""
    means = (*MEANS, "BrowUp", "BrowDown", "BrowExpression", "CheekPuffSuck", "LipPucker", "LipSuckFunnelUpper")
    for name in (*means, "LipSuckFunnelLower", "MouthTightenerStretch", "MouthCornerY", "SmileFrown", "SmileSad"):
        v[name] = (v[f"{name}Right"] + v[f"{name}Left"]) / 2
    for name in ("LipSuck", "LipFunnel"):
        v[name] = (v[f"{name}Upper"] + v[f"{name}Lower"]) / 2
    for name in ("EyeSquint", "EyeWide"):
        v[name] = max(v[f"{name}Right"], v[f"{name}Left"])
    v["EyesSquint"] = v["EyeSquint"]
    v["MouthOpen"] = (v["MouthUpperUp"] + v["MouthLowerDown"]) / 2
    for name in ("Jaw", "MouthUpper", "MouthLower"):
        v[f"{name}X"] = v[f"{name}Right"] - v[f"{name}Left"]
    v["MouthX"] = (v["MouthUpperX"] + v["MouthLowerX"]) / 2
    v["JawZ"] = v["JawForward"]


def _eyes(v: dict[str, float], state: AvatarState) -> None:
    for s in SIDES:
        right, down, _ = rotation.to_vrchat(state.bones[f"{s.lower()}Eye"])
        # 45 degrees are 1: the tangent, to the right and up.
        v[f"Eye{s}X"], v[f"Eye{s}Y"] = (_within(math.tan(math.radians(angle))) for angle in (right, -down))
        v[f"EyeClosed{s}"] = state.blendshapes.get(f"eyeBlink{s}", 0.0)
        v[f"EyeOpen{s}"] = 1.0 - v[f"EyeClosed{s}"]
        v[f"EyeLid{s}"] = 0.75 * v[f"EyeOpen{s}"] + 0.25 * v[f"EyeWide{s}"]
    for name in ("EyeOpen", "EyeClosed", "EyeLid"):
        v[name] = (v[f"{name}Right"] + v[f"{name}Left"]) / 2
    for axis in "XY":
        v[f"Eye{axis}"] = (v[f"EyeRight{axis}"] + v[f"EyeLeft{axis}"]) / 2


def _head(v: dict[str, float], state: AvatarState) -> None:
    """90 degrees are 1. Places are Unity's: to the right, up and forward are positive."""
    angles = rotation.to_vrchat(state.head_rotation)
    for name, angle in zip(("Yaw", "Pitch", "Roll"), angles, strict=True):
        v[f"Head/{name}"] = _within(angle / 90.0)
    x, y, z = (_within(p / PERSONAL_SPACE_M) for p in rotation.unity_position(np.array(state.head_position)).tolist())
    v["Head/PosX"], v["Head/PosY"], v["Head/PosZ"] = x, y, z


def _within(value: float) -> float:
    return max(-1.0, min(1.0, value))


_NOBODY = AvatarState(0.0, 0, "lost", 0.0, NO_TURN, (0.0, 0.0, 0.0), {"leftEye": NO_TURN, "rightEye": NO_TURN}, {}, {})
NAMES = frozenset(solve(_NOBODY))
"""Every parameter there is."""
