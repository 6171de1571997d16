"""Planning an import: which libraries go into a stack's state, under which names, and which can't.

`pulumi import` can't work with dynamic resources: the engine would have to know the provider that
only the program names. So the state is written as the engine would have written it. Libraries of
the native provider are left to `pulumi import`.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pulumi_alicloud_mps.errors import (
    AccountMismatchError,
    ImportRefusedError,
    LibraryNotFoundError,
    StackStateError,
)
from pulumi_alicloud_mps.inputs import LISTED, UNLISTED, Inputs, resolve
from pulumi_alicloud_mps.mps.models import Library
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.operations.properties import inputs_of, outputs_of
from pulumi_alicloud_mps.settings.reader import read_settings
from pulumi_alicloud_mps.settings.schema import PROVIDER_NAME
from pulumi_alicloud_mps.state.deployment import NATIVE_LIBRARY_TYPE
from pulumi_alicloud_mps.state.edit import import_target, with_libraries
from pulumi_alicloud_mps.state.project_folder import Project
from pulumi_alicloud_mps.state.pulumi_cli import StackState

from .listing import chosen_regions, managed
from .program import program


@dataclass(frozen=True)
class Reference:
    """A resource in the state, and its variable in the program."""

    variable: str
    urn: str


@dataclass(frozen=True)
class ImportOptions:
    """How to import; None leaves it to the stack.

    Attributes:
        config: The library's config as JSON text, since MPS does not list it.
        protect: Whether Pulumi refuses to delete them.
        parent: Their parent resource.
        provider: The explicit provider that manages them.
    """

    region: str | None = None
    config: str | None = None
    protect: bool = True
    parent: Reference | None = None
    provider: Reference | None = None


@dataclass(frozen=True)
class ImportPlan:
    """What an import will write.

    Attributes:
        stack: The stack's qualified name.
        libraries: What will be imported, by logical name.
        skipped: What will not be, each with the reason.
        program: The code that declares the libraries.
        carry_out: Writes the state, and returns the file with the previous one; raises
            StackStateError if it has changed in between, or can't be copied or written.
    """

    stack: str
    region: str
    libraries: Mapping[str, Library]
    skipped: list[str]
    program: str
    carry_out: Callable[[], Path] = field(repr=False)

    def to_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "stack": self.stack,
            "libraries": [
                {
                    "resource": logical_name,
                    "fp_db_id": library.fp_db_id,
                    "name": library.name,
                    "model_id": library.model_id,
                    "region": self.region,
                    "state": library.state,
                }
                for logical_name, library in self.libraries.items()
            ],
            "skipped": self.skipped,
            "program": self.program,
        }


class Importer:
    """Plans imports into one stack's state, with the settings that its program would have.

    Raises:
        ImportRefusedError: The state has no such parent or provider.
        StackStateError: The state can't be read, or operations are pending in it.
        SettingsError: A setting is wrong, or no region is known.
    """

    def __init__(self, state: StackState, options: ImportOptions) -> None:
        self._state = state
        self._options = options
        self._exported = state.exported()
        project = Project.of(Path.cwd())
        types = project.library_types(self._exported) if project else set()
        self._is_native = types == {NATIVE_LIBRARY_TYPE}
        if self._exported.pending:
            creates = any(item.is_library for item in self._exported.creating)
            way = "alicloud-mps recover" if creates else "pulumi refresh"
            raise StackStateError(
                f"the state has pending operations, which an import would discard; run `{way}`"
                " first"
            )
        self._stack = state.qualified_name()
        references = (options.parent, options.provider)
        parent, provider = (item.urn if item else None for item in references)
        self._target = import_target(self._exported, self._stack, parent, provider)
        self._config = state.config_values()
        # Also of what is yet to be deleted: it would be deleted as one that has a successor.
        self._urns = {item.urn for item in self._exported.resources}
        self._held = managed(self._exported)
        self.settings = read_settings(self._configuration().get, os.environ)
        (self._region,) = chosen_regions(self.settings, [options.region] if options.region else [])
        self._service = Service(self.settings.open())
        self._libraries = self._service.libraries(self._region)

    def close(self) -> None:
        """Drop all connections."""
        self._service.close()

    def one(self, logical_name: str, fp_db_id: str) -> ImportPlan:
        """Plan the import of one library under that name.

        Raises:
            LibraryNotFoundError: There is none.
            ImportRefusedError: It, or the name, is in the state already, or it can't be declared;
                or the program has libraries of the native provider.
            AccountMismatchError: The stack's libraries belong to another account.
        """
        region = self._options.region
        fp_db_id_there = f"{region}/{fp_db_id}" if region else fp_db_id
        words = ("pulumi", "import", NATIVE_LIBRARY_TYPE, logical_name, fp_db_id_there)
        if holder := self._held.get(fp_db_id):
            raise ImportRefusedError(f"library {fp_db_id} is already in the state, as {holder!r}")
        self._refuse_native(f"run `{shlex.join(words)}`")
        urn = self._target.urn(logical_name)
        if urn in self._urns:
            raise ImportRefusedError(f"the state already has a resource {urn}; give another name")
        library = self._libraries.look_up(fp_db_id)
        if library is None:
            raise LibraryNotFoundError.of(self._region, fp_db_id, check="the ID and --region")
        if not self._libraries.alive([library]):
            raise ImportRefusedError(_being_deleted(library))
        return self._plan({logical_name: (library, self._inputs(library))}, [])

    def all(self) -> ImportPlan:
        """Plan the import of every library of the region that can be imported.

        Raises:
            ListingError: MPS does not list them.
            ImportRefusedError: The program has libraries of the native provider.
            AccountMismatchError: The stack's libraries belong to another account.
        """
        self._refuse_native(
            "run `pulumi import --file`, with what `alicloud-mps libraries --json` lists, or import"
            " one by one"
        )
        planned: dict[str, tuple[Library, Inputs]] = {}
        skipped: list[str] = []
        free = [item for item in self._libraries.listed() if item.fp_db_id not in self._held]
        alive = {item.fp_db_id for item in self._libraries.alive(free)}
        for library in sorted(free, key=lambda item: item.name):
            if library.fp_db_id not in alive:
                skipped.append(_being_deleted(library))
                continue
            name = re.sub(r"[^\w.-]+", "-", library.name).strip("-.") or "library"
            endings = ("", f"-{library.fp_db_id[:8]}", f"-{library.fp_db_id}")
            names = (name + end for end in endings if name + end not in planned)
            name = next(item for item in names if self._target.urn(item) not in self._urns)
            try:
                planned[name] = library, self._inputs(library)
            except ImportRefusedError as error:
                skipped.append(str(error))
        return self._plan(planned, skipped)

    def _refuse_native(self, way: str) -> None:
        if self._is_native:
            raise ImportRefusedError(
                "this stack uses the native provider; `pulumi import` imports its libraries and"
                f" prints their code: {way}"
            )

    def _configuration(self) -> Mapping[str, object]:
        """Return what settings are read from: the stack's, or the explicit provider's own."""
        if self._options.provider is None:
            return {key: value.text for key, value in self._config.items()}
        found = self._state.exported(show_secrets=True).settings_of(self._target.provider)
        if PROVIDER_NAME not in found:
            urn = self._options.provider.urn
            raise ImportRefusedError(f"--provider: {urn} is not a Provider of this package")
        return found

    def _inputs(self, library: Library) -> Inputs:
        given = {
            **{name: getattr(library, name) for name in LISTED},
            **{name: getattr(self._options, name) for name in UNLISTED},
            "region": self._region,
        }
        known = {key: value for key, value in given.items() if value is not None}
        # Nothing may be filled in for what MPS does not return.
        known.setdefault("model_id", 0)
        resolved = resolve(known, (), {}, None)
        if resolved.problems:
            problems = "; ".join(resolved.problems)
            # Only what MPS does not list comes from the user; a problem begins with its name.
            wrong = any(item.startswith(UNLISTED) for item in resolved.problems)
            way = "correct --config" if wrong else "read it with `FpShotDB.get` instead"
            raise ImportRefusedError(f"{library} can't be declared: {problems}; {way}")
        return inputs_of(resolved.values)

    def _plan(
        self, planned: Mapping[str, tuple[Library, Inputs]], skipped: list[str]
    ) -> ImportPlan:
        account_id = self._account() if planned else ""
        added = {
            name: (inputs.model_dump(), outputs_of(inputs, library, account_id))
            for name, (library, inputs) in planned.items()
        }
        protect, exported = self._options.protect, self._exported
        after = with_libraries(exported, self._target, self._config, added, protect=protect)
        references = {"parent": self._options.parent, "provider": self._options.provider}
        options = [f"{key}={item.variable}" for key, item in references.items() if item]
        options += ["protect=True"] if protect else []
        region = self.settings.region
        # The stack's configuration gives it anyway.
        implied = region is not None and region.deliberate and region.name == self._region
        left_out = {"region": None} if implied else {}
        declared = {
            name: inputs.model_copy(update=left_out) for name, (_, inputs) in planned.items()
        }
        return ImportPlan(
            self._stack,
            self._region,
            {name: library for name, (library, _) in planned.items()},
            skipped,
            program(declared, options),
            lambda: self._state.change(exported, after),
        )

    def _account(self) -> str:
        current = self._service.account_id(self._region)
        provider_urn = self._target.provider.rpartition("::")[0]
        for item in self._exported.libraries:
            account = item.outputs.get("account_id")
            if item.provider_urn == provider_urn and account not in {None, current}:
                raise AccountMismatchError.of(
                    "the libraries of this stack belong to account", account, current
                )
        return current


def _being_deleted(library: Library) -> str:
    return f"{library} is being deleted"
