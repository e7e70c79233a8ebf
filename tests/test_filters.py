"""The contract of every filter, over the folder; then what each promises on motion like a performer's."""

from __future__ import annotations

import math
from typing import Any, get_args

import numpy as np
import pytest
from utils import angle_between, random_rotation

from vtuber import parts, rotation
from vtuber.signals import Rotations
from vtuber.stages import Array, Filter, Signal

NAMES = parts.names("filter")
SIGNALS: tuple[Signal, ...] = get_args(Signal)
SIZES: dict[Signal, int] = {"rotation": 4, "position": 3, "gaze": 4, "eyelids": 2, "weights": 52}
FPS = 30.0


def make(name: str, signal: Signal, **settings: Any) -> Filter:
    made: Filter = parts.find("filter", name)(signal, **settings)
    return made


def value(signal: Signal, amount: float) -> Array:
    """A value of the signal: `amount` in its own unit."""
    if signal == "rotation":
        return rotation.from_yaw_pitch(amount, 0.3 * amount)
    return np.full(SIZES[signal], amount)


def amounts(signal: Signal, values: list[Array]) -> Array:
    """The first number of each, or the yaw of a rotation."""
    if signal == "rotation":
        return np.array([rotation.yaw_pitch_roll(rotation.to_matrix(q))[0] for q in values])
    return np.array([v[0] for v in values])


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=SIGNALS)
def signal(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_a_constant_stays(name: str, signal: Signal) -> None:
    f, x = make(name, signal), value(signal, 0.4)
    for i in range(60):
        np.testing.assert_allclose(f(i / FPS, x), x, atol=1e-9)


def test_no_smoothing_is_no_change(name: str, signal: Signal) -> None:
    settings = {s.name for s in parts.settings(parts.find("filter", name))}
    f = make(name, signal, **({"smoothing": 0.0} if "smoothing" in settings else {}))
    for i in range(20):
        x = value(signal, 0.5 * math.sin(7 * i))
        np.testing.assert_array_equal(f(i / FPS, x), x)


def test_equal_and_earlier_times_do_no_harm(name: str, signal: Signal) -> None:
    f = make(name, signal)
    for t in (1.0, 1.0, 1.0, 0.5, -3.0, 1.0, 1.0 + 1e-12, 1.1):
        y = f(t, value(signal, 0.3 + 0.1 * t))
        assert np.isfinite(y).all()
        assert np.abs(amounts(signal, [y])[0]) < 0.6
    target = value(signal, 0.5)
    for i in range(120):
        y = f(1.2 + i / FPS, target)
    np.testing.assert_allclose(y, target, atol=0.01)


def test_reset_forgets(name: str, signal: Signal) -> None:
    f = make(name, signal)
    for i in range(30):
        f(i / FPS, value(signal, 0.02 * i))
    f.reset()
    fresh, after = make(name, signal), value(signal, -0.5)
    for i in range(10):
        t, x = 0.2 + i / FPS, value(signal, -0.5 + 0.01 * i)
        np.testing.assert_array_equal(f(t, x), fresh(t, x))
    f.reset()
    np.testing.assert_array_equal(f(99.0, after), after)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_no_number_is_refused_and_leaves_no_trace(name: str, signal: Signal, bad: float) -> None:
    f = make(name, signal)
    for i in range(10):
        f(i / FPS, value(signal, 0.1))
    broken = value(signal, 0.1)
    broken[-1] = bad
    with pytest.raises(ValueError, match="not finite"):
        f(11 / FPS, broken)
    np.testing.assert_allclose(f(12 / FPS, value(signal, 0.1)), value(signal, 0.1), atol=1e-9)


def test_the_callers_array_is_left_alone(name: str, signal: Signal) -> None:
    f = make(name, signal)
    for i in range(5):
        x = value(signal, 0.1 * i)
        before = x.copy()
        f(i / FPS, x)
        np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("smoothing_name", [n for n in NAMES if n != "none"])
@pytest.mark.parametrize("smoothing", [-1.0, math.nan, math.inf])
def test_smoothing_must_not_be_negative(smoothing_name: str, smoothing: float) -> None:
    with pytest.raises(ValueError, match="negative"):
        make(smoothing_name, "gaze", smoothing=smoothing)


# --- rotations -------------------------------------------------------------------------------------------------------


def test_rotations_stay_of_unit_length(name: str) -> None:
    f, random = make(name, "rotation"), np.random.default_rng(1)
    for i in range(100):
        assert np.linalg.norm(f(i / FPS, random_rotation(random))) == pytest.approx(1.0)


def test_q_and_minus_q_are_one_rotation(name: str) -> None:
    steady, flipping = make(name, "rotation"), make(name, "rotation")
    for i in range(60):
        q = rotation.from_yaw_pitch(0.02 * i, 0.1)
        a, b = steady(i / FPS, q), flipping(i / FPS, q if i % 2 else -q)
        assert angle_between(a, b) < 1e-6


def test_across_half_a_turn_the_short_way_is_taken(name: str) -> None:
    f = make(name, "rotation")
    angles = math.pi + 0.02 * np.arange(-30, 31)
    for i, angle in enumerate(angles):
        y = f(i / FPS, rotation.exp(np.array([0.0, float(angle) % math.tau, 0.0])))
        # Behind by what smoothing costs, never by the long way round through the front.
        assert angle_between(y, rotation.exp(np.array([0.0, float(angle), 0.0]))) < 0.35


def test_no_axis_is_smoothed_alone(name: str) -> None:
    """The same motion seen in a turned frame gives the same answer, turned."""
    plain, turned = make(name, "rotation"), make(name, "rotation")
    frame = rotation.normalize(np.array([0.3, -0.5, 0.2, 0.7]))
    for i in range(60):
        q = rotation.from_yaw_pitch(0.4 * math.sin(0.2 * i), 0.2 * math.cos(0.3 * i))
        a = rotation.multiply(frame, rotation.multiply(plain(i / FPS, q), rotation.conjugate(frame)))
        b = turned(i / FPS, rotation.multiply(frame, rotation.multiply(q, rotation.conjugate(frame))))
        assert angle_between(a, b) < 1e-6


# --- motion ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fps, allowed", [(15.0, 0.10), (60.0, 0.06), (120.0, 0.08)])
def test_the_frame_rate_changes_little(name: str, signal: Signal, fps: float, allowed: float) -> None:
    """The same motion at another rate: compared where both have a sample, in shares of the motion's size."""

    def filtered(rate: float) -> Array:
        f = make(name, signal)
        times = np.arange(0, 4, 1 / rate)
        y = amounts(signal, [f(float(t), value(signal, 0.4 * math.sin(4.0 * t))) for t in times])
        return y[:: round(rate / 15.0)] / 0.8

    np.testing.assert_allclose(filtered(fps)[8:], filtered(FPS)[8:], atol=allowed)


NOISE: dict[Signal, float] = {"rotation": 0.0015, "position": 0.0005, "gaze": 0.008, "eyelids": 0.01, "weights": 0.01}
"""What the tracker's values do on a still face, standard deviation."""


@pytest.mark.parametrize("name", [n for n in NAMES if n != "none"])
def test_a_still_face_is_calmed(name: str, signal: Signal) -> None:
    random, f = np.random.default_rng(7), make(name, signal)
    raw = [value(signal, 0.2 + float(random.normal(0, NOISE[signal]))) for _ in range(300)]
    smooth = [f(i / FPS, x) for i, x in enumerate(raw)]
    calmed = np.std(amounts(signal, smooth)[30:]) / np.std(amounts(signal, raw)[30:])
    assert calmed < {"steady": 0.85, "one_euro": 0.85}.get(name, 0.995)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "none"])
def test_twice_the_smoothing_is_calmer(name: str, signal: Signal) -> None:
    def jitter(smoothing: float) -> float:
        random, f = np.random.default_rng(8), make(name, signal, smoothing=smoothing)
        values = [f(i / FPS, value(signal, float(random.normal(0, NOISE[signal])))) for i in range(300)]
        return float(np.abs(np.diff(amounts(signal, values)[60:])).mean())

    assert jitter(2.0) < jitter(1.0) < jitter(0.5)


def delay(true: Array, late: Array, fps: float = FPS) -> float:
    """Seconds by which one curve lies behind another: where they correlate best."""
    t = np.arange(len(true)) / fps
    shifts = np.arange(-0.1, 0.3, 0.002)
    fits = [np.corrcoef(np.interp(t - s, t, true)[10:-10], late[10:-10])[0, 1] for s in shifts]
    return float(shifts[int(np.argmax(fits))])


PROMPT = pytest.mark.parametrize("prompt", ["steady", "one_euro"])
"""Those that are calm and prompt; the others are only one of both."""


@PROMPT
def test_a_head_shake_comes_through_within_a_frame(prompt: str) -> None:
    f, random = make(prompt, "rotation"), np.random.default_rng(9)
    t = np.arange(0, 4, 1 / FPS)
    yaw = math.radians(20) * np.sin(math.tau * 1.5 * t)
    out = [f(float(s), value("rotation", y + float(random.normal(0, 0.0015)))) for s, y in zip(t, yaw, strict=True)]
    late = amounts("rotation", out)
    assert delay(yaw, late) < 0.4 / FPS
    assert np.ptp(late[30:]) > 0.95 * np.ptp(yaw)


@PROMPT
def test_a_saccade_is_there_within_two_frames(prompt: str) -> None:
    f = make(prompt, "gaze")
    jump = math.radians(20)
    out = [f(i / FPS, value("gaze", 0.0 if i < 30 else jump)) for i in range(40)]
    assert amounts("gaze", out)[31] > 0.8 * jump


@PROMPT
def test_a_short_blink_reaches_its_depth(prompt: str) -> None:
    """100 ms from open to open: the lid goes down in two frames and up in two."""
    f = make(prompt, "eyelids")
    lid = [0.0] * 30 + [0.5, 1.0, 0.5] + [0.0] * 30
    out = amounts("eyelids", [f(i / FPS, value("eyelids", x)) for i, x in enumerate(lid)])
    assert out.max() > 0.9
    assert out[36] < 0.15


# --- the default: still, and at once ---------------------------------------------------------------------------------

WANDER, HISS, WANDER_S = math.radians(0.08), math.radians(0.05), 0.7
"""What the head pose of a still face does: a slow wander, and what changes from frame to frame."""


def wandering(count: int, seed: int) -> Array:
    """Yaw of a head that stands still, radians, as it is measured."""
    random, stay = np.random.default_rng(seed), math.exp(-1 / (WANDER_S * FPS))
    walk, at = np.zeros(count), random.normal(0, WANDER)
    for i in range(count):
        at = stay * at + random.normal(0, WANDER * math.sqrt(1 - stay * stay))
        walk[i] = at
    return walk + random.normal(0, HISS, count)


def turned(yaw: Array, **settings: Any) -> Array:
    f = make("steady", "rotation", **settings)
    return amounts("rotation", [f(i / FPS, value("rotation", float(y))) for i, y in enumerate(yaw)])


def wobble(yaw: Array) -> float:
    """Standard deviation without the slope, degrees."""
    i = np.arange(len(yaw))
    return math.degrees(float(np.std(yaw - np.polyval(np.polyfit(i, yaw, 1), i))))


def test_a_still_head_stands_still() -> None:
    raw = [wandering(180, seed) for seed in range(12)]
    calm = [wobble(turned(yaw)) for yaw in raw]
    assert np.median([wobble(yaw) for yaw in raw]) > 0.07
    assert np.median(calm) < 0.02 and max(calm) < 0.045


@pytest.mark.parametrize("speed", [0.3, 0.5, 1.0, 2.0, 5.0])
def test_a_slow_turn_neither_sticks_nor_steps(speed: float) -> None:
    """Degrees per second. What is shown stays close, and goes on more evenly than what is measured."""
    t = np.arange(300) / FPS
    true = np.radians(speed * np.clip(t - 2, 0, None))
    going = slice(90, 300)
    errors, uneven = [], []
    for seed in range(4):
        measured = true + wandering(300, seed)
        shown = turned(measured)
        errors.append(math.degrees(float((true - shown)[going].mean())))
        rate = np.degrees(np.diff(shown[going])) * FPS
        uneven.append(float(rate.std() / (np.degrees(np.diff(measured[going])) * FPS).std()))
        assert (np.abs(true - shown)[going] < math.radians(0.7)).all()
        # A stair would stand for a while: over any half second it gets somewhere.
        half = round(0.5 * FPS)
        gone = np.degrees(shown[90 + half :] - shown[90:-half])
        assert gone.min() > (0.1 if speed >= 1 else -0.1) * speed
    assert 0 <= np.mean(errors) < 0.3
    assert np.mean(uneven) < 0.8


@pytest.mark.parametrize("speed", [5.0, 10.0, 30.0, 100.0])
def test_a_head_that_sets_off_does_not_snap(speed: float) -> None:
    """Degrees per second, reached within 0.3 s: the way held back at first is small, and made up gently."""
    t = np.arange(120) / FPS
    on = np.clip(t - 2, 0, None)
    true = np.radians(np.minimum(60, np.where(on < 0.3, speed * on * on / 0.6, speed * (on - 0.15))))
    for seed in range(3):
        measured = true + wandering(120, seed)
        shown = turned(measured)
        assert math.degrees(float(np.abs(measured - shown)[60:].max())) < 0.8
        steps = np.degrees(np.diff(shown[60:]))
        assert steps.max() < speed / FPS + 0.8


def test_at_any_speed_it_stays_within_reach() -> None:
    random = np.random.default_rng(4)
    yaw = np.cumsum(random.normal(0, 1, 400) * random.choice([0.0003, 0.003, 0.03], 400))
    assert np.abs(turned(yaw) - yaw)[6:].max() < 2.2 * math.radians(0.344)


def test_a_first_value_that_is_off_is_soon_forgotten() -> None:
    yaw = np.zeros(60)
    yaw[0] = math.radians(0.3)
    assert math.degrees(abs(turned(yaw)[6])) < 0.06


def test_depth_may_wander_further_than_the_place_across() -> None:
    f, shown = make("steady", "position"), []
    random = np.random.default_rng(5)
    for i in range(150):
        shown.append(f(i / FPS, np.array([0.1, 0.0, 0.6]) + random.normal(0, (0.0001, 0.0001, 0.0006))))
    assert (np.std(shown, axis=0)[:2] < 0.00005).all() and np.std(shown, axis=0)[2] < 0.0003
    shown = [f(5 + i / FPS, np.array([0.102, 0.0, 0.6])) for i in range(10)]
    assert shown[-1][0] == pytest.approx(0.102, abs=0.0006), "2 mm to the side are seen"


def test_presets_say_what_they_do() -> None:
    still = wandering(180, 3)
    moves = {p: np.abs(np.diff(turned(still, preset=p)[30:])).mean() for p in ("low-latency", "balanced", "calm")}
    assert moves["calm"] < moves["balanced"] < moves["low-latency"] < np.abs(np.diff(still[30:])).mean()
    np.testing.assert_array_equal(turned(still, preset="calm"), turned(still, smoothing=2.0))
    with pytest.raises(ValueError, match="preset must be one of balanced, low-latency, calm"):
        make("steady", "gaze", preset="quick")


@pytest.mark.parametrize("ahead", [30.0, 60.0])
def test_prediction_makes_up_for_what_camera_and_screen_take(ahead: float) -> None:
    t = np.arange(0, 6, 1 / FPS)
    yaw = math.radians(20) * np.sin(math.tau * 0.8 * t)
    measured = yaw + wandering(len(t), 1)
    later = math.radians(20) * np.sin(math.tau * 0.8 * (t + ahead / 1000))
    plain, predicted = (np.abs(turned(measured, predict_ms=p) - later)[15:].mean() for p in (0.0, ahead))
    assert predicted < 0.6 * plain
    assert wobble(turned(wandering(180, 2), predict_ms=ahead)) < 0.04, "a still head stays still"


def test_prediction_is_for_head_and_place_only_and_knows_how_fast_people_are() -> None:
    for signal in ("gaze", "eyelids", "weights"):
        plain, ahead = make("steady", signal), make("steady", signal, predict_ms=100.0)
        for i in range(40):
            x = value(signal, 0.3 * math.sin(0.7 * i))
            np.testing.assert_array_equal(plain(i / FPS, x), ahead(i / FPS, x))
    jump = np.where(np.arange(60) < 30, 0.0, math.radians(60))
    assert turned(jump, predict_ms=100.0).max() < math.radians(60) + 0.1 * 4.0 * 1.1
    for wrong in (-1.0, 201.0, math.nan):
        with pytest.raises(ValueError, match="predict_ms"):
            make("steady", "rotation", predict_ms=wrong)


# --- the space of a signal -------------------------------------------------------------------------------------------


def test_a_step_of_a_rotation_leads_where_it_says() -> None:
    random = np.random.default_rng(3)
    for _ in range(100):
        a, b = random_rotation(random), random_rotation(random)
        step = Rotations.difference(b, a)
        assert np.linalg.norm(step) <= math.pi + 1e-9
        assert angle_between(Rotations.moved(a, step), b) < 1e-6
