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
    if "left_iris" not in face.layout.groups:  # landmarks without irises say nothing of the gaze: straight ahead
        return Gaze(0.0, 0.0), Gaze(0.0, 0.0)
    view = _View(pose, camera)
    left, right = _Eye("left", face, view, points), _Eye("right", face, view, points)
    trust_left, trust_right = left.trust * max(0.05, 1.0 - shut[0]), right.trust * max(0.05, 1.0 - shut[1])
    share = trust_left / (trust_left + trust_right)
    a, b = left.gaze(), right.gaze()
    yaw, pitch = share * a.yaw + (1 - share) * b.yaw, share * a.pitch + (1 - share) * b.pitch
    # Turned away from the lens the eyes say little, and straight ahead is the best guess.
    off_axis = math.acos(_within(-_dot(view.forward, view.position) / math.hypot(*view.position), 1.0))
    known = min(1.0, max(0.0, (BLIND_FROM - off_axis) / (BLIND_FROM - SEEN_UNTIL)))

    def drawn(eye: Gaze) -> Gaze:
        return Gaze(
            known * (AGREEMENT * yaw + (1 - AGREEMENT) * eye.yaw),
            known * (AGREEMENT * pitch + (1 - AGREEMENT) * eye.pitch),
        )

    return drawn(a), drawn(b)


class _View:
    """Head and camera as plain numbers: for so few of them arrays take longer."""

    def __init__(self, pose: HeadPose, camera: Array) -> None:
        self.rows = pose.matrix.tolist()
        self.forward = [row[2] for row in self.rows]
        self.position = pose.position.tolist()
        (self.fx, _, self.cx), (_, self.fy, self.cy), _ = camera.tolist()

    def placed(self, p: list[float]) -> list[float]:
        """A point of the head in the camera's frame."""
        return [_dot(row, p) + t for row, t in zip(self.rows, self.position, strict=True)]

    def in_head(self, v: list[float]) -> list[float]:
        """A direction in the camera's frame against the head."""
        return [_dot([row[i] for row in self.rows], v) for i in range(3)]


class _Eye:
    """One eye in the picture, and where its ball lies before the camera."""

    def __init__(self, side: str, face: Face, view: _View, points: Array) -> None:
        groups, marks = face.layout.groups, face.landmarks
        (ox, oy), (ix, iy) = marks[groups[f"{side}_eye_corners"], :2].tolist()
        (px, py), *rim = marks[groups[f"{side}_iris"], :2].tolist()
        first = 42 if side == "left" else 36
        outer, inner = points[first].tolist(), points[first + 3].tolist()
        self._sign = 1.0 if side == "left" else -1.0
        self._view = view
        depth = view.placed([(a + b) / 2 for a, b in zip(outer, inner, strict=True)])[2]
        # The fitted face is nobody's own: the ball lies behind the eye's corners where they are seen.
        corners = self._ray((ox + ix) / 2, (oy + iy) / 2)
        self._centre = [depth * c - CORNERS_TO_CENTRE_M * f for c, f in zip(corners, view.forward, strict=True)]
        # The rim's mean steadies the centre that the model gives.
        self._iris = self._ray(
            0.5 * px + 0.5 * sum(p[0] for p in rim) / len(rim), 0.5 * py + 0.5 * sum(p[1] for p in rim) / len(rim)
        )
        frontal = math.dist(outer, inner) * view.fx / max(depth, 0.05)
        self.trust = min(1.0, math.hypot(ox - ix, oy - iy) / (FULL_WIDTH * frontal)) ** 4
        """0..1 by how frontally the eye is seen."""

    def _ray(self, x: float, y: float) -> list[float]:
        """The line of sight of a pixel, one unit forward."""
        return [(x - self._view.cx) / self._view.fx, (y - self._view.cy) / self._view.fy, 1.0]

    def gaze(self) -> Gaze:
        hit = _meet(self._iris, self._centre)
        x, y, z = self._view.in_head([h - c for h, c in zip(hit, self._centre, strict=True)])
        yaw, pitch = math.atan2(x, z), math.atan2(y, math.hypot(x, z))
        return Gaze(
            _within(YAW_GAIN * (yaw - self._sign * OUTWARD), MAX_YAW),
            _within(PITCH_GAIN * (pitch - PITCH_ZERO), MAX_PITCH),
        )


def _meet(ray: list[float], centre: list[float]) -> list[float]:
    """Where a line of sight meets the iris's orbit on the camera's side; else the orbit's nearest point."""
    length = math.hypot(*ray)
    unit = [r / length for r in ray]
    along = _dot(unit, centre)
    off = [along * r - c for r, c in zip(unit, centre, strict=True)]
    miss = math.hypot(*off)
    if miss < IRIS_ORBIT_M:
        return [(along - math.sqrt(IRIS_ORBIT_M**2 - miss**2)) * r for r in unit]
    return [c + o * IRIS_ORBIT_M / miss for c, o in zip(centre, off, strict=True)]


def _dot(a: list[float], b: list[float]) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _within(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))


def direction(gaze: Gaze) -> Array:
    """Unit vector (3,) in head axes: x to the performer's left, y up, z out of the face."""
    cos = math.cos(gaze.pitch)
    return np.array([math.sin(gaze.yaw) * cos, math.sin(gaze.pitch), math.cos(gaze.yaw) * cos])
