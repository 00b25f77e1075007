"""What an owner's Home shows besides: how each engagement is and by which rule, and what could not be sent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import LiteralString

from slack_sdk.models.blocks import Block, ButtonElement

from bot import ids
from bot.blocks import kit
from bot.blocks.markup import NOTHING, Markup, esc, join, say
from bot.blocks.problems import NOTICES, notice_of
from models.home.rules import LEAST_ANSWERED, OLD_BLOCKER_DAYS, STUCK_ABOVE, Colour, Rule
from models.home.views import FailedDelivery, Health, HomeView

_COLOURS: Mapping[Colour, LiteralString] = {
    Colour.RED: "🔴 Red",
    Colour.AMBER: "🟡 Amber",
    Colour.GREEN: "🟢 Green",
    Colour.GREY: "⚪ Grey",
}
_MOST_SETTINGS = 10
KINDS: Mapping[str, LiteralString] = {
    "ask.card": "A question's card",
    "ask.nudge": "A word to one person on a question that waits",
    "owner.notice": "A word on what cannot be sent",
    "reply.mention": "An answer to a mention",
    "engagement.handed_over": "The word that the owner is another one",
    "greeting.inhouse": "The greeting to your own side",
    "greeting.shared": "The greeting to both sides",
    "blocker.card": "A blocker's card",
    "checkin.answer": "An answer in the thread",
    "checkin.board": "A check-in's board",
    "checkin.prompt": "A question to one person",
    "checkin.receipt": "A receipt to one person",
    "checkin.reminder": "A reminder to one person",
    "escalation.ask": "“Still stuck?” to one person",
    "escalation.card": "An escalation's card",
    "escalation.inhouse": "An escalation's card for your own side",
    "escalation.note": "A line in an escalation's thread",
    "escalation.owners": "The word to the owners that a ladder has ended",
    "escalation.private": "A private note on an escalation",
    "escalation.told": "A call for an escalation's owner",
    "summary.detail": "The weekly summary's details",
    "summary.inhouse": "The in-house note on the summary",
    "summary.weekly": "The weekly summary",
}
"""What each kind of message is to its owner; the Home itself is sent to nobody else."""


def owner(view: HomeView) -> Iterable[Block | None]:
    """The sections for somebody who owns engagements; nothing for everybody else."""
    if not view.health:
        return
    yield kit.header("Your engagements")
    for item in view.health:
        yield kit.section(_health(item))
    yield from _turning(view)
    yield from _failures(view.failures)
    yield from settings(view)


def settings(view: HomeView) -> Iterable[Block | None]:
    """Where an owner changes things. Buttons here have action ids that begin with `admin.`."""
    for item in view.health[:_MOST_SETTINGS]:
        words = say("People, check-ins, questions, holidays: {}", esc(item.parties.vendor, kit.NAME))
        yield kit.section(words, accessory=kit.button("Settings", ids.SETTINGS_OPEN, item.parties.engagement_id))
    begin = ButtonElement(text=kit.plain("Set up", 75), action_id=ids.SETUP_OPEN, value=ids.NEW)
    yield kit.section(say("Another channel with a provider"), accessory=begin)


def _health(item: Health) -> Markup:
    colour = Markup(_COLOURS[item.colour])
    return say("*{}* with {}\n{}: {}", colour, esc(item.parties.vendor, kit.NAME), _rule_name(item.rule), _why(item))


def _rule_name(rule: Rule) -> Markup:
    return say("{}", rule.value.replace("_", " "))


def _why(item: Health) -> Markup:
    """The rule that fired, in words, with its figures."""
    signs = item.signs
    match item.rule:
        case Rule.CANNOT_POST:
            return esc(item.trouble or "")
        case Rule.STUCK_ESCALATION:
            stuck = kit.plural(signs.stuck_escalations, "escalation")
            return say("{} nobody owns, past level {} or at the end of the ladder", stuck, STUCK_ABOVE)
        case Rule.UNOWNED_ESCALATION:
            return say("{} nobody owns yet", kit.plural(signs.unowned_escalations, "escalation"))
        case Rule.OVERDUE_BLOCKER:
            return say("{} past the day it was needed by", kit.plural(signs.overdue_blockers, "open blocker"))
        case Rule.OLD_BLOCKER:
            days = kit.plural(OLD_BLOCKER_DAYS, "working day")
            return say("{} open for {} or longer", kit.plural(signs.old_blockers, "blocker"), days)
        case Rule.OVERDUE_COMMITMENT:
            return say("{} past their date", kit.plural(signs.overdue_commitments, "open promise"))
        case Rule.FEW_ANSWERS:
            least = kit.percent(round(LEAST_ANSWERED * 100), 100)
            return say("{} in two weeks; below {} is amber", kit.share(signs.answered, signs.asked), least)
        case Rule.NOT_RUNNING:
            return say("it is {}: nothing is asked or posted", signs.state.value)
        case Rule.NO_DATA:
            return say("no check-in has closed in two weeks")
        case Rule.ALL_WELL:
            return say("nothing is overdue; answered {} in two weeks", kit.share(signs.answered, signs.asked))


def _turning(view: HomeView) -> Iterable[Block | None]:
    if view.pages == 1:
        return
    yield kit.context(say("Page {} of {}, the worst first", view.page + 1, view.pages))
    yield kit.actions(
        kit.button("Previous", ids.HOME_PREVIOUS_PRESS, view.home_id) if view.page else None,
        kit.button("Next", ids.HOME_NEXT_PRESS, view.home_id) if view.page + 1 < view.pages else None,
    )


def _failures(found: Sequence[FailedDelivery]) -> Iterable[Block | None]:
    if not found:
        return
    yield kit.header("Could not be sent")
    for item in found:
        yield kit.section(*_failure(item))


def _failure(item: FailedDelivery) -> tuple[Markup, Markup]:
    kind = Markup(KINDS.get(item.kind, "A message"))
    times = say("{} times", item.count) if item.count > 1 else NOTHING
    facts = [say("*{}*", kind), esc(item.parties.vendor, kit.NAME), times, kit.when(item.last_at)]
    if item.is_unsure:
        return join(" · ", facts), say("Slack did not answer, so nobody knows. I look for it before I send it again.")
    told = NOTICES.get(notice_of(item.code))
    return join(" · ", facts), told.do if told else say("Reason: {}", esc(item.code, 80))
