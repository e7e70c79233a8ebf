"""The outline of the eye opening, in local coordinates of either eye: e away from the nose, v upwards, metres."""

import numpy as np

from .arrays import Floats, spline
from .head_shape import EYE_X, EYE_Y

SIZE = 1.06
INNER, OUTER = (-0.0217, -0.0064), (0.0238, -0.0004)
_UPPER = np.array(
    [INNER, (-0.0194, 0.0033), (-0.0111, 0.0126), (0.0011, 0.0164), (0.0129, 0.0145), (0.0211, 0.0074), OUTER]
)
_LOWER = np.array(
    [OUTER, (0.0215, -0.0086), (0.0141, -0.0140), (0.0023, -0.0162), (-0.0095, -0.0148), (-0.0183, -0.0109), INNER]
)
_UPPER, _LOWER = _UPPER * SIZE, _LOWER * SIZE
_CENTER = np.array([0.0008, -0.0004])


def upper_lid(count: int) -> Floats:
    """Points (count, 2) along the upper lid's edge, inner corner to outer corner."""
    return spline(np.linspace(0, 1, len(_UPPER)), _UPPER, np.linspace(0, 1, count))


def lower_lid(count: int) -> Floats:
    """Points (count, 2) along the lower lid's edge, outer corner to inner corner."""
    return spline(np.linspace(0, 1, len(_LOWER)), _LOWER, np.linspace(0, 1, count))


def outline(half_count: int) -> Floats:
    """The closed contour: (2 * half_count, 2), from the inner corner over the upper lid."""
    return np.concatenate([upper_lid(half_count + 1)[:-1], lower_lid(half_count + 1)[:-1]])


def scaled(points: Floats, ratio: float) -> Floats:
    """Contour points moved away from the eye's centre."""
    return np.asarray(_CENTER + (points - _CENTER) * ratio)


def local(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Local coordinates of frontal positions, in whichever eye is on that side."""
    return np.abs(x) - EYE_X, y - EYE_Y


_TABLE = outline(200)
_TABLE_ANGLE = np.arctan2(*(_TABLE - _CENTER).T[::-1])
_ORDER = np.argsort(_TABLE_ANGLE)
_DENSE_UPPER, _DENSE_LOWER = upper_lid(200), lower_lid(200)[::-1]


def ratio(e: Floats, v: Floats) -> Floats:
    """Distance from the eye's centre as a multiple of the contour's: 1 on the lids' edge."""
    de, dv = e - _CENTER[0], v - _CENTER[1]
    reach = np.linalg.norm(_TABLE - _CENTER, axis=1)[_ORDER]
    return np.asarray(np.hypot(de, dv) / np.interp(np.arctan2(dv, de), _TABLE_ANGLE[_ORDER], reach, period=2 * np.pi))


def drawn_in(e: Floats, v: Floats) -> Floats:
    """The e of each point, drawn in to the contour if it lies outside."""
    return np.asarray(_CENTER[0] + (e - _CENTER[0]) / np.maximum(ratio(e, v), 1.0))


def upper_height(e: Floats) -> Floats:
    return np.asarray(np.interp(e, _DENSE_UPPER[:, 0], _DENSE_UPPER[:, 1]))


def lower_height(e: Floats) -> Floats:
    return np.asarray(np.interp(e, _DENSE_LOWER[:, 0], _DENSE_LOWER[:, 1]))


def corner_height(e: Floats) -> Floats:
    """The line from corner to corner, which parts the upper lid from the lower."""
    return np.asarray(np.interp(e, (_UPPER[0, 0], _UPPER[-1, 0]), (_UPPER[0, 1], _UPPER[-1, 1])))


def closed_height(e: Floats) -> Floats:
    """Where the lids meet when shut: a shallow bow, low in the opening."""
    return np.asarray(0.30 * corner_height(e) + 0.70 * lower_height(e) + 0.0005)
