"""What a person says in a check-in, whichever way it came in: plain data that is stored as JSON."""

from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.access import Side
from models.blockers.rules import NewBlocker as NewBlocker
from models.commitments.rules import MoveCause
from models.escalations.ladders import Severity

Answer = str | bool | int | float | None


class Verdict(StrEnum):
    """What became of an open commitment."""

    ON_TRACK = "on_track"
    KEPT = "kept"
    MOVED = "moved"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answerer's word on one of their open commitments."""

    commitment_id: UUID
    verdict: Verdict
    new_due: date | None = None
    cause: MoveCause | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """Something promised by a date; no date means the person's next working day."""

    what: str
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Still:
    """The answer to "still blocked?" for one open blocker."""

    blocker_id: UUID
    still: bool


@dataclass(frozen=True, slots=True)
class Submission:
    """Everything one person said in one check-in."""

    answers: dict[str, Answer] = field(default_factory=dict)
    """By question id: text, yes/no, choice, number, scale, date (ISO), person (participant id)."""
    outcomes: tuple[Outcome, ...] = ()
    promises: tuple[Promise, ...] = ()
    is_blocked: bool | None = None
    """The forced yes or no; None when it was not asked or not said."""
    blockers: tuple[NewBlocker, ...] = ()
    still: tuple[Still, ...] = ()
    asks: tuple[str, ...] = ()
    """Questions to the other side."""
    note: str = ""
    """Free text of thread replies and direct messages that fits no convention."""


def to_json(submission: Submission) -> dict[str, Any]:
    """The submission as JSON data."""
    return _plain(asdict(submission))  # type: ignore[no-any-return]


def from_json(data: dict[str, Any]) -> Submission:
    """A stored submission."""
    return Submission(
        answers=dict(data["answers"]),
        outcomes=tuple(
            Outcome(
                commitment_id=UUID(item["commitment_id"]),
                verdict=Verdict(item["verdict"]),
                new_due=_date(item["new_due"]),
                cause=MoveCause(item["cause"]) if item["cause"] else None,
                reason=item["reason"],
            )
            for item in data["outcomes"]
        ),
        promises=tuple(Promise(item["what"], _date(item["due"])) for item in data["promises"]),
        is_blocked=data["is_blocked"],
        blockers=tuple(
            NewBlocker(
                what=item["what"],
                acting_side=Side(item["acting_side"]) if item["acting_side"] else None,
                acting_id=UUID(item["acting_id"]) if item["acting_id"] else None,
                needed_by=_date(item["needed_by"]),
                severity=Severity(item.get("severity", Severity.S3)),  # answers of earlier releases have none
            )
            for item in data["blockers"]
        ),
        still=tuple(Still(UUID(item["blocker_id"]), item["still"]) for item in data["still"]),
        asks=tuple(data.get("asks", ())),  # answers of earlier releases have none
        note=data["note"],
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case UUID():
            return str(value)
        case date():
            return value.isoformat()
        case StrEnum():
            return value.value
        case _:
            return value
