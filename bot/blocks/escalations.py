"""An escalation's card and its in-house twin: how it stands, whose it is, what comes next, and what can be done now."""

from collections.abc import Sequence
from datetime import timedelta
from typing import LiteralString

from slack_sdk.models.blocks import ActionsBlock, Block

from bot import ids
from bot.blocks import kit
from bot.blocks.kit import Rendered
from bot.blocks.markup import NOTHING, Markup, esc, join, say, spoken
from models.access import Side
from models.engagements.views import Parties, Who
from models.escalations.causes import Cause, EntryKind
from models.escalations.ladders import CONCERNED, Severity
from models.escalations.rules import EscalationState, Event
from models.escalations.views import EscalationCard, EscalationLine, NextStep

_STATES: dict[EscalationState, LiteralString] = {
    EscalationState.OPEN: "🔴 Open",
    EscalationState.ACKNOWLEDGED: "🟡 Owned",
    EscalationState.SNOOZED: "🔵 Resting",
    EscalationState.EXHAUSTED: "🟥 Ladder ended, nobody owns it",
    EscalationState.RESOLVED: "🟢 Resolved",
}
SEVERITIES: dict[Severity, LiteralString] = {
    Severity.S1: "S1: work has stopped",
    Severity.S2: "S2: work is badly hindered",
    Severity.S3: "S3: it slows us down",
    Severity.S4: "S4: a nuisance, for the weekly review",
}
_ROLES: dict[str, LiteralString] = {
    CONCERNED: "people concerned",
    "owner": "owner",
    "lead": "lead",
    "member": "people",
    "executive": "executive",
}
_WHAT = 140
_WORD = 200
_OTHER_SIDES = frozenset({Event.SNOOZE, Event.RERATE})
"""What the side that must act cannot do."""
_WORTH_TELLING = timedelta(hours=1)
"""A shorter age would be out of date before it is read: the card is not drawn anew for it."""


def card(view: EscalationCard) -> Rendered:
    """The card in the shared channel. Whoever owns it is mentioned while it is open."""
    blocks: list[Block | None] = [
        kit.section(heading(view.line)),
        kit.quoted(view.line.what),
        *kit.sections(_facts(view)),
        kit.context(_last_word(view), _proposal(view)),
        buttons(view),
    ]
    return kit.message(_spoken(view), blocks)


def twin(view: EscalationCard) -> Rendered:
    """The same for the in-house side alone, with room for private notes in its thread."""
    notes = kit.plural(view.private_notes, "private note") if view.private_notes else "no private notes yet"
    small = say("Only your side sees this message and its thread: {}. Reply here to add one.", notes)
    blocks: list[Block | None] = [
        kit.section(heading(view.line)),
        kit.quoted(view.line.what),
        *kit.sections(_facts(view)),
        kit.context(_last_word(view), _proposal(view), small),
        buttons(view, is_inhouse=True),
    ]
    return kit.message([*_spoken(view), small], blocks)


def state(shown: EscalationState) -> Markup:
    """The state in a word, with its colour."""
    return Markup(_STATES[shown])


def heading(line: EscalationLine) -> Markup:
    """State, number and severity."""
    return say("{} · *E-{}* · *{}*", state(line.state), line.number, line.severity.value)


def span(length: timedelta) -> str:
    """A length of time: "40 min", "5 h", "3 days"."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else kit.plural(minutes // 1440, "day")


def in_list(line: EscalationLine, parties: Parties) -> Markup:
    """An escalation in a list."""
    side = esc(parties.name(line.against), kit.NAME)
    owner = say("owned by {}", kit.name(line.owner)) if line.owner else say("nobody owns it")
    facts = join(" · ", [say("{} to act", side), owner, say("{}", span(line.age)), level(line)])
    return say("{} · *E-{}* {} {}\n      {}", state(line.state), line.number, line.severity.value, what(line), facts)


def what(line: EscalationLine) -> Markup:
    """What it is about, short."""
    return esc(line.what.removesuffix("."), _WHAT)


def level(line: EscalationLine) -> Markup:
    """How far it has climbed."""
    return say("level {} of {}", line.level, line.levels) if line.level and line.levels else NOTHING


def upcoming(view: EscalationCard) -> Markup:
    """What happens next by itself, and when, on the reader's own clock."""
    step = view.next
    if step is None:
        return NOTHING
    return say("Next: {}, {} your time", _step(view, step), kit.when(step.at))


def buttons(view: EscalationCard, *, is_inhouse: bool = False, reader: Who | None = None) -> ActionsBlock | None:
    """What can be done now; with a `reader`, by that person. Who may do it is checked when it is done."""
    row_id, legal = view.line.id, view.legal - _in_vain(view, reader) if reader else view.legal
    is_owned, is_proposed = view.line.owner is not None, view.proposed_by is not None
    return kit.actions(
        kit.button("Take over" if is_owned else "I own it", ids.OWN_PRESS, row_id, primary=not is_owned)
        if Event.ACKNOWLEDGE in legal
        else None,
        kit.button("Update", ids.WORD_OPEN, row_id, primary=is_owned and not is_proposed)
        if Event.UPDATE in legal
        else None,
        kit.button("Done", ids.FINISH_OPEN, row_id, primary=is_proposed) if Event.RESOLVE in legal else None,
        kit.button("Let it rest", ids.SNOOZE_OPEN, row_id) if Event.SNOOZE in legal else None,
        kit.button("Severity", ids.RERATE_OPEN, row_id) if Event.RERATE in legal else None,
        kit.button("Open again", ids.REOPEN_OPEN, row_id) if Event.REOPEN in legal else None,
        kit.button("Private note", ids.PRIVATE_OPEN, row_id) if is_inhouse else None,
    )


def _in_vain(view: EscalationCard, who: Who) -> frozenset[Event]:
    """What this person would press in vain."""
    not_theirs = _OTHER_SIDES if who.side is view.line.against else frozenset()
    owner = view.owners.get(who.side)
    is_owner = owner is not None and owner.participant_id == who.participant_id
    return not_theirs | {Event.ACKNOWLEDGE} if is_owner else not_theirs


def owners(view: EscalationCard, *, with_mention: bool = False) -> list[Markup]:
    """Whose it is on each side: who must act first."""
    show = kit.mention if with_mention else kit.name
    lines = []
    for side in (view.line.against, view.line.against.other):
        name = esc(view.parties.name(side), kit.NAME)
        who = view.owners.get(side)
        if side is view.line.against:
            owner = say("owned by {}", show(who)) if who else say("*nobody owns it yet*")
            lines.append(say("*{}* to act: {}", name, owner))
        elif who:
            lines.append(say("{}: {} looks after it", name, kit.name(who)))
        else:
            lines.append(say("{}: nobody looks after it", name))
    return lines


def _facts(view: EscalationCard) -> list[Markup]:
    line = view.line
    if line.state is EscalationState.RESOLVED:
        by = say(" by {}", kit.name(view.resolved_by)) if view.resolved_by else say(" by itself: its cause is gone")
        when = say("Resolved{} {} after {}", by, kit.when(line.resolved_at), span(line.age)) if line.resolved_at else by
        return [_origin(view), when]
    age = say("open for {}", span(line.age)) if line.age >= _WORTH_TELLING else NOTHING
    rest = say("Resting until {}", kit.when(view.snoozed_until)) if view.snoozed_until else NOTHING
    facts = [
        *owners(view, with_mention=True),
        join(" · ", [_origin(view), age, level(line)]),
    ]
    return [fact for fact in (*facts, rest or upcoming(view)) if fact]


def _origin(view: EscalationCard) -> Markup:
    line = view.line
    raised = kit.when(line.raised_at)
    if view.raised_by:
        side = esc(view.parties.name(view.raised_by.side), kit.NAME)
        raised = say("Raised by {} ({}) {}", kit.name(view.raised_by), side, raised)
    else:
        raised = say("Raised by itself {}", raised)
    times = "once" if view.reopened == 1 else kit.plural(view.reopened, "time")
    again = say("opened again {}", times) if view.reopened else NOTHING
    return join(" · ", [about(line), raised, again])


def about(line: EscalationLine) -> Markup:
    """What kind of matter it is, in words of ours."""
    match line.cause:
        case Cause.BLOCKER:
            return say("Blocker {}", line.cause_ref)
        case Cause.COMMITMENT:
            return say("Promise {} without word after its date", line.cause_ref)
        case Cause.MISSED:
            return say("Check-ins without any answer: {}", line.cause_ref)
        case Cause.QUESTION:
            return say("Question {} without an answer", line.cause_ref)
        case Cause.PERSON:
            return NOTHING


def _step(view: EscalationCard, step: NextStep) -> Markup:
    owner = view.owners.get(view.line.against)
    match step.state:
        case EscalationState.OPEN if step.level:
            return say("{} (level {})", _told(view, step), step.level)
        case EscalationState.OPEN if view.line.levels:
            return say("the end of the ladder; both owners are told daily")
        case EscalationState.ACKNOWLEDGED if step.is_asked and step.level:
            return say("without an update, {} (level {})", _told(view, step), step.level)
        case EscalationState.ACKNOWLEDGED if step.is_asked:
            return say("without an update it belongs to nobody again")
        case EscalationState.ACKNOWLEDGED:
            return say("an update by {}", kit.name(owner)) if owner else say("an update")
        case EscalationState.EXHAUSTED:
            return say("both owners are told again")
        case _:
            return say("“still stuck?” is asked")


def _told(view: EscalationCard, step: NextStep) -> Markup:
    """Those of the level, who must act first: roles with their organisation, people by name."""
    order = (view.line.against, view.line.against.other)
    return join(" and ", [_of_side(view, side, step.told.get(side, ())) for side in order])


def _of_side(view: EscalationCard, side: Side, words: Sequence[str | Who]) -> Markup:
    roles = [Markup(_ROLES[word]) for word in words if isinstance(word, str)]
    people = [kit.name(word) for word in words if not isinstance(word, str)]
    named = say("the {} of {}", join(" and ", roles), esc(view.parties.name(side), kit.NAME)) if roles else NOTHING
    return join(" and ", [named, *people])


def _last_word(view: EscalationCard) -> Markup:
    said = view.last_word
    if said is None or said.by is None or view.line.state is EscalationState.RESOLVED:
        return NOTHING
    bare = "Opened it again." if said.kind is EntryKind.REOPENED else "Done."
    return say("{} · {}: {}", kit.when(said.at), kit.name(said.by), esc(said.note or bare, _WORD))


def _proposal(view: EscalationCard) -> Markup:
    if view.proposed_by is None or view.line.state is EscalationState.RESOLVED:
        return NOTHING
    other = esc(view.parties.name(view.line.against.other), kit.NAME)
    return say("{} says that it is done. *{}* can close it, or say what is missing.", kit.name(view.proposed_by), other)


def _spoken(view: EscalationCard) -> list[Markup]:
    line = view.line
    return [
        say("{}: E-{}, {}.", state(line.state), line.number, line.severity.value),
        say("{}.", what(line)),
        *(spoken(fact) for fact in _facts(view)),
        spoken(_proposal(view)),
    ]
