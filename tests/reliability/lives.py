"""What libraries go through, as data: how each life starts, is taken on, and must end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pulumi_alicloud_mps.emulator import Fault
from reliability.engine import Declared, Entry, Failure
from reliability.fast_host import KILL
from reliability.faults import (
    ALWAYS,
    ALWAYS_LISTING,
    CREATED,
    JOBS,
    LISTING,
    READING,
    WRITING,
    Trouble,
)
from reliability.world import World, hold

SONGS = "songs"
DERIVED = "songs-3f2a9c1"
NAMED = "catalogue"
NEWEST = "third"
FILMS = "films-77aa001"
TIMEOUT = 60.0
"""Seconds for each operation: little more than one real one."""

LONG = 0.5
"""Seconds that pass in a run until the listing at its start is old."""

_LOOKS = list(range(2, 1000))

Act = Callable[[World], Failure | None]


@dataclass(frozen=True)
class Site:
    """Calls of a life that trouble can meet.

    Attributes:
        label: Its name in a case's ID.
        action: The action.
        calls: Which of its calls since the life was taken on; None for all.
        troubles: What can happen there.
        repeated: Whether another site of the life has calls like these.
        after: The action after which MPS's time stands still until trouble has met a call, where
            the calls would else depend on time; empty for from the start.
    """

    label: str
    action: str
    calls: tuple[int, ...] | None
    troubles: Sequence[Trouble]
    repeated: bool = False
    after: str | None = None


@dataclass(frozen=True)
class Life:
    """What a library goes through.

    Attributes:
        name: Its name in a case's ID.
        prepare: Makes what was there before.
        act: The command that trouble meets, which is then repeated until it succeeds.
        ended: Whether it is at its end, when a command has succeeded.
        sites: The calls that it makes.
        settings: Other settings of MPS than usual.
        runs: How many commands it takes where nothing goes wrong.
        also: What goes wrong besides in the first run.
    """

    name: str
    prepare: Callable[[World], None]
    act: Act
    ended: Callable[[World], bool]
    sites: Sequence[Site]
    settings: Mapping[str, object] = field(default_factory=dict)
    runs: int = 1
    also: Sequence[Fault] = ()


def declare(world: World, **args: object) -> None:
    """Have the program declare one library."""
    world.program = [Declared(SONGS, {"derived_name": DERIVED, **args}, TIMEOUT)]


def change(world: World, **args: object) -> None:
    """Have the program say something else of its library."""
    (declared,) = world.program
    world.program = [replace(declared, args={**declared.args, **args})]


def _one(world: World) -> Entry | None:
    return world.stack.entry(SONGS)


def _up(world: World) -> Failure | None:
    return world.up()


def _ready(world: World) -> bool:
    entry = _one(world)
    return entry is not None and not entry.init_errors and entry.outputs["state"] == "active"


def _existing(world: World, **args: object) -> str:
    declare(world, **args)
    assert world.up() is None
    entry = _one(world)
    assert entry is not None
    return entry.id


def _replaced(world: World) -> bool:
    return _ready(world) and not world.first & world.account.alive.keys()


def _gone(world: World) -> bool:
    return not world.stack.entries and not world.first & world.account.alive.keys()


def _kept(world: World) -> bool:
    return world.first == world.stack.ids


def _prepare_derived(world: World) -> None:
    declare(world)


def _prepare_named(world: World) -> None:
    declare(world, name=NAMED, model_id=13, description="Licensed", config='{"a":1}')


def _prepare_existing(world: World) -> None:
    world.first = {_existing(world, name=NAMED)}


def _prepare_replacement(world: World) -> None:
    _prepare_existing(world)
    change(world, description="Another")


def _prepare_filled_replacement(world: World) -> None:
    _prepare_filled(world)
    change(world, description="Another")


def _prepare_new_name(world: World) -> None:
    _prepare_existing(world)
    change(world, name="another")
    world.program = [replace(world.program[0], delete_first=False)]


def _prepare_removal(world: World) -> None:
    _prepare_existing(world)
    world.program = []


def _prepare_filled(world: World) -> None:
    _prepare_existing(world)
    world.fill(*world.first)


def _prepare_forced(world: World) -> None:
    world.first = {_existing(world, name=NAMED, force_destroy=True)}
    world.account.fill(*world.first)


def _prepare_taken_away(world: World) -> None:
    _prepare_existing(world)
    world.take_away(*world.first)


def _prepare_adoption(world: World) -> None:
    fp_db_id = world.account.make(NAMED, 13, "Old")
    world.fill(fp_db_id)
    world.first = {fp_db_id}
    world.foreign = {fp_db_id}
    declare(world, name=NAMED, model_id=13, description="Old", adopt=fp_db_id)


def _prepare_contradiction(world: World) -> None:
    _prepare_adoption(world)
    change(world, description="New")


def _prepare_adopted(world: World) -> None:
    _prepare_adoption(world)
    assert world.up() is None
    world.empty(*world.first)
    world.foreign = set()


def _prepare_elsewhere(world: World) -> None:
    """Try to refresh and to destroy with the credentials of another account."""
    _prepare_existing(world)
    before = world.stack.exported()
    with world.elsewhere():
        for command in (world.refresh, world.destroy):
            failure = command()
            refused = failure is not None and "belongs to account" in failure.message
            hold("lost", () if refused else world.first, f"in another account: {failure}")
    assert world.stack.exported() == before


def _prepare_failed_wait(world: World) -> None:
    world.account.spoil([Fault(action="CreateFpShotDB", kind="library", state="paused")])
    declare(world, name=NAMED)
    failure = world.up()
    assert failure is not None
    assert "paused" in failure.message
    world.account.spoil([])
    world.first = set(world.stack.ids)
    assert len(world.first) == 1


def _prepare_resuming(world: World) -> None:
    _prepare_failed_wait(world)
    (fp_db_id,) = world.first
    world.account.put(fp_db_id, "offline")
    world.account.activate_later(fp_db_id)


def _prepare_failed_replacement(world: World) -> None:
    _prepare_failed_wait(world)
    change(world, description="Another")


def _prepare_killed(world: World) -> None:
    declare(world, name=NAMED)
    _die(world, "CreateFpShotDB", execute=True)


def _die(world: World, action: str, *, execute: bool = False) -> None:
    """Run `pulumi up`, and have it killed at the first call of an action."""
    world.account.spoil([Fault(action=action, kind="error", code=KILL, execute=execute)])
    assert world.up() == Failure(world.urn(SONGS), "")
    world.account.spoil([])


def _prepare_killed_early(world: World) -> None:
    """Die before Create, while another stack has a library of that name."""
    declare(world, name=NAMED)
    world.first = {world.account.make(NAMED)}
    world.foreign = set(world.first)
    world.fill(*world.first)
    _die(world, "ListFpShotDB")


def _prepare_killed_twice(world: World) -> None:
    """Die in two replacements of one library, one after the other, that create first."""
    world.first = {_existing(world, name=NAMED, force_destroy=True)}
    world.program = [replace(world.program[0], delete_first=False)]
    for name in ("second", NEWEST):
        change(world, name=name)
        _die(world, "CreateFpShotDB", execute=True)
    alive = world.account.alive
    world.first |= {key for key in alive if alive[key].name == "second"}


def _prepare_killed_twice_filled(world: World) -> None:
    """The same, and somebody has filled the first library that was made, in the meantime."""
    _prepare_killed_twice(world)
    (filled,) = (key for key in world.first if world.account.alive[key].name == "second")
    world.fill(filled)


def _newest(world: World) -> bool:
    entry = _one(world)
    return _replaced(world) and entry is not None and entry.outputs["name"] == NEWEST


def _prepare_not_listed(world: World) -> None:
    """Make a library that MPS does not list, and wait for it until that is given up."""
    _prepare_hidden(world, [], "not listed")


def _prepare_not_looked_at(world: World) -> None:
    """Make a library that MPS does not list, without one look at it that was answered."""
    refused = Fault(action="ListFpShotDB", kind="error", code="Forbidden.RAM", calls=_LOOKS)
    _prepare_hidden(world, [refused], "offline")


def _prepare_hidden(world: World, also: Sequence[Fault], state: str) -> None:
    hidden = Fault(action="CreateFpShotDB", kind="unlisted", seconds=1e6)
    world.account.spoil([hidden, *also])
    declare(world, name=NAMED)
    assert world.up() is not None
    world.account.spoil([])
    entry = _one(world)
    assert entry is not None
    assert entry.outputs["state"] == state
    world.first = {entry.id}


def _found_again(world: World) -> bool:
    return _kept(world) and not world.account.hidden


def _prepare_taken_meanwhile(world: World) -> None:
    """Have somebody make a library of the second name, long after the listing before the first."""
    _prepare_pair(world)

    def make() -> None:
        if not world.foreign:
            world.foreign = {world.account.make(FILMS)}
            world.first = set(world.foreign)

    world.stack.meanwhile = make


def _taken_over(world: World) -> bool:
    return _pair_ready(world) and world.first < world.stack.ids == world.account.alive.keys()


def _prepare_renamed(world: World) -> None:
    _prepare_existing(world)
    world.program = [
        Declared(
            "films", {"name": NAMED, "model_id": 12, "adopt": next(iter(world.first))}, TIMEOUT
        )
    ]


def _renamed(world: World) -> bool:
    return [entry.urn for entry in world.stack.entries] == [world.urn("films")] and _kept(world)


def _prepare_pair(world: World) -> None:
    world.program = [
        Declared(SONGS, {"derived_name": DERIVED}, TIMEOUT),
        Declared("films", {"derived_name": FILMS}, TIMEOUT),
    ]


def _pair_ready(world: World) -> bool:
    return len(world.stack.entries) == 2 and all(
        entry.outputs["state"] == "active" for entry in world.stack.entries
    )


def _force_replacement(world: World) -> Failure | None:
    entry = _one(world)
    again = entry is not None and entry.id in world.first and not entry.pending_replacement
    return world.up(SONGS) if again else world.up()


def _refresh(world: World) -> Failure | None:
    return world.refresh()


def _destroy(world: World) -> Failure | None:
    return world.destroy()


def _recover(world: World) -> Failure | None:
    return world.recover() or world.up()


def _refused(act: Act, why: str = "holds fingerprints; nothing was touched") -> Act:
    """Return a command that is to end in a refusal, by default that of the guard."""

    def refused(world: World) -> Failure | None:
        failure = act(world)
        if failure and why in failure.message:
            return None
        return failure or Failure("", "it was not refused")

    return refused


def _taken(act: Act) -> Act:
    """Return a command that is to end in an error which names somebody else's library."""

    def taken(world: World) -> Failure | None:
        failure = act(world)
        if failure and all(fp_db_id in failure.message for fp_db_id in world.first):
            return None
        return failure or Failure("", "the name was not called taken")

    return taken


def _untouched(world: World) -> bool:
    return not world.stack.entries and world.account.alive.keys() == world.first


def _read(label: str, action: str, *calls: int) -> Site:
    return Site(label, action, calls, LISTING if action == "ListFpShotDB" else READING)


def _again(label: str, action: str, *calls: int, after: str | None = None) -> Site:
    return replace(_read(label, action, *calls), repeated=True, after=after)


def _write(label: str, action: str, *calls: int) -> Site:
    return Site(label, action, calls, WRITING)


def _every(label: str, action: str, calls: Sequence[int] | None = None) -> Site:
    troubles = ALWAYS_LISTING if action == "ListFpShotDB" else ALWAYS
    return Site(label, action, None if calls is None else tuple(calls), troubles, repeated=True)


_IDENTITY = _read("identity", "GetCallerIdentity", 1)
_IDENTITY_AGAIN = _again("identity", "GetCallerIdentity", 1)
_IDENTITIES = _every("identities", "GetCallerIdentity")


def _creation(number: int) -> list[Site]:
    """Return the calls of a create whose listing is that List of the run."""
    return [
        _read("list", "ListFpShotDB", number),
        _write("create", "CreateFpShotDB", 1),
        _read("look", "ListFpShotDB", number + 1),
        _again("look-2", "ListFpShotDB", number + 2, after="CreateFpShotDB"),
        _every("looks", "ListFpShotDB", range(number + 1, 1000)),
        _every("creates", "CreateFpShotDB"),
        Site("fate", "CreateFpShotDB", (1,), CREATED),
    ]


_DELETION = [
    _read("find", "ListFpShotDB", 1),
    _read("jobs", "QueryFpDBDeleteJobList", 1),
    _read("files", "ListFpShotFiles", 1),
    _write("submit", "SubmitFpDBDeleteJob", 1),
    _read("job", "QueryFpDBDeleteJobList", 2),
    _every("job-looks", "QueryFpDBDeleteJobList", _LOOKS),
    _every("submits", "SubmitFpDBDeleteJob"),
    Site("fate", "SubmitFpDBDeleteJob", (1,), JOBS),
    Site("fates", "SubmitFpDBDeleteJob", None, JOBS),
]
_GUARDED = [
    _read("find", "ListFpShotDB", 1),
    _read("jobs", "QueryFpDBDeleteJobList", 1),
    _read("files", "ListFpShotFiles", 1),
    _every("all-files", "ListFpShotFiles"),
]
_LOST = Fault(action="CreateFpShotDB", kind="close_after", calls=[1])
_LOST_SITES = [
    _read("search", "ListFpShotDB", 2),
    _every("searches", "ListFpShotDB", range(2, 1000)),
]
_ALIVE = [trouble for trouble in WRITING if trouble.family != "kill"]
_CREATE_ONLY = [_write("create", "CreateFpShotDB", 1)]
_RECOVERY = [
    _read("list", "ListFpShotDB", 1),
    _read("jobs", "QueryFpDBDeleteJobList", 1),
    _every("finds", "ListFpShotDB"),
]
# A List that goes on saying nothing is one that does not list without IDs, as MPS may be made: what
# it then hides can't be known, see docs/reliability.md.
_UNLESS_NOTHING_IS_LISTED = Site("finds", "ListFpShotDB", None, ALWAYS, repeated=True)
_FOUND = [_read("find", "ListFpShotDB", 1), _every("finds", "ListFpShotDB")]
_MISSING = {"deleted_libraries": "missing"}

LIVES = [
    Life("create", _prepare_derived, _up, _ready, [_IDENTITY, _IDENTITIES, *_creation(1)]),
    Life("create-named", _prepare_named, _up, _ready, _creation(1)),
    Life("create-pair", _prepare_pair, _up, _pair_ready, [_write("create", "CreateFpShotDB", 2)]),
    Life(
        "create-pair-taken",
        _prepare_taken_meanwhile,
        _up,
        _taken_over,
        _CREATE_ONLY,
        {"activation_seconds": LONG},
        runs=2,
    ),
    Life("create-lost", _prepare_named, _up, _ready, _LOST_SITES, also=[_LOST]),
    Life(
        "create-listing-nothing",
        _prepare_named,
        _up,
        _ready,
        [Site("create", "CreateFpShotDB", (1,), _ALIVE)],
        {"list_without_ids": "none"},
    ),
    Life(
        "create-listing-refused",
        _prepare_named,
        _up,
        _ready,
        [Site("create", "CreateFpShotDB", (1,), _ALIVE)],
        {"list_without_ids": "refused"},
    ),
    Life(
        "replace",
        _prepare_replacement,
        _up,
        _replaced,
        [_IDENTITY_AGAIN, *_DELETION, *_creation(2)],
    ),
    Life(
        "replace-missing",
        _prepare_replacement,
        _up,
        _replaced,
        [_write("submit", "SubmitFpDBDeleteJob", 1), *_CREATE_ONLY],
        _MISSING,
    ),
    Life(
        "replace-by-force",
        _prepare_existing,
        _force_replacement,
        _replaced,
        [_write("submit", "SubmitFpDBDeleteJob", 1), *_CREATE_ONLY],
    ),
    Life(
        "replace-adopted",
        _prepare_adopted,
        _force_replacement,
        _replaced,
        [_write("submit", "SubmitFpDBDeleteJob", 1), *_CREATE_ONLY],
    ),
    Life(
        "replace-create-first", _prepare_new_name, _up, _replaced, [*_CREATE_ONLY, *_DELETION[2:5]]
    ),
    Life("replace-filled", _prepare_filled_replacement, _refused(_up), _kept, _GUARDED),
    Life(
        "refresh",
        _prepare_existing,
        _refresh,
        _kept,
        [_IDENTITY, _IDENTITIES, _read("find", "ListFpShotDB", 1), _every("finds", "ListFpShotDB")],
    ),
    Life("refresh-elsewhere", _prepare_elsewhere, _refresh, _kept, [_IDENTITY_AGAIN]),
    Life("refresh-filled", _prepare_filled, _refresh, _kept, [_every("finds", "ListFpShotDB")]),
    Life(
        "refresh-gone",
        _prepare_taken_away,
        _refresh,
        _gone,
        [_IDENTITY, _read("find", "ListFpShotDB", 1)],
    ),
    Life(
        "refresh-missing",
        _prepare_taken_away,
        _refresh,
        _gone,
        [_every("finds", "ListFpShotDB")],
        _MISSING,
    ),
    Life("destroy", _prepare_existing, _destroy, _gone, [_IDENTITY, _IDENTITIES, *_DELETION]),
    Life("destroy-missing", _prepare_existing, _destroy, _gone, _DELETION[3:5], _MISSING),
    Life("destroy-filled", _prepare_filled, _refused(_destroy), _kept, _GUARDED),
    Life("destroy-forced", _prepare_forced, _destroy, _gone, [_DELETION[0], *_DELETION[3:5]]),
    Life("destroy-not-listed", _prepare_not_listed, _destroy, _gone, _FOUND[1:], runs=2),
    Life("destroy-not-looked-at", _prepare_not_looked_at, _destroy, _gone, _FOUND, runs=2),
    Life("refresh-not-listed", _prepare_not_listed, _refresh, _found_again, _FOUND[1:], runs=2),
    Life("refresh-not-looked-at", _prepare_not_looked_at, _refresh, _found_again, _FOUND, runs=2),
    Life("remove", _prepare_removal, _up, _gone, _DELETION[3:5]),
    Life(
        "adopt",
        _prepare_adoption,
        _up,
        lambda world: _ready(world) and _kept(world),
        [
            _IDENTITY,
            _read("find", "ListFpShotDB", 1),
            _read("look", "ListFpShotDB", 2),
            _every("finds", "ListFpShotDB"),
        ],
    ),
    Life(
        "adopt-another",
        _prepare_contradiction,
        _refused(_up, "is not what the program says: its description is another one"),
        _untouched,
        [_read("find", "ListFpShotDB", 1)],
    ),
    Life(
        "adopt-renamed",
        _prepare_renamed,
        _up,
        _renamed,
        [
            _IDENTITY,
            _read("find", "ListFpShotDB", 1),
            _read("look", "ListFpShotDB", 2),
            _every("looks", "ListFpShotDB", _LOOKS),
        ],
    ),
    Life(
        "resume",
        _prepare_resuming,
        _up,
        lambda world: _ready(world) and _kept(world),
        [
            _IDENTITY,
            _read("look", "ListFpShotDB", 1),
            _again("look-2", "ListFpShotDB", 2, after=""),
            _every("looks", "ListFpShotDB"),
        ],
    ),
    Life(
        "resume-replacement",
        _prepare_failed_replacement,
        _up,
        _replaced,
        [_write("submit", "SubmitFpDBDeleteJob", 1), *_CREATE_ONLY],
    ),
    Life(
        "recover",
        _prepare_killed,
        _recover,
        _ready,
        [_IDENTITY, *_RECOVERY[:2], _UNLESS_NOTHING_IS_LISTED],
    ),
    Life("recover-nothing", _prepare_killed_early, _taken(_recover), _untouched, _RECOVERY[:2]),
    Life("recover-twice", _prepare_killed_twice, _recover, _newest, _RECOVERY),
    Life(
        "recover-twice-filled", _prepare_killed_twice_filled, _recover, _newest, _RECOVERY, runs=2
    ),
]
