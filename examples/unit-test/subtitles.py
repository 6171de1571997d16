"""A text library for the subtitles of each language."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_alicloud_mps import FpModel, FpShotDB


def subtitle_libraries(languages: Sequence[str]) -> dict[str, FpShotDB]:
    """Declare a library for each language."""
    return {
        language: FpShotDB(
            f"subtitles-{language}",
            model_id=FpModel.TEXT,
            description=f"Subtitles in {language}",
            # MPS has text libraries there only.
            region="cn-shanghai",
        )
        for language in languages
    }
