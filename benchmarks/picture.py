"""The picture: how long `up` takes for how many libraries."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.peers import Peer
from benchmarks.scenarios import Round, Scale

_LINES: tuple[tuple[Peer, str, str], ...] = (
    ("naive", "naive", "#b54a2c"),
    ("ours", "this package", "#2563a8"),
    ("floor", "floor: nothing, and one activation", "#777777"),
)


def draw(rounds: Sequence[Round], scale: Scale, path: Path) -> None:
    """Draw the medians as lines and each run as a dot, as SVG."""
    # Else the same samples would make another file each time.
    with mpl.rc_context({"svg.hashsalt": "benchmarks", "font.size": 10}):
        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.add_subplot()
        for peer, label, colour in _LINES:
            waited = scale.seconds if peer == "floor" else 0.0
            times = [[waited + _up(turn, peer, size) for turn in rounds] for size in scale.growth]
            axes.plot(scale.growth, [*map(statistics.median, times)], color=colour, label=label)
            for size, found in zip(scale.growth, times, strict=True):
                axes.plot([size] * len(found), found, ".", color=colour)
        axes.set(
            xlabel="libraries",
            ylabel="seconds of `pulumi up`",
            xticks=scale.growth,
            ylim=(0, None),
            title=f"Audio libraries, activation {scale.seconds:g} s,"
            f" --parallel {max(scale.growth)}",
        )
        axes.grid(alpha=0.3)
        axes.legend()
        figure.savefig(path, format="svg", metadata={"Date": None})


def _up(turn: Round, peer: Peer, size: int) -> float:
    seconds = turn[peer][str(size)]
    assert isinstance(seconds, float)  # noqa: S101 - as `growth` notes it
    return seconds
