"""What `vtuber track` writes: a JSON object a line, the wire's state plus what was measured in the camera's frame."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from vtuber import wire
from vtuber.performer import Measured, Step


def line(frame: int, step: Step) -> bytes:
    """One performer at one frame; `camera` is there only when the face was seen.

    camera.*: OpenCV axes (x right, y down, z forward). R maps head axes (x to the performer's left, y up, z out of the
    face) to the camera's; t is metres; gaze_left and gaze_right are unit vectors of the performer's own eyes;
    landmarks68 are pixels with pixel centres at integers. R, t and gaze are after the filter, landmarks before it.
    """
    state = dict(wire.to_json(step.state))
    row: dict[str, Any] = {"v": state.pop("v"), "frame": frame, "t": state.pop("t"), "person": state.pop("person")}
    row["tracked"] = step.measured is not None
    row.update(state)
    if step.measured is not None:
        row["camera"] = _camera(step.measured)
    return msgspec.json.encode(row) + b"\n"


def _camera(m: Measured) -> dict[str, Any]:
    return {
        "R": np.round(m.matrix, 6).tolist(),
        "t": np.round(m.position, 5).tolist(),
        "gaze_left": np.round(m.gaze_left, 5).tolist(),
        "gaze_right": np.round(m.gaze_right, 5).tolist(),
        "landmarks68": np.round(m.landmarks68, 2).tolist(),
        "reprojection_px": round(m.reprojection_px, 3),
    }
