"""Unified Expressions: a state as the v2 parameters of VRCFaceTracking, for which avatars of VRChat are built.

Names, sums and signs are those of its source (Params/Expressions at 4c58db6). What ARKit does not measure, such as the
tongue's turns, is not there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from vtuber import rotation
from vtuber.stages import Array
from vtuber.wire import ARKIT, AvatarState

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


LARGER = {f"MouthSad{side}": (f"mouthFrown{side}", f"mouthStretch{side}") for side in SIDES} | {
    "EyeSquint": ("eyeSquintRight", "eyeSquintLeft"),
    "EyeWide": ("eyeWideRight", "eyeWideLeft"),
}
"""Parameter -> the ARKit shapes of which it is the larger one."""
EYES = tuple((f"{side.lower()}Eye", f"Eye{side}X", f"Eye{side}Y") for side in SIDES)
HEAD = ("Head/Yaw", "Head/Pitch", "Head/Roll", "Head/PosX", "Head/PosY", "Head/PosZ")
_ONE = "1"
_MEASURED = (*ARKIT, *LARGER, *(name for _, x, y in EYES for name in (x, y)), *HEAD, _ONE)
"""What a state says by itself: all other parameters are sums of shares of these."""


def solve(state: AvatarState) -> dict[str, float]:
    """Every v2 parameter that the state can say, by its name behind `v2/`, within -1..1."""
    return dict(zip(NAMES, values(state).tolist(), strict=True))


def values(state: AvatarState) -> Array:
    """The same, (N,) in the order of NAMES."""
    shapes = state.blendshapes
    numbers = state.weights()
    numbers += [max(shapes.get(one, 0.0), shapes.get(other, 0.0)) for one, other in LARGER.values()]
    for bone, _, _ in EYES:
        right, down, _ = rotation.to_vrchat(state.bones[bone])
        # 45 degrees are 1: the tangent, to the right and up.
        numbers += [_within(math.tan(math.radians(right))), _within(math.tan(math.radians(-down)))]
    # 90 degrees are 1. Places are Unity's: to the right, up and forward are positive.
    numbers += [_within(angle / 90.0) for angle in rotation.to_vrchat(state.head_rotation)]
    place = rotation.unity_position(np.array(state.head_position)).tolist()
    numbers += [_within(metres / PERSONAL_SPACE_M) for metres in place]
    numbers.append(1.0)
    return np.asarray(_SHARES @ np.array(numbers))


def _within(value: float) -> float:
    return max(-1.0, min(1.0, value))


def _rows() -> dict[str, Array]:
    """Parameter -> its share of each of _MEASURED."""
    unit = dict(zip(_MEASURED, np.eye(len(_MEASURED)), strict=True))
    rows = {name: unit[arkit] for name, arkit in BASE.items()}
    rows |= {name: unit[name] for name in _MEASURED[len(ARKIT) : -1]}
    _sides(rows)
    _both(rows)
    _eyes(rows, unit)
    return rows


def _sides(v: dict[str, Array]) -> None:
    """What is combined on each side by itself."""
    for s in SIDES:
        v[f"BrowUp{s}"] = 0.6 * v[f"BrowOuterUp{s}"] + 0.4 * v[f"BrowInnerUp{s}"]
        v[f"BrowDown{s}"] = 0.75 * v[f"BrowLowerer{s}"] + 0.25 * v[f"BrowPinch{s}"]
        v[f"MouthSmile{s}"] = 0.8 * v[f"MouthCornerPull{s}"] + 0.2 * v[f"MouthCornerSlant{s}"]
        v[f"BrowExpression{s}"] = (v[f"BrowInnerUp{s}"] + v[f"BrowOuterUp{s}"]) / 2 - v[f"BrowDown{s}"]
        v[f"CheekPuffSuck{s}"] = v[f"CheekPuff{s}"]
        v[f"LipPucker{s}"] = (v[f"LipPuckerUpper{s}"] + v[f"LipPuckerLower{s}"]) / 2
        for lip in ("Upper", "Lower"):
            v[f"LipSuckFunnel{lip}{s}"] = v[f"LipSuck{lip}{s}"] - v[f"LipFunnel{lip}{s}"]
        v[f"MouthTightenerStretch{s}"] = -v[f"MouthStretch{s}"]
        v[f"MouthCornerY{s}"] = v[f"MouthCornerSlant{s}"] - v[f"MouthFrown{s}"]
        v[f"SmileFrown{s}"] = v[f"MouthSmile{s}"] - v[f"MouthFrown{s}"]
        v[f"SmileSad{s}"] = v[f"MouthSmile{s}"] - v[f"MouthSad{s}"]


def _both(v: dict[str, Array]) -> None:
    """What stands for both sides, or for one against the other."""
    means = (*MEANS, "BrowUp", "BrowDown", "BrowExpression", "CheekPuffSuck", "LipPucker", "LipSuckFunnelUpper")
    for name in (*means, "LipSuckFunnelLower", "MouthTightenerStretch", "MouthCornerY", "SmileFrown", "SmileSad"):
        v[name] = (v[f"{name}Right"] + v[f"{name}Left"]) / 2
    for name in ("LipSuck", "LipFunnel"):
        v[name] = (v[f"{name}Upper"] + v[f"{name}Lower"]) / 2
    v["EyesSquint"] = v["EyeSquint"]
    v["MouthOpen"] = (v["MouthUpperUp"] + v["MouthLowerDown"]) / 2
    for name in ("Jaw", "MouthUpper", "MouthLower"):
        v[f"{name}X"] = v[f"{name}Right"] - v[f"{name}Left"]
    v["MouthX"] = (v["MouthUpperX"] + v["MouthLowerX"]) / 2
    v["JawZ"] = v["JawForward"]


def _eyes(v: dict[str, Array], unit: Mapping[str, Array]) -> None:
    for s in SIDES:
        v[f"EyeClosed{s}"] = unit[f"eyeBlink{s}"]
        v[f"EyeOpen{s}"] = unit[_ONE] - v[f"EyeClosed{s}"]
        v[f"EyeLid{s}"] = 0.75 * v[f"EyeOpen{s}"] + 0.25 * v[f"EyeWide{s}"]
    for name in ("EyeOpen", "EyeClosed", "EyeLid"):
        v[name] = (v[f"{name}Right"] + v[f"{name}Left"]) / 2
    for axis in "XY":
        v[f"Eye{axis}"] = (v[f"EyeRight{axis}"] + v[f"EyeLeft{axis}"]) / 2


_ROWS = _rows()
_SHARES: Array = np.array([*_ROWS.values()])
NAMES = tuple(_ROWS)
"""Every parameter there is."""
