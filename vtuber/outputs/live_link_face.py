"""Live Link Face: moves a MetaHuman, or any face with ARKit shapes, in Unreal Engine, as Epic's phone app does."""

from __future__ import annotations

import datetime
import time
import uuid
from functools import lru_cache

from vtuber import stages
from vtuber.protocols import live_link_face
from vtuber.stages import VTuberError
from vtuber.udp import Sender
from vtuber.wire import AvatarState

DAY_S = 24 * 60 * 60


class Output(stages.Output):
    """Sends to HOST:PORT, else to port 11111 of this computer. A lost face is a packet without one.

    subject: what the performer is called in Unreal; the second is called so with a 2 behind it, and so on
    """

    def __init__(self, argument: str = "", *, subject: str = "vtuber") -> None:
        if not 0 < len(subject.encode("utf-8")) <= live_link_face.LONGEST_NAME - 8:
            raise VTuberError("live_link_face needs a subject of a reasonable length, such as subject=Anna")
        self._subject = subject
        self._sender = Sender(argument, live_link_face.PORT)
        self.traffic = self._sender.traffic
        now = datetime.datetime.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        # The time code is the time of day, by which Unreal joins several cameras and recordings.
        self._day_began = time.perf_counter() - (now - midnight).total_seconds()

    def send(self, state: AvatarState) -> None:
        subject = f"{self._subject}{state.person + 1}" if state.person else self._subject
        day_s = (state.timestamp - self._day_began) % DAY_S
        self._sender.send(bytes(live_link_face.packet(state, _device(subject), subject, day_s)))

    def close(self) -> None:
        self._sender.close()


@lru_cache(maxsize=32)
def _device(subject: str) -> str:
    """The same performer is the same device, also when the program starts anew."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, subject))
