"""What people wear on their faces: beards, brows, lips and shades painted on the skin, and glasses before the eyes."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Picture = npt.NDArray[np.float32]
Rng = np.random.Generator

BEARDS, BROWS, LIPS, SHADES, GLASSES = 0.3, 0.4, 0.3, 0.3, 0.25
"""So many of all."""
STRIP = 16
"""Rows added below the hair's texture, of the glasses' colour."""
SIDES = 6
"""Of a tube."""


def marks_on_skin(model: dict[str, Any]) -> Array:
    """Where the 68 landmarks lie on the face's texture (68, 2), 0..1 to the right and down."""
    face = model["f_mat"] == 0
    at = dict(zip(model["f"][face].ravel().tolist(), model["f_vt"][face].ravel().tolist(), strict=True))
    uv = model["vt"][[at[int(vertex)] for vertex in model["lm68"]]]
    return np.stack([uv[:, 0], 1 - uv[:, 1]], axis=1).astype(float)


def painted(skin: Picture, marks: Array, rng: Rng) -> Picture:
    """The face's texture (n, n, 3) BGR with some of all that may be painted on it."""
    size = len(skin)
    marks, px = marks * size, size / 1024
    if rng.random() < BEARDS:
        skin = _mixed(skin, _hair_colour(rng), _grain(_beard(marks, size, px, rng), rng), rng.uniform(0.15, 0.85))
    if rng.random() < BROWS:
        skin = _mixed(skin, _hair_colour(rng), _grain(_brows(marks, size, px, rng), rng), rng.uniform(0.2, 0.9))
    if rng.random() < LIPS:
        red = rng.uniform(0.1, 0.8) * np.array([110, 100, 230.0]) + rng.uniform(-20, 20, 3)
        mouth = _area([marks[48:60]], size) - _area([marks[60:68]], size)
        skin = _mixed(skin, red, _soft(mouth, 6 * px), rng.uniform(0.2, 0.8))
    if rng.random() < SHADES:
        shade = np.zeros((size, size), np.float32)
        for eye in (marks[36:42], marks[42:48]):
            middle = eye.mean(axis=0) + [0, rng.uniform(-25, 25) * px]
            axes = (int(rng.uniform(55, 90) * px), int(rng.uniform(20, 45) * px))
            cv2.ellipse(shade, [int(x) for x in middle], axes, 0, 0, 360, 1.0, -1)
        skin = _mixed(skin, skin.mean(axis=(0, 1)) * rng.uniform(0.3, 0.8, 3), _soft(shade, 18 * px), 0.5)
    return skin


def _hair_colour(rng: Rng) -> Array:
    """BGR, from black over brown and blond to grey."""
    light = rng.uniform(15, 150)
    return light * np.array([rng.uniform(0.5, 1.0), rng.uniform(0.7, 1.0), 1.0])


def _mixed(skin: Picture, colour: Any, where: Picture, share: float) -> Picture:
    mask = (share * where)[..., None]
    return skin * (1 - mask) + np.asarray(colour, np.float32) * mask


def _grain(mask: Picture, rng: Rng) -> Picture:
    noise = rng.standard_normal(mask.shape, np.float32)
    return np.clip(mask * (0.8 + 0.35 * noise), 0, 1)


def _soft(mask: Picture, sigma: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), np.float32)


def _area(outlines: list[Array], size: int) -> Picture:
    mask = np.zeros((size, size), np.float32)
    cv2.fillPoly(mask, [outline.astype(np.int32) for outline in outlines], 1.0)
    return mask


def _beard(marks: Array, size: int, px: float, rng: Rng) -> Picture:
    """Full, around the mouth alone, or above it alone."""
    below, kind = np.array([0, 60 * px]), rng.random()
    nose, corners = marks[[35, 31]], marks[[48, 54]]
    if kind < 0.5:
        outline = np.concatenate([marks[3:14] + below * np.sin(np.linspace(0, np.pi, 11))[:, None], nose])
    elif kind < 0.8:
        wide = (corners - corners.mean(axis=0)) * rng.uniform(1.1, 1.5) + corners.mean(axis=0)
        outline = np.concatenate([wide[:1], marks[6:11] + 0.5 * below, wide[1:], nose])
    else:
        outline = np.concatenate([corners[:1], marks[49:54], corners[1:], nose])
    return _soft(_area([outline], size) - _area([marks[48:60]], size), rng.uniform(5, 22) * px).clip(0, 1)


def _brows(marks: Array, size: int, px: float, rng: Rng) -> Picture:
    """Drawn where the hairs of the texture are, just below the landmarks."""
    mask, thick = np.zeros((size, size), np.float32), int(rng.uniform(10, 40) * px)
    for brow in (marks[17:22], marks[22:27]):
        cv2.polylines(mask, [(brow + [0, 18 * px]).astype(np.int32)], False, 1.0, max(1, thick), cv2.LINE_AA)
    return _soft(mask, rng.uniform(2, 6) * px)


def with_glasses(person: dict[str, Any], model: dict[str, Any], rng: Rng) -> dict[str, Any]:
    """The same person with glasses, which are stiff as hair is and so go with it."""
    marks = model["lm68"]
    face = model["v"][marks] + np.tensordot(person["coef"], model["id_delta"][: len(person["coef"]), marks], 1)
    points, faces = _frame(face.astype(float), rng)
    colour = np.append(rng.uniform(5, 90, 3) if rng.random() < 0.7 else rng.uniform(60, 250, 3), 255)
    strip = np.full((STRIP, STRIP, 4), colour, np.uint8)
    if "hair_v" not in person:
        made = {"hair_v": points, "hair_f": faces, "hair_ft": np.zeros_like(faces), "hair_vt": np.full((1, 2), 0.5)}
        return person | made | {"hair_tex": _png(strip), "hair_tint": (1.0, 1.0, 1.0)}
    hair = cv2.imdecode(person["hair_tex"], cv2.IMREAD_UNCHANGED)
    rows, columns = hair.shape[:2]
    places = person["hair_vt"] * [1, rows / (rows + STRIP)] + [0, STRIP / (rows + STRIP)]
    return person | {
        "hair_v": np.concatenate([person["hair_v"], points]),
        "hair_f": np.concatenate([person["hair_f"], faces + len(person["hair_v"])]),
        "hair_vt": np.concatenate([places, [[0.5, 0.5 * STRIP / (rows + STRIP)]]]),
        "hair_ft": np.concatenate([person["hair_ft"], np.full_like(faces, len(places))]),
        "hair_tex": _png(np.concatenate([hair, np.tile(strip[:, :1], (1, columns, 1))])),
    }


def _png(picture: Any) -> Any:
    return cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].ravel()


def _frame(face: Array, rng: Rng) -> tuple[Array, Any]:
    """Two rims, what joins them, and what holds them to the ears, cm in the head's axes, from the 68 landmarks."""
    right, left = face[36:42].mean(axis=0), face[42:48].mean(axis=0)
    down, thick = rng.uniform(0.0, 0.5), rng.uniform(0.07, 0.22)
    half_width = min(rng.uniform(2.1, 2.9), (left[0] - right[0]) / 2 - rng.uniform(0.3, 0.7))
    half_height, square = half_width * rng.uniform(0.6, 0.95), rng.uniform(0.5, 1.0)
    depth = face[27, 2] + rng.uniform(0.1, 0.9)
    around = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    unit = np.stack([np.cos(around), np.sin(around)], axis=1)
    tubes = []
    for eye in (right, left):
        rim = np.sign(unit) * np.abs(unit) ** square * [half_width, half_height] + eye[:2] - [0, down]
        z = depth - 0.03 * rim[:, :1] ** 2
        tubes.append(_tube(np.c_[rim, z], np.c_[unit, 0 * z], np.array([0, 0, 1.0]), thick, True))
    high = (right[1] + left[1]) / 2 - down + 0.35 * half_height
    inner = (left[0] - right[0]) / 2 - 0.97 * half_width
    bridge = np.array([[-inner, high, depth], [0, high + 0.15, depth + 0.1], [inner, high, depth]])
    tubes.append(_tube(bridge, np.array([0, 1.0, 0]), np.array([0, 0, 1.0]), thick, False))
    for eye, ear in ((right, face[0]), (left, face[16])):
        x = eye[0] + np.sign(eye[0]) * 0.97 * half_width
        temple = np.array([[x, high, depth - 0.03 * x * x], [1.04 * ear[0], high, ear[2]], [1.02 * ear[0], high, -2]])
        tubes.append(_tube(temple, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), thick, False))
    starts = np.cumsum([0, *(len(points) for points, _ in tubes)])
    faces = [faces + start for (_, faces), start in zip(tubes, starts, strict=False)]
    return np.concatenate([points for points, _ in tubes]), np.concatenate(faces).astype(np.int32)


def _tube(path: Array, across: Array, up: Array, radius: float, closed: bool) -> tuple[Array, Any]:
    """Vertices and triangles around a path (n, 3), with two directions that stand across it."""
    turn = np.linspace(0, 2 * np.pi, SIDES, endpoint=False)[None, :, None]
    across, up = np.broadcast_to(across, path.shape)[:, None], np.broadcast_to(up, path.shape)[:, None]
    points = path[:, None] + radius * (np.cos(turn) * across + np.sin(turn) * up)
    ring = np.arange(len(path) if closed else len(path) - 1)
    first = (ring[:, None] * SIDES + np.arange(SIDES)).ravel()
    side = (ring[:, None] * SIDES + (np.arange(SIDES) + 1) % SIDES).ravel()
    onward = SIDES * len(path)
    second, beyond = (first + SIDES) % onward, (side + SIDES) % onward
    return points.reshape(-1, 3), np.concatenate(
        [np.stack([first, side, beyond], 1), np.stack([first, beyond, second], 1)]
    )
