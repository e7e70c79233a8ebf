"""Expressions: what is laid over a face, how it comes and goes, and what it calls of the avatar's own."""

from __future__ import annotations

import numpy as np
import pytest

from vtuber.moods import Mood, Moods
from vtuber.pose import Pose
from vtuber.wire import ARKIT


def weight(pose: Pose, name: str) -> float:
    return float(pose.weights[ARKIT.index(name)])


def shown(moods: Moods, t: float, **weights: float) -> Pose:
    return moods(t, Pose(weights=np.array([weights.get(name, 0.0) for name in ARKIT])))


def test_a_mix_is_shown_as_far_as_it_has_faded_in() -> None:
    moods = Moods([Mood("Mix", fade=1.0, shapes={"jawOpen": 0.8, "cheekPuff": 0.4}, over=("mouth",))])
    shown(moods, 0.0)
    moods.want(["Mix"])
    half = shown(moods, 0.5, jawOpen=0.2, mouthSmileLeft=1.0)
    assert weight(half, "jawOpen") == pytest.approx(0.5) and weight(half, "mouthSmileLeft") == pytest.approx(0.5)
    whole = shown(moods, 1.5, jawOpen=0.2, mouthSmileLeft=1.0, browInnerUp=0.3)
    assert weight(whole, "jawOpen") == pytest.approx(0.8) and weight(whole, "mouthSmileLeft") == 0.0
    assert weight(whole, "cheekPuff") == pytest.approx(0.4), "raised, though cheeks are not taken over"
    assert weight(whole, "browInnerUp") == pytest.approx(0.3)


def test_an_expression_that_is_edited_while_it_shows_goes_on_showing() -> None:
    """Also under another name: its editor must not make it blink."""
    old = Moods([Mood("A", fade=1.0, shapes={"jawOpen": 1.0}), Mood("B", fade=1.0, shapes={"cheekPuff": 1.0})])
    shown(old, 0.0)
    old.want(["A", "B"])
    shown(old, 2.0)
    new = Moods([Mood("C", fade=1.0, shapes={"jawOpen": 0.5})])
    new.follow(old, {"A": "C"})
    assert new.wanted == {"C"}
    assert weight(shown(new, 2.01), "jawOpen") == pytest.approx(0.5)
    assert weight(shown(new, 2.01), "cheekPuff") == 0.0


def test_what_is_called_of_the_avatars_own() -> None:
    moods = Moods([Mood("Love", fade=0.5, avatar="Hearts"), Mood("Smile", preset="happy"), Mood("Cry", avatar="Tears")])
    assert moods.called == []
    moods.want(["Love", "Smile"])
    assert moods.called == [{"name": "Hearts", "fade": 0.5}]


@pytest.mark.parametrize("name", ["x" * 81, "a\nb"])
def test_a_name_that_no_avatars_expression_has_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="at most 80 letters"):
        Mood("Love", avatar=name)
