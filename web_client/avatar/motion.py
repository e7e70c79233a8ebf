"""How each ARKit blendshape moves a point of the face.

Every part of the face (skin, lashes, brows, lip lines, mouth) asks the same function about the points it is fastened to,
so nothing drifts apart. Shapes of one side are written for the left; the right is the mirror image.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from . import eye_shape
from .arrays import Floats, bell, smoothstep
from .head_shape import BROW_Y, CHIN, EYE_X, EYE_Y, MOUTH_Y, NOSE_Y, front_z

MOUTH_HALF_WIDTH = 0.0165
JAW_DROP = 0.0215
"""How far the lower lip's middle sinks at jawOpen 1."""


@dataclass(frozen=True)
class FacePoints:
    """Points fastened to the face at rest."""

    x: Floats
    y: Floats
    z: Floats
    """(n,) metres."""
    lip: Floats
    """(n,) +1 on the upper lip's side of the mouth, -1 on the lower's: they coincide while the mouth is shut."""

    def mirrored(self) -> "FacePoints":
        return replace(self, x=-self.x)


Flow = tuple[Floats, Floats, Floats]
"""Displacement dx, dy along the face and dz towards the viewer, each (n,) metres."""


def displacement(shape: str, at: FacePoints) -> Floats:
    """Displacement (n, 3) at weight 1 of the ARKit blendshape."""
    if shape.endswith("Right") and shape not in _CENTRAL:
        return displacement(shape.removesuffix("Right") + "Left", at.mirrored()) * np.array([-1.0, 1.0, 1.0])
    if shape in ("jawRight", "mouthRight"):
        return displacement(shape.removesuffix("Right") + "Left", at.mirrored()) * np.array([-1.0, 1.0, 1.0])
    dx, dy, dz = _FLOWS[shape](at)
    return np.stack([dx, dy, dz + _along_surface(at, dx, dy)], -1)


def _along_surface(at: FacePoints, dx: Floats, dy: Floats) -> Floats:
    """The change of depth that keeps a frontal point on the face as it slides; none for points behind."""
    x = np.clip(at.x, -0.055, 0.055)
    slide = front_z(x + dx, np.maximum(at.y + dy, CHIN + 0.015), 0.25) - front_z(
        x, np.maximum(at.y, CHIN + 0.015), 0.25
    )
    return np.clip(slide, -0.004, 0.004) * _front(at)


def _front(at: FacePoints) -> Floats:
    return smoothstep(0.0, 0.035, at.z)


def _zero(at: FacePoints) -> Floats:
    return np.zeros_like(at.x)


# Eyes -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Lids:
    """What the left eye's lid shapes need to know of each point."""

    e: Floats
    grip: Floats
    """1 on the lid's edge, fading to 0 on the surrounding skin."""
    upper: Floats
    """1 on the upper lid's side, 0 on the lower's."""


def _lids(at: FacePoints) -> _Lids:
    e, v = eye_shape.local(at.x, at.y)
    grip = (1 - smoothstep(1.0, 1.8, eye_shape.ratio(e, v))) * (at.x > 0) * _front(at)
    e = eye_shape.drawn_in(e, v)
    return _Lids(e, grip, np.asarray(v >= eye_shape.corner_height(e) - 1e-6, float))


def _lid_flow(upper: float, lower: float, sideways: float = 0.0) -> Callable[[FacePoints], Flow]:
    """Moves the lids' middles by `upper` and `lower` metres, their corners hardly."""

    def flow(at: FacePoints) -> Flow:
        lids = _lids(at)
        arch = np.sqrt(np.clip(1 - (lids.e / 0.0268) ** 2, 0.03, 1))
        lift = lids.upper * upper + (1 - lids.upper) * lower
        return sideways * arch * lids.grip, lift * arch * lids.grip, _zero(at)

    return flow


def _blink(at: FacePoints) -> Flow:
    lids = _lids(at)
    edge = np.where(lids.upper > 0, eye_shape.upper_height(lids.e), eye_shape.lower_height(lids.e))
    bulge = lids.grip * (0.0010 + 0.0016 * bell(lids.e, 0.012)) * lids.upper
    overlap = 0.0008 * lids.upper
    return _zero(at), (eye_shape.closed_height(lids.e) - overlap - edge) * lids.grip, bulge


def _brow(at: FacePoints) -> tuple[Floats, Floats, Floats]:
    """Grip of the left brow, and its inner and outer share."""
    e = at.x - EYE_X
    height = np.where(at.y > BROW_Y, bell(at.y - BROW_Y, 0.018), bell(at.y - BROW_Y, 0.0085))
    grip = height * smoothstep(-0.038, -0.024, e) * (1 - smoothstep(0.030, 0.040, e)) * _front(at)
    return grip, smoothstep(0.034, -0.024, e), smoothstep(-0.016, 0.030, e)


def _brow_down(at: FacePoints) -> Flow:
    grip, inner, outer = _brow(at)
    return -0.0022 * grip * inner, -grip * (0.0075 * inner + 0.0008 * outer + 0.0008), _zero(at)


def _brow_inner_up(at: FacePoints) -> Flow:
    right = at.mirrored()
    lift = sum(grip * inner for grip, inner, _ in (_brow(at), _brow(right)))
    return _zero(at), 0.0070 * lift, _zero(at)


def _brow_outer_up(at: FacePoints) -> Flow:
    grip, inner, outer = _brow(at)
    return _zero(at), grip * (0.0066 * outer + 0.0006 * inner), _zero(at)


def _cheek_squint(at: FacePoints) -> Flow:
    _, lid, _ = _lid_flow(0.0, 0.0034)(at)
    cheek = bell(at.x - 0.042, 0.013) * bell(at.y - EYE_Y + 0.030, 0.010) * _front(at)
    return _zero(at), lid + 0.0035 * cheek, 0.0030 * cheek


def _cheek_puff(at: FacePoints) -> Flow:
    cheek = bell(np.abs(at.x) - 0.046, 0.017) * bell(at.y - MOUTH_Y - 0.0085, 0.0135) * _front(at)
    lips = bell(at.x, 0.014) * bell(at.y - MOUTH_Y, 0.008) * _front(at)
    return 0.0085 * np.sign(at.x) * cheek, _zero(at), 0.0075 * cheek + 0.002 * lips


def _nose_sneer(at: FacePoints) -> Flow:
    wing = bell(at.x - 0.007, 0.007) * bell(at.y - NOSE_Y, 0.008) * _front(at)
    fold = bell(at.x - 0.014, 0.011) * bell(at.y - MOUTH_Y - 0.0145, 0.009) * _front(at)
    lip = _upper(at) * _lip_grip(at) * bell(at.x - 0.008, 0.006)
    grip, inner, _ = _brow(at)
    return (
        0.001 * wing,
        0.0028 * wing + 0.0026 * fold + 0.0028 * lip - 0.0022 * grip * inner,
        0.0022 * wing + 0.001 * fold,
    )


# Mouth and jaw ----------------------------------------------------------------------------------------------------


def _upper(at: FacePoints) -> Floats:
    return np.asarray(at.lip > 0, float)


def _below(at: FacePoints) -> Floats:
    """Depth under the mouth line, metres, 0 above."""
    return np.maximum(MOUTH_Y - at.y, 0.0) * (at.lip < 0)


def _lip_grip(at: FacePoints) -> Floats:
    """1 on the lips, fading to 0 on the skin round the mouth."""
    q = at.y - MOUTH_Y
    return (1 - smoothstep(0.55, 2.1, np.hypot(at.x / 0.0225, q / 0.0125))) * _front(at)


def _corner(at: FacePoints) -> Floats:
    """Grip of the left corner of the mouth."""
    inside = np.clip(at.x / MOUTH_HALF_WIDTH, 0, 1) ** 1.6
    outside = bell(np.maximum(at.x - MOUTH_HALF_WIDTH, 0), 0.010)
    return inside * outside * bell(at.y - MOUTH_Y, 0.0095) * _front(at)


def _left_half(at: FacePoints) -> Floats:
    return smoothstep(-0.009, 0.009, at.x)


def lip_arch(x: Floats, below: Floats | float = 0.0) -> Floats:
    """The open mouth's outline: 1 in the middle, 0 at and beyond the corners; wider on the skin below."""
    half = MOUTH_HALF_WIDTH + 0.55 * np.asarray(below)
    return np.asarray((1 - np.minimum(np.abs(x) / half, 1) ** 2.3) ** 0.62)


def _lower_lip(at: FacePoints) -> Floats:
    """Share of the lower lip's motion a point takes: fades down the chin."""
    below = _below(at)
    return (at.lip < 0) * lip_arch(at.x, below) * (1 - smoothstep(0.0, 0.031, below)) * _front(at)


def _upper_lip(at: FacePoints) -> Floats:
    over = np.maximum(at.y - MOUTH_Y, 0.0)
    return _upper(at) * lip_arch(at.x, over) * (1 - smoothstep(0.0, 0.016, over)) * _front(at)


def _chin(at: FacePoints) -> Floats:
    """Share of the jaw's motion: full at the chin, fading to the ears and to the mouth's height."""
    return (
        smoothstep(-0.045, 0.045, at.z)
        * bell(at.x, 0.044)
        * smoothstep(-0.004, 0.034, _below(at))
        * smoothstep(0.0, 0.006, _below(at))
    )


def _lips_apart(at: FacePoints) -> Floats:
    """The lips' own vertical part of jawOpen, which mouthClose takes back."""
    return -JAW_DROP * _lower_lip(at) + 0.0016 * _upper_lip(at)


def _jaw_open(at: FacePoints) -> Flow:
    chin = _chin(at) * (1 - _lower_lip(at))
    return (
        -0.0018 * np.sign(at.x) * _corner_both(at),
        _lips_apart(at) - 0.0085 * chin,
        -0.0030 * chin - 0.0005 * _lower_lip(at),
    )


def _corner_both(at: FacePoints) -> Floats:
    return _corner(at) + _corner(at.mirrored())


def _mouth_close(at: FacePoints) -> Flow:
    return _zero(at), -_lips_apart(at), -0.0042 * _lower_lip(at)


def _jaw_left(at: FacePoints) -> Flow:
    chin, lips = _chin(at), _lip_grip(at)
    return 0.0085 * np.maximum(chin, lips * (0.75 - 0.35 * _upper(at))), _zero(at), _zero(at)


def _jaw_forward(at: FacePoints) -> Flow:
    lip = np.maximum(_chin(at), _lower_lip(at) * 0.9)
    return _zero(at), 0.0016 * _lower_lip(at) - 0.0035 * _chin(at), 0.0085 * lip


def _corner_flow(dx: float, dy: float, dz: float = 0.0, middle: float = 0.0) -> Callable[[FacePoints], Flow]:
    """Moves the left corner; `middle` moves the left half of the lips' middle up."""

    def flow(at: FacePoints) -> Flow:
        corner = _corner(at)
        center = _lip_grip(at) * _left_half(at) * bell(at.x, 0.011)
        return dx * corner, dy * corner + middle * center, dz * corner

    return flow


def _smile(at: FacePoints) -> Flow:
    dx, dy, dz = _corner_flow(0.0052, 0.0068, 0.0, -0.0012)(at)
    cheek = bell(at.x - 0.040, 0.013) * bell(at.y - EYE_Y + 0.038, 0.010) * _front(at)
    return dx + 0.001 * cheek, dy + 0.0025 * cheek, dz + 0.0030 * cheek


def _funnel(at: FacePoints) -> Flow:
    grip = _lip_grip(at)
    part = 0.0042 * _upper_lip(at) - 0.0072 * _lower_lip(at)
    return -0.40 * at.x * grip, part, 0.0045 * grip


def _pucker(at: FacePoints) -> Flow:
    grip = _lip_grip(at)
    return -0.52 * at.x * grip, 0.0010 * _upper_lip(at) - 0.0016 * _lower_lip(at), 0.0075 * grip


def _mouth_left(at: FacePoints) -> Flow:
    return 0.0105 * _lip_grip(at), 0.0016 * _corner(at), _zero(at)


def _lower_down(at: FacePoints) -> Flow:
    return _zero(at), -0.0075 * _lower_lip(at) * _left_half(at), _zero(at)


def _upper_up(at: FacePoints) -> Flow:
    return _zero(at), 0.0062 * _upper_lip(at) * _left_half(at), _zero(at)


def _press(at: FacePoints) -> Flow:
    dx, dy, _ = _corner_flow(0.0032, -0.0012)(at)
    return dx, dy, -0.0025 * _lip_grip(at) * _left_half(at)


def _roll_lower(at: FacePoints) -> Flow:
    lip = _lower_lip(at) * (1 - smoothstep(0.004, 0.012, _below(at)))
    return _zero(at), 0.0018 * _lower_lip(at) + 0.0015 * _upper_lip(at), -0.0045 * lip


def _roll_upper(at: FacePoints) -> Flow:
    lip = _upper_lip(at)
    return _zero(at), -0.0020 * lip - 0.0018 * _lower_lip(at), -0.0035 * lip


def _shrug_lower(at: FacePoints) -> Flow:
    middle = _lip_grip(at) * lip_arch(at.x, 0.004)
    return (
        _zero(at),
        0.0042 * middle + 0.0040 * _chin(at) - 0.0008 * _corner_both(at),
        0.0028 * middle + 0.002 * _chin(at),
    )


def _shrug_upper(at: FacePoints) -> Flow:
    middle = _lip_grip(at) * lip_arch(at.x, 0.004)
    return -0.12 * at.x * _lip_grip(at), 0.0038 * middle, 0.0040 * middle * _upper(at)


def _tongue_out(at: FacePoints) -> Flow:
    return _zero(at), -0.0085 * _lower_lip(at) + 0.001 * _upper_lip(at), _zero(at)


_CENTRAL = ("jawRight", "mouthRight")
_FLOWS: dict[str, Callable[[FacePoints], Flow]] = {
    "browDownLeft": _brow_down,
    "browInnerUp": _brow_inner_up,
    "browOuterUpLeft": _brow_outer_up,
    "cheekPuff": _cheek_puff,
    "cheekSquintLeft": _cheek_squint,
    "eyeBlinkLeft": _blink,
    "eyeLookDownLeft": _lid_flow(-0.0048, -0.0014),
    "eyeLookInLeft": _lid_flow(0.0, 0.0, -0.0016),
    "eyeLookOutLeft": _lid_flow(0.0, 0.0, 0.0016),
    "eyeLookUpLeft": _lid_flow(0.0016, 0.0010),
    "eyeSquintLeft": _lid_flow(-0.0036, 0.0044),
    "eyeWideLeft": _lid_flow(0.0024, -0.0008),
    "jawForward": _jaw_forward,
    "jawLeft": _jaw_left,
    "jawOpen": _jaw_open,
    "mouthClose": _mouth_close,
    "mouthDimpleLeft": _corner_flow(0.0040, 0.0022, -0.0045),
    "mouthFrownLeft": _corner_flow(0.0006, -0.0066, 0.0, 0.0010),
    "mouthFunnel": _funnel,
    "mouthLeft": _mouth_left,
    "mouthLowerDownLeft": _lower_down,
    "mouthPressLeft": _press,
    "mouthPucker": _pucker,
    "mouthRollLower": _roll_lower,
    "mouthRollUpper": _roll_upper,
    "mouthShrugLower": _shrug_lower,
    "mouthShrugUpper": _shrug_upper,
    "mouthSmileLeft": _smile,
    "mouthStretchLeft": _corner_flow(0.0072, -0.0034),
    "mouthUpperUpLeft": _upper_up,
    "noseSneerLeft": _nose_sneer,
    "tongueOut": _tongue_out,
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
