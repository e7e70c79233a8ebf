"""The performer's own face: what was seen step by step becomes a profile.

Pure measuring: whoever drives it (the command line, the studio, a test) says which step is being done and hands over
what the tracker saw. Nothing is written here, and the profile that was there before is never changed.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from calibration import bundle, gazing, ranges, views
from calibration.steps import BY_NAME, STEPS, TURNS, Step, shows
from calibration.takes import Recording, Take, read, remembered, take_of
from vtuber import lens as lenses
from vtuber import rotation
from vtuber.filters.none import Filter
from vtuber.performer import Measured
from vtuber.pipeline import Pipeline
from vtuber.profile import Neutral, Profile
from vtuber.stages import Array, Observation, VTuberError

MOST_FRAMES = 2400
"""Kept of one step; a clip that is longer is thinned out. A frame with its impression takes 60 KB."""
SEEN = 0.6
"""With a smaller share of frames in which the face was seen, it was lost half-way."""
FEWEST = 20
"""Frames of a face, in all."""
TURN_DEG = {"left": 30.0, "right": 30.0, "up": 15.0, "down": 15.0}
"""A full step each way."""
STILL_DEG = 2.0
"""The head's wander while looking ahead that spoils it altogether is three times as much."""
RISE, APART, SWEEP_DEG = 0.4, 0.4, 12.0
"""What makes a full step: of a shape, of winking lids, of the gaze's half width."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it."""

    profile: Profile
    before: Sequence[Take]
    """The takes as they were read without it,"""
    after: Sequence[Take]
    """and with it."""
    notes: Sequence[str] = ()
    """What could not be measured, in a sentence each."""


@dataclass
class FaceCalibration:
    """Takes in what is seen, says how well each step goes, and makes a profile of it.

    Args:
        base: the profile to build on; its camera is taken as it is.
    """

    base: Profile = field(default_factory=Profile)
    misfit_px: tuple[float, float] | None = None
    """Of the usual face and of the performer's own, in all views together; None before `finish`, or without a turn."""
    _seen: dict[str, list[Observation]] = field(default_factory=dict)
    _read: dict[str, list[tuple[float, Measured]]] = field(default_factory=dict)
    _frames: dict[str, int] = field(default_factory=dict)
    _people: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._usual = Profile(camera=self.base.camera, neutral=self.base.neutral)
        self._pipeline = Pipeline(self._usual, Filter)

    def __getstate__(self) -> dict[str, Any]:
        """What was seen, for another process to measure from."""
        return {name: value for name, value in vars(self).items() if name != "_pipeline"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._pipeline = Pipeline(self._usual, Filter)

    def observe(self, label: str, observations: Sequence[Observation]) -> None:
        """One frame of a step (its name), or of a clip that shows several (see steps.CLIPS).

        Args:
            observations: what the tracker said of the frame: one for each person, none when nobody is seen.
        """
        if label not in self._seen and label not in BY_NAME and not any(shows(label, step) for step in STEPS):
            raise ValueError(f"there is no step {label!r}")
        seen = self._seen.setdefault(label, [])
        self._frames[label] = self._frames.get(label, 0) + 1
        faces = [o for o in observations if o.face is not None]
        self._people[label] = self._people.get(label, 0) + (len(faces) > 1)
        mine = next((o for o in faces if o.person == 0), None)
        if mine is None:
            return
        if len(seen) >= MOST_FRAMES:
            del seen[1::2], self._read[label][1::2]
        measured = self._pipeline.step(mine.timestamp, [mine])[0].measured
        if measured is not None:
            seen.append(mine)
            self._read.setdefault(label, []).append((mine.timestamp, measured))

    def forget(self, label: str) -> None:
        """Do a step again."""
        for kept in (self._seen, self._read, self._frames, self._people):
            kept.pop(label, None)

    def quality(self, step: Step) -> float | None:
        """0..1 how well a step went so far; None while nothing shows it."""
        takes = [take_of(label, rows) for label, rows in self._read.items() if shows(label, step)]
        return quality(step, [take for take in takes if len(take) > 2], self._straight())

    def _straight(self) -> Array | None:
        rows = self._read.get("ahead") or [row for rows in self._read.values() for row in rows]
        return _middle(np.array([m.rotation for _, m in rows])) if rows else None

    @property
    def qualities(self) -> dict[str, float]:
        """Step -> 0..1, of those that were shown."""
        found = {step.name: self.quality(step) for step in STEPS}
        return {name: round(value, 2) for name, value in found.items() if value is not None}

    @property
    def distance_m(self) -> float | None:
        """From the camera to the face, in the median; None before a face was seen."""
        places = [float(np.linalg.norm(m.place)) for rows in self._read.values() for _, m in rows]
        return float(np.median(places)) if places else None

    @property
    def usual_face(self) -> Array | None:
        """(68, 3) the face that everybody begins with, metres, head axes; None before a face was seen."""
        faces = (o.face for seen in self._seen.values() for o in seen if o.face is not None)
        face = next(faces, None)
        return None if face is None else face.layout.points * views.CM

    def finish(self, name: str = "", corners: tuple[float, float] | None = None) -> Result:
        """The profile, and the takes as they are read without and with it.

        Args:
            name: of the profile.
            corners: yaw and pitch, radians, from the screen's middle to its corners as the performer sees them.

        Raises:
            VTuberError: no face can be measured from this; the text says what to do.
        """
        self._demand()
        recording: Recording = [(label, seen) for label, seen in self._seen.items() if len(seen) > 2]
        notes: list[str] = []
        own, before = self._own_face(recording, notes), read(recording, self._usual)
        takes, look = remembered(recording, own)
        own = msgspec.structs.replace(own, look=look)
        takes = read(recording, own)
        own = msgspec.structs.replace(own, turned=ranges.turned(takes))
        if own.turned:
            takes = read(recording, own)
        along = ranges.crosstalk(takes)
        eyes = gazing.eyes(takes, corners)
        if eyes is None:
            notes.append("the eyes were not seen looking straight ahead: the gaze is as before")
        profile = msgspec.structs.replace(
            own,
            name=name or self.base.name,
            made=datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
            quality=self.qualities,
            neutral=neutral_of(takes) or own.neutral,
            crosstalk=along,
            ranges=ranges.ranges(takes, along),
            refined={},
            eyes=eyes,
        )
        return Result(profile, before, read(recording, profile), notes)

    def _demand(self) -> None:
        """Raises VTuberError when what was seen is no calibration at all."""
        kept = sum(map(len, self._seen.values()))
        frames = sum(self._frames.values())
        if not kept:
            raise VTuberError("no face was seen: sit before the camera, in good light")
        if kept < SEEN * frames and not self._thinned():
            raise VTuberError(
                f"the face was lost half-way (seen in {kept / frames:.0%} of {frames} pictures): "
                "stay in the picture, in good light, and do it again"
            )
        if kept < FEWEST:
            raise VTuberError(f"the face was seen in {kept} pictures only: the steps need a few seconds each")
        crowded = sum(self._people.values())
        if crowded > 0.2 * frames:
            raise VTuberError("two people were in the picture: only you may be before the camera while it measures")

    def _thinned(self) -> bool:
        return any(frames > MOST_FRAMES for frames in self._frames.values())

    def _own_face(self, recording: Recording, notes: list[str]) -> Profile:
        """The base with the performer's own 68 points, where a turn was shown."""
        base = msgspec.structs.replace(self._usual, face=self.base.face)
        turning = [label for label in self._seen if any(shows(label, BY_NAME[turn]) for turn in TURNS)]
        if not turning:
            notes.append("the head was not turned: the face's own shape is as before")
            return base
        layout = next(o.face.layout for _, seen in recording for o in seen if o.face is not None)
        size = recording[0][1][0].size
        # A focal length out of a face alone is a poor guess: the usual one is better, and the board's better still.
        lens = lenses.of(base, size)
        turned = [o for label, seen in recording if label in turning for o in seen]
        found = bundle.adjust(views.gather(turned, lens), layout.points * views.CM, layout.rigidity, lens.matrix)
        self.misfit_px = found.before_px, found.after_px
        rows = np.round(found.points, 5).tolist()
        return msgspec.structs.replace(base, face=tuple((x, y, z) for x, y, z in rows))


def quality(step: Step, takes: Sequence[Take], straight: Array | None) -> float | None:
    """0..1 how well these takes show the step.

    Args:
        straight: (4,) quaternion of the head when it looks straight ahead.
    """
    if not takes or straight is None:
        return None
    if step.name in TURNS:
        value = _turned(takes, straight)[step.name] / TURN_DEG[step.name]
    elif step.name == "ahead":
        calm = [take for take in takes if take.label == "ahead"] or takes
        value = 1.5 - min(map(_wander_deg, calm)) / (2 * STILL_DEG)
    elif step.name == "corners":
        half = gazing.spread(takes)
        value = 0.0 if half is None else float(np.degrees(half[0])) / SWEEP_DEG
    elif step.name.startswith("wink"):
        one, other = ("Left", "Right") if step.name == "wink left" else ("Right", "Left")
        value = max(ranges.reach(t.shape(f"eyeBlink{one}") - t.shape(f"eyeBlink{other}")) for t in takes) / APART
    else:
        value = float(np.mean([max(_rise(take, name) for take in takes) for name in step.shapes])) / RISE
    return min(1.0, max(0.0, value))


def _rise(take: Take, name: str) -> float:
    values = take.shape(name)
    return ranges.reach(values) - float(np.percentile(values, 10))


def _turned(takes: Sequence[Take], straight: Array) -> Mapping[str, float]:
    """Degrees from straight ahead, each way; a single wild frame is no turn."""
    level = rotation.conjugate(rotation.normalize(straight))
    turns = [rotation.to_matrix(rotation.multiply(level, q)) for take in takes for q in take.rotation]
    yaw, pitch, _ = np.degrees([rotation.yaw_pitch_roll(turn) for turn in turns]).T
    (right, left), (down, up) = np.percentile(yaw, [2, 98]), np.percentile(pitch, [2, 98])
    return {"left": float(left), "right": -float(right), "up": float(up), "down": -float(down)}


def _wander_deg(take: Take) -> float:
    """How far the head went from its middle, of nine frames in ten."""
    middle = rotation.conjugate(_middle(take.rotation))
    away = [float(np.linalg.norm(rotation.log(rotation.multiply(q, middle)))) for q in take.rotation]
    return float(np.degrees(np.percentile(away, 90)))


def _middle(rotations: Array) -> Array:
    """(4,) the mean of quaternions (N, 4) that lie close together: the main axis of their sum of squares."""
    _, axes = np.linalg.eigh(rotations.T @ rotations)
    middle: Array = axes[:, -1] * (np.sign(axes[3, -1]) or 1.0)
    return middle


def neutral_of(takes: Sequence[Take]) -> Neutral | None:
    """The head at ease: while it looked ahead, else while the face alone moved; None where it was never at ease."""
    for labels in (("ahead",), ("shapes", "lids", "looks"), ("free",)):
        calm = [take for take in takes if take.label in labels]
        if calm:
            turns, places = (np.concatenate([getattr(take, name) for take in calm]) for name in ("rotation", "place"))
            near = _nearest(turns)
            q, place = np.round(_middle(turns[near]), 5), np.round(np.median(places[near], axis=0), 4)
            return Neutral(tuple(q.tolist()), tuple(place.tolist()))
    return None


def _nearest(rotations: Array) -> npt.NDArray[np.intp]:
    """Indices of the half of them that lie closest together about the middle."""
    chosen = np.arange(len(rotations))
    for _ in range(3):
        middle = rotation.conjugate(_middle(rotations[chosen]))
        away = [float(np.linalg.norm(rotation.log(rotation.multiply(q, middle)))) for q in rotations]
        chosen = np.argsort(away)[: max(1, len(rotations) // 2)]
    return chosen
