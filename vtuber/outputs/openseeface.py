"""OpenSeeFace: the driver is its tracker, for VSeeFace, Inochi Session, Godot and whatever else listens to it."""

from __future__ import annotations

import time

from vtuber import stages
from vtuber.protocols import openseeface, openseeface_face
from vtuber.udp import Sender
from vtuber.wire import AvatarState


class Output(stages.Output):
    """Sends to HOST:PORT, else to port 11573 of this computer: every performer's face, those of a moment in one packet.

    The landmarks are those of a plain face that moves as the performer does (protocols/openseeface_face.py). A lost
    face is left out, as OpenSeeFace does.
    """

    def __init__(self, argument: str = "") -> None:
        self._sender = Sender(argument, openseeface.PORT)
        self.traffic = self._sender.traffic
        # Receivers wait for a later time than the last one: that of OpenSeeFace, whose place this takes, is the
        # calendar's.
        self._epoch = time.time() - time.perf_counter()
        self._moment = 0.0
        self._faces: dict[int, bytes] = {}
        self._last = 0
        """The highest person of the moment before: with him the faces of a moment are complete."""

    def send(self, state: AvatarState) -> None:
        if self._faces and state.timestamp != self._moment:
            self._flush()  # whom it waited for is gone
        self._moment = state.timestamp
        record = b""
        if state.tracking != "lost" and len(self._faces) < openseeface.MOST:
            record = bytes(openseeface_face.record(state, self._epoch + state.timestamp))
        self._faces[state.person] = record
        if state.person >= self._last:
            self._flush()

    def _flush(self) -> None:
        packet, self._last = b"".join(self._faces.values()), max(self._faces)
        self._faces.clear()
        if packet:
            self._sender.send(packet)

    def close(self) -> None:
        self._sender.close()
