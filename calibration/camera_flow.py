"""The guided calibration of the camera beside a run: of the pictures that it hands over the newest is looked at."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

import msgspec

from calibration import camera
from calibration.board import Board, Sighting
from calibration.camera import CameraFit
from calibration.sightings import GRID, MOST, Sightings
from vtuber.latest import Closed, Latest
from vtuber.profile import Profile
from vtuber.stages import Frame, Observation, VTuberError

log = logging.getLogger(__name__)


class CameraFlow:
    """Looks for the board until all is seen, then measures, on a thread of its own.

    Args:
        base: the profile that is built on.
        name: of the one that is made.
    """

    def __init__(self, base: Profile, name: str, board: Board) -> None:
        self._base, self._name, self._board = base, name, board
        self._mail: Latest[Frame] = Latest()
        self._found: CameraFit | None = None
        self._shown: dict[str, Any] = {
            "kind": "camera", "phase": "steps", "error": "", "columns": GRID[1], "parts": [False] * (GRID[0] * GRID[1]),
            "tilts": {}, "wanted": "show", "share": 0.0, "views": 0, "corners": [],
        }  # fmt: skip
        self._enough, self._stop, self._order = threading.Event(), threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._run, name="calibration", daemon=True)
        self._thread.start()

    # --- from the run and from the studio ----------------------------------------------------------------------------

    def see(self, frame: Frame, observations: Sequence[Observation]) -> None:
        if self._shown["phase"] == "steps":
            self._mail.put(frame)

    def skip(self, step: str) -> None:
        """There are no steps."""

    def enough(self) -> None:
        self._enough.set()

    def shown(self) -> dict[str, Any]:
        return self._shown

    def result(self) -> Profile:
        if self._found is None:
            raise VTuberError("nothing was measured yet")
        return msgspec.structs.replace(self._base, name=self._name, camera=self._found.camera)

    def verdict(self) -> dict[str, Any]:
        """Degrees, pixels, and shares."""
        self.result()
        found = self._found
        assert found is not None
        across, down = found.view_deg
        return {
            "focal": found.camera.matrix[0][0],
            "spread": found.focal_spread,
            "size": list(found.camera.size),
            "view": [across, down],
            "bend": found.bend,
            "error": found.error_px,
            "used": found.used,
            "left_out": found.left_out,
        }

    def close(self, reason: str = "") -> None:
        with self._order:
            if reason and not self._stop.is_set():
                self._shown = self._shown | {"phase": "failed", "error": reason}
            self._stop.set()
        self._mail.close()

    # --- the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            seen = self._watch()
            self._say(phase="measuring", corners=[])
            self._found = camera.fit(seen)
            self._say(phase="judged")
        except Closed:
            pass
        except VTuberError as e:
            self._say(phase="failed", error=str(e))
        except Exception:
            log.exception("the calibration broke off")
            self._say(phase="failed", error="that failed for a reason that is in the terminal")

    def _watch(self) -> Sightings:
        """Until everything was seen, or that is to do. Raises Closed; VTuberError."""
        frame = self._mail.get()
        size = (frame.image.shape[1], frame.image.shape[0])
        seen = Sightings(self._board, size)
        while seen.wants and len(seen.kept) < MOST and not self._enough.is_set():
            if (frame.image.shape[1], frame.image.shape[0]) != size:
                raise VTuberError("the pictures are not all of one size: calibrate from one camera at a time")
            found = self._board.find(frame.image)
            seen.add(found, moving=True)
            self._say(
                parts=seen.parts, tilts=seen.tilts, wanted=next(iter(seen.wants), ""), share=round(seen.share, 3),
                views=len(seen.kept), corners=_shares(found, size),
            )  # fmt: skip
            frame = self._mail.get()
        if seen.missing:  # without the map of `fit`, which the page has drawn
            raise VTuberError(f"the board was not seen well enough: {seen.missing[0]}")
        return seen

    def _say(self, **news: Any) -> None:
        """Where it stands now; nothing more once it is closed."""
        with self._order:
            if not self._stop.is_set():
                self._shown = self._shown | news


def _shares(found: Sighting | None, size: tuple[int, int]) -> list[list[float]]:
    """The corners that were found, as shares of the picture's width and height."""
    if found is None:
        return []
    return [[round((x + 0.5) / size[0], 3), round((y + 0.5) / size[1], 3)] for x, y in found.corners.tolist()]
