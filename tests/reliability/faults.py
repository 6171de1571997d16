"""What can happen to a call, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_alicloud_mps.emulator import Fault
from reliability.account import SECRET, TOKEN
from reliability.fast_host import KILL


@dataclass(frozen=True, eq=False)
class Trouble:
    """Something that can happen to a call.

    Attributes:
        label: Its name in a case's ID.
        family: The sort of thing that it is, for the table.
        rule: What the emulator's script says of it, but for which calls it meets.
    """

    label: str
    family: str
    rule: Mapping[str, Any]

    def on(self, action: str, calls: list[int] | None) -> Fault:
        """Return the rule of a script by which it happens to some calls of an action, or all."""
        return Fault.model_validate({**self.rule, "action": action, "calls": calls or "all"})


def _body(content: str, status: int = 200, *, execute: bool = False) -> Trouble:
    when = "after" if execute else "before"
    label = f"{content}-{status}-{when}" if execute else f"{content}-{status}"
    return Trouble(
        label,
        "odd answer" if status == 200 else "HTTP 5xx",
        {"kind": "body", "content": content, "status": status, "execute": execute},
    )


def _error(code: str, family: str, *, execute: bool = False) -> Trouble:
    label = f"{code}-after" if execute else code
    return Trouble(label, family, {"kind": "error", "code": code, "execute": execute})


_NOTHING = Trouble(
    "nothing_listed", "empty List", {"kind": "body", "content": "nothing_listed", "status": 200}
)
_ECHO = Trouble(
    "SignatureDoesNotMatch",
    "refusal",
    {
        "kind": "error",
        "code": "SignatureDoesNotMatch",
        "message": f"signed with {SECRET} and {TOKEN}; server string to sign is:POST&{TOKEN}",
    },
)
_CONTENTS = ("null", "html", "list", "wrong_types", "empty", "invalid_utf8")

_NETWORK = [
    Trouble("refused", "connection", {"kind": "refuse", "seconds": 0.1}),
    Trouble("cut-before", "connection", {"kind": "close_before"}),
    Trouble("cut-after", "connection", {"kind": "close_after"}),
    Trouble("half", "connection", {"kind": "half_body"}),
    Trouble("hangs-before", "silence", {"kind": "hang"}),
    Trouble("hangs-after", "silence", {"kind": "hang", "execute": True}),
    Trouble("slow", "silence", {"kind": "slow", "seconds": 0.03}),
]
_OUTAGE = Trouble("out", "connection", {"kind": "refuse", "seconds": 1.5})

_ANSWERED = [
    _error("InternalError", "HTTP 5xx"),
    _error("ServiceUnavailable", "HTTP 5xx"),
    _body("html", 502),
    _body("empty", 500),
    _error("Throttling.User", "throttling"),
    _error("Throttling.Api", "throttling"),
    _error("SignatureNonceUsed", "refusal"),
    _error("InvalidTimeStamp.Expired", "refusal"),
    _error("InvalidSecurityToken.Expired", "refusal"),
    _error("Forbidden.RAM", "refusal"),
    _ECHO,
    *[_body(content) for content in _CONTENTS],
]
_EXECUTED = [
    _error("InternalError", "HTTP 5xx", execute=True),
    _error("ServiceUnavailable", "HTTP 5xx", execute=True),
    _error("SignatureNonceUsed", "refusal", execute=True),
    _body("html", 502, execute=True),
    _body("empty", 503, execute=True),
    *[_body(content, execute=True) for content in _CONTENTS],
]
_KILLS = [_error(KILL, "kill"), _error(KILL, "kill", execute=True)]

READING = [*_NETWORK, _OUTAGE, *_ANSWERED, _KILLS[0]]
"""What can happen to a call that changes nothing."""

LISTING = [*READING, _NOTHING]
"""What can happen to a List."""

WRITING = [*_NETWORK, _OUTAGE, *_ANSWERED, *_EXECUTED, *_KILLS]
"""What can happen to a call that makes or ends something."""

ALWAYS = [
    trouble
    for trouble in [*_NETWORK, *_ANSWERED]
    if trouble.label
    in {
        "cut-before",
        "cut-after",
        "hangs-after",
        "InternalError",
        "Throttling.User",
        "Forbidden.RAM",
        "html-502",
        "html-200",
        "wrong_types-200",
        "empty-200",
    }
]
"""What is tried on every call of an action, and not on one only."""

ALWAYS_LISTING = [*ALWAYS, _NOTHING]
"""The same for List."""


def _fate(label: str, rule: Mapping[str, Any]) -> Trouble:
    return Trouble(label, "library fate", rule)


def _failure(label: str, rule: Mapping[str, Any]) -> Trouble:
    return Trouble(label, "job failure", rule)


CREATED = [
    _fate("paused-at-once", {"kind": "library", "state": "paused"}),
    _fate("paused-later", {"kind": "library", "state": "paused", "seconds": 0.02}),
    _fate("deleted-at-once", {"kind": "library", "state": "deleted"}),
    _fate("deleted-later", {"kind": "library", "state": "deleted", "seconds": 0.02}),
    _fate("never-active", {"kind": "library", "state": "offline"}),
    _fate("unlisted-briefly", {"kind": "unlisted", "seconds": 0.1}),
    _fate("unlisted-long", {"kind": "unlisted", "seconds": 2.0}),
]
"""What can become of a library that is created."""

JOBS = [
    _failure("job-fails", {"kind": "job_failure"}),
    _failure(
        "job-fails-for-a-reason", {"kind": "job_failure", "code": "A.B", "message": "no\nway"}
    ),
]
"""What can become of a delete job."""
