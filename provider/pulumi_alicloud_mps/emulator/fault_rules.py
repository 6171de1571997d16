"""The vocabulary of faults: what a script may say, checked before any call meets it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from .actions import ACTIONS
from .records import FaultEffect

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

EVERY_ACTION = "*"
"""Stands for all actions in a rule."""


@dataclass(frozen=True)
class _Usage:
    """How a kind is used.

    Attributes:
        required: Parameters that it needs.
        optional: Parameters that it takes as well.
        executes: Whether the call is carried out; None where the rule says so.
        only: The one action whose result it changes; None if it spoils the answer to any.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    executes: bool | None = True
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


def _known_action(name: str) -> str:
    if name != EVERY_ACTION and name not in ACTIONS:
        raise ValueError(f"must be {EVERY_ACTION} or one of {', '.join(sorted(ACTIONS))}")
    return name


def _ordinals(value: object) -> object:
    numbers = list(value) if isinstance(value, (list, tuple)) else []
    if value != "all" and not (numbers and all(type(n) is int and n > 0 for n in numbers)):
        raise ValueError('must be "all" or a list of whole numbers from 1')
    return value


class Fault(BaseModel):
    """One rule of a script: which calls it meets, and what happens to them. Immutable.

    docs/reference/emulator.md describes each kind, and which of the parameters it takes.

    Attributes:
        action: Name of an action, or ``*`` for all.
        kind: What happens.
        calls: Which calls of that action, counted from 1 since the script was set.
        probability: Instead of numbers: how likely each call is met, 0 to 1.
        seed: What the chances are drawn from; needed with a probability.
        seconds: How long, or after how long.
        execute: Whether the call is carried out before it is spoilt.
        status: HTTP status of the answer.
        code: The error's code.
        message: The error's message.
        content: What the answer holds instead of what it should.
        state: What the new library turns to.

    Raises:
        pydantic.ValidationError: A value doesn't fit, or not with the kind.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    action: Annotated[str, AfterValidator(_known_action)]
    kind: FaultKind
    calls: Annotated[Literal["all"] | Sequence[int], BeforeValidator(_ordinals)] = "all"
    probability: float | None = Field(default=None, ge=0, le=1)
    seed: int | None = None
    seconds: float | None = Field(default=None, ge=0)
    execute: bool = False
    status: int | None = Field(default=None, ge=200, le=599)
    code: str | None = Field(default=None, min_length=1)
    message: str | None = None
    content: OddContent | None = None
    state: FaultyState | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> "Fault":
        self._check_selection()
        self._check_parameters()
        return self

    def _check_selection(self) -> None:
        only = _USAGE[self.kind].only
        if only and self.action != only:
            raise ValueError(f"action: must be {only} for the kind {self.kind}")
        if self.probability is not None and self.calls != "all":
            raise ValueError("probability: can't be combined with the numbers of calls")
        if (self.probability is None) != (self.seed is None):
            raise ValueError("seed: belongs to a probability, and a probability needs one")

    def _check_parameters(self) -> None:
        usage = _USAGE[self.kind]
        given = {name for name in self.model_fields_set if getattr(self, name) is not None}
        for name in usage.required:
            if name not in given:
                raise ValueError(f"{name}: is required by the kind {self.kind}")
        for name in sorted(given - _SELECTION - {*usage.required, *usage.optional}):
            raise ValueError(f"{name}: is not a parameter of the kind {self.kind}")
        if self.kind == "error" and self.status and self.status < HTTPStatus.BAD_REQUEST:
            raise ValueError("status: must be from 400 to 599 for the kind error")

    @property
    def executes(self) -> bool:
        """Whether a call that it meets is carried out."""
        executes = _USAGE[self.kind].executes
        return self.execute if executes is None else executes

    @property
    def is_fate(self) -> bool:
        """Whether it changes what a call makes, rather than the answer."""
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

    def shown(self) -> dict[str, object]:
        """Return what the rule says, without what it leaves out, ready for JSON."""
        return self.model_dump(mode="json", exclude_unset=True)


_SCRIPT = TypeAdapter(list[Fault])


def read_faults(text: bytes) -> list[Fault]:
    """Return the script that a JSON list of rules is.

    Raises:
        FaultError: It is no such list, or a rule doesn't fit.
    """
    try:
        return _SCRIPT.validate_json(text)
    except ValidationError as error:
        raise FaultError(_first_problem(error)) from None


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_input=False, include_url=False)[0]
    what = problem["msg"].removeprefix("Value error, ")
    # A name that is none of ours may hold anything, also the end of a line.
    place = [
        str(part) if part in Fault.model_fields else repr(part) for part in problem["loc"][1:2]
    ]
    if problem["type"] == "json_invalid":
        return f"the script is not JSON: {what}"
    if not problem["loc"]:
        return "the script must be a JSON list of rules"
    return f"rule {int(problem['loc'][0]) + 1}: {': '.join([*place, what])}"


class Rule:
    """A fault and how far its counting has come.

    Attributes:
        fault: What the rule says.
        fired: How many calls it has spoilt or changed.
    """

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.fired = 0
        self._calls = 0
        # Each rule has a generator of its own, so that no other rule moves its chances.
        self._chances = random.Random(fault.seed)  # noqa: S311 - repeatable is what it must be

    def meets(self, action: str) -> bool:
        """Count a call, and tell whether the rule meets it."""
        if self.fault.action not in (action, EVERY_ACTION):
            return False
        self._calls += 1
        if self.fault.probability is not None:
            return self._chances.random() < self.fault.probability
        return self.fault.calls == "all" or self._calls in self.fault.calls


class FaultScript:
    """Rules in order, counting from the making of the script.

    Args:
        faults: The rules. Of those that meet one call, the first that spoils the answer and the
            first that changes what the call makes are taken.
    """

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._rules = [Rule(fault) for fault in faults]

    def meet(self, action: str) -> tuple[Rule | None, Rule | None]:
        """Count a call; return the rules for its answer and for what it makes."""
        # Every rule counts the call, also where an earlier one takes it.
        met = [rule for rule in self._rules if rule.meets(action)]
        return (
            next((rule for rule in met if not rule.fault.is_fate), None),
            next((rule for rule in met if rule.fault.is_fate), None),
        )

    def shown(self) -> list[dict[str, object]]:
        """Return all rules and how often each has fired, ready for JSON."""
        return [{**rule.fault.shown(), "fired": rule.fired} for rule in self._rules]
