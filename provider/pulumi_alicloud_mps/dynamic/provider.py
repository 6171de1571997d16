"""The class that a stack's state points to.

Its module path and name are stored with every resource and are what refresh and destroy load, so
neither may ever change. It is imported by every program, and so imports the rest when the
provider's own process configures it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from .host import reported, widen

if TYPE_CHECKING:
    from pulumi_alicloud_mps.operations.lifecycle import Lifecycle

Properties = dict[str, Any]

POINTER = (
    "gASVQAAAAAAAAACMJHB1bHVtaV9hbGljbG91ZF9tcHMuZHluYW1pYy5wcm92aWRlcpSMEEZwU2hvdERCUHJvdmlkZXKU"
    "k5QpgZQu"
)
"""The class below, pickled as it stands in the state of every library. Pickled anew, it would be
another text from Python 3.14 on, and a change of every library."""

THREADS = 512
"""Calls that one process serves at once; threads are only started for calls that are there."""


class FpShotDBProvider(ResourceProvider):
    """Media fingerprint libraries as a dynamic provider; see `Lifecycle` for what it does."""

    _lifecycle: Lifecycle

    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack's configuration; nothing is called yet."""
        # See the module's docstring.
        from pulumi_alicloud_mps.operations.lifecycle import Lifecycle  # noqa: PLC0415
        from pulumi_alicloud_mps.state.journal import CreateJournal  # noqa: PLC0415

        from .engine import engine_log  # noqa: PLC0415
        from .stopping import stoppable_clock  # noqa: PLC0415

        widen(THREADS)
        record = CreateJournal(Path.cwd(), engine_log.warning)
        self._lifecycle = Lifecycle(req.config.get, stoppable_clock(), record)

    @reported
    def check(self, olds: Properties, news: Properties) -> CheckResult:
        """Validate the program's inputs and bring them into one spelling."""
        return self._lifecycle.check(olds, news)

    @reported
    def diff(self, id_: str, olds: Properties, news: Properties) -> DiffResult:
        """Say what must be replaced, and what only looks different."""
        return self._lifecycle.diff(id_, olds, news)

    @reported
    def create(self, props: Properties) -> CreateResult:
        """Create or adopt the library, and wait until it is active."""
        return self._lifecycle.create(props)

    @reported
    def read(self, id_: str, props: Properties) -> ReadResult:
        """Describe the library as it is at MPS."""
        return self._lifecycle.read(id_, props)

    @reported
    def update(self, id_: str, olds: Properties, news: Properties) -> UpdateResult:
        """Go on waiting for a library that is not active, or note a changed `force_destroy`."""
        return self._lifecycle.update(id_, olds, news)

    @reported
    def delete(self, id_: str, props: Properties) -> None:
        """Delete the library, behind the guard."""
        self._lifecycle.delete(id_, props)
