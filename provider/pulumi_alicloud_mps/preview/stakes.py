"""The warnings: a block for each library that would be replaced or deleted."""

from __future__ import annotations

from .changes import Action, Change, StackPreview
from .fate import Fate, fate, fate_note, fate_words, is_at_stake, is_let_go, ways_out, why
from .fitting import Section
from .markdown import code, quoted
from .values import described, is_unknown
from .wording import library_words, plural

WEIGHT = 6
"""What is cut last: see `Section`."""

_ALERTS = {Fate.DESTROYED: "CAUTION", Fate.GUARDED: "WARNING"}
_VERBS = {Action.REPLACE: "be replaced", Action.DELETE: "be deleted"}
_LONGEST_MESSAGE = 600


def stakes(preview: StackPreview, room: int) -> list[Section]:
    """Return the blocks; libraries that they have no room for get a line each."""
    at_stake = [change for change in preview.libraries if is_at_stake(change)]
    blocks: list[str] = []
    for change in at_stake:
        text = _block(change, preview, folded=len(at_stake) > 1)
        room -= len(text)
        if room < 0:
            break
        blocks.append(text)
    found = [Section(None, [text]) for text in blocks]
    listed = [_line(change, preview) for change in at_stake[len(blocks) :]]
    if listed:
        head = [f"**And {plural(len(listed), 'library', 'libraries')} more:**", ""]
        found.append(Section(WEIGHT, listed, head, notice="- *… {} more …*".format))
    return found


def _block(change: Change, preview: StackPreview, *, folded: bool) -> str:
    warnings = [code(text, _LONGEST_MESSAGE) for text in preview.warnings_of(change)]
    ways = [f"- {way}" for way in ways_out(change, preview)]
    lines = [
        f"[!{_ALERTS.get(fate(change, preview), 'NOTE')}]",
        f"**{_named(change, preview)}**: {library_words(change)}",
        "",
        f"- **Why**: {_why(change, preview)}",
        f"- **Content**: {fate_words(change, preview)}",
        *(f"- **The provider says**: {text}" for text in warnings),
    ]
    if ways and folded:
        lines += ["", "<details>", "<summary>Ways out</summary>", "", *ways, "", "</details>"]
    elif ways:
        lines += ["- **Ways out**:", *(f"  {way}" for way in ways)]
    return quoted("\n".join(lines))


def _named(change: Change, preview: StackPreview) -> str:
    verb = _VERBS[change.action]
    if is_let_go(change, preview):
        verb = "be let go"
    elif fate(change, preview) is Fate.MOVED:
        verb = "move"
    return f"{code(change.urn.name)} would {verb}"


def _why(change: Change, preview: StackPreview) -> str:
    names = [name for name in change.reasons if name != "id"]
    if not names or change.action is Action.DELETE:
        return why(change, preview)
    parts = [f"{code(name)} changes {_transition(change, name)}" for name in names]
    assumed = any(is_unknown(change.after(name)) for name in names)
    guess = " The preview takes what it does not know yet for another value." if assumed else ""
    return f"{'; '.join(parts)}. MPS can't change that in a library.{guess}"


def _transition(change: Change, name: str) -> str:
    old, new = described(name, change.before(name)), described(name, change.after(name))
    return f"from {old} to {new}" if old != new else old


def _line(change: Change, preview: StackPreview) -> str:
    reasons = ", ".join(code(name) for name in change.reasons)
    because = f" ({reasons})" if reasons else ""
    note = fate_note(change, preview)
    return f"- {_named(change, preview)}{because}: {library_words(change)}; {note}"
