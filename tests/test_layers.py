"""Several sources, one body: who gives what, who shows, and that nothing pops."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from utils import angle_between, numbers

from vtuber import parts, rotation
from vtuber.layers import FADE_S, FIELDS, PARTS, PRESENT_S, SILENT_S, Field, field_of_bone, overlay
from vtuber.pipeline import Pipeline, Seen
from vtuber.pose import REST, SHARES, Pose, to_state
from vtuber.profile import Profile
from vtuber.stages import Array, Observation, Performance
from vtuber.wire import ARKIT, AvatarState

DT = 1 / 60
LEFT, RIGHT = rotation.from_yaw_pitch(0.5, 0.0), rotation.from_yaw_pitch(-0.5, 0.0)
ARM = rotation.exp(np.array([0.0, 0.0, 0.9]))
SPINE = rotation.exp(np.array([0.3, 0.0, 0.0]))
FINGER = rotation.exp(np.array([0.0, 0.0, -0.4]))

CAMERA = Performance(LEFT, np.zeros(3), np.full(4, 0.2), {"jawOpen": 0.8, "eyeBlinkLeft": 0.6})
"""What stands for a camera: all of a face."""
SUIT = Performance(RIGHT, np.zeros(3), None, {"jawOpen": 0.1}, None, {"leftUpperArm": ARM, "leftIndexProximal": FINGER})
"""What stands for a motion capture app."""


MOST = 1.05 * 1.5 * DT / FADE_S * angle_between(Pose().bone("leftUpperArm"), ARM)
"""The fastest that the longest way may be faded: 3/2 of its mean speed. Arms fade from where they hang."""


def pipeline(*named: str) -> Pipeline:
    return Pipeline(
        Profile(), parts.find("filter", "none"), None, [name.split(",") if name else tuple(PARTS) for name in named]
    )


def said(t: float, performance: Performance | None) -> Seen:
    return Seen([Observation(t, 0, (0, 0), None, performance)], everybody=False)


def play(
    pipe: Pipeline, speaking: Sequence[Sequence[Performance | None]], steps: int, start: int = 0
) -> list[AvatarState]:
    """`speaking[i]` speaks in turn through the steps of layer i; None: says nothing."""
    states = []
    for n in range(start, start + steps):
        t = n * DT
        now = [line[min(n - start, len(line) - 1)] for line in speaking]
        seen = [Seen(everybody=False) if p is None else said(t, p) for p in now]
        states.append(pipe.combine(t, seen)[0].state)
    return states


def largest_step(states: Sequence[AvatarState]) -> float:
    """Radians and weights between one state and the next, of everything that an avatar shows."""
    worst = 0.0
    for a, b in zip(states, states[1:], strict=False):
        bones = {*a.bones, *b.bones}
        relaxed = Pose()
        turns = [angle_between(a.bones.get(n, relaxed.bone(n)), b.bones.get(n, relaxed.bone(n))) for n in bones]
        weights = np.abs(np.array([*a.blendshapes.values()]) - np.array([*b.blendshapes.values()])).max()
        worst = max(worst, float(weights), *turns)
    return worst


# --- which part of the body a thing belongs to ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bone, field",
    [
        ("hips", "body"), ("spine", "body"), ("leftUpperArm", "body"), ("rightFoot", "body"), ("leftToes", "body"),
        ("leftHand", "hands"), ("rightThumbMetacarpal", "hands"), ("leftLittleDistal", "hands"), ("jaw", "face"),
    ],
)  # fmt: skip
def test_every_bone_has_its_field(bone: str, field: Field) -> None:
    assert field_of_bone(bone) == field


def test_every_shape_has_its_field() -> None:
    whole = Pose(weights=np.ones(len(ARKIT)))
    found = {}
    for field in FIELDS:
        shown = overlay(REST, whole, {field: 1.0}).weights
        found[field] = {name for name, w in zip(ARKIT, shown, strict=True) if w == 1.0}
        assert set(shown.tolist()) <= {0.0, 1.0}
    assert found["gaze"] == {n for n in ARKIT if n.startswith("eyeLook")}
    assert {"eyeBlinkLeft", "eyeSquintRight", "eyeWideLeft"} <= found["eyelids"] and len(found["eyelids"]) == 6
    assert len(found["face"]) == 38
    assert sum(map(len, found.values())) == len(ARKIT)


def test_an_overlay_takes_each_field_as_far_as_its_level_says() -> None:
    above = Pose(LEFT, np.ones(3), np.ones(4), np.ones(52), bones={"leftUpperArm": ARM, "leftHand": FINGER})
    half = overlay(REST, above, {"rotation": 0.5, "gaze": 0.25, "hands": 1.0})
    assert angle_between(half.rotation, rotation.from_yaw_pitch(0.25, 0.0)) < 1e-9
    assert half.position.tolist() == [0, 0, 0] and half.gaze.tolist() == [0.25] * 4
    assert half.weights[ARKIT.index("eyeLookInLeft")] == 0.25 and half.weights[ARKIT.index("jawOpen")] == 0
    assert list(half.bones) == ["leftHand"]
    everything: Mapping[Field, float] = dict.fromkeys(FIELDS, 1.0)
    np.testing.assert_array_equal(overlay(REST, above, everything).weights, above.weights)


# --- who shows --------------------------------------------------------------------------------------------------------


def test_a_later_source_overlays_what_it_gives() -> None:
    state = play(pipeline("", ""), [[CAMERA], [SUIT]], 60)[-1]
    assert angle_between(state.head_rotation, RIGHT) < 1e-9
    assert state.blendshapes["jawOpen"] == pytest.approx(0.1) and state.blendshapes["eyeBlinkLeft"] == 0
    # It does not say where the eyes look: those of the lower one stay.
    assert state.blendshapes["eyeLookOutLeft"] == pytest.approx(
        play(pipeline(""), [[CAMERA]], 1)[0].blendshapes["eyeLookOutLeft"]
    )
    assert "leftUpperArm" in state.bones and "leftIndexProximal" in state.bones


def test_a_source_gives_only_the_parts_that_it_may() -> None:
    state = play(pipeline("", "body"), [[CAMERA], [SUIT]], 60)[-1]
    assert angle_between(state.head_rotation, LEFT) < 1e-9
    assert state.blendshapes["jawOpen"] == pytest.approx(0.8)
    assert angle_between(state.bones["leftUpperArm"], ARM) < 1e-9
    assert "leftIndexProximal" not in state.bones
    alone = play(pipeline("head,hands"), [[SUIT]], 2)[-1]
    assert angle_between(alone.head_rotation, RIGHT) < 1e-9
    assert (
        alone.blendshapes["jawOpen"] == 0 and "leftIndexProximal" in alone.bones and "leftUpperArm" not in alone.bones
    )


def test_a_body_that_bends_leaves_the_head_to_who_gives_it() -> None:
    bending = Performance(bones={"spine": SPINE, "chest": SPINE})
    state = play(pipeline("", "body"), [[CAMERA], [bending]], 60)[-1]
    turn = rotation.IDENTITY
    for bone in SHARES:
        turn = rotation.multiply(turn, np.array(state.bones[bone]))
    assert angle_between(turn, LEFT) < 1e-6
    assert angle_between(state.bones["spine"], SPINE) < 1e-9
    for hips in (rotation.IDENTITY, LEFT):
        made = to_state(Pose(RIGHT, bones={"hips": hips, "chest": SPINE}), 0.0, 0, "tracked", 1.0)
        turn = hips
        for bone in SHARES:
            turn = rotation.multiply(turn, np.array(made.bones[bone]))
        assert angle_between(turn, RIGHT) < 1e-6
        assert angle_between(made.bones["spine"], rotation.IDENTITY) < 1e-9


@pytest.mark.parametrize("leaves", ["silent", "sees nobody"])
def test_a_source_that_stops_lets_the_lower_one_through_without_a_pop(leaves: str) -> None:
    gone: Performance | None = None
    pipe = pipeline("", "")
    before = play(pipe, [[CAMERA], [SUIT]], 60)
    if leaves == "sees nobody":
        pipe.combine(1.0, [said(1.0, CAMERA), said(1.0, None)])
    after = play(pipe, [[CAMERA], [gone]], 120, start=60)
    assert angle_between(after[0].head_rotation, RIGHT) < 1e-9, "held at first"
    held = [s for s in after if angle_between(s.head_rotation, RIGHT) < 1e-6]
    assert len(held) * DT == pytest.approx(SILENT_S, abs=3 * DT)
    assert angle_between(after[-1].head_rotation, LEFT) < 1e-9
    assert after[-1].blendshapes["jawOpen"] == pytest.approx(0.8)
    assert "leftUpperArm" not in after[-1].bones
    assert {s.tracking for s in after} == {"tracked"}
    back = play(pipe, [[CAMERA], [SUIT]], 60, start=180)
    assert angle_between(back[-1].head_rotation, RIGHT) < 1e-9
    assert largest_step([*before, *after, *back]) < MOST


def test_a_source_that_hiccups_is_not_left() -> None:
    pipe = pipeline("", "")
    speaking = [SUIT if n % 24 == 0 else None for n in range(240)]
    states = play(pipe, [[CAMERA], speaking], 240)
    assert all(angle_between(s.head_rotation, RIGHT) < 1e-9 for s in states[1:])


def test_one_app_at_a_slow_rate_is_tracked_all_the_time() -> None:
    speaking = [CAMERA if n % 4 == 0 else None for n in range(60)]
    assert {s.tracking for s in play(pipeline(""), [speaking], 60)} == {"tracked"}
    assert 4 * DT < PRESENT_S


def test_when_all_are_silent_the_performer_is_lost_with_grace_and_comes_back() -> None:
    pipe = pipeline("", "body")
    before = play(pipe, [[CAMERA], [SUIT]], 30)
    silent = play(pipe, [[None], [None]], 150, start=30)
    order = list(dict.fromkeys(s.tracking for s in silent))
    assert order == ["tracked", "coasting", "lost"]
    assert silent[-1].confidence == 0 and "leftUpperArm" not in silent[-1].bones
    back = play(pipe, [[CAMERA], [SUIT]], 60, start=180)
    assert [s.tracking for s in back][0] == "reacquired" and back[-1].tracking == "tracked"
    assert angle_between(back[-1].head_rotation, LEFT) < 1e-9 and "leftUpperArm" in back[-1].bones
    assert largest_step([*before, *silent, *back]) < MOST


def test_who_sees_nobody_from_the_start_gives_nothing() -> None:
    pipe = pipeline("")
    assert pipe.combine(0.0, [said(0.0, None)])[0].state.tracking == "lost"
    assert pipe.combine(0.1, [said(0.1, Performance())])[0].state.tracking == "lost", "says nothing at all"


def test_mirrored_layers_change_sides() -> None:
    plain = play(pipeline(""), [[SUIT]], 1)[0]
    mirror = Pipeline(Profile(), parts.find("filter", "none"), None, [tuple(PARTS)], mirror=True)
    mirrored = play(mirror, [[SUIT]], 1)[0]
    assert angle_between(mirrored.bones["rightUpperArm"], rotation.mirror(np.array(plain.bones["leftUpperArm"]))) < 1e-9
    assert "leftUpperArm" not in mirrored.bones and "rightIndexProximal" in mirrored.bones


def test_several_people_of_one_app_do_not_flicker() -> None:
    pipe = pipeline("")
    states: list[list[str]] = []
    for n in range(60):
        both: Array = np.zeros(3)
        o = Observation(n * DT, n % 2, (0, 0), None, Performance(LEFT, both))
        states.append([s.state.tracking for s in pipe.combine(n * DT, [Seen([o], everybody=False)])])
    assert all(set(now) == {"tracked"} for now in states[2:])


def test_numbers_stay_whole_whatever_comes_and_goes() -> None:
    random = np.random.default_rng(5)
    pipe = pipeline("", "eyes,face", "body,hands")
    for n in range(400):
        layer = [
            said(n * DT, random.choice([CAMERA, SUIT, None])) if random.random() < 0.6 else Seen(everybody=False)
            for _ in range(3)
        ]  # type: ignore[arg-type]
        state = pipe.combine(n * DT, layer)[0].state
        assert np.isfinite(numbers(state)).all()
        assert all(0 <= w <= 1 for w in (*state.blendshapes.values(), *state.expressions.values()))
        assert all(math.isclose(np.linalg.norm(q), 1.0, abs_tol=1e-6) for q in state.bones.values())
