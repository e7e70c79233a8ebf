"""Ranges that follow the performer slowly, and the way back."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from vtuber import cli, profile
from vtuber.profile import Profile
from vtuber.refining import MOST_LEEWAY, REST_LEEWAY, Refiner
from vtuber.session import Session
from vtuber.wire import ARKIT

OWN = {"jawOpen": (0.1, 0.6)}


def speak(refiner: Refiner, seconds: float, rest: float, most: float, fps: float = 30.0) -> None:
    """A jaw that is at rest, and opens for a third of each second."""
    for i in range(round(seconds * fps)):
        t = i / fps
        refiner.see(t, {"jawOpen": most if t % 1.0 < 0.33 else rest})


def test_seconds_change_nothing_that_is_seen_and_minutes_do() -> None:
    refiner = Refiner(OWN, {})
    speak(refiner, 10, 0.1, 0.7)
    assert refiner.ranges["jawOpen"][1] < 0.62
    speak(refiner, 180, 0.1, 0.7)
    assert 0.66 < refiner.ranges["jawOpen"][1] <= 0.71


def test_rest_goes_where_the_face_is_most_of_the_time() -> None:
    refiner = Refiner(OWN, {})
    speak(refiner, 240, 0.07, 0.6)
    rest, most = refiner.ranges["jawOpen"]
    assert rest == pytest.approx(0.07, abs=0.01) and most == pytest.approx(0.6, abs=0.02)


def test_it_never_leaves_the_neighbourhood_of_the_calibration() -> None:
    refiner = Refiner(OWN, {})
    speak(refiner, 2000, 0.9, 1.0, fps=10)
    rest, most = refiner.ranges["jawOpen"]
    assert rest <= 0.1 + REST_LEEWAY * 0.5 + 1e-9 and most <= 0.6 + MOST_LEEWAY * 0.5 + 1e-9 and rest < most


def test_a_shape_that_is_not_shown_keeps_its_reach() -> None:
    refiner = Refiner(OWN, {})
    for i in range(9000):
        refiner.see(i / 30, {"jawOpen": 0.1})
    assert refiner.ranges["jawOpen"][1] == 0.6


def test_it_goes_on_where_it_was_and_keeps_only_what_changed() -> None:
    assert Refiner(OWN, {}).refined == {}
    again = Refiner(OWN, {"jawOpen": (0.09, 0.66)})
    assert again.refined == {"jawOpen": (0.09, 0.66)}
    again.see(0.0, dict.fromkeys(ARKIT, 1.0))
    again.see(1e9, dict.fromkeys(ARKIT, 1.0))
    assert again.ranges["jawOpen"][1] < 0.67, "a long pause is no long look"


def run(own: Path, *more: str) -> None:
    arguments = ["run", "--source", "demo", "--no-browser", "--port", "0", "--profile", str(own), "--frames", "12"]
    with Session(cli._parser().parse_args([*arguments, *more]), say=lambda line: None) as session:
        session.run(12)


def test_in_use_only_when_allowed_and_there_is_a_way_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.json"
    kept = Profile(name="own", ranges={"jawOpen": (0.1, 0.6), "mouthPucker": (0.2, 0.7)})
    profile.save(kept, own)
    run(own)
    assert profile.load(str(own)) == kept
    run(own, "--set", "pipeline.refine=true")
    refined = profile.load(str(own))
    assert refined.refined and msgspec.structs.replace(refined, refined={}) == kept
    assert cli.main(["calibrate", "back", "--profile", str(own)]) == 0
    assert profile.load(str(own)) == kept
    assert "again as they were calibrated" in capsys.readouterr().out
