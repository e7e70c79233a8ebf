"""A .tflite model as a function of arrays. The only file that imports LiteRT."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-untyped]

Floats = npt.NDArray[np.float32]


class Model:
    """One model with its own interpreter; not for use by two threads at a time."""

    def __init__(self, content: bytes, threads: int = 1) -> None:
        with _quiet():
            self._interpreter = Interpreter(model_content=content, num_threads=threads)
            self._interpreter.allocate_tensors()
            self._interpreter.invoke()  # the first run is slow, and nobody should wait for it
        details = self._interpreter.get_input_details()[0]
        self._input, self._shape = details["index"], tuple(int(n) for n in details["shape"])
        outputs = self._interpreter.get_output_details()
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

    def example(self) -> Floats:
        """An input of the right shape, for measuring."""
        return np.random.default_rng(0).random(self._shape, dtype=np.float32)


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
