"""A performer's own 3-D face from many views of it: bundle adjustment.

Where the landmarks of many pictures lie is explained by one face, a pose for each picture, and one camera; all are
refined together until what is left between landmarks and explanation is least (Triggs et al. 2000). Four things keep
the answer honest:

* what moves with expression (lids, lips, brows, jaw) is seen with little weight, and held near the usual face;
* wild landmarks count less (a robust loss), and pictures that fit nothing, such as of somebody else, are left out;
* size cannot be seen in pictures at all: it is taken from the iris, which is 11.7 mm wide in nearly everybody, so that
  lengths are known to 3.6 %;
* place and direction of the head's axes are those of the usual face, laid over the new one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from calibration.adjustment import Adjustment, Seen, State, begin
from calibration.views import EYES, Views, coverage, spread_out
from vtuber import head_pose
from vtuber.head_pose import HeadPose, Rigid
from vtuber.stages import Array, VTuberError

IRIS_M = 0.01171
"""Horizontal diameter of the human cornea, its mean over people (Rüfer et al. 2005)."""
IRIS_SPREAD = math.hypot(0.00042 / IRIS_M, 0.06)
"""By people, 3.6 % (the same), and by the landmark model, which sees the irises of rendered heads 6 % too large."""
FRONTAL_DEG = 15.0
"""Irises are measured in views nearer to straight ahead than this."""
LEAST_TRUST = 0.1
"""Of the landmarks that move most, so that they lie somewhere in the performer's face."""
HELD_RIGID_M, HELD_M = 0.010, 0.005
"""How far a point of bone may lie from the usual face, and one that moves: standard deviations."""
ERROR_PX, ERROR_SHARE = 0.5, 0.01
"""What a landmark is off by, at least; and the part of it that grows with the face, as a share of its width."""
FEWEST = 12
"""Views; fewer make no face."""
MISFIT = 3.0
"""A view whose error is above this many times the median one shows something else."""
STRANGERS = 0.3
"""With a larger share of such views they are not of one face."""
POOR_FIT = 0.06
"""Views that are off by more than this share of the face's width show no face that turns."""


@dataclass(frozen=True, slots=True)
class PersonalFace:
    """What the adjustment found."""

    points: Array
    """(N, 3) metres, head axes: x to the performer's left, y up, z out of the face."""
    spread: Array
    """(N,) metres: standard deviation of each point by the scatter of its landmarks, without that of the size."""
    camera: Array
    """(3, 3) px."""
    focal_spread: float
    """Standard deviation of the focal length, as a share of it; 0 when it was given. It counts the landmarks' scatter,
    not what their model does wrong in every picture alike: a focal length from a face is an estimate."""
    before_px: float
    """Weighted root mean square distance of the landmarks from the usual face, each view with its best pose."""
    after_px: float
    """The same of the performer's own."""
    size_spread: float
    """Standard deviation of all lengths, as a share; infinite where no iris was seen, and the usual size is kept."""
    views: int
    """That were used."""
    passed_over: int
    """That showed something else."""


def adjust(views: Views, start: Array, rigidity: Array, camera: Array | None = None) -> PersonalFace:
    """Measure a face, and the focal length when no camera is given.

    Args:
        start: (68, 3) a usual face, metres, head axes.
        rigidity: (68,) 0..1, how little each point moves with expression; at least six move little.
        camera: (3, 3) px; None: a camera with square pixels and its axis in the middle, whose focal length is sought.

    Raises:
        VTuberError: the views cannot tell: the head was held still, a direction is missing, they are too few, or not of
            one face.
        ValueError: the arrays do not fit together.
    """
    count = views.landmarks.shape[1]
    if start.shape != (count, 3) or rigidity.shape != (count,):
        raise ValueError(f"{count} landmarks, but a face of shape {start.shape} and rigidity {rigidity.shape}")
    coverage(views).demand()
    chosen = spread_out(views)
    if len(chosen) < FEWEST:
        raise VTuberError(f"only {len(chosen)} views of the face can be used, of at least {FEWEST}: turn more slowly")
    matrix = head_pose.camera_matrix(*views.size) if camera is None else camera
    seen, usual = _begun(chosen, start, rigidity, matrix)
    state = Adjustment(seen, usual, focal_sought=camera is None).solve()
    fits = _fitting(seen, state, usual)
    seen = replace(seen, landmarks=seen.landmarks[fits], error_px=seen.error_px[fits])
    fit = Adjustment(seen, _of(state, fits), focal_sought=camera is None)
    state = fit.solve()
    of_points, of_focal = fit.spreads()
    scale, size_spread = _size(chosen.chosen(fits), state)
    return PersonalFace(
        points=laid_over(state.points * scale, start, rigidity),
        spread=np.linalg.norm(of_points, axis=1) * scale,
        camera=_with_focal(matrix, state.focal),
        focal_spread=of_focal,
        before_px=_rms(seen, _of(usual, fits)),
        after_px=_rms(seen, state),
        size_spread=size_spread,
        views=int(fits.sum()),
        passed_over=int((~fits).sum()),
    )


def laid_over(points: Array, usual: Array, weights: Array) -> Array:
    """The points (N, 3) shifted and turned, not scaled, until they lie best over a usual face (Kabsch 1976)."""
    w = weights[:, None] / weights.sum()
    middle, usual_middle = (w * points).sum(axis=0), (w * usual).sum(axis=0)
    u, _, v = np.linalg.svd((w * (usual - usual_middle)).T @ (points - middle))
    turn = u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ v))]) @ v
    laid: Array = (points - middle) @ turn.T + usual_middle
    return laid


def _begun(views: Views, start: Array, rigidity: Array, camera: Array) -> tuple[Seen, State]:
    """What is to be explained, and the usual face's word on it."""
    poses = [_pose(landmarks, start, rigidity, camera) for landmarks in views.landmarks]
    square = np.array([1.0, camera[0, 0] / camera[1, 1]])
    landmarks = (views.landmarks - camera[:2, 2]) * square
    width = camera[0, 0] * float(np.ptp(start[:, 0])) / np.array([p.position[2] for p in poses])
    error = np.hypot(ERROR_PX, ERROR_SHARE * width) / np.maximum(views.confidence, 0.1)
    by_point = error[:, None] / np.sqrt(np.maximum(rigidity, LEAST_TRUST))
    by_point[~np.isfinite(landmarks).all(axis=2)] = np.inf
    held = HELD_M + (HELD_RIGID_M - HELD_M) * np.minimum(1.0, rigidity)
    return Seen(landmarks, by_point, held), begin(start, poses, float(camera[0, 0]))


def _pose(landmarks: Array, face: Array, rigidity: Array, camera: Array) -> HeadPose:
    seen = np.isfinite(landmarks).all(axis=1)
    try:
        return head_pose.solve(landmarks[seen], Rigid(face[seen], rigidity[seen]), camera)
    except ValueError as e:
        raise VTuberError(f"what was seen is no face ({e}): have more light, and nothing before the face") from None


def _of(state: State, which: npt.NDArray[np.bool_]) -> State:
    return State(state.focal, state.points, state.turns[which], state.positions[which])


def _fitting(seen: Seen, found: State, usual: State) -> npt.NDArray[np.bool_]:
    """(T,) which views show the face that was found.

    Raises:
        VTuberError: too few do, or none does well.
    """
    off = _misfits(seen, found)
    fits: npt.NDArray[np.bool_] = off <= MISFIT * float(np.median(off))
    if fits.mean() < 1 - STRANGERS or fits.sum() < FEWEST:
        raise VTuberError("the views do not show one and the same face: only you may be before the camera")
    if float(np.median(off)) > POOR_FIT * _width(seen, usual):
        raise VTuberError("what was seen is no face that turns: have more light, and nothing before the face")
    return fits


def _squares(seen: Seen, state: State) -> tuple[Array, Array]:
    """Squared distances px (T, N), and their weights."""
    off = state.projected() - np.where(np.isfinite(seen.landmarks), seen.landmarks, 0.0)
    weights: Array = 1.0 / np.square(seen.error_px)
    return np.square(off).sum(axis=2), weights


def _misfits(seen: Seen, state: State) -> Array:
    """(T,) px: half of a view's landmarks are off by less; a few wild ones do not spoil it."""
    square, weight = _squares(seen, state)
    each: Array = np.sqrt(np.nanmedian(np.where(weight > 0, square, np.nan), axis=1))
    return each


def _rms(seen: Seen, state: State) -> float:
    square, weight = _squares(seen, state)
    return math.sqrt(float((square * weight).sum() / weight.sum()))


def _width(seen: Seen, state: State) -> float:
    """px: of the face, in the median view."""
    return state.focal * float(np.ptp(state.points[:, 0]) / np.median(state.positions[:, 2]))


def _with_focal(camera: Array, focal: float) -> Array:
    made: Array = camera.copy()
    made[0, 0], made[1, 1] = focal, camera[1, 1] * focal / camera[0, 0]
    return made


def _size(views: Views, state: State) -> tuple[float, float]:
    """What lengths are to be multiplied by for the irises to be as wide as people's are, and how well that is known."""
    eyes = np.stack([state.points[eye].mean(axis=0) for eye in EYES])
    depth = np.einsum("ti,ei->te", state.turns[:, 2], eyes) + state.positions[:, 2:]
    wide = (views.irises * depth / state.focal)[np.abs(views.turns).max(axis=1) < FRONTAL_DEG]
    wide = wide[np.isfinite(wide)]
    if len(wide) < FEWEST:
        return 1.0, math.inf
    return IRIS_M / float(np.median(wide)), IRIS_SPREAD
