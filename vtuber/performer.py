"""One performer: observations -> pose, smoothed, layered, never lost without grace -> AvatarState."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from vtuber import acting, blendshapes, gaze, head_pose, pose, rotation, shapes68
from vtuber import lens as lenses
from vtuber.gaze import Gaze
from vtuber.head_pose import HeadPose
from vtuber.layers import FACE_FIELDS, PARTS, Layer, Stack
from vtuber.lens import Lens
from vtuber.loss import HOLD_S, Loss
from vtuber.performances import Performances
from vtuber.personal import Personal, memory_of
from vtuber.pose import LIDS, REST, Pose
from vtuber.profile import Profile, Range
from vtuber.refining import Refiner
from vtuber.stages import Array, Face, Filter, Floats, LandmarkLayout, Observation, Signal
from vtuber.tongue import Tongue
from vtuber.wire import AvatarState, Tracking
from vtuber.wishes import Wishes

log = logging.getLogger(__name__)

SHUT = 0.7
"""An eye closed further than this shows no iris: its gaze is kept."""
CM = 0.01

FilterMaker = Callable[[Signal], Filter]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a face, after the filter; the properties state it in the camera's frame (OpenCV axes)."""

    rotation: Array
    """(4,) of the head, our axes, before the profile's neutral is taken out."""
    place: Array
    """(3,) metres from the camera, our axes."""
    gaze: Array
    """(4,) radians: left yaw, left pitch, right yaw, right pitch, against the head."""
    landmarks68: Array
    """(68, 2) px, as the tracker gave them."""
    reprojection_px: float
    weights: Array
    """(52,) 0..1 in the order of ARKIT, before the filter."""

    @property
    def matrix(self) -> Array:
        """(3, 3) head -> camera."""
        return rotation.to_camera(self.rotation)

    @property
    def position(self) -> Array:
        """(3,) metres"""
        return rotation.FROM_CAMERA * self.place

    @property
    def gaze_left(self) -> Array:
        """(3,) unit vector"""
        return self.matrix @ gaze.direction(Gaze(*self.gaze[:2]))

    @property
    def gaze_right(self) -> Array:
        """(3,) unit vector"""
        return self.matrix @ gaze.direction(Gaze(*self.gaze[2:]))


@dataclass(frozen=True, slots=True)
class Step:
    """One performer at one frame."""

    state: AvatarState
    measured: Measured | None
    """None while no face is seen in a picture."""


class Performer:
    """Everything that is remembered of one person from frame to frame.

    Args:
        make_filter: smooths what is measured on landmarks.
        app_filter: smooths what other apps say; None leaves it as it is.
        layers: the parts of the body that each source may give, the lowest source first.
        wishes: what is laid over all that is tracked.
    """

    def __init__(
        self,
        person: int,
        profile: Profile,
        make_filter: FilterMaker,
        app_filter: FilterMaker | None = None,
        layers: Sequence[Iterable[str]] = (tuple(PARTS),),
        *,
        wishes: Wishes | None = None,
        mirror: bool = False,
        freeze: bool = False,
        hold: float = HOLD_S,
        refine: bool = False,
    ) -> None:
        self.person = person
        self._wishes = wishes or Wishes()
        self.last_seen = -np.inf
        self._profile = profile
        self._mirror = mirror
        self._filters: dict[Signal, Filter] = {
            s: make_filter(s) for s in ("rotation", "position", "gaze", "eyelids", "weights")
        }
        self._stack = Stack(layers)
        self._apps = [Performances(profile, app_filter) for _ in layers]
        self.measured: Measured | None = None
        """The last time that a face was."""
        self.weights = REST.weights
        """(52,) 0..1 as they were last shown, before anything was wished of them."""
        self._loss = Loss(freeze=freeze, hold=hold)
        self._measured: tuple[float, Layer | None] = (-np.inf, None)
        """When landmarks were last measured, and into which layer."""
        self._head: HeadPose | None = None
        self._gaze = np.zeros(4)
        self._actor = acting.Actor(memory_of(profile.look))
        self._tongue = Tongue()
        self._shapes = shapes68.Solver(np.array(profile.face) if profile.face else None)
        self._personal = Personal(profile, refine=refine)
        self._lenses: dict[tuple[int, int], Lens] = {}
        self._layout: LandmarkLayout | None = None
        self._level = rotation.conjugate(profile.neutral_rotation()) if profile.neutral else None
        """Turns the neutral head level."""
        self._origin: Array | None = None
        if profile.neutral is not None:
            self._origin = np.array(profile.neutral.position)

    def follow(self, old: Performer, *, same: bool) -> None:
        """Take the place of another in a run, and go on from the pose that it showed.

        same: the same performer before the same source; what is remembered of their face still holds.
        """
        self.last_seen = old.last_seen
        self._loss.follow(old._loss, same=same)
        if same:
            if self._profile.look == old._profile.look:
                self._actor = old._actor
            self._tongue, self._gaze = old._tongue, old._gaze
            if self._level is None:
                self._origin = old._origin
            self.measured = old.measured
            if self._profile.ranges == old._profile.ranges and self._personal.refiner and old._personal.refiner:
                self._personal.refiner = old._personal.refiner

    @property
    def refined(self) -> dict[str, Range] | None:
        """The ranges as they have become in use; None where they are not to change."""
        return None if self._personal.refiner is None else self._personal.refiner.refined

    def forget_refined(self) -> None:
        """The ranges are as they were calibrated, and follow from there."""
        if self._personal.refiner is not None:
            self._personal.refiner = Refiner(self._profile.ranges, {})

    @property
    def memory(self) -> Floats | None:
        """What is remembered of how they usually look (acting.Actor); None of whom no face was read."""
        return self._actor.memory

    def step(self, t: float, said: Sequence[Observation | None]) -> Step:
        """The state at time t (seconds).

        Args:
            said: what each source says of this person, layer by layer; None: nothing new.
        """
        measured = None
        for layer, app, observation in zip(self._stack.layers, self._apps, said, strict=True):
            if observation is None:
                continue
            try:
                measured = self._take(t, layer, app, observation) or measured
            except ValueError as e:
                log.warning("frame at %.3f s passed over for person %d: %s", t, self.person, e)
                layer.leave()
        self.measured = measured or self.measured
        shown, confidence = self._stack(t)
        if shown is not None:
            self.last_seen = t
        if self._wishes.away:
            shown = None
        tracking, shown = self._loss(t, shown)
        return Step(self._state(shown, t, tracking, confidence), measured)

    def _take(self, t: float, layer: Layer, app: Performances, observation: Observation) -> Measured | None:
        """Into the layer; also returns what was measured, when that was done here.

        Raises:
            ValueError: the observation holds numbers that make no pose.
        """
        if observation.performance is not None:
            made, fields = app(observation.timestamp, observation.performance)
            layer.take(t, made, fields, 1.0)
            return None
        face = observation.face
        if face is None:
            if layer is self._measured[1]:
                self._head = None
            layer.leave()
            return None
        if observation.timestamp - self._measured[0] > 1.0:
            for f in self._filters.values():
                f.reset()
            self._actor.turn_anew()
        smooth, measured = self._measure(observation.timestamp, face, observation.size)
        self._measured = observation.timestamp, layer
        layer.take(t, smooth, FACE_FIELDS, face.confidence)
        return measured

    def _state(self, shown: Pose, t: float, tracking: Tracking, confidence: float) -> AvatarState:
        self.weights = shown.weights
        shown = self._wishes.over(t, shown)
        return pose.to_state(pose.mirrored(shown) if self._mirror else shown, t, self.person, tracking, confidence)

    def _measure(self, t: float, face: Face, size: tuple[int, int]) -> tuple[Pose, Measured]:
        lens, points, raw = self._lens(size), self._points(face), face.landmarks[face.layout.ibug68]
        camera, face = lens.matrix, lens.straight_face(face)
        seen = face.landmarks[face.layout.ibug68]
        settled = seen if face.settled is None else face.settled[face.layout.ibug68]
        head = self._head = head_pose.solve(settled, self._rigid, camera, self._head)
        turned, left, right, weights = self._solve(t, face, head, camera, points)
        left, right = self._personal.gaze(left, right, turned, head.position)
        weights = self._personal.weights(t, weights, left, right, turned, head.position)

        f = self._filters
        level = f["rotation"](t, rotation.from_camera(turned))
        place = f["position"](t, rotation.FROM_CAMERA * head.position)
        values = np.array(list(weights.values()))
        smooth = f["weights"](t, values).copy()
        smooth[LIDS] = f["eyelids"](t, values[LIDS])
        eyes = f["gaze"](t, self._held_gaze(left, right, values[LIDS]))
        if self._origin is None:
            self._origin = place
        measured = Measured(level, place, eyes, raw[:, :2], head.reprojection_px, values)
        turned = level if self._level is None else rotation.normalize(rotation.multiply(self._level, level))
        return Pose(turned, place - self._origin, eyes, np.clip(smooth, 0.0, 1.0)), measured

    def _solve(
        self, t: float, face: Face, head: HeadPose, camera: Array, points: Array
    ) -> tuple[Array, Gaze, Gaze, dict[str, float]]:
        """Head rotation (3, 3), left and right gaze and the 52 weights, from all that the tracker tells of the face."""
        if face.impression is not None and face.scores is not None:
            acted = self._actor(t, face, head, camera)
            weights = blendshapes.acted(acted.weights, face.scores, acted.left, acted.right)
            weights["tongueOut"] = self._tongue(t, face.impression.tongue, face.landmarks[face.layout.ibug68])
            return head.matrix @ rotation.to_matrix(acted.turn), acted.left, acted.right, weights
        told = None
        if face.scores is None:
            told = self._shapes(t, shapes68.in_head(face.landmarks[face.layout.ibug68], points, head, camera))
        scores = face.scores or told or {}
        shut = (scores.get("eyeBlinkLeft", 0.0), scores.get("eyeBlinkRight", 0.0))
        left, right = gaze.both_eyes(face, head, camera, points, shut)
        if told is not None:
            return head.matrix, left, right, told | blendshapes.looks(left, right)
        return head.matrix, left, right, blendshapes.solve(scores, left, right)

    def _lens(self, size: tuple[int, int]) -> Lens:
        """The camera's for pictures of this size, as calibrated or estimated."""
        if size not in self._lenses:
            self._lenses[size] = lenses.of(self._profile, size)
        return self._lenses[size]

    def _points(self, face: Face) -> Array:
        """The performer's own 68 points, or the layout's canonical ones, metres."""
        if face.layout is not self._layout:
            own = self._profile.face
            self._layout, self._face = face.layout, np.array(own) if own else face.layout.points * CM
            self._rigid = head_pose.Rigid(self._face, face.layout.rigidity)
        return self._face

    def _held_gaze(self, left: Gaze, right: Gaze, lids: Array) -> Array:
        """The gaze of both eyes; a shut eye keeps its last, or follows the open one."""
        fresh: Array = np.array([left.yaw, left.pitch, right.yaw, right.pitch])
        closed = lids > SHUT
        if closed.all():
            return self._gaze
        if closed[0]:
            fresh[:2] = fresh[2:]
        elif closed[1]:
            fresh[2:] = fresh[:2]
        self._gaze = fresh
        return fresh
