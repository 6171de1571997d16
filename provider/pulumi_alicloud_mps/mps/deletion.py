"""Deleting a library: behind one guard, by a job that is awaited."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_alicloud_mps.errors import (
    ApiError,
    DeleteJobError,
    DeletionRefusedError,
    NotListedError,
    OutcomeUnknownError,
)

from .models import LISTED_CONTENT, NOT_STATED, Action, DeleteJob, Library
from .poller import Poller, ProgressCallback, WaitCondition
from .presence import Presence
from .redaction import redact
from .retry import retrying, was_not_executed

_KEPT = "; nothing was deleted"


class Deletion:
    """Deletes libraries of one region."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self._client = presence.client
        self._clock = presence.clock
        self._jobs = Poller(self._look, presence.clock)

    def delete(
        self, library: Library, *, force: bool, deadline: float, on_progress: ProgressCallback
    ) -> None:
        """Delete a library, with its content only if `force`, and wait until the job is done.

        A job of an earlier run that is still going is awaited instead of a new one.

        Raises:
            DeletionRefusedError: It holds media or may hold some, and `force` is not set.
            DeleteJobError: MPS gave up.
            WaitTimeoutError: The job goes on after the deadline.
        """
        # Each try looks into the library again: what it held before a pause proves nothing.
        begin = retrying(was_not_executed(Action.SUBMIT_DELETION), self._clock, deadline)
        job_id = begin(self._job, library, force=force, deadline=deadline)

        def reached(job: DeleteJob | None) -> bool:
            if job is not None and job.failed:
                private = (library.name, library.description or "")
                said = redact(job.message or "no reason given", (), private)
                raise DeleteJobError(
                    f"deleting {library} failed at MPS: {job.code or job.status}: {said} (job"
                    f" {job_id})",
                    "job failed",
                )
            if job is not None and job.ends:
                return not job.pending
            # Its job is not listed, or its status is not documented: the library itself decides.
            try:
                return self._presence.find(library.fp_db_id, deadline) is None
            except (ApiError, NotListedError):
                return False

        goal = WaitCondition[DeleteJob](
            job_id,
            subject=f"the job that deletes {library}",
            reached=reached,
            status=lambda job: job.status if job else "not listed",
            situation="not deleted yet",
        )
        self._jobs.wait(goal, deadline, on_progress)

    def check(self, library: Library, deadline: float) -> None:
        """Refuse what `delete` would refuse without `force`.

        Raises:
            DeletionRefusedError: The library holds media or may hold some.
        """
        if self._current_job(library, deadline) is None:
            self._guard(library, force=False, deadline=deadline)

    def _job(self, library: Library, *, force: bool, deadline: float) -> str:
        """Return the job that deletes the library, a new one if there is none."""
        job_id = self._current_job(library, deadline)
        if job_id is None:
            self._guard(library, force=force, deadline=deadline)
            self._clock.check()
            try:
                job_id = self._client.submit_delete_job(library.fp_db_id, deadline)
            except OutcomeUnknownError:
                job_id = self._current_job(library, deadline)
                if job_id is None:
                    raise
        return job_id

    def _guard(self, library: Library, *, force: bool, deadline: float) -> None:
        """Refuse what would destroy fingerprints; every deletion goes through here."""
        if force:
            return
        try:
            filled = self._client.has_files(library.fp_db_id, deadline)
        except ApiError as error:
            raise DeletionRefusedError(
                f"{library} may hold fingerprints, because its content can't be checked"
                f" ({error}){_KEPT}"
            ) from error
        if filled:
            raise DeletionRefusedError(f"{library} holds fingerprints{_KEPT}")
        if library.model_id not in LISTED_CONTENT:
            raise DeletionRefusedError(
                f"{library} may hold fingerprints, because MPS does not document that it lists the"
                f" content of libraries of model {library.model_id or NOT_STATED}{_KEPT}"
            )

    def _current_job(self, library: Library, deadline: float) -> str | None:
        jobs = self._client.delete_jobs(deadline=deadline)
        # A job of unknown status may still run; otherwise each rerun would submit another.
        current = [job for job in jobs if job.fp_db_id == library.fp_db_id and not job.over]
        return next((job.job_id for job in current if job.job_id), None)

    def _look(self, job_ids: Sequence[str]) -> dict[str, DeleteJob]:
        # Sent once: the poller itself retries a look that fails.
        jobs = self._client.delete_jobs(job_ids, deadline=self._clock.now())
        return {job.job_id: job for job in jobs}
