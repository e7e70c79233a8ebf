"""VRChat over OSC: eyes, lids and face of your avatar there, as VRCFaceTracking's v2 parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vtuber import stages, udp
from vtuber.oscquery import OscQuery
from vtuber.protocols import osc, vrchat
from vtuber.udp import Sender
from vtuber.wire import AvatarState

REACHES = ("computer", "network", "off")


class Output(stages.Output):
    """Sends to HOST:PORT, else to port 9000 of this computer. OSC must be enabled in VRChat's action menu.

    VRChat is found by OSCQuery and says which parameters the avatar has; it gets these, as numbers or as bits. Until
    then, and where it is not found, it gets every number.

    announce: computer lets the VRChat on this computer find us, by multicast DNS that does not leave it; network, for
        a headset of its own, announces us to everybody on the network; off does neither, and asks nothing
    eyes: VRChat turns eyes and lids, where the avatar has no parameters for them
    prefix: of an unknown avatar's parameters, before v2/
    bits: of an unknown avatar's parameters that are made of bools; 0 sends none
    bundle: several messages in a packet
    person: which performer, counted from 0
    """

    def __init__(
        self,
        argument: str = "",
        *,
        announce: str = "computer",
        eyes: bool = True,
        prefix: str = "FT/",
        bits: int = 0,
        bundle: bool = True,
        person: int = 0,
    ) -> None:
        if announce not in REACHES:
            raise ValueError(f"announce must be one of {', '.join(REACHES)}, not {announce!r}")
        self._eyes = eyes
        self._bundle = bundle
        self._person = person
        self._plan = self._chosen(vrchat.plan_blind(prefix, bits))
        self._writer = vrchat.Writer(self._plan)
        self._sender = Sender(argument, vrchat.PORT)
        self.traffic = self._sender.traffic
        self._query: OscQuery | None = None
        (target, *_), own = udp.route(self._sender.host, self._sender.port)
        if announce == "network" or (announce == "computer" and udp.is_loopback(target)):
            self._query = OscQuery(self._know, own, target, network=announce == "network")

    def _know(self, known: Mapping[str, str]) -> None:
        self._plan = self._chosen(vrchat.plan_for(known))

    def _chosen(self, plan: vrchat.Plan) -> vrchat.Plan:
        return plan if self._eyes else replace(plan, look=False, lids=False)

    def send(self, state: AvatarState) -> None:
        if state.person != self._person:
            return
        if self._writer.plan is not self._plan:  # another thread has made a new one
            self._writer.plan = self._plan
        messages = self._writer.messages(state)
        for packet in osc.bundles(messages) if self._bundle else messages:
            self._sender.send(packet)

    def close(self) -> None:
        if self._query is not None:
            self._query.close()
        self._sender.close()
