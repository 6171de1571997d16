"""Every Python snippet of the documentation works as it stands there."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from control_api import ControlApi
from documents import Snippet, snippets
from pulumi_stack import PulumiStack

EXAMPLE_ID = "0f3c9b7a5d1e4c2f8a6b0d9e7c5f1a23"
"""In the documentation, the ID of a library that exists."""

EXAMPLE_ADDRESS = "127.0.0.1:8014"
"""In the documentation, where an emulator listens."""

SNIPPETS = list(snippets("python"))


@pytest.mark.parametrize("snippet", [item for item in SNIPPETS if item.is_program], ids=str)
def test_a_program_of_the_documentation(
    stack: PulumiStack, mps: ControlApi, snippet: Snippet
) -> None:
    """A program is created, is unchanged when it is repeated, and is destroyed."""
    existing = mps.add_library(Name="shared")
    for key, value in snippet.config.items():
        stack.run("config", "set", "--secret", key, value).succeeded()
    text = snippet.text.replace(EXAMPLE_ID, existing)
    (stack.folder / "__main__.py").write_text(text, encoding="utf-8")

    stack.up().succeeded()
    stack.preview("--expect-no-changes").succeeded()
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


def test_there_are_some() -> None:
    """Snippets are found, of either kind."""
    assert {item.is_program for item in SNIPPETS} == {True, False}
