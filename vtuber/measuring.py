"""Guided calibrations of a performer and a camera beside a run, on what the run sees itself.

What is asked and measured lies in calibration/, which is imported when one begins: its packages are large.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from vtuber import commands
from vtuber import profile as profiles
from vtuber.profile import Profile
from vtuber.stages import Frame, Observation, VTuberError

USUAL_NAME = "me"
"""Of the profile, where none is in use."""


class Flow(Protocol):
    """One calibration under way. `see` is called by the thread that tracks and does not wait; the rest from any."""

    def see(self, frame: Frame, observations: Sequence[Observation]) -> None: ...

    def skip(self, step: str) -> None:
        """Pass over this step, if it is the one that is being done."""
        ...

    def enough(self) -> None:
        """Measure from what was seen so far."""
        ...

    def shown(self) -> dict[str, Any]:
        """Where it stands, as plain data; `phase` is steps, measuring, judged or failed."""
        ...

    def verdict(self) -> dict[str, Any]:
        """What was found. Raises VTuberError: nothing yet."""
        ...

    def result(self) -> Profile:
        """Raises VTuberError: there is none yet."""
        ...

    def close(self, reason: str = "") -> None:
        """Measure no more; with a reason, it has failed for that one. Calling it twice is harmless."""
        ...


class Flows(Protocol):
    """The calibrations that there are: calibration/flows.py."""

    def begin(self, asked: commands.Calibrate, base: Profile, name: str) -> Flow: ...

    def board(self, what: str) -> Any: ...


class Measuring:
    """The calibration of one run, if one is under way, and the profile's way back.

    Args:
        flows: gives the calibrations; None where there are none.
    """

    def __init__(self, flows: Callable[[], Flows] | None) -> None:
        self._flows = flows
        self._flow: Flow | None = None
        self._path = Path()

    def see(self, frame: Frame, observations: Sequence[Observation]) -> None:
        """What the run has just seen."""
        flow = self._flow
        if flow is not None:
            flow.see(frame, observations)

    def begin(self, asked: commands.Calibrate, profile: str) -> None:
        """Begin one for the profile of this name; "" is the usual one.

        Raises:
            VTuberError: one is under way, or the profile that is there is broken.
        """
        if self._flow is not None and self._flow.shown()["phase"] != "failed":
            raise VTuberError("a calibration is under way: end that one first")
        path = profiles.path_of(profile or USUAL_NAME)
        base = profiles.load(str(path)) if path.exists() else Profile(name=path.stem)
        fresh, old = self._known().begin(asked, base, path.stem), self._flow
        self._flow, self._path = fresh, path
        if old is not None:
            old.close()

    def guide(self, asked: commands.Guide) -> None:
        """Do as it says; not for `keep`. Raises VTuberError: none is under way."""
        if self._flow is None:
            raise VTuberError("no calibration is under way")
        if asked.wish == "skip":
            self._flow.skip(asked.step)
        elif asked.wish == "enough":
            self._flow.enough()
        else:
            self._end()

    def keep(self) -> Path:
        """Write what was found, beside what was there before; the profile's file.

        Raises:
            VTuberError: nothing was found yet, or it cannot be written: the profile is as it was.
        """
        if self._flow is None:
            raise VTuberError("no calibration is under way")
        found, path = self._flow.result(), self._path
        profiles.save(_read(path) if path.exists() else Profile(name=path.stem), before(path))
        profiles.save(found, path)
        return path

    def interrupt(self, reason: str) -> None:
        """What was seen so far and what is seen from now on do not go together."""
        flow = self._flow
        if flow is not None and flow.shown()["phase"] == "steps":
            flow.close(reason)

    def shown(self) -> dict[str, Any] | None:
        """Where it stands; None where none is under way."""
        flow = self._flow
        return None if flow is None else flow.shown()

    def ask(self, what: str) -> Any:
        """`calibration`: what was found; `board`, `board_PAPER`: a board for the camera, to be shown or printed.

        Raises:
            VTuberError: nothing was found yet, or there is no such paper.
        """
        if what.startswith("board"):
            return self._known().board(what)
        if self._flow is None:
            raise VTuberError("no calibration is under way")
        return self._flow.verdict()

    def close(self) -> None:
        self._end()

    def _end(self) -> None:
        flow, self._flow = self._flow, None
        if flow is not None:
            flow.close()

    def _known(self) -> Flows:
        if self._flows is None:
            raise VTuberError("this run cannot calibrate: start it as `vtuber run`")
        return self._flows()


def before(path: Path) -> Path:
    """Where a profile is kept as it was before its last calibration."""
    return path.with_suffix(".before")


def swap(path: Path) -> None:
    """Exchange a profile and the one before it.

    Raises:
        VTuberError: there is none before it, or they cannot be written: both are as they were.
    """
    now, old = _read(path), _read(before(path))
    profiles.save(now, before(path))
    try:
        profiles.save(old, path)
    except VTuberError:
        with contextlib.suppress(VTuberError):
            profiles.save(old, before(path))
        raise


def unrefined(path: Path) -> None:
    """Take out of a profile what its ranges have become in use. Raises VTuberError."""
    profiles.save(msgspec.structs.replace(_read(path), refined={}), path)


def _read(path: Path) -> Profile:
    try:
        return profiles.decode(path.read_bytes())
    except FileNotFoundError:
        raise VTuberError("there is nothing to go back to: this profile was not calibrated here") from None
    except OSError as e:
        raise VTuberError(f"profile {path} cannot be read: {e.strerror}") from None
    except ValueError as e:
        raise VTuberError(f"profile {path} is broken{e}") from None
