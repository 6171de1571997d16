"""A create or update, until the library is active."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pulumi_alicloud_mps.errors import WaitError
from pulumi_alicloud_mps.inputs import Inputs
from pulumi_alicloud_mps.mps.creation import unsettled
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.mps.models import Library, LibraryState
from pulumi_alicloud_mps.state.deployment import Properties
from pulumi_alicloud_mps.state.journal import CreateJournal

from .call import Call, Messages, NotReadyError, shown
from .messages import progress, warn_of_differences, warn_of_state
from .ownership import EarlierAttempt
from .properties import NEVER_ACTIVE, outputs_of


@dataclass(frozen=True)
class CreateOperation:
    """What is made of some inputs, in an account and a region, until a deadline."""

    call: Call
    inputs: Inputs
    libraries: Libraries
    account_id: str
    deadline: float
    messages: Messages
    predecessors: Sequence[str] = ()

    def outputs(self, library: Library) -> Properties:
        """Return the outputs of the library that was made."""
        return outputs_of(self.inputs, library, self.account_id, self.predecessors)

    def run(
        self,
        replaced: Collection[str],
        journal: CreateJournal,
        earlier: Collection[EarlierAttempt],
    ) -> Library:
        """Create, as soon as MPS has a place for it, and wait."""
        region = str(self.inputs.region)
        for attempt in earlier:
            if attempt.region != region:
                raise unsettled(attempt.region)
        spec = replace(
            self.inputs.spec(self.call.urn),
            earlier=frozenset(attempt.name for attempt in earlier),
        )
        entry = journal.of(self.call.urn, region, spec.name, self.account_id)
        notice = progress(self.messages, self.call.urn, LibraryState.ACTIVE.value)
        with self.libraries.place(spec, self.deadline, notice):
            return self.wait(self.libraries.create(spec, self.deadline, replaced, entry, notice))

    def wait(self, library: Library) -> Library:
        """Wait; whatever goes wrong now, the library exists and its ID is kept."""
        notice = progress(self.messages, self.call.urn, LibraryState.ACTIVE.value)
        try:
            active = self.libraries.wait_until_active(library, self.deadline, notice)
        except Exception as error:
            seen = replace(library, state=_last_state(error) or library.state)
            outputs: dict[str, Any] = {**self.outputs(seen), NEVER_ACTIVE: True}
            raise NotReadyError(library.fp_db_id, outputs, shown(error)) from error
        warn_of_differences(self.messages, self.call.urn, self.inputs.model_dump(), active)
        warn_of_state(self.messages, self.call.urn, active.fp_db_id, active.state)
        return active


def _last_state(error: Exception) -> str | None:
    return error.last if isinstance(error, WaitError) else None
