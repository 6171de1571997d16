"""The machine's own clock, and how it stops."""

import threading

import pytest

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import StoppedError


def test_time_passes() -> None:
    """Sleeping and waiting let the clock's own time pass."""
    clock = Clock()
    before = clock.now()
    clock.sleep(0.01)
    condition = threading.Condition()
    with condition:
        clock.wait(condition, 0.01)
    assert 0.02 <= clock.now() - before < 10


def test_stopping() -> None:
    """A stopped clock lets nothing begin, and no time pass."""
    stopping = threading.Event()
    clock = Clock(stopping)
    clock.check()
    stopping.set()
    condition = threading.Condition()
    with pytest.raises(StoppedError):
        clock.check()
    with pytest.raises(StoppedError):
        clock.sleep(600)
    with condition, pytest.raises(StoppedError):
        clock.wait(condition, 600)


def test_stopping_a_sleep() -> None:
    """A stop ends a sleep that has begun."""
    stopping = threading.Event()
    clock = Clock(stopping)
    timer = threading.Timer(0.01, stopping.set)
    timer.start()
    with pytest.raises(StoppedError):
        clock.sleep(600)
    timer.join()
