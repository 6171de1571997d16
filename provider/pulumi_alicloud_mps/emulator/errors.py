"""The refusals of the emulated MPS, each with the code and HTTP status of the real API.

Codes and statuses come from the vendor's error tables. Where those name none for a case (the
quota, for example), the nearest documented family is used;
docs/reference/emulator.md lists these guesses.
"""

from http import HTTPStatus


class EmulatedError(Exception):
    """A call is refused.

    Attributes:
        code: Machine-readable code, e.g. ``InvalidParameter.DBNotExist``.
        message: One line for people.
        status: HTTP status of the answer.
    """

    def __init__(self, code: str, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def missing(name: str) -> EmulatedError:
    """Return the error for a required parameter that is absent or empty."""
    return EmulatedError(f"Missing{name}", f"The parameter {name} is required for this call.")


def invalid(message: str, kind: str = "") -> EmulatedError:
    """Return an ``InvalidParameter`` error, or ``InvalidParameter.<kind>`` if one is given."""
    return EmulatedError(f"InvalidParameter.{kind}" if kind else "InvalidParameter", message)


def no_such_library(library_id: str) -> EmulatedError:
    """Return the error for a library that the region doesn't hold, or holds no longer."""
    return invalid(f"The media fingerprint library {library_id} does not exist.", "DBNotExist")


def quota_exceeded(quota: int) -> EmulatedError:
    """Return the error for one library too many. Its code is a guess: none is documented."""
    message = f"The account may hold {quota} media fingerprint libraries, and it does."
    return EmulatedError("QuotaExceeded.FpShotDB", message)


def too_many_creations(limit: int) -> EmulatedError:
    """Return the error for one video library too many at a time. Its code is a guess, too."""
    message = f"{limit} media fingerprint libraries for video are being created."
    return EmulatedError("LimitExceeded.FpShotDBJob", message)


def internal() -> EmulatedError:
    """Return the error that stands for any fault of the emulator itself."""
    message = "The request processing has failed due to some unknown error."
    return EmulatedError("InternalError", message, HTTPStatus.INTERNAL_SERVER_ERROR)
