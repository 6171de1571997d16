"""What the recordings don't show of steps."""

import pytest

from preview.digests import Json, commented, digest, library, previews, replacement, step
from pulumi_alicloud_mps.content_warning import content_warning
from pulumi_alicloud_mps.mps.models import FileCount
from pulumi_alicloud_mps.state.deployment import LIBRARY_TYPE, NATIVE_LIBRARY_TYPE

WRAPPED = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "ciphertext": "hunter2",
    "plaintext": "hunter2",
}


@pytest.mark.parametrize("secret", [WRAPPED, "[secret]", ["[secret]"], {"a": [WRAPPED]}])
def test_secrets(secret: object) -> None:
    """A secret is shown as one, in whatever form it comes, even if a name is secret."""
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
        {"urn": found["urn"], "message": "warning: set it early\n", "severity": "warning"},
        *[{"message": "warning: old CLI", "severity": "warning"}] * 2,
        {"message": "hello", "severity": "info"},
    ]
    text = commented(digest(found, diagnostics=warnings))
    assert "> - **Warning**: `set it early`" in text
    assert "<summary>1 warning</summary>" in text
    assert "old CLI" in text
    assert "hello" not in text


@pytest.mark.parametrize("severity", ["warning", "error"])
def test_order_of_messages(severity: str) -> None:
    """Messages stand in the order of their resources, whichever the engine heard first."""
    films, songs = (step("refresh", name, oldState=library()) for name in ("films", "songs"))
    said = [
        {"urn": item["urn"], "message": text, "severity": severity}
        for item, text in ((films, "first"), (films, "second"), (songs, "third"))
    ]
    assert commented(digest(films, songs, diagnostics=[said[2], *said[:2]])) == commented(
        digest(films, songs, diagnostics=said)
    )


def counted(found: FileCount | str, count: int = 1, old: Json | None = None) -> str:
    """Return the comment on replacements, with what the provider says about the content."""
    replaced = [replacement(f"films-{number:03}") for number in range(count)]
    for item in replaced:
        item["oldState"] |= old or {}
    text = content_warning("0" * 32, found, forced=False)
    severity = "info" if found == FileCount(0) else "warning"
    warnings = [
        {"urn": item["urn"], "message": f"{severity}: {text}\n", "severity": severity}
        for item in replaced
    ]
    return commented(digest(*replaced, diagnostics=warnings))


@pytest.mark.parametrize(
    ("old", "outcome", "label"),
    [
        ({}, "the deletion is refused and the run fails.", "refused"),
        ({"outputs": {"force_destroy": True}}, "**every fingerprint in it is des", "destroyed"),
        ({"retainOnDelete": True}, "kept at MPS as it is, and no longer managed", "kept at MPS"),
    ],
)
def test_content(old: Json, outcome: str, label: str) -> None:
    """How much is at stake stands before what becomes of it, and in the table."""
    text = counted(FileCount(1234), old=old)
    assert f"> - **Content**: holds **1,234 files**; {outcome}" in text
    assert text.count(f"| {label}: 1,234 files |") == 1
    assert "**Warning**" not in text
    assert "if it is empty" not in text


@pytest.mark.parametrize("forced", [True, False])
def test_a_guard_that_replaces(*, forced: bool) -> None:
    """If `force_destroy` itself causes the replacement, no alternative sets it."""
    states = {"oldState": library(force_destroy=forced), "newState": library(force_destroy=None)}
    text = commented(digest(step("replace", "films", replaceReasons=["force_destroy"], **states)))
    assert "to *(unset)*. `replace_on_changes` includes it." in text
    assert "**Keep it**: take `force_destroy` (or `*`) out of `replace_on_changes`." in text
    assert "set `force_destroy=" not in text


def test_content_that_is_empty() -> None:
    """An empty library is replaced without an alert, and without ways to save its content."""
    text = counted(FileCount(0))
    assert "> - **Content**: empty: nothing is lost.\n" in text
    assert "⚠️" not in text
    assert "force_destroy" not in text


def test_content_of_many() -> None:
    """Libraries without a block of their own keep the number, too."""
    text = counted(FileCount(1000, complete=False), 200)
    assert "FpDBId `00000000000000000000000000000000`; refused: 1,000+ files" in text


def test_content_that_was_not_counted() -> None:
    """Why there is no number stands where the number would, as code."""
    text = counted("<b>no</b> `keys`")
    assert "it is deleted. The files could not be counted: `` <b>no</b> `keys` ``\n" in text
    assert "**Warning**" not in text


def test_what_is_left_over_beside_a_replacement() -> None:
    """A resource that is replaced again also shows what an earlier replacement left over."""
    replaced = replacement("films")
    part = {**replaced, "op": "delete-replaced"}
    leftover = {**part, "oldState": library("1" * 32)}
    text = commented(digest(replaced, part, leftover))
    assert text.startswith("### ⚠️ `catalogue/dev`: 1 library replaced, 1 deleted\n")
    assert "left over from an earlier replacement." in text


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [(LIBRARY_TYPE, NATIVE_LIBRARY_TYPE, "native"), (NATIVE_LIBRARY_TYPE, LIBRARY_TYPE, "dynamic")],
)
def test_a_move_between_providers(before: str, after: str, kind: str) -> None:
    """A library that moves to the other provider is neither lost nor changed."""
    old = {**library(), "type": before, "urn": f"urn:pulumi:dev::catalogue::{before}::films"}
    moved = step("update", "films", type=after, oldState=old, newState={"type": after})
    text = commented(digest(moved))
    assert text.startswith("### `catalogue/dev`: 1 library updated\n")
    assert f"| taken over by the {kind} provider: nothing changes at MPS |" in text
    assert "| video | `cn-shanghai` |" in text


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
    """The number of unchanged libraries is shown if the preview lists what is unchanged."""
    same = [step("same", name, oldState=library(), newState=library()) for name in "ab"]
    (listed,) = previews(digest(*same, changeSummary={"same": 2}))
    (partly,) = previews(digest(*same, changeSummary={"same": 9}))
    assert (listed.unchanged(), partly.unchanged()) == ((2, 2), (9, None))


def test_drift_in_several_stacks() -> None:
    """The overview counts the stacks that drifted, and those that failed."""
    root = step("refresh", "r", type="pulumi:pulumi:Stack")
    gone = digest(root, step("delete", "films", oldState=library()))
    failed = digest(diagnostics=[{"message": "no", "severity": "error"}])
    assert commented(gone, failed).startswith("## 2 stacks: 1 failed, drift in 1\n")
