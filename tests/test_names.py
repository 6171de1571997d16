"""The names of libraries whose program gives them none."""

import re

from pulumi_alicloud_mps.names import generated_name, stem_in

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
    """A name of the program's own, or of an earlier version, tells nothing of attempts."""
    stem = "songs-ba64fdb"
    for name in ("songs", stem, f"{stem}-", f"{stem}-1011121", f"{stem}-1011121g", f"{stem}-x"):
        assert stem_in(name, URN) is None
