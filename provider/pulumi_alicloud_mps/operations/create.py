"""Creating or adopting the library of a resource, until it is active."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pulumi_alicloud_mps.errors import (
    DeletionRefusedError,
    MpsError,
    NameTakenError,
    WaitError,
)
from pulumi_alicloud_mps.inputs import UNLISTED, Inputs
from pulumi_alicloud_mps.mps.creation import not_recovered
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.mps.models import Library, LibraryState
from pulumi_alicloud_mps.state.deployment import Properties, Resource

from .advice import DeletionCause
from .call import Call, NotReadyError, progress, shown, warn_of_differences, warn_of_state
from .properties import (
    NEVER_ACTIVE,
    library_in,
    outputs_of,
    predecessors_in,
)

if TYPE_CHECKING:
    from .context import Context


@dataclass(frozen=True)
class _Target:
    """What a resource is to have, in which account, and until when."""

    urn: str
    inputs: Inputs
    libraries: Libraries
    account_id: str
    deadline: float


class Creates:
    """The creates of one provider process, and what they are to replace."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._replaced: dict[str, Resource] = {}

    def mark_replaced(self, fp_db_id: str, urn: str, outputs: Properties) -> None:
        """Record that a library is to be replaced by a create that follows."""
        self._replaced[fp_db_id] = Resource(urn=urn, id=fp_db_id, outputs=outputs)

    def replaces(self, fp_db_id: str) -> bool:
        """Whether that library is to be replaced."""
        return fp_db_id in self._replaced

    def create(self, call: Call, inputs: Inputs) -> tuple[str, Properties]:
        """Create or adopt, wait until active, and return the ID and the outputs."""
        if not inputs.adopt:
            # Meanwhile the SDK is loaded, and the account looked up.
            self._context.entries.begin_create(call.urn)
        target = self._target(call, inputs, None)
        if inputs.adopt and not self._is_already_gone(inputs.adopt, target):
            return self._finished(target, self._adopted(inputs.adopt, target))
        self._refuse_beside_kept(target)
        try:
            return self._created(target)
        except NameTakenError:
            if not self._replaces_more(call.urn):
                raise
            return self._created(target)

    def resume(self, call: Call, fp_db_id: str, olds: Properties, inputs: Inputs) -> Properties:
        """Go on waiting for a library that was never active; return the outputs."""
        target = self._target(call, inputs, str(olds.get("account_id")))
        return self._until_active(target, library_in(olds, fp_db_id), predecessors_in(olds))

    def _target(self, call: Call, inputs: Inputs, account_id: str | None) -> _Target:
        region, deadline = str(inputs.region), call.deadline(self._context.clock)
        libraries = self._context.service.libraries_of(account_id, region, deadline)
        owner = self._context.service.account_id(region)
        return _Target(call.urn, inputs, libraries, owner, deadline)

    def _adopted(self, fp_db_id: str, target: _Target) -> Library:
        urn, inputs = target.urn, target.inputs
        self._context.ownership.claim(fp_db_id, urn, adopts=True, has=False)
        library = target.libraries.existing(fp_db_id, inputs.spec(), target.deadline)
        self._context.ownership.claim(fp_db_id, urn, adopts=True, has=True)
        outputs = outputs_of(inputs, library, target.account_id)
        self._context.journal.of_library(urn, outputs).clear()
        for name in UNLISTED:
            if getattr(inputs, name):
                unseen = f"MPS does not return `{name}`, so it was not compared with the program"
                self._context.messages.warning(unseen, urn)
        return library

    def _created(self, target: _Target) -> tuple[str, Properties]:
        """Create a library in a creation slot, which is taken until the library is active."""
        urn, inputs, region = target.urn, target.inputs, str(target.inputs.region)
        earlier = self._context.entries.earlier_attempts(urn, inputs.name)
        for _, elsewhere in earlier:
            if elsewhere != region:
                raise not_recovered(elsewhere)
        spec = replace(
            inputs.spec(urn),
            earlier=frozenset(name for name, _ in earlier),
            replaced=frozenset({*self._replaced, *self._predecessors(target)}),
        )
        journal_entry = self._context.journal.of(urn, region, spec.name, target.account_id)
        on_progress = progress(self._context.messages, urn, LibraryState.ACTIVE.value)
        with target.libraries.slot(spec, target.deadline, on_progress):
            library = target.libraries.create(spec, target.deadline, journal_entry, on_progress)
            return self._finished(target, library)

    def _finished(self, target: _Target, library: Library) -> tuple[str, Properties]:
        kept = [key for key in self._predecessors(target) if key != library.fp_db_id]
        return library.fp_db_id, self._until_active(target, library, kept)

    def _until_active(
        self, target: _Target, library: Library, predecessors: Sequence[str]
    ) -> Properties:
        """Wait until active. The library exists by now, so any failure keeps its ID."""
        urn, inputs = target.urn, target.inputs
        on_progress = progress(self._context.messages, urn, LibraryState.ACTIVE.value)
        try:
            active = target.libraries.wait_until_active(library, target.deadline, on_progress)
        except Exception as error:
            last = error.last if isinstance(error, WaitError) else None
            seen = replace(library, state=last or library.state)
            outputs = outputs_of(inputs, seen, target.account_id, predecessors)
            raise NotReadyError(
                library.fp_db_id, {**outputs, NEVER_ACTIVE: True}, shown(error)
            ) from error
        warn_of_differences(self._context.messages, urn, inputs.model_dump(), active)
        warn_of_state(self._context.messages, urn, active.fp_db_id, active.state)
        return outputs_of(inputs, active, target.account_id, predecessors)

    def _is_already_gone(self, fp_db_id: str, target: _Target) -> bool:
        """Whether the library to adopt is the one that this create replaces, and is gone."""
        if target.libraries.was_deleted(fp_db_id):
            return True
        if not self.replaces(fp_db_id):
            return False
        listed = library_in(self._replaced[fp_db_id].outputs, fp_db_id).known_listed
        return target.libraries.find(fp_db_id, target.deadline, listed=listed) is None

    def _refuse_beside_kept(self, target: _Target) -> None:
        """Refuse to replace a library if its deletion, which is to follow, will be refused.

        It follows with `delete_before_replace=False`, and where the engine forces a replacement
        without asking diff (`--target-replace`, a taint). A call that fails is no reason to refuse.

        Raises:
            DeletionRefusedError: The old library holds fingerprints, or may hold some.
        """
        for old in self._context.entries.deleted_after(target.urn):
            if self._context.ownership.is_of_another(old.id, target.urn):
                continue
            props, deadline = old.outputs, target.deadline
            try:
                libraries = self._context.service.libraries_of(
                    props.get("account_id"), str(props["region"]), deadline
                )
                libraries.check_deletion(library_in(props, old.id), deadline)
            except DeletionRefusedError as error:
                cause = DeletionCause.CHANGED if self.replaces(old.id) else DeletionCause.FORCED
                raise DeletionRefusedError(f"{error}. Nothing was created. {cause}") from error
            except MpsError:
                continue

    def _replaces_more(self, urn: str) -> bool:
        """Whether the state holds a library of this resource that diff did not see.

        A forced replacement (`--target-replace`, a taint) does not ask diff.
        """
        held = {item.id: item for item in self._context.entries.held_by(urn)}
        more = held.keys() - self._replaced.keys()
        self._replaced.update({key: held[key] for key in more})
        return bool(more)

    def _predecessors(self, target: _Target) -> list[str]:
        """Return the libraries that were this resource's until now, and that this run keeps."""
        found: list[str] = []
        for fp_db_id, old in list(self._replaced.items()):
            if old.urn == target.urn:
                found += predecessors_in(old.outputs)
                found += [] if target.libraries.was_deleted(fp_db_id) else [fp_db_id]
        return list(dict.fromkeys(found))
