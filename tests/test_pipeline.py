"""Performer and pipeline: pure steps, bad numbers, several people, failing outputs, and a tracker that is too slow."""

from __future__ import annotations

import logging
import math
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from utils import CAMERA, FPS, angle_between, face_at, head_turn, numbers, random_rotation, seen, to_opencv

from vtuber import parts, pipeline, rotation
from vtuber.outputs import jsonl
from vtuber.performer import Step
from vtuber.pipeline import Guarded, Pipeline, Report
from vtuber.pose import REST, to_state
from vtuber.profile import Camera, Profile
from vtuber.sources import demo
from vtuber.stages import Face, Frame, Observation, Output, Performance, Source, Tracker, VTuberError
from vtuber.trackers.face_landmarker import Tracker as FaceLandmarker
from vtuber.wire import AvatarState

OWN_CAMERA = Profile(camera=Camera(tuple(map(tuple, CAMERA.tolist())), (640, 480)))
MakePipeline = Callable[..., Pipeline]


def moving(i: int) -> Face:
    """A performer who turns, leans and talks."""
    a = 0.1 * i
    turn = head_turn(0.4 * math.sin(a), 0.2 * math.cos(a), 0.1 * math.sin(2 * a))
    talking = {"jawOpen": abs(math.sin(a)), "mouthSmileLeft": 0.5, "eyeBlinkLeft": 0.9 if i % 20 < 3 else 0.05}
    return face_at(turn, (0.03 * math.sin(a), 0.02, 0.6), scores=talking)


def states(pipe: Pipeline, faces: list[Face | None]) -> list[AvatarState]:
    return [pipe.step(i / FPS, [seen(i / FPS, face)])[0].state for i, face in enumerate(faces)]


# --- one performer ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("filter", parts.names("filter"))
def test_the_same_inputs_give_the_same_states(filter: str, make_pipeline: MakePipeline) -> None:
    faces = [moving(i) if i % 37 > 5 else None for i in range(120)]
    assert states(make_pipeline(filter), faces) == states(make_pipeline(filter), faces)


def test_what_is_seen_is_what_comes_out(make_pipeline: MakePipeline) -> None:
    turn = head_turn(math.radians(25), math.radians(10), math.radians(-15))
    step = make_pipeline(profile=OWN_CAMERA).step(0.0, [seen(0.0, face_at(turn, (0.05, -0.02, 0.6)))])[0]
    assert step.measured is not None
    assert angle_between(step.state.head_rotation, rotation.from_matrix(turn)) < 1e-3
    np.testing.assert_allclose(step.measured.matrix, to_opencv(turn), atol=1e-3)
    np.testing.assert_allclose(step.measured.position, (0.05, -0.02, 0.6), atol=1e-3)
    assert step.measured.landmarks68.shape == (68, 2)
    assert np.linalg.norm(step.measured.gaze_left) == pytest.approx(1.0)
    assert step.state.head_position == (0, 0, 0)
    assert step.state.confidence == 0.9


def test_the_head_moves_from_where_it_was_first_seen(make_pipeline: MakePipeline) -> None:
    pipe = make_pipeline(profile=OWN_CAMERA)
    pipe.step(0.0, [seen(0.0, face_at(position=(0.0, 0.0, 0.6)))])
    state = pipe.step(0.1, [seen(0.1, face_at(position=(0.1, -0.05, 0.5)))])[0].state
    # The picture's right is the performer's left, down in the picture is down, nearer is towards the viewer.
    np.testing.assert_allclose(state.head_position, (0.1, 0.05, 0.1), atol=2e-3)


def test_every_state_is_whole_and_finite(make_pipeline: MakePipeline) -> None:
    random = np.random.default_rng(1)
    faces: list[Face | None] = [moving(i) if random.random() > 0.2 else None for i in range(300)]
    for state in states(make_pipeline("one_euro"), faces):
        row = numbers(state)
        assert np.isfinite(row).all()
        assert all(0 <= w <= 1 for w in (*state.blendshapes.values(), *state.expressions.values()))
        assert all(np.linalg.norm(q) == pytest.approx(1.0) for q in (state.head_rotation, *state.bones.values()))


def test_mirroring_is_a_looking_glass(make_pipeline: MakePipeline) -> None:
    faces: list[Face | None] = [moving(i) for i in range(40)]
    for plain, mirrored in zip(states(make_pipeline(), faces), states(make_pipeline(mirror=True), faces), strict=True):
        assert angle_between(mirrored.head_rotation, rotation.mirror(np.array(plain.head_rotation))) < 1e-9
        assert mirrored.blendshapes["mouthSmileRight"] == plain.blendshapes["mouthSmileLeft"] > 0
        assert mirrored.blendshapes["eyeBlinkRight"] == plain.blendshapes["eyeBlinkLeft"]
        assert mirrored.head_position[0] == -plain.head_position[0]


def test_a_shut_eye_keeps_its_look(make_pipeline: MakePipeline) -> None:
    pipe, last = make_pipeline(), None
    for i, blink in enumerate([0.0] * 5 + [1.0] * 4):
        wild = (0.0, 0.0) if blink == 0 else (6.0, 5.0)
        face = face_at(gaze_shift_px=wild, scores={"eyeBlinkLeft": blink, "eyeBlinkRight": blink})
        eye = pipe.step(i / FPS, [seen(i / FPS, face)])[0].state.bones["leftEye"]
        assert last is None or angle_between(eye, last) < 1e-9
        last = eye


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_bad_landmarks_are_passed_over_and_stop_nothing(
    bad: float, make_pipeline: MakePipeline, caplog: pytest.LogCaptureFixture
) -> None:
    pipe = make_pipeline("one_euro")
    for i in range(60):
        face = moving(i)
        if i % 7 == 3:
            face.landmarks[i % 478] = bad
            face.landmarks[33] = bad
        step = pipe.step(i / FPS, [seen(i / FPS, face)])[0]
        assert np.isfinite(numbers(step.state)).all()
        assert (step.measured is None) == (i % 7 == 3)
    assert "passed over" in caplog.text


def test_irises_that_are_no_numbers_stop_nothing(make_pipeline: MakePipeline) -> None:
    pipe = make_pipeline("one_euro")
    for i in range(30):
        face = moving(i)
        if i > 5:
            face.landmarks[468:] = math.nan
        assert np.isfinite(numbers(pipe.step(i / FPS, [seen(i / FPS, face)])[0].state)).all()


def test_scores_that_are_no_numbers_stop_nothing(make_pipeline: MakePipeline) -> None:
    pipe = make_pipeline("one_euro")
    for i in range(30):
        face = face_at(scores={"jawOpen": math.nan if i > 5 else 0.5})
        assert np.isfinite(numbers(pipe.step(i / FPS, [seen(i / FPS, face)])[0].state)).all()


def test_any_turn_of_the_head_gives_a_state(make_pipeline: MakePipeline) -> None:
    random, pipe = np.random.default_rng(3), make_pipeline("one_euro")
    for i in range(50):
        face = face_at(rotation.to_matrix(random_rotation(random)))
        assert np.isfinite(numbers(pipe.step(i / FPS, [seen(i / FPS, face)])[0].state)).all()


# --- several people --------------------------------------------------------------------------------------------------


def test_each_person_has_a_state_of_their_own(make_pipeline: MakePipeline) -> None:
    pipe = make_pipeline()
    left, right = face_at(head_turn(0.3, 0, 0)), face_at(head_turn(-0.3, 0, 0))
    first, second = pipe.step(0.0, [seen(0.0, right, 1), seen(0.0, left, 0)])
    assert (first.state.person, second.state.person) == (0, 1)
    assert first.state.head_rotation[1] > 0.1 > -0.1 > second.state.head_rotation[1]
    gone = pipe.step(0.2, [seen(0.2, right, 1)])
    assert [s.state.tracking for s in gone] == ["coasting", "tracked"]


def test_who_is_away_for_long_is_forgotten_but_the_first_never(make_pipeline: MakePipeline) -> None:
    pipe = make_pipeline()
    pipe.step(0.0, [seen(0.0, face_at(), 0), seen(0.0, face_at(), 1)])
    assert [s.state.person for s in pipe.step(pipeline.FORGET_S - 1, [])] == [0, 1]
    assert [s.state.person for s in pipe.step(pipeline.FORGET_S + 1, [])] == [0]
    assert pipe.step(pipeline.FORGET_S + 2, [seen(0.0, face_at(), 1)])[1].state.tracking == "tracked"


# --- outputs that fail -----------------------------------------------------------------------------------------------


class Cable(Output):
    """An output whose other side goes and comes."""

    def __init__(self) -> None:
        self.plugged = True
        self.tries = 0
        self.came: list[AvatarState] = []

    def send(self, state: AvatarState) -> None:
        self.tries += 1
        if not self.plugged:
            raise OSError("the cable is out")
        self.came.append(state)


def test_a_failing_output_is_said_once_tried_again_and_works_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    cable, state = Cable(), to_state(REST, 0.0, 0, "lost", 0.0)
    output = Guarded(cable, "cable")
    output.send(state)
    cable.plugged = False
    tried = []
    for _ in range(3000):  # 100 s at 30 states a second
        before = cable.tries
        output.send(state)
        if cable.tries > before:
            tried.append(now[0])
        now[0] += 1 / 30
    assert caplog.text.count("the cable is out") == 1
    pauses = np.diff(tried)
    assert 5 <= len(tried) <= 8
    assert (np.diff(pauses) > -0.1).all(), "each pause is at least as long as the one before"
    assert pauses.max() <= pipeline.RETRY_S[-1] + 0.1
    cable.plugged = True
    now[0] += 60
    output.send(state)
    output.send(state)
    assert len(cable.came) == 3
    assert caplog.text.count("works again") == 1


def test_a_full_disk_stops_the_file_and_not_the_run(make_pipeline: MakePipeline) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    cable = Cable()
    outputs = [Guarded(jsonl.Output(str(full)), "jsonl"), Guarded(cable, "cable")]
    report = pipeline.run(Recording(200), None, make_pipeline(), outputs)
    assert report.frames == 200
    assert len(cable.came) == 204, "those of the silences as well"
    outputs[0].close()
    outputs[0].close()


def test_packets_to_a_port_where_nobody_listens(make_pipeline: MakePipeline) -> None:
    class Datagrams(Output):
        def __init__(self, port: int) -> None:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.connect(("127.0.0.1", port))

        def send(self, state: AvatarState) -> None:
            self.socket.send(str(state.timestamp).encode())

        def close(self) -> None:
            self.socket.close()

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    output = Datagrams(port)
    assert pipeline.run(Recording(50), None, make_pipeline(), [Guarded(output, "datagrams")]).frames == 50
    output.close()


# --- the loop --------------------------------------------------------------------------------------------------------


class Recording(Source):
    """Observations, as a phone sends them, with a pause of silence now and then."""

    live = False

    def __init__(self, count: int) -> None:
        self.count = count

    def __iter__(self) -> Iterator[Observation | None]:
        for i in range(self.count):
            if i % 50 == 49:
                yield None
            yield seen(time.perf_counter(), moving(i))


def test_a_source_of_observations_needs_no_tracker(make_pipeline: MakePipeline) -> None:
    watched: list[int] = []

    def watch(item: Frame | Observation, steps: list[Step]) -> None:
        watched.append(len(steps))

    cable = Cable()
    report = pipeline.run(Recording(120), None, make_pipeline(), [Guarded(cable, "cable")], watch=watch)
    assert (report.frames, report.tracked, len(watched)) == (120, 120, 120)
    assert len(cable.came) == 122, "also while nothing came"
    assert len(report.latencies) == 120 and min(report.latencies) > 0


def test_it_ends_after_the_frames_asked_for(make_pipeline: MakePipeline) -> None:
    assert pipeline.run(Recording(120), None, make_pipeline(), [], frames=7).frames == 7


def test_pictures_without_a_tracker_are_refused(make_pipeline: MakePipeline) -> None:
    with pytest.raises(VTuberError, match="need a tracker"):
        pipeline.run(demo.Source(), None, make_pipeline(), [])


def test_ctrl_c_ends_in_order(make_pipeline: MakePipeline) -> None:
    class Interrupted(Recording):
        def __iter__(self) -> Iterator[Observation | None]:
            yield seen(0.0, moving(0))
            raise KeyboardInterrupt

    report: Report = pipeline.run(Interrupted(1), None, make_pipeline(), [])
    assert report.frames == 1 and report.interrupted


class Slow(Tracker):
    """The real tracker on a machine that is not up to it."""

    def __init__(self, frame_s: float) -> None:
        self.tracker, self.frame_s = FaceLandmarker(), frame_s

    def track(self, frame: Frame) -> list[Observation]:
        done = time.perf_counter() + self.frame_s
        seen_now = self.tracker.track(frame)
        time.sleep(max(0.0, done - time.perf_counter()))
        return seen_now


def test_a_slow_tracker_drops_frames_and_stays_fresh(make_pipeline: MakePipeline) -> None:
    frame_s, indices, ages = 0.025, [], []
    source = demo.Source(fps=120.0)
    own: list[float] = []

    class Ages(Output):
        def send(self, state: AvatarState) -> None:
            ages.append(time.perf_counter() - state.timestamp)

    def watch(item: Frame | Observation, steps: list[Step]) -> None:
        assert isinstance(item, Frame)
        indices.append(item.index)
        own.append(time.perf_counter())

    pipeline.run(source, Slow(frame_s), make_pipeline("one_euro"), [Guarded(Ages(), "ages")], 120, watch)
    source.close()
    assert len(ages) == 120
    assert np.diff(indices).min() >= 1 and np.mean(np.diff(indices)) > 1.5, "frames are dropped, none is repeated"
    # In units of the time that this machine, busy as it may be, really took for a frame.
    unit = float(np.median(np.diff(own)))
    relative = np.array(ages) / unit
    assert np.median(relative) < 3
    assert np.median(relative[60:]) < np.median(relative[:60]) + 1, "no queue grows"


def test_time_goes_on_for_whoever_watches_while_nothing_comes(
    make_pipeline: MakePipeline, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    class Unplugged(Source):
        def __iter__(self) -> Iterator[Observation | None]:
            yield seen(time.perf_counter(), moving(0))
            for _ in range(3):
                time.sleep(0.06)
                yield None

    cable = Cable()
    pipeline.run(Unplugged(), None, make_pipeline(), [Guarded(cable, "cable")])
    assert [s.tracking for s in cable.came] == ["tracked", "coasting", "coasting", "coasting"]
    assert all(b.timestamp > a.timestamp for a, b in zip(cable.came, cable.came[1:], strict=False))


def test_an_app_that_is_late_is_not_lost(make_pipeline: MakePipeline) -> None:
    """A tenth of a second without a packet is nothing on a weak network; two and a half are somebody gone."""

    class Late(Source):
        pictures = False

        def __init__(self, silences: int) -> None:
            self.silences = silences

        def __iter__(self) -> Iterator[Observation | None]:
            said = Performance(rotation.from_yaw_pitch(0.3, 0.0))
            yield Observation(time.perf_counter(), 0, (0, 0), None, said)
            for _ in range(self.silences):
                yield None
            time.sleep(0.3)
            yield None

    cable = Cable()
    pipeline.run(Late(3), None, make_pipeline(), [Guarded(cable, "cable")])
    assert [s.tracking for s in cable.came] == ["tracked"] * 4 + ["coasting"]
