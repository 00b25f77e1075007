"""Which message a kind in the outbox becomes: its read model of this very moment, and its builder."""

from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID

from bot.blocks import asks as ask_blocks
from bot.blocks import escalation_notes, escalations, greetings, replies
from bot.blocks.answers import answer, receipt
from bot.blocks.blockers import card
from bot.blocks.checkins import board, prompt, reminder
from bot.blocks.home import home, shared_home
from bot.blocks.kit import Rendered
from bot.blocks.problems import owner_notice
from bot.blocks.summaries import detail, inhouse, weekly
from models.access import Actor, Side
from models.asks import queries as asks
from models.blockers import queries as blockers
from models.checkins import answers, boards
from models.checkins.rules import PENDING, CheckInState
from models.checkins.views import Board, PromptView, Status
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Engagement
from models.engagements.views import Who
from models.escalations import queries as escalating
from models.escalations.rules import EscalationState
from models.escalations.views import EscalationCard
from models.home import queries as home_queries
from models.home import standing
from models.outbox import homes
from models.outbox.rules import Operation
from models.outbox.tables import OutboxMessage
from models.setup import stored
from models.setup.file import EngagementFile
from models.summaries import queries as summaries

Renderer = Callable[[Tx, OutboxMessage], Rendered | None]


def render(tx: Tx, message: OutboxMessage) -> Rendered | None:
    """The message as it is to be shown now; None when it is no longer wanted. Raises KeyError for an unknown kind."""
    return KINDS[message.kind](tx, message)


def _board(tx: Tx, message: OutboxMessage) -> Rendered:
    return board(boards.board(tx, message.workspace_id, message.subject_id), tx.now)


def _prompt(tx: Tx, message: OutboxMessage) -> Rendered | None:
    view = answers.prompt_view(tx, message.workspace_id, message.subject_id)
    return prompt(view, with_mention=_mentions(message)) if _is_wanted(message, view) else None


def _reminder(tx: Tx, message: OutboxMessage) -> Rendered | None:
    view = answers.prompt_view(tx, message.workspace_id, message.subject_id)
    return reminder(view, with_mention=_mentions(message)) if _is_wanted(message, view) else None


def _is_wanted(message: OutboxMessage, view: PromptView) -> bool:
    """A question is posted only while it waits for its answer; one that stands in Slack follows what became of it."""
    is_pending = view.state in PENDING and view.checkin_state is CheckInState.OPEN
    return is_pending or message.operation is Operation.REFRESH


def _mentions(message: OutboxMessage) -> bool:
    return bool(message.extra.get("mention"))


def _answer(tx: Tx, message: OutboxMessage) -> Rendered | None:
    view = answers.answer_view(tx, message.workspace_id, message.subject_id)
    return answer(view) if view else None


def _receipt(tx: Tx, message: OutboxMessage) -> Rendered | None:
    view = answers.answer_view(tx, message.workspace_id, message.subject_id)
    return receipt(view, with_mention=_mentions(message)) if view else None


def _card(tx: Tx, message: OutboxMessage) -> Rendered:
    return card(blockers.card(tx, message.workspace_id, message.subject_id))


def _ask(tx: Tx, message: OutboxMessage) -> Rendered:
    return ask_blocks.card(asks.card(tx, message.workspace_id, message.subject_id))


def _nudge(tx: Tx, message: OutboxMessage) -> Rendered | None:
    turn = UUID(str(message.extra["turn"]))
    view = asks.nudge(tx, message.workspace_id, message.subject_id, turn, message.person_id)
    return ask_blocks.nudge(view, with_mention=_mentions(message)) if view.is_current else None


def _weekly(tx: Tx, message: OutboxMessage) -> Rendered:
    return weekly(summaries.summary(tx, message.workspace_id, message.subject_id))


def _detail(tx: Tx, message: OutboxMessage) -> Rendered:
    return detail(summaries.summary(tx, message.workspace_id, message.subject_id))


def _inhouse(tx: Tx, message: OutboxMessage) -> Rendered:
    return inhouse(summaries.summary(tx, message.workspace_id, message.subject_id))


def _home(tx: Tx, message: OutboxMessage) -> Rendered | None:
    view = home_queries.home(tx, message.workspace_id, message.subject_id)
    return home(view) if view else None


def _escalation(tx: Tx, message: OutboxMessage) -> Rendered:
    return escalations.card(escalating.card(tx, message.workspace_id, message.subject_id))


def _twin(tx: Tx, message: OutboxMessage) -> Rendered:
    return escalations.twin(escalating.card(tx, message.workspace_id, message.subject_id))


def _entry(tx: Tx, message: OutboxMessage) -> Rendered:
    return escalation_notes.note(*escalating.entry(tx, message.workspace_id, message.subject_id))


def _private(tx: Tx, message: OutboxMessage) -> Rendered:
    return escalation_notes.private(escalating.entry(tx, message.workspace_id, message.subject_id)[0])


def _told(tx: Tx, message: OutboxMessage) -> Rendered | None:
    """A call for an owner is posted only while there is none."""
    view, who = _told_to(tx, message)
    is_wanted = view.line.state in (EscalationState.OPEN, EscalationState.EXHAUSTED)
    if not is_wanted and message.operation is Operation.POST:
        return None
    return escalation_notes.told(view, who, int(message.extra.get("level", 0)), with_mention=_mentions(message))


def _asked(tx: Tx, message: OutboxMessage) -> Rendered | None:
    view, who = _told_to(tx, message)
    if view.line.state is EscalationState.RESOLVED and message.operation is Operation.POST:
        return None
    is_proposal = bool(message.extra.get("is_proposal"))
    return escalation_notes.ask(view, who, is_proposal=is_proposal, with_mention=_mentions(message))


def _owners(tx: Tx, message: OutboxMessage) -> Rendered | None:
    view, who = _told_to(tx, message)
    if view.line.state is not EscalationState.EXHAUSTED and message.operation is Operation.POST:
        return None
    return escalation_notes.owners_told(view, who, with_mention=_mentions(message))


def _told_to(tx: Tx, message: OutboxMessage) -> tuple[EscalationCard, Who | None]:
    person = message.extra.get("person")
    participant_id = UUID(str(person)) if person else None
    return escalating.card_for(tx, message.workspace_id, message.subject_id, participant_id)


def _owner_notice(tx: Tx, message: OutboxMessage) -> Rendered:
    return owner_notice(message.extra)


def _greeting(tx: Tx, message: OutboxMessage) -> Rendered:
    return greetings.shared(_file(tx, message))


def _inhouse_greeting(tx: Tx, message: OutboxMessage) -> Rendered:
    return greetings.inhouse(_file(tx, message))


def _handed_over(tx: Tx, message: OutboxMessage) -> Rendered:
    return greetings.handed_over(_file(tx, message))


def _file(tx: Tx, message: OutboxMessage) -> EngagementFile:
    return stored.as_file(tx, tx.one(Engagement, message.workspace_id, message.subject_id))


def _mention(tx: Tx, message: OutboxMessage) -> Rendered:
    """The answer to words said to the bot: everybody in the thread reads it, so nothing of the asker's own is in it."""
    said, _, rest = str(message.extra.get("words", "")).strip().partition(" ")
    match said.lower():
        case "status":
            return replies.shared_status(_status(tx, message))
        case "summary":
            found = summaries.published(tx, message.subject_id, date.fromisoformat(rest) if rest else None)
            return replies.summary(found) if found else replies.no_summary()
        case "questions":
            return ask_blocks.listed(*asks.listed(tx, message.subject_id))
        case "answer" | "standup":
            return replies.answer_here(_named_board(tx, message, rest))
        case "now":
            return replies.opened(_named_board(tx, message, rest))
        case "home":
            view = home_queries.shared(tx, message.subject_id, message.workspace_id, _asker(message))
            return shared_home(view) if view else replies.help_text(None)
        case "skip":
            return replies.skipped()
        case "away":
            return replies.is_back() if rest.strip().lower() == "back" else replies.is_away()
        case "noted":
            return replies.noted()
        case "help" | "":
            return replies.help_text(_side(tx, message))
        case _:
            return replies.unknown(said, _side(tx, message))


def _named_board(tx: Tx, message: OutboxMessage, checkin_id: str) -> Board | None:
    return boards.board(tx, message.workspace_id, UUID(checkin_id)) if checkin_id else None


def _status(tx: Tx, message: OutboxMessage) -> Status:
    return standing.status(tx, message.subject_id)


def _asker(message: OutboxMessage) -> str:
    return str(message.extra.get("user", ""))


def _side(tx: Tx, message: OutboxMessage) -> Side:
    """The asker's side, for the words of the help."""
    asker: Actor = engagements.actor(tx, message.workspace_id, _asker(message), None)
    place = asker.membership(message.subject_id)
    return place.side if place else Side.VENDOR


KINDS: Mapping[str, Renderer] = {
    "ask.card": _ask,
    "ask.nudge": _nudge,
    "blocker.card": _card,
    "checkin.answer": _answer,
    "checkin.board": _board,
    "checkin.prompt": _prompt,
    "checkin.receipt": _receipt,
    "checkin.reminder": _reminder,
    homes.KIND: _home,
    "escalation.ask": _asked,
    "escalation.card": _escalation,
    "escalation.inhouse": _twin,
    "escalation.note": _entry,
    "escalation.owners": _owners,
    "escalation.private": _private,
    "escalation.told": _told,
    "engagement.handed_over": _handed_over,
    "greeting.inhouse": _inhouse_greeting,
    "greeting.shared": _greeting,
    "owner.notice": _owner_notice,
    "reply.mention": _mention,
    "summary.detail": _detail,
    "summary.inhouse": _inhouse,
    "summary.weekly": _weekly,
}
"""Every kind of message there is."""

__all__ = ["KINDS", "Rendered", "render"]
