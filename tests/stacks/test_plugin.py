"""The native provider from a wheel, found by what `alicloud-mps plugin` prints alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from documents import ROOT, snippets
from pulumi_stack import PulumiStack

_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")


def environment_with_wheel(folder: Path) -> Path:
    """Make an environment that has the package as a wheel, beside what these tests have."""
    venv = folder / ".venv"
    wheels = ("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder))
    subprocess.run([*_PIP, *wheels, str(ROOT)], check=True)
    (wheel,) = folder.glob("pulumi_alicloud_mps-*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    theirs = Path(sysconfig.get_path("purelib", vars={"base": str(venv)}))
    # Whose own .pth files, such as that of the checkout, have no effect then.
    (theirs / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    install = ("--python", str(venv), "install", "--quiet", "--no-deps", "--no-index")
    subprocess.run([*_PIP, *install, wheel], check=True)
    return venv


def test_a_wheel(stack: PulumiStack) -> None:
    """By the printed lines the examples in YAML run, and those in Python are the same stacks."""
    venv = environment_with_wheel(stack.folder)
    # The Python of the tests' host is that on PATH, and what is beside it must not be.
    python = stack.folder / "python"
    python.mkdir()
    for name in ("python", "python3"):
        (python / name).write_text(f'#!/bin/sh\nexec "{venv}/bin/python" "$@"\n', encoding="utf-8")
        (python / name).chmod(0o755)
    path = os.environ["PATH"].split(os.pathsep)
    kept = [folder for folder in path if folder != str(Path(sys.executable).parent)]
    stack.environment["PATH"] = os.pathsep.join([str(python), *kept])
    assert not shutil.which("pulumi-resource-alicloud-mps", path=stack.environment["PATH"])

    (told,) = [item.text for item in snippets("yaml", "native.md") if "plugins:" in item.text]
    in_yaml, in_python = [
        [
            item.text
            for page in ("getting-started.md", "native.md")
            for item in snippets(language, page)
        ]
        for language in ("yaml", "python")
    ]
    in_yaml = [text for text in in_yaml if "runtime:" in text]
    project = stack.folder / "Pulumi.yaml"
    for program, same in zip(in_yaml, in_python, strict=True):
        project.write_text(program, encoding="utf-8")
        stack.shell(".venv/bin/alicloud-mps plugin >> Pulumi.yaml").succeeded()
        assert project.read_text(encoding="utf-8") == program + told
        stack.up().succeeded()
        outputs = stack.outputs()
        (stack.folder / "__main__.py").write_text(same, encoding="utf-8")
        project.write_text(f"name: catalogue\nruntime: python\n{told}", encoding="utf-8")
        stack.up("--expect-no-changes").succeeded()
        assert stack.outputs() == outputs
    stack.destroy().succeeded()
