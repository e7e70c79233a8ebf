"""ARKit weights -> the 18 expression presets of VRM 1.0, for avatars that have only those.

Vowels by the shape of the mouth: opening gives aa, rounded lips ou and oh, spread lips ih and ee. Their sum never
exceeds 1, so that they blend instead of adding up to a torn mouth.
"""

from __future__ import annotations

from collections.abc import Mapping

from vtuber.wire import PRESETS

FULL_JAW = 0.7
"""jawOpen of a mouth that is open wide in speech."""


def solve(w: Mapping[str, float]) -> dict[str, float]:
    """The presets' weights, 0..1.

    `blink` is the mean of both eyes, for avatars without single lids; those with blinkLeft and blinkRight
    leave it out.
    """

    def both(name: str) -> float:
        return (w[f"{name}Left"] + w[f"{name}Right"]) / 2

    smile, stretch, frown = both("mouthSmile"), both("mouthStretch"), both("mouthFrown")
    brow_up = max(w["browInnerUp"], both("browOuterUp"))
    left, right = w["eyeBlinkLeft"], w["eyeBlinkRight"]
    presets = dict.fromkeys(PRESETS, 0.0)
    presets.update(_vowels(w, smile, stretch))
    presets.update(
        happy=_ramp(smile, 0.35, 0.95),
        angry=_ramp(both("browDown"), 0.4, 1.0) * (1 - smile),
        sad=_ramp(frown, 0.3, 0.9) * (1 - smile),
        surprised=_ramp(min(brow_up, both("eyeWide") + 0.5 * w["jawOpen"]), 0.35, 0.9),
        blink=(left + right) / 2,
        blinkLeft=left,
        blinkRight=right,
        lookUp=both("eyeLookUp"),
        lookDown=both("eyeLookDown"),
        lookLeft=(w["eyeLookOutLeft"] + w["eyeLookInRight"]) / 2,
        lookRight=(w["eyeLookInLeft"] + w["eyeLookOutRight"]) / 2,
    )
    return presets


SHAPES: dict[str, dict[str, float]] = {
    "happy": {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "cheekSquintLeft": 0.4, "cheekSquintRight": 0.4},
    "relaxed": {"mouthSmileLeft": 0.35, "mouthSmileRight": 0.35},
    "angry": {"browDownLeft": 1.0, "browDownRight": 1.0, "noseSneerLeft": 0.3, "noseSneerRight": 0.3},
    "sad": {"mouthFrownLeft": 0.8, "mouthFrownRight": 0.8, "browInnerUp": 0.6},
    "surprised": {
        "browInnerUp": 0.9, "browOuterUpLeft": 0.8, "browOuterUpRight": 0.8,
        "eyeWideLeft": 0.8, "eyeWideRight": 0.8, "jawOpen": 0.15,
    },
    "aa": {"jawOpen": 0.7},
    "ih": {"mouthStretchLeft": 0.65, "mouthStretchRight": 0.65, "jawOpen": 0.1},
    "ou": {"mouthPucker": 0.95, "jawOpen": 0.1},
    "ee": {"mouthStretchLeft": 0.8, "mouthStretchRight": 0.8, "jawOpen": 0.35},
    "oh": {"mouthFunnel": 0.7, "jawOpen": 0.5},
    "blink": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
    "blinkLeft": {"eyeBlinkLeft": 1.0},
    "blinkRight": {"eyeBlinkRight": 1.0},
    "lookUp": {"eyeLookUpLeft": 1.0, "eyeLookUpRight": 1.0},
    "lookDown": {"eyeLookDownLeft": 1.0, "eyeLookDownRight": 1.0},
    "lookLeft": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    "lookRight": {"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0},
}  # fmt: skip
"""Preset -> the ARKit shapes that say about the same, for avatars that have those when only presets are known."""


def shapes(presets: Mapping[str, float]) -> dict[str, float]:
    """ARKit weights, 0..1, that come as near to these presets as they can; shapes not named rest."""
    weights: dict[str, float] = {}
    for preset, weight in presets.items():
        for name, most in SHAPES.get(preset, {}).items():
            weights[name] = min(1.0, weights.get(name, 0.0) + most * weight)
    # An app may say `blink` and the single lids as well: they are the same blink, not two.
    for side in ("Left", "Right"):
        if f"eyeBlink{side}" in weights:
            weights[f"eyeBlink{side}"] = max(presets.get("blink", 0.0), presets.get(f"blink{side}", 0.0))
    return weights


def _vowels(w: Mapping[str, float], smile: float, stretch: float) -> dict[str, float]:
    opening = min(1.0, max(0.0, w["jawOpen"] - w["mouthClose"]) / FULL_JAW)
    pucker, funnel = _ramp(w["mouthPucker"], 0.35, 0.95), _ramp(w["mouthFunnel"], 0.15, 0.7)
    spread = _ramp(max(smile, stretch), 0.3, 0.9)
    ou = pucker * (1 - 0.6 * opening)
    oh = funnel * opening
    rounded = min(1.0, ou + oh)
    ee = 0.8 * spread * opening * (1 - rounded)
    ih = 0.5 * _ramp(stretch, 0.2, 0.8) * (1 - opening) * (1 - rounded)
    aa = opening * (1 - rounded) * (1 - 0.8 * spread)
    total = max(1.0, aa + ih + ou + ee + oh)
    return {"aa": aa / total, "ih": ih / total, "ou": ou / total, "ee": ee / total, "oh": oh / total}


def _ramp(x: float, low: float, high: float) -> float:
    """0 below low, 1 above high, straight between."""
    return max(0.0, min(1.0, (x - low) / (high - low)))
