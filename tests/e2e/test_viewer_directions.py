"""Left is left: on the avatar's own bones, and on the pixels, where the performer's left is on the right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from vtuber import rotation
from vtuber.pose import REST, Pose
from vtuber.server import Server

from .browser import OpenViewer, shared_file
from .golden import default0
from .pictures import Mask, centre, changed, shift
from .puppet import BROWS, Puppet, looking, weights

TURN = 0.25
"""Radians."""
GRIMACE = replace(looking(0.5, 0.0), weights=weights(eyeBlinkLeft=1.0, eyeBlinkRight=1.0, jawOpen=0.8).weights)


@dataclass(frozen=True)
class Model:
    file: str | None
    """Among the test data; None for the default avatar, of either version."""
    version: str
    lids: bool = True
    """Has a lid for each eye."""
    eyes: bool = True
    """Has eye bones."""
    face: bool = True
    """Can move something in its face, by which it is followed on the screen."""
    brows: bool = False
    """Has brows that go up by themselves."""


MODELS = {
    "default": Model(None, "1", brows=True),
    "default0": Model(None, "0", brows=True),
    "godette": Model("avatars/vrm/godette.vrm", "0", eyes=False),
    "cool_loops": Model("avatars/vrm/cool_loops.vrm", "0", lids=False, eyes=False),
    "debug_robot": Model("avatars/vrm/debug_robot.vrm", "1", lids=False, face=False),
}


class Case:
    """One avatar, to be posed."""

    def __init__(self, model: Model, puppet: Puppet) -> None:
        self.model = model
        self.puppet = puppet
        self.face = self.face_at(REST) if model.face else (0.0, 0.0)
        """(x, y) px, seen from the front."""
        self._eyes: dict[str, Mask] = {}

    def eye(self, side: str) -> Mask:
        """What the wink of the left or the right eye changes on the screen."""
        if side not in self._eyes:
            self._eyes[side] = self.change(REST, weights(**{f"eyeBlink{side}": 1.0}))
        return self._eyes[side]

    def change(self, before: Pose, after: Pose) -> Mask:
        """What differs on the screen between two poses."""
        return changed(self.puppet.hold(before), self.puppet.next(after))

    def face_at(self, turned: Pose) -> tuple[float, float]:
        """(x, y) px where the face is on the screen: the middle of what moves as it grimaces."""
        grimace = replace(GRIMACE, rotation=turned.rotation)
        return centre(self.change(turned, grimace))

    def show(self, turned: Pose, moved: Callable[[float, float], bool]) -> None:
        """Show the pose, and see that the face went on the screen (x right, y down, px) as it should."""
        if self.model.face:
            x, y = self.face_at(turned)
            x, y = x - self.face[0], y - self.face[1]
            assert moved(x, y), f"{x:.1f}, {y:.1f}"
        self.puppet.show(turned)


@pytest.fixture(scope="module", params=MODELS)
def case(request: pytest.FixtureRequest, server: Server, open_stopped_viewer: OpenViewer) -> Iterator[Case]:
    model = MODELS[request.param]
    file = shared_file(model.file) if model.file else None
    viewer = open_stopped_viewer(server.url, cam="face", bg="00ff00").ready()
    if request.param != "default":
        viewer.replaced_by(lambda: viewer.drop(f"{request.param}.vrm", file.read_bytes() if file else default0()))
    yield Case(model, Puppet(server, viewer))
    viewer.page.close()


def test_the_avatar_is_of_the_version_it_should_be(case: Case) -> None:
    assert case.puppet.viewer.avatar()["metaVersion"] == case.model.version


@pytest.mark.parametrize("sign", [1, -1], ids=["left", "right"])
def test_turning(case: Case, sign: int) -> None:
    turned = replace(REST, rotation=rotation.from_yaw_pitch(sign * TURN, 0))
    case.show(turned, lambda x, y: sign * x > 4 and abs(y) < sign * x)
    forward, up = case.puppet.viewer.world("head")
    assert np.arctan2(forward[0], forward[2]) == pytest.approx(sign * TURN, abs=0.02)
    np.testing.assert_allclose(up, [0, 1, 0], atol=0.02)


@pytest.mark.parametrize("sign", [1, -1], ids=["up", "down"])
def test_nodding(case: Case, sign: int) -> None:
    turned = replace(REST, rotation=rotation.from_yaw_pitch(0, sign * TURN))
    case.show(turned, lambda x, y: -sign * y > 3 and abs(x) < -sign * y)
    forward, _ = case.puppet.viewer.world("head")
    assert np.arcsin(forward[1]) == pytest.approx(sign * TURN, abs=0.02)


@pytest.mark.parametrize("sign", [1, -1], ids=["right_shoulder", "left_shoulder"])
def test_tilting(case: Case, sign: int) -> None:
    # Positive about z: the picture's counter-clockwise, so the crown goes to screen left.
    turned = replace(REST, rotation=rotation.exp(np.array([0.0, 0.0, sign * TURN])))
    case.show(turned, lambda x, y: -sign * x > 4)
    _, up = case.puppet.viewer.world("head")
    assert np.arctan2(-up[0], up[1]) == pytest.approx(sign * TURN, abs=0.02)


def test_winks_close_the_eye_on_their_own_side(case: Case) -> None:
    if not case.model.lids:
        pytest.skip("has no lid for each eye")
    left, right = case.eye("Left"), case.eye("Right")
    (left_x, left_y), (right_x, right_y) = centre(left), centre(right)
    between = (left_x + right_x) / 2
    assert left_x - right_x > 20
    assert abs(left_y - right_y) < 0.5 * (left_x - right_x)
    columns = np.arange(left.shape[1])
    assert not left[:, columns < between].any()
    assert not right[:, columns > between].any()


def test_mouth_opens_and_nothing_else_does(case: Case) -> None:
    if not case.model.face:
        pytest.skip("has no mouth")
    mouth = case.change(REST, weights(jawOpen=0.8))
    x, y = centre(mouth)
    assert x == pytest.approx(mouth.shape[1] / 2, abs=8)
    eyes = case.change(REST, weights(eyeBlinkLeft=1.0, eyeBlinkRight=1.0))
    assert y > centre(eyes)[1]
    assert not (mouth & eyes).any()


def test_brows_go_up_above_the_eyes(case: Case) -> None:
    if not case.model.brows:
        pytest.skip("has no brows that go up by themselves")
    brows = case.change(REST, BROWS)
    above = np.arange(len(brows)) < min(centre(case.eye(side))[1] for side in ("Left", "Right")) - 5
    print(f"brows: {brows.sum()} points, {brows[above].sum()} above the eyes")
    assert brows[above].sum() > max(12, 0.6 * brows.sum())
    assert case.puppet.viewer.weight("browInnerUp") == 1


GAZES: dict[str, tuple[tuple[float, float], Callable[[float, float], bool]]] = {
    "left": ((0.3, 0.0), lambda x, y: x > 1.0 and abs(y) < x),
    "right": ((-0.3, 0.0), lambda x, y: x < -1.0 and abs(y) < -x),
    "up": ((0.0, 0.2), lambda x, y: y < -0.5 and abs(x) < -y),
    "down": ((0.0, -0.2), lambda x, y: y > 0.5 and abs(x) < y),
}


@pytest.mark.parametrize("way", GAZES)
def test_gaze(case: Case, way: str) -> None:
    (yaw, pitch), moved = GAZES[way]
    case.puppet.show(looking(yaw, pitch))
    if not case.model.eyes:
        preset = f"look{way.capitalize()}"
        weight = case.puppet.viewer.weight(preset)
        assert weight is None or weight == pytest.approx(abs(yaw + pitch) / 0.52, abs=0.01)
        return
    for name in ("leftEye", "rightEye"):
        forward, _ = case.puppet.viewer.world(name)
        turned = np.array([np.arctan2(forward[0], forward[2]), np.arcsin(forward[1])])
        wanted = np.array([yaw, pitch])
        # An avatar's maker limits how far its eyes turn.
        assert turned @ wanted > 0.35 * (wanted @ wanted)
        assert abs(turned[0] * wanted[1]) + abs(turned[1] * wanted[0]) < 0.01
    if case.model.lids:
        before, after = case.puppet.hold(REST), case.puppet.next(looking(yaw, pitch))
        for side in ("Left", "Right"):
            x, y = shift(before, after, case.eye(side))
            assert moved(x, y), f"{side}: {x}, {y}"


def test_mirror_flips_the_picture_and_not_the_avatar(server: Server, open_stopped_viewer: OpenViewer) -> None:
    viewer = open_stopped_viewer(server.url, cam="face", bg="00ff00", mirror="1").ready()
    case = Case(MODELS["default"], Puppet(server, viewer))
    turned = replace(REST, rotation=rotation.from_yaw_pitch(TURN, 0))
    case.show(turned, lambda x, y: x < -4)
    forward, _ = viewer.world("head")
    assert np.arctan2(forward[0], forward[2]) == pytest.approx(TURN, abs=0.02)
    wink_x, _ = centre(case.eye("Left"))
    assert wink_x < case.face[0] - 10
