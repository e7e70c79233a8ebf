"""What two pictures of the avatar say about its movement."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from .viewer import Picture

Mask = npt.NDArray[np.bool_]

VISIBLE = 24
"""A difference of so many grey levels in a channel is seen."""
LEAST_SHARE = 0.2
"""Patches of change this small, against the largest, are hair that swings or edges that shimmer with the breath."""


def changed(before: Picture, after: Picture) -> Mask:
    """(H, W) the patches in which the pictures differ."""
    apart = np.abs(before.astype(int) - after.astype(int)).max(axis=2) > VISIBLE
    opened = cv2.morphologyEx(apart.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, patches, figures, _ = cv2.connectedComponentsWithStats(opened)
    areas = figures[:, cv2.CC_STAT_AREA]
    areas[0] = 0  # what did not change
    return np.asarray(np.isin(patches, np.nonzero(areas > LEAST_SHARE * areas.max())[0]))


def touched(before: Picture, after: Picture) -> Mask:
    """(H, W) every point in which the pictures differ, also thin lines."""
    return np.asarray(np.abs(before.astype(int) - after.astype(int)).max(axis=2) > VISIBLE)


def centre(mask: Mask) -> tuple[float, float]:
    """(x, y) of the middle of what is marked, px."""
    y, x = np.nonzero(mask)
    assert len(x), "nothing is marked"
    return float(x.mean()), float(y.mean())


def shift(before: Picture, after: Picture, where: Mask) -> tuple[float, float]:
    """How far (x right, y down, px) the inner half of the marked place went, at most half its size."""
    rows, columns = np.nonzero(where.any(axis=1))[0], np.nonzero(where.any(axis=0))[0]
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    quarter_y, quarter_x = (bottom - top) // 4, (right - left) // 4
    patch = before[top + quarter_y : bottom - quarter_y, left + quarter_x : right - quarter_x]
    scores = cv2.matchTemplate(after[top:bottom, left:right], patch, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(scores)
    assert best > 0.5, f"what was there is not found again (best match {best:.2f})"
    return float(x - quarter_x), float(y - quarter_y)
