"""An audio library for the soundtracks of each language."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_alicloud_mps import FpModel, FpShotDB


def soundtrack_libraries(languages: Sequence[str]) -> dict[str, FpShotDB]:
    """Declare a library for each language."""
    return {
        language: FpShotDB(
            f"soundtracks-{language}",
            model_id=FpModel.AUDIO,
            description=f"Soundtracks in {language}",
        )
        for language in languages
    }
