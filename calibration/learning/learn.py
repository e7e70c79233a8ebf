"""The network of vtuber.acting, learned: `python -m calibration.learning.learn SEEN OUT [--teachers NET...]`.

Needs torch. Beside what is seen goes the mean of the same over some other moments of the same person, none up to all of
them, which is what a performer's memory holds after a while.

Networks learned from the same heads, from other random numbers, err each in its own way; their mean errs less than any,
and costs as many times as much. So one network, of the size of each, can learn to say what such teachers say in the
mean (Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network"). The truth counts as well, but less:
of what cannot be seen it asks too much.

All lies on one device; a graphics card takes a minute where a processor takes ten.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from calibration.learning.inputs import ROWS_AT_ONCE, Coder, Memories
from calibration.learning.seen import Heads, load
from calibration.learning.teachers import Teacher, said_by
from calibration.learning.told import AWAY, report, scale, write
from vtuber.stages import Floats
from vtuber.wire import ARKIT

Tensor = torch.Tensor

CHANNELS, HIDDEN, MIDDLE = 12, 256, 160
"""What an inner picture's channels are squeezed to, and the units of the two layers."""
LOPSIDED, FAR = 2.0, 0.5
"""How much more often the most lopsided faces, which are rare, and heads turned far are learned from."""
SIDES, LIDS = 1.0, 0.5
"""What the difference of left and right, and that of the lids, counts for beside the shapes: a network that is right in
the mean reads a brow raised on one side as both raised by half."""
LEFT = [i for i, n in enumerate(ARKIT) if n.endswith("Left") and not n.startswith(("eyeLook", "mouthLeft", "jawLeft"))]
RIGHT = [ARKIT.index(f"{ARKIT[i][: -len('Left')]}Right") for i in LEFT]
TRUTH = 0.3
"""What the truth counts for, beside what teachers say."""
DROPPED, DROPPED_SPOTS, TAUGHT = 0.08, 0.15, 0.3
"""Shares of units left out while learning; times TAUGHT where there are teachers, who are smooth already."""
NOISE = 0.05
KEPT = 0.998
"""Of the running mean of the network's numbers, which is what is kept of it, at each step."""
SETS = 4
"""Memories of each person in an epoch."""
BATCH, RATE, TAUGHT_RATE = 768, 4e-3, 2.5e-3
"""With teachers less is left to chance, and the larger rate would run away."""
STEEPEST = 0.5
"""Longer gradients are cut."""


class Network(nn.Module):
    """acting.Network, before anything is multiplied beforehand."""

    def __init__(self, heads: Heads, coder: Coder) -> None:
        super().__init__()
        code, view, outputs = len(coder.mean), heads.view.shape[1], heads.target.shape[1]
        spots = sum(picture.shape[1] for picture in heads.pictures.values())
        self.squeeze = nn.ModuleDict(
            {name: nn.Linear(to.shape[1], CHANNELS) for name, (_, to) in coder.pictures.items()}
        )
        self.code_in = nn.Linear(code, HIDDEN)
        self.memory_in = nn.Linear(code, HIDDEN, bias=False)
        self.spots_in = nn.Linear(spots * CHANNELS, HIDDEN, bias=False)
        self.view_in = nn.Linear(view + 1, HIDDEN)
        self.middle, self.out = nn.Linear(HIDDEN, MIDDLE), nn.Linear(MIDDLE, outputs)
        self.drop, self.drop_spots, self.bend = nn.Dropout(DROPPED), nn.Dropout(DROPPED_SPOTS), nn.LeakyReLU(0.1)

    def squeezed(self, tables: dict[str, Tensor], rows: Tensor) -> Tensor:
        return torch.cat([layer(tables[name][rows].float()).flatten(1) for name, layer in self.squeeze.items()], dim=1)

    def forward(self, code: Any, spots: Any, memory: Any, memory_spots: Any, view: Any, count: Any) -> Any:
        x = self.code_in(code - memory) + self.memory_in(memory) + self.view_in(torch.cat([view, count], dim=1))
        x = self.drop(self.bend(x + self.spots_in(self.drop_spots(spots - memory_spots))))
        return self.out(self.drop(self.bend(self.middle(x))))


class Reader:
    """All heads as a network is given them."""

    def __init__(self, heads: Heads, coder: Coder) -> None:
        self.heads, self._view = heads, coder.view(heads)
        self._tables = {"code": coder.code(heads), **coder.spots(heads)}

    def memories(self, seed: int, sets: int) -> Memories:
        return Memories(self.heads, self._tables, seed, sets)

    def __call__(self, network: Network, rows: Tensor, memories: Memories, which: Any, noise: float = 0.0) -> Tensor:
        """(n, 58) the network's word on some rows, each with one of its person's memories."""
        one = memories.of[rows] * memories.sets + which
        code, count = self._tables["code"][rows], memories.count[one]
        if noise:
            code = code + noise * torch.randn_like(code)
        spots = network.squeezed(self._tables, rows)
        kept = network.squeezed(memories.tables, one) * (count > 0).float()
        said: Tensor = network(code, spots, memories.tables["code"][one], kept, self._view[rows], count)
        return said


def weights_of(heads: Heads) -> Tensor:
    """(58,) of the outputs in the error: rare shapes as much as common ones."""
    variance = heads.target[:, :51].var(dim=0)
    weight = torch.full((heads.target.shape[1],), 2.0, device=heads.device)
    rare = (variance.mean() / variance.clip(min=0.25 * variance.mean())) ** 0.8
    weight[:51] = 1.5 * rare / rare.mean()
    weight[51:54] = 8.0
    return weight


def error_of(off: Tensor, weight: Tensor, view: Tensor) -> Tensor:
    """The mean weighted square of (n, 58), the turn's counting three times where the head is turned far; and that of
    what left and right are apart by."""
    error, apart = off**2 * weight, (off[:, LEFT] - off[:, RIGHT]) ** 2
    more = 2 * (view[:, 8:9] > AWAY).float()  # such heads are rarer than they are hard
    turned = (more * error[:, 51:54]).sum() / error.numel()
    return error.mean() + turned + SIDES * apart.mean() + LIDS * apart[:, 0].mean()


def share_of(heads: Heads, rows: Tensor) -> Tensor:
    """(n,) how often each row is learned from, beside the others."""
    target = heads.target[rows]
    apart = (target[:, LEFT[1:]] - target[:, RIGHT[1:]]).abs().amax(dim=1)  # the lids come first, and are often apart
    return (1 + LOPSIDED * apart.clip(max=0.5)) * (1 + FAR * (heads.view[rows, 8] > AWAY))


def learn(reader: Reader, network: Network, teachers: list[Teacher], epochs: int, seed: int) -> Network:
    """AdamW with one cycle of the learning rate; returns the running mean of the network."""
    heads, weight, kept = reader.heads, weights_of(reader.heads), copy.deepcopy(network)
    rows = torch.from_numpy(np.flatnonzero(~heads.held_out)).to(heads.device)
    share, steps, rate = share_of(heads, rows), len(rows) // BATCH, TAUGHT_RATE if teachers else RATE
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.02)
    total_steps = epochs * steps + 1
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps, pct_start=0.1, final_div_factor=100)
    for epoch in range(epochs):
        if epoch % 2 == 0:
            memories = reader.memories(epoch + 1000 * seed, SETS)
            for teacher in teachers:
                teacher.remember(memories)
        which = torch.randint(SETS, (len(heads.target),), device=heads.device)
        goal = heads.target.clone()
        if teachers:
            with torch.no_grad():
                said = said_by(teachers, rows, memories.of[rows] * SETS + which[rows])
            goal[rows] = TRUTH * goal[rows] + (1 - TRUTH) * said
        total = torch.zeros((), device=heads.device)
        for some in rows[torch.multinomial(share, steps * BATCH, replacement=True)].split(BATCH):
            off = reader(network, some, memories, which[some], NOISE) - goal[some]
            loss = error_of(off, weight, heads.view[some])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), STEEPEST)
            optimizer.step()
            cycle.step()
            total += loss.detach()
            with torch.no_grad():
                for mean, new in zip(kept.parameters(), network.parameters(), strict=True):
                    mean.lerp_(new, 1 - KEPT)
        print(f"epoch {epoch + 1} of {epochs}: {1000 * total.item() / steps:.2f}", flush=True)
    return kept.eval()


def on_held_out(network: Network, reader: Reader) -> tuple[Any, Floats]:
    """Rows of people never learned from, and what is read of them with memories."""
    rows, memories = np.flatnonzero(reader.heads.held_out), reader.memories(999, 1)
    with torch.no_grad():
        said = [
            reader(network, some, memories, 0).cpu().numpy()
            for some in torch.from_numpy(rows).to(reader.heads.device).split(ROWS_AT_ONCE)
        ]
    return rows, np.concatenate(said)


def save(network: Network, coder: Coder, scaled: tuple[Floats, Floats, Floats], path: Path) -> None:
    """Names and order as acting.Network reads them."""

    def of(layer: Any) -> Any:
        return layer.detach().cpu().numpy()

    w = {
        "points_mean": coder.points_mean, "points_to": coder.points_to,
        "maps_mean": coder.maps_mean, "maps_to": coder.maps_to,
        "code_mean": coder.mean, "code_spread": coder.spread,
        "view_mean": coder.view_mean, "view_spread": coder.view_spread,
        "code_in": of(network.code_in.weight).T, "memory_in": of(network.memory_in.weight).T,
        "spots_in": of(network.spots_in.weight).T, "view_in": of(network.view_in.weight).T,
        "in_zero": of(network.code_in.bias) + of(network.view_in.bias),
        "middle": of(network.middle.weight).T, "middle_zero": of(network.middle.bias),
        "out": of(network.out.weight).T, "out_zero": of(network.out.bias),
        "rest": scaled[0], "gain": scaled[1], "trust": scaled[2],
    }  # fmt: skip
    for name, (mean, to) in coder.pictures.items():
        layer: Any = network.squeeze[name]
        w |= {f"{name}_mean": mean, f"{name}_to": to @ layer.weight.detach().T, f"{name}_zero": layer.bias}
    write(path, {name: of(x) if isinstance(x, Tensor) else x for name, x in w.items()})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("seen", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--teachers", type=Path, nargs="*", default=[], help="networks that this wrote")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    heads = load(options.seen, options.device)
    coder, teachers = Coder(heads), [Teacher(heads, path) for path in options.teachers]
    reader, network = Reader(heads, coder), Network(heads, coder).to(options.device)
    if teachers:
        network.drop.p, network.drop_spots.p = TAUGHT * DROPPED, TAUGHT * DROPPED_SPOTS
    network = learn(reader, network, teachers, options.epochs, options.seed)
    rows, said = on_held_out(network, reader)
    scaled = scale(heads, rows, said)
    save(network, coder, scaled, options.out)
    report(heads, rows, said, scaled[1])


if __name__ == "__main__":
    main()
