"""`alicloud-mps doctor` in a project: which settings it found, and what Pulumi says about them."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from control_api import ControlApi
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET, Emulator
from pulumi_stack import PulumiStack


def test_doctor(stack: PulumiStack, mps: ControlApi) -> None:
    """It says where each setting is from and never what it is, and what is missing."""
    stack.run("config", "set", "--secret", "alicloud-mps:accessKey", "local").succeeded()
    secret = ["alicloud-mps:secretKey", "local-secret"]
    stack.run("config", "set", "--secret", *secret).succeeded()
    stack.environment["HTTPS_PROXY"] = "http://user:hunter2@proxy.example:3128"
    mps.add_library(Name="songs")

    outcome = stack.alicloud_mps("doctor").succeeded()
    assert outcome.output.startswith("SETTING      FROM\n")
    for setting in (
        "credentials  alicloud-mps:accessKey\n",
        "endpoint     alicloud-mps:endpoint\n",
        "proxy        HTTPS_PROXY\n",
        "region       alicloud-mps:region\n",
    ):
        assert setting in outcome.output
    assert "organization/catalogue/dev" in outcome.output
    assert outcome.output.endswith("\n\nEverything works.\n")
    for value in ("local-secret", "hunter2", stack.config["alicloud-mps:endpoint"]):
        assert value not in outcome.output

    mps.set_faults({"action": "ListFpShotFiles", "kind": "error", "code": "Forbidden.RAM"})
    stack.run("config", "set", "--plaintext", *secret).succeeded()
    report = stack.alicloud_mps("doctor", "--json", "--region", "cn-beijing").failed()

    found = json.loads(report.output)
    assert found["settings"]["region"] == "--region"
    assert found["policy"]["Statement"][0]["Action"] == ["mts:ListFpShotFiles"]
    problems = [item for item in found["checks"] if item["result"] == "problem"]
    assert {item["check"]: item["detail"].split()[-1] for item in problems} == {
        "alicloud-mps:secretKey": "[settings]",
        "ListFpShotFiles": "[refused]",
    }
    assert "local-secret" not in report.output
    assert {item["region"] for item in found["checks"]} == {None, "cn-beijing"}

    shown = stack.alicloud_mps("doctor").failed().output
    assert "problem  alicloud-mps:secretKey" in shown
    assert "is stored in plain text in the stack's configuration" in shown
    assert '        "mts:ListFpShotFiles"\n' in shown
    assert "also needs mts:CreateFpShotDB and mts:SubmitFpDBDeleteJob" in shown
    assert "docs/" not in shown
    assert shown.endswith("\n\n2 problems\n")


def test_keys_of_the_default_chain(stack: PulumiStack) -> None:
    """If nothing says which keys to use, it names the chain's link that gave them."""
    for name in ("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY"):
        del stack.environment[name]
    keys = {"access_key_id": LOCAL_ACCESS_KEY_ID, "access_key_secret": LOCAL_ACCESS_KEY_SECRET}
    file = Path(os.environ["HOME"], ".aliyun", "config.json")
    file.parent.mkdir()
    profile = {"name": "dev", "mode": "AK", **keys}
    file.write_text(json.dumps({"current": "dev", "profiles": [profile]}), encoding="utf-8")
    outcome = stack.alicloud_mps("doctor").succeeded()
    assert "credentials  the current profile of the aliyun CLI\n" in outcome.output
    assert LOCAL_ACCESS_KEY_SECRET not in outcome.output


def test_keys_that_were_replaced(stack: PulumiStack, emulator: Emulator) -> None:
    """What uses the old keys, which the state has, names the cause, and the advice works."""
    for name in ("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY"):
        del stack.environment[name]
    stack.run("config", "set", "--secret", "alicloud-mps:accessKey", "local").succeeded()
    secret = ["config", "set", "--secret", "alicloud-mps:secretKey"]
    stack.run(*secret, LOCAL_ACCESS_KEY_SECRET).succeeded()
    stack.program('FpShotDB("songs", model_id=FpModel.AUDIO)')
    stack.up().succeeded()
    emulator.model.settings = emulator.model.settings.model_copy(
        update={"access_key_secret": "new-secret"}
    )
    stack.run(*secret, "new-secret").succeeded()

    refused = stack.refresh().failed().output
    told = stack.alicloud_mps("doctor").failed().output
    cause = "refresh and destroy use the configuration of the last `pulumi up`"
    assert f"{cause}: if it has changed since" in refused
    assert "problem  settings in the state" in told
    assert f"{cause}, which differs from today's" in told
    assert told.endswith("\n1 problem\n")

    stack.up().succeeded()
    stack.refresh("--expect-no-changes").succeeded()
    assert stack.alicloud_mps("doctor").succeeded().output.endswith("\nEverything works.\n")

    stack.restore(stack.exported().replace(emulator.url, "http://127.0.0.1:1"))
    told = stack.alicloud_mps("doctor").failed().output
    assert f"{cause}, which differs from today's: GetCallerIdentity could not be sent" in told


def test_libraries_of_the_embedded_mps(stack: PulumiStack) -> None:
    """For a stack that left libraries at the embedded MPS, it says how to delete them."""
    local = {"alicloud-mps:endpoint": "local", "alicloud-mps:region": "cn-shanghai"}
    moved = dict(stack.config)
    stack.configure(local)
    stack.program('FpShotDB("songs", model_id=FpModel.AUDIO)')
    stack.up().succeeded()
    stack.configure(moved)
    stack.up().succeeded()
    told = " ".join(stack.alicloud_mps("doctor").failed().output.split())
    assert "If they were created with `endpoint: local`, set that again, run `pulumi up`" in told

    stack.configure(local)
    stack.up().succeeded()
    stack.destroy().succeeded()
    stack.configure(moved)
    assert stack.alicloud_mps("doctor").succeeded().output.endswith("\nEverything works.\n")


def test_what_is_wrong_in_the_configuration(stack: PulumiStack) -> None:
    """A misspelt key is shown with the one that was meant, and Pulumi's error as it is."""
    stack.run("config", "set", "--secret", "alicloud-mps:acessKey", "hunter2").succeeded()
    for name, value in (("alicloud-mps:colour", "blue"), ("alicloud:assumeSomething", "x")):
        stack.run("config", "set", name, value).succeeded()

    output = stack.alicloud_mps("doctor").failed().output

    lines = [line.split(maxsplit=2) for line in output.splitlines() if "problem " in line]
    assert [line[1:] for line in lines] == [
        [
            "alicloud-mps:acessKey",
            "unknown setting; did you mean alicloud-mps:accessKey? [settings]",
        ],
        ["alicloud-mps:colour", "unknown setting; remove it [settings]"],
    ]
    assert "hunter2" not in output

    stack.environment["PULUMI_CONFIG_PASSPHRASE"] = "wrong"
    stack.environment["ALICLOUD_REGION"] = "x y"

    output = stack.alicloud_mps("doctor").failed().output
    assert "problem  stack             pulumi config --json failed: " in output
    assert "incorrect passphrase" in output
    assert "problem  settings          ALICLOUD_REGION: 'x y' is not a region" in output


def test_the_native_provider(native_stack: PulumiStack) -> None:
    """For a native program it starts the engine's plugin, and reads what that is given."""
    stack = native_stack
    told = stack.alicloud_mps("doctor").succeeded().output
    (plugin,) = (line.split() for line in told.splitlines() if " plugin " in line)
    assert plugin[0] == "ok"
    assert plugin[-1].endswith("/pulumi-resource-alicloud-mps")

    region = stack.config.pop("alicloud-mps:region")
    keys = {"accessKey": LOCAL_ACCESS_KEY_ID, "secretKey": LOCAL_ACCESS_KEY_SECRET}
    in_clear = {f"alicloud-mps:{name}": value for name, value in keys.items()}
    stack.configure({**stack.config, **in_clear, "alicloud:region": region})
    project = {"name": "catalogue", "runtime": {"name": "yaml"}}
    nowhere = {"providers": [{"name": "alicloud-mps", "path": "nowhere"}]}
    stack._write("Pulumi.yaml", {**project, "plugins": nowhere})
    found = json.loads(stack.alicloud_mps("doctor", "--json").failed().output)
    details = {item["check"]: (item["result"], item["detail"]) for item in found["checks"]}
    assert details["alicloud:region"][0] == "skipped"
    assert details["alicloud-mps:secretKey"][1].startswith(
        "is stored in plain text in the stack's configuration; set it again with"
    )
    assert details["settings"][1].startswith("--region: no region is configured")
    assert details["plugin"][0] == "problem"
    assert details["plugin"][1] == (
        f"pulumi-resource-alicloud-mps not found in {stack.folder}/nowhere, which `plugins` of"
        " Pulumi.yaml names; add to Pulumi.yaml what `alicloud-mps plugin` prints [stack-state]"
    )

    other = stack.folder / "nowhere" / "pulumi-resource-alicloud-mps"
    other.parent.mkdir()
    code = "from pulumi_alicloud_mps.native import plugin, provider\n"
    version = "provider.package_version = lambda: '9.9.9'\n"
    other.write_text(f"#!{sys.executable}\n{code}{version}plugin.main()\n", encoding="utf-8")
    other.chmod(0o755)
    told = " ".join(stack.alicloud_mps("doctor").failed().output.split())
    assert "is version 9.9.9, but this command is 0." in told
