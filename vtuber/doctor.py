"""Why isn't it moving? Each thing that a run needs, looked at, with what to do about it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from vtuber import findings, live2d_core, models, parts, ports, wire
from vtuber.findings import Finding
from vtuber.stages import Frame, Source, Tracker, VTuberError

LOOK_S = 3.0
"""How long the camera is watched."""


def examine() -> list[Finding]:
    """Camera, picture, face, models, page and port."""
    found = _guarded("models", _models) + _guarded("viewer page", _page) + _guarded("Live2D", _live2d)
    found += _guarded("port", _port)
    return found + _guarded("camera", _camera)


def _guarded(subject: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return look()
    except VTuberError as e:
        return [Finding(subject, False, str(e))]


def _models() -> list[Finding]:
    path = models.path("face_landmarker.task")
    return [Finding("models", True, f"face_landmarker.task is whole, in {path.parent}")]


def _page() -> list[Finding]:
    from vtuber.server.pages import BUILT, avatar_folders

    missing = [name for name in ("web/index.html", "avatars/default.vrm") if not (BUILT / name).is_file()]
    if missing:
        return [Finding("viewer page", False, f"{', '.join(missing)} was not built: run `pip install .` again")]
    own = avatar_folders()[0]
    count = len(list(own.glob("*.vrm"))) if own.is_dir() else 0
    return [
        Finding("viewer page", True, "built"),
        Finding("avatars", True, f"the default one, and {count} of yours in {own}"),
    ]


def _live2d() -> list[Finding]:
    path = live2d_core.path()
    if path is None:  # nothing to mend for those who have no Live2D avatar
        how = f"for Live2D avatars run vtuber live2d-core FILE, with the SDK for Web from {live2d_core.SDK_PAGE}"
        return [Finding("Live2D", True, f"no Core yet: {how}")]
    reads = live2d_core.check(live2d_core.read(path), str(path))
    return [Finding("Live2D", True, f"its Core is in {path.parent} and reads models up to {reads}")]


def _port() -> list[Finding]:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        taken = probe.connect_ex(("127.0.0.1", wire.PORT)) == 0
    if taken:
        taker = ports.holder(wire.PORT, "tcp") or "perhaps a running vtuber"
        told = f"{wire.PORT} is in use by {taker}; choose another with --port"
        return [Finding("port", False, told)]
    return [Finding("port", True, f"{wire.PORT} is free")]


def _camera() -> list[Finding]:
    source = parts.make("source", "camera", {}, "")
    tracker = None
    try:
        found = [Finding("camera", True, source.describe())]
        frames = _watch(source)
        if len(frames) < 2:
            return [*found, Finding("camera rate", False, "hardly any picture came: unplug it and plug it in again")]
        tracker = parts.make("tracker", "face_landmarker", {})
        return found + [_rate(frames), findings.light(frames[-1]), _face(tracker, frames[-1])]
    finally:
        source.close()
        if tracker:
            tracker.close()


def _watch(source: Source) -> list[Frame]:
    """The first frame of a while and the last."""
    frames: list[Frame] = []
    start = time.perf_counter()
    for item in source:
        if isinstance(item, Frame):
            frames[1:] = [item]
        if time.perf_counter() - start > LOOK_S:
            break
    return frames


def _rate(frames: list[Frame]) -> Finding:
    wanted = next(s.default for s in parts.settings(parts.find("source", "camera")) if s.name == "fps")
    span = frames[-1].timestamp - frames[0].timestamp
    return findings.rate((frames[-1].index - frames[0].index) / max(span, 1e-6), wanted)


def _face(tracker: Tracker, frame: Frame) -> Finding:
    face = next((o.face for o in tracker.track(frame)), None)
    height, width = frame.image.shape[:2]
    return findings.face(None if face is None else face.landmarks, (width, height))
