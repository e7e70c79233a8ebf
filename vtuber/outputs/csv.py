"""States as a table, for spreadsheets and plots: --output csv:states.csv."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np

from vtuber import rotation, stages, wire
from vtuber.stages import VTuberError
from vtuber.wire import ARKIT, PRESETS, AvatarState

COLUMNS = (
    "t", "person", "tracking", "confidence",
    "head_qx", "head_qy", "head_qz", "head_qw", "head_yaw_deg", "head_pitch_deg", "head_roll_deg",
    "head_x_m", "head_y_m", "head_z_m",
    "left_eye_yaw_deg", "left_eye_pitch_deg", "right_eye_yaw_deg", "right_eye_pitch_deg",
    *ARKIT, *PRESETS,
)  # fmt: skip
"""Angles: yaw to the performer's left, pitch up, roll to the right shoulder; the eyes' against the head."""


def row(state: AvatarState) -> list[Any]:
    """The values of COLUMNS, rounded as on the wire.

    Raises:
        ValueError: a number is not finite.
    """
    told = wire.to_json(state)
    eyes = [_degrees(state.bones.get(name, (0.0, 0.0, 0.0, 1.0)))[:2] for name in ("leftEye", "rightEye")]
    return [
        told["t"], told["person"], told["tracking"], told["confidence"],
        *told["head"]["rotation"], *_degrees(state.head_rotation), *told["head"]["position"],
        *eyes[0], *eyes[1],
        *(told["blendshapes"].get(name, 0.0) for name in ARKIT),
        *(told["expressions"].get(name, 0.0) for name in PRESETS),
    ]  # fmt: skip


def _degrees(q: wire.Quaternion) -> list[float]:
    angles = rotation.yaw_pitch_roll(rotation.to_matrix(np.array(q)))
    return [round(math.degrees(a), 2) + 0.0 for a in angles]


class Output(stages.Output):
    """Writes a line for each state, under a line of names. The argument is the file's path; bones beside the head and
    the eyes are left to the output jsonl.
    """

    def __init__(self, argument: str = "") -> None:
        if not argument:
            raise VTuberError("output csv needs a file: --output csv:states.csv")
        try:
            self._file = Path(argument).open("w", encoding="utf-8", newline="")  # noqa: SIM115 - closed by close()
        except OSError as e:
            raise VTuberError(f"{argument} cannot be written: {e.strerror}") from None
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(COLUMNS)

    def send(self, state: AvatarState) -> None:
        self._writer.writerow(row(state))

    def close(self) -> None:
        self._file.close()
