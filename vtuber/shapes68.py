"""68 landmarks -> ARKit weights, for trackers that have no blendshape scores of their own.

Two dozen distances in the face, the head's turn taken out, are compared with the performer's rest. Each shape moves
them in its own way; the weights are those, none negative, whose moves add up to what is seen (regularized least
squares). What 68 points do not tell stays at 0: the eyes' look, cheeks, tongue, and shapes that hardly move a point.
"""

from __future__ import annotations

import numpy as np

from vtuber.head_pose import HeadPose
from vtuber.stages import Array
from vtuber.wire import ARKIT

REST = {
    "gapRight": 0.0, "gap": 0.0, "gapLeft": 0.0,
    "upperRight": -12.5, "upper": -13.5, "upperLeft": -12.5,
    "lowerRight": -29.5, "lower": -30.0, "lowerLeft": -29.5,
    "upperThick": 7.5, "lowerThick": 8.5,
    "cornerOutRight": 26.5, "cornerOutLeft": 26.5, "cornerUpRight": -22.0, "cornerUpLeft": -22.0,
    "chin": -67.0, "chinSide": 0.0, "mouthSide": 0.0,
    "browInRight": 25.5, "browInLeft": 25.5, "browOutRight": 22.5, "browOutLeft": 22.5,
    "browNearRight": 20.0, "browNearLeft": 20.0,
}  # fmt: skip
"""A face at rest, mm: a first guess of the performer's own. Lips, their corners and the chin count up from the nose's
base, brows up from their eye; Side to the performer's left, Out and Near from the middle."""
OPEN = 0.29
"""Height of an open eye over its width, by the lids' points."""

MOVES: dict[str, dict[str, float]] = {
    "jawOpen": {"gapLeft": 23, "gap": 28, "lowerLeft": -25, "lower": -27, "lowerThick": -1,
                "cornerOutLeft": -4, "cornerUpLeft": -9, "chin": -17},
    "jawLeft": {"cornerOutLeft": 3.5, "cornerOutRight": -3.5, "chinSide": 7, "mouthSide": 3.5},
    "mouthClose": {"gapLeft": -25, "gap": -30, "lowerLeft": 25, "lower": 26, "lowerThick": 7,
                   "cornerOutLeft": 2.5, "cornerUpLeft": 10},
    "mouthFunnel": {"gapLeft": 9.5, "gap": 13.5, "upperLeft": 4, "upper": 5, "lowerLeft": -8.5, "lower": -9.5,
                    "cornerOutLeft": -2.5, "cornerUpLeft": -1.5, "chin": -4.5},
    "mouthPucker": {"gapLeft": -1.5, "upperLeft": 3.5, "upper": 3.5, "lowerLeft": -2, "lower": -2.5,
                    "upperThick": 4.5, "lowerThick": 2, "cornerOutLeft": -3.5, "cornerUpLeft": 1},
    "mouthLeft": {"upperRight": -1.5, "upper": -1.5, "upperLeft": -1, "lowerRight": -1.5, "lower": -1.5,
                  "cornerOutRight": -6.5, "cornerOutLeft": -1.5, "cornerUpLeft": 2, "chin": -2, "chinSide": -8,
                  "mouthSide": 7},
    "mouthSmileLeft": {"upper": 1.5, "upperLeft": 2, "lower": 1.5, "lowerLeft": 3.5,
                       "cornerOutLeft": 6, "cornerUpLeft": 10},
    "mouthFrownLeft": {"cornerOutLeft": 1.5, "cornerUpLeft": -4, "chin": 1},
    "mouthStretchLeft": {"cornerOutLeft": 5.5, "cornerUpLeft": -2},
    "mouthRollLower": {"gapLeft": -2.5, "gap": -4.5, "lowerLeft": 8, "lower": 9.5, "lowerThick": -5},
    "mouthRollUpper": {"gapLeft": 2, "gap": 2.5, "upperLeft": -2.5, "upper": -2, "lowerLeft": 3, "lower": 3,
                       "upperThick": -7.5, "cornerUpLeft": 3.5, "chin": 4},
    "mouthShrugLower": {"gapLeft": -5.5, "gap": -6.5, "lowerLeft": 6.5, "lower": 7, "cornerUpLeft": 1.5, "chin": 7},
    "mouthUpperUpLeft": {"gapRight": 1.5, "gap": 3.5, "gapLeft": 5, "upperRight": 1, "upper": 2.5, "upperLeft": 4,
                         "cornerUpLeft": 2.5, "cornerUpRight": -1.5, "chin": -2},
    "mouthLowerDownLeft": {"gapRight": 1, "gap": 3, "gapLeft": 4, "lowerRight": -1, "lower": -3, "lowerLeft": -4,
                           "cornerUpLeft": -1, "chin": -1.5},
    "browDownLeft": {"browInLeft": -2, "browOutLeft": -1.5, "browNearLeft": -2.5},
    "browInnerUp": {"browInLeft": 4, "browOutLeft": 1.5},
    "browOuterUpLeft": {"browInLeft": 3, "browOutLeft": 5.5},
}  # fmt: skip
"""By how many mm a shape at its most moves each distance, seen on rendered heads. What is the same on both sides is
given for the left; shapes of one side are mirrored for the other."""

DOUBT = np.full(len(REST), 1.5)
"""How many mm off a distance may be, by noise and by a rest that is not quite the performer's own."""
DOUBT[[list(REST).index("chin"), list(REST).index("chinSide")]] = 3.0, 2.0
RELUCTANCE = 10.0
"""Against many shapes that cancel each other out: the square of a weight of 1 costs as much as this of a distance that
is off by its doubt."""
SWEEPS = 6
SHUT, AJAR = 0.24, 0.92
"""Height of an eye over that at rest: below the first it is shut, from the second on open."""
STARING, WIDE = 1.1, 1.35
"""And from the third to the fourth it opens wide."""
LEARN_MM, LEARN_OPEN = 1.5, 0.03
"""What is further from rest than this is an expression: it hardly changes what is taken for rest."""
LEARN_S = (1.0, 20.0)
"""Rest follows within these times: the first at the beginning, then ever slower."""


class Solver:
    """Weights of one performer, and what is known of the face at rest."""

    def __init__(self, own: Array | None = None) -> None:
        """
        Args:
            own: (68, 3) the performer's face at rest, metres, head axes, when it was calibrated; else rest is learned
                as time goes by.
        """
        self._learns = own is None
        self._rest, self._open = np.array(list(REST.values())), np.full(2, OPEN)
        if own is not None:
            self._rest, self._open = distances(own), openness(own)
        self._seen = self._last = 0.0
        """Seconds that the face was seen for, and when last."""

    def __call__(self, t: float, face: Array) -> dict[str, float]:
        """All 52 weights, 0..1, in ARKit's order.

        Args:
            t: seconds.
            face: (68, 2) or (68, 3) the points in the head's axes, metres; see `in_head`.
        """
        moved, lids = distances(face) - self._rest, openness(face)
        if self._learns:
            self._learn(t, moved, lids)
        weights = dict.fromkeys(ARKIT, 0.0)
        weights.update(zip(SHAPES, _least_squares(moved).tolist(), strict=True))
        for side, share in zip(("Right", "Left"), (lids / self._open).tolist(), strict=True):
            weights[f"eyeBlink{side}"] = _unit((AJAR - share) / (AJAR - SHUT))
            weights[f"eyeWide{side}"] = _unit((share - STARING) / (WIDE - STARING))
        return weights

    def _learn(self, t: float, moved: Array, lids: Array) -> None:
        passed = min(max(t - self._last, 0.0), 0.1) if self._seen else 0.03
        self._seen, self._last = self._seen + passed, t
        share = passed / min(max(self._seen, LEARN_S[0]), LEARN_S[1])
        self._rest = self._rest + share * np.clip(moved, -LEARN_MM, LEARN_MM)
        self._open = self._open + share * np.clip(lids - self._open, -LEARN_OPEN, LEARN_OPEN)


def in_head(landmarks: Array, points: Array, head: HeadPose, camera: Array) -> Array:
    """Where landmarks lie in the head: their lines of sight met with the planes in which the rigid face has them.

    Args:
        landmarks: (68, 2) or (68, 3) px; depth is not used.
        points: (68, 3) the rigid face, metres, head axes.
        camera: (3, 3) px.

    Returns:
        (68, 2) metres, head axes: x to the performer's left, y up.
    """
    sight = np.ones((68, 3))
    sight[:, 0] = (landmarks[:, 0] - camera[0, 2]) / camera[0, 0]
    sight[:, 1] = (landmarks[:, 1] - camera[1, 2]) / camera[1, 1]
    sight = sight @ head.matrix
    eye = -head.position @ head.matrix
    # A point on the far cheek of a head in profile is seen along its plane: it is somewhere, but no further than this.
    forward = np.minimum(sight[:, 2], -0.2)
    placed: Array = eye[:2] + ((points[:, 2] - eye[2]) / forward)[:, None] * sight[:, :2]
    return placed


def distances(face: Array) -> Array:
    """(24,) mm, in the order of REST, of points (68, 2 or more) in the head's axes, metres."""
    x, y = face[:, 0] * 1000, face[:, 1] * 1000
    base, side = y[33], x[33]
    right_eye, left_eye = (y[36] + y[39]) / 2, (y[42] + y[45]) / 2
    return np.array([
        y[61] - y[67], y[62] - y[66], y[63] - y[65],
        y[50] - base, y[51] - base, y[52] - base,
        y[58] - base, y[57] - base, y[56] - base,
        y[51] - y[62], y[66] - y[57],
        side - x[48], x[54] - side, y[48] - base, y[54] - base,
        y[8] - base, x[7:10].mean() - side, (x[51] + x[57]) / 2 - side,
        (y[20] + y[21]) / 2 - right_eye, (y[22] + y[23]) / 2 - left_eye,
        y[17:20].mean() - right_eye, y[24:27].mean() - left_eye,
        -(x[20] + x[21]) / 2, (x[22] + x[23]) / 2,
    ])  # fmt: skip


def openness(face: Array) -> Array:
    """(2,) height over width of the right and the left eye."""
    x, y = face[:, 0], face[:, 1]
    right = (y[37] + y[38] - y[41] - y[40]) / (2 * max(x[39] - x[36], 0.01))
    left = (y[43] + y[44] - y[47] - y[46]) / (2 * max(x[45] - x[42], 0.01))
    return np.array([right, left])


def _twin(name: str) -> str:
    """The name of the same thing on the other side."""
    return name.replace("Left", "?").replace("Right", "Left").replace("?", "Right")


def _both_sides() -> dict[str, dict[str, float]]:
    """MOVES with both sides written out."""
    every = {}
    for shape, moves in MOVES.items():
        if shape == _twin(shape):
            every[shape] = moves | {_twin(name): mm for name, mm in moves.items()}
        else:
            every[shape] = moves
            every[_twin(shape)] = {_twin(name): -mm if name.endswith("Side") else mm for name, mm in moves.items()}
    return every


SHAPES = tuple(_both_sides())
_SEEN = np.array([[moves.get(name, 0.0) for name in REST] for moves in _both_sides().values()]) / DOUBT
_NORMAL = _SEEN @ _SEEN.T + RELUCTANCE * np.eye(len(SHAPES))
_INVERSE = np.linalg.inv(_NORMAL)


def _least_squares(moved: Array) -> Array:
    """The weights (len(SHAPES),) 0..1 that explain moved distances (24,) best: descent along one weight after another
    from the clipped solution without limits."""
    target = _SEEN @ (moved / DOUBT)
    weights: Array = np.clip(_INVERSE @ target, 0.0, 1.0)
    for _ in range(SWEEPS):
        for i, row in enumerate(_NORMAL):
            weights[i] = _unit(float(weights[i] + (target[i] - row @ weights) / row[i]))
    return weights


def _unit(x: float) -> float:
    return max(0.0, min(1.0, x))
