"""Live2D models on the page, posed by hand; `python -m tests.e2e.live2d_stage` makes tests/golden/live2d* anew.

Needs what the tests need. Look at the pictures afterwards.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from live2d import core
from live2d_model import files, model, zipped

from vtuber import live2d_core, pose, rotation
from vtuber.pose import REST, Pose
from vtuber.server import Server

from .browser import FLAGS, chromium, opener, shared_file
from .pictures import VISIBLE, Mask, changed
from .puppet import Puppet, looking, weights
from .viewer import Picture

GOLDEN = Path(__file__).parents[1] / "golden"
STRONG = replace(
    looking(0.3, 0.1),
    weights=weights(browInnerUp=1, browOuterUpLeft=1, jawOpen=0.7, eyeBlinkRight=1, eyeWideLeft=1).weights,
    rotation=rotation.multiply(rotation.from_yaw_pitch(0.35, 0.15), rotation.exp(np.array([0.0, 0.0, -0.2]))),
)
GOLDENS = {"live2d_neutral": REST, "live2d_strong": STRONG}
"""Pictures of our own model."""


@dataclass(frozen=True)
class Rig:
    """What is particular of a model."""

    file: str | None
    """Its .model3.json among the test data; None for our own."""
    hair: str
    """A parameter that physics moves when the head turns."""


RIGS = {
    "own": Rig(None, "ParamHair"),
    "hiyori": Rig("avatars/live2d/hiyori/hiyori_pro_t10.model3.json", "ParamHairFront"),
}


def zip_of(rig: Rig, leave_out: str = "nothing") -> bytes:
    """The model, without one of its files; ours as Japanese systems zip it."""
    if rig.file is None:
        return zipped({path: content for path, content in files().items() if leave_out not in path}, "shift-jis")
    folder = shared_file(rig.file).parent
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and leave_out not in path.name]
    return zipped({path.relative_to(folder).as_posix(): path.read_bytes() for path in paths})


def state_of(shown: Pose) -> Any:
    return pose.to_state(shown, 0.0, 0, "tracked", 1.0)


class Case:
    """One model on a page with a stopped clock."""

    def __init__(
        self,
        rig: Rig,
        server: Server,
        open_stopped: Callable[..., Any],
        content: bytes | None = None,
        cam: str = "face",
    ) -> None:
        self.rig = rig
        own = live2d_core.folder().parent / "avatars"
        own.mkdir(exist_ok=True)
        (own / "model.zip").write_bytes(zip_of(rig) if content is None else content)
        self.viewer = open_stopped(server.url, model="model", cam=cam, bg="00ff00").ready()
        self.puppet = Puppet(server, self.viewer)
        self.rest = self.puppet.hold(REST)
        self._changes: dict[str, Mask] = {}

    def parameters(self) -> dict[str, dict[str, Any]]:
        return {one["id"]: one for one in self.viewer.ask("vtuber.parameters()")}

    def value(self, name: str) -> float:
        return float(self.parameters()[name]["value"])

    def change(self, after: Pose, before: Pose = REST) -> Mask:
        """What differs on the screen between two poses."""
        return changed(self.puppet.hold(before), self.puppet.next(after))

    def fine_change(self, after: Pose) -> Mask:
        """The same from rest, with every line that is a point wide."""
        before = self.puppet.hold(REST).astype(int)
        return np.asarray(np.abs(self.puppet.next(after) - before).max(axis=2) > VISIBLE)

    def lid(self, side: str) -> Mask:
        """What the wink of the left or the right eye changes on the screen."""
        if side not in self._changes:
            self._changes[side] = self.change(weights(**{f"eyeBlink{side}": 1.0}))
        return self._changes[side]

    def face(self) -> Mask:
        """The place round both eyes."""
        rows, columns = (np.nonzero((self.lid("Left") | self.lid("Right")).any(axis=axis))[0] for axis in (1, 0))
        height, width = int(np.ptp(rows)), int(np.ptp(columns))
        wide = np.zeros(self.rest.shape[:2], bool)
        wide[
            max(rows.min() - height, 0) : rows.max() + height,
            max(columns.min() - width // 2, 0) : columns.max() + width // 2,
        ] = 1
        return wide


def apart(golden: Picture, shown: Picture, reach: int = 8) -> float:
    """The share of points that differ visibly, wherever the picture sways to: it never stands quite still."""
    inner = golden[reach:-reach, reach:-reach]
    scores = cv2.matchTemplate(shown, inner, cv2.TM_SQDIFF)
    _, _, (x, y), _ = cv2.minMaxLoc(scores)
    found = shown[y : y + inner.shape[0], x : x + inner.shape[1]]
    return float((np.abs(found.astype(int) - inner).max(axis=2) > 40).mean())


def main() -> None:
    import platformdirs
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        platformdirs.user_data_path = lambda *_, **__: Path(folder)  # type: ignore[assignment]
        live2d_core.keep(core())
        (GOLDEN / "live2d.moc3").write_bytes(model())
        server = Server(port=0, source="a test")
        browser = playwright.chromium.launch(executable_path=chromium(playwright), args=FLAGS)
        pages = opener(browser, stopped=True)
        case = Case(RIGS["own"], server, next(pages))
        for name, shown in GOLDENS.items():
            cv2.imwrite(str(GOLDEN / f"{name}.png"), case.puppet.hold(shown)[..., ::-1])
        browser.close()
        server.close()


if __name__ == "__main__":
    main()
