"""The page of errors has what users see, by the keys in which messages end."""

import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from message_origins import keys_of, keys_of_call, keys_of_classes, name_of, nodes

PAGE = (Path(__file__).parents[1] / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")

_CODE = re.compile(r"`([^`]+)`")
_COMMANDS = ("pulumi ", "alicloud-mps ")
_ELSEWHERE = {
    "ControlError": "the emulator answers it to whoever calls its control API",
    "EmulatedError": "the emulator answers it in MPS's stead",
    "InvalidInputsError": "raised in a test of a program, with the keys of failed checks",
    "NotReadyError": "has the text of an error that ended in its key already",
    "RunError": "the same",
    "BadParameter": "`Commands` makes a usage error of it",
    "ClickException": "the same as RunError",
}
"""Exceptions without a key of their own, and why."""


def quoted() -> Iterator[tuple[str, str]]:
    """Yield what the page quotes of messages, each with the key that it stands under."""
    for section in re.split(r"^#+ ", PAGE, flags=re.MULTILINE):
        key = section.partition("\n")[0]
        for line in section.splitlines():
            for text in _CODE.findall(line.split(" | ")[0]) if line.startswith("| ") else ():
                if " " in text and not text.startswith(_COMMANDS):
                    yield key, text.strip("… ")


@pytest.mark.parametrize(("key", "text"), list(quoted()))
def test_what_is_quoted_is_said(key: str, text: str) -> None:
    """A message that the page quotes can be said by an error with the key that it stands under."""
    assert key in keys_of(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("holds fingerprints and", "name-taken"),
        ("can't listen on", "usage"),
        ("no one says", "bug"),
    ],
)
def test_a_misplaced_quote_is_found(text: str, key: str) -> None:
    """A quote under another error's key, or of nothing that is said, fails."""
    assert key not in keys_of(text)


def test_every_key_is_a_heading() -> None:
    """Each error that can be raised ends in the key of a section, and each section has one."""
    said = {key for node in nodes() if isinstance(node, ast.Call) for key in keys_of_call(node)}
    assert said | {*keys_of_classes().values()} == set(
        re.findall(r"^### (.+)$", PAGE, re.MULTILINE)
    )


def exceptions() -> Iterator[ast.Call]:
    """Yield where the package makes an exception that is none of Python's own."""
    calls = (node for node in nodes() if isinstance(node, ast.Call))
    for call in calls:
        is_exception = re.fullmatch(r"[A-Z]\w*(Error|Exception|Parameter)", name_of(call))
        if is_exception and not hasattr(builtins, name_of(call)):
            yield call


def test_every_exception_has_a_key() -> None:
    """Whatever the package raises ends in a key, or is Python's own, or is shown elsewhere."""
    keyless = {name_of(call) for call in exceptions() if not keys_of_call(call)}
    assert keyless == _ELSEWHERE.keys()


@pytest.mark.parametrize("name", ["ClickException", "RunError"])
def test_what_others_show_ends_in_a_key(name: str) -> None:
    """An exception of click's or Pulumi's own is raised with a message that ends in its key."""
    shown = [call.args[0] for call in exceptions() if name_of(call) == name]
    assert shown
    assert {name_of(message) for message in shown} <= {"keyed", "with_key"}
