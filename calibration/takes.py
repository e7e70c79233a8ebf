"""What was read of the performer while they did a step, frame by frame, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vtuber import personal
from vtuber.filters.none import Filter
from vtuber.performer import Measured
from vtuber.pipeline import Pipeline
from vtuber.profile import Look, Profile
from vtuber.stages import Array, Observation
from vtuber.wire import ARKIT

LIDS = [ARKIT.index("eyeBlinkLeft"), ARKIT.index("eyeBlinkRight")]
OPEN = 0.3
"""A lid below this is open, and the gaze is to be believed."""

Recording = Sequence[tuple[str, Sequence[Observation]]]
"""Takes: the label of each (a step's name, a kind of clip, or free), and what the tracker saw."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """N frames in which the face was seen."""

    label: str
    time: Array
    """(N,) seconds"""
    rotation: Array
    """(N, 4) quaternions of the head, our axes."""
    place: Array
    """(N, 3) metres from the camera, our axes."""
    facing: Array
    """(N, 2) radians: where the face sees the camera, to the performer's left and up."""
    gaze: Array
    """(N, 4) radians: left yaw, left pitch, right yaw, right pitch."""
    weights: Array
    """(N, 52) in the order of ARKIT."""
    misfit: Array
    """(N,) px: the landmarks' distance from the face that was fitted to them."""

    def shape(self, name: str) -> Array:
        """(N,) one weight by its ARKit name."""
        values: Array = self.weights[:, ARKIT.index(name)]
        return values

    @property
    def eyes_open(self) -> Mask:
        """(N,) both, for some frames already: a lid on its way says nothing of the gaze."""
        shut = (self.weights[:, LIDS] > OPEN).any(axis=1)
        around: Mask = np.convolve(np.pad(shut, 2), np.ones(5), mode="valid") == 0
        return around

    def __len__(self) -> int:
        return len(self.time)


def read(recording: Recording, profile: Profile) -> list[Take]:
    """The takes as the pipeline reads them with this profile, unfiltered; each begins as if the face were new."""
    return [_read(label, observations, Pipeline(profile, Filter)) for label, observations in recording]


def remembered(recording: Recording, profile: Profile) -> tuple[list[Take], Look | None]:
    """The same, and how the performer looked in the mean; None of a tracker whose faces are not read so."""
    takes, memories = [], []
    for label, observations in recording:
        pipeline = Pipeline(profile, Filter)
        takes.append(_read(label, observations, pipeline))
        memory = pipeline.people[0].memory
        if memory is not None:
            memories.append((len(takes[-1]), memory))
    if not memories:
        return takes, None
    counts, values = zip(*memories, strict=True)
    return takes, personal.look_of(np.average(values, axis=0, weights=counts).astype(np.float32))


def _read(label: str, observations: Sequence[Observation], pipeline: Pipeline) -> Take:
    measured = []
    for observation in observations:
        step = pipeline.step(observation.timestamp, [observation])[0]
        if step.measured is not None:
            measured.append((observation.timestamp, step.measured))
    return take_of(label, measured)


def take_of(label: str, measured: Sequence[tuple[float, Measured]]) -> Take:
    """As arrays, from (time, what was measured)."""
    rows = [m for _, m in measured]
    return Take(
        label,
        np.array([t for t, _ in measured]),
        np.array([m.rotation for m in rows]).reshape(-1, 4),
        np.array([m.place for m in rows]).reshape(-1, 3),
        np.array([personal.facing(m.matrix, m.position) for m in rows]).reshape(-1, 2),
        np.array([m.gaze for m in rows]).reshape(-1, 4),
        np.array([m.weights for m in rows]).reshape(-1, len(ARKIT)),
        np.array([m.reprojection_px for m in rows]),
    )
