"""The subcommand `alicloud-mps probe`: asks MPS what nobody documents.

* :mod:`.probing`: makes up to two libraries of its own, looks at every answer, deletes them again.
* :mod:`.findings`: what was found, beside what is assumed, and as settings of an emulator.
* :mod:`.own_libraries`: which libraries are the probe's own, also after it was killed.
"""
