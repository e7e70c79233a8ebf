"""The guided calibrations for a run that goes on meanwhile: what the studio is handed (vtuber/measuring.py)."""

from __future__ import annotations

from typing import Any

from calibration import printed
from calibration.board import MODULES, Board, parse
from calibration.camera_flow import CameraFlow
from calibration.face_flow import FaceFlow
from vtuber import commands
from vtuber.measuring import Flow
from vtuber.profile import Profile


def begin(asked: commands.Calibrate, base: Profile, name: str) -> Flow:
    """Begin the one that is asked for.

    Args:
        base: the profile that is built on.
        name: of the one that is made.

    Raises:
        VTuberError: there is no such board.
    """
    if asked.what == "face":
        return FaceFlow(base, name, asked.screen)
    return CameraFlow(base, name, parse(asked.board))


def board(what: str) -> Any:
    """The usual board: `board` as {width, height, boxes}, to be drawn; `board_a4`, `board_letter` as a PDF.

    Raises:
        VTuberError: there is no such paper.
    """
    usual = Board()
    if what == "board":
        drawn = [list(box) for box in printed.boxes(usual)]
        return {"width": MODULES * usual.columns, "height": MODULES * usual.rows, "boxes": drawn}
    return printed.pdf(usual, what.partition("_")[2])
