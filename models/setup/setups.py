"""A set-up on its way: begun in a channel, filled in form by form, made into an engagement in one transaction."""

import json
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlmodel import select

from models.access import Actor, may_begin
from models.activity import service as activity
from models.calendars.local_time import local_date
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Engagement, Person, Workspace
from models.errors import Conflict, Invalid, NotFound
from models.setup import beginning, service, stored
from models.setup.beginning import Step
from models.setup.drafts import forget_old
from models.setup.edits.typed import Values
from models.setup.file import EngagementFile
from models.setup.found import Found, from_data, to_data
from models.setup.notices import greet
from models.setup.plan import settled
from models.setup.preview import preview
from models.setup.tables import Draft
from models.setup.views import Outlook, Setup

SETUP = "setup"


def begin(tx: Tx, channel_id: str, zone: str) -> Setup:
    """Begin a set-up, or go on with the one that this person began here. `zone` is what is proposed.

    Raises NotAllowed, or Conflict where the channel has an engagement already.
    """
    may_begin(tx)
    _require_free(tx, channel_id)
    forget_old(tx)
    row = _row(tx, channel_id)
    if row.payload is None:
        known = tx.session.get(Workspace, tx.actor.workspace_id)
        values = beginning.defaults(known.name if known else "", channel_id, zone or "UTC")
        _write(tx, row, values, ())
    return _setup(tx, row)


def resume(tx: Tx, draft_id: UUID, zone: str) -> Setup:
    """Go on with the set-up that somebody was invited to, or had begun."""
    return begin(tx, _own(tx, draft_id).channel_id or "", zone)


def to_invite(tx: Tx, channel_id: str) -> UUID | None:
    """The set-up to which the actor, who brought the bot into a channel, is to be asked; None if that was done."""
    may_begin(tx)
    if engagements.engagements_in_channel(tx, tx.actor.workspace_id, channel_id):
        return None
    row = _row(tx, channel_id)
    return row.id if row.invited_at is None else None


def invited(tx: Tx, draft_id: UUID) -> None:
    """The actor has been asked."""
    _own(tx, draft_id).invited_at = tx.now


def setup(tx: Tx, draft_id: UUID) -> Setup:
    """The set-up as it stands."""
    return _setup(tx, _own(tx, draft_id))


def keep(tx: Tx, draft_id: UUID, values: Values, found: Sequence[Found] | None = None) -> Setup:
    """Keep what was filled in, right or wrong; with `found`, who is in the channel, and propose their sides."""
    row = _own(tx, draft_id)
    before = _setup(tx, row)
    kept = {**before.values, **values}
    people = before.found if found is None else tuple(found)
    if found is not None and people != before.found:
        kept |= beginning.proposed(people, before.maker)
    _write(tx, row, kept, people)
    return _setup(tx, row)


def check(tx: Tx, draft_id: UUID, step: Step) -> Setup:
    """The set-up, if what one form holds is right. Raises Invalid by field."""
    shown = setup(tx, draft_id)
    beginning.check(step, shown.values, shown.found)
    if step is Step.PARTIES:
        try:
            _require_free(tx, shown.values["channel"])
        except Conflict as taken:
            raise Invalid({"channel": str(taken)}) from None
    return shown


def outlook(tx: Tx, draft_id: UUID) -> Outlook:
    """What would be made, and when its first check-ins would be. Raises Invalid."""
    shown = setup(tx, draft_id)
    file = _file(tx, shown)
    return Outlook(shown, file, preview(file, file.cadences[0], tx.now))


def create(tx: Tx, draft_id: UUID) -> EngagementFile:
    """Make the engagement and greet both sides, once. Raises Invalid or Conflict."""
    row = _own(tx, draft_id, lock=True)
    shown = _setup(tx, row)
    file = _file(tx, shown)
    _require_free(tx, file.channel)
    tx.actor = _known(tx, shown)
    service.bring(tx, row.workspace_id, file)
    tx.session.flush()
    engagement = stored.by_key(tx, row.workspace_id, file.key)
    if engagement is None:
        raise LookupError(f"{file.key} was made and is not there.")
    activity.record(tx, "engagement.set_up", engagement, after={"key": file.key})
    greet(tx, engagement)
    tx.session.delete(row)
    return file


def _file(tx: Tx, shown: Setup) -> EngagementFile:
    keys = tx.session.exec(select(Engagement.key).where(Engagement.workspace_id == tx.actor.workspace_id)).all()
    file = beginning.new_file(shown.values, shown.found, keys)
    after = settled(file, None, tx.actor.workspace_id, local_date(tx.now, file.zone))
    service.check(tx, tx.actor.workspace_id, after, None)
    return after


def _known(tx: Tx, shown: Setup) -> Actor:
    """The actor as a person of ours, so that the log can name who set up."""
    workspace_id = tx.actor.workspace_id
    row = tx.session.exec(
        select(Person).where(Person.workspace_id == workspace_id, Person.slack_user_id == shown.maker)
    ).one_or_none()
    if row is None:
        found = next((person for person in shown.found if person.slack_id == shown.maker), None)
        zone = found.zone if found else shown.values["zone"]
        name = found.name if found else shown.maker
        row = tx.add(Person(workspace_id=workspace_id, slack_user_id=shown.maker, name=name, zone=zone))
        tx.session.flush()
    return replace(tx.actor, person_id=row.id)


def _row(tx: Tx, channel_id: str) -> Draft:
    """The actor's set-up of a channel, made where there is none."""
    row = tx.session.exec(
        select(Draft).where(
            Draft.workspace_id == tx.actor.workspace_id,
            Draft.slack_user_id == tx.actor.slack_user_id,
            Draft.channel_id == channel_id,
        )
    ).one_or_none()
    if row is None:
        row = Draft(
            workspace_id=tx.actor.workspace_id,
            slack_user_id=tx.actor.slack_user_id,
            kind=SETUP,
            channel_id=channel_id,
            changed_at=tx.now,
        )
        tx.add(row)
    return row


def _own(tx: Tx, draft_id: UUID, *, lock: bool = False) -> Draft:
    row = tx.get(Draft, tx.actor.workspace_id, draft_id, lock=lock)
    if row is None or row.slack_user_id != tx.actor.slack_user_id or row.kind != SETUP:
        raise NotFound("This form (it was finished, or is too old)")
    may_begin(tx)
    return row


def _setup(tx: Tx, row: Draft) -> Setup:
    data = json.loads(tx.unseal(row, "payload") or '{"values": {}, "found": []}')
    found = tuple(from_data(item) for item in data["found"])
    return Setup(row.id, row.slack_user_id, data["values"], found)


def _write(tx: Tx, row: Draft, values: Values, found: Sequence[Found]) -> None:
    data = {"values": dict(values), "found": [to_data(person) for person in found]}
    row.payload = tx.seal(row, "payload", json.dumps(data))
    row.changed_at = tx.now


def _require_free(tx: Tx, channel_id: str) -> None:
    if engagements.engagements_in_channel(tx, tx.actor.workspace_id, channel_id):
        raise Conflict("This channel has an engagement already. Its owner changes it with “/cadence settings” here.")
