"""What became better, as one HTML file that needs nothing else: no script, no font, no address.

It shows figures and drawings of points. A picture of the performer is in it only when one is handed over.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

import numpy as np

from calibration.judge import Figure, Reach, Verdict
from calibration.steps import STEPS
from vtuber.stages import Array

OUTLINES = (
    range(17), range(17, 22), range(22, 27), range(27, 31), range(31, 36),
    [*range(36, 42), 36], [*range(42, 48), 42], [*range(48, 60), 48], [*range(60, 68), 60],
)  # fmt: skip
"""How the 68 points are joined: jaw, brows, nose, eyes, lips."""

STYLE = """
:root { color-scheme: light dark; --ground: #f6f5f2; --card: #ffffff; --ink: #22252b; --soft: #6b7078; --line: #e3e1dc;
  --own: #d9480f; --usual: #a9adb5; --good: #2b8a3e; }
@media (prefers-color-scheme: dark) { :root { --ground: #17181b; --card: #212327; --ink: #eceae6; --soft: #9a9fa8;
  --line: #34373d; --own: #ff8a4c; --usual: #6b7078; --good: #69db7c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 1rem; margin: 0 0 1rem; }
p { margin: 0.4rem 0; } .soft { color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.4rem 1.5rem;
  margin-top: 1.25rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem; margin-top: 1.25rem; }
.figure { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.1rem 1.25rem; }
.figure b { display: block; font-size: 1.75rem; font-weight: 650; font-variant-numeric: tabular-nums; }
.figure s { color: var(--soft); text-decoration: none; font-size: 1rem; font-weight: 400; }
.better b { color: var(--good); }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; padding: 0.28rem 0.8rem 0.28rem 0; white-space: nowrap; }
td { padding: 0.28rem 0; } td:last-child { text-align: right; width: 7.5rem; color: var(--soft); white-space: nowrap; }
td svg { display: block; width: 100%; height: 12px; }
.views { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem; }
.views svg { width: 100%; height: auto; display: block; }
figure { margin: 0; } figcaption { color: var(--soft); font-size: 0.9rem; text-align: center; }
img { width: 100%; border-radius: 10px; display: block; }
.key { display: inline-block; width: 1.4em; height: 3px; vertical-align: middle; border-radius: 2px; }
"""


def page(verdict: Verdict, usual: Array | None = None, picture_png: bytes | None = None) -> str:
    """The whole file.

    Args:
        usual: (68, 3) the face that the performer's own is drawn beside, metres, head axes.
        picture_png: the performer with the face drawn over them.
    """
    profile = verdict.profile
    name = html.escape(profile.name or "this performer")
    parts = [
        f"<p class=soft>Calibration of {html.escape(profile.made)}</p><h1>What became better for {name}</h1>",
        f"<div class=figures>{''.join(map(_figure, verdict.figures))}</div>",
        _steps(profile.quality),
        _picture(picture_png),
        _face(np.array(profile.face) if profile.face else None, usual),
        _reaches(verdict.reaches),
        _notes(verdict.notes),
    ]
    return (
        "<!doctype html>\n<html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Calibration: {name}</title><style>{STYLE}</style>\n<main>\n" + "\n".join(parts) + "\n</main></html>\n"
    )


def _figure(figure: Figure) -> str:
    return (
        f"<div class='figure{' better' if figure.better else ''}'><b><s>{figure.text(figure.before)} → </s>"
        f"{figure.text(figure.after)}</b>{html.escape(figure.name)}</div>"
    )


def _row(name: str, drawing: str, value: str) -> str:
    return f"<tr><th scope=row>{html.escape(name)}</th><td>{drawing}</td><td>{value}</td></tr>"


def _steps(quality: dict[str, float]) -> str:
    rows = []
    for step in STEPS:
        share = quality.get(step.name)
        value = "not shown" if share is None else f"{share:.0%}"
        rows.append(_row(step.name, _bar([(0.0, share or 0.0, "var(--good)")]), value))
    return f"<section><h2>How well each step went</h2><table>{''.join(rows)}</table></section>"


def _bar(pieces: Sequence[tuple[float, float, str]]) -> str:
    """A track of 0..1 with pieces (from, to, colour) on it."""
    drawn = "".join(
        f"<rect x='{100 * low:.1f}' y='3' width='{100 * max(0.0, high - low):.1f}' height='6' rx='1' fill='{colour}'/>"
        for low, high, colour in pieces
    )
    track = "<rect x='0' y='3' width='100' height='6' rx='1' fill='var(--line)'/>"
    return f"<svg viewBox='0 0 100 12' preserveAspectRatio='none' aria-hidden='true'>{track}{drawn}</svg>"


def _reaches(reaches: Sequence[Reach]) -> str:
    if not reaches:
        return ""
    rows = [
        _row(
            reach.name,
            _bar([(0.0, reach.after, "var(--own)"), (reach.rest, reach.before, "var(--usual)")]),
            f"{reach.before:.2f} → {reach.after:.2f}",
        )
        for reach in reaches
    ]
    key = (
        "<p class=soft><span class=key style='background:var(--usual)'></span> as read, from rest to most &ensp;"
        "<span class=key style='background:var(--own)'></span> what the avatar shows now</p>"
    )
    return f"<section><h2>How far your shapes reach</h2>{key}<table>{''.join(rows)}</table></section>"


def _face(own: Array | None, usual: Array | None) -> str:
    if own is None:
        return ""
    turns = (("from the front", 0.0), ("half turned", 40.0), ("from the side", 90.0))
    drawn = "".join(
        f"<figure>{_drawing(own, usual, float(np.radians(deg)))}<figcaption>{title}</figcaption></figure>"
        for title, deg in turns
    )
    key = "<p class=soft><span class=key style='background:var(--own)'></span> yours &ensp;"
    if usual is not None:
        key += "<span class=key style='background:var(--usual)'></span> the usual face</p>"
    return f"<section><h2>Your own face, measured from many sides</h2>{key}<div class=views>{drawn}</div></section>"


def _drawing(own: Array, usual: Array | None, yaw: float) -> str:
    across = np.array([np.cos(yaw), 0.0, np.sin(yaw)])
    all_points = own if usual is None else np.concatenate([own, usual])
    height = (all_points[:, 1].min() + all_points[:, 1].max()) / 2
    wide = all_points @ across
    middle = (wide.min() + wide.max()) / 2
    lines = []
    for points, colour, width in ((usual, "var(--usual)", 0.7), (own, "var(--own)", 1.0)):
        if points is None:
            continue
        flat = np.column_stack([points @ across - middle, height - points[:, 1]]) * 1000  # mm
        for outline in OUTLINES:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in flat[list(outline)].tolist())
            lines.append(f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='{width}'/>")
    return f"<svg viewBox='-88 -82 176 164' role=img aria-label='68 points of the face'>{''.join(lines)}</svg>"


def _picture(png: bytes | None) -> str:
    if png is None:
        return ""
    data = base64.b64encode(png).decode()
    return (
        "<section><h2>Your own face over a frame</h2>"
        f"<img alt='the performer, with the measured face drawn over them' src='data:image/png;base64,{data}'>"
        "<p class=soft>This picture is in this file because you asked for it. The file is on this computer only.</p>"
        "</section>"
    )


def _notes(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    return f"<section><h2>Notes</h2>{''.join(f'<p>{html.escape(note)}</p>' for note in notes)}</section>"
