"""How the blendshapes of eyes, brows, cheeks and nose move the face; shapes of one side are written for her left."""

from dataclasses import dataclass

import numpy as np

from . import eye_shape
from .arrays import Floats, bell, smoothstep
from .face_points import FacePoints, Flow, FlowOf, in_front, lip_grip, still, upper_side
from .head_shape import BROW_Y, EYE_X, EYE_Y, MOUTH_Y, NOSE_Y


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
    grip = (1 - smoothstep(1.0, 1.8, eye_shape.ratio(e, v))) * (at.x > 0) * in_front(at)
    e = eye_shape.drawn_in(e, v)
    return _Lids(e, grip, np.asarray(v >= eye_shape.corner_height(e) - 1e-6, float))


def lid_flow(upper: float, lower: float, sideways: float = 0.0) -> FlowOf:
    """Moves the lids' middles by `upper` and `lower` metres, their corners hardly."""

    def flow(at: FacePoints) -> Flow:
        lids = _lids(at)
        arch = np.sqrt(np.clip(1 - (lids.e / 0.0270) ** 2, 0.03, 1))
        lift = lids.upper * upper + (1 - lids.upper) * lower
        return sideways * arch * lids.grip, lift * arch * lids.grip, still(at)

    return flow


def blink(at: FacePoints) -> Flow:
    lids = _lids(at)
    edge = np.where(lids.upper > 0, eye_shape.upper_height(lids.e), eye_shape.lower_height(lids.e))
    bulge = lids.grip * (0.0010 + 0.0016 * bell(lids.e, 0.012)) * lids.upper
    overlap = 0.0008 * lids.upper
    return still(at), (eye_shape.closed_height(lids.e) - overlap - edge) * lids.grip, bulge


def _brow(at: FacePoints) -> tuple[Floats, Floats, Floats]:
    """Grip of the left brow, and its inner and outer share."""
    e = at.x - EYE_X
    height = np.where(at.y > BROW_Y, bell(at.y - BROW_Y, 0.018), bell(at.y - BROW_Y, 0.0085))
    grip = height * smoothstep(-0.038, -0.024, e) * (1 - smoothstep(0.030, 0.040, e)) * in_front(at)
    return grip, smoothstep(0.034, -0.024, e), smoothstep(-0.016, 0.030, e)


def brow_down(at: FacePoints) -> Flow:
    grip, inner, outer = _brow(at)
    return -0.0022 * grip * inner, -grip * (0.0075 * inner + 0.0008 * outer + 0.0008), still(at)


def brow_inner_up(at: FacePoints) -> Flow:
    right = at.mirrored()
    (grip, inner, _), (grip_right, inner_right, _) = _brow(at), _brow(right)
    lift = grip * inner + grip_right * inner_right
    return still(at), 0.0070 * lift, still(at)


def brow_outer_up(at: FacePoints) -> Flow:
    grip, inner, outer = _brow(at)
    return still(at), grip * (0.0066 * outer + 0.0006 * inner), still(at)


def cheek_squint(at: FacePoints) -> Flow:
    _, lid, _ = lid_flow(0.0, 0.0034)(at)
    cheek = bell(at.x - 0.042, 0.013) * bell(at.y - EYE_Y + 0.030, 0.010) * in_front(at)
    return still(at), lid + 0.0035 * cheek, 0.0030 * cheek


def cheek_puff(at: FacePoints) -> Flow:
    cheek = bell(np.abs(at.x) - 0.046, 0.017) * bell(at.y - MOUTH_Y - 0.0085, 0.0135) * in_front(at)
    lips = bell(at.x, 0.014) * bell(at.y - MOUTH_Y, 0.008) * in_front(at)
    return 0.0085 * np.sign(at.x) * cheek, still(at), 0.0075 * cheek + 0.002 * lips


def nose_sneer(at: FacePoints) -> Flow:
    wing = bell(at.x - 0.007, 0.007) * bell(at.y - NOSE_Y, 0.008) * in_front(at)
    fold = bell(at.x - 0.014, 0.011) * bell(at.y - MOUTH_Y - 0.0145, 0.009) * in_front(at)
    lip = upper_side(at) * lip_grip(at) * bell(at.x - 0.008, 0.006)
    grip, inner, _ = _brow(at)
    return (
        0.001 * wing,
        0.0028 * wing + 0.0026 * fold + 0.0028 * lip - 0.0022 * grip * inner,
        0.0022 * wing + 0.001 * fold,
    )
