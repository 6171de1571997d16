"""What the provider's process loads, and when."""

import pytest

from fronts.stack import Host, checked, up
from host_process import HostProcess

# Has the interpreter write a line to stderr for each module that it imports.
_TELL_IMPORTS = {"PYTHONPROFILEIMPORTTIME": "1"}
_HEAVY = {"aliyunsdkcore", "alibabacloud_credentials", "aiohttp", "requests"}


def loaded(host: HostProcess) -> set[str]:
    """Return which heavy packages a process has loaded."""
    lines = host.written.splitlines()
    modules = {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}
    assert "pulumi_alicloud_mps.operations.lifecycle" in modules
    return {module.partition(".")[0] for module in modules} & _HEAVY


@pytest.mark.portability
def test_a_preview_without_changes_loads_no_sdk(host: Host, name: str) -> None:
    """Checking and comparing loads neither the SDK nor the credentials, and calls nobody."""
    songs = up(host, name=name)
    host.mps.forget_calls()
    with HostProcess(host.mps.config, environ=_TELL_IMPORTS) as fresh:
        news = checked(fresh, songs.inputs, songs.inputs)
        fresh.diff(songs.id, songs.outputs, news)
        assert loaded(fresh) == set()
        assert host.mps.calls() == []
        fresh.read(songs.id, songs.outputs)
        assert loaded(fresh) == {"aliyunsdkcore", "requests"}
