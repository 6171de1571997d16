"""Which entry of a state may delete a library that several have, and which can't."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from clocks import FakeClock
from host_process import URN
from pulumi_alicloud_mps.errors import ContradictionError, DeletionRefusedError, StackStateError
from pulumi_alicloud_mps.operations.stack_entries import (
    SHARED_SECONDS,
    StackEntries,
)
from pulumi_alicloud_mps.state.deployment import LIBRARY_TYPE, Deployment

ID, SECOND = "1" * 32, URN.replace("songs", "second")


def entry(urn: str = URN, fp_db_id: str = ID, **marks: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return an entry of a state; outputs are given as `adopt` and `force`."""
    outputs = {"adopt": marks.pop("adopt", None), "force_destroy": marks.pop("force", False)}
    return {"type": LIBRARY_TYPE, "urn": urn, "id": fp_db_id, "outputs": outputs, **marks}


class State:
    """A state that notes how often it was read."""

    def __init__(self, *resources: dict[str, Any]) -> None:
        self.resources = list(resources)
        self.deleting: list[str] = []
        self.creating: list[dict[str, Any]] = []
        self.reads = 0
        self.clock = FakeClock()
        self.entries = StackEntries(self._read, self.clock)

    def _read(self, _: str, fp_db_id: str | None) -> Deployment:
        self.reads += 1
        if not any(item["id"] == fp_db_id for item in self.resources):
            raise StackStateError("no such entry")
        operations = [{"type": "deleting", "resource": {"urn": item}} for item in self.deleting]
        operations += [{"type": "creating", "resource": item} for item in self.creating]
        content = {"resources": [*self.resources], "pending_operations": operations}
        return Deployment({"deployment": content})

    def keeper(self, urn: str = URN, fp_db_id: str = ID) -> str | None:
        """Ask as a deletion does."""
        return self.entries.kept_for(fp_db_id, urn, self.entries.read(fp_db_id, urn))


@pytest.mark.parametrize(
    "other",
    [
        None,
        entry(SECOND, "2" * 32),
        entry(SECOND, external=True),
        entry(SECOND, pendingReplacement=True),
        entry(SECOND, delete=True),
    ],
    ids=["none", "another library", "read only", "deleted already", "to be deleted"],
)
def test_a_library_that_no_other_entry_has_is_deleted(other: dict[str, Any] | None) -> None:
    """What is only read, or on its way out of the state, has no library."""
    assert State(entry(), *([other] if other else [])).keeper() is None


def test_the_second_of_two_that_are_removed_deletes() -> None:
    """Of two entries that go in one run, one leaves the library to the other, which deletes it."""
    state = State(entry(force=True), entry(SECOND, adopt=ID))
    assert (state.keeper(), state.keeper(SECOND)) == (SECOND, None)
    state = State(entry(), entry(SECOND, adopt=ID))
    assert (state.keeper(SECOND), state.keeper()) == (URN, None)


@pytest.mark.parametrize("last", [URN, SECOND])
def test_the_last_of_two_processes_deletes(last: str) -> None:
    """Of two entries that two processes remove at once, exactly the later one deletes."""
    both = State(entry(force=True), entry(SECOND, force=True))
    first = SECOND if last == URN else URN
    both.deleting = [first, last]
    one, other = both.entries, StackEntries(both._read, both.clock)
    kept = {
        urn: process.kept_for(ID, urn, process.read(ID, urn))
        for urn, process in ((URN, one), (SECOND, other))
    }
    assert kept == {first: last, last: None}


def test_a_successor_under_the_same_urn_keeps_the_library() -> None:
    """An entry that was replaced by one with the same library is not that one."""
    assert State(entry(), entry(delete=True)).keeper() == URN


def test_what_was_replaced_under_an_alias_is_deleted() -> None:
    """The engine deletes it by its old URN, while the state has it by the new one already."""
    state = State(entry(SECOND, delete=True), entry(SECOND, "2" * 32))
    assert state.keeper() is None


def test_an_adopter_s_guard_is_not_evaded() -> None:
    """A guarded resource that adopted a library doesn't leave it to one that may destroy it."""
    state = State(entry(force=True), entry(SECOND, adopt=ID))
    with pytest.raises(ContradictionError, match=f"{URN} also manages it.*pulumi state delete"):
        state.keeper(SECOND)
    assert (state.keeper(), state.keeper(SECOND)) == (SECOND, None)


def test_a_guard_that_refuses_is_not_gone() -> None:
    """What began to be removed before, and is refused for its guard, still has the library."""
    state = State(entry(force=True), entry(SECOND, adopt=ID))
    state.deleting = [SECOND, URN]
    assert state.keeper() == SECOND


def test_deletions_that_begin_together_share_an_export() -> None:
    """The state is read once for all that begin within a second, and again for later ones."""
    urns = [f"{URN}{number}" for number in range(32)]
    state = State(*(entry(urn, f"{number:032}") for number, urn in enumerate(urns)))

    def keepers() -> list[str | None]:
        with ThreadPoolExecutor(32) as pool:
            ids = [f"{number:032}" for number in range(32)]
            return list(pool.map(state.keeper, urns, ids))

    assert keepers() == [None] * 32
    assert state.reads == 1
    state.clock.sleep(SHARED_SECONDS * 1.01)
    assert keepers() == [None] * 32
    assert state.reads == 2


def test_an_entry_that_a_shared_export_lacks_is_looked_for() -> None:
    """What came into the state after the export is read anew, and where it is not there, said."""
    state = State(entry())
    state.keeper()
    state.resources.append(entry(SECOND, "2" * 32))
    assert state.keeper(SECOND, "2" * 32) is None
    with pytest.raises(DeletionRefusedError, match="no such entry"):
        state.keeper(SECOND, "3" * 32)


def test_earlier_attempts_are_known() -> None:
    """The state's pending creates of a resource show what was requested, and are read once."""
    state = State({"urn": URN, "id": None})
    names = ["sogns", "songs", {"ciphertext": "..."}]
    state.creating = [
        {"urn": urn, "inputs": {"name": name, "region": "cn-beijing"}}
        for urn, name in [*((URN, name) for name in names), (SECOND, "second")]
    ]
    found = [state.entries.earlier_attempts(urn, urn.rpartition("::")[2]) for urn in (URN, SECOND)]
    assert found == [{("sogns", "cn-beijing")}, set()]
    assert state.reads == 1


def test_an_earlier_attempt_in_a_secret_region() -> None:
    """A pending create whose region can't be read counts as one in another region."""
    state = State({"urn": URN, "id": None})
    state.creating = [{"urn": URN, "inputs": {"name": "sogns", "region": {"ciphertext": "..."}}}]
    found = state.entries.earlier_attempts(URN, "songs")
    assert found == {("sogns", "a secret region")}


def test_without_a_state_no_earlier_attempt_is_known() -> None:
    """Where the state can't be read, only what MPS lists counts."""
    assert State().entries.earlier_attempts(URN, None) == set()
