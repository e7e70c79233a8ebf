"""68 landmarks -> head rotation and position: perspective-n-point, weighted, robust, steady from frame to frame.

The start is OpenCV's SQPnP (Terzakis & Lourakis 2020); the answer is refined by Gauss-Newton on the reprojection error
with Huber weights, from the last frame's pose when there is one, so that it cannot flip to the mirrored solution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from vtuber import rotation
from vtuber.stages import Array

TYPICAL_FOCAL = 0.75
"""Focal length of a usual webcam over the picture's diagonal: 67 degrees corner to corner."""
HUBER = 1.5
"""A landmark that is off by more than this many typical errors counts less and less."""
ITERATIONS = 6
ENOUGH = 2.5e-2
"""Radians and metres. The fit is so nearly linear that after a step below this hardly a hundredth of it is left: less
than the landmarks' own noise, and gone with the next frame."""
_DIAGONAL = np.arange(6)
MIN_DISTANCE_M = 0.05
POOR_FIT = 0.06
"""A fit whose error is above this share of the face's width in the picture is started anew."""
DEPTH_TRUST = 0.8
"""How far an error in a landmark's own depth counts against one across the picture."""


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Head -> camera, OpenCV axes (x right, y down, z forward): X_camera = matrix @ X_head + position."""

    matrix: Array
    """(3, 3)"""
    position: Array
    """(3,) metres"""
    reprojection_px: float
    """Weighted root mean square distance of the landmarks from the fitted face."""


def camera_matrix(width: int, height: int) -> Array:
    """An estimate (3, 3) for an uncalibrated webcam, px with pixel centres at integers."""
    focal = TYPICAL_FOCAL * math.hypot(width, height)
    return np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1.0]])


class Rigid:
    """A face that does not move: the points that count in the head pose, ready for the fit."""

    def __init__(self, points: Array, weights: Array) -> None:
        """
        Args:
            points: (68, 3) the face, metres, head axes (x to the performer's left, y up, z out of the face).
            weights: (68,) 0..1, how far each point is to be trusted; zeros are left out.

        Raises:
            ValueError: fewer than six points have weight.
        """
        self.used = np.flatnonzero(weights > 0)
        if len(self.used) < 6:
            raise ValueError(f"a head pose needs six landmarks, not {len(self.used)}")
        self.points = points[self.used].T.copy()
        self.weights = weights[self.used] / weights[self.used].sum()


def solve(landmarks: Array, face: Rigid, camera: Array, start: HeadPose | None = None) -> HeadPose:
    """Fit a rigid face to its picture.

    Args:
        landmarks: (68, 2) px, without lens distortion; or (68, 3) with depth away from the camera, at the scale of px
            and of any origin, which tells the head's turn where a flat picture is ambiguous.
        camera: (3, 3) camera matrix.
        start: about where the head is: the pose of the frame before.

    Raises:
        ValueError: a number is not finite, or no pose fits.
    """
    if not np.isfinite(landmarks).all():
        raise ValueError("a landmark is not a finite number")
    seen_points, model, w = landmarks[face.used], face.points, face.weights
    # Normalized image coordinates: from here on the camera is the identity.
    focal = float(camera[0, 0])
    seen = np.zeros((3, len(w)))
    seen[0] = (seen_points[:, 0] - camera[0, 2]) / focal
    seen[1] = (seen_points[:, 1] - camera[1, 2]) / camera[1, 1]
    trust = 0.0
    if landmarks.shape[1] == 3:
        trust = DEPTH_TRUST
        seen[2] = (seen_points[:, 2] - w @ seen_points[:, 2]) / focal
    fit = _refine(start.matrix, start.position, model, seen, w, trust) if start else None
    if fit is None or fit[2] > POOR_FIT * float(np.ptp(seen[:2], axis=1).max()):
        fresh = _refine(*_sqpnp(model, seen[:2]), model, seen, w, trust)
        fit = fresh if fit is None or fresh[2] < fit[2] else fit
    matrix, position, error = fit
    return HeadPose(matrix, position, focal * error)


def _sqpnp(model: Array, seen: Array) -> tuple[Array, Array]:
    points, pixels = np.ascontiguousarray(model.T), np.ascontiguousarray(seen.T)
    try:
        ok, turn, position = cv2.solvePnP(points, pixels, np.eye(3), None, flags=cv2.SOLVEPNP_SQPNP)
    except cv2.error as e:  # landmarks that all lie in one place
        raise ValueError("no head pose fits these landmarks") from e
    if not ok:
        raise ValueError("no head pose fits these landmarks")
    matrix, _ = cv2.Rodrigues(turn)
    return np.asarray(matrix, dtype=float), np.asarray(position, dtype=float).reshape(3)


def _refine(
    matrix: Array, position: Array, model: Array, seen: Array, w: Array, trust: float
) -> tuple[Array, Array, float]:
    """Gauss-Newton on six numbers: a small turn before the camera and a shift.

    Returns the pose and its weighted RMS distance across the picture, in focal lengths.
    """
    for _ in range(ITERATIONS):
        error, jacobian = _linearize(matrix, position, model, seen, w, trust)
        square = (error * error).sum(axis=0)
        distance = np.sqrt(square)
        typical = max(math.sqrt(float(w @ square)), 1e-9)
        robust = w / np.maximum(1.0, distance / (HUBER * typical))
        flat = jacobian.reshape(6, -1)
        weighted = (jacobian * robust).reshape(6, -1)
        normal = weighted @ flat.T
        normal[_DIAGONAL, _DIAGONAL] *= 1.0 + 1e-6
        solved, step = cv2.solve(normal, (weighted @ error.reshape(-1))[:, None], flags=cv2.DECOMP_CHOLESKY)
        if not solved:
            raise ValueError("no head pose fits these landmarks")
        change = -step.reshape(6)
        matrix = rotation.to_matrix(rotation.exp(change[:3])) @ matrix
        position = position + change[3:]
        position[2] = max(float(position[2]), MIN_DISTANCE_M)
        if float(np.abs(change).max()) < ENOUGH:
            break
    placed = matrix @ model
    off = (placed[:2] + position[:2, None]) / (placed[2] + position[2]) - seen[:2]
    return matrix, position, math.sqrt(float((w * off * off).sum()))


def _linearize(
    matrix: Array, position: Array, model: Array, seen: Array, w: Array, trust: float
) -> tuple[Array, Array]:
    """Errors (3, n) across the picture and in depth, and their derivative (6, 3, n) by turn and shift.

    d(turn x p)/d(turn) = -[p]x, then the projection's derivative; depth counts from the weighted middle of the points.
    """
    turned = matrix @ model
    px, py, pz = turned
    mx, my, mz = (turned @ w).tolist()
    tx, ty, tz = position.tolist()
    inverse = 1.0 / np.maximum(pz + tz, MIN_DISTANCE_M)
    u, v, near = (px + tx) * inverse, (py + ty) * inverse, trust / tz
    error = np.empty_like(seen)
    error[0], error[1] = u - seen[0], v - seen[1]
    error[2] = near * (pz - mz) - trust * seen[2]
    j = np.zeros((6, *seen.shape))
    j[3, 0] = j[4, 1] = inverse
    j[5, 0], j[5, 1] = -u * inverse, -v * inverse
    j[5, 2] = (near / tz) * (mz - pz)
    sideways, upward, forward = px * inverse, py * inverse, pz * inverse
    j[0, 0], j[1, 0], j[2, 0] = j[5, 0] * py, forward - j[5, 0] * px, -upward
    j[0, 1], j[1, 1], j[2, 1] = j[5, 1] * py - forward, -j[5, 1] * px, sideways
    j[0, 2], j[1, 2] = near * (py - my), near * (mx - px)
    return error, j
