"""A running emulator for a test: how a stack reaches it, and its control API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from urllib3 import PoolManager

from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET, Fault

_TIMEOUT = 10.0


@dataclass(frozen=True)
class MpsEmulator:
    """A running emulator; docs/reference/emulator.md has the fields of its libraries and calls.

    Every method raises a ValueError of one line if the emulator refuses the request.

    Attributes:
        url: Where the emulator listens.
    """

    url: str

    @property
    def config(self) -> dict[str, str]:
        """The configuration for a stack: endpoint, region (cn-shanghai) and the emulator's keys."""
        return {
            "alicloud-mps:endpoint": self.url,
            "alicloud-mps:region": "cn-shanghai",
            "alicloud-mps:accessKey": LOCAL_ACCESS_KEY_ID,
            "alicloud-mps:secretKey": LOCAL_ACCESS_KEY_SECRET,
        }

    def account_id(self) -> str:
        """Return the ID of the account that its libraries belong to."""
        return str(self._call("GET", "health")["AccountId"])

    def libraries(self, *, deleted: bool = False) -> list[dict[str, Any]]:
        """Return the libraries of all regions, and with `deleted` also the deleted ones."""
        return list(self._call("GET", "libraries" + ("?deleted=true" if deleted else "")))

    def add_library(self, **properties: object) -> str:
        """Create a library that no stack knows, active at once, and return its FpDBId.

        Args:
            properties: `Name`, and optionally `ModelId`, `Description`, `Config` (text) and
                `Region`.
        """
        return str(self._call("POST", "libraries", properties)["FpDBId"])

    def fill(self, fp_db_id: str, count: int = 1) -> None:
        """Put made-up media into a library: 1 to 10,000 files."""
        self._call("POST", f"libraries/{fp_db_id}/files", {"count": count})

    def set_state(self, fp_db_id: str, state: str) -> None:
        """Set the state of a library: `offline`, `active`, `paused` or, for good, `deleted`."""
        self._call("POST", f"libraries/{fp_db_id}/state", {"State": state})

    def set_faults(self, *faults: Fault | Mapping[str, object]) -> None:
        """Replace the script of faults; without arguments, no call fails any more."""
        script = [fault.to_dict() if isinstance(fault, Fault) else fault for fault in faults]
        self._call("POST", "faults", script)

    def faults(self) -> list[dict[str, Any]]:
        """Return the script of faults, each rule with `fired`: how many calls it has changed."""
        return list(self._call("GET", "faults"))

    def change_settings(self, **settings: object) -> None:
        """Change the emulator's settings, such as `quota` or `activation_seconds`."""
        self._call("PATCH", "settings", settings)

    def requests(self) -> list[dict[str, Any]]:
        """Return the record of calls, in order."""
        return list(self._call("GET", "requests"))

    def calls(self) -> list[str]:
        """Return the actions that were called, in order."""
        return [request["Action"] for request in self.requests()]

    def forget_calls(self) -> None:
        """Empty the record of calls."""
        self._call("DELETE", "requests")

    def reset(self) -> None:
        """Forget all libraries and calls; settings and faults are those of the start."""
        self._call("POST", "reset")

    def _call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        # A pool of its own: one for all would keep connections to emulators that are gone.
        with PoolManager(timeout=_TIMEOUT, retries=False) as pool:
            answer = pool.request(method, f"{self.url}/_mps/{path}", json=body)
            content = answer.json()
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise ValueError(content["error"])
        return content
