"""What libraries go through, as data: how each life begins, is taken on, and must end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pulumi_alicloud_mps.emulator import Fault
from reliability import beginnings as begin
from reliability import commands as run
from reliability import endings as end
from reliability.commands import Act
from reliability.faults import READING
from reliability.sites import (
    CREATE_ALIVE,
    CREATE_ONLY,
    DELETION,
    FOUND,
    GUARDED,
    IDENTITIES,
    IDENTITY,
    IDENTITY_AGAIN,
    LOOKS,
    LOST,
    LOST_SITES,
    MISSING,
    RECOVERY,
    REPLACING,
    UNLESS_NOTHING_IS_LISTED,
    Site,
    again,
    creation,
    every,
    read,
    write,
)
from reliability.world import World

LONG = 0.5
"""Seconds that pass in a run until the listing at its start is old."""


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


LIVES = [
    Life("create", begin.unnamed, run.up, end.ready, [IDENTITY, IDENTITIES, *creation(1)]),
    Life("create-named", begin.named, run.up, end.ready, creation(1)),
    Life("create-pair", begin.pair, run.up, end.pair_ready, [write("create", "CreateFpShotDB", 2)]),
    Life(
        "create-pair-taken",
        begin.taken_meanwhile,
        run.up,
        end.taken_over,
        CREATE_ONLY,
        {"activation_seconds": LONG},
        runs=2,
    ),
    Life(
        "create-taken",
        begin.taken,
        run.taken(run.up),
        end.untouched,
        # A List that says nothing hides also what has the name.
        [Site("list", "ListFpShotDB", (1,), READING), read("jobs", "QueryFpDBDeleteJobList", 1)],
    ),
    Life("create-lost", begin.named, run.up, end.ready, LOST_SITES, also=[LOST]),
    Life(
        "create-listing-nothing",
        begin.named,
        run.up,
        end.ready,
        CREATE_ALIVE,
        {"list_without_ids": "none"},
    ),
    Life(
        "create-listing-refused",
        begin.named,
        run.up,
        end.ready,
        CREATE_ALIVE,
        {"list_without_ids": "refused"},
    ),
    Life(
        "replace",
        begin.replacement,
        run.up,
        end.replaced,
        [IDENTITY_AGAIN, *DELETION, *creation(2)],
    ),
    Life("replace-missing", begin.replacement, run.up, end.replaced, REPLACING, MISSING),
    Life("replace-by-force", begin.existing, run.force_replacement, end.replaced, REPLACING),
    Life("replace-adopted", begin.adopted, run.force_replacement, end.replaced, REPLACING),
    Life(
        "replace-create-first", begin.new_name, run.up, end.replaced, [*CREATE_ONLY, *DELETION[2:5]]
    ),
    Life("replace-filled", begin.filled_replacement, run.refused(run.up), end.kept, GUARDED),
    Life(
        "refresh",
        begin.existing,
        run.refresh,
        end.kept,
        [
            IDENTITY,
            IDENTITIES,
            read("refresh", "ListFpShotDB", 1),
            every("refreshes", "ListFpShotDB"),
        ],
    ),
    Life("refresh-elsewhere", begin.elsewhere, run.refresh, end.kept, [IDENTITY_AGAIN]),
    Life(
        "refresh-filled", begin.filled, run.refresh, end.kept, [every("refreshes", "ListFpShotDB")]
    ),
    Life(
        "refresh-gone",
        begin.taken_away,
        run.refresh,
        end.gone,
        [IDENTITY, read("proof", "ListFpShotDB", 1)],
    ),
    Life(
        "refresh-missing",
        begin.taken_away,
        run.refresh,
        end.gone,
        [every("proofs", "ListFpShotDB")],
        MISSING,
        runs=2,
    ),
    Life(
        "refresh-one-missing",
        begin.taken_from_two,
        run.refresh,
        end.one_left,
        [read("find", "ListFpShotDB", 2), read("confirm", "ListFpShotDB", 3)],
        MISSING,
    ),
    Life(
        "refresh-first-missing",
        begin.taken_first,
        run.refresh,
        end.one_left,
        [read("find-first", "ListFpShotDB", 1), read("confirm-first", "ListFpShotDB", 2)],
        MISSING,
        runs=2,
    ),
    Life("destroy", begin.existing, run.destroy, end.gone, [IDENTITY, IDENTITIES, *DELETION]),
    Life("destroy-missing", begin.existing, run.destroy, end.gone, DELETION[3:5], MISSING),
    Life("destroy-filled", begin.filled, run.refused(run.destroy), end.kept, GUARDED),
    Life("destroy-forced", begin.forced, run.destroy, end.gone, [DELETION[0], *DELETION[3:5]]),
    Life("destroy-not-listed", begin.not_listed, run.destroy, end.gone, FOUND[1:], runs=2),
    Life("destroy-not-looked-at", begin.not_looked_at, run.destroy, end.gone, FOUND, runs=2),
    Life("refresh-not-listed", begin.not_listed, run.refresh, end.found_again, FOUND[1:], runs=2),
    Life("refresh-not-looked-at", begin.not_looked_at, run.refresh, end.found_again, FOUND, runs=2),
    Life("remove", begin.removal, run.up, end.gone, DELETION[3:5]),
    Life(
        "adopt",
        begin.adoption,
        run.up,
        lambda world: end.ready(world) and end.kept(world),
        [
            IDENTITY,
            read("adopt", "ListFpShotDB", 1),
            read("look", "ListFpShotDB", 2),
            every("finds", "ListFpShotDB"),
        ],
    ),
    Life(
        "adopt-another",
        begin.contradiction,
        run.refused(run.up, "does not match: its description differs"),
        end.untouched,
        [read("adopt", "ListFpShotDB", 1)],
    ),
    Life(
        "adopt-renamed",
        begin.renamed,
        run.up,
        end.renamed,
        [
            IDENTITY,
            read("adopt", "ListFpShotDB", 1),
            read("look", "ListFpShotDB", 2),
            every("looks", "ListFpShotDB", LOOKS),
        ],
    ),
    Life(
        "resume",
        begin.resuming,
        run.up,
        lambda world: end.ready(world) and end.kept(world),
        [
            IDENTITY,
            read("look", "ListFpShotDB", 1),
            again("look-2", "ListFpShotDB", 2, after=""),
            every("looks", "ListFpShotDB"),
        ],
    ),
    Life("resume-replacement", begin.failed_replacement, run.up, end.replaced, REPLACING),
    Life(
        "recover",
        begin.killed,
        run.recover,
        end.ready,
        [IDENTITY, *RECOVERY[:2], UNLESS_NOTHING_IS_LISTED],
    ),
    Life(
        "recover-nothing", begin.killed_early, run.taken(run.recover), end.untouched, RECOVERY[:2]
    ),
    Life(
        "recover-nothing-again",
        begin.killed_early_again,
        run.taken(run.recover),
        end.untouched,
        RECOVERY[:2],
    ),
    Life(
        "recover-retained",
        begin.killed_retained,
        run.recover_and_replace,
        end.retained,
        CREATE_ONLY,
    ),
    Life("recover-twice", begin.killed_twice, run.recover, end.newest, RECOVERY),
    Life(
        "recover-twice-filled", begin.killed_twice_filled, run.recover, end.newest, RECOVERY, runs=2
    ),
]
