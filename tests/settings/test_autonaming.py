"""What `pulumi:autonaming` in the stack's configuration means for the names of libraries."""

import json
from typing import Any

import pytest

from mock_engine import FP_DB_ID, TOKEN, Engine
from pulumi_alicloud_mps import FpShotDB
from pulumi_alicloud_mps.dynamic.provider import AUTONAMING_KEY

VERBATIM, DISABLED, DEFAULT = ({"mode": mode} for mode in ("verbatim", "disabled", "default"))


def own(settings: dict[str, Any] | None, **resources: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return settings for one provider, with those for its types."""
    return {**(settings or {}), "resources": resources or None}


@pytest.mark.parametrize(
    ("settings", "pattern"),
    [
        (None, None),
        ({}, None),
        (DEFAULT, None),
        (VERBATIM, "${name}"),
        (DISABLED, ""),
        ({"pattern": ""}, ""),
        ({"pattern": "x-${name}-${hex(4)}", "enforce": True}, "x-${name}-${hex(4)}"),
        ({"pattern": "${project}/${stack}"}, "catalogue/test"),
        ({"pattern": "${config.team}${config.a.b}${config.a.c[1]}${config.a.d}"}, "mediab2true"),
        ({**VERBATIM, "providers": {"aws": DISABLED}}, "${name}"),
        ({**VERBATIM, "providers": {"alicloud-mps": DISABLED}}, ""),
        ({**VERBATIM, "providers": {"pulumi-python": DEFAULT}}, None),
        ({**VERBATIM, "providers": {"pulumi-python": own(None, other=DISABLED)}}, "${name}"),
        ({"providers": {"pulumi-python": VERBATIM, "alicloud-mps": DEFAULT}}, None),
        ({"providers": {"pulumi-python": own(VERBATIM, **{TOKEN: DISABLED})}}, ""),
        (
            {
                "providers": {
                    "alicloud-mps": own(DISABLED, **{"alicloud-mps:index:FpShotDB": DEFAULT})
                }
            },
            None,
        ),
    ],
)
def test_autonaming(settings: dict[str, Any] | None, pattern: str | None) -> None:
    """What is said of the type wins over its provider, and that over the whole project."""
    inner = json.dumps({"b": "b", "c": [1, 2], "d": True})
    config = {"catalogue:team": "media", "catalogue:a": inner}
    if settings is not None:
        config["pulumi:autonaming"] = json.dumps(settings)
    engine = Engine(config=config)
    (inputs,) = engine.run(lambda: FpShotDB("songs"))
    assert inputs.get(AUTONAMING_KEY) == pattern


def test_what_is_read_is_not_named() -> None:
    """A library that the stack only reads has no use for a pattern."""
    engine = Engine(config={"pulumi:autonaming": json.dumps(VERBATIM)})
    (inputs,) = engine.run(lambda: FpShotDB.get("songs", FP_DB_ID))
    assert AUTONAMING_KEY not in inputs
