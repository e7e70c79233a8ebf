"""One network that reads as several do in the mean: `python -m calibration.learning.together SEEN OUT SIDED...`.

Networks learned from the same heads, from other random numbers, err each in its own way; their mean errs less than any,
and costs as many times as much. So one network, of the size of each, learns to say what they say in the mean (Hinton,
Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network"). The truth counts as well, but less: of what cannot
be seen it asks too much.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from calibration.learning.learn import (
    BATCH,
    HIDDEN,
    MIDDLE,
    ROWS_AT_ONCE,
    SETS,
    WIDE,
    Coder,
    Memories,
    Network,
    error_of,
    on_held_out,
    read,
    save,
    weights_of,
)
from calibration.learning.seen import Heads, load
from calibration.learning.sides import LEFT, LOPSIDED, MORE, MORE_MIDDLE, RIGHT, Faces
from calibration.learning.told import report, scale
from vtuber.stages import Floats

Tensor = torch.Tensor

TRUTH = 0.3
"""What the truth counts for, beside what the others say."""
FAR = 0.5
"""How much more often a head turned far is learned from."""
KEPT = 0.998
"""Of the running mean of the network's numbers, which is what is kept of it, at each step."""
SEED = 5000
"""Of memories that none of the others has learned with."""


class Other:
    """A network that calibration.learning.sides wrote."""

    def __init__(self, heads: Heads, path: Path) -> None:
        with np.load(path) as file:
            w = {name: file[name].astype(np.float32) for name in file.files}
        self._faces, t = Faces(heads, w), {name: torch.tensor(x) for name, x in w.items()}
        self._seen = torch.cat([t["code_in"], t["spots_in"], t["view_in"][:-1]])
        self._kept = torch.cat([t["memory_in"] - t["code_in"], -t["spots_in"]])
        self._counted, self._zero = t["view_in"][-1], t["in_zero"]
        self._layers = [(t["middle"], t["middle_zero"]), (t["out"], t["out_zero"])]

    def remember(self, seed: int, sets: int) -> None:
        memory, count = self._faces.memories(seed, sets)
        self._familiar = memory @ self._kept + count * self._counted

    def __call__(self, rows: Tensor, memories: Tensor) -> Tensor:
        """(n, 58) of some rows, each with one of its person's memories."""
        faces = self._faces
        x = torch.cat([faces.x[rows], faces.view[rows]], dim=1) @ self._seen + self._zero + self._familiar[memories]
        for matrix, zero in self._layers:
            x = functional.leaky_relu(x, 0.1) @ matrix + zero
        return x


def said_by(others: list[Other], heads: Heads, rows: Tensor, memories: Tensor) -> Tensor:
    """(N, 58) what the others say in the mean; zero but in these rows."""
    said = torch.zeros_like(heads.target)
    for some in rows.split(ROWS_AT_ONCE):
        said[some] = sum(other(some, memories[some]) for other in others) / len(others)  # type: ignore[assignment]
    return said


def learn(heads: Heads, coder: Coder, others: list[Other], epochs: int, rate: float = 4e-3) -> Network:
    """As learn.learn, towards what the others say and the truth, shapes and the differences of the sides alike."""
    torch.manual_seed(SEED)
    code, view, weight = coder.code(heads), coder.view(heads), weights_of(heads)
    network = Network(heads, coder, HIDDEN + MORE, MIDDLE + MORE_MIDDLE)
    network.drop.p, network.drop_spots.p = 0.03, 0.06  # what the others say is smooth already
    kept = copy.deepcopy(network)
    rows, target = torch.from_numpy(np.flatnonzero(~heads.held_out)), heads.target
    lopsided = (target[rows][:, LEFT[1:]] - target[rows][:, RIGHT[1:]]).abs().amax(dim=1)
    share = (1 + LOPSIDED / 4 * lopsided.clip(max=0.5)) * (1 + FAR * (heads.view[rows, 8] > WIDE))
    steps = len(rows) // BATCH
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.02)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=epochs * steps + 1, pct_start=0.1, final_div_factor=100
    )
    for epoch in range(epochs):
        if epoch % 2 == 0:
            memories = Memories(heads, code, SEED + epoch)
            for other in others:
                other.remember(SEED + epoch, SETS)
        which = torch.randint(SETS, (len(target),))
        with torch.no_grad():
            goal = TRUTH * target + (1 - TRUTH) * said_by(others, heads, rows, memories.of * SETS + which)
        total = 0.0
        for some in rows[torch.multinomial(share, steps * BATCH, replacement=True)].split(BATCH):
            noisy = code[some] + 0.05 * torch.randn(len(some), code.shape[1])
            off = read(network, heads, noisy, view[some], some, memories, which[some]) - goal[some]
            apart = (off[:, LEFT] - off[:, RIGHT]) ** 2
            loss = error_of(off, weight, heads.view[some]) + apart.mean() + 0.5 * apart[:, 0].mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            cycle.step()
            total += loss.item()
            with torch.no_grad():
                for mean, new in zip(kept.parameters(), network.parameters(), strict=True):
                    mean.lerp_(new, 1 - KEPT)
        print(f"epoch {epoch + 1} of {epochs}: {1000 * total / steps:.2f}", flush=True)
    return kept.eval()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("seen", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("others", type=Path, nargs="+", help="what calibration.learning.sides wrote")
    parser.add_argument("--epochs", type=int, default=50)
    options = parser.parse_args()
    heads = load(options.seen, "cpu")
    coder = Coder(heads)
    network = learn(heads, coder, [Other(heads, path) for path in options.others], options.epochs)
    rows, said = on_held_out(network, coder, heads)
    scaled: tuple[Floats, Floats, Floats] = scale(heads, rows, said)
    save(network, coder, scaled, options.out)
    report(heads, rows, said, scaled[1])


if __name__ == "__main__":
    main()
