"""FAN's 68 points: where they land, against the package's own decoding; its weights cannot be had for a test.

What needs the package is skipped without it, also in CI: torch alone is larger than all the rest.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from utils import CAMERA, head_turn, layout, pictures, project, to_opencv

from vtuber import face_mesh, head_pose, models, parts
from vtuber.face_mesh import FaceMesh, TaskFile
from vtuber.sources import demo
from vtuber.stages import Array, Frame, Image, VTuberError
from vtuber.trackers import fan
from vtuber.trackers.fan import CELLS, CROP, Region

REGION = Region((200.0, 150.0), 256.0)
CELL = REGION.side / CELLS
"""px of the picture."""


def bells(at: Array) -> Any:
    """Heat maps (n, 64, 64) as the network is trained to draw them, about places (n, 2) in cells."""
    y, x = np.mgrid[0:CELLS, 0:CELLS]
    square = (x - at[:, 0, None, None]) ** 2 + (y - at[:, 1, None, None]) ** 2
    return np.exp(-square / (2 * 1.75**2)).astype(np.float32)


def random_places(n: int = 68) -> Array:
    return np.random.default_rng(1).uniform(4.0, 59.0, (n, 2))


def test_peaks_are_found_between_the_cells() -> None:
    at = random_places()
    cells, heights = fan.peaks(bells(at))
    assert np.abs(cells - at).max() < 0.01
    assert (heights > 0.9).all()
    noisy = bells(at) + np.random.default_rng(2).normal(0, 0.01, (68, CELLS, CELLS)).astype(np.float32)
    assert np.abs(fan.peaks(noisy)[0] - at).max() < 0.5


def test_a_peak_at_the_edge_or_none_at_all() -> None:
    corner, _ = fan.peaks(bells(np.array([[0.0, 63.0]])))
    np.testing.assert_allclose(corner, [[0.0, 63.0]])
    flat, heights = fan.peaks(np.zeros((68, CELLS, CELLS), np.float32))
    assert np.isfinite(flat).all() and not heights.any()


@pytest.mark.parametrize("side", [120.0, 256.0, 413.7])
def test_what_is_cut_out_lands_where_it_was(side: float) -> None:
    """A dot of the picture, found in the crop as the heat maps would have it, and placed again."""
    region = Region((321.3, 237.8), side)
    for x, y in ((250, 200), (321, 238), (390, 300)):
        image = np.zeros((480, 640, 3), np.uint8)
        if max(abs(x - 321.3), abs(y - 237.8)) > 0.45 * side:
            continue
        image[y - 1 : y + 2, x - 1 : x + 2] = 255
        crop = region.cut(image)[..., 0].astype(float)
        assert crop.shape == (CROP, CROP)
        v, u = (np.average(np.arange(CROP), weights=crop.sum(axis=1 - axis)) for axis in (0, 1))
        cells = (np.array([[u, v]]) + 0.5) * CELLS / CROP - 0.5
        assert np.abs(region.place(cells) - (x, y)).max() < 0.5 * side / CELLS


def test_beyond_the_picture_it_is_black() -> None:
    crop = Region((0.0, 0.0), 100.0).cut(np.full((80, 80, 3), 255, np.uint8))
    assert not crop[: CROP // 2 - 4].any() and not crop[:, : CROP // 2 - 4].any()
    assert (crop[CROP // 2 + 4 :, CROP // 2 + 4 :] == 255).all()


@pytest.mark.parametrize("contour", [True, False])
def test_its_layout_makes_a_head_pose(contour: bool) -> None:
    mine = fan.layout(layout().points, contour=contour)
    points = mine.points * 0.01
    # The performer's right is the picture's left and comes first.
    assert points[36, 0] < points[39, 0] < 0 < points[42, 0] < points[45, 0]
    assert points[8, 1] == points[:, 1].min() and points[30, 2] == points[:, 2].max()
    matrix, position = to_opencv(head_turn(0.5, -0.2, 0.1)), np.array([0.05, 0.02, 0.6])
    seen = project(points, matrix, position)
    for columns in (2, 3):
        found = head_pose.solve(seen[:, :columns], head_pose.Rigid(points, mine.rigidity), CAMERA)
        np.testing.assert_allclose(found.matrix, matrix, atol=1e-3)


# --- following, with another network in FAN's place ------------------------------------------------------------------


class MeshInstead:
    """Answers as FAN would, by the landmarks of the face mesh."""

    def __init__(self, *_: Any) -> None:
        task = TaskFile.read(models.path("face_landmarker.task"))
        self.mesh = FaceMesh(task.landmarks, task.blendshapes)
        self.regions: list[Region] = []

    def points(self, image: Image, region: Region) -> tuple[Array, float]:
        self.regions.append(region)
        square = face_mesh.Region(region.centre, region.side * 0.8, 0.0)
        points, presence = self.mesh.landmarks(image, square)
        return points[face_mesh.IBUG68, :2], presence


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> fan.Tracker:
    monkeypatch.setattr(fan, "Network", MeshInstead)
    return fan.Tracker()


def test_a_face_is_found_once_and_followed(tracker: fan.Tracker) -> None:
    for frame in pictures(demo.CLIP, last=30, every=3):
        (one,) = tracker.track(frame)
        assert one.face and one.person == 0 and one.timestamp == frame.timestamp
        assert one.face.landmarks.shape == (68, 2) and one.face.scores is None
        # The crop holds the whole face, and not much else.
        region = tracker.network.regions[-1]
        low, high = one.face.landmarks.min(axis=0), one.face.landmarks.max(axis=0)
        assert (low > np.array(region.centre) - region.side / 2).all()
        assert (high < np.array(region.centre) + region.side / 2).all()
        assert 0.7 < region.side / (200 * (high - low).sum() / fan.REFERENCE) < 1.3
    assert tracker.detector.model.calls == 1


def test_a_lost_face_is_looked_for_again(tracker: fan.Tracker) -> None:
    frame = pictures(demo.CLIP, last=1)[0]
    nobody = Frame(np.full_like(frame.image, 90), 0.1)
    seen = [len(tracker.track(f)) for f in (nobody, frame, nobody, nobody, frame)]
    assert seen == [0, 1, 0, 0, 1]


# --- settings --------------------------------------------------------------------------------------------------------


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(VTuberError, match=r"^tracker fan needs the package torch: pip install 'vtuber-driver\[fan\]'$"):
        parts.make("tracker", "fan", {})


def test_weights_of_a_network_that_is_not_used() -> None:
    with pytest.raises(VTuberError, match="depth_weights are of no use without depth"):
        parts.make("tracker", "fan", {"depth_weights": "x.pth"})


# --- with the package ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Random weights in files as the package's own are, for networks of one hourglass: a quarter of the time."""
    torch = pytest.importorskip("torch")
    nets = pytest.importorskip("face_alignment.models")
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("weights")
    saved = {name: folder / f"{name}.pth" for name in ("fan", "depth")}
    torch.save(nets.FAN(1).state_dict(), saved["fan"])
    wrapped = {f"module.{name}": value for name, value in nets.ResNetDepth().state_dict().items()}
    torch.save({"state_dict": wrapped}, saved["depth"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fan, "HOURGLASSES", 1)
        yield saved


def official(weights: dict[str, Path], kind: str) -> Any:
    """The package's own tracker with the same weights; `folder` is its detector that needs no weights."""
    import face_alignment
    from face_alignment import api

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "models_urls", {"2DFAN-1": "fan", "3DFAN-1": "fan", "depth": "depth"})
        patch.setattr(api, "load_file_from_url", lambda name: str(weights[name]))
        return face_alignment.FaceAlignment(
            face_alignment.LandmarksType[kind],
            network_size=1,
            device="cpu",
            flip_input=False,
            face_detector="folder",
            compile=False,
        )


def box_of(region: Region) -> list[float]:
    """The package's box (x1, y1, x2, y2) that leads to this region; it counts pixels from their corner."""
    size = region.side * fan.REFERENCE / 400
    x, y = region.centre[0] + 0.5, region.centre[1] + 0.5 + fan.RAISED * size
    # A hair more, as the package cuts all that follows the point off.
    return [x - size / 2 + 0.01, y - size / 2 + 0.01, x + size / 2 + 0.01, y + size / 2 + 0.01]


def test_synthetic_heat_maps_land_where_the_package_says(weights: dict[str, Path]) -> None:
    from face_alignment import utils

    at = random_places()
    centre = np.array([REGION.centre[0] + 0.5, REGION.centre[1] + 0.5])
    _, theirs, _ = utils.get_preds_fromhm(bells(at)[None], centre, REGION.side / 200)
    mine = REGION.place(fan.peaks(bells(at))[0])
    known = np.array(REGION.centre) + ((at + 0.5) / CELLS - 0.5) * REGION.side
    assert np.abs(mine - known).max() < 0.05 * CELL
    # It goes in quarters of a cell, and cuts off what follows the point.
    assert np.abs(theirs[0] - mine).max() < 0.25 * CELL + 1.0
    assert np.abs((theirs[0] - mine).mean(axis=0)).max() < 0.5


@pytest.mark.parametrize("kind", ["TWO_D", "THREE_D"])
def test_the_same_points_as_the_package(kind: str, weights: dict[str, Path]) -> None:
    image = pictures(demo.CLIP, last=1)[0].image
    region = Region((image.shape[1] / 2 + 0.5, 170.5), 256.0)
    theirs = official(weights, kind).get_landmarks_from_image(image, detected_faces=[box_of(region)])[0]
    network = fan.Network(str(weights["fan"]), str(weights["depth"]) if kind == "THREE_D" else None, "cpu", False)
    mine, confidence = network.points(image, region)
    assert mine.shape == theirs.shape and 0 <= confidence <= 1
    # Heat maps of random weights are rough: on two nearly equal peaks the pictures' rounding decides.
    apart = np.abs(mine - theirs)[:, :2].max(axis=1)
    assert (apart < 0.5 * CELL + 1.0).mean() > 0.9
    if kind == "THREE_D":
        # Theirs points to the viewer, ours away.
        assert np.corrcoef(mine[:, 2], -theirs[:, 2])[0, 1] > 0.95
        assert np.polyfit(-theirs[:, 2], mine[:, 2], 1)[0] == pytest.approx(1.0, abs=0.1)


def test_the_mirrored_picture_gives_mirrored_points(weights: dict[str, Path]) -> None:
    """With `flip`, left and right are treated alike whatever the network is."""
    image = pictures(demo.CLIP, last=1)[0].image
    network = fan.Network(str(weights["fan"]), None, "cpu", True)
    torch = network._torch
    x = torch.from_numpy(REGION.cut(image)).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        heat = network.heat(x)
        mirrored = network._utils.flip(network.heat(network._utils.flip(x)), is_label=True)
    np.testing.assert_allclose(heat.numpy(), mirrored.numpy(), atol=1e-4)


def test_weights_come_from_a_file(weights: dict[str, Path]) -> None:
    part = parts.make("tracker", "fan", {"weights": str(weights["fan"]), "device": "cpu"})
    frame = pictures(demo.CLIP, last=1)[0]
    for one in part.track(frame):
        assert one.face.landmarks.shape == (68, 2) and np.isfinite(one.face.landmarks).all()
    part.close()
    part.close()


def test_what_is_no_weights_is_refused(weights: dict[str, Path], tmp_path: Path) -> None:
    for name, content, complaint in (
        ("none.pth", None, "cannot be read"),
        ("text.pth", b"not weights at all", "does not hold the weights of face-alignment's 2DFAN-4"),
        ("depth.pth", weights["depth"].read_bytes(), "does not hold the weights"),
    ):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(VTuberError, match=complaint) as caught:
            parts.make("tracker", "fan", {"weights": str(path)})
        assert "\n" not in str(caught.value) and str(path) in str(caught.value)


def test_a_device_that_is_not_there(weights: dict[str, Path]) -> None:
    for device in ("abacus", "cuda:99"):
        with pytest.raises(VTuberError, match=f"device {device} cannot be used"):
            parts.make("tracker", "fan", {"weights": str(weights["fan"]), "device": device})


def test_weights_out_of_reach(weights: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    from face_alignment import api, utils

    monkeypatch.setattr(api, "models_urls", {"2DFAN-4": "http://127.0.0.1:9/nothing.pth.tar"})
    monkeypatch.setattr(utils, "get_dir", lambda: str(weights["fan"].parent))
    with pytest.raises(VTuberError, match=r"cannot be fetched .*--set tracker.weights=FILE"):
        parts.make("tracker", "fan", {"device": "cpu"})
