"""The network of vtuber.acting, learned: `python -m calibration.learning.learn SEEN OUT`. Needs torch.

Inputs are partly whitened principal components of the landmarks and of the landmark model's last picture, its scores,
and its inner pictures at spots of the face squeezed to a few channels. Beside each goes the mean of the same over some
other moments of the same person, none up to all of them, which is what a performer's memory holds after a while.

All lies on one device; a graphics card takes a minute where a processor takes ten.
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

POINTS, MAPS, CHANNELS, HIDDEN, MIDDLE = 160, 128, 12, 160, 128
WIDE = -0.79
"""A head turned further than this cosine, 38 degrees, is rarer than it is hard: its turn counts three times."""
SETS = 4
"""Memories of each person in an epoch."""
BATCH = 768
ROWS_AT_ONCE = 20000

Tensor = torch.Tensor


def components(x: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Mean and (d, count) directions: small components speak up, but not as loud as the large ones."""
    some = torch.from_numpy(np.random.default_rng(0).permutation(len(x))[:12000])
    x = x[some.to(x.device)].float()
    mean, spread = x.mean(dim=0), x.std(dim=0) + 0.01 * x.std()
    _, size, directions = torch.linalg.svd((x - mean) / spread, full_matrices=False)
    size = size[:count] / len(x) ** 0.5
    return mean, (directions[:count] / size[:, None] ** 0.7 / spread).T.contiguous()


class Coder:
    """The inputs before the network: fixed once, from the heads that are learned from."""

    def __init__(self, heads: Heads) -> None:
        mine = torch.from_numpy(np.flatnonzero(~heads.held_out)).to(heads.device)
        some = mine[::5]
        self.points_mean, self.points_to = components(heads.shape[some], POINTS)
        self.maps_mean, self.maps_to = components(heads.whole[some], MAPS)
        raw = self._raw(heads)[mine]
        self.mean, self.spread = raw.mean(dim=0), raw.std(dim=0) + 1e-3
        self.view_mean, self.view_spread = heads.view[mine].mean(dim=0), heads.view[mine].std(dim=0) + 1e-3
        self.pictures = {}
        for name, picture in heads.pictures.items():
            looks = picture[mine[::20]].float()
            self.pictures[name] = looks.mean(dim=(0, 1)), looks.std(dim=(0, 1)) + 0.05 * looks.std()

    def _raw(self, heads: Heads) -> Tensor:
        parts = [
            torch.cat([(shape.float() - self.points_mean) @ self.points_to,
                       (whole.float() - self.maps_mean) @ self.maps_to, scores.float()], dim=1)
            for shape, whole, scores in zip(*(x.split(ROWS_AT_ONCE) for x in (heads.shape, heads.whole, heads.scores)),
                                            strict=True)
        ]  # fmt: skip
        return torch.cat(parts)

    def code(self, heads: Heads) -> Tensor:
        return (self._raw(heads) - self.mean) / self.spread

    def view(self, heads: Heads) -> Tensor:
        return (heads.view - self.view_mean) / self.view_spread


class Network(nn.Module):
    """acting.Network, before anything is multiplied beforehand."""

    def __init__(self, heads: Heads, coder: Coder, hidden: int = HIDDEN, middle: int = MIDDLE) -> None:
        super().__init__()
        code, view, outputs = len(coder.mean), heads.view.shape[1], heads.target.shape[1]
        spots = sum(picture.shape[1] for picture in heads.pictures.values())
        for name, (mean, spread) in coder.pictures.items():
            self.register_buffer(f"{name}_mean", mean)
            self.register_buffer(f"{name}_spread", spread)
        self.squeeze = nn.ModuleDict(
            {name: nn.Linear(len(mean), CHANNELS) for name, (mean, _) in coder.pictures.items()}
        )
        self.code_in = nn.Linear(code, hidden)
        self.memory_in = nn.Linear(code, hidden, bias=False)
        self.spots_in = nn.Linear(spots * CHANNELS, hidden, bias=False)
        self.view_in = nn.Linear(view + 1, hidden)
        self.middle, self.out = nn.Linear(hidden, middle), nn.Linear(middle, outputs)
        self.drop, self.drop_spots, self.bend = nn.Dropout(0.08), nn.Dropout(0.15), nn.LeakyReLU(0.1)

    def squeezed(self, pictures: dict[str, Tensor], rows: Tensor) -> Tensor:
        parts = [
            layer((pictures[name][rows].float() - self.get_buffer(f"{name}_mean")) / self.get_buffer(f"{name}_spread"))
            for name, layer in self.squeeze.items()
        ]
        return torch.cat([part.flatten(1) for part in parts], dim=1)

    def forward(self, code: Any, spots: Any, memory: Any, memory_spots: Any, view: Any, count: Any) -> Any:
        x = self.code_in(code - memory) + self.memory_in(memory) + self.view_in(torch.cat([view, count], dim=1))
        x = self.drop(self.bend(x + self.spots_in(self.drop_spots(spots - memory_spots))))
        return self.out(self.drop(self.bend(self.middle(x))))


class Memories:
    """What performers may remember: means over some moments of each person; at rest more often than not."""

    def __init__(self, heads: Heads, code: Tensor, epoch: int, sets: int = SETS) -> None:
        chosen, self.count = heads.people.remembered(epoch, sets)
        self.sets, self.of = sets, heads.people.of
        self.code = means(code, chosen)
        self.pictures = {name: means(picture, chosen) for name, picture in heads.pictures.items()}


def means(table: Tensor, chosen: list[Any]) -> Tensor:
    """Of rows of a table, for each list of rows; zero for none. As the table's numbers are kept."""
    out = torch.zeros((len(chosen), *table.shape[1:]), dtype=table.dtype, device=table.device)
    at_once = 1000
    for first in range(0, len(chosen), at_once):
        some = chosen[first : first + at_once]
        rows = torch.from_numpy(np.concatenate(some).astype(np.int64)).to(table.device)
        into = torch.from_numpy(np.repeat(np.arange(len(some)), [len(c) for c in some])).to(table.device)
        total = torch.zeros((len(some), *table.shape[1:]), device=table.device)
        total.index_add_(0, into, table[rows].float())
        count = torch.bincount(into, minlength=len(some)).clip(min=1).reshape(-1, *[1] * (table.dim() - 1))
        out[first : first + at_once] = (total / count).to(table.dtype)
    return out


def read(network: Network, heads: Heads, code: Tensor, view: Tensor, rows: Tensor, memories: Memories,
         which: Any) -> Tensor:  # fmt: skip
    """The network's word on some rows, `code` and `view` theirs, each with one of its person's memories."""
    one = memories.of[rows] * memories.sets + which
    count = memories.count[one]
    spots = network.squeezed(heads.pictures, rows)
    kept = network.squeezed(memories.pictures, one) * (count > 0).float()
    said: Tensor = network(code, spots, memories.code[one], kept, view, count)
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
    """The mean weighted square of (n, 58), the turn's counting three times where the head is turned far."""
    error = off**2 * weight
    more = 2 * (view[:, 8:9] > WIDE).float()
    return error.mean() + (more * error[:, 51:54]).sum() / error.numel()


def learn(heads: Heads, coder: Coder, epochs: int, seed: int, rate: float = 4e-3) -> Network:
    """AdamW with one cycle of the learning rate on the weighted squared error."""
    torch.manual_seed(seed)
    code, view, weight = coder.code(heads), coder.view(heads), weights_of(heads)
    network = Network(heads, coder)
    network.to(heads.device)
    rows = torch.from_numpy(np.flatnonzero(~heads.held_out)).to(heads.device)
    steps = len(rows) // BATCH
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.03)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * steps + 1, pct_start=0.1)
    for epoch in range(epochs):
        network.train()
        if epoch % 2 == 0:
            memories = Memories(heads, code, epoch + 1000 * seed)
        total = torch.zeros((), device=heads.device)
        for some in rows[torch.randperm(len(rows), device=heads.device)][: steps * BATCH].split(BATCH):
            noisy = code[some] + 0.05 * torch.randn(len(some), code.shape[1], device=heads.device)
            which = torch.randint(SETS, (len(some),), device=heads.device)
            said = read(network, heads, noisy, view[some], some, memories, which)
            loss = error_of(said - heads.target[some], weight, heads.view[some])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            cycle.step()
            total += loss.detach()
        print(f"epoch {epoch + 1} of {epochs}: {1000 * total.item() / steps:.2f}", flush=True)
    network.eval()
    return network


def on_held_out(network: Network, coder: Coder, heads: Heads) -> tuple[Any, Floats]:
    """Rows of people never learned from, and what is read of them with memories."""
    rows = np.flatnonzero(heads.held_out)
    code, view = coder.code(heads), coder.view(heads)
    memories = Memories(heads, code, 999, 1)
    with torch.no_grad():
        said = [
            read(network, heads, code[some], view[some], some, memories, 0).cpu().numpy()
            for some in torch.from_numpy(rows).to(heads.device).split(ROWS_AT_ONCE)
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
    for name, (mean, spread) in coder.pictures.items():
        layer = network.squeeze[name]
        w |= {f"{name}_mean": mean, f"{name}_spread": spread, f"{name}_to": of(layer.weight).T,
              f"{name}_zero": of(layer.bias)}  # fmt: skip
    w = {name: of(x) if isinstance(x, Tensor) else x for name, x in w.items()}
    write(path, w)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("seen", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    heads = load(options.seen, options.device)
    coder = Coder(heads)
    network = learn(heads, coder, options.epochs, options.seed)
    rows, said = on_held_out(network, coder, heads)
    scaled = scale(heads, rows, said)
    save(network, coder, scaled, options.out)
    report(heads, rows, said, scaled[1])


if __name__ == "__main__":
    main()
