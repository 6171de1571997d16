"""The ways out of errors of the client."""

import ast
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

import pulumi_alicloud_mps
from core import Core
from mps.creations import SPEC
from pulumi_alicloud_mps.errors import (
    IDENTITY,
    DeletionRefusedError,
    MpsError,
    NotSentError,
    NoTurnError,
    OutcomeUnknownError,
    RefusedError,
)
from pulumi_alicloud_mps.mps.client import MpsClient
from pulumi_alicloud_mps.mps.models import Library
from pulumi_alicloud_mps.operations import advice

_PACKAGE = Path(pulumi_alicloud_mps.__file__).parent
_CORE = [_PACKAGE / "errors.py", *sorted((_PACKAGE / "mps").glob("*.py"))]
_PULUMI = re.compile(
    r"pulumi(?![-_]alicloud)|`alicloud|alicloud-mps:|\bstacks?\b|\bprograms?\b|\bresources?\b"
    r"|state file|\badopt(s|ed)?\b|force_destroy|\brecover\b|preview|refresh|custom.?timeouts"
    r"|retain_on_delete|--",
    re.IGNORECASE,
)
_FEWER = "; try again with fewer resources at a time (--parallel) or a longer timeout"


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
    assert set(advice._ADVICE_BY_SITUATION) <= said


def test_the_source_of_the_account_is_advised() -> None:
    """Where the account check alone fails, the settings that replace it are named, nothing else."""
    told = "; only the account check, a call to STS, failed: set alicloud-mps:accountId to the"
    for error in (
        NotSentError(IDENTITY, "why"),
        OutcomeUnknownError(IDENTITY, "why"),
        RefusedError(IDENTITY, "why", code="Forbidden.RAM"),
    ):
        assert advice.advised(error).startswith(f"{error}{told}")
        assert str(error).endswith(": why")
    rejected = RefusedError(IDENTITY, "why", code="SignatureDoesNotMatch")
    assert advice.advised(rejected).endswith("why; check the secret of the access key")


def delete(core: Core, fail: Callable[[str], None]) -> None:
    """Delete a library whose content can't be looked at."""
    fail("has_files")
    full = Library(core.store().id, "songs", 13, "active")
    core.libraries.delete(full, force=False, deadline=math.inf)


def wait(core: Core, fail: Callable[[str], None]) -> None:
    """Wait for a library that can't be looked up."""
    fail("list_libraries")
    new = Library("a" * 32, "songs", 12, "offline")
    core.libraries.wait_until_active(new, core.clock.now() + 1)


def create(core: Core, fail: Callable[[str], None]) -> None:
    """Create a library that can't be looked for when the answer is lost."""
    core.presence.listing.recent(math.inf)
    core.relay.lose("CreateFpShotDB", 1)
    fail("list_libraries")
    core.creation.create(SPEC, math.inf)


@pytest.mark.parametrize(
    ("call", "quoted"),
    [
        (delete, "because its content can't be checked ({}); nothing was deleted"),
        (wait, "could not be checked for 1 s (the last check failed: {}); run"),
        (create, "can't be determined ({}), and the create was not retried"),
    ],
)
def test_a_quoted_error_is_advised_where_it_is_quoted(
    core: Core,
    monkeypatch: pytest.MonkeyPatch,
    call: Callable[[Core, Callable[[str], None]], None],
    quoted: str,
) -> None:
    """An error in the message of another one has its own way out there, and once."""
    late = NoTurnError("ListFpShotDB", "rate limit", transient=True)

    def no_turn(*_: object, **__: object) -> NoReturn:
        raise late

    with pytest.raises(MpsError) as caught:
        call(core, lambda name: monkeypatch.setattr(MpsClient, name, no_turn))
    outer = DeletionRefusedError(f"{caught.value}. Nothing was created")
    outer.__cause__ = caught.value
    for error in (caught.value, outer):
        assert quoted.format(f"{late}{_FEWER}") in advice.advised(error)
        assert advice.advised(error).count(_FEWER) == 1


def test_other_errors_stand_alone() -> None:
    """An error without a situation is shown as it is, with its key."""
    assert advice.keyed(MpsError("as it is")) == "as it is [mps]"
