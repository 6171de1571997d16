"""What the user wants of an import, and what the import would do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pulumi_alicloud_mps.inputs import Inputs
from pulumi_alicloud_mps.mps.models import Library, LibraryState


@dataclass(frozen=True)
class Reference:
    """A resource of the state, and the variable that the program has it in."""

    variable: str
    urn: str


@dataclass(frozen=True)
class ImportOptions:
    """What the user says about an import; None leaves it to the stack.

    Attributes:
        region: Where the libraries are.
        config: The configuration of the library as JSON text, since MPS does not list it.
        protect: Whether Pulumi is to refuse their deletion.
        parent: The resource that they belong to.
        provider: The explicit provider that is to manage them.
    """

    region: str | None = None
    config: str | None = None
    protect: bool = True
    parent: Reference | None = None
    provider: Reference | None = None

    def options(self) -> tuple[str, ...]:
        """Return the resource options that say this in a program."""
        options = (
            f"parent={self.parent.variable}" if self.parent else "",
            f"provider={self.provider.variable}" if self.provider else "",
            "protect=True" if self.protect else "",
        )
        return tuple(filter(None, options))


@dataclass(frozen=True)
class PlannedImport:
    """A library that is to go into the state, with the inputs that its entry will have."""

    logical_name: str
    library: Library
    inputs: Inputs

    @property
    def active(self) -> bool:
        """Whether the next `pulumi up` has nothing to wait for."""
        return self.library.state == LibraryState.ACTIVE.value


@dataclass(frozen=True)
class ImportPlan:
    """What an import will write.

    Attributes:
        stack: The stack's name, qualified by its project's.
        libraries: What goes into the state.
        skipped: What does not, each with the reason.
        program: The code that declares the libraries.
        carry_out: Writes the state, and returns the file that has it as it was before; raises
            StackStateError if it has changed in between, or can't be copied or written.
    """

    stack: str
    libraries: list[PlannedImport]
    skipped: list[str]
    program: str
    carry_out: Callable[[], Path] = field(repr=False)

    def to_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "stack": self.stack,
            "libraries": [
                {
                    "resource": item.logical_name,
                    "fp_db_id": item.library.fp_db_id,
                    "name": item.library.name,
                    "model_id": item.library.model_id,
                    "region": item.inputs.region,
                    "state": item.library.state,
                }
                for item in self.libraries
            ],
            "skipped": self.skipped,
            "program": self.program,
        }
