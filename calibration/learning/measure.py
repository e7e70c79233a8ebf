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

from vtuber import models
from vtuber.face_mesh import FaceMesh, Region, TaskFile, box_of, region_of_box
from vtuber.pose import TWIN
from vtuber.stages import Array, Image
from vtuber.wire import ARKIT

PICTURE_WIDTH = 640
PRESENT = 0.5
OUTER_EYES = (36, 45)
SETTLING = 3
"""Looks until the region stays: at first it is up to 7 % too small."""
FLIP = np.diag([-1.0, 1.0, 1.0])


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

    def mirrored(self) -> Sample:
        width = self.image.shape[1]
        outer = self.marks[list(OUTER_EYES)] * [-1, 1] + [width - 1, 0]
        marks = self.marks * [-1, 1] + [width - 1, 0]
        marks[list(OUTER_EYES)] = outer[::-1]
        corner = np.array([PICTURE_WIDTH - 1 - (self.corner[0] + width - 1), self.corner[1]])
        image = np.ascontiguousarray(self.image[:, ::-1])
        return Sample(
            image, corner, marks, FLIP @ self.rotation @ FLIP, self.gaze[::-1] * [-1, 1, 1], self.weights[TWIN]
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures", type=Path)
    parser.add_argument("seen", type=Path)
    options = parser.parse_args()
    options.seen.mkdir(parents=True, exist_ok=True)
    task = TaskFile.read(models.path("face_landmarker.task"))
    mesh = FaceMesh(task.landmarks, task.blendshapes)
    for path in sorted(options.pictures.glob("?????.npz")):
        out = options.seen / path.name
        if not out.exists():
            rows = list(measured(mesh, path))
            part = out.with_suffix(".part.npz")
            np.savez(part, **{key: np.array([row[key] for row in rows]) for key in rows[0]})
            part.rename(out)


def measured(mesh: FaceMesh, path: Path) -> Iterator[dict[str, Any]]:
    """One row for each picture of a shard, and one for its mirror image, where a face is found."""
    with np.load(path) as file:
        shard = {name: file[name] for name in file.files}
    rng, start = np.random.default_rng(int(path.stem)), 0
    for i, end in enumerate(shard["ends"]):
        image = np.ascontiguousarray(cv2.imdecode(shard["jpegs"][start:end], cv2.IMREAD_COLOR)[..., ::-1])
        start = end
        corner = shard["corner"][i].astype(float)
        straight = Sample(
            image, corner, shard["marks"][i] - corner, shard["rotation"][i], shard["gaze"][i], shard["weights"][i]
        )
        for mirror, sample in enumerate((straight, straight.mirrored())):
            seen = look(mesh, sample, rng)
            if seen is not None:
                yield {"person": 2 * shard["identity"][i] + mirror, "focal": shard["focal"][i], **seen}


def look(mesh: FaceMesh, sample: Sample, rng: np.random.Generator) -> dict[str, Any] | None:
    """The landmark model's view, and the truth; None where it sees no face."""
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
        "points": points.astype(np.float32),
        "scores": np.array([scores[name] for name in ARKIT[:51]], np.float32),
        "whole": saw.whole.astype(np.float16),
        "coarse": saw.coarse.astype(np.float16),
        "fine": saw.fine.astype(np.float16),
        "side": near.side,
        "rotation": sample.rotation,
        "gaze": sample.gaze,
        "weights": sample.weights,
    }


if __name__ == "__main__":
    main()
