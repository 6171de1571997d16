"""Deletion: behind one guard, by one job, until it is done."""

import math
from functools import partial

import pytest

from clocks import FakeClock
from connections import REGION
from core import Core
from pulumi_alicloud_mps.emulator.records import LibraryRecord as Stored
from pulumi_alicloud_mps.errors import (
    DeleteJobError,
    DeletionRefusedError,
    MpsError,
    WaitTimeoutError,
)
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.mps.models import Library
from pulumi_alicloud_mps.operations.advice import advised
from raw_server import Answer, Fault, RawServer, Request, Responder, by_action, http, ok, refused

ID, JOB = "a" * 32, "b" * 32


def known(fp_db_id: str) -> Library:
    """Return what a caller knows of a library that was active."""
    return Library(fp_db_id, "", None, "active")


def failure(libraries: Libraries, fp_db_id: str, kind: type[MpsError]) -> MpsError:
    """Delete a library without force, and return how that fails."""
    with pytest.raises(kind) as caught:
        libraries.delete(known(fp_db_id), force=False, deadline=math.inf)
    return caught.value


def state(core: Core) -> str:
    """Tell the state of the only library."""
    (library,) = core.model.libraries()
    return library.state(core.model.clock())


def failing_job() -> Responder:
    """Play an MPS whose delete jobs fail."""
    library = {"FpDBId": ID, "Name": "songs", "ModelId": 12, "Status": "active"}
    reason = {"Code": "ServiceUnavailable", "Message": "temporary\r\nfailure"}
    job = {"Id": JOB, "FpDBId": ID, "Status": "Fail", **reason}
    return by_action(
        ListFpShotDB=ok(FpShotDBList={"FpShotDB": [library]}),
        ListFpShotFiles=ok(FpShotFileList={"FpShotFile": []}),
        SubmitFpDBDeleteJob=ok(JobId=JOB),
        QueryFpDBDeleteJobList=ok(FpDBDeleteJobList={"FpDBDeleteJob": [job]}),
    )


def _ends(request: Request, clock: FakeClock) -> bool:
    return request.action == "ListFpShotDB" and clock.now() > 1010


class TestGuard:
    """Fingerprints are never destroyed unless that is what was asked for."""

    def test_what_was_empty_before_a_pause_is_looked_into_again(
        self, core: Core, stored: Stored
    ) -> None:
        """Content that arrives while MPS throttles the submission of the job survives."""
        core.relay.answer("SubmitFpDBDeleteJob", 1, refused("Throttling.User"))
        core.clock.on_pause = lambda _: core.model.add_files(stored, 1)
        failure(core.libraries, stored.id, DeletionRefusedError)
        assert core.relay.count("SubmitFpDBDeleteJob") == 1
        assert state(core) != "deleted"

    @pytest.mark.parametrize("force", [False, True])
    def test_throttling_is_outlasted(self, core: Core, stored: Stored, *, force: bool) -> None:
        """A job that was refused for the rate of calls is submitted in the end, once."""
        for number in (1, 2):
            core.relay.answer("SubmitFpDBDeleteJob", number, refused("Throttling.User"))
        core.libraries.delete(known(stored.id), force=force, deadline=math.inf)
        assert core.relay.count("SubmitFpDBDeleteJob") == 3
        assert state(core) == "deleted"

    def test_a_filled_library_is_kept(self, core: Core, stored: Stored) -> None:
        """A library with fingerprints is left alone, and the error says so."""
        core.model.add_files(stored, 1)
        error = failure(core.libraries, stored.id, DeletionRefusedError)
        assert str(error) == f"library {stored.id} holds fingerprints; nothing was deleted"
        assert core.relay.count("SubmitFpDBDeleteJob") == 0
        assert not core.libraries.was_deleted(stored.id)

    @pytest.mark.parametrize(
        "answer",
        [
            refused("Forbidden.RAM", status=403),
            refused("InternalError", status=500),
            refused("InvalidParameter"),
            http(502, b"<html>"),
            Fault.CLOSE,
            ok(),
            ok(FpShotFileList=[]),
            ok(FpShotFileList={"FpShotFile": []}, NextPageToken=17),
        ],
    )
    def test_a_library_that_is_not_provably_empty_is_kept(
        self, answer: Answer, core: Core, stored: Stored
    ) -> None:
        """Where it can't be seen whether there are fingerprints, nothing is deleted."""
        for number in range(1, 11):
            core.relay.answer("ListFpShotFiles", number, answer)
        error = failure(core.libraries, stored.id, DeletionRefusedError)
        assert "may hold fingerprints, because its content can't be checked" in str(error)
        assert "ListFpShotFiles" in str(error)
        assert core.relay.count("SubmitFpDBDeleteJob") == 0

    @pytest.mark.parametrize("model_id", [11, 3, 15, None])
    def test_what_mps_may_not_list_is_kept(self, model_id: int | None, core: Core) -> None:
        """A library whose content MPS is not documented to list is never called empty."""
        library = {"FpDBId": ID, "ModelId": model_id, "Status": "active"}
        answers = by_action(
            ListFpShotDB=ok(FpShotDBList={"FpShotDB": [library]}),
            ListFpShotFiles=ok(FpShotFileList={"FpShotFile": []}),
            QueryFpDBDeleteJobList=ok(),
        )
        with RawServer(answers) as server:
            error = failure(core.libraries_at(server.url), ID, DeletionRefusedError)
        assert f"content of libraries of model {model_id or 'unknown'}; nothing was" in str(error)
        assert server.count("SubmitFpDBDeleteJob") == 0

    def test_force_deletes_with_the_content(self, core: Core, stored: Stored) -> None:
        """With force a library goes with its fingerprints, and nobody looks at them."""
        core.model.add_files(stored, 3)
        core.libraries.delete(known(stored.id), force=True, deadline=math.inf)
        assert state(core) == "deleted"
        assert core.relay.count("ListFpShotFiles") == 0


class TestJob:
    """One job for one library, awaited."""

    def test_the_job_is_awaited(self, core: Core, stored: Stored) -> None:
        """Deleting returns when MPS has done it, and reports each status until then."""
        start, seen = core.clock.now(), list[str]()
        core.libraries.delete(
            known(stored.id),
            force=False,
            deadline=math.inf,
            on_progress=lambda status, _: seen.append(status),
        )
        assert 3 <= core.clock.now() - start < 4
        assert list(dict.fromkeys(seen)) == ["Queuing", "Analysing", "Success"]
        assert core.libraries.was_deleted(stored.id)

    @pytest.mark.parametrize("files", [0, 2])
    def test_a_running_job_is_not_doubled(self, files: int, core: Core, stored: Stored) -> None:
        """A job of an earlier run that still goes on is awaited, and no second one submitted."""
        if files:
            core.model.add_files(stored, files)
        core.model.submit_delete_job(stored, "", "")
        core.libraries.delete(known(stored.id), force=False, deadline=math.inf)
        assert state(core) == "deleted"
        assert core.relay.count("SubmitFpDBDeleteJob") == 0

    def test_a_lost_job_is_found(self, core: Core, stored: Stored) -> None:
        """A job whose ID was lost with the answer is found among the recent ones."""
        core.relay.lose("SubmitFpDBDeleteJob", 1)
        core.libraries.delete(known(stored.id), force=False, deadline=math.inf)
        assert len(core.model.delete_jobs(REGION, [])) == 1
        assert core.relay.count("SubmitFpDBDeleteJob") == 1

    def test_a_failed_job_tells_why(self, core: Core) -> None:
        """A job that fails is an error with MPS's own words; the next run submits a new one."""
        with RawServer(failing_job()) as server:
            libraries = core.libraries_at(server.url)
            error = failure(libraries, ID, DeleteJobError)
            assert server.count("SubmitFpDBDeleteJob") == 1
            failure(libraries, ID, DeleteJobError)
            assert server.count("SubmitFpDBDeleteJob") == 2
        assert advised(error) == (
            f"deleting library {ID} failed at MPS: ServiceUnavailable: temporary"
            f" failure (job {JOB}); run the same command again"
        )

    def test_what_may_have_been_a_purge_is_not_awaited(self, core: Core) -> None:
        """A job that has succeeded and says no DelType deletes if this process submitted it."""
        library = {"FpDBId": ID, "Name": "songs", "ModelId": 12, "Status": "paused"}
        done = [{"Id": key, "FpDBId": ID, "Status": "Success"} for key in ("c" * 32, JOB)]
        answers = by_action(
            ListFpShotDB=ok(FpShotDBList={"FpShotDB": [library]}),
            ListFpShotFiles=ok(FpShotFileList={"FpShotFile": []}),
            SubmitFpDBDeleteJob=ok(JobId=JOB),
            QueryFpDBDeleteJobList=ok(FpDBDeleteJobList={"FpDBDeleteJob": done}),
        )
        with RawServer(answers) as server:
            core.libraries_at(server.url).delete(known(ID), force=False, deadline=2000)
        actions = [request.action for request in server.requests]
        assert actions.count("SubmitFpDBDeleteJob") == 1

    @pytest.mark.parametrize("jobs", [[], [{"Id": JOB, "FpDBId": ID, "Status": "Succeeded"}]])
    @pytest.mark.parametrize("end", [{"Status": "deleted"}, {"Status": "active"}])
    def test_of_other_words_the_library_itself_tells(
        self, jobs: list[dict[str, str]], end: dict[str, str], core: Core
    ) -> None:
        """A job of a status that MPS does not document is neither a failure nor a success."""
        answers = by_action(
            ListFpShotDB=ok(FpShotDBList={"FpShotDB": [{"FpDBId": ID, "Status": "active"}]}),
            ListFpShotFiles=ok(FpShotFileList={"FpShotFile": []}),
            SubmitFpDBDeleteJob=ok(JobId=JOB),
            QueryFpDBDeleteJobList=ok(FpDBDeleteJobList={"FpDBDeleteJob": jobs}),
        )
        ended = ok(FpShotDBList={"FpShotDB": [{"FpDBId": ID, **end}]})
        with RawServer(lambda r: ended if _ends(r, core.clock) else answers(r)) as server:
            libraries = core.libraries_at(server.url)
            delete = partial(
                libraries.delete, known(ID), force=True, deadline=core.clock.now() + 60
            )
            if end["Status"] == "deleted":
                delete()
            else:
                with pytest.raises(WaitTimeoutError, match=r"is still .* after"):
                    delete()
        assert server.count("SubmitFpDBDeleteJob") == (0 if jobs else 1)

    def test_the_deadline_ends_the_wait(self, core: Core, stored: Stored) -> None:
        """A job that takes longer than the deadline is left to go on, and the error says so."""
        core.change(deletion_seconds=3600)
        with pytest.raises(WaitTimeoutError) as caught:
            core.libraries.delete(known(stored.id), force=False, deadline=core.clock.now() + 60)
        assert advised(caught.value) == (
            f"the job that deletes library {stored.id} is still Queuing after 60 s;"
            " run the same command again to continue waiting"
        )
        assert not core.libraries.was_deleted(stored.id)


class TestGone:
    """What is gone already needs no deletion."""

    def test_a_library_that_is_gone_is_a_success(self, core: Core, stored: Stored) -> None:
        """Deleting what MPS says is gone succeeds, and submits nothing."""
        core.model.force_state(stored.id, "deleted")
        core.libraries.delete(known(stored.id), force=False, deadline=math.inf)
        assert core.relay.actions == ["ListFpShotDB"]
        assert core.libraries.was_deleted(stored.id)
