"""A recording instead of a performer: a folder of clips named after what they show, or one video of everything.

A folder holds <performer>_<kind>.mp4, or just <kind>.mp4, where the kind is one of steps.CLIPS: yaw, pitch, roll or
sweep; iso; blink; gaze; ahead; or a step by its name, such as wink-left. A video may have a file beside it, NAME.steps,
with a line for each step: first and last second, and the step's name. Without it, each step is looked for in the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from calibration.steps import BY_NAME, CLIPS, FREE
from vtuber.stages import Frame, Observation, Tracker, VTuberError
from vtuber.video_file import VideoFile, every_frame

VIDEOS = (".mp4", ".mkv", ".mov", ".webm", ".avi", ".m4v")


@dataclass(frozen=True, slots=True)
class Clip:
    """A part of a video, and what it shows."""

    path: Path
    label: str
    start: float = 0.0
    end: float = float("inf")
    """Seconds of the video."""


def clips_of(source: Path) -> list[Clip]:
    """What a folder, a folder's clips of one performer (FOLDER/NAME), or a video shows.

    Raises:
        VTuberError: there is nothing that a calibration could use.
    """
    if source.is_file():
        return _video(source)
    folder, performer = (source, "") if source.is_dir() else (source.parent, source.name)
    if not folder.is_dir():
        raise VTuberError(f"there is no video and no folder {source}: check the path")
    found = [(p, *_named(p)) for p in sorted(folder.iterdir()) if p.suffix.lower() in VIDEOS]
    known = [(path, who, kind) for path, who, kind in found if kind in CLIPS and (not performer or who == performer)]
    if not known:
        raise VTuberError(
            f"{source} holds no clip of a calibration: name them after what they show, such as yaw.mp4, iso.mp4, "
            "blink.mp4, gaze.mp4"
        )
    people = sorted({who for _, who, _ in known})
    if len(people) > 1:
        raise VTuberError(
            f"{folder} holds clips of {', '.join(who or 'somebody' for who in people)}: name one of them, as in "
            f"{folder / (people[0] or people[1])}"
        )
    return [Clip(path, CLIPS[kind]) for path, _, kind in known]


def _named(path: Path) -> tuple[str, str]:
    """(performer, kind) of <performer>_<kind>.mp4 or <kind>.mp4."""
    who, _, kind = path.stem.rpartition("_")
    return who, kind.lower()


def _video(path: Path) -> list[Clip]:
    beside = path.with_suffix(".steps")
    if not beside.is_file():
        who, kind = _named(path)
        return [Clip(path, CLIPS.get(kind, FREE))]
    clips = []
    for number, line in enumerate(beside.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            clips.append(_step(path, beside, number, line.split(maxsplit=2)))
    if not clips:
        raise VTuberError(f"{beside} names no step: write lines such as `0.0 2.5 ahead`")
    return clips


def _step(path: Path, beside: Path, number: int, words: list[str]) -> Clip:
    try:
        start, end, label = float(words[0]), float(words[1]), words[2].strip()
    except (IndexError, ValueError):
        raise VTuberError(f"{beside}, line {number}: write first and last second and the step: 0.0 2.5 ahead") from None
    label = label if label in BY_NAME else CLIPS.get(label.replace(" ", "-"), label)
    if label not in BY_NAME and label not in CLIPS.values():
        raise VTuberError(f"{beside}, line {number}: there is no step {label!r}; there are: {', '.join(BY_NAME)}")
    if not start < end:
        raise VTuberError(f"{beside}, line {number}: the step ends before it begins")
    return Clip(path, label, start, end)


def frames(clips: Sequence[Clip], tracker: Tracker) -> Iterator[tuple[Clip, float, Frame, list[Observation]]]:
    """Every frame of the clips: its clip, how much of all is done (0..1), itself, and what the tracker says of it.

    Raises:
        VTuberError: a video cannot be read.
    """
    paths = list(dict.fromkeys(clip.path for clip in clips))
    for i, path in enumerate(paths):
        video = VideoFile(path)
        try:
            total, first = max(1, video.frames), None
            for frame in every_frame(video):
                first = frame.timestamp if first is None else first
                at = frame.timestamp - first
                done = (i + min(1.0, (frame.index + 1) / total)) / len(paths)
                seen: list[Observation] | None = None
                for clip in clips:
                    if clip.path == path and clip.start <= at < clip.end:
                        seen = tracker.track(frame) if seen is None else seen
                        yield clip, done, frame, seen
        finally:
            video.close()
