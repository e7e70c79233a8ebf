"""What networks that were learned before say of the same heads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from calibration.learning.inputs import ROWS_AT_ONCE, Memories, components_of, means
from calibration.learning.seen import Heads
from vtuber.stages import Floats

Tensor = torch.Tensor


class Teacher:
    """A network that calibration.learning.learn wrote, and every face as its first layer gets it."""

    def __init__(self, heads: Heads, path: Path) -> None:
        with np.load(path) as file:
            w = {name: torch.tensor(file[name].astype(np.float32), device=heads.device) for name in file.files}
        every = torch.arange(len(heads.person)).split(ROWS_AT_ONCE)
        self._code = torch.cat([coded(heads, w, rows).half() for rows in every])
        self._view = (heads.view - w["view_mean"]) / w["view_spread"]
        self._seen = torch.cat([w["code_in"], w["spots_in"], w["view_in"][:-1]])
        self._kept = torch.cat([w["memory_in"] - w["code_in"], -w["spots_in"]])
        self._counted, self._zero = w["view_in"][-1], w["in_zero"]
        self._layers = [(w["middle"], w["middle_zero"]), (w["out"], w["out_zero"])]

    def remember(self, memories: Memories) -> None:
        """The same moments of each person, in this network's own code."""
        self._familiar = means(self._code, memories.chosen).float() @ self._kept + memories.count * self._counted

    def __call__(self, rows: Tensor, memories: Tensor) -> Tensor:
        """(n, 58) of some rows, each with one of its person's memories."""
        x = torch.cat([self._code[rows].float(), self._view[rows]], dim=1) @ self._seen
        x = x + self._zero + self._familiar[memories]
        for matrix, zero in self._layers:
            x = functional.leaky_relu(x, 0.1) @ matrix + zero
        return x


def coded(heads: Heads, w: dict[str, Tensor], rows: Tensor) -> Tensor:
    """(n, codes + 1584), as acting.Network.code."""
    code = components_of(heads, rows, (w["points_mean"], w["points_to"]), (w["maps_mean"], w["maps_to"]))
    parts = [(code - w["code_mean"]) / w["code_spread"]]
    for name, picture in heads.pictures.items():
        parts.append(((picture[rows].float() - w[f"{name}_mean"]) @ w[f"{name}_to"] + w[f"{name}_zero"]).flatten(1))
    return torch.cat(parts, dim=1)


def said_by(teachers: list[Teacher], rows: Tensor, memories: Tensor) -> Floats:
    """(n, 58) what they say in the mean."""
    parts = [
        sum(teacher(some, those) for teacher in teachers) / len(teachers)
        for some, those in zip(rows.split(ROWS_AT_ONCE), memories.split(ROWS_AT_ONCE), strict=True)
    ]
    return torch.cat(parts)  # type: ignore[arg-type,return-value]
