"""The Python SDK of the native provider: what `scripts/generate` made of its schema."""

import hashlib
import inspect
import operator
import subprocess
import sys

import pulumi_alicloud_mps
import pulumi_alicloud_mps_native as sdk
from documents import ROOT
from pulumi_alicloud_mps.fp_shot_db import FpShotDB
from pulumi_alicloud_mps.settings.schema import SETTINGS

FOLDER = ROOT / "provider"
SUMS = ROOT / "tools" / "engine" / "cli" / "sdk" / "generated.sum"


def test_it_is_generated() -> None:
    """It is what the schema makes it, and nobody has edited it; `scripts/generate` writes it."""
    lines = SUMS.read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in map(str.split, lines)}
    sdk = (path for path in (FOLDER / "pulumi_alicloud_mps_native").rglob("*") if path.is_file())
    files = [FOLDER / "pulumi_alicloud_mps/native/schema.json", *sdk]
    found = {
        path.relative_to(FOLDER).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.suffix != ".pyc"
    }
    assert found == sums


def test_programs_need_not_change() -> None:
    """What a program says with one package it can say with the other, by keyword and in order."""
    for name in ("FpShotDB.get", "get_fp_shot_db", "get_fp_shot_dbs", "get_fp_shot_db_output"):
        ours, theirs = (
            inspect.signature(operator.attrgetter(name)(package)).parameters
            for package in (pulumi_alicloud_mps, sdk)
        )
        assert ours.keys() == theirs.keys(), name
        in_order = [key for key, it in ours.items() if it.kind is not it.KEYWORD_ONLY]
        assert list(theirs)[: len(in_order)] == in_order, name
    inputs = vars(pulumi_alicloud_mps.FpShotDBArgs())
    assert {*inspect.signature(sdk.FpShotDBArgs).parameters} == {*inputs}
    assert {*inspect.signature(sdk.ProviderArgs).parameters} == {*SETTINGS}
    models = pulumi_alicloud_mps.FpModel
    assert {it.name: it.value for it in sdk.FpModel} == {it.name: it.value for it in models}
    outputs = {name for name, it in vars(FpShotDB).items() if isinstance(it, property)}
    assert outputs | {"model_id"} <= {*dir(sdk.FpShotDB)}


def test_it_needs_nothing_else() -> None:
    """It offers what the package does, with nothing installed but the package."""
    names = "import pulumi_alicloud_mps_native as sdk; print(*vars(sdk))"
    done = subprocess.run(
        [sys.executable, "-c", names], check=True, capture_output=True, text=True, timeout=60
    )
    assert {*pulumi_alicloud_mps.__all__} - {"FpShotDBArgsDict"} <= {*done.stdout.split()}
