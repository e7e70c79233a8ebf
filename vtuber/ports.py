"""Who listens on a port of this computer, as far as the system tells: Linux does, of our own user's programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal


def holder(port: int, kind: Literal["udp", "tcp"], processes: Path = Path("/proc")) -> str:
    """`obs (process 1234)`; "" where nobody does, or nobody says."""
    inodes = {f"socket:[{inode}]" for name in (kind, f"{kind}6") for inode in _inodes(processes / "net" / name, port)}
    if not inodes:
        return ""
    for process in processes.glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        try:
            if any(os.readlink(handle) in inodes for handle in (process / "fd").iterdir()):
                name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
                return f"{name} (process {process.name})"
        except OSError:  # it ended meanwhile, or is somebody else's
            continue
    return ""


def _inodes(table: Path, port: int) -> list[str]:
    """The sockets bound to the port. The tables: proc(5), /proc/net/tcp."""
    try:
        lines = table.read_text(encoding="ascii", errors="replace").splitlines()[1:]
    except OSError:
        return []
    rows = [line.split() for line in lines]
    listens = ("0A", "07")  # of TCP and UDP
    return [row[9] for row in rows if len(row) > 9 and row[1].endswith(f":{port:04X}") and row[3] in listens]
