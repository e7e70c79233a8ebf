"""`vtuber run` as a user starts it: a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


FOLDERS = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "LOCALAPPDATA")
"""The variables that say where a user's files lie, on every system."""


class Driver:
    """Runs until `stop`. `url` is the page that it printed.

    home: where it keeps its files; nothing is this user's own place.
    """

    def __init__(self, *arguments: str, home: Path | None = None) -> None:
        command = [sys.executable, "-u", "-m", "vtuber", "run", "--no-browser", "--port", "0", *arguments]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | (dict.fromkeys(FOLDERS, str(home)) if home else {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.lines: list[str] = []
        self._told = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._told.wait(PATIENCE_S)
        found = re.search(r"^viewer: (http://\S+)$", "\n".join(self.lines), re.MULTILINE)
        if not found:
            self._process.kill()
            raise AssertionError("vtuber run told no address:\n" + "\n".join(self.lines))
        self.url = found[1]

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("viewer: "):
                self._told.set()
        self._told.set()

    def stop(self) -> int:
        """Ctrl-C, as the user ends it; the exit code."""
        if sys.platform == "win32":
            self._process.terminate()
        else:
            self._process.send_signal(signal.SIGINT)
        try:
            code = self._process.wait(PATIENCE_S)
        finally:
            self._process.kill()
            self._reader.join(PATIENCE_S)
        return code
