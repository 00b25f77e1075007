"""The settings of an engagement: the list, a form for each change, the look before saving. For owner and deputies."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import ids
from bot.acquaintance import acquainted, check_channels, check_inhouse, in_time, people_of
from bot.blocks.admin.edit_forms import edit_modal, looking_modal, newcomer_modal, not_found_modal
from bot.blocks.admin.reviews import review_modal, stale_modal
from bot.blocks.admin.settings import NEWCOMER, settings_modal
from bot.entries import Entries
from bot.gateway import SlackFailure
from bot.listeners.setup import filled
from bot.runtime import Runtime
from models.access import Actor
from models.base import new_id
from models.errors import Invalid, NotFound
from models.setup import drafts
from models.setup.drafts import Stale
from models.setup.edits import Kind
from models.setup.views import Sheet

Json = dict[str, Any]
_BARE = (Kind.STOP, Kind.STATE)


def register(app: AsyncApp) -> None:
    """Bind the handlers."""
    app.action(ids.SETTINGS_OPEN)(open_settings)
    app.action(ids.EDIT_OPEN)(open_edit)
    app.view(ids.NEWCOMER_SUBMIT)(submit_newcomer)
    app.view(ids.EDIT_SUBMIT)(submit_edit)
    app.action(ids.EDIT_BACK_PRESS)(press_edit_back)
    app.view(ids.SAVE_SUBMIT)(submit_save)


async def open_settings(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """The button of the Home tab."""
    await show(rt, actor, body["trigger_id"], ids.row_id(action.get("value")))
    await ack()


async def show(rt: Runtime, actor: Actor, trigger_id: str, engagement_id: UUID) -> None:
    """Open the settings of an engagement."""
    await rt.slack.open_view(trigger_id, await _settings(rt, actor, engagement_id))


async def open_edit(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """Something was chosen in the settings: its form lies on top of them."""
    view, chosen = body["view"], action.get("selected_option") or action
    engagement_id = ids.row_id(view.get("private_metadata"))
    kind, about = _kind(chosen.get("value"))
    if kind is Kind.PERSON and about == NEWCOMER:
        await _look_around(rt, actor, body["trigger_id"], engagement_id)
    else:
        sheet = await rt.db.run(actor, drafts.begin, engagement_id, kind, about)
        await rt.slack.push_view(body["trigger_id"], await _first(rt, actor, sheet))
    await _draw_anew(rt, view["id"], await _settings(rt, actor, engagement_id))
    await ack()


async def submit_newcomer(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """Somebody was chosen to come onto the roster."""
    engagement_id = ids.row_id(view.get("private_metadata"))
    entries = Entries(view, ("newcomer",))
    user_id = entries.text("newcomer", 40, "Please choose somebody.")
    entries.check()
    await rt.db.look(actor, drafts.current, engagement_id)
    found = acquainted(rt, await rt.slack.user_info(user_id))
    if found is None:
        raise Invalid({"newcomer": "This person is not there any more. Please choose another one."})
    sheet = await rt.db.run(actor, drafts.begin, engagement_id, Kind.PERSON, found.slack_id, found)
    await ack(response_action="update", view=edit_modal(sheet))


async def submit_edit(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """A form was filled in: show what saving it would do."""
    draft_id = ids.row_id(view.get("private_metadata"))
    await rt.db.run(actor, drafts.keep, draft_id, filled(view))
    sheet = await rt.db.look(actor, drafts.sheet, draft_id)
    if sheet.kind is Kind.ENGAGEMENT:
        await _check_places(rt, actor, sheet)
    elif sheet.kind is Kind.LADDER:
        await _check_told(rt, actor, sheet)
    await ack(response_action="update", view=await _review(rt, actor, draft_id))


async def press_edit_back(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """Back to the form. If the engagement has changed meanwhile, it is filled in anew around what was typed."""
    view = body["view"]
    sheet = await rt.db.run(actor, drafts.renew, ids.row_id(action.get("value")))
    await rt.slack.update_view(view["id"], await _first(rt, actor, sheet), view["hash"])
    await ack()


async def submit_save(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """Save, and go back to the settings, which show what is new."""
    draft_id = ids.row_id(view.get("private_metadata"))
    sheet = await rt.db.look(actor, drafts.sheet, draft_id)
    try:
        plan = await rt.db.run(actor, drafts.save, draft_id)
    except Stale as stale:
        await ack(response_action="update", view=stale_modal(draft_id, stale.lines))
        return
    root = str(view.get("root_view_id") or "")
    if root and root != view.get("id") and sheet.engagement_id in {place.engagement_id for place in actor.memberships}:
        saved = f"Saved: {len(plan.changes)} {'change' if len(plan.changes) == 1 else 'changes'}."
        await _draw_anew(rt, root, await _settings(rt, actor, sheet.engagement_id, saved))
    await ack()


async def _first(rt: Runtime, actor: Actor, sheet: Sheet) -> Json:
    """What a change begins with: its form, or where there is nothing to fill in, the look before saving."""
    return await _review(rt, actor, sheet.draft_id) if sheet.kind in _BARE else edit_modal(sheet)


async def _review(rt: Runtime, actor: Actor, draft_id: UUID) -> Json:
    try:
        return review_modal(await rt.db.look(actor, drafts.review, draft_id))
    except Stale as stale:
        return stale_modal(draft_id, stale.lines)


async def _settings(rt: Runtime, actor: Actor, engagement_id: UUID, saved: str = "") -> Json:
    file = await rt.db.look(actor, drafts.current, engagement_id)
    return settings_modal(engagement_id, file, new_id().hex, saved)


async def _draw_anew(rt: Runtime, view_id: str, settings: Json) -> None:
    """The settings behind a form: what was done is done, whether Slack shows it there or not."""
    with suppress(SlackFailure):
        await rt.slack.update_view(view_id, settings)


async def _look_around(rt: Runtime, actor: Actor, trigger_id: str, engagement_id: UUID) -> None:
    """Slack is asked while the person already sees a form."""
    until = in_time()
    file = await rt.db.look(actor, drafts.current, engagement_id)
    view_id = await rt.slack.push_view(trigger_id, looking_modal())
    try:
        found, _ = await people_of(rt, file.channel, until=until)
        if file.inhouse_channel:
            more, _ = await people_of(rt, file.inhouse_channel, found, until=until)
            found = tuple(dict.fromkeys((*found, *more)))
    except SlackFailure:
        await rt.slack.update_view(view_id, not_found_modal())
        return
    known = {person.slack_id for person in file.people}
    newcomers = [person for person in found if person.slack_id not in known]
    await rt.slack.update_view(view_id, newcomer_modal(str(engagement_id), newcomers))


async def _check_places(rt: Runtime, actor: Actor, sheet: Sheet) -> None:
    """Channels that are new are looked at; those that stay are as they are."""
    channel, inhouse = sheet.values["channel"], sheet.values["inhouse_channel"]
    await check_channels(
        rt,
        actor,
        "" if channel == sheet.file.channel else channel,
        "" if inhouse == sheet.file.inhouse_channel else inhouse,
    )


async def _check_told(rt: Runtime, actor: Actor, sheet: Sheet) -> None:
    """Channels that a ladder did not name before, but for the engagement's own, must be in-house."""
    known = {"", sheet.file.channel, sheet.file.inhouse_channel} | sheet.file.ladder.channels()
    named = {name: value for name, value in sheet.values.items() if name.startswith("channel")}
    await check_inhouse(rt, actor, {name: place for name, place in named.items() if place not in known})


def _kind(value: object) -> tuple[Kind, str]:
    kind, about = ids.edit_of(value)
    if kind not in {known.value for known in Kind}:
        raise NotFound("What this button belongs to")
    return Kind(kind), about
