"""Expressions on keys: a face laid over the tracked one, faded in and out, held or switched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import msgspec
import numpy as np

from vtuber import expressions
from vtuber.pose import NO_PRESETS, Pose
from vtuber.stages import Array
from vtuber.wire import ARKIT, PRESETS

Region = Literal["brows", "eyes", "mouth", "cheeks"]
_BEGINNINGS: dict[str, tuple[str, ...]] = {
    "brows": ("brow",),
    "eyes": ("eyeBlink", "eyeSquint", "eyeWide"),
    "mouth": ("mouth", "jaw", "tongue"),
    "cheeks": ("cheek", "nose"),
}
MOST = 32
"""Expressions of one performer."""


class Mood(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One expression, and how it is called."""

    name: str
    key: str = ""
    """"1" to "9", or none."""
    hold: bool = False
    """Shown while the key is down; otherwise one press shows it and the next takes it away."""
    fade: float = 0.2
    """Seconds."""
    preset: str = ""
    """A VRM preset that avatars without ARKit shapes show; those with them get the shapes that say the same."""
    shapes: dict[str, float] = {}
    """ARKit name -> 0..1; in place of the preset's where both are given."""
    over: tuple[Region, ...] = ()
    """What of the face it takes over wholly: there the tracked face no longer shows. Elsewhere only its own shapes are
    raised to what it says."""
    avatar: str = ""
    """An expression that the avatar's maker gave it, shown as well by avatars that have one of this name."""

    def __post_init__(self) -> None:
        """Raises ValueError on what makes no sense."""
        if not 1 <= len(self.name) <= 40 or not self.name.isprintable():
            raise ValueError("an expression needs a name of 1 to 40 letters")
        if self.key not in ("", *"123456789"):
            raise ValueError(f"{self.name}: the key must be one of 1 to 9, not {self.key!r}")
        if len(self.avatar) > 80 or not (self.avatar or "-").isprintable():
            raise ValueError(f"{self.name}: the avatar's own expression needs a name of at most 80 letters")
        if not 0.0 <= self.fade <= 5.0:
            raise ValueError(f"{self.name}: fade must be from 0 to 5 seconds, not {self.fade:g}")
        if self.preset and self.preset not in PRESETS:
            raise ValueError(f"{self.name}: there is no preset {self.preset!r}; there are: {', '.join(PRESETS)}")
        for shape, weight in self.shapes.items():
            if shape not in ARKIT:
                raise ValueError(f"{self.name}: there is no shape {shape!r}")
            if not 0.0 <= weight <= 1.0:
                raise ValueError(f"{self.name}: {shape} must be from 0 to 1, not {weight:g}")


USUAL = (
    Mood("Smile", "1", preset="happy"),
    Mood("Angry", "2", preset="angry"),
    Mood("Sad", "3", preset="sad"),
    Mood("Surprised", "4", preset="surprised"),
    Mood("Eyes closed", "5", hold=True, preset="blink", over=("eyes",)),
)
"""What a newcomer finds on the keys."""


class Moods:
    """All expressions of a performer, and how far each of them shows."""

    def __init__(self, moods: Sequence[Mood] = USUAL) -> None:
        self.moods = list(moods)
        self._faces = [_face(mood) for mood in self.moods]
        self._wanted: set[str] = set()
        self._levels: dict[str, float] = {}
        self._last = 0.0

    @property
    def wanted(self) -> set[str]:
        """The names of those that are on."""
        return set(self._wanted)

    @property
    def called(self) -> list[dict[str, str | float]]:
        """The avatar's own expressions that those that are on call: {name, fade in seconds}."""
        wanted = self._wanted
        return [{"name": m.avatar, "fade": m.fade} for m in self.moods if m.avatar and m.name in wanted]

    def follow(self, old: Moods, renamed: Mapping[str, str] = {}) -> None:
        """Take the place of others in a run: those of the same name go on as they were.

        renamed: old name -> new name.
        """
        known = {mood.name for mood in self.moods}
        self._last = old._last
        self._levels = {n: level for k, level in list(old._levels.items()) if (n := renamed.get(k, k)) in known}
        self._wanted = {renamed.get(name, name) for name in old._wanted} & known

    def want(self, names: Iterable[str]) -> None:
        """These, and no others, are on from now on. May be called from another thread.

        Raises:
            ValueError: there is no such expression.
        """
        known, wanted = {mood.name for mood in self.moods}, set(names)
        if wanted - known:
            raise ValueError(f"there is no expression {min(wanted - known)!r}")
        self._wanted = wanted

    def __call__(self, t: float, shown: Pose) -> Pose:
        """The pose at time t (seconds) with the expressions over it."""
        dt, self._last = max(0.0, t - self._last), t
        wanted = self._wanted
        if not wanted and not self._levels:
            return shown
        for mood, face in zip(self.moods, self._faces, strict=True):
            step = dt / mood.fade if mood.fade > 0 else 1.0
            level = self._levels.pop(mood.name, 0.0) + (step if mood.name in wanted else -step)
            if level > 0:
                self._levels[mood.name] = min(1.0, level)
                shown = face.over(shown, min(1.0, level))
        return shown


class _Face:
    """What a mood makes of a face, as arrays in the order of ARKIT and PRESETS."""

    def __init__(self, own: Array, taken: Array, preset: int | None) -> None:
        self._own, self._taken, self._preset = own, taken, preset

    def over(self, shown: Pose, level: float) -> Pose:
        share = level * level * (3 - 2 * level)
        taken = shown.weights + share * (self._own - shown.weights)
        raised = np.maximum(shown.weights, share * self._own)
        presets = shown.presets
        if self._preset is not None:
            presets = (NO_PRESETS if presets is None else presets).copy()
            presets[:, self._preset] = presets[:, self._preset] * (1 - share) + share
        return replace(shown, weights=np.where(self._taken, taken, raised), presets=presets)


def _face(mood: Mood) -> _Face:
    shapes = mood.shapes or expressions.shapes({mood.preset: 1.0} if mood.preset else {})
    beginnings = tuple(b for region in mood.over for b in _BEGINNINGS[region])
    return _Face(
        np.array([shapes.get(name, 0.0) for name in ARKIT]),
        np.array([bool(beginnings) and name.startswith(beginnings) for name in ARKIT]),
        PRESETS.index(mood.preset) if mood.preset else None,
    )
