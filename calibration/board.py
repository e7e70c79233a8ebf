"""The board that a camera is measured with: a chessboard, or a ChArUco board, whose squares can be told apart.

A ChArUco board may be partly outside the picture, and so reaches into the corners, where a lens bends most: it is the
usual choice. Both are found by OpenCV, from 4.10 on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from vtuber.stages import Array, Image, VTuberError

Kind = Literal["charuco", "chessboard"]
MODULES = 8
"""A square is drawn in so many parts a side: a marker has six, and one of white around it."""
FEWEST_CORNERS = 8
"""A board of which fewer are seen tells too little."""
REACH_PX = (3, 8)
"""A corner is refined within this many px around it, by the size of the squares in the picture."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A board in a picture."""

    corners: npt.NDArray[np.float32]
    """(n, 2) px, pixel centres at integers."""
    ids: npt.NDArray[np.intp]
    """(n,) which of the board's inner corners they are."""


@dataclass(frozen=True, slots=True)
class Board:
    """Columns and rows are counted in squares; between them lie the corners that are measured."""

    kind: Kind = "charuco"
    columns: int = 10
    rows: int = 7
    square_m: float = 0.025
    """Side of a square. The camera's numbers do not depend on it, only the distances in the words that guide."""

    def __post_init__(self) -> None:
        if not (4 <= self.columns <= 16 and 4 <= self.rows <= 16):
            raise ValueError(f"a board has 4 to 16 squares each way, not {self.columns}x{self.rows}")
        if self.kind == "chessboard" and (self.columns + self.rows) % 2 == 0:
            raise ValueError(
                f"a chessboard of {self.columns}x{self.rows} looks the same upside down: make one side odd"
            )
        if not 0.001 <= self.square_m <= 1.0:
            raise ValueError(f"squares of {1000 * self.square_m:g} mm cannot be meant")

    @property
    def points(self) -> Array:
        """(n, 3) metres: the inner corners row by row, x to the right and y down."""
        y, x = np.mgrid[1 : self.rows, 1 : self.columns]
        return np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], axis=1) * self.square_m

    def modules(self) -> npt.NDArray[np.bool_]:
        """(8 rows, 8 columns) what is black."""
        if self.kind == "charuco":
            drawn = self._charuco().generateImage((MODULES * self.columns, MODULES * self.rows), marginSize=0)
            return np.asarray(drawn) < 128
        y, x = np.mgrid[: self.rows, : self.columns]
        return np.kron((x + y) % 2 == 0, np.ones((MODULES, MODULES), dtype=bool)).astype(bool)

    def picture(self, square_px: int = 64, margin_px: int = 64) -> Image:
        """Black on white, (H, W) uint8."""
        black = np.kron(self.modules(), np.ones((square_px // MODULES,) * 2, dtype=bool))
        return np.pad(np.where(black, np.uint8(0), np.uint8(255)), margin_px, constant_values=255)

    def find(self, image: Image) -> Sighting | None:
        """The board in a picture (H, W, 3) RGB or (H, W) grey; None when it is not seen well enough."""
        grey = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        return self._find_charuco(grey) if self.kind == "charuco" else self._find_chessboard(grey)

    def _charuco(self) -> cv2.aruco.CharucoBoard:
        dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_100)
        return cv2.aruco.CharucoBoard((self.columns, self.rows), 1.0, 6 / MODULES, dictionary)

    def _find_charuco(self, grey: Image) -> Sighting | None:
        corners, ids, _, _ = cv2.aruco.CharucoDetector(self._charuco()).detectBoard(grey)
        if ids is None or len(ids) < FEWEST_CORNERS:
            return None
        numbers = np.asarray(ids).ravel().astype(np.intp)
        if len(np.unique(numbers % (self.columns - 1))) < 3 or len(np.unique(numbers // (self.columns - 1))) < 3:
            return None
        return Sighting(_refined(grey, np.asarray(corners, np.float32).reshape(-1, 2), numbers, self.columns), numbers)

    def _find_chessboard(self, grey: Image) -> Sighting | None:
        inner = (self.columns - 1, self.rows - 1)
        found, corners = cv2.findChessboardCornersSB(grey, inner, flags=cv2.CALIB_CB_NORMALIZE_IMAGE)
        if not found:
            return None
        return Sighting(np.asarray(corners, np.float32).reshape(-1, 2), np.arange(inner[0] * inner[1]))


def _refined(
    grey: Image, corners: npt.NDArray[np.float32], ids: npt.NDArray[np.intp], columns: int
) -> npt.NDArray[np.float32]:
    """To parts of a pixel, within a window that holds no other corner and none of the markers."""
    side = _neighbour_px(corners, ids, columns)
    reach = int(np.clip(side / 8, *REACH_PX))
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 0.005)
    refined = cv2.cornerSubPix(grey, corners.reshape(-1, 1, 2).copy(), (reach, reach), (-1, -1), criteria)
    return np.asarray(refined, np.float32).reshape(-1, 2)


def _neighbour_px(corners: npt.NDArray[np.float32], ids: npt.NDArray[np.intp], columns: int) -> float:
    """Typical distance of corners that are neighbours in a row."""
    order = np.argsort(ids)
    next_to = (np.diff(ids[order]) == 1) & (ids[order][1:] % (columns - 1) > 0)
    steps = np.linalg.norm(np.diff(corners[order], axis=0), axis=1)[next_to]
    return float(np.median(steps)) if len(steps) else 0.0


def parse(text: str) -> Board:
    """`charuco`, `chessboard`, `charuco:11x8`, `chessboard:9x6:30`: squares across and down, their side in mm.

    Raises:
        VTuberError: no such board.
    """
    said = re.fullmatch(r"(charuco|chessboard)(?::(\d+)x(\d+))?(?::(\d+(?:\.\d+)?))?", text.strip())
    if said is None:
        raise VTuberError(f"--board {text}: say charuco or chessboard, as in chessboard:10x7:25 (squares, mm)")
    kind: Kind = "charuco" if said[1] == "charuco" else "chessboard"
    usual = Board(kind)
    try:
        return Board(
            kind,
            int(said[2] or usual.columns),
            int(said[3] or usual.rows),
            float(said[4]) / 1000 if said[4] else usual.square_m,
        )
    except ValueError as e:
        raise VTuberError(f"--board {text}: {e}") from None
