"""How the blendshapes of mouth, jaw and tongue move the face; shapes of one side are written for her left."""

import numpy as np

from .arrays import Floats, bell, smoothstep
from .face_points import FacePoints, Flow, FlowOf, corner, in_front, lip_grip, still, upper_side
from .head_shape import EYE_Y, MOUTH_HALF_WIDTH, MOUTH_Y

JAW_DROP = 0.0215
"""How far the lower lip's middle sinks at jawOpen 1, metres."""


def _below(at: FacePoints) -> Floats:
    """Depth under the mouth line, metres, 0 above."""
    return np.maximum(MOUTH_Y - at.y, 0.0) * (at.lip < 0)


def _left_half(at: FacePoints) -> Floats:
    return smoothstep(-0.009, 0.009, at.x)


def lip_arch(x: Floats, below: Floats | float = 0.0) -> Floats:
    """The open mouth's outline: 1 in the middle, 0 at and beyond the corners; wider on the skin below."""
    half = MOUTH_HALF_WIDTH + 0.55 * np.asarray(below)
    return np.asarray((1 - np.minimum(np.abs(x) / half, 1) ** 2.3) ** 0.62)


def _lower_lip(at: FacePoints) -> Floats:
    """Share of the lower lip's motion a point takes: fades down the chin."""
    below = _below(at)
    return (at.lip < 0) * lip_arch(at.x, below) * (1 - smoothstep(0.0, 0.031, below)) * in_front(at)


def _upper_lip(at: FacePoints) -> Floats:
    over = np.maximum(at.y - MOUTH_Y, 0.0)
    return upper_side(at) * lip_arch(at.x, over) * (1 - smoothstep(0.0, 0.016, over)) * in_front(at)


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


def jaw_open(at: FacePoints) -> Flow:
    chin = _chin(at) * (1 - _lower_lip(at))
    return (
        -0.0018 * np.sign(at.x) * _corner_both(at),
        _lips_apart(at) - 0.0085 * chin,
        -0.0030 * chin - 0.0005 * _lower_lip(at),
    )


def _corner_both(at: FacePoints) -> Floats:
    return corner(at) + corner(at.mirrored())


def mouth_close(at: FacePoints) -> Flow:
    return still(at), -_lips_apart(at), -0.0042 * _lower_lip(at)


def jaw_left(at: FacePoints) -> Flow:
    chin, lips = _chin(at), lip_grip(at)
    return 0.0085 * np.maximum(chin, lips * (0.75 - 0.35 * upper_side(at))), still(at), still(at)


def jaw_forward(at: FacePoints) -> Flow:
    lip = np.maximum(_chin(at), _lower_lip(at) * 0.9)
    return still(at), 0.0016 * _lower_lip(at) - 0.0035 * _chin(at), 0.0085 * lip


def corner_flow(dx: float, dy: float, dz: float = 0.0, middle: float = 0.0) -> FlowOf:
    """Moves the left corner; `middle` moves the left half of the lips' middle up."""

    def flow(at: FacePoints) -> Flow:
        pull = corner(at)
        center = lip_grip(at) * _left_half(at) * bell(at.x, 0.011)
        return dx * pull, dy * pull + middle * center, dz * pull

    return flow


def smile(at: FacePoints) -> Flow:
    dx, dy, dz = corner_flow(0.0052, 0.0068, 0.0, -0.0012)(at)
    cheek = bell(at.x - 0.040, 0.013) * bell(at.y - EYE_Y + 0.038, 0.010) * in_front(at)
    return dx + 0.001 * cheek, dy + 0.0025 * cheek, dz + 0.0030 * cheek


def funnel(at: FacePoints) -> Flow:
    grip = lip_grip(at)
    part = 0.0042 * _upper_lip(at) - 0.0072 * _lower_lip(at)
    return -0.40 * at.x * grip, part, 0.0045 * grip


def pucker(at: FacePoints) -> Flow:
    grip = lip_grip(at)
    return -0.52 * at.x * grip, 0.0005 * _upper_lip(at) - 0.0008 * _lower_lip(at), 0.0075 * grip


def mouth_left(at: FacePoints) -> Flow:
    return 0.0105 * lip_grip(at), 0.0016 * corner(at), still(at)


def lower_down(at: FacePoints) -> Flow:
    return still(at), -0.0075 * _lower_lip(at) * _left_half(at), still(at)


def upper_up(at: FacePoints) -> Flow:
    return still(at), 0.0062 * _upper_lip(at) * _left_half(at), still(at)


def press(at: FacePoints) -> Flow:
    dx, dy, _ = corner_flow(0.0032, -0.0012)(at)
    return dx, dy, -0.0025 * lip_grip(at) * _left_half(at)


def roll_lower(at: FacePoints) -> Flow:
    lip = _lower_lip(at) * (1 - smoothstep(0.004, 0.012, _below(at)))
    return still(at), 0.0018 * _lower_lip(at) + 0.0015 * _upper_lip(at), -0.0045 * lip


def roll_upper(at: FacePoints) -> Flow:
    lip = _upper_lip(at)
    return still(at), -0.0020 * lip - 0.0018 * _lower_lip(at), -0.0035 * lip


def shrug_lower(at: FacePoints) -> Flow:
    middle = lip_grip(at) * lip_arch(at.x, 0.004)
    return (
        still(at),
        0.0042 * middle + 0.0040 * _chin(at) - 0.0008 * _corner_both(at),
        0.0028 * middle + 0.002 * _chin(at),
    )


def shrug_upper(at: FacePoints) -> Flow:
    middle = lip_grip(at) * lip_arch(at.x, 0.004)
    return -0.12 * at.x * lip_grip(at), 0.0038 * middle, 0.0040 * middle * upper_side(at)


def tongue_out(at: FacePoints) -> Flow:
    return still(at), -0.0085 * _lower_lip(at) + 0.001 * _upper_lip(at), still(at)
