"""A camera's intrinsics and distortion from sightings of a board, and estimates of its focal length without one.

The fit is OpenCV's (Zhang 2000): focal lengths, middle, and the lens's k1, k2, p1, p2. Pictures that fit badly, such as
blurred ones, are left out and the rest is fitted again; what is left is judged, and refused with the reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from calibration.bundle import IRIS_M, IRIS_SPREAD, PersonalFace
from calibration.sightings import FEWEST, Sightings
from calibration.views import Views
from vtuber import head_pose
from vtuber.profile import Camera
from vtuber.stages import Array, Floats, VTuberError

WORST_PX = 1.0
"""Of a picture 640 px wide: corners further than this from where they should be are not of a flat board, seen sharp."""
SURE = 0.02
"""A focal length that is less certain than this share is of no use: a guess is off by some 15 %."""
MISFIT = 2.5
"""A picture that fits this many times worse than the median one is left out."""
SQUARE, MIDDLE = 0.1, 0.2
"""Pixels of webcams are square to this share, and the axis lies within this share of the width from the middle."""
FACE_FOCAL_SPREAD = 0.3
"""What the landmark model does to a focal length from a face: on rendered heads it came out 4 to 30 % too short."""
USUAL_FOCAL_SPREAD = 0.15
"""How far webcams differ from the usual one."""
DISTANCE_SPREAD = 0.03
"""How well people measure their distance."""


@dataclass(frozen=True, slots=True)
class CameraFit:
    """What was found."""

    camera: Camera
    error_px: float
    """Root mean square distance of the corners from where they should be."""
    focal_spread: float
    """Standard deviation of the focal length, as a share of it."""
    used: int
    left_out: int
    """Pictures."""

    @property
    def view_deg(self) -> tuple[float, float]:
        """What the camera sees, across and down, degrees; without the lens's distortion."""
        (fx, _, _), (_, fy, _), _ = self.camera.matrix
        w, h = self.camera.size
        return math.degrees(2 * math.atan(w / 2 / fx)), math.degrees(2 * math.atan(h / 2 / fy))

    @property
    def bend(self) -> float:
        """By what share of its distance from the middle the lens moves a corner of the picture."""
        (fx, _, cx), (_, fy, cy), _ = self.camera.matrix
        square = (cx / fx) ** 2 + (cy / fy) ** 2
        k1, k2, _, _, k3 = self.camera.distortion or (0.0,) * 5
        return k1 * square + k2 * square**2 + k3 * square**3


def fit(seen: Sightings) -> CameraFit:
    """Measure the camera.

    Raises:
        VTuberError: the sightings cannot tell, or contradict each other; the text says why, and what to do.
    """
    if seen.missing:
        raise VTuberError(f"the board was not seen well enough ({seen.map()}): {seen.missing[0]}")
    points = seen.board.points.astype(np.float32)
    objects = [points[s.ids] for s in seen.kept]
    corners = [s.corners for s in seen.kept]
    found, errors = _solve(objects, corners, seen.size)
    good = errors <= max(MISFIT * float(np.median(errors)), 0.3)
    if not good.all() and good.sum() >= FEWEST:
        keep = np.flatnonzero(good)
        found, errors = _solve([objects[i] for i in keep], [corners[i] for i in keep], seen.size)
    matrix, distortion, error, spread = found
    _judge(matrix, error, spread, seen.size)
    return CameraFit(camera_of(matrix, seen.size, distortion), error, spread, len(errors), len(seen.kept) - len(errors))


def camera_of(matrix: Array, size: tuple[int, int], distortion: Array | None = None) -> Camera:
    """As the profile keeps it, numbers rounded to what is known."""
    (fx, _, cx), (_, fy, cy), _ = np.round(matrix, 3).tolist()
    bent = () if distortion is None else tuple(np.round(distortion, 6).tolist())
    return Camera(((fx, 0.0, cx), (0.0, fy, cy), (0.0, 0.0, 1.0)), size, bent)


def from_distance(views: Views, distance_m: float) -> CameraFit:
    """An estimate: an iris is 11.7 mm wide, and the performer says how far their eyes are from the camera.

    Raises:
        VTuberError: no iris was seen well enough.
    """
    frontal = np.abs(views.turns - np.median(views.turns, axis=0)).max(axis=1) < 10
    wide = views.irises[frontal]
    wide = wide[np.isfinite(wide)]
    if len(wide) < 20:
        raise VTuberError("the irises were hardly seen: look at the camera, in good light, for some seconds")
    focal = float(np.median(wide)) * distance_m / IRIS_M
    spread = math.hypot(IRIS_SPREAD, DISTANCE_SPREAD)
    return CameraFit(camera_of(_with_focal(views.size, focal), views.size), 0.0, spread, len(wide) // 2, 0)


def from_face(face: PersonalFace, size: tuple[int, int]) -> CameraFit:
    """An estimate: the focal length that explains a turning face best, drawn to that of a usual webcam by how little a
    face tells of it."""
    usual = float(head_pose.camera_matrix(*size)[0, 0])
    told = math.hypot(face.focal_spread, FACE_FOCAL_SPREAD)
    weight = USUAL_FOCAL_SPREAD**2 / (USUAL_FOCAL_SPREAD**2 + told**2)
    focal = usual * (face.camera[0, 0] / usual) ** weight
    spread = USUAL_FOCAL_SPREAD * math.sqrt(1 - weight)
    return CameraFit(camera_of(_with_focal(size, focal), size), face.after_px, spread, face.views, face.passed_over)


def _with_focal(size: tuple[int, int], focal: float) -> Array:
    matrix = head_pose.camera_matrix(*size)
    matrix[0, 0] = matrix[1, 1] = focal
    return matrix


Found = tuple[Array, Array, float, float]
"""Camera matrix (3, 3), distortion (5,), error in px, and the focal length's spread as a share."""


def _solve(objects: list[Floats], corners: list[Floats], size: tuple[int, int]) -> tuple[Found, Array]:
    """The fit, and the error of each picture (n,), px."""
    guess = head_pose.camera_matrix(*size)
    flags = cv2.CALIB_FIX_K3 | cv2.CALIB_USE_INTRINSIC_GUESS
    try:
        error, found, bent, _, _, spreads, _, errors = cv2.calibrateCameraExtended(
            objects, corners, size, guess, np.zeros(5), flags=flags
        )
    except cv2.error:
        raise VTuberError("no camera fits what was seen of the board: is it flat, and the right --board?") from None
    matrix: Array = np.asarray(found, dtype=float)
    off = np.asarray(spreads, dtype=float).ravel()[:2]
    spread = float(max(off[0] / matrix[0, 0], off[1] / matrix[1, 1]))
    distortion = np.asarray(bent, dtype=float).ravel()[:5]
    return (matrix, distortion, float(error), spread), np.asarray(errors, dtype=float).ravel()


def _judge(matrix: Array, error: float, spread: float, size: tuple[int, int]) -> None:
    """Raises VTuberError, and says why, when the fit is not to be believed."""
    width, height = size
    worst = WORST_PX * max(1.0, width / 640)
    if not np.isfinite(matrix).all() or error > worst:
        raise VTuberError(
            f"the corners lie {error:.1f} px from where they should: the board must be flat, and the pictures sharp"
        )
    if spread > SURE:
        raise VTuberError(f"the focal length is only known to {spread:.0%}: tilt the board more, and come nearer")
    off = max(abs(matrix[0, 2] - (width - 1) / 2), abs(matrix[1, 2] - (height - 1) / 2)) / width
    if abs(matrix[0, 0] / matrix[1, 1] - 1) > SQUARE or off > MIDDLE:
        raise VTuberError("the camera would be crooked: show the board in all corners of the picture, more slowly")
