"""What a program is warned of in its stack's configuration: keys in clear."""

import pytest

from mock_engine import Engine
from pulumi_alicloud_mps import FpShotDB, Provider

SECRETS = [
    f"{space}:{key}"
    for space in ("alicloud-mps", "alicloud")
    for key in ("secretKey", "securityToken")
]


def two_libraries() -> None:
    """Declare more than one resource."""
    FpShotDB("songs")
    FpShotDB("films")
    Provider("other")


@pytest.mark.parametrize("key", SECRETS)
def test_a_secret_in_clear_is_warned_about_once(key: str) -> None:
    """A secret key or token in clear is named once, with the command that encrypts it."""
    engine = Engine(config={key: "hunter2"})
    engine.run(two_libraries)
    (warning,) = engine.warnings
    assert warning.startswith(f"{key} is stored in plain text in the stack's configuration")
    assert f"`pulumi config set --secret {key}`" in warning
    assert "hunter2" not in warning


def test_each_program_is_warned() -> None:
    """Of two programs in one process, as the automation API has them, each is warned."""
    for _ in range(2):
        engine = Engine(config={"alicloud-mps:secretKey": "hunter2"})
        engine.run(two_libraries)
        assert len(engine.warnings) == 1


@pytest.mark.parametrize(
    ("config", "secrets"),
    [
        ({}, []),
        (dict.fromkeys(SECRETS, "hunter2"), SECRETS),
        (dict.fromkeys(SECRETS, ""), []),
        ({"alicloud-mps:accessKey": "AK", "alicloud:accessKey": "AK"}, []),
        ({"catalogue:secretKey": "hunter2"}, []),
    ],
)
def test_nothing_else_is_warned_about(config: dict[str, str], secrets: list[str]) -> None:
    """Neither encrypted secrets nor the ID of a key nor what is not ours is warned about."""
    engine = Engine(config=config, secrets=secrets)
    engine.run(two_libraries)
    assert engine.warnings == []
