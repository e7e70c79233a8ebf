"""One performer's pose as arrays: what is measured, smoothed, blended and, last of all, named for the wire."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

import numpy as np

from vtuber import expressions, rotation
from vtuber.signals import Rotations
from vtuber.stages import Array
from vtuber.wire import ARKIT, PRESETS, RELAXED, AvatarState, Quaternion, Tracking, Vector

SHARES = {"spine": 0.06, "chest": 0.08, "upperChest": 0.06, "neck": 0.3, "head": 0.5}
"""How the turn of the head is shared down the body; together they make the whole turn."""
LIDS = np.array([ARKIT.index("eyeBlinkLeft"), ARKIT.index("eyeBlinkRight")])
CHAIN = ("hips", *SHARES)
"""The bones whose product is the turn of the head."""


def _twin(name: str) -> str:
    """The name of the same thing on the other side."""
    for one, other in (("Left", "Right"), ("Right", "Left"), ("left", "right"), ("right", "left")):
        if one in name:
            return name.replace(one, other)
    return name


TWIN = [ARKIT.index(_twin(n)) for n in ARKIT]
_TWIN_PRESET = [PRESETS.index(_twin(n)) for n in PRESETS]
_RELAXED = {
    bone: rotation.multiply(
        rotation.multiply(rotation.exp(np.radians((x, 0, 0))), rotation.exp(np.radians((0, y, 0)))),
        rotation.exp(np.radians((0, 0, z))),
    )
    for bone, (x, y, z) in RELAXED.items()
}
_RELAXED.update({_twin(bone): rotation.mirror(q) for bone, q in _RELAXED.items()})


@dataclass(frozen=True, slots=True)
class Pose:
    """Our axes: x to the performer's left, y up, z out of the face."""

    rotation: Array = field(default_factory=lambda: rotation.IDENTITY.copy())
    """(4,) of the head against the camera's level view."""
    position: Array = field(default_factory=lambda: np.zeros(3))
    """(3,) metres from the neutral place."""
    gaze: Array = field(default_factory=lambda: np.zeros(4))
    """(4,) radians: left yaw, left pitch, right yaw, right pitch, against the head; yaw to the performer's left."""
    weights: Array = field(default_factory=lambda: np.zeros(len(ARKIT)))
    """(52,) 0..1 in the order of ARKIT."""
    presets: Array | None = None
    """(2, 18) in the order of PRESETS, of an app that says them itself: how far its word counts against what the
    weights make of a preset, and its weight times that, both 0..1."""
    bones: Mapping[str, Array] = field(default_factory=lambda: NO_BONES)
    """VRM bone -> (4,) local rotation, beside those that the head and the gaze drive."""

    def bone(self, name: str) -> Array:
        """(4,) the local rotation; that of rest when it is not driven."""
        driven = self.bones.get(name)
        if driven is not None:
            return driven
        share = SHARES.get(name)
        return _RELAXED.get(name, rotation.IDENTITY) if share is None else rotation.scale(self.rotation, share)


NO_BONES: Mapping[str, Array] = MappingProxyType({})
NO_PRESETS: Array = np.zeros((2, len(PRESETS)))
REST = Pose()


def blend(a: Pose, b: Pose, share: float) -> Pose:
    """From a (share 0) to b (share 1), rotations along the great circle."""
    if share <= 0:
        return a
    if share >= 1:
        return b
    return Pose(
        between(a.rotation, b.rotation, share),
        a.position + share * (b.position - a.position),
        a.gaze + share * (b.gaze - a.gaze),
        a.weights + share * (b.weights - a.weights),
        blend_presets(a, b, share),
        {name: between(a.bone(name), b.bone(name), share) for name in {**a.bones, **b.bones}},
    )


def between(a: Array, b: Array, share: float) -> Array:
    """The given share of the way from one rotation (4,) to another."""
    return Rotations.moved(a, share * Rotations.difference(b, a))


def blend_presets(a: Pose, b: Pose, share: float | Array) -> Array | None:
    """Those between a's and b's; a share may be one for each preset (18,)."""
    if a.presets is None and b.presets is None:
        return None
    low = NO_PRESETS if a.presets is None else a.presets
    return low + share * ((NO_PRESETS if b.presets is None else b.presets) - low)


def mirrored(p: Pose) -> Pose:
    """As a looking-glass shows it: the performer's left becomes the avatar's right."""
    return Pose(
        rotation.mirror(p.rotation),
        p.position * np.array([-1.0, 1.0, 1.0]),
        p.gaze[[2, 3, 0, 1]] * np.array([-1.0, 1.0, -1.0, 1.0]),
        p.weights[TWIN],
        None if p.presets is None else p.presets[:, _TWIN_PRESET],
        {_twin(name): rotation.mirror(q) for name, q in p.bones.items()},
    )


def to_state(p: Pose, timestamp: float, person: int, tracking: Tracking, confidence: float) -> AvatarState:
    """The pose under the wire's names."""
    weights = dict(zip(ARKIT, p.weights.tolist(), strict=True))
    return AvatarState(
        timestamp,
        person,
        tracking,
        confidence,
        _quaternion(p.rotation),
        cast(Vector, tuple(p.position.tolist())),
        _bones(p),
        weights,
        _presets(p, weights),
    )


def _presets(p: Pose, weights: Mapping[str, float]) -> dict[str, float]:
    solved = expressions.solve(weights)
    if p.presets is not None:
        own, said = p.presets.tolist()
        for name, counts, weight in zip(PRESETS, own, said, strict=True):
            if counts:
                solved[name] = (1.0 - counts) * solved[name] + weight
    return solved


def _bones(p: Pose) -> dict[str, Quaternion]:
    bones = _trunk(p) if p.bones else _shared(p.rotation, tuple(SHARES))
    left_yaw, left_pitch, right_yaw, right_pitch = p.gaze.tolist()
    bones["leftEye"] = _quaternion(rotation.from_yaw_pitch(left_yaw, left_pitch))
    bones["rightEye"] = _quaternion(rotation.from_yaw_pitch(right_yaw, right_pitch))
    for bone, q in p.bones.items():
        bones[bone] = _quaternion(q)
    return bones


def _trunk(p: Pose) -> dict[str, Quaternion]:
    """From spine to head where some bones are driven: what their turn leaves of the head's is dealt out above them."""
    last = max((i for i, bone in enumerate(CHAIN) if bone in p.bones), default=-1)
    carried = rotation.IDENTITY
    for bone in CHAIN[: last + 1]:
        carried = rotation.multiply(carried, p.bones.get(bone, rotation.IDENTITY))
    left = rotation.normalize(rotation.multiply(rotation.conjugate(carried), p.rotation))
    below = {bone: _quaternion(rotation.IDENTITY) for bone in CHAIN[1 : last + 1]}
    return below | _shared(left, [bone for bone in CHAIN[last + 1 :] if bone in SHARES])


def _shared(turn: Array, bones: Sequence[str]) -> dict[str, Quaternion]:
    """The turn dealt out to these bones of the trunk by their shares."""
    x, y, z, w = turn.tolist()
    sine, half = math.sqrt(x * x + y * y + z * z), math.acos(max(-1.0, min(1.0, w)))
    whole = sum(SHARES[bone] for bone in bones)
    dealt: dict[str, Quaternion] = {}
    for bone in bones:
        share = SHARES[bone] / whole
        # The same axis, and this share of the angle.
        scale = math.sin(half * share) / sine if sine > 1e-9 else share
        dealt[bone] = (x * scale, y * scale, z * scale, math.cos(half * share))
    return dealt


def _quaternion(q: Array) -> Quaternion:
    return cast(Quaternion, tuple(q.tolist()))
