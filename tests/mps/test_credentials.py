"""Credentials: the settings' own, or those of Alibaba Cloud's default chain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_alicloud_mps.mps.credentials import credentials_source
from pulumi_alicloud_mps.mps.settings import Credentials, Settings

# The chain reads the home folder and the environment when it is imported, so it needs a process.
PROGRAM = """
import sys
from pulumi_alicloud_mps.mps.credentials import credentials_source
from pulumi_alicloud_mps.mps.errors import SettingsError
from pulumi_alicloud_mps.mps.settings import Settings
profile = sys.argv[1] or None
try:
    keys = credentials_source(Settings(profile=profile))()
    print(keys.access_key_id, keys.access_key_secret, keys.security_token)
except SettingsError as error:
    print(error)
"""

PROFILES = [
    {"name": "dev", "mode": "AK", "access_key_id": "AK-DEV", "access_key_secret": "one"},
    {
        "name": "prod",
        "mode": "StsToken",
        "access_key_id": "STS-PROD",
        "access_key_secret": "two",
        "sts_token": "three",
    },
    {"name": "odd", "mode": "Nonsense", "access_key_secret": "s3cret-odd"},
    {"name": "empty", "mode": "AK", "access_key_id": "", "access_key_secret": "s3cret-empty"},
]


@pytest.fixture
def home() -> Path:
    """The home folder with a configuration of the aliyun CLI."""
    home = Path(os.environ["HOME"])
    (home / ".aliyun").mkdir()
    config = {"current": "dev", "profiles": PROFILES}
    (home / ".aliyun" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return home


def found(profile: str = "", **environ: str) -> str:
    """Say what the chain finds, in a process of its own."""
    # Else the chain asks the network for the role of this machine.
    quiet = {"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, profile],
        env={**os.environ, **quiet, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_own_keys_are_used() -> None:
    """Keys of the settings are used as they are, and no chain is asked."""
    own = Credentials("key", "secret", "token")
    assert credentials_source(Settings(credentials=own, profile="prod"))() is own


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("profile", "expected"), [("dev", "AK-DEV one None"), ("prod", "STS-PROD two three")]
)
def test_a_profile_gives_its_keys(profile: str, expected: str) -> None:
    """The keys of the profile that is set are used, with its token."""
    assert found(profile) == expected


@pytest.mark.usefixtures("home")
def test_the_chain_finds_the_current_profile() -> None:
    """Without any setting, the aliyun CLI's current profile is used."""
    assert found() == "AK-DEV one None"


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("profile", ["odd", "empty", "absent"])
def test_a_profile_without_keys_is_an_error(profile: str) -> None:
    """A profile that gives no keys is named in the error, and none of its values is shown."""
    text = found(profile)
    assert text.startswith(f"credentials: the profile '{profile}' gave none (")
    assert "s3cret" not in text
    assert "alicloud-mps:accessKey" in text


def test_an_empty_chain_is_an_error() -> None:
    """Where no keys are found at all, the error says where they can be set."""
    text = found()
    assert text.startswith("credentials: the default chain gave none (")
    for way in ("alicloud-mps:accessKey", "ALICLOUD_ACCESS_KEY", "aliyun CLI"):
        assert way in text
