"""The performer's own face drawn over a frame. Nothing is written here; who asks for the picture decides."""

from __future__ import annotations

import cv2
import numpy as np

from calibration.page import OUTLINES
from vtuber import head_pose
from vtuber import lens as lenses
from vtuber.head_pose import Rigid
from vtuber.profile import Profile
from vtuber.stages import Image, Observation, VTuberError

COLOUR = (255, 138, 76)
SHIFT = 4
"""Lines are drawn to a sixteenth of a pixel."""


def drawn(image: Image, observation: Observation, profile: Profile) -> bytes:
    """PNG of the frame (H, W, 3, RGB) with the profile's face laid over it as the head pose has it.

    Raises:
        VTuberError: the profile has no face, or none was seen in the frame.
    """
    face = observation.face
    if profile.face is None or face is None:
        raise VTuberError("there is no measured face to draw: let the calibration see the head turn")
    points = np.array(profile.face)
    lens = lenses.of(profile, observation.size)
    face, camera = lens.straight_face(face), lens.matrix
    seen = (face.landmarks if face.settled is None else face.settled)[face.layout.ibug68]
    pose = head_pose.solve(seen, Rigid(points, face.layout.rigidity), camera)
    placed = (points @ pose.matrix.T + pose.position) @ camera.T
    flat = np.round(lens.bent(placed[:, :2] / placed[:, 2:]) * (1 << SHIFT)).astype(np.int32)
    canvas = np.ascontiguousarray(image)
    for outline in OUTLINES:
        cv2.polylines(canvas, [flat[list(outline)]], False, COLOUR, 1, cv2.LINE_AA, SHIFT)
    for x, y in flat.tolist():
        cv2.circle(canvas, (x, y), 2 << SHIFT, COLOUR, -1, cv2.LINE_AA, SHIFT)
    ok, png = cv2.imencode(".png", cv2.cvtColor(canvas, cv2.COLOR_RGB2BGR))
    if not ok:
        raise VTuberError("the picture could not be encoded")
    return png.tobytes()
