"""Writes session.jsonl: three seconds of the demo performer's landmarks, and the states that come of them.

    python tests/golden/make_session.py

One line a frame: time, confidence, landmarks and scores where a face was seen, and the
expected state as it goes out. In the middle the face is hidden for a while: coasting and coming back are in it, too.
The landmarks are those that the pipeline reads, of the 478: the others are zero.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from vtuber import wire
from vtuber.face_mesh import IBUG68
from vtuber.filters.steady import Filter
from vtuber.pipeline import Pipeline
from vtuber.profile import Profile
from vtuber.sources import demo
from vtuber.stages import Array, Face, LandmarkLayout, Observation
from vtuber.trackers.face_landmarker import Tracker
from vtuber.video_file import VideoFile, every_frame

SESSION = Path(__file__).with_name("session.jsonl")
FRAMES, FIRST_HIDDEN, HIDDEN = 86, 46, 24


def kept(layout: LandmarkLayout) -> list[int]:
    """The landmarks that are written down."""
    return sorted({int(i) for i in np.concatenate([IBUG68, *layout.groups.values()])})


def face(row: dict[str, Any], layout: LandmarkLayout) -> Face | None:
    """The face of a line."""
    if "landmarks" not in row:
        return None
    landmarks: Array = np.zeros((layout.count, 3))
    landmarks[kept(layout)] = np.reshape(row["landmarks"], (-1, 3))
    return Face(landmarks, layout, row["confidence"], row["scores"])


def replay(rows: list[dict[str, Any]], layout: LandmarkLayout) -> list[dict[str, Any]]:
    """The states of the lines, as they go out."""
    pipe, states = Pipeline(Profile(), Filter), []
    for row in rows:
        observation = Observation(row["t"], 0, tuple(row["size"]), face(row, layout))
        states.append(wire.to_json(pipe.step(row["t"], [observation])[0].state))
    return states


def recorded(tracker: Tracker) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for frame in every_frame(VideoFile(demo.CLIP)):
        if frame.index == FRAMES:
            break
        (seen,) = tracker.track(frame)
        row: dict[str, Any] = {"t": round(frame.timestamp, 4), "size": seen.size}
        if not FIRST_HIDDEN <= frame.index < FIRST_HIDDEN + HIDDEN:
            assert seen.face and seen.face.scores
            row["confidence"] = round(seen.face.confidence, 3)
            row["landmarks"] = np.round(seen.face.landmarks[kept(seen.face.layout)], 1).ravel().tolist()
            row["scores"] = {name: round(score, 3) for name, score in seen.face.scores.items() if score >= 0.005}
        rows.append(row)
    return rows


def main() -> None:
    tracker = Tracker()
    rows = recorded(tracker)
    for row, state in zip(rows, replay(rows, tracker.layout), strict=True):
        row["state"] = state
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    SESSION.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
