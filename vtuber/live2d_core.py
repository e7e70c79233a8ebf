"""Live2D's Core, without which no Live2D avatar is drawn: taken from the user, looked over, kept in the data folder.

Its licence does not let a program that opens its users' own models bring it along, so everybody downloads it once from
Live2D, in the SDK for Web, and hands it over: `vtuber live2d-core FILE`, or dropped on the page.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import platformdirs

from vtuber.stages import VTuberError

NAME = "live2dcubismcore.min.js"
"""As Live2D calls it."""
LARGEST = 8 << 20
"""Bytes. The Core of the SDK 5 has about 200 kB, larger in its readable form."""
LARGEST_SDK = 1 << 30
SDK_PAGE = "https://www.live2d.com/en/sdk/download/web/"
MARKS = ("Live2DCubismCore", "csmGetLatestMocVersion", "csmUpdateModel")
"""What the Core defines, and two of the functions in it that a model cannot do without."""


def folder() -> Path:
    return platformdirs.user_data_path("vtuber") / "live2d"


def path() -> Path | None:
    """The kept Core; None when there is none yet."""
    file = folder() / NAME
    return file if file.is_file() else None


def check(content: bytes, name: str = NAME) -> str:
    """Look a file over; returns which models it reads, "Cubism 5.0".

    Raises:
        VTuberError: it is not Live2D's Core.
    """
    if len(content) > LARGEST:
        raise VTuberError(f"{name} is not Live2D's Core: it is larger than {LARGEST >> 20} MB")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text.lstrip()[:1] in ("", "<", "{") or "\0" in text or not all(mark in text for mark in MARKS):
        raise VTuberError(
            f"{name} is not Live2D's Core: give {NAME}, or the SDK for Web that holds it, from {SDK_PAGE}"
        )
    newest = max(((int(a), int(b)) for a, b in re.findall(r"\bMocVersion_([1-9])([0-9])\b", text)), default=None)
    return f"Cubism {newest[0]}.{newest[1]}" if newest else "Cubism 3"


def read(file: Path) -> bytes:
    """The Core out of a file of the user's: itself, or the SDK's zip.

    Raises:
        VTuberError: it cannot be read, or holds no Core.
    """
    try:
        if not zipfile.is_zipfile(file):
            with file.open("rb") as stream:
                return stream.read(LARGEST + 1)
        if file.stat().st_size > LARGEST_SDK:
            raise VTuberError(f"{file} is too large for Live2D's SDK for Web")
        return _from_zip(file)
    except OSError as e:
        raise VTuberError(f"{file} cannot be read: {e.strerror or e}") from None


def _from_zip(file: Path) -> bytes:
    try:
        with zipfile.ZipFile(file) as archive:
            inside = [entry for entry in archive.infolist() if entry.filename.replace("\\", "/").endswith(f"/{NAME}")]
            inside += [entry for entry in archive.infolist() if entry.filename == NAME]
            if not inside:
                raise VTuberError(f"{file} holds no {NAME}: it is not Live2D's SDK for Web, from {SDK_PAGE}")
            with archive.open(inside[0]) as stream:
                return stream.read(LARGEST + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as e:
        raise VTuberError(f"{file} is a damaged zip ({e}): download it again") from None


def keep(content: bytes, name: str = NAME) -> str:
    """Check a Core and put it into the data folder, in place of an older one; returns which models it reads.

    Raises:
        VTuberError: it is not Live2D's Core, or cannot be written.
    """
    reads = check(content, name)
    target = folder() / NAME
    fresh = target.with_suffix(".new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(content)
        fresh.replace(target)  # a page that asks for it now gets the old one or the new one, never half of one
    except OSError as e:
        raise VTuberError(f"{target} cannot be written: {e.strerror or e}") from None
    return reads
