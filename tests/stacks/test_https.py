"""A stack whose MPS is called by HTTPS, as the real one is."""

from __future__ import annotations

import re
from pathlib import Path

from certificates import self_signed
from pulumi_alicloud_mps.emulator import Emulator
from pulumi_stack import PulumiStack
from relay import Relay

_ENGINE = re.compile(
    r"|@ updating\.+|Updating \(dev\):|Resources:|    \+ 2 created|Duration: .*"
    r"| \+  pulumi:pulumi:Stack catalogue-dev creat(ing|ed) \(.*s\)"
    r"| \+  pulumi-python:dynamic/alicloud-mps:FpShotDB songs creat(ing|ed) \(.*s\)"
    r"( \w+ (after|for) \d+ s)?"
)


def test_calls_are_shown_where_pulumi_debugs(
    emulator: Emulator, stack: PulumiStack, tmp_path: Path
) -> None:
    """An `up` by HTTPS sends the server's name, and prints calls only with `--debug`."""
    context, public = self_signed(tmp_path, "localhost")
    names: list[str | None] = []
    context.sni_callback = lambda _, name, __: names.append(name)
    stack.program('FpShotDB("songs", model_id=FpModel.AUDIO)')
    with Relay(emulator.url, tls=context) as relay:
        endpoint = f"https://localhost:{relay.port}"
        stack.configure(
            stack.config | {"alicloud-mps:endpoint": endpoint, "alicloud-mps:caBundle": str(public)}
        )
        shown = stack.up().succeeded().output
        debugged = stack.refresh("--debug").succeeded().output
    assert set(names) == {"localhost"}
    assert [line for line in shown.splitlines() if not _ENGINE.fullmatch(line.rstrip())] == []
    assert re.search(r"alicloud-mps: ListFpShotDB cn-shanghai, HTTP 200, RequestId \S+, ", debugged)
