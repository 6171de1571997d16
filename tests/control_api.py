"""The emulator as a test of this package looks into it and changes it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings
from pulumi_alicloud_mps.testing import MpsEmulator


class ControlApi(MpsEmulator):
    """What users' tests have, and what only ours need."""

    def only_library(self) -> dict[str, Any]:
        """Return the one library that there should be."""
        (library,) = self.libraries()
        return library

    def config_with(self, **changes: str) -> dict[str, str]:
        """Return the configuration of a stack with these changes; an empty value leaves one out."""
        changed = {f"alicloud-mps:{key}": value for key, value in changes.items()}
        return {key: value for key, value in {**self.config, **changed}.items() if value}

    def library(self, fp_db_id: str) -> dict[str, Any] | None:
        """Return a library that is there, or None."""
        return next((item for item in self.libraries() if item["FpDBId"] == fp_db_id), None)

    def named(self, name: str) -> list[str]:
        """Return the IDs of the libraries of that name."""
        return [item["FpDBId"] for item in self.libraries() if item["Name"] == name]

    def settings(self) -> dict[str, Any]:
        """Return the settings."""
        return dict(self._call("GET", "settings"))

    @contextmanager
    def changed(self, **settings: object) -> Iterator[None]:
        """Have other settings for a while."""
        before = self.settings()
        self.change_settings(**settings)
        yield
        self.change_settings(**{key: before[key] for key in settings})

    @contextmanager
    def faulty(self, *rules: Mapping[str, object]) -> Iterator[None]:
        """Have calls fail for a while."""
        self.set_faults(*rules)
        yield
        self.set_faults()

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


class Behind:
    """An emulator of this process: also what the real MPS has no action for can be changed."""

    emulator: Emulator

    def rewrite(self, fp_db_id: str, **columns: object) -> None:
        """Have a library be another one."""
        assignments = ", ".join(f"{column} = ?" for column in columns)
        statement = f"UPDATE libraries SET {assignments} WHERE id = ?"  # noqa: S608 - own columns
        self._execute(statement, *columns.values(), fp_db_id)

    def empty(self, fp_db_id: str) -> None:
        """Take all fingerprints out of a library."""
        self._execute("DELETE FROM files WHERE library_id = ?", fp_db_id)

    def erase(self, fp_db_id: str) -> None:
        """Make MPS forget a library altogether, so that it answers NonExistIds."""
        self._execute("DELETE FROM libraries WHERE id = ?", fp_db_id)

    def _execute(self, statement: str, *values: object) -> None:
        with self.emulator.model._database.write() as connection:
            connection.execute(statement, values)


@dataclass(frozen=True)
class LocalMps(ControlApi, Behind):
    """Such an emulator, and its API."""

    emulator: Emulator


@contextmanager
def local_mps(**settings: object) -> Iterator[LocalMps]:
    """Serve an MPS with these settings."""
    with Emulator(settings=EmulatorSettings().changed(settings)) as emulator:
        yield LocalMps(emulator.url, emulator)
