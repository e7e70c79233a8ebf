"""One performer's measured numbers: camera, neutral head, own face, ranges, gaze. One readable JSON file."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import platformdirs

from vtuber import profile_text, rotation
from vtuber.stages import Array, VTuberError
from vtuber.wire import ARKIT

VERSION = profile_text.VERSION
_NAME = re.compile(r"[^\\/:*?\"<>|\x00-\x1f]{1,80}")
"""What a file may be called on every system."""

Range = tuple[float, float]


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


class Eyes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be taken out of the gaze that is read, for it to be straight ahead where the performer looks ahead."""

    centre: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    """Left yaw and pitch, right yaw and pitch, radians: what is read when they look straight ahead."""
    gain: tuple[float, float] = (1.0, 1.0)
    """What yaw and pitch are multiplied by after that."""
    turned: tuple[tuple[float, float, float, float, float], ...] = ()
    """What a turned head adds to the yaw and to the pitch of both: factors of x, y, x x, x y, y y, where x (to the
    performer's left) and y (up) are the angles at which the face sees the camera, radians."""


class Look(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the performer usually looks to the network that reads the acting."""

    network: str
    """Which network: another one would not understand it."""
    values: str
    """Half-precision numbers in base 64."""


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What calibration measured. An empty one is what a newcomer has."""

    version: int = VERSION
    name: str = ""
    made: str = ""
    """When the face was calibrated: a date as in 2026-05-01 20:15."""
    quality: dict[str, float] = {}
    """Step of the calibration -> how well it went, 0..1; steps that were passed over are missing."""
    camera: Camera | None = None
    neutral: Neutral | None = None
    face: tuple[tuple[float, float, float], ...] | None = None
    """The performer's own 68 points, metres, head axes."""
    ranges: dict[str, Range] = {}
    """ARKit name -> (value at rest, value at most)."""
    refined: dict[str, Range] = {}
    """The same as it was seen since, in use; it counts before `ranges`, which is the way back."""
    crosstalk: dict[str, dict[str, float]] = {}
    """Shape -> shape that is read along with it -> how much of it, as a share of the first."""
    turned: dict[str, tuple[float, float, float, float, float]] = {}
    """Shape -> what a turned head adds to it, as factors of the same as in `Eyes.turned`."""
    eyes: Eyes | None = None
    look: Look | None = None

    def __post_init__(self) -> None:
        """Raises ValueError on numbers that make no sense; where they stand is said as `$.name`."""
        if self.version > VERSION:
            raise ValueError(f"it is of version {self.version}, newer than this program - at `$.version`")
        if self.camera is not None and len(self.camera.distortion) not in (0, 5):
            raise ValueError("it has five numbers, or none - at `$.camera.distortion`")
        if (
            self.camera is not None
            and not min(self.camera.matrix[0][0], self.camera.matrix[1][1], *self.camera.size) > 0
        ):
            raise ValueError("focal lengths and size must be more than 0 - at `$.camera`")
        if self.face is not None and len(self.face) != 68:
            raise ValueError(f"it holds {len(self.face)} points, not 68 - at `$.face`")
        for field in ("ranges", "refined"):
            for name, (rest, most) in getattr(self, field).items():
                _known(name, field)
                if not rest < most:
                    raise ValueError(f"a range goes from a smaller to a larger number - at `$.{field}.{name}`")
        for name in self.turned:
            _known(name, "turned")
        for name, along in self.crosstalk.items():
            for other in (name, *along):
                _known(other, "crosstalk" if other == name else f"crosstalk.{name}")
        if self.eyes is not None and len(self.eyes.turned) not in (0, 2):
            raise ValueError("turned is of yaw and pitch: two rows, or none - at `$.eyes.turned`")

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

    def range_of(self, name: str) -> Range:
        """(rest, most) of a shape as it counts now."""
        return self.refined.get(name) or self.ranges.get(name) or (0.0, 1.0)

    def ranged(self, weights: dict[str, float]) -> dict[str, float]:
        """Weights stretched from the performer's own range to 0..1."""
        return stretched(weights, self.ranges | self.refined)

    def neutral_rotation(self) -> Array:
        """(4,) to be taken out of the measured head rotation."""
        return rotation.IDENTITY if self.neutral is None else rotation.normalize(np.array(self.neutral.rotation))


def stretched(weights: dict[str, float], ranges: Mapping[str, Range]) -> dict[str, float]:
    """The weights themselves, each brought from its range (rest, most) to 0..1."""
    for name, (rest, most) in ranges.items():
        weights[name] = max(0.0, min(1.0, (weights[name] - rest) / (most - rest)))
    return weights


def _known(name: str, field: str) -> None:
    if name not in ARKIT:
        raise ValueError(f"{name} is no ARKit blendshape - at `$.{field}.{name}`")


def folder() -> Path:
    """Where profiles live."""
    return platformdirs.user_config_path("vtuber") / "profiles"


def path_of(name: str) -> Path:
    """The file of a profile by name; or the path itself, when it ends in .json.

    Raises:
        VTuberError: no file can have such a name.
    """
    if name.endswith(".json"):
        return Path(name).expanduser()
    if not _NAME.fullmatch(name) or name.strip(" .") != name:
        raise VTuberError(f"a profile cannot be called {name!r}: take letters, digits, - and _")
    return folder() / f"{name}.json"


def names() -> list[str]:
    """Of all profiles that are kept, in order."""
    return sorted(path.stem for path in folder().glob("*.json"))


def load(name: str) -> Profile:
    """A profile by name, or by path when it ends in .json; one of an older version is brought up to date.

    Raises:
        VTuberError: there is none, or it is broken; the text names the place.
    """
    path = path_of(name)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        known = f"; there are: {', '.join(names())}" if not name.endswith(".json") and names() else ""
        raise VTuberError(
            f"there is no profile {path}: check the name, or give a path that ends in .json{known}"
        ) from None
    except OSError as e:
        raise VTuberError(f"profile {path} cannot be read: {e.strerror}") from None
    try:
        return decode(data)
    except ValueError as e:
        raise VTuberError(f"profile {path} is broken{e}") from None


def decode(data: bytes) -> Profile:
    """A profile from a file's content, also of an older version.

    Raises:
        ValueError: it is broken; the text says in which line, and why.
    """
    content: Any = profile_text.parse(data)
    try:
        return msgspec.convert(content, Profile)
    except msgspec.ValidationError as e:
        complaint = profile_text.narrowed(str(e), content, lambda less: msgspec.convert(less, Profile))
        raise ValueError(profile_text.located(complaint, data)) from None


def encode(profile: Profile) -> bytes:
    """A file's content: numbers of a row in one line, so that people can read it."""
    return profile_text.written(msgspec.to_builtins(profile))


def save(profile: Profile, path: Path) -> None:
    """Write atomically: the old file stays whole until the new one is.

    Raises:
        VTuberError: the file cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(encode(profile))
            file.flush()
            os.fsync(file.fileno())  # a full disk may say so only now
        os.replace(part, path)
    except OSError as e:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise VTuberError(
            f"profile {path} cannot be written: {e.strerror}; the old one, if there was one, is untouched"
        ) from None
