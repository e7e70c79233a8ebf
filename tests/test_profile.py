"""Profiles: written, read back, and refused in one line when they are broken."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from utils import angle_between, face_at, head_turn, layout, seen

from vtuber import profile, rotation
from vtuber.filters.none import Filter
from vtuber.pipeline import Pipeline
from vtuber.profile import Camera, Eyes, Look, Neutral, Profile
from vtuber.stages import VTuberError

CAMERA = Camera(((600.0, 0.0, 319.5), (0.0, 600.0, 239.5), (0.0, 0.0, 1.0)), (640, 480))
FULL = Profile(
    name="somebody",
    camera=CAMERA,
    neutral=Neutral((0.0, 0.0, 0.0, 1.0), (0.0, 0.0, -0.6)),
    face=tuple((float(x), float(y), float(z)) for x, y, z in layout().points * 0.01),
    ranges={"jawOpen": (0.02, 0.6)},
    eyes=Eyes((0.05, -0.02, 0.04, -0.02), (1.2, 0.9), ((0.1, 0.0, 0.0, 0.0, 0.0), (0.0, 0.1, 0.0, 0.0, 0.0))),
    crosstalk={"jawOpen": {"mouthFunnel": 0.2}},
    look=Look("0123abcd", "AAAA"),
)


def test_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "own.json"
    profile.save(FULL, path)
    assert profile.load(str(path)) == FULL
    profile.save(Profile(), path)
    assert profile.load(str(path)) == Profile()
    assert json.loads(path.read_text(encoding="utf-8"))["version"] == profile.VERSION
    assert os.listdir(path.parent) == ["own.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full disk to try")
def test_a_full_disk_is_said_and_leaves_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    profile.save(FULL, path)
    (tmp_path / "own.json.part").symlink_to("/dev/full")
    with pytest.raises(VTuberError, match="No space left on device; the old one, if there was one, is untouched"):
        profile.save(Profile(name="other"), path)
    assert profile.load(str(path)) == FULL
    assert os.listdir(tmp_path) == ["own.json"]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(VTuberError, match="cannot be written"):
        profile.save(FULL, tmp_path / "file" / "own.json")


def test_the_file_can_be_read_by_people() -> None:
    text = profile.encode(FULL).decode()
    assert '"jawOpen": [0.02, 0.6]' in text
    assert text.endswith("}\n") and len(text.splitlines()) > 80


BROKEN = """{
  "version": 2,
  "name": "somebody",
  "ranges": {
    "jawOpen": [0.1, 0.6],
    "jawLeft": [0.1, "much"]
  }
}
"""


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("not json at all", "line 1: it is not JSON"),
        ("", "line 1: it is not JSON"),
        ('{"version": 1', "is not JSON"),
        ('{\n  "version": 2,\n  "name": "a"\n  "made": ""\n}', "line 4: it is not JSON: Expecting ',' delimiter"),
        ('{"version": NaN}', "NaN is no number"),
        ("[1, 2]", "line 1: Expected `object`"),
        ('{"version": "one"}', "line 1, version: Expected `int`"),
        ('{\n\n"version": 99}', "line 3, version: it is of version 99, newer than this program"),
        ('{"version": 0}', "line 1, version: there never was a version 0"),
        ('{"colour": "red"}', "colour"),
        (BROKEN, "line 6, ranges.jawLeft[1]: Expected `float`, got `str`"),
        (BROKEN.replace("jawLeft", "jawLefty").replace('"much"', "1"), "line 6, ranges.jawLefty: jawLefty is no ARKit"),
        (BROKEN.replace('"much"', "0.1"), "line 6, ranges.jawLeft: a range goes from a smaller to a larger number"),
        ('{\n"face": [[0, 0, 0]]}', "line 2, face: it holds 1 points, not 68"),
        (
            '{"camera":\n{"matrix": [[0,0,1],[0,600,1],[0,0,1]], "size": [640,480]}}',
            "camera: focal lengths and size must be more than 0",
        ),
        (
            '{"camera":\n{"matrix": [[600,0,1],[0,600,1],[0,0,1]], "size": [640,480],\n"distortion": [0.1]}}',
            "camera.distortion: it has five numbers, or none",
        ),
        ('{"eyes": {\n"gain": [1]}}', "line 2, eyes.gain: Expected `array` of length 2"),
        ('{"eyes":\n {"turned": [[1, 2, 3, 4, 5]]}}', "line 2, eyes.turned: turned is of yaw and pitch"),
        ('{"crosstalk":\n {"jawOpen": {"smile": 0.1}}}', "line 2, crosstalk.jawOpen.smile: smile is no ARKit"),
    ],
)
def test_a_broken_profile_is_refused_with_line_and_reason(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VTuberError) as caught:
        profile.load(str(path))
    assert complaint in str(caught.value) and str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_profile_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """As version 1 wrote it."""
    old = {
        "version": 1,
        "name": "somebody",
        "camera": {"matrix": CAMERA.matrix, "size": CAMERA.size, "distortion": []},
        "neutral": {"rotation": [0.0, 0.0, 0.0, 1.0], "position": [0.0, 0.0, -0.6]},
        "face": None,
        "ranges": {"jawOpen": [0.02, 0.6]},
        "gaze_centre": [0.05, -0.02],
        "gaze_gain": [1.2, 0.9],
    }
    path = tmp_path / "old.json"
    path.write_text(json.dumps(old), encoding="utf-8")
    loaded = profile.load(str(path))
    assert loaded.version == profile.VERSION == 2
    assert loaded.eyes == Eyes((0.05, -0.02, 0.05, -0.02), (1.2, 0.9))
    assert loaded.ranges == {"jawOpen": (0.02, 0.6)} and loaded.camera == CAMERA


def test_a_missing_profile_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(VTuberError, match="there is no profile"):
        profile.load(str(tmp_path / "none.json"))
    with pytest.raises(VTuberError, match="there is no profile"):
        profile.load("nobody by this name")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(VTuberError, match="cannot be read"):
        profile.load(str(tmp_path / "folder.json"))


@pytest.mark.parametrize("name", ["", "a/b", "..", "a\\b", "con:", " a", "x" * 81, "line\nbreak"])
def test_a_name_is_no_path(name: str) -> None:
    with pytest.raises(VTuberError, match="cannot be called"):
        profile.path_of(name)


def test_the_camera_scales_with_the_picture() -> None:
    half = FULL.camera_matrix(320, 240)
    assert half is not None
    # What is seen at the corner of the large picture is seen at the corner of the small one.
    assert half[0, 2] == pytest.approx((319.5 + 0.5) / 2 - 0.5)
    assert half[0, 0] == 300
    assert FULL.camera_matrix(640, 360) is None
    assert Profile().camera_matrix(640, 480) is None


def test_what_was_seen_since_counts_before_what_was_calibrated() -> None:
    since = msgspec.structs.replace(FULL, refined={"jawOpen": (0.0, 0.5)})
    assert since.ranged({"jawOpen": 0.25}) == {"jawOpen": 0.5}
    assert since.range_of("jawLeft") == (0.0, 1.0)
    assert msgspec.structs.replace(since, refined={}) == FULL


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
    state = states(Profile(camera=CAMERA, eyes=Eyes((yaw, pitch, yaw, pitch))))
    assert math.hypot(yaw, pitch) > 0.1
    assert angle_between(state.bones["leftEye"], rotation.IDENTITY) < 0.02
