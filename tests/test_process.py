"""What a provider's process does while it loads, and leaves as it was."""

import gc
import os
from contextlib import suppress

import pytest

from pulumi_alicloud_mps.process import quick_loading


@pytest.mark.parametrize("before", [None, "logfire"])
def test_others_keep_their_plugins(before: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is loaded does without plugins, also where loading fails."""
    monkeypatch.delenv("PYDANTIC_DISABLE_PLUGINS", raising=False)
    if before is not None:
        monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", before)
    with suppress(ImportError), quick_loading():
        assert os.environ["PYDANTIC_DISABLE_PLUGINS"] == "__all__"
        assert not gc.isenabled()
        raise ImportError
    assert os.environ.get("PYDANTIC_DISABLE_PLUGINS") == before
    assert gc.isenabled()


def test_what_is_loaded_is_left_alone() -> None:
    """What is loaded takes part in no later collection."""
    try:
        with quick_loading():
            loaded: list[object] = [[]]
        assert not any(item is loaded for item in gc.get_objects())
    finally:
        gc.unfreeze()
