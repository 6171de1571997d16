"""How messages name properties in programs of other languages than Python."""

import pytest

from pulumi_alicloud_mps.spelling import in_camel_case


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("force_destroy: must be true or false", "forceDestroy: must be true or false"),
        ("set `force_destroy=True` first", "set `forceDestroy: true` first"),
        ("needs `model_id`, and force_destroy.", "needs `modelId`, and forceDestroy."),
        ("/srv/force_destroy/ca.pem not found", "/srv/force_destroy/ca.pem not found"),
        ("model_id.internal does not respond", "model_id.internal does not respond"),
    ],
)
def test_only_names_are_spelled(text: str, spelled: str) -> None:
    """Properties and options are spelled as the program has them, and no path or host is."""
    assert in_camel_case(text) == spelled
