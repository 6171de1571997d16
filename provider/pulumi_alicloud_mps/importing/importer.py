"""Planning an import: which libraries go into a stack's state, under which names, and which can't.

`pulumi import` can't work with dynamic resources: the engine would have to know the provider that
only the program names. So the state is written as the engine would have written it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence

from pulumi_alicloud_mps.errors import (
    AccountMismatchError,
    ImportRefusedError,
    LibraryNotFoundError,
    StackStateError,
)
from pulumi_alicloud_mps.inputs import Inputs, resolve
from pulumi_alicloud_mps.mps.models import Library
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.operations.properties import inputs_of, outputs_of
from pulumi_alicloud_mps.settings.reader import read_settings
from pulumi_alicloud_mps.settings.schema import PROVIDER_NAME
from pulumi_alicloud_mps.state.deployment import Deployment
from pulumi_alicloud_mps.state.edit import StateEditor, import_target
from pulumi_alicloud_mps.state.pulumi_cli import StackState

from .listing import chosen_regions, managed
from .plan import ImportOptions, ImportPlan, PlannedImport
from .program import Declaration, program

_SOME_DIGITS = 8


class Importer:
    """Plans imports into one stack's state, with the settings that its program would have.

    Raises:
        ImportRefusedError: The state has no such parent or provider.
        StackStateError: The state can't be read, or operations are pending in it.
        SettingsError: A setting is wrong, or no region is known.
    """

    def __init__(self, state: StackState, wishes: ImportOptions) -> None:
        self._state = state
        self._wishes = wishes
        self._exported = state.exported()
        _refuse_pending(self._exported)
        self._stack = state.qualified_name()
        parent, provider = (item.urn if item else None for item in (wishes.parent, wishes.provider))
        self._place = import_target(self._exported, self._stack, parent, provider)
        self._config = state.config_values()
        self._urns = {item.urn for item in self._exported.resources}
        self._held = managed(self._exported)
        self.settings = read_settings(self._configuration().get, os.environ)
        (self._region,) = chosen_regions(self.settings, [wishes.region] if wishes.region else [])
        self._service = Service(self.settings.open())
        self._libraries = self._service.libraries(self._region)

    def close(self) -> None:
        """Drop all connections."""
        self._service.close()

    def one(self, logical_name: str, fp_db_id: str) -> ImportPlan:
        """Plan the import of one library under that name.

        Raises:
            LibraryNotFoundError: There is none.
            ImportRefusedError: It, or the name, is in the state already, or it can't be declared.
            AccountMismatchError: The stack's libraries belong to another account.
        """
        urn = self._place.urn(logical_name)
        if urn in self._urns:
            raise ImportRefusedError(f"the name {logical_name!r} is in use: the state has {urn}")
        self._refuse_held(fp_db_id)
        library = self._libraries.look_up(fp_db_id)
        if library is None:
            raise LibraryNotFoundError(
                f"{self._region} has no library {fp_db_id} in this account; check the ID and the"
                " region (--region)"
            )
        return self._plan([self._planned(logical_name, library, self._ending())], [])

    def all(self) -> ImportPlan:
        """Plan the import of every library of the region that can be imported.

        Raises:
            ListingError: MPS does not list them.
            AccountMismatchError: The stack's libraries belong to another account.
        """
        planned: list[PlannedImport] = []
        skipped: list[str] = []
        names = set(self._urns)
        ending = self._ending()
        for library in sorted(self._libraries.listed(), key=lambda item: item.name):
            if library.fp_db_id in self._held:
                continue
            name = self._free_name(library, names)
            try:
                planned.append(self._planned(name, library, ending))
            except ImportRefusedError as error:
                skipped.append(str(error))
            else:
                names.add(self._place.urn(name))
        return self._plan(planned, skipped)

    def _configuration(self) -> Mapping[str, object]:
        """Return what settings are read from: the stack's, or the explicit provider's own."""
        if self._wishes.provider is None:
            return {key: value.text for key, value in self._config.items()}
        urn = self._place.provider
        reference = next(item.reference for item in self._exported.resources if item.urn == urn)
        found = self._state.exported(show_secrets=True).settings_of(reference)
        if PROVIDER_NAME not in found:
            raise ImportRefusedError(f"--provider: {urn} is not a Provider of this package")
        return found

    def _ending(self) -> set[str]:
        """Return the IDs of libraries that MPS may still list, and whose end has begun."""
        jobs = self._service.client(self._region).delete_jobs()
        return {job.fp_db_id for job in jobs if job.ends}

    def _refuse_held(self, fp_db_id: str) -> None:
        if holder := self._held.get(fp_db_id):
            raise ImportRefusedError(f"library {fp_db_id} is in the state already, as {holder!r}")

    def _planned(
        self, logical_name: str, library: Library, ending: Collection[str]
    ) -> PlannedImport:
        if library.fp_db_id in ending:
            raise ImportRefusedError(f"{library} is being deleted")
        given = {
            "name": library.name,
            "model_id": library.model_id,
            "config": self._wishes.config,
            "description": library.description,
            "region": self._region,
        }
        known = {key: value for key, value in given.items() if value is not None}
        # Nothing may be filled in for what MPS does not tell.
        known.setdefault("model_id", 0)
        resolved = resolve(known, (), {}, None)
        if resolved.problems:
            problems = "; ".join(resolved.problems)
            # What the user gives is the one thing here that MPS does not say.
            given_wrong = any(problem.startswith("config:") for problem in resolved.problems)
            way = "correct --config" if given_wrong else "`FpShotDB.get` reads it all the same"
            raise ImportRefusedError(f"{library} can't be declared: {problems}; {way}")
        return PlannedImport(logical_name, library, inputs_of(resolved.values))

    def _free_name(self, library: Library, taken: Collection[str]) -> str:
        name = re.sub(r"[^\w.-]+", "-", library.name).strip("-.") or "library"
        names = (name, f"{name}-{library.fp_db_id[:_SOME_DIGITS]}", f"{name}-{library.fp_db_id}")
        return next(item for item in names if self._place.urn(item) not in taken)

    def _plan(self, planned: Sequence[PlannedImport], skipped: list[str]) -> ImportPlan:
        account_id = self._account() if planned else ""
        additions = StateEditor(self._exported, self._place, self._config)
        for item in planned:
            outputs = outputs_of(item.inputs, item.library, account_id)
            inputs = item.inputs.model_dump(exclude_none=True)
            additions.add(item.logical_name, inputs, outputs, protect=self._wishes.protect)
        options = self._wishes.options()
        declared = [
            Declaration(item.logical_name, self._declared(item.inputs), options) for item in planned
        ]
        return ImportPlan(
            self._stack,
            list(planned),
            skipped,
            program(declared),
            lambda: self._state.change(self._exported, additions.state),
        )

    def _declared(self, inputs: Inputs) -> Inputs:
        """Leave out the region that the program gets from the stack's configuration anyway."""
        region = self.settings.region
        configured = region is not None and region.deliberate and region.name == inputs.region
        return inputs.model_copy(update={"region": None}) if configured else inputs

    def _account(self) -> str:
        current = self._service.account_id(self._region)
        for item in self._exported.libraries:
            account = item.outputs.get("account_id")
            same_provider = item.provider_urn == self._place.provider
            if same_provider and account not in {None, current}:
                raise AccountMismatchError(
                    f"the libraries of this stack belong to account {account}, and the credentials"
                    f" in use to {current}; use credentials of {account}"
                )
        return current


def _refuse_pending(exported: Deployment) -> None:
    if exported.pending:
        created = any(item.is_library for item in exported.creating)
        way = "alicloud-mps recover" if created else "pulumi refresh"
        raise StackStateError(
            f"operations are pending in the state, and Pulumi would forget them with an import;"
            f" settle them with `{way}` first"
        )
