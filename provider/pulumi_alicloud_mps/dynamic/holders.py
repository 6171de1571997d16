"""Which resource of a run has which library: none may belong to two."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from pulumi_alicloud_mps.mps.errors import ContradictionError


@dataclass(frozen=True)
class _Holder:
    urn: str
    adopts: bool


class Holders:
    """The libraries that the resources of a program have, as far as this run has seen them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_id: dict[str, _Holder] = {}

    def hold(self, fp_db_id: str, urn: str, *, adopts: bool) -> None:
        """Take note that a resource has a library, by `adopt` or by having created it.

        Raises:
            ContradictionError: Another resource has it.
        """
        with self._lock:
            holder = self._by_id.setdefault(fp_db_id, _Holder(urn, adopts))
        if holder.urn != urn:
            raise ContradictionError(
                f"library {fp_db_id} belongs to another resource of this program already"
                f" ({holder.urn}): declare it once; what is removed from the program leaves the"
                " library as it is"
            )

    def keeps(self, fp_db_id: str, urn: str, *, adopted: bool) -> bool:
        """Whether another resource has the library that is to be deleted under this URN.

        Only of an adopted one: on an aliased rename the engine deletes under the old URN what it
        has shown under the new one.
        """
        with self._lock:
            holder = self._by_id.get(fp_db_id)
        return holder is not None and holder.urn != urn and (holder.adopts or adopted)
