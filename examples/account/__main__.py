"""The account: what GitHub Actions may do in it, and the bucket of the states."""

from pathlib import Path
from string import Template

import pulumi
from pulumi_alicloud import ims, oss, ram

POLICIES = Path(__file__).parent / "policies"


def filled(name: str, **values: str) -> str:
    """Return a policy with these values in the place of `${…}`."""
    return Template((POLICIES / name).read_text(encoding="utf-8")).substitute(values)


def role_for(job: str, event: str) -> ram.Role:
    """Declare a role that runs of the repository can take, for the jobs of one kind."""
    subject = f"{prefix}:{event}"
    role = ram.Role(
        job,
        role_name=f"{role_prefix}-{job}",
        description=f"GitHub Actions of {repository}, to {job}",
        assume_role_policy_document=provider.apply(
            lambda arn: filled("trust.json", provider=arn, subject=subject)
        ),
        max_session_duration=3600,
    )
    policy = ram.Policy(
        job,
        policy_name=f"{role_prefix}-{job}",
        policy_document=bucket.bucket.apply(lambda name: filled(f"{job}.json", bucket=name or "")),
    )
    ram.RolePolicyAttachment(
        job, role_name=role.role_name, policy_name=policy.policy_name, policy_type="Custom"
    )
    return role


config = pulumi.Config()
region = pulumi.Config("alicloud").require("region")
repository = config.require("repository")
# What GitHub's tokens begin with: of a repository since July 2026 also the numbers of owner and
# repository.
prefix = config.get("subject")
if not prefix:
    raise pulumi.RunError(
        "account:subject: is empty; set it to the `sub_claim_prefix` that `gh api"
        f" repos/{repository}/actions/oidc/customization/sub` shows, or to repo:{repository} where"
        " it shows none"
    )
role_prefix = config.get("rolePrefix") or "pulumi"

bucket = oss.Bucket(
    "state",
    bucket=config.require("bucket"),
    versioning=oss.BucketVersioningArgs(status="Enabled"),
    server_side_encryption_rule=oss.BucketServerSideEncryptionRuleArgs(sse_algorithm="AES256"),
    opts=pulumi.ResourceOptions(protect=True),
)
oss.BucketPublicAccessBlock("state", bucket=bucket.id, block_public_access=True)

# An account can have one provider for each issuer: another team may have made it.
existing = config.get("oidcProvider")
fingerprint = config.get("fingerprint")
if not (existing or fingerprint):
    raise pulumi.RunError("account:fingerprint: is empty; set it, or account:oidcProvider")
provider = (
    pulumi.Output.from_input(existing)
    if existing
    else ims.OidcProvider(
        "github",
        oidc_provider_name="github",
        issuer_url="https://token.actions.githubusercontent.com",
        client_ids=["sts.aliyuncs.com"],
        fingerprints=[fingerprint or ""],
    ).arn
)

endpoint = f"https://s3.oss-{region}.aliyuncs.com"
state = bucket.bucket.apply(lambda name: f"s3://{name}?endpoint={endpoint}&region={region}")

# The variables of the repository, by the names that the workflows have for them.
pulumi.export("PULUMI_BACKEND_URL", state)
pulumi.export("ALIBABA_CLOUD_OIDC_PROVIDER", provider)
pulumi.export("ALIBABA_CLOUD_PREVIEW_ROLE", role_for("preview", "pull_request").arn)
pulumi.export("ALIBABA_CLOUD_DEPLOY_ROLE", role_for("deploy", "environment:production").arn)
