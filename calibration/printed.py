"""The board on paper and on a screen: a PDF in true size, and a page that fills the screen.

The PDF is written by hand, as it holds one path and three lines of text (ISO 32000-1); the page is one SVG.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from calibration.board import MODULES, Board
from vtuber.stages import VTuberError

PAPERS_MM = {"a4": (297.0, 210.0), "letter": (279.4, 215.9), "a3": (420.0, 297.0)}
"""Lying on their side."""
EDGE_MM = 8.0
"""What printers leave white, and a little more."""
POINT_MM = 25.4 / 72
RULER_MM = 100.0


def boxes(board: Board) -> Iterator[tuple[int, int, int, int]]:
    """Everything black as (x, y, width, height), in parts of a square, as few boxes as make no overlap."""
    black = board.modules().copy()
    rows, columns = black.shape
    for y in range(rows):
        for x in range(columns):
            if not black[y, x]:
                continue
            right = x
            while right < columns and black[y, right] and right - x < MODULES:
                right += 1
            bottom = y
            while bottom < rows and black[bottom, x:right].all() and bottom - y < MODULES:
                bottom += 1
            black[y:bottom, x:right] = False
            yield x, y, right - x, bottom - y


def pdf(board: Board, paper: str = "a4") -> bytes:
    """The board in true size in the middle of the paper, with a ruler that shows whether it was printed so.

    Raises:
        VTuberError: there is no such paper, or the board does not fit on it.
    """
    if paper not in PAPERS_MM:
        raise VTuberError(f"there is no paper {paper!r}; there are: {', '.join(PAPERS_MM)}")
    width, height = PAPERS_MM[paper]
    square = 1000 * board.square_m
    across, down = board.columns * square, board.rows * square
    left, foot = (width - across) / 2, 2 * EDGE_MM + 4
    if left < EDGE_MM or down + foot + EDGE_MM > height:
        most = min((width - 2 * EDGE_MM) / board.columns, (height - foot - EDGE_MM) / board.rows)
        raise VTuberError(f"the board is {across:g} x {down:g} mm, too large for {paper}: squares of {most:.0f} mm fit")
    bottom = foot + (height - EDGE_MM - foot - down) / 2
    part = square / MODULES
    path = [
        f"{left + x * part:.4f} {bottom + down - (y + h) * part:.4f} {w * part:.4f} {h * part:.4f} re"
        for x, y, w, h in boxes(board)
    ]
    ruler = [f"{left:.4f} {EDGE_MM + 4:.4f} m {left + RULER_MM:.4f} {EDGE_MM + 4:.4f} l"]
    ruler += [f"{left + t:.4f} {EDGE_MM + 4:.4f} m {left + t:.4f} {EDGE_MM + 6:.4f} l" for t in range(0, 101, 10)]
    words = [
        f"This line is {RULER_MM:g} mm long when the board was printed in true size (100 %, not fitted to the page).",
        f"{board.kind} {board.columns} x {board.rows}, squares of {square:g} mm. Glue it to something flat.",
    ]
    text = [f"BT /F 3 Tf {left:.4f} {EDGE_MM - 4 * i:.4f} Td ({line}) Tj ET" for i, line in enumerate(words)]
    scale = f"q {1 / POINT_MM:.6f} 0 0 {1 / POINT_MM:.6f} 0 0 cm"
    drawing = "\n".join([scale, *path, "f", "0.2 w", *ruler, "S", *text, "Q"])
    return _document(drawing.encode("ascii"), width / POINT_MM, height / POINT_MM)


def _document(drawing: bytes, width: float, height: float) -> bytes:
    """One page, in points, that shows the drawing."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /PrintScaling /None >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.3f} {height:.3f}] /Contents 4 0 R"
        " /Resources << /Font << /F 5 0 R >> >> >>".encode("ascii"),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    made, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return made + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (count, table, count, len(made))
    )


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Board for the camera</title>
<style>
  html, body {{ margin: 0; height: 100%; background: #fff; color: #555; cursor: none }}
  body {{ font: 15px system-ui, sans-serif }}
  svg {{ position: fixed; inset: 4vh 4vw 7vh; width: 92vw; height: 89vh }}
  p {{ position: fixed; bottom: 1.6vh; width: 100%; margin: 0; text-align: center }}
</style>
<svg viewBox="0 0 {width} {height}" shape-rendering="crispEdges" role="img" aria-label="calibration board">
<path d="{path}"/></svg>
<p>Click to fill the screen (Esc ends it). Brightness up. Move the camera: into all corners, tilted each way, near and
far.</p>
<script>addEventListener("click", () => document.documentElement.requestFullscreen?.())</script>
</html>
"""


def page(board: Board) -> str:
    """HTML that shows the board as large as the screen allows, and needs nothing else."""
    path = "".join(f"M{x} {y}h{w}v{h}h-{w}z" for x, y, w, h in boxes(board))
    return PAGE.format(width=MODULES * board.columns, height=MODULES * board.rows, path=path)


def write(board: Board, path: Path, paper: str = "a4") -> None:
    """The board into a file, by the end of its name: .pdf, or .html.

    Raises:
        VTuberError: another end, or the file cannot be written.
    """
    end = path.suffix.lower()
    if end not in (".pdf", ".html"):
        raise VTuberError(f"{path}: the board can be written as .pdf, to be printed, or as .html, for a screen")
    made = pdf(board, paper) if end == ".pdf" else page(board).encode("utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made)
    except OSError as e:
        raise VTuberError(f"{path} cannot be written: {e.strerror}") from None
