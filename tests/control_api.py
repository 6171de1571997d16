"""The emulator's control API, as a test of this package uses it."""

import time
from typing import Any

from pulumi_alicloud_mps.testing import MpsEmulator


class ControlApi(MpsEmulator):
    """What users' tests have, and what only ours need."""

    def only_library(self) -> dict[str, Any]:
        """Return the one library that there should be."""
        (library,) = self.libraries()
        return library

    def await_calls(self, action: str, count: int = 1, **parameters: str | None) -> None:
        """Wait until an action was called so often: with these parameters, or without any."""

        def seen() -> bool:
            found = [
                request
                for request in self.requests()
                if request["Action"] == action
                and all(request["Parameters"].get(key) == parameters[key] for key in parameters)
            ]
            return len(found) >= count

        end_at = time.monotonic() + 60
        while not seen():
            assert time.monotonic() < end_at, self.calls()
            time.sleep(0.02)
