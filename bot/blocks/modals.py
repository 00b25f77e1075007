"""The small modals: skip, away, choose a check-in, a word on a blocker."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from bot import fields, ids
from bot.blocks import inputs, kit, lines
from bot.blocks.answer_modal import answerable_option
from bot.blocks.markup import NOTHING, esc, say
from bot.text import one_line
from models.blockers.views import BlockerCard
from models.checkins.views import Answerable


def skip_modal(checkin_id: UUID, title: str = "") -> dict[str, Any]:
    """Why somebody skips a check-in this time."""
    intro = say("The board shows that you skip this time, and why. An answer given later replaces it.")
    blocks = [
        kit.section(say("*{}*", esc(title)) if one_line(title) else NOTHING, intro),
        inputs.text(ids.REASON, "Why?", most=fields.WHAT, placeholder="Nothing new, all day in a workshop …"),
    ]
    return kit.modal("Skip this time", ids.SKIP_SUBMIT, checkin_id, blocks, "Skip")


def update_modal(card: BlockerCard) -> dict[str, Any]:
    """Where a blocker stands."""
    field = inputs.text(ids.NOTE, "Where does it stand?", most=fields.NOTE, multiline=True)
    return kit.modal(f"Update B-{card.line.number}", ids.UPDATE_SUBMIT, card.line.id, [*_about(card), field], "Send")


def resolve_modal(card: BlockerCard) -> dict[str, Any]:
    """How a blocker was resolved."""
    then = kit.context(say("It leaves the list of open blockers. Both sides see who resolved it."))
    field = inputs.text(ids.NOTE, "How was it resolved?", most=fields.NOTE, multiline=True, optional=True)
    blocks = [*_about(card), then, field]
    return kit.modal(f"Resolve B-{card.line.number}", ids.RESOLVE_SUBMIT, card.line.id, blocks, "Resolved")


def away_modal(today: date, engagement_id: UUID | str = "") -> dict[str, Any]:
    """From when until when somebody is away."""
    blocks = [
        kit.section(say("On these days you are not asked and not counted; others see that you are away.")),
        inputs.day(ids.FIRST_DAY, "First day away", value=today.isoformat()),
        inputs.day(ids.LAST_DAY, "Last day away"),
    ]
    return kit.modal("Be away", ids.AWAY_SUBMIT, engagement_id, blocks, "Save")


def choose_modal(answerables: Sequence[Answerable]) -> dict[str, Any]:
    """Which check-in to answer; says so when there is none."""
    if not answerables:
        return kit.modal(
            "Answer", ids.CHOOSE_SUBMIT, "", [kit.section(say("No check-in waits for your answer right now."))], None
        )
    choices = [answerable_option(item) for item in answerables]
    field = inputs.select(ids.CHECKIN, "Which check-in?", choices, value=choices[0].value)
    return kit.modal("Answer", ids.CHOOSE_SUBMIT, "", [field], "Next")


def _about(card: BlockerCard) -> list[Any]:
    raised = say("Raised by {} {}", kit.name(card.line.raised_by), kit.when(card.line.raised_at))
    return [kit.quoted(card.line.what), kit.context(raised, lines.turn(card.line, card.parties))]
