"""The ways out of errors of the client."""

import ast
import re
from pathlib import Path

import pulumi_alicloud_mps
from pulumi_alicloud_mps.errors import MpsError
from pulumi_alicloud_mps.operations import advice

_CORE = sorted((Path(pulumi_alicloud_mps.__file__).parent / "mps").glob("*.py"))
_PULUMI = re.compile(
    r"pulumi(?![-_]alicloud)|`alicloud|\bstacks?\b|state file|\badopts?\b|force_destroy|\brecover\b"
    r"|preview|custom.?timeouts|retain_on_delete|--",
    re.IGNORECASE,
)


def texts(file: Path) -> list[str]:
    """Return the texts of a module that are no docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documents
    ]


def test_the_client_does_not_speak_of_pulumi() -> None:
    """No module of the client has a word of Pulumi's: it serves whatever calls it."""
    said = {file.name: _PULUMI.findall(file.read_text(encoding="utf-8")) for file in _CORE}
    assert not any(said.values()), said


def test_every_situation_has_a_way_out() -> None:
    """What the client calls a situation is one that there is advice for, and all of them occur."""
    said = {text for file in _CORE for text in texts(file)}
    assert set(advice._WAYS_OUT) <= said


def test_other_errors_stand_alone() -> None:
    """An error without a situation is told as it is, with its key."""
    assert advice.keyed(MpsError("as it is")) == "as it is [mps]"
