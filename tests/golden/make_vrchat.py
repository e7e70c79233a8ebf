"""Writes vrchat.bin and vrchat.json, in the form of vmc.bin and vmc.json: the state of make_vmc.py as VRChat gets it.

    python tests/golden/make_vrchat.py

First to an avatar that nobody knows, with three bits beside every number; then to one that has a few parameters, and
then the same state again, of which nothing but the eyes is news.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

import make_vmc

from vtuber.protocols import osc, vrchat

PACKETS, TRUTH = Path(__file__).with_name("vrchat.bin"), Path(__file__).with_name("vrchat.json")
KNOWN = {
    "/avatar/parameters/FT/v2/JawOpen": "f",
    "/avatar/parameters/FT/v2/EyeLeftX": "f",
    "/avatar/parameters/v2/SmileFrownLeft1": "T",
    "/avatar/parameters/v2/SmileFrownLeft2": "F",
    "/avatar/parameters/v2/SmileFrownLeft4": "T",
    "/avatar/parameters/v2/SmileFrownLeftNegative": "T",
    "/avatar/parameters/EyeTrackingActive": "F",
    "/avatar/parameters/VRCEmote": "i",
    "/avatar/parameters/v2/JawOpen": "i",
    "/avatar/parameters/v2/Whiskers": "f",
}


def packets() -> list[bytes]:
    state = make_vmc.turned()
    blind, knowing = vrchat.Writer(vrchat.plan_blind("FT/", 3)), vrchat.Writer(vrchat.plan_for(KNOWN))
    said = [blind.messages(state), knowing.messages(state), knowing.messages(state)]
    return [packet for messages in said for packet in osc.bundles(messages)]


def main() -> None:
    found = packets()
    PACKETS.write_bytes(b"".join(struct.pack("<I", len(p)) + p for p in found))
    text = json.dumps(make_vmc.truth(found), separators=(",", ":")).replace("]],", "]],\n")
    TRUTH.write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
