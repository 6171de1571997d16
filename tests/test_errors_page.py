"""The page of errors has what users see, by the keys in which messages end."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import pulumi_alicloud_mps
from pulumi_alicloud_mps import errors
from pulumi_alicloud_mps.errors import ApiError, LibraryError, MpsError, WaitError

PAGE = (Path(__file__).parents[1] / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
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


def quoted() -> list[str]:
    """Return what the page quotes of messages."""
    seen = [line.split(" | ")[0] for line in PAGE.splitlines() if line.startswith("| ")]
    found = [text for cell in seen for text in _CODE.findall(cell)]
    return [text.strip("… ") for text in found if " " in text]


@pytest.mark.parametrize("text", quoted())
def test_what_is_quoted_is_said(text: str) -> None:
    """A message that the page quotes is one that the code can say."""
    assert text in texts()


def test_every_key_is_a_heading() -> None:
    """Each error that can be raised ends in the key of a section, and each section has one."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    bases = {MpsError, ApiError, WaitError, LibraryError}
    keys = {
        kind.__new__(kind).key for kind in kinds if issubclass(kind, MpsError) and kind not in bases
    }
    assert keys == set(re.findall(r"^### (.+)$", PAGE, re.MULTILINE))
