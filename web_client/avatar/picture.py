"""Pictures as float arrays, and the PNG writer."""

import struct
import zlib

import numpy as np

from .arrays import Floats


def color(code: str) -> Floats:
    """'#rrggbb' as sRGB (3,) in 0..1."""
    return np.array([int(code[k : k + 2], 16) for k in (1, 3, 5)]) / 255


def linear(code: str) -> list[float]:
    """'#rrggbb' as linear light, as glTF factors are."""
    c = color(code)
    return [round(float(v), 5) for v in np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)]


def canvas(width: int, height: int, code: str) -> tuple[Floats, Floats, Floats]:
    """A (height, width, 3) picture of one colour, and the u and v (height, width) of its pixel centres in 0..1."""
    u, v = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    return np.tile(color(code), (height, width, 1)), u, v


def over(picture: Floats, code: str, alpha: Floats) -> Floats:
    """The picture with a colour laid over it by alpha (height, width)."""
    a = np.clip(alpha, 0, 1)[..., None]
    return np.asarray(picture + (color(code) - picture) * a)


def ramp(codes: list[str], stops: list[float], t: Floats) -> Floats:
    """A gradient through colours at stops, at t (h, w): (h, w, 3)."""
    colors = np.array([color(code) for code in codes])
    return np.stack([np.interp(t, stops, colors[:, k]) for k in range(3)], -1)


def png(picture: Floats) -> bytes:
    """An 8-bit PNG of an (h, w, 3) or (h, w, 4) picture in 0..1, rows stored as differences upwards."""
    pixels = np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    height, width, channels = pixels.shape
    rows = pixels.reshape(height, -1)
    up = np.diff(rows, axis=0, prepend=np.zeros((1, rows.shape[1]), np.uint8))
    filtered = np.concatenate([np.full((height, 1), 2, np.uint8), up], 1).tobytes()

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(filtered, 6)) + chunk(b"IEND", b"")
    )
