"""The 478-point face mesh of MediaPipe's Face Landmarker and its 52 blendshape scores, run on LiteRT.

The mesh numbering stands here once, for every tracker that yields it. Models: "MediaPipe Face Mesh V2" and
"MediaPipe Blendshape V2" model cards (Google, 2022/2023), Apache-2.0.
"""

from __future__ import annotations

import math
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vtuber.face_detector import Box
from vtuber.litert import Model
from vtuber.stages import Array, Floats, Image, Impression, LandmarkLayout, VTuberError
from vtuber.wire import ARKIT

INPUT = 256
MARGIN = 1.5
"""The crop is this many times the face's longer side."""

IBUG68 = np.array([
    127, 234, 93, 132, 58, 136, 150, 176, 152, 400, 379, 365, 288, 361, 323, 454, 356,
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300, 168, 197, 5, 4, 75, 97, 2, 326, 305,
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87,
])  # fmt: skip
"""The mesh point nearest to each of the 68 iBUG points."""

GROUPS = {
    name: np.array(points)
    for name, points in {
        # Irises: centre, then the rim. The performer's right eye is the mesh's first.
        "right_iris": [468, 469, 470, 471, 472],
        "left_iris": [473, 474, 475, 476, 477],
        "right_eye_corners": [33, 133],
        "left_eye_corners": [263, 362],
    }.items()
}

BLENDSHAPE_INPUT = np.array([
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80, 81,
    82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153, 154,
    155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263,
    267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318, 321,
    323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386, 387,
    388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
])  # fmt: skip
"""The points that the blendshape model reads."""

SPOTS = np.array([
    61, 40, 37, 0, 81, 13, 178, 14, 91, 84, 17, 181, 78, 205, 50, 187, 98, 48, 159, 145, 160, 144, 33, 133, 105, 66, 70,
    32, 136, 172, 18, 2, 57, 207, 117, 291, 270, 267, 311, 402, 321, 314, 405, 308, 425, 280, 411, 327, 278, 386, 374,
    387, 373, 263, 362, 334, 296, 300, 262, 365, 397, 287, 427, 346, 200, 199,
])  # fmt: skip
"""Where the landmark model's inner pictures are looked at: lips, cheeks, nose, lids, brows, jaw."""
FINE, COARSE, WHOLE = 345, 377, 439
"""The landmark model's tensors at the end of its stages of 32, 16 and 4 places a side."""

SCORES = tuple(sorted(set(ARKIT) - {"tongueOut"}))
"""The blendshape model's outputs after its first, which is the neutral face."""


@dataclass(frozen=True, slots=True)
class Region:
    """The square of the picture that the landmark model looks at."""

    centre: tuple[float, float]
    """px"""
    side: float
    """px"""
    angle: float
    """radians, from the picture's x axis to the eye line, y down"""


def region_of_box(box: Box) -> Region:
    """The crop around a face: centred on its box, levelled by its eyes, with a margin."""
    (rx, ry), (lx, ly) = box.right_eye, box.left_eye
    return Region(box.centre, MARGIN * max(box.size), math.atan2(ly - ry, lx - rx))


def box_of(points: Array) -> Box:
    """The box of a tracked face from its landmarks (478, 3), px."""
    x, y = np.ascontiguousarray(points[:, :2].T)
    left, right, top, bottom = (float(v) for v in (x.min(), x.max(), y.min(), y.max()))
    right_eye, left_eye = points[[33, 263], :2].tolist()
    return Box(
        ((left + right) / 2, (top + bottom) / 2),
        (right - left, bottom - top),
        (right_eye[0], right_eye[1]),
        (left_eye[0], left_eye[1]),
        1.0,
    )


def turned(points: Array) -> float:
    """By about how much a face is turned to a side, radians, from its landmarks (478, 3), px: by the depth of its
    edges."""
    right, left = points[[234, 454]]
    return abs(math.atan2(left[2] - right[2], left[0] - right[0]))


class FaceMesh:
    """Landmarks and blendshape scores of the face in a region of the picture."""

    def __init__(self, landmarks: bytes, blendshapes: bytes, threads: int = 1, squeeze: Floats | None = None) -> None:
        """
        Args:
            squeeze: (128, n) what the impression's coarse channels are mixed to; None leaves them as they are.
        """
        self._squeeze = squeeze
        self.landmark_model = Model(landmarks, threads, (FINE, COARSE, WHOLE))
        self._raw, self._tongue = np.zeros((478, 3), np.float32), 0.0
        self.blendshape_model = Model(blendshapes, threads)
        # OpenCV only cuts small pictures here: sharing that among threads costs more than it saves.
        cv2.setNumThreads(threads)

    def landmarks(self, image: Image, region: Region) -> tuple[Array, float]:
        """Landmarks (478, 3) in px of the whole picture, and the probability that a face is there."""
        scale = region.side / INPUT
        cos, sin = math.cos(region.angle) * scale, math.sin(region.angle) * scale
        half = INPUT / 2
        x0 = region.centre[0] - cos * half + sin * half
        y0 = region.centre[1] - sin * half - cos * half
        to_picture = np.array([[cos, -sin, x0], [sin, cos, y0]])
        crop = _cut(image, region, to_picture)
        if crop is None:
            return np.zeros((478, 3)), 0.0
        np.multiply(crop, np.float32(1 / 255), out=self.landmark_model.input()[0], casting="unsafe")
        raw, presence, tongue = self.landmark_model.run()
        self._raw, self._tongue = raw.reshape(-1, 3), float(tongue.ravel()[0])
        # The official graph counts from the picture's corner, and pixel centres at integers are half a pixel less. The
        # model itself leans right and down by half a pixel of its input; kept, so that both agree.
        turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, scale]])
        placed = self._raw.astype(float) @ turn + (x0 - 0.5, y0 - 0.5, 0.0)
        return placed, 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, float(presence.ravel()[0])))))

    def impression(self) -> Impression:
        """What the landmark model saw of the face that `landmarks` was last asked for."""
        model, spots = self.landmark_model, self._raw[SPOTS, :2]
        whole, coarse = model.peek(WHOLE).ravel().copy(), model.peek(COARSE)
        if self._squeeze is not None:  # before, as 66 spots touch nearly all of its 256 places
            coarse = coarse @ self._squeeze
        return Impression(whole, _at(coarse, spots), _at(model.peek(FINE), spots), self._tongue)

    def scores(self, points: Array) -> dict[str, float]:
        """The blendshape scores of landmarks (478, 3), 0..1, by ARKit name (all but tongueOut)."""
        chosen = points[BLENDSHAPE_INPUT, :2].astype(np.float32)[None]
        return dict(zip(SCORES, self.blendshape_model(chosen)[0][1:].tolist(), strict=True))


def _at(picture: Floats, spots: Floats) -> Floats:
    """The channels (n, c) of a picture (h, h, c) of the model's input at spots (n, 2) px of that input, bilinear."""
    side = picture.shape[0]
    place = spots * np.float32(side / INPUT)
    place -= np.float32(0.5)
    np.minimum(np.maximum(place, 0.0, out=place), np.float32(side - 1.001), out=place)
    cell = place.astype(np.intp)
    place -= cell
    first = cell @ (1, side)
    right, down = place[:, :1], place[:, 1:]
    cells = picture.reshape(side * side, -1)
    above = _between(cells.take(first, axis=0), cells.take(first + 1, axis=0), right)
    below = _between(cells.take(first + side, axis=0), cells.take(first + side + 1, axis=0), right)
    return _between(above, below, down)


def _between(a: Floats, b: Floats, share: Floats) -> Floats:
    """From a to b; both are used up."""
    b -= a
    b *= share
    b += a
    return b


def _cut(image: Image, region: Region, to_picture: Array) -> Image | None:
    """The region as (256, 256, 3), beyond the picture its edge repeated; None when it lies wholly outside.

    With a fourth channel OpenCV's warp takes a third of the time, and half of that where no edge is to be repeated: the
    part that is looked at gets the one, and the edge is only repeated where it is in sight.
    """
    reach = region.side / 2 * (abs(math.cos(region.angle)) + abs(math.sin(region.angle))) + 2
    size = image.shape[1::-1]
    x0, y0 = low = [math.floor(c - reach) for c in region.centre]
    high = [math.ceil(c + reach) for c in region.centre]
    inside = min(low) >= 0 and all(h <= n for h, n in zip(high, size, strict=True))
    if not inside:
        x0, y0 = (max(0, n) for n in low)
    x1, y1 = (min(h, n) for h, n in zip(high, size, strict=True))
    if x0 >= x1 or y0 >= y1:
        return None
    part = cv2.cvtColor(image[y0:y1, x0:x1], cv2.COLOR_RGB2RGBA)
    to_part = to_picture - np.array([[0, 0, x0], [0, 0, y0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    border = cv2.BORDER_CONSTANT if inside else cv2.BORDER_REPLICATE
    crop = cv2.warpAffine(part, to_part, (INPUT, INPUT), flags=flags, borderMode=border)
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGBA2RGB), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class TaskFile:
    """What `face_landmarker.task` holds: three models and the canonical face."""

    detector: bytes
    landmarks: bytes
    blendshapes: bytes
    canonical: Array
    """(468, 3) cm: x to the performer's left, y up, z out of the face."""

    @classmethod
    def read(cls, path: Path) -> TaskFile:
        """Raises VTuberError when the file is not a face landmarker bundle."""
        try:
            with zipfile.ZipFile(path) as task:
                return cls(
                    task.read("face_detector.tflite"),
                    task.read("face_landmarks_detector.tflite"),
                    task.read("face_blendshapes.tflite"),
                    _vertices(task.read("geometry_pipeline_metadata_landmarks.binarypb")),
                )
        except (OSError, KeyError, zipfile.BadZipFile, ValueError) as e:
            raise VTuberError(f"{path} is not a usable face landmarker model ({e}); delete it and start again") from e


def layout(canonical: Array) -> LandmarkLayout:
    """The mesh's layout with the canonical face (468, 3), cm, as its rigid model."""
    return LandmarkLayout("face_mesh_478", 478, IBUG68, canonical[IBUG68], _rigidity(), GROUPS)


def _rigidity() -> Array:
    """Weights of the 68 points in the head pose: bone holds still, brows, lids, lips and jaw move with expression."""
    w = np.zeros(68)
    w[[0, 1, 15, 16]] = 0.3
    w[[2, 14]] = 0.15
    w[17:27] = 0.15
    w[27:36] = 1.0
    w[[36, 39, 42, 45]] = 1.0
    w[[48, 54, 51, 57]] = 0.1
    return w


def _vertices(metadata: bytes) -> Array:
    """The canonical mesh in a GeometryPipelineMetadata message (protobuf wire format): field 1 is the mesh,
    whose field 3 holds x, y, z, u, v of each vertex as floats."""
    mesh = dict(_fields(metadata))[1]
    floats: list[float] = []
    for number, value in _fields(mesh):
        if number == 3:
            floats += struct.unpack(f"<{len(value) // 4}f", value)
    return np.array(floats).reshape(-1, 5)[:, :3]


def _fields(message: bytes) -> list[tuple[int, bytes]]:
    """(field number, raw bytes) of each field of a protobuf message, in order."""
    fields, at = [], 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(message, at)
            fields.append((tag >> 3, struct.pack("<Q", value)))
        else:
            size, at = _varint(message, at) if kind == 2 else (4 if kind == 5 else 8, at)
            fields.append((tag >> 3, message[at : at + size]))
            at += size
    return fields


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
