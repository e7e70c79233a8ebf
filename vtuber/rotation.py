"""Rotations, and the only place where an axis is flipped.

Quaternions are arrays (..., 4) in the order x, y, z, w, of unit length. Ours is the right-handed frame of glTF, VRM 1.0
and three.js: x to the performer's left, y up, z out of the face. The camera's frame is OpenCV's: x right, y down,
z forward. A face straight to the lens has the camera rotation diag(1, -1, -1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from vtuber.stages import Array

Turn = Array | Sequence[float]
"""A quaternion where only its four numbers count: an array (4,), or a state's tuple, which is read more quickly."""

IDENTITY: Array = np.array([0.0, 0.0, 0.0, 1.0])
FROM_CAMERA: Array = np.array([1.0, -1.0, -1.0])
"""Diagonal of the turn from OpenCV's camera axes to ours (half a turn about x)."""
_MINUS_X: Array = np.array([-1.0, 1.0, 1.0])
_MINUS_Z: Array = np.array([1.0, 1.0, -1.0])
_MINUS_XZ: Array = np.array([-1.0, 1.0, -1.0])
_MIRRORED: Array = np.array([1.0, -1.0, -1.0, 1.0])


def multiply(a: Array, b: Array) -> Array:
    """Hamilton product: first b, then a. (4,)"""
    # Plain floats: for four numbers they are ten times as quick as arrays.
    ax, ay, az, aw = a.tolist()
    bx, by, bz, bw = b.tolist()
    return np.array(
        [
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        ]
    )


def conjugate(q: Array) -> Array:
    """The inverse of a unit quaternion. (4,)"""
    x, y, z, w = q.tolist()
    return np.array([-x, -y, -z, w])


def normalize(q: Array) -> Array:
    """To unit length, w >= 0 (q and -q are the same rotation). (4,)

    Raises:
        ValueError: the length is zero or not finite.
    """
    length = math.hypot(*q.tolist())
    if not 1e-12 < length < math.inf:
        raise ValueError(f"not a rotation: quaternion of length {length}")
    return q / (length if q[3] >= 0 else -length)


def from_matrix(m: Array) -> Array:
    """Rotation matrix (3, 3) -> quaternion (4,). Shepperd's method: divide by the largest component."""
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = m.tolist()
    largest = max(xx, yy, zz, xx + yy + zz)
    if largest == xx:
        q = [1 + xx - yy - zz, yx + xy, zx + xz, zy - yz]
    elif largest == yy:
        q = [yx + xy, 1 - xx + yy - zz, zy + yz, xz - zx]
    elif largest == zz:
        q = [zx + xz, zy + yz, 1 - xx - yy + zz, yx - xy]
    else:
        q = [zy - yz, xz - zx, yx - xy, 1 + xx + yy + zz]
    return normalize(np.array(q))


def to_matrix(q: Array) -> Array:
    """Quaternion (4,) -> rotation matrix (3, 3)."""
    x, y, z, w = q.tolist()
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def log(q: Array) -> Array:
    """Unit quaternion (4,) -> rotation vector (3,), radians, at most half a turn."""
    x, y, z, w = q.tolist()
    sine = math.sqrt(x * x + y * y + z * z)
    angle = 2.0 * math.atan2(sine, abs(w))
    scale = angle / sine if sine > 1e-9 else 2.0
    if w < 0:
        scale = -scale
    return np.array([x * scale, y * scale, z * scale])


def exp(v: Array) -> Array:
    """Rotation vector (3,), radians -> unit quaternion (4,)."""
    x, y, z = v.tolist()
    angle = math.sqrt(x * x + y * y + z * z)
    scale = math.sin(angle / 2) / angle if angle > 1e-9 else 0.5
    return np.array([x * scale, y * scale, z * scale, math.cos(angle / 2)])


def scale(q: Array, share: float) -> Array:
    """The given share of a rotation: 0 none, 1 all of it. (4,)"""
    return exp(log(q) * share)


def from_yaw_pitch(yaw: float, pitch: float) -> Array:
    """Turn to the performer's left by yaw, look up by pitch, radians: Ry(yaw) Rx(-pitch). (4,)"""
    cy, sy, cp, sp = math.cos(yaw / 2), math.sin(yaw / 2), math.cos(pitch / 2), math.sin(pitch / 2)
    return np.array([-cy * sp, sy * cp, sy * sp, cy * cp])


def from_yaw_pitch_roll(yaw: float, pitch: float, roll: float) -> Array:
    """What yaw_pitch_roll takes apart, put together again: Ry(yaw) Rx(-pitch) Rz(roll), radians. (4,)"""
    return multiply(from_yaw_pitch(yaw, pitch), np.array([0.0, 0.0, math.sin(roll / 2), math.cos(roll / 2)]))


def euler_xyz(q: Turn) -> tuple[float, float, float]:
    """Angles about x, y and z, radians, of the matrix Rx(x) Ry(y) Rz(z): the order that three.js calls "XYZ"."""
    x, y, z, w = q
    about_x = math.atan2(-2 * (y * z - x * w), 1 - 2 * (x * x + y * y))
    about_y = math.asin(max(-1.0, min(1.0, 2 * (x * z + y * w))))
    return about_x, about_y, math.atan2(-2 * (x * y - z * w), 1 - 2 * (y * y + z * z))


def yaw_pitch_roll(m: Array) -> tuple[float, float, float]:
    """Angles of a matrix in our frame, radians, of m = Ry(yaw) Rx(-pitch) Rz(roll).

    yaw > 0 turned to the performer's left, pitch > 0 looking up, roll > 0 head tilted to the performer's right
    shoulder as the camera sees it counter-clockwise. For people to read; nothing computes with them.
    """
    pitch = math.asin(max(-1.0, min(1.0, float(m[1, 2]))))
    return math.atan2(float(m[0, 2]), float(m[2, 2])), pitch, math.atan2(float(m[1, 0]), float(m[1, 1]))


def angles(q: Turn) -> tuple[float, float, float]:
    """Yaw, pitch and roll of a quaternion, radians: those of yaw_pitch_roll."""
    x, y, z, w = q
    pitch = math.asin(max(-1.0, min(1.0, 2 * (y * z - x * w))))
    yaw = math.atan2(2 * (x * z + y * w), 1 - 2 * (x * x + y * y))
    return yaw, pitch, math.atan2(2 * (x * y + z * w), 1 - 2 * (x * x + z * z))


def ahead(q: Turn) -> tuple[float, float, float]:
    """Where what looked along z looks after the turn: a unit vector."""
    x, y, z, w = q
    return 2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)


def from_camera(matrix: Array) -> Array:
    """Head -> camera matrix (3, 3) of PnP, OpenCV axes -> the head's rotation in our frame (4,)."""
    return from_matrix(FROM_CAMERA[:, None] * matrix)


def to_camera(q: Array) -> Array:
    """The head's rotation in our frame (4,) -> head -> camera matrix (3, 3), OpenCV axes."""
    return FROM_CAMERA[:, None] * to_matrix(q)


def mirror(q: Array) -> Array:
    """As a looking-glass shows it: left and right exchanged (reflection in the y-z plane). (..., 4)"""
    return np.multiply(q, _MIRRORED)


def to_unity(q: Array) -> Array:
    """To Unity's left-handed frame (y up, z forward), x mirrored. (..., 4)"""
    return mirror(q)


def from_unity(q: Array) -> Array:
    """From Unity's frame to ours: the same exchange. (..., 4)"""
    return mirror(q)


def unity_position(p: Array) -> Array:
    """A place or a step, to Unity's frame or back from it: x negated. (..., 3)"""
    return np.multiply(p, _MINUS_X)


def from_vts_phone(x: float, y: float, z: float) -> Array:
    """VTube Studio's phone: degrees, x turned to the performer's left, y down, z to the right shoulder. (4,)"""
    return from_yaw_pitch_roll(math.radians(x), -math.radians(y), math.radians(z))


def vts_phone_position(p: Array) -> Array:
    """A place, from VTube Studio's phone or to it: x to the performer's right, y up, z away from the phone. (3,)"""
    return np.multiply(p, _MINUS_XZ)


def to_vtube_studio(q: Turn) -> tuple[float, float, float]:
    """FaceAngleX, Y and Z, degrees: turned to the performer's left, up, tilted to the left shoulder."""
    yaw, pitch, roll = angles(q)
    return math.degrees(yaw), math.degrees(pitch), -math.degrees(roll)


def to_vtuber_unity(q: Turn) -> tuple[float, float, float]:
    """VTuber_Unity's roll, pitch and yaw, degrees: tilted to the right shoulder, up, turned to the right."""
    yaw, pitch, roll = angles(q)
    return math.degrees(roll), math.degrees(pitch), -math.degrees(yaw)


_OPENSEEFACE_REST: Array = np.array([-math.sqrt(0.5), -math.sqrt(0.5), 0.0, 0.0])


def to_openseeface(q: Array) -> Array:
    """OpenSeeFace's raw quaternion. (4,)

    It fits a mirrored face behind a camera that takes rows for x. What its own Unity receiver makes of it, read
    backwards: (-y, -x, z, w), and one turn for the rest, give Unity's rotation.
    """
    x, y, z, w = multiply(to_unity(q), _OPENSEEFACE_REST).tolist()
    return np.array([-y, -x, z, w])


def from_openseeface(q: Array) -> Array:
    """OpenSeeFace's raw quaternion -> the head's rotation in our frame. (4,) Raises ValueError when it is none."""
    x, y, z, w = normalize(q).tolist()
    return normalize(from_unity(multiply(np.array([-y, -x, z, w]), conjugate(_OPENSEEFACE_REST))))


def openseeface_euler(q: Array) -> tuple[float, float, float]:
    """The angles about x, y and z, degrees, that go with OpenSeeFace's raw quaternion: m = Rz Ry Rx."""
    m = to_matrix(conjugate(q))
    y = math.atan2(-float(m[2, 0]), math.hypot(float(m[2, 1]), float(m[2, 2])))
    x, z = math.atan2(float(m[2, 1]), float(m[2, 2])), math.atan2(float(m[1, 0]), float(m[0, 0]))
    return math.degrees(x), math.degrees(y), math.degrees(z)


def to_openseeface_position(p: Array) -> Array:
    """A place to OpenSeeFace's axes: x up, y to the performer's right, z towards the camera. (3,)"""
    x, y, z = p.tolist()
    return np.array([y, -x, z])


def from_openseeface_position(p: Array) -> Array:
    """A place from OpenSeeFace's axes. (3,)"""
    x, y, z = p.tolist()
    return np.array([-y, x, z])


def from_ifacialmocap(x: float, y: float, z: float) -> Array:
    """iFacialMocap's angles, degrees, Ry Rx Rz: down, turned to the performer's left, to the right shoulder. (4,)"""
    return from_yaw_pitch_roll(math.radians(y), -math.radians(x), math.radians(z))


def to_ifacialmocap(q: Turn) -> tuple[float, float, float]:
    """The head, or an eye against the head, as iFacialMocap's x, y and z, degrees."""
    yaw, pitch, roll = angles(q)
    return -math.degrees(pitch), math.degrees(yaw), math.degrees(roll)


def ifacialmocap_position(p: Array) -> Array:
    """A place, from iFacialMocap or to it: x to the performer's right, y up, z towards the phone. (..., 3)"""
    return np.multiply(p, _MINUS_X)


def from_live_link_face(yaw: float, pitch: float, roll: float) -> Array:
    """Live Link Face's head, radians: turned to the performer's left, up, tilted to the right shoulder. (4,)"""
    return from_yaw_pitch_roll(yaw, pitch, roll)


def to_live_link_face(q: Turn) -> tuple[float, float, float]:
    """Live Link Face's HeadYaw, HeadPitch and HeadRoll, radians."""
    return angles(q)


def live_link_eye(yaw: float, pitch: float) -> tuple[float, float]:
    """An eye's yaw and pitch, from Live Link Face or to it: unlike the head's, to the performer's right and down."""
    return -yaw, -pitch


def to_opentrack(q: Turn) -> tuple[float, float, float]:
    """opentrack's yaw, pitch and roll, degrees: turned to the performer's right, up, tilted to the left shoulder."""
    yaw, pitch, roll = angles(q)
    return -math.degrees(yaw), math.degrees(pitch), -math.degrees(roll)


def opentrack_position(p: Array) -> Array:
    """A place, to opentrack: x to the performer's left, y up, z away from the camera. (3,)"""
    return np.multiply(p, _MINUS_Z)


def to_vrchat(q: Turn) -> tuple[float, float, float]:
    """VRChat's and VRCFaceTracking's yaw, pitch and roll of an eye or the head, degrees: to the performer's right,
    down, tilted to the left shoulder."""
    yaw, pitch, roll = angles(q)
    return -math.degrees(yaw), -math.degrees(pitch), -math.degrees(roll)
