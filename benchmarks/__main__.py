"""The command `python -m benchmarks`, which `scripts/bench` runs."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import scenarios
from benchmarks.figures import FIGURES, Figure, Scenario
from benchmarks.machine import machine, versions
from benchmarks.mps import serve
from benchmarks.peers import Workshop
from benchmarks.picture import draw
from benchmarks.report import Report, plain, write_between_marks
from benchmarks.scenarios import Round, Scale

_ABOUT = "Measure what the provider costs, beside a naive one and one that does nothing."
_NAMES = [figure.name for figure in FIGURES]
_LEAST_PAIRS = 5
_SMALL = Scale(
    pairs=1,
    seconds=1.2,
    libraries=10,
    refreshed=12,
    large=8,
    previews=1,
    growth=(2,),
    turns=1,
    calls=100,
    imports=1,
)


def main() -> int:
    """Do what the command line says; return 1 where a figure is not reached."""
    given = _given()
    # Ignored, as in a background job, it would be so in all that is started, and each plugin
    # would take 5 s to stop.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    figures = [figure for figure in FIGURES if figure.name in (given.figure or _NAMES)]
    report = _measure(figures, given)
    if given.picture:
        draw(report.samples[scenarios.growth.__name__], report.scale, given.picture)
    if given.write:
        write_between_marks(given.write, report.markdown(given.picture.name))
    sys.stdout.write(f"{plain(report.rows(figures))}\n")
    met = all(figure.met(report.measured(figure)) for figure in figures)
    return int(not met and not given.small)


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=_ABOUT)
    parser.add_argument(
        "--figure",
        action="append",
        choices=_NAMES,
        help="this one only, and any other that is given; all by default",
    )
    parser.add_argument(
        "--pairs", type=int, default=_LEAST_PAIRS, help="turns of the peers (default: %(default)s)"
    )
    parser.add_argument(
        "--small", action="store_true", help="one turn with few libraries, to see that it works"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples there")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="draw time against number of libraries (SVG)"
    )
    parser.add_argument(
        "--write",
        type=Path,
        metavar="DOCUMENT",
        help="write the table between the marks of this document, and the samples and the picture"
        " beside it; takes all figures",
    )
    given = parser.parse_args()
    if given.pairs < _LEAST_PAIRS:
        parser.error(f"--pairs: at least {_LEAST_PAIRS}, or chance decides")
    if given.write and (given.figure or given.small):
        parser.error("--write: what it writes is a whole run, without --figure and --small")
    if given.write:
        given.json = given.json or given.write.with_suffix(".json")
        given.picture = given.picture or given.write.with_suffix(".svg")
    return given


def _measure(figures: Sequence[Figure], given: argparse.Namespace) -> Report:
    scale = _SMALL if given.small else replace(Scale(), pairs=given.pairs)
    wanted = [figure.scenario for figure in figures]
    if given.picture:
        wanted.append(scenarios.growth)
    report = Report(
        command=shlex.join(["scripts/bench", *sys.argv[1:]]),
        date=datetime.now(UTC).date().isoformat(),
        machine=machine(),
        load=[os.getloadavg()[0]],
        versions=versions(),
        scale=scale,
        samples={},
    )
    for name, rounds in _samples(list(dict.fromkeys(wanted)), scale):
        report.samples[name] = rounds
        report.load.append(os.getloadavg()[0])
        # After each, because all of them take long.
        if given.json:
            given.json.write_text(report.json(), encoding="utf-8")
    return report


def _samples(wanted: Sequence[Scenario], scale: Scale) -> Iterator[tuple[str, list[Round]]]:
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as mps:
        workshop = Workshop(Path(folder), mps)
        for scenario in wanted:
            rounds = []
            for turn in scenario(workshop, scale):
                rounds.append(turn)
                sys.stderr.write(f"{scenario.__name__}, turn {len(rounds)}\n")
            yield scenario.__name__, rounds


if __name__ == "__main__":
    sys.exit(main())
