"""VTube Studio's phone app as the performer, and MeowFace, which speaks the same: --source vts_phone:192.168.1.20."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from vtuber import rotation, udp
from vtuber.protocols.vts_phone import PORT, PhoneFrame, request
from vtuber.stages import Observation, Performance, VTuberError

ASK_EVERY_S, ASK_FOR_S = 1.0, 3.0
"""A request may get lost; the phone stops soon after the last one."""
CM = 0.01


class Source(udp.Listener):
    """Asks the phone for its tracking and listens for it. The argument is the phone's address, which its app shows:
    `192.168.1.20` or `192.168.1.20:21412`. Switch on "3rd party PC clients" in the app's settings.

    Listens only at the address of this computer that the phone can reach, and takes datagrams from the phone alone.

    port: of this computer, for the phone to send to: name one that your firewall lets in; 0 takes a free one
    """

    def __init__(self, argument: str = "", *, port: int = 0) -> None:
        if not argument:
            raise VTuberError("source vts_phone needs the address that the phone's app shows: vts_phone:192.168.1.20")
        self._phone, here = udp.route(*udp.address(argument, PORT))
        super().__init__(f"[{here}]:{port}" if ":" in here else f"{here}:{port}", port, "VTube Studio's phone app")
        self._request = request([self.port], ASK_FOR_S)
        self._asked = -math.inf

    def remind(self, t: float) -> None:
        if t - self._asked >= ASK_EVERY_S:
            self._asked = t
            self.reply(self._request, self._phone)

    def observe(self, data: bytes, t: float, sender: udp.Address) -> Iterable[Observation]:
        if sender[0] != self._phone[0]:
            raise ValueError(f"from {sender[0]}, which is not the phone")
        frame = PhoneFrame.parse(data)
        return [Observation(t, 0, (0, 0), None, performance(frame) if frame.face_found else None)]

    def describe(self) -> str:
        return f"{super().describe()}, asked of {self._phone[0]}:{self._phone[1]}"


def performance(frame: PhoneFrame) -> Performance:
    """A frame with a face, in our axes. Gaze is left to the eyeLook shapes."""
    place = rotation.vts_phone_position(np.array(frame.position)) * CM
    return Performance(rotation.from_vts_phone(*frame.rotation), place, blendshapes=frame.blendshapes or None)
