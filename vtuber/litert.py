"""A .tflite model as a function of arrays. The only file that imports LiteRT."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence

import numpy as np
from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-untyped]

from vtuber.stages import Floats


class Model:
    """One model with its own interpreter; not for use by two threads at a time."""

    def __init__(self, content: bytes, threads: int = 1, inner: Sequence[int] = ()) -> None:
        """
        Args:
            inner: tensors on the way to the outputs that `peek` is to show.
        """
        if inner:
            content = _with_outputs(content, inner)
        with _quiet():
            self._interpreter = Interpreter(model_content=content, num_threads=threads)
            self._interpreter.allocate_tensors()
            self._interpreter.invoke()  # the first run is slow, and nobody should wait for it
        details = self._interpreter.get_input_details()[0]
        self._input, self._shape = details["index"], tuple(int(n) for n in details["shape"])
        outputs = [o for o in self._interpreter.get_output_details() if o["index"] not in inner]
        self._outputs = [o["index"] for o in sorted(outputs, key=lambda o: str(o["name"]))]
        self.calls = 0
        """How often it ran."""

    def __call__(self, x: Floats) -> list[Floats]:
        """Run on one input of the model's own shape; copies of the outputs in the order of their names."""
        self._interpreter.set_tensor(self._input, x)
        return self.run()

    def input(self) -> Floats:
        """The model's own input, to be written in place. Let go of it before `run`: LiteRT refuses to run else."""
        view: Floats = self._interpreter.tensor(self._input)()
        return view

    def run(self) -> list[Floats]:
        """Run on what was written into `input`."""
        self._interpreter.invoke()
        self.calls += 1
        return [self._interpreter.get_tensor(i) for i in self._outputs]

    def peek(self, tensor: int) -> Floats:
        """An inner tensor of the last run, without its first axis: a view, to be let go of before the next run."""
        view: Floats = self._interpreter.tensor(tensor)()[0]
        return view

    def example(self) -> Floats:
        """An input of the right shape, for measuring."""
        return np.random.default_rng(0).random(self._shape, dtype=np.float32)


def _with_outputs(content: bytes, tensors: Sequence[int]) -> bytes:
    """The same model that also gives these tensors of its first graph.

    A flatbuffer's vector can be replaced by one at the end of the file; the layout is TensorFlow Lite's schema: the
    third field of the model holds its graphs, the third of a graph its outputs.
    """
    model = bytearray(content)

    def unsigned(at: int) -> int:
        return int.from_bytes(model[at : at + 4], "little")

    def field(table: int, number: int) -> int:
        fields = table - int.from_bytes(model[table : table + 4], "little", signed=True)
        place = fields + 4 + 2 * number
        return table + int.from_bytes(model[place : place + 2], "little")

    graphs = field(unsigned(0), 2)
    first = graphs + unsigned(graphs) + 4
    outputs = field(first + unsigned(first), 2)
    old = outputs + unsigned(outputs)
    kept = model[old + 4 : old + 4 + 4 * unsigned(old)]
    model += bytes(-len(model) % 4)
    new = len(model)
    count = unsigned(old) + len(tensors)
    model += count.to_bytes(4, "little") + kept + b"".join(t.to_bytes(4, "little") for t in tensors)
    model[outputs : outputs + 4] = (new - outputs).to_bytes(4, "little")
    return bytes(model)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """LiteRT writes which delegate it took straight to the process's stderr, and has no switch for it."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
