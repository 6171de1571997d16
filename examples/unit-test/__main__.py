"""Only what reads the configuration and names the outputs; the rest is in a module with tests."""

import pulumi

from subtitles import subtitle_libraries

languages = pulumi.Config().require_object("languages")

libraries = subtitle_libraries(languages)

pulumi.export("subtitles", {language: item.fp_db_id for language, item in libraries.items()})
