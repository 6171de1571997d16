"""Libraries: found on proof, adopted when they fit, awaited until active."""

import math
from pathlib import Path

import pytest

from connections import REGION, Connections
from fake_clock import FakeClock
from mps.creations import Kept
from pulumi_alicloud_mps.emulator import Emulator
from pulumi_alicloud_mps.emulator.records import LibraryRecord as Stored
from pulumi_alicloud_mps.emulator.records import LibraryState, NewLibrary
from pulumi_alicloud_mps.mps.creation import NOT_LISTED_GRACE
from pulumi_alicloud_mps.mps.errors import (
    ContradictionError,
    LibraryNotFoundError,
    MpsError,
    NameTakenError,
    RefusedError,
    UnexpectedStateError,
)
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.mps.listing_cache import FRESH_SECONDS
from pulumi_alicloud_mps.mps.models import Library, LibrarySpec
from pulumi_alicloud_mps.state.journal import CreateJournal
from raw_server import Answer, RawServer, ok, refused
from relay import Relay

ID = "a" * 32
SPEC = LibrarySpec("songs", 13, None, "licensed")


@pytest.fixture
def stored(emulator: Emulator) -> Stored:
    """A library that is at MPS."""
    return emulator.model.create_library(NewLibrary("songs", model_id=13, description="licensed"))


def seen(stored: Stored) -> Library:
    """Describe a new library as the core does."""
    return Library(stored.id, stored.name, stored.model_id, "offline", stored.description)


class TestListed:
    """Many at once, and no more of them in a call than MPS takes."""

    @pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (10, 1), (11, 2), (21, 3)])
    def test_ids_are_asked_for_ten_at_a_time(
        self, libraries: Libraries, emulator: Emulator, relay: Relay, count: int, calls: int
    ) -> None:
        """Any number of IDs is answered, in their order and each once, by as few calls as can."""
        emulator.model.settings = emulator.model.settings.changed({"quota": 100})
        ids = [
            emulator.model.create_library(NewLibrary(f"{i}", model_id=13)).id for i in range(count)
        ][::-1]
        assert [library.fp_db_id for library in libraries.listed(ids + ids[:5])] == ids
        assert relay.actions == ["ListFpShotDB"] * calls

    def test_what_is_gone_is_named(self, libraries: Libraries, stored: Stored) -> None:
        """IDs of which there is no library are an error that names them."""
        with pytest.raises(LibraryNotFoundError, match=f"has no library {ID}, {'b' * 32} in"):
            libraries.listed([ID, stored.id, "b" * 32])

    @pytest.mark.parametrize(
        ("answer", "told"),
        [
            (refused("Forbidden.RAM", status=403), "ListFpShotDB was refused: Forbidden.RAM"),
            (refused("InvalidParameter"), "by their IDs only; give those"),
            (refused("MissingFpDBIds"), "by their IDs only; give those"),
        ],
    )
    def test_a_refused_listing_is_told(
        self, answer: Answer, told: str, connections: Connections
    ) -> None:
        """Where MPS does not list without IDs, what it misses is said, and only then."""
        with RawServer(answer) as server, pytest.raises(MpsError, match=told):
            connections.libraries(server.url).listed()


class TestCreate:
    """A Create is repeated only as a whole."""

    def test_a_create_that_was_not_sent_is_repeated(
        self, libraries: Libraries, relay: Relay, clock: FakeClock, emulator: Emulator
    ) -> None:
        """Where no connection could be made for a Create, the region is listed again before it."""
        restarted: list[Relay] = []

        class Closing(Kept):
            """A note that loses the connection just before MPS is asked for the first time."""

            def record_request(self) -> None:
                if not restarted:
                    relay.close()

        def restart(_: float) -> None:
            if not restarted:
                clock.time += FRESH_SECONDS
                restarted.append(Relay(emulator.url, port=relay.port))
                restarted[0].__enter__()

        clock.on_pause = restart
        library = libraries.create(SPEC, math.inf, note=Closing(None))
        restarted[0].close()
        assert library.name == "songs"
        assert restarted[0].actions == ["ListFpShotDB", "CreateFpShotDB"]

    @pytest.mark.parametrize("made", ["there", "unlisted", "deleted"])
    def test_what_an_earlier_run_was_answered_with_is_looked_up(
        self, made: str, libraries: Libraries, emulator: Emulator, stored: Stored, tmp_path: Path
    ) -> None:
        """Nothing is made beside it, also where List leaves it out, unless it is gone."""
        settings = emulator.model.settings.changed({"list_without_ids": "none"})
        emulator.model.settings = settings
        fp_db_id = ID if made == "unlisted" else stored.id
        note = CreateJournal(tmp_path).of("urn", REGION, SPEC.name, emulator.model.account_id)
        note.record_response(fp_db_id)
        if made == "deleted":
            emulator.model.force_state(stored.id, "deleted")
            assert libraries.create(SPEC, math.inf, note=note).fp_db_id == note.made() != fp_db_id
            return
        way_out = "remove the folder" if made == "unlisted" else "set `adopt` to its ID"
        with pytest.raises(NameTakenError, match=f"made library {fp_db_id} .*{way_out}"):
            libraries.create(SPEC, math.inf, note=note)
        assert note.made() == fp_db_id


class TestCountFiles:
    """How much a library holds; None only where there is no library."""

    def test_a_library_that_is_gone_holds_nothing(
        self, libraries: Libraries, stored: Stored, emulator: Emulator
    ) -> None:
        """A refused count is looked into: a library that is gone is no error."""
        emulator.model.force_state(stored.id, "deleted")
        assert libraries.count_files(stored.id, math.inf) is None

    @pytest.mark.parametrize("code", ["InvalidParameter", "Forbidden.RAM"])
    def test_a_library_that_is_there_is_not_gone(
        self, code: str, libraries: Libraries, stored: Stored, relay: Relay
    ) -> None:
        """Where the library is there, the refusal is told."""
        relay.answer("ListFpShotFiles", 1, refused(code))
        with pytest.raises(RefusedError, match=code):
            libraries.count_files(stored.id, math.inf)


class TestAdopt:
    """A library is taken over if it is what the program says."""

    def test_a_library_that_fits_is_adopted(
        self, libraries: Libraries, stored: Stored, relay: Relay
    ) -> None:
        """Taking a library over creates and changes nothing."""
        assert libraries.adopt(stored.id, SPEC) == seen(stored)
        assert relay.actions == ["ListFpShotDB"]

    def test_all_contradictions_are_told(self, libraries: Libraries, stored: Stored) -> None:
        """A library that is something else is refused, with every difference at once."""
        with pytest.raises(ContradictionError) as caught:
            libraries.adopt(stored.id, LibrarySpec("talks", 12, None, None))
        assert str(caught.value) == (
            f"adopt: library {stored.id} is not what the program says: its name is another"
            " one (see `alicloud-mps libraries`), its model_id is 13, its description is another"
            " one; change the program to match it"
        )

    def test_what_is_not_there_can_not_be_adopted(
        self, libraries: Libraries, stored: Stored, emulator: Emulator
    ) -> None:
        """Taking over what is not there, or not in this region, is an error that says so."""
        emulator.model.force_state(stored.id, "deleted")
        elsewhere = emulator.model.create_library(NewLibrary("songs", region="cn-beijing"))
        for fp_db_id in (ID, stored.id, elsewhere.id):
            with pytest.raises(LibraryNotFoundError, match=f"cn-shanghai has no .* {fp_db_id}"):
                libraries.adopt(fp_db_id, SPEC)


class TestWait:
    """A library is awaited until MPS calls it active."""

    def test_active_is_noticed_soon(
        self, libraries: Libraries, stored: Stored, clock: FakeClock, relay: Relay
    ) -> None:
        """A library is returned shortly after it has become active, in few calls."""
        start, told = clock.now(), list[str]()
        library = libraries.wait_until_active(
            seen(stored), math.inf, lambda status, _: told.append(status)
        )
        assert library.state == "active"
        assert 3 <= clock.now() - start <= 3.5
        assert set(told[:-1]) == {"offline"}
        assert told[-1] == "active"
        assert relay.actions == ["ListFpShotDB"] * len(told)
        assert len(told) < 15

    @pytest.mark.parametrize(
        ("state", "way"),
        [("paused", "have it resumed at MPS"), ("deleted", "run `pulumi refresh`")],
    )
    def test_a_wrong_state_ends_the_wait(
        self,
        state: LibraryState,
        way: str,
        libraries: Libraries,
        stored: Stored,
        emulator: Emulator,
    ) -> None:
        """A library that will not become active by itself is an error that says what to do."""
        emulator.model.force_state(stored.id, state)
        with pytest.raises(UnexpectedStateError) as caught:
            libraries.wait_until_active(seen(stored), math.inf)
        assert f"is {state} and will not become active; {way}" in str(caught.value)
        assert caught.value.last == state

    def test_an_unknown_state_is_accepted_if_it_lasts(
        self, connections: Connections, clock: FakeClock
    ) -> None:
        """A state that MPS does not document may pass, and is no failure where it does not."""
        item = {"FpDBId": ID, "Name": "songs", "ModelId": 12, "Status": "frozen"}
        start = clock.now()
        with RawServer(ok(FpShotDBList={"FpShotDB": [item]})) as server:
            libraries = connections.libraries(server.url)
            new = Library(ID, "songs", 12, "offline")
            assert libraries.wait_until_active(new, math.inf).state == "frozen"
        assert NOT_LISTED_GRACE <= clock.now() - start <= NOT_LISTED_GRACE * 1.2

    def test_a_library_may_be_listed_late(
        self, libraries: Libraries, stored: Stored, relay: Relay
    ) -> None:
        """A library that is missing from lists right after its creation is waited for."""
        for number in range(1, 6):
            relay.answer("ListFpShotDB", number, ok(NonExistIds={"String": [stored.id]}))
        assert libraries.wait_until_active(seen(stored), math.inf).state == "active"

    def test_a_library_that_stays_unlisted_ends_the_wait(
        self, connections: Connections, clock: FakeClock
    ) -> None:
        """A library that is not listed for a minute is an error."""
        start = clock.now()
        with RawServer(ok(NonExistIds={"String": [ID]})) as server:
            libraries = connections.libraries(server.url)
            with pytest.raises(UnexpectedStateError, match="is not listed") as caught:
                libraries.wait_until_active(Library(ID, "songs", 12, "offline"), math.inf)
        assert NOT_LISTED_GRACE <= clock.now() - start <= NOT_LISTED_GRACE * 1.2
        assert caught.value.last == "not listed"
