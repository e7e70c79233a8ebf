"""The command line. The only file that prints; everything heavy is imported by the command that needs it."""

from __future__ import annotations

import argparse
import logging
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import vtuber
from vtuber.parts import DEFAULTS
from vtuber.stages import VTuberError
from vtuber.wire import PORT

if TYPE_CHECKING:
    from vtuber.measuring import Flows

LAYERED = """
  Several go together, such as --source camera --source body=vmc: later ones overlay the parts that they give, and
  let the earlier ones show when they stop. The parts are head, eyes, face, body, hands; all where none is named."""
COMMANDS = ("run", "track", "monitor", "calibrate", "doctor", "bench", "list", "live2d-core")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 1 something that the user can mend, said in one line, 2 wrong usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # Without a command it is `run`, also when options follow at once.
    if not given or (given[0] not in COMMANDS and given[0] not in ("-h", "--help", "--version")):
        given.insert(0, "run")
    options = _parser().parse_args(given)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except VTuberError as e:
        print(f"vtuber: {e}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vtuber",
        description="Your webcam moves an avatar: in the browser, in OBS, in Unity.",
        epilog=f"`vtuber` alone is `vtuber run`: first camera, viewer on http://127.0.0.1:{PORT}.",
    )
    parser.add_argument("--version", action="version", version=f"vtuber {vtuber.__version__}")
    commands = parser.add_subparsers(metavar="command", required=True)

    run = commands.add_parser("run", help="track, and show the avatar in the browser")
    run.add_argument(
        "--source",
        metavar="S",
        action="append",
        help="camera, camera:1, demo, a file, or PART:ARGUMENT; may be repeated: later ones overlay what they give, "
        "such as --source camera --source body=vmc",
    )
    run.add_argument("--output", metavar="O", action="append", help="PART or PART:ARGUMENT; may be repeated")
    run.add_argument("--no-browser", action="store_true", help="do not open the viewer")
    run.add_argument("--frames", metavar="N", type=_count, default=0, help="end after N frames")
    run.add_argument("--port", metavar="N", type=int, help=f"of the viewer ({PORT})")
    run.add_argument("--lan", action="store_true", help="let other machines in, by a link with a token")
    _part_options(run)
    run.set_defaults(command=_run)

    track = commands.add_parser("track", help="track every frame of a video into a file")
    track.add_argument("input", metavar="INPUT", type=Path, help="a video file")
    track.add_argument("-o", "--out", metavar="OUT.jsonl", type=Path, required=True, help="one JSON object a line")
    _part_options(track)
    track.set_defaults(command=_track)

    monitor = commands.add_parser("monitor", help="what arrives from another app or a phone, decoded")
    monitor.add_argument("protocol", metavar="PROTOCOL[:PORT]", help="a source, as after --source: vmc:39540")
    monitor.add_argument("--seconds", metavar="N", type=_seconds, default=math.inf, help="end after N seconds")
    monitor.set_defaults(command=_monitor)

    _calibrate_options(commands.add_parser("calibrate", help="measure your face or camera, once"))

    doctor = commands.add_parser("doctor", help="check camera, models, page and port: ok, or what to do")
    doctor.set_defaults(command=_doctor)

    bench = commands.add_parser("bench", help="speed and latency on this machine")
    bench.add_argument("--json", metavar="OUT", type=Path, help="write the figures there as well")
    bench.add_argument("--source", metavar="FILE", type=Path, help="a video instead of the demo performer")
    bench.add_argument("--frames", metavar="N", type=_count, default=240, help="frames of each pass (240)")
    bench.set_defaults(command=_bench)

    core = commands.add_parser("live2d-core", help="keep Live2D's Core, which draws Live2D avatars; once")
    core.add_argument("file", metavar="FILE", type=Path, help="live2dcubismcore.min.js, or Live2D's SDK for Web (zip)")
    core.set_defaults(command=_live2d_core)

    listing = commands.add_parser("list", help="the parts and their settings")
    listing.set_defaults(command=_list)
    return parser


def _calibrate_options(calibrate: argparse.ArgumentParser) -> None:
    measuring = calibrate.add_subparsers(metavar="what", required=True)
    _calibrate_face_options(measuring.add_parser("face", help="half a minute of guided steps, or clips of them"))
    _calibrate_camera_options(measuring.add_parser("camera", help="focal length and distortion, by a board"))

    back = measuring.add_parser("back", help="the ranges as they were calibrated, not as they have become in use")
    back.add_argument("--profile", metavar="P", default="me", help="its name, or path (me)")
    back.set_defaults(command=_calibrate_back)


def _calibrate_face_options(face: argparse.ArgumentParser) -> None:
    face.add_argument("--source", metavar="S", help="camera (the usual one), camera:1, a video, or a folder of clips")
    face.add_argument("--profile", metavar="P", default="me", help="under which name, or path (me)")
    face.add_argument(
        "--screen", metavar="INCHES", type=_seconds, help="your screen's diagonal: measures the gaze's gain"
    )
    face.add_argument(
        "--report", metavar="FILE.html", type=Path, help="the page of what became better (beside the profile)"
    )
    face.add_argument(
        "--picture", action="store_true", help="put a picture of you into the page; it stays on this computer"
    )
    face.add_argument("--tracker", metavar="T", help=f"({DEFAULTS['tracker']})")
    face.add_argument("--config", metavar="C", type=Path, help="settings file (vtuber.toml)")
    face.add_argument("--set", metavar="part.key=value", action="append", default=[], dest="changes")
    face.set_defaults(command=_calibrate_face)


def _calibrate_camera_options(camera: argparse.ArgumentParser) -> None:
    camera.add_argument("--source", metavar="S", help="camera (the usual one), camera:1, a video, a folder of pictures")
    camera.add_argument(
        "--board",
        metavar="B",
        default="charuco",
        help="charuco or chessboard, then squares and their mm: chessboard:10x7:25 (charuco:10x7:25)",
    )
    camera.add_argument("--profile", metavar="P", default="me", help="under which name, or path (me)")
    camera.add_argument("--print", metavar="FILE", type=Path, help="only write the board: .pdf in true size, or .html")
    camera.add_argument("--paper", metavar="SIZE", default="a4", help="of the PDF: a4, letter or a3 (a4)")
    camera.add_argument("--screen", action="store_true", help="show the board on this screen, for a camera in the hand")
    camera.add_argument(
        "--distance",
        metavar="CM",
        type=_seconds,
        help="no board: an estimate from your irises, so far from the camera",
    )
    camera.set_defaults(command=_calibrate_camera)


def _part_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tracker", metavar="T", help=f"({DEFAULTS['tracker']})")
    parser.add_argument("--filter", metavar="F", help=f"({DEFAULTS['filter']})")
    parser.add_argument("--profile", metavar="P", help="a calibrated performer, by name or path")
    parser.add_argument("--config", metavar="C", type=Path, help="settings file (vtuber.toml)")
    parser.add_argument("--set", metavar="part.key=value", action="append", default=[], dest="changes")


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError("must be more than 0")
    return value


def _run(options: argparse.Namespace) -> int:
    import webbrowser

    from vtuber.session import Session, percentile

    with Session(options, say=print, flows=_flows) as session:
        if not options.no_browser and _has_display():
            webbrowser.open(session.server.url)
        report = session.run(options.frames)
    p50, p95, p99 = (1000 * percentile(report.latencies, p) for p in (50, 95, 99))
    print(
        f"{report.frames} frames, tracked {report.tracked / max(1, report.frames):.1%}, "
        f"{report.frames / max(1e-9, report.seconds):.1f} fps, "
        f"capture to sent {p50:.1f} / {p95:.1f} / {p99:.1f} ms (p50/p95/p99)"
    )
    return 0


def _flows() -> Flows:
    """The guided calibrations, imported when one begins: what they need is large."""
    from calibration import flows

    return flows


def _has_display() -> bool:
    """Without one, Linux would open a text browser in this very terminal."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _track(options: argparse.Namespace) -> int:
    from vtuber.session import track_file

    track_file(options, say=print)
    return 0


def _monitor(options: argparse.Namespace) -> int:
    from vtuber import monitor

    source = monitor.listen(options.protocol)
    try:
        print(source.describe(), flush=True)
        for line in monitor.watch(source, options.seconds):
            print(line, flush=True)
    except KeyboardInterrupt:  # how one ends it
        pass
    finally:
        source.close()
    return 0


def _calibrate_face(options: argparse.Namespace) -> int:
    from calibration import command

    encoding = sys.stdout.encoding or "utf-8"

    def write(text: str) -> None:
        # A file that Windows writes in its old code page knows no bars.
        print(text.encode(encoding, "replace").decode(encoding), end="", flush=True)

    try:
        path = command.face(options, write, sys.stdout.isatty())
    except KeyboardInterrupt:
        print("\nbroken off: nothing was changed", file=sys.stderr)
        return 130
    name = path.stem if options.profile != str(path) else options.profile
    print(f"\n  use it:  vtuber run --profile {name}")
    return 0


def _calibrate_camera(options: argparse.Namespace) -> int:
    from calibration import camera_command

    def write(text: str) -> None:
        print(text, end="", flush=True)

    try:
        path = camera_command.calibrate(options, write, sys.stdout.isatty())
    except KeyboardInterrupt:
        print("\nbroken off: nothing was changed", file=sys.stderr)
        return 130
    if path is not None:
        print(f"kept in {path}; use it: vtuber run --profile {options.profile}")
    return 0


def _calibrate_back(options: argparse.Namespace) -> int:
    import msgspec

    from vtuber import profile

    now, path = profile.load(options.profile), profile.path_of(options.profile)
    profile.save(msgspec.structs.replace(now, refined={}), path)
    print(f"{path}: {len(now.refined)} ranges are again as they were calibrated")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from vtuber.doctor import examine

    findings = examine()
    for finding in findings:
        print(f"{'ok  ' if finding.ok else 'MEND'}  {finding.subject}: {finding.text}")
    return 0 if all(f.ok for f in findings) else 1


def _bench(options: argparse.Namespace) -> int:
    from vtuber.bench import measure

    figures = measure(options.source, options.frames, say=print)
    if options.json:
        import msgspec

        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    return 0


def _live2d_core(options: argparse.Namespace) -> int:
    from vtuber import live2d_core

    reads = live2d_core.keep(live2d_core.read(options.file), str(options.file))
    print(f"Live2D's Core is kept in {live2d_core.folder()}; it reads models up to {reads}")
    return 0


def _list(options: argparse.Namespace) -> int:
    from vtuber import parts

    for kind in parts.KINDS:
        print(f"{kind}s{LAYERED if kind == 'source' else ''}")
        for name in parts.names(kind):
            print(f"  {name:<16} {_summary(kind, name)}")
    return 0


def _summary(kind: str, name: str) -> str:
    from vtuber import parts

    try:
        part = parts.find(kind, name)  # type: ignore[arg-type]
    except VTuberError as e:
        return str(e)
    settings = ", ".join(f"{s.name}={s.default}" for s in parts.settings(part))
    return parts.summary(part) + (f"\n{'':<18} {settings}" if settings else "")


if __name__ == "__main__":
    sys.exit(main())
