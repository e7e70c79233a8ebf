"""Angles, correlations and delays: the arithmetic that several yardsticks share."""

from __future__ import annotations

import numpy as np

from vtuber.rotation import FROM_CAMERA
from vtuber.stages import Array

REACH_S, STEP_S = 0.4, 0.002
"""A delay is looked for so far to both sides, and in such steps."""


def angles_deg(rotations: Array) -> Array:
    """(N, 3, 3) head -> camera -> (N, 3) yaw, pitch, roll; see vtuber.rotation.yaw_pitch_roll."""
    m = FROM_CAMERA[:, None] * rotations
    yaw = np.arctan2(m[:, 0, 2], m[:, 2, 2])
    pitch = np.arcsin(np.clip(m[:, 1, 2], -1, 1))
    roll = np.arctan2(m[:, 1, 0], m[:, 1, 1])
    angles: Array = np.degrees(np.stack([yaw, pitch, roll], axis=1))
    return angles


def mean_rotation(rotations: Array) -> Array:
    """(3, 3) the rotation nearest to the mean of (N, 3, 3), by its singular value decomposition; identity of none."""
    if not len(rotations):
        return np.eye(3)
    u, _, v = np.linalg.svd(rotations.mean(axis=0))
    nearest: Array = u @ np.diag([1, 1, np.linalg.det(u @ v)]) @ v
    return nearest


def constant_turn(true: Array, found: Array) -> Array:
    """(3, 3) C with found = true @ C on average: what a contestant calls the front of a head is its own affair."""
    return mean_rotation(np.einsum("nji,njk->nik", true, found))


def geodesic_deg(a: Array, b: Array) -> Array:
    """(N,) the angle between rotations (N, 3, 3)."""
    cosine = (np.einsum("nij,nij->n", a, b) - 1) / 2
    angles: Array = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return angles


def between_deg(a: Array, b: Array) -> Array:
    """(N,) the angle between directions (N, 3), b of unit length."""
    a = a / np.linalg.norm(a, axis=1, keepdims=True)
    angles: Array = np.degrees(np.arccos(np.clip((a * b).sum(axis=1), -1, 1)))
    return angles


def correlation(found: Array, true: Array) -> float:
    """Pearson's, over the frames where both are numbers.

    0 where the found value never moves, nan where the true one does not, or where there are fewer than four frames.
    """
    ok = np.isfinite(found) & np.isfinite(true)
    found, true = found[ok], true[ok]
    if len(true) < 4 or true.std() <= 1e-9:
        return float("nan")
    if found.std() <= 1e-9:
        return 0.0
    return float(np.corrcoef(found, true)[0, 1])


def delay_ms(true: Array, found: Array, rate: float) -> float:
    """How far found (N, K) comes behind true (N, K): where their correlations, summed over K, are largest."""
    ok = np.isfinite(found).all(axis=1)
    if ok.sum() < 20:
        return float("nan")
    t = np.arange(len(true)) / rate
    fits = []
    for delay in np.arange(-REACH_S, REACH_S, STEP_S):
        moved = [np.interp(t[ok] - delay, t, column) for column in true.T]
        fit = sum(_plain(found[ok, k], column) for k, column in enumerate(moved))
        fits.append((fit, delay))
    return round(1000 * float(max(fits)[1]), 1) + 0.0


def _plain(found: Array, true: Array) -> float:
    """A correlation that is 0 where there is none: for sums."""
    value = correlation(found, true)
    return 0.0 if np.isnan(value) else value


def spread_about_trend(values: Array) -> Array:
    """(N, K) -> (K,) standard deviation about a straight line through each column: jitter without drift."""
    return np.array([float(np.std(rest)) for rest in without_trend(values).T])


def without_trend(values: Array) -> Array:
    """(N, K) less the straight line through each column."""
    frames = np.arange(len(values))
    return np.stack([c - np.polyval(np.polyfit(frames, c, 1), frames) for c in values.T], axis=1)
