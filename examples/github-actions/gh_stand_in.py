"""Stands in for GitHub's `gh api` where run_locally.py runs a workflow: comments are files."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

LIMIT = 65_536
"""GitHub refuses longer comments."""


def main(arguments: list[str]) -> None:
    """List, create or change the comments of the one pull request that there is."""
    folder = Path(os.environ["LOCAL_COMMENTS"])
    folder.mkdir(exist_ok=True)
    if "--method" not in arguments:
        sys.stdout.write(json.dumps([[_comment(path) for path in sorted(folder.glob("*.md"))]]))
        return
    method = arguments[arguments.index("--method") + 1]
    (path,) = [item for item in arguments if item.startswith("repos/")]
    (body,) = [item for item in arguments if item.startswith("body=@")]
    text = Path(body.removeprefix("body=@")).read_text(encoding="utf-8")
    if len(text) > LIMIT:
        sys.exit(f"Body is too long (maximum is {LIMIT} characters)")
    number = path.rpartition("/")[2] if method == "PATCH" else str(len(list(folder.iterdir())) + 1)
    (folder / f"{number}.md").write_text(text, encoding="utf-8")


def _comment(path: Path) -> dict[str, object]:
    return {
        "id": int(path.stem.partition("-")[0]),
        # A test may put in a comment of somebody else, as 7-octocat.md.
        "user": {"login": path.stem.partition("-")[2] or "github-actions[bot]"},
        "body": path.read_text(encoding="utf-8").rstrip(),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
