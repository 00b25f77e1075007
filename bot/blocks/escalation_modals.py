"""The forms of an escalation: raise it, say where it stands, done, let it rest, severity, open again, private note."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from slack_sdk.models.blocks import Block

from bot import fields, ids
from bot.blocks import inputs, kit
from bot.blocks.blocker_inputs import RATINGS
from bot.blocks.escalations import about, heading
from bot.blocks.markup import NOTHING, esc, say
from bot.text import fit, one_line
from models.access import Side
from models.blockers.views import BlockerCard
from models.escalations.causes import Cause
from models.escalations.ladders import Severity
from models.escalations.views import EscalateForm, EscalationCard


def escalate_modal(form: EscalateForm, what: str = "") -> dict[str, Any]:
    """Something that is stuck, in one's own words."""
    sides = [form.who.side.other, form.who.side]
    options = [kit.option(fit(one_line(form.parties.name(side)), 75), side.value) for side in sides]
    blocks = [
        kit.context(say("Both sides see it in the channel you share, and are told level by level until it is owned.")),
        inputs.text(ids.WHAT, "What is stuck?", value=fit(one_line(what), fields.WHAT), most=fields.WHAT),
        inputs.radios(ids.SIDE, "Who must act?", options, value=sides[0].value),
        _severity(Severity.S2),
        _why("Anything they should know?"),
    ]
    return kit.modal("Escalate", ids.ESCALATE_SUBMIT, form.engagement_id, blocks, "Escalate")


def escalate_blocker_modal(card: BlockerCard) -> dict[str, Any]:
    """A blocker that must climb now."""
    line = card.line
    blocks = [
        kit.quoted(line.what),
        kit.context(say("It climbs the ladder of its severity until somebody of the side that must act owns it.")),
        _severity(Severity.S2),
        _why("Why now?"),
    ]
    return kit.modal(f"Escalate B-{line.number}", ids.ESCALATE_BLOCKER, line.id, blocks, "Escalate")


def word_modal(view: EscalationCard) -> dict[str, Any]:
    """Where it stands."""
    hint = "Whoever must act promises the next update with it; it moves the clock."
    field = inputs.text(ids.NOTE, "Where does it stand?", most=fields.NOTE, multiline=True, hint=hint)
    return _modal(view, "Update", ids.WORD_SUBMIT, [field], "Send")


def finish_modal(view: EscalationCard, side: Side) -> dict[str, Any]:
    """Done: who can close it closes it; the side that must act says so."""
    other = esc(view.parties.name(view.line.against.other), kit.NAME)
    can_close = side is not view.line.against
    if not can_close:
        how = say("{} is asked to close it. Until then it stays open.", other)
    elif view.line.cause is Cause.BLOCKER:
        how = say("This closes it. The blocker is resolved with it if your side raised it.")
    else:
        how = say("This closes it.")
    field = inputs.text(ids.NOTE, "How was it solved?", most=fields.NOTE, multiline=True, optional=True)
    return _modal(view, "Done", ids.FINISH_SUBMIT, [kit.context(how), field], "Close it" if can_close else "It is done")


def snooze_modal(view: EscalationCard, today: date) -> dict[str, Any]:
    """Until when it is to rest."""
    day = (today + timedelta(days=1)).isoformat()
    fields_ = [inputs.day(ids.UNTIL, "Rest until the morning of", value=day), _why("Why?")]
    return _modal(view, "Let it rest", ids.SNOOZE_SUBMIT, fields_, "Let it rest")


def rerate_modal(view: EscalationCard) -> dict[str, Any]:
    """Another severity."""
    note = kit.context(say("The ladder of the new severity starts at its first level, unless somebody owns it."))
    return _modal(view, "Severity", ids.RERATE_SUBMIT, [note, _severity(view.line.severity), _why("Why?")], "Change")


def reopen_modal(view: EscalationCard) -> dict[str, Any]:
    """It is not solved after all."""
    return _modal(view, "Open again", ids.REOPEN_SUBMIT, [_why("What is still wrong?")], "Open again")


def private_modal(view: EscalationCard) -> dict[str, Any]:
    """A note for the in-house side alone."""
    field = inputs.text(ids.NOTE, "Note, for your side alone", most=fields.NOTE, multiline=True)
    return _modal(view, "Private note", ids.PRIVATE_SUBMIT, [field], "Keep")


def shown(blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """Blocks of a message in place of a form that came too late."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "That came too late"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": blocks,
    }


def _modal(
    view: EscalationCard, title: str, callback_id: str, rows: Sequence[Block | None], submit: str
) -> dict[str, Any]:
    top: list[Block | None] = [kit.section(heading(view.line), about(view.line) or NOTHING), kit.quoted(view.line.what)]
    return kit.modal(title, callback_id, view.line.id, [*top, *rows], submit)


def _severity(value: Severity) -> Block:
    return inputs.radios(ids.SEVERITY, "How bad is it?", RATINGS, value=value.value)


def _why(label: str) -> Block:
    return inputs.text(ids.NOTE, label, most=fields.NOTE, multiline=True, optional=True)
