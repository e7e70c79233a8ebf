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
        shut: how far the left and the right lid are closed, 0..1.
        pose, camera, points: as for eye_gaze.
    """
    left, right = (eye_gaze(side, face, pose, camera, points) for side in ("left", "right"))
    trust_left, trust_right = (
        _trust(side, face, pose, camera, points) * max(0.05, 1.0 - lid)
        for side, lid in zip(("left", "right"), shut, strict=True)
    )
    total = trust_left + trust_right
    share = trust_left / total
    yaw = share * left.yaw + (1 - share) * right.yaw
    pitch = share * left.pitch + (1 - share) * right.pitch
    # Turned away from the lens the eyes say little, and straight ahead is the best guess.
    off_axis = math.acos(
        _within(-float(pose.matrix[:, 2] @ pose.position) / math.sqrt(float(pose.position @ pose.position)), 1)
    )
    known = min(1.0, max(0.0, (BLIND_FROM - off_axis) / (BLIND_FROM - SEEN_UNTIL)))

    def drawn(eye: Gaze) -> Gaze:
        return Gaze(
            known * (AGREEMENT * yaw + (1 - AGREEMENT) * eye.yaw),
            known * (AGREEMENT * pitch + (1 - AGREEMENT) * eye.pitch),
        )

    return drawn(left), drawn(right)


def _trust(side: str, face: Face, pose: HeadPose, camera: Array, points: Array) -> float:
    """0..1 by how frontally the eye is seen."""
    first = 42 if side == "left" else 36
    outer, inner = face.landmarks[face.layout.groups[f"{side}_eye_corners"], :2]
    frontal = (
        float(np.linalg.norm(points[first] - points[first + 3])) * camera[0, 0] / max(float(pose.position[2]), 0.05)
    )
    return float(min(1.0, math.dist(outer, inner) / (FULL_WIDTH * frontal)) ** 4)


def eye_gaze(side: str, face: Face, pose: HeadPose, camera: Array, points: Array) -> Gaze:
    """The gaze of the `left` or `right` eye.

    Args:
        pose: the head's, from the same landmarks.
        camera: (3, 3), px.
        points: (68, 3) the face in metres, as for the pose.
    """
    groups = face.layout.groups
    corners = face.landmarks[groups[f"{side}_eye_corners"], :2].mean(axis=0)
    iris = face.landmarks[groups[f"{side}_iris"], :2]
    # The rim's mean steadies the centre that the model gives.
    seen = 0.5 * iris[0] + 0.5 * iris[1:].mean(axis=0)
    first = 42 if side == "left" else 36
    middle = (points[first] + points[first + 3]) / 2 - (0.0, 0.0, CORNERS_TO_CENTRE_M)
    centre = pose.matrix @ middle + pose.position
    # The fitted face is nobody's own: slide the eyeball so that the eye's corners lie where they are seen.
    at_corners = pose.matrix @ ((points[first] + points[first + 3]) / 2) + pose.position
    focal = np.diag(camera)[:2]
    centre[:2] += (corners - camera[:2, 2]) / focal * at_corners[2] - at_corners[:2]
    ray = np.append((seen - camera[:2, 2]) / focal, 1.0)
    axis = pose.matrix.T @ (_meet(ray / math.sqrt(float(ray @ ray)), centre) - centre)
    yaw, pitch = _angles(axis)
    outward = OUTWARD if side == "left" else -OUTWARD
    return Gaze(_within(YAW_GAIN * (yaw - outward), MAX_YAW), _within(PITCH_GAIN * (pitch - PITCH_ZERO), MAX_PITCH))


def _meet(ray: Array, centre: Array) -> Array:
    """Where a line of sight meets the iris's orbit on the camera's side; else the orbit's nearest point."""
    along = float(ray @ centre)
    off = along * ray - centre
    depth = IRIS_ORBIT_M**2 - float(off @ off)
    if depth > 0:
        return (along - math.sqrt(depth)) * ray
    return centre + off * (IRIS_ORBIT_M / math.sqrt(float(off @ off)))


def _angles(axis: Array) -> tuple[float, float]:
    """Yaw and pitch of a vector in head axes."""
    yaw = math.atan2(float(axis[0]), float(axis[2]))
    return yaw, math.atan2(float(axis[1]), math.hypot(float(axis[0]), float(axis[2])))


def _within(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))


def direction(gaze: Gaze) -> Array:
    """Unit vector (3,) in head axes: x to the performer's left, y up, z out of the face."""
    cos = math.cos(gaze.pitch)
    return np.array([math.sin(gaze.yaw) * cos, math.sin(gaze.pitch), math.cos(gaze.yaw) * cos])
