"""The plugin's process, as the engine starts and leaves it."""

import os
import select
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer, ResourceProviderStub

from environment import built
from host_process import eventually
from pulumi_alicloud_mps.native import plugin, provider

_PATIENCE = 30


def test_a_plugin_that_was_left_behind_ends() -> None:
    """A plugin whose CLI was killed as soon as it knew the port stops by itself."""
    # Nobody listens there.
    command = f"'{sys.executable}' -u -m pulumi_alicloud_mps.native 127.0.0.1:1"
    with subprocess.Popen(
        ["/bin/sh", "-c", f"{command} & wait"],
        env=built(),
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as cli:
        assert cli.stdout is not None
        try:
            assert cli.stdout.readline().strip().isdigit()
            cli.kill()
            cli.wait()
            # The pipe is open as long as the plugin runs.
            assert select.select([cli.stdout], [], [], _PATIENCE)[0]
            assert cli.stdout.read() == b""
        finally:
            with suppress(ProcessLookupError):
                os.killpg(cli.pid, signal.SIGKILL)


@pytest.mark.portability
def test_the_process_loads_no_sdk(tmp_path: Path) -> None:
    """The process that the engine starts has Pulumi's protocol, and nothing else of its SDK."""
    log = tmp_path / "imports"
    command = [sys.executable, "-X", "importtime", "-u", "-m", "pulumi_alicloud_mps.native", "-"]
    with (
        log.open("w", encoding="utf-8") as imports,
        subprocess.Popen(command, env=built(), stdout=subprocess.PIPE, stderr=imports) as process,
    ):
        assert process.stdout is not None
        try:
            port = process.stdout.readline().decode().strip()
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                ResourceProviderStub(channel).GetPluginInfo(Empty(), timeout=_PATIENCE)
        finally:
            process.kill()
    lines = log.read_text(encoding="utf-8").splitlines()
    loaded = {line.rpartition("|")[2].strip() for line in lines}
    assert {"pulumi.runtime.proto", "pulumi_alicloud_mps.native.provider"} <= loaded
    assert not {"pulumi.output", "pulumi.resource", "pulumi.runtime.rpc"} & loaded


def test_a_call_waits_for_the_main_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that comes before the provider is loaded does not load it in a thread of gRPC."""
    loaded_by = []

    def make(_: int) -> ResourceProviderServicer:
        loaded_by.append(threading.current_thread())
        return ResourceProviderServicer()

    monkeypatch.setattr(provider, "NativeProvider", make)
    handlers = plugin._Handlers()
    call = SimpleNamespace(method="/pulumirpc.ResourceProvider/Check", invocation_metadata=())
    with ThreadPoolExecutor(1) as pool:
        early = pool.submit(handlers.service, call)
        eventually(early.running)
        handlers.load(os.getppid())
        assert early.result() is not None
    assert loaded_by == [threading.current_thread()]
