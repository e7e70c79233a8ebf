"""The face that an OpenSeeFace record describes: made up from a state, and read back as a performance.

A state has no landmarks. A plain face, drawn here with a few ellipses, is moved by the shapes, posed as the head is and
seen by a made-up camera; receivers that show points show that. What they drive avatars with is as measured: rotation,
translation, eyes open, gaze, and the features, which are the shapes under other names.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from vtuber import rotation
from vtuber.protocols.openseeface import FEATURES, POINTS, Floats, Record
from vtuber.stages import Array, Performance
from vtuber.wire import ARKIT, NO_TURN, AvatarState

UNIT_M = 0.14
"""A unit of OpenSeeFace's face model: its outer corners of the eyes are 0.63 apart, people's 0.089 m."""
NOSE_M: Array = np.array([0.0, -0.011, 0.075])
"""The tip of the nose, its origin, in the head's axes from the head's own."""
SIZE = (640.0, 480.0)
DISTANCE_M = 0.6
"""A state tells where the head moves, not how far the camera is: this far."""
NEAREST_M, FAR_M = 0.1, 1000.0
"""A place further away is a fault."""
EYEBALL = (0.385, 0.1)
"""Its centre lies this share of the eye's width behind the middle of the corners, the pupil so many units before it."""
_CAMERA_M: Array = np.array([0.0, 0.0, DISTANCE_M])
_UNITS: Array = np.array([[-UNIT_M], [UNIT_M], [UNIT_M]])
_PUPIL: Array = np.array([-EYEBALL[1], EYEBALL[1], EYEBALL[1]])
_MIDDLE: Array = np.array(SIZE) / 2
_ONES: Floats = np.ones(POINTS, np.float32)
SEEN = 0.5
"""Confidence of a point, at least: receivers pass over points below 0.2."""


def _right_half() -> dict[int, tuple[float, float, float]]:
    """The face's right half and its middle: index -> mm from the tip of the nose, to the right, up and out."""
    half: dict[int, tuple[float, float, float]] = {}
    for i, a in enumerate(np.linspace(0, math.pi / 2, 9)):
        x, y, z = 65 * math.sqrt(max(0.0, math.cos(a))), 42 - 127 * math.sin(a) ** 1.4, -105 + 64 * math.sin(a) ** 3
        half[i] = (x, y, z)
    for i, x in enumerate((54, 46, 37, 27, 17)):
        half[17 + i] = (x, 66 - (x - 34) ** 2 / 55, -17 - x * x / 90)
    for i, z in enumerate((-20, -13, -6, 0)):
        half[27 + i] = (0, 42 - 14 * i, z)
    half |= {31: (12, -7, -20), 32: (6, -9, -15), 33: (0, -10, -12)}
    for i in range(6):
        a = math.radians(60 * i)
        x, y = 31.5 + 13 * math.cos(a), 41 + 4.5 * math.sin(a)
        half[36 + i] = (x, y, -24 - x * x / 100)
    for i, x in enumerate((17, 7, 0)):
        lip = math.sqrt(1 - (x / 26) ** 2)
        half[48 + i] = (x, -35 + 8 * lip, -14 - x * x / 45)
        half[57 - i] = (x + 2 * (x > 0), -35 - 11 * lip, -17 - x * x / 45)
    half[58] = (25, -35, -30)
    half |= {59: (12, -34.5, -20), 60: (0, -34, -15), 65: (12, -35.5, -20), 64: (0, -36, -16)}
    return half


TWIN = (
    {i: 16 - i for i in range(8)}
    | {17 + i: 26 - i for i in range(5)}
    | {31: 35, 32: 34, 36: 45, 37: 44, 38: 43, 39: 42, 40: 47, 41: 46}
    | {48: 52, 49: 51, 57: 53, 56: 54, 58: 62, 59: 61, 65: 63, 66: 67, 68: 69}
)
"""A point of the right half -> the same on the left."""


def _face() -> Array:
    """(70, 3) at rest, units, to the right, up and out; pupils straight ahead."""
    points = np.zeros((70, 3))
    for i, place in _right_half().items():
        points[i] = np.array(place) / (1000 * UNIT_M)
    outer, inner = points[36], points[39]
    points[68] = (outer + inner) / 2 - [0, 0, EYEBALL[0] * np.linalg.norm(outer - inner)]
    points[66] = points[68] + [0, 0, EYEBALL[1]]
    for right, left in TWIN.items():
        points[left] = points[right] * [-1, 1, 1]
    return points


FACE = _face()


def _moves() -> Mapping[str, dict[int, tuple[float, float]]]:
    """How far a shape moves points of the right half and the middle: mm to the right and up."""
    lids = {37: 41, 38: 40}
    mm = 1000 * UNIT_M
    lower = {53: 1.0, 54: 1.0, 55: 1.0, 56: 1.0, 57: 1.0, 63: 1.0, 64: 1.0, 65: 1.0} | {i: 0.8 for i in range(5, 12)}
    lips = (*range(48, 53), *range(53, 66))
    return {
        "eyeBlinkRight": {i: (0.0, float(FACE[j, 1] - FACE[i, 1]) * mm) for i, j in lids.items()},
        "eyeWideRight": {i: (0.0, 2.0) for i in lids},
        "browOuterUpRight": {17: (0, 7), 18: (0, 7), 19: (0, 5), 20: (0, 3), 21: (0, 1)},
        "browDownRight": {17: (0, -2), 18: (0, -4), 19: (0, -5), 20: (0, -6), 21: (0, -6)},
        "browInnerUp": {i: (0, up) for i, up in {19: 2, 20: 4, 21: 7, 22: 7, 23: 4, 24: 2}.items()},
        "jawOpen": {i: (0, -26 * share) for i, share in lower.items()},
        "mouthSmileRight": {58: (4, 7), 48: (2, 3), 57: (2, 3), 59: (2, 3), 65: (2, 3)},
        "mouthFrownRight": {58: (0, -6), 48: (0, -3), 57: (0, -3), 59: (0, -3), 65: (0, -3)},
        "mouthStretchRight": {58: (5, -1), 48: (2, 0), 57: (2, -1)},
        "mouthPucker": {i: (-0.35 * float(FACE[i, 0]) * mm, 0) for i in lips},
        "mouthLeft": {i: (-7, 0) for i in lips},
        "mouthRight": {i: (7, 0) for i in lips},
    }


FEATURE_OF: Mapping[str, Mapping[str, float]] = {
    "eye": {"eyeBlink": -1, "eyeWide": 1},
    "eyebrow_steepness": {"browInnerUp": 0.6, "browOuterUp": -0.8, "browDown": -0.5},
    "eyebrow_updown": {"browInnerUp": 0.6, "browOuterUp": 0.6, "browDown": -1},
    "eyebrow_quirk": {"browOuterUp": 0.5},
    "mouth_corner_updown": {"mouthSmile": -1, "mouthFrown": 1},
    "mouth_corner_inout": {"mouthSmile": 0.5, "mouthStretch": 1, "mouthPucker": -1, "mouthTowards": 1, "mouthAway": -1},
    "mouth_open": {"jawOpen": 1, "mouthClose": -1},
    "mouth_wide": {"mouthSmile": 0.25, "mouthStretch": 0.5, "mouthPucker": -1, "mouthFunnel": -0.5},
}
"""Feature -> ARKit shape, without sides -> share. mouthTowards is mouthLeft for the left corner."""


def _moved() -> Array:
    """(52, 70 * 3 + 14) what a weight adds: to the points, units; to the features."""
    row = {name: i for i, name in enumerate(ARKIT)}
    moves = np.zeros((len(ARKIT), *FACE.shape))
    for name, points in _moves().items():
        for i, (right, up) in points.items():
            moves[row[name], i, :2] = np.array([right, up]) / (1000 * UNIT_M)
            if name.endswith("Right") and name != "mouthRight":
                moves[row[name.replace("Right", "Left")], TWIN[i], :2] = moves[row[name], i, :2] * [-1, 1]
    shares = np.zeros((len(ARKIT), len(FEATURES)))
    for column, feature in enumerate(FEATURES):
        side = {"l": "Left", "r": "Right"}.get(feature[-1] if feature[-2] == "_" else "", "")
        away = {"Left": "Right", "Right": "Left"}.get(side, "")
        for shape, share in FEATURE_OF[feature.removesuffix("_l").removesuffix("_r")].items():
            shape = {"mouthTowards": f"mouth{side}", "mouthAway": f"mouth{away}"}.get(shape, shape)
            for name in (shape, f"{shape}{side}") if side else (shape, f"{shape}Left", f"{shape}Right"):
                if name in row:
                    shares[row[name], column] = share
    return np.hstack([moves.reshape(len(ARKIT), -1), shares])


MOVED = _moved()


def record(state: AvatarState, time: float) -> Record:
    """The record of a state at a time (seconds since 1970)."""
    moved = np.array(state.weights()) @ MOVED
    points = FACE + moved[: FACE.size].reshape(FACE.shape)
    looks = [rotation.ahead(state.bones.get(bone, NO_TURN)) for bone in ("rightEye", "leftEye")]
    points[66:68] = points[68:70] + np.array(looks) * _PUPIL
    turned = np.array(state.head_rotation)
    matrix = rotation.to_matrix(turned)
    nose = state.head_position + matrix @ NOSE_M - _CAMERA_M
    raw = rotation.to_openseeface(turned)
    return Record(
        time,
        state.person,
        *SIZE,
        1.0 - state.blendshapes.get("eyeBlinkRight", 0.0),
        1.0 - state.blendshapes.get("eyeBlinkLeft", 0.0),
        1,
        1.0,
        np.asarray(raw, np.float32),
        np.array(rotation.openseeface_euler(raw), np.float32),
        np.asarray(rotation.to_openseeface_position(nose / UNIT_M), np.float32),
        _ONES * np.float32(max(SEEN, state.confidence)),
        _pictured(points[:POINTS], matrix, nose),
        np.asarray(points * rotation.FROM_CAMERA, np.float32),
        np.asarray(np.minimum(np.maximum(moved[FACE.size :], -1), 1), np.float32),
    )


def performance(r: Record) -> Performance | None:
    """What a record says; None when it has no pose. Raises ValueError when its numbers make no pose."""
    if not r.success:
        return None
    turned = rotation.from_openseeface(r.quaternion.astype(float))
    nose = rotation.from_openseeface_position(r.translation.astype(float) * UNIT_M)
    if np.abs(nose).max() > FAR_M:
        raise ValueError(f"a head {np.abs(nose).max():g} m away")
    return Performance(
        rotation=turned,
        position=nose - rotation.to_matrix(turned) @ NOSE_M,
        gaze=_gaze(r.points.astype(float)),
        blendshapes=_weights(r),
    )


def _weights(r: Record) -> dict[str, float]:
    f = dict(zip(FEATURES, r.features.tolist(), strict=True))
    said = {
        "jawOpen": f["mouth_open"],
        "mouthPucker": -f["mouth_wide"],
        "browInnerUp": min(f["eyebrow_updown_l"], f["eyebrow_updown_r"]),
    }
    smiles = sum(max(0.0, -f[f"mouth_corner_updown_{s}"]) for s in "lr")
    for side, s, open_ in (("Left", "l", r.left_open), ("Right", "r", r.right_open)):
        brow, corner = f[f"eyebrow_updown_{s}"], f[f"mouth_corner_updown_{s}"]
        said |= {
            f"eyeBlink{side}": 1 - open_,
            f"eyeWide{side}": f[f"eye_{s}"],
            f"browOuterUp{side}": brow,
            f"browDown{side}": -brow,
            f"mouthSmile{side}": -corner,
            f"mouthFrown{side}": corner,
            f"mouthStretch{side}": f["mouth_wide"] - FEATURE_OF["mouth_wide"]["mouthSmile"] * smiles,
        }
    return {name: min(1.0, max(0.0, w)) for name, w in said.items()}


def _gaze(points: Array) -> Array | None:
    """(4,) radians: left yaw, left pitch, right yaw, right pitch; None where no pupil is before its eyeball."""
    angles = []
    for pupil in (67, 66):
        right, down, into = (points[pupil] - points[pupil + 2]).tolist()
        if not into < -1e-6:
            return None
        angles += [math.atan2(-right, -into), math.atan2(-down, math.hypot(right, into))]
    return np.array(angles)


def _pictured(points: Array, matrix: Array, nose: Array) -> Floats:
    """Points in units -> (N, 2) px in a picture whose focal length is its width, as OpenSeeFace takes it."""
    seen = points @ (_UNITS * matrix.T * rotation.FROM_CAMERA) + nose * rotation.FROM_CAMERA
    return np.asarray(SIZE[0] * seen[:, :2] / np.maximum(seen[:, 2:], NEAREST_M) + _MIDDLE, np.float32)
