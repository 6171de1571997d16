"""What is done with the peers, in turn, and what each time is noted."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.commands import DESTROY, PREVIEW, REFRESH, UP, creations_of, memory_of, run
from benchmarks.emulator_calls import calls_per_second
from benchmarks.peers import VIDEO, Peer, Workshop
from benchmarks.start import import_seconds, port_seconds

Sample = Mapping[str, float | list[float]]
Round = dict[str, Sample]
"""What each peer did in one turn."""

IN_FLIGHT = 10
"""Creations that MPS takes at a time in a region, for video."""

_PARALLEL = ("--parallel", "32")
# Deploying many only prepares what is measured, and the engine's snapshots are most of it.
_WITHOUT_SNAPSHOTS = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}


@dataclass(frozen=True)
class Scale:
    """How much is done.

    Attributes:
        pairs: How often the peers take turns.
        seconds: How long an activation or deletion takes.
        libraries: In the stack that is deployed and destroyed.
        refreshed: In the stack that is refreshed.
        large: In the stack that is previewed.
        previews: Of that stack, after a first one.
        growth: The numbers of libraries in the picture.
        turns: How often the peers take turns for it.
        calls: To the emulator, to see how many it answers.
        imports: In each turn; they take so little that chance needs more of them.
    """

    pairs: int = 5
    seconds: float = 3.0
    libraries: int = 32
    refreshed: int = 200
    large: int = 500
    previews: int = 3
    growth: tuple[int, ...] = (1, 8, 16, 32, 64)
    turns: int = 3
    calls: int = 3000
    imports: int = 8

    @property
    def waves(self) -> int:
        """How many times MPS takes as many video libraries as it does at a time."""
        return math.ceil(self.libraries / IN_FLIGHT)


def life(workshop: Workshop, scale: Scale) -> Iterator[Round]:
    """Deploy audio libraries and destroy them."""
    peers: Sequence[Peer] = ("ours", "floor", "naive")
    return _rounds(peers, scale.pairs, lambda peer: _life_of(workshop, scale, peer))


def native_life(workshop: Workshop, scale: Scale) -> Iterator[Round]:
    """Do the same by native providers, and beside them by the dynamic one."""
    peers: Sequence[Peer] = ("native", "native_floor", "ours")
    return _rounds(peers, scale.pairs, lambda peer: _life_of(workshop, scale, peer))


def _life_of(workshop: Workshop, scale: Scale, peer: Peer) -> Sample:
    workshop.mps.prepare(scale.seconds)
    with workshop.stack(peer, scale.libraries) as stack:
        up = run(stack, *UP, *_PARALLEL)
        calls = Counter(workshop.mps.take_calls())
        destroy = run(stack, *DESTROY, *_PARALLEL)
    creates = calls.pop("CreateFpShotDB", 0)
    return {"up": up, "creates": creates, "other_calls": calls.total(), "destroy": destroy}


def video(workshop: Workshop, scale: Scale) -> Iterator[Round]:
    """Deploy video libraries, of which MPS takes ten at a time."""

    def up_of(peer: Peer) -> Sample:
        workshop.mps.prepare(scale.seconds)
        with workshop.stack(peer, scale.libraries, VIDEO) as stack:
            return {"up": run(stack, *UP, *_PARALLEL), "in_flight": workshop.mps.in_flight()}

    return _rounds(("ours", "floor"), scale.pairs, up_of)


def notice(workshop: Workshop, scale: Scale) -> Iterator[Round]:
    """Deploy audio libraries and note how long after `active` each creation returns."""

    def delays_of(peer: Peer) -> Sample:
        workshop.mps.prepare(scale.seconds)
        with workshop.stack(peer, scale.libraries) as stack:
            with creations_of(stack) as returned:
                run(stack, *UP, *_PARALLEL)
            active = workshop.mps.active_since()
        return {"delays": [returned[library] - active[library] for library in active]}

    return _rounds(("ours",), scale.pairs, delays_of)


def growth(workshop: Workshop, scale: Scale) -> Iterator[Round]:
    """Deploy ever more audio libraries."""

    def ups_of(peer: Peer) -> Sample:
        return {str(size): up_of(peer, size) for size in scale.growth}

    def up_of(peer: Peer, size: int) -> float:
        workshop.mps.prepare(scale.seconds)
        with workshop.stack(peer, size) as stack:
            return run(stack, *UP, "--parallel", str(max(scale.growth)))

    return _rounds(("ours", "floor", "naive"), scale.turns, ups_of)


def refresh(workshop: Workshop, scale: Scale) -> Iterator[Round]:
    """Refresh a stack at the engine's own parallelism."""

    def refresh_of(peer: Peer) -> Sample:
        workshop.mps.prepare(0, limited=False)
        with workshop.stack(peer, scale.refreshed) as stack:
            stack.environment.update(_WITHOUT_SNAPSHOTS)
            run(stack, *UP, *_PARALLEL)
            workshop.mps.take_calls()
            seconds = run(stack, *REFRESH)
            return {"refresh": seconds, "calls": len(workshop.mps.take_calls())}

    return _rounds(("ours", "naive"), scale.pairs, refresh_of)


def large(workshop: Workshop, scale: Scale) -> Iterator[Round]:
    """Deploy a large stack for the provider's memory, and preview it, unchanged."""
    peers: Sequence[Peer] = ("ours", "floor", "naive")
    return _rounds(peers, scale.pairs, lambda peer: _preview_of(workshop, scale, peer))


def native_large(workshop: Workshop, scale: Scale) -> Iterator[Round]:
    """Do the same by native providers, and beside them by the dynamic one."""
    peers: Sequence[Peer] = ("native", "native_floor", "ours")
    return _rounds(peers, scale.pairs, lambda peer: _preview_of(workshop, scale, peer))


def _preview_of(workshop: Workshop, scale: Scale, peer: Peer) -> Sample:
    workshop.mps.prepare(0, limited=False)
    with workshop.stack(peer, scale.large) as stack:
        stack.environment.update(_WITHOUT_SNAPSHOTS)
        with memory_of(stack) as memory:
            run(stack, *UP, *_PARALLEL)
        workshop.mps.take_calls()
        # It forgets the notes of the creates.
        first = run(stack, *PREVIEW)
        seconds = statistics.median(run(stack, *PREVIEW) for _ in range(scale.previews))
        calls = len(workshop.mps.take_calls())
    return {"first_preview": first, "preview": seconds, "calls": calls, "memory": memory.peak}


def imports(_: Workshop, scale: Scale) -> Iterator[Round]:
    """Import the package, and what it needs anyway."""
    wanted = {"ours": "from pulumi_alicloud_mps import FpShotDB", "floor": "import pulumi"}
    for statement in wanted.values():
        # The first import of all writes bytecode.
        import_seconds(statement)
    turns = scale.pairs * scale.imports
    return _rounds(("ours", "floor"), turns, lambda it: {"import": import_seconds(wanted[it])})


def port(_: Workshop, scale: Scale) -> Iterator[Round]:
    """Start the providers' processes until they tell their ports."""
    modules = {"native": "pulumi_alicloud_mps.native", "ours": "pulumi.dynamic"}
    turns = scale.pairs * scale.imports
    return _rounds(("native", "ours"), turns, lambda it: {"port": port_seconds(modules[it])})


def emulator(_: Workshop, scale: Scale) -> Iterator[Round]:
    """Call the emulator as fast as it answers."""
    per_second = "calls_per_second"
    return _rounds(("ours",), scale.pairs, lambda _: {per_second: calls_per_second(scale.calls)})


def _rounds(peers: Sequence[Peer], turns: int, sample: Callable[[Peer], Sample]) -> Iterator[Round]:
    for number in range(turns):
        # Another one begins each time, so that no peer always follows the same.
        first = number % len(peers)
        yield {peer: sample(peer) for peer in (*peers[first:], *peers[:first])}
