"""A resource of a stack, taken through the calls that the engine makes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from control_api import LocalMps
from host_process import URN, FakeEngine, HostProcess, InitFailed, Properties

NEVER = 1e6
"""So many seconds no test waits."""

CHANGES = {
    "name": "other songs",
    "model_id": 13,
    "config": '{"a": 2}',
    "description": "Other",
    "region": "cn-beijing",
}
"""Another value for each input whose change makes a replacement."""


class Host(HostProcess):
    """The host of one run on an MPS, which sends its messages to an engine."""

    def __init__(
        self,
        mps: LocalMps,
        engine: FakeEngine,
        environ: Mapping[str, str] | None = None,
        **changes: str,
    ) -> None:
        super().__init__(mps.config_with(**changes), engine.address, environ=environ)
        self.mps = mps
        self.engine = engine


@dataclass(frozen=True)
class Managed:
    """A resource as the state has it."""

    id: str
    inputs: Properties
    outputs: Properties

    def with_outputs(self, outputs: Properties) -> Self:
        """Return it as another call left it."""
        return replace(self, outputs=outputs)


def up(host: HostProcess, **program: object) -> Managed:
    """Create what a program declares."""
    return up_as(URN, host, program)


def up_as(urn: str, host: HostProcess, program: Properties) -> Managed:
    """Create it under another URN."""
    inputs = host.check(program, urn=urn).inputs
    created = host.create(inputs, urn=urn)
    return Managed(created.id, inputs, created.outputs)


def checked(
    host: HostProcess, program: dict[str, object], olds: Properties | None = None
) -> Properties:
    """Return the checked inputs of a program that has nothing wrong."""
    answer = host.check(program, olds)
    assert answer.failures == []
    return answer.inputs


def kept(inputs: Properties, failed: InitFailed | None) -> Managed:
    """Return the resource that the engine keeps after an init failure."""
    assert failed is not None
    return Managed(failed.id, inputs, failed.properties)
