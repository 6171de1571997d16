"""The Python code that declares imported libraries."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, count

from pulumi_alicloud_mps.inputs import IMMUTABLE, Inputs
from pulumi_alicloud_mps.mps.models import FpModel
from pulumi_alicloud_mps.printable import printable


def program(libraries: Mapping[str, Inputs], options: Sequence[str]) -> str:
    """Return a program that declares libraries, each as a variable of its own.

    Args:
        libraries: The arguments of each, by its logical name; None leaves one out.
        options: The resource options of each, as `name=expression`.
    """
    variables = {"pulumi", "FpModel", "FpShotDB"}
    parts = ["import pulumi\nfrom pulumi_alicloud_mps import FpModel, FpShotDB\n"]
    for logical_name, inputs in libraries.items():
        variable = _variable(logical_name, variables)
        variables.add(variable)
        declared = inputs.model_dump(include={*IMMUTABLE}, exclude_none=True)
        values = {name: literal(str(value)) for name, value in declared.items()}
        if model_id := inputs.model_id:
            values["model_id"] = f"FpModel.{FpModel(model_id).name}"
        if options:
            values["opts"] = f"pulumi.ResourceOptions({', '.join(options)})"
        lines = [literal(logical_name), *(f"{key}={value}" for key, value in values.items())]
        arguments = "".join(f"    {line},\n" for line in lines)
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
    names = chain([base], (f"{base}_{number}" for number in count(2)))
    return next(name for name in names if name not in taken)
