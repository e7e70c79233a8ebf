"""The results of all clips of rendered heads as one set of figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vtuber.stages import Array

from .rendered import TURNED_DEG, Figures, Result

SHOWN, QUIET = 0.40, 0.25
"""A shape is shown when it peaks at least so high in its own segment, and quiet when it stays so low in the others'."""

SAMPLES = {
    "found": "found",
    "found_when_away": "found_when_away",
    "rotation_deg": "rotation",
    "yaw_pitch_roll_deg": "angles",
    "nme68": "nme68",
    "nme51": "nme51",
    "nme51_steady": "nme51_steady",
    "gaze_raw_deg": "gaze_raw",
    "gaze_deg": "gaze",
}
"""Figure -> the samples that it is the mean of, over all frames."""

VALUES = {
    "found_dim": ("found", "dim"),
    "found_nearfar": ("found", "nearfar"),
    "rotation_dim_deg": ("rotation", "dim"),
    "jitter_deg": ("jitter", "still"),
    "jitter_px": ("jitter_px", "still"),
    "jitter_shapes": ("jitter_shapes", "still"),
    "delay_ms": ("delay_ms", "shake"),
    "shake_gain": ("shake_gain", "shake"),
    "return_ms": ("return_ms", "leave"),
    "blink_error": ("blink_error", "blink"),
    "blink_r": ("blink_r", "blink"),
    "wink_r": ("wink_r", "blink"),
    "look_r": ("look_r", "gaze"),
    "shapes_alone_r": ("shapes_r", "iso"),
    "shapes_natural_r": ("shapes_r", "natural"),
    "shapes_speech_r": ("shapes_r", "speech"),
    "jaw_speech_r": ("jaw_r", "speech"),
    "depth_r": ("depth_r", "nearfar"),
}
"""Figure -> the value that it is the mean of, over the clips of which kind."""


def figures(results: Mapping[str, Result]) -> Figures:
    """Every figure that these clips give, by name; numbers or short lists of numbers."""
    made: Figures = {}
    for figure, sample in SAMPLES.items():
        pool = _pool(results, sample)
        if len(pool):
            made[figure] = _plain(pool.mean(axis=0))
    error, yaw = _pool(results, "rotation"), _pool(results, "yaw")
    for figure, chosen in (("rotation_near_deg", yaw < TURNED_DEG), ("rotation_far_deg", yaw >= TURNED_DEG)):
        if chosen.any():
            made[figure] = float(error[chosen].mean())
    for figure, (value, kind) in VALUES.items():
        given = [
            np.atleast_1d(r.values[value]) for name, r in results.items() if value in r.values and _kind(name) == kind
        ]
        if given:
            made[figure] = _plain(np.nanmean(np.stack(given), axis=0))
    shapes = per_shape(results)
    if shapes:
        made["shapes_shown"] = sum(peak >= SHOWN for _, peak, _ in shapes.values())
        made["shapes_quiet"] = sum(elsewhere <= QUIET for _, _, elsewhere in shapes.values())
        made["shapes_counted"] = len(shapes)
    return made


def per_shape(results: Mapping[str, Result]) -> dict[str, tuple[float, float, float]]:
    """ARKit name -> correlation, peak in its own segment, 98th percentile elsewhere: means over the performers."""
    names = {name: None for r in results.values() for name in r.shapes}
    table = {}
    for name in names:
        r, peak, elsewhere = np.nanmean([r.shapes[name] for r in results.values() if name in r.shapes], axis=0).tolist()
        table[name] = (r, peak, elsewhere)
    return table


def _kind(name: str) -> str:
    return name.partition("_")[2]


def _pool(results: Mapping[str, Result], sample: str) -> Array:
    parts = [r.samples[sample] for r in results.values() if len(r.samples.get(sample, ()))]
    return np.concatenate(parts) if parts else np.zeros(0)


def _plain(value: Any) -> Any:
    """A float, or a list of floats where there are several."""
    numbers = [float(v) for v in np.atleast_1d(value)]
    return numbers[0] if len(numbers) == 1 else numbers
