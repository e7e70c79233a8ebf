"""A performer who leaves and comes back: no bone and no weight of any kind of avatar ever jumps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from vtuber import pose, rotation
from vtuber.loss import Loss
from vtuber.pose import Pose
from vtuber.server import Server
from vtuber.wire import AvatarState

from .browser import OpenViewer
from .make_pictures import make_set
from .make_pmx import FOLDER, make_files
from .puppet import Puppet, weights
from .viewer import Viewer
from .zips import zipped

TINY = {"width": 96, "height": 80}
STEP_MS = 16
"""From one picture to the next: just what Playwright's clock grants each, so that a step shows one."""
PICTURES = 4
"""From one state to the next."""
STATE_S = PICTURES * STEP_MS / 1000
"""The sender's time from one state to the next: both clocks go alike."""
BEGIN_S = 1e6
"""Of the sender's clock: none that another test has sent with."""
THERE, AWAY, BACK = 15, 55, 25
"""States: a performer is there, is not, and is back."""
BONES = ("head", "neck", "chest", "spine", "hips", "leftShoulder", "rightUpperArm", "leftEye", "rightEye")
WEIGHTS = ("jawOpen", "eyeBlinkLeft", "eyeBlinkRight", "mouthSmileLeft", "browInnerUp", "aa", "blinkRight", "あ", "上")
JUMP_RAD = 0.06
"""For a bone from one picture to the next: 200 degrees a second, less than half of what a head does when it turns."""
JUMP_WEIGHT = 0.4
"""For a weight: a blink shuts the eyes within five pictures."""
LOOK = """
([bones, weights]) => ({
  bones: bones.map((name) => vtuber.bone(name) ?? [0, 0, 0, 1]),
  weights: weights.map((name) => vtuber.weight(name) ?? 0),
})
"""
KINDS: dict[str, Callable[[], bytes] | None] = {
    "vrm": None,
    "mmd": lambda: zipped(make_files(), FOLDER),
    "picture": lambda: zipped(make_set(120)),
}
Numbers = npt.NDArray[np.float64]


def acting(t: float) -> Pose:
    """A head that is turned far and sways, an open mouth, a smile: far from rest in everything."""
    face = weights(jawOpen=0.6, mouthSmileLeft=0.8, mouthSmileRight=0.8, browInnerUp=0.7, eyeBlinkRight=0.9)
    turned = rotation.from_yaw_pitch(0.6 + 0.05 * math.sin(2 * t), 0.25)
    return replace(face, rotation=turned, position=np.array([0.1, 0.03, 0.0]), gaze=np.full(4, 0.25))


def states() -> list[AvatarState]:
    """What the program sends of a performer who is there, leaves, and comes back looking the other way."""
    loss, sent = Loss(), []
    for i in range(THERE + AWAY + BACK):
        t = BEGIN_S + i * STATE_S
        seen = None if THERE <= i < THERE + AWAY else acting(t)
        if seen is not None and i > THERE:
            seen = replace(seen, rotation=rotation.from_yaw_pitch(-0.6, -0.2))
        tracking, shown = loss(t, seen)
        sent.append(pose.to_state(shown, t, 0, tracking, 1.0))
    return sent


def look(viewer: Viewer) -> tuple[Numbers, Numbers]:
    seen = viewer.ask(LOOK, [BONES, WEIGHTS])
    return np.array(seen["bones"]), np.array(seen["weights"])


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_pops_when_a_performer_is_lost_and_found(
    server: Server, open_stopped_viewer: OpenViewer, kind: str
) -> None:
    viewer = open_stopped_viewer(server.url, size=TINY).ready()
    content = KINDS[kind]
    if content is not None:
        viewer.replaced_by(lambda: viewer.drop("avatar.zip", content()))
    puppet = Puppet(server, viewer)
    puppet.show(acting(0.0), pictures=20)
    order, seen = [], []
    for state in states():
        server.send(state)
        viewer.until("t => Math.abs(vtuber.state().t - t) < 0.001", state.timestamp)
        order.append(state.tracking)
        for _ in range(PICTURES):
            viewer.page.clock.run_for(STEP_MS)
            seen.append(look(viewer))
    assert [s for i, s in enumerate(order) if i == 0 or s != order[i - 1]] == [
        "tracked", "coasting", "lost", "reacquired", "tracked",
    ]  # fmt: skip
    bones, shapes = (np.array([one[i] for one in seen]) for i in (0, 1))
    if kind == "picture":
        shapes = shapes[:, :0]  # one picture or another: they change at once, always
    else:
        assert np.ptp(shapes, axis=0).max() > 0.5, "nothing was acted"
    angles = 2 * np.arccos(np.clip(np.abs((bones[1:] * bones[:-1]).sum(axis=2)), 0, 1))
    turn, change = angles.max(axis=0), np.abs(np.diff(shapes, axis=0)).max(initial=0.0)
    bone = BONES[int(turn.argmax())]
    print(f"{kind}: largest step {np.degrees(turn.max()):.2f} degrees ({bone}), {change:.3f} of a weight")
    assert turn.max() < JUMP_RAD
    assert change < JUMP_WEIGHT
