"""Zips of avatars, and one that lies."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

CENTRAL = b"PK\x01\x02"
SIZE_AT = 24
"""Where an entry of the zip's list says how large the file will be (APPNOTE.TXT, 4.3.12)."""
ENDLESS = "more than any avatar needs"
"""What the page says of `endless`."""


def zipped(files: Mapping[str, bytes], folder: str = "") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(folder + name, content)
    return packed.getvalue()


def endless(name: str) -> bytes:
    """A zip of a few kilobytes with one file, which says to be of two gigabytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, bytes(1 << 20))
    data = bytearray(packed.getvalue())
    size = data.rindex(CENTRAL) + SIZE_AT
    data[size : size + 4] = (1 << 31).to_bytes(4, "little")
    return bytes(data)
