"""The client: what each action sends, and how its answer is read."""

import json
import math
from collections.abc import Callable
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clocks import FakeClock
from connections import REGION
from core import Core
from pulumi_alicloud_mps.emulator.records import NewLibrary
from pulumi_alicloud_mps.errors import MpsError, OutcomeUnknownError
from pulumi_alicloud_mps.inputs import IMMUTABLE, Inputs
from pulumi_alicloud_mps.mps.client import MOST_PAGES, PAGE_SIZE, MpsClient, account_id_of
from pulumi_alicloud_mps.mps.models import DeleteJob, FileCount, Library, LibrarySpec, Listing
from pulumi_alicloud_mps.mps.rate_limiter import RateLimiter
from pulumi_alicloud_mps.mps.transport import Transport
from raw_server import Fault, RawServer, http, ok, refused, script

ID = "0f3c9b7a5d1e4c2f8a6b0d9e7c5f1a23"
OTHER = "f" * 32
DELETES = {"DelType": "Delete"}
SONGS = {"FpDBId": OTHER, "Name": "songs", "ModelId": 13, "Status": "active"}


def page(files: int, next_page: str | None = "d" * 32) -> bytes:
    """Return a page of so many files."""
    return ok(FpShotFileList={"FpShotFile": [{}] * files}, NextPageToken=next_page)


class TestLibraries:
    """CreateFpShotDB and ListFpShotDB."""

    def test_a_library_is_created_as_asked(self, core: Core) -> None:
        """Everything that was asked of a library reaches MPS, also what is not ASCII."""
        spec = LibrarySpec("ön air", 13, '{"a":"x&y"}', "曲库 100 %")
        library = core.client(core.emulator.url).create_library(spec, math.inf)
        (stored,) = core.model.libraries()
        assert (stored.name, stored.model_id) == ("ön air", 13)
        assert (stored.config, stored.description) == ('{"a":"x&y"}', "曲库 100 %")
        assert library == Library(stored.id, "ön air", 13, "offline", "曲库 100 %")

    def test_every_input_of_a_library_is_sent(self, core: Core) -> None:
        """What makes a library another one reaches CreateFpShotDB, but the region it is sent to."""
        values = dict(zip(IMMUTABLE, ("songs", 13, '{"a":1}', "licensed", REGION), strict=True))
        spec = Inputs.model_validate(values).spec()
        with RawServer(ok(FpShotDB={"FpDBId": ID})) as server:
            core.client(server.url).create_library(spec, math.inf)
        sent = set(server.requests[0].parameters.values())
        assert {str(values[name]) for name in IMMUTABLE if name != "region"} <= sent

    def test_unset_inputs_are_not_sent(self, core: Core) -> None:
        """Config and description are not sent where there are none."""
        with RawServer(ok(FpShotDB={"FpDBId": ID, "Name": "a", "ModelId": 12, "State": "x"})) as s:
            core.client(s.url).create_library(LibrarySpec("a", 12), math.inf)
        assert not {"Config", "Description"} & s.requests[0].parameters.keys()

    @pytest.mark.parametrize(
        ("told", "read"),
        [
            ({"ModelId": 12}, Library(ID, "", 12, "unknown")),
            # As the old API has it.
            ({"ModelId": "3"}, Library(ID, "", 3, "unknown")),
            *(
                ({"ModelId": model}, Library(ID, "", None, "unknown"))
                for model in (None, True, 1.5, "", "12a", "-1", "٣", "9" * 5000, [12])
            ),
            ({"Name": "", "Status": ""}, Library(ID, "", None, "unknown")),
            ({"Name": 5, "Status": None}, Library(ID, "", None, "unknown")),
            ({"Status": "Active"}, Library(ID, "", None, "active")),
            ({"Status": "Frozen"}, Library(ID, "", None, "Frozen")),
            # As Create calls it.
            ({"State": "paused"}, Library(ID, "", None, "paused")),
            *(
                ({"Description": unset}, Library(ID, "", None, "unknown", ""))
                for unset in (None, "", "null")
            ),
        ],
    )
    def test_only_the_id_is_indispensable(
        self, told: dict[str, object], read: Library, core: Core
    ) -> None:
        """One odd library in a List leaves the others readable, and has what could be read."""
        with RawServer(ok(FpShotDBList={"FpShotDB": [{"FpDBId": ID, **told}, SONGS]})) as server:
            listing = core.client(server.url).list_libraries()
        assert listing.libraries == {ID: read, OTHER: Library(OTHER, "songs", 13, "active")}

    @pytest.mark.parametrize(
        ("told", "made"),
        [
            ({}, Library(ID, "songs ", 13, "offline", "for all")),
            (
                {"Name": "songs", "ModelId": 12, "State": "creating", "Description": ""},
                Library(ID, "songs", 12, "offline", ""),
            ),
        ],
    )
    def test_of_what_was_created_only_the_id_is_indispensable(
        self, told: dict[str, object], made: Library, core: Core
    ) -> None:
        """What it leaves out is as it was asked for; no state of it means that List has it."""
        with RawServer(ok(FpShotDB={"FpDBId": ID, **told})) as server:
            spec = LibrarySpec("songs ", 13, None, "for all")
            assert core.client(server.url).create_library(spec, math.inf) == made

    def test_an_id_is_what_mps_says(self, core: Core) -> None:
        """An ID of another form than the documented one is looked up as it is."""
        fp_db_id = "0F3C9B7A-5D1E-4C2F-8A6B-0D9E7C5F1A23"
        with RawServer(ok(FpShotDBList={"FpShotDB": [{"FpDBId": fp_db_id}]})) as server:
            listing = core.client(server.url).list_libraries([fp_db_id])
        assert fp_db_id in listing.libraries
        assert server.requests[0].parameters["FpDBIds"] == fp_db_id

    @pytest.mark.parametrize(
        "content", [{}, {"FpShotDBList": {}}, {"FpShotDBList": {"FpShotDB": []}}]
    )
    def test_nothing_listed_is_an_empty_listing(
        self, content: dict[str, object], core: Core
    ) -> None:
        """An answer that lists nothing and denies nothing proves nothing."""
        with RawServer(ok(**content)) as server:
            listing = core.client(server.url).list_libraries([ID])
        assert listing == Listing({}, frozenset())

    @pytest.mark.parametrize(
        "content",
        [
            {"FpShotDBList": []},
            {"FpShotDBList": {"FpShotDB": None}},
            {"FpShotDBList": {"FpShotDB": ["a"]}},
            {"FpShotDBList": {"FpShotDB": [{"Name": "a", "ModelId": 12, "Status": "active"}]}},
            {"NonExistIds": [ID]},
            {"NonExistIds": {"String": [5]}},
        ],
    )
    def test_a_malformed_answer_is_no_answer(self, content: dict[str, object], core: Core) -> None:
        """An answer of another form is an error with its request ID, and never an empty listing."""
        with RawServer(ok(**content)) as server:
            client = core.client(server.url)
            with pytest.raises(OutcomeUnknownError, match=r"missing or malformed .*REQUEST-OK"):
                client.list_libraries([ID])


class TestDeleteJobs:
    """SubmitFpDBDeleteJob, QueryFpDBDeleteJobList and ListFpShotFiles."""

    def test_the_job_deletes_and_does_not_purge(self, core: Core) -> None:
        """A deletion is asked for as Delete: MPS's default, Purge, would keep the library."""
        with RawServer(ok(JobId=OTHER)) as server:
            job_id = core.client(server.url).submit_delete_job(ID, math.inf)
        assert job_id == OTHER
        assert server.requests[0].parameters["DelType"] == "Delete"
        assert server.requests[0].parameters["FpDBId"] == ID

    def test_a_purge_is_no_deletion(self, core: Core) -> None:
        """A job that only empties a library is not taken for one that deletes it."""
        item = {"Id": OTHER, "FpDBId": ID, "Status": "Success", "DelType": "Purge"}
        with RawServer(ok(FpDBDeleteJobList={"FpDBDeleteJob": [item]})) as server:
            assert core.client(server.url).delete_jobs() == []

    @pytest.mark.parametrize(
        ("told", "read"),
        [
            ({}, DeleteJob("", "", "unknown", deletes=False)),
            ({"Id": OTHER, "Status": "SUCCESS", **DELETES}, DeleteJob(OTHER, "", "Success")),
            ({"FpDBId": ID, "Status": "Running", **DELETES}, DeleteJob("", ID, "Running")),
        ],
    )
    def test_an_odd_job_leaves_the_others_readable(
        self, told: dict[str, object], read: DeleteJob, core: Core
    ) -> None:
        """Nothing is indispensable in a job that may be somebody else's."""
        item = {"Id": OTHER, "FpDBId": ID, "Status": "Queuing", **DELETES}
        with RawServer(ok(FpDBDeleteJobList={"FpDBDeleteJob": [told, item]})) as server:
            jobs = core.client(server.url).delete_jobs()
        assert jobs == [read, DeleteJob(OTHER, ID, "Queuing")]

    @pytest.mark.parametrize("files", [0, 1])
    def test_an_empty_page_before_another_is_passed_over(self, core: Core, files: int) -> None:
        """Empty pages of media prove nothing; the next one is asked for, with its token."""
        answers = script(page(0, "p1"), page(0, "p2"), page(files, None))
        with RawServer(answers) as server:
            assert core.client(server.url).has_files(ID) == bool(files)
        tokens = [request.parameters.get("NextPageToken") for request in server.requests]
        assert tokens == [None, "p1", "p2"]

    def test_empty_pages_without_end_prove_nothing(self, core: Core) -> None:
        """A library that goes on listing empty pages is not called empty."""
        with RawServer(page(0)) as server:
            client = core.client(server.url)
            with pytest.raises(OutcomeUnknownError, match="10 pages have no files"):
                client.has_files(ID)
        assert len(server.requests) == MOST_PAGES


class TestCount:
    """How many files a library holds, in few calls."""

    @pytest.mark.parametrize("files", [0, 1, 99, 100, 101, 234])
    def test_files_are_counted(self, files: int, core: Core) -> None:
        """All files of all pages are counted."""
        library = core.model.create_library(NewLibrary("songs"))
        core.model.add_files(library, files)
        assert core.client(core.emulator.url).count_files(library.id) == FileCount(files)

    def test_a_count_has_a_bound(self, core: Core) -> None:
        """A large library is counted as far as a few calls reach."""
        most = MOST_PAGES * PAGE_SIZE
        client = core.client(core.emulator.url)
        library = core.model.create_library(NewLibrary("songs"))
        core.model.add_files(library, most)
        assert client.count_files(library.id) == FileCount(most)
        core.model.add_files(library, 1)
        assert client.count_files(library.id) == FileCount(most, complete=False)

    @pytest.mark.parametrize("last", [refused("Forbidden.RAM"), http(200, b"{"), Fault.CLOSE])
    def test_what_was_counted_counts(self, last: bytes | Fault, core: Core) -> None:
        """If a later page fails, the count of the earlier ones is returned as incomplete."""
        with RawServer(script(page(100), page(100), last)) as server:
            count = core.client(server.url).count_files(ID, deadline=1000.0 + 60)
        assert count == FileCount(200, complete=False)

    def test_a_count_ends_in_time(self, core: Core) -> None:
        """After the deadline no further page is asked for."""
        with RawServer(script(page(100), page(100))) as server:
            count = core.client(server.url).count_files(ID, deadline=core.clock.now())
        assert count == FileCount(100, complete=False)
        assert len(server.requests) == 1

    def test_without_a_first_page_there_is_no_count(self, core: Core) -> None:
        """A library of which nothing could be seen has no number."""
        with RawServer(refused("Forbidden.RAM")) as server:
            client = core.client(server.url)
            with pytest.raises(MpsError, match="allow mts:ListFpShotFiles"):
                client.count_files(ID)


def test_an_account_without_id_is_an_error(core: Core) -> None:
    """An answer of STS without an account is not taken for an account."""
    with RawServer(script(http(503, b""), ok(AccountId=""))) as server:
        transport = core.transport(server.url)
        with pytest.raises(OutcomeUnknownError, match="AccountId"):
            account_id_of(transport, core.clock, math.inf)
    assert len(server.requests) == 2


NAMES = [
    *("FpShotDB", "FpShotDBList", "NonExistIds", "String", "FpDBId", "Name", "ModelId", "State"),
    *("Status", "FpShotFileList", "FpShotFile", "JobId", "FpDBDeleteJobList", "FpDBDeleteJob"),
    *("Id", "Code", "Message", "RequestId", "AccountId"),
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["1" * 4301]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=12,
)


@given(content=st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_whatever_is_answered_is_read_or_refused(content: dict[str, object]) -> None:
    """Any JSON object is read as an answer, or is an error of ours."""
    clock = FakeClock()
    transport = Mock(spec=Transport)
    transport.call.return_value = json.loads(json.dumps(content))
    client = MpsClient(transport, clock, RateLimiter(clock))
    _try(lambda: client.create_library(LibrarySpec("a", 12), math.inf))
    _try(client.list_libraries)
    _try(lambda: client.has_files(ID))
    _try(lambda: client.count_files(ID))
    _try(lambda: client.submit_delete_job(ID, math.inf))
    _try(client.delete_jobs)


def _try(call: Callable[[], object]) -> None:
    try:
        call()
    except MpsError as error:
        assert str(error).isprintable()  # noqa: PT017 - most answers are errors, not all
