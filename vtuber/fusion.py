"""Two trackers: a quick one that is followed, and a slow one beside it that corrects the head's turn.

Far from the frontal view a quick tracker turns the head too little or too far, in each view in its own way; a stronger
model sees it better, but late and not in every frame. So the slow tracker works in a thread of its own on whatever
frame is newest, and both heads of that frame are solved from their 68 points. What they differ by is remembered by the
view, and added to the quick one's head whenever it is seen from there. That a look comes late does no harm, as it tells
of its own frame; and nothing is taken on trust:

* the two may define a face's axes differently: what they differ by in the frontal view is no error, and taken out;
* points that lie elsewhere than the quick ones, do not fit a head, or turn it by much more are not believed;
* looks that contradict each other count less, down to nothing; so does what the slow tracker is unsure of.

A slow tracker that is a little wrong in the same way all the time cannot be told from a good one, and is believed.
"""

from __future__ import annotations

import logging
import math
import threading
from dataclasses import replace

import numpy as np

from vtuber import head_pose, rotation, stages
from vtuber.head_pose import HeadPose, Rigid
from vtuber.latest import Closed, Latest
from vtuber.signals import share_within
from vtuber.stages import Array, Face, Frame, LandmarkLayout, Observation

log = logging.getLogger(__name__)

CM = 0.01
APART, APART_MORE = 0.12, 0.15
"""The trackers' points, from brows to mouth, lie at most this share of their own spread from each other, and for each
radian from the frontal view this much more. True points of rendered heads, a pixel of noise added, lie 0.04 to 0.08
from the face mesh's before 30 degrees and up to 0.15 beyond; those that FAN's makers publish of a photograph 0.09."""
POOR_FIT = 0.12
"""And a head is fitted to them no worse than this share of it; on those heads it is 0.09."""
TURNED, TURNED_MORE = math.radians(6), 0.15
"""The heads are turned from each other by no more than this, and for each radian from the frontal view this much more:
a head that differs by more is wrong, as the quick tracker is known to be better than that."""
BELIEF = 30.0
"""About so many looks tell whether the slow tracker is to be believed at all:"""
DISMISSED, BELIEVED = 0.6, 0.9
"""not when fewer than the first share of them pass, wholly when more than the second do."""
CELL, WIDTH, HEIGHT = math.radians(6), 25, 19
"""Views are remembered in cells of this size, this many sideways and up."""
ALIKE = math.radians(7)
"""Views about so far from each other are corrected alike."""
ENOUGH = 3.0
"""So many looks at a view, and as many at the frontal one, and their word counts."""
REMEMBERED = 50.0
"""And so many of one cell are remembered."""
DOUBT = 2.0
"""A correction is as good as noise at so many of its standard errors."""
CUTOFF_HZ = 2.0
"""How quickly a new correction is taken up."""


class Correction:
    """What a slow tracker knows better about one performer's head than a quick one. No clock, no thread."""

    def __init__(self) -> None:
        sideways, up = (CELL * (np.arange(n) - n // 2) for n in (WIDTH, HEIGHT))
        self._views = np.stack(np.meshgrid(sideways, up), axis=-1).reshape(-1, 2)
        """(n, 2) the middle of each cell, radians."""
        self._weight = np.zeros(len(self._views))
        """(n,) looks of each cell, by the slow tracker's confidence."""
        self._mean = np.zeros((len(self._views), 3))
        """(n, 3) what the trackers differ by: a rotation vector in head axes."""
        self._square = np.zeros(len(self._views))
        """(n,) and by how much it scatters, radians squared."""
        self._belief = 0.0
        """Share of the latest looks that passed."""
        self._turn = np.zeros(3)
        self._head: HeadPose | None = None
        self._last = -math.inf

    def look(self, quick: Face, slow: Face, size: tuple[int, int]) -> bool:
        """Compare both trackers' faces of one frame, size px. False when the slow one is not believed."""
        camera = head_pose.camera_matrix(*size)
        try:
            mine, other = _solved(quick, camera), _solved(slow, camera)
        except ValueError:
            return False
        view = _view(mine)
        between = rotation.log(rotation.from_matrix(mine.matrix.T @ other.matrix))
        believed = _plausible(quick, slow, other, between, float(np.linalg.norm(view)))
        self._belief += (believed - self._belief) / BELIEF
        if believed:
            self._remember(int(np.argmin(np.square(self._views - view).sum(axis=1))), between, slow.confidence)
        return believed

    def _remember(self, cell: int, between: Array, confidence: float) -> None:
        """Weighted mean and scatter of a cell, the oldest looks forgotten in time."""
        self._weight[cell] = min(self._weight[cell] + confidence, REMEMBERED)
        share = confidence / max(self._weight[cell], 1e-6)
        off = between - self._mean[cell]
        self._mean[cell] += share * off
        self._square[cell] += share * ((1 - share) * float(off @ off) - self._square[cell])

    def __call__(self, t: float, quick: Face, size: tuple[int, int]) -> Face:
        """The quick tracker's face at t (seconds), its head turned by what is known better."""
        if quick.landmarks.shape[1] < 3 or not self._weight.any():
            return quick
        try:
            self._head = _solved(quick, head_pose.camera_matrix(*size), self._head)
        except ValueError:
            return quick
        share = float(share_within(max(t - self._last, 0.0), CUTOFF_HZ))
        self._turn, self._last = self._turn + share * (self._wanted(_view(self._head)) - self._turn), t
        points = quick.landmarks if quick.settled is None else quick.settled
        return replace(quick, settled=_turned(points, quick.layout, self._head.matrix @ self._turn))

    def _wanted(self, view: Array) -> Array:
        """(3,) the correction for a head seen like this, a rotation vector in head axes."""
        here, error, looks = self._about(view)
        ahead, error_ahead, looks_ahead = self._about(np.zeros(2))
        correction = here - ahead
        size = float(np.linalg.norm(correction))
        if min(looks, looks_ahead) < ENOUGH or size < 1e-6:
            return np.zeros(3)
        # The share of it that is not noise (James & Stein 1961).
        sure = max(0.0, 1.0 - DOUBT**2 * (error + error_ahead) / size**2)
        believed = min(1.0, max(0.0, (self._belief - DISMISSED) / (BELIEVED - DISMISSED)))
        return correction * sure * believed

    def _about(self, view: Array) -> tuple[Array, float, float]:
        """Mean of the looks from about there (3,), its variance in radians squared, and how many they are."""
        near = self._weight * np.exp(-np.square(self._views - view).sum(axis=1) / (2 * ALIKE**2))
        looks = float(near.sum())
        if looks < 1e-6:
            return np.zeros(3), math.inf, 0.0
        mean: Array = near @ self._mean / looks
        return mean, float(near @ self._square) / looks / max(looks, 1.0), looks


class Fused(stages.Tracker):
    """The quick tracker's observations at its own pace, corrected by a slow one that never holds them up.

    Both are closed with it. When the slow one fails, that is said once, and the quick one goes on alone.
    """

    def __init__(self, quick: stages.Tracker, slow: stages.Tracker) -> None:
        self._quick, self._slow = quick, slow
        self._corrections: dict[int, Correction] = {}
        self._jobs: Latest[tuple[Frame, list[Observation]]] = Latest()
        self._results: Latest[tuple[list[Observation], list[Observation]]] = Latest()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="slow tracker", daemon=True)
        self._thread.start()

    def track(self, frame: Frame) -> list[Observation]:
        seen = self._quick.track(frame)
        self._compare()
        if seen:
            self._jobs.put((frame, seen))
        return [self._corrected(observation) for observation in seen]

    def _compare(self) -> None:
        """Take what the slow tracker has found by now, each of its faces for the performer that it lies on."""
        try:
            seen, found = self._results.get(timeout=0.0)
        except (TimeoutError, Closed):
            return
        for observation in seen:
            quick = observation.face
            if quick is None:
                continue
            near = sorted((_apart(quick, o.face), i) for i, o in enumerate(found) if o.face is not None)
            slow = found[near[0][1]].face if near else None
            if slow is not None:
                correction = self._corrections.setdefault(observation.person, Correction())
                correction.look(quick, slow, observation.size)

    def _corrected(self, observation: Observation) -> Observation:
        correction = self._corrections.get(observation.person)
        if correction is None or observation.face is None:
            return observation
        return replace(observation, face=correction(observation.timestamp, observation.face, observation.size))

    def _work(self) -> None:
        try:
            while not self._closing:
                frame, seen = self._jobs.get()
                self._results.put((seen, self._slow.track(frame)))
        except Closed:
            pass
        except Exception as e:  # whatever a model or a driver raises: the performer is on the air
            log.warning("the second tracker gave up, going on without it: %s", e)

    def close(self) -> None:
        self._closing = True
        self._jobs.close()
        self._thread.join()
        self._slow.close()
        self._quick.close()


def _inner(face: Face) -> Array:
    """(51, 2) px from brows to mouth; the jaw's points are drawn differently by every annotation."""
    return face.landmarks[face.layout.ibug68[17:], :2]


def _spread(points: Array) -> float:
    """px, root mean square distance from their middle."""
    return float(np.sqrt(points.var(axis=0).sum()))


def _apart(quick: Face, slow: Face) -> float:
    """Median distance of the trackers' points over their spread; infinite where there are none."""
    a, b = _inner(quick), _inner(slow)
    distance = float(np.median(np.linalg.norm(a - b, axis=1)))
    return distance / max(_spread(a), 1.0) if math.isfinite(distance) else math.inf


def _plausible(quick: Face, slow: Face, head: HeadPose, between: Array, off_frontal: float) -> bool:
    """Can the slow tracker's face be the same as the quick one's, seen better?"""
    if head.reprojection_px > POOR_FIT * _spread(_inner(slow)):
        return False
    if _apart(quick, slow) > APART + APART_MORE * off_frontal:
        return False
    return float(np.linalg.norm(between)) < TURNED + TURNED_MORE * off_frontal


def _solved(face: Face, camera: Array, start: HeadPose | None = None) -> HeadPose:
    layout = face.layout
    return head_pose.solve(face.landmarks[layout.ibug68], Rigid(layout.points * CM, layout.rigidity), camera, start)


def _view(head: HeadPose) -> Array:
    """(2,) from where the face is seen, radians: to its left and up from straight ahead. A roll changes nothing."""
    x, y, z = (-head.position @ head.matrix).tolist()
    sideways = math.hypot(x, y)
    angle = math.atan2(sideways, z)
    return np.array([x, y]) * (angle / max(sideways, 1e-9))


def _turned(points: Array, layout: LandmarkLayout, turn: Array) -> Array:
    """Points (N, 3) as one body about the middle of the rigid face, by a rotation vector in the camera's axes."""
    weights = layout.rigidity / layout.rigidity.sum()
    middle = weights @ points[layout.ibug68]
    turned: Array = middle + (points - middle) @ rotation.to_matrix(rotation.exp(turn)).T
    return turned
