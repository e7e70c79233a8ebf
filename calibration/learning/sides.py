"""Left and right told apart: `python -m calibration.learning.sides SEEN NETWORK OUT`, after calibration.learning.learn.

A face that does more on one side than on the other is rare, and learn's network, right in the mean, reads it as a face
that does half as much on both: a raised brow takes the other along. Here that network is widened by a few units that
learn the difference of the sides as well as the shapes. All the rest of it, the head's turn and the gaze among it,
stays as it was. With the inner pictures already squeezed this takes minutes on a processor.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from calibration.learning.seen import Heads, load
from calibration.learning.told import report, scale, write
from vtuber.stages import Floats
from vtuber.wire import ARKIT

Tensor = torch.Tensor

MORE, MORE_MIDDLE = 48, 32
"""Units added to the first and the second layer."""
LOPSIDED = 8.0
"""How much more often the most lopsided faces are learned from."""
SIDES, LIDS = 4.0, 3.0
"""What the difference of the sides, and that of the lids, counts for beside the shapes."""
SETS, BATCH, ROWS_AT_ONCE = 3, 768, 4000
LEFT = [i for i, n in enumerate(ARKIT) if n.endswith("Left") and not n.startswith(("eyeLook", "mouthLeft", "jawLeft"))]
RIGHT = [ARKIT.index(f"{ARKIT[i][: -len('Left')]}Right") for i in LEFT]


class Faces:
    """Every face as the network's first layer gets it, and what may be remembered of it."""

    def __init__(self, heads: Heads, w: dict[str, Floats]) -> None:
        self.heads = heads
        self.x = torch.cat([coded(heads, w, rows) for rows in torch.arange(len(heads.person)).split(ROWS_AT_ONCE)])
        self.view = (heads.view - torch.tensor(w["view_mean"])) / torch.tensor(w["view_spread"])
        self.of = heads.people.of

    def memories(self, seed: int, sets: int) -> tuple[Tensor, Tensor]:
        """Means of some faces of each person, and how many they are, as the network counts."""
        chosen, count = self.heads.people.remembered(seed, sets)
        x, memory = self.x.numpy(), np.zeros((len(chosen), self.x.shape[1]), np.float32)
        for one, rows in enumerate(chosen):
            if len(rows):
                memory[one] = x[rows].mean(axis=0)
        return torch.from_numpy(memory), count


def coded(heads: Heads, w: dict[str, Floats], rows: Tensor) -> Tensor:
    """(n, 339 + 1584), as acting.Network.code."""
    t = {name: torch.tensor(x) for name, x in w.items()}
    code = torch.cat([
        (heads.shape[rows].float() - t["points_mean"]) @ t["points_to"],
        (heads.whole[rows].float() - t["maps_mean"]) @ t["maps_to"], heads.scores[rows].float(),
    ], dim=1)  # fmt: skip
    parts = [(code - t["code_mean"]) / t["code_spread"]]
    for name, picture in heads.pictures.items():
        even = (picture[rows].float() - t[f"{name}_mean"]) / t[f"{name}_spread"]
        parts.append((even @ t[f"{name}_to"] + t[f"{name}_zero"]).flatten(1))
    return torch.cat(parts, dim=1)


class Wider(nn.Module):
    """learn's network as it is, and the units beside it."""

    def __init__(self, w: dict[str, Floats]) -> None:
        super().__init__()
        for name in (
            "code_in",
            "memory_in",
            "spots_in",
            "view_in",
            "in_zero",
            "middle",
            "middle_zero",
            "out",
            "out_zero",
        ):
            self.register_buffer(name, torch.tensor(w[name]))
        codes, hidden = w["code_in"].shape
        middle = w["middle"].shape[1]
        self.codes = codes
        self.code_more = nn.Linear(codes, MORE)
        self.memory_more = nn.Linear(codes, MORE, bias=False)
        self.spots_more = nn.Linear(len(w["spots_in"]), MORE, bias=False)
        self.view_more = nn.Linear(len(w["view_in"]), MORE, bias=False)
        self.middle_more = nn.Linear(hidden + MORE, MORE_MIDDLE)
        self.shapes_more = nn.Linear(middle + MORE_MIDDLE, 51)
        nn.init.zeros_(self.shapes_more.weight)
        nn.init.zeros_(self.shapes_more.bias)
        self.bend, self.drop, self.drop_spots = nn.LeakyReLU(0.1), nn.Dropout(0.08), nn.Dropout(0.15)

    def forward(self, x: Tensor, memory: Tensor, count: Tensor, view: Tensor) -> Tensor:
        """(n, 58)"""
        new, kept = x[:, : self.codes] - memory[:, : self.codes], memory[:, : self.codes]
        spots, view = self.drop_spots(x[:, self.codes :] - memory[:, self.codes :]), torch.cat([view, count], dim=1)
        first = new @ self.code_in + kept @ self.memory_in + spots @ self.spots_in + view @ self.view_in + self.in_zero
        more = self.code_more(new) + self.memory_more(kept) + self.spots_more(spots) + self.view_more(view)
        both = self.drop(self.bend(torch.cat([first, more], dim=1)))
        second = both[:, : first.shape[1]] @ self.middle + self.middle_zero
        second = self.drop(self.bend(torch.cat([second, self.middle_more(both)], dim=1)))
        out = second[:, : self.middle.shape[1]] @ self.out + self.out_zero
        return torch.cat([out[:, :51] + self.shapes_more(second), out[:, 51:]], dim=1)

    def merged(self, w: dict[str, Floats]) -> dict[str, Floats]:
        """All in one again, as acting.Network reads it."""

        def of(layer: Any) -> Floats:
            return np.asarray(layer.weight.detach().numpy().T)

        hidden, middle = len(w["middle"]), w["middle"].shape[1]
        out = np.concatenate([w["out"], np.zeros((MORE_MIDDLE, w["out"].shape[1]), np.float32)])
        out[:, :51] += of(self.shapes_more)
        out_zero = w["out_zero"].copy()
        out_zero[:51] += self.shapes_more.bias.detach().numpy()
        wide = np.concatenate([w["middle"], np.zeros((MORE, middle), np.float32)])
        assert len(wide) == hidden + MORE
        return w | {
            "code_in": np.concatenate([w["code_in"], of(self.code_more)], axis=1),
            "memory_in": np.concatenate([w["memory_in"], of(self.memory_more)], axis=1),
            "spots_in": np.concatenate([w["spots_in"], of(self.spots_more)], axis=1),
            "view_in": np.concatenate([w["view_in"], of(self.view_more)], axis=1),
            "in_zero": np.concatenate([w["in_zero"], self.code_more.bias.detach().numpy()]),
            "middle": np.concatenate([wide, of(self.middle_more)], axis=1),
            "middle_zero": np.concatenate([w["middle_zero"], self.middle_more.bias.detach().numpy()]),
            "out": out, "out_zero": out_zero,
        }  # fmt: skip


def widen(faces: Faces, w: dict[str, Floats], epochs: int, rate: float = 3e-3) -> Wider:
    """Adam with one cycle of the learning rate on the squared errors of the shapes and of the sides' differences."""
    torch.manual_seed(0)
    target, network = faces.heads.target[:, :51], Wider(w)
    rows = torch.from_numpy(np.flatnonzero(~faces.heads.held_out))
    variance = target.var(dim=0)
    weight = (variance.mean() / variance.clip(min=0.25 * variance.mean())) ** 0.8
    weight = 1.3 * weight / weight.mean()
    # The lids come first, and are often apart.
    share = 1 + LOPSIDED * (target[rows][:, LEFT[1:]] - target[rows][:, RIGHT[1:]]).abs().amax(dim=1).clip(max=0.5)
    steps = len(rows) // BATCH
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * steps + 1, pct_start=0.1)
    for epoch in range(epochs):
        network.train()
        if epoch % 3 == 0:
            memory, count = faces.memories(epoch, SETS)
        total = 0.0
        for some in rows[torch.multinomial(share, steps * BATCH, replacement=True)].split(BATCH):
            one = faces.of[some] * SETS + torch.randint(SETS, (len(some),))
            x = faces.x[some].clone()
            x[:, : network.codes] += 0.05 * torch.randn(len(some), network.codes)
            off = network(x, memory[one], count[one], faces.view[some])[:, :51] - target[some]
            apart = (off[:, LEFT] - off[:, RIGHT]) ** 2
            loss = (off**2 * weight).mean() + SIDES * apart.mean() + LIDS * apart[:, 0].mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            cycle.step()
            total += loss.item()
        print(f"epoch {epoch + 1} of {epochs}: {1000 * total / steps:.2f}", flush=True)
    network.eval()
    return network


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("seen", type=Path)
    parser.add_argument("network", type=Path, help="what calibration.learning.learn wrote")
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=24)
    options = parser.parse_args()
    with np.load(options.network) as file:
        w = {name: file[name].astype(np.float32) for name in file.files}
    faces = Faces(load(options.seen, "cpu"), w)
    network = widen(faces, w, options.epochs)
    rows = np.flatnonzero(faces.heads.held_out)
    memory, count = faces.memories(999, 1)
    with torch.no_grad():
        mine = torch.from_numpy(rows)
        said = network(faces.x[mine], memory[faces.of[mine]], count[faces.of[mine]], faces.view[mine]).numpy()
    rest, gain, trust = scale(faces.heads, rows, said)
    write(options.out, network.merged(w) | {"rest": rest, "gain": gain, "trust": trust})
    report(faces.heads, rows, said, gain)


if __name__ == "__main__":
    main()
