"""Pictures of avatars as they should look, in tests/golden/avatars.

python -m tests.e2e.golden [NAME]...: makes those of the default avatar, the MMD avatar and the picture avatars anew.
Look at them before they are kept.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from playwright.sync_api import sync_playwright

from vtuber import rotation
from vtuber.pose import REST, Pose
from vtuber.server import Server

from .browser import FLAGS, OpenViewer, chromium, opener
from .make_pictures import make_set, make_whole_set
from .make_pmx import FOLDER, make_files
from .puppet import Puppet, looking, weights
from .viewer import Picture
from .zips import zipped

sys.path.insert(0, str(Path(__file__).parents[2] / "web_client"))
from avatar import make

GOLDEN = Path(__file__).parents[1] / "golden" / "avatars"
SIZE = {"width": 260, "height": 220}
SWAY = 3
"""Breath and swaying carry an avatar so many points to every side: the nearest place is compared."""
BEGIN_S = 100.0
"""The page's time when the poses begin: breath and swaying stand alike in every picture."""
SETTLED = 10
"""Pictures after which nothing is left of the idle motion."""
BLUR = 5
"""Pictures are compared through a blur of so many points: each graphics card draws edges otherwise."""
MEAN_OFF = 3.0
"""Grey levels by which a picture may differ in the mean."""
FAR_OFF = 60
FAR_SHARE = 0.005
"""So many points may differ by more than FAR_OFF."""


def strong() -> Pose:
    """A turned, tilted head that looks aside, winks with the right eye and speaks."""
    face = weights(jawOpen=0.8, eyeBlinkRight=1.0, browInnerUp=0.9, browOuterUpLeft=1.0, browOuterUpRight=1.0)
    turned = rotation.multiply(rotation.from_yaw_pitch(0.4, 0.1), rotation.exp(np.array([0.0, 0.0, 0.2])))
    return replace(face, rotation=turned, gaze=looking(0.3, 0.0).gaze)


POSES = {"neutral": REST, "strong": strong()}
DEFAULT = ("default", "default0")
"""The default avatar as it was built, and its VRM 0.x twin."""
AVATARS = (*DEFAULT, "doll", "layers", "whole")


@cache
def default0() -> bytes:
    """The default avatar as a VRM 0.x file."""
    with TemporaryDirectory() as folder:
        return make.build(Path(folder) / "default0.vrm", vrm0=True).read_bytes()


def avatar_zip(name: str) -> bytes:
    """A zip, or a .vrm: the page knows them by their content. Not the default avatar: the page begins with it."""
    if name == "default0":
        return default0()
    if name == "doll":
        return zipped(make_files(), FOLDER)
    return zipped(make_set() if name == "layers" else make_whole_set())


def pictures(server: Server, open_viewer: OpenViewer, name: str) -> dict[str, Picture]:
    """One of each pose, from a page whose clock stands."""
    viewer = open_viewer(server.url, bg="8899bb", quality="high", size=SIZE).ready()
    if name != "default":
        viewer.replaced_by(lambda: viewer.drop(f"{name}.zip", avatar_zip(name)))
    viewer.page.clock.pause_at(BEGIN_S)
    puppet = Puppet(server, viewer)
    puppet.show(REST, pictures=SETTLED)
    return {pose_name: puppet.hold(pose) for pose_name, pose in POSES.items()}


def read(name: str) -> Picture:
    image = cv2.imread(str(GOLDEN / f"{name}.png"))
    assert image is not None, f"tests/golden/avatars/{name}.png is missing: python -m tests.e2e.golden"
    return np.asarray(image[..., ::-1], np.uint8)


def compare(shown: Picture, golden: Picture) -> Mapping[str, float]:
    """How far a picture is from the golden one, grey levels, where it comes nearest to it."""
    a, b = (cv2.blur(picture, (BLUR, BLUR)).astype(int) for picture in (shown, golden))
    height, width, _ = a.shape
    inner = a[SWAY : height - SWAY, SWAY : width - SWAY]
    best = {"mean": np.inf, "far": np.inf}
    for y in range(2 * SWAY + 1):
        for x in range(2 * SWAY + 1):
            moved = b[y : y + inner.shape[0], x : x + inner.shape[1]]
            off = np.abs(inner - moved).max(axis=2)
            if off.mean() < best["mean"]:
                best = {"mean": float(off.mean()), "far": float((off > FAR_OFF).mean())}
    return best


def main(names: Sequence[str]) -> None:
    GOLDEN.mkdir(exist_ok=True)
    server = Server(port=0, source="golden pictures")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(playwright), args=FLAGS)
        for open_viewer in opener(browser, stopped=True):
            for name in names:
                for pose, picture in pictures(server, open_viewer, name).items():
                    cv2.imwrite(str(GOLDEN / f"{name}_{pose}.png"), picture[..., ::-1])
        browser.close()
    server.close()


if __name__ == "__main__":
    main(sys.argv[1:] or AVATARS)
