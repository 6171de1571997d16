"""The calls that change nothing, tried one after the other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import (
    AccountMismatchError,
    ListingError,
    MpsError,
    NotSentError,
    OutcomeUnknownError,
    RefusedError,
    ThrottledError,
)
from pulumi_alicloud_mps.importing.listing import libraries_in
from pulumi_alicloud_mps.mps.service import Service

from .checks import Check, failed, passed, skipped

CALL_SECONDS = 15.0
"""For so long a call that fails in passing is repeated."""

_UNKNOWN_ID = "0" * 32
_IDENTITY, _LIST = "GetCallerIdentity", "ListFpShotDB"
_WRITING = "CreateFpShotDB, SubmitFpDBDeleteJob"
# What such a failure says of the calls that follow: nothing.
_OF_ONE_CALL = (AccountMismatchError, ListingError, ThrottledError)


class Calls:
    """Tries the read-only calls in one region.

    Afterwards `denied` has the actions that RAM refused, and `origin` which link of the default
    chain gave the keys, where it was asked for them.
    """

    def __init__(self, service: Service, region: str, clock: Clock) -> None:
        self.denied: list[str] = []
        self.origin: str | None = None
        self._service = service
        self._region = region
        self._clock = clock
        self._stopped = False

    def checks(self, held: Mapping[str, str], accounts: Collection[str]) -> Iterator[Check]:
        """Try them, and tell of each.

        Args:
            held: The libraries that the state manages, by FpDBId.
            accounts: The accounts that these belong to.
        """
        yield self._attempt(_IDENTITY, lambda until: self._account(accounts, until))
        client = self._service.client(self._region)
        calls: dict[str, Callable[[float], object]] = {
            _LIST: lambda until: client.list_libraries([_UNKNOWN_ID], until),
            "ListFpShotFiles": lambda until: client.has_files(_UNKNOWN_ID, until),
            "QueryFpDBDeleteJobList": lambda until: client.delete_jobs(deadline=until),
        }
        for action, call in calls.items():
            yield self._attempt(action, call)
        name = f"{_LIST} without IDs"
        if _LIST in self.denied:
            yield skipped(name, "not tried, since RAM does not allow the action", self._region)
        else:
            yield self._attempt(name, lambda _: self._listed(held))
        yield skipped(_WRITING, "never tried, since they would change something", self._region)

    def _attempt(self, name: str, call: Callable[[float], object]) -> Check:
        if self._stopped:
            return skipped(name, "not tried, since it would fail likewise", self._region)
        try:
            found = call(self._clock.now() + CALL_SECONDS)
        except MpsError as error:
            return self._failed(name, error)
        return passed(name, found if isinstance(found, str) else "answered", self._region)

    def _failed(self, name: str, error: MpsError) -> Check:
        if isinstance(error, RefusedError) and error.blames_parameters:
            # Of a library that nobody has: MPS got as far as looking for it.
            return passed(name, "answered", self._region)
        if isinstance(error, RefusedError) and error.denied and name != _IDENTITY:
            self.denied.append(error.action)
        else:
            # STS has a host of its own: that it can't be reached says nothing of MPS.
            unreachable = isinstance(error, (NotSentError, OutcomeUnknownError))
            self._stopped = not (
                isinstance(error, _OF_ONE_CALL) or (name == _IDENTITY and unreachable)
            )
        return failed(name, error, self._region)

    def _account(self, accounts: Collection[str], until: float) -> str:
        current = self._service.account_id(self._region, until)
        self.origin = self._service.keys_origin()
        if others := sorted({*accounts} - {current}):
            raise AccountMismatchError(
                f"the stack's libraries belong to account {', '.join(others)}, and the credentials"
                f" in use to {current}"
            )
        return f"account {current}"

    def _listed(self, held: Mapping[str, str]) -> str:
        found, warning = libraries_in(self._region, self._service.libraries(self._region), held)
        if warning:
            raise ListingError(warning)
        return f"answered, with {len(found)} librar{'y' if len(found) == 1 else 'ies'}"
