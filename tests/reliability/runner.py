"""Runs the whole matrix in several processes, or random histories for some time."""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence

from reliability import broken_copies
from reliability.histories import live
from reliability.matrix import Case, Settled, cases, run
from reliability.report import Result, last_line, table
from reliability.respects import Respect, respects
from reliability.respects import run as run_respect
from reliability.world import BrokenError, Machine

_SEEDS_APART = 1_000_000
_ABOUT = "Run the whole matrix of faults, random histories, or the tests on broken copies."


def main() -> int:
    """Run what the command line says; return the code to exit with."""
    parser = argparse.ArgumentParser(prog="scripts/reliability", description=_ABOUT)
    parser.add_argument("--histories", type=float, metavar="SECONDS", help="random histories")
    parser.add_argument(
        "--mutants", action="store_true", help="break each promise in a copy, and run the tests"
    )
    parser.add_argument("--write-docs", action="store_true", help="write what found them down")
    parser.add_argument(
        "--only",
        default="",
        metavar="TEXT",
        help="cases whose ID, or broken copies whose title, has it",
    )
    parser.add_argument("--seed", type=int, help="that the first history is drawn from")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    given = parser.parse_args()
    if given.mutants:
        return broken_copies.run(given.only, given.jobs, write_docs=given.write_docs)
    if given.histories is not None:
        return _histories(given.histories, given.jobs, given.seed)
    return _matrix(given.only, given.jobs)


def _matrix(only: str, jobs: int) -> int:
    start = time.monotonic()
    numbers = [number for number, case in enumerate(_every()) if only in str(case)]
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        parts = pool.map(_part, [numbers[job::jobs] for job in range(jobs)])
    results = [result for part in parts for result in part]
    order = list(dict.fromkeys(case.life.name for case in _every()))
    results.sort(key=lambda result: order.index(result.life))
    _say(*table(results))
    _say(*(f"FAILED {result.name}: {result.problem}" for result in results if result.problem))
    _say(last_line(results, time.monotonic() - start))
    return int(any(result.problem for result in results))


def _every() -> list[Case | Respect]:
    return [*cases(), *respects()]


def _run(machine: Machine, case: Case | Respect) -> Settled:
    return run(machine, case) if isinstance(case, Case) else run_respect(machine, case)


def _part(numbers: Sequence[int]) -> list[Result]:
    all_cases, results = _every(), list[Result]()
    with Machine() as machine:
        for number in numbers:
            case = all_cases[number]
            native = isinstance(case, Case) and case.native
            of = (case.life.name, case.family, str(case), native)
            try:
                settled = _run(machine, case)
                results.append(Result(*of, met=settled.met, runs=settled.runs))
            except BrokenError as error:
                results.append(Result(*of, problem=str(error), promise=error.promise))
            # A case that can't be run is a failed one, and the others go on.
            except Exception as error:  # noqa: BLE001
                results.append(Result(*of, problem=repr(error)))
    return results


def _histories(seconds: float, jobs: int, seed: int | None) -> int:
    start = time.monotonic()
    first = time.time_ns() // 1_000_000 if seed is None else seed
    seeds = [first + job * _SEEDS_APART for job in range(jobs)]
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        parts = pool.starmap(live, [(seed, start + seconds) for seed in seeds])
    problems = [problem for _, problem in parts if problem]
    _say(*problems)
    steps = sum(steps for steps, _ in parts)
    took = time.monotonic() - start
    _say(f"first seed {first}, steps {steps}, failed {len(problems)}, {took:.0f} s")
    return int(bool(problems))


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
