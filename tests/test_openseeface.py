"""OpenSeeFace: its record against a reader written from its own code, what a network may send, real sockets."""

from __future__ import annotations

import math
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from apps import GAZE_PITCH, GAZE_YAW, PITCH, TILT, YAW, demo, packets, turned
from fuzz import mutated
from hypothesis import given
from hypothesis import strategies as st
from utils import angle_between

from vtuber import rotation
from vtuber.outputs.openseeface import Output
from vtuber.pose import REST, to_state
from vtuber.protocols import openseeface
from vtuber.protocols.openseeface import FEATURES
from vtuber.protocols.openseeface_face import FACE, NOSE_M, TWIN, UNIT_M, performance, record
from vtuber.sources.openseeface import Source
from vtuber.stages import Array, Observation
from vtuber.wire import AvatarState

GOLDEN = Path(__file__).with_name("golden") / "openseeface.bin"
FROM = ("127.0.0.1", 1)
SIZE = 1785


ONE, TWO = packets(GOLDEN)


@dataclass
class Seen:
    """A record as OpenSeeFace's receiver for Unity, OpenSee.cs with OpenSeeIKTarget.cs, takes it; Unity's axes."""

    time: float
    face: int
    size: tuple[float, ...]
    right_open: float
    left_open: float
    got_3d: bool
    error: float
    rotation: Array
    euler: tuple[float, float, float]
    place: Array
    confidence: tuple[float, ...]
    points: Array
    right_gaze: Array
    left_gaze: Array
    features: dict[str, float]


def read(data: bytes, at: int = 0) -> Seen:
    """Field by field from the sheet, and through the receiver's own formulas."""

    def floats(offset: int, count: int) -> tuple[float, ...]:
        return struct.unpack_from(f"<{count}f", data, at + offset)

    x, y, z, w = floats(33, 4)
    euler = np.array(floats(49, 3)) * [1, -1, 1]
    tx, ty, tz = floats(61, 3)
    translation = np.array([-ty, tx, -tz])
    points = np.array(floats(889, 210)).reshape(70, 3) * [1, -1, 1]
    swapped = points * [-1, 1, 1]
    return Seen(
        *struct.unpack_from("<di", data, at),
        floats(12, 2),
        *floats(20, 2),
        data[at + 28] != 0,
        floats(29, 1)[0],
        np.array([-y, -x, z, w]),
        ((-(euler[0] + 180)) % 360, euler[1], (euler[2] - 90) % 360),
        translation * [-1, 1, -1],
        floats(73, 68),
        np.array(floats(345, 136)).reshape(68, 2),
        # OpenSeeShowPoints draws the line of sight in a room where the face looks to -z: half a turn about y.
        *((swapped[pupil] - swapped[pupil + 2]) * [-1, 1, -1] for pupil in (66, 67)),
        dict(zip(FEATURES, floats(1729, 14), strict=True)),
    )


REST_SEEN = read(bytes(record(to_state(REST, 0.0, 0, "tracked", 1.0), 0.0)))


def unity_turn(seen: Seen) -> Array:
    """The receiver is calibrated to the head at rest."""
    return rotation.multiply(seen.rotation, rotation.conjugate(REST_SEEN.rotation))


def ahead(eye: tuple[float, ...]) -> Array:
    """(3,) where an eye looks, Unity's axes."""
    direction: Array = rotation.unity_position(rotation.to_matrix(np.array(eye))[:, 2])
    return direction


def check(seen: Seen, state: AvatarState) -> None:
    assert angle_between(unity_turn(seen), rotation.to_unity(np.array(state.head_rotation))) < 1e-4
    assert (seen.left_open, seen.right_open) == pytest.approx(
        (1 - state.blendshapes["eyeBlinkLeft"], 1 - state.blendshapes["eyeBlinkRight"]), abs=1e-6
    )
    for gaze, bone in ((seen.left_gaze, "leftEye"), (seen.right_gaze, "rightEye")):
        np.testing.assert_allclose(gaze / np.linalg.norm(gaze), ahead(state.bones[bone]), atol=1e-4)
    nose = np.array(state.head_position) + rotation.to_matrix(np.array(state.head_rotation)) @ NOSE_M - NOSE_M
    np.testing.assert_allclose(seen.place - REST_SEEN.place, rotation.unity_position(nose) / UNIT_M, atol=1e-5)
    assert seen.got_3d and seen.error < 100 and min(seen.confidence) > 0.2


@pytest.fixture
def output(receiver: socket.socket) -> Iterator[Output]:
    made = Output(f"127.0.0.1:{receiver.getsockname()[1]}")
    yield made
    made.close()


@pytest.fixture
def source() -> Iterator[Source]:
    made = Source("0")
    yield made
    made.close()


def nothing_more(receiver: socket.socket) -> bool:
    receiver.settimeout(0.05)
    try:
        receiver.recv(65536)
    except TimeoutError:
        return True
    finally:
        receiver.settimeout(10)
    return False


# --- the bytes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [ONE, TWO], ids=["one face", "two faces"])
def test_golden_bytes(data: bytes) -> None:
    records = openseeface.parse(data)
    assert [r.face for r in records] == list(range(len(data) // SIZE))
    assert b"".join(map(bytes, records)) == data


def test_the_record_is_that_of_the_sheet() -> None:
    seen = read(ONE)
    assert len(ONE) == SIZE and seen.time == 1.7e9 + 0.25 and seen.face == 0 and seen.size == (640, 480)
    assert (seen.left_open, seen.right_open) == (0, 1), "a left wink"
    assert seen.features["eye_l"] == pytest.approx(-0.94) and seen.features["eye_r"] == pytest.approx(0.13)
    head = rotation.from_yaw_pitch_roll(*np.radians([20.0, 10.0, 5.0]))
    assert angle_between(unity_turn(seen), rotation.to_unity(head)) < 1e-6
    assert read(TWO, SIZE).face == 1


def test_the_receiver_sees_the_turned_head() -> None:
    check(read(bytes(record(turned(), 5.0))), turned())
    assert REST_SEEN.euler == pytest.approx((0, 0, 0), abs=1e-3), "straight ahead, which the receiver's angles are told"
    assert np.degrees(math.atan2(-read(ONE).left_gaze[0], read(ONE).left_gaze[2])) == pytest.approx(15, abs=0.01)


def test_the_receiver_sees_the_demo_performer(receiver: socket.socket, output: Output) -> None:
    furthest, times = 0.0, []
    for state in demo():
        output.send(state)
        data = receiver.recv(65536)
        assert len(data) == SIZE
        seen = read(data)
        check(seen, state)
        times.append(seen.time)
        furthest = max(furthest, abs(rotation.log(unity_turn(seen))[1]))
    passed = [s.timestamp - demo()[0].timestamp for s in demo()]
    assert [t - times[0] for t in times] == pytest.approx(passed, abs=1e-5), "the source's rate"
    assert times[0] > 1e9, "the calendar's time, as OpenSeeFace's"
    assert furthest > math.radians(8), "a performer who never turns would prove nothing"


# --- several faces ---------------------------------------------------------------------------------------------------


def at(t: float, person: int, lost: bool = False) -> AvatarState:
    return replace(turned("lost" if lost else "tracked", person), timestamp=t)


def faces(receiver: socket.socket) -> list[int]:
    return [r.face for r in openseeface.parse(receiver.recv(65536))]


def test_the_faces_of_a_moment_share_a_packet(receiver: socket.socket, output: Output) -> None:
    output.send(at(1.0, 0))
    assert faces(receiver) == [0], "alone he waits for nobody"
    output.send(at(1.0, 1))
    assert faces(receiver) == [1], "a newcomer is sent at once"
    for t in (2.0, 3.0):
        for person in (0, 1):
            output.send(at(t, person))
        assert faces(receiver) == [0, 1]
    output.send(at(4.0, 0))
    output.send(at(5.0, 0))
    assert faces(receiver) == [0] and faces(receiver) == [0], "who waited for one that is gone is late once"
    output.send(at(6.0, 0))
    assert faces(receiver) == [0]
    assert nothing_more(receiver)


def test_a_lost_face_is_left_out(receiver: socket.socket, output: Output) -> None:
    for t, lost in ((1.0, False), (2.0, True)):
        for person in (0, 1):
            output.send(at(t, person, lost and person == 0))
    assert faces(receiver) == [0] and faces(receiver) == [1] and faces(receiver) == [1]
    for person in (0, 1):
        output.send(at(3.0, person, lost=True))
    assert nothing_more(receiver), "OpenSeeFace sends nothing where there is no face"


def test_no_packet_is_too_long_for_a_datagram(receiver: socket.socket, output: Output) -> None:
    for person in range(50):
        output.send(at(1.0, person))
        assert faces(receiver) == [person]
    for person in range(50):
        output.send(at(2.0, person))
    assert faces(receiver) == list(range(openseeface.MOST))


# --- the made-up face ------------------------------------------------------------------------------------------------


def test_the_face_is_one() -> None:
    assert 2 * len(TWIN) + 10 == 70, "all but chin, nose and the middles of the lips"
    mirrored = FACE[[{**TWIN, **{v: k for k, v in TWIN.items()}}.get(i, i) for i in range(70)]] * [-1, 1, 1]
    np.testing.assert_allclose(FACE, mirrored, atol=1e-7)
    picture = read(bytes(record(to_state(REST, 0.0, 0, "tracked", 1.0), 0.0))).points
    assert (picture > 0).all() and (picture < [640, 480]).all(), "in the picture"
    left_to_right = [0, 36, 39, 30, 42, 45, 16]  # the performer's right ear first, at the left of the picture
    assert (np.diff(picture[left_to_right, 0]) > 5).all()
    downwards = [19, 37, 41, 30, 33, 50, 55, 8]
    assert (np.diff(picture[downwards, 1]) > 2).all()
    assert np.linalg.norm(picture[36] - picture[45]) / 640 * 0.525 == pytest.approx(0.089, abs=0.01), (
        "as wide as a face"
    )


@pytest.mark.parametrize(
    "shape, point, direction",
    [
        ("eyeBlinkLeft", 43, (0, 1)), ("eyeWideRight", 38, (0, -1)), ("jawOpen", 8, (0, 1)), ("jawOpen", 64, (0, 1)),
        ("browInnerUp", 21, (0, -1)), ("browDownLeft", 22, (0, 1)), ("mouthSmileLeft", 62, (1, -1)),
        ("mouthFrownRight", 58, (0, 1)), ("mouthPucker", 58, (1, 0)), ("mouthLeft", 50, (1, 0)),
    ],
)  # fmt: skip
def test_shapes_move_its_points_the_right_way(shape: str, point: int, direction: tuple[int, int]) -> None:
    def picture(weight: float) -> Array:
        state = to_state(REST, 0.0, 0, "tracked", 1.0)
        return read(bytes(record(replace(state, blendshapes={shape: weight}), 0.0))).points

    moved = picture(1.0) - picture(0.0)
    for axis, sign in enumerate(direction):
        assert moved[point, axis] * sign > 1 if sign else abs(moved[point, axis]) < 1
    assert abs(moved[27]).max() < 1e-9, "the nose stays"


@pytest.mark.parametrize(
    "shape, feature, sign",
    [
        ("eyeBlinkLeft", "eye_l", -1), ("eyeWideRight", "eye_r", 1), ("browInnerUp", "eyebrow_updown_l", 1),
        ("browOuterUpRight", "eyebrow_updown_r", 1), ("browDownLeft", "eyebrow_updown_l", -1),
        ("mouthSmileLeft", "mouth_corner_updown_l", -1), ("mouthFrownRight", "mouth_corner_updown_r", 1),
        ("mouthLeft", "mouth_corner_inout_l", 1), ("mouthLeft", "mouth_corner_inout_r", -1),
        ("jawOpen", "mouth_open", 1), ("mouthPucker", "mouth_wide", -1), ("mouthStretchLeft", "mouth_wide", 1),
    ],
)  # fmt: skip
def test_shapes_are_the_features(shape: str, feature: str, sign: int) -> None:
    state = to_state(REST, 0.0, 0, "tracked", 1.0)
    features = read(bytes(record(replace(state, blendshapes={shape: 1.0}), 0.0))).features
    assert features[feature] * sign >= 0.5
    other = feature[:-1] + {"l": "r", "r": "l"}.get(feature[-1], feature[-1])
    if shape.endswith(("Left", "Right")) and feature[-2] == "_" and shape != "mouthLeft":
        assert features[other] == 0


# --- there and back --------------------------------------------------------------------------------------------------


def test_a_turned_head_comes_back_over_a_socket(source: Source) -> None:
    output = Output(f"127.0.0.1:{source.port}")
    output.send(turned())
    seen = next(iter(source))
    output.close()
    assert isinstance(seen, Observation) and seen.performance is not None and seen.person == 0
    said = seen.performance
    assert said.rotation is not None and said.position is not None and said.gaze is not None
    head = rotation.from_yaw_pitch_roll(math.radians(YAW), math.radians(PITCH), -math.radians(TILT))
    assert math.degrees(angle_between(said.rotation, head)) < 0.001
    neutral = performance(record(to_state(REST, 0.0, 0, "tracked", 1.0), 0.0))
    assert neutral is not None and neutral.position is not None
    np.testing.assert_allclose(said.position - neutral.position, turned().head_position, atol=1e-6)
    assert np.degrees(said.gaze) == pytest.approx([GAZE_YAW, GAZE_PITCH] * 2, abs=0.01)
    weights = said.blendshapes
    assert weights is not None and weights["eyeBlinkLeft"] == 1 and weights["eyeBlinkRight"] == 0
    assert weights["jawOpen"] == pytest.approx(0.35) and weights["mouthSmileLeft"] == pytest.approx(0.5)
    assert weights["mouthSmileRight"] == 0


def test_every_face_of_a_packet_is_a_performer(source: Source) -> None:
    seen = list(source.observe(TWO, 3.0, FROM))
    assert [(o.person, o.timestamp) for o in seen] == [(0, 3.0), (1, 3.0)]
    assert all(o.performance is not None for o in seen)


def test_a_face_without_a_pose_is_nobody(source: Source) -> None:
    (seen,) = source.observe(ONE[:28] + b"\0" + ONE[29:], 0.0, FROM)
    assert seen.performance is None


def test_without_a_gaze_the_eyes_are_left_to_others() -> None:
    (r,) = openseeface.parse(ONE)
    said = performance(replace(r, points=np.zeros((70, 3), np.float32)))
    assert said is not None and said.gaze is None


def test_it_listens_on_loopback_and_says_so(source: Source) -> None:
    assert source.describe() == f"OpenSeeFace on 127.0.0.1:{source.port} (this computer only)"


# --- whatever may come -----------------------------------------------------------------------------------------------


def changed(at: int, new: bytes) -> bytes:
    return ONE[:at] + new + ONE[at + len(new) :]


@pytest.mark.parametrize(
    "data, complaint",
    [
        (b"", "0 bytes, not 1 to 36 records of 1785"),
        (ONE[:-1], "1784 bytes"),
        (ONE + b"\0", "1786 bytes"),
        (ONE * 37, "66045 bytes"),
        (changed(33, struct.pack("<f", math.nan)), "quaternion holds a number that is not finite"),
        (changed(61, struct.pack("<f", math.inf)), "translation holds"),
        (changed(20, struct.pack("<f", -math.inf)), "right_open holds"),
        (changed(1729 + 48, struct.pack("<f", math.nan)), "features holds"),
        (changed(889, struct.pack("<f", math.nan)), "points holds"),
        (changed(33, bytes(16)), "not a rotation"),
        (changed(61, struct.pack("<f", 1e30)), "a head .* m away"),
        (changed(8, struct.pack("<i", -1)), "a face with the id -1"),
        (changed(8, struct.pack("<i", 2**31 - 1)), "a face with the id 2147483647"),
    ],
    ids=[
        "empty", "a byte short", "a byte too long", "too many faces", "NaN", "infinity", "minus infinity",
        "NaN in a feature", "NaN in a point", "no rotation", "too far away", "a negative id", "an id beyond all counts",
    ],
)  # fmt: skip
def test_what_is_broken_is_refused_in_one_sentence(data: bytes, complaint: str, source: Source) -> None:
    with pytest.raises(ValueError, match=complaint) as caught:
        list(source.observe(data, 0.0, FROM))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


def survives(data: bytes) -> bool:
    """Whether it was understood; nothing but a ValueError may leave, and no number that makes no pose."""
    try:
        said = [performance(r) for r in openseeface.parse(data)]
    except ValueError:
        return False
    for one in said:
        if one is not None:
            assert one.rotation is not None and abs(float(np.linalg.norm(one.rotation)) - 1) < 1e-6
            assert one.position is not None and np.isfinite(one.position).all()
            assert one.gaze is None or np.isfinite(one.gaze).all()
            assert one.blendshapes is not None and all(0 <= w <= 1 for w in one.blendshapes.values())
    return True


@given(st.binary(max_size=200), st.integers(0, SIZE))
def test_anything_at_all(data: bytes, at: int) -> None:
    survives(data)
    survives((ONE[:at] + data + ONE[at:])[:SIZE])


def test_mutated_packets_do_no_harm_and_the_next_good_one_works() -> None:
    """A million were run once; see tests/fuzz.py."""
    understood = tried = 0
    for tried, data in enumerate(mutated([ONE, TWO]), 1):
        whole = len(data) // SIZE * SIZE
        understood += survives(data[:whole] if tried % 2 else data)
        if tried % 1000 == 0:
            assert bytes(openseeface.parse(ONE)[0]) == ONE
    assert 0 < understood < tried
