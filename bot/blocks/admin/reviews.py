"""The look before a change is saved, and what is shown when the engagement was changed meanwhile."""

from typing import Any
from uuid import UUID

from slack_sdk.models.blocks import Block

from bot import ids
from bot.blocks import kit
from bot.blocks.admin import previews
from bot.blocks.markup import esc, say
from models.setup.edits import Kind
from models.setup.views import Review

Json = dict[str, Any]
_BARE = (Kind.STOP, Kind.STATE)
"""Changes without a form: there is nothing to go back to."""


def review_modal(review: Review) -> Json:
    """What would be changed, and for a cadence when it would be."""
    sheet = review.sheet
    back = None if sheet.kind in _BARE else kit.actions(kit.button("Back", ids.EDIT_BACK_PRESS, sheet.draft_id))
    if review.plan.is_empty:
        blocks = [kit.section(say("Nothing would change.")), back]
        return kit.modal("Check", ids.SAVE_SUBMIT, sheet.draft_id, blocks, None)
    title = sheet.values.get("title", "")
    coming = previews.occurrences(review.preview, sheet.file, title) if review.preview else ()
    shown = [*previews.plan(review.plan), *coming, *_consequence(sheet.kind), back]
    return kit.modal("Check and save", ids.SAVE_SUBMIT, sheet.draft_id, shown, "Save")


def stale_modal(draft_id: UUID, lines: tuple[str, ...]) -> Json:
    """The engagement was changed meanwhile: what changed, and the way on."""
    blocks = [
        kit.section(say("*Somebody else changed this engagement meanwhile.* Nothing was saved.")),
        kit.section(*[esc(line) for line in lines[1:20]]),
        kit.section(say("What you filled in is kept. Look at it again on the present state, then save.")),
        kit.actions(kit.button("Look again", ids.EDIT_BACK_PRESS, draft_id, primary=True)),
    ]
    return kit.modal("Changed meanwhile", ids.SAVE_SUBMIT, draft_id, blocks, None)


def _consequence(kind: Kind) -> list[Block | None]:
    match kind:
        case Kind.STATE | Kind.STOP:
            return [kit.context(say("What was said and promised stays."))]
        case Kind.OWNER:
            return [kit.context(say("The leads and deputies of your side are told."))]
        case _:
            return []
