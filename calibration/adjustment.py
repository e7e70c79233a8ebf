"""The least squares of a bundle adjustment: one face, its pose in each view, and a focal length, against landmarks.

The unknowns in one row: the focal length's logarithm over its start, when it is sought; the points (N, 3), metres from
their start; and for each view a small turn before the camera and a shift (6). Each landmark depends on ten of them, so
that the derivatives are a sparse matrix, which is written down here as formulas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import spsolve

from vtuber.head_pose import HeadPose
from vtuber.stages import Array

FOCAL_HELD = 0.3
"""Standard deviation of a webcam's focal length (natural logarithm) about the usual one; very loose."""
NEAREST_M = 0.05
STEPS = 40
ENOUGH = 1e-8
"""The fit ends when a step makes it better by less than this share."""
DAMPING, GIVE_UP = 1e-4, 1e8
WILD = 2.0
"""Beyond about so many standard deviations an error counts by its size, no longer by its square ("soft L1")."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is to be explained, and how far it is trusted."""

    landmarks: Array
    """(T, N, 2) px from the camera's axis."""
    error_px: Array
    """(T, N) the standard deviation of each; infinite where it is not seen."""
    held: Array
    """(N,) metres: how far each point may lie from its start."""


@dataclass(frozen=True, slots=True)
class State:
    """An explanation."""

    focal: float
    """px"""
    points: Array
    """(N, 3) metres, head axes."""
    turns: Array
    """(T, 3, 3) head -> camera."""
    positions: Array
    """(T, 3) metres"""

    def projected(self) -> Array:
        """(T, N, 2) px from the camera's axis."""
        placed = np.einsum("tij,nj->tni", self.turns, self.points) + self.positions[:, None]
        seen: Array = self.focal * placed[..., :2] / np.maximum(placed[..., 2:], NEAREST_M)
        return seen


def begin(points: Array, poses: Sequence[HeadPose], focal: float) -> State:
    """The explanation that a usual face makes."""
    return State(focal, points, np.array([p.matrix for p in poses]), np.array([p.position for p in poses]))


def rotations(vectors: Array) -> Array:
    """Rotation vectors (T, 3), radians -> matrices (T, 3, 3): Rodrigues' formula."""
    angle = np.linalg.norm(vectors, axis=1)[:, None, None]
    k = crosses(vectors)
    small = angle < 1e-6
    safe = np.where(small, 1.0, angle)
    made: Array = (
        np.eye(3)
        + np.where(small, 1.0, np.sin(safe) / safe) * k
        + np.where(small, 0.5, (1 - np.cos(safe)) / safe**2) * (k @ k)
    )
    return made


def jacobians(vectors: Array) -> Array:
    """(T, 3, 3): how much further a rotation turns, in the axes after it, when its vector grows: the left Jacobian."""
    angle = np.linalg.norm(vectors, axis=1)[:, None, None]
    k = crosses(vectors)
    small = angle < 1e-4
    safe = np.where(small, 1.0, angle)
    made: Array = (
        np.eye(3)
        + np.where(small, 0.5, (1 - np.cos(safe)) / safe**2) * k
        + np.where(small, 1 / 6, (safe - np.sin(safe)) / safe**3) * (k @ k)
    )
    return made


def crosses(vectors: Array) -> Array:
    """(..., 3) -> (..., 3, 3): the matrix whose product with b is a x b."""
    x, y, z = np.moveaxis(vectors, -1, 0)
    zero = np.zeros_like(x)
    return np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(*vectors.shape, 3)


class Adjustment:
    """The fit, from a first explanation on.

    Args:
        focal_sought: otherwise the focal length of the start stays.
    """

    def __init__(self, seen: Seen, start: State, *, focal_sought: bool) -> None:
        self._seen, self._start = seen, start
        self._views, self._count = seen.landmarks.shape[:2]
        self._first = 1 if focal_sought else 0
        self._poses = self._first + 3 * self._count
        self._weights = 1.0 / seen.error_px
        self._target = np.where(np.isfinite(seen.landmarks), seen.landmarks, 0.0)
        self._rows, self._columns = self._pattern()

    def solve(self) -> State:
        """The best explanation that is found.

        Levenberg and Marquardt's method on the robust error (Triggs et al. 2000, 4.3): every view's pose meets only its
        own landmarks, so that the sparse equations are solved outright, and five or six steps are enough.
        """
        x = np.zeros(self._poses + 6 * self._views)
        error, damping = self._errors(x), DAMPING
        for _ in range(STEPS):
            derivative, trust = self._derivative(x), 1.0 / np.sqrt(1.0 + (error / WILD) ** 2)
            weighted = derivative.multiply(trust[:, None]).tocsr()
            normal, downhill = (derivative.T @ weighted).tocsc(), -(weighted.T @ error)
            shorter, least = None, _robust(error)
            while damping < GIVE_UP:
                step = spsolve(normal + sparse.diags(damping * normal.diagonal(), format="csc"), downhill)
                shorter = self._errors(x + step)
                if _robust(shorter) < least:
                    break
                damping *= 10
            else:
                break
            x, error, damping = x + step, shorter, damping / 10
            if least - _robust(error) < ENOUGH * least:
                break
        self._found = x
        return self._state(x)

    def spreads(self) -> tuple[Array, float]:
        """Standard deviations of what was found: of the points (N, 3), metres, place, turn and size of the whole face
        taken out; and of the focal length's logarithm, 0 when it was not sought."""
        derivative = self._derivative(self._found)
        error = self._errors(self._found)
        sure = np.repeat((self._seen.error_px <= 1.01 * self._seen.error_px.min(axis=1, keepdims=True)).ravel(), 2)
        typical = float(np.median(np.abs(error[: len(sure)][sure]))) / 0.6745
        normal = (derivative.T @ derivative).tocsc()
        across = normal[self._poses :, : self._poses]
        # What the poses may do as well is taken off what is known of the face (Schur's complement).
        shared = normal[: self._poses, : self._poses] - across.T @ spsolve(normal[self._poses :, self._poses :], across)
        spread = np.linalg.pinv(shared.toarray(), hermitian=True) * max(typical, 1e-9) ** 2
        points = self._state(self._found).points
        free = _motions(points)
        left = np.eye(len(free)) - free @ np.linalg.pinv(free)
        covariance = left @ spread[self._first : self._poses, self._first : self._poses] @ left.T
        of_points: Array = np.sqrt(np.maximum(np.diag(covariance), 0.0)).reshape(-1, 3)
        return of_points, float(np.sqrt(spread[0, 0])) if self._first else 0.0

    def _state(self, x: Array) -> State:
        start, poses = self._start, x[self._poses :].reshape(-1, 6)
        return State(
            start.focal * float(np.exp(x[0])) if self._first else start.focal,
            start.points + x[self._first : self._poses].reshape(-1, 3),
            rotations(poses[:, :3]) @ start.turns,
            start.positions + poses[:, 3:],
        )

    def _errors(self, x: Array) -> Array:
        """Every landmark's distance, then what holds the points and the focal length, in standard deviations."""
        off = (self._state(x).projected() - self._target) * self._weights[..., None]
        held = x[self._first : self._poses].reshape(-1, 3) / self._seen.held[:, None]
        return np.concatenate([off.ravel(), held.ravel(), x[: self._first] / FOCAL_HELD])

    def _pattern(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Row and column of each number of the derivative, in the order in which it is worked out."""
        views, count, each = self._views, self._count, self._first + 9
        rows = np.repeat(np.arange(views * count * 2), each).reshape(views, count, 2, each)
        columns = np.zeros((views, count, 2, each), dtype=np.intp)
        columns[..., self._first : self._first + 3] = self._first + 3 * np.arange(count)[:, None, None] + np.arange(3)
        columns[..., self._first + 3 :] = self._poses + 6 * np.arange(views)[:, None, None, None] + np.arange(6)
        held = views * count * 2 + np.arange(3 * count + self._first)
        of_held = np.concatenate([self._first + np.arange(3 * count), np.arange(self._first)])
        return np.concatenate([rows.ravel(), held]), np.concatenate([columns.ravel(), of_held])

    def _derivative(self, x: Array) -> sparse.csr_matrix:
        state, poses = self._state(x), x[self._poses :].reshape(-1, 6)
        turned = np.einsum("tij,nj->tni", state.turns, state.points)
        placed = turned + state.positions[:, None]
        inverse = 1.0 / np.maximum(placed[..., 2], NEAREST_M)
        by_place = np.zeros((*placed.shape[:2], 2, 3))
        by_place[..., 0, 0] = by_place[..., 1, 1] = state.focal * inverse
        by_place[..., 2] = -state.focal * placed[..., :2] * inverse[..., None] ** 2
        by_turn = -by_place @ crosses(turned) @ jacobians(poses[:, :3])[:, None]
        parts = [by_place @ state.turns[:, None], by_turn, by_place]
        if self._first:
            parts.insert(0, (state.focal * placed[..., :2] * inverse[..., None])[..., None])
        values = np.concatenate(parts, axis=-1) * self._weights[..., None, None]
        held = np.repeat(1.0 / self._seen.held, 3)
        numbers = np.concatenate([values.ravel(), held, np.full(self._first, 1.0 / FOCAL_HELD)])
        shape = (2 * self._views * self._count + 3 * self._count + self._first, len(x))
        return sparse.csr_matrix((numbers, (self._rows, self._columns)), shape=shape)


def _robust(error: Array) -> float:
    """What is made least: the square of small errors, the size of large ones."""
    return float((np.sqrt(1.0 + (error / WILD) ** 2) - 1.0).sum())


def _motions(points: Array) -> Array:
    """(3 N, 7): how the points move when the whole is shifted, turned or made larger."""
    middle = points - points.mean(axis=0)
    moves = np.zeros((*points.shape, 7))
    moves[..., :3] = np.eye(3)
    moves[..., 3:6] = -crosses(middle)
    moves[..., 6] = middle
    flat: Array = moves.reshape(-1, 7)
    return flat
