"""What a file says of the avatar in it, and whether it is one at all: nothing of it is believed before it is checked.

GLB: glTF 2.0 specification, section 4 (binary files). VRM's meta: the specifications of VRM 0.0 and VRMC_vrm-1.0.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

MOST_JSON = 64 * 2**20
"""Bytes of a GLB's JSON chunk; the largest avatars have some 5 MB."""
MOST_NODES = 20_000
"""Nodes of an avatar, bones among them; rich ones have a thousand."""
MOST_NUMBERS = 10_000_000
"""Vertices, indices or keys in one list of a GLB; rich avatars have some 100,000."""
MOST_FILES = 5000
MOST_UNPACKED = 2**30
"""Files in a zip, and their bytes in all."""
MOST_RATIO = 200
"""Nothing that belongs to an avatar shrinks to less than a two-hundredth."""
PIECE = 2**20
PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"RIFF": "image/webp",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
    b"\xabKTX 20\xbb\r\n\x1a\n": "image/ktx2",
}
"""How pictures begin."""
COMPONENTS = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
ELEMENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
"""glTF's types of numbers -> bytes, and of their groups -> how many."""
BEYOND = "is damaged: a part of it lies beyond its end"
IN_ZIP = (".vrm", ".glb", ".model3.json", ".pmx", ".pmd", ".png", ".webp", ".gif")
"""One of these makes a zip an avatar."""


class Meta(msgspec.Struct, frozen=True):
    """Whose avatar it is; "" where the file does not say."""

    title: str = ""
    author: str = ""
    licence: str = ""


def check(path: Path) -> tuple[str, Meta]:
    """The ending that suits the file, `.vrm` or `.zip`, and what it says of itself.

    Raises:
        ValueError: it is no avatar, or would harm who opens it; one sentence for the user.
    """
    with path.open("rb") as file:
        start = file.read(4)
        if start == b"glTF":
            return ".vrm", _vrm(file, path.stat().st_size)
    if start == b"PK\x03\x04":
        return ".zip", _zip(path)
    raise ValueError("is no avatar: neither a .vrm nor a .zip")


def picture_type(start: bytes) -> str | None:
    """The media type of a picture by its first bytes; None when it is none, such as HTML or SVG."""
    found = next((kind for magic, kind in PICTURES.items() if start.startswith(magic)), None)
    return None if found == "image/webp" and start[8:12] != b"WEBP" else found


def _vrm(file: BinaryIO, size: int) -> Meta:
    try:
        return _meta(_glb(file, size))
    except (TypeError, AttributeError, KeyError, IndexError, RecursionError):
        raise ValueError("is damaged: its description makes no sense") from None


def _glb(file: BinaryIO, size: int) -> dict[str, Any]:
    """Check the structure of a GLB file, and return its JSON. Whatever it holds of wrong types raises as it may."""
    file.seek(0)
    head = file.read(20)
    if len(head) < 20:
        raise ValueError("is damaged: it ends within its head")
    _, version, length, json_length, kind = struct.unpack("<4sIII4s", head)
    if version != 2 or kind != b"JSON":
        raise ValueError("is no glTF 2.0 file")
    if length > size or 20 + json_length > length or json_length > MOST_JSON:
        raise ValueError("is damaged: it says that it is longer than it is")
    try:
        told = msgspec.json.decode(file.read(json_length))
    except msgspec.DecodeError:
        raise ValueError("is damaged: its description cannot be read") from None
    binary = _binary(file, 20 + json_length, length)
    if not isinstance(told, dict):
        raise ValueError("is damaged: its description is none")
    _contents(told, file, *binary)
    return told


def _binary(file: BinaryIO, at: int, end: int) -> tuple[int, int]:
    """Where the second chunk begins, and its length; none has length 0."""
    if at + 8 > end:
        return at, 0
    file.seek(at)
    length, kind = struct.unpack("<I4s", file.read(8))
    if kind != b"BIN\x00":
        return at, 0
    if at + 8 + length > end:
        raise ValueError("is damaged: it says that it is longer than it is")
    return at + 8, length


def _contents(told: Mapping[str, Any], file: BinaryIO, start: int, length: int) -> None:
    extensions = told.get("extensions", {})
    if "VRM" not in extensions and "VRMC_vrm" not in extensions:
        raise ValueError("is a 3-D model, but no VRM avatar")
    if len(told.get("nodes", [])) > MOST_NODES or any(len(s["joints"]) > MOST_NODES for s in told.get("skins", [])):
        raise ValueError(f"has more than {MOST_NODES} bones")
    views = told.get("bufferViews", [])
    for view in views:
        offset, size = view.get("byteOffset", 0), view["byteLength"]
        if view.get("buffer", 0) == 0 and not (offset >= 0 and size >= 0 and offset + size <= length):
            raise ValueError(BEYOND)
    for accessor in told.get("accessors", []):
        _accessor(accessor, views)
    if any(not buffer.get("uri", "data:").startswith("data:") for buffer in told.get("buffers", [])):
        raise ValueError("keeps its shapes elsewhere: export it with everything in one file")
    for image in told.get("images", []):
        if "bufferView" not in image:
            raise ValueError("keeps its pictures elsewhere: export it with everything in one file")
        view = views[image["bufferView"]]
        file.seek(start + view.get("byteOffset", 0))
        if picture_type(file.read(16)) is None:
            raise ValueError("is damaged, or not to be trusted: one of its pictures is no picture")


def _accessor(accessor: Mapping[str, Any], views: Sequence[Mapping[str, Any]]) -> None:
    """A list of numbers lies within its part of the file; glTF 2.0, section 3.6.2."""
    count, size = accessor["count"], COMPONENTS[accessor["componentType"]] * ELEMENTS[accessor["type"]]
    if not 0 <= count <= MOST_NUMBERS:
        raise ValueError("is not to be trusted: it lists more numbers than any avatar has")
    if "bufferView" in accessor:
        view = views[accessor["bufferView"]]
        stride = view.get("byteStride", size)
        end = accessor.get("byteOffset", 0) + (count - 1) * stride + size
        if accessor.get("byteOffset", 0) < 0 or (count and end > view["byteLength"]):
            raise ValueError(BEYOND)


def _meta(told: Mapping[str, Any]) -> Meta:
    extensions = told["extensions"]
    new = extensions.get("VRMC_vrm", {}).get("meta")
    meta = new or extensions.get("VRM", {}).get("meta") or {}
    if new:
        authors = meta.get("authors")
        author = ", ".join(map(str, authors)) if isinstance(authors, list) else ""
        return Meta(_text(meta.get("name")), _text(author), _text(meta.get("licenseUrl")))
    return Meta(_text(meta.get("title")), _text(meta.get("author")), _text(meta.get("licenseName")))


def _text(value: object) -> str:
    """A line for people, whatever stood in the file."""
    return "".join(c for c in str(value or "") if c.isprintable())[:120]


def _zip(path: Path) -> Meta:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES:
                raise ValueError(f"holds more than {MOST_FILES} files")
            if not any(entry.filename.lower().endswith(IN_ZIP) for entry in entries):
                raise ValueError("holds no avatar")
            for entry in entries:
                _entry(entry)
            if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise ValueError("is too large when it is unpacked")
            for entry in entries:
                _unpacked(archive, entry)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as e:
        raise ValueError(f"is damaged: {e}") from None
    return Meta()


def _entry(entry: zipfile.ZipInfo) -> None:
    parts = entry.filename.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or ":" in parts[0]:
        raise ValueError("is not to be trusted: a file in it points out of the folder")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ValueError("is not to be trusted: it holds a symbolic link")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("is packed in a way that browsers do not unpack: make an ordinary zip")
    if entry.flag_bits & 1:
        raise ValueError("is locked with a password")
    if entry.file_size > MOST_RATIO * max(1, entry.compress_size) and entry.file_size > PIECE:
        raise ValueError("is not to be trusted: it unpacks to far more than it should")


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Read it once: its length and its sum are what they are said to be, and a picture is a picture."""
    if entry.is_dir():
        return
    ending = entry.filename.lower().rsplit(".", 1)[-1]
    with archive.open(entry) as file:
        start = file.read(16)
        if ending in ("png", "jpg", "jpeg", "webp", "gif") and picture_type(start) is None:
            raise ValueError(f"is not to be trusted: {Path(entry.filename).name} is no picture")
        read = len(start)
        while piece := file.read(PIECE):
            read += len(piece)
            if read > entry.file_size:
                raise ValueError("is not to be trusted: it unpacks to more than it says")
