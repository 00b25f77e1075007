"""The guided set-up: begun by a command, a button or an invitation, then form by form. Kept at every step."""

from typing import Any
from uuid import UUID

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import ids
from bot.acquaintance import check_channels, in_time, people_of, vouched
from bot.blocks import greetings
from bot.blocks.admin import setup_forms
from bot.entries import read_draft
from bot.runtime import Runtime
from bot.whisper import notice, whisper
from models.access import Actor
from models.db import Tx
from models.errors import Invalid, NotAllowed
from models.setup import setups
from models.setup.beginning import Step
from models.setup.views import Setup

Json = dict[str, Any]
_SLOW = "Slack is slow to say who is in this channel. What you filled in is kept: please press Next once more."


def register(app: AsyncApp) -> None:
    """Bind the handlers."""
    app.action(ids.SETUP_OPEN)(open_setup)
    app.view(ids.PARTIES_SUBMIT)(submit_parties)
    app.view(ids.PEOPLE_SUBMIT)(submit_people)
    app.view(ids.RHYTHM_SUBMIT)(submit_rhythm)
    app.view(ids.DAYS_SUBMIT)(submit_days)
    app.view(ids.CREATE_SUBMIT)(submit_create)
    app.action(ids.SETUP_BACK_PRESS)(press_setup_back)


async def invite_to_set_up(event: Json, actor: Actor, rt: Runtime) -> None:
    """The bot was brought into a channel: whoever brought it is asked, once, to set it up."""
    channel_id = str(event.get("channel", ""))
    if event.get("user") == rt.installed.user_id and event.get("inviter"):
        person, _ = await vouched(rt, actor)
        try:
            draft_id = await rt.db.run(person, setups.to_invite, channel_id)
        except NotAllowed as refusal:
            await whisper(rt.slack, channel_id, actor.slack_user_id, notice(str(refusal)))
        else:
            if draft_id is not None:
                await whisper(rt.slack, None, actor.slack_user_id, greetings.invitation(channel_id, draft_id))
                await rt.db.run(person, setups.invited, draft_id)


async def open_setup(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """The button of the invitation, or of the Home tab."""
    value = str(action.get("value") or "")
    draft_id = None if value == ids.NEW else ids.row_id(value)
    await begin(rt, actor, body["trigger_id"], draft_id=draft_id)
    await ack()


async def begin(
    rt: Runtime, actor: Actor, trigger_id: str, *, channel_id: str = "", draft_id: UUID | None = None
) -> None:
    """Open the first form, with what was filled in there before."""
    person, user = await vouched(rt, actor)
    shown = await rt.db.run(person, _begun, channel_id if channel_id[:1] in ("C", "G") else "", draft_id, user.zone)
    await rt.slack.open_view(trigger_id, setup_forms.parties_modal(shown))


async def submit_parties(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """1 → 2: look who is in the channel."""
    until = in_time()
    person, draft_id = await _kept(view, actor, rt)
    shown = await rt.db.look(person, setups.check, draft_id, Step.PARTIES)
    values = shown.values
    await check_channels(rt, person, values["channel"], values["inhouse_channel"])
    found, is_whole = await people_of(rt, values["channel"], shown.found, until=until)
    shown = await rt.db.run(person, setups.keep, draft_id, {}, found)
    if not is_whole:
        raise Invalid({"channel": _SLOW})
    await ack(response_action="update", view=setup_forms.people_modal(shown))


async def submit_people(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """2 → 3."""
    person, draft_id = await _kept(view, actor, rt)
    shown = await rt.db.look(person, setups.check, draft_id, Step.PEOPLE)
    await ack(response_action="update", view=setup_forms.rhythm_modal(shown))


async def submit_rhythm(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """3 → 4."""
    person, draft_id = await _kept(view, actor, rt)
    shown = await rt.db.look(person, setups.check, draft_id, Step.RHYTHM)
    await ack(response_action="update", view=setup_forms.days_modal(shown))


async def submit_days(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """4 → 5: a last look."""
    person, draft_id = await _kept(view, actor, rt)
    await rt.db.look(person, setups.check, draft_id, Step.DAYS)
    await ack(
        response_action="update", view=setup_forms.check_modal(await rt.db.look(person, setups.outlook, draft_id))
    )


async def submit_create(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """Start."""
    person, _ = await vouched(rt, actor)
    file = await rt.db.run(person, setups.create, ids.row_id(view.get("private_metadata")))
    await ack(response_action="update", view=setup_forms.done_modal(file))


async def press_setup_back(ack: AsyncAck, body: Json, actor: Actor, rt: Runtime) -> None:
    """One form back; what stands in this one is kept, right or wrong."""
    view = body["view"]
    person, draft_id = await _kept(view, actor, rt)
    shown = await rt.db.look(person, setups.setup, draft_id)
    await rt.slack.update_view(view["id"], _before(str(view.get("callback_id")), shown), view["hash"])
    await ack()


async def _kept(view: Json, actor: Actor, rt: Runtime) -> tuple[Actor, UUID]:
    """Keep what was filled in, before anything is checked: what is wrong is not lost either."""
    person, _ = await vouched(rt, actor)
    draft_id = ids.row_id(view.get("private_metadata"))
    await rt.db.run(person, setups.keep, draft_id, filled(view))
    return person, draft_id


def filled(view: Json) -> dict[str, str]:
    """What stands in the fields of a form."""
    return {name: value or "" for name, value in read_draft(view).values.items()}


def _before(callback_id: str, shown: Setup) -> Json:
    match callback_id:
        case ids.RHYTHM_SUBMIT:
            return setup_forms.people_modal(shown)
        case ids.DAYS_SUBMIT:
            return setup_forms.rhythm_modal(shown)
        case ids.CREATE_SUBMIT:
            return setup_forms.days_modal(shown)
        case _:
            return setup_forms.parties_modal(shown)


def _begun(tx: Tx, channel_id: str, draft_id: UUID | None, zone: str) -> Setup:
    return setups.resume(tx, draft_id, zone) if draft_id else setups.begin(tx, channel_id, zone)
