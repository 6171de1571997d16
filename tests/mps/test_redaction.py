"""Texts of other people: what of them is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicloud_mps.mps.redaction import redact, texts_within


@given(st.text(), st.text(), st.from_regex(r"[A-Za-z0-9+/=]{8,40}", fullmatch=True))
def test_a_secret_is_found(before: str, after: str, secret: str) -> None:
    """A text is redacted of the secret whatever surrounds it."""
    assert secret not in redact(f"{before}{secret}{after}", [secret])


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("the name a is taken", "a", "the name … is taken"),
        ("name=a&x", "a", "name=…&x"),
        ("named parade-2024", "parade", "named …-2024"),
        ("named hit\n parade", "hit   parade", "named …"),
        ("Name=hit%20parade", "hit parade", "Name=…"),
        ('{"Name": "a \\"b\\""}', 'a "b"', '{"Name": "…"}'),
        ("nothing", " ", "nothing"),
    ],
)
def test_a_value_is_hidden(text: str, value: str, shown: str) -> None:
    """What a program chose is hidden in each form, and a short name spoils no other word."""
    assert redact(text, (), [value]) == shown


def test_the_texts_of_a_config() -> None:
    """A configuration is hidden as a whole, and each text in it."""
    config = '{"a": ["x", 1, {"b": "y"}], "c": ""}'
    assert texts_within(config) == [config, "x", "y"]
    assert texts_within("[" * 100_000) == ["[" * 100_000]
