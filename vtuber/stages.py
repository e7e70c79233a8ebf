"""The values that flow from stage to stage, and the four ports that a part implements.

    Source -> Frame -> Tracker -> Observation -> (pipeline) -> AvatarState -> Output

Every time is in seconds on the monotonic clock, read once, by the source.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from vtuber.wire import AvatarState

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Image = npt.NDArray[np.uint8]


class VTuberError(Exception):
    """What the user can mend: no camera, port taken, file broken. The text says what to do."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture from a source."""

    image: Image
    """(H, W, 3) uint8, RGB, not mirrored."""
    timestamp: float
    """Capture time, seconds, monotonic."""
    index: int = 0
    """Position in the source, counted from 0; a gap means dropped frames."""


@dataclass(frozen=True, slots=True)
class LandmarkLayout:
    """How one tracker numbers its landmarks: the only place where bare landmark numbers stand."""

    name: str
    count: int
    ibug68: npt.NDArray[np.intp]
    """(68,) index of each iBUG point, in iBUG order."""
    points: Array
    """(68, 3) their canonical positions, cm, head axes: x to the performer's left, y up, z out of the face."""
    rigidity: Array
    """(68,) 0..1, how little a point moves with expression: its weight in the head pose."""
    groups: Mapping[str, npt.NDArray[np.intp]] = field(default_factory=dict)
    """Named index arrays: left_iris (centre first, then the rim), left_eye_corners (outer, inner) ..."""


@dataclass(frozen=True, slots=True)
class Impression:
    """What a landmark model saw on its way to the landmarks, where the acting is read from."""

    whole: Floats
    """(2048,) its last picture of all: 4 by 4 places, 128 channels."""
    coarse: Floats
    """(66, 128) its picture of 16 by 16 places, at spots of the face; or fewer channels, mixed of those."""
    fine: Floats
    """(66, 64) its picture of 32 by 32 places, at the same spots."""
    tongue: float = 0.0
    """0..1 its word on whether the tongue is out."""


@dataclass(frozen=True, slots=True)
class Face:
    """The landmarks of one face in one frame."""

    landmarks: Array
    """(N, 3) px: x right and y down with pixel centres at integers, z away from the camera at the scale of x; (N, 2)
    of a tracker that does not know z."""
    layout: LandmarkLayout
    confidence: float
    """0..1"""
    scores: Mapping[str, float] | None = None
    """Blendshape scores of the tracker's own model by ARKit name, 0..1, when it has one."""
    impression: Impression | None = None
    settled: Array | None = None
    """(N, 3) px, where the head pose is made of others: of a new face, measured again until they moved no more, or of
    one whose head a second tracker has turned (fusion.py)."""
    mirror: Face | None = None
    """The same face as it was found in the picture's mirror image, its points where they lie in the picture itself: now
    and then of a head turned far."""


@dataclass(frozen=True, slots=True)
class Performance:
    """What another app has worked out already: our axes, the performer's own left and right. None: it does not say."""

    rotation: Array | None = None
    """(4,) quaternion of the whole head against the camera's level view."""
    position: Array | None = None
    """(3,) metres; only its changes count."""
    gaze: Array | None = None
    """(4,) radians: left yaw, left pitch, right yaw, right pitch, against the head; yaw to the performer's left."""
    blendshapes: Mapping[str, float] | None = None
    """ARKit name -> 0..1; shapes not named are 0."""
    expressions: Mapping[str, float] | None = None
    """VRM preset -> 0..1, of an app that has no ARKit shapes."""
    bones: Mapping[str, Array] = field(default_factory=dict)
    """VRM bone -> (4,) local rotation against the rest pose; arms, hands, whatever the app moves beside the head."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What a tracker saw of one person in one frame. No face is a value, not an error."""

    timestamp: float
    person: int
    size: tuple[int, int]
    """(width, height) of the frame, px; (0, 0) where there is no frame."""
    face: Face | None
    performance: Performance | None = None
    """In place of landmarks, from a phone or another app; None as well when that app says that it sees nobody."""


@dataclass(slots=True)
class Statistics:
    """What a source that listens has counted so far."""

    received: int = 0
    """Packets that arrived."""
    refused: int = 0
    """Those of them that were not understood."""
    lost: int = 0
    """Packets that never came, of a protocol that numbers them."""
    last_error: str = ""
    """Why the last one was refused."""


SourceItem = Frame | Observation
Signal = Literal["rotation", "position", "gaze", "eyelids", "weights"]
"""What a filter smooths: a quaternion (4,), metres (3,), radians (n,), 0..1 weights (n,)."""


class Source(ABC):
    """Yields frames (a camera, a video) or observations (a phone). Keyword-only arguments are its settings.

    A constructor works or raises VTuberError. `live` sources own the clock: whoever is late gets the newest frame;
    the others hand out every frame, in order, as fast as they are taken.
    """

    live: bool = True
    pictures: bool = True
    """Whether it yields frames, which a tracker must look at; otherwise observations."""
    statistics: Statistics | None = None
    """Of a source that listens on the network."""

    @abstractmethod
    def __iter__(self) -> Iterator[SourceItem | None]:
        """None says that nothing has come for a tenth of a second or so: time goes on for whoever watches."""

    def describe(self) -> str:
        """One line for the terminal: what is being read, and how."""
        return type(self).__module__.rsplit(".", 1)[-1]

    def close(self) -> None:  # noqa: B027 - optional
        """Release the device and end the iteration. Calling it twice, or from another thread, is harmless."""


class Tracker(ABC):
    """Finds people in a frame. Keyword-only arguments are its settings."""

    @abstractmethod
    def track(self, frame: Frame) -> list[Observation]:
        """One observation for each person seen, ids stable from frame to frame; none when nobody is there."""

    def close(self) -> None:  # noqa: B027 - optional
        """Free the models. Calling it twice is harmless."""


class Filter(ABC):
    """Smooths one signal. Its first argument says which; the keyword-only ones are its settings."""

    def __init__(self, signal: Signal) -> None:
        self.signal: Signal = signal

    @abstractmethod
    def __call__(self, t: float, x: Array) -> Array:
        """The smoothed value at time t (seconds); an equal or earlier time is taken as no time passed."""

    @abstractmethod
    def reset(self) -> None:
        """Forget the past: the next value is taken as it is."""


@dataclass(slots=True)
class Traffic:
    """What an output that sends to another program knows of the other side."""

    sent: int = 0
    """Packets, or states on a connection, that left."""
    reach: Literal["open", "nobody", "refused"] = "open"
    """Nobody is there, as far as it was said; or somebody who does not want us."""
    error: str = ""
    """Why, at the last time."""
    missed: float = -math.inf
    """When it was last said that nobody is there, seconds, monotonic: of a protocol without connections."""


class Output(ABC):
    """Takes every state to someone. Keyword-only arguments are its settings."""

    traffic: Traffic | None = None
    """Of an output that sends to another program."""

    @abstractmethod
    def send(self, state: AvatarState) -> None:
        """Hand over one state. Never blocks; raises OSError when the other side is out of reach."""

    def close(self) -> None:  # noqa: B027 - optional
        """Free sockets and files. Calling it twice is harmless."""
