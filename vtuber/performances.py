"""What another app has worked out -> a pose: names sorted, gaze and eye shapes made to agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from vtuber import blendshapes, expressions, pose, rotation
from vtuber.gaze import Gaze
from vtuber.layers import Field, field_of_bone
from vtuber.pose import LIDS, Pose
from vtuber.profile import Profile
from vtuber.stages import Array, Filter, Performance, Signal
from vtuber.wire import ARKIT, PRESETS

DRIVEN = frozenset(("neck", "head", "leftEye", "rightEye"))
"""Bones that a pose states by the head's turn and the gaze."""
FORGET_S = 1.0
"""After so long a silence, the filters begin anew."""


class Performances:
    """One app's word on one performer, from packet to packet.

    Args:
        make_filter: None takes everything as the app says it; most have smoothed it already.
    """

    def __init__(self, profile: Profile, make_filter: Callable[[Signal], Filter] | None) -> None:
        self._profile = profile
        signals: tuple[Signal, ...] = ("rotation", "position", "gaze", "eyelids", "weights")
        self._filters = {s: make_filter(s) for s in signals} if make_filter else {}
        self._origin: Array | None = None
        """Where the head was first: an app's place has no meaning of its own, its changes have."""
        self._last = -math.inf

    def __call__(self, t: float, said: Performance) -> tuple[Pose, set[Field]]:
        """The pose at time t (seconds), and what of it the app gives; the rest of it is at rest.

        Raises:
            ValueError: a number is not finite, or a quaternion is no rotation.
        """
        if t - self._last > FORGET_S:
            for f in self._filters.values():
                f.reset()
        self._last = t
        fields: set[Field] = set()
        turn, place = self._head(t, said, fields)
        weights = _weights(said, fields)
        gaze = _gaze(said, weights, fields)
        if gaze is not None:
            gaze = self._smooth("gaze", t, gaze)
        bones = _bones(said.bones, fields)
        made = Pose(
            turn,
            place,
            np.zeros(4) if gaze is None else gaze,
            self._smooth_weights(t, np.array(list(self._profile.ranged(weights).values()))),
            _presets(said.expressions or {}),
            bones,
        )
        if not math.isfinite(float(made.position.sum() + made.gaze.sum())):
            raise ValueError("the head's place or the gaze holds a number that is not finite")
        return made, fields

    def _head(self, t: float, said: Performance, fields: set[Field]) -> tuple[Array, Array]:
        turn, place = rotation.IDENTITY, np.zeros(3)
        if said.rotation is not None:
            fields.add("rotation")
            turn = self._smooth("rotation", t, rotation.normalize(said.rotation))
        if said.position is not None:
            fields.add("position")
            place = self._smooth("position", t, said.position)
            if self._origin is None and np.isfinite(place).all():
                self._origin = place
            place = place - (0.0 if self._origin is None else self._origin)
        return turn, place

    def _smooth(self, signal: Signal, t: float, x: Array) -> Array:
        return self._filters[signal](t, x) if self._filters else x

    def _smooth_weights(self, t: float, x: Array) -> Array:
        if self._filters:
            smooth = self._filters["weights"](t, x).copy()
            smooth[LIDS] = self._filters["eyelids"](t, x[LIDS])
            x = np.clip(smooth, 0.0, 1.0)
        return x


def _weights(said: Performance, fields: set[Field]) -> dict[str, float]:
    """All 52, 0..1: the app's own, or as near as its expressions come."""
    shapes: Mapping[str, float] = said.blendshapes or {}
    if said.blendshapes is not None:
        fields.update(("face", "eyelids"))
    elif said.expressions is not None:
        fields.add("face")
        if any(name.startswith("blink") for name in said.expressions):
            fields.add("eyelids")
        shapes = expressions.shapes(said.expressions)
    if not math.isfinite(sum(shapes.values())):
        raise ValueError("a blendshape is no finite number")
    return {name: max(0.0, min(1.0, shapes.get(name, 0.0))) for name in ARKIT}


def _gaze(said: Performance, weights: dict[str, float], fields: set[Field]) -> Array | None:
    """(4,) radians; the app's own, or what its eyeLook shapes say. Shapes that it leaves out follow its gaze."""
    own = said.blendshapes if said.blendshapes is not None else said.expressions
    looks = any(name.startswith(("eyeLook", "look")) for name in own or ())
    gaze = said.gaze
    if gaze is None and looks:
        left, right = blendshapes.gaze(weights)
        gaze = np.array([left.yaw, left.pitch, right.yaw, right.pitch])
    elif gaze is not None and not looks:
        left_yaw, left_pitch, right_yaw, right_pitch = gaze.tolist()
        weights.update(blendshapes.looks(Gaze(left_yaw, left_pitch), Gaze(right_yaw, right_pitch)))
    if gaze is not None:
        fields.add("gaze")
    return gaze


def _presets(said: Mapping[str, float]) -> Array | None:
    if not said:
        return None
    if not math.isfinite(sum(said.values())):
        raise ValueError("an expression is no finite number")
    weights = [max(0.0, min(1.0, said.get(name, 0.0))) for name in PRESETS]
    return np.array([[1.0 if name in said else 0.0 for name in PRESETS], weights])


def _bones(said: Mapping[str, Array], fields: set[Field]) -> Mapping[str, Array]:
    names = [name for name in said if name not in DRIVEN]
    if not names:
        return pose.NO_BONES
    rows = np.array([said[name] for name in names])
    lengths = np.sqrt((rows * rows).sum(axis=1))
    if not (np.isfinite(lengths).all() and (lengths > 1e-6).all()):
        raise ValueError("a bone's quaternion is no rotation")
    fields.update(field_of_bone(name) for name in names)
    return dict(zip(names, rows / lengths[:, None], strict=True))
