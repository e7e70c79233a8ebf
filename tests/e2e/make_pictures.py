"""A picture avatar of our own, drawn by numbers: for the tests of such avatars, and for docs/picture-avatars.md.

python -m tests.e2e.make_pictures FOLDER: writes its layers there, and into FOLDER/whole the same as whole pictures.
python -m tests.e2e.make_pictures docs/picture-avatars.png: shows both, for the page about such avatars.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from .viewer import Picture

Floats = npt.NDArray[np.float64]
Points = list[tuple[float, float]]
Colour = tuple[int, int, int]

SPAN = 1000
"""Width and height of the drawing in its own measure."""
FINER = 3
"""So many points to one while it is drawn: smooth edges."""

LINE: Colour = (74, 52, 74)
SKIN: Colour = (255, 226, 208)
SKIN_SHADE: Colour = (247, 196, 180)
HAIR: Colour = (126, 214, 204)
HAIR_LIGHT: Colour = (178, 240, 228)
HAIR_SHADE: Colour = (86, 176, 176)
INNER_EAR: Colour = (255, 186, 192)
HOOD: Colour = (255, 241, 226)
HOOD_SHADE: Colour = (236, 210, 196)
SHIRT: Colour = (248, 132, 130)
IRIS: Colour = (108, 84, 178)
IRIS_LIGHT: Colour = (184, 142, 240)
WHITE: Colour = (255, 255, 255)
MOUTH: Colour = (176, 62, 84)
TONGUE: Colour = (246, 130, 134)
EYES = (384.0, 616.0)
EYE_Y = 540.0


def curve(points: Points, closed: bool = True) -> Floats:
    """(N, 2) a smooth line through the points (Catmull-Rom)."""
    p = np.array(points, float)
    ends = np.vstack([p[-1], p, p[:2]]) if closed else np.vstack([p[0], p, p[-1]])
    t = np.linspace(0, 1, 16, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    if not closed:
        parts.append(p[-1:])
    return np.vstack(parts)


def oval(x: float, y: float, rx: float, ry: float) -> Floats:
    """(64, 2)"""
    turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    return np.stack([x + rx * np.cos(turn), y + ry * np.sin(turn)], axis=1)


def flipped(points: Points) -> Points:
    return [(SPAN - x, y) for x, y in points]


class Sheet:
    """One transparent picture."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._rgba = np.zeros((size * FINER, size * FINER, 4), np.float32)

    def fill(self, outline: Floats, colour: Colour, line: float = 0.0, alpha: float = 1.0) -> Sheet:
        """Paint a shape, and a line round it of that width."""
        place, start = self._place(outline, 2)
        mask = np.zeros(self._rgba[place].shape[:2], np.uint8)
        cv2.fillPoly(mask, [self._fixed(outline, start)], 255, cv2.LINE_AA, 4)
        self._paint(place, mask / np.float32(255), colour, alpha)
        return self.stroke(outline, line, closed=True) if line else self

    def stroke(self, path: Floats, width: float, colour: Colour = LINE, closed: bool = False) -> Sheet:
        thickness = max(1, round(width * self._scale))
        place, start = self._place(path, thickness)
        mask = np.zeros(self._rgba[place].shape[:2], np.uint8)
        cv2.polylines(mask, [self._fixed(path, start)], closed, 255, thickness, cv2.LINE_AA, 4)
        self._paint(place, mask / np.float32(255), colour, 1.0)
        return self

    def glow(self, x: float, y: float, rx: float, ry: float, colour: Colour, alpha: float) -> Sheet:
        """A soft spot."""
        place, start = self._place(oval(x, y, 2 * rx, 2 * ry), 0)
        rows, columns = (np.indices(self._rgba[place].shape[:2]) + start[::-1, None, None]) / self._scale
        self._paint(place, np.exp(-2.5 * (((columns - x) / rx) ** 2 + ((rows - y) / ry) ** 2)), colour, alpha)
        return self

    def over(self, below: Sheet) -> Sheet:
        """The two on top of each other."""
        both = Sheet(self._size)
        both._rgba = self._rgba + below._rgba * (1 - self._rgba[..., 3:])
        return both

    def done(self) -> Picture:
        """(size, size, 4) RGBA, straight alpha."""
        small = cv2.resize(self._rgba, (self._size, self._size), interpolation=cv2.INTER_AREA)
        alpha = small[..., 3:]
        colour = np.divide(small[..., :3], alpha, out=np.zeros_like(small[..., :3]), where=alpha > 1e-3)
        return np.asarray(np.concatenate([colour, alpha], axis=2).clip(0, 1) * 255, np.uint8)

    @property
    def _scale(self) -> float:
        return self._size * FINER / SPAN

    def _place(self, path: Floats, margin: int) -> tuple[tuple[slice, slice], npt.NDArray[np.int64]]:
        """The part of the picture that a path lies in, and its upper left corner (x, y), points."""
        low = np.maximum(np.floor(path.min(axis=0) * self._scale).astype(int) - margin, 0)
        high = np.maximum(np.ceil(path.max(axis=0) * self._scale).astype(int) + margin + 1, low + 1)
        return (slice(low[1], high[1]), slice(low[0], high[0])), low

    def _fixed(self, path: Floats, start: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        return np.asarray(((path * self._scale - start) * 16).round(), np.int32)

    def _paint(self, place: tuple[slice, slice], mask: npt.NDArray[np.floating], colour: Colour, alpha: float) -> None:
        share = (mask * alpha)[..., None].astype(np.float32)
        painted = np.concatenate([np.asarray(colour, np.float32) / 255 * share, share], axis=2)
        self._rgba[place] = painted + self._rgba[place] * (1 - share)


def hair_back(s: Sheet) -> Sheet:
    locks: Points = [(500, 150), (250, 210), (170, 430), (165, 640), (120, 800), (200, 790), (235, 850), (310, 800)]
    locks += [(500, 830)] + flipped(locks[1:])[::-1]
    return s.fill(curve(locks), HAIR_SHADE, 9)


def body(s: Sheet) -> Sheet:
    shoulders: Points = [
        (500, 745),
        (340, 800),
        (235, 850),
        (185, 940),
        (165, 1080),
        (835, 1080),
        (815, 940),
        (765, 850),
        (660, 800),
    ]
    s.fill(curve(shoulders), HOOD, 9)
    s.fill(curve([(410, 760), (590, 760), (560, 880), (500, 930), (440, 880)]), SHIRT, 7)
    s.fill(curve([(435, 690), (565, 690), (560, 790), (500, 830), (440, 790)]), SKIN_SHADE, 0)
    for side in (1, -1):
        lapel: Points = [
            (500 - side * 78, 745),
            (500 - side * 165, 800),
            (500 - side * 150, 870),
            (500 - side * 30, 960),
            (500, 935),
            (500 - side * 62, 850),
        ]
        s.fill(curve(lapel), HOOD_SHADE, 7)
        s.stroke(np.array([(500 - side * 40, 945), (500 - side * 46, 1000)]), 8, SHIRT)
        s.fill(oval(500 - side * 47, 1000, 11, 15), SHIRT, 4)
    return s


def head(s: Sheet) -> Sheet:
    ear: Points = [(255, 330), (215, 190), (225, 85), (320, 130), (420, 225)]
    inner: Points = [(275, 290), (248, 190), (252, 135), (315, 170), (370, 235)]
    for points, colour, line in ((ear, HAIR, 9.0), (inner, INNER_EAR, 0.0)):
        for side in (points, flipped(points)):
            s.fill(curve(side), colour, line)
    face: Points = [(500, 215), (330, 260), (262, 400), (270, 560), (330, 668), (430, 738), (500, 752)]
    s.fill(curve(face + flipped(face[1:-1])[::-1]), SKIN, 8)
    for x in (330, 670):
        s.glow(x, 636, 70, 42, (255, 140, 140), 0.62)
    return s.stroke(curve([(496, 618), (503, 626)], closed=False), 6, (214, 140, 130))


def hair_front(s: Sheet) -> Sheet:
    left: Points = [
        (505, 160),
        (350, 175),
        (245, 270),
        (212, 420),
        (205, 600),
        (250, 690),
        (268, 540),
        (292, 420),
        (316, 455),
    ]
    left += [(362, 350), (392, 418), (446, 335), (482, 408), (512, 330)]
    right: Points = [
        (495, 160),
        (650, 175),
        (755, 270),
        (788, 420),
        (795, 600),
        (750, 690),
        (732, 540),
        (708, 420),
        (686, 450),
    ]
    right += [(640, 348), (600, 414), (556, 332), (505, 380)]
    s.fill(curve(right), HAIR, 8).fill(curve(left), HAIR, 8)
    s.fill(curve([(330, 262), (420, 232), (430, 262), (345, 300)]), HAIR_LIGHT)
    s.fill(curve([(560, 226), (660, 248), (655, 285), (560, 258)]), HAIR_LIGHT)
    for clip in ([(672, 268), (742, 330)], [(742, 268), (672, 330)]):
        s.stroke(np.array(clip, float), 26).stroke(np.array(clip, float), 13, SHIRT)
    return s


def eyes(s: Sheet, openness: float) -> Sheet:
    for x in EYES:
        out = 1 if x > SPAN / 2 else -1
        if openness == 0:
            lid = curve(
                [(x - 62, EYE_Y + 8), (x - 30, EYE_Y + 32), (x + 30, EYE_Y + 32), (x + 62, EYE_Y + 8)], closed=False
            )
            s.stroke(lid, 13)
            s.stroke(np.array([(x + out * 52, EYE_Y + 22), (x + out * 76, EYE_Y + 30)]), 9)
            continue
        top = EYE_Y - 72 * openness + 20 * (1 - openness)
        white: Points = [
            (x - 58, EYE_Y + 6),
            (x - 46, top + 20),
            (x, top),
            (x + 46, top + 20),
            (x + 58, EYE_Y + 6),
            (x + 38, EYE_Y + 66),
            (x, EYE_Y + 76),
            (x - 38, EYE_Y + 66),
        ]
        s.fill(curve(white), WHITE)
    return s


def iris(s: Sheet) -> Sheet:
    for x in EYES:
        s.fill(oval(x, EYE_Y + 6, 43, 62), IRIS)
        s.fill(oval(x, EYE_Y + 34, 30, 30), IRIS_LIGHT, alpha=0.85)
        s.fill(oval(x, EYE_Y + 2, 19, 29), (52, 34, 92))
        s.fill(oval(x - 15, EYE_Y - 24, 15, 18), WHITE)
        s.fill(oval(x + 17, EYE_Y + 34, 8, 9), WHITE)
    return s


def lashes(s: Sheet, openness: float) -> Sheet:
    for x in EYES:
        out = 1 if x > SPAN / 2 else -1
        top = EYE_Y - 72 * openness + 20 * (1 - openness)
        s.stroke(
            curve(
                [(x - 60, EYE_Y + 2), (x - 46, top + 18), (x, top - 2), (x + 46, top + 18), (x + 60, EYE_Y + 2)],
                closed=False,
            ),
            14,
        )
        s.stroke(np.array([(x + out * 54, top + 34), (x + out * 80, top + 18)]), 10)
        s.stroke(curve([(x - 26, EYE_Y + 74), (x, EYE_Y + 79), (x + 26, EYE_Y + 74)], closed=False), 5, (160, 104, 110))
    return s


def brows(s: Sheet) -> Sheet:
    for x in EYES:
        out = 1 if x > SPAN / 2 else -1
        s.stroke(
            curve([(x - out * 36, 438), (x + out * 8, 424), (x + out * 50, 438)], closed=False), 12, (64, 132, 136)
        )
    return s


def mouth(s: Sheet, state: str) -> Sheet:
    y = 682.0
    if state == "closed":
        return s.stroke(curve([(456, y - 4), (478, y + 8), (500, y - 2), (522, y + 8), (544, y - 4)], closed=False), 8)
    if state == "smile":
        return s.stroke(
            curve([(436, y - 14), (465, y + 10), (500, y + 16), (535, y + 10), (564, y - 14)], closed=False), 8
        )
    wide, deep = {"half": (34.0, 26.0), "open": (52.0, 58.0)}[state]
    lips: Points = [
        (500 - wide, y - 10),
        (500, y - 14),
        (500 + wide, y - 10),
        (500 + 0.7 * wide, y - 10 + 0.75 * deep),
        (500, y - 10 + deep),
        (500 - 0.7 * wide, y - 10 + 0.75 * deep),
    ]
    s.fill(curve(lips), MOUTH)
    s.fill(oval(500, y - 10 + 0.72 * deep, 0.55 * wide, 0.26 * deep), TONGUE)
    return s.stroke(curve(lips), 7, closed=True)


def layers(size: int) -> dict[str, Sheet]:
    """File name -> picture, from the back to the front."""
    return {
        "hair_back.png": hair_back(Sheet(size)),
        "body.png": body(Sheet(size)),
        "head.png": head(Sheet(size)),
        "mouth_closed.png": mouth(Sheet(size), "closed"),
        "mouth_smile.png": mouth(Sheet(size), "smile"),
        "mouth_half.png": mouth(Sheet(size), "half"),
        "mouth_open.png": mouth(Sheet(size), "open"),
        "eyes_open.png": eyes(Sheet(size), 1.0),
        "eyes_half.png": eyes(Sheet(size), 0.45),
        "eyes_closed.png": eyes(Sheet(size), 0.0),
        "iris.png": iris(Sheet(size)),
        "lashes_open.png": lashes(Sheet(size), 1.0),
        "lashes_half.png": lashes(Sheet(size), 0.45),
        "brows.png": brows(Sheet(size)),
        "hair_front.png": hair_front(Sheet(size)),
    }


WHOLE = {
    "idle.png": ("eyes_open.png", "mouth_closed.png"),
    "talking.png": ("eyes_open.png", "mouth_open.png"),
    "blink.png": ("eyes_closed.png", "mouth_closed.png"),
    "talking_blink.png": ("eyes_closed.png", "mouth_open.png"),
}
"""The names that users of such programs know."""


def whole(parts: Mapping[str, Sheet], eye: str, lips: str) -> Sheet:
    shown = ["hair_back.png", "body.png", "head.png", lips, eye]
    if eye == "eyes_open.png":
        shown += ["iris.png", "lashes_open.png"]
    result = parts[shown[0]]
    for name in [*shown[1:], "brows.png", "hair_front.png"]:
        result = parts[name].over(result)
    return result


def png(sheet: Sheet) -> bytes:
    coded, data = cv2.imencode(".png", cv2.cvtColor(sheet.done(), cv2.COLOR_RGBA2BGRA))
    assert coded
    return data.tobytes()


def make_set(size: int = 320) -> dict[str, bytes]:
    """File name -> PNG of each layer."""
    return {name: png(sheet) for name, sheet in layers(size).items()}


def make_whole_set(size: int = 320) -> dict[str, bytes]:
    """File name -> PNG of each of four whole pictures."""
    parts = layers(size)
    return {name: png(whole(parts, *states)) for name, states in WHOLE.items()}


def overview() -> Picture:
    """Four whole pictures, and below them what layers there are, on a light ground."""
    parts = layers(480)
    wholes = [whole(parts, *states).done() for states in WHOLE.values()]
    small = [cv2.resize(sheet.done(), (240, 240), interpolation=cv2.INTER_AREA) for sheet in parts.values()]
    small.append(np.zeros_like(small[0]))
    rows = [np.hstack(wholes), np.hstack(small[:8]), np.hstack(small[8:])]
    sheet = np.vstack(rows)
    alpha = sheet[..., 3:] / 255
    return np.asarray((sheet[..., :3] * alpha + np.array([236, 240, 248]) * (1 - alpha)).round(), np.uint8)


def main(folder: Path) -> None:
    if folder.suffix == ".png":
        cv2.imwrite(str(folder), cv2.cvtColor(overview(), cv2.COLOR_RGB2BGR))
        return
    for place, files in ((folder, make_set(720)), (folder / "whole", make_whole_set(720))):
        place.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (place / name).write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
