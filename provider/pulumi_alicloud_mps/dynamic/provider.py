"""The class that a stack's state points to.

Its module path and name are stored with every resource and are what refresh and destroy load, so
neither may ever change. It is imported by every program, and so imports the rest when the
provider's own process configures it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from pulumi_alicloud_mps.process import THREADS, quick_loading
from pulumi_alicloud_mps.state.deployment import PROVIDER_KEY, UNKNOWN, Properties, by_name

from .host import current_call, on_cancel, reported, widen

if TYPE_CHECKING:
    from pulumi_alicloud_mps.operations.lifecycle import Lifecycle

AUTONAMING_KEY = "_autonaming"
"""The input that passes what `autonaming` returns to the provider; check drops it."""

REPLACING_KEY = "_replaced_for_force_destroy"
"""The input that is set if `replace_on_changes` has `force_destroy`, which diff can't see."""

INTERNAL = frozenset({PROVIDER_KEY, AUTONAMING_KEY, REPLACING_KEY})
"""The inputs that are this front's own, and not the library's."""


class FpShotDBProvider(ResourceProvider):
    """Media fingerprint libraries as a dynamic provider; see `Lifecycle` for what it does.

    The state of a library that is moved here from the native provider has the keys of that
    provider's schema, such as `modelId`.
    """

    _lifecycle: Lifecycle

    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack's configuration; nothing is called yet."""
        # See the module's docstring.
        with quick_loading():
            from pulumi_alicloud_mps.engine import engine_log, stoppable_clock  # noqa: PLC0415
            from pulumi_alicloud_mps.operations.lifecycle import Lifecycle  # noqa: PLC0415

        widen(THREADS)
        self._lifecycle = Lifecycle(req.config.get, stoppable_clock(on_cancel), engine_log)

    @reported
    def check(self, olds: Properties, news: Properties) -> CheckResult:
        """Validate and normalize the program's inputs."""
        call = replace(
            current_call(),
            name_pattern=lambda: news.get(AUTONAMING_KEY),
            guard_replaces=REPLACING_KEY in news,
        )
        checked = self._lifecycle.check(call, _decoded(olds), _decoded(news))
        # Given the property as such, the engine would print its value, even a secret one.
        failures = [CheckFailure("", problem) for problem in checked.problems]
        inputs = {
            key: pulumi.UNKNOWN if value is UNKNOWN else value
            for key, value in checked.inputs.items()
        }
        return CheckResult(inputs, failures)

    @reported
    def diff(self, id_: str, olds: Properties, news: Properties) -> DiffResult:
        """Say what must be replaced, and what only looks different."""
        moved = olds.get(PROVIDER_KEY) != news.get(PROVIDER_KEY)
        call = replace(current_call(), moved=moved)
        found = self._lifecycle.diff(call, id_, _decoded(olds), _decoded(news))
        return DiffResult(
            changes=found.changes, replaces=[*found.replaces], delete_before_replace=True
        )

    @reported
    def create(self, props: Properties) -> CreateResult:
        """Create or adopt the library, and wait until it is active."""
        fp_db_id, outputs = self._lifecycle.create(current_call(), _decoded(props))
        return CreateResult(fp_db_id, outputs)

    @reported
    def read(self, id_: str, props: Properties) -> ReadResult:
        """Describe the library as it is at MPS."""
        found = self._lifecycle.read(current_call(), id_, _decoded(props))
        # An empty ID takes it out of the state.
        return ReadResult(id_, found.outputs, found.inputs) if found else ReadResult("", {})

    @reported
    def update(self, id_: str, olds: Properties, news: Properties) -> UpdateResult:
        """Go on waiting for a library that is not active, or record a changed `force_destroy`."""
        call = current_call()
        return UpdateResult(self._lifecycle.update(call, id_, _decoded(olds), _decoded(news)))

    @reported
    def delete(self, id_: str, props: Properties) -> None:
        """Delete the library, behind the guard."""
        self._lifecycle.delete(current_call(), id_, _decoded(props))


def _decoded(properties: Properties) -> Properties:
    """Return a library's properties by name, with `UNKNOWN` for what is not known yet."""
    return {
        name: UNKNOWN if pulumi.contains_unknowns(value) else value
        for name, value in by_name(properties).items()
        if name not in INTERNAL
    }
