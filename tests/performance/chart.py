"""A small chart as SVG: panels side by side, one logarithmic axis up, curves with a ring round their usual point."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM, GAP = 860, 400, 62, 20, 34, 52, 44


@dataclass(frozen=True, slots=True)
class Curve:
    """Points from left to right of one name."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    usual: Sequence[bool]
    """Which of them is the usual one: it is ringed, and named."""
    below: bool = False
    """Its name stands below that point, and not above."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One axis across, and what is drawn over it."""

    title: str
    range: tuple[float, float]
    ticks: Sequence[float]
    curves: Sequence[Curve]
    wanted: tuple[float, float] | None = None
    """A corner: what lies left of and below it is shaded."""


def svg(title: str, up: tuple[float, float], ticks: Sequence[float], panels: Sequence[Panel]) -> str:
    """The whole picture; `up` is the range of the logarithmic axis that all panels share."""
    width = (WIDTH - LEFT - RIGHT - GAP * (len(panels) - 1)) / len(panels)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="18" fill="#222">{escape(title)}</text>',
    ]
    for i, panel in enumerate(panels):
        lines += _Drawing(panel, LEFT + i * (width + GAP), width, up).lines(ticks)
    return "\n".join([*lines, "</svg>", ""])


class _Drawing:
    def __init__(self, panel: Panel, left: float, width: float, up: tuple[float, float]) -> None:
        self._panel, self._left, self._width, self._up = panel, left, width, up

    def _x(self, value: float) -> float:
        low, high = self._panel.range
        return round(self._left + self._width * (min(high, max(low, value)) - low) / (high - low), 1)

    def _y(self, value: float) -> float:
        low, high = map(math.log, self._up)
        share = (math.log(min(self._up[1], max(self._up[0], value))) - low) / (high - low)
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)

    def lines(self, ticks: Sequence[float]) -> Iterator[str]:
        panel, floor = self._panel, HEIGHT - BOTTOM
        if panel.wanted:
            right, top = self._x(panel.wanted[0]), self._y(panel.wanted[1])
            yield (
                f'<rect x="{self._left:.1f}" y="{top}" width="{right - self._left:.1f}" height="{floor - top:.1f}" '
                'fill="#2a9d4a" opacity="0.12"/>'
            )
        for tick in ticks:
            y = self._y(tick)
            yield f'<path d="M{self._left:.1f} {y}h{self._width:.1f}" stroke="#ddd"/>'
            yield f'<text x="{self._left - 6:.1f}" y="{y + 4}" text-anchor="end" fill="#555">{tick:g}</text>'
        for tick in panel.ticks:
            yield f'<text x="{self._x(tick)}" y="{floor + 18}" text-anchor="middle" fill="#555">{tick:g}</text>'
        yield f'<path d="M{self._left:.1f} {TOP}V{floor}h{self._width:.1f}" stroke="#555" fill="none"/>'
        middle = self._left + self._width / 2
        yield f'<text x="{middle:.1f}" y="{HEIGHT - 12}" text-anchor="middle" fill="#222">{escape(panel.title)}</text>'
        for curve in panel.curves:
            yield from self._curve(curve)

    def _curve(self, curve: Curve) -> Iterator[str]:
        spots = [(self._x(x), self._y(y)) for x, y in curve.points]
        if len(spots) > 1:
            path = " ".join(f"{x},{y}" for x, y in spots)
            yield f'<polyline points="{path}" fill="none" stroke="{curve.colour}" stroke-width="2"/>'
        for (x, y), usual in zip(spots, curve.usual, strict=True):
            yield f'<circle cx="{x}" cy="{y}" r="3" fill="{curve.colour}"/>'
            if usual or len(spots) == 1:
                yield f'<circle cx="{x}" cy="{y}" r="6.5" fill="none" stroke="{curve.colour}" stroke-width="1.5"/>'
                up = y + (19 if curve.below else -9)
                yield f'<text x="{x + 5}" y="{up:.1f}" fill="{curve.colour}">{escape(curve.name)}</text>'
