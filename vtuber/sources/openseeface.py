"""OpenSeeFace: its tracker, on this or another computer, sees the performers."""

from __future__ import annotations

from collections.abc import Iterator

from vtuber.protocols import openseeface, openseeface_face
from vtuber.stages import Observation
from vtuber.udp import Address, Listener


class Source(Listener):
    """Listens on PORT, else on 11573, on this computer only; on 0.0.0.0:PORT for a tracker on another (facetracker.py
    --ip). Takes the pose, the eyes, the gaze and the features; up to 36 performers.
    """

    def __init__(self, argument: str = "") -> None:
        super().__init__(argument, openseeface.PORT, "OpenSeeFace")

    def observe(self, data: bytes, t: float, sender: Address) -> Iterator[Observation]:
        for record in openseeface.parse(data):
            if not 0 <= record.face < openseeface.MOST:
                raise ValueError(f"a face with the id {record.face}")
            yield Observation(t, record.face, (0, 0), None, performance=openseeface_face.performance(record))
