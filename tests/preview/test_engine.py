"""The real engine still writes what the recordings have."""

import pytest

from preview.record import RECORDINGS, commented, recorded

SOME = [
    "create-markdown",
    "replace-several",
    "replace-filled",
    "infra",
    "drift-streamed",
    "failed-inputs",
    "native-plan",
    "native-moved",
]


@pytest.mark.parametrize("name", SOME)
def test_engine(name: str) -> None:
    """A preview made now gets the comment that was reviewed."""
    expected = (RECORDINGS / f"{name}.md").read_text(encoding="utf-8")
    actual = commented(name, recorded(name))
    assert actual == expected
