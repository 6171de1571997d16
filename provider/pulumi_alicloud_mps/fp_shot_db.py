"""FpShotDB: a media fingerprint library, as a stack's author writes it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypedDict, TypeVar, Unpack

import pulumi
from pulumi.dynamic import Resource

from .dynamic.provider import AUTONAMING_KEY, REPLACING_KEY
from .errors import with_key
from .mps.models import FpModel
from .settings.program import autonaming, warn_of_plain_text_secrets
from .state.deployment import NATIVE_LIBRARY_TYPE, POINTER, PROVIDER_KEY

T = TypeVar("T")

Config = Mapping[str, Any] | Sequence[Any] | str

_GUARD = {"force_destroy", "*"}
_UNSET = {"config": None, "description": None, "adopt": None, "force_destroy": False}
"""The values of inputs that a program leaves out."""


class FpShotDBArgsDict(TypedDict, total=False):
    """The inputs of a library as a mapping or keyword arguments; `FpShotDBArgs` explains them."""

    name: pulumi.Input[str] | None
    model_id: pulumi.Input[FpModel | int | str] | None
    config: pulumi.Input[Config] | None
    description: pulumi.Input[str] | None
    region: pulumi.Input[str] | None
    force_destroy: pulumi.Input[bool] | None
    adopt: pulumi.Input[str] | None


@dataclass(kw_only=True)
class FpShotDBArgs:
    """The inputs of a library as an object; all are optional."""

    name: pulumi.Input[str] | None = None
    """The library's name at MPS. By default, a name such as `songs-3f2a9c1-5b20d7e4` is generated
    for each attempt to create the library, and kept from then on; `pulumi:autonaming` can change
    the pattern. If you set a name, you may have to confirm after an interrupted create that a
    library is this stack's."""
    model_id: pulumi.Input[FpModel | int | str] | None = None
    """The kind of media, a value of `FpModel` or its number. Default: video, as at MPS.

    Its name, such as `"AUDIO"`, in upper or lower case, also works."""
    config: pulumi.Input[Config] | None = None
    """MPS's configuration of the library, as a mapping or as JSON text."""
    description: pulumi.Input[str] | None = None
    """Free text."""
    region: pulumi.Input[str] | None = None
    """Where the library is, such as `cn-shanghai`. Default: the region of the provider's settings,
    or else of the environment."""
    force_destroy: pulumi.Input[bool] | None = None
    """Lets a deletion destroy fingerprints. Without it, no library that holds fingerprints is
    deleted. It takes effect once `pulumi up` has put it into the state."""
    adopt: pulumi.Input[str] | None = None
    """The FpDBId of an existing library to take over instead of creating one. Needs `name` and
    `model_id`: these and the description are compared with the library. `config` is not, since
    MPS does not list it."""


class FpShotDB(Resource, module="alicloud-mps", name="FpShotDB"):
    """A media fingerprint library of ApsaraVideo MPS.

    `pulumi up` creates it and waits until it is `active`. Libraries are immutable, so another
    name, model, config, description or region replaces it. The old library is deleted first, after
    the resources that depend on its ID and are replaced with it. A library that holds fingerprints
    is never deleted unless `force_destroy` is in the state. Create, update and delete wait for 20
    minutes, or as long as the resource's `custom_timeouts` say.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - the SDK's
        """Keep the type in subclasses: it identifies libraries in a stack's state."""
        super().__init_subclass__(module="alicloud-mps", name="FpShotDB", **kwargs)

    def __init__(
        self,
        resource_name: str,
        args: FpShotDBArgs | FpShotDBArgsDict | pulumi.ResourceOptions | None = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Unpack[FpShotDBArgsDict],
    ) -> None:
        """Declare a library.

        Args:
            resource_name: The logical name in the stack.
            args: The inputs, unless they are keyword arguments; or `opts`, as in every Pulumi SDK.
            opts: Pulumi's resource options.
            inputs: The fields of `FpShotDBArgs`, as keyword arguments.

        Raises:
            pulumi.RunError: `opts` has `import_`, which can't work with dynamic resources.
            TypeError: There is no such input, or inputs or options are given twice.
        """
        if isinstance(args, pulumi.ResourceOptions):
            if opts is not None:
                raise TypeError(f"FpShotDB {resource_name!r}: opts is given twice")
            args, opts = None, args
        if args is not None and inputs:
            raise TypeError(f"FpShotDB {resource_name!r}: give the inputs by args or by keyword")
        if not isinstance(args, FpShotDBArgs):
            args = FpShotDBArgs(**(args or inputs))
        warn_of_plain_text_secrets()
        own = pulumi.ResourceOptions(delete_before_replace=True)
        opts = own if opts is None else pulumi.ResourceOptions.merge(own, opts)
        opts.aliases = [*(opts.aliases or []), _native_alias(resource_name, opts)]
        if opts.import_ is not None:
            # The engine would read it without `__provider`, and the host show a traceback.
            message = (
                f"FpShotDB {resource_name!r}: import_: can't work with dynamic resources; use"
                " `adopt`, or `alicloud-mps import`"
            )
            raise pulumi.RunError(with_key(message, "inputs"))
        props = _properties(args, leave_out_unset=opts.id is None)
        if opts.id is None and (pattern := autonaming()) is not None:
            props[AUTONAMING_KEY] = pattern
        if _GUARD & set(opts.replace_on_changes or ()):
            props[REPLACING_KEY] = True
        # Not by `Resource`, which would pickle the provider again: see POINTER.
        kind = f"pulumi-python:{self._resource_type_name}"
        props[PROVIDER_KEY] = POINTER
        super(Resource, self).__init__(kind, resource_name, props, opts)
        _untrack(vars(self)[name] for name in ("id", *props))
        self._is_read = opts.id is not None

    def __setattr__(self, name: str, value: object) -> None:
        """Let a subclass set an attribute that is named like an output."""
        own = vars(FpShotDB).get(name)
        if isinstance(own, property) and getattr(type(self), name) is own:
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)

    @property
    def fp_db_id(self) -> pulumi.Output[str]:
        """The library's ID at MPS; the same as `id`."""
        return self.id

    @property
    def name(self) -> pulumi.Output[str]:
        """The library's name, set or generated."""
        return self._output("name")

    @property
    def model_id(self) -> pulumi.Output[int]:
        """The kind of media, a value of `FpModel`."""
        # The host makes numbers floats.
        return self._output("model_id").apply(int)

    @property
    def config(self) -> pulumi.Output[str | None]:
        """The configuration last applied, as JSON text, if any; MPS does not list it."""
        return self._optional("config")

    @property
    def description(self) -> pulumi.Output[str | None]:
        """The description, if any."""
        return self._optional("description")

    @property
    def region(self) -> pulumi.Output[str]:
        """The region that the library is in."""
        return self._output("region")

    @property
    def force_destroy(self) -> pulumi.Output[bool]:
        """Whether a deletion may destroy fingerprints."""
        return self._output("force_destroy")

    @property
    def adopt(self) -> pulumi.Output[str | None]:
        """The library that was taken over instead of creating one, if any."""
        return self._optional("adopt")

    @property
    def state(self) -> pulumi.Output[str]:
        """MPS's state of the library, such as `active`."""
        return self._output("state")

    @property
    def account_id(self) -> pulumi.Output[str]:
        """The ID of the Alibaba Cloud account that the library belongs to."""
        return self._output("account_id")

    def _output(self, name: str) -> pulumi.Output[Any]:
        if name in _UNSET and name not in vars(self):
            return self.urn.apply(lambda _: _UNSET[name])
        output: pulumi.Output[Any] = pulumi.get(self, name)
        return output

    def _optional(self, name: str) -> pulumi.Output[str | None]:
        # A library that is only read has these from MPS; in a managed one they are the inputs.
        output = self._output(name)
        if not isinstance(output, pulumi.Output):
            return output
        return _known_if_missing(output, self.fp_db_id if self._is_read else None)

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - what every Pulumi SDK calls it
        opts: pulumi.ResourceOptions | None = None,
        *,
        region: pulumi.Input[str] | None = None,
    ) -> FpShotDB:
        """Read an existing library that this stack does not manage.

        Args:
            resource_name: The logical name in the stack.
            id: The library's FpDBId.
            opts: Pulumi's resource options.
            region: Where it is. Default: as for a new library.
        """
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        return FpShotDB(resource_name, opts, region=region)


def _properties(args: FpShotDBArgs, *, leave_out_unset: bool) -> dict[str, Any]:
    props = {
        **vars(args),
        # The SDK would send the text of an `IntEnum`.
        "model_id": int(args.model_id) if isinstance(args.model_id, FpModel) else args.model_id,
        "config": _config_text(args.config),
        "state": None,
        "account_id": None,
    }
    if leave_out_unset:
        # The SDK makes an output of each, which slows down large programs.
        for name in _UNSET:
            if props[name] is None:
                del props[name]
    return props


def _untrack(outputs: Iterable[pulumi.Output[Any]]) -> None:
    """Keep the program's end from waiting for these; it waits for the resource's URN anyway.

    It waits in rounds, each of which visits all outputs that are left: among 500 libraries that
    takes longer than everything else in a program. The SDK itself stops waiting for an output from
    which another one is derived; older versions (such as 3.216.0) can't stop.
    """
    if untrack := getattr(pulumi.Output, "_untrack", None):
        for output in outputs:
            untrack(output)


def _native_alias(resource_name: str, opts: pulumi.ResourceOptions) -> pulumi.Alias | str:
    """Return what the library is called in a stack that comes from the native provider."""
    if opts.parent is not None:
        return pulumi.Alias(type_=NATIVE_LIBRARY_TYPE)
    # The SDK makes some ten outputs of an `Alias`, a sixth of what a large program computes.
    stack = f"{pulumi.get_stack()}::{pulumi.get_project()}"
    return f"urn:pulumi:{stack}::{NATIVE_LIBRARY_TYPE}::{resource_name}"


def _config_text(config: pulumi.Input[Config] | None) -> pulumi.Input[str] | None:
    # Text before it leaves the program: the dynamic host drops nulls and makes integers floats.
    if config is None or isinstance(config, str):
        return config
    return pulumi.Output.from_input(config).apply(
        lambda value: value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    )


def _known_if_missing(
    output: pulumi.Output[str | None], answered: pulumi.Output[str] | None
) -> pulumi.Output[str | None]:
    """Treat an output that a preview leaves out as None; the SDK takes it for not known yet."""

    async def is_known() -> bool:
        if await output.is_known() or await output.future(with_unknowns=True) is not None:
            return await output.is_known()
        return answered is None or await answered.is_known()

    value = _Lazy(lambda: output.future(with_unknowns=True))
    return pulumi.Output(_Lazy(output.resources), value, _Lazy(is_known), _Lazy(output.is_secret))


class _Lazy(Generic[T]):
    """Makes what it awaits only when awaited: if an output fails, Pulumi never awaits the rest."""

    def __init__(self, make: Callable[[], Awaitable[T]]) -> None:
        self._make = make

    def __await__(self) -> Generator[Any, None, T]:
        return self._make().__await__()
