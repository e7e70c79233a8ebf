"""What a learned network says of people never seen: how far that is to be stretched, and how well it is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from calibration.learning.seen import Heads
from vtuber.acting import GAZE, TURN
from vtuber.stages import Floats
from vtuber.wire import ARKIT

IDLE = 0.18
"""A face that does not make a shape may say so much of it, at the 98th percentile of pictures full of other shapes:
less than the quarter that is the limit in use, where there is noise of films as well."""
MOST = 5.0
"""No shape is stretched further."""
AWAY = -0.79
"""A head turned further than this cosine, 38 degrees."""


def scale(heads: Heads, rows: Any, said: Floats) -> tuple[Floats, Floats, Floats]:
    """Rest, gain and trust of each shape: a network that is unsure says too little, so what it says is stretched, as
    far as a resting face stays below IDLE. From well-seen faces; left and right alike."""
    view, side, target = (x.cpu().numpy()[rows] for x in (heads.view, heads.side, heads.target))
    clear = (view[:, 8] < -0.88) & (side > 140)
    rest, gain, trust = (np.zeros(51, np.float32) for _ in range(3))
    for shape in range(51):
        truth, read_ = target[clear, shape], said[clear, shape]
        idle = read_[truth < 0.02]
        slope = max(float(np.polyfit(truth, read_, 1)[0]), 0.05)
        rest[shape] = np.clip(np.median(idle), 0.0, 0.15)
        most = IDLE / max(float(np.percentile(idle, 98)) - rest[shape], 1e-3)
        gain[shape] = np.clip(min(1 / slope, most), 1.0, MOST)
        trust[shape] = max(0.0, float(np.corrcoef(read_, truth)[0, 1])) ** 2
    for shape, name in enumerate(ARKIT[:51]):
        if name.endswith("Left"):
            twin = ARKIT.index(f"{name[: -len('Left')]}Right")
            for numbers in (rest, gain, trust):
                numbers[[shape, twin]] = (numbers[shape] + numbers[twin]) / 2
    return rest, gain, trust


def write(path: Path, numbers: dict[str, Any]) -> None:
    """What acting.Network reads; the large tables in half precision. Raises ValueError where that cannot hold them."""
    half = {name: x.astype(np.float16 if x.size > 3000 else np.float32) for name, x in numbers.items()}
    if not all(np.isfinite(x).all() for x in half.values()):
        raise ValueError("a learned number is too large for half precision")
    np.savez_compressed(path, **half)


def report(heads: Heads, rows: Any, said: Floats, gain: Floats) -> None:
    """How it goes on people never seen."""
    truth = heads.target.cpu().numpy()[rows]
    right = [float(np.corrcoef(said[:, i], truth[:, i])[0, 1]) for i in range(51)]
    for name, r, g in zip(ARKIT, right, gain, strict=False):
        print(f"{name:20} r {r:.3f} gain {g:.2f}")
    turn = np.degrees(np.linalg.norm(said[:, 51:54] - truth[:, 51:54], axis=1)) / TURN
    wide = heads.view[:, 8].cpu().numpy()[rows] > AWAY
    gaze = np.degrees(np.abs(said[:, 54:] - truth[:, 54:]).mean()) / GAZE
    print(f"{len(heads.person)} pictures; on people never seen: shapes r {np.mean(right):.3f}, "
          f"head {turn.mean():.2f} ({turn[wide].mean():.2f} turned away), gaze {gaze:.2f} degrees off")  # fmt: skip
