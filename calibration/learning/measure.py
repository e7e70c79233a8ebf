"""What the tracker sees of rendered heads: `python -m calibration.learning.measure PICTURES SEEN`.

Each picture is looked at again and again where the look before found the face, as a tracker that follows does, until
the landmarks stay; and once more in the mirror, where left and right are exchanged.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vtuber import acting, face_mesh, head_pose, models
from vtuber.face_mesh import FaceMesh, Region, TaskFile, box_of, region_of_box
from vtuber.pose import TWIN
from vtuber.stages import Array, Image
from vtuber.wire import ARKIT

PICTURE = (640, 480)
PRESENT = 0.5
OUTER_EYES = (36, 45)
SETTLING = 2
"""Looks until the region stays: at first it is up to 7 % too small."""
CENTIMETRE = 0.01
FLIP = np.diag([-1.0, 1.0, 1.0])


class Eye:
    """The tracker's models, and the head pose as the pipeline solves it, for a camera of its usual focal length."""

    def __init__(self) -> None:
        task = TaskFile.read(models.path("face_landmarker.task"))
        self.mesh = FaceMesh(task.landmarks, task.blendshapes)
        self.layout = face_mesh.layout(task.canonical)
        self._rigid = head_pose.Rigid(self.layout.points * CENTIMETRE, self.layout.rigidity)
        self._camera = head_pose.camera_matrix(*PICTURE)

    def posed(self, points: Array, rotation: Array, focal: float) -> dict[str, Any]:
        """What acting.in_view says of landmarks (478, 3) px, and by how much the head pose is off the true rotation."""
        marks = points[self.layout.ibug68]
        middle = marks[:, :2].mean(axis=0)
        head = head_pose.solve(marks, self._rigid, self._camera)
        shape, view = acting.in_view(points, middle, head, self._camera)
        across = (middle - self._camera[:2, 2]) / focal
        # The camera's true focal length only turns the line of sight, which the pipeline must guess.
        truth = acting.towards(*across).T @ rotation
        turn = cv2.Rodrigues(view[:9].reshape(3, 3).astype(float).T @ truth)[0].ravel()
        return {"shape": shape, "view": view, "turn": turn.astype(np.float32)}


@dataclass
class Sample:
    """One rendered picture: a window of the camera's picture, and its truth."""

    image: Image
    corner: Array
    """(2,) px, of the window in the camera's picture."""
    marks: Array
    """(68, 2) px in the window."""
    rotation: Array
    """(3, 3) head -> camera."""
    gaze: Array
    """(2, 3) left and right, head axes."""
    weights: Array
    """(52,)"""
    focal: float
    """px"""

    def mirrored(self) -> Sample:
        width = self.image.shape[1]
        outer = self.marks[list(OUTER_EYES)] * [-1, 1] + [width - 1, 0]
        marks = self.marks * [-1, 1] + [width - 1, 0]
        marks[list(OUTER_EYES)] = outer[::-1]
        corner = np.array([PICTURE[0] - 1 - (self.corner[0] + width - 1), self.corner[1]])
        image = np.ascontiguousarray(self.image[:, ::-1])
        gaze, weights = self.gaze[::-1] * [-1, 1, 1], self.weights[TWIN]
        return Sample(image, corner, marks, FLIP @ self.rotation @ FLIP, gaze, weights, self.focal)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures", type=Path)
    parser.add_argument("seen", type=Path)
    options = parser.parse_args()
    options.seen.mkdir(parents=True, exist_ok=True)
    eye = Eye()
    for path in sorted(options.pictures.glob("?????.npz")):
        measure(eye, path, options.seen / path.name)


def measure(eye: Eye, path: Path, out: Path) -> None:
    """Look at all pictures of a shard; a file that is there already is left."""
    if not out.exists():
        rows = list(measured(eye, path))
        part = out.with_suffix(".part.npz")
        np.savez(part, **{key: np.array([row[key] for row in rows]) for key in rows[0]})
        part.rename(out)


def measured(eye: Eye, path: Path) -> Iterator[dict[str, Any]]:
    """One row for each picture of a shard, and one for its mirror image, where a face is found."""
    with np.load(path) as file:
        shard = {name: file[name] for name in file.files}
    rng, start = np.random.default_rng(int(path.stem)), 0
    for i, end in enumerate(shard["ends"]):
        image = np.ascontiguousarray(cv2.imdecode(shard["jpegs"][start:end], cv2.IMREAD_COLOR)[..., ::-1])
        start = end
        corner, focal = shard["corner"][i].astype(float), float(shard["focal"][i])
        rotation, gaze, weights = (shard[name][i] for name in ("rotation", "gaze", "weights"))
        straight = Sample(image, corner, shard["marks"][i] - corner, rotation, gaze, weights, focal)
        for mirror, sample in enumerate((straight, straight.mirrored())):
            seen = look(eye, sample, rng)
            if seen is not None:
                yield {"person": 2 * shard["identity"][i] + mirror, **seen}


def look(eye: Eye, sample: Sample, rng: np.random.Generator) -> dict[str, Any] | None:
    """The landmark model's view, and the truth; None where it sees no face."""
    mesh = eye.mesh
    low, high = sample.marks.min(axis=0), sample.marks.max(axis=0)
    right, left = sample.marks[list(OUTER_EYES)]
    middle = (low + high) / 2
    region = Region(
        (float(middle[0]), float(middle[1])),
        1.5 * float(max(high - low)) * rng.uniform(0.95, 1.1),
        math.atan2(left[1] - right[1], left[0] - right[0]),
    )
    for _ in range(SETTLING):
        points, presence = mesh.landmarks(sample.image, region)
        if presence < PRESENT:
            return None
        region = region_of_box(box_of(points))
    (x, y), side = region.centre, region.side
    near = Region(
        (x + rng.normal(0, 0.006) * side, y + rng.normal(0, 0.006) * side),
        side * (1 + rng.normal(0, 0.008)),
        region.angle + rng.normal(0, 0.008),
    )
    points, presence = mesh.landmarks(sample.image, near)
    if presence < PRESENT:
        return None
    scores, saw = mesh.scores(points), mesh.impression()
    points[:, :2] += sample.corner
    return {
        **eye.posed(points, sample.rotation.astype(float), sample.focal),
        "scores": np.array([scores[name] for name in ARKIT[:51]], np.float32),
        "whole": saw.whole.astype(np.float16),
        "coarse": saw.coarse.astype(np.float16),
        "fine": saw.fine.astype(np.float16),
        "side": near.side,
        "gaze": sample.gaze,
        "weights": sample.weights,
    }


if __name__ == "__main__":
    main()
