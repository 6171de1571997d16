"""Media fingerprint libraries of Alibaba Cloud ApsaraVideo MPS as Pulumi resources."""

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
