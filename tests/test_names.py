"""The names of libraries whose program gives them none."""

import re

import pytest

from pulumi_alicloud_mps.names import generated_name, previewed_name, stem_in
from pulumi_alicloud_mps.state.deployment import NATIVE_LIBRARY_TYPE

TYPE = "pulumi-python:dynamic/alicloud-mps:FpShotDB"
URN = f"urn:pulumi:dev::catalogue::{TYPE}::songs"
SEED = bytes(range(16, 48))


def test_a_name_says_resource_and_attempt() -> None:
    """It begins with the logical name, and is the same for the same attempt."""
    assert generated_name(URN, SEED) == "songs-ba64fdb-10111213"
    assert generated_name(f"{URN}::and more", SEED).startswith("songs::and more-")


def test_attempts_differ_in_the_last_part() -> None:
    """Another attempt has another name, also where the engine gives nothing random."""
    names = [generated_name(URN, seed) for seed in (SEED, SEED[1:], b"", b"")]
    assert len(set(names)) == 4
    assert {stem_in(name, URN) for name in names} == {"songs-ba64fdb-"}
    assert all(re.fullmatch(r"songs-ba64fdb-[0-9a-f]{8}", name) for name in names)


def test_resources_differ_in_the_first_parts() -> None:
    """Other projects, stacks and parents, also below different grandparents, share no stem."""
    urns = [
        URN,
        URN.replace("dev", "prod"),
        URN.replace("catalogue", "archive"),
        *(f"urn:pulumi:dev::catalogue::{top}$Mid${TYPE}::songs" for top in "AB"),
    ]
    name = generated_name(URN, SEED)
    assert [stem_in(name, urn) for urn in urns] == ["songs-ba64fdb-", None, None, None, None]


def test_other_names_have_no_stem() -> None:
    """A name of the program's own, or of an earlier version, says nothing about attempts."""
    stem = "songs-ba64fdb"
    for name in ("songs", stem, f"{stem}-", f"{stem}-1011121", f"{stem}-1011121g", f"{stem}-x"):
        assert stem_in(name, URN) is None


@pytest.mark.parametrize(
    ("pattern", "name", "shown"),
    [
        ("${name}", "songs", "songs"),
        ("mps_${name}", "mps_songs", "mps_songs"),
        ("${name}-${hex(14)}", "songs-[0-9a-f]{14}", None),
        ("${alphanum(40)}", "[a-z0-9]{40}", None),
        ("${string(6)}${num(3)}-${name}", "[a-z]{6}[0-9]{3}-songs", None),
        ("${hex(15)}-${name}", "ba64fdb[0-9a-f]{8}-songs", "ba64fdb*"),
        ("${name}${hex(90)}", "songsba64fdb[0-9a-f]{83}", "songsba64fdb*"),
        ("x/${uuid}", "x/ba64fdb[0-9a-f](-[0-9a-f]{4}){3}-[0-9a-f]{12}", "x/ba64fdb*"),
        ("", "", ""),
    ],
)
def test_a_pattern(pattern: str, name: str, shown: str | None) -> None:
    """A name distinguishes attempts only if its random part has room for that."""
    first, again, other = (
        generated_name(URN, seed, pattern) for seed in (SEED, SEED, bytes(reversed(SEED)))
    )
    assert re.fullmatch(name, first)
    assert first == again
    assert previewed_name(first, URN) == (first if shown is None else shown)
    assert (first == other) is (stem_in(first, URN) is None)
    assert stem_in(first, URN) == stem_in(other, URN)


@pytest.mark.parametrize("pattern", ["${hex(6)}", "${uuid}", "${num(9)}${num(9)}"])
def test_a_pattern_tells_resources_apart(pattern: str) -> None:
    """What is random in a pattern differs between resources, also of one logical name."""
    names = {
        generated_name(URN.replace("dev", stack), SEED, pattern) for stack in ("dev", "prod", "x")
    }
    assert len(names) == 3
    assert generated_name(URN, SEED, "${num(9)}${num(9)}")[:9] != generated_name(URN, SEED)[9:]


def test_a_move_between_the_providers() -> None:
    """A name that one provider of this package has generated is known to the other, too."""
    native = URN.replace(TYPE, NATIVE_LIBRARY_TYPE)
    pattern = "${name}-${hex(4)}"
    assert stem_in(generated_name(URN, SEED), native) == "songs-ba64fdb-"
    assert generated_name(native, SEED, pattern) == generated_name(URN, SEED, pattern)
