"""Errors: one tree, each of whose texts stands alone."""

from typing import Any

import pytest

from pulumi_alicloud_mps.errors import (
    ApiError,
    DeleteJobError,
    MpsError,
    NotSentError,
    OutcomeUnknownError,
    RefusedError,
    ThrottledError,
    WaitTimeoutError,
)

LIST = "ListFpShotDB"
KNOWN: dict[str, Any] = {"code": "Some.Code", "request_id": "R-1"}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            OutcomeUnknownError(LIST, "why", **KNOWN),
            "got no usable answer: Some.Code: why (RequestId R-1)",
        ),
        (RefusedError(LIST, "why", **KNOWN), "was refused: Some.Code: why (RequestId R-1)"),
        (ThrottledError(LIST, "why", **KNOWN), "was refused: Some.Code: why (RequestId R-1)"),
        (RefusedError(LIST, "why"), "was refused: why"),
        (
            NotSentError(LIST, "why"),
            "could not be sent: why; check the network, the proxy and, if one is set, the endpoint",
        ),
    ],
)
def test_an_api_error_says_everything(error: ApiError, told: str) -> None:
    """An error of a call names action, outcome, code, reason and request ID, without gaps."""
    assert str(error) == f"{LIST} {told}"


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("InvalidAccessKeyId.NotFound", "check the access key that is in use"),
        ("SignatureDoesNotMatch", "check the secret of the access key"),
        ("InvalidSecurityToken.Expired", "log in again"),
        ("InvalidTimeStamp.Expired", "set this machine's clock"),
        ("InvalidIdentity.ServiceDisabled", "activate MPS"),
        ("Forbidden.RAM", "allow mts:CreateFpShotDB in a RAM policy"),
        ("NoPermission", "allow mts:CreateFpShotDB in a RAM policy"),
        ("PermissionDenied.ResourceAccess", "allow mts:CreateFpShotDB in a RAM policy"),
        ("QuotaExceeded.FpShotDB", "delete a library that is no longer needed"),
        ("Throttling.User", "try again when the account makes fewer calls"),
    ],
)
def test_known_codes_come_with_advice(code: str, advice: str) -> None:
    """An error whose remedy is known names it."""
    error = RefusedError("CreateFpShotDB", "no", code=code)
    assert f"; {advice}" in str(error)


@pytest.mark.parametrize(
    ("code", "blames"),
    [("InvalidParameter.X", True), ("MissingFpDBIds", True), ("Forbidden", False), (None, False)],
)
def test_a_refusal_tells_whether_the_parameters_are_to_blame(
    code: str | None, *, blames: bool
) -> None:
    """A refusal because of parameters is distinguished from all others."""
    assert RefusedError("ListFpShotDB", "no", code=code).blames_parameters is blames


@pytest.mark.parametrize(
    "error",
    [
        RefusedError("A", "two\nlines\x1b[31m", code="C\r", request_id="\ud800"),
        DeleteJobError("MPS said: first\n\tsecond\x00"),
        WaitTimeoutError("library\u2028", "x"),
    ],
)
def test_every_text_is_one_printable_line(error: MpsError) -> None:
    """No text of MPS breaks the line, colours the terminal or can't be encoded."""
    assert str(error).isprintable()
    assert str(error).encode()
