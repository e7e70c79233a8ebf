"""VRChat: parameters by name, number and bit, and OSCQuery with a VRChat that stands in for the real one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from apps import demo, packets, turned
from conftest import needed
from fuzz import mutated
from zeroconf import IPVersion, ServiceBrowser, ServiceInfo, ServiceStateChange, Zeroconf

from vtuber import rotation
from vtuber.outputs.vrchat import Output
from vtuber.pose import REST, Pose, to_state
from vtuber.protocols import osc, oscquery, unified, vrchat
from vtuber.protocols.osc import Message
from vtuber.wire import ARKIT, AvatarState

GOLDEN = Path(__file__).parent / "golden"
sys.path.insert(0, str(GOLDEN))
import make_vmc  # noqa: E402
import make_vrchat  # noqa: E402


def posed(
    *, gaze: tuple[float, float] = (0.0, 0.0), yaw: float = 0.0, pitch: float = 0.0, **weights: float
) -> AvatarState:
    """Angles in degrees: to the performer's left, and up."""
    row = np.array([weights.get(name, 0.0) for name in ARKIT])
    eyes = np.radians([*gaze, *gaze])
    head = rotation.from_yaw_pitch(math.radians(yaw), math.radians(pitch))
    return to_state(Pose(head, np.zeros(3), eyes, row), 0.0, 0, "tracked", 1.0)


def said(state: AvatarState, plan: vrchat.Plan | None = None) -> dict[str, tuple[Any, ...]]:
    messages = vrchat.Writer(plan or vrchat.plan_blind("FT/", 0)).messages(state)
    return {m.address: m.arguments for m in map(Message.parse, messages)}


# --- golden bytes ----------------------------------------------------------------------------------------------------


def test_golden_packets_decoded_and_encoded_again_are_the_same_bytes() -> None:
    found = packets(make_vrchat.PACKETS)
    assert make_vmc.truth(found) == json.loads(make_vrchat.TRUTH.read_text(encoding="utf-8"))
    assert [b for p in found for b in osc.bundles(map(bytes, osc.read(p)))] == found
    assert make_vrchat.packets() == found


# --- what the parameters mean ----------------------------------------------------------------------------------------


def test_eyes_point_where_vrchats_own_test_vectors_say() -> None:
    # The documentation's example: pitch -15.252 and yaw 20.128 are the vector (0.332, 0.263, 0.905), x right, y up.
    look = said(posed(gaze=(-20.128, 15.252)))["/tracking/eye/LeftRightPitchYaw"]
    assert look == pytest.approx((-15.252, 20.128, -15.252, 20.128), abs=1e-3)
    forward = rotation.to_matrix(np.array(posed(gaze=(-20.128, 15.252)).bones["leftEye"])) @ [0.0, 0.0, 1.0]
    assert rotation.unity_position(forward) == pytest.approx((0.332, 0.263, 0.905), abs=1e-3)


def test_each_eye_goes_its_own_way() -> None:
    state = to_state(Pose(gaze=np.radians([10.0, 5.0, -20.0, -3.0])), 0.0, 0, "tracked", 1.0)
    assert said(state)["/tracking/eye/LeftRightPitchYaw"] == pytest.approx((-5, -10, 3, 20), abs=1e-3)
    values = unified.solve(state)
    assert values["EyeLeftX"] == pytest.approx(-math.tan(math.radians(10)))
    assert values["EyeRightX"] == pytest.approx(math.tan(math.radians(20)))
    assert (values["EyeLeftY"], values["EyeRightY"]) == pytest.approx(tuple(map(math.tan, np.radians([5, -3]))))
    assert unified.solve(posed(gaze=(-45, 0)))["EyeX"] == pytest.approx(1.0), "45 degrees to the right are 1"


@pytest.mark.parametrize(
    "weights, expected",
    [
        ({"jawOpen": 0.7}, {"JawOpen": 0.7, "JawX": 0.0}),
        ({"jawLeft": 0.4}, {"JawLeft": 0.4, "JawX": -0.4}),
        ({"mouthRight": 0.6}, {"MouthUpperRight": 0.6, "MouthLowerRight": 0.6, "MouthX": 0.6, "MouthUpperX": 0.6}),
        ({"eyeBlinkLeft": 1.0}, {"EyeOpenLeft": 0.0, "EyeClosedLeft": 1.0, "EyeOpenRight": 1.0, "EyeOpen": 0.5}),
        ({"eyeBlinkLeft": 1.0, "eyeWideRight": 1.0}, {"EyeLidLeft": 0.0, "EyeLidRight": 1.0, "EyeLid": 0.5}),
        ({}, {"EyeLidLeft": 0.75, "EyeOpenLeft": 1.0, "EyeX": 0.0, "Head/Yaw": 0.0}),
        ({"eyeSquintLeft": 0.3}, {"EyeSquintLeft": 0.3, "EyeSquint": 0.3, "EyesSquint": 0.3}),
        ({"browDownLeft": 1.0}, {"BrowLowererLeft": 1.0, "BrowPinchLeft": 1.0, "BrowDownLeft": 1.0, "BrowDown": 0.5}),
        ({"browDownLeft": 1.0}, {"BrowExpressionLeft": -1.0, "BrowExpressionRight": 0.0, "BrowExpression": -0.5}),
        ({"browInnerUp": 1.0}, {"BrowInnerUpLeft": 1.0, "BrowUpLeft": 0.4, "BrowExpressionLeft": 0.5, "BrowUp": 0.4}),
        ({"browOuterUpRight": 1.0}, {"BrowUpRight": 0.6, "BrowUpLeft": 0.0, "BrowUp": 0.3, "BrowOuterUp": 0.5}),
        (
            {"mouthSmileRight": 1.0},
            {"MouthSmileRight": 1.0, "SmileFrownRight": 1.0, "SmileFrown": 0.5, "SmileSad": 0.5},
        ),
        ({"mouthFrownLeft": 0.5, "mouthStretchLeft": 0.8}, {"MouthSadLeft": 0.8, "SmileSadLeft": -0.8}),
        ({"mouthStretchLeft": 0.8}, {"MouthTightenerStretchLeft": -0.8, "MouthStretch": 0.4}),
        ({"mouthSmileLeft": 0.5, "mouthFrownLeft": 0.2}, {"MouthCornerYLeft": 0.3, "MouthCornerY": 0.15}),
        ({"mouthFunnel": 0.5, "mouthRollUpper": 0.2}, {"LipFunnel": 0.5, "LipSuck": 0.1, "LipSuckFunnelUpper": -0.3}),
        ({"mouthPucker": 0.5}, {"LipPuckerUpperLeft": 0.5, "LipPuckerLeft": 0.5, "LipPucker": 0.5}),
        ({"mouthUpperUpLeft": 1.0, "mouthLowerDownLeft": 1.0}, {"MouthUpperUp": 0.5, "MouthOpen": 0.5}),
        ({"cheekPuff": 0.5}, {"CheekPuffLeft": 0.5, "CheekPuffSuck": 0.5}),
        ({"mouthClose": 0.5, "tongueOut": 1.0}, {"MouthClosed": 0.5, "TongueOut": 1.0}),
        ({"mouthShrugUpper": 0.3, "jawForward": 0.2}, {"MouthRaiserUpper": 0.3, "JawZ": 0.2}),
    ],
)
def test_shapes_become_unified_expressions(weights: dict[str, float], expected: dict[str, float]) -> None:
    values = unified.solve(posed(**weights))
    assert {name: values[name] for name in expected} == pytest.approx(expected)


def test_head_turns_and_places_have_their_signs() -> None:
    values = unified.solve(posed(yaw=45.0, pitch=30.0))
    assert (values["Head/Yaw"], values["Head/Pitch"]) == pytest.approx((-0.5, -1 / 3))
    tilted = rotation.exp(np.array([0.0, 0.0, math.radians(-18)]))  # towards the performer's left shoulder
    state = to_state(Pose(tilted, np.array([0.1, 0.2, -9.0])), 0.0, 0, "tracked", 1.0)
    values = unified.solve(state)
    assert values["Head/Roll"] == pytest.approx(0.2)
    assert [values[f"Head/Pos{axis}"] for axis in "XYZ"] == pytest.approx([-0.2, 0.4, -1.0])


def test_no_value_leaves_its_range() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        weights = rng.integers(0, 2, len(ARKIT)).astype(float)
        pose = Pose(rotation.exp(rng.normal(size=3)), rng.normal(size=3), rng.uniform(-1.5, 1.5, 4), weights)
        values = unified.solve(to_state(pose, 0.0, 0, "tracked", 1.0))
        assert all(-1.0 <= v <= 1.0 for v in values.values())
        assert all(v >= 0.0 for name, v in values.items() if name not in unified.SIGNED)


# --- as bits ---------------------------------------------------------------------------------------------------------


def decoded(binary: vrchat.Binary, value: float) -> float:
    """What an avatar makes of the bools: VRCFaceTracking's documentation weighs each bit by its share of all."""
    bools = dict(binary.bools(binary.code(value)))
    size = sum(bit for bit, address in binary.bits.items() if bools[address]) / sum(binary.bits)
    return -size if bools.get(binary.negative or "") else size


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 7])
def test_bits_stand_for_the_value_as_near_as_they_can(bits: int) -> None:
    plan = vrchat.plan_blind("FT/", bits)
    jaw, mouth = (next(b for b in plan.binaries if b.name == name) for name in ("JawOpen", "MouthX"))
    assert jaw.negative is None and mouth.negative == "/avatar/parameters/FT/v2/MouthXNegative"
    for value in np.linspace(-1.0, 1.0, 41).tolist():
        assert abs(decoded(mouth, value) - value) <= 1 / 2**bits + 1e-9
        assert decoded(jaw, value) == (decoded(mouth, value) if value > 0 else 0.0)
    assert all(on for _, on in jaw.bools(jaw.code(1.0))) and not any(on for _, on in jaw.bools(jaw.code(0.0)))


def test_so_many_bits_make_no_sense() -> None:
    for bits in (-1, 8):
        with pytest.raises(ValueError, match="bits must be from 0 to 7"):
            vrchat.plan_blind("FT/", bits)


# --- the avatar's own parameters -------------------------------------------------------------------------------------


def test_an_avatar_gets_what_it_has_under_any_prefix() -> None:
    plan = vrchat.plan_for(
        {
            "/avatar/parameters/v2/JawOpen": "f",
            "/avatar/parameters/FT/v2/JawOpen": "f",
            "/avatar/parameters/Deep/Nest/v2/Head/Yaw": "f",
            "/avatar/parameters/FT/v2/JawX1": "T",
            "/avatar/parameters/FT/v2/JawX2": "F",
            "/avatar/parameters/FT/v2/JawXNegative": "F",
            "/avatar/parameters/FT/v2/JawX3": "F",
            "/avatar/parameters/FT/v2/JawX1024": "F",
            "/avatar/parameters/FT/v2/JawX" + "9" * 5000: "F",
            "/avatar/parameters/LipTrackingActive": "F",
            "/avatar/parameters/v3/JawOpen": "f",
            "/avatar/parameters/JawOpen": "f",
            "/avatar/parameters/v2/Tail": "f",
            "/avatar/parameters/notv2/JawOpen": "f",
        }
    )
    assert plan.floats == {
        "/avatar/parameters/v2/JawOpen": "JawOpen",
        "/avatar/parameters/FT/v2/JawOpen": "JawOpen",
        "/avatar/parameters/Deep/Nest/v2/Head/Yaw": "Head/Yaw",
    }
    (jaw,) = plan.binaries
    assert set(jaw.bits) == {1, 2} and jaw.negative == "/avatar/parameters/FT/v2/JawXNegative"
    assert plan.status == ("/avatar/parameters/LipTrackingActive",)
    assert plan.look and plan.lids
    messages = said(posed(jawLeft=1.0), plan)
    assert messages["/avatar/parameters/FT/v2/JawX1"] == (True,) == messages["/avatar/parameters/FT/v2/JawX2"]
    assert messages["/avatar/parameters/FT/v2/JawXNegative"] == (True,)


@pytest.mark.parametrize(
    "name, look, lids",
    [("EyeLeftX", False, True), ("EyeY", False, True), ("EyeLidLeft", True, False), ("EyeSquintLeft", True, True)],
)
def test_an_avatar_that_moves_its_own_eyes_is_left_to_it(name: str, look: bool, lids: bool) -> None:
    plan = vrchat.plan_for({f"/avatar/parameters/v2/{name}": "f"})
    assert (plan.look, plan.lids) == (look, lids)
    native = {a for a in said(posed(), plan) if a.startswith("/tracking/")}
    assert ("/tracking/eye/LeftRightPitchYaw" in native) == look
    assert ("/tracking/eye/EyesClosedAmount" in native) == lids


def test_only_news_is_sent_and_everything_once_a_second() -> None:
    writer = vrchat.Writer(vrchat.plan_blind("FT/", 0))
    full = len(writer.messages(posed()))
    assert full > len(unified.NAMES)
    again = [Message.parse(m).address for m in writer.messages(replace(posed(), timestamp=0.5))]
    assert again == ["/tracking/eye/LeftRightPitchYaw", "/tracking/eye/EyesClosedAmount"]
    opened = {Message.parse(m).address for m in writer.messages(replace(posed(jawOpen=0.5), timestamp=0.6))}
    assert opened == {*again, "/avatar/parameters/FT/v2/JawOpen"}
    assert len(writer.messages(replace(posed(), timestamp=1.6))) == full
    assert len(writer.messages(replace(posed(), timestamp=0.1))) == full, "a clock that begins anew"


def test_a_performer_who_is_gone_leaves_the_eyes_to_vrchat() -> None:
    gone = said(replace(posed(), tracking="lost"))
    assert not any(address.startswith("/tracking/") for address in gone)
    assert gone["/avatar/parameters/EyeTrackingActive"] == (False,)
    assert said(posed())["/avatar/parameters/EyeTrackingActive"] == (True,)


# --- over the wire ---------------------------------------------------------------------------------------------------


def waiting(receiver: socket.socket) -> Iterator[bytes]:
    """The datagrams that have been sent; on one computer they have arrived by then."""
    receiver.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            yield receiver.recv(65536)


def test_python_oscs_dispatcher_sees_the_demo_performer(receiver: socket.socket) -> None:
    needed("pythonosc")
    from pythonosc.dispatcher import Dispatcher

    seen: dict[str, Any] = {}
    dispatcher = Dispatcher()
    dispatcher.map("/*", lambda address, *values: seen.update({address: values}))
    output = Output(f"127.0.0.1:{receiver.getsockname()[1]}", announce="off", bits=4)
    counted = 0
    for state in (turned(), *demo()[::4]):
        output.send(state)
        seen.pop("/tracking/eye/LeftRightPitchYaw", None)
        for packet in waiting(receiver):
            assert len(packet) <= 1472
            dispatcher.call_handlers_for_packet(packet, ("127.0.0.1", 0))
        shapes, root = state.blendshapes, "/avatar/parameters/FT/v2/"
        assert seen[f"{root}JawOpen"] == pytest.approx((shapes["jawOpen"],), abs=6e-4)
        assert seen[f"{root}EyeOpenLeft"] == pytest.approx((1 - shapes["eyeBlinkLeft"],), abs=6e-4)
        assert seen[f"{root}MouthSmileRight"] == pytest.approx((shapes["mouthSmileRight"],), abs=6e-4)
        yaw, _, _ = rotation.yaw_pitch_roll(rotation.to_matrix(np.array(state.head_rotation)))
        assert seen[f"{root}Head/Yaw"] == pytest.approx((-yaw / (math.pi / 2),), abs=6e-4)
        looks = [rotation.to_matrix(np.array(state.bones[eye])) @ [0.0, 0.0, 1.0] for eye in ("leftEye", "rightEye")]
        degrees = [angle for x, y, z in looks for angle in np.degrees([-math.asin(y), -math.atan2(x, z)])]
        if state.tracking in ("tracked", "reacquired"):
            assert seen["/tracking/eye/LeftRightPitchYaw"] == pytest.approx(degrees, abs=1e-3)
            counted += 1
        assert seen["/avatar/parameters/EyeTrackingActive"] == (state.tracking in ("tracked", "reacquired"),)
        bits = sum(bit for bit in (1, 2, 4, 8) if seen[f"{root}JawOpen{bit}"] == (True,))
        assert bits == min(15, int(shapes["jawOpen"] * 16))
    output.close()
    assert counted >= 15, "every state in which the performer is seen has its look"


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="announce must be one of computer, network, off"):
        Output(announce="everywhere")
    with pytest.raises(ValueError, match="bits"):
        Output(announce="off", bits=99)


# --- OSCQuery --------------------------------------------------------------------------------------------------------


def tree(*names: str, tag: str = "f") -> bytes:
    """As VRChat answers GET /avatar."""
    nodes: dict[str, Any] = {}
    for name in names:
        node = nodes
        path = "/avatar/parameters"
        *folders, leaf = name.split("/")
        for folder in folders:
            path += f"/{folder}"
            node = node.setdefault(folder, {"FULL_PATH": path, "ACCESS": 0, "CONTENTS": {}})["CONTENTS"]
        node[leaf] = {"FULL_PATH": f"{path}/{leaf}", "ACCESS": 3, "TYPE": tag, "VALUE": [0.0]}
    parameters = {"FULL_PATH": "/avatar/parameters", "ACCESS": 0, "CONTENTS": nodes}
    change = {"FULL_PATH": "/avatar/change", "ACCESS": 1, "TYPE": "s", "VALUE": ["avtr_1"]}
    root = {"FULL_PATH": "/avatar", "ACCESS": 0, "CONTENTS": {"change": change, "parameters": parameters}}
    return msgspec.json.encode(root)


class Game:
    """A stand-in for VRChat's OSCQuery: announces itself to this computer only, and tells its avatar's parameters."""

    def __init__(self) -> None:
        self.avatar: bytes | None = None
        self.asked = 0
        game = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                game.asked += 1
                self.send_response(200 if game.avatar and self.path == "/avatar" else 404)
                self.end_headers()
                self.wfile.write(game.avatar or b"")

            def log_message(self, format: str, *args: Any) -> None: ...

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.zeroconf = Zeroconf(ip_version=IPVersion.V4Only)
        for sender in self.zeroconf.engine.senders:
            sender.sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
        name, port = f"VRChat-Client-{time.time_ns() % 10**6:06}", self.http.server_address[1]
        kind, home = oscquery.HTTP_SERVICE, [socket.inet_aton("127.0.0.1")]
        self.zeroconf.register_service(ServiceInfo(kind, f"{name}.{kind}", addresses=home, port=port))

    def find(self, service: str, name: str) -> ServiceInfo:
        found = threading.Event()

        def seen(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
            if name == wanted and state_change is ServiceStateChange.Added:
                found.set()

        wanted = f"{name}.{service}"
        browser = ServiceBrowser(self.zeroconf, service, handlers=[seen])
        assert found.wait(30), f"{wanted} was not announced"
        browser.cancel()
        info = self.zeroconf.get_service_info(service, wanted)
        assert info is not None
        return info

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.zeroconf.close()


def until(condition: Callable[[], bool]) -> bool:
    end = time.perf_counter() + 60
    while not condition() and time.perf_counter() < end:
        time.sleep(0.02)
    return condition()


def test_vrchat_finds_us_and_tells_what_its_avatar_has(receiver: socket.socket) -> None:
    vrc = Game()
    output = Output(f"127.0.0.1:{receiver.getsockname()[1]}")
    query = output._query
    assert query is not None
    try:
        # It is found, and asked until it has an avatar.
        assert until(lambda: vrc.asked >= 1)
        vrc.avatar = tree("FT/v2/JawOpen")
        assert until(lambda: list(output._plan.floats.values()) == ["JawOpen"])
        output.send(posed(jawOpen=0.25))
        messages = {m.address: m.arguments for m in osc.read(receiver.recv(65536))}
        assert messages.pop("/avatar/parameters/FT/v2/JawOpen") == (0.25,)
        assert set(messages) == {"/tracking/eye/LeftRightPitchYaw", "/tracking/eye/EyesClosedAmount"}

        # We are found, and say where we take news; the news of another avatar is followed.
        http = vrc.find(oscquery.HTTP_SERVICE, query.name)
        assert http.parsed_addresses() == ["127.0.0.1"]
        root = f"http://127.0.0.1:{http.port}"
        with urllib.request.urlopen(f"{root}/?HOST_INFO", timeout=30) as answer:
            info = json.load(answer)
        assert info["NAME"] == query.name and info["OSC_TRANSPORT"] == "UDP"
        assert info["OSC_PORT"] == vrc.find(oscquery.OSC_SERVICE, query.name).port
        with urllib.request.urlopen(root, timeout=30) as answer:
            change = json.load(answer)["CONTENTS"]["avatar"]["CONTENTS"]["change"]
        assert change["FULL_PATH"] == "/avatar/change" and change["TYPE"] == "s"
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{root}/etc/passwd", timeout=30)
        vrc.avatar = tree("v2/MouthX1", "v2/MouthX2", tag="T")
        receiver.sendto(b"nonsense", ("127.0.0.1", info["OSC_PORT"]))
        receiver.sendto(bytes(Message("/avatar/change", ("avtr_2",))), ("127.0.0.1", info["OSC_PORT"]))
        assert until(lambda: [b.name for b in output._plan.binaries] == ["MouthX"])
    finally:
        output.close()
        output.close()
        vrc.close()


def test_announcing_can_be_turned_off(receiver: socket.socket) -> None:
    output = Output(f"127.0.0.1:{receiver.getsockname()[1]}", announce="off", eyes=False)
    assert output._query is None
    output.send(to_state(REST, 0.0, 0, "tracked", 1.0))
    assert not any(m.address.startswith("/tracking/") for m in osc.read(receiver.recv(65536)))
    output.close()


GOOD = tree("FT/v2/JawOpen", "v2/JawX1", "VRCEmote")


def test_the_tree_of_an_avatar_is_read_to_its_leaves() -> None:
    assert dict(oscquery.parameters(GOOD)) == {
        "/avatar/parameters/FT/v2/JawOpen": "f",
        "/avatar/parameters/v2/JawX1": "f",
        "/avatar/parameters/VRCEmote": "f",
    }


def deep(levels: int) -> bytes:
    return tree("/".join(["x"] * levels))


@pytest.mark.parametrize(
    "document, complaint",
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no tree"),
        (b"{}", "no tree"),
        (b'{"CONTENTS":{}}', "no tree"),
        (b'{"CONTENTS":{"parameters":{"CONTENTS":[]}}}', "no tree"),
        (GOOD[: len(GOOD) // 2], "not JSON"),
        (tree(*(f"p{n}" for n in range(oscquery.MOST + 1))), "more than 10000 parameters"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_an_answer_that_is_no_tree_is_refused(document: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        oscquery.parameters(document)


def test_what_is_odd_in_a_tree_is_passed_over() -> None:
    assert oscquery.parameters(deep(40)) == {}, "deeper than any avatar's"
    assert len(oscquery.parameters(deep(10))) == 1
    assert oscquery.parameters(tree("x" * 1000)) == {}
    assert oscquery.parameters(tree("a", tag="")) == {}
    odd = b'{"CONTENTS":{"parameters":{"CONTENTS":{"a":3,"b":{"FULL_PATH":7,"TYPE":"f"},"c":{"TYPE":[]}}}}}'
    assert oscquery.parameters(odd) == {}


def test_mutated_answers_never_harm() -> None:
    for document in mutated([GOOD, tree("v2/JawX1", tag="T")]):
        try:
            known = oscquery.parameters(document)
        except ValueError:
            continue
        plan = vrchat.plan_for(known)
        vrchat.Writer(plan).messages(posed())


def test_nobody_there_to_ask_is_no_trouble() -> None:
    from vtuber import oscquery as service

    async def ask() -> None:
        with pytest.raises(OSError), socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
            await service._get("127.0.0.1", taken.getsockname()[1], "/avatar")

    asyncio.run(ask())
