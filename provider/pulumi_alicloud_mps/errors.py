"""Everything that can go wrong, as one tree; `str()` of each error is one line that stands alone.

What a user is to do about it, in words of the front, `operations/advice.py` adds.
"""

from __future__ import annotations

import re
from typing import Self

IDENTITY = "GetCallerIdentity"

_DENIED = ("Forbidden", "NoPermission", "PermissionDenied")
_BAD_KEYS = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSecurityToken")
_ADVICE = (
    ("InvalidAccessKeyId", "check the access key that is in use"),
    ("SignatureDoesNotMatch", "check the secret of the access key"),
    ("InvalidSecurityToken", "log in again: the STS token is no longer accepted"),
    ("InvalidTimeStamp", "set this machine's clock: MPS accepts 15 minutes of difference"),
    ("InvalidIdentity.ServiceDisabled", "activate MPS for this account in its console"),
    *((code, "allow mts:{action} in a RAM policy") for code in _DENIED),
    (
        "Quota",
        "delete a library that is no longer needed, or request a higher quota in a support ticket",
    ),
    ("Throttling", "try again when the account makes fewer calls (MPS accepts 100 a second)"),
)


def with_key(message: str, key: str) -> str:
    """Return a message that ends in the heading that docs/reference/errors.md has it under."""
    return f"{message} [{key}]"


class MpsError(Exception):
    """Base of all errors of this package.

    Attributes:
        transient: Whether the same call may well succeed later.
        situation: A word for what happened, where the message alone has no way out:
            `operations/advice.py` has one.
        details: What that way out needs to name.
    """

    situation = ""
    transient = False

    def __init__(self, message: str, situation: str = "", **details: str) -> None:
        # One line that can be printed, whatever MPS's own texts hold that are part of it.
        super().__init__("".join(char if char.isprintable() else " " for char in message))
        self.situation = situation or self.situation
        self.details = details

    @property
    def key(self) -> str:
        """The heading that docs/reference/errors.md has it under."""
        name = type(self).__name__.removesuffix("Error")
        return re.sub("(?<!^)(?=[A-Z])", "-", name).lower()


class SettingsError(MpsError):
    """A setting is missing or wrong; it is named, and nothing was called."""


class StoppedError(MpsError):
    """This process was told to stop, by Ctrl-C or because the CLI is gone."""

    def __init__(self) -> None:
        super().__init__("the run was interrupted, and nothing more was started")


class StackStateError(MpsError):
    """The state can't be read, changed or written."""


class ApiError(MpsError):
    """A call of the API that did not succeed.

    Attributes:
        action: The API action, such as `CreateFpShotDB`.
        detail: What happened, without the action and the advice.
        code: The error code of the answer, where it has one.
        request_id: The RequestId of the answer, where it has one.
    """

    said = "failed"
    advice = ""

    def __init__(
        self,
        action: str,
        detail: str,
        *,
        code: str | None = None,
        request_id: str | None = None,
        transient: bool = False,
    ) -> None:
        self.action = action
        self.detail = detail
        self.code = code
        self.request_id = request_id
        self.transient = transient
        parts = [
            f"{action} {self.said}:",
            f"{code}:" if code else "",
            detail,
            f"(RequestId {request_id})" if request_id else "",
        ]
        # Of the account's ID, a caller may have other sources to advise.
        unanswered = not isinstance(self, RefusedError) or self.denied
        situation = "account unknown" if action == IDENTITY and unanswered else ""
        advice = "" if situation else self._advice()
        super().__init__(" ".join(part for part in parts if part) + advice, situation)

    def _advice(self) -> str:
        for prefix, text in _ADVICE:
            if self.code and self.code.startswith(prefix):
                return "; " + text.format(action=self.action)
        return self.advice


class NotSentError(ApiError):
    """No connection was made: MPS never saw the call."""

    said = "could not be sent"
    advice = "; check the network, the proxy and, if one is set, the endpoint"


class NoTurnError(NotSentError):
    """So many calls of this process were to go first that the time was up before its turn."""

    situation = "no turn"
    advice = ""


class OutcomeUnknownError(ApiError):
    """The call was sent, and nothing tells whether MPS carried it out."""

    said = "got no usable answer"


class RefusedError(ApiError):
    """MPS answered with an error of its own: the call was not carried out."""

    said = "was refused"

    @property
    def denied(self) -> bool:
        """Whether RAM does not allow the action."""
        return (self.code or "").startswith(_DENIED)

    @property
    def blames_keys(self) -> bool:
        """Whether the keys are not, or no longer, accepted."""
        return (self.code or "").startswith(_BAD_KEYS)

    @property
    def over_quota(self) -> bool:
        """Whether the account has as many as it may."""
        return (self.code or "").startswith("Quota")

    @property
    def blames_parameters(self) -> bool:
        """Whether MPS wants other parameters, or more of them."""
        return (self.code or "").startswith(("InvalidParameter", "Missing"))

    @property
    def explained(self) -> bool:
        """Whether the code tells what is wrong, and that waiting would not change it."""
        return self.blames_parameters or bool(self._advice())


class ThrottledError(RefusedError):
    """MPS refused the call for the rate of calls alone, before it did anything."""


class WaitError(MpsError):
    """A library or a job did not reach the state that was waited for.

    Attributes:
        last: The last status seen, `not listed` for one too; None where every look failed.
    """

    def __init__(self, message: str, last: str | None, situation: str = "") -> None:
        super().__init__(message, situation)
        self.last = last


class WaitTimeoutError(WaitError):
    """The deadline came first."""


class WaitInterruptedError(WaitError):
    """This process was told to stop; what was awaited goes on at MPS."""


class UnexpectedStateError(WaitError):
    """It reached a state from which it does not come back by itself."""


class LibraryError(MpsError):
    """What was asked of a library can't be had."""


class NameTakenError(LibraryError):
    """A library of that name exists already, and a name proves nothing about whose it is."""


class QuotaReachedError(LibraryError):
    """The account has as many libraries as it may."""


class CreationUnknownError(LibraryError):
    """It is unknown whether a Create made a library."""


class LibraryNotFoundError(LibraryError):
    """The account has no such library in that region."""

    @classmethod
    def of(
        cls, region: str, *fp_db_ids: str, check: str = "the ID and the region", situation: str = ""
    ) -> Self:
        """Return the error for these IDs, which says what to `check`."""
        named = f"{region} has no library {', '.join(fp_db_ids)} in this account"
        return cls(f"{named}; check {check}", situation)


class NotListedError(LibraryError):
    """A library that is not listed, without proof that it is gone."""


class ListingError(LibraryError):
    """MPS does not list libraries without being told their IDs."""


class ImportRefusedError(LibraryError):
    """The library, or the state, is not fit for putting the one into the other."""


class ContradictionError(LibraryError):
    """The library differs from what was asked for."""


class AccountMismatchError(LibraryError):
    """The credentials in use belong to another account than the library."""

    @classmethod
    def of(cls, subject: str, account: str, current: str, more: str = "") -> Self:
        """Return the error for a `subject`, such as "it belongs to account", and that account."""
        return cls(
            f"{subject} {account}, but the current credentials are for account {current};"
            f" use credentials for {account}{more}"
        )


class DeletionRefusedError(LibraryError):
    """Deleting would destroy fingerprints, or could: nothing was deleted."""


class DeleteJobError(LibraryError):
    """The delete job failed at MPS."""
