"""Mocks that answer for libraries as the provider would."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret, wrap_rpc_secret

from pulumi_alicloud_mps.dynamic.provider import AUTONAMING_KEY, INTERNAL
from pulumi_alicloud_mps.errors import with_key
from pulumi_alicloud_mps.functions import GetFpShotDBResult
from pulumi_alicloud_mps.inputs import Inputs, resolve
from pulumi_alicloud_mps.mps.models import FpModel, LibraryState
from pulumi_alicloud_mps.names import generated_name
from pulumi_alicloud_mps.native.properties import GET_ONE, GET_SEVERAL, result_of_several
from pulumi_alicloud_mps.settings.program import autonaming
from pulumi_alicloud_mps.settings.schema import OWN_SPACE, Region
from pulumi_alicloud_mps.state.deployment import (
    LIBRARY_TYPES,
    NATIVE_LIBRARY_TYPE,
    PROVIDER_TYPES,
    Properties,
    by_key,
    by_name,
)

_REGION = "region"
_SOME_DIGITS = 8


class InvalidInputsError(ValueError):
    """A preview would refuse a library. Each line names the library and an input."""


class MpsMocks(Mocks):
    """Mocks for Pulumi's `set_mocks`, in which every library is active.

    They support the dynamic and the native provider, also in one program. Inputs are checked as in
    a preview. Other resources get their inputs as outputs, and functions other than the native
    provider's return nothing: for those that a program needs, override `new_resource` and `call`
    in a subclass, and leave the rest to `super()`.

    Args:
        region: The region of the stack's configuration.
        account_id: The account that the libraries belong to.
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
        """The outputs of each library by name, by logical name; secrets in plain text."""

    def install(
        self, project: str = "project", stack: str = "stack", *, preview: bool = False
    ) -> None:
        """Replace the engine in this process, until other mocks are installed."""
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
        """Register a resource; inputs of a library are checked as in a preview.

        Raises:
            InvalidInputsError: An input is wrong.
        """
        if args.typ not in LIBRARY_TYPES:
            made_up = args.resource_id or f"{args.name}_id"
            region = args.inputs.get(_REGION) or args.inputs.get(f"{OWN_SPACE}:{_REGION}")
            if args.typ in PROVIDER_TYPES and region:
                self._provider_regions[made_up] = Region(region, deliberate=True)
            return made_up, dict(args.inputs)
        is_native = args.typ == NATIVE_LIBRARY_TYPE
        inputs = by_name(args.inputs) if is_native else args.inputs
        secret = {name for name, value in inputs.items() if is_rpc_secret(value)}
        pattern = autonaming((OWN_SPACE,)) if is_native else inputs.get(AUTONAMING_KEY)
        outputs = self._outputs(args, _in_clear(inputs), pattern)
        self.libraries[args.name] = outputs
        shown = {
            name: wrap_rpc_secret(value) if name in secret else value
            for name, value in outputs.items()
        }
        return outputs.get("fp_db_id", ""), by_key(shown) if is_native else shown

    def call(self, args: MockCallArgs) -> tuple[Properties, list[tuple[str, str]] | None]:
        """Serve the look-ups of the native provider; other functions return nothing.

        They find the program's libraries, and make one up for any other ID.
        """
        given = by_name(args.args)
        region = given.get(_REGION) or self._region_of(args.provider).name
        if args.token == GET_ONE:
            return by_key(self._found(given["fp_db_id"], region)), []
        if args.token != GET_SEVERAL:
            return {}, []
        known = (item for item in self.libraries.values() if item["region"] == region)
        ids = given.get("ids") or [item["fp_db_id"] for item in known if "fp_db_id" in item]
        found = [
            item
            for item in (self._found(fp_db_id, region) for fp_db_id in ids)
            if re.search(given.get("name_regex") or "", item["name"])
            and given.get("model_id") in {None, item["model_id"]}
        ]
        return by_key(result_of_several(found, region)), []

    def _found(self, fp_db_id: str, region: str) -> Properties:
        known = (item for item in self.libraries.values() if item.get("fp_db_id") == fp_db_id)
        made_up = {"name": f"library-{fp_db_id[:_SOME_DIGITS]}", "model_id": FpModel.VIDEO.value}
        outputs = next(known, {**made_up, _REGION: region, "state": LibraryState.ACTIVE.value})
        described = {item.name: outputs.get(item.name) for item in fields(GetFpShotDBResult)}
        return {**described, "id": fp_db_id, "fp_db_id": fp_db_id}

    def _region_of(self, provider: str | None) -> Region:
        # A reference to a provider is its URN and its ID.
        _, _, provider_id = (provider or "").rpartition("::")
        return self._provider_regions.get(provider_id, self._region)

    def _outputs(
        self, args: MockResourceArgs, given: Mapping[str, object], pattern: str | None
    ) -> Properties:
        read = {"name": args.name} if args.resource_id else {}
        urn = f"{self._stack}::{args.typ}::{args.name}"
        self._registered[urn] += 1
        # Not random, so that a test can compare.
        seed = self._registered[urn].to_bytes(4, "big")
        name = generated_name(urn, seed, pattern)
        region = self._region_of(args.provider)
        resolved = resolve({**read, **given}, (), {}, region, name)
        if resolved.problems:
            raise InvalidInputsError(
                "\n".join(with_key(f"{args.name}: {line}", "inputs") for line in resolved.problems)
            )
        outputs = Inputs.model_validate(resolved.values).model_dump()
        if self._preview and not args.resource_id:
            # As in a real preview, what only MPS knows is unknown.
            return outputs
        identity = f"{outputs['region']}/{outputs['name']}"
        made_up = hashlib.sha256(identity.encode()).hexdigest()[:32]
        return {
            **outputs,
            # `pulumi import` takes a library of another region as <region>/<ID>.
            "fp_db_id": (args.resource_id or outputs["adopt"] or made_up).rpartition("/")[2],
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


def _in_clear(inputs: Mapping[str, Any]) -> Properties:
    plain = {
        name: unwrap_rpc_secret(value) for name, value in inputs.items() if name not in INTERNAL
    }
    # Only the native provider is given a mapping, and makes text of it.
    return {
        name: json.dumps(value) if isinstance(value, (dict, list)) else value
        for name, value in plain.items()
    }
