"""Media fingerprint libraries of Alibaba Cloud ApsaraVideo MPS as Pulumi resources."""

from .explicit_provider import Provider
from .fp_shot_db import FpShotDB
from .mps.models import FpModel

__all__ = ["FpModel", "FpShotDB", "Provider"]
