"""What the operations of one provider process share."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.settings.reader import ConfigReader, Settings, read_settings
from pulumi_alicloud_mps.settings.schema import PROVIDER_NAME
from pulumi_alicloud_mps.state.journal import CreateJournal

from .call import Messages
from .ownership import Ownership
from .stack_entries import StackEntries, read_state

_LOCAL_NOTICE = "alicloud-mps: the endpoint is local, nothing is created at Alibaba Cloud"


class Context:
    """The settings, the client of MPS, and what the operations of this run have seen.

    Attributes:
        provider: The name of an explicit provider; empty for the default one.
        journal: The creates that were requested from MPS.
        ownership: Which resource of the program has which library.
        entries: Which resource has which library in the stack's state.
    """

    def __init__(self, config: ConfigReader, clock: Clock, messages: Messages) -> None:
        self.provider = str(config(PROVIDER_NAME) or "")
        self.clock = clock
        self.journal = CreateJournal(Path.cwd(), messages.warning)
        self.messages = messages
        self.ownership = Ownership()
        self.entries = StackEntries(read_state, clock)
        self._config = config
        self._lock = threading.RLock()
        self._settings: Settings | None = None
        self._service: Service | None = None

    @property
    def settings(self) -> Settings:
        """The settings, read when they are first needed."""
        with self._lock:
            if self._settings is None:
                self._settings = read_settings(self._config, os.environ)
                if self._settings.local:
                    self.messages.info(_LOCAL_NOTICE)
            return self._settings

    @property
    def service(self) -> Service:
        """The client of MPS: one only, as it remembers what this process created and deleted."""
        with self._lock:
            if self._service is None:
                self._service = Service(self.settings.open(), self.clock, self.messages.call)
            return self._service
