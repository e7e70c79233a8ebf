"""Pictures of a calibration board as a known camera would take them: lens distortion, blur and noise included."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from utils import head_turn

from calibration.board import Board
from vtuber.stages import Array, Image

SQUARE_PX = 64
FINER = 2
"""The picture is worked out so many times as fine, and averaged."""


class Lens:
    """A camera (3, 3) with distortion (k1, k2, p1, p2, k3), taking pictures of a size (width, height)."""

    def __init__(self, camera: Array, distortion: Array, size: tuple[int, int]) -> None:
        self.camera, self.size = camera, size
        x, y = np.meshgrid(*((np.arange(n * FINER) + 0.5) / FINER - 0.5 for n in size))
        seen = np.stack([x.ravel(), y.ravel()], axis=1)
        straight = cv2.undistortPoints(seen.reshape(-1, 1, 2), camera, distortion).reshape(-1, 2)
        self._rays = np.column_stack([straight, np.ones(len(straight))]).astype(np.float32)

    def take(self, board: Board, turn: Array, place: Array) -> Image:
        """The board before a grey wall, (H, W) uint8: turned by (3, 3), its middle at `place` (m), OpenCV axes."""
        turn, place = turn.astype(np.float32), place.astype(np.float32)
        # Where each ray meets the board's plane, in the board's own axes.
        along = (turn[:, 2] @ place) / (self._rays @ turn[:, 2])
        on_board = self._rays @ turn[:, :2] * along[:, None] - place @ turn[:, :2]
        drawn = board.picture(SQUARE_PX, SQUARE_PX)
        middle = np.array([drawn.shape[1], drawn.shape[0]]) / 2 - 0.5
        at = (on_board / board.square_m * SQUARE_PX + middle).astype(np.float32)
        at = at.reshape(FINER * self.size[1], FINER * self.size[0], 2)
        fine = cv2.remap(
            drawn, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=90
        )
        return np.asarray(cv2.resize(fine, self.size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def spoiled(picture: Image, random: np.random.Generator, blur_px: float = 0.8, noise: float = 3.0) -> Image:
    """As a webcam hands it over: a little out of focus, grainy, not quite black and white."""
    soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), blur_px) * 0.75 + 25
    return np.clip(soft + random.normal(size=picture.shape) * noise, 0, 255).astype(np.uint8)


def places(board: Board, lens: Lens) -> Iterator[tuple[Array, Array]]:
    """How a patient person holds it: all over the picture, tilted each way, near and far."""
    wide, size, camera = board.columns * board.square_m, lens.size, lens.camera
    tilts = [(0, 0), (28, 4), (-28, -4), (5, 26), (-5, -26), (20, 20), (-20, 20), (20, -20), (-20, -20), (8, 3)]
    spots = [(0, 0), (-1, -1), (1, -1), (-1, 1), (1, 1), (0, -1), (0, 1), (-1, 0), (1, 0), (0.3, 0.2)]
    for i, ((sideways, up), (x, y)) in enumerate(zip(tilts * 2, spots + spots[::-1], strict=True)):
        distance = wide * camera[0, 0] / size[0] * (1.3 if i < 10 else 1.9)
        room = np.array([size[0] / camera[0, 0], size[1] / camera[1, 1]]) / 2 * distance
        half = np.array([wide, wide * board.rows / board.columns]) / 2
        middle = np.array([x, y]) * np.maximum(room - 0.9 * half, 0.0)
        yield head_turn(*np.radians([sideways, up, 4.0 * (i % 5) - 8])), np.array([*middle, distance])


def film(board: Board, lens: Lens, seed: int = 1) -> list[Image]:
    """A picture of each place."""
    random = np.random.default_rng(seed)
    return [spoiled(lens.take(board, *at), random) for at in places(board, lens)]
