"""Several sources side by side, each in its thread: who sets the pace, what is newest, and how it ends."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from vtuber import parts, pipeline, rotation
from vtuber.pipeline import Guarded, Pipeline
from vtuber.profile import Profile
from vtuber.several import Moment, Several
from vtuber.sources import demo, video
from vtuber.stages import Observation, Output, Performance, Source, SourceItem, VTuberError
from vtuber.trackers.face_landmarker import Tracker
from vtuber.wire import AvatarState

TURN = rotation.from_yaw_pitch(0.3, 0.0)


class Scripted(Source):
    """Says what it is told to, when it is told to; then waits until it is closed."""

    pictures = False

    def __init__(self, items: Sequence[SourceItem | None] = (), *, ends: bool = False) -> None:
        self._box: list[SourceItem | None] = list(items)
        self._wake = threading.Condition()
        self._closed, self.ends = False, ends

    def say(self, *items: SourceItem | None) -> None:
        with self._wake:
            self._box.extend(items)
            self._wake.notify_all()

    def __iter__(self) -> Iterator[SourceItem | None]:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._box or self._closed or self.ends)
                if not self._box:
                    return
                item = self._box.pop(0)
            yield item

    def close(self) -> None:
        with self._wake:
            self._closed = True
            self._wake.notify_all()


class Broken(Scripted):
    def __iter__(self) -> Iterator[SourceItem | None]:
        yield from self._box
        raise VTuberError("the cable was cut")


def seen(person: int = 0, t: float = 0.0) -> Observation:
    return Observation(t or time.perf_counter(), person, (0, 0), None, Performance(TURN, bones={"leftHand": TURN}))


def until(moments: Iterator[Moment], wanted: Callable[[Moment], bool]) -> list[Moment]:
    """All up to the first that is wanted."""
    came: list[Moment] = []
    for moment in itertools.islice(moments, 1000):
        came.append(moment)
        if wanted(moment):
            return came
    raise AssertionError("it never came")


def test_what_each_says_arrives_in_its_layer() -> None:
    first, second = Scripted(), Scripted()
    both = Several([first, second])
    moments = iter(both)
    first.say(seen(0))
    came = until(moments, lambda m: bool(m.layers[0]))[-1]
    assert [len(items) for items in came.layers] == [1, 0]
    second.say(seen(0), seen(1), seen(0))
    people = [i.person for m in until(moments, lambda m: m.news) for i in m.layers[1] if isinstance(i, Observation)]
    while set(people) != {0, 1}:
        people += [i.person for i in next(moments).layers[1] if isinstance(i, Observation)]
    both.close()
    both.close()


def test_only_the_newest_of_a_person_is_kept_and_time_never_goes_back() -> None:
    first, second = Scripted(), Scripted()
    both = Several([first, second])
    moments = iter(both)
    now = time.perf_counter()
    until(moments, lambda m: not m.news)
    first.say(*(seen(0, now + i * 1e-6) for i in range(50)), seen(1, now - 5.0))
    times = [m.timestamp for m in itertools.islice(moments, 20)]
    assert times == sorted(times)
    second.say(*(seen(0, now + i * 1e-6) for i in range(50)))
    newest = [i for m in itertools.islice(moments, 20) for i in m.layers[1]]
    assert len(newest) < 50 and newest[-1].timestamp == now + 49e-6
    both.close()


def test_while_the_first_is_silent_the_others_go_on() -> None:
    first, second = Scripted(), Scripted()
    both = Several([first, second])
    moments = iter(both)
    until(moments, lambda m: not m.news)
    for _ in range(10):
        second.say(seen())
        until(moments, lambda m: bool(m.layers[1]))
    # It is asked at most sixty times a second: a silent first source is no reason to spin.
    start = time.perf_counter()
    count = sum(1 for _ in itertools.islice(moments, 12))
    assert (time.perf_counter() - start) / count > 0.5 / 60
    both.close()


def test_when_the_first_ends_so_does_all() -> None:
    first, second = Scripted([seen()], ends=True), Scripted()
    both = Several([first, second])
    moments = list(both)
    assert moments and moments[0].layers[0]
    both.close()


def test_when_the_first_breaks_it_is_said_and_when_another_does_the_rest_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = Several([Broken(), Scripted()])
    with pytest.raises(VTuberError, match="cable was cut"):
        list(broken)
    broken.close()
    caplog.set_level(logging.WARNING)
    first = Scripted()
    both = Several([first, Broken([seen()])])
    moments = iter(both)
    until(moments, lambda m: bool(m.layers[1]))
    first.say(seen())
    until(moments, lambda m: bool(m.layers[0]))
    assert caplog.text.count("has ended: the cable was cut") == 1
    both.close()


def test_closing_ends_every_thread() -> None:
    before = threading.active_count()
    both = Several([Scripted() for _ in range(4)])
    next(iter(both))
    assert threading.active_count() == before + 4
    both.close()
    assert threading.active_count() == before


def test_sources_that_wait_for_nobody_cannot_go_along() -> None:
    clip = video.Source(str(demo.CLIP), realtime=False)
    with pytest.raises(VTuberError, match="only live sources go together"):
        Several([Scripted(), clip])
    clip.close()


class States(Output):
    def __init__(self) -> None:
        self.came: list[AvatarState] = []

    def send(self, state: AvatarState) -> None:
        self.came.append(state)


@pytest.mark.parametrize("camera_first", [True, False])
def test_a_camera_and_an_app_make_one_performer(camera_first: bool) -> None:
    """The demo's face, and hands of an app that speaks in between."""
    app, camera = Scripted(), demo.Source(fps=30.0)
    order: list[Source] = [camera, app] if camera_first else [app, camera]
    named = [("head", "eyes", "face"), ("hands",)]
    both, out = Several(order), States()
    pipe = Pipeline(Profile(), parts.find("filter", "none"), None, named if camera_first else named[::-1])
    stop = threading.Event()

    def speak() -> None:
        while not stop.wait(1 / 60):
            app.say(seen())

    threading.Thread(target=speak, daemon=True).start()
    tracker = Tracker()
    report = pipeline.run(both, tracker, pipe, [Guarded(out, "states")], frames=40)
    stop.set()
    both.close()
    tracker.close()
    whole = [s for s in out.came if "leftHand" in s.bones and s.blendshapes["mouthSmileLeft"] > 0]
    assert report.frames == 40 and report.tracked > 0
    assert len(whole) > 5
    assert np.ptp([s.head_rotation[1] for s in whole]) > 0, "the camera's head, which moves"
