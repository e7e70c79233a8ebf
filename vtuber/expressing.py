"""A performer's expressions as they are changed and called while a run goes on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from vtuber import commands
from vtuber.kept import Kept
from vtuber.moods import Mood, Moods
from vtuber.pose import Pose
from vtuber.rig import Rig
from vtuber.stages import VTuberError
from vtuber.wire import ARKIT

TAKEN = 0.08
"""What a shape must weigh to go into an expression that is taken from a face: less is hardly seen."""


class Expressing:
    """What is done to the expressions of one run. All methods raise VTuberError, and then nothing has changed."""

    def __init__(self, kept: Kept, rig: Rig) -> None:
        self._kept = kept
        self._rig = rig
        self.on_called: Callable[[Sequence[Mapping[str, Any]]], None] = lambda called: None
        """Shows expressions of the avatar's own in every viewer: Moods.called."""

    @property
    def _moods(self) -> Moods:
        return self._rig.wishes.moods

    def show(self, command: commands.Show) -> None:
        self._moods.want(command.names)
        self.on_called(self._moods.called)

    def put(self, command: commands.PutMood) -> None:
        moods = list(self._moods.moods)
        place = next((i for i, mood in enumerate(moods) if mood.name == command.old), len(moods))
        moods[place : place + 1] = [command.mood] if command.mood else []
        if command.mood and command.mood.key:  # a key does one thing
            moods = [_without_key(m) if m.key == command.mood.key and m is not command.mood else m for m in moods]
        with self._kept.changed((("expression",), [_told(mood) for mood in moods])):
            fresh = Moods(self._kept.chosen.config.moods)
            fresh.follow(self._moods, {command.old: command.mood.name} if command.mood else {})
            self._rig.wishes.moods = fresh
        self.on_called(fresh.called)

    def take_face(self, command: commands.TakeFace) -> None:
        mood = next((m for m in self._moods.moods if m.name == command.name), None)
        if mood is None:
            raise VTuberError(f"there is no expression {command.name!r}")
        performer = self._rig.pipeline.now.people[0]
        if not math.isfinite(performer.last_seen):
            raise VTuberError("nobody was seen yet: sit in front of the camera, and try again")
        weights = self._rig.wishes.tuning(Pose(weights=performer.weights)).weights
        told = {n: round(float(w), 2) for n, w in zip(ARKIT, weights, strict=True) if not n.startswith("eyeLook")}
        shapes = {name: weight for name, weight in told.items() if weight >= TAKEN}
        if not shapes:
            raise VTuberError("your face is at rest: make the face that you want, and try again")
        self.put(commands.PutMood(mood.name, msgspec.structs.replace(mood, shapes=shapes)))


def _told(mood: Mood) -> dict[str, Any]:
    """As it stands in the file: without what is usual."""
    usual, told = msgspec.to_builtins(Mood("-")), msgspec.to_builtins(mood)
    return {key: value for key, value in told.items() if key == "name" or value != usual[key]}


def _without_key(mood: Mood) -> Mood:
    return msgspec.structs.replace(mood, key="")
