"""Recovering pending creates: what is found, what is doubted, and what the state becomes."""

import json
import os
import re
import time
from collections.abc import Callable, Collection
from copy import deepcopy
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from connections import KEYS, REGION
from core import Core, emulator_by
from pulumi_alicloud_mps.emulator import Fault
from pulumi_alicloud_mps.emulator.records import NewLibrary
from pulumi_alicloud_mps.errors import (
    AccountMismatchError,
    CreationUnknownError,
    MpsError,
    StackStateError,
)
from pulumi_alicloud_mps.mps.creation import NOT_LISTED_GRACE, SEARCH_SECONDS
from pulumi_alicloud_mps.names import generated_name
from pulumi_alicloud_mps.recovery.pending import CLEAR
from pulumi_alicloud_mps.recovery.recover import (
    RecoveryResult,
    recover,
    recover_stack,
    with_default_provider,
)
from pulumi_alicloud_mps.recovery.search import LibrarySearch
from pulumi_alicloud_mps.state.deployment import (
    LIBRARY_TYPE,
    NATIVE_LIBRARY_TYPE,
    NATIVE_PROVIDER_TYPE,
    SECRET_KEY,
    Deployment,
    by_key,
    secret,
)
from pulumi_alicloud_mps.state.journal import CreateJournal, JournalFile
from pulumi_alicloud_mps.state.pulumi_cli import ConfigValue, StackState

Entry = dict[str, Any]
Recover = Callable[..., tuple[list[Entry], list[RecoveryResult]]]

POINTER = "gASVQ..."
URN = f"urn:pulumi:dev::catalogue::{LIBRARY_TYPE}::"
SECRET = {SECRET_KEY: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:sealed"}


def pending_create(logical: str = "a", **inputs: object) -> Entry:
    """Return a create as the engine has it among the pending operations."""
    given = {"name": "clips", "model_id": 12, "region": REGION, "force_destroy": False, **inputs}
    return {
        "urn": URN + logical,
        "custom": True,
        "type": LIBRARY_TYPE,
        "inputs": {"__provider": POINTER, **given},
        "provider": "urn:pulumi:dev::catalogue::pulumi:providers:pulumi-python::default::1",
    }


def entry(fp_db_id: str, logical: str = "a", **more: object) -> Entry:
    """Return a resource of a state."""
    found = pending_create(logical)
    return {**found, "id": fp_db_id, "outputs": {**found["inputs"], "fp_db_id": fp_db_id}, **more}


def deployment(
    notes: list[Entry], resources: list[Entry] | None = None, kind: str = "creating"
) -> Entry:
    """Return a state with these pending operations."""
    operations = [{"resource": item, "type": kind} for item in notes]
    content = {"manifest": {}, "resources": resources or [], "pending_operations": operations}
    return {"version": 3, "deployment": content}


def native(pending: Entry) -> Entry:
    """Return a pending create as the native provider has it."""
    inputs = by_key({key: value for key, value in pending["inputs"].items() if key != "__provider"})
    provider = f"urn:pulumi:dev::catalogue::{NATIVE_PROVIDER_TYPE}::default::a"
    return {**pending, "type": NATIVE_LIBRARY_TYPE, "inputs": inputs, "provider": provider}


class World:
    """An MPS, what was noted of creates that it was asked for, and recovery between the two."""

    def __init__(self, core: Core, folder: Path) -> None:
        self.core, self.clock, self.model = core, core.clock, core.model
        self.service = core.service()
        self.record = CreateJournal(folder)

    def make(self, name: str = "clips", **properties: Any) -> str:  # noqa: ANN401 - of several types
        """Make a library, and return its ID."""
        return self.model.create_library(NewLibrary(name, **properties)).id

    def make_later(self, seconds: float, name: str = "clips") -> list[str]:
        """Make a library when so many seconds have passed; return what will have its ID."""
        made, end = list[str](), self.clock.now() + seconds

        def pass_time(_: float) -> None:
            if self.clock.now() >= end and not made:
                made.append(self.make(name))

        self.clock.on_pause = pass_time
        return made

    def journal_entry(self, logical: str = "a", name: str = "clips") -> JournalFile:
        """Return the journal entry of a create."""
        return self.record.of(URN + logical, REGION, name, self.model.account_id)

    def ask(self, logical: str = "a", name: str = "clips", ago: float = 3600) -> None:
        """Note that MPS was asked so many seconds ago, and did not answer."""
        entry = self.journal_entry(logical, name)
        entry.record_request()
        os.utime(entry.path, (time.time() - ago,) * 2)

    def recover_state(
        self, exported: Entry, shown: Entry | None = None, confirmed: Collection[str] = ()
    ) -> tuple[Entry, list[RecoveryResult]]:
        """Recover a state, of which another export shows the secrets."""
        state, clear = Deployment(exported), Deployment(shown or exported)
        search = LibrarySearch(state, lambda _: self.service, self.record, confirmed, self.clock)
        recovered, results, _ = recover(state, clear, search)
        return dict(recovered.raw), results

    def recover(
        self,
        notes: list[Entry],
        resources: list[Entry] | None = None,
        *,
        noted: bool | None = True,
        confirmed: Collection[str] = (),
    ) -> tuple[list[Entry], list[RecoveryResult]]:
        """Recover these creates, and return the resources of the state that comes of it."""
        for item in notes:
            about = item["urn"].removeprefix(URN), item.get("inputs", {}).get("name", "")
            if noted:
                self.ask(*about)
            elif noted is False:
                self.journal_entry(*about).clear()
        exported = deployment(notes, resources)
        before = deepcopy(exported)
        recovered, results = self.recover_state(exported, confirmed=confirmed)
        assert exported == before
        content = recovered["deployment"]
        assert not content["pending_operations"]
        assert {**recovered, "deployment": content} == {**before, "deployment": content}
        return content["resources"], results


@pytest.fixture
def world(core: Core, tmp_path: Path) -> World:
    """Return a world in which MPS was asked, long ago, for the library of the journal entry."""
    world = World(core, tmp_path)
    world.ask()
    return world


class TestFound:
    """What is taken for the library that a create made."""

    def test_it_gets_its_id_and_all_outputs(self, world: World) -> None:
        """A library of that name and those settings goes into the state as a create returns it."""
        fp_db_id = world.make()
        other = entry("f" * 32, "other")

        resources, (result,) = world.recover([pending_create()], [other])

        assert resources[0] == other
        assert resources[1] == {
            **pending_create(),
            "id": fp_db_id,
            "outputs": {
                **pending_create()["inputs"],
                "fp_db_id": fp_db_id,
                "state": "offline",
                "account_id": world.model.account_id,
            },
        }
        assert str(result) == f"a: found library {fp_db_id}, which is offline"

    def test_what_is_secret_stays_encrypted(self, world: World) -> None:
        """A secret is compared in clear, and is in the state only as it was."""
        world.make(description="hunter2")
        shown = {**SECRET, "plaintext": json.dumps("hunter2")}
        del shown["ciphertext"]
        recovered, results = world.recover_state(
            deployment([pending_create(description=SECRET)]),
            deployment([pending_create(description=shown)]),
        )
        (resource,) = recovered["deployment"]["resources"]
        assert resource["inputs"]["description"] == resource["outputs"]["description"] == SECRET
        assert "hunter2" not in json.dumps(recovered) + str(results[0])

    @pytest.mark.parametrize("after", [0.0, 4.0])
    def test_it_may_be_late(self, world: World, after: float) -> None:
        """What is listed late, or made by a process that is about to end, is found as well."""
        made = world.make_later(after)
        (resource,), _ = world.recover([pending_create()])
        assert [resource["id"]] == made

    @pytest.mark.parametrize(
        "unlike",
        [{"name": "Clips"}, {"region": "cn-beijing"}, {"name": "clips", "state": "deleted"}],
    )
    def test_others_are_not_it(self, world: World, unlike: dict[str, str]) -> None:
        """Without such a library the create is cleared, after all the time that one may take.

        What was looked into is told, since it may be the wrong account.
        """
        world.make("other")
        properties = dict(unlike)
        state = properties.pop("state", None)
        fp_db_id = world.make(**properties)
        if state:
            world.model.force_state(fp_db_id, "deleted")

        resources, (result,) = world.recover([pending_create()])

        assert resources == []
        assert re.fullmatch(
            rf"a: no library was created: account {world.model.account_id} lists [12] librar(y|ies)"
            " in cn-shanghai, none of them from this create; the next `pulumi up` creates it",
            str(result),
        )
        assert world.clock.now() >= 1000 + SEARCH_SECONDS

    def test_what_is_being_deleted_is_not_it(self, world: World) -> None:
        """A library whose delete job goes on is none that a create has just made."""
        world.make("other")
        library = world.core.store(name="clips")
        world.model.submit_delete_job(library, "", "")
        resources, _ = world.recover([pending_create()])
        assert resources == []

    def test_what_the_state_holds_is_not_it(self, world: World) -> None:
        """A library that another entry of the state has stays that one's alone."""
        held = entry(world.make(), "other")
        resources, (result,) = world.recover([pending_create()], [held])
        assert resources == [held]
        assert result.library is None

    def test_what_a_program_only_reads_may_be_it(self, world: World) -> None:
        """A library that a program reads by its ID (`FpShotDB.get`) is not thereby another's."""
        read = entry(world.make(), "read", external=True)
        resources, _ = world.recover([pending_create()], [read])
        assert [item["id"] for item in resources] == [read["id"]] * 2

    def test_what_a_program_reads_under_its_name(self, world: World) -> None:
        """The state can't hold both under one URN: nothing is superseded, or deleted, for it."""
        read = entry(world.make(), external=True)
        with pytest.raises(CreationUnknownError, match=r"`FpShotDB.get`.*`adopt` set to its ID"):
            world.recover([pending_create()], [read])

    def test_what_a_replacement_has_kept_is_not_it(self, world: World) -> None:
        """A program may give several libraries one name that looks generated: none is taken."""
        name = generated_name(URN + "a", b"1234")
        kept, current = world.make(name), entry(world.make(name))
        current["outputs"]["predecessors"] = [kept]
        resources, (result,) = world.recover([pending_create(name=name)], [current], noted=False)
        assert resources == [current]
        assert result.library is None


class TestGeneratedNames:
    """A name that was generated for the create is proof by itself."""

    @pytest.mark.parametrize("pattern", [None, "x-${hex(15)}-${name}", "${uuid}"])
    def test_it_needs_no_note(self, world: World, pattern: str | None) -> None:
        """Of one resource's creates each gets what it has made, whatever MPS says of it."""
        seeds = (b"1234", b"5678", b"9012")
        names = [generated_name(URN + "a", seed, pattern) for seed in seeds]
        made = [world.make(name, description="recoded") for name in names[:2]]
        resources, results = world.recover(
            [pending_create(name=name) for name in names], noted=False
        )
        assert [item["id"] for item in resources] == made
        assert [item.library is None for item in results] == [False, False]
        # What an earlier create made was there before a later one asked MPS.
        assert world.clock.now() < 1000 + NOT_LISTED_GRACE

    @pytest.mark.parametrize(
        ("logical", "pattern"), [("b", None), ("b", "${uuid}"), ("a", "${name}-${hex(14)}")]
    )
    def test_other_names_prove_nothing(
        self, world: World, logical: str, pattern: str | None
    ) -> None:
        """A name that is another resource's, or the same at each create, needs somebody."""
        name = generated_name(URN + logical, b"1234", pattern)
        fp_db_id = world.make(name)
        with pytest.raises(CreationUnknownError, match=f"--confirm {fp_db_id}"):
            world.recover([pending_create(name=name)], noted=False)

    @pytest.mark.parametrize(
        ("marks", "kept"),
        [
            ({}, True),
            ({"pendingReplacement": True}, False),
            ({"pendingReplacement": True, "retainOnDelete": True}, True),
        ],
    )
    def test_what_was_kept_is_remembered(self, world: World, marks: Entry, *, kept: bool) -> None:
        """What was to replace a library knows of it, if it is there, and of what it replaced."""
        moment = "2026-11-23T05:00:00Z"
        old = entry(world.make("old"), modified=moment, **marks)
        old["outputs"]["predecessors"] = ["e" * 32]
        world.make(generated_name(URN + "a", b"1234"))
        pending = {**pending_create(name=generated_name(URN + "a", b"1234")), "modified": moment}
        (new, *_), _ = world.recover([pending], [old], noted=False)
        assert new["outputs"]["predecessors"] == ["e" * 32] + [old["id"]] * kept


class TestDoubt:
    """What can't be determined is an error, and nothing is returned that could be imported."""

    @pytest.mark.parametrize(
        ("properties", "said"),
        [
            ({"model_id": 13}, "model_id is 13"),
            ({"description": "other"}, "description differs"),
        ],
    )
    def test_other_settings(self, world: World, properties: dict[str, Any], said: str) -> None:
        """A library of that name with other settings is somebody's; which are named."""
        fp_db_id = world.make(**properties)
        with pytest.raises(
            CreationUnknownError, match=f"{fp_db_id}.* has its name, but its {said}"
        ):
            world.recover([pending_create()])

    def test_nobody_asked_for_it(self, world: World) -> None:
        """A library of that name that the run had not asked for yet may be somebody else's."""
        fp_db_id = world.make()
        with pytest.raises(CreationUnknownError, match="nothing here shows") as caught:
            world.recover([pending_create()], noted=False)
        for part in (f"--confirm {fp_db_id}", "--clear-pending-creates"):
            assert part in str(caught.value)

    @pytest.mark.parametrize(("others", "noted"), [(0, False), (1, True)])
    def test_somebody_says_which_it_is(self, world: World, others: int, *, noted: bool) -> None:
        """What nothing proves to be the stack's, or one of two, is taken where its ID is given."""
        *_, fp_db_id = (world.make() for _ in range(others + 1))
        (resource,), _ = world.recover([pending_create()], noted=noted, confirmed=[fp_db_id])
        assert resource["id"] == fp_db_id

    def test_only_what_a_create_made_is_taken(self, world: World) -> None:
        """An ID that no pending create can have made is an error, which says it."""
        other = world.make("other")
        world.make()
        with pytest.raises(CreationUnknownError, match=f"^--confirm: .*{other}"):
            world.recover([pending_create()], confirmed=[other])

    def test_nothing_is_concluded_from_a_list_of_nothing(self, world: World) -> None:
        """Where MPS was asked and lists nothing at all, it may list nothing without IDs.

        Where nothing shows that it was asked, it is believed, and told whose list that is.
        """
        with pytest.raises(CreationUnknownError, match="MPS lists nothing at all"):
            world.recover([pending_create()])

        _, (result,) = world.recover([pending_create()], noted=False)

        seen = f"account {world.model.account_id} lists no libraries in {REGION}"
        assert str(result) == f"a: no library was created: {seen}; the next `pulumi up` creates it"

    @pytest.mark.parametrize("noted", [True, False])
    def test_what_may_have_been_asked_for_just_now_is_searched_for_longer(
        self, world: World, *, noted: bool
    ) -> None:
        """What is asked for may be listed a minute later; without an entry, nobody knows when."""
        name = generated_name(URN + "b", b"1234")
        made = world.make_later(40, name)
        if noted:
            world.ask("b", name, ago=5)
        (resource,), _ = world.recover([pending_create("b", name=name)], noted=None)
        assert [resource["id"]] == made

    def test_two_candidates(self, world: World) -> None:
        """Of two libraries of that name neither is taken; both are named, with all ways out."""
        ids = {world.make(), world.make(model_id=13)}
        with pytest.raises(CreationUnknownError, match="2 libraries in cn-shanghai") as caught:
            world.recover([pending_create()])
        ways = {"`alicloud-mps recover --confirm`", "another `name`", "--clear-pending-creates`"}
        assert all(text in str(caught.value) for text in ids | ways)

    def test_two_candidates_and_an_answer(self, world: World) -> None:
        """Of two candidates the one is taken that MPS had answered with."""
        made, _ = world.make(), world.make()
        world.journal_entry().record_response(made)
        (resource,), _ = world.recover([pending_create()], noted=None)
        assert resource["id"] == made

    @pytest.mark.parametrize("named", [True, False])
    def test_an_answer_where_nothing_is_listed(self, world: World, *, named: bool) -> None:
        """What MPS has answered with is looked up by its ID, also where List leaves it out."""
        name = "clips" if named else generated_name(URN + "a", b"1234")
        made = world.make(name)
        world.journal_entry(name=name).record_response(made)
        world.core.change(list_without_ids="none")
        (resource,), _ = world.recover([pending_create(name=name)], noted=None)
        assert resource["id"] == made

    def test_an_answer_that_is_not_listed_yet(self, world: World) -> None:
        """Of a library that MPS has answered with, and does not list, nothing is concluded."""
        world.make("another")
        world.journal_entry().record_response("e" * 32)
        with pytest.raises(CreationUnknownError, match=f"returned {'e' * 32} but does not"):
            world.recover([pending_create()], noted=None)

    def test_an_account_that_was_not_asked(self, world: World) -> None:
        """What another account was asked for is not looked for, and not cleared, in this one."""
        world.make()
        theirs = world.record.of(URN + "a", REGION, "clips", "1234")
        theirs.record_request()
        with pytest.raises(AccountMismatchError, match=f"^{URN}a: .* with account 1234, but"):
            world.recover([pending_create()], noted=None)

    def test_two_resources(self, world: World) -> None:
        """A library that two resources may have made goes to neither."""
        fp_db_id = world.make()
        with pytest.raises(
            CreationUnknownError, match=f"may both have created .*{fp_db_id}"
        ) as caught:
            world.recover([pending_create("a"), pending_create("b")])
        assert URN + "a" in str(caught.value)
        assert URN + "b" in str(caught.value)

    def test_a_list_that_is_refused(self, world: World) -> None:
        """Where MPS wants IDs, the error says what to look for."""
        world.core.change(list_without_ids="refused")
        with pytest.raises(
            CreationUnknownError, match=r"its name was created .* look for it at MPS"
        ):
            world.recover([pending_create()])

    def test_a_list_that_lists_nothing(self, world: World) -> None:
        """Where List leaves out one that is known to be there, it proves nothing."""
        held = [world.make(f"known {number}") for number in range(3)]
        made = world.make(generated_name(URN + "a", b"1234"))
        world.core.change(quirks=["list-first=2"])
        pending = [pending_create(name=generated_name(URN + "a", b"1234"))]
        entries = [entry(key, f"other {key}") for key in held]
        with pytest.raises(
            CreationUnknownError, match=f"{held[2]}.* is not listed either"
        ) as caught:
            world.recover(pending, entries, noted=False)
        assert "`alicloud-mps recover --confirm` with its ID" in str(caught.value)
        # What the message says.
        (*_, resource), _ = world.recover(pending, entries, noted=False, confirmed=[made])
        assert resource["id"] == made

    def test_a_host_that_knows_none_of_ours(self, world: World) -> None:
        """Where the state has libraries there, and MPS knows none, it may be another MPS."""
        other, unknown = entry(world.make("other"), "other"), entry("e" * 32, "unknown")
        with pytest.raises(
            CreationUnknownError, match=f"MPS does not know {'e' * 32} either, although"
        ):
            world.recover([pending_create()], [unknown], noted=False)

        for entries in ([unknown, other], [entry("e" * 32, "replaced", pendingReplacement=True)]):
            assert world.recover([pending_create()], entries, noted=False)[0] == entries

    @pytest.mark.parametrize("state", ["status", "missing"])
    def test_what_mps_has_deleted_it_knows(self, world: World, state: str) -> None:
        """A library that is `deleted`, or that a job has deleted, shows as well whose MPS it is."""
        world.core.change(deleted_libraries=state)
        library = world.core.store()
        world.model.submit_delete_job(library, "", "")
        world.clock.sleep(600)
        resources, _ = world.recover(
            [pending_create()], [entry(library.id, "deleted")], noted=False
        )
        assert len(resources) == 1

    def test_a_library_of_no_name(self, world: World) -> None:
        """One whose name MPS leaves out may be the one, unless it differs in something else."""
        world.make("other")
        world.core.change(quirks=["odd-libraries"])
        with pytest.raises(CreationUnknownError, match=r"not return the name of library 0{31}1\)"):
            world.recover([pending_create()])
        resources, _ = world.recover([pending_create(model_id=13)])
        assert resources == []

    def test_another_account(self, world: World) -> None:
        """With the credentials of another account nothing is concluded, whatever is found there."""
        world.make()
        held = entry("e" * 32, "other")
        held["outputs"]["account_id"] = "1234"
        with pytest.raises(AccountMismatchError, match="use credentials for 1234"):
            world.recover([pending_create()], [held])
        held["outputs"]["region"] = "cn-beijing"
        with pytest.raises(AccountMismatchError, match="use credentials for 1234"):
            world.recover([pending_create()], [held])
        (*_, resource), _ = world.recover(
            [pending_create()], [{**held, "provider": "urn:another:1"}]
        )
        assert resource["outputs"]["account_id"] != "1234"

    def test_an_error_of_mps(self, world: World) -> None:
        """Without an answer nothing is concluded."""
        world.core.emulator.set_faults(
            [Fault(action="ListFpShotDB", kind="error", code="Forbidden.RAM")]
        )
        with pytest.raises(MpsError, match="allow mts:ListFpShotDB in a RAM policy"):
            world.recover([pending_create()])

    def test_operations_on_others(self, world: World) -> None:
        """Creates that an import would make Pulumi forget are not; all else it forgets itself."""
        other = {"urn": "urn:other", "type": "alicloud:oss/bucket:Bucket"}
        with pytest.raises(StackStateError, match=r"also pending \(urn:other\)"):
            world.recover([pending_create(), other])

        made, exported = world.make(), deployment([pending_create()])
        exported["deployment"]["pending_operations"] += [{"resource": other, "type": "updating"}]
        recovered, _ = world.recover_state(exported)
        assert [item["id"] for item in recovered["deployment"]["resources"]] == [made]

    def test_a_state_that_changes(self, world: World) -> None:
        """Two exports that differ come from a run that goes on."""
        with pytest.raises(StackStateError, match="another command is changing the state"):
            world.recover_state(
                deployment([pending_create("a")]), deployment([pending_create("b")])
            )


class TestPlace:
    """Where the library stands in the state, beside what is there for its resource already."""

    def test_it_takes_the_place_of_what_was_deleted(self, world: World) -> None:
        """After delete-before-replace it stands where the old one did, before its dependents."""
        old, dependent = entry("e" * 32, pendingReplacement=True), entry("f" * 32, "dependent")
        fp_db_id = world.make()
        resources, _ = world.recover([pending_create()], [old, dependent])
        assert [item["id"] for item in resources] == [fp_db_id, "f" * 32]
        assert "pendingReplacement" not in resources[0]

    def test_what_it_was_to_replace_is_yet_to_be_deleted(self, world: World) -> None:
        """After create-before-delete the old one is left for the next run to delete."""
        old = entry(
            world.make("old"), modified="2026-11-23T05:00:00Z", outputs={"force_destroy": True}
        )
        fp_db_id = world.make()
        resources, (result,) = world.recover(
            [{**pending_create(), "modified": old["modified"]}], [old]
        )
        assert [(item["id"], item.get("delete")) for item in resources] == [
            (fp_db_id, None),
            (old["id"], True),
        ]
        assert not result.superseded

    def test_what_came_later_stays(self, world: World) -> None:
        """What an earlier run made is the one to go, and only if nobody has put content into it."""
        current = entry(world.make("new name"), modified="2026-11-23T05:00:00Z")
        fp_db_id = world.make()
        tried = {**pending_create(force_destroy=True), "retainOnDelete": True}
        resources, (result,) = world.recover([tried], [current])
        assert resources[0] == current
        assert (resources[1]["id"], resources[1]["delete"]) == (fp_db_id, True)
        assert resources[1]["retainOnDelete"] is False
        assert resources[1]["outputs"]["force_destroy"] is False
        assert "the next `pulumi up` deletes it unless it holds fingerprints" in str(result)

    def test_several_creates(self, world: World) -> None:
        """Of what several creates made the newest stays; each library is in the state once."""
        new, old = world.make("new"), world.make("old")
        resources, results = world.recover(
            [pending_create(name="new"), pending_create(name="old"), pending_create(name="old")]
        )
        assert [(item["id"], item.get("delete")) for item in resources] == [
            (new, None),
            (old, True),
        ]
        assert [item.superseded for item in results] == [False, True]

    def test_several_creates_to_replace_one(self, world: World) -> None:
        """Of several that were to replace the same one the newest stays, the others are guarded."""
        moment = "2026-11-23T05:00:00Z"
        current = entry(world.make("old"), modified=moment, outputs={"force_destroy": True})
        newest, earlier = world.make("newest"), world.make("earlier")
        tried = [
            {**pending_create(name=name, force_destroy=True), "modified": moment}
            for name in ("newest", "earlier")
        ]

        resources, results = world.recover(tried, [current])

        assert [(item["id"], item.get("delete")) for item in resources] == [
            (newest, None),
            (current["id"], True),
            (earlier, True),
        ]
        assert resources[2]["outputs"]["force_destroy"] is False
        assert [item.superseded for item in results] == [False, True]

    def test_nothing_made_and_nothing_missing(self, world: World) -> None:
        """A create that a later run made up for is cleared, and said to be."""
        current = entry(world.make())
        resources, (result,) = world.recover([pending_create()], [current])
        assert resources == [current]
        assert str(result).startswith("a: no library was created: ")
        assert str(result).endswith("none of them from this create; the state already has one")

    def test_operations_of_libraries_are_no_hindrance(self, world: World) -> None:
        """A delete that was cut off goes on by the state's own entry, without the note of it."""
        held = entry(world.make("held"), "held")
        exported = deployment([pending_create()], [held])
        exported["deployment"]["pending_operations"].append({"resource": held, "type": "deleting"})
        fp_db_id = world.make()
        recovered, _ = world.recover_state(exported)
        assert [item["id"] for item in recovered["deployment"]["resources"]] == [
            held["id"],
            fp_db_id,
        ]


class TestReferences:
    """What a create refers to, and later runs have made anew or taken out of the state."""

    def test_they_are_those_of_today(self, world: World) -> None:
        """A provider of another ID is taken, the stack as the parent; what is gone is left out."""
        stack, project = "urn:pulumi:dev::catalogue::pulumi:pulumi:Stack::", "catalogue-dev"
        provider = {"urn": pending_create()["provider"].rpartition("::")[0], "id": "2", "type": "p"}
        other = entry(world.make("other"), "other", provider=f"{provider['urn']}::2")
        both = [other["urn"], URN + "gone"]
        references = {
            "parent": "urn:pulumi:dev::catalogue::a:b:Owner::gone",
            "dependencies": both,
            "propertyDependencies": {"description": both},
            "deletedWith": both[1],
            "replaceWith": both,
        }
        world.make()

        # One that was replaced has the same URN until it is deleted.
        replaced = {**provider, "id": "0", "delete": True}
        (*_, found), _ = world.recover(
            [{**pending_create(), **references}], [provider, other, replaced]
        )

        assert {key: found.get(key) for key in ["provider", *references]} == {
            "provider": f"{provider['urn']}::2",
            "parent": stack + project,
            "dependencies": both[:1],
            "propertyDependencies": {"description": both[:1]},
            "deletedWith": None,
            "replaceWith": both[:1],
        }

    def test_all_that_is_gone_is_made_anew_once(self, world: World) -> None:
        """After a `destroy`, what two runs had begun has one stack and one default provider."""
        name = pending_create()["provider"].rpartition("::")[0]
        config = {"a:b": ConfigValue("c", secret=False)}
        pending = [{**pending_create(key), "provider": f"{name}::{key}"} for key in ("a", "b")]
        for item in pending:
            item["inputs"]["name"] = item["urn"].rpartition("::")[2]
            world.make(item["inputs"]["name"])

        resources, _ = world.recover(pending)
        state = Deployment(deployment([], resources))
        whole = with_default_provider(state, lambda: config)
        root, provider, *libraries = whole.resources

        assert root.urn == "urn:pulumi:dev::catalogue::pulumi:pulumi:Stack::catalogue-dev"
        assert (provider.urn, provider.inputs) == (name, {"a:b": "c"})
        assert {item.provider for item in libraries} == {provider.reference}
        assert with_default_provider(whole, dict) is whole

    def test_a_native_provider_that_is_gone(self, world: World) -> None:
        """The native provider is made anew as itself, with the settings in its own space."""
        pending = native(pending_create())
        provider = pending["provider"].removesuffix("::a")
        world.make()
        config = {
            "a:b": ConfigValue("c", secret=False),
            "alicloud-mps:region": ConfigValue("cn-shanghai", secret=False),
            "alicloud-mps:secretKey": ConfigValue("hidden", secret=True),
        }

        resources, _ = world.recover([pending])
        whole = with_default_provider(Deployment(deployment([], resources)), lambda: config)

        made = whole.resources[1]
        assert (made.urn, made.type) == (provider, NATIVE_PROVIDER_TYPE)
        assert made.inputs == {"region": "cn-shanghai", "secretKey": secret("hidden")}

    def test_an_explicit_provider_that_is_gone(self, world: World) -> None:
        """Nobody knows its account: the name is said, unless it may be secret, and the ways out."""
        theirs = pending_create()["provider"].replace("default", "theirs")
        generated = generated_name(URN + "a", b"1234")
        for name, said in (("clips", "library in "), (generated, f"library named {generated} in ")):
            pending = {**pending_create(name=name), "provider": theirs}
            with pytest.raises(StackStateError, match=f"^{URN}a: the provider theirs ") as caught:
                world.recover([pending])
            assert said in str(caught.value)
            assert all(way in str(caught.value) for way in ("Declare", "`adopt`", CLEAR))


class TestAdopt:
    """A create that was to take an existing library over makes none."""

    def test_it_is_taken_over(self, world: World) -> None:
        """The library that was named goes into the state, whatever else has its name."""
        fp_db_id = world.make()
        world.make()
        (resource,), _ = world.recover([pending_create(adopt=fp_db_id)])
        assert resource["id"] == resource["outputs"]["adopt"] == fp_db_id

    @pytest.mark.parametrize("gone", [True, False])
    def test_no_other_is_taken(self, world: World, *, gone: bool) -> None:
        """One that is gone, or that the provider would have refused, is not adopted."""
        fp_db_id = world.make(model_id=12 if gone else 13)
        if gone:
            world.model.force_state(fp_db_id, "deleted")
            world.make()
        resources, _ = world.recover([pending_create(adopt=fp_db_id)])
        assert resources == []

    def test_its_replacement_is_found_by_name(self, world: World) -> None:
        """A library that was adopted is not adopted again when it is replaced."""
        old = world.make("old")
        world.model.force_state(old, "deleted")
        fp_db_id = world.make()
        (resource,), _ = world.recover(
            [pending_create(adopt=old)], [entry(old, pendingReplacement=True)]
        )
        assert resource["id"] == fp_db_id


def stack_state(world: World, exported: Entry) -> Mock:
    """Return a stack of that state, whose configuration leads to that MPS."""
    keys = {"accessKey": KEYS.access_key_id, "secretKey": KEYS.access_key_secret}
    settings = {**keys, "endpoint": world.core.emulator.url, "region": REGION}
    state = Mock(StackState)
    state.exported.return_value = Deployment(exported)
    state.configuration.return_value = {f"alicloud-mps:{key}": settings[key] for key in settings}
    return state


@pytest.mark.parametrize("front", [dict, native])
def test_the_spelling(
    world: World,
    front: Callable[[Entry], Entry],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Properties are named as the programs of the stack spell them."""
    monkeypatch.chdir(tmp_path)
    world.make(model_id=13)
    pending = front(pending_create())
    urn, _, id_ = pending["provider"].rpartition("::")
    provider = {"urn": urn, "id": id_, "type": "p"}
    said = "its modelId is 13" if front is native else "its model_id is 13"
    with pytest.raises(CreationUnknownError, match=said):
        recover_stack(stack_state(world, deployment([pending], [provider])))


class TestExplicitProviders:
    """A create under an explicit provider is looked for with that provider's settings."""

    REFERENCE = "urn:pulumi:dev::catalogue::pulumi:providers:pulumi-python::theirs::7"

    @pytest.mark.parametrize(
        ("action", "code", "said"),
        [
            ("GetCallerIdentity", "InvalidSecurityToken.Expired", "renews them"),
            ("ListFpShotDB", "SignatureDoesNotMatch", "renews them"),
            ("ListFpShotDB", "NoPermission", "RAM policy$"),
        ],
    )
    def test_old_keys_of_the_state(self, world: World, action: str, code: str, said: str) -> None:
        """Its keys are in the state alone: where MPS refuses them, how they are renewed is said."""
        urn, _, id_ = self.REFERENCE.rpartition("::")
        pending = {**pending_create(), "provider": self.REFERENCE}
        if action == "ListFpShotDB":
            world.service.account_id(REGION)
        world.core.emulator.set_faults([Fault(action=action, kind="error", code=code)])
        with pytest.raises(MpsError, match=said):
            world.recover([pending], [{"urn": urn, "id": id_, "type": "p"}])

    def test_a_default_provider_has_the_stack_s(
        self, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The state's copy of the stack's configuration may be older than the configuration."""
        urn, _, id_ = pending_create()["provider"].rpartition("::")
        inputs = {"alicloud-mps:endpoint": "http://127.0.0.1:1"}
        provider = {"urn": urn, "id": id_, "type": "p", "inputs": inputs}
        state = stack_state(world, deployment([pending_create()], [provider]))
        monkeypatch.chdir(tmp_path)
        made = world.make()
        (result,) = recover_stack(state, dry_run=True)[0]
        assert result.library
        assert result.library.fp_db_id == made

    def test_each_create_is_looked_for_in_its_account(self, world: World) -> None:
        """Of two creates of one name, each gets the library of its own provider's account."""
        ours = world.make()
        pending = [pending_create("a"), {**pending_create("b"), "provider": self.REFERENCE}]
        with emulator_by(world.clock) as other:
            theirs = other.model.create_library(NewLibrary("clips")).id
            world.record.of(URN + "b", REGION, "clips", other.model.account_id).record_request()
            services = {
                pending_create()["provider"]: world.service,
                self.REFERENCE: world.core.service(other.url),
            }
            urn, _, id_ = self.REFERENCE.rpartition("::")
            provider = {"urn": urn, "id": id_, "type": "p"}
            state = Deployment(deployment(pending, [provider]))
            search = LibrarySearch(
                state, services.__getitem__, world.record, frozenset(), world.clock
            )
            recovered, _, _ = recover(state, state, search)
        found = {
            item.urn: (item.id, item.outputs["account_id"]) for item in recovered.resources[1:]
        }
        assert found == {
            f"{URN}a": (ours, world.model.account_id),
            f"{URN}b": (theirs, other.model.account_id),
        }
