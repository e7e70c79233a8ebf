"""Pictures whose head pose, direction or gaze is known.

Head poses are those of 300W-LP and AFLW2000-3D (Zhu et al. 2016, "Face Alignment Across Large Poses"): Pose_Para holds
pitch, yaw, roll in radians for axes x right, y up, z to the viewer, all three with the sign of a left-handed turn, and
joined as Rx Ry Rz. Read in the other order, as yaw first, the same numbers are up to 7 degrees off: the files' own
68 points in space, laid on a mean face, tell which it is.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vtuber import rotation
from vtuber.rotation import FROM_CAMERA
from vtuber.stages import Array

from . import mat, measures
from .rendered import Figures
from .tracked import Seen

PICTURES = (".jpg", ".jpeg", ".png", ".ppm")
BANDS_DEG = ((0, 30), (30, 60), (60, 180))
"""Poses are averaged by how far the head is turned, too."""
CLEARLY_DEG = 10.0
"""A head that is turned by so much from the ones that look straight ahead is turned."""
DIRECTIONS = {"left": (1, 0), "right": (-1, 0), "up": (0, 1), "down": (0, -1), "mid": (0, 0)}
"""Name -> signs of yaw and pitch; left is the performer's own."""

Sightings = Mapping[Path, Seen | None]


def picture_beside(path: Path, *folders: Path) -> Path | None:
    """The picture of the same name, beside a file or in one of the folders."""
    places = [folder / f"{path.stem}{ending}" for folder in (path.parent, *folders) for ending in PICTURES]
    return next((place for place in places if place.is_file()), None)


# --- head poses ------------------------------------------------------------------------------------------------------


def poses(folder: Path) -> dict[Path, Array]:
    """Picture -> (3, 3) head -> camera, of every .mat that has a pose."""
    found = {}
    for path in sorted(folder.rglob("*.mat")):
        picture, pose = picture_beside(path), mat.read(path).get("Pose_Para")
        if picture is not None and pose is not None:
            found[picture] = pose_matrix(*pose.ravel()[:3].tolist())
    return found


def pose_matrix(pitch: float, yaw: float, roll: float) -> Array:
    """(3, 3) head -> camera of Pose_Para's first three numbers, radians."""
    turn: Array = np.eye(3)
    for axis, angle in zip(np.eye(3), (pitch, yaw, roll), strict=True):
        turn = turn @ rotation.to_matrix(rotation.exp(-angle * axis))
    return FROM_CAMERA[:, None] * turn


def pose_figures(truth: Mapping[Path, Array], seen: Sightings) -> Figures:
    """Errors of the head's turn, degrees, after one constant turn for the whole set; pose_errors lists them in the
    order of the truth, nan where no face was found."""
    found = _found(truth, _rotations(seen))
    made: Figures = {"poses": len(truth), "poses_found": len(found) / len(truth)}
    if not found:
        return made
    true = np.stack([truth[path] for path in found])
    mine = np.stack(list(found.values()))
    error = measures.geodesic_deg(true @ measures.constant_turn(true, mine), mine)
    made["pose_deg"] = float(error.mean())
    by_picture = dict(zip(found, error.tolist(), strict=True))
    made["pose_errors"] = [by_picture.get(path, float("nan")) for path in truth]
    yaw = np.abs(measures.angles_deg(true)[:, 0])
    for low, high in BANDS_DEG:
        within = (low <= yaw) & (yaw < high)
        if within.any():
            made[f"pose_from_{low}_deg"] = float(error[within].mean())
    return made


def _rotations(seen: Sightings) -> dict[Path, Array | None]:
    return {path: None if face is None else face.rotation for path, face in seen.items()}


def _found(truth: Iterable[Path], seen: Mapping[Path, Array | None]) -> dict[Path, Array]:
    """What was found in the pictures of known truth."""
    return {path: value for path in truth if (value := seen.get(path)) is not None}


# --- directions ------------------------------------------------------------------------------------------------------


def directions(folder: Path) -> dict[Path, str]:
    """Picture -> where the head is turned, as its name says: pose_left_0.jpg."""
    named = re.compile(rf"pose_({'|'.join(DIRECTIONS)})_?\d*", re.IGNORECASE)
    pictures = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in PICTURES)
    return {path: match[1].lower() for path in pictures if (match := named.fullmatch(path.stem))}


def direction_figures(truth: Mapping[Path, str], seen: Sightings) -> dict[str, float]:
    """How many of the pictures show the turn that their name says, against those that look straight ahead."""
    found = _found(truth, _rotations(seen))
    made: dict[str, float] = {"directions": len(truth), "directions_right": 0}
    ahead = [matrix for path, matrix in found.items() if truth[path] == "mid"]
    if ahead:
        # The head of the constant turn faces the lens when those who look straight ahead do.
        constant = FROM_CAMERA[:, None] * measures.mean_rotation(np.stack(ahead))
        angles = measures.angles_deg(np.stack(list(found.values())) @ constant.T)
        made["directions_right"] = sum(_points(truth[path], a[:2]) for path, a in zip(found, angles, strict=True))
    return made


def _points(direction: str, angles: Array) -> bool:
    """Do yaw and pitch, degrees, go that way? Along the other axis, anything goes."""
    wanted = np.array(DIRECTIONS[direction])
    if not wanted.any():
        return bool((np.abs(angles) < CLEARLY_DEG).all())
    return bool(wanted @ angles > CLEARLY_DEG)


# --- gaze ------------------------------------------------------------------------------------------------------------


def gazes(folder: Path) -> dict[Path, Array]:
    """Picture -> (3,) where the left eye looks, camera frame; SynthesEyes (Wood et al. 2015), which has y up and looks
    along -z."""
    found = {}
    for path in sorted(folder.rglob("*.pkl")):
        picture = picture_beside(path)
        if picture is not None:
            with path.open("rb") as file:
                eye = _Numbers(file, encoding="latin1").load()
            axis = np.mean(eye["ldmks_iris_3d"], axis=0) - np.array(eye["eye_centre_3d"])
            found[picture] = FROM_CAMERA * axis / np.linalg.norm(axis)
    return found


class _Numbers(pickle.Unpickler):
    """Reads lists, dicts and numbers, and nothing that could run."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is no plain number")


def gaze_figures(truth: Mapping[Path, Array], seen: Sightings) -> dict[str, float]:
    """How far the left eye's gaze is off, degrees, as it is: two pictures are too few to take out a constant."""
    eyes = {path: None if face is None or face.gaze is None else face.gaze[0] for path, face in seen.items()}
    found = _found(truth, eyes)
    made: dict[str, float] = {"gazes": len(truth), "gazes_found": len(found) / len(truth)}
    if found:
        errors = measures.between_deg(np.stack(list(found.values())), np.stack([truth[path] for path in found]))
        made["gaze_pictures_deg"] = float(errors.mean())
    return made
