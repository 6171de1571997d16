"""The plugin's process, as the engine starts and leaves it."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress

from environment import built

_PATIENCE = 30


def test_a_plugin_that_was_left_behind_ends() -> None:
    """A plugin whose CLI was killed before it called anything stops by itself."""
    with socket.create_server(("127.0.0.1", 0)) as engine:
        engine.settimeout(_PATIENCE)
        address = f"127.0.0.1:{engine.getsockname()[1]}"
        plugin = f"'{sys.executable}' -u -m pulumi_alicloud_mps.native {address}"
        with subprocess.Popen(
            ["/bin/sh", "-c", f"{plugin} & wait"],
            env=built(),
            stdout=subprocess.PIPE,
            start_new_session=True,
        ) as cli:
            assert cli.stdout is not None
            try:
                assert cli.stdout.readline().strip().isdigit()
                # From here on it looks after whoever started it.
                engine.accept()[0].close()
                cli.kill()
                cli.wait()
                # The pipe is open as long as the plugin runs.
                assert cli.stdout.read() == b""
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(cli.pid, signal.SIGKILL)
