"""Weights from 68 points alone: on faces moved by arithmetic, and on rendered heads of known weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from utils import CAMERA, SIZE, head_turn, layout, project, to_opencv, truth

from vtuber import head_pose, shapes68
from vtuber.pipeline import Pipeline
from vtuber.pose import LIDS
from vtuber.shapes68 import Solver
from vtuber.stages import Array, Face, Observation
from vtuber.trackers import fan
from vtuber.wire import ARKIT

POINTS = layout().points * 0.01
LAYOUT = fan.layout(layout().points, contour=True)
EYES = {"Right": ([37, 38], [40, 41]), "Left": ([43, 44], [46, 47])}


def moved(**by: tuple[float, float]) -> Array:
    """The canonical face with some points (p48=(x, y)) moved, mm."""
    face = POINTS.copy()
    for name, (x, y) in by.items():
        face[int(name[1:]), :2] += (x * 1e-3, y * 1e-3)
    return face


def lids(face: Array, side: str, share: float) -> Array:
    """Both lids of an eye drawn together, to a share of how far they were apart."""
    face = face.copy()
    upper, lower = EYES[side]
    middle = face[[*upper, *lower], 1].mean()
    for points in (upper, lower):
        face[points, 1] += (1 - share) * (middle - face[points, 1].mean())
    return face


def test_the_performers_own_rest_is_rest() -> None:
    solver = Solver(POINTS)
    for t in (0.0, 0.1, 5.0):
        weights = solver(t, POINTS)
        assert tuple(weights) == ARKIT and not any(weights.values())


@pytest.mark.parametrize("side, other", [("Left", "Right"), ("Right", "Left")])
def test_a_wink_is_of_its_own_side(side: str, other: str) -> None:
    shares = [Solver(POINTS)(0.0, lids(POINTS, side, s)) for s in (1.0, 0.75, 0.5, 0.25, 0.0)]
    closing = [w[f"eyeBlink{side}"] for w in shares]
    assert closing == sorted(closing) and closing[0] == 0.0 and closing[-1] == 1.0
    assert 0.4 < closing[2] < 0.8
    assert not any(w[f"eyeBlink{other}"] or w[f"eyeWide{side}"] for w in shares)
    wide = Solver(POINTS)(0.0, lids(POINTS, side, 1.4))
    assert wide[f"eyeWide{side}"] == 1.0 and wide[f"eyeWide{other}"] == wide[f"eyeBlink{side}"] == 0.0


@pytest.mark.parametrize("shape", sorted(shapes68.SHAPES))
def test_each_shape_is_told_from_its_own_moves(shape: str) -> None:
    """The face that is drawn by the table of moves is read as its shape, at about its size."""
    solver = Solver(POINTS)
    moves = shapes68._both_sides()[shape]
    both = {"jawOpen": 1.0} if shape == "mouthClose" else {}  # a mouth closes over an open jaw, or is closed anyway
    for name, weight in both.items():
        moves = {k: moves.get(k, 0.0) + weight * shapes68._both_sides()[name].get(k, 0.0) for k in shapes68.REST}
    target = np.array([moves.get(k, 0.0) for k in shapes68.REST])
    weights = dict(zip(shapes68.SHAPES, shapes68._least_squares(target), strict=True))
    assert weights[shape] > 0.2
    others = {k: w for k, w in weights.items() if k != shape and k not in both}
    assert weights[shape] >= 0.7 * max(others.values())
    assert solver(0.0, POINTS)[shape] == 0.0


def test_corners_up_is_a_smile_and_left_is_the_performers() -> None:
    smile = Solver(POINTS)(0.0, moved(p54=(6, 10), p53=(2, 4), p55=(2, 4)))
    assert smile["mouthSmileLeft"] > 0.5 > 0.1 > smile["mouthSmileRight"]
    brow = Solver(POINTS)(0.0, moved(**{f"p{i}": (0.0, 6.0) for i in (17, 18, 19, 20, 21)}))
    assert brow["browOuterUpRight"] > 0.5 > 0.1 > brow["browOuterUpLeft"]
    aside = Solver(POINTS)(0.0, moved(**{f"p{i}": (7.0, 0.0) for i in (7, 8, 9)}))
    assert aside["jawLeft"] > aside["jawRight"] == 0.0


@pytest.mark.parametrize("yaw, pitch", [(0.0, 0.0), (0.5, 0.0), (-0.5, 0.2), (0.0, -0.35)])
def test_the_heads_turn_makes_no_face(yaw: float, pitch: float) -> None:
    matrix, position = to_opencv(head_turn(yaw, pitch, 0.1)), np.array([0.03, 0.02, 0.6])
    rigid = head_pose.Rigid(POINTS, LAYOUT.rigidity)
    for face, shape in ((POINTS, None), (lids(POINTS, "Left", 0.3), "eyeBlinkLeft")):
        seen = project(face, matrix, position)[:, :2]
        head = head_pose.solve(seen, rigid, CAMERA)
        placed = shapes68.in_head(seen, POINTS, head, CAMERA)
        np.testing.assert_allclose(placed, face[:, :2], atol=0.5e-3)
        weights = Solver(POINTS)(0.0, placed)
        assert {k for k, w in weights.items() if w > 0.15} == ({shape} if shape else set())


def test_a_strangers_rest_is_learned_and_an_expression_is_not() -> None:
    own = moved(**{f"p{i}": (0.0, 4.0) for i in range(17, 27)})  # brows that sit high
    own = lids(lids(own, "Left", 1.2), "Right", 1.2)
    solver = Solver()
    shown = [solver(i / 30, own) for i in range(30 * 30)]
    brows = [sum(w for k, w in weights.items() if k.startswith("brow")) for weights in shown]
    assert brows[0] > 0.8 and brows[-1] < 0.1
    raised = own.copy()
    raised[[17, 18, 19, 24, 25, 26], 1] += 6e-3
    first, *_, held = [solver(30 + i / 30, raised)["browOuterUpLeft"] for i in range(30 * 4)]
    assert first > 0.5 and held > 0.8 * first


def test_times_that_stand_still_or_run_backwards_do_no_harm() -> None:
    solver = Solver()
    for t in (5.0, 5.0, 4.0, 1e6, 0.0):
        assert all(0 <= w <= 1 for w in solver(t, POINTS).values())


def test_a_head_in_profile_gives_weights_all_the_same() -> None:
    seen = project(POINTS, to_opencv(head_turn(1.4, 0.0, 0.0)), np.array([0.0, 0.0, 0.6]))[:, :2]
    head = head_pose.solve(seen, head_pose.Rigid(POINTS, LAYOUT.rigidity), CAMERA)
    weights = Solver()(0.0, shapes68.in_head(seen, POINTS, head, CAMERA))
    assert all(0 <= w <= 1 for w in weights.values())


# --- in the pipeline -------------------------------------------------------------------------------------------------


def observation(t: float, points: Array) -> Observation:
    return Observation(t, 0, SIZE, Face(points, LAYOUT, 0.9))


def test_a_tracker_of_68_points_moves_the_whole_avatar(make_pipeline: Callable[..., Pipeline]) -> None:
    pipe = make_pipeline()
    turn, place = to_opencv(head_turn(0.4, -0.1, 0.0)), np.array([0.0, 0.0, 0.6])
    for t, face in ((0.0, POINTS), (0.1, lids(lids(POINTS, "Left", 0.1), "Right", 0.1))):
        (step,) = pipe.step(t, [observation(t, project(face, turn, place)[:, :2])])
        assert step.measured is not None
        np.testing.assert_allclose(step.measured.matrix, turn, atol=0.03)
        # No irises: straight ahead, whatever the lids do.
        assert not step.measured.gaze.any()
    weights = np.array([step.state.blendshapes[n] for n in ARKIT])
    assert (weights[LIDS] > 0.7).all()
    assert step.state.expressions["blink"] > 0.7


@pytest.mark.parametrize("who", ["A", "B"])
def test_on_rendered_heads(who: str, make_pipeline: Callable[..., Pipeline]) -> None:
    """The true points with a pixel of noise: what is to be had from 68 points at all."""

    def followed(clip: str) -> tuple[Any, Array, list[str]]:
        z, every = truth(f"{who}_{clip}"), 2
        noisy = z["lm2d"][::every] + np.random.default_rng(1).normal(0, 1.0, z["lm2d"][::every].shape)
        pipe = make_pipeline()
        states = [pipe.step(i / 15, [observation(i / 15, p)])[0].state for i, p in enumerate(noisy)]
        mine = np.array([[s.blendshapes[n] for n in ARKIT] for s in states])
        return z["blend"][::every], mine, [str(n) for n in z["blend_names"]]

    def agree(true: Any, mine: Array, names: list[str], shape: str) -> float:
        return float(np.corrcoef(true[:, names.index(shape)], mine[:, ARKIT.index(shape)])[0, 1])

    speech = followed("speech")
    assert agree(*speech, "jawOpen") > 0.85
    assert agree(*speech, "mouthPucker") > 0.7
    true, mine, names = blinks = followed("blink")
    for side in ("Left", "Right"):
        assert agree(*blinks, f"eyeBlink{side}") > 0.9
    known = (true, names), (mine, list(ARKIT))
    winks = [w[:, n.index("eyeBlinkLeft")] - w[:, n.index("eyeBlinkRight")] for w, n in known]
    assert np.corrcoef(*winks)[0, 1] > 0.9
