"""The table of states: a spreadsheet reads back what was sent."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from apps import GAZE_PITCH, GAZE_YAW, PITCH, TILT, YAW, demo, turned

from vtuber.outputs.csv import COLUMNS, Output
from vtuber.stages import VTuberError
from vtuber.wire import ARKIT, PRESETS

GOLDEN = Path(__file__).with_name("golden") / "states.csv"
"""Of the turned state, tracked and lost, of two performers. Written by this output, then looked through by eye."""


def written(path: Path, *states: object) -> str:
    output = Output(str(path))
    for state in states:
        output.send(state)  # type: ignore[arg-type]
    output.close()
    output.close()
    return path.read_bytes().decode("utf-8")


def test_states_are_the_golden_table_and_read_back_are_the_same(tmp_path: Path) -> None:
    golden = GOLDEN.read_bytes().replace(b"\r\n", b"\n").decode("utf-8")
    assert written(tmp_path / "a.csv", turned(), turned("lost", person=1)) == golden
    rows = list(csv.DictReader(io.StringIO(golden)))
    again = io.StringIO()
    writer = csv.DictWriter(again, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    assert again.getvalue() == golden


def test_names_signs_and_units(tmp_path: Path) -> None:
    text = written(tmp_path / "a.csv", turned())
    (row,) = csv.DictReader(io.StringIO(text))
    told = {name: float(row[name]) for name in COLUMNS if name != "tracking"}
    assert (told["head_yaw_deg"], told["head_pitch_deg"], told["head_roll_deg"]) == (YAW, PITCH, -TILT)
    assert (told["left_eye_yaw_deg"], told["right_eye_pitch_deg"]) == (GAZE_YAW, GAZE_PITCH)
    assert (told["head_x_m"], told["head_y_m"], told["head_z_m"]) == (0.03, -0.02, 0.05)
    assert told["eyeBlinkLeft"] == 1 and told["eyeBlinkRight"] == 0 and told["blinkLeft"] == 1
    assert row["tracking"] == "tracked" and set(ARKIT) | set(PRESETS) < set(told)


def test_every_state_of_the_demo_performer_is_a_row(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(written(tmp_path / "a.csv", *demo()))))
    assert [float(r["t"]) for r in rows] == [s.timestamp for s in demo()]
    assert [r["tracking"] for r in rows] == [s.tracking for s in demo()]


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(VTuberError, match="cannot be written"):
        Output(str(tmp_path / "nowhere" / "a.csv"))
    with pytest.raises(VTuberError, match="needs a file"):
        Output()
