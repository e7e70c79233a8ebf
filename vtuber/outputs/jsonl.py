"""States as JSON Lines in a file, one a line, as they leave: to look at, to plot, to replay."""

from __future__ import annotations

from pathlib import Path

import msgspec

from vtuber import stages, wire
from vtuber.stages import VTuberError
from vtuber.wire import AvatarState


class Output(stages.Output):
    """Writes to a file. The argument is its path.

    append: add to the file instead of beginning it anew
    """

    def __init__(self, argument: str = "", *, append: bool = False) -> None:
        if not argument:
            raise VTuberError("output jsonl needs a file: --output jsonl:states.jsonl")
        try:
            self._file = Path(argument).open("ab" if append else "wb")  # noqa: SIM115 - closed by close()
        except OSError as e:
            raise VTuberError(f"{argument} cannot be written: {e.strerror}") from None

    def send(self, state: AvatarState) -> None:
        self._file.write(msgspec.json.encode(wire.to_json(state)) + b"\n")

    def close(self) -> None:
        self._file.close()
