"""What a probe has found out."""

from __future__ import annotations

from dataclasses import dataclass, field

HEADER = ("", "QUESTION", "ASSUMED", "FOUND")

NOT_ASKED = (
    "whether MPS lists what a text library holds: that needs an import",
    "which code a used-up quota has, and whether it counts by region: that needs more libraries",
    "which code too many video libraries at a time have: that needs more libraries",
    "who pauses a library, and how it is resumed: no action does",
    "what a delete job says that fails: nothing makes one fail",
)


@dataclass(frozen=True)
class Answer:
    """One question, with what is assumed (nothing for what is only measured) and what was found."""

    question: str
    assumed: str
    found: str

    @property
    def differs(self) -> bool:
        """Whether MPS is otherwise than assumed."""
        return self.assumed not in {"", self.found}

    def cells(self) -> tuple[str, ...]:
        """Return it for a table, under `HEADER`."""
        return ("differs" if self.differs else "", self.question, self.assumed, self.found)


@dataclass
class Findings:
    """All answers, and what makes an emulator answer likewise.

    Attributes:
        region: Where MPS was asked.
        answers: In the order of asking.
        settings: Settings of an emulator, without its quirks.
        quirks: Its quirks.
    """

    region: str
    answers: list[Answer] = field(default_factory=list)
    settings: dict[str, object] = field(default_factory=dict)
    quirks: list[str] = field(default_factory=list)

    def add(self, question: str, assumed: str, found: str, quirk: str = "") -> None:
        """Take an answer down; one that differs makes an emulator have that quirk."""
        answer = Answer(question, assumed, found)
        self.answers.append(answer)
        if answer.differs and quirk:
            self.quirks.append(quirk)

    @property
    def differs(self) -> bool:
        """Whether MPS is otherwise than assumed in any respect."""
        return any(answer.differs for answer in self.answers)

    def to_dict(self) -> dict[str, object]:
        """Return all of it for JSON."""
        return {
            "region": self.region,
            "answers": [{**vars(item), "differs": item.differs} for item in self.answers],
            "not_asked": list(NOT_ASKED),
            "emulator": {**self.settings, "quirks": self.quirks},
        }
