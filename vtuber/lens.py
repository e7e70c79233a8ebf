"""A camera's lens: where a landmark would lie if straight lines stayed straight.

The model is OpenCV's, and so Brown's (1966): radial k1, k2, k3 and tangential p1, p2. It says where a straight point is
seen; the way back is found by repeating it, which for webcams is exact to a hundredth of a pixel after a few rounds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vtuber import head_pose
from vtuber.profile import Profile
from vtuber.stages import Array, Face

ROUNDS = 8
LEAST = 0.3
"""A lens draws nothing further out than this would: beyond what was calibrated the model runs away."""


@dataclass(frozen=True, slots=True)
class Lens:
    """For pictures of one size."""

    matrix: Array
    """(3, 3) camera matrix, px with pixel centres at integers."""
    distortion: tuple[float, ...] = ()
    """k1, k2, p1, p2, k3; nothing of a lens that is taken as straight."""

    def straightened(self, points: Array) -> Array:
        """Points (N, 2) or (N, 3) px as a straight lens would show them; depth stays."""
        if not any(self.distortion):
            return points
        focal, middle = self.matrix[[0, 1], [0, 1]], self.matrix[:2, 2]
        seen = (points[:, :2] - middle) / focal
        straight = seen
        for _ in range(ROUNDS):
            radial, tangential = self._bend(straight)
            straight = (seen - tangential) / np.maximum(radial, LEAST)[:, None]
        made: Array = points.copy()
        made[:, :2] = straight * focal + middle
        return made

    def bent(self, points: Array) -> Array:
        """The other way: where straight points (N, 2) or (N, 3) px are seen."""
        if not any(self.distortion):
            return points
        focal, middle = self.matrix[[0, 1], [0, 1]], self.matrix[:2, 2]
        straight = (points[:, :2] - middle) / focal
        radial, tangential = self._bend(straight)
        made: Array = points.copy()
        made[:, :2] = (straight * radial[:, None] + tangential) * focal + middle
        return made

    def straight_face(self, face: Face) -> Face:
        """A face as a straight lens would show it."""
        if not any(self.distortion):
            return face
        settled = None if face.settled is None else self.straightened(face.settled)
        mirror = None if face.mirror is None else self.straight_face(face.mirror)
        return replace(face, landmarks=self.straightened(face.landmarks), settled=settled, mirror=mirror)

    def _bend(self, straight: Array) -> tuple[Array, Array]:
        """By what a point's distance from the middle is multiplied (N,), and what is added to it (N, 2)."""
        k1, k2, p1, p2, k3 = self.distortion
        x, y = straight.T
        square = x * x + y * y
        radial = 1 + square * (k1 + square * (k2 + square * k3))
        sideways = 2 * p1 * x * y + p2 * (square + 2 * x * x)
        upward = p1 * (square + 2 * y * y) + 2 * p2 * x * y
        return radial, np.stack([sideways, upward], axis=1)


def of(profile: Profile, size: tuple[int, int]) -> Lens:
    """The profile's for pictures of a size (width, height); that of a usual webcam where it knows none."""
    matrix = profile.camera_matrix(*size)
    if matrix is None or profile.camera is None:
        return Lens(head_pose.camera_matrix(*size))
    return Lens(matrix, profile.camera.distortion)
