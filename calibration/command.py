"""`vtuber calibrate face`: from the command line's options to a profile."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable
from pathlib import Path

from calibration import guide
from calibration.face import FaceCalibration
from calibration.guide import Portrait
from calibration.terminal import Terminal
from vtuber import profile as profiles
from vtuber.chosen import Chosen

USUAL_NAME = "me"


def face(options: argparse.Namespace, write: Callable[[str], None], moving: bool) -> Path:
    """Calibrate, write the profile, and say what became better.

    Args:
        options: source, profile, screen, report, picture, and those that choose a tracker and its settings.
        write: takes the text for the terminal; `moving`: whether a line may be written over.

    Returns:
        The profile's path.

    Raises:
        VTuberError: it came to nothing; the text says why, and the old profile is untouched.
    """
    path = profiles.path_of(options.profile or USUAL_NAME)
    calibration = FaceCalibration(guide.base_of(path))
    report = options.report or path.with_suffix(".html")
    portrait = Portrait() if options.picture else None
    terminal = Terminal(write, moving)
    recorded = options.source is not None and _recorded(options.source)
    chosen = _chosen(options)
    with contextlib.ExitStack() as stack:
        tracker = chosen.make_tracker()
        stack.callback(tracker.close)
        if recorded:
            guide.from_clips(Path(options.source).expanduser(), tracker, calibration, terminal, portrait)
        else:
            (source,) = chosen.make_sources()
            stack.callback(source.close)
            terminal.greet()
            guide.from_source(source, tracker, calibration, terminal, portrait=portrait)
    terminal.say("\n  measuring ...")
    guide.finish(calibration, path, screen_inches=options.screen, report=report, portrait=portrait, say=terminal.say)
    return path


def _recorded(source: str) -> bool:
    """A file, a folder, or a folder's clips of one performer: no part that is called so."""
    path = Path(source).expanduser()
    return path.exists() or (path.parent.is_dir() and any(path.parent.glob(f"{path.name}_*"))) or "/" in source


def _chosen(options: argparse.Namespace) -> Chosen:
    plain = argparse.Namespace(**vars(options))
    plain.profile, plain.filter, plain.output = None, None, []
    plain.source = [options.source] if options.source and not _recorded(options.source) else ["camera"]
    return Chosen(plain)
