"""Questions across the line: the card that says whose turn it is, the nudge, and lists of what waits."""

from collections.abc import Sequence
from datetime import timedelta
from typing import LiteralString

from slack_sdk.models.blocks import ActionsBlock, Block

from bot import ids
from bot.blocks import kit, lines
from bot.blocks.kit import Rendered
from bot.blocks.markup import NOTHING, Markup, esc, join, say, spoken
from models.access import Side
from models.asks.rules import AskState
from models.asks.views import AskCard, AskLine, Nudge
from models.engagements.views import Parties

_ROWS = 12
_STATES: dict[AskState, LiteralString] = {
    AskState.WAITING: "🟡 Waiting",
    AskState.REPLIED: "🔵 Replied",
    AskState.ANSWERED: "🟢 Answered",
    AskState.WITHDRAWN: "⚪ Withdrawn",
}


def card(view: AskCard) -> Rendered:
    """What was understood: whose turn it is, by when. Under the message that asks, or with a thread of its own."""
    line = view.line
    head = join(" · ", [say("*Q-{}*", line.number), state(line), _turn(view)])
    blocks: list[Block | None] = [
        kit.section(head),
        kit.quoted(line.what) if view.has_own_thread else None,
        kit.context(_from(view), _last(view), _how(view)),
        _buttons(line),
    ]
    told = [
        spoken(say("Q-{}, {}: {}", line.number, state(line), esc(line.what))),
        spoken(_turn(view)) if _turn(view) else NOTHING,
        spoken(_from(view)),
        _last(view),
        _how(view),
    ]
    return kit.message(told, blocks)


def nudge(view: Nudge, *, with_mention: bool = False) -> Rendered:
    """One word to the side that lets a question wait."""
    line = view.line
    if not view.is_current:
        words = say("Q-{} does not wait for you any more.", line.number)
        return kit.message([words], [kit.section(words)])
    to = kit.mention(view.to) if with_mention and view.to else NOTHING
    asker = say("{} ({})", kit.name(line.asker), esc(view.parties.name(line.asker.side), kit.NAME))
    first = join(" ", [to, say("*Q-{}* from {} has waited for your side since {}.", line.number, asker, _since(line))])
    where = say("An answer was due {}.", kit.when(line.until)) if line.until else NOTHING
    how = say("Please reply in this thread: who has the answer, or by when it comes.")
    if not with_mention:
        how = say("Please reply in its thread in {}: the answer, or by when it comes.", kit.channel(view.channel_id))
    blocks: list[Block | None] = [kit.section(first), kit.quoted(line.what), kit.section(where, how)]
    return kit.message([spoken(first), spoken(esc(line.what)), where, how], blocks)


def listed(parties: Parties, found: Sequence[AskLine]) -> Rendered:
    """All open questions of an engagement, by whose turn it is."""
    title = say("*Questions between {}*", kit.parties_line(parties))
    if not found:
        nothing = say("No question waits on either side.")
        how = how_to_ask()
        return kit.message([spoken(title), nothing, how], [kit.section(title, nothing), kit.context(how)])
    groups = [(side, [line for line in found if line.turn is side]) for side in Side]
    rows = [
        row
        for side, own in groups
        if own
        for row in [
            say("*{}'s turn* · {}", esc(parties.name(side), kit.NAME), len(own)),
            *kit.cut([listed_row(line, parties) for line in own], _ROWS),
        ]
    ]
    blocks: list[Block | None] = [kit.section(title), *kit.sections(rows), kit.context(how_to_ask())]
    return kit.message([spoken(title), *(spoken(row) for row in rows)], blocks)


def listed_row(line: AskLine, parties: Parties) -> Markup:
    """A question in a list: what, who asks, until when."""
    facts = join(" · ", [_waits(line, parties), _due(line), say("asked by {}", kit.name(line.asker))])
    return say("• *Q-{}* {}\n      {}", line.number, esc(line.what, lines.WHAT), facts)


def open_rows(found: Sequence[AskLine], parties: Parties, most: int, elsewhere: Markup = NOTHING) -> list[Markup]:
    """The questions that wait for an answer, under their heading; nothing when none does."""
    rows = [listed_row(line, parties) for line in found if line.state is AskState.WAITING]
    return lines.titled("Questions waiting", rows, most, elsewhere)


def open_spoken(found: Sequence[AskLine], parties: Parties, most: int) -> list[Markup]:
    """The same within a message's plain text."""
    waiting = [line for line in found if line.state is AskState.WAITING]
    if not waiting:
        return []
    told = [
        say("Q-{}, {}: {}, {}.", line.number, esc(line.what, lines.WHAT), _waits(line, parties), _due(line))
        for line in waiting[:most]
    ]
    return [say("{}:", kit.plural(len(waiting), "question waits", "questions wait")), *told]


def state(line: AskLine) -> Markup:
    """The state in a word, with its sign."""
    return say("🔴 Overdue") if line.is_overdue else Markup(_STATES[line.state])


def how_to_ask() -> Markup:
    """How a question is asked."""
    return say(
        "To ask the other side: mention me with “needs an answer: …”, "
        "or begin a line of your check-in reply with “question:”."
    )


def span(length: timedelta) -> str:
    """Working time in words: "40 min", "3 h 20 min"."""
    minutes = round(length.total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else ""]
    return " ".join(part for part in parts if part)


def _turn(view: AskCard) -> Markup:
    line = view.line
    if line.turn is None:
        return NOTHING
    side = esc(view.parties.name(line.turn), kit.NAME)
    if line.state is AskState.WAITING:
        who = say("*{}* to answer", side)
        named = say(" ({})", kit.name(line.asked)) if line.asked else NOTHING
        return join("", [who, named, say(" by {}", kit.when(line.until)) if line.until else NOTHING])
    return say("*{}* to say if that is enough", side)


def _waits(line: AskLine, parties: Parties) -> Markup:
    if line.turn is None:
        return state(line)
    side = esc(parties.name(line.turn), kit.NAME)
    return (
        say("{} to answer", side) if line.state is AskState.WAITING else say("replied, {} to say if it is enough", side)
    )


def _due(line: AskLine) -> Markup:
    """Until when, or for how long over."""
    if line.until is None or line.state is not AskState.WAITING:
        return NOTHING
    if not line.is_overdue:
        return say("by {}", kit.when(line.until))
    return say("*overdue*, {}", _age(line))


def _age(line: AskLine) -> str:
    return "waiting for less than a working day" if line.age_days < 1 else f"waiting for {_days(line)}"


def _since(line: AskLine) -> Markup:
    return kit.when(line.since)


def _days(line: AskLine) -> str:
    return kit.plural(line.age_days, "working day")


def _from(view: AskCard) -> Markup:
    line = view.line
    side = esc(view.parties.name(line.asker.side), kit.NAME)
    return say("Asked by {} ({}) {}", kit.name(line.asker), side, kit.when(line.asked_at))


def _last(view: AskCard) -> Markup:
    """What came last: the reply and how long it took, or who closed it."""
    line = view.line
    closed = NOTHING
    if line.state is AskState.ANSWERED:
        by = say("by {}", kit.name(view.closed_by)) if view.closed_by else say("because nobody asked again")
        closed = say("Closed {} {}.", kit.when(line.since), by)
    elif line.state is AskState.WITHDRAWN:
        by = say(" by {}", kit.name(view.closed_by)) if view.closed_by else NOTHING
        closed = say("Taken back{} {}.", by, kit.when(line.since))
    if view.replied_by is None or view.replied_after is None:
        return closed
    reply = say("Last reply: {}, after {} of working time.", kit.name(view.replied_by), span(view.replied_after))
    return join(" ", [reply, closed])


def _how(view: AskCard) -> Markup:
    line = view.line
    match line.state:
        case AskState.WAITING:
            return say("Reply in this thread, and the clock stops. Thanks do not count.")
        case AskState.REPLIED:
            return say("{}: write again if something is missing, and the clock starts again.", kit.name(line.asker))
        case AskState.ANSWERED | AskState.WITHDRAWN:
            return NOTHING


def _buttons(line: AskLine) -> ActionsBlock | None:
    """For the side that asked; who presses is checked again."""
    if line.state in (AskState.ANSWERED, AskState.WITHDRAWN):
        return kit.actions(kit.button("Ask again", ids.ASK_AGAIN, line.id))
    sure = kit.confirm(f"Take back Q-{line.number}?", "It needs no answer any more and is not counted.", "Take back")
    return kit.actions(
        kit.button("Answered", ids.ASK_ANSWERED, line.id, primary=line.state is AskState.REPLIED),
        kit.button("Not enough", ids.ASK_AGAIN, line.id) if line.state is AskState.REPLIED else None,
        kit.button("Take back", ids.ASK_WITHDRAW, line.id, confirm=sure),
    )
