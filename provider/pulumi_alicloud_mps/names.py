"""The name of a library whose program gives it none."""

from __future__ import annotations

import hashlib
import json


def derived_name(
    project: str, stack: str, resource_name: str, parent: tuple[str, str] | None = None
) -> str:
    """Name a library so that a second attempt to create it meets the first one.

    Args:
        project: The Pulumi project.
        stack: The stack.
        resource_name: The logical name of the resource.
        parent: Type and logical name of its parent, where it has one besides the stack.
    """
    owner = [project, stack, resource_name, *(parent or ())]
    digest = hashlib.sha256(json.dumps(owner).encode()).hexdigest()
    return f"{resource_name}-{digest[:7]}"
