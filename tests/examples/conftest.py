"""A checkout for each test."""

from pathlib import Path

import pytest

from examples.guide import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return a copy of the examples."""
    return Checkout(tmp_path / "checkout")
