"""`alicloud-mps libraries`: what it shows, and what it needs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connections import REGION
from pulumi_alicloud_mps.cli import main
from pulumi_alicloud_mps.importing import listing
from pulumi_alicloud_mps.importing.listing import AccountListing, ListedLibrary
from pulumi_alicloud_mps.mps.models import Library
from pulumi_alicloud_mps.settings.reader import read_settings


def run(*arguments: str) -> Result:
    """Run `alicloud-mps libraries`."""
    return CliRunner().invoke(main, ["libraries", *arguments])


def test_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON has everything as it is; the table is short, and nothing in it is invisible."""
    monkeypatch.chdir(tmp_path)
    library = Library("ab" * 16, "evil\u202e\n", 9, "active", "d" * 50)
    found = AccountListing(
        read_settings(lambda _: None, {}), [REGION], [ListedLibrary(library, REGION)]
    )
    monkeypatch.setattr(listing, "list_account", lambda *_: found)

    assert json.loads(run("--json").stdout) == [
        {
            "fp_db_id": "ab" * 16,
            "name": "evil\u202e\n",
            "model_id": 9,
            "model": None,
            "region": REGION,
            "state": "active",
            "description": "d" * 50,
            "resource": None,
        }
    ]
    shown = ["evil\\u202e\\n", "ab" * 16, "9", REGION, "active", "d" * 39 + "…"]
    assert run().stdout.splitlines()[1].split() == shown


def test_libraries_outside_of_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment alone counts there; what it lacks is one line, without a call."""
    monkeypatch.chdir(tmp_path)

    assert run().stderr == (
        "Error: --region: no region is configured; give one such as cn-shanghai, or set"
        " alicloud-mps:region or ALIBABA_CLOUD_REGION [settings]\n"
    )
    assert "'x y' is not a region" in run("--region", "x y").stderr

    monkeypatch.setenv("ALICLOUD_REGION", "cn-shanghai")
    monkeypatch.setenv("ALICLOUD_ACCESS_KEY", "key")

    ended = run()

    assert ended.exit_code == 1
    assert ended.stderr == (
        "Error: ALICLOUD_SECRET_KEY: missing, but ALICLOUD_ACCESS_KEY is set; set both, or neither"
        " [settings]\n"
    )
