"""What a performer likes stronger or weaker: every shape's gain and offset, and how far head and body follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from vtuber import pose, rotation
from vtuber.pose import Pose
from vtuber.stages import Array
from vtuber.wire import ARKIT

MOST_GAIN = 4.0
MOST_SHARE = 2.0
TRUNK = tuple(bone for bone in pose.SHARES if bone not in ("neck", "head"))
"""The bones that `body` speaks of."""


class Tuning:
    """Laid over a pose after it was smoothed, whatever it came from.

    Args:
        gains: shape -> 0..4, what its weight is multiplied by.
        offsets: shape -> -1..1, what is added to it then.

    Settings:
        head: how far the head turns and moves, against how far it did: 0 to 2.
        body: how far the trunk leans with the head, against how far it usually does: 0 to 2.

    Raises:
        ValueError: no such shape, or a number beyond these bounds.
    """

    def __init__(
        self,
        gains: Mapping[str, float] = {},
        offsets: Mapping[str, float] = {},
        *,
        head: float = 1.0,
        body: float = 1.0,
    ) -> None:
        for name, value, least, most in (
            *((f"gain of {n}", v, 0.0, MOST_GAIN) for n, v in gains.items()),
            *((f"offset of {n}", v, -1.0, 1.0) for n, v in offsets.items()),
            ("head", head, 0.0, MOST_SHARE),
            ("body", body, 0.0, MOST_SHARE),
        ):
            if not least <= value <= most:
                raise ValueError(f"{name} must be from {least:g} to {most:g}, not {value:g}")
        unknown = [name for name in (*gains, *offsets) if name not in ARKIT]
        if unknown:
            raise ValueError(f"there is no shape {unknown[0]!r}; they go by Apple's names, such as jawOpen")
        self._gains: Array = np.array([gains.get(name, 1.0) for name in ARKIT])
        self._offsets: Array = np.array([offsets.get(name, 0.0) for name in ARKIT])
        self._shapes = bool((self._gains != 1.0).any() or self._offsets.any())
        self._head, self._body = head, body

    def __call__(self, shown: Pose) -> Pose:
        """The pose as the performer wants it; the same object where nothing is to be changed."""
        if self._shapes:
            shown = replace(shown, weights=np.clip(shown.weights * self._gains + self._offsets, 0.0, 1.0))
        if self._head != 1.0:
            turned = rotation.scale(shown.rotation, self._head)
            shown = replace(shown, rotation=turned, position=shown.position * self._head)
        return shown if self._body == 1.0 else self._lean(shown)

    def _lean(self, shown: Pose) -> Pose:
        """The trunk's bones that nobody drives, turned by their share; neck and head carry what is left."""
        turned = {
            bone: rotation.scale(shown.rotation, pose.SHARES[bone] * self._body)
            for bone in TRUNK
            if bone not in shown.bones
        }
        return replace(shown, bones={**turned, **shown.bones})
