"""What a profile changes of what was read of a face: gaze, shapes that are read along with others, ranges, the look."""

from __future__ import annotations

import base64
import binascii
import logging
import math
from collections.abc import Mapping

import numpy as np

from vtuber import acting
from vtuber.blendshapes import looks
from vtuber.gaze import Gaze
from vtuber.profile import Eyes, Look, Profile, stretched
from vtuber.refining import Refiner
from vtuber.stages import Array, Floats

log = logging.getLogger(__name__)

WIDEST = math.radians(35)
"""Beyond this turn nothing was measured: what the head's turn adds to the gaze stays as there."""


class Personal:
    """A profile ready for use, frame by frame.

    Args:
        refine: whether its ranges follow the performer slowly.
    """

    def __init__(self, profile: Profile, *, refine: bool = False) -> None:
        self._profile = profile
        self.refiner = Refiner(profile.ranges, profile.refined) if refine else None
        eyes = profile.eyes
        self._crosstalk = [(name, list(along.items())) for name, along in profile.crosstalk.items()]
        self._centre = np.array(eyes.centre) if eyes else np.zeros(4)
        self._gain = np.tile(eyes.gain, 2) if eyes else np.ones(4)
        self._turned = np.array(eyes.turned).T if eyes and eyes.turned else None
        self._eyes = eyes is not None
        self._shapes = list(profile.turned)
        self._shapes_turned = np.array(list(profile.turned.values())).reshape(-1, 5).T

    def gaze(self, left: Gaze, right: Gaze, matrix: Array, position: Array) -> tuple[Gaze, Gaze]:
        """The gaze of a head at this place (matrix (3, 3) head -> camera, position (3,) m), straight where it is."""
        if not self._eyes:
            return left, right
        read = np.array([left.yaw, left.pitch, right.yaw, right.pitch])
        if self._turned is not None:
            read -= np.tile(monomials(*facing(matrix, position)) @ self._turned, 2)
        a, b, c, d = ((read - self._centre) * self._gain).tolist()
        return Gaze(a, b), Gaze(c, d)

    def weights(
        self, t: float, weights: dict[str, float], left: Gaze, right: Gaze, matrix: Array, position: Array
    ) -> dict[str, float]:
        """The weights of this performer at time t (seconds); their eyes' look is that of their own gaze."""
        if self._eyes:
            weights.update(looks(left, right))
        if self._shapes:
            added = (monomials(*facing(matrix, position)) @ self._shapes_turned).tolist()
            for name, value in zip(self._shapes, added, strict=True):
                weights[name] = max(0.0, min(1.0, weights[name] - value))
        if self._crosstalk:
            weights = freed(weights, self._crosstalk)
        if self.refiner is None:
            return self._profile.ranged(weights)
        self.refiner.see(t, weights)
        return stretched(weights, self.refiner.ranges)


def freed(weights: Mapping[str, float], crosstalk: list[tuple[str, list[tuple[str, float]]]]) -> dict[str, float]:
    """The weights without what is only read along with others."""
    own = dict(weights)
    for name, along in crosstalk:
        strength = weights[name]
        for other, share in along:
            own[other] = max(0.0, own[other] - share * strength)
    return own


def facing(matrix: Array, position: Array) -> tuple[float, float]:
    """Where the face sees the camera, radians from straight ahead: to the performer's left, and up."""
    x, y, z = (-position @ matrix).tolist()
    return math.atan2(x, z), math.atan2(y, math.hypot(x, z))


def monomials(x: float, y: float) -> Array:
    """(5,) what `Eyes.turned` multiplies."""
    x, y = max(-WIDEST, min(WIDEST, x)), max(-WIDEST, min(WIDEST, y))
    return np.array([x, y, x * x, x * y, y * y])


def look_of(memory: Floats) -> Look:
    """What an actor remembers of a performer, to be kept."""
    values = base64.b64encode(memory.astype("<f2").tobytes()).decode()
    return Look(acting.network().name, values)


def memory_of(look: Look | None) -> Floats | None:
    """What an actor begins with; None when the look was kept for another network."""
    if look is None:
        return None
    network = acting.network()
    if look.network != network.name:
        log.warning("the profile's look is of an older version of this program: calibrate the face again when you can")
        return None
    try:
        memory = np.frombuffer(base64.b64decode(look.values, validate=True), "<f2").astype(np.float32)
    except (binascii.Error, ValueError):
        memory = np.zeros(0, np.float32)
    if memory.shape != network.remembered or not np.isfinite(memory).all():
        log.warning("the profile's look cannot be read, and is passed over: calibrate the face again")
        return None
    return memory


def straight(centre: Array, gain: tuple[float, float], turned: Array | None) -> Eyes:
    """As it is kept: rounded to a thousandth of a degree or so.

    Args:
        centre: (4,) radians.
        turned: (5, 2) factors of `monomials`.
    """
    a, b, c, d = np.round(centre, 5).tolist()
    rows = () if turned is None else tuple(tuple(row) for row in np.round(turned.T, 5).tolist())
    return Eyes((a, b, c, d), (round(gain[0], 4), round(gain[1], 4)), rows)
