"""A blocker's card: state, whose turn, since when, until when, what was said, and the buttons that are legal now."""

from slack_sdk.models.blocks import ActionsBlock, Block

from bot import ids
from bot.blocks import kit, lines
from bot.blocks.escalations import SEVERITIES
from bot.blocks.kit import Rendered
from bot.blocks.markup import NOTHING, Markup, esc, join, say, spoken
from models.blockers.rules import BlockerEvent, BlockerState
from models.blockers.views import BlockerCard, BlockerNote
from models.escalations.ladders import Severity

_NOTES = 3
_NOTE = 200

_EVENTS: dict[BlockerEvent, str] = {
    BlockerEvent.RAISED: "raised it",
    BlockerEvent.MINE: "took it",
    BlockerEvent.UPDATED: "gave word",
    BlockerEvent.STILL_BLOCKED: "is still blocked",
    BlockerEvent.RESOLVED: "resolved it",
    BlockerEvent.REOPENED: "opened it again",
}


def card(view: BlockerCard) -> Rendered:
    """The card. The person whose turn it is, is mentioned while it is open."""
    line = view.line
    blocks: list[Block | None] = [
        kit.section(say("{} · {}", lines.blocker_state(line.state), lines.named(line))),
        kit.quoted(line.what),
        *kit.sections(_facts(view)),
        kit.context(*_history(view)),
        _buttons(view),
    ]
    state = say("{}.", lines.blocker_state(line.state))
    rated = say("{}.", Markup(SEVERITIES[line.severity])) if line.severity is not Severity.S3 else NOTHING
    return kit.message([state, say("B-{}: {}.", line.number, esc(line.what)), rated, *_spoken(view)], blocks)


def _facts(view: BlockerCard) -> list[Markup]:
    line = view.line
    raised = say(
        "Raised by {} ({}) {}",
        kit.name(line.raised_by),
        esc(view.parties.name(line.raised_by.side), kit.NAME),
        kit.when(line.raised_at),
    )
    if line.state is BlockerState.RESOLVED:
        resolved = (
            say("Resolved {} after {}", kit.when(line.resolved_at), lines.age(line)) if line.resolved_at else NOTHING
        )
        return [raised, resolved]
    return [
        join(" · ", [_turn(view), lines.needed(line)]),
        say("{} · open for {}", raised, lines.age(line)),
        say("Taken by {}", kit.name(view.owner)) if view.owner else say("Nobody has taken it yet"),
    ]


def _turn(view: BlockerCard) -> Markup:
    side = esc(view.parties.name(view.line.acting_side), kit.NAME)
    if view.line.acting is None:
        return say("*{}* to act", side)
    return say("*{}* to act: {}", side, kit.mention(view.line.acting))


def _spoken(view: BlockerCard) -> list[Markup]:
    line = view.line
    raised = say("Raised by {}.", kit.name(line.raised_by))
    if line.state is BlockerState.RESOLVED:
        return [raised, say("Resolved after {}.", lines.age(line))]
    turn = spoken(join(", ", [lines.turn(line, view.parties), lines.needed(line)]))
    return [turn, raised, say("Open for {}.", lines.age(line))]


def _history(view: BlockerCard) -> list[Markup]:
    """The last words, newest last; that it was raised stands above."""
    told = [note for note in view.history if note.event is not BlockerEvent.RAISED or note.note]
    shown = [_note(note) for note in told[-_NOTES:]]
    earlier = len(told) - len(shown)
    return [say("{} before", kit.plural(earlier, "entry", "entries")) if earlier else NOTHING, *shown]


def _note(note: BlockerNote) -> Markup:
    words = say("{} · {} {}", kit.when(note.at), kit.name(note.by), _EVENTS[note.event])
    return say("{}: {}", words, esc(note.note, _NOTE)) if note.note.strip() else words


def _buttons(view: BlockerCard) -> ActionsBlock | None:
    line = view.line
    if line.state is BlockerState.RESOLVED:
        return None
    mine = "Mine" if line.state is BlockerState.OPEN else "Take over"
    return kit.actions(
        kit.button(mine, ids.MINE_PRESS, line.id, primary=line.state is BlockerState.OPEN),
        kit.button("Update", ids.UPDATE_OPEN, line.id),
        kit.button("Resolved", ids.RESOLVE_OPEN, line.id),
        kit.button("Escalate", ids.ESCALATE_OPEN, line.id),
    )
