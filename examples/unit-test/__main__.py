"""Only what reads the configuration and names the outputs; the rest is in a module with tests."""

import pulumi

from soundtracks import soundtrack_libraries

languages = pulumi.Config().require_object("languages")

libraries = soundtrack_libraries(languages)

pulumi.export("soundtracks", {language: item.fp_db_id for language, item in libraries.items()})
