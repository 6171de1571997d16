"""Faults: what a script may say, which call meets which rule, and what is answered instead."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from .records import FaultEffect
from .requests import VERSIONS, ApiRequest
from .responses import JSON_TYPE, ApiResponse, EmulatedError, refusal

FaultKind = Literal[
    "refuse",
    "close_before",
    "close_after",
    "half_body",
    "hang",
    "slow",
    "error",
    "body",
    "library",
    "unlisted",
    "job_failure",
]
OddContent = Literal[
    "null", "html", "list", "wrong_types", "empty", "invalid_utf8", "nothing_listed"
]
FaultyState = Literal["offline", "paused", "deleted"]

_EVERY_ACTION = "*"


@dataclass(frozen=True)
class _Usage:
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    # Whether the call is carried out; None if the rule decides.
    executes: bool | None = True
    # The one action whose new library or job it changes; None if it changes any response.
    only: str | None = None


_USAGE: dict[FaultKind, _Usage] = {
    "refuse": _Usage(("seconds",), executes=False),
    "close_before": _Usage(executes=False),
    "close_after": _Usage(),
    "half_body": _Usage(),
    "hang": _Usage((), ("seconds", "execute"), executes=None),
    "slow": _Usage(("seconds",)),
    "error": _Usage(("code",), ("status", "message", "execute"), executes=None),
    "body": _Usage(("content",), ("status", "execute"), executes=None),
    "library": _Usage(("state",), ("seconds",), only="CreateFpShotDB"),
    "unlisted": _Usage(("seconds",), only="CreateFpShotDB"),
    "job_failure": _Usage((), ("code", "message"), only="SubmitFpDBDeleteJob"),
}
_SELECTION = {"action", "calls", "probability", "seed", "kind"}


class FaultError(ValueError):
    """A script of faults was refused. ``str()`` is one line that names the rule and the field."""


class Fault(BaseModel):
    """One rule of a script: which calls it meets, and what happens to them. Immutable.

    docs/reference/emulator.md describes each kind, and which of the parameters it takes.

    Attributes:
        action: Name of an action, or ``*`` for all.
        calls: Which calls of that action, counted from 1 since the script was set.
        probability: Instead of numbers: how likely each call is met, 0 to 1.
        seed: Seed of the random numbers; required with a probability.
        seconds: How long, or after how long.
        execute: Whether the call is carried out all the same.
        content: The body to send instead.
        state: The state that the new library changes to.

    Raises:
        pydantic.ValidationError: A value doesn't fit, or not with the kind.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    action: str
    kind: FaultKind
    calls: Literal["all"] | Sequence[int] = "all"
    probability: float | None = Field(default=None, ge=0, le=1)
    seed: int | None = None
    seconds: float | None = Field(default=None, ge=0)
    execute: bool = False
    status: int | None = Field(default=None, ge=200, le=599)
    code: str | None = Field(default=None, min_length=1)
    message: str | None = None
    content: OddContent | None = None
    state: FaultyState | None = None

    @field_validator("action")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name != _EVERY_ACTION and name not in VERSIONS:
            raise ValueError(f"must be {_EVERY_ACTION} or one of {', '.join(sorted(VERSIONS))}")
        return name

    @field_validator("calls", mode="before")
    @classmethod
    def _are_ordinals(cls, value: object) -> object:
        numbers = list(value) if isinstance(value, (list, tuple)) else []
        if value != "all" and not (numbers and all(type(n) is int and n > 0 for n in numbers)):
            raise ValueError('must be "all" or a list of whole numbers from 1')
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> "Fault":
        usage = _USAGE[self.kind]
        if usage.only and self.action != usage.only:
            raise ValueError(f"action: must be {usage.only} for the kind {self.kind}")
        if self.probability is not None and self.calls != "all":
            raise ValueError("probability: can't be combined with the numbers of calls")
        if (self.probability is None) != (self.seed is None):
            raise ValueError("seed: belongs to a probability, and a probability needs one")
        given = {name for name in self.model_fields_set if getattr(self, name) is not None}
        for name in usage.required:
            if name not in given:
                raise ValueError(f"{name}: is required by the kind {self.kind}")
        for name in sorted(given - _SELECTION - {*usage.required, *usage.optional}):
            raise ValueError(f"{name}: is not a parameter of the kind {self.kind}")
        if self.kind == "error" and self.status and self.status < HTTPStatus.BAD_REQUEST:
            raise ValueError("status: must be from 400 to 599 for the kind error")
        return self

    @property
    def executes(self) -> bool:
        """Whether a call that it meets is carried out."""
        executes = _USAGE[self.kind].executes
        return self.execute if executes is None else executes

    @property
    def has_effect(self) -> bool:
        """Whether it changes what a call makes, and not the response."""
        return _USAGE[self.kind].only is not None

    @property
    def effect(self) -> FaultEffect:
        """What becomes of the library or job that a call makes."""
        seconds = self.seconds or 0.0
        if self.kind == "library":
            return FaultEffect(state=self.state, state_seconds=seconds)
        if self.kind == "unlisted":
            return FaultEffect(unlisted_seconds=seconds)
        message = self.message or "The job failed because a fault was set."
        return FaultEffect(failure=(self.code or "InternalError", message))

    def to_dict(self) -> dict[str, object]:
        """Return what the rule says, without what it leaves out, ready for JSON."""
        return self.model_dump(mode="json", exclude_unset=True)


_SCRIPT = TypeAdapter(list[Fault])


def read_faults(text: bytes) -> list[Fault]:
    """Read a script: a JSON list of rules.

    Raises:
        FaultError: It is not such a list, or a rule doesn't fit.
    """
    try:
        return _SCRIPT.validate_json(text)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        what, location = problem["msg"].removeprefix("Value error, "), problem["loc"]
        if problem["type"] == "json_invalid":
            raise FaultError(f"the script is not JSON: {what}") from None
        if not location:
            raise FaultError("the script must be a JSON list of rules") from None
        # An unknown name may hold anything, such as a line break.
        field = [str(part) if part in Fault.model_fields else repr(part) for part in location[1:2]]
        raise FaultError(f"rule {int(location[0]) + 1}: {': '.join([*field, what])}") from None


class Rule:
    """A fault, with a count of the calls to its action, and of those that it has changed."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.fired = 0
        self._calls = 0
        # Each rule has its own generator, so that no other rule changes its chances.
        self._chances = random.Random(fault.seed)  # noqa: S311 - repeatable is what it must be

    def meets(self, action: str) -> bool:
        """Count a call, and return whether the rule meets it."""
        if self.fault.action not in (action, _EVERY_ACTION):
            return False
        self._calls += 1
        if self.fault.probability is not None:
            return self._chances.random() < self.fault.probability
        return self.fault.calls == "all" or self._calls in self.fault.calls


class FaultScript:
    """Rules in order, which count calls from now on.

    Of those that meet a call, two apply: the first that changes the response, and the first that
    changes what the call makes.
    """

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._rules = [Rule(fault) for fault in faults]

    def meet(self, action: str) -> tuple[Rule | None, Rule | None]:
        """Count a call; return the rules for its response and for what it makes."""
        # Every rule counts the call, even if an earlier one applies.
        met = [rule for rule in self._rules if rule.meets(action)]
        return (
            next((rule for rule in met if not rule.fault.has_effect), None),
            next((rule for rule in met if rule.fault.has_effect), None),
        )

    def to_dict(self) -> list[dict[str, object]]:
        """Return all rules and how often each has fired, ready for JSON."""
        return [{**rule.fault.to_dict(), "fired": rule.fired} for rule in self._rules]


_WRONG_TYPES = {
    "RequestId": 1,
    "FpShotDB": {"FpDBId": 1, "Name": [], "ModelId": "twelve", "State": {}, "Config": False},
    "FpShotDBList": {"FpShotDB": {"FpDBId": [], "Status": 1}},
    "NonExistIds": {"String": 1},
    "FpShotFileList": {"FpShotFile": "none"},
    "NextPageToken": {},
    "JobId": 1,
    "FpDBDeleteJobList": {"FpDBDeleteJob": [1]},
    "AccountId": [],
}
_WRONG_TYPES_OF_ERRORS = b'{"RequestId": 1, "HostId": [], "Code": 400, "Message": {}}'
_BODIES: dict[OddContent, bytes] = {
    "null": b"null",
    "html": b"<html><head><title>Sorry</title></head>"
    b"<body><h1>Something went wrong</h1></body></html>",
    "list": b"[]",
    "wrong_types": json.dumps(_WRONG_TYPES).encode(),
    "empty": b"",
    "invalid_utf8": b'{"RequestId": "\xff\xfe"}',
    # A requested library is neither listed nor named in NonExistIds.
    "nothing_listed": b'{"RequestId": "00000000-0000-0000-0000-000000000000",'
    b' "FpShotDBList": {"FpShotDB": []}}',
}


def fault_response(fault: Fault, call: ApiRequest) -> ApiResponse | None:
    """Return what a fault sends instead of the real response; None if it keeps that."""
    if fault.code is not None:
        error = EmulatedError(fault.code, fault.message, fault.status)
        return refusal(error, call.host, call.response_format)
    if fault.content is None:
        return None
    status, body = fault.status or HTTPStatus.OK, _BODIES[fault.content]
    if fault.content == "wrong_types" and status >= HTTPStatus.BAD_REQUEST:
        body = _WRONG_TYPES_OF_ERRORS
    content_type = "text/html; charset=utf-8" if fault.content == "html" else JSON_TYPE
    return ApiResponse(status, content_type, body)
