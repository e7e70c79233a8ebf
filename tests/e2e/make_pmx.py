"""A little MMD avatar of our own, modelled by numbers, for the tests of such avatars.

python -m tests.e2e.make_pmx FILE.zip: writes it with its textures.

Modelled in the project's axes, in MMD's units (12.5 to the metre); `write_pmx` makes them the file's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from .pmx_writer import Body, Bone, Floats, Joint, Material, Mesh, Model, Morph, write_pmx
from .zips import zipped

FOLDER = "人形/"
"""Zips made on Japanese computers hold such names."""
SKIN, CLOTH, HAIR, FACE = range(4)
CELLS = {"skin": 0, "hair": 1, "cloth": 2, "white": 3, "dark": 4, "mouth": 5, "ribbon": 6, "leg": 7}
COLOURS = [
    (255, 224, 206),
    (240, 150, 170),
    (88, 100, 190),
    (255, 255, 255),
    (70, 40, 60),
    (190, 70, 90),
    (255, 214, 110),
    (60, 50, 90),
]
CELL = 32
EYE, EYE_Y, MOUTH_Y, BROW_Y = 1.0, 11.75, 10.55, 12.75
HEAD = np.array([0.0, 12.2, 0.0])
RADII = np.array([2.6, 2.5, 2.4])


def on_face(x: Floats, y: Floats, lift: float) -> Floats:
    """(N, 3) points on the front of the head, raised a little."""
    depth = 1 - ((x - HEAD[0]) / RADII[0]) ** 2 - ((y - HEAD[1]) / RADII[1]) ** 2
    return np.stack([x, y, RADII[2] * np.sqrt(np.maximum(depth, 0.02)) + lift], axis=1)


def cell(name: str, count: int) -> Floats:
    """(count, 2) the middle of a plain colour in the texture."""
    i = CELLS[name]
    return np.tile([(i % 4 + 0.5) / 4, (i // 4 + 0.5) / 4], (count, 1))


def grid(rows: int, columns: int, closed: bool) -> npt.NDArray[np.int64]:
    """(N, 3) triangles between rows of points."""
    faces = []
    for r in range(rows - 1):
        for c in range(columns if closed else columns - 1):
            a, b = r * columns + c, r * columns + (c + 1) % columns
            faces += [(a, a + columns, b), (b, a + columns, b + columns)]
    return np.array(faces)


def ellipsoid(
    middle: Floats, radii: Floats, rows: int = 14, columns: int = 24
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    up, round_ = np.linspace(0, np.pi, rows), np.linspace(0, 2 * np.pi, columns, endpoint=False)
    unit = np.stack(
        [
            np.outer(np.sin(up), np.sin(round_)),
            np.outer(np.cos(up), np.ones(columns)),
            np.outer(np.sin(up), np.cos(round_)),
        ],
        axis=2,
    ).reshape(-1, 3)
    normals = unit / radii
    return middle + unit * radii, normals / np.linalg.norm(normals, axis=1, keepdims=True), grid(rows, columns, True)


def tube(path: Floats, radii: Floats, columns: int = 12) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Rings round a path that goes downwards or aside."""
    turn = np.linspace(0, 2 * np.pi, columns, endpoint=False)
    points, normals = [], []
    for i, centre in enumerate(path):
        along = path[min(i + 1, len(path) - 1)] - path[max(i - 1, 0)]
        along = along / np.linalg.norm(along)
        aside = np.cross(along, [0, 0, 1.0])
        aside /= np.linalg.norm(aside)
        ring = np.outer(np.cos(turn), np.cross(aside, along)) + np.outer(np.sin(turn), aside)
        points.append(centre + radii[i] * ring)
        normals.append(ring)
    return np.vstack(points), np.vstack(normals), grid(len(path), columns, True)[:, ::-1]


def disc(
    x: float, y: float, rx: float, ry: float, lift: float, columns: int = 20
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    turn = np.linspace(0, 2 * np.pi, columns, endpoint=False)
    px, py = np.append(x, x + rx * np.sin(turn)), np.append(y, y + ry * np.cos(turn))
    faces = np.array([(0, 1 + (c + 1) % columns, 1 + c) for c in range(columns)])
    return on_face(px, py, lift), np.tile([0.0, 0.0, 1.0], (columns + 1, 1)), faces


def strip(x: Floats, low: Floats, high: Floats, lift: float) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    points = np.vstack([on_face(x, high, lift), on_face(x, low, lift)])
    return points, np.tile([0.0, 0.0, 1.0], (2 * len(x), 1)), grid(2, len(x), False)


SPINE: list[tuple[str, str, tuple[float, float, float]]] = [
    ("全ての親", "", (0, 0, 0)),
    ("センター", "全ての親", (0, 4.5, 0)),
    ("上半身", "センター", (0, 5.6, 0)),
    ("上半身2", "上半身", (0, 7.4, 0)),
    ("首", "上半身2", (0, 9.2, 0)),
    ("頭", "首", (0, 9.8, 0)),
    ("下半身", "センター", (0, 5.6, 0)),
    ("両目", "頭", (0, 13, 1)),
]
LIMBS: list[tuple[str, str, tuple[float, float, float]]] = [
    ("肩", "上半身2", (0.4, 8.8, 0)),
    ("腕", "肩", (1.0, 8.7, 0)),
    ("ひじ", "腕", (2.2, 7.8, 0)),
    ("手首", "ひじ", (3.2, 7.05, 0)),
    ("足", "下半身", (0.65, 4.6, 0)),
    ("ひざ", "足", (0.65, 2.5, 0.05)),
    ("足首", "ひざ", (0.65, 0.6, 0)),
    ("目", "頭", (0.25, EYE_Y, 0.1)),
    ("髪1", "頭", (2.3, 13.4, -0.3)),
    ("髪2", "髪1", (3.0, 11.6, -0.4)),
    ("髪3", "髪2", (3.3, 9.6, -0.5)),
    ("髪4", "髪3", (3.2, 7.6, -0.5)),
]


def bones() -> list[Bone]:
    made = [Bone(name, parent, position) for name, parent, position in SPINE]
    for side, sign in (("左", 1), ("右", -1)):
        for name, parent, (x, y, z) in LIMBS:
            above = parent if any(parent == spine for spine, _, _ in SPINE) else side + parent
            made.append(Bone(side + name, above, (sign * x, y, z), grant=("両目", 0.5) if name == "目" else None))
        links = ((side + "ひざ", True), (side + "足", False))
        made.append(Bone(side + "足ＩＫ", "全ての親", (sign * 0.65, 0.6, 0), ik=(side + "足首", links)))
    return made


def by_height(*steps: tuple[float, str]) -> Callable[[Floats], list[tuple[str, str, float]]]:
    """Hangs points on bones by their height, blended between two steps."""

    def skin(points: Floats) -> list[tuple[str, str, float]]:
        hung = []
        for y in points[:, 1]:
            below = max((i for i, (start, _) in enumerate(steps) if y >= start), default=0)
            above = min(below + 1, len(steps) - 1)
            span = steps[above][0] - steps[below][0]
            share = 0.0 if span <= 0 else float(np.clip((y - steps[below][0]) / span, 0, 1))
            hung.append((steps[below][1], steps[above][1], 1 - share))
        return hung

    return skin


def head_and_trunk(model: Model) -> None:
    points, normals, faces = ellipsoid(HEAD, RADII)
    model.add(Mesh(points, normals, cell("skin", len(points)), faces), SKIN, "頭")
    path = np.array([[0, y, 0] for y in (3.6, 5.2, 6.8, 8.0, 8.9, 9.3)], float)
    points, normals, faces = tube(path[::-1], np.array([2.1, 1.55, 1.05, 1.1, 0.95, 0.5])[::-1], 20)
    dress = by_height((4.5, "下半身"), (6.2, "上半身"), (7.6, "上半身2"))
    model.add(Mesh(points, normals, cell("cloth", len(points)), faces), CLOTH, dress)
    points, normals, faces = tube(np.array([[0, 10.0, 0], [0, 9.0, 0]]), np.array([0.45, 0.5]))
    model.add(Mesh(points, normals, cell("skin", len(points)), faces), SKIN, "首")
    for side in (1, -1):
        points, normals, faces = ellipsoid(np.array([side * 0.35, 8.9, 0.75]), np.array([0.38, 0.25, 0.2]), 8, 12)
        model.add(Mesh(points, normals, cell("ribbon", len(points)), faces), CLOTH, "上半身2")


def limbs(model: Model) -> None:
    for side, sign in (("左", 1), ("右", -1)):
        arm = np.array([[sign * x, y, 0] for x, y in ((0.8, 8.8), (1.6, 8.25), (2.2, 7.8), (2.7, 7.42), (3.2, 7.05))])
        points, normals, faces = tube(arm, np.array([0.42, 0.45, 0.48, 0.52, 0.6]))
        hung = ["腕", "腕", "ひじ", "ひじ", "ひじ"]
        model.add(
            Mesh(points, normals, cell("cloth", len(points)), faces), CLOTH, [side + hung[i // 12] for i in range(60)]
        )
        points, normals, faces = ellipsoid(np.array([sign * 3.4, 6.9, 0]), np.array([0.42, 0.42, 0.38]), 8, 12)
        model.add(Mesh(points, normals, cell("skin", len(points)), faces), SKIN, side + "手首")
        leg = np.array([[sign * 0.65, y, 0] for y in (4.6, 3.5, 2.5, 1.5, 0.5)])
        points, normals, faces = tube(leg, np.array([0.5, 0.48, 0.45, 0.42, 0.42]))
        hung = ["足", "足", "ひざ", "ひざ", "足首"]
        model.add(
            Mesh(points, normals, cell("leg", len(points)), faces), CLOTH, [side + hung[i // 12] for i in range(60)]
        )
        points, normals, faces = ellipsoid(np.array([sign * 0.65, 0.35, 0.25]), np.array([0.5, 0.35, 0.75]), 8, 12)
        model.add(Mesh(points, normals, cell("leg", len(points)), faces), CLOTH, side + "足首")


def hair(model: Model) -> None:
    points, normals, faces = ellipsoid(HEAD, RADII * 1.1, 18, 32)
    middle = points[faces].mean(axis=1)
    cap = faces[(middle[:, 1] > 13.4) | ((middle[:, 2] < 0.5) & (middle[:, 1] > 9.9))]
    model.add(Mesh(points, normals, cell("hair", len(points)), cap), HAIR, "頭")
    x = np.linspace(-2.2, 2.2, 29)
    zigzag = np.where(np.arange(29) % 4 == 2, 13.0, 13.45) - 0.2 * np.abs(x)
    points, normals, faces = strip(x, zigzag, np.full(29, 13.75), 0.28)
    model.add(Mesh(points, normals, cell("hair", len(points)), faces), HAIR, "頭")
    for side, sign in (("左", 1), ("右", -1)):
        path = np.array(
            [
                [sign * x, y, z]
                for x, y, z in (
                    (2.3, 13.4, -0.3),
                    (3.0, 11.6, -0.4),
                    (3.3, 9.6, -0.5),
                    (3.2, 7.6, -0.5),
                    (2.9, 6.2, -0.4),
                )
            ]
        )
        points, normals, faces = tube(path, np.array([0.45, 0.85, 0.8, 0.6, 0.08]))
        names = [f"{side}髪{min(i // 12 + 1, 4)}" for i in range(60)]
        model.add(Mesh(points, normals, cell("hair", len(points)), faces), HAIR, names)
        points, normals, faces = ellipsoid(np.array([sign * 2.35, 13.45, -0.3]), np.array([0.35, 0.55, 0.55]), 8, 12)
        model.add(Mesh(points, normals, cell("ribbon", len(points)), faces), CLOTH, "頭")


def eyes(model: Model) -> None:
    """With lids: everything of an eye goes down to one line."""
    both: dict[int, Floats] = {}
    for side, sign, wink in (("左", 1, "ウィンク２"), ("右", -1, "ｳｨﾝｸ２右")):
        x = sign * EYE
        closing: dict[int, Floats] = {}
        for rx, ry, lift, look, bone in (
            (0.56, 0.72, 0.05, "white", "頭"),
            (0.4, 0.56, 0.1, "iris", side + "目"),
            (0.11, 0.15, 0.15, "white", side + "目"),
        ):
            shift = 0.16 if rx < 0.2 else 0.0
            points, normals, faces = disc(x - shift, EYE_Y + 1.6 * shift, rx, ry, lift)
            uv = cell("white", len(points))
            if look == "iris":
                uv = np.stack(
                    [0.75 + 0.23 * (points[:, 0] - x) / rx, 0.75 - 0.23 * (points[:, 1] - EYE_Y) / ry], axis=1
                )
            first = model.add(Mesh(points, normals, uv, faces), FACE, bone)
            shut = on_face(points[:, 0], EYE_Y - 0.3 + 0.02 * (points[:, 1] - EYE_Y), lift)
            closing |= {first + i: shut[i] - points[i] for i in range(len(points))}
        dx = np.linspace(-0.66, 0.66, 13)
        arc = 0.76 * np.sqrt(np.maximum(1 - (dx / 0.72) ** 2, 0)) - 0.05
        points, normals, faces = strip(x + dx, EYE_Y + arc - 0.02, EYE_Y + arc + 0.14, 0.12)
        first = model.add(Mesh(points, normals, cell("dark", len(points)), faces), FACE, "頭")
        low = -0.3 - 0.16 * (1 - (dx / 0.66) ** 2)
        shut = np.vstack([on_face(x + dx, EYE_Y + low + 0.14, 0.14), on_face(x + dx, EYE_Y + low, 0.14)])
        closing |= {first + i: shut[i] - points[i] for i in range(len(points))}
        model.morphs.append(Morph(wink, closing))
        both |= closing
    model.morphs.insert(0, Morph("まばたき", both))


def brows(model: Model) -> None:
    moves: dict[str, dict[int, Floats]] = {"上": {}, "下": {}, "怒り": {}, "困る": {}, "にこり": {}}
    for sign in (1, -1):
        dx = np.linspace(-0.5, 0.5, 9)
        points, normals, faces = strip(sign * EYE + dx, BROW_Y + 0.1 - 0.3 * dx**2, BROW_Y + 0.24 - 0.3 * dx**2, 0.16)
        first = model.add(Mesh(points, normals, cell("dark", len(points)), faces), FACE, "頭")
        inner = np.tile(-sign * dx + 0.5, 2)
        for name, rise in (
            ("上", 0.45),
            ("下", -0.2),
            ("怒り", -0.3 * inner),
            ("困る", 0.3 * inner),
            ("にこり", 0.25 * (1 - 4 * np.tile(dx, 2) ** 2)),
        ):
            lifted = on_face(points[:, 0], points[:, 1] + rise, 0.32)
            moves[name] |= {first + i: lifted[i] - points[i] for i in range(len(points))}
    model.morphs += [Morph(name, offsets) for name, offsets in moves.items()]


def mouth(model: Model) -> None:
    points, normals, faces = disc(0, MOUTH_Y, 0.36, 0.055, 0.08)
    first = model.add(Mesh(points, normals, cell("mouth", len(points)), faces), FACE, "頭")
    dx, dy = points[:, 0], points[:, 1] - MOUTH_Y
    for name, wide, tall in (("あ", 1.25, 7.5), ("い", 1.6, 2.0), ("う", 0.5, 3.0), ("え", 1.4, 5.0), ("お", 0.9, 7.5)):
        shaped = on_face(dx * wide, MOUTH_Y + dy * tall - 0.1 * (tall > 4), 0.08)
        model.morphs.append(Morph(name, {first + i: shaped[i] - points[i] for i in range(len(points))}))
    smiling = on_face(dx * 1.3, MOUTH_Y + dy + 1.3 * dx**2, 0.08)
    model.morphs.append(Morph("口角上げ", {first + i: smiling[i] - points[i] for i in range(len(points))}))
    model.groups.append(("おどろき", [("あ", 0.5), ("上", 1.0)]))


def physics(model: Model) -> None:
    model.bodies.append(Body("頭", "sphere", (2.5, 0, 0), (0, 12.2, 0), group=1, physics=False))
    for side, sign in (("左", 1), ("右", -1)):
        for i in range(4):
            x, y, z = LIMBS[8 + i][2]
            model.bodies.append(
                Body(f"{side}髪{i + 1}", "capsule", (0.4, 0.9, 0), (sign * x, y - 0.8, z), group=2, physics=True)
            )
            limit = 0.15 if i == 0 else 0.45
            model.joints.append(Joint(len(model.bodies) - 2 if i else 0, len(model.bodies) - 1, limit))


def make_model() -> Model:
    def material(name: str, toon: int, edge: float) -> Material:
        return Material(
            name,
            "tex\\ATLAS.PNG",
            edge=edge,
            toon=toon,
            sphere="tex\\shine.png" if name == "髪" else "",
            both_sides=name != "肌",
        )

    model = Model(
        "人形",
        [material("肌", 1, 0.8), material("服", 0, 0.8), material("髪", 0, 0.0), material("顔", -1, 0.0)],
        bones(),
    )
    for part in (head_and_trunk, limbs, hair, eyes, brows, mouth, physics):
        part(model)
    return model


def make_atlas() -> bytes:
    """Plain colours, and an iris in the lower right quarter. 128 x 128."""
    atlas = np.full((4 * CELL, 4 * CELL, 3), 255, np.uint8)
    for i, colour in enumerate(COLOURS):
        atlas[i // 4 * CELL : (i // 4 + 1) * CELL, i % 4 * CELL : (i % 4 + 1) * CELL] = colour
    middle = 3 * CELL
    for radius, colour in ((1.0, (50, 30, 80)), (0.86, (80, 120, 220)), (0.6, (120, 190, 250)), (0.42, (30, 30, 80))):
        cv2.circle(atlas, (middle, middle), int(radius * CELL), colour, -1, cv2.LINE_AA)
    return _png(atlas)


def make_shine() -> bytes:
    """A soft band of light, for a sphere that is added."""
    y = np.linspace(1, -1, 32)[:, None]
    x = np.linspace(-1, 1, 32)[None]
    band = 70 * np.exp(-(((y - 0.45) / 0.14) ** 2)) * np.clip(1 - x**2, 0, 1)
    return _png(np.repeat(band[..., None], 3, axis=2).astype(np.uint8))


def make_files(pmx: bytes | None = None) -> dict[str, bytes]:
    """All that the avatar needs, by path. What the PMX calls its textures differs from it in case and slashes."""
    made = write_pmx(make_model()) if pmx is None else pmx
    return {"人形.pmx": made, "tex/atlas.png": make_atlas(), "tex/Shine.png": make_shine()}


def _png(rgb: npt.NDArray[np.uint8]) -> bytes:
    coded, data = cv2.imencode(".png", np.ascontiguousarray(rgb[..., ::-1]))
    assert coded
    return data.tobytes()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(zipped(make_files(), FOLDER))
