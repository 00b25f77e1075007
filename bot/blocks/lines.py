"""Blockers and commitments in one line each, and lists of them: the same words wherever they are shown."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import LiteralString

from bot.blocks import kit
from bot.blocks.markup import NOTHING, Markup, esc, join, say
from bot.text import one_line
from models.blockers.rules import BlockerState
from models.blockers.views import BlockerLine
from models.commitments.rules import CommitmentState, MoveCause
from models.commitments.views import CommitmentLine
from models.engagements.views import Parties
from models.escalations.ladders import Severity

WHAT = 140
"""Characters of a text within a list; the card or the thread has all of it."""

_STATES: dict[BlockerState, LiteralString] = {
    BlockerState.OPEN: "🔴 Open",
    BlockerState.OWNED: "🟡 Taken",
    BlockerState.RESOLVED: "🟢 Resolved",
}


def blocker_state(state: BlockerState) -> Markup:
    """The state in a word, with its sign."""
    return Markup(_STATES[state])


def age(line: BlockerLine) -> str:
    """How long it has been in the way, in working days of the side that must act."""
    if line.age_days < 1:
        return "less than a working day"
    return kit.plural(line.age_days, "working day")


def turn(line: BlockerLine, parties: Parties) -> Markup:
    """Whose turn it is, in words that are the same for both sides."""
    side = esc(parties.name(line.acting_side), kit.NAME)
    return say("{} to act ({})", side, kit.name(line.acting)) if line.acting else say("{} to act", side)


def needed(line: BlockerLine) -> Markup:
    """Until when it is needed, and that this has passed."""
    if line.needed_by is None:
        return NOTHING
    return say("*overdue*, needed by {}" if line.is_overdue else "needed by {}", kit.day(line.needed_by))


def blocker(line: BlockerLine, parties: Parties) -> Markup:
    """An open blocker in a list."""
    facts = join(" · ", [turn(line, parties), say("{}", age(line)), needed(line)])
    return say("{} {} {}\n      {}", _sign(line.state), named(line), esc(line.what, WHAT), facts)


def named(line: BlockerLine) -> Markup:
    """A blocker's number, and its severity where somebody has said it."""
    rated = line.severity is not Severity.S3
    return say("*B-{}* {}", line.number, line.severity.value) if rated else say("*B-{}*", line.number)


def blocker_short(line: BlockerLine) -> Markup:
    """A blocker by number and what it is, for lists of what happened."""
    return say("• *B-{}* {} · raised by {}", line.number, esc(line.what, WHAT), kit.name(line.raised_by))


def blocker_spoken(line: BlockerLine, parties: Parties) -> Markup:
    """A blocker within a message's plain text."""
    return say(
        "B-{}, {}: {}, {}{}.",
        line.number,
        esc(line.what, WHAT),
        turn(line, parties),
        age(line),
        Markup(", overdue") if line.is_overdue else NOTHING,
    )


def blocker_words(line: BlockerLine, parties: Parties) -> str:
    """A blocker as plain text, for labels."""
    overdue = ", overdue" if line.is_overdue else ""
    side = one_line(parties.name(line.acting_side))[: kit.NAME]
    return f"B-{line.number} {one_line(line.what)} ({side} to act, {age(line)}{overdue})"


def commitment(line: CommitmentLine, *, today: date | None = None, with_name: bool = True) -> Markup:
    """A commitment in a list; `today` says whether an open one is overdue."""
    return join(
        " · ",
        [
            say("• *C-{}* {}", line.number, esc(line.what, WHAT)),
            kit.name(line.who) if with_name else NOTHING,
            _dates(line),
            say("*overdue*") if is_overdue(line, today) else NOTHING,
        ],
    )


def moved(line: CommitmentLine, parties: Parties, *, with_name: bool = True) -> Markup:
    """A commitment with its new date, whose cause it has and why."""
    why = [esc(cause(line.last_cause, parties))] if line.last_cause else []
    if line.last_reason:
        why.append(esc(line.last_reason, WHAT))
    return join(" · ", [commitment(line, with_name=with_name), *why])


def dropped(line: CommitmentLine, *, with_name: bool = True) -> Markup:
    """A commitment that was given up, and why."""
    why = esc(line.last_reason, WHAT) if line.last_reason else NOTHING
    return join(" · ", [commitment(line, with_name=with_name), why])


def commitment_words(line: CommitmentLine) -> str:
    """A commitment as plain text, for labels."""
    return f"C-{line.number} {one_line(line.what)}"


def cause(moved_by: MoveCause, parties: Parties) -> str:
    """Whose cause a new date has."""
    match moved_by:
        case MoveCause.VENDOR:
            return f"Caused by {one_line(parties.vendor)[: kit.NAME]}"
        case MoveCause.INHOUSE:
            return f"Caused by {one_line(parties.company)[: kit.NAME]}"
        case MoveCause.JOINT:
            return "Caused by both sides"
        case MoveCause.EXTERNAL:
            return "Caused by neither side"


def is_overdue(line: CommitmentLine, today: date | None) -> bool:
    """Whether an open commitment's date has passed."""
    return line.state is CommitmentState.OPEN and today is not None and line.current_due < today


def titled(heading: LiteralString, rows: Sequence[Markup], most: int, elsewhere: Markup = NOTHING) -> list[Markup]:
    """A list under its heading and count; nothing when it is empty."""
    if not rows:
        return []
    return [say("*{}* · {}", Markup(heading), len(rows)), *kit.cut(rows, most, elsewhere)]


def numbers(letter: LiteralString, found: Iterable[int], most: int = 8) -> Markup:
    """Numbers in a row: "C-3, C-4 and 2 more"."""
    everything = list(found)
    shown = join(", ", [say("{}-{}", Markup(letter), number) for number in everything[:most]])
    rest = len(everything) - most
    return say("{} and {} more", shown, rest) if rest > 0 else shown


def _dates(line: CommitmentLine) -> Markup:
    if line.current_due == line.promised_due:
        return say("due {}", kit.day(line.current_due))
    return say("due {}, first promised for {}", kit.day(line.current_due), kit.day(line.promised_due))


def _sign(state: BlockerState) -> Markup:
    """The sign and the word, short, at the start of a line."""
    return say("{} ·", blocker_state(state))
