"""The program that sets an account up, on mocks: whom it trusts, and with what."""

import json
import runpy
import sys
import warnings
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import MockResourceArgs
from pulumi.runtime.config import set_all_config

from examples.guide import ALICLOUD, ARN, BUCKET, EXAMPLES, POLICIES, ROOT, VARIABLES
from object_store import REGION
from pulumi_alicloud_mps.mps.models import READS
from pulumi_alicloud_mps.testing import MpsMocks

ISSUER = "https://token.actions.githubusercontent.com"
SUBJECT = "repo:example@12/media-libraries@34"
FINGERPRINT = "0BBFAB97059595E8D1EC48E89EB8657C0E5AAE71"


class Account(MpsMocks):
    """Keeps what is declared and exported, and names it as RAM does."""

    def __init__(self) -> None:
        super().__init__()
        self.resources: dict[tuple[str, str], dict[str, Any]] = {}
        self.outputs: dict[str, object] = {}

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Take a resource."""
        kind = args.typ.rpartition(":")[2]
        self.resources[kind, args.name] = args.inputs
        name = args.inputs.get("roleName") or args.inputs.get("oidcProviderName")
        where = "role" if kind == "Role" else "oidc-provider"
        return f"{args.name}-id", {**args.inputs, "arn": f"{ARN}:{where}/{name}"}

    def export(self, name: str, value: object) -> None:
        """Stand in for `pulumi.export`."""
        pulumi.Output.from_input(value).apply(lambda known: self.outputs.update({name: known}))


def program() -> None:
    """Run the example."""
    # The vendor's package warns of a module of its own.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        runpy.run_path(str(POLICIES.with_name("__main__.py")))


def declared(config: dict[str, str]) -> Account:
    """Return what the program makes with this configuration."""
    account = Account()
    common = {"bucket": BUCKET, "repository": "example/media-libraries", "subject": SUBJECT}
    own = {f"account:{key}": value for key, value in common.items()}
    set_all_config({"alicloud:region": REGION, **own, **config})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pulumi, "export", account.export)
        patch.setattr(sys, "path", [*sys.path, str(ALICLOUD)])
        account.install("account", "account")
        try:
            account.run(program)
        finally:
            set_all_config({})
    return account


@pytest.fixture(scope="module")
def account() -> Account:
    """Return what is made in an account that has nothing yet."""
    return declared({"account:fingerprint": FINGERPRINT})


def statements(path: Path) -> list[dict[str, Any]]:
    """Return what a policy allows."""
    return list(json.loads(path.read_text("utf-8").replace("${bucket}", BUCKET))["Statement"])


@pytest.mark.parametrize(
    ("job", "event"), [("preview", "pull_request"), ("deploy", "environment:production")]
)
def test_roles(account: Account, job: str, event: str) -> None:
    """Only runs of the one repository, for the one event, may take a role, which has its policy."""
    role, policy = account.resources["Role", job], account.resources["Policy", job]
    assert json.loads(role["assumeRolePolicyDocument"])["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Federated": [f"{ARN}:oidc-provider/github"]},
            "Condition": {
                "StringEquals": {
                    "oidc:iss": ISSUER,
                    "oidc:aud": "sts.aliyuncs.com",
                    "oidc:sub": f"{SUBJECT}:{event}",
                }
            },
        }
    ]
    allowed = statements(POLICIES / f"{job}.json")
    assert json.loads(policy["policyDocument"])["Statement"] == allowed
    attached = account.resources["RolePolicyAttachment", job]
    assert (attached["roleName"], attached["policyName"]) == (
        role["roleName"],
        policy["policyName"],
    )


def test_rights() -> None:
    """A deployment has the rights of the reference and of the guide; a preview only reads."""
    guide = (ROOT / "docs" / "how-to" / "team-state.md").read_text(encoding="utf-8")
    bucket = json.loads(guide.partition("```json\n")[2].partition("```")[0])["Statement"]
    reference = statements(ROOT / "docs" / "reference" / "ram-policy.json")
    assert statements(POLICIES / "deploy.json") == [*reference, *bucket]
    read = {action for item in statements(POLICIES / "preview.json") for action in item["Action"]}
    assert read == {*(f"mts:{action}" for action in READS), "oss:ListObjects", "oss:GetObject"}


def test_the_bucket(account: Account) -> None:
    """States are kept in versions, encrypted, and from the public."""
    bucket = account.resources["Bucket", "state"]
    assert bucket == {
        "bucket": BUCKET,
        "versioning": {"status": "Enabled"},
        "serverSideEncryptionRule": {"sseAlgorithm": "AES256"},
    }
    assert account.resources["BucketPublicAccessBlock", "state"]["blockPublicAccess"]


def test_the_issuer(account: Account) -> None:
    """GitHub is trusted by the certificate that was looked at, or by whom the account has made."""
    provider = account.resources["OidcProvider", "github"]
    assert (provider["issuerUrl"], provider["clientIds"]) == (ISSUER, ["sts.aliyuncs.com"])
    assert provider["fingerprints"] == [FINGERPRINT]
    theirs = f"{ARN}:oidc-provider/theirs"
    other = declared({"account:oidcProvider": theirs})
    assert not [kind for kind, _ in other.resources if kind == "OidcProvider"]
    assert other.outputs["ALIBABA_CLOUD_OIDC_PROVIDER"] == theirs
    assert theirs in other.resources["Role", "deploy"]["assumeRolePolicyDocument"]


@pytest.mark.parametrize("key", ["fingerprint", "subject"])
def test_what_could_not_be_had(key: str) -> None:
    """Nothing is trusted by an empty certificate or name, as a command that failed prints one."""
    with pytest.raises(pulumi.RunError, match=f"account:{key}: is empty; set it"):
        declared({"account:fingerprint": FINGERPRINT, f"account:{key}": ""})


def test_the_variables(account: Account) -> None:
    """What is exported are variables that the workflows read, with the address of the state."""
    assert account.outputs == VARIABLES
    folder = EXAMPLES / "github-actions"
    workflows = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.yml"))
    assert [name for name in VARIABLES if f"vars.{name} " not in workflows] == []
