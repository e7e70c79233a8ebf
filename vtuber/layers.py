"""Several sources, one body: later ones overlay the parts that they give, and let the lower ones show when they stop.

The parts of a body, in the order in which they are always named: head, eyes, face, body, hands.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from vtuber import pose
from vtuber.pose import REST, Pose, between, blend_presets
from vtuber.stages import Array
from vtuber.wire import ARKIT, PRESETS

Field = Literal["rotation", "position", "gaze", "eyelids", "face", "body", "hands"]
"""What of a pose is given or not given as one."""
PARTS: dict[str, tuple[Field, ...]] = {
    "head": ("rotation", "position"),
    "eyes": ("gaze", "eyelids"),
    "face": ("face",),
    "body": ("body",),
    "hands": ("hands",),
}
"""What people call it -> the fields."""
FIELDS: tuple[Field, ...] = tuple(f for fields in PARTS.values() for f in fields)
FACE_FIELDS: frozenset[Field] = frozenset(("rotation", "position", "gaze", "eyelids", "face"))
"""What landmarks of a face give."""

PRESENT_S = 0.25
"""A source's last word holds for so long: cameras in the dark and phones on a weak network take their time."""
SILENT_S = 0.5
"""A field that was not given for so long is let go ..."""
FADE_S = 0.5
"""... and what is below shows through in this time; so does one that comes back."""


def _field_of_shape(name: str) -> Field:
    return "gaze" if name.startswith("eyeLook") else "eyelids" if name.startswith("eye") else "face"


def _field_of_preset(name: str) -> Field:
    return "gaze" if name.startswith("look") else "eyelids" if name.startswith("blink") else "face"


@functools.cache
def field_of_bone(name: str) -> Field:
    """hands: wrists and fingers; face: the jaw; body: every other bone."""
    if any(finger in name for finger in ("Thumb", "Index", "Middle", "Ring", "Little")) or name.endswith("Hand"):
        return "hands"
    return "face" if name == "jaw" else "body"


_SHAPE_FIELD = np.array([FIELDS.index(_field_of_shape(name)) for name in ARKIT])
_PRESET_FIELD = np.array([FIELDS.index(_field_of_preset(name)) for name in PRESETS])


def overlay(below: Pose, above: Pose, levels: Mapping[Field, float]) -> Pose:
    """`above` over `below`, each field as far as its level says: 0 hidden, 1 alone; those not named are 0.

    A bone that only `below` drives stays as it is.
    """
    row = np.array([levels.get(f, 0.0) for f in FIELDS])
    shapes = row[_SHAPE_FIELD]
    bones = dict(below.bones)
    for name, q in above.bones.items():
        level = levels.get(field_of_bone(name), 0.0)
        if level > 0:
            bones[name] = q if level >= 1 else between(below.bone(name), q, level)
    return Pose(
        _turned(below.rotation, above.rotation, levels.get("rotation", 0.0)),
        below.position + levels.get("position", 0.0) * (above.position - below.position),
        below.gaze + levels.get("gaze", 0.0) * (above.gaze - below.gaze),
        below.weights + shapes * (above.weights - below.weights),
        blend_presets(below, above, row[_PRESET_FIELD]),
        bones or pose.NO_BONES,
    )


def _turned(below: Array, above: Array, level: float) -> Array:
    return below if level <= 0 else above if level >= 1 else between(below, above, level)


class Layer:
    """One source's share in a performer: what it said last, and how far each field of it shows."""

    def __init__(self, parts: Iterable[str] = PARTS) -> None:
        self._allowed: frozenset[Field] = frozenset(f for part in parts for f in PARTS[part])
        self.pose = REST
        self.seen = -math.inf
        """When it last saw the performer, seconds."""
        self.confidence = 0.0
        self._given: dict[Field, float] = {}
        """When each field was last given."""
        self._progress: dict[Field, float] = {}
        """How far it has faded in, 0..1."""
        self._present = False

    def take(self, t: float, said: Pose, fields: Collection[Field], confidence: float) -> None:
        """The source sees the performer at time t (seconds), and gives these fields."""
        shown = self._allowed.intersection(fields)
        if not shown:
            self.leave()
            return
        if len(shown) < len(fields) or not shown.issuperset(self._given):
            # What it gave before and does not give now stays as it was, to be faded out.
            kept = {name: q for name, q in self.pose.bones.items() if field_of_bone(name) not in shown}
            said = overlay(replace(self.pose, bones=kept), said, dict.fromkeys(shown, 1.0))
        self.pose, self.confidence = said, confidence
        self.seen, self._present = t, True
        self._given.update(dict.fromkeys(shown, t))

    def leave(self) -> None:
        """The source says that it does not see the performer."""
        self._present = False

    def present(self, t: float) -> bool:
        """Whether its last word still holds."""
        return self._present and t - self.seen <= PRESENT_S

    def levels(self, t: float, dt: float) -> dict[Field, float]:
        """How far each field shows at time t, dt seconds after the last call; what does not show is not named."""
        for field, given in self._given.items():
            step = dt if t - given <= SILENT_S else -dt
            self._progress[field] = max(0.0, min(1.0, self._progress.get(field, 0.0) + step / FADE_S))
        return {field: x * x * (3 - 2 * x) for field, x in self._progress.items() if x > 0}


class Stack:
    """The layers of one performer, the lowest first."""

    def __init__(self, layers: Sequence[Iterable[str]] = (tuple(PARTS),)) -> None:
        self.layers = [Layer(parts) for parts in layers]
        self._last = -math.inf
        """When somebody was last seen."""

    def __call__(self, t: float) -> tuple[Pose | None, float]:
        """The pose of all together at time t (seconds) and its confidence; None while no source sees the performer."""
        present = [layer for layer in self.layers if layer.present(t)]
        if not present:
            return None, 0.0
        confidence = max(layer.confidence for layer in present)
        # After a silence of all there is nothing to fade from: coming back from it is the business of Loss.
        dt = max(0.0, t - self._last) if t - self._last <= SILENT_S else math.inf
        self._last = t
        if len(self.layers) == 1:
            return self.layers[0].pose, confidence
        shown = REST
        for layer in self.layers:
            shown = overlay(shown, layer.pose, layer.levels(t, dt))
        return shown, confidence
