"""What a check found, and what all of them found together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Result(StrEnum):
    """How a check ended."""

    OK = "ok"
    PROBLEM = "problem"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Check:
    """What was checked, how that ended, and what is to be said of it: one line, no secret."""

    name: str
    result: Result
    detail: str
    region: str | None = None


@dataclass(frozen=True)
class Report:
    """All that was found.

    Attributes:
        sources: Where each setting was found, by name; never its value.
        checks: What was checked, in order.
        denied: The API actions that RAM refused.
    """

    sources: Mapping[str, str] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)

    @property
    def problems(self) -> int:
        """How many checks found one."""
        return sum(check.result is Result.PROBLEM for check in self.checks)

    def policy(self) -> dict[str, object] | None:
        """Return the RAM policy that allows what was refused, or None."""
        if not self.denied:
            return None
        actions = [f"mts:{action}" for action in self.denied]
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        return {"Version": "1", "Statement": [statement]}

    def shown(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "problems": self.problems,
            "settings": dict(self.sources),
            "checks": [
                {
                    "check": item.name,
                    "region": item.region,
                    "result": item.result.value,
                    "detail": item.detail,
                }
                for item in self.checks
            ],
            "policy": self.policy(),
        }


def passed(name: str, detail: str, region: str | None = None) -> Check:
    """Return a check that found nothing wrong."""
    return Check(name, Result.OK, detail, region)


def failed(name: str, problem: object, region: str | None = None) -> Check:
    """Return a check that found a problem."""
    return Check(name, Result.PROBLEM, str(problem), region)


def skipped(name: str, reason: str, region: str | None = None) -> Check:
    """Return a check that was not made."""
    return Check(name, Result.SKIPPED, reason, region)
