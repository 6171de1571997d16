"""What `pulumi:autonaming` says, of which the engine passes on only a name.

The engine proposes a name, with random parts that differ in each attempt: after a run that was
killed, the next would create a second library. So the pattern is read from where the engine has it,
and `names` makes the random parts.
"""

from __future__ import annotations

import functools
from contextlib import suppress

from pulumi_alicloud_mps.errors import SettingsError, StackStateError
from pulumi_alicloud_mps.settings.autonaming import pattern_in
from pulumi_alicloud_mps.settings.schema import OWN_SPACE
from pulumi_alicloud_mps.state.deployment import parts_of
from pulumi_alicloud_mps.state.pulumi_cli import READ_SECONDS, StackState


def pattern_of(urn: str, proposed: str) -> str | None:
    """Return the pattern from which the engine made the name, as `pattern_in` returns it.

    Raises:
        SettingsError: The configuration can't be read.
    """
    stack, project, _, logical = parts_of(urn)
    if not proposed:
        return ""
    return "${name}" if proposed == logical else _configured(project, stack)


@functools.cache
def _configured(project: str, stack: str) -> str | None:
    try:
        state, qualified = _stack(stack)
        values = state.configuration()
    except StackStateError as error:
        raise SettingsError(
            "name: must be set, because the pattern of `pulumi:autonaming` can't be read from the"
            f" stack's configuration ({error}); set `name`, or make `pulumi config` work in the"
            " project's folder"
        ) from error
    names = {"project": project, "stack": stack, "organization": qualified.split("/")[0]}
    return pattern_in(values.get, names, [OWN_SPACE])


def _stack(name: str) -> tuple[StackState, str]:
    """Return the stack of that name and its qualified name: of several, the one selected."""
    with suppress(StackStateError):
        state = StackState(None, seconds=READ_SECONDS)
        qualified = state.qualified_name()
        if qualified.rpartition("/")[2] == name:
            return state, qualified
    state = StackState(name, seconds=READ_SECONDS)
    return state, state.qualified_name()
