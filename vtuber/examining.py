""" "Why isn't it moving?", asked of a running session: everything that it needs, looked at now."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from vtuber import findings, models, parts
from vtuber.desk import Desk
from vtuber.findings import Finding, told
from vtuber.stages import Frame, VTuberError
from vtuber.vitals import Vitals

BUSY = 0.9
"""A processor that works for this share of the time or more has none left for anything else."""
CROWDED = 1.5
"""More programs than this for each core want to work: all of them wait."""
SILENT_S = 3.0
"""A page that does not take over a state for so long shows an avatar that stands still."""
OUTPUT_KEYS = {
    "sending": "outputSending",
    "waiting": "outputWaiting",
    "nobody": "outputNobody",
    "refused": "outputRefused",
    "failed": "outputFailed",
}


class Examiner:
    """Looks at one session. From any thread."""

    def __init__(self, desk: Desk, vitals: Vitals) -> None:
        self._desk = desk
        self._vitals = vitals
        self._cpu = (time.process_time(), time.perf_counter())
        self.heartbeats: Callable[[], Sequence[float]] = tuple
        """For how long each page with the avatar has owed an answer, seconds."""

    def found(self) -> Iterator[Finding]:
        """What was found, from the source to the processor."""
        desk = self._desk
        if desk.trouble:
            yield told("source", False, "sourceTrouble", problem=desk.trouble)
        yield from self._source()
        frame, steps = self._vitals.newest or (None, [])
        if frame is not None:
            height, width = frame.image.shape[:2]
            yield from self._picture(frame)
            yield findings.light(frame)
            measured = next((s.measured for s in steps if s.measured is not None), None)
            yield findings.face(None if measured is None else measured.landmarks68, (width, height))
            if measured is not None:
                hidden = (findings.sunglasses(frame, measured.landmarks68), findings.mask(frame, measured.landmarks68))
                yield from (finding for finding in hidden if finding is not None)
        yield _models()
        yield from self._listening()
        yield self._viewers()
        for row in list(desk.rig.rows):
            if row.guarded is not None:
                health = row.guarded.health()
                well = health.state in ("sending", "waiting")
                yield told(row.text, well, OUTPUT_KEYS[health.state], problem=health.error, sent=health.sent)
        yield from self._processor()

    def _source(self) -> Iterator[Finding]:
        desk, pictures = self._desk, self._desk.rig.source.pictures
        if desk.chosen.fallen_back:
            yield told("camera", False, "cameraNone")
        elif self._vitals.rate():
            yield told("camera", True, "cameraWell", source=desk.rig.described)
        else:
            yield told("camera", False, "cameraSilent" if pictures else "appSilent", source=desk.rig.described)
        wants_camera = desk.chosen.fallen_back or any(name == "camera" for name, _ in desk.chosen.sources)
        if wants_camera and (desk.trouble or desk.chosen.fallen_back or not self._vitals.rate()):
            yield from _held()

    def _picture(self, frame: Frame) -> Iterator[Finding]:
        settings = [given for name, given in self._settings() if name in ("camera", "demo")]
        if settings and "width" in settings[0]:
            height, width = frame.image.shape[:2]
            real, asked = f"{width}x{height}", f"{settings[0]['width']}x{settings[0]['height']}"
            yield told("format", True, "formatWell" if real == asked else "formatOther", real=real, asked=asked)
        rate = self._vitals.rate()
        if rate:
            yield findings.rate(rate, next((g["fps"] for _, g in self._settings() if "fps" in g), 0.0) or rate)

    def _settings(self) -> list[tuple[str, dict[str, Any]]]:
        """Of each source, all that it was made with."""
        found = {}
        for name, _ in self._desk.chosen.sources:
            part = parts.find("source", name)
            found[name] = parts.values(part, parts.own(part, self._desk.chosen.source_settings(name)))
        return list(found.items())

    def _listening(self) -> Iterator[Finding]:
        now = self._desk.rig.source.now
        for source in getattr(now, "sources", [now]):
            port = getattr(source, "port", None)
            if port and source is not None:
                yield told("port", True, "listening", port=port, name=source.describe())

    def _viewers(self) -> Finding:
        owed = list(self.heartbeats())
        late = [seconds for seconds in owed if seconds > SILENT_S]
        if not owed:
            return told("viewers", True, "viewersNone")
        if late:
            return told("viewers", False, "viewersSilent", silent=len(late), count=len(owed), seconds=round(max(late)))
        return told("viewers", True, "viewersWell", count=len(owed))

    def _processor(self) -> Iterator[Finding]:
        (used, then), self._cpu = self._cpu, (time.process_time(), time.perf_counter())
        share = (self._cpu[0] - used) / max(1e-6, self._cpu[1] - then)
        cores = os.cpu_count() or 1
        well = share <= BUSY * cores
        yield told("processor", well, "cpuWell" if well else "cpuBusy", share=round(100 * share), cores=cores)
        if sys.platform != "win32" and os.getloadavg()[0] > CROWDED * cores:
            yield told("processor", False, "loadHigh", load=round(os.getloadavg()[0]), cores=cores)


def _held() -> Iterator[Finding]:
    """Which other program has a camera, or where the system says it."""
    from vtuber.cameras import holders, list_cameras

    there = list_cameras()
    if sys.platform == "win32" or sys.platform == "darwin":
        if there:
            yield told("camera", False, "heldWindows" if sys.platform == "win32" else "heldMac")
        return
    for camera in there:
        users = holders(camera.path)
        if users:
            yield told("camera", False, "heldBy", camera=camera, users=", ".join(users))


def _models() -> Finding:
    try:
        return told("models", True, "modelsWell", folder=models.path("face_landmarker.task").parent)
    except VTuberError as e:
        return told("models", False, "modelsBad", problem=e)
