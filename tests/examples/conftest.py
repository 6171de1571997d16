"""A checkout for each test."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from examples.guide import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return a copy of the examples."""
    # An ignored SIGINT would be inherited, and each plugin take 5 s to stop.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return Checkout(tmp_path / "checkout")
