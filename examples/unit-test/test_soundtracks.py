"""Fast tests: the program's own logic, on mocks."""

from __future__ import annotations

import pulumi

from pulumi_alicloud_mps import FpModel
from pulumi_alicloud_mps.testing import MpsMocks
from soundtracks import soundtrack_libraries


def test_each_language_has_a_library(mps_mocks: MpsMocks) -> None:
    """No soundtrack ends up in the library of another language."""
    libraries = mps_mocks.run(lambda: soundtrack_libraries(["en", "fr"]))

    assert {name: library["description"] for name, library in libraries.items()} == {
        "soundtracks-en": "Soundtracks in en",
        "soundtracks-fr": "Soundtracks in fr",
    }
    assert {library["model_id"] for library in libraries.values()} == {FpModel.AUDIO}


def test_each_library_has_an_id(mps_mocks: MpsMocks) -> None:
    """What depends on a library gets its FpDBId; the check runs when the outputs are known."""

    def check(ids: list[str]) -> None:
        assert len(set(ids)) == 2

    def program() -> pulumi.Output[None]:
        libraries = soundtrack_libraries(["en", "fr"])
        return pulumi.Output.all(*(item.fp_db_id for item in libraries.values())).apply(check)

    mps_mocks.run(program)
