"""Which resource of the program has which library: none may belong to two."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from pulumi_alicloud_mps.errors import ContradictionError


@dataclass(frozen=True)
class _Claim:
    urn: str
    adopts: bool
    has: bool


class Ownership:
    """The libraries that the resources of a program have, as far as this run has seen them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_id: dict[str, _Claim] = {}

    def claim(self, fp_db_id: str, urn: str, *, adopts: bool, has: bool) -> None:
        """Record that a resource `has` a library, or wants to adopt it.

        It `adopts` one that it has not created itself.

        Raises:
            ContradictionError: Another resource has it, or wants it.
        """
        with self._lock:
            holder = self._by_id.get(fp_db_id)
            if holder is None or (holder.urn == urn and has):
                holder = self._by_id[fp_db_id] = _Claim(urn, adopts, has)
        if holder.urn != urn:
            raise ContradictionError(
                f"library {fp_db_id} already belongs to another resource in this program"
                f" ({holder.urn}): declare it only once; removing the duplicate from the program"
                " leaves the library untouched"
            )

    def release(self, fp_db_id: str, urn: str) -> None:
        """Record that a resource is to have another library instead."""
        with self._lock:
            holder = self._by_id.get(fp_db_id)
            if holder and holder.urn == urn:
                del self._by_id[fp_db_id]

    def is_of_another(self, fp_db_id: str, urn: str) -> bool:
        """Whether another resource of the program has that library, or wants to adopt it."""
        holder = self._by_id.get(fp_db_id)
        return holder is not None and holder.urn != urn

    def taken_over_by(self, fp_db_id: str, urn: str, *, adopted: bool) -> str | None:
        """Return the other resource that has the library which is to be deleted under this URN.

        Only if it was adopted: on an aliased rename the engine deletes under the old URN what it
        has shown under the new one.

        Raises:
            ContradictionError: Another resource wants to adopt it, and could not until now.
        """
        holder = self._by_id.get(fp_db_id)
        if holder is None or holder.urn == urn or not (holder.adopts or adopted):
            return None
        if not holder.has:
            # If it were forgotten here, no state would have it.
            raise ContradictionError(
                f"library {fp_db_id} was left untouched: {holder.urn} must adopt it first"
                " and has not succeeded; fix that, then run `pulumi up` again"
            )
        return holder.urn
