"""Where the eyes look when they look straight ahead, and what a turned head adds to what is read of them.

Whoever turns their head does one of two things with their eyes: they go along, or they stay on the screen. Which of the
two is seen from the readings themselves: the one that leaves less unexplained. Straight in the head is then zero, or
the direction of the camera; all that is read beside it is an error of the reading, taken out as a small polynomial.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.steps import FREE, TURNS
from calibration.takes import Take
from vtuber import personal
from vtuber.profile import Eyes
from vtuber.stages import Array

FEWEST = 15
"""Frames."""
STRAIGHT = math.radians(7)
"""In a take of shapes the eyes rest on the screen: what is further from the take's median is a look elsewhere."""
WILD = math.radians(4)
"""A reading further from its explanation counts less and less."""
HELD = 3e-3
"""Ridge of the polynomial, as a share of the frames' number: a few degrees of turn make no slope."""
FURTHEST = math.radians(30)
"""Faces turned further are left out: what is read of their eyes is hardly a reading."""
ON_SCREEN = math.radians(25), math.radians(15)
"""Corners of a screen are not looked at further aside than this, yaw and pitch."""


@dataclass(frozen=True, slots=True)
class Readings:
    """N frames of eyes whose direction is known."""

    facing: Array
    """(N, 2)"""
    gaze: Array
    """(N, 4) as read."""
    true: Array
    """(N, 4) as it was."""


def eyes(takes: Sequence[Take], corners: tuple[float, float] | None = None) -> Eyes | None:
    """What is to be taken out of the gaze; None where no eye was seen looking straight.

    Args:
        takes: as read with a profile that takes nothing out.
        corners: yaw and pitch, radians, from the screen's middle to its corners as the performer sees them, if known.
    """
    rows = [found for take in takes if (found := _straight(take)) is not None]
    if not rows:
        return None
    known = Readings(*(np.concatenate([getattr(row, name) for row in rows]) for name in ("facing", "gaze", "true")))
    turned, centre = _fit(known)
    return personal.straight(centre, _gain(takes, turned, centre, corners), turned)


def _straight(take: Take) -> Readings | None:
    """The frames of a take in which the eyes looked straight, as far as its label tells."""
    ok = take.eyes_open & (np.abs(take.facing) < FURTHEST).all(axis=1)
    if take.label in ("lids", "looks", "corners") or ok.sum() < FEWEST:
        return None
    turning = take.label in ("turns", FREE, *TURNS)
    if not turning:
        ok &= (np.abs(take.gaze - np.median(take.gaze[ok], axis=0)) < STRAIGHT).all(axis=1)
    facing, gaze = take.facing[ok], take.gaze[ok]
    if len(gaze) < FEWEST:
        return None
    true = np.zeros_like(gaze)
    if turning and _stayed_on_screen(facing, gaze):
        true = np.tile(facing, 2)
    return Readings(facing, gaze, true)


def _stayed_on_screen(facing: Array, gaze: Array) -> bool:
    """Did the eyes turn back as far as the head turned?"""
    both = (gaze[:, :2] + gaze[:, 2:]) / 2
    both, moved = both - np.median(both, axis=0), facing - np.median(facing, axis=0)
    return bool(np.square(both - moved).sum() < np.square(both).sum())


def _fit(known: Readings) -> tuple[Array, Array]:
    """(5, 2) factors of the monomials and (4,) the centre, by ridge regression, robust against single wild readings."""
    basis = np.array([personal.monomials(x, y) for x, y in known.facing.tolist()])
    off = known.gaze - known.true
    weight = np.ones(len(off))
    for _ in range(3):
        total = weight.sum()
        mean_basis, mean_off = weight @ basis / total, weight @ off / total
        b, y = basis - mean_basis, off - mean_off
        both = (y[:, :2] + y[:, 2:]) / 2
        normal = (b * weight[:, None]).T @ b + HELD * total * np.eye(b.shape[1])
        turned = np.linalg.solve(normal, (b * weight[:, None]).T @ both)
        left = np.abs(y - np.tile(b @ turned, 2)).max(axis=1)
        weight = 1.0 / np.maximum(1.0, left / WILD)
    return turned, mean_off - np.tile(mean_basis @ turned, 2)


def _gain(
    takes: Sequence[Take], turned: Array, centre: Array, corners: tuple[float, float] | None
) -> tuple[float, float]:
    """So that the corners of the screen are as far apart as they are; 1 where nobody knows how far that is."""
    reached = spread([take for take in takes if take.label == "corners"], turned, centre)
    if corners is None or reached is None:
        return 1.0, 1.0
    yaw, pitch = (min(1.6, max(0.6, wanted / got)) for wanted, got in zip(corners, reached, strict=True))
    return yaw, pitch


def spread(takes: Sequence[Take], turned: Array | None = None, centre: Array | None = None) -> Array | None:
    """(2,) radians: half of what lies between the furthest looks sideways, and up and down; None where none are."""
    looks = []
    for take in takes:
        basis = np.array([personal.monomials(x, y) for x, y in take.facing.tolist()]).reshape(-1, 5)
        gaze = take.gaze if turned is None else take.gaze - np.tile(basis @ turned, 2)
        looks.append((gaze if centre is None else gaze - centre)[take.eyes_open])
    all_looks = np.concatenate(looks) if looks else np.zeros((0, 4))
    if len(all_looks) < FEWEST:
        return None
    both = (all_looks[:, :2] + all_looks[:, 2:]) / 2
    low, high = np.percentile(both, [4, 96], axis=0)
    half: Array = np.maximum((high - low) / 2, 1e-3)
    return half


def off_straight(take: Take) -> Array | None:
    """(N,) radians: how far both eyes' mean is from where it was, in the frames in which that is known."""
    known = _straight(take)
    if known is None:
        return None
    off = known.gaze - known.true
    distance: Array = np.linalg.norm((off[:, :2] + off[:, 2:]) / 2, axis=1)
    return distance
