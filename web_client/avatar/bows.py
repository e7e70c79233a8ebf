"""Ribbons: the bow on her chest, the big one behind her head, the pin in her fringe."""

from dataclasses import replace

import numpy as np

from . import head_shape
from .arrays import Floats, resample, smoothstep, unit
from .head_shape import CHIN
from .mesh import Mesh, mirrored, surface, sweep
from .skeleton import Skeleton, Spring


def bows(skeleton: Skeleton) -> list[Mesh]:
    """All ribbons; adds the springs of their loose ends."""
    return [*_chest_bow(skeleton), *_hair_bows(), *_pin()]


def _loop(material: str, size: float, droop: float) -> Mesh:
    """A puffed ribbon loop from the knot at the origin towards +x, in the plane z = 0; `size` is its length."""
    path = (
        np.array(
            [(0.0, 0.0, 0.0), (0.35, 0.08 - droop * 0.3, 0.02), (0.72, 0.06 - droop * 0.7, 0.02), (1.0, -droop, 0.0)]
        )
        * size
    )
    path = resample(path, 14)
    t = np.linspace(0, 1, 14)
    flare = 0.12 + 0.32 * smoothstep(0.0, 0.85, t)
    height = size * flare * np.sqrt(1 - 0.62 * np.clip((t - 0.72) / 0.28, 0, 1) ** 3)
    depth = size * (0.02 + 0.21 * np.sin(np.pi * np.clip(0.06 + 0.94 * t, 0, 0.99)) ** 0.8)
    up = np.tile([0.0, 0.0, 1.0], (14, 1))
    mesh = sweep(material, path, height, depth, up, "head", 14)
    pinch = np.clip(1 - np.abs(mesh.positions[:, 1] - np.repeat(path[:, 1], 15)) / np.repeat(height, 15), 0, 1)
    mesh.positions[:, 2] -= np.sign(mesh.positions[:, 2]) * pinch * np.repeat(depth * 0.45 * (1 - t), 15)
    return mesh


def _tail(material: str, points: Floats, width: float) -> Mesh:
    """A flat ribbon end along points (k, 3), notched at its tip."""
    path = resample(points, 9)
    t = np.linspace(0, 1, 9)[:, None]
    half = width * (0.45 + 0.55 * t)
    u = np.linspace(-1, 1, 5)
    grid = np.stack(np.broadcast_arrays(path[:, :1] + half * u, path[:, 1:2], path[:, 2:] + 0.0012 * (1 - u**2)), -1)
    grid[-1, :, 1] += 0.008 * (1 - np.abs(u))
    mesh = surface(material, grid, "head")
    mesh.uvs = np.array([0.03, 0.15]) + mesh.uvs * np.array([0.44, 0.80])
    return mesh


def _knot(material: str, size: float) -> Mesh:
    path = np.array([(0, 0.62, 0.0), (0, 0.45, 0.28), (0, 0.0, 0.42), (0, -0.45, 0.28), (0, -0.62, 0.0)]) * size
    path = resample(path, 7)
    half = size * np.array([0.42, 0.5, 0.54, 0.55, 0.54, 0.5, 0.42])
    up = unit(path * np.array([0, 1, 1]) + np.array([0, 0, 1e-3]))
    mesh = sweep(material, path, half, half * 0.45, up, "head", 10)
    mesh.uvs = 0.25 + (mesh.uvs - 0.5) * np.array([0.3, 0.3])
    return mesh


def _placed(mesh: Mesh, at: Floats, bone: str, turn: float = 0.0, lean: float = 0.0) -> Mesh:
    """The mesh rolled by `turn` about z, pitched by `lean` about x (radians), moved to `at` and hung on one bone."""
    c, s, cl, sl = np.cos(turn), np.sin(turn), np.cos(lean), np.sin(lean)
    matrix = np.array([[1, 0, 0], [0, cl, -sl], [0, sl, cl]]) @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
    mesh.positions = mesh.positions @ matrix.T + at
    mesh.normals = mesh.normals @ matrix.T
    mesh.weights = {bone: np.ones(len(mesh.positions))}
    return mesh


def _chest_bow(skeleton: Skeleton) -> list[Mesh]:
    at = np.array([0.0, 1.050, 0.1060])
    loop = _placed(_loop("coral", 0.062, 0.18), at, "upperChest", -0.10, -0.12)
    parts = [loop, mirrored(loop), _placed(_knot("coral", 0.0185), at + (0, 0, 0.004), "upperChest", 0, -0.12)]
    parts.append(_star(at + (0, 0, 0.0185), unit([0.0, 0.12, 1.0]), 0.0085, "upperChest"))
    for sign, side in ((1, "Left"), (-1, "Right")):
        points = np.array(
            [(0.004, 1.048, 0.105), (0.018, 1.015, 0.113), (0.027, 0.975, 0.110), (0.034, 0.935, 0.099)]
        ) * (sign, 1, 1)
        parts.append(_hung(skeleton, f"ribbon{side}", "upperChest", points, 0.0150))
    return parts


def _hair_bows() -> list[Mesh]:
    """A small bow where each side tail is tied."""
    at = head_shape.above(np.radians(101.0), np.array(CHIN + 0.209), np.array(0.040))
    loop = _loop("coral", 0.046, 0.05)
    left = [loop, mirrored(loop), _knot("coral", 0.0150)]
    for sign in (1, -1):
        points = np.array(
            [(0.002, -0.002, 0.0), (0.010, -0.022, 0.004), (0.017, -0.042, 0.002), (0.022, -0.060, 0.0)]
        ) * (sign, 1, 1)
        left.append(_tail("coral", points, 0.0105))
    left = [_placed(_yawed(mesh, 0.90), at, "head", 0.55) for mesh in left]
    return left + [mirrored(mesh) for mesh in left]


def _yawed(mesh: Mesh, angle: float) -> Mesh:
    """Turned about the vertical through the origin."""
    c, s = np.cos(angle), np.sin(angle)
    matrix = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    return replace(mesh, positions=mesh.positions @ matrix.T, normals=mesh.normals @ matrix.T)


def _hung(skeleton: Skeleton, name: str, parent: str, points: Floats, width: float) -> Mesh:
    """A ribbon end swinging on a chain through its points."""
    bones = [f"{name}{k}" for k in range(len(points))]
    skeleton.add_spring(Spring(name, bones, 1.0, 0.15, 0.5, 0.012), parent, points)
    mesh = _tail("coral", points, width)
    rows = np.repeat(np.linspace(0, len(points) - 1, 9), 5)
    last = len(points) - 2
    mesh.weights = {
        bone: np.clip(1 - np.abs(np.minimum(rows, last + 0.4) - k - 0.4), 0, 1) for k, bone in enumerate(bones[:-1])
    }
    mesh.weights[bones[0]] = np.maximum(mesh.weights[bones[0]], (rows < 0.4).astype(float))
    mesh.weights[bones[last]] = np.maximum(mesh.weights[bones[last]], 1e-3)
    return mesh


def _pin() -> list[Mesh]:
    """A golden star in the fringe, over her left temple."""
    height = CHIN + 0.163
    center = head_shape.above(np.radians(33.0), np.array(height), np.array(0.0355))
    normal = head_shape.normal_at(head_shape.theta_at(center[0], height), head_shape.phi_at(height))
    return [_star(center, normal, 0.0150, "head")]


def _star(center: Floats, normal: Floats, radius: float, bone: str) -> Mesh:
    """A five-pointed star, domed towards `normal`."""
    right = unit(np.cross([0, 1, 0], normal))
    up = np.cross(normal, right)
    angle = np.pi / 2 + np.arange(10) * np.pi / 5
    reach = np.where(np.arange(10) % 2 == 0, radius, radius * 0.48)
    rim = reach[:, None] * (np.cos(angle)[:, None] * right + np.sin(angle)[:, None] * up)
    domed = [(0.02, 0.37), (0.8, 0.20), (1.0, 0.07), (1.0, -0.20)]
    rings = [rim * size + normal * radius * rise for size, rise in domed]
    return surface("gold", center + np.stack(rings), bone, closed=True)
