"""VMC over OSC: moves the avatar in VSeeFace, Warudo, VNyan, Unity (our bridge, EVMC4U), Blender and many more."""

from __future__ import annotations

from vtuber import stages
from vtuber.protocols import vmc
from vtuber.udp import Sender
from vtuber.wire import AvatarState


class Output(stages.Output):
    """Sends to HOST:PORT, else to port 39539 of this computer.

    names: what the weights are called, one or several with + between: vrm0 (Joy, A, Blink_L), vrm1 (happy, aa,
        blinkLeft), arkit (JawOpen: Perfect Sync). An avatar that has Perfect Sync shapes and closes its eyes too far
        gets both: take arkit alone
    bundle: several messages in a packet, none above 1500 bytes; false for receivers that read single messages only
    relaxed: arms that nobody tracks hang down; false leaves them to the receiver
    person: which performer, counted from 0
    """

    def __init__(
        self,
        argument: str = "",
        *,
        names: str = "vrm0+arkit",
        bundle: bool = True,
        relaxed: bool = True,
        person: int = 0,
    ) -> None:
        self._writer = vmc.Writer(names.split("+"), relaxed=relaxed, bundled=bundle)
        self._person = person
        self._sender = Sender(argument, vmc.PORT)
        self.traffic = self._sender.traffic

    def send(self, state: AvatarState) -> None:
        if state.person != self._person:
            return
        for packet in self._writer.packets(state):
            self._sender.send(packet)

    def close(self) -> None:
        self._sender.close()
