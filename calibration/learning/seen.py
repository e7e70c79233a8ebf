"""Rendered heads as the tracker sees them: what calibration.learning.measure wrote, all of it, on one device."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vtuber.acting import GAZE, TURN
from vtuber.wire import ARKIT

Tensor = torch.Tensor

PICTURES = ("coarse", "fine")
HELD_OUT = 10
"""Every tenth person is only looked at to see how it goes."""


@dataclass
class Heads:
    """All that was measured, a row each, on one device."""

    shape: Tensor
    """(n, 1434) float16, and so the next three."""
    whole: Tensor
    scores: Tensor
    pictures: dict[str, Tensor]
    """(n, 66, channels) of each of PICTURES."""
    view: Tensor
    """(n, 11), and so `target`, (n, 58) shapes, turn, gaze, and `side`, (n,)."""
    target: Tensor
    side: Tensor
    person: Any
    """(n,) on the processor."""

    @property
    def held_out(self) -> Any:
        return (self.person // 2) % HELD_OUT == 0

    @cached_property
    def people(self) -> People:
        return People(self)

    @property
    def device(self) -> Any:
        return self.view.device


def load(folder: Path, device: str) -> Heads:
    """Read all shards."""
    columns: dict[str, list[Any]] = {}
    for path in sorted(folder.glob("?????.npz")):
        with np.load(path) as file:
            for name in file.files:
                columns.setdefault(name, []).append(file[name])

    def on_device(name: str, kind: Any = np.float32) -> Tensor:
        parts = columns.pop(name)
        size = (sum(map(len, parts)), *parts[0].shape[1:])
        whole = torch.empty(size, dtype=torch.from_numpy(np.empty(0, kind)).dtype, device=device)
        at = 0
        for part in parts:
            whole[at : at + len(part)] = torch.from_numpy(part.astype(kind)).to(device)
            at += len(part)
        return whole

    x, y, z = on_device("gaze").unbind(-1)
    gaze = torch.stack([torch.arctan2(x, z), torch.arcsin(y.clip(-1, 1))], dim=-1).reshape(-1, 4)
    target = torch.cat([on_device("weights")[:, :51], TURN * on_device("turn"), GAZE * gaze], dim=1)
    half = {name: on_device(name, np.float16) for name in ("shape", "whole", "scores")}
    pictures = {name: on_device(name, np.float16) for name in PICTURES}
    person = np.concatenate(columns["person"]).astype(int)
    return Heads(
        **half, pictures=pictures, view=on_device("view"), target=target, side=on_device("side"), person=person
    )


class People:
    """Whose each row is, and what of somebody a performer's memory may hold."""

    def __init__(self, heads: Heads) -> None:
        people, of = np.unique(heads.person, return_inverse=True)
        order = np.argsort(of, kind="stable")
        begin = np.r_[0, np.cumsum(np.bincount(of))]
        self._rows = [order[begin[i] : begin[i + 1]] for i in range(len(people))]
        looks = torch.tensor([0.3 if name.startswith("eyeLook") else 1.0 for name in ARKIT[:51]])
        self._effort = (heads.target[:, :51].cpu() @ looks + 2 * (1 + heads.view[:, 8].cpu())).numpy()
        self.of = torch.from_numpy(of).to(heads.device)
        """(n,) whose row it is."""

    def remembered(self, seed: int, sets: int) -> tuple[list[Any], Tensor]:
        """So many memories of each in turn: the rows of each memory, and (people * sets, 1) how many, as the network
        counts them."""
        rng = np.random.default_rng(100 + seed)
        chosen = [remembered(rows, self._effort, rng) for rows in self._rows for _ in range(sets)]
        count = np.log1p(np.array([len(rows) for rows in chosen], np.float32)) / 4
        return chosen, torch.from_numpy(count).to(self.of.device)[:, None]


def remembered(rows: Any, effort: Any, rng: np.random.Generator) -> Any:
    """The moments, of all of one person's, that go into a memory: at rest more often than not; none now and then."""
    if rng.random() < 0.15:
        return rows[:0]
    many = min(len(rows), int(np.exp(rng.uniform(0, np.log(len(rows))))) + int(rng.random() < 0.7))
    if rng.random() < 0.6:
        return rows[np.argsort(effort[rows])][rng.integers(0, 4) :][:many]
    return rng.choice(rows, many, replace=False)
