"""The head as one smooth surface: horizontal slices are superellipses, with nose, lips and eye hollows as bumps.

A point of the surface is named by (theta, phi): theta runs round the head from the face (0) over her left (pi / 2);
phi runs from the chin (0) to the crown (pi). In front it is also a height field z(x, y).
"""

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats, bell, spline, unit

CHIN = 1.197
HEIGHT = 0.236
FLATNESS = 2.3
"""Exponent of the superellipse: 2 is round, more is flatter in front."""

EYE_X, EYE_Y = 0.0362, CHIN + 0.0815
MOUTH_Y = CHIN + 0.0295
NOSE_Y = CHIN + 0.0505
BROW_Y = CHIN + 0.1140
MOUTH_HALF_WIDTH = 0.0165
EYE_PIVOT = (0.0165, EYE_Y, 0.0080)
"""Where the left eye turns: far behind the iris, so that the iris slides almost flat."""

_PHI = np.radians(np.arange(0, 181, 15))
_HALF_WIDTH = np.array([0, 170, 345, 548, 704, 792, 828, 838, 812, 722, 556, 308, 0]) * 1e-4
_FRONT = np.array([640, 735, 775, 790, 797, 802, 806, 826, 820, 748, 590, 340, -50]) * 1e-4
_BACK = np.array([600, 440, 220, -100, -450, -750, -960, -1080, -1085, -985, -770, -440, -50]) * 1e-4
_WIDEST = np.array([620, 570, 440, 260, 110, 20, -40, -60, -60, -60, -60, -55, -50]) * 1e-4
_PROFILES = np.stack([_HALF_WIDTH, _FRONT, _BACK, _WIDEST], 1)


def phi_at(y: ArrayLike) -> Floats:
    """The slice parameter of a height y."""
    return np.asarray(np.arccos(np.clip(1 - 2 * (np.asarray(y, float) - CHIN) / HEIGHT, -1, 1)))


def height_at(phi: ArrayLike) -> Floats:
    return np.asarray(CHIN + HEIGHT * (1 - np.cos(phi)) / 2)


def half_width(y: ArrayLike) -> Floats:
    """Half the head's breadth at heights y."""
    phi = phi_at(y)
    return spline(_PHI, _HALF_WIDTH, phi.ravel()).reshape(phi.shape)


def theta_at(x: ArrayLike, y: ArrayLike) -> Floats:
    """The bearing of a frontal point."""
    ratio = np.abs(x) / np.maximum(spline(_PHI, _HALF_WIDTH, phi_at(y)), 1e-6)
    return np.asarray(np.sign(x) * np.arcsin(np.clip(ratio, 0, 1) ** (FLATNESS / 2)))


def point(theta: ArrayLike, phi: ArrayLike, bumps: float = 1.0) -> Floats:
    """Surface points (n, 3)."""
    theta, phi = np.broadcast_arrays(np.asarray(theta, float), np.asarray(phi, float))
    width, front, back, widest = np.moveaxis(spline(_PHI, _PROFILES, phi.ravel()).reshape(*phi.shape, 4), -1, 0)
    s, c = np.sin(theta), np.cos(theta)
    depth = np.where(c > 0, front, back) - widest
    power = np.where(c > 0, 2 / FLATNESS, 1.0)
    flat = np.where(c > 0, 2 / FLATNESS, 1.0)
    x = np.sign(s) * np.abs(s) ** flat * np.maximum(width, 0)
    y = height_at(phi)
    z = widest + np.abs(c) ** power * depth
    return np.stack([x, y, z + np.where(c > 0, bumps * bump(x, y), 0)], -1)


def front_z(x: ArrayLike, y: ArrayLike, bumps: float = 1.0) -> Floats:
    """Depth of the face at frontal positions."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    return point(theta_at(x, y), phi_at(y), 0.0)[..., 2] + bumps * bump(x, y)


def bump(x: Floats, y: Floats) -> Floats:
    """Nose, lips and eye hollows: forward displacement, metres."""
    nose = 0.0095 * bell(x, 0.0056) * bell(y - NOSE_Y, 0.0062)
    bridge = 0.0032 * bell(x, 0.0065) * bell(y - NOSE_Y - 0.018, 0.016)
    lips = 0.0022 * bell(x, 0.013) * bell(y - MOUTH_Y, 0.0065)
    under_lip = -0.0016 * bell(x, 0.014) * bell(y - MOUTH_Y + 0.0125, 0.005)
    hollow = -0.0022 * bell(np.abs(x) - EYE_X, 0.018) * bell(y - EYE_Y, 0.014)
    return nose + bridge + lips + under_lip + hollow


def mouth_line(x: ArrayLike) -> Floats:
    """Height of the closed mouth at x: the corners rise a little, she smiles at rest."""
    return np.asarray(MOUTH_Y + 0.0014 * np.clip(np.abs(x) / MOUTH_HALF_WIDTH, 0, 1.1) ** 2)


def normal_at(theta: ArrayLike, phi: ArrayLike) -> Floats:
    """Outward unit normals of the head without its bumps."""
    e = 1e-3
    phi = np.clip(phi, 0.06, np.pi - 0.06)
    around = point(np.asarray(theta) + e, phi, 0.0) - point(np.asarray(theta) - e, phi, 0.0)
    upward = point(theta, phi + e, 0.0) - point(theta, phi - e, 0.0)
    return unit(np.cross(around, upward))


def above(bearing: ArrayLike, y: ArrayLike, offset: ArrayLike) -> Floats:
    """Points `offset` metres over the scalp, at a true bearing (radians, 0 front, + to her left) and height y."""
    bearing, y = np.broadcast_arrays(np.asarray(bearing, float), np.asarray(y, float))
    phi = phi_at(np.clip(y, CHIN + 0.075, CHIN + HEIGHT))
    theta = _theta_of_bearing(bearing, phi)
    p = point(theta, phi, 0.0) + normal_at(theta, phi) * np.asarray(offset, float)[..., None]
    p[..., 1] += np.minimum(y - CHIN - 0.075, 0.0)
    return np.asarray(p)


def _theta_of_bearing(bearing: Floats, phi: Floats) -> Floats:
    """Bisection for the theta whose point lies on the bearing, seen from the slice's widest line."""
    low, high = np.zeros_like(bearing), np.full_like(bearing, np.pi)
    target = np.abs(bearing)
    widest = spline(_PHI, _WIDEST, phi.ravel()).reshape(phi.shape)
    for _ in range(26):
        middle = (low + high) / 2
        p = point(middle, phi, 0.0)
        past = np.arctan2(p[..., 0], p[..., 2] - widest) > target
        low, high = np.where(past, low, middle), np.where(past, middle, high)
    return np.sign(bearing) * (low + high) / 2
