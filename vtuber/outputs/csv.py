"""States as a table, for spreadsheets and plots: --output csv:states.csv."""

from __future__ import annotations

import math
from pathlib import Path

from vtuber import rotation, stages
from vtuber.stages import VTuberError
from vtuber.wire import ARKIT, NO_TURN, PRESETS, AvatarState, Quaternion

HEAD = (
    ("t", "%.4f"), ("person", "%d"), ("tracking", "%s"), ("confidence", "%.3g"),
    *((f"head_q{axis}", "%.5f") for axis in "xyzw"),
    *((f"head_{angle}_deg", "%.2f") for angle in ("yaw", "pitch", "roll")),
    *((f"head_{axis}_m", "%.4f") for axis in "xyz"),
    *((f"{side}_eye_{angle}_deg", "%.2f") for side in ("left", "right") for angle in ("yaw", "pitch")),
)  # fmt: skip
COLUMNS = (*(name for name, _ in HEAD), *ARKIT, *PRESETS)
"""Angles: yaw to the performer's left, pitch up, roll to the right shoulder; the eyes' against the head."""
FORMAT = ",".join([*(form for _, form in HEAD), *["%.3g"] * (len(ARKIT) + len(PRESETS))]) + "\n"


def row(state: AvatarState) -> str:
    """The line of a state.

    Raises:
        ValueError: a number is not finite.
    """
    numbers = [
        *state.head_rotation, *_degrees(state.head_rotation), *state.head_position,
        *_degrees(state.bones.get("leftEye", NO_TURN))[:2], *_degrees(state.bones.get("rightEye", NO_TURN))[:2],
        *state.weights(),
        *[state.expressions.get(name, 0.0) for name in PRESETS],
    ]  # fmt: skip
    if not math.isfinite(state.timestamp + state.confidence + sum(numbers)):
        raise ValueError(f"state of person {state.person} at {state.timestamp} holds a number that is not finite")
    return FORMAT % (state.timestamp, state.person, state.tracking, state.confidence, *numbers)


def _degrees(q: Quaternion) -> list[float]:
    return [math.degrees(a) for a in rotation.angles(q)]


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
        self._file.write(",".join(COLUMNS) + "\n")

    def send(self, state: AvatarState) -> None:
        self._file.write(row(state))

    def close(self) -> None:
        self._file.close()
