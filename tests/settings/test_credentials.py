"""Credentials: the settings' own, or those of Alibaba Cloud's default chain."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from certificates import self_signed
from environment import ran
from pulumi_alicloud_mps.settings.credentials import profile_problem
from raw_server import RawServer, Request, http, ok, refused

# The chain reads the home folder and the environment when it is imported, so it needs a process.
PROGRAM = """
import os, sys
import certifi
# The only certificates that the chain trusts through a proxy.
trusted = os.environ.get("TRUSTED", certifi.where())
certifi.where = lambda: trusted
from pulumi_alicloud_mps.settings.credentials import credentials_source
from pulumi_alicloud_mps.errors import SettingsError
profile = sys.argv[1] or None
try:
    keys = credentials_source(profile)()
    print(*(getattr(keys, name) for name in sys.argv[2].split()))
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
    {
        "name": "role",
        "mode": "RamRoleArn",
        "access_key_id": "AK-ROLE",
        "access_key_secret": "four",
        "ram_role_arn": "acs:ram::1:role/mps",
        "ram_session_name": "pulumi",
        "sts_region": "cn-shanghai",
    },
    {"name": "machine", "mode": "EcsRamRole", "ram_role_name": "mps"},
    {
        "name": "ci",
        "mode": "OIDC",
        "ram_role_arn": "acs:ram::1:role/mps",
        "oidc_provider_arn": "acs:ram::1:oidc-provider/ci",
        "oidc_token_file": "TOKEN_FILE",
        "role_session_name": "pulumi",
        "sts_region": "cn-shanghai",
    },
    {"name": "odd", "mode": "Nonsense", "access_key_secret": "s3cret-odd"},
    {"name": "empty", "mode": "AK", "access_key_id": "", "access_key_secret": "s3cret-empty"},
]


@pytest.fixture
def home() -> Path:
    """The home folder with a configuration of the aliyun CLI."""
    home = Path(os.environ["HOME"])
    (home / ".aliyun").mkdir()
    token = home / "token"
    token.write_text("t0ken-of-ci", encoding="utf-8")
    config = json.dumps({"current": "dev", "profiles": PROFILES})
    text = config.replace("TOKEN_FILE", str(token))
    (home / ".aliyun" / "config.json").write_text(text, encoding="utf-8")
    return home


KEYS = "access_key_id access_key_secret security_token"


def found(profile: str = "", shown: str = KEYS, **environ: str) -> str:
    """Say what the chain finds, in a process of its own."""
    # Else the chain asks the network for the role of this machine.
    quiet = {"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
    done = ran(sys.executable, "-c", PROGRAM, profile, shown, environ={**quiet, **environ})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("profile", "expected"), [("dev", "AK-DEV one None"), ("prod", "STS-PROD two three")]
)
def test_a_profile_gives_its_keys(profile: str, expected: str) -> None:
    """The keys of the profile that is set are used, with its token."""
    assert found(profile) == expected


ROLE = {"AccessKeyId": "STS.role", "AccessKeySecret": "five", "SecurityToken": "six"}
EXPIRY = "2099-01-01T00:00:00Z"
STS = "sts.cn-shanghai.aliyuncs.com"


@pytest.fixture
def sts(tmp_path: Path) -> Iterator[RawServer]:
    """Serve STS behind a proxy, by a certificate that the chain trusts."""
    context, public = self_signed(tmp_path, STS)

    def answer(request: Request) -> bytes:
        if request.parameters.get("RoleArn") == "acs:ram::1:role/forbidden":
            return refused("NoPermission", "s3cret-of-sts", 403)
        return ok(Credentials={**ROLE, "Expiration": EXPIRY})

    with pytest.MonkeyPatch.context() as patch, RawServer(answer, tunnel=context) as server:
        patch.setenv("TRUSTED", str(public))
        patch.setenv("HTTPS_PROXY", server.url)
        yield server


@pytest.mark.portability
@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("profile", "action"), [("role", "AssumeRole"), ("ci", "AssumeRoleWithOIDC")]
)
def test_a_profile_takes_a_role(sts: RawServer, profile: str, action: str) -> None:
    """A profile that names a role takes it at STS, with its own keys or its OIDC token."""
    assert found(profile) == "STS.role five six"
    connect, call = sts.requests
    assert connect.target == f"{STS}:443"
    sent = {**call.parameters, **dict(parse_qsl(call.body.decode()))}
    assert sent["Action"] == action
    assert sent["RoleArn"] == "acs:ram::1:role/mps"
    assert sent.get("OIDCToken") == ("t0ken-of-ci" if profile == "ci" else None)


@pytest.mark.portability
@pytest.mark.usefixtures("sts")
@pytest.mark.parametrize("profile", ["role", "ci"])
def test_a_role_that_is_refused_is_an_error(home: Path, profile: str) -> None:
    """A role that STS refuses is one line, without what was sent or answered."""
    file = home / ".aliyun" / "config.json"
    text = file.read_text(encoding="utf-8").replace("role/mps", "role/forbidden")
    file.write_text(text, encoding="utf-8")
    told = found(profile)
    assert told.startswith(f"credentials: the profile '{profile}' gave none (CredentialException)")
    assert not any(secret in told for secret in ("s3cret-of-sts", "four", "t0ken-of-ci"))


@pytest.mark.portability
@pytest.mark.usefixtures("home")
def test_a_profile_asks_for_the_role_of_the_machine() -> None:
    """A profile of the machine's role takes it from the metadata service."""
    keys = json.dumps({"Code": "Success", **ROLE, "Expiration": EXPIRY}).encode()

    def metadata(request: Request) -> bytes:
        return http(200, b"token" if request.method == "PUT" else keys)

    with RawServer(metadata) as server:
        # The metadata service has a fixed address, which is reached by plain HTTP.
        environ = {"HTTP_PROXY": server.url, "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "false"}
        assert found("machine", **environ) == "STS.role five six"
        (Path(os.environ["HOME"]) / ".aliyun" / "config.json").unlink()
        assert found(shown="origin", **environ) == "the role of the machine"
    assert {urlsplit(request.target).hostname for request in server.requests} == {"100.100.100.200"}


@pytest.mark.usefixtures("home")
def test_the_chain_finds_the_current_profile() -> None:
    """Without any setting, the aliyun CLI's current profile is used, and named as the link."""
    assert found() == "AK-DEV one None"
    assert found(shown="origin") == "the current profile of the aliyun CLI"


@pytest.mark.portability
@pytest.mark.parametrize(
    ("profile", "why"),
    [
        ("odd", ": FILE gives profile 'odd' the mode 'Nonsense', which is not supported; set "),
        (
            "absent",
            ": FILE has no profile 'absent'; it has dev, prod, role, machine, ci, odd, empty",
        ),
        ("empty", " ("),
    ],
)
def test_a_profile_without_keys_is_an_error(home: Path, profile: str, why: str) -> None:
    """A profile that gives no keys is named with the reason, and none of its values is shown."""
    text = found(profile)
    why = why.replace("FILE", str(home / ".aliyun" / "config.json"))
    assert text.startswith(f"credentials: the profile '{profile}' gave none{why}")
    assert "s3cret" not in text
    assert "alicloud-mps:accessKey" in text


@pytest.mark.parametrize("profile", [None, "dev"])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"access_key_secret": "s3cret', "is not valid JSON"),
        ("[1]", "has no profiles"),
        ('{"profiles": 5}', "has no profiles"),
        ('{"current": "dev", "profiles": ["s3cret"]}', "has no profile 'dev'; it has none"),
    ],
)
def test_a_malformed_file_is_told(home: Path, profile: str | None, content: str, why: str) -> None:
    """A configuration of the aliyun CLI that can't be read is named, with nothing of its text."""
    file = home / ".aliyun" / "config.json"
    file.write_text(content, encoding="utf-8")
    assert profile_problem(profile, os.environ, "s3cret") == f"{file} {why}"


@pytest.mark.parametrize("disabled", ["", "true"])
def test_a_profile_of_no_file_is_an_error(disabled: str) -> None:
    """A profile without a file, or switched off by the environment, is reported."""
    text = found("prod", ALIBABA_CLOUD_CLI_PROFILE_DISABLED=disabled)
    file = Path(os.environ["HOME"], ".aliyun", "config.json")
    why = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED is set" if disabled else f"{file} not found"
    assert text.startswith(f"credentials: the profile 'prod' gave none: {why}; set ")


def test_an_empty_chain_is_an_error() -> None:
    """Where no keys are found at all, the error says where they can be set."""
    text = found()
    assert text.startswith("credentials: the default chain gave none (")
    for way in ("alicloud-mps:accessKey", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "aliyun CLI"):
        assert way in text
