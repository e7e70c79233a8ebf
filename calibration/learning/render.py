"""Pictures of random heads with their truth: `python -m calibration.learning.render RENDERER OUT --pictures N`.

One shard is one .npz of many people: JPEGs of windows cut from a 640-pixel-wide camera picture, and for each picture
what was drawn. Nothing of it is shipped or committed; calibration.learning.measure makes the tracker's view of it.
"""

from __future__ import annotations

import argparse
import multiprocessing
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from calibration.learning import heads
from calibration.learning.heads import WINDOW, Array, Renderer, Rng
from vtuber.wire import ARKIT

PER_PERSON = 40
PEOPLE_A_SHARD = 10
REACH = 1.05
"""The window's half side over the distance from the head's middle to where its outline is looked for."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("renderer", type=Path, help="the folder of render_heads")
    parser.add_argument("out", type=Path)
    parser.add_argument("--pictures", type=int, default=40000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--first", type=int, default=0, help="number of the first shard")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    shards = range(options.first, options.first + -(-options.pictures // (PER_PERSON * PEOPLE_A_SHARD)))
    jobs = [
        multiprocessing.get_context("spawn").Process(
            target=work, args=(options.renderer, options.out, [s for s in shards if s % options.jobs == job])
        )
        for job in range(options.jobs)
    ]
    for process in jobs:
        process.start()
    for process in jobs:
        process.join()


def work(renderer: Path, out: Path, shards: list[int]) -> None:
    """Draw these shards."""
    r = heads.load(renderer)
    view = r.headmodel.View(WINDOW, WINDOW, ss=1, samples=4)
    for shard in shards:
        draw(r, view, shard, out)
        print(shard, flush=True)


def draw(r: Renderer, view: Any, shard: int, out: Path) -> None:
    """Draw a shard; one that is there already is left."""
    path = out / f"{shard:05d}.npz"
    if path.exists():
        return
    rng = np.random.default_rng([2026, 11, shard])
    rows: list[dict[str, Any]] = []
    for someone in range(PEOPLE_A_SHARD):
        rows += photographed(r, view, rng, shard * PEOPLE_A_SHARD + someone)
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    jpegs = columns.pop("jpeg")
    ends = np.cumsum([len(j) for j in jpegs])
    part = path.with_suffix(".part.npz")
    np.savez(part, jpegs=np.concatenate(jpegs), ends=ends, **{k: np.array(v, np.float32) for k, v in columns.items()})
    part.rename(path)


def photographed(r: Renderer, view: Any, rng: Rng, identity: int) -> list[dict[str, Any]]:
    """Many moments of one person."""
    head = r.headmodel.Head(view, r.model, heads.person(r, rng))
    rows = []
    for _ in range(PER_PERSON):
        if not rows or rng.random() < 0.2:
            light, gain = lit(rng)
            view.bg = view.texture(background(rng))
        row = moment(r, view, head, rng, light, gain)
        if row is not None:
            rows.append({"identity": identity, **row})
    return rows


def lit(rng: Rng) -> tuple[dict[str, Any], float]:
    """A key light from anywhere in front, fill from above and below, from dusk to glare."""
    gain = float(np.exp(rng.uniform(np.log(0.3), np.log(1.3))))
    key = rng.uniform(0.2, 0.9) * np.array([1, rng.uniform(0.85, 1.05), rng.uniform(0.75, 1.1)])
    fill = rng.uniform(0.25, 0.65) * np.array([1, rng.uniform(0.9, 1.05), rng.uniform(0.85, 1.15)])
    light = {
        "key_dir": (rng.uniform(-0.9, 0.9), rng.uniform(-0.2, 0.9), 0.85),
        "key_col": key * gain,
        "fill_up": fill * gain,
        "fill_dn": fill * rng.uniform(0.4, 0.9) * gain,
    }
    return light, gain


def background(rng: Rng) -> Array:
    """Out-of-focus anything."""
    cells = int(rng.integers(2, 9))
    small = rng.uniform(20, 235) + rng.normal(0, 40, (cells, cells, 3))
    big = cv2.resize(small.astype(np.float32), (WINDOW, WINDOW), interpolation=cv2.INTER_CUBIC)
    return np.clip(big, 0, 255).astype(np.uint8)


def moment(r: Renderer, view: Any, head: Any, rng: Rng, light: Any, gain: float) -> dict[str, Any] | None:
    """One picture and its truth; None when the head is not in the camera's picture."""
    hm = r.headmodel
    focal = rng.uniform(450, 850)
    distance = float(np.exp(rng.uniform(np.log(32), np.log(120))))
    ypr = heads.angles(rng)
    rotation = hm.rot(*ypr)
    place = np.array([rng.normal(0, 0.12) * distance, rng.normal(0, 0.08) * distance, -distance])
    place = place + head.pivot - rotation @ head.pivot
    (ly, lp), (ry, rp) = heads.gaze(rng)
    left, right = hm.gaze_dir(ly, lp), hm.gaze_dir(ry, rp)
    acted = heads.expression(rng)
    truth = head.coeffs({**hm.look_coeffs(left, right), **acted})
    drawn = truth.copy()
    for side in ("Left", "Right"):  # a closing lid takes over from the look's and the wide eye's share of it
        for shape in ("eyeLookUp", "eyeLookDown", "eyeLookIn", "eyeLookOut", "eyeWide"):
            drawn[head.names.index(f"{shape}{side}")] *= 1 - acted.get(f"eyeBlink{side}", 0.0)
    middle = rotation @ np.array([0.0, 0.0, 4.0]) + place
    u, v = focal * middle[0] / -middle[2] + 319.5, -focal * middle[1] / -middle[2] + 239.5
    if not (0 < u < 639 and 0 < v < 479):
        return None
    half = REACH * focal * 13.0 / -middle[2]
    scale = WINDOW / (2 * half)
    corner = np.array([u - half, v - half])
    camera = np.array([[focal * scale, 0, (319.5 - corner[0]) * scale + (scale - 1) / 2],
                       [0, focal * scale, (239.5 - corner[1]) * scale + (scale - 1) / 2], [0, 0, 1.0]])  # fmt: skip
    body = hm.rot(0.2 * ypr[0], 0, 0.05 * ypr[2])
    image, known = head.frame(camera, rotation, place, drawn, left, right, body, light, bg_gain=(gain,) * 3)
    native = max(48, round(2 * half))
    small = cv2.resize(image, (native, native), interpolation=cv2.INTER_AREA if native < WINDOW else cv2.INTER_LINEAR)
    marks = (known["lm2"] + 0.5) / scale - 0.5 + corner
    order = [head.names.index(n) for n in ARKIT]
    return {
        "jpeg": cv2.imencode(
            ".jpg", seen(small, rng)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 97))]
        )[1].ravel(),
        "corner": corner,
        "focal": focal,
        "marks": marks,
        "marks3d": known["lm3"],
        "rotation": known["R"],
        "place": known["t"],
        "gaze": known["gaze_head"],
        "eyes": known["eye_c"],
        "weights": truth[order],
    }


def seen(image: Any, rng: Rng) -> Any:
    """What a cheap sensor makes of it: blur, gain, noise."""
    x = image.astype(np.float32)
    if rng.random() < 0.4:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.3, 0.9))
    x *= rng.uniform(0.85, 1.15)
    height, width = x.shape[:2]
    sigma = rng.uniform(0.5, 4.0) if rng.random() < 0.8 else rng.uniform(4.0, 11.0)
    amplitude = sigma * (0.75 + 0.5 * np.sqrt(np.clip(x, 0, 255).mean(2) / 255))
    colour = rng.standard_normal((max(1, height // 2), max(1, width // 2), 3), np.float32)
    x += (rng.standard_normal((height, width), np.float32) * amplitude)[..., None]
    x += cv2.resize(colour, (width, height)) * (0.5 * amplitude)[..., None]
    return np.clip(x + 0.5, 0, 255).astype(np.uint8)


if __name__ == "__main__":
    main()
