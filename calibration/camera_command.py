"""`vtuber calibrate camera`: from the command line's options to a profile that knows its camera."""

from __future__ import annotations

import argparse
import contextlib
import time
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import msgspec
import numpy as np

from calibration import camera, printed, views
from calibration.board import Board, parse
from calibration.camera import CameraFit
from calibration.sightings import MOST, Sightings
from vtuber import parts
from vtuber import profile as profiles
from vtuber.chosen import split_source
from vtuber.profile import Profile
from vtuber.stages import Frame, Image, Observation, Source, Tracker, VTuberError

PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"}
LOOK_S = 5.0
"""So long the irises are looked at, for an estimate from a distance."""
PATIENCE_S = 180.0
"""After so long before a live camera, what was seen has to do."""
UNDO = "; the profile was not changed"

Write = Callable[[str], None]


@dataclass
class _Terminal:
    """Text for people; one line of it is written over and over, where that is possible."""

    write: Write
    moving: bool
    _width: int = 0
    _last: str = ""

    def say(self, line: str) -> None:
        """A line that stays."""
        self.write(f"\r{line:<{self._width}}\n" if self._width else f"{line}\n")
        self._width = 0

    def news(self, line: str, asked: str) -> None:
        """How far it is; where nothing can be written over, only when something else is asked for."""
        if self.moving:
            self.write(f"\r{line:<{self._width}}")
            self._width = len(line)
        elif asked != self._last:
            self.write(f"{line}\n")
        self._last = asked


def calibrate(options: argparse.Namespace, write: Write, moving: bool) -> Path | None:
    """Measure the camera, and keep it in the profile.

    Args:
        options: source, board, profile, screen, print, paper, distance.
        write: takes the text for the terminal; `moving`: whether a line may be written over.

    Returns:
        The profile's path; None when the board was only to be printed.

    Raises:
        VTuberError: it came to nothing; the text says why, and the old profile is untouched.
    """
    board, terminal = parse(options.board), _Terminal(write, moving)
    if options.print is not None:
        printed.write(board, options.print, options.paper)
        terminal.say(f"{options.print}: {board.kind} of {board.columns} x {board.rows} squares")
        return None
    path = profiles.path_of(options.profile)
    base = profiles.load(options.profile) if path.exists() else Profile(name=path.stem)
    try:
        found = _measured(options, board, terminal)
    except VTuberError as e:
        raise VTuberError(f"{e}{UNDO if path.exists() else ''}") from None
    profiles.save(msgspec.structs.replace(base, camera=found.camera), path)
    for line in words(found, estimated=options.distance is not None):
        terminal.say(line)
    return path


def words(found: CameraFit, *, estimated: bool) -> list[str]:
    """What was found, for people."""
    (fx, _, cx), (_, fy, cy), _ = found.camera.matrix
    width, height = found.camera.size
    across, down = found.view_deg
    lines = [
        f"focal length   {fx:.1f} / {fy:.1f} px in pictures of {width} x {height}, +- {found.focal_spread:.1%}",
        f"field of view  {across:.1f} x {down:.1f} degrees",
    ]
    if estimated:
        return [*lines, "an estimate, from the width of the irises; a board would tell it to a tenth of a percent"]
    bent = found.camera.distortion
    return [
        *lines,
        f"middle         {cx - (width - 1) / 2:+.1f} / {cy - (height - 1) / 2:+.1f} px from the picture's",
        f"distortion     {100 * found.bend:.1f} % at the corner (k1 {bent[0]:+.3f}, k2 {bent[1]:+.3f})",
        f"error          {found.error_px:.2f} px over {found.used} views"
        + (f", {found.left_out} left out" if found.left_out else ""),
    ]


def _measured(options: argparse.Namespace, board: Board, terminal: _Terminal) -> CameraFit:
    with contextlib.ExitStack() as stack:
        if options.distance is not None:
            return _from_irises(options, terminal, stack)
        if options.screen:
            page = profiles.folder() / "board.html"
            printed.write(board, page)
            webbrowser.open(page.as_uri())
        frames, film, live = _pictures(options.source, stack)
        return camera.fit(_watch(frames, board, terminal, film=film, live=live))


def _watch(frames: Iterator[Image], board: Board, terminal: _Terminal, *, film: bool, live: bool) -> Sightings:
    """Look at pictures until everything was seen, or they end.

    Raises:
        VTuberError: there is no picture, or no board in any of them; or they are not all of one size.
    """
    seen, began, count = None, time.monotonic(), 0
    for image in frames:
        size = (image.shape[1], image.shape[0])
        if seen is None:
            seen = Sightings(board, size)
            terminal.say(f"{board.kind} of {board.columns} x {board.rows} squares, pictures of {size[0]} x {size[1]}")
        if size != seen.size:
            raise VTuberError("the pictures are not all of one size: calibrate from one camera at a time")
        count += 1
        news = seen.add(board.find(image), moving=film)
        asked = seen.missing[0] if seen.missing else "enough; hold still"
        if news or count == 1:
            terminal.news(f"{seen.share:4.0%}  {seen.map()}  {asked}", asked)
        late = time.monotonic() - began > PATIENCE_S
        if len(seen.kept) >= MOST or (live and (not seen.missing or late)):
            break
    if seen is None:
        raise VTuberError("there is no picture to look at")
    if not seen.kept:
        raise VTuberError(f"no {board.kind} of {board.columns} x {board.rows} squares was seen in {count} pictures")
    terminal.say(f"{seen.share:4.0%}  {seen.map()}")
    return seen


def _pictures(source: str | None, stack: contextlib.ExitStack) -> tuple[Iterator[Image], bool, bool]:
    """The pictures of a source, whether they are a film, and whether they go on for ever."""
    folder = Path(source or "").expanduser()
    if source and folder.is_dir():
        files = sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES)
        if not files:
            raise VTuberError(f"{folder} holds no pictures: {', '.join(sorted(PICTURES))} are read")
        return map(_picture, files), False, False
    opened = _opened(source, stack)
    return (item.image for item in opened if isinstance(item, Frame)), True, opened.live


def _picture(path: Path) -> Image:
    try:
        bgr = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error):
        bgr = None
    if bgr is None:
        raise VTuberError(f"{path} is no picture that can be read")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _opened(source: str | None, stack: contextlib.ExitStack) -> Source:
    name, argument = split_source(source) if source else ("camera", "")
    settings = {"realtime": False} if name == "video" else {}
    made: Source = parts.make("source", name, settings, argument)
    stack.callback(made.close)
    if not made.pictures:
        raise VTuberError(f"{source} gives no pictures: take a camera, a video, or a folder of pictures")
    return made


def _from_irises(options: argparse.Namespace, terminal: _Terminal, stack: contextlib.ExitStack) -> CameraFit:
    """Look at the performer, who says how far their eyes are from the camera."""
    frames, _, live = _pictures(options.source, stack)
    tracker: Tracker = parts.make("tracker", parts.DEFAULTS["tracker"], {})
    stack.callback(tracker.close)
    terminal.say(f"look at the camera for {LOOK_S:.0f} s, your eyes {options.distance:g} cm from it")
    seen: list[Observation] = []
    began = time.monotonic()
    for index, image in enumerate(frames):
        seen += tracker.track(Frame(image, time.monotonic() if live else index / 30.0, index))
        if (live and time.monotonic() - began > LOOK_S) or (not live and index >= 10 * LOOK_S * 30):
            break
    return camera.from_distance(views.gather(seen), options.distance / 100)
