"""Retrying: what is sent again, how often, and for how long."""

import math
from collections.abc import Callable
from contextlib import suppress

import pytest

from clocks import FakeClock
from core import Core
from pulumi_alicloud_mps.errors import (
    ApiError,
    NotSentError,
    NoTurnError,
    OutcomeUnknownError,
    RefusedError,
    SettingsError,
    ThrottledError,
)
from pulumi_alicloud_mps.mps.models import Action, LibrarySpec
from pulumi_alicloud_mps.mps.retry import TRIES, is_transient, retrying, was_not_executed
from raw_server import Answer, Fault, RawServer, http, ok, refused, script

SPEC = LibrarySpec("songs", 13)
LIBRARY = {"FpDBId": "a" * 32, "Name": "songs", "ModelId": 13, "State": "offline"}
CREATED = ok(FpShotDB=LIBRARY)
NOTHING_LISTED = ok(FpShotDBList={"FpShotDB": []})
SUBMITTED = ok(JobId="b" * 32)

AMBIGUOUS: dict[str, Answer] = {
    "lost": Fault.CLOSE,
    "cut off": CREATED[:-5],
    "fault": refused("InternalError", status=500),
    "busy": refused("ServiceUnavailable", status=503),
    "bad gateway": http(502, b"<html>"),
    "nonce used": refused("SignatureNonceUsed"),
}


class TestCreate:
    """CreateFpShotDB, which MPS would carry out twice."""

    @pytest.mark.parametrize("case", AMBIGUOUS)
    def test_it_is_not_sent_again_if_it_may_have_worked(self, case: str, core: Core) -> None:
        """A Create that may have been carried out is sent once, whatever came back."""
        with RawServer(script(AMBIGUOUS[case], CREATED)) as server:
            client = core.client(server.url)
            with pytest.raises(OutcomeUnknownError):
                client.create_library(SPEC, math.inf)
        assert server.actions == ["CreateFpShotDB"]
        assert core.clock.pauses == []

    @pytest.mark.parametrize("code", ["Throttling", "Throttling.User", "Rejected.Throttling"])
    def test_throttling_is_told(self, code: str, core: Core) -> None:
        """A Create is sent once also where it is throttled: its name may be taken after a pause."""
        with RawServer(refused(code)) as server, pytest.raises(ThrottledError):
            core.client(server.url).create_library(SPEC, math.inf)
        assert server.count("CreateFpShotDB") == 1
        assert core.clock.pauses == []

    def test_a_delete_job_is_not_submitted_again_if_it_may_have_been(self, core: Core) -> None:
        """A delete job whose submission may have worked is not submitted a second time."""
        with RawServer(script(Fault.CLOSE, SUBMITTED)) as server:
            client = core.client(server.url)
            with pytest.raises(OutcomeUnknownError):
                client.submit_delete_job("a" * 32, math.inf)
        assert server.actions == ["SubmitFpDBDeleteJob"]


class TestReads:
    """Calls that change nothing."""

    @pytest.mark.parametrize("action", Action)
    def test_only_they_are_sent_again(self, action: Action, core: Core) -> None:
        """Nothing is sent again but what lists or queries, whoever asks."""
        with RawServer(script(Fault.CLOSE, ok())) as server, suppress(OutcomeUnknownError):
            core.client(server.url).ask(action, {}, math.inf)
        assert server.count(action) == (2 if action.startswith(("List", "Query")) else 1)

    @pytest.mark.parametrize("case", AMBIGUOUS)
    def test_they_are_sent_again(self, case: str, core: Core) -> None:
        """A read that failed in passing is sent again until it works."""
        failure = AMBIGUOUS[case]
        with RawServer(script(failure, failure, NOTHING_LISTED)) as server:
            listing = core.client(server.url).list_libraries()
        assert listing.libraries == {}
        assert server.actions == ["ListFpShotDB"] * 3
        assert len(core.clock.pauses) == 2

    @pytest.mark.parametrize(
        "action", ["ListFpShotDB", "ListFpShotFiles", "QueryFpDBDeleteJobList"]
    )
    def test_each_of_them_is_sent_again(self, action: str, core: Core) -> None:
        """Looking libraries, files or jobs up is repeated after a fault of MPS."""
        empty = ok(FpShotFileList={"FpShotFile": []})
        with RawServer(script(refused("InternalError", status=500), empty)) as server:
            client = core.client(server.url)
            looks: dict[str, Callable[[], object]] = {
                "ListFpShotDB": client.list_libraries,
                "ListFpShotFiles": lambda: client.has_files("a" * 32),
                "QueryFpDBDeleteJobList": client.delete_jobs,
            }
            looks[action]()
        assert server.actions == [action] * 2

    def test_attempts_are_limited(self, core: Core) -> None:
        """A call that goes on failing is given up after eight attempts and at most 40 s."""
        with RawServer(refused("InternalError", status=500)) as server:
            client = core.client(server.url)
            with pytest.raises(OutcomeUnknownError) as caught:
                client.list_libraries()
        assert len(server.requests) == TRIES == 8
        assert sum(core.clock.pauses) <= 40
        assert caught.value.code == "InternalError"

    def test_the_deadline_ends_retrying(self, core: Core) -> None:
        """No pause between two attempts goes beyond the deadline."""
        deadline = core.clock.now() + 1.5
        with RawServer(refused("Throttling")) as server:
            client = core.client(server.url)
            with pytest.raises(ThrottledError):
                client.list_libraries(["a" * 32], deadline)
        assert core.clock.now() <= deadline
        assert len(server.requests) == len(core.clock.pauses) + 1 < TRIES

    def test_a_past_deadline_still_allows_one_attempt(self, core: Core) -> None:
        """A call is made once even when the time is up, for a last look."""
        with RawServer(script(refused("Throttling"), NOTHING_LISTED)) as server:
            client = core.client(server.url)
            with pytest.raises(ThrottledError):
                client.list_libraries(None, core.clock.now())
        assert len(server.requests) == 1
        assert core.clock.pauses == []


def test_pauses_grow_and_differ(clock: FakeClock) -> None:
    """The pauses between attempts are random below bounds that double from half a second to ten."""
    limits = [0.5, 1, 2, 4, 8, 10, 10]
    longest = [0.0] * len(limits)
    for _ in range(200):
        clock.pauses.clear()
        with pytest.raises(ThrottledError):
            retrying(is_transient, clock, math.inf)(_throttled)
        longest = [max(pair) for pair in zip(longest, clock.pauses, strict=True)]
    for pause, limit in zip(longest, limits, strict=True):
        assert limit * 0.9 < pause <= limit


def _throttled() -> None:
    raise ThrottledError("ListFpShotDB", "too fast", transient=True)


@pytest.mark.parametrize(
    ("error", "harmless", "unexecuted"),
    [
        (ThrottledError("A", "", transient=True), True, True),
        (NoTurnError("A", "", transient=True), True, True),
        (NotSentError("A", "", transient=True), True, True),
        (NotSentError("A", "", transient=False), False, False),
        (OutcomeUnknownError("A", "", transient=True), True, False),
        (OutcomeUnknownError("A", "", transient=False), False, False),
        (RefusedError("A", ""), False, False),
        (ApiError("A", "", transient=True), True, False),
        (SettingsError("region: is not set"), False, False),
        (KeyError("a bug"), False, False),
    ],
)
def test_errors_tell_whether_to_try_again(
    error: Exception, *, harmless: bool, unexecuted: bool
) -> None:
    """Only what failed in passing is tried again, and a Create only where nothing was done."""
    assert is_transient(error) is harmless
    assert was_not_executed("A")(error) is unexecuted
