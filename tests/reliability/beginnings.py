"""How lives begin: what there is before the command that trouble meets."""

from collections.abc import Sequence
from dataclasses import replace

from pulumi_alicloud_mps.emulator import Fault
from reliability.engine import Declared, Entry, Failure
from reliability.fast_host import KILL
from reliability.world import World, hold

SONGS = "songs"
NAMED = "catalogue"
NEWEST = "third"
FILMS = "films"
TIMEOUT = 90.0
"""Seconds for each operation: two real ones, and more than a create waits for an earlier run's."""

_LOOKS = list(range(2, 1000))


def declare(world: World, **args: object) -> None:
    """Have the program declare one library."""
    world.program = [Declared(SONGS, {**world.usual, **args}, TIMEOUT)]


def change(world: World, **args: object) -> None:
    """Have the program say something else of its library."""
    (declared,) = world.program
    world.program = [replace(declared, args={**declared.args, **args})]


def one(world: World) -> Entry | None:
    """Return the library that the program declares, as the state has it."""
    return world.stack.entry(SONGS)


def _existing(world: World, **args: object) -> str:
    declare(world, **args)
    assert world.up() is None, world.stack.said
    entry = one(world)
    assert entry is not None
    return entry.id


def unnamed(world: World) -> None:
    """Declare a library without a name of its own."""
    declare(world)


def named(world: World) -> None:
    """Declare a library with all that can be said of it."""
    declare(world, name=NAMED, model_id=13, description="Licensed", config='{"a":1}')


def existing(world: World) -> None:
    """Have an empty library under a name of its own."""
    world.first = {_existing(world, name=NAMED)}


def replacement(world: World) -> None:
    """Declare an existing library as another one."""
    existing(world)
    change(world, description="Another")


def filled_replacement(world: World) -> None:
    """Declare an existing library that is filled as another one."""
    filled(world)
    change(world, description="Another")


def new_name(world: World) -> None:
    """Declare an existing library under another name, to be created before the old one goes."""
    existing(world)
    change(world, name="another")
    world.program = [replace(world.program[0], delete_first=False)]


def removal(world: World) -> None:
    """Declare an existing library no more."""
    existing(world)
    world.program = []


def filled(world: World) -> None:
    """Have a library that holds fingerprints."""
    existing(world)
    world.fill(*world.first)


def forced(world: World) -> None:
    """Have a filled library that may be destroyed."""
    world.first = {_existing(world, name=NAMED, force_destroy=True)}
    world.account.fill(*world.first)


def taken_away(world: World) -> None:
    """Have a library that somebody has deleted."""
    existing(world)
    world.take_away(*world.first)


def taken_from_two(world: World) -> None:
    """Have two libraries, of which somebody has deleted the second."""
    declare(world, name=NAMED)
    world.program = [Declared("films", {"name": FILMS}, TIMEOUT), *world.program]
    assert world.up() is None, world.stack.said
    entry = one(world)
    assert entry is not None
    world.first = {entry.id}
    world.take_away(entry.id)


def taken_first(world: World) -> None:
    """Have two libraries, of which somebody has deleted the one that a refresh asks for first."""
    taken_from_two(world)
    world.stack.entries.reverse()


def adoption(world: World) -> None:
    """Declare somebody's library as one to adopt."""
    fp_db_id = world.account.make(NAMED, 13, "Old")
    world.fill(fp_db_id)
    world.first = {fp_db_id}
    world.foreign = {fp_db_id}
    declare(world, name=NAMED, model_id=13, description="Old", adopt=fp_db_id)


def contradiction(world: World) -> None:
    """Declare somebody's library as one to adopt, and as another than it is."""
    adoption(world)
    change(world, description="New")


def adopted(world: World) -> None:
    """Have an adopted library that is empty."""
    adoption(world)
    assert world.up() is None, world.stack.said
    world.empty(*world.first)
    world.foreign = set()


def elsewhere(world: World) -> None:
    """Try to refresh and to destroy with the credentials of another account."""
    existing(world)
    before = world.stack.exported()
    with world.elsewhere():
        for command in (world.refresh, world.destroy):
            failure = command()
            refused = failure is not None and "belongs to account" in failure.message
            hold("lost", () if refused else world.first, f"in another account: {failure}")
    assert world.stack.exported() == before


def failed_wait(world: World) -> None:
    """Have a library that was paused before it was active."""
    world.account.spoil([Fault(action="CreateFpShotDB", kind="library", state="paused")])
    declare(world, name=NAMED)
    failure = world.up()
    assert failure is not None
    assert "paused" in failure.message
    world.account.spoil([])
    world.first = set(world.stack.ids)
    assert len(world.first) == 1


def resuming(world: World) -> None:
    """Have such a library that is becoming active now."""
    failed_wait(world)
    (fp_db_id,) = world.first
    world.account.put(fp_db_id, "offline")
    world.account.activate_later(fp_db_id)


def failed_replacement(world: World) -> None:
    """Declare such a library as another one."""
    failed_wait(world)
    change(world, description="Another")


def killed(world: World) -> None:
    """Die in Create."""
    declare(world, name=NAMED)
    _die(world, "CreateFpShotDB", execute=True)


def _die(world: World, action: str, *, execute: bool = False) -> None:
    """Run `pulumi up`, and have it killed at the first call of an action."""
    world.account.spoil([Fault(action=action, kind="error", code=KILL, execute=execute)])
    assert world.up() == Failure(world.urn(SONGS), "")
    world.account.spoil([])


def taken(world: World) -> None:
    """Declare a library whose name another stack's library has."""
    declare(world, name=NAMED)
    world.first = {world.account.make(NAMED)}
    world.foreign = set(world.first)
    world.fill(*world.first)


def killed_early(world: World) -> None:
    """Die before Create, while another stack has a library of that name."""
    taken(world)
    _die(world, "ListFpShotDB")


def killed_early_again(world: World) -> None:
    """The same, where the stack once had a library of that name that somebody has deleted."""
    existing(world)
    world.take_away(*world.first)
    assert world.refresh() is None, world.stack.said
    killed_early(world)


def killed_twice(world: World) -> None:
    """Die in two replacements of one library, one after the other, that create first."""
    world.first = {_existing(world, name=NAMED, force_destroy=True)}
    world.program = [replace(world.program[0], delete_first=False)]
    for name in ("second", NEWEST):
        change(world, name=name)
        # Else the second is refused for the first.
        with world.stack.unreadable():
            _die(world, "CreateFpShotDB", execute=True)
    alive = world.account.alive
    world.first |= {key for key in alive if alive[key].name == "second"}


def killed_twice_filled(world: World) -> None:
    """The same, and somebody has filled the first library that was made, in the meantime."""
    killed_twice(world)
    (filled,) = (key for key in world.first if world.account.alive[key].name == "second")
    world.fill(filled)


def killed_retained(world: World) -> None:
    """Die in the replacement of a library that is to stay at MPS."""
    declare(world)
    world.program = [replace(world.program[0], retain=True)]
    assert world.up() is None, world.stack.said
    world.first = set(world.stack.ids)
    change(world, description="Another")
    _die(world, "CreateFpShotDB", execute=True)


def not_listed(world: World) -> None:
    """Make a library that MPS does not list, and wait for it until that is given up."""
    _hidden(world, [], "not listed")


def not_looked_at(world: World) -> None:
    """Make a library that MPS does not list, without one look at it that was answered."""
    refused = Fault(action="ListFpShotDB", kind="error", code="Forbidden.RAM", calls=_LOOKS)
    _hidden(world, [refused], "offline")


def _hidden(world: World, also: Sequence[Fault], state: str) -> None:
    unlisted = Fault(action="CreateFpShotDB", kind="unlisted", seconds=1e6)
    world.account.spoil([unlisted, *also])
    declare(world, name=NAMED)
    assert world.up() is not None
    world.account.spoil([])
    entry = one(world)
    assert entry is not None
    assert entry.outputs["state"] == state
    world.first = {entry.id}


def taken_meanwhile(world: World) -> None:
    """Have somebody make a library of the second name, long after the listing before the first."""
    pair(world)

    def make() -> None:
        if not world.foreign:
            world.foreign = {world.account.make(FILMS)}
            world.first = set(world.foreign)

    world.stack.meanwhile = make


def renamed(world: World) -> None:
    """Declare an existing library under another logical name, as one to adopt."""
    existing(world)
    args = {"name": NAMED, "adopt": next(iter(world.first))}
    world.program = [Declared("films", {"model_id": 12, **world.usual, **args}, TIMEOUT)]


def pair(world: World) -> None:
    """Declare two libraries."""
    world.program = [Declared(SONGS, {}, TIMEOUT), Declared("films", {"name": FILMS}, TIMEOUT)]
