"""What the network of vtuber.acting is given: heads in few numbers, and what may be remembered of each person.

Partly whitened principal components of the landmarks and of the landmark model's last picture, its scores, and its
inner pictures at spots of the face. All is linear, so that a mean of codes is the code of a mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from calibration.learning.seen import Heads

Tensor = torch.Tensor

POINTS, MAPS, CHANNELS = 128, 112, 40
"""Components of the landmarks, of the last picture, and of the channels of each inner picture."""
ROWS_AT_ONCE = 20000


def components(x: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Mean and (d, count) directions: small components speak up, but not as loud as the large ones."""
    some = torch.from_numpy(np.random.default_rng(0).permutation(len(x))[:12000])
    x = x[some.to(x.device)].float()
    mean, spread = x.mean(dim=0), x.std(dim=0) + 0.01 * x.std()
    _, size, directions = torch.linalg.svd((x - mean) / spread, full_matrices=False)
    size = size[:count] / len(x) ** 0.5
    return mean, (directions[:count] / size[:, None] ** 0.7 / spread).T.contiguous()


def components_of(heads: Heads, rows: Any, points: tuple[Tensor, Tensor], maps: tuple[Tensor, Tensor]) -> Tensor:
    """(n, 291) of some rows, by the mean and the directions of either; the scores go beside them."""
    (points_mean, points_to), (maps_mean, maps_to) = points, maps
    return torch.cat([
        (heads.shape[rows].float() - points_mean) @ points_to,
        (heads.whole[rows].float() - maps_mean) @ maps_to, heads.scores[rows].float(),
    ], dim=1)  # fmt: skip


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
        self.pictures = {
            name: components(picture[mine[::20]].flatten(0, 1), CHANNELS) for name, picture in heads.pictures.items()
        }

    def _raw(self, heads: Heads) -> Tensor:
        points, maps = (self.points_mean, self.points_to), (self.maps_mean, self.maps_to)
        every = torch.arange(len(heads.person), device=heads.device).split(ROWS_AT_ONCE)
        return torch.cat([components_of(heads, rows, points, maps) for rows in every])

    def code(self, heads: Heads) -> Tensor:
        """(n, 291)"""
        return (self._raw(heads) - self.mean) / self.spread

    def view(self, heads: Heads) -> Tensor:
        """(n, 11)"""
        return (heads.view - self.view_mean) / self.view_spread

    def spots(self, heads: Heads) -> dict[str, Tensor]:
        """(n, 66, CHANNELS) float16 of each inner picture."""
        return {
            name: torch.cat([((some.float() - mean) @ to).half() for some in heads.pictures[name].split(ROWS_AT_ONCE)])
            for name, (mean, to) in self.pictures.items()
        }


class Memories:
    """What performers may remember: means over some moments of each person; at rest more often than not."""

    def __init__(self, heads: Heads, tables: dict[str, Tensor], seed: int, sets: int) -> None:
        self.chosen, self.count = heads.people.remembered(seed, sets)
        self.sets, self.of = sets, heads.people.of
        self.tables = {name: means(table, self.chosen) for name, table in tables.items()}


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
