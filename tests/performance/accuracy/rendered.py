"""Rendered heads: every frame's pose, landmarks, gaze and shapes are known from the geometry that was drawn.

A folder holds <performer>_<kind>.mp4 and .npz; which figures a clip gives depends on its kind (still, yaw, natural,
shake, gaze, blink, iso, speech, nearfar, leave, dim, hd). Each contestant has its own idea of a level head, of where a
landmark lies and of an eye's axis: what is constant per performer, seen in frames near the front, is taken out first.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from vtuber.stages import Array

from . import measures
from .tracked import Tracked

FRONTAL_DEG: Array = np.array([15.0, 12.0, 15.0])
"""Yaw, pitch, roll of frames from which the constant offsets of rotation and landmarks are taken."""
FRONTAL_GAZE_DEG = 15.0
TURNED_DEG = 30.0
"""From this yaw on a head counts as turned far."""
INNER = slice(17, 68)
"""The points of brows, nose, eyes and mouth; those of the jaw are fixed on the mesh here, on its outline elsewhere."""
SIDES = ("Left", "Right")

Figures = dict[str, Any]


@dataclass(frozen=True)
class Clip:
    """One clip's truth, and what was made of it."""

    name: str
    truth: Mapping[str, Any]
    tracked: Tracked

    @property
    def performer(self) -> str:
        return self.name.partition("_")[0]

    @property
    def kind(self) -> str:
        return self.name.partition("_")[2]

    @functools.cached_property
    def visible(self) -> Any:
        """(N,) bool"""
        return self.truth["visible"]

    @functools.cached_property
    def shapes(self) -> dict[str, Array]:
        """ARKit name -> (N,) true weight."""
        names = [str(name) for name in self.truth["blend_names"]]
        return {name: self.truth["blend"][:, i].astype(float) for i, name in enumerate(names)}

    @property
    def rate(self) -> float:
        return float(self.truth["fps"])

    def seen(self, values: Array) -> Any:
        """(N,) the frames in which the face is visible and all of `values` (N, ...) are numbers."""
        return self.visible & np.isfinite(values).all(axis=tuple(range(1, values.ndim)))


@dataclass(frozen=True)
class Constants:
    """What is taken out for one performer."""

    turn: Array
    """(3, 3) of the head's own axes."""
    landmarks: Array | None
    """(68, 2) mean offset, in outer-eye distances of an upright face."""
    gaze: tuple[Array, Array]
    """(3, 3) for each eye, from the found direction to the true one."""


@dataclass
class Result:
    """One clip: samples are averaged over all frames of all clips, values over the clips of one kind."""

    samples: dict[str, Array] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    shapes: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    """`iso` only: correlation, peak in the shape's own segment, 98th percentile elsewhere."""


def truths(folder: Path) -> dict[str, Path]:
    """Clip name -> its truth, for every clip of the folder that has both files."""
    return {p.stem: p for p in sorted(folder.glob("*.npz")) if p.with_suffix(".mp4").exists() and "_" in p.stem}


def load(path: Path) -> dict[str, Any]:
    """The truth of one clip, by field name."""
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def score(clips: Sequence[Clip]) -> dict[str, Result]:
    """Every clip's results by its name."""
    results: dict[str, Result] = {}
    for performer in sorted({clip.performer for clip in clips}):
        own = [clip for clip in clips if clip.performer == performer]
        constants = constants_of(own)
        results.update({clip.name: _scored(clip, constants) for clip in own})
    return results


def _scored(clip: Clip, constants: Constants) -> Result:
    result = Result()
    _detection(clip, result)
    _rotation(clip, constants, result)
    _landmarks(clip, constants, result)
    _gaze(clip, constants, result)
    _shapes(clip, result)
    return result


# --- what is constant ------------------------------------------------------------------------------------------------


def constants_of(clips: Sequence[Clip]) -> Constants:
    turns, offsets = [], []
    for clip in clips:
        frontal = (np.abs(clip.truth["ypr"]) < FRONTAL_DEG).all(axis=1) & clip.tracked.detected
        ok = frontal & clip.seen(clip.tracked.rotation)
        turns.append(np.einsum("nji,njk->nik", clip.truth["R"][ok], clip.tracked.rotation[ok]))
        ok = frontal & clip.seen(clip.tracked.landmarks)
        if ok.any() and clip.kind not in ("iso", "dim"):  # a moving face, and a noisy one, say less of a constant
            offsets.append(landmark_offsets(clip, ok))
    return Constants(
        measures.mean_rotation(np.concatenate(turns)),
        np.concatenate(offsets).mean(axis=0) if offsets else None,
        (_gaze_turn(clips, 0), _gaze_turn(clips, 1)),
    )


def landmark_offsets(clip: Clip, ok: Any) -> Array:
    """(n, 68, 2) found less true, in outer-eye distances as seen from the front, the head rolled upright."""
    placed = clip.truth["lm3d"][ok].astype(float)
    eyes = np.linalg.norm(placed[:, 36] - placed[:, 45], axis=1)
    pixels = eyes * clip.truth["K"][0, 0] / placed[:, :, 2].mean(axis=1)
    off = (clip.tracked.landmarks[ok] - clip.truth["lm2d"][ok]) / pixels[:, None, None]
    roll = np.radians(clip.truth["ypr"][ok, 2])[:, None]
    cos, sin = np.cos(roll), np.sin(roll)
    return np.stack([cos * off[..., 0] - sin * off[..., 1], sin * off[..., 0] + cos * off[..., 1]], axis=2)


def _gaze_turn(clips: Sequence[Clip], eye: int) -> Array:
    """(3, 3) the turn that best maps found directions to true ones (Kabsch 1976)."""
    product = np.zeros((3, 3))
    for clip in clips:
        found = clip.tracked.gaze[:, eye]
        ok = (np.abs(clip.truth["ypr"]) < FRONTAL_GAZE_DEG).all(axis=1) & clip.seen(found)
        product += found[ok].T @ clip.truth["gaze_cam"][ok, eye]
    u, _, v = np.linalg.svd(product)
    turn: Array = v.T @ np.diag([1, 1, np.linalg.det(v.T @ u.T)]) @ u.T
    return turn


# --- figures of one clip ---------------------------------------------------------------------------------------------


def _detection(clip: Clip, result: Result) -> None:
    detected, away = clip.tracked.detected, clip.truth["in_frame"] == 0
    result.samples["found"] = detected[clip.visible]
    result.values["found"] = float(detected[clip.visible].mean())
    if away.sum() > 5:
        result.samples["found_when_away"] = detected[away]
    if clip.kind == "leave":
        back = np.flatnonzero(clip.visible[1:] & ~clip.visible[:-1]) + 1
        waits = [next((j for j, seen in enumerate(detected[i:]) if seen), np.nan) for i in back]
        result.values["return_ms"] = [1000 / clip.rate * float(wait) for wait in waits]


def _rotation(clip: Clip, constants: Constants, result: Result) -> None:
    ok = clip.seen(clip.tracked.rotation)
    if not ok.any():
        return
    found, true = clip.tracked.rotation[ok] @ constants.turn.T, clip.truth["R"][ok]
    error, angles = measures.geodesic_deg(true, found), measures.angles_deg(found)
    by_axis = np.abs((angles - measures.angles_deg(true) + 180) % 360 - 180)
    result.samples.update(rotation=error, angles=by_axis, yaw=np.abs(clip.truth["ypr"][ok, 0]))
    result.values["rotation"] = float(error.mean())
    if clip.kind == "still" and ok.sum() > 20:
        result.values["jitter"] = measures.spread_about_trend(angles)
    if clip.kind == "shake":
        every = np.full((len(ok), 3), np.nan)
        every[ok] = angles
        result.values["delay_ms"] = measures.delay_ms(clip.truth["ypr"][:, :2], every[:, :2], clip.rate)
        result.values["shake_gain"] = float(np.nanstd(every[:, 0]) / clip.truth["ypr"][:, 0].std())
    if clip.kind == "nearfar" and np.isfinite(clip.tracked.position).any():
        depth = np.log(np.abs(clip.tracked.position[:, 2]))
        result.values["depth_r"] = measures.correlation(depth, np.log(clip.truth["t"][:, 2]))


def _landmarks(clip: Clip, constants: Constants, result: Result) -> None:
    ok = clip.seen(clip.tracked.landmarks)
    if not ok.any():
        return
    off = landmark_offsets(clip, ok)
    distance = 100 * np.linalg.norm(off, axis=2)
    steady = distance if constants.landmarks is None else 100 * np.linalg.norm(off - constants.landmarks, axis=2)
    result.samples.update(
        nme68=distance.mean(axis=1), nme51=distance[:, INNER].mean(axis=1), nme51_steady=steady[:, INNER].mean(axis=1)
    )
    if clip.kind == "still":
        points = clip.tracked.landmarks[ok]
        rest = measures.without_trend(points.reshape(len(points), -1)).reshape(-1, 68, 2)
        result.values["jitter_px"] = float(np.sqrt((rest**2).sum(axis=2).mean(axis=0)).mean())


def _gaze(clip: Clip, constants: Constants, result: Result) -> None:
    raw, level = [], []
    for eye, side in enumerate(SIDES):
        found = clip.tracked.gaze[:, eye]
        ok = clip.seen(found) & (clip.shapes[f"eyeBlink{side}"] < 0.4)
        true = clip.truth["gaze_cam"][ok, eye]
        raw.append(measures.between_deg(found[ok], true))
        level.append(measures.between_deg(found[ok] @ constants.gaze[eye].T, true))
    result.samples.update(gaze_raw=np.concatenate(raw), gaze=np.concatenate(level))
    if clip.kind != "gaze":
        return
    true = clip.truth["gaze_head"].astype(float)
    yaw = np.degrees(np.arctan2(true[..., 0], true[..., 2])).mean(axis=1)
    pitch = np.degrees(np.arcsin(true[..., 1])).mean(axis=1)
    s = clip.tracked.shape
    outward = s("eyeLookOutLeft") - s("eyeLookInLeft") + s("eyeLookInRight") - s("eyeLookOutRight")
    upward = s("eyeLookUpLeft") - s("eyeLookDownLeft") + s("eyeLookUpRight") - s("eyeLookDownRight")
    if np.isfinite(outward).any():
        result.values["look_r"] = [measures.correlation(outward, yaw), measures.correlation(upward, pitch)]


def _shapes(clip: Clip, result: Result) -> None:
    tracked = clip.tracked
    known = [name for name in clip.shapes if np.isfinite(tracked.shape(name)).any()]
    if not known:
        return
    if clip.kind == "blink":
        _blinks(clip, result)
    elif clip.kind == "iso":
        result.shapes = {name: _alone(clip, name) for name in known if clip.shapes[name].max() >= 0.2}
        if result.shapes:
            result.values["shapes_r"] = float(np.nanmean([r for r, _, _ in result.shapes.values()]))
    elif clip.kind in ("natural", "speech"):
        moving = [measures.correlation(tracked.shape(n), clip.shapes[n]) for n in known if clip.shapes[n].std() > 0.05]
        result.values["shapes_r"] = float(np.nanmean(moving)) if moving else float("nan")
        result.values["jaw_r"] = measures.correlation(tracked.shape("jawOpen"), clip.shapes["jawOpen"])
    elif clip.kind == "still":
        result.values["jitter_shapes"] = float(np.mean([np.nanstd(tracked.shape(n)) for n in known]))


def _blinks(clip: Clip, result: Result) -> None:
    found = [clip.tracked.shape(f"eyeBlink{side}") for side in SIDES]
    true = [clip.shapes[f"eyeBlink{side}"] for side in SIDES]
    result.values["blink_r"] = [measures.correlation(f, t) for f, t in zip(found, true, strict=True)]
    result.values["blink_error"] = float(np.nanmean(np.abs(np.concatenate(found) - np.concatenate(true))))
    result.values["wink_r"] = measures.correlation(found[0] - found[1], true[0] - true[1])


def _alone(clip: Clip, name: str) -> tuple[float, float, float]:
    """Of a shape that is shown alone: correlation, peak while it is shown, 98th percentile while others are."""
    found, true = clip.tracked.shape(name), clip.shapes[name]
    own = true > 0.02
    peak = float(np.nanmax(found[own])) if np.isfinite(found[own]).any() else 0.0
    return measures.correlation(found, true), peak, float(np.nanpercentile(found[~own], 98))
