"""What libraries go through, as data: how each life begins, is taken on, and must end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pulumi_alicloud_mps.emulator import Fault
from reliability import beginnings, commands, endings
from reliability.commands import Act
from reliability.faults import READING
from reliability.sites import (
    ALIVE,
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
    Life(
        "create",
        beginnings.unnamed,
        commands.up,
        endings.ready,
        [IDENTITY, IDENTITIES, *creation(1)],
    ),
    Life("create-named", beginnings.named, commands.up, endings.ready, creation(1)),
    Life(
        "create-pair",
        beginnings.pair,
        commands.up,
        endings.pair_ready,
        [write("create", "CreateFpShotDB", 2)],
    ),
    Life(
        "create-pair-taken",
        beginnings.taken_meanwhile,
        commands.up,
        endings.taken_over,
        CREATE_ONLY,
        {"activation_seconds": LONG},
        runs=2,
    ),
    Life(
        "create-taken",
        beginnings.taken,
        commands.taken(commands.up),
        endings.untouched,
        # A List that says nothing hides also what has the name.
        [Site("list", "ListFpShotDB", (1,), READING), read("jobs", "QueryFpDBDeleteJobList", 1)],
    ),
    Life("create-lost", beginnings.named, commands.up, endings.ready, LOST_SITES, also=[LOST]),
    Life(
        "create-listing-nothing",
        beginnings.named,
        commands.up,
        endings.ready,
        [Site("create", "CreateFpShotDB", (1,), ALIVE)],
        {"list_without_ids": "none"},
    ),
    Life(
        "create-listing-refused",
        beginnings.named,
        commands.up,
        endings.ready,
        [Site("create", "CreateFpShotDB", (1,), ALIVE)],
        {"list_without_ids": "refused"},
    ),
    Life(
        "replace",
        beginnings.replacement,
        commands.up,
        endings.replaced,
        [IDENTITY_AGAIN, *DELETION, *creation(2)],
    ),
    Life(
        "replace-missing",
        beginnings.replacement,
        commands.up,
        endings.replaced,
        [write("submit", "SubmitFpDBDeleteJob", 1), *CREATE_ONLY],
        MISSING,
    ),
    Life(
        "replace-by-force",
        beginnings.existing,
        commands.force_replacement,
        endings.replaced,
        [write("submit", "SubmitFpDBDeleteJob", 1), *CREATE_ONLY],
    ),
    Life(
        "replace-adopted",
        beginnings.adopted,
        commands.force_replacement,
        endings.replaced,
        [write("submit", "SubmitFpDBDeleteJob", 1), *CREATE_ONLY],
    ),
    Life(
        "replace-create-first",
        beginnings.new_name,
        commands.up,
        endings.replaced,
        [*CREATE_ONLY, *DELETION[2:5]],
    ),
    Life(
        "replace-filled",
        beginnings.filled_replacement,
        commands.refused(commands.up),
        endings.kept,
        GUARDED,
    ),
    Life(
        "refresh",
        beginnings.existing,
        commands.refresh,
        endings.kept,
        [
            IDENTITY,
            IDENTITIES,
            read("refresh", "ListFpShotDB", 1),
            every("refreshes", "ListFpShotDB"),
        ],
    ),
    Life(
        "refresh-elsewhere", beginnings.elsewhere, commands.refresh, endings.kept, [IDENTITY_AGAIN]
    ),
    Life(
        "refresh-filled",
        beginnings.filled,
        commands.refresh,
        endings.kept,
        [every("refreshes", "ListFpShotDB")],
    ),
    Life(
        "refresh-gone",
        beginnings.taken_away,
        commands.refresh,
        endings.gone,
        [IDENTITY, read("proof", "ListFpShotDB", 1)],
    ),
    Life(
        "refresh-missing",
        beginnings.taken_away,
        commands.refresh,
        endings.gone,
        [every("proofs", "ListFpShotDB")],
        MISSING,
        runs=2,
    ),
    Life(
        "refresh-one-missing",
        beginnings.taken_from_two,
        commands.refresh,
        endings.one_left,
        [read("find", "ListFpShotDB", 2), read("confirm", "ListFpShotDB", 3)],
        MISSING,
    ),
    Life(
        "refresh-first-missing",
        beginnings.taken_first,
        commands.refresh,
        endings.one_left,
        [read("find-first", "ListFpShotDB", 1), read("confirm-first", "ListFpShotDB", 2)],
        MISSING,
        runs=2,
    ),
    Life(
        "destroy",
        beginnings.existing,
        commands.destroy,
        endings.gone,
        [IDENTITY, IDENTITIES, *DELETION],
    ),
    Life(
        "destroy-missing",
        beginnings.existing,
        commands.destroy,
        endings.gone,
        DELETION[3:5],
        MISSING,
    ),
    Life(
        "destroy-filled",
        beginnings.filled,
        commands.refused(commands.destroy),
        endings.kept,
        GUARDED,
    ),
    Life(
        "destroy-forced",
        beginnings.forced,
        commands.destroy,
        endings.gone,
        [DELETION[0], *DELETION[3:5]],
    ),
    Life(
        "destroy-not-listed",
        beginnings.not_listed,
        commands.destroy,
        endings.gone,
        FOUND[1:],
        runs=2,
    ),
    Life(
        "destroy-not-looked-at",
        beginnings.not_looked_at,
        commands.destroy,
        endings.gone,
        FOUND,
        runs=2,
    ),
    Life(
        "refresh-not-listed",
        beginnings.not_listed,
        commands.refresh,
        endings.found_again,
        FOUND[1:],
        runs=2,
    ),
    Life(
        "refresh-not-looked-at",
        beginnings.not_looked_at,
        commands.refresh,
        endings.found_again,
        FOUND,
        runs=2,
    ),
    Life("remove", beginnings.removal, commands.up, endings.gone, DELETION[3:5]),
    Life(
        "adopt",
        beginnings.adoption,
        commands.up,
        lambda world: endings.ready(world) and endings.kept(world),
        [
            IDENTITY,
            read("adopt", "ListFpShotDB", 1),
            read("look", "ListFpShotDB", 2),
            every("finds", "ListFpShotDB"),
        ],
    ),
    Life(
        "adopt-another",
        beginnings.contradiction,
        commands.refused(
            commands.up, "is not what the program says: its description is another one"
        ),
        endings.untouched,
        [read("adopt", "ListFpShotDB", 1)],
    ),
    Life(
        "adopt-renamed",
        beginnings.renamed,
        commands.up,
        endings.renamed,
        [
            IDENTITY,
            read("adopt", "ListFpShotDB", 1),
            read("look", "ListFpShotDB", 2),
            every("looks", "ListFpShotDB", LOOKS),
        ],
    ),
    Life(
        "resume",
        beginnings.resuming,
        commands.up,
        lambda world: endings.ready(world) and endings.kept(world),
        [
            IDENTITY,
            read("look", "ListFpShotDB", 1),
            again("look-2", "ListFpShotDB", 2, after=""),
            every("looks", "ListFpShotDB"),
        ],
    ),
    Life(
        "resume-replacement",
        beginnings.failed_replacement,
        commands.up,
        endings.replaced,
        [write("submit", "SubmitFpDBDeleteJob", 1), *CREATE_ONLY],
    ),
    Life(
        "recover",
        beginnings.killed,
        commands.recover,
        endings.ready,
        [IDENTITY, *RECOVERY[:2], UNLESS_NOTHING_IS_LISTED],
    ),
    Life(
        "recover-nothing",
        beginnings.killed_early,
        commands.taken(commands.recover),
        endings.untouched,
        RECOVERY[:2],
    ),
    Life(
        "recover-nothing-again",
        beginnings.killed_early_again,
        commands.taken(commands.recover),
        endings.untouched,
        RECOVERY[:2],
    ),
    Life(
        "recover-retained",
        beginnings.killed_retained,
        commands.recover_and_replace,
        endings.retained,
        CREATE_ONLY,
    ),
    Life("recover-twice", beginnings.killed_twice, commands.recover, endings.newest, RECOVERY),
    Life(
        "recover-twice-filled",
        beginnings.killed_twice_filled,
        commands.recover,
        endings.newest,
        RECOVERY,
        runs=2,
    ),
]
