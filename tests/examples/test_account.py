"""The program that sets an account up, on mocks: whom it trusts, and with what."""

import json
import runpy
import sys
import warnings
from typing import Any

import pulumi
import pytest
from pulumi.runtime import MockResourceArgs
from pulumi.runtime.config import set_all_config

from examples.guide import ALICLOUD, EXAMPLES, ROOT
from pulumi_alicloud_mps.testing import MpsMocks

FOLDER = EXAMPLES / "account"
ARN = "acs:ram::1234567890123456"
BUCKET = "example-pulumi-state"
CONFIG = {
    "alicloud:region": "cn-shanghai",
    "account:bucket": BUCKET,
    "account:repository": "example/media-libraries",
}
FINGERPRINT = {"account:fingerprint": "0BBFAB97059595E8D1EC48E89EB8657C0E5AAE71"}
ISSUER = "https://token.actions.githubusercontent.com"

Resources = dict[tuple[str, str], dict[str, Any]]


class Account(MpsMocks):
    """Keeps what is declared, and names it as RAM does."""

    def __init__(self) -> None:
        super().__init__()
        self.resources: Resources = {}

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Take a resource."""
        kind = args.typ.rpartition(":")[2]
        self.resources[kind, args.name] = args.inputs
        name = args.inputs.get("roleName") or args.inputs.get("oidcProviderName")
        where = "role" if kind == "Role" else "oidc-provider"
        return f"{args.name}-id", {**args.inputs, "arn": f"{ARN}:{where}/{name}"}


def declared(config: dict[str, str]) -> tuple[Resources, dict[str, Any]]:
    """Return what the program declares, and what it exports."""
    mocks, outputs = Account(), {}

    def program() -> None:
        # The vendor's package warns of a module of its own.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            runpy.run_path(str(FOLDER / "__main__.py"))

    def export(name: str, value: object) -> None:
        pulumi.Output.from_input(value).apply(lambda known: outputs.update({name: known}))

    set_all_config(config)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pulumi, "export", export)
        patch.setattr(sys, "path", [*sys.path, str(ALICLOUD)])
        mocks.install("account", "account")
        try:
            mocks.run(program)
        finally:
            set_all_config({})
    return mocks.resources, outputs


@pytest.fixture(scope="module")
def account() -> tuple[Resources, dict[str, Any]]:
    """Return what is made in an account that has nothing yet."""
    return declared({**CONFIG, **FINGERPRINT})


def statements(name: str) -> list[dict[str, Any]]:
    """Return what a policy of the example allows."""
    text = (FOLDER / "policies" / name).read_text(encoding="utf-8")
    return list(json.loads(text.replace("${bucket}", BUCKET))["Statement"])


@pytest.mark.parametrize(
    ("job", "event"), [("preview", "pull_request"), ("deploy", "environment:production")]
)
def test_roles(account: tuple[Resources, dict[str, Any]], job: str, event: str) -> None:
    """Only runs of the one repository, for the one event, may take a role, which has its policy."""
    resources, _ = account
    role = resources["Role", job]
    (trust,) = json.loads(role["assumeRolePolicyDocument"])["Statement"]
    assert trust["Principal"] == {"Federated": [f"{ARN}:oidc-provider/github"]}
    assert trust["Action"] == "sts:AssumeRole"
    assert trust["Condition"] == {
        "StringEquals": {
            "oidc:iss": ISSUER,
            "oidc:aud": "sts.aliyuncs.com",
            "oidc:sub": f"repo:example/media-libraries:{event}",
        }
    }
    policy = resources["Policy", job]
    assert json.loads(policy["policyDocument"])["Statement"] == statements(f"{job}.json")
    assert resources["RolePolicyAttachment", job] == {
        "roleName": role["roleName"],
        "policyName": policy["policyName"],
        "policyType": "Custom",
    }


def test_rights() -> None:
    """A deployment has the rights of the reference and of the guide; a preview only reads."""
    reference = json.loads((ROOT / "docs" / "reference" / "ram-policy.json").read_bytes())
    guide = (ROOT / "docs" / "how-to" / "team-state.md").read_text(encoding="utf-8")
    bucket = json.loads(guide.partition("```json\n")[2].partition("```")[0])
    assert statements("deploy.json") == [*reference["Statement"], *bucket["Statement"]]
    allowed = {action for item in statements("preview.json") for action in item["Action"]}
    assert allowed == {
        "mts:ListFpShotDB",
        "mts:ListFpShotFiles",
        "oss:ListObjects",
        "oss:GetObject",
    }


def test_the_bucket(account: tuple[Resources, dict[str, Any]]) -> None:
    """States are kept in versions, encrypted, and from the public."""
    resources, _ = account
    bucket = resources["Bucket", "state"]
    assert bucket["bucket"] == BUCKET
    assert bucket["versioning"] == {"status": "Enabled"}
    assert bucket["serverSideEncryptionRule"] == {"sseAlgorithm": "AES256"}
    assert resources["BucketPublicAccessBlock", "state"]["blockPublicAccess"]


def test_the_issuer(account: tuple[Resources, dict[str, Any]]) -> None:
    """GitHub is trusted by the certificate that was looked at, or by whom the account has made."""
    resources, outputs = account
    provider = resources["OidcProvider", "github"]
    assert (provider["issuerUrl"], provider["clientIds"]) == (ISSUER, ["sts.aliyuncs.com"])
    assert provider["fingerprints"] == [FINGERPRINT["account:fingerprint"]]
    theirs = f"{ARN}:oidc-provider/theirs"
    resources, outputs = declared({**CONFIG, "account:oidcProvider": theirs})
    assert not [kind for kind, _ in resources if kind == "OidcProvider"]
    assert outputs["ALIBABA_CLOUD_OIDC_PROVIDER"] == theirs
    assert theirs in resources["Role", "deploy"]["assumeRolePolicyDocument"]


def test_the_variables(account: tuple[Resources, dict[str, Any]]) -> None:
    """What is exported are variables that the workflows read, with the address of the state."""
    _, outputs = account
    workflows = [
        (EXAMPLES / "github-actions" / name).read_text(encoding="utf-8")
        for name in ("preview.yml", "deploy.yml")
    ]
    assert [name for name in outputs if f"vars.{name} " not in "".join(workflows)] == []
    assert outputs == {
        "PULUMI_BACKEND_URL": f"s3://{BUCKET}?endpoint=https://s3.oss-cn-shanghai.aliyuncs.com"
        "&region=cn-shanghai",
        "ALIBABA_CLOUD_OIDC_PROVIDER": f"{ARN}:oidc-provider/github",
        "ALIBABA_CLOUD_PREVIEW_ROLE": f"{ARN}:role/pulumi-preview",
        "ALIBABA_CLOUD_DEPLOY_ROLE": f"{ARN}:role/pulumi-deploy",
    }
