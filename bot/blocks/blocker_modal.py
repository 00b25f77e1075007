"""The form for a new blocker: what is in the way, who must act, until when, how bad."""

from typing import Any

from bot import fields, ids
from bot.blocks import inputs, kit
from bot.blocks.blocker_inputs import severity
from bot.blocks.markup import esc, say
from bot.text import fit, one_line
from models.blockers.views import RaiseForm


def raise_modal(form: RaiseForm, subject: str, what: str = "") -> dict[str, Any]:
    """A new blocker; `what` is proposed, `subject` says what it is made of."""
    sides = [form.who.side.other, form.who.side]
    options = [kit.option(fit(one_line(form.parties.name(side)), 75), side.value) for side in sides]
    both = say("Both sides see it in the channel you share with {}.", esc(form.parties.vendor, kit.NAME))
    blocks = [
        kit.context(both),
        inputs.text(ids.WHAT, "What is in the way?", value=fit(one_line(what), fields.WHAT), most=fields.WHAT),
        inputs.radios(ids.SIDE, "Who must act?", options, value=sides[0].value),
        inputs.person(
            ids.PERSON,
            "Anybody in particular?",
            form.roster,
            form.parties,
            optional=True,
            hint="If you name a person, their organisation must act.",
        ),
        inputs.day(ids.NEEDED, "Needed by", optional=True),
        severity(ids.SEVERITY),
    ]
    return kit.modal("Raise a blocker", ids.RAISE_SUBMIT, subject, blocks, "Raise it")
