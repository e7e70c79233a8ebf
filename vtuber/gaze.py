"""Where each eye looks: the iris centre on an eyeball set into the posed head.

The eyeball's centre lies behind the middle of the eye's corners. The line of sight of the iris centre through the
camera meets the sphere on which the iris moves; centre to that point is the eye's optical axis. Sizes of the eye:
Bekerman et al. 2014, "Variations in eyeball diameters of the healthy adults" (24 mm), the iris
10.5 mm before its centre.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vtuber.head_pose import HeadPose
from vtuber.stages import Array, Face

CORNERS_TO_CENTRE_M = 0.008
"""From the line between the eye's corners straight back to the centre of rotation."""
IRIS_ORBIT_M = 0.0105
"""From the centre of rotation to the middle of the iris."""
YAW_GAIN = 1.1
PITCH_GAIN, PITCH_ZERO = 3.0, math.radians(11.5)
"""Irises of the face mesh follow a look up or down by a third, about a point above the eye's corners: the same ratio on
rendered eyes of known gaze and, against the lids, on footage of a dozen people."""
OUTWARD = math.radians(4.5)
"""Each eye of the mesh seems to look this much outward; people differ by as much again, which calibration measures."""
AGREEMENT = 0.8
"""How far each eye is drawn to the gaze of both: 1 makes them parallel, 0 lets noise cross them."""
FULL_WIDTH = 0.75
"""An eye foreshortened below this share of its frontal width is trusted less and less."""
SEEN_UNTIL, BLIND_FROM = math.radians(28), math.radians(45)
"""Face turned from the line of sight: from here the irises of the mesh follow the head, until they say nothing more."""
MAX_YAW, MAX_PITCH = math.radians(45), math.radians(35)


@dataclass(frozen=True, slots=True)
class Gaze:
    """One eye's direction against the head, radians."""

    yaw: float
    """Positive to the performer's left."""
    pitch: float
    """Positive up."""


def both_eyes(face: Face, pose: HeadPose, camera: Array, points: Array, shut: tuple[float, float]) -> tuple[Gaze, Gaze]:
    """Left and right gaze: drawn together, the better seen and wider open eye leading.

    Args:
        pose: the head's, from the same landmarks.
        camera: (3, 3), px.
        points: (68, 3) the face in metres, as for the pose.
        shut: how far the left and the right lid are closed, 0..1.
    """
    left = _Eye("left", face, pose, camera, points)
    right = _Eye("right", face, pose, camera, points)
    trust_left, trust_right = left.trust * max(0.05, 1.0 - shut[0]), right.trust * max(0.05, 1.0 - shut[1])
    share = trust_left / (trust_left + trust_right)
    a, b = left.gaze(), right.gaze()
    yaw, pitch = share * a.yaw + (1 - share) * b.yaw, share * a.pitch + (1 - share) * b.pitch
    # Turned away from the lens the eyes say little, and straight ahead is the best guess.
    x, y, z = pose.position.tolist()
    fx, fy, fz = pose.matrix[:, 2].tolist()
    off_axis = math.acos(_within(-(fx * x + fy * y + fz * z) / math.sqrt(x * x + y * y + z * z), 1.0))
    known = min(1.0, max(0.0, (BLIND_FROM - off_axis) / (BLIND_FROM - SEEN_UNTIL)))

    def drawn(eye: Gaze) -> Gaze:
        return Gaze(
            known * (AGREEMENT * yaw + (1 - AGREEMENT) * eye.yaw),
            known * (AGREEMENT * pitch + (1 - AGREEMENT) * eye.pitch),
        )

    return drawn(a), drawn(b)


class _Eye:
    """One eye in the picture, and where its ball lies before the camera."""

    def __init__(self, side: str, face: Face, pose: HeadPose, camera: Array, points: Array) -> None:
        groups, marks = face.layout.groups, face.landmarks
        (ox, oy), (ix, iy) = marks[groups[f"{side}_eye_corners"], :2].tolist()
        iris = marks[groups[f"{side}_iris"], :2].tolist()
        fx, fy, cx, cy = camera[[0, 1, 0, 1], [0, 1, 2, 2]].tolist()
        first = 42 if side == "left" else 36
        self._sign = 1.0 if side == "left" else -1.0
        self._matrix = pose.matrix
        corners = points[[first, first + 3]]
        placed = (pose.matrix @ ((corners[0] + corners[1]) / 2) + pose.position).tolist()
        # The fitted face is nobody's own: the ball lies behind the eye's corners where they are seen.
        mx, my, depth = ((ox + ix) / 2 - cx) / fx * placed[2], ((oy + iy) / 2 - cy) / fy * placed[2], placed[2]
        bx, by, bz = (pose.matrix[:, 2] * -CORNERS_TO_CENTRE_M).tolist()
        self._centre = (mx + bx, my + by, depth + bz)
        # The rim's mean steadies the centre that the model gives.
        rim = iris[1:]
        px = 0.5 * iris[0][0] + 0.5 * sum(p[0] for p in rim) / len(rim)
        py = 0.5 * iris[0][1] + 0.5 * sum(p[1] for p in rim) / len(rim)
        self._ray = ((px - cx) / fx, (py - cy) / fy, 1.0)
        frontal = math.dist(*corners.tolist()) * fx / max(depth, 0.05)
        self.trust = min(1.0, math.hypot(ox - ix, oy - iy) / (FULL_WIDTH * frontal)) ** 4
        """0..1 by how frontally the eye is seen."""

    def gaze(self) -> Gaze:
        hit = _meet(self._ray, self._centre)
        axis = (self._matrix.T @ [h - c for h, c in zip(hit, self._centre, strict=True)]).tolist()
        yaw, pitch = math.atan2(axis[0], axis[2]), math.atan2(axis[1], math.hypot(axis[0], axis[2]))
        return Gaze(
            _within(YAW_GAIN * (yaw - self._sign * OUTWARD), MAX_YAW),
            _within(PITCH_GAIN * (pitch - PITCH_ZERO), MAX_PITCH),
        )


def _meet(ray: tuple[float, ...], centre: tuple[float, ...]) -> list[float]:
    """Where a line of sight meets the iris's orbit on the camera's side; else the orbit's nearest point."""
    length = math.hypot(*ray)
    unit = [r / length for r in ray]
    along = sum(r * c for r, c in zip(unit, centre, strict=True))
    off = [along * r - c for r, c in zip(unit, centre, strict=True)]
    miss = math.hypot(*off)
    if miss < IRIS_ORBIT_M:
        return [(along - math.sqrt(IRIS_ORBIT_M**2 - miss**2)) * r for r in unit]
    return [c + o * IRIS_ORBIT_M / miss for c, o in zip(centre, off, strict=True)]


def _within(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))


def direction(gaze: Gaze) -> Array:
    """Unit vector (3,) in head axes: x to the performer's left, y up, z out of the face."""
    cos = math.cos(gaze.pitch)
    return np.array([math.sin(gaze.yaw) * cos, math.sin(gaze.pitch), math.cos(gaze.yaw) * cos])
