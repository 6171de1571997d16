"""What the recordings leave to be told of steps."""

from __future__ import annotations

import pytest

from preview.digests import commented, digest, library, previews, replacement, step

WRAPPED = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "ciphertext": "hunter2",
    "plaintext": "hunter2",
}


@pytest.mark.parametrize("secret", [WRAPPED, "[secret]", ["[secret]"], {"a": [WRAPPED]}])
def test_secrets(secret: object) -> None:
    """A secret is told as one, in whatever form it comes, and also where a name is secret."""
    states = {"oldState": library(name=secret), "newState": {"inputs": {"name": "new"}}}
    text = commented(digest(step("replace", "films", replaceReasons=["name"], **states)))

    assert "`name` changes from *(secret)* to `new`" in text
    assert "hunter2" not in text
    assert "[secret]" not in text
    assert "4dabf" not in text


def test_provider_is_hidden() -> None:
    """A moved `__provider` is a change without a name."""
    changed = step(
        "update",
        "films",
        oldState=library(__provider="old"),
        newState={"inputs": {"__provider": "new"}},
        detailedDiff={"__provider": {"kind": "update"}},
        replaceReasons=["__provider"],
    )

    assert "__provider" not in commented(digest(changed))


def test_provider_warnings() -> None:
    """What the provider warns of stands in the block of its library, other warnings below."""
    found = replacement("films")
    warnings = [
        {"urn": found["urn"], "message": "warning: 1,234 files\n", "severity": "warning"},
        {"message": "warning: old CLI", "severity": "warning"},
        {"message": "hello", "severity": "info"},
    ]
    text = commented(digest(found, diagnostics=warnings))

    assert "> - **The provider says**: `1,234 files`" in text
    assert "<summary>1 warning</summary>" in text
    assert "old CLI" in text
    assert "hello" not in text


def test_unknown_id() -> None:
    """A library whose ID is unknown has none in the table."""
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    created = step("create", "films", newState={"id": unknown, "inputs": {"name": unknown}})

    assert unknown not in commented(digest(created))


@pytest.mark.parametrize(
    ("op", "said"),
    [
        ("create-replacement", "1 library replaced"),
        ("import-replacement", "1 library replaced"),
        ("import", "1 library imported"),
        ("discard", "1 library no longer read"),
        ("discard-replaced", "1 library no longer read"),
        ("read", "no changes"),
        ("read-replacement", "no changes"),
        ("remove-pending-replace", "no changes"),
    ],
)
def test_operations(op: str, said: str) -> None:
    """Every operation of the engine has a meaning, also alone."""
    text = commented(digest(step(op, "films", oldState=library(), newState=library())))

    assert text.partition("\n")[0].endswith(f"`catalogue/dev`: {said}")


def test_names_with_colons() -> None:
    """A resource's name may hold the separator of URNs."""
    text = commented(digest(step("create", "a::b::c", newState=library())))

    assert "| `a::b::c` |" in text


def test_children() -> None:
    """A library in a component is a library."""
    created = step("create", "films", newState=library())
    created["urn"] = created["urn"].replace("pulumi-python", "my:index:Part$pulumi-python")

    assert commented(digest(created)).startswith("### `catalogue/dev`: 1 library created\n")


def test_many_properties() -> None:
    """Of many changed properties the first are named."""
    diff = {f"tags.t{number}": {"kind": "add-replace"} for number in range(9)}
    text = commented(digest(step("update", "bucket", type="oss", detailedDiff=diff)))

    assert "diff: `+tags.t0,+tags.t1,+tags.t2,+tags.t3,+tags.t4,+tags.t5` and 3 more" in text


def test_drift_of_others() -> None:
    """What changed in other resources is named by property, without values."""
    old, new = {"id": "b", "outputs": {"acl": "a"}}, {"id": "b", "outputs": {"acl": "hush"}}
    root = step("refresh", "catalogue-dev", type="pulumi:pulumi:Stack")
    text = commented(digest(root, step("update", "bucket", type="oss", oldState=old, newState=new)))

    assert text.startswith("### Drift of `catalogue/dev`: 1 other resource changed\n")
    assert "| `bucket` | `oss` | `b` | `acl` |" in text
    assert "hush" not in text


def test_unchanged_libraries() -> None:
    """How many libraries are unchanged is told where all that is unchanged is listed."""
    same = [step("same", name, oldState=library(), newState=library()) for name in "ab"]

    (listed,) = previews(digest(*same, changeSummary={"same": 2}))
    (partly,) = previews(digest(*same, changeSummary={"same": 9}))

    assert (listed.unchanged_libraries, partly.unchanged_libraries) == (2, None)


def test_drift_in_several_stacks() -> None:
    """The overview counts the stacks that drifted, and those that failed."""
    root = step("refresh", "r", type="pulumi:pulumi:Stack")
    gone = digest(root, step("delete", "films", oldState=library()))
    failed = digest(diagnostics=[{"message": "no", "severity": "error"}])

    assert commented(gone, failed).startswith("## 2 stacks: 1 failed, drift in 1\n")
