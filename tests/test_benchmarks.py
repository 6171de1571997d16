"""The benchmarks count right and say what they saw. No time is asserted."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import scenarios
from benchmarks.figures import FIGURES, Figure, median, most, ratio
from benchmarks.report import BEGIN, END, Report, plain, write_between_marks
from benchmarks.scenarios import Round, Scale
from environment import ran

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "benchmarks" / "performance.md"
SMALL_LIBRARIES = 10

Samples = dict[str, list[dict[str, dict[str, Any]]]]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as `scripts/bench` does."""
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return ran(*command, folder=ROOT, environ={"PYTHONPATH": "tests"})


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


def measured(folder: Path, *scenes: str, picture: Path | None = None) -> Samples:
    """Return the samples of a small run that measures all figures of some scenarios."""
    names = [figure.name for figure in FIGURES if figure.scenario.__name__ in scenes]
    file = folder / "samples.json"
    options = [option for name in names for option in ("--figure", name)]
    if picture:
        options += ["--picture", str(picture)]
    done = bench("--small", "--json", str(file), *options)
    assert done.returncode == 0, done.stderr
    assert all(f"{name} " in done.stdout for name in names)
    samples: Samples = json.loads(file.read_text(encoding="utf-8"))["samples"]
    assert {*scenes} <= samples.keys()
    return samples


@pytest.mark.engine
def test_a_small_life(tmp_path: Path) -> None:
    """Each library is created once by either peer, and ours looks less often; all is drawn."""
    picture = tmp_path / "picture.svg"
    samples = measured(tmp_path, "life", picture=picture)
    (life,) = samples["life"]
    assert life["ours"]["creates"] == life["naive"]["creates"] == SMALL_LIBRARIES
    assert life["floor"]["creates"] == life["floor"]["other_calls"] == 0
    assert life["ours"]["other_calls"] < life["naive"]["other_calls"]
    assert samples["growth"][0].keys() == {"ours", "floor", "naive"}
    assert picture.read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.engine
def test_small_looks(tmp_path: Path) -> None:
    """A preview without changes calls nothing, memory is seen, and a refresh shares its calls."""
    samples = measured(tmp_path, "large", "refresh")
    (large,) = samples["large"]
    assert large["ours"]["calls"] == 0
    assert all(large[peer]["memory"] > 0 for peer in ("ours", "floor", "naive"))
    (refresh,) = samples["refresh"]
    assert refresh["ours"]["calls"] < refresh["naive"]["calls"] == 12


@pytest.mark.engine
def test_small_native_stacks(tmp_path: Path) -> None:
    """The native provider makes the same calls as the dynamic one, and its memory is seen."""
    samples = measured(tmp_path, "native_life", "native_large")
    (life,), (large,) = samples["native_life"], samples["native_large"]
    assert life["native"]["creates"] == SMALL_LIBRARIES
    assert life["native_floor"]["creates"] == life["native_floor"]["other_calls"] == 0
    assert large["native"]["calls"] == 0
    assert all(large[peer]["memory"] > 0 for peer in ("native", "native_floor", "ours"))


@pytest.mark.engine
def test_what_else_is_measured(tmp_path: Path) -> None:
    """Delays, creations in flight, imports, ports and the emulator's speed are noted."""
    samples = measured(tmp_path, "notice", "video", "imports", "port", "emulator")
    assert len(samples["notice"][0]["ours"]["delays"]) == SMALL_LIBRARIES
    assert 0 < samples["video"][0]["ours"]["in_flight"] <= SMALL_LIBRARIES


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


def test_figures() -> None:
    """A ratio is the median of pairs, so a slow minute spoils one; all that was seen counts."""
    rounds: list[Round] = [
        {"ours": {"up": 6.0, "delays": [1.0, 2.0]}, "floor": {"up": 2.0}},
        {"ours": {"up": 60.0, "delays": [3.0, 4.0, 5.0]}, "floor": {"up": 57.0}},
        {"ours": {"up": 9.0, "delays": []}, "floor": {"up": 1.0}},
    ]
    assert ratio("up", "ours", "floor", lambda scale: scale.seconds)(rounds, Scale()) == 1.2
    assert median("ours", "delays")(rounds, Scale()) == 3
    assert most("ours", "delays")(rounds, Scale()) == 5
    assert [Scale(libraries=count).waves for count in (30, 32)] == [3, 4]


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
    ours, floor = "from pulumi_alicloud_mps import FpShotDB", "import pulumi"
    assert measured[:4] == [ours, floor, floor, ours]
    assert set(warm) == {ours, floor}


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
