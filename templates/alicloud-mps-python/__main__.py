"""The stack: its libraries, and the FpDBIds for whoever uses them."""

import pulumi

from libraries import songs

pulumi.export("songs", songs().fp_db_id)
