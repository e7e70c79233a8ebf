"""Writes .moc3, Live2D's model file, of its first version: enough of it for a model of the tests' own.

The file: 64 bytes of head, a table of 160 offsets, and from byte 1984 on the sections, one array each, whose lengths
stand in the first. Each keyform of a mesh is its vertices for one combination of its parameters' keys; of several
parameters the first one's key changes fastest.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
"""(N, 2) x right, y up, in units of the canvas from its middle."""

HEAD, OFFSETS, BODY, ALIGN = 64, 160, 1984, 64
ADDITIVE, MULTIPLICATIVE, DOUBLE_SIDED, INVERTED_MASK = 1, 2, 4, 8


@dataclass(frozen=True)
class Parameter:
    id: str
    minimum: float
    default: float
    maximum: float
    keys: tuple[float, ...]


@dataclass(frozen=True)
class Mesh:
    id: str
    part: int
    uvs: Points
    """(N, 2) of the texture, v from its lower edge."""
    indices: Sequence[int]
    shape: Callable[[Mapping[str, float]], Points]
    """The vertices (N, 2) for values of the parameters that move it."""
    moved_by: Sequence[str] = ()
    flags: int = DOUBLE_SIDED
    masks: Sequence[int] = ()
    """Of other meshes."""
    order: float = 500.0
    """Of drawing: 200 first, 1000 last."""


@dataclass
class Sections:
    """The arrays after the lengths, in the file's order."""

    content: list[bytes] = field(default_factory=list)

    def ints(self, *values: int) -> None:
        self.content.append(struct.pack(f"<{len(values)}i", *values))

    def floats(self, *values: float) -> None:
        self.content.append(struct.pack(f"<{len(values)}f", *values))

    def shorts(self, *values: int) -> None:
        self.content.append(struct.pack(f"<{len(values)}h", *values))

    def names(self, *values: str) -> None:
        self.content.append(b"".join(value.encode().ljust(64, b"\0") for value in values))

    def space(self, count: int) -> None:
        """Room for what the Core makes of each entry when it opens the file."""
        self.content.append(bytes(8 * count))

    def empty(self, count: int) -> None:
        self.content.extend([b""] * count)


def moc3(
    parts: Sequence[str], parameters: Sequence[Parameter], meshes: Sequence[Mesh], size: int, version: int = 1
) -> bytes:
    """A model on a square canvas of so many pixels, which are one unit."""
    bands = [(), *dict.fromkeys(tuple(mesh.moved_by) for mesh in meshes if mesh.moved_by)]
    place = {parameter.id: i for i, parameter in enumerate(parameters)}
    forms = [_keyforms(mesh, [parameters[place[name]] for name in mesh.moved_by]) for mesh in meshes]
    positions = [form for mesh in forms for form in mesh]
    out = Sections()
    out.content.append(bytes(128))  # the lengths, when they are known
    out.content.append(struct.pack("<5f", size, size / 2, size / 2, size, size).ljust(64, b"\0"))
    _parts(out, parts)
    out.empty(9 + 6 + 4)  # no deformers: neither warps nor rotations
    _meshes(out, meshes, forms, bands)
    _parameters(out, parameters)
    out.floats(*[500.0] * len(parts))
    out.empty(2 + 7)
    out.floats(*[1.0] * len(positions))
    out.floats(*[mesh.order for mesh, its in zip(meshes, forms, strict=True) for _ in its])
    out.ints(*_begins([form.size for form in positions]))
    # The file's y goes down.
    out.floats(*np.concatenate([(form * (1, -1)).ravel() for form in positions]))
    out.ints(*[place[name] for band in bands for name in band])
    out.ints(*_begins([len(band) for band in bands]))
    out.ints(*[len(band) for band in bands])
    keys = [len(parameter.keys) for parameter in parameters]
    out.ints(*_begins(keys))
    out.ints(*keys)
    out.floats(*[key for parameter in parameters for key in parameter.keys])
    out.floats(*np.concatenate([((0, 1) + mesh.uvs * (1, -1)).ravel() for mesh in meshes]))
    out.shorts(*[index for mesh in meshes for index in mesh.indices])
    out.ints(*[mask for mesh in meshes for mask in mesh.masks])
    count = len(meshes)
    for value in (0, count, count, 1000, 200):
        out.ints(value)  # one group of all meshes, ordered by their own numbers
    out.ints(*[0] * count)
    out.ints(*reversed(range(count)))
    out.ints(*[-1] * count)
    out.empty(9 + 2 + 1)  # no glue
    lengths = [0] * 23
    lengths[0], lengths[4], lengths[5], lengths[6] = len(parts), count, len(parameters), len(parts)
    lengths[9], lengths[10] = len(positions), sum(form.size for form in positions)
    lengths[11], lengths[12], lengths[13] = sum(map(len, bands)), len(bands), len(parameters)
    lengths[14], lengths[15] = sum(keys), sum(mesh.uvs.size for mesh in meshes)
    lengths[16], lengths[17] = sum(len(mesh.indices) for mesh in meshes), sum(len(mesh.masks) for mesh in meshes)
    lengths[18], lengths[19] = 1, count
    out.content[0] = struct.pack("<23i", *lengths).ljust(128, b"\0")
    return _joined(out.content, version)


def _joined(content: Sequence[bytes], version: int) -> bytes:
    offsets, body = [], bytearray()
    for section in content:
        offsets.append(BODY + len(body))
        body += section.ljust(-(-len(section) // ALIGN) * ALIGN, b"\0")
    head = b"MOC3" + bytes([version, 0])
    table = struct.pack(f"<{OFFSETS}I", *offsets, *[0] * (OFFSETS - len(offsets)))
    return (head.ljust(HEAD, b"\0") + table).ljust(BODY, b"\0") + bytes(body)


def _keyforms(mesh: Mesh, moved_by: Sequence[Parameter]) -> list[Points]:
    combinations = itertools.product(*[parameter.keys for parameter in reversed(moved_by)])
    names = [parameter.id for parameter in reversed(moved_by)]
    return [mesh.shape(dict(zip(names, keys, strict=True))) for keys in combinations]


def _begins(lengths: Sequence[int]) -> list[int]:
    return [0, *itertools.accumulate(lengths)][:-1]


def _parts(out: Sections, parts: Sequence[str]) -> None:
    count = len(parts)
    out.space(count)
    out.names(*parts)
    out.ints(*[0] * count)
    out.ints(*range(count))
    for value in (1, 1, 1, -1):  # keyforms, visible, enabled, parent
        out.ints(*[value] * count)


def _meshes(
    out: Sections, meshes: Sequence[Mesh], forms: Sequence[Sequence[Points]], bands: Sequence[tuple[str, ...]]
) -> None:
    count = len(meshes)
    for _ in range(4):
        out.space(count)
    out.names(*[mesh.id for mesh in meshes])
    out.ints(*[bands.index(tuple(mesh.moved_by)) for mesh in meshes])
    out.ints(*_begins([len(its) for its in forms]))
    out.ints(*[len(its) for its in forms])
    out.ints(*[1] * count)
    out.ints(*[1] * count)
    out.ints(*[mesh.part for mesh in meshes])
    out.ints(*[-1] * count)
    out.ints(*[0] * count)
    out.content.append(bytes(mesh.flags for mesh in meshes))
    out.ints(*[len(mesh.uvs) for mesh in meshes])
    out.ints(*_begins([mesh.uvs.size for mesh in meshes]))
    out.ints(*_begins([len(mesh.indices) for mesh in meshes]))
    out.ints(*[len(mesh.indices) for mesh in meshes])
    out.ints(*_begins([len(mesh.masks) for mesh in meshes]))
    out.ints(*[len(mesh.masks) for mesh in meshes])


def _parameters(out: Sections, parameters: Sequence[Parameter]) -> None:
    count = len(parameters)
    out.space(count)
    out.names(*[parameter.id for parameter in parameters])
    out.floats(*[parameter.maximum for parameter in parameters])
    out.floats(*[parameter.minimum for parameter in parameters])
    out.floats(*[parameter.default for parameter in parameters])
    out.ints(*[0] * count)
    out.ints(*[3] * count)
    out.ints(*range(count))
    out.ints(*[1] * count)
