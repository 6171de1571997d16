"""The status page: libraries, delete jobs and the last calls, as HTML that refreshes itself.

All of it is rendered here. Without JavaScript the browser reloads the page; with it, the page
fetches itself and takes over what has changed.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from .records import utc_text
from .responses import Content
from .service import MpsService

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATES = Path(__file__).with_name("templates")
_MODELS = {11: "text", 12: "video", 13: "audio", 14: "image"}
_MOST_LIBRARIES = 200
_MOST_CALLS = 50


def overview(service: MpsService) -> tuple[bytes, Mapping[str, str]]:
    """Return the page and its headers. Nothing on it is secret."""
    template, headers = _design()
    model = service.model
    now = model.clock()
    libraries = model.libraries()
    names = {library.id: library.name for library in libraries}
    states = {library.id: library.state(now) for library in libraries}
    # Existing ones before deleted ones, and the newest first.
    newest_first = libraries[::-1]
    shown = sorted(newest_first, key=lambda library: states[library.id] == "deleted")
    text = template.render(
        account=model.account_id,
        now=now,
        quota=model.settings.quota,
        rules=service.script.to_dict(),
        present=sum(state != "deleted" for state in states.values()),
        total=len(libraries),
        libraries=shown[:_MOST_LIBRARIES],
        states=states,
        names=names,
        models=_MODELS,
        files=model.file_counts(),
        jobs=model.delete_jobs(),
        calls=[_call(record, names) for record in islice(reversed(service.requests), _MOST_CALLS)],
        calls_total=len(service.requests),
    )
    # A parameter may hold lone surrogates, which UTF-8 can't.
    return text.encode("utf-8", "replace"), headers


@cache
def _design() -> "tuple[Template, Mapping[str, str]]":
    # Most emulators serve no page, and one is started with every command of a local stack.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415
    from markupsafe import Markup  # noqa: PLC0415

    style = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "page.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["utc"] = utc_text
    environment.globals.update(style=Markup(style), script=Markup(script))  # noqa: S704 - our own
    # Digests, not nonces: the page parses another copy of itself, under its own policy.
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)};"
        " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept",
        "X-Content-Type-Options": "nosniff",
    }
    return environment.get_template("page.html"), headers


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _call(record: Content, names: Mapping[str, str]) -> Content:
    parameters = record["Parameters"]
    named = [parameters.get(name, "") for name in ("Name", "FpDBId")]
    named += parameters.get("FpDBIds", "").split(",")
    return {**record, "Libraries": [names.get(text, text) for text in named if text.strip()]}
