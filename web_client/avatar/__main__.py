"""python web_client/avatar OUT.vrm [--vrm0]: writes the default avatar."""

import argparse
import sys
from pathlib import Path

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from avatar import make


def main() -> None:
    parser = argparse.ArgumentParser(prog="avatar", description="Write the default avatar.")
    parser.add_argument("out", type=Path, help="the .vrm file to write")
    parser.add_argument("--vrm0", action="store_true", help="write VRM 0.x instead of VRM 1.0")
    options = parser.parse_args()
    path = make.build(options.out, vrm0=options.vrm0)
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
