"""Live2D's Core for the tests: out of an npm package that is there for the tests alone, and never leaves them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "web_client" / "node_modules" / "oh-my-live2d" / "dist" / "index.js"
"""A widget with the Core 5.0 among its own code (see web_client/package.json)."""
BEGIN, END = "\nvar lh;\n(function(i) {", "\nwindow.Live2DCubismCore = lh;\n"


def core() -> bytes:
    """The Core as a script of its own; skips without the package, in continuous integration fails."""
    if not PACKAGE.is_file():
        reason = "needs Live2D's Core of the npm packages: npm ci in web_client"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    text = PACKAGE.read_text(encoding="utf-8")
    begin, end = text.index(BEGIN), text.index(END)
    return f"(function() {{{text[begin:end]}{END}}})();\n".encode()
