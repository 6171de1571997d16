"""Libraries: found on proof, adopted when they fit, awaited until active."""

import math
from pathlib import Path

import pytest

from connections import REGION
from core import Core
from mps.creations import Kept
from pulumi_alicloud_mps.emulator.records import LibraryRecord as Stored
from pulumi_alicloud_mps.emulator.records import LibraryState, NewLibrary
from pulumi_alicloud_mps.errors import (
    ContradictionError,
    LibraryNotFoundError,
    MpsError,
    NameTakenError,
    RefusedError,
    UnexpectedStateError,
)
from pulumi_alicloud_mps.mps.creation import NOT_LISTED_GRACE
from pulumi_alicloud_mps.mps.models import Library, LibrarySpec
from pulumi_alicloud_mps.mps.presence import FRESH_SECONDS
from pulumi_alicloud_mps.operations.advice import advised
from pulumi_alicloud_mps.state.journal import CreateJournal
from raw_server import Answer, RawServer, ok, refused
from relay import Relay

ID = "a" * 32
SPEC = LibrarySpec("songs", 13, None, "licensed")


def seen(stored: Stored) -> Library:
    """Describe a new library as the core does."""
    return Library(stored.id, stored.name, stored.model_id, "offline", stored.description)


class TestListed:
    """Many at once, and no more of them in a call than MPS takes."""

    @pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (10, 1), (11, 2), (21, 3)])
    def test_ids_are_asked_for_ten_at_a_time(self, core: Core, count: int, calls: int) -> None:
        """Any number of IDs is answered, in their order and each once, by as few calls as can."""
        core.change(quota=100)
        ids = [core.model.create_library(NewLibrary(f"{i}", model_id=13)).id for i in range(count)][
            ::-1
        ]
        assert [library.fp_db_id for library in core.libraries.listed(ids + ids[:5])] == ids
        assert core.relay.actions == ["ListFpShotDB"] * calls

    def test_what_is_gone_is_named(self, core: Core, stored: Stored) -> None:
        """IDs of which there is no library are an error that names them."""
        with pytest.raises(LibraryNotFoundError, match=f"has no library {ID}, {'b' * 32} in"):
            core.libraries.listed([ID, stored.id, "b" * 32])

    @pytest.mark.parametrize(
        ("answer", "told"),
        [
            (refused("Forbidden.RAM", status=403), "ListFpShotDB was refused: Forbidden.RAM"),
            (refused("InvalidParameter"), "only by ID; pass the IDs"),
            (refused("MissingFpDBIds"), "only by ID; pass the IDs"),
        ],
    )
    def test_a_refused_listing_is_told(self, answer: Answer, told: str, core: Core) -> None:
        """Where MPS does not list without IDs, what it misses is said, and only then."""
        with RawServer(answer) as server, pytest.raises(MpsError, match=told):
            core.libraries_at(server.url).listed()


class TestCreate:
    """A Create is repeated only as a whole."""

    def test_a_create_that_was_not_sent_is_repeated(self, core: Core) -> None:
        """Where no connection could be made for a Create, the region is listed again before it."""
        restarted: list[Relay] = []

        class Closing(Kept):
            """A journal entry that loses the connection just before MPS is first asked."""

            def record_request(self) -> None:
                if not restarted:
                    core.relay.close()

        def restart(_: float) -> None:
            if not restarted:
                core.clock.time += FRESH_SECONDS
                restarted.append(Relay(core.emulator.url, port=core.relay.port))
                restarted[0].__enter__()

        core.clock.on_pause = restart
        library = core.libraries.create(SPEC, math.inf, journal_entry=Closing(None))
        restarted[0].close()
        assert library.name == "songs"
        assert restarted[0].actions == ["ListFpShotDB", "CreateFpShotDB"]

    @pytest.mark.parametrize("made", ["there", "unlisted", "deleted"])
    def test_what_an_earlier_run_was_answered_with_is_looked_up(
        self, made: str, core: Core, stored: Stored, tmp_path: Path
    ) -> None:
        """Nothing is made beside it, also where List leaves it out, unless it is gone."""
        settings = core.model.settings.changed({"list_without_ids": "none"})
        core.model.settings = settings
        fp_db_id = ID if made == "unlisted" else stored.id
        journal_entry = CreateJournal(tmp_path).of("urn", REGION, SPEC.name, core.model.account_id)
        journal_entry.record_response(fp_db_id)
        if made == "deleted":
            core.model.force_state(stored.id, "deleted")
            assert (
                core.libraries.create(SPEC, math.inf, journal_entry=journal_entry).fp_db_id
                == journal_entry.made()
                != fp_db_id
            )
            return
        way_out = (
            f"remove the file `{journal_entry.path}`"
            if made == "unlisted"
            else "set `adopt` to its ID"
        )
        with pytest.raises(NameTakenError, match=f"created library {fp_db_id}[.,]") as caught:
            core.libraries.create(SPEC, math.inf, journal_entry=journal_entry)
        assert way_out in advised(caught.value)
        assert journal_entry.made() == fp_db_id


class TestCountFiles:
    """How much a library holds; None only where there is no library."""

    def test_a_library_that_is_gone_holds_nothing(self, core: Core, stored: Stored) -> None:
        """A refused count is looked into: a library that is gone is no error."""
        core.model.force_state(stored.id, "deleted")
        assert core.libraries.count_files(stored.id, math.inf) is None

    @pytest.mark.parametrize("code", ["InvalidParameter", "Forbidden.RAM"])
    def test_a_library_that_is_there_is_not_gone(
        self, code: str, core: Core, stored: Stored
    ) -> None:
        """If the library exists, the refusal is reported."""
        core.relay.answer("ListFpShotFiles", 1, refused(code))
        with pytest.raises(RefusedError, match=code):
            core.libraries.count_files(stored.id, math.inf)


class TestAdopt:
    """A library is taken over if it is what the program says."""

    def test_all_contradictions_are_told(self, core: Core, stored: Stored) -> None:
        """A library that is something else is refused, with every difference at once."""
        with pytest.raises(ContradictionError) as caught:
            core.libraries.existing(stored.id, LibrarySpec("talks", 12, None, None))
        assert advised(caught.value) == (
            f"adopt: library {stored.id} does not match: its name differs,"
            " its model_id is 13, its description differs; change the program to"
            " match what `alicloud-mps libraries` shows"
        )

    def test_what_is_not_there_can_not_be_adopted(self, core: Core, stored: Stored) -> None:
        """Taking over what is not there, or not in this region, is an error that says so."""
        core.model.force_state(stored.id, "deleted")
        elsewhere = core.model.create_library(NewLibrary("songs", region="cn-beijing"))
        for fp_db_id in (ID, stored.id, elsewhere.id):
            with pytest.raises(LibraryNotFoundError, match=f"cn-shanghai has no .* {fp_db_id}"):
                core.libraries.existing(fp_db_id, SPEC)


class TestWait:
    """A library is awaited until MPS calls it active."""

    def test_active_is_noticed_soon(self, core: Core, stored: Stored) -> None:
        """A library is returned shortly after it has become active, in few calls."""
        start, told = core.clock.now(), list[str]()
        library = core.libraries.wait_until_active(
            seen(stored), math.inf, lambda status, _: told.append(status)
        )
        assert library.state == "active"
        assert 3 <= core.clock.now() - start <= 3.5
        assert set(told[:-1]) == {"offline"}
        assert told[-1] == "active"
        assert core.relay.actions == ["ListFpShotDB"] * len(told)
        assert len(told) < 15

    @pytest.mark.parametrize(
        ("state", "way"),
        [("paused", "resume it in the MPS console"), ("deleted", "run `pulumi refresh`")],
    )
    def test_a_wrong_state_ends_the_wait(
        self, state: LibraryState, way: str, core: Core, stored: Stored
    ) -> None:
        """A library that will not become active by itself is an error that says what to do."""
        core.model.force_state(stored.id, state)
        with pytest.raises(UnexpectedStateError) as caught:
            core.libraries.wait_until_active(seen(stored), math.inf)
        assert f"is {state} and will not become active; {way}" in advised(caught.value)
        assert caught.value.last == state

    def test_an_unknown_state_is_accepted_if_it_lasts(self, core: Core) -> None:
        """A state that MPS does not document may pass, and is no failure where it does not."""
        item = {"FpDBId": ID, "Name": "songs", "ModelId": 12, "Status": "frozen"}
        start = core.clock.now()
        with RawServer(ok(FpShotDBList={"FpShotDB": [item]})) as server:
            libraries = core.libraries_at(server.url)
            new = Library(ID, "songs", 12, "offline")
            assert libraries.wait_until_active(new, math.inf).state == "frozen"
        assert NOT_LISTED_GRACE <= core.clock.now() - start <= NOT_LISTED_GRACE * 1.2

    def test_a_library_may_be_listed_late(self, core: Core, stored: Stored) -> None:
        """A library that is missing from lists right after its creation is waited for."""
        for number in range(1, 6):
            core.relay.answer("ListFpShotDB", number, ok(NonExistIds={"String": [stored.id]}))
        assert core.libraries.wait_until_active(seen(stored), math.inf).state == "active"

    def test_a_library_that_stays_unlisted_ends_the_wait(self, core: Core) -> None:
        """A library that is not listed for a minute is an error."""
        start = core.clock.now()
        with RawServer(ok(NonExistIds={"String": [ID]})) as server:
            libraries = core.libraries_at(server.url)
            with pytest.raises(UnexpectedStateError, match="is not listed") as caught:
                libraries.wait_until_active(Library(ID, "songs", 12, "offline"), math.inf)
        assert NOT_LISTED_GRACE <= core.clock.now() - start <= NOT_LISTED_GRACE * 1.2
        assert caught.value.last == "not listed"
