"""python -m tests.e2e.screenshots: makes the README's pictures in docs/, with the real tracker and the real viewer.

Needs what the tests need: pip install -e .[test], and Chromium.

docs/viewer.png    the demo performer, and the avatar at the same moment
docs/moments.png   more moments of the two
docs/overlay.png   the avatar without a ground, as OBS takes it, over a chequered one
docs/stage.png     the page with its settings open, and two performers: one as VRM, one as a picture avatar
docs/studio.png    the studio, at the shapes of the face

With the argument `stage` that one alone, which needs no tracker. With `studio` that one alone, and with
`studio FOLDER` every section of the studio and its first visit and calibrations besides, for the eye.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Browser, sync_playwright

from vtuber import pose, rotation
from vtuber.filters.steady import Filter
from vtuber.pipeline import Pipeline
from vtuber.profile import Profile
from vtuber.server import Server
from vtuber.sources.demo import CLIP
from vtuber.sources.video import Source
from vtuber.trackers.face_landmarker import Tracker
from vtuber.wire import AvatarState

from . import studio_screens
from .browser import FLAGS, OpenViewer, chromium, opener
from .make_pictures import make_set
from .puppet import Puppet, looking, weights
from .viewer import Picture
from .zips import zipped

DOCS = Path(__file__).parents[2] / "docs"
SIZE = {"width": 640, "height": 480}
APART = 20
"""Frames between two moments."""
STATES = 60
"""Of two performers, until the status has counted them for a while."""
RUN_UP = 12
"""Frames shown before each moment, so that the hair moves as it would."""

Track = list[tuple[Picture, AvatarState]]
Score = Callable[[AvatarState], float]


def track() -> Track:
    """Every frame of the demo clip, and the avatar's state there."""
    tracker, pipeline = Tracker(), Pipeline(Profile(), Filter)
    frames = []
    for frame in Source(str(CLIP), realtime=False):
        steps = pipeline.step(frame.timestamp, tracker.track(frame))
        frames.append((frame.image, steps[0].state))
    tracker.close()
    return frames


def angles(state: AvatarState) -> tuple[float, float, float]:
    """Yaw, pitch and roll of the head, radians."""
    return rotation.yaw_pitch_roll(rotation.to_matrix(np.array(state.head_rotation)))


def yaw(state: AvatarState) -> float:
    return angles(state)[0]


def pitch(state: AvatarState) -> float:
    return angles(state)[1]


def mean(state: AvatarState, name: str) -> float:
    return (state.blendshapes[f"{name}Left"] + state.blendshapes[f"{name}Right"]) / 2


MOMENTS: dict[str, Score] = {
    "teeth": lambda s: mean(s, "mouthUpperUp") + s.blendshapes["jawOpen"] - 0.3 * mean(s, "eyeBlink"),
    "to the left": lambda s: yaw(s) - mean(s, "eyeBlink"),
    "to the right": lambda s: -yaw(s) - mean(s, "eyeBlink"),
    "down": lambda s: -pitch(s) - mean(s, "eyeBlink"),
    "blink": lambda s: mean(s, "eyeBlink") - abs(yaw(s)),
    "brows up": lambda s: s.blendshapes["browInnerUp"] + mean(s, "browOuterUp") - mean(s, "eyeBlink"),
}


def choose(frames: Track) -> dict[str, int]:
    """The frame that shows each moment best, none close to another."""
    chosen: dict[str, int] = {}
    for name, score in MOMENTS.items():
        order = sorted(range(RUN_UP, len(frames)), key=lambda i: -score(frames[i][1]))
        chosen[name] = next(i for i in order if all(abs(i - j) >= APART for j in chosen.values()))
    return chosen


def perform(puppet: Puppet, frames: Track, moment: int) -> None:
    """Lead the avatar to the moment as the performer came there."""
    for i in range(moment - RUN_UP, moment + 1, 3):
        puppet.show_state(frames[i][1], step_ms=100)
    puppet.show_state(frames[moment][1])


def side_by_side(performer: Picture, avatar: Picture) -> Picture:
    return np.hstack([performer, avatar[..., :3]])


def chequered(cutout: Picture, square: int = 16) -> Picture:
    height, width, _ = cutout.shape
    y, x = np.indices((height, width)) // square
    ground = np.where((x + y) % 2, 255, 214)[..., None]
    alpha = cutout[..., 3:] / 255
    return np.asarray((cutout[..., :3] * alpha + ground * (1 - alpha)).round(), np.uint8)


def save(name: str, picture: Picture) -> None:
    DOCS.mkdir(exist_ok=True)
    path = DOCS / name
    image = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    path.write_bytes(cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes())
    print(f"{path.relative_to(DOCS.parent)}: {path.stat().st_size / 1000:.0f} kB")


def shoot(server: Server, open_viewer: OpenViewer) -> None:
    frames = track()
    moments = choose(frames)
    print(moments)
    viewer = open_viewer(server.url, quality="high", size=SIZE).ready()
    puppet = Puppet(server, viewer)
    pairs = {}
    for name, moment in moments.items():
        perform(puppet, frames, moment)
        pairs[name] = side_by_side(frames[moment][0], viewer.picture())
    save("viewer.png", pairs["brows up"])
    small = [cv2.resize(pair, (400, 150), interpolation=cv2.INTER_AREA) for pair in pairs.values()]
    save("moments.png", np.vstack([np.hstack(small[i : i + 2]) for i in range(0, len(small), 2)]))

    viewer = open_viewer(server.url, quality="high", size=SIZE, bg="transparent").ready()
    perform(Puppet(server, viewer), frames, moments["to the left"])
    save("overlay.png", chequered(viewer.cutout()))
    shoot_stage(server, open_viewer)


def shoot_stage(server: Server, open_viewer: OpenViewer) -> None:
    places = {"people": "2", "place": "-0.42,0.08", "view": "0,0,1.14,0.06,0.03"}
    options = {**places, "light": "studio", "ui": "1", "quality": "high"}
    viewer = open_viewer(server.url, size={"width": 1000, "height": 600}, **options).ready()
    viewer.until("() => vtuber.avatar(0) && vtuber.avatar(1)")
    viewer.drop("girl.zip", zipped(make_set(720)), x=600)
    viewer.until("() => vtuber.avatar(1).kind === 'picture'")
    viewer.page.get_by_role("button", name="Settings").click()
    Puppet(server, viewer)  # from here on the clock stands
    smile = weights(mouthSmileLeft=0.9, mouthSmileRight=0.9, jawOpen=0.35, browInnerUp=0.5)
    wink = weights(eyeBlinkLeft=1.0, mouthSmileLeft=0.8, mouthSmileRight=0.8)
    for _ in range(STATES):
        for person, (face, turn) in enumerate(((smile, 0.3), (wink, -0.3))):
            turned = replace(face, rotation=rotation.from_yaw_pitch(turn, 0.05), gaze=looking(turn / 3, 0.0).gaze)
            t = round(time.perf_counter(), 4)
            server.send(pose.to_state(turned, t, person, "tracked", 1.0))
            viewer.until("([person, t]) => vtuber.state(person)?.t === t", [person, t])
        viewer.page.clock.run_for(1000 / 30)
    save("stage.png", viewer.picture())


def shoot_studio(browser: Browser, folder: Path | None) -> None:
    studio_screens.readme_picture(browser, DOCS / "studio.png")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        studio_screens.first_visit(browser, folder)
        studio_screens.every_section(browser, folder)
        studio_screens.calibrations(browser, folder)


def shoot_viewer(browser: Browser, what: str) -> None:
    server = Server(port=0)
    try:
        pages = opener(browser, stopped=True)
        (shoot_stage if what == "stage" else shoot)(server, next(pages))
        next(pages, None)
    finally:
        server.close()


def main() -> None:
    what, *rest = [*sys.argv[1:], ""]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(playwright), args=FLAGS)
        if what != "studio":
            shoot_viewer(browser, what)
        if what != "stage":
            shoot_studio(browser, Path(rest[0]) if rest and rest[0] else None)
        browser.close()


if __name__ == "__main__":
    main()
