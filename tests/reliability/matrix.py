"""Every life, with each thing that can happen to each call that it makes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from pulumi_alicloud_mps.emulator import Fault
from reliability.engine import Declared, Failure
from reliability.faults import Trouble
from reliability.lives import LIVES, Life, Site
from reliability.world import BrokenError, Machine, World, hold

_MOST_RUNS = 5
_CHANGING = {"CreateFpShotDB", "SubmitFpDBDeleteJob"}
ID = re.compile(r"\b[0-9a-f]{32}\b")
"""An FpDBId, in a message."""


@dataclass(frozen=True, eq=False)
class Case:
    """A life in which one thing goes wrong at one place."""

    life: Life
    site: Site
    trouble: Trouble

    def __str__(self) -> str:
        return f"{self.life.name}/{self.site.label}/{self.trouble.label}"

    @property
    def faults(self) -> list[Fault]:
        """The script of its first run."""
        calls = None if self.site.calls is None else list(self.site.calls)
        return [self.trouble.on(self.site.action, calls), *self.life.also]


@dataclass(frozen=True)
class Settled:
    """How a case came to its end.

    Attributes:
        runs: How many commands it took.
        way: What was done besides running the command again.
    """

    runs: int
    way: tuple[str, ...]


def cases(*, all_of_them: bool = True) -> list[Case]:
    """Return the cases; without `all_of_them`, one of each family where calls are repeated."""
    found = list(_cases())
    return found if all_of_them else [case for case in found if case in _first_of_families(found)]


def _cases() -> Iterator[Case]:
    for life in LIVES:
        for site in life.sites:
            for trouble in site.troubles:
                yield Case(life, site, trouble)


def _first_of_families(found: Sequence[Case]) -> Collection[Case]:
    """Return all cases of the calls that change something, in the first life that makes them.

    Of other calls, which all go the same way, and in the other lives, one case of each family.
    """
    kept: dict[object, Case] = {}
    first: dict[tuple[str, str], str] = {}
    for case in found:
        life, site, trouble = case.life, case.site, case.trouble
        fully = first.setdefault((site.label, site.action), life.name) == life.name
        fully = fully and site.action in _CHANGING and not site.repeated
        kept.setdefault((life.name, site.label, trouble.label if fully else trouble.family), case)
    return kept.values()


def run(machine: Machine, case: Case) -> Settled:
    """Take a life through its trouble to its end; fails where a promise is broken."""
    life = case.life
    world = World(machine, **life.settings)
    try:
        life.prepare(world)
        before = len(world.account.calls)
        world.account.spoil(case.faults)
        failure = life.act(world)
        world.account.spoil([])
        met = [call for call in world.account.calls[before:] if call["Fault"]]
        assert met or case.site.label in _BY_TIME, "nothing went wrong"
        settled = _settle(world, life, failure)
        world.check_agreement()
        assert world.preview() is None
        world.check_agreement()
        world.check_words()
    finally:
        world.account.spoil([])
    return settled


# How many looks a wait takes depends on the machine.
_BY_TIME = {"look-2", "looks", "job-looks"}


def _settle(world: World, life: Life, failure: Failure | None) -> Settled:
    way: list[str] = []
    for runs in range(1, _MOST_RUNS + 1):
        if failure is None and life.ended(world):
            return Settled(runs, tuple(way))
        if failure is not None:
            check_named(world, failure)
            way += _follow(world, failure)
        failure = life.act(world)
    said = f"{failure}; {world.stack.said}"
    raise BrokenError("other", f"not settled after {_MOST_RUNS} runs: {said}")


def check_named(world: World, failure: Failure) -> None:
    """A library that the state does not hold is noted there, or the error says its name or ID."""
    for fp_db_id in world.unknown():
        name = world.account.alive[fp_db_id].name
        noted = any(note.inputs.get("name") == name for note in world.stack.creating)
        named = name in failure.message or fp_db_id in failure.message
        hold("lost", () if noted or named else [fp_db_id], f"is not named: {failure.message}")


def _follow(world: World, failure: Failure) -> Iterator[str]:
    """Do what an error says, as somebody would who reads it."""
    message = failure.message
    if world.stack.creating:
        assert world.recover() is None, world.stack.said
        yield "recover"
    elif "`pulumi refresh`" in message:
        assert world.refresh() is None, world.stack.said
        yield "refresh"
    elif "have it resumed" in message:
        world.account.put(_only(message), "active")
        yield "resume"
    elif "still offline" in message:
        world.account.put(_only(message), "active")
    elif "set `adopt`" in message and (found := named_in(world, message)):
        world.program = [adopting(item, failure.urn, found, world) for item in world.program]
        yield "adopt"


def _only(message: str) -> str:
    (fp_db_id,) = set(ID.findall(message))
    return str(fp_db_id)


def named_in(world: World, message: str) -> str | None:
    """Return the ID that a message says, or the one that its reader finds at MPS by the name."""
    if "is there" not in message:
        return _only(message)
    alive = world.account.alive
    found = [key for key in world.unknown() if repr(alive[key].name) in message]
    assert len(found) <= 1
    return found[0] if found else None


def adopting(declared: Declared, urn: str, fp_db_id: str, world: World) -> Declared:
    """Return a resource as an error tells to write it, if the error was about it."""
    if world.urn(declared.name) != urn:
        return declared
    library = world.account.alive[fp_db_id]
    more = {"adopt": fp_db_id, "name": library.name, "model_id": library.model_id}
    return replace(declared, args={**declared.args, **more})
