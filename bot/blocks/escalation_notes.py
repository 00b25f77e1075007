"""What is said about an escalation: lines of its history in the thread, and direct messages to those named."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import Block

from bot.blocks import kit
from bot.blocks.escalations import SEVERITIES, about, buttons, heading, owners, span, state, upcoming, what
from bot.blocks.kit import Rendered
from bot.blocks.markup import NOTHING, Markup, esc, join, say, spoken
from models.engagements.views import Who
from models.escalations.causes import Cause, EntryKind
from models.escalations.ladders import Severity
from models.escalations.rules import EscalationState
from models.escalations.views import EscalationCard, EscalationNote


def note(entry: EscalationNote, view: EscalationCard) -> Rendered:
    """One line of the history."""
    said = say("*{}*", _happened(entry, view))
    blocks: list[Block | None] = [kit.section(said), kit.quoted(entry.note)]
    return kit.message([spoken(said), esc(entry.note)], blocks)


def private(entry: EscalationNote) -> Rendered:
    """A private note, in the in-house thread."""
    by = kit.name(entry.by) if entry.by else say("Somebody")
    words = say("*Private note* by {}", by)
    return kit.message([spoken(words), esc(entry.note)], [kit.section(words), kit.quoted(entry.note)])


def told(view: EscalationCard, who: Who | None, reached: int, *, with_mention: bool = False) -> Rendered:
    """To somebody (or a channel) named on a level: what it is, whose it is, what is asked of them, until when."""
    why = say("You are told as level {} of the ladder.", reached)
    return _direct(view, who, why, _wanted(view, who), with_mention=with_mention)


def ask(view: EscalationCard, who: Who | None, *, is_proposal: bool = False, with_mention: bool = False) -> Rendered:
    """Still stuck? To whoever owns it; or is it done? To the side that can close it."""
    if not _is_still_asked(view, is_proposal=is_proposal):
        first, then = say("I asked about this; it has been answered meanwhile."), NOTHING
    elif is_proposal and view.proposed_by:
        first = say("{} says that this is done. Is it?", kit.name(view.proposed_by))
        then = say("Press *Done* to close it, or *Update* to say what is missing.")
    else:
        first = say("Still stuck?")
        then = say("Please say where it stands (*Update*), or that it is done. Without a word the ladder goes on.")
    return _direct(view, who, first, then, with_mention=with_mention)


def owners_told(view: EscalationCard, who: Who | None, *, with_mention: bool = False) -> Rendered:
    """To both owners, every working day: the ladder has ended and nobody owns it."""
    first = say("The ladder has ended and nobody owns this. I tell both owners every working day until somebody does.")
    if view.line.state is not EscalationState.EXHAUSTED:
        first = say("The ladder had ended; it goes on meanwhile.")
    return _direct(view, who, first, _wanted(view, who), with_mention=with_mention)


def meanwhile(view: EscalationCard) -> Rendered:
    """A button or form came too late: how it stands now."""
    line = view.line
    first = say("Nothing was changed: E-{} has moved on meanwhile.", line.number)
    now = [say("It is now: {}.", state(line.state))]
    if line.state is EscalationState.RESOLVED:
        by = say(" by {}", kit.name(view.resolved_by)) if view.resolved_by else NOTHING
        now.append(say("Resolved{} {}.", by, kit.when(line.resolved_at)) if line.resolved_at else NOTHING)
    else:
        now += [say("{}.", fact) for fact in owners(view)]
    return kit.message([first, *(spoken(item) for item in now)], [kit.section(first, *now)])


def _is_still_asked(view: EscalationCard, *, is_proposal: bool) -> bool:
    """Whether a question that was put directly still waits for its answer."""
    if is_proposal:
        return view.proposed_by is not None
    return view.line.state is not EscalationState.ACKNOWLEDGED or (view.next is not None and view.next.is_asked)


def _direct(view: EscalationCard, who: Who | None, first: Markup, then: Markup, *, with_mention: bool) -> Rendered:
    """Whoever cannot be reached directly is mentioned in the card's thread, by the same message, for all to see."""
    line = view.line
    is_over = line.state is EscalationState.RESOLVED
    greeting = say("{} ", kit.mention(who)) if who and with_mention else NOTHING
    reader = None if with_mention else who
    lines = [about(line), *owners(view), upcoming(view)]
    wanted: list[Block | None] = [
        kit.section(say("*{}*", first), then),
        kit.section(*lines),
        buttons(view, reader=reader),
    ]
    over: list[Block | None] = [kit.section(say("Resolved after {}.", span(line.age)))]
    blocks = [kit.section(say("{}{}", greeting, heading(line))), kit.quoted(line.what), *(over if is_over else wanted)]
    words = [
        say("{}E-{}, {}, {}: {}.", greeting, line.number, line.severity.value, state(line.state), what(line)),
        *([] if is_over else [spoken(item) for item in (first, then, *lines)]),
    ]
    return kit.message(words, blocks)


def _wanted(view: EscalationCard, who: Who | None) -> Markup:
    side = esc(view.parties.name(view.line.against), kit.NAME)
    if view.line.owner:
        return say("{} owns it now; nothing is asked of you.", kit.name(view.line.owner))
    if who is not None and who.side is view.line.against:
        if view.line.cause is Cause.QUESTION:
            return say(
                "Somebody of {} must answer: a reply in the question’s thread, or a message in the channel that begins "
                "with `{}:`, ends this. If that takes longer, press *I own it*, or reply `mine` in its thread.",
                side,
                view.line.cause_ref,
            )
        return say("Somebody of {} must own it: press *I own it*, or reply `mine` in its thread.", side)
    return say("Somebody of {} must own it. You can look after it on your side.", side)


def _happened(entry: EscalationNote, view: EscalationCard) -> Markup:
    by = kit.name(entry.by) if entry.by else NOTHING
    company = esc(view.parties.name(entry.by.side), kit.NAME) if entry.by else NOTHING
    match entry.kind:
        case EntryKind.RAISED:
            return say("Raised by {}", by) if by else say("Raised by itself")
        case EntryKind.JOINED:
            return say("{} escalated it too", by) if by else say("The same matter came up again")
        case EntryKind.TOLD:
            return _level_told(entry)
        case EntryKind.OWNED:
            return say("{} owns it for {}", by, company)
        case EntryKind.FOLLOWED:
            return say("{} looks after it for {}", by, company)
        case EntryKind.UPDATED:
            return say("{} ({}) says where it stands", by, company)
        case EntryKind.ASKED:
            return say("Still stuck? Asked: {}", _names(entry))
        case EntryKind.LAPSED if entry.detail.get("is_gone"):
            return say("{} cannot act any more: nobody owns it now, and the ladder goes on", _names(entry))
        case EntryKind.LAPSED:
            return say("The promised update did not come: nobody owns it now, and the ladder goes on")
        case EntryKind.SNOOZED:
            return say("{} lets it rest until {}", by, _moment(entry.detail))
        case EntryKind.WOKEN:
            return say("The rest is over. Still stuck?")
        case EntryKind.EXHAUSTED:
            return say("The ladder has ended and nobody owns it. Told every working day: {}", _names(entry))
        case EntryKind.REMINDED:
            return say("Still nobody owns it. Told again: {}", _names(entry))
        case EntryKind.RERATED:
            after = Markup(SEVERITIES[Severity(entry.detail["after"])])
            return say("{} changed the severity from {} to {}", by, entry.detail["before"], after)
        case EntryKind.PROPOSED:
            return say("{} ({}) says that it is done", by, company)
        case EntryKind.RESOLVED:
            return say("Resolved by {}", by) if by else say("Resolved: its cause is gone")
        case EntryKind.REOPENED:
            return say("{} opened it again", by)
        case EntryKind.NOTED:
            return say("Private note by {}", by)


def _level_told(entry: EscalationNote) -> Markup:
    names = _names(entry) or say("nobody new")
    channel = kit.channel(str(entry.detail.get("channel") or ""))
    return say("Level {}: told {}{}", entry.level, names, say(", in {}", channel) if channel else NOTHING)


def _names(entry: EscalationNote) -> Markup:
    return join(", ", [kit.name(who) for who in entry.told])


def _moment(detail: Mapping[str, Any]) -> Markup:
    return kit.when(datetime.fromisoformat(str(detail["until"])))
