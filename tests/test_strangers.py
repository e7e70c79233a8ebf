"""Who is in the picture beside the performers, and who of them is alive."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vtuber.face_detector import Box
from vtuber.stages import Array
from vtuber.strangers import ALIVE, FORGET_S, Strangers, Trail
from vtuber.trackers import face_landmarker
from vtuber.trackers.face_landmarker import LEAVING_S, PATIENCE_S, Seen

DT = 1 / 30
WIDTH = 100.0


def box_at(x: float, y: float = 100.0, width: float = WIDTH) -> Box:
    return Box((x, y), (width, width), (x - 20, y - 20), (x + 20, y - 20), 0.9)


def face_at(x: float, y: float = 100.0, noise: float = 0.0, seed: int = 0) -> Array:
    """Landmarks (478, 3) that fill a box."""
    random = np.random.default_rng(seed)
    side = np.linspace(-WIDTH / 2, WIDTH / 2, 478)
    points = np.stack([x + side, y + np.roll(side, 100), 0 * side], axis=1)
    return points + random.normal(0, noise, points.shape) if noise else points


# --- strangers -------------------------------------------------------------------------------------------------------


def test_each_is_known_again_where_they_were_or_nearly() -> None:
    strangers = Strangers()
    left, right = strangers.seen([box_at(100), box_at(400)], 0.0)
    assert strangers.seen([box_at(410), box_at(90)], 0.1) == [right, left]
    assert strangers.seen([box_at(420)], 0.2) == [right]
    (again,) = strangers.seen([box_at(85)], 0.3)
    assert again is left and left.box.centre == (85, 100) and left.time == 0.3
    (other,) = strangers.seen([box_at(250)], 0.4)
    assert other not in (left, right)


def test_two_boxes_are_never_one_stranger() -> None:
    strangers = Strangers()
    (one,) = strangers.seen([box_at(100)], 0.0)
    a, b = strangers.seen([box_at(102), box_at(98)], 0.1)
    assert a is one and b is not one


def test_who_was_not_seen_for_long_and_who_became_a_performer_is_forgotten() -> None:
    strangers = Strangers()
    (one,) = strangers.seen([box_at(100)], 0.0)
    assert strangers.seen([], FORGET_S - 1) == []
    assert strangers.seen([box_at(100)], FORGET_S - 0.5) == [one]
    (new,) = strangers.seen([box_at(100)], 3 * FORGET_S)
    assert new is not one
    strangers.remove(new)
    (newer,) = strangers.seen([box_at(100)], 3 * FORGET_S)
    assert newer is not new
    (earlier,) = strangers.seen([box_at(100)], 0.0)  # a clock that jumps
    assert earlier is not newer


def test_a_picture_does_not_move_and_a_person_does() -> None:
    picture, person = Trail(0.0, face_at(100)), Trail(0.0, face_at(100))
    for i in range(300):
        picture.goes_to(face_at(100, noise=1.0, seed=i))
        person.goes_to(face_at(100 + 1.5 * math.sin(0.1 * i), noise=1.0, seed=i))
    assert picture.furthest < ALIVE / 2 < ALIVE < person.furthest
    person.begin(face_at(300))
    assert person.furthest == 0


def test_one_whose_landmarks_are_not_found_stays_as_they_were() -> None:
    (one,) = Strangers().seen([box_at(100)], 0.0)
    one.measured(None, 0.0)
    assert not one.moved() and one.region is None
    one.measured(face_at(100), 0.1)
    one.measured(None, 0.2)
    one.measured(face_at(110), 0.3)
    assert one.moved() and one.region is not None and one.region.centre == pytest.approx((110, 100))


# --- who may take a performer's place --------------------------------------------------------------------------------


def lost(*, moved: bool = True) -> Seen:
    """A performer, last seen at 0 s."""
    trail = Trail(-5.0, face_at(100))
    if moved:
        trail.goes_to(face_at(140))
        trail.goes_to(face_at(100))
    return Seen(box_at(100), 0.0, False, trail)


def may_be(
    seen: Seen | None, x: float, now: float, *, width: float = WIDTH, beside: bool = False, by: float = 0
) -> bool:
    """Of a stranger at x who got `by` widths far."""
    (stranger,) = Strangers().seen([box_at(x, width=width)], now)
    stranger.beside = beside
    stranger.measured(face_at(x), now)
    stranger.measured(face_at(x + by * WIDTH), now)
    return face_landmarker._may_be(seen, stranger, now)


def test_anybody_may_be_the_first() -> None:
    assert may_be(None, 500, 0.1)
    assert may_be(lost(moved=False), 500, 0.1), "who never moved was no performer"


def test_at_the_same_place_it_is_the_same_person_at_once() -> None:
    assert may_be(lost(), 110, DT) and may_be(lost(), 110, 60.0)
    assert not may_be(lost(), 110, 1.0, width=40), "much smaller: behind them"


def test_elsewhere_only_who_moves_may_be_the_performer_however_long_it_takes() -> None:
    for now in (1.0, PATIENCE_S + 1, 600.0):
        assert not may_be(lost(), 300, now) and may_be(lost(), 300, now, by=0.05)


def test_while_the_performer_leaves_others_must_move_more() -> None:
    assert not may_be(lost(), 200, LEAVING_S / 2, by=0.05)
    assert may_be(lost(), 200, LEAVING_S / 2, by=0.3)


def test_who_was_there_beside_the_performer_is_somebody_else_for_a_while() -> None:
    assert not may_be(lost(), 300, PATIENCE_S - 1, by=0.5, beside=True)
    assert may_be(lost(), 300, PATIENCE_S + 1, by=0.5, beside=True)


def test_nobody_is_at_two_places_within_a_moment() -> None:
    seen = lost()
    assert face_landmarker._in_reach(seen, box_at(190), DT)
    assert not face_landmarker._in_reach(seen, box_at(500), DT)
    assert face_landmarker._in_reach(seen, box_at(500), 1.0)


def takes_over(seen: Seen, width: float, *, by: float) -> bool:
    (stranger,) = Strangers().seen([box_at(500, width=width)], 5.0)
    stranger.measured(face_at(500), 5.0)
    stranger.measured(face_at(500 + by * WIDTH), 5.0)
    return face_landmarker._takes_over(seen, stranger, 5.0)


def test_a_picture_gives_way_to_a_person_and_a_person_only_to_one_much_closer() -> None:
    picture, person = lost(moved=False), lost()
    assert takes_over(picture, WIDTH, by=0.1) and not takes_over(picture, WIDTH, by=0)
    assert not takes_over(person, WIDTH, by=0.1)
    assert takes_over(person, 2 * WIDTH, by=0.1) and not takes_over(person, 2 * WIDTH, by=0)
