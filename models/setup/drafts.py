"""Forms that change an engagement: begun, filled in, looked at, saved. Each step is one transaction.

A draft serves nobody but the person who began it. Whether they still may is asked anew at every step.
"""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from models.access import Permission, place_of, require
from models.db import Tx
from models.engagements import queries
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement
from models.errors import Conflict, Invalid, NotAllowed, NotFound
from models.setup import service, stored
from models.setup.edits import EDITS, Kind
from models.setup.edits.cadence import entry_of
from models.setup.edits.typed import Values
from models.setup.file import CadenceEntry, EngagementFile, FileErrors, PersonEntry
from models.setup.found import Found, from_data, to_data
from models.setup.notices import handed_over
from models.setup.plan import Plan, compare
from models.setup.preview import preview
from models.setup.reading import read
from models.setup.tables import Draft
from models.setup.views import Review, Sheet
from models.setup.writing import write

_ABOUT = 100
KEPT = timedelta(days=7)
"""How long a form that nobody goes on with is kept."""


class Stale(Conflict):
    """The engagement is another one than the form was begun on; `lines` say what has changed since."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("The engagement was changed meanwhile. Nothing was saved.")
        self.lines = lines


def administered(tx: Tx, engagement_id: UUID) -> Engagement:
    """The engagement, for its owner and deputies. Raises NotFound or NotAllowed."""
    engagement = queries.viewable(tx, engagement_id)
    try:
        require(tx, engagement_id, Permission.ENGAGEMENT_ADMIN)
    except NotAllowed:
        raise NotAllowed("Only the owner and the deputies can change this engagement.") from None
    return engagement


def current(tx: Tx, engagement_id: UUID) -> EngagementFile:
    """The engagement as it is now, for its owner and deputies."""
    return stored.as_file(tx, administered(tx, engagement_id))


def begin(tx: Tx, engagement_id: UUID, kind: Kind, about: str = "", found: Found | None = None) -> Sheet:
    """Begin a form on the present state. Raises NotFound for what is not there."""
    if len(about) > _ABOUT:
        raise Conflict("Its name is too long to be changed here. Use the engagement file.")
    engagement = administered(tx, engagement_id)
    place_of(tx, engagement_id, Permission.ENGAGEMENT_ADMIN)
    if engagement.state is EngagementState.CLOSED:
        raise Conflict("This engagement was closed for good. It can be read, but not changed any more.")
    file = stored.as_file(tx, engagement)
    values = EDITS[kind].initial(file, about, found)
    forget_old(tx)
    row = tx.add(
        Draft(
            workspace_id=engagement.workspace_id,
            slack_user_id=tx.actor.slack_user_id,
            kind=kind.value,
            engagement_id=engagement_id,
            about=about,
            changed_at=tx.now,
        )
    )
    _write(tx, row, write(file), values, found)
    return _sheet(tx, row)


def sheet(tx: Tx, draft_id: UUID) -> Sheet:
    """The form as it stands."""
    return _sheet(tx, _own(tx, draft_id))


def keep(tx: Tx, draft_id: UUID, values: Values) -> None:
    """Keep what was filled in, right or wrong."""
    row = _own(tx, draft_id)
    before = _sheet(tx, row)
    known = {name: values[name] for name in before.values if name in values}
    _write(tx, row, before.base, {**before.values, **known}, before.found)


def review(tx: Tx, draft_id: UUID) -> Review:
    """What saving would do now. Raises Invalid by field, Stale if the engagement was changed since."""
    shown = _sheet(tx, _own(tx, draft_id))
    engagement = _fresh(tx, shown)
    after = _after(tx, shown)
    plan, _ = service.planned(tx, engagement.workspace_id, after, engagement)
    coming = preview(after, _changed(shown, after), tx.now) if shown.kind is Kind.CADENCE else None
    return Review(shown, plan, coming)


def save(tx: Tx, draft_id: UUID) -> Plan:
    """Make the change, once. Raises as `review`."""
    row = _own(tx, draft_id, lock=True)
    tx.get(Engagement, row.workspace_id, _engagement_id(row), lock=True)
    shown = _sheet(tx, row)
    engagement = _fresh(tx, shown)
    after = _after(tx, shown)
    plan = service.bring(tx, engagement.workspace_id, after)
    if shown.kind is Kind.OWNER:
        handed_over(tx, engagement, draft_id)
    tx.session.delete(row)
    return plan


def renew(tx: Tx, draft_id: UUID) -> Sheet:
    """Begin the form again on the present state: what was changed in it stays, everything else is as it is now."""
    row = _own(tx, draft_id)
    before = _sheet(tx, row)
    edit = EDITS[before.kind]
    now = edit.initial(before.file, before.about, before.found)
    shown = edit.initial(_base(before), before.about, before.found)
    typed = {name: value for name, value in before.values.items() if value != shown.get(name) and name in now}
    _write(tx, row, write(before.file), {**now, **typed}, before.found)
    return _sheet(tx, row)


def forget_old(tx: Tx) -> None:
    """Remove the workspace's forms that nobody goes on with."""
    old = delete(Draft).where(col(Draft.workspace_id) == tx.actor.workspace_id, col(Draft.changed_at) < tx.now - KEPT)
    tx.beside(old)


def _own(tx: Tx, draft_id: UUID, *, lock: bool = False) -> Draft:
    """The actor's own form, if they still may use it."""
    row = tx.get(Draft, tx.actor.workspace_id, draft_id, lock=lock)
    if row is None or row.slack_user_id != tx.actor.slack_user_id or row.engagement_id is None:
        raise NotFound("This form (it was saved, or is too old)")
    administered(tx, row.engagement_id)
    return row


def _sheet(tx: Tx, row: Draft) -> Sheet:
    data: dict[str, Any] = json.loads(tx.unseal(row, "payload"))
    return Sheet(
        draft_id=row.id,
        engagement_id=_engagement_id(row),
        kind=Kind(row.kind),
        about=row.about,
        file=stored.as_file(tx, administered(tx, _engagement_id(row))),
        base=data["base"],
        values=data["values"],
        found=from_data(data["found"]) if data.get("found") else None,
        is_own=row.about == tx.actor.slack_user_id,
    )


def _write(tx: Tx, row: Draft, base: str, values: Values, found: Found | None) -> None:
    data = {"base": base, "values": dict(values), "found": to_data(found) if found else None}
    row.payload = tx.seal(row, "payload", json.dumps(data))
    row.changed_at = tx.now


def _fresh(tx: Tx, shown: Sheet) -> Engagement:
    """The engagement, if it is still the one that the form was begun on. Raises Stale."""
    if shown.base != write(shown.file):
        raise Stale(tuple(compare(_base(shown), shown.file).lines()))
    return administered(tx, shown.engagement_id)


def _base(shown: Sheet) -> EngagementFile:
    """The engagement that a form was begun on; as it is now, where that cannot be read by today's rules any more."""
    try:
        return read(shown.base.encode(), "")
    except FileErrors:
        return shown.file


def _after(tx: Tx, shown: Sheet) -> EngagementFile:
    """The file as it is to be. Nobody changes the own side, role or deputyship, nor leaves, but by handing over."""
    after = EDITS[shown.kind].edited(shown.file, shown.about, shown.found, shown.values)
    if shown.kind is not Kind.OWNER and _place(shown.file, tx) != _place(after, tx):
        field = next((name for name in ("role", "deputy", "side") if name in shown.values), "role")
        raise Invalid({field: "Nobody changes the own side or role. Please ask the owner or another deputy."})
    return after


def _place(file: EngagementFile, tx: Tx) -> tuple[object, ...] | None:
    own: PersonEntry | None = next((who for who in file.people if who.slack_id == tx.actor.slack_user_id), None)
    return (own.side, own.role, own.is_deputy) if own else None


def _changed(shown: Sheet, after: EngagementFile) -> CadenceEntry:
    return entry_of(after, entry_of(shown.file, shown.about).key)


def _engagement_id(row: Draft) -> UUID:
    assert row.engagement_id is not None  # noqa: S101 (a set-up has its own use cases)
    return row.engagement_id
