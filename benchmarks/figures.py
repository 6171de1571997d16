"""The figures: what each says, what it must reach, and how it comes from the samples."""

from __future__ import annotations

import operator
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks import scenarios
from benchmarks.peers import Peer, Workshop
from benchmarks.scenarios import Round, Scale

Scenario = Callable[[Workshop, Scale], Iterator[Round]]
Measure = Callable[[Sequence[Round], Scale], float]

_HOLDS = {"≤": operator.le, "≥": operator.ge}


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        name: How the command line calls it.
        about: What was measured, with the numbers of the scale in braces.
        sign: Whether the figure must be at most or at least the bound.
        bound: What it must reach.
        unit: Of the figure; a ratio has none.
        scenario: Where its samples come from.
        measure: Makes the figure of them.
    """

    name: str
    about: str
    sign: Literal["≤", "≥"]
    bound: float
    scenario: Scenario
    measure: Measure
    unit: str = ""

    def met(self, measured: float) -> bool:
        """Whether that reaches the bound."""
        return bool(_HOLDS[self.sign](measured, self.bound))


def ratio(
    metric: str,
    above: Peer,
    below: Peer,
    waited: Callable[[Scale], float] = lambda _: 0.0,
) -> Measure:
    """Return the median over the rounds of one peer's metric divided by another's.

    Args:
        metric: What is compared.
        above: The peer whose metric is divided.
        below: The peer by whose metric it is divided.
        waited: Seconds to add to the latter, for what MPS takes and the floor does not do.
    """

    def measure(rounds: Sequence[Round], scale: Scale) -> float:
        return statistics.median(
            _number(turn, above, metric) / (_number(turn, below, metric) + waited(scale))
            for turn in rounds
        )

    return measure


def median(peer: Peer, metric: str) -> Measure:
    """Return the median of all that was noted of a peer."""
    return lambda rounds, _: statistics.median(_numbers(rounds, peer, metric))


def most(peer: Peer, metric: str) -> Measure:
    """Return the highest that was noted of a peer."""
    return lambda rounds, _: max(_numbers(rounds, peer, metric))


def _number(turn: Round, peer: Peer, metric: str) -> float:
    (number,) = _numbers([turn], peer, metric)
    return number


def _numbers(rounds: Sequence[Round], peer: Peer, metric: str) -> list[float]:
    found = (turn[peer][metric] for turn in rounds)
    return [number for item in found for number in (item if isinstance(item, list) else [item])]


def _once(scale: Scale) -> float:
    return scale.seconds


def _each_wave(scale: Scale) -> float:
    return scale.seconds * scale.waves


FIGURES = (
    Figure(
        "up-floor",
        "`up` of {libraries} audio libraries: time, to that of the floor",
        "≤",
        1.08,
        scenarios.life,
        ratio("up", "ours", "floor", _once),
    ),
    Figure(
        "up-naive",
        "the same: naive's time, to ours",
        "≥",
        4,
        scenarios.life,
        ratio("up", "naive", "ours"),
    ),
    Figure(
        "up-calls",
        "the same: API calls other than Create, to naive's",
        "≤",
        1 / 3,
        scenarios.life,
        ratio("other_calls", "ours", "naive"),
    ),
    Figure(
        "up-video",
        "`up` of {libraries} video libraries, ten in flight: time, to that of the floor",
        "≤",
        1.25,
        scenarios.video,
        ratio("up", "ours", "floor", _each_wave),
    ),
    Figure(
        "in-flight",
        "the same: creations that MPS had in flight at a time, at the most",
        "≤",
        scenarios.IN_FLIGHT,
        scenarios.video,
        most("ours", "in_flight"),
    ),
    Figure(
        "notice",
        "from `active` at MPS to create returning, median",
        "≤",
        0.2,
        scenarios.notice,
        median("ours", "delays"),
        "s",
    ),
    Figure(
        "destroy",
        "`destroy` of {libraries} libraries: time, to that of the floor",
        "≤",
        1.12,
        scenarios.life,
        ratio("destroy", "ours", "floor", _once),
    ),
    Figure(
        "preview",
        "`preview` of {large} libraries, no changes: time, to that of the floor",
        "≤",
        1.12,
        scenarios.large,
        ratio("preview", "ours", "floor"),
    ),
    Figure(
        "preview-first",
        "the same, of the first one after the `up`",
        "≤",
        1.25,
        scenarios.large,
        ratio("first_preview", "ours", "floor"),
    ),
    Figure(
        "preview-calls",
        "the same: API calls",
        "≤",
        0,
        scenarios.large,
        most("ours", "calls"),
    ),
    Figure(
        "memory",
        "`up` of {large} libraries: peak memory of the provider's process, to naive's",
        "≤",
        1.3,
        scenarios.large,
        ratio("memory", "ours", "naive"),
    ),
    Figure(
        "refresh",
        "`refresh` of {refreshed} libraries: API calls, to naive's",
        "≤",
        1 / 5,
        scenarios.refresh,
        ratio("calls", "ours", "naive"),
    ),
    Figure(
        "native-up",
        "`up` of {libraries} audio libraries by the native provider: time, to that of its floor",
        "≤",
        1.25,
        scenarios.native_life,
        ratio("up", "native", "native_floor", _once),
    ),
    Figure(
        "native-calls",
        "the same: API calls other than Create, to those of the dynamic provider",
        "≤",
        1,
        scenarios.native_life,
        ratio("other_calls", "native", "ours"),
    ),
    Figure(
        "native-preview",
        "`preview` of {large} libraries, no changes, by the native provider: to its floor",
        "≤",
        1.15,
        scenarios.native_large,
        ratio("preview", "native", "native_floor"),
    ),
    Figure(
        "native-first",
        "the same, of the first one after the `up`",
        "≤",
        1.15,
        scenarios.native_large,
        ratio("first_preview", "native", "native_floor"),
    ),
    Figure(
        "native-memory",
        "`up` of {large} libraries: peak memory of the native provider, to the dynamic one's",
        "≤",
        1,
        scenarios.native_large,
        ratio("memory", "native", "ours"),
    ),
    Figure(
        "native-port",
        "from the start of the native provider's process to its port, median",
        "≤",
        0.2,
        scenarios.port,
        median("native", "port"),
        "s",
    ),
    Figure(
        "import",
        "`from pulumi_alicloud_mps import FpShotDB`: time, to that of `import pulumi`",
        "≤",
        1.1,
        scenarios.imports,
        ratio("import", "ours", "floor"),
    ),
    Figure(
        "emulator",
        "calls that the emulator answers on one core",
        "≥",
        300,
        scenarios.emulator,
        median("ours", "calls_per_second"),
        "/s",
    ),
)
