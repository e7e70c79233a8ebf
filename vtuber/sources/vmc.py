"""VMC over OSC: another app's avatar is the performer, such as that of VSeeFace, XR Animator or a phone's app."""

from __future__ import annotations

from collections.abc import Iterator

from vtuber.protocols import vmc, vmc_reader
from vtuber.stages import Observation
from vtuber.udp import Address, Listener


class Source(Listener):
    """Listens on PORT, else on 39539, on this computer only; on 0.0.0.0:PORT for apps on other machines.

    The bones up to the head are its rotation, the eyes' bones the gaze; every bone below the neck is passed on.

    hips: the avatar is placed and turned as the app's hips are; false for apps that send nonsense there
    """

    def __init__(self, argument: str = "", *, hips: bool = True) -> None:
        super().__init__(argument, vmc.PORT, "VMC")
        self._reader = vmc_reader.Reader()
        self._hips = hips

    def observe(self, data: bytes, t: float, sender: Address) -> Iterator[Observation]:
        frames = self._reader.feed(data)
        if self._reader.refused:
            self.statistics.refused += 1
            self.statistics.last_error = self._reader.refused
        if frames:
            # Several in one packet are one moment: the last is it.
            frame = frames[-1]
            said = vmc_reader.performance(frame, hips=self._hips) if frame.tracked else None
            yield Observation(t, 0, (0, 0), None, performance=said)
