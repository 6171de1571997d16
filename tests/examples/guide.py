"""docs/how-to/examples.md as somebody follows it: block by block, in a checkout of their own."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from object_store import ENDPOINT, REGION
from pulumi_stack import COMMAND_SECONDS, Outcome, guided_in

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
ALICLOUD = (
    ROOT / ".venv-alicloud" / "lib" / "python{}.{}".format(*sys.version_info) / "site-packages"
)
"""Where scripts/test puts pulumi-alicloud."""
POLICIES = EXAMPLES / "account" / "policies"
ARN = "acs:ram::1234567890123456"
BUCKET = "example-pulumi-state"
VARIABLES = {
    "PULUMI_BACKEND_URL": f"s3://{BUCKET}?endpoint=https://{ENDPOINT}&region={REGION}",
    "ALIBABA_CLOUD_OIDC_PROVIDER": f"{ARN}:oidc-provider/github",
    "ALIBABA_CLOUD_PREVIEW_ROLE": f"{ARN}:role/pulumi-preview",
    "ALIBABA_CLOUD_DEPLOY_ROLE": f"{ARN}:role/pulumi-deploy",
}
"""What the account's program exports."""
GUIDE = ROOT / "docs" / "how-to" / "examples.md"

# What a user's checkout does not have, or a test's copy does not need.
_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "github-actions", "node_modules", "sdks")


def blocks(title: str) -> list[str]:
    """Return the commands under a heading of the guide."""
    _, _, rest = GUIDE.read_text(encoding="utf-8").partition(f"\n## {title}\n")
    section = re.split(r"\n## ", rest)[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


@dataclass(frozen=True)
class Checkout:
    """A copy of the examples, below the settings of this repository; commands run in its root."""

    folder: Path

    def __post_init__(self) -> None:
        (self.folder / "state").mkdir(parents=True)
        shutil.copytree(EXAMPLES, self.folder / "examples", ignore=_LEFT_OUT)
        shutil.copy(ROOT / "pyproject.toml", self.folder)

    def run(self, script: str) -> Outcome:
        """Run a block in Bash, where the first failure ends it."""
        done = subprocess.run(
            [shutil.which("bash") or "bash", "-eu", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env={**guided_in(self.folder), "PULUMI_OPTION_NON_INTERACTIVE": "true"},
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=2 * COMMAND_SECONDS,
        )
        return Outcome(done.returncode, done.stdout)
