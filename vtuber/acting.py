"""What a face does, learned on rendered heads: 51 weights, the gaze, and what the head pose is off by.

The landmark model's 478 points forget much of what it saw: they hardly tell a pressed lip, a lowered one or a puffed
cheek. So its own inner pictures are read too, at points around eyes, brows, nose and mouth, and a small network turns
all that into weights. It was taught on pictures of heads that are known exactly (calibration/learning makes it again).

Faces differ at rest more than most expressions move them. The actor therefore remembers how this performer looks in the
mean, and reads the difference; until it has seen enough, it reads the face as anybody's.
"""

from __future__ import annotations

import functools
import hashlib
import io
import math
import operator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vtuber import head_pose, rotation
from vtuber.gaze import Gaze
from vtuber.head_pose import HeadPose, Rigid
from vtuber.stages import Array, Face, Floats, Impression
from vtuber.wire import ARKIT

WEIGHTS = Path(__file__).with_name("acting.npz")
SHAPES = ARKIT[:51]
"""tongueOut comes last, and from elsewhere."""
_in_order = operator.itemgetter(*SHAPES)
RATE_HZ = 30.0
"""The network counts what it remembers in frames of such a camera."""
ENOUGH_FRAMES = 40.0
"""It was taught with up to so many frames of a person; more of them only make the mean steadier."""
FIRST, FULL = 8.0, 45.0
"""Frames remembered when the memory begins to be used, and when it alone is."""
FRESH = 20.0
"""The memory goes through the network anew when one in so many of its frames is new."""
FORGET_FRAMES = 1800.0
"""A minute: older looks fade, as when the light changes or glasses are put on."""
KEPT_FRAMES = 300.0
"""What was kept of another time counts as ten seconds: it is there at once, and today's look soon outweighs it."""
LONGEST_STEP_S = 0.1
STILL_S, MOVED = 20.0, math.radians(1)
"""The head's turn is drawn to what is newly read with this time, and with this much motion."""
LOW, LOW_PER_S, BELOW = 0.3, 0.1, 0.02
"""A shape that is read below its usual rest so much of the time rests there: learned so quickly, passed over when less;
on some real faces brows or lips are read so far below it that their motion would never be seen."""
NEAR, FAR = math.cos(math.radians(29)), math.cos(math.radians(38))
"""Of a head turned from the line of sight by so much, what its mirror image says begins to count, and counts half."""
FLIP = np.array([-1.0, 1.0, 1.0])
NOISE = math.radians(0.6)
"""Less than this from where it was is no motion of the head, but the landmarks' own: between two frames of a still head
99 of 100 times below 0.5 degrees."""
CENTIMETRE = 0.01
TURN, GAZE = 3.0, 1.5
"""What the network's radians are multiplied by."""


@dataclass(frozen=True, slots=True)
class Acted:
    """One face as read."""

    weights: dict[str, float]
    """ARKit name -> 0..1, without tongueOut."""
    confidence: Floats
    """(51,) 0..1 in the order of SHAPES: how well each is read on faces never seen, less on one turned away."""
    turn: Array
    """(4,) quaternion that is still to be added to the head pose, on its right: in the head's own axes."""
    left: Gaze
    right: Gaze


class Network:
    """The learned numbers, with what can be multiplied beforehand multiplied."""

    def __init__(self, path: Path = WEIGHTS) -> None:
        content = path.read_bytes()
        self.name = hashlib.sha256(content).hexdigest()[:8]
        """What is remembered of a performer is understood by this network alone."""
        with np.load(io.BytesIO(content)) as file:
            w = {name: file[name].astype(np.float32) for name in file.files}
        points, maps, scores = len(w["points_to"][0]), len(w["maps_to"][0]), len(SHAPES)
        self.sizes = points, maps, scores
        spread, mean = w["code_spread"], w["code_mean"]
        self.points = w["points_to"] / spread[:points]
        self.maps = w["maps_to"] / spread[points : points + maps]
        self.scores = 1.0 / spread[points + maps :]
        self.zero = np.concatenate([-w["points_mean"] @ self.points, -w["maps_mean"] @ self.maps, np.zeros(scores)])
        self.zero = (self.zero - mean / spread).astype(np.float32)
        self.coarse, self.coarse_zero = _squeeze(w, "coarse")
        self.fine, self.fine_zero = _squeeze(w, "fine")
        self.seen = np.concatenate([w["code_in"], w["spots_in"], w["view_in"][:-1]])
        self.counted = w["view_in"][-1]
        self.seen_zero = w["in_zero"]
        self.kept = np.concatenate([w["memory_in"] - w["code_in"], -w["spots_in"]])
        self.remembered = (len(self.kept),)
        """The shape of a code, and so of what is remembered."""
        self.view_mean, self.view_spread = w["view_mean"], w["view_spread"]
        self.middle, self.middle_zero, self.out, self.out_zero = (
            w[name] for name in ("middle", "middle_zero", "out", "out_zero")
        )
        self.rest, self.gain, self.trust = w["rest"], w["gain"], w["trust"]

    def code(self, shape: Floats, impression: Impression, scores: Floats) -> Floats:
        """The face in (291 + 1584) numbers; all is linear, so that a mean of codes is the code of a mean.

        Args:
            impression: its coarse channels mixed by `coarse`.
        """
        points, maps, _ = self.sizes
        code = self.zero.copy()
        code[:points] += shape @ self.points
        code[points : points + maps] += impression.whole @ self.maps
        code[points + maps :] += scores * self.scores
        coarse, fine = impression.coarse + self.coarse_zero, impression.fine @ self.fine
        fine += self.fine_zero
        return np.concatenate([code, coarse.ravel(), fine.ravel()])

    def anybody(self, code: Floats, view: Floats) -> Floats:
        """(256,) what the first layer takes from a face that nothing is remembered of."""
        x: Floats = np.concatenate([code, (view - self.view_mean) / self.view_spread]) @ self.seen + self.seen_zero
        return x

    def familiar(self, memory: Floats, frames: float) -> Floats:
        """(256,) what is to be added for somebody remembered for so many frames."""
        x: Floats = memory @ self.kept + self.counted * np.float32(math.log1p(min(frames, ENOUGH_FRAMES)) / 4)
        return x

    def said(self, x: Floats) -> Floats:
        """(n, 58) shapes, three of the head's turn, four of the gaze, from (n, 256) of either."""
        x = np.maximum(x, 0.1 * x) @ self.middle + self.middle_zero
        y: Floats = np.maximum(x, 0.1 * x) @ self.out + self.out_zero
        return y


def _squeeze(w: dict[str, Floats], name: str) -> tuple[Floats, Floats]:
    matrix = w[f"{name}_to"]
    return matrix, w[f"{name}_zero"] - w[f"{name}_mean"] @ matrix


@functools.cache
def network() -> Network:
    """The one that ships, read once."""
    return Network()


class Actor:
    """Reads one performer, and remembers how they usually look.

    Args:
        memory: how they looked another time, as `memory` of another actor said.
    """

    def __init__(self, memory: Floats | None = None) -> None:
        self._network = network()
        self._memory = None if memory is None else memory.copy()
        self._frames = 0.0 if memory is None else KEPT_FRAMES
        self._last = -math.inf
        self._turn, self._turns = np.zeros(3), 0
        self._familiar: Floats | None = None
        self._due = 0
        """Frames until `_familiar` is worked out again: the longer the memory, the less it changes."""
        self._matrix: Array | None = None
        self._apart: Array | None = None
        """(3,) the turn that the mirror image tells less the one that the picture tells, while the head is far."""
        self._low = self._network.rest.copy()
        """(51,) below which each shape is read for LOW of the time."""

    @property
    def memory(self) -> Floats | None:
        """The mean of all codes seen, the newest minute of them."""
        return None if self._memory is None else self._memory.copy()

    def turn_anew(self) -> None:
        """The face was away: the next reading of the head's turn is taken as it is."""
        self._matrix = self._apart = None

    def __call__(self, t: float, face: Face, head: HeadPose, camera: Array) -> Acted:
        """Read a face that has an impression and scores. Raises ValueError when a number is not finite."""
        assert face.impression is not None and face.scores is not None
        points = face.landmarks if face.settled is None else face.settled
        code, view = self._coded(face, points, head, camera)
        n = self._network
        anybody = n.anybody(code, view)
        turn, said = self._said(anybody)
        turn = turn + self._in_mirror(face, head, camera, turn, -float(view[8]))
        if not np.isfinite(said).all() or not np.isfinite(turn).all():
            raise ValueError("the reading of the face is not finite")
        turn = self._steady(t, turn, head.matrix)
        rest = self._rest(t, said[:51])
        self._remember(t, code)
        weights = np.clip((said[:51] - rest) * n.gain, 0.0, 1.0)
        facing = max(0.0, float(-view[8])) * face.confidence
        left_yaw, left_pitch, right_yaw, right_pitch = (said[54:] / GAZE).tolist()
        return Acted(
            dict(zip(SHAPES, weights.tolist(), strict=True)),
            n.trust * np.float32(facing),
            rotation.exp(turn),
            Gaze(left_yaw, left_pitch),
            Gaze(right_yaw, right_pitch),
        )

    def _coded(self, face: Face, points: Array, head: HeadPose, camera: Array) -> tuple[Floats, Floats]:
        """The code and the view of a face whose landmarks count as these, (478, 3) px."""
        assert face.impression is not None and face.scores is not None
        shape, view = in_view(points, points[face.layout.ibug68, :2].mean(axis=0), head, camera)
        scores = np.array(_in_order(face.scores), np.float32)
        return self._network.code(shape, face.impression, scores), view

    def _in_mirror(self, face: Face, head: HeadPose, camera: Array, turn: Array, facing: float) -> Array:
        """(3,) what is to be added to the head's turn for what its mirror image says of it.

        Left and right are not alike to the models: one side of a head turned far is read twice as well as the other.
        """
        count = max(0.0, min(1.0, (NEAR - facing) / (NEAR - FAR)))
        if count == 0.0:
            self._apart = None
        elif face.mirror is not None:
            self._apart = self._seen_again(face.mirror, head, camera) - turn
        return np.zeros(3) if self._apart is None else 0.5 * count * self._apart

    def _seen_again(self, mirror: Face, head: HeadPose, camera: Array) -> Array:
        """(3,) the head's turn, in its own axes, by its mirror image, whose points lie where the picture has them."""
        points = mirror.landmarks * FLIP + (2 * camera[0, 2], 0.0, 0.0)
        start = HeadPose(FLIP[:, None] * head.matrix * FLIP, head.position * FLIP, 0.0)
        rigid = Rigid(mirror.layout.points * CENTIMETRE, mirror.layout.rigidity)
        there = head_pose.solve(points[mirror.layout.ibug68], rigid, camera, start)
        said = self._network.said(self._network.anybody(*self._coded(mirror, points, there, camera)))
        turned = there.matrix @ rotation.to_matrix(rotation.exp(said[51:54].astype(float) / TURN))
        return rotation.log(rotation.from_matrix(head.matrix.T @ (FLIP[:, None] * turned * FLIP)))

    def _said(self, anybody: Floats) -> tuple[Array, Floats]:
        """The head's turn, and all that is read with the memory; a fresh memory takes over gently.

        The turn is read as anybody's: what is remembered of a face turned to one side says nothing of the other.
        """
        share = min(1.0, max(0.0, (self._frames - FIRST) / (FULL - FIRST)))
        if share == 0.0 or self._memory is None:
            plain = self._network.said(anybody)
            return plain[51:54].astype(float) / TURN, plain
        self._due -= 1
        if self._familiar is None or self._due <= 0:
            self._familiar, self._due = self._network.familiar(self._memory, self._frames), int(self._frames // FRESH)
        plain, known = self._network.said(np.stack([anybody, anybody + self._familiar]))
        return plain[51:54].astype(float) / TURN, known * np.float32(share) + plain * np.float32(1.0 - share)

    def _rest(self, t: float, read: Floats) -> Floats:
        """(51,) what each shape is read as on this face when it is at rest: the usual, or less."""
        step = LOW_PER_S * min(LONGEST_STEP_S, max(0.0, t - self._last))
        self._low += np.float32(step) * (np.float32(LOW) - (read < self._low))
        rest: Floats = np.minimum(self._network.rest, self._low + np.float32(BELOW))
        return rest

    def _steady(self, t: float, turn: Array, head: Array) -> Array:
        """What the head pose is off by depends on the pose: while the head is still, hardly anything of it is news."""
        if self._matrix is None:
            self._turn, self._turns = turn, 1
        else:
            moved = math.acos(max(-1.0, min(1.0, (float((self._matrix * head).sum()) - 1.0) / 2)))
            if moved < NOISE:
                head, moved = self._matrix, 0.0
            passed = max(0.0, t - self._last)
            self._turns += 1
            share = max(1 - math.exp(-passed / STILL_S - moved / MOVED), 1 / self._turns if self._turns < 10 else 0.0)
            self._turn = self._turn + share * (turn - self._turn)
        self._matrix = head
        return self._turn

    def _remember(self, t: float, code: Floats) -> None:
        weight = RATE_HZ * min(LONGEST_STEP_S, max(0.0, t - self._last)) if self._memory is not None else 1.0
        self._last = t
        if self._memory is None:
            self._memory = code.copy()
        self._frames = min(FORGET_FRAMES, self._frames + weight)
        if self._frames > 0:
            self._memory += (code - self._memory) * np.float32(weight / self._frames)


def in_view(points: Array, middle: Array, head: HeadPose, camera: Array) -> tuple[Floats, Floats]:
    """The face without its pose and size, and how it is seen.

    Args:
        points: (478, 3) px.
        middle: (2,) px, the mean of the 68 points.

    Returns:
        (1434,) the points in the head's axes, unit their spread; and (11,) the head's rotation against the line of
        sight, row by row, the logarithms of its size as seen and in px.
    """
    sight = towards((middle[0] - camera[0, 2]) / camera[0, 0], (middle[1] - camera[1, 2]) / camera[1, 1])
    turned = sight.T @ head.matrix
    shape = (points @ turned).astype(np.float32)
    shape -= np.full(len(points), 1 / len(points), np.float32) @ shape
    flat = shape.ravel()
    size = math.sqrt(float(flat @ flat - shape[:, 2] @ shape[:, 2]) / len(points))
    view = np.array([*turned.ravel().tolist(), math.log(size / camera[0, 0]), math.log(size)], np.float32)
    flat *= np.float32(1 / size)
    return flat, view


def towards(x: float, y: float) -> Array:
    """(3, 3) the smallest turn that takes the camera's forward axis to (x, y, 1)."""
    length = math.sqrt(x * x + y * y + 1.0)
    x, y, z = x / length, y / length, 1.0 / length
    s = 1.0 / (1.0 + z)
    return np.array([[1 - x * x * s, -x * y * s, x], [-x * y * s, 1 - y * y * s, y], [-x, -y, z]])
