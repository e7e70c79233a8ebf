"""Writes vts_phone.txt: a datagram a line, as each of the phone apps spells them.

    python tests/golden/make_vts_phone.py

No phone was at hand: fields, their order and the spellings are those of PROTOCOLS.md and of DenchiSoft's example.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vtuber.wire import ARKIT

FRAMES = Path(__file__).with_name("vts_phone.txt")
WEIGHTS = {name: round(i / 64, 4) for i, name in enumerate(ARKIT)} | {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 0.0}
"""A left wink, and every other shape a weight of its own."""


def vector(x: float, y: float, z: float) -> dict[str, float]:
    return {"x": x, "y": y, "z": z}


def frame(names: dict[str, str], face: bool = True) -> dict[str, Any]:
    """A head turned 20 degrees to the performer's left, 10 up, 5 to the right shoulder, moved 3 cm to the left."""
    return {
        "Timestamp": 1625405710728,
        "Hotkey": -1,
        "FaceFound": face,
        "Rotation": vector(20.0, -10.0, 5.0),
        "Position": vector(-3.0, 1.5, 42.0),
        "BlendShapes": [{"k": names[name], "v": WEIGHTS[name]} for name in ARKIT],
        "EyeLeft": vector(4.0, -2.0, 0.0),
        "EyeRight": vector(3.5, -2.0, 0.0),
    }


def spelled(name: str) -> str:
    """Android: some as eyeLookOut_L, some as EyeBlinkLeft."""
    for side in ("Left", "Right"):
        if name.endswith(side) and "Blink" not in name:
            return f"{name.removesuffix(side)}_{side[0]}"
    return name[0].upper() + name[1:] if "Blink" in name else name


def main() -> None:
    iphone = {name: name[0].upper() + name[1:] for name in ARKIT}
    frames = [
        frame(iphone),
        frame(iphone, face=False),
        frame({name: spelled(name) for name in ARKIT}),
        frame({name: name for name in ARKIT}),
    ]
    text = "".join(json.dumps(f, separators=(",", ":")) + "\n" for f in frames)
    FRAMES.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
