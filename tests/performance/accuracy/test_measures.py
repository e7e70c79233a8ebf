"""The yardstick itself: its arithmetic on cases of known answer, its readers on files written here."""

from __future__ import annotations

import json
import math
import pickle
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from vtuber import rotation
from vtuber.rotation import FROM_CAMERA
from vtuber.stages import Array

from . import arkit, landmarks, mat, measures, openseeface, stills, table
from .stills import pose_matrix
from .tracked import Seen, Tracked


def turned(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> Array:
    """Head -> camera of angles in degrees, from elementary turns."""
    turn: Array = np.eye(3)
    for axis, angle in ((1, yaw), (0, -pitch), (2, roll)):
        turn = turn @ rotation.to_matrix(rotation.exp(np.eye(3)[axis] * math.radians(angle)))
    return FROM_CAMERA[:, None] * turn


def picture(path: Path) -> Path:
    """A file of that name; nobody looks into it here."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


# --- arithmetic ------------------------------------------------------------------------------------------------------


def test_angles_are_those_that_a_head_was_turned_by() -> None:
    angles = measures.angles_deg(np.stack([turned(40, -20, 10), turned()]))
    np.testing.assert_allclose(angles, [[40, -20, 10], [0, 0, 0]], atol=1e-9)


def test_a_constant_turn_is_taken_out_and_the_rest_is_the_error() -> None:
    true = np.stack([turned(yaw, pitch) for yaw in (-20, 0, 20) for pitch in (-10, 10)])
    found = true @ turned(180, 5, 3)
    constant = measures.constant_turn(true, found)
    np.testing.assert_allclose(measures.geodesic_deg(true @ constant, found), 0, atol=1e-5)
    assert measures.geodesic_deg(turned(30)[None], turned(37)[None])[0] == pytest.approx(7)


def test_a_correlation_needs_something_to_follow() -> None:
    ramp = np.arange(10.0)
    assert measures.correlation(-2 * ramp, ramp) == pytest.approx(-1)
    assert measures.correlation(np.full(10, 0.3), ramp) == 0.0
    assert math.isnan(measures.correlation(ramp, np.ones(10)))
    assert math.isnan(measures.correlation(ramp[:3], ramp[:3]))
    with_gaps = np.where(ramp % 2 == 0, np.nan, ramp)
    assert measures.correlation(with_gaps, ramp) == pytest.approx(1)


@pytest.mark.parametrize("delay", [0.0, 0.05, -0.03])
def test_a_delay_is_found_in_either_direction(delay: float) -> None:
    t = np.arange(200) / 30
    true = np.stack([np.sin(7 * t), np.cos(5 * t)], axis=1)
    found = np.stack([np.sin(7 * (t - delay)), np.cos(5 * (t - delay))], axis=1)
    assert measures.delay_ms(true, found, 30.0) == pytest.approx(1000 * delay, abs=2.1)


def test_jitter_is_what_a_drift_leaves() -> None:
    drift = np.linspace(0, 5, 50)
    noise = np.tile([0.1, -0.1], 25)
    spread = measures.spread_about_trend(np.stack([drift, drift + noise], axis=1))
    np.testing.assert_allclose(spread, [0, 0.1], atol=1e-3)


# --- pictures --------------------------------------------------------------------------------------------------------


def test_a_pose_of_300w_lp_has_every_sign_the_other_way() -> None:
    for given, expected in (((0.2, 0, 0), (0, 0.2, 0)), ((0, 0.2, 0), (-0.2, 0, 0)), ((0, 0, 0.2), (0, 0, -0.2))):
        angles = measures.angles_deg(pose_matrix(*given)[None])[0]
        np.testing.assert_allclose(angles, np.degrees(expected), atol=1e-9)


def test_a_pose_of_300w_lp_is_turned_about_x_first() -> None:
    """R = Rx Ry Rz: a nod of the turned head leaves the pitch of the face's axis as the plain order says."""
    m = FROM_CAMERA[:, None] * pose_matrix(0.3, -0.5, 0.0)
    nod, turn = (
        rotation.to_matrix(rotation.exp(np.array([-0.3, 0, 0]))),
        rotation.to_matrix(rotation.exp(np.array([0, 0.5, 0]))),
    )
    np.testing.assert_allclose(m, nod @ turn, atol=1e-12)


def test_poses_are_scored_by_band_after_one_constant_turn() -> None:
    truth = {Path(f"{yaw}.jpg"): turned(yaw) for yaw in (-10, 0, 10, 40)}
    seen: dict[Path, Seen | None] = {path: Seen(m @ turned(0, 7)) for path, m in truth.items()}
    made = stills.pose_figures(truth, seen)
    assert made["pose_deg"] == pytest.approx(0, abs=1e-5) and made["poses_found"] == 1
    seen[Path("0.jpg")] = None
    blind = stills.pose_figures(truth, seen)
    assert blind["poses_found"] == 0.75 and np.isnan(blind["pose_errors"]).tolist() == [False, True, False, False]
    assert {"pose_from_0_deg", "pose_from_30_deg"} <= made.keys() and "pose_from_60_deg" not in made


def test_directions_are_told_by_name_and_against_those_that_look_ahead(tmp_path: Path) -> None:
    turns = {"pose_mid_0": (0, 0), "pose_left_0": (25, 3), "pose_right1": (-25, 0), "pose_up_1": (2, 20)}
    truth = {picture(tmp_path / f"{name}.jpg"): angles for name, angles in {**turns, "pose_down_0": (0, -20)}.items()}
    picture(tmp_path / "portrait.jpg")
    named = stills.directions(tmp_path)
    assert sorted(named.values()) == ["down", "left", "mid", "right", "up"]
    own_front = turned(180, 12)  # whatever a tracker calls the front
    seen = {path: Seen(turned(*angles) @ own_front) for path, angles in truth.items()}
    assert stills.direction_figures(named, seen) == {"directions": 5, "directions_right": 5}
    wrong = {path: Seen(turned(-angles[0], angles[1]) @ own_front) for path, angles in truth.items()}
    assert stills.direction_figures(named, wrong)["directions_right"] == 3


def test_syntheseyes_looks_along_minus_z(tmp_path: Path) -> None:
    picture(tmp_path / "1.png")
    eye = {"eye_centre_3d": (0.0, 0.0, -3.5), "ldmks_iris_3d": [(0.1, 0.2, -2.5), (0.1, 0.0, -2.5)]}
    (tmp_path / "1.pkl").write_bytes(pickle.dumps(eye, protocol=2))
    (axis,) = stills.gazes(tmp_path).values()
    # To the right and up in the picture, and towards the camera: OpenCV's y is down, its z forward.
    np.testing.assert_allclose(axis, np.array([0.1, -0.1, -1.0]) / math.sqrt(1.02), atol=1e-12)


def test_a_pickle_that_would_run_something_is_refused(tmp_path: Path) -> None:
    picture(tmp_path / "1.png")
    (tmp_path / "1.pkl").write_bytes(pickle.dumps(Path("anything")))
    with pytest.raises(pickle.UnpicklingError, match="no plain number"):
        stills.gazes(tmp_path)


# --- files -----------------------------------------------------------------------------------------------------------


def matlab(compress: bool) -> bytes:
    """A MATLAB 5 file with one 1x3 array of doubles, one of 2x2 whole numbers, and a short name."""

    def element(kind: int, content: bytes) -> bytes:
        return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)

    def array(name: bytes, shape: tuple[int, int], kind: int, numbers: bytes) -> bytes:
        small_name = struct.pack("<HH", 1, len(name)) + name.ljust(4, b"\0")
        head = element(6, struct.pack("<II", 6, 0)) + element(5, struct.pack("<ii", *shape))
        return element(14, head + (small_name if len(name) <= 4 else element(1, name)) + element(kind, numbers))

    arrays = [
        array(b"Pose_Para", (1, 3), 9, struct.pack("<3d", 0.1, -0.2, 0.3)),
        array(b"roi", (2, 2), 4, struct.pack("<4H", 1, 2, 3, 4)),
    ]
    if compress:
        packed = [zlib.compress(a) for a in arrays]
        arrays = [struct.pack("<II", 15, len(p)) + p for p in packed]
    return b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + b"".join(arrays)


@pytest.mark.parametrize("compress", [False, True])
def test_a_matlab_file_gives_its_arrays(tmp_path: Path, compress: bool) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(matlab(compress))
    read = mat.read(path)
    np.testing.assert_array_equal(read["Pose_Para"], [[0.1, -0.2, 0.3]])
    np.testing.assert_array_equal(read["roi"], [[1, 3], [2, 4]])
    picture(tmp_path / "a.jpg")
    (pose,) = stills.poses(tmp_path).values()
    np.testing.assert_allclose(pose, pose_matrix(0.1, -0.2, 0.3))


@pytest.mark.parametrize("data", [b"", b"not a file of that kind".ljust(200), matlab(False)[:-9], matlab(True)[:-9]])
def test_a_broken_matlab_file_is_said_to_be_one(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.mat").write_bytes(data)
    with pytest.raises(ValueError, match=r"a\.mat is"):
        mat.read(tmp_path / "a.mat")


def test_landmarks_are_read_from_every_format(tmp_path: Path) -> None:
    points = np.random.default_rng(1).uniform(10, 200, (68, 2)).round(2)
    for name in ("pts/a.png", "vw/imgs/000006.jpg", "dlib/b.jpg", "coco/c.png"):
        picture(tmp_path / name)
    listed = "\n".join(f"{x + 1} {y + 1}" for x, y in points)
    for name in ("pts/a.pts", "vw/annot/000006.pts"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"version: 1\nn_points:  68\n{{\n{listed}\n}}\n", encoding="utf-8")
    (tmp_path / "pts" / "alone.pts").write_text("no picture", encoding="utf-8")
    marks = "".join(f"<part name='{i:02}' x='{x}' y='{y}'/>" for i, (x, y) in enumerate(points))
    xml = f"<dataset><images><image file='b.jpg'><box>{marks}</box><box>{marks}</box></image></images></dataset>"
    (tmp_path / "dlib" / "faces.xml").write_text(xml, encoding="utf-8")
    coco = {
        "images": [{"id": 7, "file_name": "c.png"}],
        "annotations": [
            {"image_id": 7, "keypoints": [v for x, y in points for v in (x, y, 1)]},
            {"image_id": 7, "keypoints": [1, 2, 1] * 98},
        ],
    }
    (tmp_path / "coco" / "test.json").write_text(json.dumps(coco), encoding="utf-8")
    found = landmarks.photographs(tmp_path)
    assert {path.name: len(faces) for path, faces in found.items()} == {
        "a.png": 1,
        "000006.jpg": 1,
        "b.jpg": 2,
        "c.png": 1,
    }
    for face in (face for faces in found.values() for face in faces):
        np.testing.assert_allclose(face, points, atol=1e-9)


def test_a_face_is_held_against_the_annotated_one_that_it_is() -> None:
    face = np.random.default_rng(2).uniform(0, 100, (68, 2))
    face[36], face[45] = (0, 50), (100, 50)
    truth = {Path("a"): [face, face + 500], Path("b"): [face]}
    seen = {Path("a"): Seen(landmarks=face + 500 + np.array([3.0, 0])), Path("b"): Seen(landmarks=face + 900)}
    made = landmarks.figures(truth, seen)
    assert made == {
        "photographs": 2,
        "photographs_found": 0.5,
        "photographs_nme68": pytest.approx(3),
        "photographs_nme51": pytest.approx(3),
    }


def test_arkits_rows_and_the_scores_are_laid_on_each_other(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    jaw, lid = random.uniform(0, 1, (2, 120)).cumsum(axis=1) % 1.0
    write = {"t_arkit_cal.csv": ("JawOpen", "EyeBlinkLeft", 0), "t_mediapipe.csv": ("jawOpen", "eyeBlinkLeft", 5)}
    for name, (first, second, late) in write.items():
        rows = [f"{a},{b}" for a, b in zip(np.roll(jaw, late), np.roll(lid, late), strict=True)]
        (tmp_path / name).write_text("\n".join([f"{first},{second}", *rows]), encoding="utf-8")
    takes = arkit.takes(tmp_path)
    made = arkit.correlations(takes, lambda scores: scores)
    assert made == {"jawOpen": [pytest.approx(1)], "eyeBlinkLeft": [pytest.approx(1)]}
    half = arkit.correlations(takes, lambda scores: {"jawOpen": scores["jawOpen"], "eyeBlinkLeft": 0.5})
    assert arkit.figures(1, half) == {
        "arkit_takes": 1,
        "arkit_r": pytest.approx(0.5),
        "arkit_blink_r": pytest.approx(0, abs=1e-9),
    }
    assert arkit.figures(1, arkit.correlations(takes, lambda scores: None)) == {"arkit_takes": 1}


# --- OpenSeeFace -----------------------------------------------------------------------------------------------------


def logged(frame: int, turn: Array, shift: Array, points: Array) -> str:
    """A line of facetracker.py's log, as far as it is read: its 66 points and two pupils stand as x, y, confidence."""
    import cv2

    vector = np.asarray(cv2.Rodrigues(turn)[0]).ravel()
    marks = [f"{x},{y},0.9" for x, y in points]
    return ",".join([str(frame), "True", *map(repr, vector.tolist()), *map(repr, shift.tolist()), *marks])


HEADER = "Frame,Success3D,RVec.X,RVec.Y,RVec.Z,TVec.X,TVec.Y,TVec.Z," + ",".join(
    f"Landmark[{i}].{c}" for i in range(66) for c in ("X", "Y", "Confidence")
)


def test_openseefaces_solution_means_the_same_before_and_behind_the_camera() -> None:
    swap, mirror = np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 1]]), np.diag([1.0, 1, -1])
    true, points = turned(20, 10, 5), np.random.default_rng(4).uniform(0, 100, (68, 2))
    before = logged(1, swap @ true @ swap, np.array([1.0, 2.0, 5.0]), points)
    behind = logged(3, -swap @ mirror @ true @ mirror, np.array([-1.0, -2.0, -5.0]), points)
    first, second, third = openseeface.seen([HEADER, before, behind], 3)
    assert first is not None and second is None and third is not None
    for face in (first, third):
        assert face.rotation is not None and face.position is not None and face.landmarks is not None
        np.testing.assert_allclose(face.rotation, true, atol=1e-9)
        np.testing.assert_allclose(face.position, [2, 1, 5])
        np.testing.assert_allclose(face.landmarks[:48], points[:48])
        np.testing.assert_allclose(face.landmarks[60:], points[58:66])


def test_openseefaces_pupils_and_lids_become_shapes() -> None:
    points = np.zeros((68, 2))
    for first, x in ((36, 0.0), (42, 100.0)):
        points[first], points[first + 3] = (x, 0), (x + 30, 0)
        points[first + 1 : first + 3, 1], points[first + 4 : first + 6, 1] = -5, 5
    points[66], points[67] = (21, 0), (121, -3)
    shut = points.copy()
    shut[43:45, 1] = shut[46:48, 1] = 0
    camera = np.eye(3), np.array([0.0, 0, 5])
    open_, closed = openseeface.seen([HEADER, logged(1, *camera, points), logged(2, *camera, shut)], 2)
    assert open_ is not None and closed is not None
    # Both pupils are right of the middle in the picture: the performer's left eye looks out, the right one in.
    assert open_.shapes["eyeLookOutLeft"] == open_.shapes["eyeLookInRight"] == pytest.approx(0.5, abs=1e-3)
    assert open_.shapes["eyeLookUpLeft"] == pytest.approx(0.25, abs=1e-3) and open_.shapes["eyeLookUpRight"] == 0
    assert closed.shapes["eyeBlinkLeft"] == 1 and closed.shapes["eyeBlinkRight"] == pytest.approx(0, abs=0.05)


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_frames_that_were_not_handed_out_count_as_unseen() -> None:
    tracked = Tracked.of([Seen(np.eye(3), shapes={"jawOpen": 0.4}), None])
    assert tracked.fitted(4).detected.tolist() == [True, False, False, False]
    assert tracked.fitted(1).shape("jawOpen").tolist() == [0.4]
    assert np.isnan(tracked.fitted(4).rotation[1:]).all() and np.isnan(tracked.shape("cheekPuff")).all()


def test_the_table_marks_what_misses_its_limit() -> None:
    text = table.table(
        {"here": {"rotation_deg": 1.2, "blink_error": 0.05, "found": 0.99}, "peer": {"jitter_deg": [1, 2, 3]}},
        mark=True,
    )
    assert "| head rotation off, degrees | at most 1.1 | 1.20 ! |  |" in text
    assert "| eyelids off, 0 to 1 | at most 0.09 | 0.050 |  |" in text
    assert "| face found | at least 99.5 % | 99.0 % ! |  |" in text
    assert "|  | 1.000 / 2.000 / 3.000 |" in text


def test_pictures_that_all_found_are_compared_on_their_own() -> None:
    text = table.table({"a": {"pose_errors": [4.0, 6.0, 20.0]}, "b": {"pose_errors": [5.0, 5.0, None]}})
    assert "head rotation off, degrees |  | 5.0 | 5.0 |" in text
    assert "where all found" not in table.table({"a": {"pose_errors": [4.0]}, "b": {"pose_errors": [5.0]}})


def test_kept_figures_have_few_digits_and_no_nan() -> None:
    assert table.rounded({"a": [1.23456, np.float64(2.0)], "b": float("nan"), "c": np.int64(3)}) == {
        "a": [1.235, 2.0],
        "b": None,
        "c": 3,
    }
