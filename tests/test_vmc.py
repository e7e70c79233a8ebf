"""VMC: golden packets, readers that are not ours, the source over a real socket, and what is broken."""

from __future__ import annotations

import json
import math
import socket
import struct
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from apps import AT_REST, demo, packets, turned
from conftest import needed
from fuzz import mutated
from utils import angle_between

from vtuber import rotation
from vtuber.outputs.vmc import Output
from vtuber.pose import REST, to_state
from vtuber.protocols import osc, vmc, vmc_reader
from vtuber.protocols.osc import Message
from vtuber.protocols.vmc_reader import Reader, performance
from vtuber.sources.vmc import Source
from vtuber.stages import Observation, Performance, VTuberError
from vtuber.wire import ARKIT, PRESETS, AvatarState

GOLDEN = Path(__file__).parent / "golden"
sys.path.insert(0, str(GOLDEN))
import make_vmc  # noqa: E402

PACKETS = packets(make_vmc.PACKETS)


def frames_of(packets: list[bytes]) -> list[vmc_reader.Frame]:
    reader = Reader()
    return [frame for packet in packets for frame in reader.feed(packet)]


# --- golden bytes ----------------------------------------------------------------------------------------------------


def test_golden_packets_hold_what_was_written_beside_them() -> None:
    assert make_vmc.truth(PACKETS) == json.loads(make_vmc.TRUTH.read_text(encoding="utf-8"))


def test_golden_packets_decoded_and_encoded_again_are_the_same_bytes() -> None:
    for packet in PACKETS:
        messages = [bytes(m) for m in osc.read(packet)]
        if packet.startswith(b"/"):
            assert messages == [packet]
        elif packet.count(osc.BUNDLE) == 1:
            assert list(osc.bundles(messages)) == [packet]
        else:
            assert list(osc.bundles([next(osc.bundles(messages[:2])), *messages[2:]])) == [packet]


def test_a_state_is_still_written_as_the_golden_packets_are() -> None:
    assert make_vmc.packets() == PACKETS


def test_golden_frames_are_the_state_they_were_made_of() -> None:
    state = make_vmc.turned()
    first, second, third = frames_of(PACKETS)
    assert (first.tracked, first.time) == (True, 0.0)
    said = performance(first)
    same_performance(said, state)
    assert angle_between(said.bones["leftUpperArm"], (0.0, 0.0, -0.6, 0.8)) < 1e-6
    assert {"hips", "spine", "chest", "upperChest", "leftThumbMetacarpal", "rightUpperArm"} <= said.bones.keys()
    assert not {"neck", "head", "leftEye", "rightEye"} & said.bones.keys()
    assert not second.tracked and second.time == 0.0
    assert third.tracked and third.weights["blinkLeft"] == 1.0


def same_performance(said: Performance, state: AvatarState) -> None:
    assert said.rotation is not None and angle_between(said.rotation, state.head_rotation) < math.radians(0.01)
    assert said.position is not None and said.gaze is not None
    place = np.array(state.head_position) + np.array(vmc.REST["hips"])
    np.testing.assert_allclose(said.position, place, atol=1e-6)
    for (yaw, pitch), eye in zip(said.gaze.reshape(2, 2), ("leftEye", "rightEye"), strict=True):
        assert angle_between(rotation.from_yaw_pitch(yaw, pitch), state.bones[eye]) < math.radians(0.01)
    assert said.blendshapes == pytest.approx(dict(state.blendshapes), abs=1e-6)
    assert said.expressions == pytest.approx({**state.expressions, "blink": 0.0}, abs=1e-6)


# --- what is sent ----------------------------------------------------------------------------------------------------


def sent(state: AvatarState, *names: str, **settings: bool) -> list[Message]:
    return [Message.parse(m) for m in vmc.Writer(names or ("vrm0", "arkit"), **settings).packets(state)]


def values(messages: list[Message]) -> dict[Any, Any]:
    return {m.arguments[0]: m.arguments[1] for m in messages if m.address == "/VMC/Ext/Blend/Val"}


def bones(messages: list[Message]) -> dict[Any, Any]:
    return {m.arguments[0]: m.arguments[1:] for m in messages if m.address == "/VMC/Ext/Bone/Pos"}


@pytest.mark.parametrize(
    "names, wink, jaw",
    [(("vrm0",), "Blink_L", None), (("vrm1",), "blinkLeft", None), (("arkit",), "EyeBlinkLeft", "JawOpen")],
)
def test_weights_go_under_the_names_of_each_vocabulary(names: tuple[str, ...], wink: str, jaw: str | None) -> None:
    state = make_vmc.turned()
    found = values(sent(state, *names))
    assert found[wink] == pytest.approx(0.95)
    assert len(found) == (len(PRESETS) if jaw is None else len(ARKIT))
    assert jaw is None or found[jaw] == pytest.approx(state.blendshapes["jawOpen"])
    if names == ("vrm0",):
        assert set(found) >= {"Joy", "Angry", "Sorrow", "Fun", "A", "I", "U", "E", "O", "Blink", "Blink_R", "LookUp"}


def test_every_frame_is_complete_and_in_order() -> None:
    for state in (make_vmc.turned(), to_state(REST, 0.0, 0, "lost", 0.0)):
        messages = sent(state)
        kinds = list(dict.fromkeys(m.address.removeprefix("/VMC/Ext/") for m in messages))
        assert kinds == ["OK", "T", "Root/Pos", "Bone/Pos", "Blend/Val", "Blend/Apply"]
        assert len(values(messages)) == len(PRESETS) + len(ARKIT), "zeros too"
        assert {"Hips", "Spine", "Chest", "UpperChest", "Neck", "Head", "LeftEye", "RightEye"} <= bones(messages).keys()


@pytest.mark.parametrize("tracking, good", [("tracked", 1), ("reacquired", 1), ("coasting", 0), ("lost", 0)])
def test_ok_says_whether_the_performer_is_seen(tracking: Any, good: int) -> None:
    ok = sent(replace(make_vmc.turned(), tracking=tracking))[0]
    assert ok == Message("/VMC/Ext/OK", (1, 3, 0, good))


def test_arms_hang_down_unless_someone_moves_them() -> None:
    state = to_state(REST, 0.0, 0, "tracked", 1.0)
    left = np.array(bones(sent(state))["LeftUpperArm"][3:])
    right = np.array(bones(sent(state))["RightUpperArm"][3:])
    # In the T-pose the left arm points to the avatar's left, which in Unity is -x.
    for q, out in ((left, -1.0), (right, 1.0)):
        hand = rotation.to_matrix(q) @ np.array([out, 0.0, 0.0])
        assert hand[1] < -0.8, "down"
    assert "LeftUpperArm" not in bones(sent(state, relaxed=False))
    raised = replace(state, bones={**state.bones, "leftUpperArm": (0.0, 0.0, 0.6, 0.8)})
    assert bones(sent(raised))["LeftUpperArm"][5] == pytest.approx(-0.6)


def test_bones_have_unitys_names() -> None:
    assert len(vmc.HUMANOID) == len(set(vmc.UNITY_BONE.values())) == 55
    assert vmc.UNITY_BONE["leftThumbMetacarpal"] == "LeftThumbProximal"
    assert vmc.UNITY_BONE["leftThumbProximal"] == "LeftThumbIntermediate"
    assert vmc.UNITY_BONE["rightLittleDistal"] == "RightLittleDistal"
    assert vmc_reader.BONES["LeftThumbProximal"] == "leftThumbMetacarpal"


def test_bones_rest_where_the_default_avatars_do() -> None:
    path = Path(__file__).parents[1] / "vtuber" / "built" / "avatars" / "default.vrm"
    if not path.exists():
        pytest.skip("vtuber/built is not complete: pip install -e . makes it")
    data = path.read_bytes()
    scene = json.loads(data[20 : 20 + struct.unpack_from("<I", data, 12)[0]])
    humanoid = scene["extensions"]["VRMC_vrm"]["humanoid"]["humanBones"]
    for name, place in vmc.REST.items():
        node = scene["nodes"][humanoid[name]["node"]]
        np.testing.assert_allclose(place, node.get("translation", (0.0, 0.0, 0.0)), atol=0.002, err_msg=name)
    left, right = (bones(sent(make_vmc.turned()))[f"{side}Eye"][:3] for side in ("Left", "Right"))
    assert left == pytest.approx((-0.017, 0.082, 0.016)) and right == pytest.approx((0.017, 0.082, 0.016))


def test_a_bone_that_is_none_of_vrms_is_left_out() -> None:
    state = replace(make_vmc.turned(), bones={"tail": (0.0, 0.0, 0.0, 1.0)})
    assert "tail" not in {str(b).lower() for b in bones(sent(state))}


def test_an_unknown_vocabulary_is_refused() -> None:
    with pytest.raises(ValueError, match="names must be some of"):
        vmc.Writer(["vrm2"])
    with pytest.raises(ValueError, match="names must be some of"):
        Output(names="")


# --- the performance of the demo performer, as others read it --------------------------------------------------------


def received(receiver: socket.socket, state: AvatarState, output: Output) -> list[bytes]:
    """The datagrams of one state; the last carries the Apply."""
    output.send(state)
    found: list[bytes] = []
    while not found or b"/VMC/Ext/Blend/Apply" not in found[-1]:
        found.append(receiver.recv(65536))
    return found


def unity_forward(q: Any) -> Any:
    """Where an avatar that faces +z looks, by the rotation formula that both hands share."""
    return rotation.to_matrix(np.array(q)) @ np.array([0.0, 0.0, 1.0])


def check_as_unity_would(state: AvatarState, turns: dict[str, Any], weights: dict[str, float]) -> None:
    """Names, signs and units: left of an avatar that faces +z is -x in Unity's left-handed frame."""
    head = np.array([0.0, 0.0, 0.0, 1.0])
    for bone in ("Hips", "Spine", "Chest", "UpperChest", "Neck", "Head"):
        head = rotation.multiply(head, np.array(turns.get(bone, AT_REST)))
    x, y, z = unity_forward(head)
    yaw, pitch, roll = rotation.yaw_pitch_roll(rotation.to_matrix(np.array(state.head_rotation)))
    assert math.atan2(-x, z) == pytest.approx(yaw, abs=1e-4)
    assert math.asin(y) == pytest.approx(pitch, abs=1e-4)
    upright = rotation.to_matrix(head)
    assert math.atan2(-upright[1, 0], upright[1, 1]) == pytest.approx(roll, abs=1e-4)
    eye = unity_forward(turns["LeftEye"])
    gaze = rotation.to_matrix(np.array(state.bones["leftEye"])) @ np.array([0.0, 0.0, 1.0])
    assert (-eye[0], eye[1]) == pytest.approx((gaze[0], gaze[1]), abs=1e-4)
    assert weights["Blink_L"] == pytest.approx(state.expressions["blinkLeft"], abs=1e-6)
    assert weights["Blink_R"] == pytest.approx(state.expressions["blinkRight"], abs=1e-6)
    for name in ARKIT:
        assert weights[name[0].upper() + name[1:]] == pytest.approx(state.blendshapes[name], abs=1e-6)


@pytest.mark.parametrize("bundle", [True, False], ids=["bundled", "single"])
def test_python_oscs_dispatcher_sees_the_demo_performer(receiver: socket.socket, bundle: bool) -> None:
    needed("pythonosc")
    from pythonosc.dispatcher import Dispatcher

    turns: dict[str, Any] = {}
    weights: dict[str, float] = {}
    applied: list[float] = []
    clock: list[float] = []
    dispatcher = Dispatcher()
    dispatcher.map("/VMC/Ext/Bone/Pos", lambda _, name, *numbers: turns.update({name: numbers[3:]}))
    dispatcher.map("/VMC/Ext/Blend/Val", lambda _, name, weight: weights.update({name: weight}))
    dispatcher.map("/VMC/Ext/T", lambda _, t: clock.append(t))
    dispatcher.map("/VMC/Ext/Blend/Apply", lambda _: applied.append(clock[-1]))
    output = Output(f"127.0.0.1:{receiver.getsockname()[1]}", bundle=bundle)
    states = [turned(), *demo()[:: 1 if bundle else 10]]
    for state in states:
        turns.clear()
        for packet in received(receiver, state, output):
            assert len(packet) <= 1472 and packet.startswith(b"#bundle" if bundle else b"/")
            dispatcher.call_handlers_for_packet(packet, ("127.0.0.1", 0))
        check_as_unity_would(state, turns, weights)
    output.close()
    assert applied == pytest.approx([s.timestamp - states[0].timestamp for s in states], abs=1e-4), "the source's rate"
    furthest = max(abs(rotation.log(np.array(s.head_rotation))[1]) for s in states[1:])
    assert furthest > math.radians(8), "a performer who never turns would prove nothing"


def test_vmcp_sees_the_demo_performer(receiver: socket.socket) -> None:
    """osc4py3 reads the packets, vmcp what they mean; its enumerations know only Unity's bones."""
    events = needed("vmcp.events")
    packets = needed("osc4py3.oscbuildparse")
    kinds = (
        events.RootTransformEvent, events.BoneTransformEvent, events.BlendShapeEvent,
        events.BlendShapeApplyEvent, events.StateEvent, events.RelativeTimeEvent,
    )  # fmt: skip
    by_address = {kind.ADDRESS_PATTERN: kind for kind in kinds}
    output = Output(f"127.0.0.1:{receiver.getsockname()[1]}")
    for state in (turned(), *demo()[::5]):
        found = [
            by_address[m.addrpattern].from_message_data("demo", m.addrpattern, m.arguments)
            for packet in received(receiver, state, output)
            for m in packets.decode_packet(packet).elements
        ]
        moved = [e for e in found if isinstance(e, events.BoneTransformEvent)]
        turns = {e.joint.value: (e.rotation.x, e.rotation.y, e.rotation.z, e.rotation.w) for e in moved}
        check_as_unity_would(state, turns, {e.key: e.value for e in found if isinstance(e, events.BlendShapeEvent)})
        (ok,) = (e for e in found if isinstance(e, events.StateEvent))
        assert ok.model_state.value == 1
        assert ok.tracking_state.value == (state.tracking in ("tracked", "reacquired"))
    output.close()


def test_only_the_chosen_performer_is_sent(receiver: socket.socket) -> None:
    output = Output(f"127.0.0.1:{receiver.getsockname()[1]}", person=1)
    state = make_vmc.turned()
    output.send(state)
    packets = received(receiver, replace(state, person=1, head_position=(0.5, 0.0, 0.0)), output)
    (root,) = [m for p in packets for m in osc.read(p) if m.address == "/VMC/Ext/Root/Pos"]
    assert root.arguments[1] == -0.5, "nothing of the other performer came before"
    output.close()


# --- the source ------------------------------------------------------------------------------------------------------


def test_what_goes_out_comes_in_again() -> None:
    source = Source("0")
    output = Output(f"127.0.0.1:{source.port}")
    items = iter(source)
    for state in (make_vmc.turned(), *demo()[:40:8]):
        output.send(state)
        seen = next(items)
        assert isinstance(seen, Observation) and seen.performance is not None and seen.face is None
        same_performance(seen.performance, state)
    output.send(to_state(REST, 9.0, 0, "lost", 0.0))
    seen = next(items)
    assert isinstance(seen, Observation) and seen.performance is None, "the app sees nobody"
    assert next(items) is None
    assert source.statistics is not None and source.statistics.refused == 0
    output.close()
    source.close()
    assert list(items) == []


def test_the_source_says_where_it_listens_and_what_to_do_when_the_port_is_taken() -> None:
    source = Source("0")
    assert source.describe() == f"VMC on 127.0.0.1:{source.port} (this computer only)"
    with pytest.raises(VTuberError, match="is taken"):
        Source(str(source.port))
    source.close()


def test_a_broken_packet_is_counted_and_the_next_one_works() -> None:
    source = Source("0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for packet in (b"hello", PACKETS[0][:-6], *PACKETS[:5]):
            out.sendto(packet, ("127.0.0.1", source.port))
    (seen,) = (item for item, _ in zip(source, range(2), strict=False) if item is not None)
    assert isinstance(seen, Observation) and seen.performance is not None
    same_performance(seen.performance, make_vmc.turned())
    assert source.statistics is not None
    assert (source.statistics.received, source.statistics.refused) == (7, 2)
    source.close()


def said(*messages: Message) -> list[vmc_reader.Frame]:
    return frames_of([bytes(m) for m in messages])


def bone(name: str, *numbers: float) -> Message:
    return Message("/VMC/Ext/Bone/Pos", (name, *(numbers or (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0))))


def value(name: str, weight: float) -> Message:
    return Message("/VMC/Ext/Blend/Val", (name, weight))


APPLY = Message("/VMC/Ext/Blend/Apply")


@pytest.mark.parametrize(
    "spelling, ours",
    [
        ("JawOpen", "jawOpen"), ("jawOpen", "jawOpen"), ("JAWOPEN", "jawOpen"), ("Blink_L", "blinkLeft"),
        ("BLINK_L", "blinkLeft"), ("blinkLeft", "blinkLeft"), ("Joy", "happy"), ("Fun", "relaxed"), ("A", "aa"),
        ("aa", "aa"), ("Surprised", "surprised"), ("eyeBlink_L", "eyeBlinkLeft"), ("EyeBlinkLeft", "eyeBlinkLeft"),
        ("mouthSmile_R", "mouthSmileRight"), ("LookLeft", "lookLeft"),
    ],
)  # fmt: skip
def test_weights_are_known_in_any_common_spelling(spelling: str, ours: str) -> None:
    (frame,) = said(value(spelling, 0.5), APPLY)
    assert frame.weights == {ours: 0.5}


def test_values_count_once_they_are_applied() -> None:
    frames = said(value("Joy", 0.5), APPLY, bone("Head"), value("Joy", 1.0), bone("Head"), APPLY)
    assert [f.weights for f in frames] == [{"happy": 0.5}, {"happy": 0.5}, {"happy": 1.0}]


def test_an_app_that_never_applies_is_understood() -> None:
    cycle = [bone("Head"), bone("Neck"), value("Joy", 0.25), value("A", 1.0)]
    frames = said(*cycle, *cycle, *cycle)
    assert [f.weights for f in frames] == [{"happy": 0.25, "aa": 1.0}] * 2, "one frame late, but no more and no fewer"
    frames = said(value("Joy", 0.1), value("Joy", 0.2), value("Joy", 0.3))
    assert [f.weights["happy"] for f in frames] == pytest.approx([0.1, 0.2])
    assert len(said(*[bone("Head")] * 5)) == 4


def test_a_lost_apply_costs_one_frame() -> None:
    reader = Reader()
    values_ = [value("Joy", 0.2), value("A", 0.2)]
    steps = [*values_, APPLY, *values_, *values_, APPLY]
    assert [len(reader.feed(bytes(m))) for m in steps] == [0, 0, 1, 0, 0, 1, 0, 1]


@pytest.mark.parametrize(
    "arguments, tracked",
    [
        ((1,), True),
        ((0,), False),
        ((1, 3, 0), True),
        ((1, 3, 0, 1), True),
        ((1, 3, 0, 0), False),
        ((0, 3, 0, 1), False),
    ],
)
def test_ok_of_every_version(arguments: tuple[int, ...], tracked: bool) -> None:
    (frame,) = said(Message("/VMC/Ext/OK", arguments), APPLY)
    assert frame.tracked is tracked


def test_arguments_of_later_versions_are_passed_over() -> None:
    root = Message("/VMC/Ext/Root/Pos", ("root", *[0.0] * 6, 1.0, *[1.0] * 3, *[0.0] * 3))
    (frame,) = said(root, bone("Head", *[0.0] * 6, 2.0, 9.0), Message("/VMC/Ext/T", (1, "x")), APPLY)
    assert frame.root == (0.0, 0.0, 0.0) and frame.time == 1.0
    assert frame.bones["head"][1] == (0.0, 0.0, 0.0, 1.0), "of unit length"


def test_of_what_was_not_sent_nothing_is_said() -> None:
    said_ = performance(said(value("Joy", 1.0), APPLY)[0])
    assert said_.rotation is None and said_.position is None and said_.gaze is None and said_.blendshapes is None
    assert said_.expressions == {"happy": 1.0} and said_.bones == {}
    (turned,) = said(bone("RightEye", 0.0, 0.0, 0.0, 0.0, -0.1, 0.0, 1.0), APPLY)
    gaze = performance(turned).gaze
    assert gaze is not None and gaze[0] == gaze[2] > 0.1, "one eye speaks for both, to the left is positive"


def test_hips_place_and_turn_the_avatar_unless_told_otherwise() -> None:
    turn = (0.0, math.sin(0.2), 0.0, math.cos(0.2))  # 0.4 to the right in Unity
    body = [bone("Hips", 0.1, 0.9, 0.0, *turn), bone("Spine", 0.0, 0.0, 0.0, *turn), bone("Head")]
    (frame,) = said(Message("/VMC/Ext/Root/Pos", ("root", 0.2, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)), *body, APPLY)
    with_hips, without = performance(frame), performance(frame, hips=False)
    assert with_hips.position == pytest.approx([-0.3, 0.9, 0.0]) and "hips" in with_hips.bones
    assert without.position == pytest.approx([-0.2, 0.0, 0.0]) and "hips" not in without.bones
    assert with_hips.rotation is not None and without.rotation is not None
    assert angle_between(with_hips.rotation, rotation.from_yaw_pitch(-0.8, 0.0)) < 1e-6
    assert angle_between(without.rotation, rotation.from_yaw_pitch(-0.4, 0.0)) < 1e-6
    (headless,) = said(*body[:2], APPLY)
    assert performance(headless).rotation is None and set(performance(headless).bones) == {"hips", "spine"}


# --- what is broken --------------------------------------------------------------------------------------------------

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    "message, complaint",
    [
        (bone("Head", 0, 0, 0, NAN, 0, 0, 1), "not finite"),
        (bone("Head", INF, 0, 0, 0, 0, 0, 1), "not finite"),
        (bone("Head", 0, 0, 0, 0, 0, 0, -INF), "not finite"),
        (bone("Head", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), "has the length 0"),
        (bone("Head", 0, 0, 0, 3e38, 3e38, 0, 0), "has the length"),
        (bone("Head", 1e9, 0, 0, 0, 0, 0, 1), "a kilometre away"),
        (bone("Head", 0, 0, 0, 0, 0, 1), "a name and seven numbers"),
        (Message("/VMC/Ext/Bone/Pos", (1.0,) * 8), "a name and seven numbers"),
        (Message("/VMC/Ext/Bone/Pos", ("Head", "x", *[0.0] * 6)), "is not a number: 'x'"),
        (Message("/VMC/Ext/Bone/Pos"), "a name and seven numbers"),
        (value("Joy", NAN), "not finite"),
        (value("Joy", -INF), "not finite"),
        (Message("/VMC/Ext/Blend/Val", ("Joy",)), "a name and a number"),
        (Message("/VMC/Ext/Blend/Val", (0.5, 0.5)), "a name and a number"),
        (Message("/VMC/Ext/Blend/Val", ("Joy", True)), "is not a number: True"),
        (Message("/VMC/Ext/T", (NAN,)), "not finite"),
        (Message("/VMC/Ext/T"), "needs 1 numbers, has 0"),
        (Message("/VMC/Ext/OK"), "says nothing"),
        (Message("/VMC/Ext/OK", ("yes",)), "is not a number"),
        (Message("/VMC/Ext/Root/Pos", ("root", 0.0)), "a name and seven numbers"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_a_message_that_makes_no_sense_is_passed_over_and_the_rest_counts(message: Message, complaint: str) -> None:
    reader = Reader()
    good = [bone("Head"), value("A", 0.5), APPLY]
    (packet,) = osc.bundles(bytes(m) for m in (message, *good))
    (frame,) = reader.feed(packet)
    assert complaint in reader.refused and message.address in reader.refused
    assert frame.bones == {"head": ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))} and frame.weights == {"aa": 0.5}
    (again,) = reader.feed(packet[:0] + next(osc.bundles(map(bytes, good))))
    assert again == frame and reader.refused == ""


def test_oversized_names_leave_no_trace() -> None:
    reader = Reader()
    for n in range(200):
        name = f"{n}" + "x" * 60_000
        reader.feed(bytes(bone(name)))
        assert reader.feed(bytes(value(name, 0.5))) == []
    (frame,) = reader.feed(bytes(APPLY))
    assert frame.bones == {} and frame.weights == {}


def test_weights_stay_between_0_and_1() -> None:
    (frame,) = said(value("Joy", 7.0), value("A", -3.0), APPLY)
    assert frame.weights == {"happy": 1.0, "aa": 0.0}


@pytest.mark.parametrize(
    "packet, complaint",
    [
        (osc.BUNDLE + osc.IMMEDIATELY + struct.pack(">i", 4000) + bytes(bone("Head")), "names 4000 bytes"),
        (bytes(bone("Head"))[:-4], "beyond the packet"),
        (bytes(value("Joy", 0.5)).replace(b"Joy", b"J\xffy"), "not UTF-8"),
        (b"", "must begin with its address"),
    ],
)
def test_a_packet_that_is_no_osc_is_refused_whole(packet: bytes, complaint: str) -> None:
    reader = Reader()
    with pytest.raises(ValueError, match=complaint):
        reader.feed(packet)
    assert len(reader.feed(bytes(APPLY))) == 1


def survives(reader: Reader, data: bytes) -> None:
    try:
        frames = reader.feed(data)
    except ValueError:
        return
    for frame in frames:
        said_ = performance(frame)
        rows = [said_.rotation, said_.position, said_.gaze, *said_.bones.values()]
        assert all(np.isfinite(row).all() for row in rows if row is not None)
        weights = {**(said_.blendshapes or {}), **(said_.expressions or {})}
        assert all(0.0 <= w <= 1.0 for w in weights.values()) and len(weights) <= len(ARKIT) + len(PRESETS)


def test_mutated_packets_never_harm_the_reader() -> None:
    reader = Reader()
    for data in mutated(PACKETS):
        survives(reader, data)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for data in mutated(PACKETS, 1000, seed=2):
        survives(reader, data)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 2_000_000
    good = [frame for packet in PACKETS[:5] for frame in reader.feed(packet)]
    assert good, "good packets after all the bad ones"
    same = performance(good[-1])
    assert same.rotation is not None
    assert angle_between(same.rotation, make_vmc.turned().head_rotation) < math.radians(0.01)


def test_any_messages_at_all() -> None:
    hypothesis = needed("hypothesis")
    st = hypothesis.strategies
    address = st.sampled_from(["OK", "T", "Root/Pos", "Bone/Pos", "Blend/Val", "Blend/Apply"]).map("/VMC/Ext/".__add__)
    name = st.sampled_from(["Head", "Joy", "root", "JawOpen", "", "\0x", "é" * 99])
    argument = st.one_of(name, st.floats(width=32), st.integers(-(2**31), 2**31 - 1), st.booleans(), st.binary())
    message = st.builds(Message, address, st.lists(argument, max_size=10).map(tuple))
    reader = Reader()

    @hypothesis.settings(max_examples=300, deadline=None, database=None)
    @hypothesis.given(st.lists(message, max_size=6))
    def check(messages: list[Message]) -> None:
        for packet in osc.bundles(map(bytes, messages)):
            survives(reader, packet)

    check()
