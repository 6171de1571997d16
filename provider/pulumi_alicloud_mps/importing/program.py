"""The Python code that declares imported libraries."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from pulumi_alicloud_mps.inputs import IMMUTABLE, Inputs
from pulumi_alicloud_mps.mps.models import FpModel
from pulumi_alicloud_mps.printable import printable

_IMPORTS = "import pulumi\nfrom pulumi_alicloud_mps import FpModel, FpShotDB\n"
_RESERVED = frozenset({"pulumi", "FpModel", "FpShotDB"})


@dataclass(frozen=True)
class Declaration:
    """A library as a program declares it.

    Attributes:
        logical_name: Its name in the stack.
        inputs: The arguments; None leaves one out.
        options: Resource options, each as `name=expression`.
    """

    logical_name: str
    inputs: Inputs
    options: tuple[str, ...] = ()


def program(declarations: Iterable[Declaration]) -> str:
    """Return a program that declares these libraries, each as a variable of its own."""
    variables = set(_RESERVED)
    parts = [_IMPORTS]
    for item in declarations:
        variable = _variable(item.logical_name, variables)
        variables.add(variable)
        declared = item.inputs.model_dump(include={*IMMUTABLE}, exclude_none=True)
        values = {name: literal(str(value)) for name, value in declared.items()}
        if model_id := item.inputs.model_id:
            values["model_id"] = f"FpModel.{FpModel(model_id).name}"
        if item.options:
            values["opts"] = f"pulumi.ResourceOptions({', '.join(item.options)})"
        lines = [f"{key}={value}" for key, value in values.items()]
        arguments = "".join(f"    {line},\n" for line in [literal(item.logical_name), *lines])
        parts.append(f"{variable} = FpShotDB(\n{arguments})\n")
    return "\n".join(parts)


def literal(text: str) -> str:
    """Return text as a Python literal of one line, in which nothing is invisible."""
    escaped = printable(text.replace("\\", "\\\\"))
    quote = "'" if '"' in text and "'" not in text else '"'
    return f"{quote}{escaped.replace(quote, chr(92) + quote)}{quote}"


def _variable(logical_name: str, taken: Collection[str]) -> str:
    # Normalized as Python does with identifiers; what is invalid in one becomes an underscore.
    text = unicodedata.normalize("NFKC", logical_name)
    base = "".join(char if f"a{char}".isidentifier() else "_" for char in text)
    base = re.sub("_+", "_", base).strip("_") or "library"
    if not base.isidentifier():
        base = f"library_{base}"
    if keyword.iskeyword(base):
        base += "_"
    name, count = base, 1
    while name in taken:
        count += 1
        name = f"{base}_{count}"
    return name
