"""One performer's measured numbers: camera, neutral head, own face, ranges. One readable JSON file."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import numpy as np
import platformdirs

from vtuber import rotation
from vtuber.stages import Array, VTuberError
from vtuber.wire import ARKIT

VERSION = 1


class Camera(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Intrinsics for pictures of one size."""

    matrix: tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
    """px, pixel centres at integers."""
    size: tuple[int, int]
    """(width, height) px of the pictures that it was measured on."""
    distortion: tuple[float, ...] = ()
    """OpenCV's k1, k2, p1, p2, k3."""


class Neutral(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The head looking straight ahead, at ease."""

    rotation: tuple[float, float, float, float]
    """Quaternion x, y, z, w against the camera, our axes."""
    position: tuple[float, float, float]
    """Metres from the camera, our axes."""


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What calibration measured. An empty one is what a newcomer has."""

    version: int = VERSION
    name: str = ""
    camera: Camera | None = None
    neutral: Neutral | None = None
    face: tuple[tuple[float, float, float], ...] | None = None
    """The performer's own 68 points, metres, head axes."""
    ranges: dict[str, tuple[float, float]] = {}
    """ARKit name -> (value at rest, value at most)."""
    gaze_centre: tuple[float, float] = (0.0, 0.0)
    """Yaw and pitch, radians, measured when looking straight ahead."""
    gaze_gain: tuple[float, float] = (1.0, 1.0)

    def __post_init__(self) -> None:
        """Raises ValueError on numbers that make no sense."""
        if self.version > VERSION:
            raise ValueError(f"it is of version {self.version}, newer than this program")
        if self.face is not None and len(self.face) != 68:
            raise ValueError(f"face holds {len(self.face)} points, not 68")
        unknown = sorted(set(self.ranges) - set(ARKIT))
        if unknown:
            raise ValueError(f"ranges names {unknown[0]}, which is no ARKit blendshape")
        flat = [name for name, (rest, most) in self.ranges.items() if not rest < most]
        if flat:
            raise ValueError(f"ranges.{flat[0]} must go from a smaller to a larger number")

    def camera_matrix(self, width: int, height: int) -> Array | None:
        """The calibrated matrix (3, 3) scaled to a picture size; None when it was measured in another shape."""
        if self.camera is None:
            return None
        w, h = self.camera.size
        if abs(width * h - height * w) > 0.01 * width * h:
            return None
        scale = width / w
        matrix = np.array(self.camera.matrix) * scale
        # Pixel centres at integers: the corner of the picture lies at -0.5.
        matrix[:2, 2] += (scale - 1) / 2
        matrix[2] = 0, 0, 1
        return matrix

    def ranged(self, weights: dict[str, float]) -> dict[str, float]:
        """Weights stretched from the performer's own range to 0..1."""
        for name, (rest, most) in self.ranges.items():
            weights[name] = max(0.0, min(1.0, (weights[name] - rest) / (most - rest)))
        return weights

    def neutral_rotation(self) -> Array:
        """(4,) to be taken out of the measured head rotation."""
        return rotation.IDENTITY if self.neutral is None else rotation.normalize(np.array(self.neutral.rotation))


def folder() -> Path:
    """Where profiles live."""
    return platformdirs.user_config_path("vtuber") / "profiles"


def load(name: str) -> Profile:
    """A profile by name, or by path when it ends in .json.

    Raises:
        VTuberError: there is none, or it is broken; the text names the place.
    """
    path = Path(name) if name.endswith(".json") else folder() / f"{name}.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Profile)
    except FileNotFoundError:
        raise VTuberError(f"there is no profile {path}: check the name, or give a path that ends in .json") from None
    except OSError as e:
        raise VTuberError(f"profile {path} cannot be read: {e.strerror}") from None
    except msgspec.ValidationError as e:
        raise VTuberError(f"profile {path} is broken: {e}") from None
    except msgspec.DecodeError as e:
        raise VTuberError(f"profile {path} is not JSON: {e}") from None


def save(profile: Profile, path: Path) -> None:
    """Write atomically: the old file stays whole until the new one is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(msgspec.json.format(msgspec.json.encode(profile), indent=2))
    os.replace(part, path)
