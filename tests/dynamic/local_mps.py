"""An emulated MPS that a test looks into and changes behind the provider's back."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.request import Request, urlopen

from pulumi_alicloud_mps.emulator import (
    LOCAL_ACCESS_KEY_ID,
    LOCAL_ACCESS_KEY_SECRET,
    Emulator,
    EmulatorSettings,
)

NEVER = 1e6
"""So many seconds no test waits."""

_AT_ONCE = EmulatorSettings(
    activation_seconds=0, deletion_seconds=0, quota=1000, calls_per_second=0, video_creations=0
)


class LocalMps:
    """An account at an emulated MPS, in which everything is done at once unless told otherwise."""

    def __init__(self, folder: Path, settings: EmulatorSettings = _AT_ONCE) -> None:
        self._database = folder / "mps.sqlite"
        self._emulator = Emulator(self._database, settings=settings)

    def __enter__(self) -> Self:
        self._emulator.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Go away; what is called from now on is refused."""
        self._emulator.close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._emulator.url

    def config(self, **changes: str) -> dict[str, str]:
        """Return a stack's configuration for this MPS."""
        values = {
            "endpoint": self.url,
            "region": "cn-shanghai",
            "accessKey": LOCAL_ACCESS_KEY_ID,
            "secretKey": LOCAL_ACCESS_KEY_SECRET,
            **changes,
        }
        return {f"alicloud-mps:{key}": value for key, value in values.items() if value}

    @property
    def account_id(self) -> str:
        """The ID of the account."""
        return str(self._control("GET", "health")["AccountId"])

    @property
    def actions(self) -> list[str]:
        """The actions called since the record was last cleared."""
        return [call["Action"] for call in self._control("GET", "requests")]

    @property
    def refusals(self) -> list[str]:
        """The codes of those calls that were refused."""
        return [call["Code"] for call in self._control("GET", "requests") if call["Code"]]

    @property
    def parameters(self) -> list[dict[str, str]]:
        """The parameters of those calls."""
        return [call["Parameters"] for call in self._control("GET", "requests")]

    def forget_calls(self) -> None:
        """Clear the record of calls."""
        self._control("DELETE", "requests")

    def library(self, fp_db_id: str) -> dict[str, Any] | None:
        """Return a library that is there, or None."""
        libraries = self._control("GET", "libraries")
        return next((item for item in libraries if item["FpDBId"] == fp_db_id), None)

    def named(self, name: str) -> list[str]:
        """Return the IDs of the libraries of that name."""
        libraries = self._control("GET", "libraries")
        return [item["FpDBId"] for item in libraries if item["Name"] == name]

    def put(self, fp_db_id: str, state: str) -> None:
        """Put a library into a state."""
        self._control("POST", f"libraries/{fp_db_id}/state", {"State": state})

    def fill(self, fp_db_id: str, count: int = 1) -> None:
        """Put files into a library."""
        self._control("POST", f"libraries/{fp_db_id}/files", {"count": count})

    def rewrite(self, fp_db_id: str, **columns: object) -> None:
        """Change what the real MPS has no action for."""
        assignments = ", ".join(f"{column} = ?" for column in columns)
        with closing(sqlite3.connect(self._database)) as connection, connection:
            connection.execute(
                f"UPDATE libraries SET {assignments} WHERE id = ?",  # noqa: S608 - own columns
                [*columns.values(), fp_db_id],
            )

    def erase(self, fp_db_id: str) -> None:
        """Make MPS forget a library altogether, so that it answers NonExistIds."""
        with closing(sqlite3.connect(self._database)) as connection, connection:
            connection.execute("DELETE FROM libraries WHERE id = ?", [fp_db_id])

    @contextmanager
    def changed(self, **settings: object) -> Iterator[None]:
        """Have other settings for a while."""
        before = self._control("GET", "settings")
        self._control("PATCH", "settings", settings)
        try:
            yield
        finally:
            self._control("PATCH", "settings", {key: before[key] for key in settings})

    @contextmanager
    def faults(self, *faults: Mapping[str, object]) -> Iterator[None]:
        """Have calls fail for a while."""
        self._control("POST", "faults", faults)
        try:
            yield
        finally:
            self._control("POST", "faults", [])

    def _control(self, method: str, path: str, content: object = None) -> Any:  # noqa: ANN401 - JSON is anything
        body = None if content is None else json.dumps(content).encode()
        request = Request(f"{self._emulator.url}/_mps/{path}", body, method=method)  # noqa: S310 - loopback
        with urlopen(request, timeout=20) as answer:  # noqa: S310 - loopback
            return json.load(answer)
