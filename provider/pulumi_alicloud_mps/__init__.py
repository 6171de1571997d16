"""Media fingerprint libraries of Alibaba Cloud ApsaraVideo MPS as Pulumi resources."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .fp_shot_db import FpShotDB, FpShotDBArgs, FpShotDBArgsDict
    from .functions import (
        GetFpShotDBResult,
        GetFpShotDBsResult,
        get_fp_shot_db,
        get_fp_shot_db_output,
        get_fp_shot_dbs,
        get_fp_shot_dbs_output,
    )
    from .mps.models import FpModel
    from .provider import Provider

__all__ = [
    "FpModel",
    "FpShotDB",
    "FpShotDBArgs",
    "FpShotDBArgsDict",
    "GetFpShotDBResult",
    "GetFpShotDBsResult",
    "Provider",
    "get_fp_shot_db",
    "get_fp_shot_db_output",
    "get_fp_shot_dbs",
    "get_fp_shot_dbs_output",
]

_MODULES = {"FpModel": "mps.models", "Provider": "provider"}


def __getattr__(name: str) -> object:
    """Import what a program uses: the native provider loads no Pulumi."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    default = "fp_shot_db" if name.startswith("FpShotDB") else "functions"
    return getattr(import_module(f".{_MODULES.get(name, default)}", __name__), name)


def __dir__() -> list[str]:
    return [*__all__, *globals()]
