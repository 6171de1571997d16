"""The calls of lives that trouble can meet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pulumi_alicloud_mps.emulator import Fault
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

LOOKS = list(range(2, 1000))
"""Every call of an action but the first."""


@dataclass(frozen=True)
class Site:
    """Calls of a life that trouble can meet.

    Attributes:
        label: Its name in a case's ID: one for each place of the code that makes such a call.
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


def read(label: str, action: str, *calls: int) -> Site:
    """Return calls that change nothing."""
    return Site(label, action, calls, LISTING if action == "ListFpShotDB" else READING)


def again(label: str, action: str, *calls: int, after: str | None = None) -> Site:
    """Return such calls where another site of the life has ones like these."""
    return replace(read(label, action, *calls), repeated=True, after=after)


def write(label: str, action: str, *calls: int) -> Site:
    """Return calls that make or end something."""
    return Site(label, action, calls, WRITING)


def every(label: str, action: str, calls: Sequence[int] | None = None) -> Site:
    """Return all calls of an action, or many."""
    troubles = ALWAYS_LISTING if action == "ListFpShotDB" else ALWAYS
    return Site(label, action, None if calls is None else tuple(calls), troubles, repeated=True)


IDENTITY = read("identity", "GetCallerIdentity", 1)
IDENTITY_AGAIN = again("identity", "GetCallerIdentity", 1)
IDENTITIES = every("identities", "GetCallerIdentity")


def creation(number: int) -> list[Site]:
    """Return the calls of a create whose listing is that List of the run."""
    return [
        read("list", "ListFpShotDB", number),
        write("create", "CreateFpShotDB", 1),
        read("look", "ListFpShotDB", number + 1),
        again("look-2", "ListFpShotDB", number + 2, after="CreateFpShotDB"),
        every("looks", "ListFpShotDB", range(number + 1, 1000)),
        every("creates", "CreateFpShotDB"),
        Site("fate", "CreateFpShotDB", (1,), CREATED),
    ]


DELETION = [
    read("find", "ListFpShotDB", 1),
    read("jobs", "QueryFpDBDeleteJobList", 1),
    read("files", "ListFpShotFiles", 1),
    write("submit", "SubmitFpDBDeleteJob", 1),
    read("job", "QueryFpDBDeleteJobList", 2),
    every("job-looks", "QueryFpDBDeleteJobList", LOOKS),
    every("submits", "SubmitFpDBDeleteJob"),
    Site("fate", "SubmitFpDBDeleteJob", (1,), JOBS),
    Site("fates", "SubmitFpDBDeleteJob", None, JOBS),
]
GUARDED = [
    read("find", "ListFpShotDB", 1),
    read("jobs", "QueryFpDBDeleteJobList", 1),
    read("content", "ListFpShotFiles", 1),
    every("all-content", "ListFpShotFiles"),
]
LOST = Fault(action="CreateFpShotDB", kind="close_after", calls=[1])
LOST_SITES = [read("search", "ListFpShotDB", 2), every("searches", "ListFpShotDB", range(2, 1000))]
_ALIVE = [trouble for trouble in WRITING if trouble.family != "kill"]
CREATE_ALIVE = [Site("create", "CreateFpShotDB", (1,), _ALIVE)]
CREATE_ONLY = [write("create", "CreateFpShotDB", 1)]
REPLACING = [write("submit", "SubmitFpDBDeleteJob", 1), *CREATE_ONLY]
RECOVERY = [
    read("attempts", "ListFpShotDB", 1),
    read("jobs", "QueryFpDBDeleteJobList", 1),
    every("finds", "ListFpShotDB"),
]
# A List that goes on saying nothing is one that does not list without IDs, as MPS may be made: what
# it then hides can't be known, see docs/explanation/reliability.md.
UNLESS_NOTHING_IS_LISTED = Site("finds", "ListFpShotDB", None, ALWAYS, repeated=True)
FOUND = [read("absence", "ListFpShotDB", 1), every("absences", "ListFpShotDB")]
MISSING = {"deleted_libraries": "missing"}
