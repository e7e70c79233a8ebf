"""Long work in a process of its own, so that a run beside it keeps its pace: Python does one thing at a time."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from vtuber.stages import VTuberError

T = TypeVar("T")
LOOK_S = 0.1
"""How often it is looked at."""
POLITE, BELOW_NORMAL = 10, 0x4000
"""How far it stands back behind other processes: as POSIX counts it, and Windows' word for it."""


def apart(stop: threading.Event, work: Callable[..., T], *given: Any) -> T | None:
    """What the work returns; None when it was stopped.

    Args:
        work: a function of a module; what it is given and returns goes from process to process.

    Raises:
        VTuberError: as the work does, or it broke off.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_do, args=(there, work, given), name="calibration", daemon=True)
    process.start()
    there.close()
    try:
        while not here.poll(LOOK_S):
            if stop.is_set():
                return None
        said, answer = here.recv()
    except EOFError:
        raise VTuberError("the measuring broke off: is there enough memory?") from None
    finally:
        here.close()
        process.terminate()
        process.join()
    if said == "error":
        raise VTuberError(answer)
    done: T = answer
    return done


def _do(out: Connection, work: Callable[..., Any], given: tuple[Any, ...]) -> None:
    _stand_back()
    try:
        out.send(("done", work(*given)))
    except VTuberError as e:
        out.send(("error", str(e)))


def _stand_back() -> None:
    if sys.platform == "win32":
        import ctypes

        this_process = ctypes.c_void_p(-1)
        ctypes.windll.kernel32.SetPriorityClass(this_process, BELOW_NORMAL)
    else:
        with contextlib.suppress(OSError):  # a system may forbid it
            os.nice(POLITE)
