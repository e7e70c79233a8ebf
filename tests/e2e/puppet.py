"""An avatar posed by hand: states through the real server, and a page whose clock stands still between two poses."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from vtuber import pose
from vtuber.pose import REST, Pose
from vtuber.server import Server
from vtuber.wire import ARKIT, AvatarState, Tracking

from .viewer import Picture, Viewer

STEP_MS = 110
"""The page's time from one picture to the next: longer than the longest bridge between two states (timeline.ts)."""
LONG_GAP_MS = 600
"""A pause after which the page lets hair and cloth start from rest (main.ts), but does not begin to idle."""

HANGING = 6
"""Pictures after which hair that started anew hangs still: it falls a little at first."""


class Puppet:
    """`viewer` is an open page of `server` with its clock installed. Between two calls nothing moves, nor breathes."""

    def __init__(self, server: Server, viewer: Viewer) -> None:
        self._server = server
        self.viewer = viewer
        viewer.page.clock.pause_at(viewer.ask("Date.now() + 12000") / 1000)
        for _ in range(8):  # the idle motion fades out by at most a tenth of a second a picture
            self.show(REST)

    def hold(self, pose: Pose) -> Picture:
        """The picture of the pose with the hair at rest."""
        self.show(pose)
        self.viewer.page.clock.fast_forward(LONG_GAP_MS)
        self.show(pose, pictures=HANGING)
        return self.viewer.picture()

    def next(self, pose: Pose) -> Picture:
        """The picture of the pose a moment later: hair and breath have not moved far since the last."""
        self.show(pose)
        return self.viewer.picture()

    def show(self, shown: Pose, tracking: Tracking = "tracked", pictures: int = 1) -> None:
        """Send the pose, wait until the page has it, and let it render pictures."""
        self.show_state(pose.to_state(shown, 0.0, 0, tracking, 1.0), pictures=pictures)

    def show_state(self, state: AvatarState, pictures: int = 1, step_ms: int = STEP_MS) -> None:
        """The same with a state, whatever its time."""
        t = round(time.perf_counter(), 4)
        self._server.send(replace(state, timestamp=t))
        self.viewer.until("t => vtuber.state()?.t === t", t)
        for _ in range(pictures):
            self.viewer.page.clock.fast_forward(step_ms)


def weights(**named: float) -> Pose:
    """The neutral pose with these ARKit weights."""
    return replace(REST, weights=np.array([named.get(name, 0.0) for name in ARKIT]))


BROWS = weights(browInnerUp=1.0, browOuterUpLeft=1.0, browOuterUpRight=1.0)
"""All that lifts the brows."""


def looking(yaw: float, pitch: float) -> Pose:
    """Both eyes turned, radians, to the performer's left and up, with the eye shapes that a tracker reports along."""
    full = 0.52
    shapes = {
        "eyeLookOutLeft": yaw,
        "eyeLookInRight": yaw,
        "eyeLookInLeft": -yaw,
        "eyeLookOutRight": -yaw,
        "eyeLookUpLeft": pitch,
        "eyeLookUpRight": pitch,
        "eyeLookDownLeft": -pitch,
        "eyeLookDownRight": -pitch,
    }
    face = weights(**{name: float(np.clip(angle / full, 0, 1)) for name, angle in shapes.items()})
    return replace(face, gaze=np.array([yaw, pitch, yaw, pitch]))
