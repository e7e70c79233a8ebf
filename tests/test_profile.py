"""Profiles: written, read back, and refused in one line when they are broken."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from utils import angle_between, face_at, head_turn, layout, seen

from vtuber import profile, rotation
from vtuber.filters.none import Filter
from vtuber.pipeline import Pipeline
from vtuber.profile import Camera, Neutral, Profile
from vtuber.stages import VTuberError

CAMERA = Camera(((600.0, 0.0, 319.5), (0.0, 600.0, 239.5), (0.0, 0.0, 1.0)), (640, 480))
FULL = Profile(
    name="somebody",
    camera=CAMERA,
    neutral=Neutral((0.0, 0.0, 0.0, 1.0), (0.0, 0.0, -0.6)),
    face=tuple((float(x), float(y), float(z)) for x, y, z in layout().points * 0.01),
    ranges={"jawOpen": (0.02, 0.6)},
    gaze_centre=(0.05, -0.02),
    gaze_gain=(1.2, 0.9),
)


def test_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "own.json"
    profile.save(FULL, path)
    assert profile.load(str(path)) == FULL
    profile.save(Profile(), path)
    assert profile.load(str(path)) == Profile()
    assert json.loads(path.read_text(encoding="utf-8"))["version"] == profile.VERSION
    assert os.listdir(path.parent) == ["own.json"]


def test_a_write_that_fails_leaves_the_old_one_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own.json"
    profile.save(FULL, path)

    def disk_full(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", disk_full)
    with pytest.raises(OSError):
        profile.save(Profile(name="other"), path)
    assert profile.load(str(path)) == FULL


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("not json at all", "is not JSON"),
        ("", "is not JSON"),
        ('{"version": 1', "is not JSON"),
        ("[1, 2]", "is broken"),
        ('{"version": "one"}', "is broken"),
        ('{"version": 99}', "newer than this program"),
        ('{"colour": "red"}', "colour"),
        ('{"ranges": {"jawOpened": [0, 1]}}', "jawOpened"),
        ('{"ranges": {"jawOpen": [0.5, 0.5]}}', "jawOpen"),
        ('{"face": [[0, 0, 0]]}', "1 points, not 68"),
        ('{"gaze_gain": [1]}', "is broken"),
    ],
)
def test_a_broken_profile_is_refused_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VTuberError) as caught:
        profile.load(str(path))
    assert complaint in str(caught.value) and str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_profile_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(VTuberError, match="there is no profile"):
        profile.load(str(tmp_path / "none.json"))
    with pytest.raises(VTuberError, match="there is no profile"):
        profile.load("nobody by this name")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(VTuberError, match="cannot be read"):
        profile.load(str(tmp_path / "folder.json"))


def test_the_camera_scales_with_the_picture() -> None:
    half = FULL.camera_matrix(320, 240)
    assert half is not None
    # What is seen at the corner of the large picture is seen at the corner of the small one.
    assert half[0, 2] == pytest.approx((319.5 + 0.5) / 2 - 0.5)
    assert half[0, 0] == 300
    assert FULL.camera_matrix(640, 360) is None
    assert Profile().camera_matrix(640, 480) is None


def test_ranges_stretch_to_the_whole() -> None:
    assert FULL.ranged({"jawOpen": 0.02, "jawLeft": 0.3}) == {"jawOpen": 0.0, "jawLeft": 0.3}
    assert FULL.ranged({"jawOpen": 0.6}) == {"jawOpen": 1.0}
    assert FULL.ranged({"jawOpen": 0.9}) == {"jawOpen": 1.0}


def states(own: Profile, **pose: Any) -> Any:
    return Pipeline(own, Filter).step(0.0, [seen(0.0, face_at(**pose))])[0].state


def test_the_neutral_head_is_level_and_in_its_place() -> None:
    tilted = head_turn(0.2, -0.1, 0.05)
    neutral = Neutral(tuple(rotation.from_matrix(tilted).tolist()), (0.02, -0.01, -0.7))
    own = Profile(camera=CAMERA, neutral=neutral)
    state = states(own, turn=tilted, position=(0.02, 0.01, 0.7))
    assert angle_between(state.head_rotation, rotation.IDENTITY) < 1e-3
    np.testing.assert_allclose(state.head_position, 0, atol=1e-3)


def test_calibrated_gaze_looks_straight_ahead() -> None:
    plain = states(Profile(camera=CAMERA)).bones["leftEye"]
    yaw, pitch = 2 * plain[1], -2 * plain[0]
    state = states(Profile(camera=CAMERA, gaze_centre=(yaw, pitch)))
    assert math.hypot(yaw, pitch) > 0.1
    assert angle_between(state.bones["leftEye"], rotation.IDENTITY) < 0.02
