"""The page of errors, and the table of docs/explanation/reliability.md, say what the code says."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import pulumi_alicloud_mps
from pulumi_alicloud_mps.mps import errors
from pulumi_alicloud_mps.mps.errors import MpsError

DOCS = Path(__file__).parents[1] / "docs"
_CODE = re.compile(r"`([^`]+)`")


@cache
def texts() -> str:
    """Return every text of the package's code; what is filled in is `…`."""
    package = Path(pulumi_alicloud_mps.__file__).parent
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in package.rglob("*.py")]
    return "\n".join(_text(node) for tree in trees for node in ast.walk(tree))


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(
            _text(part) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def rows(document: str) -> list[list[str]]:
    """Return the cells of each row of a document's tables."""
    lines = (DOCS / document).read_text(encoding="utf-8").splitlines()
    return [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]


def quoted() -> list[str]:
    """Return what the documents quote of messages."""
    whens = [
        cells[1] for cells in rows("reference/errors.md") if cells[0].strip("`").endswith("Error")
    ]
    seen = [cells[0] for cells in rows("explanation/reliability.md") if cells[0].startswith("`… ")]
    found = [text for cell in [*whens, *seen] for text in _CODE.findall(cell)]
    return [text.strip("… ") for text in found if " " in text]


@pytest.mark.parametrize("text", quoted())
def test_what_is_quoted_is_said(text: str) -> None:
    """A message that the documents quote is one that the code can say."""
    assert text in texts()


def test_every_error_is_explained() -> None:
    """Each class of the tree is in docs/reference/errors.md, and no other."""
    named = set(
        re.findall(r"`(\w+Error)`", (DOCS / "reference/errors.md").read_text(encoding="utf-8"))
    )
    tree = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, MpsError)
    }
    assert named == tree
