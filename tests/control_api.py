"""The emulator's control API, as a test uses it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class ControlApi:
    """What is behind an emulator's API, over HTTP."""

    url: str

    def libraries(self, *, deleted: bool = False) -> list[dict[str, Any]]:
        """Return the libraries of all regions."""
        found = self._call("GET", "libraries" + ("?deleted=true" if deleted else ""))
        return list(found)

    def only_library(self) -> dict[str, Any]:
        """Return the one library that there should be."""
        (library,) = self.libraries()
        return library

    def account_id(self) -> str:
        """Return the ID of the account."""
        return str(self._call("GET", "health")["AccountId"])

    def requests(self) -> list[dict[str, Any]]:
        """Return the record of calls, in order."""
        return list(self._call("GET", "requests"))

    def calls(self) -> list[str]:
        """Return the actions that were called, in order."""
        return [request["Action"] for request in self.requests()]

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

        end_at = time.monotonic() + 20
        while not seen():
            assert time.monotonic() < end_at, self.calls()
            time.sleep(0.02)

    def forget_calls(self) -> None:
        """Empty the record of calls."""
        self._call("DELETE", "requests")

    def reset(self) -> None:
        """Forget all libraries and calls; settings and faults are those of the start."""
        self._call("POST", "reset")

    def change_settings(self, **settings: object) -> None:
        """Change the emulator's settings."""
        self._call("PATCH", "settings", settings)

    def fill(self, fp_db_id: str, count: int = 1) -> None:
        """Put media into a library."""
        self._call("POST", f"libraries/{fp_db_id}/files", {"count": count})

    def set_state(self, fp_db_id: str, state: str) -> None:
        """Put a library into a state."""
        self._call("POST", f"libraries/{fp_db_id}/state", {"State": state})

    def set_faults(self, *faults: dict[str, object]) -> None:
        """Replace the script of faults; without any, every call is answered again."""
        self._call("POST", "faults", list(faults))

    def add_library(self, **properties: object) -> str:
        """Create a library behind everybody's back, and return its ID."""
        return str(self._call("POST", "libraries", properties)["FpDBId"])

    def _call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        try:
            connection.request(
                method,
                f"/_mps/{path}",
                body=None if body is None else json.dumps(body),
                headers={"Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        assert answer.status < 300, text
        return json.loads(text) if text else None
