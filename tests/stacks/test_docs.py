"""Every Python snippet of the documentation works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from control_api import ControlApi
from documents import ROOT, Snippet, snippets
from pulumi_alicloud_mps.emulator import Emulator
from pulumi_stack import COMMAND_SECONDS, PulumiStack, guided_in

EXAMPLE_ID = "0f3c9b7a5d1e4c2f8a6b0d9e7c5f1a23"
"""In the documentation, the ID of a library that exists."""

EXAMPLE_ADDRESS = "127.0.0.1:8014"
"""In the documentation, where an emulator listens."""

# The guide of tests has programs of its own, see tests/testing/test_guide.
SNIPPETS = [item for item in snippets("python") if "/test-your-stacks.md:" not in item.place]


def test_the_programs_of_the_documentation(stack: PulumiStack, mps: ControlApi) -> None:
    """Each program is deployed, in the place of the one before, and the last is destroyed."""
    mps.change_settings(quota=20)
    existing = mps.add_library(Name="shared")
    # The first one is that of the first steps.
    programs = [item for item in SNIPPETS if item.is_program][1:]
    secrets = {key: value for item in programs for key, value in item.config.items()}
    assert secrets
    for key, value in secrets.items():
        stack.run("config", "set", "--secret", key, value).succeeded()
    for snippet in programs:
        text = snippet.text.replace(EXAMPLE_ID, existing)
        (stack.folder / "__main__.py").write_text(text, encoding="utf-8")
        stack.up().succeeded()
    stack.destroy().succeeded()
    assert mps.only_library()["FpDBId"] == existing


@pytest.mark.parametrize("snippet", [item for item in SNIPPETS if not item.is_program], ids=str)
def test_a_script_of_the_documentation(mps: ControlApi, snippet: Snippet) -> None:
    """A script that needs no stack runs to its end."""
    text = snippet.text.replace(EXAMPLE_ADDRESS, urlsplit(mps.url).netloc)
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_first_steps_on_an_account(emulator: Emulator, mps: ControlApi, tmp_path: Path) -> None:
    """The steps lead from an empty folder to a library, here at an account of the emulator."""
    text = (ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8")
    _, _, section = text.partition("\n## On an account\n")
    program = next(snippets("python"))
    folder, answers = tmp_path / "project", {"accessKey": "local", "secretKey": "local-secret"}
    for made in (folder, tmp_path / "state"):
        made.mkdir()
    (folder / "__main__.py").write_text(program.text, encoding="utf-8")
    steps = [f"export PULUMI_SKIP_CONFIRMATIONS=true ENDPOINT={emulator.url}"]
    for line in section.partition("```sh\n")[2].partition("```")[0].splitlines():
        # The package is there already, and who is asked answers.
        if not re.search(r"\bpip install\b|-m venv\b", line):
            asked = re.search(r"--secret alicloud-mps:(\w+)", line)
            steps.append(f"echo {answers[asked[1]]} | {line}" if asked else line)
        if line.startswith("pulumi stack init"):
            steps.append('pulumi config set alicloud-mps:endpoint "$ENDPOINT"')

    done = subprocess.run(
        ["/bin/bash", "-e", "-o", "pipefail", "-c", "\n".join(steps)],
        cwd=folder,
        env=guided_in(tmp_path),
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything works." in done.stdout
    assert mps.only_library()["FpDBId"] in done.stdout
    assert "secretKey:\n    secure: " in (folder / "Pulumi.dev.yaml").read_text(encoding="utf-8")


def test_comments_on_pull_requests(stack: PulumiStack, mps: ControlApi) -> None:
    """The guide's commands make comments of a preview and of a refresh."""
    preview, _ = snippets("sh", "pull-requests.md")
    (drift,) = snippets("sh", "drift.md")
    stack.program('FpShotDB("films")')
    stack.up().succeeded()
    stack.program('FpShotDB("films", description="new")')

    stack.shell(preview.text).succeeded()

    comment = (stack.folder / "comment.md").read_text(encoding="utf-8")
    assert comment.startswith("### `catalogue/dev`: 1 library replaced\n")
    stack.program('FpShotDB("films")')
    mps.set_state(mps.only_library()["FpDBId"], "paused")
    drifted = stack.shell(drift.text)
    assert drifted.code == 4, drifted.output
    assert "`state`: `active` → `paused`" in drifted.output


def test_there_are_some() -> None:
    """Snippets are found, of either kind."""
    assert {item.is_program for item in SNIPPETS} == {True, False}
