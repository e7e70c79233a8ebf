"""FAN of the face-alignment package: the 68 iBUG points, on the CPU or a GPU.

Bulat & Tzimiropoulos 2017, "How far are we from solving the 2D & 3D Face Alignment problem?". The network is the
package's; faces are found by our own detector, so that no other weights are needed. On a CPU it takes most of a second
a frame: alone it wants a GPU, or it runs beside `face_landmarker` (vtuber/fusion.py). Needs the extra `fan`.

Where the coordinates lie was checked against the package's own decoding, with random weights and synthetic heat maps.
How accurate the trained network is on faces was not measured here: its weights could not be had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vtuber import face_mesh, models, stages
from vtuber.face_detector import Box, FaceDetector
from vtuber.stages import Array, Face, Floats, Frame, Image, LandmarkLayout, Observation, VTuberError

CROP, CELLS = 256, 64
"""Sides of the network's input and of its heat maps."""
HOURGLASSES = 4
REFERENCE = 195.0
"""A face whose sides are this long on average fills a crop of 200 px: the frame that the network was trained with."""
RAISED = 0.12
"""The crop's middle lies this share of the face's height above the middle of its landmarks' box."""
DETECTED = 1.07
"""The detector's box is this many times the landmarks' box, about the same middle: seen on rendered heads."""
PRESENT = 0.3
"""Mean peak of the heat maps, trained towards 1, below which the face is gone. Not tried on the trained network."""
JUMP = 1.5
"""Landmarks that grow or shrink by more than this factor from frame to frame have lost the face."""


@dataclass(frozen=True, slots=True)
class Region:
    """The square of the picture that the network looks at; px with pixel centres at integers."""

    centre: tuple[float, float]
    side: float

    @classmethod
    def around(cls, low: Array, high: Array) -> Region:
        """By the box of the 68 landmarks: its upper left and lower right corner, (2,) each."""
        (x, y), (width, height) = ((low + high) / 2).tolist(), (high - low).tolist()
        return cls((x, y - RAISED * height), 200.0 * (width + height) / REFERENCE)

    def cut(self, image: Image) -> Image:
        """The region as (256, 256, 3), black beyond the picture.

        The package counts its crop from pixel 1 to 256 of 256, which the networks were trained with: one pixel of the
        crop is missing at its left and upper edge.
        """
        x, y = self.centre
        step = self.side * (CROP - 1) / CROP**2
        first = (1 / CROP - 0.5) * self.side + 0.5 * step  # from the centre to the middle of the first pixel
        to_picture = np.array([[step, 0, x + first], [0, step, y + first]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(image, to_picture, (CROP, CROP), flags=flags), dtype=np.uint8)

    def place(self, cells: Array) -> Array:
        """Positions in the heat map (n, 2), cell centres at integers -> px of the picture."""
        return np.array(self.centre) + ((cells + 0.5) / CELLS - 0.5) * self.side


class Tracker(stages.Tracker):
    """Follows one face, the largest, by 68 points; has no irises and no blendshape scores.

    Settings:
        weights: file of the trained network; empty: the package's own place, which it fills from its makers' address
            when it is first used (96 MB).
        depth: take the 3-D network and the package's depth network instead of the 2-D one; better where the head is
            turned, as the 2-D points of the jaw follow the visible contour.
        depth_weights: file of the depth network; empty: as for weights (234 MB).
        device: auto (a CUDA GPU where there is one), cpu, cuda, cuda:1, mps.
        flip: look at the mirrored picture as well and take the mean; steadier, and twice the time.
    """

    def __init__(
        self,
        *,
        weights: str = "",
        depth: bool = False,
        depth_weights: str = "",
        device: str = "auto",
        flip: bool = False,
    ) -> None:
        if depth_weights and not depth:
            raise ValueError("depth_weights are of no use without depth=true")
        task = face_mesh.TaskFile.read(models.path("face_landmarker.task"))
        self.detector = FaceDetector(task.detector)
        self.layout = layout(face_mesh.layout(task.canonical).points, contour=not depth)
        self.network = Network(weights, depth_weights if depth else None, device, flip)
        self._last: Array | None = None

    def track(self, frame: Frame) -> list[Observation]:
        found = self._follow(frame) or self._find(frame)
        if found is None:
            self._last = None
            return []
        points, confidence = found
        self._last = points[:, :2]
        height, width = frame.image.shape[:2]
        return [Observation(frame.timestamp, 0, (width, height), Face(points, self.layout, confidence))]

    def _follow(self, frame: Frame) -> tuple[Array, float] | None:
        if self._last is None:
            return None
        low, high = self._last.min(axis=0), self._last.max(axis=0)
        points, confidence = self.network.points(frame.image, Region.around(low, high))
        growth = float(np.ptp(points[:, :2], axis=0).sum() / (high - low).sum())
        return (points, confidence) if confidence >= PRESENT and 1 / JUMP < growth < JUMP else None

    def _find(self, frame: Frame) -> tuple[Array, float] | None:
        box = max(self.detector(frame.image), key=lambda b: b.size[0], default=None)
        if box is None:
            return None
        points, confidence = self.network.points(frame.image, region_of(box))
        return (points, confidence) if confidence >= PRESENT else None


def region_of(box: Box) -> Region:
    """Where to look for the landmarks of a detected face."""
    centre, half = np.array(box.centre), np.array(box.size) / 2 / DETECTED
    return Region.around(centre - half, centre + half)


def layout(points: Array, *, contour: bool) -> LandmarkLayout:
    """The 68 points themselves.

    Args:
        points: (68, 3) of the canonical face, cm.
        contour: the jaw's points are where the face ends for the viewer, on no fixed spot of the head.
    """
    rigidity = np.zeros(68)
    rigidity[[0, 1, 15, 16]] = 0.0 if contour else 0.3
    rigidity[17:27] = 0.3
    rigidity[27:36] = 1.0
    rigidity[[36, 39, 42, 45]] = 1.0
    rigidity[[48, 51, 54, 57]] = 0.3
    corners = {"right_eye_corners": np.array([36, 39]), "left_eye_corners": np.array([45, 42])}
    return LandmarkLayout("ibug_68", 68, np.arange(68), points, rigidity, corners)


def peaks(heat: Floats) -> tuple[Array, Array]:
    """The highest place of each heat map (n, 64, 64): (n, 2) x and y in cells, and (n,) its height.

    Between the cells by the parabola through the logarithms of the peak and its neighbours, which is exact for the
    bells that the network is trained to draw (Zhang et al. 2020, "Distribution-Aware Coordinate Representation for
    Human Pose Estimation"). The package itself goes a quarter of a cell towards the higher neighbour.
    """
    flat = heat.reshape(len(heat), -1)
    best = flat.argmax(axis=1)
    y, x = np.divmod(best, heat.shape[2])
    cells = np.stack([x, y], axis=1).astype(float)
    framed = np.pad(heat, ((0, 0), (1, 1), (1, 1)), mode="reflect")  # at the edge both neighbours are the inner one
    n = np.arange(len(heat))
    for axis, (dy, dx) in enumerate(((0, 1), (1, 0))):
        three = np.stack([framed[n, y + 1 + s * dy, x + 1 + s * dx] for s in (-1, 0, 1)]).astype(float)
        before, middle, after = np.log(np.maximum(three, 1e-6))
        curve = np.minimum(before - 2 * middle + after, -1e-6)
        cells[:, axis] += np.clip((before - after) / (2 * curve), -0.5, 0.5)
    return cells, flat[n, best].astype(float)


class Network:
    """The trained networks: a region of a picture -> its 68 points. The only place that imports torch."""

    def __init__(self, weights: str, depth_weights: str | None, device: str, flip: bool) -> None:
        """
        Args:
            depth_weights: None takes the 2-D network, text the 3-D one and that of depth.

        Raises:
            VTuberError: a package, a file or the device is missing; the text says what to do.
        """
        try:
            import torch
            from face_alignment import models as nets
            from face_alignment import utils
        except ModuleNotFoundError as e:
            raise VTuberError(f"tracker fan needs the package {e.name}: pip install 'vtuber-driver[fan]'") from e
        self._torch, self._utils, self._flip = torch, utils, flip
        self._device = _device(torch, device)
        name = "2DFAN-4" if depth_weights is None else "3DFAN-4"
        self.fan = self._ready(nets.FAN(HOURGLASSES), weights, name)
        self.depth: Any = None
        if depth_weights is not None:
            self.depth = self._ready(nets.ResNetDepth(), depth_weights, "depth")

    def _ready(self, net: Any, file: str, name: str) -> Any:
        """The network with its weights, on its device."""
        path = Path(file).expanduser() if file else self._own_place(name)
        try:
            net.load_state_dict(_state(self._torch.load(path, map_location="cpu", weights_only=True)))
        except OSError as e:
            raise VTuberError(f"the weights {path} cannot be read: {e.strerror or e}") from e
        except Exception as e:  # torch raises whatever its unpickler and its archives raise
            reason = str(e).strip().split("\n")[0]
            raise VTuberError(f"{path} does not hold the weights of face-alignment's {name} ({reason})") from e
        return net.to(self._device).eval()

    def _own_place(self, name: str) -> Path:
        """The package's own file, fetched by it when it is not there yet."""
        from face_alignment.api import models_urls

        try:
            return Path(self._utils.load_file_from_url(models_urls[name], check_hash=True))
        except (OSError, RuntimeError) as e:  # no network; or a broken file
            raise VTuberError(
                f"the weights of face-alignment's {name} cannot be fetched from {models_urls[name]} ({e}); "
                "fetch them yourself and say where they are: --set tracker.weights=FILE"
            ) from e

    def points(self, image: Image, region: Region) -> tuple[Array, float]:
        """The face in a region of the picture.

        Returns:
            (68, 2) px, or (68, 3) with depth away from the camera; and 0..1, how sure the network is.
        """
        crop = self._torch.from_numpy(region.cut(image)).to(self._device)
        with self._torch.inference_mode():
            x = crop.permute(2, 0, 1)[None].float() / 255
            heat = self.heat(x)
            cells, heights = peaks(heat[0].cpu().numpy())
            points = region.place(cells)
            if self.depth is not None:
                points = np.column_stack([points, -self._out_of_face(x, cells) * region.side / CROP])
        return points, float(np.clip(heights, 0.0, 1.0).mean())

    def heat(self, x: Any) -> Any:
        """The crop (1, 3, 256, 256) as a tensor, 0..1 -> its heat maps (1, 68, 64, 64)."""
        heat = self.fan(x)[-1]
        if self._flip:
            heat = (heat + self._utils.flip(self.fan(self._utils.flip(x))[-1], is_label=True)) / 2
        return heat

    def _out_of_face(self, x: Any, cells: Array) -> Array:
        """(68,) towards the viewer, px of the crop; the depth network is told the points by bells drawn there."""
        bells = np.zeros((68, CROP, CROP), np.float32)
        for bell, at in zip(bells, (cells + 0.5) * (CROP / CELLS), strict=True):
            if (at > 0).all():
                self._utils.draw_gaussian(bell, at, 2)
        told = self._torch.from_numpy(bells)[None].to(self._device)
        depth: Array = self.depth(self._torch.cat((x, told), 1))[0].cpu().numpy().astype(float)
        return depth


def _device(torch: Any, name: str) -> Any:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1).to(device)
    except (RuntimeError, AssertionError) as e:  # a name that torch does not know, or a device that is not there
        reason = str(e).strip().split("\n")[0]
        raise VTuberError(f"device {name} cannot be used by torch here ({reason}); try --set tracker.device=cpu") from e
    return device


def _state(loaded: Mapping[str, Any]) -> dict[str, Any]:
    """The bare weights; training leaves them one level deeper, under names of its own wrapper."""
    state = loaded.get("state_dict", loaded)
    return {name.removeprefix("module."): value for name, value in state.items()}
