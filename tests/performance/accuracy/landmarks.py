"""68 iBUG points that people set on photographs: .pts (300-W, 300-VW, menpo), dlib's XML and COCO's JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from vtuber.stages import Array

from .rendered import INNER
from .stills import Sightings, picture_beside

COUNT = 68
SAME_FACE = 1.0
"""A face whose middle is within so many outer-eye distances of an annotated one is that one."""

Faces = dict[Path, list[Array]]
"""Picture -> the (68, 2) points of each of its annotated faces, px, pixel centres at integers."""


def photographs(folder: Path) -> Faces:
    """Every annotated picture below a folder; annotations of another number of points are passed over."""
    found: Faces = {}
    for path in sorted(folder.rglob("*")):
        reader = READERS.get(path.suffix.lower())
        for picture, points in reader(path) if reader and path.is_file() else []:
            if points.shape == (COUNT, 2):
                found.setdefault(picture, []).append(points)
    return found


def read_pts(path: Path) -> list[tuple[Path, Array]]:
    """One face; its pixels count from 1."""
    picture = picture_beside(path, path.parent.with_name("imgs"))
    text = path.read_text(encoding="utf-8")
    if picture is None or "{" not in text:
        return []
    return [(picture, np.array(text[text.index("{") + 1 : text.index("}")].split(), dtype=float).reshape(-1, 2) - 1)]


def read_dlib(path: Path) -> list[tuple[Path, Array]]:
    """Any number of pictures and faces."""
    found = []
    for image in ElementTree.parse(path).getroot().iter("image"):
        picture = path.parent / image.get("file", "")
        for box in image.iter("box"):
            parts = sorted((part.get("name", ""), part) for part in box.iter("part"))
            points = [(float(part.get("x", "nan")), float(part.get("y", "nan"))) for _, part in parts]
            if points and picture.is_file():
                found.append((picture, np.array(points)))
    return found


def read_coco(path: Path) -> list[tuple[Path, Array]]:
    """Any number of pictures and faces; x, y, visibility of each point."""
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or not {"images", "annotations"} <= data.keys():
        return []
    names = {image["id"]: path.parent / image["file_name"] for image in data["images"]}
    faces = [(names[a["image_id"]], np.array(a["keypoints"]).reshape(-1, 3)[:, :2]) for a in data["annotations"]]
    return [(picture, points) for picture, points in faces if picture.is_file()]


READERS = {".pts": read_pts, ".xml": read_dlib, ".json": read_coco}


def figures(truth: Mapping[Path, Sequence[Array]], seen: Sightings) -> dict[str, float]:
    """In how many pictures an annotated face was found, and how far the points are off in percent of the distance
    between its outer eye corners: all 68, and the 51 without the jaw."""
    errors = []
    for picture, faces in truth.items():
        face = seen.get(picture)
        if face is not None and face.landmarks is not None:
            error = _error(face.landmarks, faces)
            if error is not None:
                errors.append(error)
    made: dict[str, float] = {"photographs": len(truth), "photographs_found": len(errors) / len(truth)}
    if errors:
        made["photographs_nme68"], made["photographs_nme51"] = np.mean(errors, axis=0).tolist()
    return made


def _error(found: Array, faces: Sequence[Array]) -> Array | None:
    """(2,) of the annotated face that was found; None when it was another."""
    middle = found[INNER].mean(axis=0)
    nearest = min(faces, key=lambda face: float(np.linalg.norm(face[INNER].mean(axis=0) - middle)))
    eyes = float(np.linalg.norm(nearest[36] - nearest[45]))
    if np.linalg.norm(nearest[INNER].mean(axis=0) - middle) > SAME_FACE * eyes:
        return None
    off = 100 * np.linalg.norm(found - nearest, axis=1) / eyes
    return np.array([off.mean(), off[INNER].mean()])
