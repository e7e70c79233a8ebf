"""What a calibration is worth, held to: the README's figures are the kept ones, and a profile still makes it better."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from performance import calibrated
from performance.accuracy.rendered import Clip
from performance.accuracy.tracked import Seen, Tracked
from utils import data

from calibration.clips import Clip as Part
from calibration.clips import frames
from calibration.face import FaceCalibration
from calibration.steps import CLIPS
from vtuber import profile
from vtuber.trackers.face_landmarker import Tracker

WHO = "B"


def test_the_readme_shows_the_kept_figures() -> None:
    kept = json.loads(calibrated.KEPT.read_text(encoding="utf-8"))
    text = (calibrated.ROOT / "README.md").read_text(encoding="utf-8")
    assert text == calibrated.readme(text, kept)


def test_the_kept_figures_say_that_a_profile_helps() -> None:
    kept = json.loads(calibrated.KEPT.read_text(encoding="utf-8"))
    for who, pair in kept.items():
        without, with_ = pair["without"], pair["with"]
        assert with_["gaze as it came"] < 0.9 * without["gaze as it came"], who
        assert with_["gaze"] < without["gaze"] + 0.05 and with_["head"] < without["head"] + 0.02, who
        assert with_["shapes"] > without["shapes"] and with_["winks"] == 1.0, who


def test_a_profile_from_other_clips_makes_natural_acting_better(tmp_path: Path) -> None:
    folder, own = data("gt"), FaceCalibration()
    tracker = Tracker()
    parts = [Part(folder / f"{WHO}_{kind}.mp4", CLIPS[kind]) for kind in ("yaw", "pitch", "iso", "blink", "gaze")]
    for part, _, _, observations in frames(parts, tracker):
        own.observe(part.label, observations)
    tracker.close()
    path = tmp_path / "own.json"
    profile.save(own.finish().profile, path)
    without, with_ = calibrated.measure(folder, WHO), calibrated.measure(folder, WHO, str(path))
    assert with_["gaze as it came"] < 0.85 * without["gaze as it came"]
    assert with_["shapes"] > without["shapes"] and with_["head"] < without["head"] + 0.02
    assert with_["winks"] == 1.0


@pytest.mark.parametrize("right, told", [(0.1, True), (0.6, False), (1.0, False)])
def test_a_wink_is_told_when_the_lids_are_apart_on_the_right_side(right: float, told: bool) -> None:
    true = {"eyeBlinkLeft": np.array([0, 1, 1, 0.0]), "eyeBlinkRight": np.zeros(4)}
    seen = [Seen(shapes={"eyeBlinkLeft": 0.8 if i in (1, 2) else 0.0, "eyeBlinkRight": right}) for i in range(4)]
    truth = {"blend_names": list(true), "blend": np.array(list(true.values())).T, "visible": np.ones(4, bool)}
    assert calibrated.winks_told(Clip("A_blink", truth, Tracked.of(seen))) == [told]
