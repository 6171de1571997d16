"""Every life, in each respect in which MPS may differ from its documentation."""

from dataclasses import dataclass

from pulumi_alicloud_mps.emulator.settings import QUIRKS
from pulumi_alicloud_mps.mps.models import FpModel
from reliability.advice import check_named
from reliability.lives import LIVES, Life
from reliability.matrix import Settled, settle
from reliability.world import Machine, World

_DENIAL = "denied-always"
"""The quirk with which nothing comes to its end: it passes, and the command is run again."""

_TEXT = "unlisted-text"
"""The quirk that text libraries alone have."""

_LATE = {_DENIAL, "denied-first", "other-states"}
"""The quirks that come when the life has begun, which goes by what is documented."""

_SHOWN = {
    "create-pair-taken": 2,
    "recover-nothing-again": 2,
    "recover-retained": 2,
    "recover-twice": 3,
    "recover-twice-filled": 3,
}
"""How many libraries List has to show in a life where one is not enough: what it hides may be
doubled, see docs/explanation/reliability.md."""

_GUARDED = {"replace-create-first", "recover-twice", "recover-twice-filled"}
"""The lives that delete what was replaced before: of a text library, `force_destroy` in the program
reaches that no more."""

_TYPICAL = {
    *("create-named", "create-lost", "replace", "replace-by-force", "refresh-one-missing"),
    *("destroy", "destroy-filled", "adopt", "adopt-renamed", "resume", "recover", "recover-twice"),
}
"""The lives whose calls go every way that the calls of others go, too."""


@dataclass(frozen=True, eq=False)
class Respect:
    """A life where MPS has a quirk."""

    life: Life
    quirk: str
    family = "quirk"

    def __str__(self) -> str:
        return f"{self.life.name}/{self.quirk}"


def respects(*, all_of_them: bool = True) -> list[Respect]:
    """Return every life with each quirk; without `all_of_them`, the typical lives."""
    return [
        Respect(life, quirk.replace("=N", f"={_SHOWN.get(life.name, 1)}"))
        for quirk in QUIRKS
        for life in LIVES
        if not (quirk == _TEXT and life.name in _GUARDED) and (all_of_them or life.name in _TYPICAL)
    ]


def run(machine: Machine, respect: Respect) -> Settled:
    """Take a life to its end where MPS has a quirk; fails where a promise is broken."""
    life, quirk = respect.life, respect.quirk
    world = World(machine, native=False, **life.settings)
    # What MPS may trim, and what it may recode.
    world.usual = {"description": " Für  alle "}
    if quirk == _TEXT:
        world.usual["model_id"] = int(FpModel.TEXT)
    if quirk not in _LATE:
        world.account.settle(quirks=[quirk])
    life.prepare(world)
    world.account.settle(quirks=[quirk])
    world.account.spoil(life.also)
    failure = life.act(world)
    world.account.spoil([])
    world.check_content()
    if quirk == _DENIAL and failure is not None:
        check_named(world, failure)
        world.account.settle(quirks=[])
        failure = life.act(world)
    runs, way = settle(world, life, failure)
    world.check_agreement()
    assert world.preview() is None, world.stack.said
    world.check_words()
    return Settled(runs, runs, way, tuple(world.stack.said))
