"""The tracker on real and rendered faces: who is followed, who is not, and how little is detected for it."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest
from utils import FPS, data, pictures, truth

from vtuber.face_detector import Box, FaceDetector, intersection_over_union
from vtuber.face_mesh import IBUG68, TaskFile, box_of, region_of_box
from vtuber.models import path
from vtuber.sources import demo
from vtuber.stages import Frame, Image, Observation, VTuberError
from vtuber.trackers import face_landmarker
from vtuber.trackers.face_landmarker import LEAVING_S, LOOK_AROUND_S, TAKE_OVER_SIZE, UNSURE_S, Tracker

Observed = Callable[..., list[list[Observation]]]


@functools.cache
def demo_frames() -> list[Frame]:
    return pictures(demo.CLIP, last=180)


def face_x(observation: Observation) -> float:
    assert observation.face is not None
    return float(observation.face.landmarks[:, 0].mean())


# --- one performer ---------------------------------------------------------------------------------------------------


def test_the_demo_performer_is_never_lost_and_hardly_ever_detected() -> None:
    tracker, mirrored = Tracker(), 0
    for frame in demo_frames():
        (one,) = tracker.track(frame)
        assert one.person == 0 and one.timestamp == frame.timestamp
        assert one.size == (frame.image.shape[1], frame.image.shape[0])
        assert one.face is not None and one.face.landmarks.shape == (478, 3)
        assert 0.5 < one.face.confidence <= 1
        assert one.face.scores is not None and all(0 <= s <= 1 for s in one.face.scores.values())
        mirrored += one.face.mirror is not None
    seconds = len(demo_frames()) / FPS
    sure_after = LEAVING_S + 1  # whoever moves is no picture
    assert tracker.detector.model.calls <= 1 + math.ceil(sure_after / UNSURE_S) + math.ceil(seconds / LOOK_AROUND_S)
    assert tracker.mesh.landmark_model.calls == len(demo_frames()) + face_landmarker.SETTLING + mirrored
    assert mirrored < 0.05 * len(demo_frames())


def test_a_new_face_is_settled_in_its_first_frame() -> None:
    """A detector's box frames a face a little otherwise than its landmarks do: the head would twitch at first."""
    frame = demo_frames()[0]
    tracker = Tracker()
    first, second, *_, last = (tracker.track(Frame(frame.image, i / FPS))[0].face for i in range(8))
    assert first and second and last and first.settled is not None and last.settled is None
    width = box_of(last.landmarks).size[0]
    early, settled, late = (
        float(np.linalg.norm(points - last.landmarks, axis=1).mean()) / width
        for points in (first.landmarks, first.settled, second.landmarks)
    )
    assert settled < 0.3 * early and late < 0.3 * early
    assert settled < 0.003


def test_the_same_frames_give_the_same_landmarks() -> None:
    one, two = Tracker(), Tracker()
    for frame in demo_frames()[:10]:
        a, b = one.track(frame)[0].face, two.track(frame)[0].face
        assert a and b
        np.testing.assert_array_equal(a.landmarks, b.landmarks)
        assert a.scores == b.scores


def test_nobody_there_is_nobody() -> None:
    tracker, blank = Tracker(), np.full((480, 640, 3), 127, np.uint8)
    assert [tracker.track(Frame(blank, i / FPS)) for i in range(5)] == [[]] * 5
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3)).astype(np.uint8)
    assert tracker.track(Frame(noise, 1.0)) == []


@pytest.mark.parametrize("shape", [(16, 16), (1, 1), (2, 900), (900, 2), (2160, 3840)])
def test_pictures_of_any_shape_do_no_harm(shape: tuple[int, int]) -> None:
    face = demo_frames()[0].image
    tracker = Tracker()
    tracker.track(Frame(cv2.resize(face, shape[::-1]).astype(np.uint8), 0.0))
    # And the performer is found as ever in the next frame.
    tracker.track(Frame(face, 0.1))
    assert len(tracker.track(Frame(face, 0.2))) == 1


def test_a_large_picture_shows_the_same_face_larger() -> None:
    image = demo_frames()[0].image
    scale = 3840 / image.shape[1]
    large = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    small_face = Tracker().track(Frame(image, 0.0))[0].face
    large_face = Tracker().track(Frame(large, 0.0))[0].face
    assert small_face and large_face
    width = box_of(small_face.landmarks).size[0]
    # Pixel centres at integers: the corner of either picture lies at -0.5.
    back = (large_face.landmarks[:, :2] + 0.5) / scale - 0.5
    assert np.abs(back - small_face.landmarks[:, :2]).mean() < 0.01 * width


def test_beyond_the_picture_its_edge_goes_on() -> None:
    """A face cut off by the edge is measured as in a picture that was widened by repeating that edge."""
    image, tracker, wide = demo_frames()[0].image, Tracker(), 200
    (seen,) = tracker.track(Frame(image, 0.0))
    assert seen.face is not None
    region = region_of_box(box_of(seen.face.landmarks))
    for left in (0, int(region.centre[0]), int(region.centre[0] + region.side / 4)):
        cut = image[:, left:]
        wider = cv2.copyMakeBorder(cut, wide, wide, wide, wide, cv2.BORDER_REPLICATE).astype(np.uint8)
        x, y = region.centre[0] - left, region.centre[1]
        points, presence = tracker.mesh.landmarks(cut, replace(region, centre=(x, y)))
        same, presence_too = tracker.mesh.landmarks(wider, replace(region, centre=(x + wide, y + wide)))
        np.testing.assert_allclose(points, same - (wide, wide, 0), atol=0.1)
        assert presence == pytest.approx(presence_too, abs=0.01)


def test_a_grey_picture_and_a_view_of_another() -> None:
    image = demo_frames()[0].image
    grey = np.repeat(image.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    assert len(Tracker().track(Frame(grey, 0.0))) == 1
    mirrored = image[:, ::-1]  # not contiguous
    assert len(Tracker().track(Frame(mirrored, 0.0))) == 1


def test_jumps_of_the_clock_do_no_harm() -> None:
    tracker = Tracker()
    for t in (100.0, 50.0, 50.0, 1e6, 0.0):
        assert len(tracker.track(Frame(demo_frames()[0].image, t))) == 1


@pytest.mark.parametrize("settings", [{"faces": 0}, {"threads": 0}, {"faces": -1}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Tracker(**settings)


def test_a_file_that_is_no_model_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "face.task").write_bytes(b"no zip")
    with pytest.raises(VTuberError, match="not a usable face landmarker model"):
        TaskFile.read(tmp_path / "face.task")


def test_overlap_of_boxes() -> None:
    a = Box((10.0, 10.0), (10.0, 10.0), (0.0, 0.0), (0.0, 0.0), 1.0)
    half = Box((15.0, 10.0), (10.0, 10.0), (0.0, 0.0), (0.0, 0.0), 1.0)
    away = Box((30.0, 10.0), (10.0, 10.0), (0.0, 0.0), (0.0, 0.0), 1.0)
    assert intersection_over_union(a, a) == 1
    assert intersection_over_union(a, half) == pytest.approx(50 / 150)
    assert intersection_over_union(a, away) == 0


# --- clips -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clip", ["d0", "d9", "d18"])
def test_real_performers_are_tracked_in_every_frame(clip: str, observed: Observed) -> None:
    assert all(observed(f"video/liveportrait/driving/{clip}.mp4", every=3))


@pytest.mark.parametrize("clip", ["A_nearfar", "B_nearfar", "A_dim", "B_dim"])
def test_near_far_and_in_the_dark(clip: str, observed: Observed) -> None:
    assert all(observed(f"gt/{clip}.mp4", every=3))


def test_a_cartoon_is_no_face(observed: Observed) -> None:
    assert not any(observed("video/pyfeat/no_face.mp4", every=2))


@pytest.mark.parametrize("clip, seen_first", [("face_noface.mov", True), ("noface_face.mov", False)])
def test_a_face_that_goes_or_comes(clip: str, seen_first: bool, observed: Observed) -> None:
    seen = [bool(o) for o in observed(f"video/pyfeat/{clip}")]
    first, last = seen[:70], seen[-65:]
    with_face, without = (first, last) if seen_first else (last, first)
    assert np.mean(with_face) > 0.95
    assert np.mean(without) < 0.05


@pytest.mark.parametrize("who", ["A", "B"])
def test_out_of_the_picture_and_back(who: str, observed: Observed) -> None:
    z, seen = truth(f"{who}_leave"), np.array([bool(o) for o in observed(f"gt/{who}_leave.mp4")])
    assert not seen[z["in_frame"] == 0].any(), "a face where there is none"
    visible = z["visible"].astype(bool)
    assert seen[visible].mean() > 0.98
    back = np.flatnonzero(visible[1:] & ~visible[:-1]) + 1
    assert all(seen[i : i + 3].any() for i in back), "not at once"


@pytest.mark.parametrize("who", ["A", "B"])
def test_landmarks_lie_on_the_face(who: str, observed: Observed) -> None:
    """Brows to lips against the rendered points, in shares of the outer-eye distance."""
    z, errors = truth(f"{who}_natural"), []
    for i, seen in zip(range(0, 300, 5), observed(f"gt/{who}_natural.mp4", every=5), strict=True):
        assert seen[0].face
        eyes = math.dist(z["lm2d"][i, 36], z["lm2d"][i, 45])
        off = np.linalg.norm(seen[0].face.landmarks[IBUG68, :2] - z["lm2d"][i], axis=1)
        errors.append(off[17:].mean() / eyes)
    assert np.mean(errors) < 0.045


# --- posters and bystanders ------------------------------------------------------------------------------------------


@functools.cache
def poster_face() -> tuple[Image, float]:
    """A portrait cut out around its face, and the face's width in it, px."""
    portrait = cv2.cvtColor(cv2.imread(str(data("face_mp/portrait.jpg"))), cv2.COLOR_BGR2RGB).astype(np.uint8)
    detector = FaceDetector(TaskFile.read(path("face_landmarker.task")).detector)
    box = detector(portrait)[0]
    (x, y), half = box.centre, 0.9 * box.size[0]
    cut = portrait[max(0, int(y - half)) : int(y + half), max(0, int(x - half)) : int(x + half)]
    return cut, box.size[0]


def with_poster(image: Image, face_width: float) -> Image:
    """The picture with a portrait of that face width hung into its right edge."""
    cut, width = poster_face()
    poster = cv2.resize(cut, None, fx=face_width / width, fy=face_width / width, interpolation=cv2.INTER_AREA)
    hung = image.copy()
    hung[10 : 10 + poster.shape[0], -poster.shape[1] :] = poster
    return hung


PERFORMERS_WIDTH = 165.0
"""Of the performers' faces in the `leave` clips, px."""


def on_the_wall(observations: list[Observation]) -> bool:
    return any(face_x(o) > 480 for o in observations)


@pytest.mark.parametrize("who", ["A", "B"])
@pytest.mark.parametrize("size", [0.4, 0.7, 1.0])
def test_a_poster_never_takes_the_performers_place(who: str, size: float) -> None:
    tracker, z = Tracker(), truth(f"{who}_leave")
    frames = pictures(data(f"gt/{who}_leave.mp4"), last=125)
    assert tracker.track(Frame(frames[0].image, 0.0))
    # The performer was there first; some seconds pass before they leave.
    order = [*range(1, 30), *range(29, 0, -1), *range(1, 125)]
    for k, i in enumerate(order, start=1):
        seen = tracker.track(Frame(with_poster(frames[i].image, size * PERFORMERS_WIDTH), k / FPS))
        assert not on_the_wall(seen), f"frame {i}"
        # Back at once, poster or not.
        assert seen or not z["visible"][max(0, i - 3) : i + 1].all()


def noisy(image: Image, seed: int) -> Image:
    """As a camera gives it: no two pictures are the same."""
    noise = np.random.default_rng(seed).normal(0, 4, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("who, size, before_s", [("A", 0.7, 0.3), ("B", 1.0, 0.0), ("A", 1.0, -0.5)])
def test_a_poster_that_comes_to_light_as_the_performer_leaves_stays_a_poster(
    who: str, size: float, before_s: float
) -> None:
    """Hung up, or uncovered, too late to be known as somebody else: but it does not move."""
    tracker, z = Tracker(), truth(f"{who}_leave")
    visible = z["visible"].astype(bool)
    first, last = round(int(np.flatnonzero(~visible)[0]) - FPS * before_s), 110
    found = []
    for frame in pictures(data(f"gt/{who}_leave.mp4"), last=last):
        image = with_poster(frame.image, size * PERFORMERS_WIDTH) if frame.index >= first else frame.image
        seen = tracker.track(Frame(noisy(image, frame.index), frame.timestamp))
        assert not on_the_wall(seen), f"frame {frame.index}"
        found.append(bool(seen))
    back = int(np.flatnonzero(visible[1:last] & ~visible[: last - 1])[0]) + 1
    assert any(found[back : back + 3]) and all(found[back + 3 :])
    assert not any(np.array(found)[z["in_frame"][:last] == 0])


def test_a_poster_that_was_there_first_gives_way_to_who_moves() -> None:
    """Of the same size: only the one who moves can be the performer."""
    empty, back = pictures(data("gt/A_leave.mp4"), first=45, last=80), pictures(data("gt/A_leave.mp4"), 80, 125)
    tracker, walls = Tracker(), []
    for k, frame in enumerate([*empty, *empty, *empty, *back]):
        picture = with_poster(frame.image, PERFORMERS_WIDTH)
        walls.append(on_the_wall(tracker.track(Frame(noisy(picture, k), k / FPS))))
    assert all(walls[1:100]) and not any(walls[-10:])


def test_a_poster_seen_first_gives_way_to_a_larger_face() -> None:
    frames, tracker = pictures(data("gt/A_leave.mp4"), first=50, last=135), Tracker()
    walls, visible = [], truth("A_leave")["visible"]
    for frame in frames:
        picture = with_poster(frame.image, 0.85 / TAKE_OVER_SIZE * PERFORMERS_WIDTH)
        walls.append(on_the_wall(tracker.track(Frame(picture, frame.timestamp))))
    came = int(np.flatnonzero(visible[50:135])[0])
    assert all(walls[5:came]), "while nobody else is there, it is all there is to see"
    until = came + round(FPS * LOOK_AROUND_S / 2)
    assert not any(walls[until:])


# --- two performers --------------------------------------------------------------------------------------------------


def side_by_side(first: str, second: str, last: int) -> Iterator[tuple[Image, float, int]]:
    """Every other frame of two clips in one picture: image, time, where the second begins (px)."""
    for a, b in zip(pictures(data(first), 0, last, 2), pictures(data(second), 0, last, 2), strict=True):
        yield np.concatenate([a.image, b.image], axis=1), a.timestamp, a.image.shape[1]


def test_two_performers_keep_their_numbers_while_one_outgrows_the_other() -> None:
    tracker, people = Tracker(faces=2), []
    for image, t, border in side_by_side("gt/A_nearfar.mp4", "gt/B_speech.mp4", 210):
        seen = tracker.track(Frame(image, t))
        assert len(seen) == 2
        people.append(tuple(face_x(o) < border for o in seen))
        assert [o.person for o in seen] == [0, 1]
    assert len(set(people)) == 1, "numbers changed hands"


def test_who_leaves_and_returns_gets_their_number_back() -> None:
    tracker, z = Tracker(faces=2), truth("A_leave")
    sides: dict[int, set[bool]] = {0: set(), 1: set()}
    counts = []
    for i, (image, t, border) in enumerate(side_by_side("gt/A_leave.mp4", "gt/B_still.mp4", 125)):
        seen = tracker.track(Frame(image, t))
        for o in seen:
            sides[o.person].add(face_x(o) < border)
        counts.append(len(seen))
        if z["in_frame"][2 * i] == 0:
            assert len(seen) == 1
    assert counts[0] == counts[-1] == 2
    assert [len(s) for s in sides.values()] == [1, 1], "numbers changed hands"


def test_one_face_is_never_two_people() -> None:
    tracker = Tracker(faces=3)
    for frame in demo_frames()[:60]:
        assert [o.person for o in tracker.track(frame)] == [0]
    assert tracker.detector.model.calls < 10, "those who never came are looked for now and then only"


def test_the_constants_mean_what_the_tests_say() -> None:
    assert 0 < face_landmarker.MIN_RETURN_SIZE < 1 < TAKE_OVER_SIZE
