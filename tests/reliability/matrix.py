"""Every life, with each thing that can happen to each call that it makes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from pulumi_alicloud_mps.emulator import Fault
from reliability.advice import check_named, follow
from reliability.engine import Failure
from reliability.faults import Trouble
from reliability.lives import LIVES, Life
from reliability.sites import Site
from reliability.world import BrokenError, Machine, World, hold

_MOST_RUNS = 5
_CHANGING = {"CreateFpShotDB", "SubmitFpDBDeleteJob"}


@dataclass(frozen=True, eq=False)
class Case:
    """A life in which one thing goes wrong at one place, through one of the fronts."""

    life: Life
    site: Site
    trouble: Trouble
    native: bool = False

    def __str__(self) -> str:
        name = f"{self.life.name}/{self.site.label}/{self.trouble.label}"
        return f"{name}/native" if self.native else name

    @property
    def family(self) -> str:
        """What sort of trouble it is."""
        return self.trouble.family

    @property
    def faults(self) -> list[Fault]:
        """The script of its first run."""
        calls = None if self.site.calls is None else list(self.site.calls)
        return [self.trouble.on(self.site.action, calls), *self.life.also]


@dataclass(frozen=True)
class Settled:
    """How a case came to its end.

    Attributes:
        met: How many calls met the trouble.
        runs: How many commands it took.
        way: What was done besides running the command again.
        said: Every error text, and what `recover` said.
    """

    met: int
    runs: int
    way: tuple[str, ...]
    said: tuple[str, ...]


def cases(*, all_of_them: bool = True) -> list[Case]:
    """Return the cases; without `all_of_them`, one for each of those that go the same way.

    The fronts only translate, so that what is tried on the native one is a part of them: all that
    can happen to a call that changes something, and one trouble of each family elsewhere.
    """
    dynamic, native = (
        [
            Case(life, site, trouble, native)
            for life in LIVES
            for site in life.sites
            for trouble in site.troubles
        ]
        for native in (False, True)
    )
    if all_of_them:
        return dynamic + _first(native, _translated)
    return _first(dynamic, _way) + _first(native, _short_way)


def _first(cases: list[Case], way: Callable[[Case], tuple[object, ...]]) -> list[Case]:
    return list({way(case): case for case in reversed(cases)}.values())


def _translated(case: Case) -> tuple[object, ...]:
    """Return what cases have in common of which the native provider goes through the first."""
    life, site, trouble = case.life, case.site, case.trouble
    return life.name, site.label, trouble.label if site.action in _CHANGING else trouble.family


def _short_way(case: Case) -> tuple[object, ...]:
    """Return what cases have in common of which the tests run the first on the native provider."""
    site, trouble = case.site, case.trouble
    return site.label, site.action, trouble.family if site.action in _CHANGING else ""


@cache
def _first_life(label: str, action: str) -> Life:
    return next(
        life
        for life in LIVES
        for site in life.sites
        if (site.label, site.action) == (label, action)
    )


def _way(case: Case) -> tuple[object, ...]:
    """Return what cases have in common of which the tests run the first.

    - A call that changes something, in the first life that makes it: every trouble is a case,
      since what is lost or made twice depends on what exactly happens there.
    - The same call in another life: one trouble of each family, since what another beginning
      makes of it depends on what the provider concludes, which it does by family.
    - A call that only reads, and all calls of an action: one trouble of each family for each
      place of the code that makes the call, whichever life leads there.
    """
    life, site, trouble = case.life, case.site, case.trouble
    if site.repeated or site.action not in _CHANGING:
        return site.label, site.action, trouble.family
    if _first_life(site.label, site.action) is life:
        return life.name, site.label, trouble.label
    return life.name, site.label, trouble.family


def run_untroubled(machine: Machine, life: Life, *, native: bool = False) -> Settled:
    """Take a life to its end with nothing in its way; fails where that takes longer than it may."""
    world = World(machine, native=native, **life.settings)
    life.prepare(world)
    world.account.spoil(life.also)
    failure = life.act(world)
    world.account.spoil([])
    runs, way = settle(world, life, failure)
    hold("other", [runs] if runs != life.runs else (), f"commands, {way}: {world.stack.said}")
    return Settled(0, runs, way, tuple(world.stack.said))


def run(machine: Machine, case: Case) -> Settled:
    """Take a life through its trouble to its end; fails where a promise is broken."""
    life = case.life
    world = World(machine, native=case.native, **life.settings)
    try:
        life.prepare(world)
        world.account.spoil(case.faults, case.site.after)
        failure = life.act(world)
        met = world.account.met
        assert met, "nothing went wrong"
        world.account.spoil([])
        runs, way = settle(world, life, failure)
        world.check_agreement()
        assert world.preview() is None, world.stack.said
        world.check_agreement()
        world.check_words()
    finally:
        world.account.spoil([])
    return Settled(met, runs, way, tuple(world.stack.said))


def settle(world: World, life: Life, failure: Failure | None) -> tuple[int, tuple[str, ...]]:
    """Do what errors say until the end; return how many commands it took, and what was done."""
    way: list[str] = []
    for runs in range(1, _MOST_RUNS + 1):
        if failure is None and life.ended(world):
            return runs, tuple(way)
        if failure is None:
            hold("lost", world.unknown(), "are unknown to the state, and nothing was said")
        else:
            check_named(world, failure)
            way += follow(world, failure)
        failure = life.act(world)
    said = f"{failure}; {world.stack.said}"
    raise BrokenError("other", f"not settled after {_MOST_RUNS} runs: {said}")
