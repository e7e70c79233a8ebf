"""Writes states.csv by the output itself; look at the difference before you keep it.

python tests/golden/make_states.py
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from apps import turned

from vtuber.outputs.csv import Output


def main() -> None:
    output = Output(str(Path(__file__).with_name("states.csv")))
    output.send(turned())
    output.send(turned("lost", person=1))
    output.close()


if __name__ == "__main__":
    main()
