"""Rendered heads: the score of made-up trackers, and the same figures as the data's own evaluate.py gives."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from vtuber.wire import ARKIT

from . import measures, overall, rendered, run, table
from .contestants import Parts
from .rendered import Clip
from .tracked import Tracked

SHARED = table.ROOT.parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not (SHARED / "gt").is_dir(), reason="needs the clips of ../shared/data")

SAME = {
    "found": "detection_rate",
    "found_when_away": "false_detection_rate",
    "found_dim": "dim_detection_rate",
    "found_nearfar": "nearfar_detection_rate",
    "rotation_deg": "rot_geodesic_deg",
    "yaw_pitch_roll_deg": "rot_yaw_pitch_roll_mae",
    "rotation_near_deg": "rot_geodesic_deg_yaw<30",
    "rotation_far_deg": "rot_geodesic_deg_yaw>=30",
    "rotation_dim_deg": "dim_geodesic_deg",
    "nme68": "nme68_%",
    "nme51": "nme51_%",
    "nme51_steady": "nme51_debiased_%",
    "gaze_raw_deg": "gaze_deg",
    "gaze_deg": "gaze_deg_debiased",
    "jitter_deg": "jitter_yaw_pitch_roll_deg",
    "jitter_px": "jitter_landmarks_px",
    "jitter_shapes": "jitter_blendshapes",
    "delay_ms": "lag_ms",
    "blink_error": "blink_mae",
    "blink_r": "blink_r_left_right",
    "wink_r": "wink_r",
    "look_r": "eyelook_r_yaw_pitch",
    "shapes_alone_r": "iso_mean_r",
    "shapes_natural_r": "natural_blend_mean_r",
    "shapes_speech_r": "speech_blend_mean_r",
    "jaw_speech_r": "speech_jawopen_r",
    "depth_r": "depth_r",
}
"""Our figure -> evaluate.py's."""


def made_up(truth: dict[str, Any], random: np.random.Generator) -> Tracked:
    """A tracker that is wrong on purpose: noisy, late, of its own mind about what is level, blind now and then."""
    n = len(truth["R"])
    late = np.maximum(np.arange(n) - 1, 0)
    turn = np.linalg.qr(np.eye(3) + random.normal(0, 0.02, (n, 3, 3)))[0]
    turn *= np.sign(np.einsum("nii->ni", turn))[:, None, :]
    own_front = np.linalg.qr(np.eye(3) + 0.1 * random.normal(size=(3, 3)))[0]
    own_front[:, 0] *= np.linalg.det(own_front)
    gaze = truth["gaze_cam"][late] + random.normal(0, 0.05, (n, 2, 3))
    names = [str(name) for name in truth["blend_names"]]
    weights = 0.7 * truth["blend"][late][:, [names.index(name) for name in ARKIT]] + random.uniform(0, 0.1, (n, 52))
    tracked = Tracked(
        random.uniform(size=n) < 0.95,
        truth["R"][late] @ turn @ own_front,
        1.3 * truth["t"][late] + random.normal(0, 0.5, (n, 3)),
        truth["lm2d"][late] + random.normal(0, 1.0, (n, 68, 2)) + random.normal(0, 2.0, (68, 2)),
        gaze / np.linalg.norm(gaze, axis=2, keepdims=True),
        np.clip(weights, 0, 1),
    )
    for values in (tracked.rotation, tracked.position, tracked.landmarks, tracked.gaze, tracked.shapes):
        values[~tracked.detected] = np.nan
    return tracked


def as_lines(tracked: Tracked) -> str:
    """In the format that evaluate.py reads."""
    lines = []
    for i in np.arange(len(tracked.detected)):
        row: dict[str, Any] = {}
        if tracked.detected[i]:
            row = {
                "R": tracked.rotation[i].tolist(),
                "t": tracked.position[i].tolist(),
                "landmarks68": tracked.landmarks[i].tolist(),
                "gaze_left": tracked.gaze[i, 0].tolist(),
                "gaze_right": tracked.gaze[i, 1].tolist(),
                "blendshapes": dict(zip(ARKIT, tracked.shapes[i].tolist(), strict=True)),
            }
        lines.append(json.dumps(row) + "\n")
    return "".join(lines)


@pytest.fixture(scope="module")
def evaluate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("evaluate", SHARED / "gt" / "evaluate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@needs_shared
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # evaluate.py takes means of frames that hold nothing
def test_our_figures_are_those_of_the_datas_own_script(evaluate: ModuleType, tmp_path: Path) -> None:
    random, clips = np.random.default_rng(5), []
    for name, path in rendered.truths(SHARED / "gt").items():
        if name.startswith("B_") or name in ("A_still", "A_yaw", "A_blink"):
            truth = rendered.load(path)
            clips.append(Clip(name, truth, made_up(truth, random)))
            (tmp_path / f"{name}.jsonl").write_text(as_lines(clips[-1].tracked), encoding="utf-8")
    theirs = evaluate.evaluate(str(SHARED / "gt"), str(tmp_path))
    results = rendered.score(clips)
    ours = overall.figures(results)
    assert set(theirs["clips"]) == set(results)
    for mine, other in SAME.items():
        np.testing.assert_allclose(ours[mine], theirs["overall"][other], rtol=1e-9, atol=1e-9, err_msg=mine)
    for name, clip in theirs["clips"].items():
        for shape, values in clip.get("iso", {}).items():
            np.testing.assert_allclose(results[name].shapes[shape], values, rtol=1e-9, atol=1e-9, err_msg=shape)
    assert len(overall.per_shape(results)) == 51


# --- without the data ------------------------------------------------------------------------------------------------


def small_truth(kind: str, frames: int = 60) -> dict[str, Any]:
    """A head that nods, before a camera; enough of a clip for most figures."""
    from .test_measures import turned

    angles = np.stack([[10 * np.sin(i / 5), 8 * np.cos(i / 7), 0.0] for i in range(frames)])
    matrices = np.stack([turned(*a) for a in angles])
    if kind == "still":
        matrices[:] = turned()
        angles[:] = 0
    face = np.random.default_rng(6).uniform(-5, 5, (68, 3))
    face[36], face[45] = (-4.5, 3, 0), (4.5, 3, 0)
    place = np.tile([0.0, 0.0, 60.0], (frames, 1))
    placed = np.einsum("nij,kj->nki", matrices, face) + place[:, None]
    camera = np.array([[600.0, 0, 320], [0, 600, 240], [0, 0, 1]])
    seen = placed @ camera.T
    weights = np.zeros((frames, 52))
    for i in range(51):
        weights[i : i + 4, i] = (0.5, 1.0, 1.0, 0.5)
    ahead = np.tile([0.0, 0.0, 1.0], (frames, 2, 1))
    return {
        "K": camera,
        "fps": 30.0,
        "R": matrices,
        "t": place,
        "ypr": angles,
        "lm2d": seen[..., :2] / seen[..., 2:],
        "lm3d": placed,
        "gaze_head": ahead,
        "gaze_cam": np.einsum("nij,nkj->nki", matrices, ahead),
        "visible": np.ones(frames, dtype=bool),
        "in_frame": np.ones(frames),
        "blend": weights,
        "blend_names": np.array(ARKIT),
    }


def perfect(truth: dict[str, Any]) -> Tracked:
    n = len(truth["R"])
    copies = [truth[name].copy() for name in ("R", "t", "lm2d", "gaze_cam", "blend")]
    return Tracked(np.ones(n, dtype=bool), *copies)


def scored(kind: str, change: Any = lambda tracked, truth: None) -> dict[str, Any]:
    truth = small_truth(kind)
    tracked = perfect(truth)
    change(tracked, truth)
    return overall.figures(rendered.score([Clip(f"X_{kind}", truth, tracked)]))


def test_who_sees_everything_as_it_is_has_no_error() -> None:
    for kind in ("natural", "iso", "shake", "still"):
        made = scored(kind)
        errors = [made[name] for name in ("rotation_deg", "nme68", "nme51", "nme51_steady", "gaze_deg", "gaze_raw_deg")]
        np.testing.assert_allclose(errors, 0, atol=1e-4)
        assert made["found"] == 1
    assert scored("iso")["shapes_alone_r"] == pytest.approx(1)
    assert [scored("iso")[name] for name in ("shapes_shown", "shapes_quiet", "shapes_counted")] == [51, 51, 51]
    assert scored("shake")["delay_ms"] == 0
    np.testing.assert_allclose(scored("still")["jitter_deg"], 0, atol=1e-9)


def test_what_is_constant_is_forgiven_and_what_is_not_counts() -> None:
    def shifted(tracked: Tracked, truth: dict[str, Any]) -> None:
        from .test_measures import turned

        tracked.rotation[:] = truth["R"] @ turned(170, 10)
        tracked.landmarks[:] += 5.0
        tracked.gaze[:] = truth["gaze_cam"] @ turned(5, 5)

    made = scored("natural", shifted)
    assert made["rotation_deg"] == pytest.approx(0, abs=1e-4) and made["gaze_deg"] == pytest.approx(0, abs=1e-4)
    assert made["nme51"] > 5 and made["nme51_steady"] < 0.1 and made["gaze_raw_deg"] > 5

    def noisy(tracked: Tracked, truth: dict[str, Any]) -> None:
        from .test_measures import turned

        tracked.rotation[::2] = truth["R"][::2] @ turned(2)
        tracked.rotation[1::2] = truth["R"][1::2] @ turned(-2)

    assert scored("natural", noisy)["rotation_deg"] == pytest.approx(2, abs=0.01)


def test_a_shape_that_never_moves_is_neither_shown_nor_loud() -> None:
    def mute(tracked: Tracked, truth: dict[str, Any]) -> None:
        tracked.shapes[:, ARKIT.index("cheekPuff")] = 0.0
        tracked.shapes[:, ARKIT.index("jawOpen")] = 0.9

    made = scored("iso", mute)
    assert (made["shapes_shown"], made["shapes_quiet"]) == (50, 50)
    assert made["shapes_alone_r"] == pytest.approx(49 / 51)


def test_a_face_in_an_empty_picture_is_a_false_one() -> None:
    def away(tracked: Tracked, truth: dict[str, Any]) -> None:
        truth["in_frame"][20:40], truth["visible"][20:40] = 0, False
        tracked.detected[20:35] = False

    made = scored("leave", away)
    assert (made["found"], made["found_when_away"], made["return_ms"]) == (1, 0.25, 0)


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_the_readmes_table_is_made_of_the_kept_figures() -> None:
    assert table.in_readme(table.README.read_text(encoding="utf-8")) == table.block(table.kept()), table.COMMAND


def slack(figure: str) -> float:
    """By how much a figure may differ with the machine and its libraries, beside a tenth of it."""
    if figure.endswith("_ms"):
        return 2 * 1000 * measures.STEP_S
    return 2.0 if figure in ("shapes_shown", "shapes_quiet") else 0.02


@needs_shared
def test_the_kept_figures_are_those_of_today() -> None:
    """On the quick subset; when what is measured has changed on purpose, the command makes them anew."""
    here = table.kept()["here"]
    if "note" in here:
        pytest.skip(f"the kept figures are not the last word ({here['note']}): {table.COMMAND}")
    sight = run.look(Parts(), SHARED, quick=True)
    now, kept = run.score(Parts(), SHARED, sight, quick=True).figures, here["quick"]
    assert kept.keys() == now.keys(), table.COMMAND
    kept.pop("pose_errors")  # their mean is compared; a single picture may go either way
    off = {n: (v, now[n]) for n, v in kept.items() if not np.allclose(now[n], v, rtol=0.1, atol=slack(n))}
    assert not off, f"{off}: {table.COMMAND}"
