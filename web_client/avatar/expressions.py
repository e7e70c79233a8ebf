"""The eighteen VRM presets as mixtures of the ARKit blendshapes."""


def _both(name: str, weight: float = 1.0) -> dict[str, float]:
    return {name + "Left": weight, name + "Right": weight}


PRESETS: dict[str, dict[str, float]] = {
    "happy": _both("mouthSmile", 0.85)
    | _both("cheekSquint", 1.0)
    | _both("eyeSquint", 0.75)
    | _both("browOuterUp", 0.35)
    | {"browInnerUp": 0.45, "jawOpen": 0.45},
    "angry": _both("browDown")
    | _both("mouthFrown", 0.75)
    | _both("eyeSquint", 0.40)
    | _both("noseSneer", 0.6)
    | _both("mouthPress", 0.4),
    "sad": {"browInnerUp": 1.0, "mouthShrugLower": 0.35}
    | _both("mouthFrown", 0.8)
    | _both("eyeLookDown", 0.5)
    | _both("eyeSquint", 0.2)
    | _both("eyeBlink", 0.08),
    "relaxed": _both("eyeBlink", 0.50) | _both("mouthSmile", 0.55) | {"browInnerUp": 0.35} | _both("cheekSquint", 0.3),
    "surprised": _both("eyeWide")
    | _both("browOuterUp", 0.9)
    | {"browInnerUp": 0.9, "jawOpen": 0.38, "mouthFunnel": 0.55},
    "neutral": {},
    "aa": {"jawOpen": 0.85} | _both("mouthUpperUp", 0.15),
    "ih": {"jawOpen": 0.20} | _both("mouthStretch", 0.55) | _both("mouthLowerDown", 0.25),
    "ou": {"jawOpen": 0.16, "mouthPucker": 0.85, "mouthFunnel": 0.15},
    "ee": {"jawOpen": 0.32} | _both("mouthSmile", 0.45) | _both("mouthStretch", 0.35),
    "oh": {"jawOpen": 0.50, "mouthFunnel": 0.70, "mouthPucker": 0.10},
    "blink": _both("eyeBlink"),
    "blinkLeft": {"eyeBlinkLeft": 1.0},
    "blinkRight": {"eyeBlinkRight": 1.0},
    "lookUp": _both("eyeLookUp"),
    "lookDown": _both("eyeLookDown"),
    "lookLeft": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    "lookRight": {"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0},
}
