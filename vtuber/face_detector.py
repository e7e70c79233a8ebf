"""BlazeFace (short range): where are faces in a picture?

The network looks at 128 x 128 pixels and predicts 896 boxes with six key points each, relative to fixed anchors
(Bazarevsky et al. 2019, "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs").
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vtuber.litert import Model
from vtuber.stages import Array, Floats, Image

INPUT = 128
SCORE_CLIP = 100.0
MIN_SCORE = 0.5
SAME_FACE = 0.3
"""Boxes whose intersection over union is above this are one face."""


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned face box with the two eyes that level it."""

    centre: tuple[float, float]
    """px"""
    size: tuple[float, float]
    """(width, height), px"""
    right_eye: tuple[float, float]
    left_eye: tuple[float, float]
    score: float


def intersection_over_union(a: Box, b: Box) -> float:
    """Shared area of two boxes over the area that they cover together, 0..1."""
    width, height = (
        min(a.centre[i] + a.size[i] / 2, b.centre[i] + b.size[i] / 2)
        - max(a.centre[i] - a.size[i] / 2, b.centre[i] - b.size[i] / 2)
        for i in (0, 1)
    )
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (a.size[0] * a.size[1] + b.size[0] * b.size[1] - shared)


def _anchors() -> Array:
    """(896, 2) anchor centres, 0..1: a 16 x 16 grid with two each, then 8 x 8 with six each."""
    grids = []
    for cells, each in ((16, 2), (8, 6)):
        y, x = np.mgrid[0:cells, 0:cells]
        grids.append(np.repeat((np.stack([x, y], axis=-1).reshape(-1, 2) + 0.5) / cells, each, axis=0))
    return np.concatenate(grids)


class FaceDetector:
    """All faces in a picture, best first."""

    def __init__(self, model: bytes, threads: int = 1) -> None:
        self.model = Model(model, threads)
        self._anchors = _anchors()

    def __call__(self, image: Image) -> list[Box]:
        height, width = image.shape[:2]
        side = max(width, height)
        classifiers, regressors = self.model(_letterbox(image, side))
        scores = 1.0 / (1.0 + np.exp(-np.clip(classifiers[0, :, 0].astype(float), -SCORE_CLIP, SCORE_CLIP)))
        keep = np.flatnonzero(scores >= MIN_SCORE)
        if not len(keep):
            return []
        raw = regressors[0, keep].reshape(-1, 8, 2).astype(float) / INPUT
        raw[:, 0] += self._anchors[keep]
        raw[:, 2:] += self._anchors[keep][:, None]
        # From the letterboxed square to the picture: columns are centre, size, then the six key points.
        raw *= side
        raw[:, [0, 2, 3, 4, 5, 6, 7]] -= ((side - width) / 2, (side - height) / 2)
        return _merge(raw, scores[keep])


def _letterbox(image: Image, side: int) -> Floats:
    """The whole picture in the middle of a black square, (1, 128, 128, 3), -1..1."""
    height, width = image.shape[:2]
    scale = INPUT / side
    to_input = np.array([[scale, 0, (INPUT - width * scale) / 2], [0, scale, (INPUT - height * scale) / 2]])
    patch = cv2.warpAffine(image, to_input, (INPUT, INPUT), flags=cv2.INTER_LINEAR)
    scaled: Floats = patch.astype(np.float32) * np.float32(2 / 255) - np.float32(1)
    return scaled[None]


def _merge(raw: Array, scores: Array) -> list[Box]:
    """Weighted non-maximum suppression: boxes of one face are averaged by score."""
    boxes = [
        Box(_pair(r[0]), _pair(r[1]), _pair(r[2]), _pair(r[3]), float(s)) for r, s in zip(raw, scores, strict=True)
    ]
    order = [int(i) for i in np.argsort(-scores)]
    faces = []
    while order:
        best = order[0]
        same = [i for i in order if intersection_over_union(boxes[best], boxes[i]) > SAME_FACE] or [best]
        mean = np.average(raw[same], axis=0, weights=scores[same])
        faces.append(Box(_pair(mean[0]), _pair(mean[1]), _pair(mean[2]), _pair(mean[3]), float(scores[best])))
        order = [i for i in order if i not in same]
    return faces


def _pair(v: Array) -> tuple[float, float]:
    return float(v[0]), float(v[1])
