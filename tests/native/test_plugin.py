"""The plugin's process, as the engine starts and leaves it."""

import signal
import subprocess
import sys

import grpc
from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import provider_pb2_grpc

from environment import built


def test_a_plugin_that_was_left_behind_ends() -> None:
    """A plugin whose CLI was killed before it configured anything stops by itself."""
    plugin = f"'{sys.executable}' -u -m pulumi_alicloud_mps.native 127.0.0.1:1"
    with subprocess.Popen(
        ["/bin/sh", "-c", f"{plugin} & wait"], env=built(), stdout=subprocess.PIPE, text=True
    ) as cli:
        assert cli.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{int(cli.stdout.readline())}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=60).version
        cli.send_signal(signal.SIGKILL)
        # The pipe is open as long as the plugin runs.
        assert cli.stdout.read() == ""
