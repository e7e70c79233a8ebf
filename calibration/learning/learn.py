"""The network of vtuber.acting, learned: `python -m calibration.learning.learn SEEN OUT`. Needs torch.

Inputs are partly whitened principal components of the landmarks and of the landmark model's last picture, its scores,
and its inner pictures at spots of the face squeezed to a few channels. Beside each goes the mean of the same over some
other moments of the same person, none up to all of them, which is what a performer's memory holds after a while.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn

from vtuber import acting, face_mesh, head_pose, models
from vtuber.acting import GAZE, TURN
from vtuber.face_mesh import TaskFile
from vtuber.stages import Floats
from vtuber.wire import ARKIT

SIZE = (640, 480)
POINTS, MAPS, CHANNELS, HIDDEN, MIDDLE = 160, 128, 12, 160, 128
WIDE = -0.79
"""A head turned further than this cosine, 38 degrees, is rarer than it is hard: its turn counts three times."""
SETS = 4
"""Memories of each person in an epoch."""
IDLE = 0.28
"""A resting face may say so much of a shape, at the 98th percentile of noisy pictures full of other shapes."""
HELD_OUT = 10
"""Every tenth person is only looked at to see how it goes."""


@dataclass
class Heads:
    """All that was measured, a row each."""

    shape: Floats
    view: Floats
    whole: Floats
    scores: Floats
    coarse: Any
    """(n, 66, 128) float16: the largest of all, kept small."""
    fine: Any
    side: Floats
    person: Any
    target: Floats
    """(n, 58) shapes, turn, gaze."""

    @property
    def held_out(self) -> Any:
        return (self.person // 2) % HELD_OUT == 0


def load(folder: Path) -> Heads:
    """Read all shards; poses are solved as the pipeline does, for a camera of its usual focal length."""
    task = TaskFile.read(models.path("face_landmarker.task"))
    layout = face_mesh.layout(task.canonical)
    rigid, camera = head_pose.Rigid(layout.points * 0.01, layout.rigidity), head_pose.camera_matrix(*SIZE)
    columns: dict[str, list[Any]] = {}
    for path in sorted(folder.glob("?????.npz")):
        with np.load(path) as file:
            shard = {name: file[name] for name in file.files}
        for i, points in enumerate(shard.pop("points").astype(float)):
            middle = points[layout.ibug68, :2].mean(axis=0)
            head = head_pose.solve(points[layout.ibug68], rigid, camera)
            shape, view = acting.in_view(points, middle, head, camera)
            across = (middle - camera[:2, 2]) / float(shard["focal"][i])
            # The camera's true focal length only turns the line of sight, which the pipeline must guess.
            truth = acting.towards(*across).T @ shard["rotation"][i].astype(float)
            turn = cv2.Rodrigues(view[:9].reshape(3, 3).astype(float).T @ truth)[0].ravel()
            columns.setdefault("shape", []).append(shape)
            columns.setdefault("view", []).append(view)
            columns.setdefault("turn", []).append(turn)
        for name in ("whole", "coarse", "fine", "scores", "side", "person", "weights", "gaze"):
            columns.setdefault(name, []).append(shard[name])
    shape, view, turn = (np.array(columns.pop(name), np.float32) for name in ("shape", "view", "turn"))
    rest = {name: np.concatenate(parts) for name, parts in columns.items()}
    x, y, z = np.moveaxis(rest["gaze"], -1, 0)
    gaze = np.stack([np.arctan2(x, z), np.arcsin(np.clip(y, -1, 1))], axis=-1).reshape(-1, 4)
    target = np.concatenate([rest["weights"][:, :51], TURN * turn, GAZE * gaze], axis=1).astype(np.float32)
    return Heads(shape, view, rest["whole"], rest["scores"], rest["coarse"], rest["fine"], rest["side"],
                 rest["person"].astype(int), target)  # fmt: skip


def components(x: Any, count: int) -> tuple[Floats, Floats]:
    """Mean and (d, count) directions: small components speak up, but not as loud as the large ones."""
    x = np.asarray(x[np.random.default_rng(0).permutation(len(x))[:6000]], np.float32)
    mean, spread = x.mean(axis=0), x.std(axis=0) + 0.01 * x.std()
    _, size, directions = np.linalg.svd((x - mean) / spread, full_matrices=False)
    size = size[:count] / np.sqrt(len(x))
    return mean, np.ascontiguousarray((directions[:count] / size[:, None] ** 0.7 / spread).T, np.float32)


class Coder:
    """The inputs before the network: fixed once, from the heads that are learned from."""

    def __init__(self, heads: Heads) -> None:
        mine = ~heads.held_out
        self.points_mean, self.points_to = components(heads.shape[mine], POINTS)
        self.maps_mean, self.maps_to = components(heads.whole[mine], MAPS)
        raw = self._raw(heads)[mine]
        self.mean, self.spread = raw.mean(axis=0), raw.std(axis=0) + 1e-3
        self.view_mean, self.view_spread = heads.view[mine].mean(axis=0), heads.view[mine].std(axis=0) + 1e-3
        self.maps = []
        for picture in (heads.coarse, heads.fine):
            some = np.asarray(picture[mine][::7], np.float32)
            deviation = some.std(axis=(0, 1))
            self.maps.append((some.mean(axis=(0, 1)), deviation + 0.05 * some.std()))

    def _raw(self, heads: Heads) -> Floats:
        shape = (heads.shape - self.points_mean) @ self.points_to
        whole = np.concatenate([
            (np.asarray(rows, np.float32) - self.maps_mean) @ self.maps_to for rows in np.array_split(heads.whole, 20)
        ])  # fmt: skip
        return np.concatenate([shape, whole, heads.scores], axis=1)

    def code(self, heads: Heads) -> Floats:
        return np.asarray((self._raw(heads) - self.mean) / self.spread, np.float32)

    def view(self, heads: Heads) -> Floats:
        return np.asarray((heads.view - self.view_mean) / self.view_spread, np.float32)


class Network(nn.Module):
    """acting.Network, before anything is multiplied beforehand."""

    def __init__(self, code: int, view: int, spots: int, maps: list[tuple[Floats, Floats]], outputs: int) -> None:
        super().__init__()
        for name, (mean, spread) in zip(("coarse", "fine"), maps, strict=True):
            self.register_buffer(f"{name}_mean", torch.tensor(mean))
            self.register_buffer(f"{name}_spread", torch.tensor(spread))
        self.coarse = nn.Linear(len(maps[0][0]), CHANNELS)
        self.fine = nn.Linear(len(maps[1][0]), CHANNELS)
        self.code_in = nn.Linear(code, HIDDEN)
        self.memory_in = nn.Linear(code, HIDDEN, bias=False)
        self.spots_in = nn.Linear(2 * spots * CHANNELS, HIDDEN, bias=False)
        self.view_in = nn.Linear(view + 1, HIDDEN)
        self.middle, self.out = nn.Linear(HIDDEN, MIDDLE), nn.Linear(MIDDLE, outputs)
        self.drop, self.drop_spots, self.bend = nn.Dropout(0.08), nn.Dropout(0.15), nn.LeakyReLU(0.1)

    def squeezed(self, coarse: Any, fine: Any) -> Any:
        a = self.coarse((torch.from_numpy(coarse.astype(np.float32)) - self.coarse_mean) / self.coarse_spread)
        b = self.fine((torch.from_numpy(fine.astype(np.float32)) - self.fine_mean) / self.fine_spread)
        return torch.cat([a.flatten(1), b.flatten(1)], dim=1)

    def forward(self, code: Any, spots: Any, memory: Any, memory_spots: Any, view: Any, count: Any) -> Any:
        x = self.code_in(code - memory) + self.memory_in(memory) + self.view_in(torch.cat([view, count], dim=1))
        x = self.drop(self.bend(x + self.spots_in(self.drop_spots(spots - memory_spots))))
        return self.out(self.drop(self.bend(self.middle(x))))


class Memories:
    """What performers may remember: means over some moments of each person; at rest more often than not."""

    def __init__(self, heads: Heads, code: Floats, epoch: int, sets: int = SETS) -> None:
        rng = np.random.default_rng(100 + epoch)
        people, self.of = np.unique(heads.person, return_inverse=True)
        order = np.argsort(self.of, kind="stable")
        begin = np.r_[0, np.cumsum(np.bincount(self.of))]
        looks = np.array([0.3 if name.startswith("eyeLook") else 1.0 for name in ARKIT[:51]])
        effort = heads.target[:, :51] @ looks + 2 * (1 + heads.view[:, 8])
        total = len(people) * sets
        self.sets = sets
        self.code = np.zeros((total, code.shape[1]), np.float32)
        self.coarse = np.zeros((total, *heads.coarse.shape[1:]), np.float16)
        self.fine = np.zeros((total, *heads.fine.shape[1:]), np.float16)
        self.count = np.zeros((total, 1), np.float32)
        for one in range(total):
            rows = order[begin[one // sets] : begin[one // sets + 1]]
            if rng.random() < 0.15:
                continue  # nothing is remembered yet
            many = min(len(rows), int(np.exp(rng.uniform(0, np.log(len(rows))))) + int(rng.random() < 0.7))
            if rng.random() < 0.6:
                chosen = rows[np.argsort(effort[rows])][rng.integers(0, 4) :][:many]
            else:
                chosen = rng.choice(rows, many, replace=False)
            self.code[one] = code[chosen].mean(axis=0)
            self.coarse[one] = heads.coarse[chosen].mean(axis=0, dtype=np.float32)
            self.fine[one] = heads.fine[chosen].mean(axis=0, dtype=np.float32)
            self.count[one] = np.log1p(len(chosen)) / 4


def read(network: Network, heads: Heads, code: Floats, view: Floats, rows: Any, memories: Memories, which: Any) -> Any:
    """The network's word on some rows, each with one of its person's memories."""
    one = memories.of[rows] * memories.sets + which
    count = torch.from_numpy(memories.count[one])
    spots = network.squeezed(heads.coarse[rows], heads.fine[rows])
    kept = network.squeezed(memories.coarse[one], memories.fine[one]) * (count > 0).float()
    return network(torch.from_numpy(code[rows]) if isinstance(code, np.ndarray) else code, spots,
                   torch.from_numpy(memories.code[one]), kept, torch.from_numpy(view[rows]), count)  # fmt: skip


def learn(heads: Heads, coder: Coder, epochs: int, batch: int = 192, rate: float = 3e-3) -> Network:
    """AdamW with one cycle of the learning rate on the squared error, rare shapes weighing as much as common ones."""
    torch.manual_seed(0)
    code, view = coder.code(heads), coder.view(heads)
    network = Network(code.shape[1], view.shape[1], heads.coarse.shape[1], coder.maps, heads.target.shape[1])
    rows = np.flatnonzero(~heads.held_out)
    variance = heads.target[:, :51].var(axis=0)
    weight = np.full(heads.target.shape[1], 2.0, np.float32)
    rare = (variance.mean() / np.maximum(variance, 0.25 * variance.mean())) ** 0.8
    weight[:51] = 1.5 * rare / rare.mean()
    weight[51:54] = 8.0
    steps = len(rows) // batch
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.03)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * steps + 1, pct_start=0.1)
    for epoch in range(epochs):
        network.train()
        rng = np.random.default_rng(epoch)
        memories, order, total = Memories(heads, code, epoch), rng.permutation(rows), 0.0
        for i in range(steps):
            some = order[i * batch : (i + 1) * batch]
            noisy = torch.from_numpy(code[some]) + 0.05 * torch.randn(len(some), code.shape[1])
            said = read(network, heads, noisy, view, some, memories, rng.integers(0, SETS, len(some)))
            error = (said - torch.from_numpy(heads.target[some])) ** 2
            error[:, 51:54] *= torch.from_numpy(1 + 2 * (heads.view[some, 8:9] > WIDE).astype(np.float32))
            loss = (error * torch.from_numpy(weight)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            cycle.step()
            total += loss.item()
        print(f"epoch {epoch + 1} of {epochs}: {1000 * total / steps:.2f}", flush=True)
    network.eval()
    return network


def on_held_out(network: Network, coder: Coder, heads: Heads) -> tuple[Any, Floats]:
    """Rows of people never learned from, and what is read of them with memories."""
    rows = np.flatnonzero(heads.held_out)
    code, view, memories = coder.code(heads), coder.view(heads), Memories(heads, coder.code(heads), 999, 1)
    with torch.no_grad():
        said = [read(network, heads, code, view, some, memories, 0).numpy() for some in np.array_split(rows, 40)]
    return rows, np.concatenate(said)


def scale(heads: Heads, rows: Any, said: Floats) -> tuple[Floats, Floats, Floats]:
    """Rest, gain and trust of each shape: a network that is unsure says too little, so what it says is stretched, as
    far as a resting face stays below IDLE. From well-seen faces; left and right alike."""
    clear = (heads.view[rows, 8] < -0.88) & (heads.side[rows] > 140)
    rest, gain, trust = (np.zeros(51, np.float32) for _ in range(3))
    for shape in range(51):
        truth, read_ = heads.target[rows, shape][clear], said[:, shape][clear]
        idle = read_[truth < 0.02]
        slope = max(float(np.polyfit(truth, read_, 1)[0]), 0.05)
        rest[shape] = np.clip(np.median(idle), 0.0, 0.15)
        most = IDLE / max(float(np.percentile(idle, 98)) - rest[shape], 1e-3)
        gain[shape] = np.clip(min(1 / slope, most), 1.0, 4.0)
        trust[shape] = max(0.0, float(np.corrcoef(read_, truth)[0, 1])) ** 2
    for shape, name in enumerate(ARKIT[:51]):
        if name.endswith("Left"):
            twin = ARKIT.index(f"{name[: -len('Left')]}Right")
            for numbers in (rest, gain, trust):
                numbers[[shape, twin]] = (numbers[shape] + numbers[twin]) / 2
    return rest, gain, trust


def save(network: Network, coder: Coder, scaled: tuple[Floats, Floats, Floats], path: Path) -> None:
    """What acting.Network reads; the large tables in half precision."""

    def of(layer: Any) -> Any:
        return layer.detach().numpy()

    (coarse_mean, coarse_spread), (fine_mean, fine_spread) = coder.maps
    w = {
        "points_mean": coder.points_mean, "points_to": coder.points_to,
        "maps_mean": coder.maps_mean, "maps_to": coder.maps_to,
        "code_mean": coder.mean, "code_spread": coder.spread,
        "view_mean": coder.view_mean, "view_spread": coder.view_spread,
        "coarse_mean": coarse_mean, "coarse_spread": coarse_spread,
        "coarse_to": of(network.coarse.weight).T, "coarse_zero": of(network.coarse.bias),
        "fine_mean": fine_mean, "fine_spread": fine_spread,
        "fine_to": of(network.fine.weight).T, "fine_zero": of(network.fine.bias),
        "code_in": of(network.code_in.weight).T, "memory_in": of(network.memory_in.weight).T,
        "spots_in": of(network.spots_in.weight).T, "view_in": of(network.view_in.weight).T,
        "in_zero": of(network.code_in.bias) + of(network.view_in.bias),
        "middle": of(network.middle.weight).T, "middle_zero": of(network.middle.bias),
        "out": of(network.out.weight).T, "out_zero": of(network.out.bias),
        "rest": scaled[0], "gain": scaled[1], "trust": scaled[2],
    }  # fmt: skip
    half = {name: x.astype(np.float16 if x.size > 3000 else np.float32) for name, x in w.items()}
    if not all(np.isfinite(x).all() for x in half.values()):
        raise ValueError("a learned number is too large for half precision")
    np.savez_compressed(path, **half)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("seen", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=40)
    options = parser.parse_args()
    heads = load(options.seen)
    coder = Coder(heads)
    network = learn(heads, coder, options.epochs)
    rows, said = on_held_out(network, coder, heads)
    scaled = scale(heads, rows, said)
    save(network, coder, scaled, options.out)
    truth = heads.target[rows]
    for i, name in enumerate(ARKIT[:51]):
        print(f"{name:20} r {np.corrcoef(said[:, i], truth[:, i])[0, 1]:.2f} gain {scaled[1][i]:.2f}")
    turn = np.degrees(np.linalg.norm(said[:, 51:54] - truth[:, 51:54], axis=1)) / TURN
    gaze = np.degrees(np.abs(said[:, 54:] - truth[:, 54:]).mean()) / GAZE
    print(f"{len(heads.target)} pictures; on people never seen: head {turn.mean():.2f}, gaze {gaze:.2f} degrees off")


if __name__ == "__main__":
    main()
