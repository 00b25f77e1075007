"""Escalations as they stand for one person: what waits for them with what they may do, and what else concerns them."""

from collections.abc import Iterable, Sequence

from slack_sdk.models.blocks import ActionsBlock, Block

from bot import ids
from bot.blocks import kit
from bot.blocks.escalations import level, state, what
from bot.blocks.markup import NOTHING, Markup, esc, join, say
from models.engagements.views import Parties
from models.escalations.rules import Event
from models.escalations.views import EscalationOf, Stake
from models.home.views import OwnEscalation

_WAITING, _CONCERNING = 5, 5
_ELSEWHERE = say(": “/cadence status” in the channel shows all")


def on_home(found: Sequence[OwnEscalation], *, several: bool) -> Iterable[Block | None]:
    """The section of a Home tab; nothing when no escalation is theirs."""
    if not found:
        return
    yield kit.header("Escalations")
    waiting = [item for item in found if item.own.stake is not Stake.CONCERNS]
    concerning = [item for item in found if item.own.stake is Stake.CONCERNS]
    for item in waiting[:_WAITING]:
        yield kit.section(row(item.own, item.parties, several=several))
        yield buttons(item.own)
    if (more := len(waiting) - _WAITING) > 0:
        yield kit.context(say("and {} more that wait{}", more, _ELSEWHERE))
    if concerning:
        yield kit.context(say("These concern you, and wait for others:"))
        rows = [row(item.own, item.parties, several=several) for item in concerning]
        yield from kit.sections(kit.cut(rows, _CONCERNING, _ELSEWHERE))


def row(item: EscalationOf, parties: Parties, *, several: bool = False) -> Markup:
    """One escalation, in words that stay true until it changes."""
    line = item.line
    step = say("next step {}", kit.when(line.next_at)) if line.next_at else NOTHING
    vendor = esc(parties.vendor, kit.NAME) if several else NOTHING
    facts = [_stake(item, parties), say("raised {}", kit.when(line.raised_at)), level(line), step, vendor]
    told = join(" · ", facts)
    return say("{} · *E-{}* {} {}\n      {}", state(line.state), line.number, line.severity.value, what(line), told)


def buttons(item: EscalationOf) -> ActionsBlock | None:
    """What this person may do now: the next thing first."""
    row_id, stake = item.line.id, item.stake
    close = "Close it" if stake is Stake.TO_CLOSE else "Done"
    own = "I own it" if stake is Stake.UNOWNED else "I look after it"
    choices = (
        (Event.ACKNOWLEDGE, own, ids.OWN_PRESS, Stake.UNOWNED),
        (Event.UPDATE, "Update", ids.WORD_OPEN, Stake.OWN),
        (Event.RESOLVE, close, ids.FINISH_OPEN, Stake.TO_CLOSE),
        (Event.SNOOZE, "Let it rest", ids.SNOOZE_OPEN, None),
        (Event.RERATE, "Severity", ids.RERATE_OPEN, None),
    )
    return kit.actions(
        *(
            kit.button(label, action_id, row_id, primary=stake is first)
            for event, label, action_id, first in choices
            if event in item.legal
        )
    )


def _stake(item: EscalationOf, parties: Parties) -> Markup:
    """Whose move it is, for one person."""
    line, must_act = item.line, esc(parties.name(item.line.against), kit.NAME)
    match item.stake:
        case Stake.TO_CLOSE:
            return say("{} says that it is done: close it, or say what is missing", must_act)
        case Stake.OWN:
            return say("*you own it*")
        case Stake.LOOKS_AFTER:
            return say("you look after it, {} to act", must_act)
        case Stake.UNOWNED:
            return say("*nobody on your side owns it*")
        case Stake.CONCERNS:
            owner = say("owned by {}", kit.name(line.owner)) if line.owner else say("nobody owns it")
            return say("{} to act, {}", must_act, owner)
