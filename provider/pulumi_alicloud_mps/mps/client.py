"""The actions of the API that this package needs, typed, each with its retry rule."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING, TypeVar, cast

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import IDENTITY, ApiError, OutcomeUnknownError, ThrottledError

from .coalescing import RequestCoalescer
from .models import (
    IDS_PER_CALL,
    NOT_STATED,
    READS,
    Action,
    DeleteJob,
    DeleteJobStatus,
    FileCount,
    Library,
    LibrarySpec,
    LibraryState,
    Listing,
)
from .rate_limiter import RateLimiter
from .retry import is_transient, retrying

if TYPE_CHECKING:
    from .transport import Transport

MPS_VERSION = "2014-06-18"
STS_VERSION = "2015-04-01"

PAGE_SIZE = 100
"""The most files that a page of ListFpShotFiles can have."""

MOST_PAGES = 10
"""How many of these pages are counted: MPS gives the number of files in no other way."""

_NOTHING_SET = {"", "null"}
_NUMBER = re.compile(r"[0-9]{1,9}")

R = TypeVar("R")


def account_id_of(transport: Transport, clock: Clock, deadline: float) -> str:
    """Ask STS for the ID of the account whose keys are in use; that needs no permission."""
    tries = count(1)
    answer = retrying(is_transient, clock, deadline)(
        lambda: transport.call(IDENTITY, {}, next(tries))
    )
    return _Answer(IDENTITY, answer).text("AccountId")


class MpsClient:
    """MPS in one region.

    Reads are retried after transient failures. Whatever changes something is sent once.

    `rate` is one for all regions, since MPS counts their calls together.
    """

    def __init__(self, transport: Transport, clock: Clock, rate: RateLimiter) -> None:
        self._transport = transport
        self._clock = clock
        self._rate = rate
        self._submitted: set[str] = set()
        self._look_ups = RequestCoalescer(self._list_libraries, clock, most=IDS_PER_CALL)
        self._listings = RequestCoalescer(lambda _, end: self._list_libraries(None, end), clock)
        self._recent_jobs = RequestCoalescer(lambda _, end: self._delete_jobs(None, end), clock)

    def create_library(self, spec: LibrarySpec, deadline: float) -> Library:
        """Ask MPS, once, to create a library; it answers at once, with the library `offline`.

        Whatever state it answers with, only List shows that the library is listed. Only a caller
        that knows whether the name is still free may retry.
        """
        parameters = {
            "Name": spec.name,
            "ModelId": spec.model_id,
            "Config": spec.config,
            "Description": spec.description,
        }
        made = _library(self._call(Action.CREATE, parameters, deadline).part("FpShotDB"))
        return Library(
            made.fp_db_id,
            made.name or spec.name,
            made.model_id or spec.model_id,
            LibraryState.OFFLINE.value,
            spec.description if made.description is None else made.description,
        )

    def list_libraries(
        self, fp_db_ids: Sequence[str] | None = None, deadline: float = math.inf
    ) -> Listing:
        """Look up as many as ten libraries by ID, or all of them if no IDs are given.

        Callers that list everything, or look up one library, at the same time share a call; the
        answer may include the libraries of the others. MPS does not document that List lists
        anything without IDs.
        """
        if not fp_db_ids:
            return self._listings.ask("", deadline)
        if len(fp_db_ids) == 1:
            return self._look_ups.ask(fp_db_ids[0], deadline)
        return self._list_libraries(fp_db_ids, deadline)

    def _list_libraries(self, fp_db_ids: Sequence[str] | None, deadline: float) -> Listing:
        parameters = {"FpDBIds": ",".join(fp_db_ids) if fp_db_ids else None}
        answer = self._call(Action.LIST, parameters, deadline)
        libraries = [_library(item) for item in answer.items("FpShotDBList", "FpShotDB")]
        return Listing(
            {library.fp_db_id: library for library in libraries},
            frozenset(answer.values("NonExistIds", "String", str)),
        )

    def has_files(self, fp_db_id: str, deadline: float = math.inf) -> bool:
        """Return whether the library holds any media.

        Raises:
            OutcomeUnknownError: `MOST_PAGES` pages have none, and there are more.
        """
        next_page = None
        for _ in range(MOST_PAGES):
            files, next_page = self._page_of_files(fp_db_id, 1, next_page, deadline)
            if files or not next_page:
                return bool(files)
        raise OutcomeUnknownError(
            Action.LIST_FILES, f"{MOST_PAGES} pages have no files, and there are more"
        )

    def count_files(self, fp_db_id: str, deadline: float = math.inf) -> FileCount:
        """Count a library's media, up to `MOST_PAGES` pages.

        A page that fails ends the count, unless it is the first.
        """
        counted, next_page = self._page_of_files(fp_db_id, PAGE_SIZE, None, deadline)
        for _ in range(MOST_PAGES - 1):
            if not next_page or self._clock.now() >= deadline:
                break
            try:
                more, next_page = self._page_of_files(fp_db_id, PAGE_SIZE, next_page, deadline)
            except ApiError:
                break
            counted += more
        return FileCount(counted, complete=not next_page)

    def _page_of_files(
        self, fp_db_id: str, size: int, page: str | None, deadline: float
    ) -> tuple[int, str | None]:
        """Return how many files a page has, and the token of the next page."""
        parameters = {"FpDBId": fp_db_id, "PageSize": size, "NextPageToken": page}
        answer = self._call(Action.LIST_FILES, parameters, deadline)
        files = answer.items("FpShotFileList", "FpShotFile", required=True)
        # Of any type: a library that has more pages is not empty.
        more = answer.content.get("NextPageToken")
        return len(files), None if more in (None, *_NOTHING_SET) else str(more)

    def submit_delete_job(self, fp_db_id: str, deadline: float) -> str:
        """Ask MPS, once, to delete a library with its content, and return the job's ID.

        Only a caller that knows whether the library is still empty may retry.
        """
        # The default, Purge, would keep the library, and MPS refuses it for today's models.
        parameters = {"FpDBId": fp_db_id, "DelType": "Delete"}
        job_id = self._call(Action.SUBMIT_DELETION, parameters, deadline).text("JobId")
        self._submitted.add(job_id)
        return job_id

    def delete_jobs(
        self, job_ids: Sequence[str] | None = None, deadline: float = math.inf
    ) -> list[DeleteJob]:
        """Look up delete jobs by ID, or among the 20 most recent ones if no IDs are given.

        Callers without IDs at the same time share a call.
        """
        if not job_ids:
            return self._recent_jobs.ask("", deadline)
        return self._delete_jobs(job_ids, deadline)

    def _delete_jobs(self, job_ids: Sequence[str] | None, deadline: float) -> list[DeleteJob]:
        parameters = {"JobIds": ",".join(job_ids) if job_ids else None}
        answer = self._call(Action.LIST_DELETIONS, parameters, deadline)
        jobs = answer.items("FpDBDeleteJobList", "FpDBDeleteJob")
        # A purge, which somebody else may have submitted, keeps the library.
        return [self._delete_job(job) for job in jobs if job.set("DelType") != "Purge"]

    def _delete_job(self, item: _Answer) -> DeleteJob:
        job_id = item.set("Id") or ""
        return DeleteJob(
            job_id=job_id,
            fp_db_id=item.set("FpDBId") or "",
            status=_word(item.set("Status"), DeleteJobStatus),
            code=item.set("Code"),
            message=item.set("Message"),
            deletes=item.set("DelType") is not None or job_id in self._submitted,
        )

    def ask(
        self, action: Action, parameters: Mapping[str, object], deadline: float
    ) -> Mapping[str, object]:
        """Return the raw answer to an action, to find out how MPS answers."""
        return self._call(action, parameters, deadline).content

    def _call(self, action: Action, parameters: Mapping[str, object], deadline: float) -> _Answer:
        if action not in READS:
            return self._send_once(action, parameters, deadline)
        tries = count(1)
        return retrying(is_transient, self._clock, deadline)(
            lambda: self._send_once(action, parameters, deadline, next(tries))
        )

    def _send_once(
        self, action: Action, parameters: Mapping[str, object], deadline: float, try_number: int = 1
    ) -> _Answer:
        sent_at = self._rate.acquire(action, deadline)
        try:
            return _Answer(action, self._transport.call(action, parameters, try_number))
        except ThrottledError:
            self._rate.slow_down(action, sent_at)
            raise


class _Answer:
    """A JSON object of an answer; a 200 can hold anything, so every field is checked."""

    def __init__(
        self, action: str, content: Mapping[str, object], request_id: str | None = None
    ) -> None:
        self.content = content
        self._action = action
        self._request_id = request_id or self.set("RequestId")

    def part(self, name: str) -> _Answer:
        value = self.content.get(name)
        if not isinstance(value, Mapping):
            raise self._unreadable(name)
        return _Answer(self._action, value, self._request_id)

    def items(self, wrapper: str, name: str, *, required: bool = False) -> list[_Answer]:
        items = self.values(wrapper, name, dict, required=required)
        return [_Answer(self._action, item, self._request_id) for item in items]

    def text(self, name: str) -> str:
        """Return a text that the answer must have."""
        value = self.content.get(name)
        if isinstance(value, str) and value:
            return value
        raise self._unreadable(name)

    def optional(self, name: str) -> str | None:
        """Return a text: empty if it is unset (null, or the word), None if it is missing."""
        return (self.set(name) or "") if name in self.content else None

    def set(self, *names: str) -> str | None:
        """Return the first of these fields that is set; MPS has two names for some."""
        values = [self.content.get(name) for name in names]
        return next((v for v in values if isinstance(v, str) and v not in _NOTHING_SET), None)

    def number(self, name: str) -> int | None:
        """Return a whole number, if it is one; older libraries have it as text."""
        value = self.content.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            return int(value)
        return None

    def values(self, wrapper: str, name: str, kind: type[R], *, required: bool = False) -> list[R]:
        outer = self.content.get(wrapper)
        if outer is None and not required:
            return []
        values = outer.get(name) if isinstance(outer, Mapping) else None
        if values is None and outer == {}:
            return []
        if not isinstance(values, list) or not all(isinstance(value, kind) for value in values):
            raise self._unreadable(f"{wrapper}.{name}")
        return cast("list[R]", values)

    def _unreadable(self, name: str) -> ApiError:
        return OutcomeUnknownError(
            self._action,
            f"{name} is missing or malformed in the response",
            request_id=self._request_id,
        )


def _library(item: _Answer) -> Library:
    # Only the ID is required: one odd library must not make a whole listing unusable.
    return Library(
        fp_db_id=item.text("FpDBId"),
        name=item.optional("Name") or "",
        model_id=item.number("ModelId"),
        # Create answers `State`, List `Status`.
        state=_word(item.set("Status", "State"), LibraryState),
        description=item.optional("Description"),
    )


def _word(said: str | None, known: type[StrEnum]) -> str:
    """Return a documented word in its documented spelling, and any other as it is."""
    said = said or NOT_STATED
    return {word.casefold(): word.value for word in known}.get(said.casefold(), said)
