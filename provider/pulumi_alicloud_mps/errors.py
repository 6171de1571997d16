"""The tree of errors. `str()` of each is a single line that is complete in itself.

It says what to do about an error code of MPS: keys, clock, RAM, quota (`_ADVICE_BY_CODE`).
`operations/advice.py` adds, by the situation, what to do about anything else.
"""

from __future__ import annotations

import re
from typing import Self

IDENTITY = "GetCallerIdentity"

_DENIED = ("Forbidden", "NoPermission", "PermissionDenied")
_BAD_KEYS = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSecurityToken")
_ADVICE_BY_CODE = (
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
    """Return a message with its key: its heading in docs/reference/errors.md."""
    return f"{message} [{key}]"


class MpsError(Exception):
    """Base of all errors of this package.

    Attributes:
        transient: Whether the same call may well succeed later.
        situation: A word for what happened, if the message alone does not say what to do:
            `operations/advice.py` says it by that word.
        details: What that advice needs to name.
    """

    situation = ""
    transient = False

    def __init__(self, message: str, situation: str = "", **details: str) -> None:
        # One printable line, whatever the texts of MPS in it hold.
        super().__init__("".join(char if char.isprintable() else " " for char in message))
        self.situation = situation or self.situation
        self.details = details

    @property
    def key(self) -> str:
        """Its heading in docs/reference/errors.md."""
        name = type(self).__name__.removesuffix("Error")
        return re.sub("(?<!^)(?=[A-Z])", "-", name).lower()


class SettingsError(MpsError):
    """A setting, which the message names, is missing or wrong; MPS was not called."""


class StoppedError(MpsError):
    """This process has to stop, because of Ctrl-C or because the CLI is gone."""

    def __init__(self) -> None:
        super().__init__("the run was interrupted, and nothing more was started")


class StackStateError(MpsError):
    """The state can't be read, changed or written."""


class ApiError(MpsError):
    """A call of the API failed.

    Attributes:
        action: The API action, such as `CreateFpShotDB`.
        detail: What happened, without the action and the advice.
        code: The error code of the answer, if it has one.
        request_id: The RequestId of the answer, if it has one.
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
        # A caller may advise another source of the account's ID.
        unanswered = not isinstance(self, RefusedError) or self.denied
        situation = "account unknown" if action == IDENTITY and unanswered else ""
        advice = "" if situation else self._advice()
        super().__init__(" ".join(part for part in parts if part) + advice, situation)

    def _advice(self) -> str:
        for prefix, text in _ADVICE_BY_CODE:
            if self.code and self.code.startswith(prefix):
                return "; " + text.format(action=self.action)
        return self.advice


class NotSentError(ApiError):
    """No connection was made: MPS never saw the call."""

    said = "could not be sent"
    advice = "; check the network, the proxy and, if one is set, the endpoint"


class NoTurnError(NotSentError):
    """The rate limit of this process would have delayed the call beyond its deadline."""

    situation = "no turn"
    advice = ""


class OutcomeUnknownError(ApiError):
    """The call was sent, and it is unknown whether MPS carried it out."""

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
        """Whether MPS rejects the keys (invalid or expired)."""
        return (self.code or "").startswith(_BAD_KEYS)

    @property
    def over_quota(self) -> bool:
        """Whether the quota is used up."""
        return (self.code or "").startswith("Quota")

    @property
    def blames_parameters(self) -> bool:
        """Whether MPS requires other parameters, or more of them."""
        return (self.code or "").startswith(("InvalidParameter", "Missing"))

    @property
    def explained(self) -> bool:
        """Whether the code says what is wrong, so a retry would not help."""
        return self.blames_parameters or bool(self._advice())


class ThrottledError(RefusedError):
    """MPS refused the call only because of the rate of calls, and did nothing."""


class WaitError(MpsError):
    """A library or a job did not reach the awaited state.

    Attributes:
        last: The last status seen, or `not listed`; None if every poll failed.
    """

    def __init__(self, message: str, last: str | None, situation: str = "") -> None:
        super().__init__(message, situation)
        self.last = last


class WaitTimeoutError(WaitError):
    """The deadline has passed."""


class WaitInterruptedError(WaitError):
    """This process has to stop; MPS carries on."""


class UnexpectedStateError(WaitError):
    """It reached a state that it does not leave by itself."""


class LibraryError(MpsError):
    """An operation on a library is not possible."""


class NameTakenError(LibraryError):
    """A library of that name exists, and its name does not prove whose it is."""


class QuotaReachedError(LibraryError):
    """The account's quota of libraries is used up."""


class CreationUnknownError(LibraryError):
    """It is unknown whether a Create has created a library."""


class LibraryNotFoundError(LibraryError):
    """The account has no such library in the region."""

    @classmethod
    def of(
        cls, region: str, *fp_db_ids: str, check: str = "the ID and the region", situation: str = ""
    ) -> Self:
        """Return the error for these IDs, which says what to `check`."""
        named = f"{region} has no library {', '.join(fp_db_ids)} in this account"
        return cls(f"{named}; check {check}", situation)


class NotListedError(LibraryError):
    """A library is not listed, which does not prove that it is gone."""


class ListingError(LibraryError):
    """MPS lists libraries only by ID."""


class ImportRefusedError(LibraryError):
    """The library can't be imported into this state."""


class ContradictionError(LibraryError):
    """The library differs from what was requested."""


class AccountMismatchError(LibraryError):
    """The credentials are for another account than the library's."""

    @classmethod
    def of(cls, subject: str, account: str, current: str, more: str = "") -> Self:
        """Return the error for a `subject`, such as "it belongs to account", and that account."""
        return cls(
            f"{subject} {account}, but the current credentials are for account {current};"
            f" use credentials for {account}{more}"
        )


class DeletionRefusedError(LibraryError):
    """A deletion would, or could, destroy fingerprints: nothing was deleted."""


class DeleteJobError(LibraryError):
    """The delete job failed at MPS."""
