"""Writes openvtuber.json: the event for a turned head with a left wink, worked out here by matrices.

python tests/golden/make_openvtuber.py
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

RESULT = Path(__file__).with_name("openvtuber.json")


def main() -> None:
    # 20 degrees to the left about y, then 10 up about x, then 5 to the left shoulder about z, each about the head's
    # own axes; in three.js's XYZ they have other values.
    turned = Rotation.from_euler("YXZ", [20, -10, -5], degrees=True)
    euler = [round(float(a), 4) for a in turned.as_euler("XYZ", degrees=True)]
    eye = [round(float(np.radians(15)), 4), round(float(np.radians(10)), 4)]
    told = {"euler": euler, "eye": eye, "mouth": round(0.35 / 0.85, 4), "blink": [0.0, 0.3]}
    RESULT.write_text(json.dumps(["result_data", told], separators=(",", ":")) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
