"""What the studio's page is told of a run, and what it may ask: the desk and the figures of one session, as plain data.

The server hands messages in and answers out; it knows nothing of what is in them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from vtuber import chosen as choices
from vtuber import commands, hotkeys, measuring, parts, preview
from vtuber import profile as profiles
from vtuber.desk import Desk
from vtuber.examining import Examiner
from vtuber.parts import Kind
from vtuber.pipeline import Pipeline
from vtuber.stages import Frame, VTuberError
from vtuber.tuning import Tuning
from vtuber.vitals import Vitals, middle
from vtuber.wire import ARKIT, PRESETS


class Studio:
    """One session as its studio pages see it. All methods may be called from any thread."""

    def __init__(self, desk: Desk, vitals: Vitals) -> None:
        self._desk = desk
        self._vitals = vitals
        self.examiner = Examiner(desk, vitals)

    def do(self, message: Any) -> None:
        """Obey one command of commands.py.

        Raises:
            VTuberError: it is none, or it cannot be done; the text says why.
        """
        try:
            command = commands.read(message)
        except ValueError as e:
            raise VTuberError(f"that is no command: {e}") from e
        self._desk.do(command)

    def ask(self, name: str) -> Any:
        """A longer answer: `cameras`, `findings`, `parts`; `calibration`, `board`, `board_a4`, as Measuring.ask says.

        Raises:
            VTuberError: there is no such question, or no answer.
        """
        questions: dict[str, Callable[[], Any]] = {
            "cameras": self._cameras,
            "findings": self._findings,
            "parts": _parts,
        }
        if name == "calibration" or name.partition("_")[0] == "board":
            return self._desk.measuring.ask(name)
        if name not in questions:
            raise VTuberError(f"there is nothing to be asked of the name {name!r}")
        return questions[name]()

    def truth(self) -> dict[str, Any]:
        """All that is chosen and set, as it is now."""
        desk = self._desk
        chosen, wishes = desk.chosen, desk.rig.wishes
        sections = {
            "tracker": _settings("tracker", chosen.tracker.split("+")[0], chosen.config.of("tracker")),
            "filter": _settings("filter", chosen.filter, chosen.config.of("filter")),
            "pipeline": parts.values(Pipeline, chosen.config.of("pipeline")),
            "tuning": parts.values(Tuning, chosen.config.of("tuning")),
        }
        for name, _ in chosen.sources:
            sections[f"source.{name}"] = _settings("source", name, chosen.source_settings(name))
        for row in desk.rig.rows:
            name = choices.split(row.text)[0]
            sections[f"output.{name}"] = _settings("output", name, chosen.config.of(f"output.{name}"))
        return {
            "run": {
                "source": chosen.given[0] if chosen.given else chosen.fallen_back,
                "sources": chosen.given,
                "tracker": chosen.tracker,
                "filter": chosen.filter,
                "profile": chosen.profile.name,
            },
            "described": desk.rig.described,
            "settings": sections,
            "shapes": {name: {"gain": s.gain, "offset": s.offset} for name, s in chosen.config.shapes.items()},
            "own": msgspec.to_builtins(chosen.own),
            "outputs": [{"text": row.text, "on": row.on} for row in desk.rig.rows],
            "expressions": [_mood(mood) for mood in wishes.moods.moods],
            "shown": sorted(wishes.moods.wanted),
            "away": wishes.away,
            "profiles": profiles.names(),
            "calibrated": self._calibrated(),
            "hotkeys": {
                "held": chosen.config.studio.hotkeys,
                "problem": desk.hotkeys_problem or hotkeys.impossible(),
            },
            "visited": chosen.config.studio.visited,
            "file": str(desk.file.path),
            "names": {"shapes": ARKIT, "presets": PRESETS},
        }

    def vitals(self) -> dict[str, Any]:
        """The figures that change all the time."""
        desk, vitals = self._desk, self._vitals
        waited = list(vitals.waited)
        measured = desk.rig.pipeline.now.people[0].weights
        return {
            "fps": round(vitals.rate(), 1),
            "tracked": round(vitals.tracked(), 3),
            "picture": _size(vitals.newest),
            "frames": vitals.frames,
            "dropped": vitals.dropped,
            "stages": {
                "tracker": round(middle(list(desk.rig.tracker.seconds)), 2),
                "pose": round(middle(list(desk.rig.pipeline.seconds)), 2),
                "outputs": round(middle(list(desk.rig.outputs.seconds)), 2),
            },
            "latency": [round(middle(waited, share), 1) for share in (0.5, 0.95, 0.99)],
            "outputs": [_health(row.guarded) for row in list(desk.rig.rows)],
            "raw": [round(weight, 3) for weight in measured.tolist()],
            "shown": [round(weight, 3) for weight in vitals.shown()],
            "calibration": desk.measuring.shown(),
        }

    def _calibrated(self) -> dict[str, Any]:
        """What was measured for the profile in use, and whether there is a way back."""
        desk = self._desk
        profile, name = desk.chosen.profile, desk.chosen.profile_name
        return {
            "made": profile.made,
            "face": profile.face is not None,
            "camera": None if profile.camera is None else list(profile.camera.size),
            "refined": len(desk.rig.pipeline.now.people[0].refined or profile.refined),
            "before": bool(name) and measuring.before(profiles.path_of(name)).exists(),
        }

    def preview(self, picture: bool) -> tuple[bytes, list[dict[str, Any]]] | None:
        """The newest picture as JPEG, if it is wanted, and the marks over it; None while there is none."""
        newest = self._vitals.newest
        frame, steps = newest or (None, [])
        if frame is None:
            return None
        height, width = frame.image.shape[:2]
        return preview.picture(frame) if picture else b"", preview.marks(steps, (width, height))

    # --- longer answers ----------------------------------------------------------------------------------------------

    def _cameras(self) -> list[dict[str, str]]:
        from vtuber.cameras import list_cameras

        return [{"source": f"camera:{camera.index}", "name": camera.name} for camera in list_cameras()]

    def _findings(self) -> list[dict[str, Any]]:
        return [
            {"subject": f.subject, "ok": f.ok, "text": f.text, "key": f.key, "arguments": dict(f.arguments)}
            for f in self.examiner.found()
        ]


def _size(newest: tuple[Frame | None, Any] | None) -> list[int] | None:
    """Width and height of the newest picture, if there is one."""
    frame = newest[0] if newest else None
    return None if frame is None else [frame.image.shape[1], frame.image.shape[0]]


def _parts() -> dict[str, Any]:
    listed: dict[str, Any] = {kind: [_described(kind, name) for name in parts.names(kind)] for kind in parts.KINDS}
    for name, what in (("pipeline", Pipeline), ("tuning", Tuning)):
        listed[name] = [{"name": name, "text": "", "missing": False, "settings": describe(what)}]
    return listed


def _described(kind: Kind, name: str) -> dict[str, Any]:
    """A part as `vtuber list` shows it."""
    try:
        part = parts.find(kind, name)
    except VTuberError as e:
        return {"name": name, "text": str(e), "missing": True, "settings": []}
    return {"name": name, "text": parts.summary(part), "missing": False, "settings": describe(part)}


def describe(part: type[Any]) -> list[dict[str, Any]]:
    """The settings of a part."""
    return [
        {
            "name": s.name,
            "type": s.type.__name__ if s.type in (bool, int, float) else "text",
            "default": s.default,
            "text": s.text,
            "choices": s.choices,
            "least": s.bounds[0] if s.bounds else None,
            "most": s.bounds[1] if s.bounds else None,
        }
        for s in parts.settings(part)
    ]


def _settings(kind: Kind, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """The values that a part has been given, and the usual ones of the others."""
    try:
        part = parts.find(kind, name)
    except VTuberError:
        return {}
    return parts.values(part, parts.own(part, given))


def _mood(mood: Any) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(mood)
    return told


def _health(guarded: Any) -> dict[str, Any]:
    if guarded is None:
        return {"state": "off", "sent": 0, "error": ""}
    health = guarded.health()
    return {"state": health.state, "sent": health.sent, "error": health.error}
