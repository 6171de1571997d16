"""The benchmarks count right and say what they saw. No time is asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import scenarios
from benchmarks.figures import FIGURES, Figure, median, most, ratio
from benchmarks.report import BEGIN, END, Report, plain, write_between_marks
from benchmarks.scenarios import Round, Scale

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "performance.md"
SMALL_LIBRARIES = 10

Samples = dict[str, list[dict[str, dict[str, Any]]]]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as `scripts/bench` does."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "tests"},
        check=False,
        capture_output=True,
        text=True,
    )


def small(tmp_path: Path, *figures: str, picture: Path | None = None) -> Samples:
    """Measure some figures with few libraries, and return the samples."""
    file = tmp_path / "samples.json"
    chosen = [argument for figure in figures for argument in ("--figure", figure)]
    if picture:
        chosen += ["--picture", str(picture)]
    done = bench("--small", "--json", str(file), *chosen)
    assert done.returncode == 0, done.stderr
    for figure in figures:
        assert f"{figure} " in done.stdout
    return dict(json.loads(file.read_text(encoding="utf-8"))["samples"])


def report(rounds: list[Round], scenario: str = "life") -> Report:
    """Return the report of a run that saw these rounds."""
    return Report(
        command="scripts/bench",
        date="2026-01-02",
        machine={"processor": "P", "memory": "1 GiB"},
        load=[0.5, 1.0],
        versions={"Python": "3.11"},
        scale=Scale(),
        samples={scenario: rounds},
    )


def figure(name: str) -> Figure:
    """Return a figure by its name."""
    (found,) = (figure for figure in FIGURES if figure.name == name)
    return found


def test_a_small_run_counts_calls(tmp_path: Path) -> None:
    """Each library is created once by either peer, and a shared poller needs fewer looks."""
    samples = small(tmp_path, "up-calls")

    (turn,) = samples["life"]
    assert turn["ours"]["creates"] == turn["naive"]["creates"] == SMALL_LIBRARIES
    assert turn["floor"]["creates"] == turn["floor"]["other_calls"] == 0
    assert turn["ours"]["other_calls"] < turn["naive"]["other_calls"]


def test_a_small_run_previews_without_calls(tmp_path: Path) -> None:
    """A preview without changes calls nothing, and the provider's memory was seen."""
    samples = small(tmp_path, "preview-calls", "memory")

    (turn,) = samples["large"]
    assert turn["ours"]["calls"] == 0
    assert all(turn[peer]["memory"] > 0 for peer in ("ours", "floor", "naive"))


def test_a_small_run_refreshes(tmp_path: Path) -> None:
    """A naive refresh looks once at each library, ours at several with a call."""
    samples = small(tmp_path, "refresh")

    (turn,) = samples["refresh"]
    assert turn["naive"]["calls"] == 12
    assert turn["ours"]["calls"] <= 8


def test_a_small_run_notes_every_creation(tmp_path: Path) -> None:
    """The delay of each library is noted, and how many MPS had in flight."""
    samples = small(tmp_path, "notice", "in-flight")

    (turn,) = samples["notice"]
    assert len(turn["ours"]["delays"]) == SMALL_LIBRARIES
    assert 0 < samples["video"][0]["ours"]["in_flight"] <= SMALL_LIBRARIES


def test_a_small_run_draws_the_picture(tmp_path: Path) -> None:
    """The picture is drawn beside any figures, and has each peer."""
    picture = tmp_path / "picture.svg"

    samples = small(tmp_path, "import", "emulator", picture=picture)

    assert samples.keys() == {"imports", "emulator", "growth"}
    assert samples["growth"][0].keys() == {"ours", "floor", "naive"}
    assert picture.read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--pairs", "4"], "--pairs: at least 5, or chance decides"),
        (["--write", "x.md", "--small"], "--write: what it writes is a whole run"),
        (["--figure", "beauty"], "invalid choice: 'beauty'"),
    ],
)
def test_what_says_nothing_is_refused(arguments: list[str], message: str) -> None:
    """A run whose result would mislead ends before it begins, in one line."""
    done = bench(*arguments)

    assert done.returncode == 2
    assert message in done.stderr.splitlines()[-1]


def test_a_ratio_is_the_median_of_pairs() -> None:
    """Each pair is divided by itself, so that a slow minute of the machine spoils one pair only."""
    rounds: list[Round] = [
        {"ours": {"up": 6.0}, "floor": {"up": 2.0}},
        {"ours": {"up": 60.0}, "floor": {"up": 57.0}},
        {"ours": {"up": 9.0}, "floor": {"up": 1.0}},
    ]

    assert ratio("up", "ours", "floor", lambda scale: scale.seconds)(rounds, Scale()) == 1.2


def test_all_that_was_noted_counts() -> None:
    """A median over several noted at a time takes each of them."""
    rounds: list[Round] = [{"ours": {"delays": [1.0, 2.0]}}, {"ours": {"delays": [3.0, 4.0, 5.0]}}]

    assert median("ours", "delays")(rounds, Scale()) == 3
    assert most("ours", "delays")(rounds, Scale()) == 5


def test_the_last_wave_counts() -> None:
    """32 libraries, ten at a time, are four waves."""
    assert Scale(libraries=32).waves == 4
    assert Scale(libraries=30).waves == 3


def test_the_table_tells_what_was_not_reached() -> None:
    """A figure that misses its bound says so, in the terminal and in the documentation."""
    slow = report([{"ours": {"up": 10.0}, "naive": {"up": 20.0}}])

    assert plain(slow.rows([figure("up-naive")])).splitlines()[-1] == (
        "up-naive  the same: naive's time, to ours  ≥ 4         2         not reached"
    )
    assert not figure("up-naive").met(2.0)
    assert figure("up-naive").met(4.0)


def test_peers_take_turns_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """No peer always goes first, and none always after the same: what lags meets all alike."""
    order: list[str] = []

    def note(module: str) -> float:
        order.append(module)
        return 1.0

    monkeypatch.setattr(scenarios, "import_seconds", note)

    list(scenarios.imports(None, Scale(pairs=5)))  # type: ignore[arg-type] # it needs no workshop

    warm, measured = order[:2], order[2:]
    assert measured[:4] == ["pulumi_alicloud_mps", "pulumi", "pulumi", "pulumi_alicloud_mps"]
    assert set(warm) == {"pulumi_alicloud_mps", "pulumi"}


def test_only_what_stands_between_the_marks_is_replaced(tmp_path: Path) -> None:
    """What people wrote around the table stays."""
    document = tmp_path / "performance.md"
    document.write_text(f"Before.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", encoding="utf-8")

    write_between_marks(document, f"{BEGIN}\nnew\n{END}")

    assert document.read_text(encoding="utf-8") == (f"Before.\n\n{BEGIN}\nnew\n{END}\n\nAfter.\n")


def test_the_documentation_is_what_was_measured(tmp_path: Path) -> None:
    """The table in the documentation comes from the samples beside it, to the last digit."""
    content = json.loads(DOCUMENT.with_suffix(".json").read_text(encoding="utf-8"))
    content.pop("figures")
    content["scale"] = Scale(**content["scale"])
    measured = Report(**content)
    copy = tmp_path / "performance.md"
    copy.write_text(DOCUMENT.read_text(encoding="utf-8"), encoding="utf-8")

    write_between_marks(copy, measured.markdown("performance.svg"))

    assert copy.read_text(encoding="utf-8") == DOCUMENT.read_text(encoding="utf-8")
    assert len(measured.figures()) == len(FIGURES)
