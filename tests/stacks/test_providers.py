"""Explicit providers and look-ups, by the real CLI: several regions and accounts in one stack."""

from __future__ import annotations

import json

import pytest

from control_api import ControlApi
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_SECRET
from pulumi_stack import PulumiStack
from stacks.conftest import OTHER_KEY, OTHER_SECRET


def program(body: str, other: ControlApi) -> str:
    """Return a program with three providers."""
    return f"""
        from pulumi_alicloud_mps import (
            Provider, get_fp_shot_db, get_fp_shot_db_output, get_fp_shot_dbs
        )

        class Catalogue(pulumi.ComponentResource):
            def __init__(self, name, opts):
                super().__init__("test:index:Catalogue", name, None, opts)
                FpShotDB("films", name="films", opts=pulumi.ResourceOptions(parent=self))

        same = Provider("same")
        beijing = Provider("beijing", region="cn-beijing")
        theirs = Provider(
            "theirs", endpoint="{other.url}", access_key="{OTHER_KEY}",
            secret_key=pulumi.Config().require_secret("theirs"),
        )

        def use(provider):
            return pulumi.ResourceOptions(provider=provider)

        {body}
    """


@pytest.fixture
def configured(stack: PulumiStack) -> PulumiStack:
    """Return a stack with the other account's key as a secret of its own."""
    stack.run("config", "set", "--secret", "theirs", OTHER_SECRET).succeeded()
    return stack


SONGS = 'FpShotDB("songs", name="songs", opts={opts})\n        Catalogue("films", {films})'
DEFAULT = SONGS.format(opts="None", films="None")


def test_moving_to_another_provider(
    configured: PulumiStack, mps: ControlApi, other: ControlApi
) -> None:
    """The same region and account is no change, another region replaces, an account is refused."""
    stack = configured
    stack.program(program(DEFAULT, other))
    stack.up().succeeded()
    made = sorted(library["FpDBId"] for library in mps.libraries())

    moved = SONGS.format(opts="use(same)", films="pulumi.ResourceOptions(providers=[same])")
    stack.program(program(moved, other))
    stack.up("--expect-no-changes").succeeded()

    provider = stack.resources()["songs"]["provider"]
    assert "pulumi:providers:pulumi-python::same::" in provider
    assert stack.resources()["films"]["provider"] == provider
    assert sorted(library["FpDBId"] for library in mps.libraries()) == made

    theirs = SONGS.format(opts="use(theirs)", films="use(theirs)")
    stack.program(program(theirs, other))
    output = stack.preview().failed().output
    assert f"the library belongs to account {mps.account_id()}" in output
    assert f"the current credentials are for account {other.account_id()}" in output

    beijing = SONGS.format(opts="use(beijing)", films="use(beijing)")
    stack.program(program(beijing, other))
    steps = stack.steps()
    assert {name: step["op"] for name, step in steps.items()} == {
        "songs": "replace",
        "films": "replace",
    }
    assert steps["songs"]["replaceReasons"] == ["region"]

    stack.up().succeeded()
    assert {library["Region"] for library in mps.libraries()} == {"cn-beijing"}
    assert not {library["FpDBId"] for library in mps.libraries()} & set(made)


def test_two_accounts(configured: PulumiStack, mps: ControlApi, other: ControlApi) -> None:
    """Each library lives in its provider's account, also where no program says which that is."""
    stack = configured
    body = """
        FpShotDB("ours", name="songs", opts=use(beijing))
        theirs_too = FpShotDB("theirs", name="songs", opts=use(theirs))
        found = get_fp_shot_db_output(theirs_too.id, opts=pulumi.InvokeOptions(provider=theirs))
        pulumi.export("found", found)
        pulumi.export("theirs", get_fp_shot_dbs(opts=pulumi.InvokeOptions(provider=theirs)).names)
        pulumi.export("ours", get_fp_shot_dbs(region="cn-beijing").names)
        """
    stack.program(program(body, other))

    up = stack.up().succeeded()
    assert mps.only_library()["Region"] == "cn-beijing"
    library = other.only_library()
    assert library["Region"] == "cn-shanghai"
    assert stack.outputs()["found"]["id"] == library["FpDBId"]
    assert "is already used by" not in up.output

    preview = stack.preview().succeeded()

    # Looked up in the preview as well, and the libraries themselves are unchanged.
    assert '+ [0]: "songs"' in preview.output
    assert "to replace" not in preview.output
    stack.up().succeeded()
    assert stack.outputs()["theirs"] == stack.outputs()["ours"] == ["songs"]

    refresh = stack.refresh("--expect-no-changes").succeeded()
    for text in (stack.exported(), up.output, preview.output, refresh.output):
        assert OTHER_SECRET not in text
        assert LOCAL_ACCESS_KEY_SECRET not in text

    destroy = stack.destroy().succeeded()
    assert mps.libraries() == other.libraries() == []
    assert OTHER_SECRET not in destroy.output


def test_replacement_under_another_provider(
    configured: PulumiStack, mps: ControlApi, other: ControlApi
) -> None:
    """A library is replaced by another process of one account, and by none of another account.

    The process that creates under a name accepts that another one has just freed it.
    """
    stack = configured
    stack.program(program('FpShotDB("songs", name="songs", description="old")', other))
    stack.up().succeeded()
    old = mps.only_library()["FpDBId"]
    # What is created first makes the new provider list the old library.
    body = """
        first = FpShotDB("first", opts=use(same))
        opts = pulumi.ResourceOptions(provider=same, depends_on=[first])
        FpShotDB("songs", name="songs", description="new", opts=opts)
        """
    stack.program(program(body, other))

    stack.up().succeeded()

    ids = {library["FpDBId"] for library in mps.libraries()}
    assert ids == {entry["id"] for entry in stack.resources().values()}
    assert old not in ids
    assert len(ids) == 2

    stack.program(program('FpShotDB("songs", name="new", opts=use(theirs))', other))
    output = stack.up().failed().output
    assert f"the library belongs to account {mps.account_id()}" in output
    assert {library["FpDBId"] for library in mps.libraries()} == ids
    assert other.libraries() == []


def test_recover(configured: PulumiStack, mps: ControlApi, other: ControlApi) -> None:
    """A create that was cut off is looked for in the account of its provider."""
    stack = configured
    stack.program(program('FpShotDB("songs", name="songs", opts=use(theirs))', other))
    mps.add_library(Name="songs")
    other.set_faults({"action": "CreateFpShotDB", "kind": "hang", "execute": True})
    running = stack.start_up()
    other.await_calls("CreateFpShotDB")
    running.kill("cli", "provider")
    other.set_faults()
    stack.cancel()

    told = stack.recover().succeeded().output

    fp_db_id = other.only_library()["FpDBId"]
    assert f"songs: found library {fp_db_id}" in told
    assert OTHER_SECRET not in told
    stack.up().succeeded()
    assert stack.resources()["songs"]["id"] == other.only_library()["FpDBId"] == fp_db_id


def test_what_a_program_gets_wrong(stack: PulumiStack, mps: ControlApi) -> None:
    """Keys in clear and a name used twice are warned about; what can't be is an error."""
    keys = {"alicloud:accessKey": "local", "alicloud:secretKey": LOCAL_ACCESS_KEY_SECRET}
    stack.configure({**stack.config, **keys})
    twice = 'FpShotDB("a", name="songs")\nFpShotDB("b", name="songs")\n'
    stack.program(twice)

    preview = stack.preview().succeeded()
    assert preview.output.count("Diagnostics:") == 1
    told = preview.output.partition("Diagnostics:")[2]
    assert (
        told.count("alicloud:secretKey is stored in plain text in the stack's configuration") == 1
    )
    assert told.count("name: is already used by urn:pulumi:") == 1
    assert mps.calls() == []

    role = json.dumps({"roleArn": "acs:ram::1:role/mps"})
    stack.configure({**stack.config, "alicloud:assumeRole": role})
    output = stack.preview().failed().output
    assert "alicloud:assumeRole: is not supported here" in output

    stack.configure(stack.config)
    odd = 'opts=pulumi.ResourceOptions(provider=Provider("odd", region="x y"))'
    stack.program(f'FpShotDB("a", {odd})')
    output = stack.preview().failed().output
    assert "provider odd: region: 'x y' is not a region" in output

    missing = "0" * 32
    stack.program(f'from pulumi_alicloud_mps import get_fp_shot_db\nget_fp_shot_db("{missing}")')

    output = stack.preview().failed().output
    assert f"error: cn-shanghai has no library {missing} in this account" in output


def test_the_embedded_mps(stack: PulumiStack) -> None:
    """On the embedded MPS, providers and look-ups see what the stack made."""
    stack.configure({"alicloud-mps:endpoint": "local", "alicloud-mps:region": "cn-shanghai"})
    stack.program(
        """
        from pulumi_alicloud_mps import get_fp_shot_db_output

        beijing = Provider("beijing", region="cn-beijing")
        songs = FpShotDB("songs", opts=pulumi.ResourceOptions(provider=beijing))
        opts = pulumi.InvokeOptions(provider=beijing)
        pulumi.export("state", get_fp_shot_db_output(songs.id, opts=opts).state)
        """
    )
    stack.up().succeeded()
    assert stack.outputs() == {"state": "active"}
