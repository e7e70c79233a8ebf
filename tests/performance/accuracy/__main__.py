"""The command line; see the package's own text."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from vtuber.parts import DEFAULTS
from vtuber.stages import VTuberError

from . import __doc__ as about
from . import run, table
from .contestants import Contestant, MediaPipe, Parts
from .openseeface import OpenSeeFace
from .run import Report

SHARED = table.ROOT.parent / "shared" / "data"


def main() -> int:
    options = _parser().parse_args()
    try:
        return _run(options)
    except VTuberError as e:
        print(e, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.performance.accuracy",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tracker", metavar="T", help=f"({DEFAULTS['tracker']})")
    parser.add_argument("--filter", metavar="F", help=f"({DEFAULTS['filter']})")
    parser.add_argument("--profile", metavar="P", help="a calibrated performer, by name or path")
    parser.add_argument("--set", metavar="part.key=value", action="append", default=[], dest="changes")
    parser.add_argument("--mediapipe", action="store_true", help="measure the official package by itself, too")
    parser.add_argument("--openseeface", metavar="CHECKOUT", type=Path, help="measure OpenSeeFace's own script, too")
    parser.add_argument("--only-peers", action="store_true", help="measure these peers alone")
    parser.add_argument("--quick", action="store_true", help="a third of it, in about a minute")
    parser.add_argument("--data", metavar="FOLDER", type=Path, default=SHARED, help="the truth (../shared/data)")
    parser.add_argument("--jobs", metavar="N", type=int, default=os.cpu_count() or 1, help="processes (one a core)")
    parser.add_argument("--shapes", action="store_true", help="print every shape, too")
    parser.add_argument("--json", metavar="OUT", type=Path, help="write everything there: clips and shapes, too")
    parser.add_argument("--readme", action="store_true", help="keep the figures, and write the README's table")
    return parser


def _run(options: argparse.Namespace) -> int:
    chosen = options.tracker or options.filter or options.profile or options.changes
    if options.readme and (chosen or options.quick or options.data != SHARED):
        raise VTuberError("--readme measures all of the data with the parts as they are by default")
    if not options.data.is_dir():
        raise VTuberError(f"there is no folder {options.data}: name one with --data")
    reports = {who: _measured(who, contestant, options) for who, contestant in _contestants(options).items()}
    if options.readme:
        table.write_readme()
    if options.json:
        everything = {who: table.rounded(vars(report)) for who, report in reports.items()}
        options.json.write_text(json.dumps(everything, indent=1), encoding="utf-8")
    columns = {table.COLUMNS[who]: report.figures for who, report in reports.items()}
    for who, figures in table.kept().items():
        size = "quick" if options.quick else "full"
        if who not in reports and size in figures and options.data == SHARED:
            columns[f"{table.COLUMNS[who]}, as kept"] = figures[size]
    print(table.table(columns, mark=True), end="")
    for who, report in reports.items() if options.shapes else ():
        print(f"\n{table.COLUMNS[who]}\n\n{table.shapes_table(report)}", end="")
    return 0


def _contestants(options: argparse.Namespace) -> dict[str, Contestant]:
    who: dict[str, Contestant] = {}
    if not options.only_peers:
        who["here"] = Parts.chosen(options.tracker, options.filter, options.profile, options.changes)
    if options.mediapipe:
        who["mediapipe"] = MediaPipe()
    if options.openseeface:
        who["openseeface"] = OpenSeeFace(options.openseeface.absolute())
    return who


def _measured(who: str, contestant: Contestant, options: argparse.Namespace) -> Report:
    start, name = time.perf_counter(), table.COLUMNS[who]

    def say(line: str) -> None:
        if sys.stderr.isatty():
            print(f"\r\x1b[K{name}: {line}", end="", file=sys.stderr)

    sight = run.look(contestant, options.data, quick=options.quick, jobs=options.jobs, say=say)
    report = run.score(contestant, options.data, sight, quick=options.quick)
    if options.readme:
        table.keep(who, report, run.score(contestant, options.data, sight, quick=True))
    say("")
    print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    return report


if __name__ == "__main__":
    sys.exit(main())
