"""Writes vtuber_unity.bin: the messages of a turned head with a left wink, and of a face at rest.

    python tests/golden/make_vtuber_unity.py

The numbers are worked out here, not by the code that is tested.
"""

from __future__ import annotations

from pathlib import Path

MESSAGES = Path(__file__).with_name("vtuber_unity.bin")
# roll to the right shoulder, pitch up, yaw to the right, eye, mouth, width of the mouth, iris x and y
TURNED = (-5.0, 10.0, -20.0, 0.1, 0.3 + 0.5 * 0.35 / 0.7, 0.25 + 0.13 * 0.25, 0.5 + 15 / 60, 0.5 + 10 / 60)
AT_REST = (0.0, 0.0, 0.0, 0.3, 0.3, 0.25, 0.5, 0.5)


def main() -> None:
    lines = (" ".join(f"{v:.4f}" for v in values) for values in (TURNED, AT_REST))
    MESSAGES.write_bytes(b"".join(line.encode("ascii").ljust(63) + b"\n" for line in lines))


if __name__ == "__main__":
    main()
