"""Mocks that answer for libraries as the provider would."""

from __future__ import annotations

import asyncio
import hashlib
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret, wrap_rpc_secret

from pulumi_alicloud_mps.inputs import Inputs, resolve
from pulumi_alicloud_mps.mps.models import LibraryState
from pulumi_alicloud_mps.names import generated_name
from pulumi_alicloud_mps.settings.program import AUTONAMING_KEY, INTERNAL
from pulumi_alicloud_mps.settings.schema import Region
from pulumi_alicloud_mps.state.deployment import LIBRARY_TYPE, PROVIDER_KEY, PROVIDER_TYPE

_REGION_KEY = "alicloud-mps:region"

Properties = dict[str, Any]


class InvalidInputsError(ValueError):
    """A preview would refuse a library. Each line starts with its logical name and an input's."""


class MpsMocks(Mocks):
    """What Pulumi's `set_mocks` takes, with the outputs of libraries that are active.

    Inputs are checked as a preview checks them. Any other resource has its inputs as outputs, and
    functions return nothing: a subclass can override `new_resource` and `call` for those that its
    program needs, and leave the rest to `super()`.

    Args:
        region: The region that the stack's configuration would name: where libraries are if neither
            the program nor an explicit provider names another.
        account_id: The account that they belong to.
    """

    def __init__(
        self, *, region: str = "cn-shanghai", account_id: str = "1234567890123456"
    ) -> None:
        self._region = Region(region, deliberate=True)
        self._account_id = account_id
        self._preview = False
        self._stack = ""
        self._registered: Counter[str] = Counter()
        self._provider_regions: dict[str, Region] = {}
        self.libraries: dict[str, Properties] = {}
        """The outputs of each library, by logical name; secret ones in clear."""

    def install(
        self, project: str = "project", stack: str = "stack", *, preview: bool = False
    ) -> None:
        """Take the engine's place in this process, until the next mocks do."""
        self._preview = preview
        ensure_event_loop()
        self._stack = f"urn:pulumi:{stack}::{project}"
        self._registered.clear()
        set_mocks(self, project, stack, preview)

    def run(self, program: Callable[[], object]) -> dict[str, Properties]:
        """Run a program until nothing is pending, and return `libraries`.

        Raises:
            InvalidInputsError: As `new_resource` says.
        """
        try:
            pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
        except InvalidInputsError:
            ensure_event_loop().set_exception_handler(_unless_raised)
            raise
        return self.libraries

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, Properties]:
        """Register a resource, as a preview would: a library with wrong inputs is refused.

        Raises:
            InvalidInputsError: An input is wrong.
        """
        if args.typ != LIBRARY_TYPE:
            made_up = args.resource_id or f"{args.name}_id"
            if args.typ == PROVIDER_TYPE and _REGION_KEY in args.inputs:
                region = Region(args.inputs[_REGION_KEY], deliberate=True)
                self._provider_regions[made_up] = region
            return made_up, dict(args.inputs)
        secret = {name for name, value in args.inputs.items() if is_rpc_secret(value)}
        outputs = self._outputs(args, _in_clear(args))
        self.libraries[args.name] = outputs
        shown = {
            name: wrap_rpc_secret(value) if name in secret else value
            for name, value in outputs.items()
        }
        return outputs.get("fp_db_id", ""), shown

    def call(self, args: MockCallArgs) -> tuple[Properties, list[tuple[str, str]] | None]:  # noqa: ARG002 - Pulumi's signature
        """Return nothing."""
        return {}, None

    def _outputs(self, args: MockResourceArgs, given: Mapping[str, object]) -> Properties:
        read = {"name": args.name} if args.resource_id else {}
        urn = f"{self._stack}::{args.typ}::{args.name}"
        self._registered[urn] += 1
        # Not random, so that a test can compare.
        seed = self._registered[urn].to_bytes(4, "big")
        name = generated_name(urn, seed, args.inputs.get(AUTONAMING_KEY))
        # A reference to a provider is its URN and its ID.
        _, _, provider_id = (args.provider or "").rpartition("::")
        region = self._provider_regions.get(provider_id, self._region)
        resolved = resolve({**read, **given}, (), {}, region, name)
        if resolved.problems:
            raise InvalidInputsError(
                "\n".join(f"{args.name}: {line}" for line in resolved.problems)
            )
        outputs = Inputs.model_validate(resolved.values).model_dump()
        if self._preview and not args.resource_id:
            # As in a real preview, what only MPS can tell is unknown.
            return outputs
        identity = f"{outputs['region']}/{outputs['name']}"
        made_up = hashlib.sha256(identity.encode()).hexdigest()[:32]
        return {
            **outputs,
            "fp_db_id": args.resource_id or outputs["adopt"] or made_up,
            "state": LibraryState.ACTIVE.value,
            "account_id": self._account_id,
        }


def ensure_event_loop() -> asyncio.AbstractEventLoop:
    """Return this thread's event loop: Pulumi makes futures before anything runs in one."""
    with warnings.catch_warnings():
        # Up to Python 3.13 one is made here, with a warning from 3.12 on; later ones refuse.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return asyncio.get_event_loop()
        except RuntimeError:
            loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    return loop


def _unless_raised(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # The outputs of a refused library fail with it, and asyncio would log each at exit.
    if not isinstance(context.get("exception"), InvalidInputsError):
        loop.default_exception_handler(context)


def _in_clear(args: MockResourceArgs) -> Properties:
    return {
        name: unwrap_rpc_secret(value)
        for name, value in args.inputs.items()
        if name not in {PROVIDER_KEY, *INTERNAL}
    }
