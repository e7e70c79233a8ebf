"""How each ARKit blendshape moves a point of the face.

Every part of the face (skin, lashes, brows, lip lines, mouth) asks the same function about the points it hangs on, so
nothing drifts apart. Shapes of one side are written for her left; the right is the mirror image.
"""

import numpy as np

from . import eye_motion, mouth_motion
from .arrays import Floats
from .face_points import FacePoints, FlowOf, in_front
from .head_shape import CHIN, front_z


def displacement(shape: str, at: FacePoints) -> Floats:
    """Displacement (n, 3) at weight 1 of the ARKit blendshape."""
    if shape.endswith("Right"):
        left = displacement(shape.removesuffix("Right") + "Left", at.mirrored())
        return np.asarray(left * np.array([-1.0, 1.0, 1.0]))
    dx, dy, dz = _FLOWS[shape](at)
    return np.stack([dx, dy, dz + _along_surface(at, dx, dy)], -1)


def _along_surface(at: FacePoints, dx: Floats, dy: Floats) -> Floats:
    """The change of depth that keeps a frontal point on the face as it slides; none for points behind."""
    x = np.clip(at.x, -0.055, 0.055)
    slide = front_z(x + dx, np.maximum(at.y + dy, CHIN + 0.015), 0.25) - front_z(
        x, np.maximum(at.y, CHIN + 0.015), 0.25
    )
    return np.clip(slide, -0.004, 0.004) * in_front(at)


_FLOWS: dict[str, FlowOf] = {
    "browDownLeft": eye_motion.brow_down,
    "browInnerUp": eye_motion.brow_inner_up,
    "browOuterUpLeft": eye_motion.brow_outer_up,
    "cheekPuff": eye_motion.cheek_puff,
    "cheekSquintLeft": eye_motion.cheek_squint,
    "eyeBlinkLeft": eye_motion.blink,
    "eyeLookDownLeft": eye_motion.lid_flow(-0.0048, -0.0014),
    "eyeLookInLeft": eye_motion.lid_flow(0.0, 0.0, -0.0016),
    "eyeLookOutLeft": eye_motion.lid_flow(0.0, 0.0, 0.0016),
    "eyeLookUpLeft": eye_motion.lid_flow(0.0016, 0.0010),
    "eyeSquintLeft": eye_motion.lid_flow(-0.0036, 0.0044),
    "eyeWideLeft": eye_motion.lid_flow(0.0024, -0.0008),
    "jawForward": mouth_motion.jaw_forward,
    "jawLeft": mouth_motion.jaw_left,
    "jawOpen": mouth_motion.jaw_open,
    "mouthClose": mouth_motion.mouth_close,
    "mouthDimpleLeft": mouth_motion.corner_flow(0.0040, 0.0022, -0.0045),
    "mouthFrownLeft": mouth_motion.corner_flow(0.0006, -0.0066, 0.0, 0.0010),
    "mouthFunnel": mouth_motion.funnel,
    "mouthLeft": mouth_motion.mouth_left,
    "mouthLowerDownLeft": mouth_motion.lower_down,
    "mouthPressLeft": mouth_motion.press,
    "mouthPucker": mouth_motion.pucker,
    "mouthRollLower": mouth_motion.roll_lower,
    "mouthRollUpper": mouth_motion.roll_upper,
    "mouthShrugLower": mouth_motion.shrug_lower,
    "mouthShrugUpper": mouth_motion.shrug_upper,
    "mouthSmileLeft": mouth_motion.smile,
    "mouthStretchLeft": mouth_motion.corner_flow(0.0072, -0.0034),
    "mouthUpperUpLeft": mouth_motion.upper_up,
    "noseSneerLeft": eye_motion.nose_sneer,
    "tongueOut": mouth_motion.tongue_out,
}

ARKIT = tuple(
    sorted(
        name
        for base in _FLOWS
        for name in ({base, base.removesuffix("Left") + "Right"} if base.endswith("Left") else {base})
    )
)
"""Apple's 52 blendshape names, sorted."""


def displacements(at: FacePoints) -> dict[str, Floats]:
    """All 52 morphs (n, 3) of points on the face; those that move nothing are left out."""
    moves = {shape: displacement(shape, at) for shape in ARKIT}
    return {shape: d for shape, d in moves.items() if np.abs(d).max() > 1e-6}
