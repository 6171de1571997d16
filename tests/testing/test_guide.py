"""docs/how-to/test-your-stacks.md, whose snippets are a project's tests."""

import re
import subprocess
import sys
from pathlib import Path

from pulumi_stack import COMMAND_SECONDS, environment_in

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "test-your-stacks.md"


def test_snippets(tmp_path: Path) -> None:
    """Every snippet of the guide passes in a project of its own, where warnings are errors."""
    text = GUIDE.read_text(encoding="utf-8")
    snippets = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", text, re.DOTALL))
    assert len(snippets) == text.count("```python") == 6
    for name, code in snippets.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    arguments = ["-W", "error", "--rootdir", str(tmp_path), "-p", "no:cacheprovider"]

    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, str(tmp_path)],
        cwd=tmp_path,
        env=environment_in(tmp_path),
        check=False,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
    )

    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout
