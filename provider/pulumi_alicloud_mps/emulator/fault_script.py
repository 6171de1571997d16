"""Which faults of a script meet which calls: the same calls always meet the same ones."""

import random
from collections.abc import Sequence

from .fault_rules import EVERY_ACTION, Fault


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
