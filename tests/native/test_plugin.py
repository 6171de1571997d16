"""The plugin's process, as the engine starts and leaves it."""

import os
import select
import signal
import subprocess
import sys
from contextlib import suppress

from environment import built

_PATIENCE = 30


def test_a_plugin_that_was_left_behind_ends() -> None:
    """A plugin whose CLI was killed as soon as it knew the port stops by itself."""
    # Nobody listens there.
    plugin = f"'{sys.executable}' -u -m pulumi_alicloud_mps.native 127.0.0.1:1"
    with subprocess.Popen(
        ["/bin/sh", "-c", f"{plugin} & wait"],
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
