"""The bones: the VRM humanoid in T-pose, and the chains that swing by spring."""

from dataclasses import dataclass, field

import numpy as np

from .arrays import Floats, smoothstep
from .head_shape import EYE_PIVOT

FINGERS = {  # first joint x, y, z; joint spacing
    "Thumb": ((0.512, 1.112, 0.018), (0.021, -0.004, 0.016)),
    "Index": ((0.566, 1.127, 0.0235), (0.0225, -0.001, 0.0026)),
    "Middle": ((0.569, 1.128, 0.0065), (0.0245, -0.001, 0.0006)),
    "Ring": ((0.566, 1.127, -0.0105), (0.0228, -0.001, -0.0018)),
    "Little": ((0.559, 1.125, -0.0260), (0.0182, -0.001, -0.0036)),
}
THUMB_SEGMENTS = ("Metacarpal", "Proximal", "Distal")
FINGER_SEGMENTS = ("Proximal", "Intermediate", "Distal")

TORSO = {
    "hips": ("root", (0.0, 0.800, 0.0)),
    "spine": ("hips", (0.0, 0.865, 0.0)),
    "chest": ("spine", (0.0, 0.945, -0.002)),
    "upperChest": ("chest", (0.0, 1.035, -0.008)),
    "neck": ("upperChest", (0.0, 1.144, -0.018)),
    "head": ("neck", (0.0, 1.197, -0.008)),
}
SIDE = {  # the character's left; mirrored for the right
    "Eye": ("head", EYE_PIVOT),
    "Shoulder": ("upperChest", (0.022, 1.130, -0.012)),
    "UpperArm": ("Shoulder", (0.092, 1.126, -0.012)),
    "LowerArm": ("UpperArm", (0.290, 1.126, -0.012)),
    "Hand": ("LowerArm", (0.485, 1.126, -0.002)),
    "UpperLeg": ("hips", (0.068, 0.755, 0.0)),
    "LowerLeg": ("UpperLeg", (0.066, 0.415, 0.002)),
    "Foot": ("LowerLeg", (0.064, 0.075, -0.012)),
    "Toes": ("Foot", (0.066, 0.022, 0.062)),
}


@dataclass(frozen=True)
class Spring:
    """A swinging chain of bones; the last one only marks the end."""

    name: str
    bones: list[str]
    stiffness: float = 1.0
    gravity: float = 0.1
    drag: float = 0.4
    radius: float = 0.02
    """Collision radius of each joint, metres."""
    collides: bool = True


@dataclass
class Skeleton:
    """Bones in parent-before-child order, at their world positions in T-pose."""

    parents: dict[str, str | None] = field(default_factory=dict)
    positions: dict[str, Floats] = field(default_factory=dict)
    springs: list[Spring] = field(default_factory=list)

    def add(self, name: str, parent: str | None, position: tuple[float, float, float] | Floats) -> str:
        self.parents[name] = parent
        self.positions[name] = np.asarray(position, float)
        return name

    def add_spring(self, spring: Spring, parent: str, points: Floats) -> None:
        """Bones named by the spring, at points (k, 3), hung on `parent`."""
        for bone, point in zip(spring.bones, points, strict=True):
            parent = self.add(bone, parent, point)
        self.springs.append(spring)

    def humanoid(self) -> list[str]:
        """Names of the VRM humanoid bones (all but the root and the springs)."""
        swinging = {bone for spring in self.springs for bone in spring.bones}
        return [name for name in self.parents if name != "root" and name not in swinging]


def build() -> Skeleton:
    """The humanoid; springs are added by the parts that swing."""
    s = Skeleton()
    s.add("root", None, (0.0, 0.0, 0.0))
    for name, (parent, position) in TORSO.items():
        s.add(name, parent, position)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        flip = np.array([sign, 1.0, 1.0])
        for name, (parent, position) in SIDE.items():
            s.add(side + name, side + parent if parent in SIDE else parent, flip * position)
        for finger, (first, step) in FINGERS.items():
            parent = side + "Hand"
            for k, segment in enumerate(THUMB_SEGMENTS if finger == "Thumb" else FINGER_SEGMENTS):
                parent = s.add(side + finger + segment, parent, flip * (np.array(first) + k * np.array(step)))
    return s


def blend_along(names: list[str], borders: list[float], softness: float, x: Floats) -> dict[str, Floats]:
    """Weights of consecutive bones along a coordinate x (n,): name k reigns between borders k - 1 and k."""
    rise = [np.ones_like(x), *(smoothstep(b - softness, b + softness, x) for b in borders), np.zeros_like(x)]
    return {name: rise[k] - rise[k + 1] for k, name in enumerate(names)}


def torso_weights(p: Floats) -> dict[str, Floats]:
    """Weights of the trunk bones by height, for points (n, 3)."""
    names = ["hips", "spine", "chest", "upperChest", "neck", "head"]
    return blend_along(names, [0.865, 0.945, 1.035, 1.142, 1.197], 0.03, p[:, 1])


def arm_weights(p: Floats) -> dict[str, Floats]:
    """Weights of the left shoulder, arm and hand by distance from the body's middle plane, for points (n, 3)."""
    x = p[:, 0]
    arm = blend_along(["leftUpperArm", "leftLowerArm", "leftHand"], [0.290, 0.485], 0.035, x)
    reach = smoothstep(0.045, 0.135, x)
    return {bone: w * reach for bone, w in arm.items()} | {"leftShoulder": smoothstep(0.0, 0.09, x) * (1 - reach)}


def trunk_and_arms_weights(p: Floats) -> dict[str, Floats]:
    """Weights for a garment over the trunk and both arms, points (n, 3)."""
    trunk, weights = torso_weights(p), {}
    held = np.zeros(len(p))
    low = smoothstep(1.03, 1.09, p[:, 1])
    for sign in (1.0, -1.0):
        side = arm_weights(p * np.array([sign, 1.0, 1.0]))
        beyond = smoothstep(0.10, 0.14, sign * p[:, 0])
        for bone, w in side.items():
            w = w * np.maximum(low, beyond)
            weights[bone if sign > 0 else bone.replace("left", "right")] = w
            held = held + w
    return weights | {bone: w * (1 - held) for bone, w in trunk.items()}


def leg_weights(p: Floats) -> dict[str, Floats]:
    """Weights of the left leg by height, for points (n, 3)."""
    chain = blend_along(["leftFoot", "leftLowerLeg", "leftUpperLeg", "hips"], [0.075, 0.415, 0.775], 0.04, p[:, 1])
    toes = chain["leftFoot"] * smoothstep(0.05, 0.075, p[:, 2])
    return chain | {"leftFoot": chain["leftFoot"] - toes, "leftToes": toes}
