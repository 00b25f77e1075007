"""A blocker's life: raised, taken, updated, resolved, reopened. It never closes silently."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from models import access
from models.access import Membership, Permission, Role
from models.activity import service as activity
from models.blockers import climbing, queries
from models.blockers.rules import BlockerEvent, BlockerState, NewBlocker, is_sooner
from models.blockers.tables import Blocker, BlockerEntry
from models.blockers.views import BlockerCard
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Engagement, Participant
from models.errors import Conflict, Invalid, NotAllowed
from models.escalations.ladders import Severity
from models.outbox import queries as posts
from models.outbox import service as outbox

_NOTE_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Thread:
    """A person's message in Slack, and its thread."""

    channel_id: str
    ts: str
    root_ts: str
    """Where its thread begins: itself, unless it is a reply."""

    def key(self, nth: int = 0) -> str:
        """The natural key of the blocker made of it, or of the `nth` of several."""
        return f"message:{self.channel_id}:{self.ts}{f':{nth}' if nth else ''}"


def raise_one(
    tx: Tx,
    workspace_id: str,
    engagement_id: UUID,
    by: Participant,
    new: NewBlocker,
    *,
    source_key: str,
    checkin_id: UUID | None = None,
    prompt_id: UUID | None = None,
    thread_of: str | Thread | None = None,
) -> Blocker:
    """Record a new blocker and post its card: in the thread of the post with this key, or of a person's message."""
    engagement = tx.one(Engagement, workspace_id, engagement_id)
    row = Blocker(
        workspace_id=workspace_id,
        engagement_id=engagement_id,
        number=engagements.next_number(tx, workspace_id, engagement_id, "blocker_count"),
        what="",  # type: ignore[arg-type]  # sealed below: the envelope is bound to the row's id
        raised_by_id=by.id,
        raised_side=by.side,
        raised_at=tx.now,
        acting_side=new.acting_side or by.side.other,
        acting_id=new.acting_id,
        needed_by=new.needed_by,
        severity=new.severity,
        checkin_id=checkin_id,
        prompt_id=prompt_id,
        source_key=source_key,
    )
    row.what = tx.seal(row, "what", new.what)
    tx.add(row)
    _enter(tx, row, BlockerEvent.RAISED, by.id, "")
    _post_card(tx, engagement, row, thread_of)
    activity.record(tx, "blocker.raised", row, after={"acting_side": row.acting_side.value})
    _watch(tx, row)
    return row


def raise_from_message(tx: Tx, engagement_id: UUID, new: NewBlocker, message: Thread, *, nth: int = 0) -> None:
    """Make a blocker of somebody's message, or the `nth` of several. Its card goes into the message's thread.

    A message that stands elsewhere than in the shared channel stays there: the card goes to the shared channel.
    Raises NotFound, NotAllowed, Invalid, or Conflict when the message was raised before.
    """
    place = access.place_of(tx, engagement_id, Permission.BLOCKER_RAISE)
    engagement = tx.one(Engagement, tx.actor.workspace_id, engagement_id)
    by = tx.one(Participant, engagement.workspace_id, place.participant_id)
    if new.acting_id is not None:
        new = _of_named(tx, engagement, new, new.acting_id)
    if not new.what.strip() or len(new.what) > _NOTE_LENGTH:
        raise Invalid({"what": "Please say what is in the way, in a line or two."})
    key = message.key(nth)
    if known := queries.by_source(tx, engagement.workspace_id, key):
        raise Conflict(f"This message was made blocker B-{known.number} already. Nothing was changed.")
    board = posts.latest_board(tx, engagement.workspace_id, engagement.id)
    is_shared = message.channel_id == engagement.channel_id
    raise_one(
        tx,
        engagement.workspace_id,
        engagement.id,
        by,
        new,
        source_key=key,
        thread_of=message if is_shared else board,
    )


def _post_card(tx: Tx, engagement: Engagement, row: Blocker, thread_of: str | Thread | None) -> None:
    thread = thread_of if isinstance(thread_of, Thread) else None
    outbox.post(
        tx,
        engagement,
        "blocker.card",
        row.id,
        key=f"blocker:{row.id}",
        parent_key=thread_of if isinstance(thread_of, str) else None,
        channel_id=thread.channel_id if thread else None,
        thread_ts=thread.root_ts if thread else None,
    )


def _of_named(tx: Tx, engagement: Engagement, new: NewBlocker, acting_id: UUID) -> NewBlocker:
    """Whoever is named must act, so their side must."""
    acting = tx.get(Participant, engagement.workspace_id, acting_id)
    if acting is None or acting.engagement_id != engagement.id or not acting.is_active:
        raise Invalid({"person": "This person is not on the roster any more. Please choose another one."})
    return replace(new, acting_side=acting.side)


def take(tx: Tx, blocker_id: UUID) -> None:
    """Say "mine", and so of what climbs for it. Only for the side that must act; a colleague may take it over."""
    row, place = _open(tx, blocker_id)
    if place.side is not row.acting_side:
        acting = engagements.side_name(tx, row.engagement_id, row.acting_side)
        raise NotAllowed(f"B-{row.number} waits for {acting}: one of their people has to take it.")
    if row.owner_id == place.participant_id:
        raise Conflict(f"B-{row.number} is yours already.")
    row.state, row.owner_id, row.owned_at = BlockerState.OWNED, place.participant_id, tx.now
    _note(tx, row, BlockerEvent.MINE, place.participant_id, "")
    if row.is_escalated:
        climbing.taken(tx, row, place.participant_id)


def let_go(tx: Tx, place: Participant) -> int:
    """Free the open blockers that wait for somebody who cannot act any more. How many there were."""
    found = 0
    for row in queries.open_rows(tx, place.workspace_id, place.engagement_id):
        fields: dict[str, Any] = {"acting_id": None} if row.acting_id == place.id else {}
        if row.owner_id == place.id:
            fields |= {"owner_id": None, "owned_at": None, "state": BlockerState.OPEN}
        if fields and activity.change(tx, "blocker.let_go", row, fields):
            outbox.refresh(tx, row.workspace_id, f"blocker:{row.id}")
            found += 1
    return found


def update(tx: Tx, blocker_id: UUID, note: str) -> None:
    """Add a word on where it stands. For both sides."""
    row, place = _open(tx, blocker_id)
    _note(tx, row, BlockerEvent.UPDATED, place.participant_id, _checked(note, required=True))


def resolve(tx: Tx, blocker_id: UUID, note: str) -> None:
    """Say that it is out of the way. For whoever took it, who raised it, and the raising side's people."""
    row, place = _open(tx, blocker_id)
    require_resolver(tx, row, place)
    close(tx, row, place.participant_id, _checked(note, required=False))


def for_resolve(tx: Tx, blocker_id: UUID) -> BlockerCard:
    """The card for the actor's form. Raises as `resolve` would: a form that can only be refused is not shown."""
    card = queries.for_update(tx, blocker_id)
    row = tx.one(Blocker, tx.actor.workspace_id, blocker_id)
    require_resolver(tx, row, access.place_of(tx, row.engagement_id, Permission.BLOCKER_UPDATE))
    return card


def close(tx: Tx, row: Blocker, by_id: UUID, note: str) -> None:
    """Mark a blocker resolved."""
    row.state, row.resolved_at, row.resolved_by_id = BlockerState.RESOLVED, tx.now, by_id
    _note(tx, row, BlockerEvent.RESOLVED, by_id, note)
    climbing.gone(tx, row, BlockerEvent.RESOLVED, by_id)


def confirm(tx: Tx, row: Blocker, by_id: UUID, said: NewBlocker | None = None) -> None:
    """Record that somebody said "still blocked", perhaps worse or needed earlier than before."""
    _note(tx, row, BlockerEvent.STILL_BLOCKED, by_id, "")
    if said and said.is_worse_than(row.severity, row.needed_by):
        row.needed_by = said.needed_by if is_sooner(said.needed_by, row.needed_by) else row.needed_by
        _rate(tx, row, said.severity if said.severity.is_worse_than(row.severity) else row.severity, by_id)


def mention(tx: Tx, row: Blocker, by_id: UUID, note: str) -> None:
    """Add a word that somebody said elsewhere, in a check-in."""
    _note(tx, row, BlockerEvent.UPDATED, by_id, note)


def correct(tx: Tx, row: Blocker, new: NewBlocker, by_id: UUID) -> None:
    """Bring an open blocker to the edited answer that raised it; reopen it if the answer says it again."""
    side = new.acting_side or row.raised_side.other
    before = (tx.unseal(row, "what"), row.acting_side, row.acting_id, row.needed_by, row.severity)
    if row.state is BlockerState.RESOLVED:
        reopen(tx, row, by_id)
    if before == (new.what, side, new.acting_id, new.needed_by, new.severity):
        return
    if side is not row.acting_side:
        _let_go(row)
    row.what = tx.seal(row, "what", new.what)
    row.acting_side, row.acting_id, row.needed_by = side, new.acting_id, new.needed_by
    _note(tx, row, BlockerEvent.UPDATED, by_id, "The wording was corrected.")
    _rate(tx, row, new.severity, by_id)


def reopen(tx: Tx, row: Blocker, by_id: UUID) -> None:
    """It is in the way again: nobody's, and watched."""
    row.resolved_at, row.resolved_by_id = None, None
    _let_go(row)
    _note(tx, row, BlockerEvent.REOPENED, by_id, "")
    _watch(tx, row)


def require_resolver(tx: Tx, row: Blocker, place: Membership) -> None:
    """Refuse whoever may not say that a blocker is out of the way. Raises NotAllowed."""
    if not may_resolve(row, place):
        raised = engagements.side_name(tx, row.engagement_id, row.raised_side)
        raise NotAllowed(
            f"B-{row.number} was raised by {raised}: their people, or whoever took it, say when it is resolved. "
            "Use Update to tell them that it is done."
        )


def may_resolve(row: Blocker, place: Membership) -> bool:
    """Whether this participant may say that a blocker is out of the way."""
    if place.participant_id in (row.owner_id, row.raised_by_id):
        return True
    return place.side is row.raised_side and place.role in (Role.OWNER, Role.LEAD, Role.MEMBER)


def _open(tx: Tx, blocker_id: UUID) -> tuple[Blocker, Membership]:
    row = access.load(tx, Blocker, blocker_id, Permission.BLOCKER_UPDATE, lock=True)
    place = access.place_of(tx, row.engagement_id, Permission.BLOCKER_UPDATE)
    if row.state is BlockerState.RESOLVED:
        raise Conflict(f"B-{row.number} has been resolved already. Nothing was changed.")
    return row, place


def _rate(tx: Tx, row: Blocker, severity: Severity, by_id: UUID) -> None:
    """Give it a severity. What climbs for it already climbs by the worse one; only people make it climb more slowly."""
    is_worse, row.severity = severity.is_worse_than(row.severity), severity
    if row.is_escalated and is_worse:
        engagement = tx.one(Engagement, row.workspace_id, row.engagement_id)
        climbing.climb(tx, engagement, row, "It is worse than was said at first.", by_id)
    else:
        _watch(tx, row)


def _watch(tx: Tx, row: Blocker) -> None:
    """Escalate S1 at once; for the others set when it is time."""
    if row.severity is Severity.S1 and not row.is_escalated:
        climbing.climb(tx, tx.one(Engagement, row.workspace_id, row.engagement_id), row, "", row.raised_by_id)
    else:
        climbing.set_due(tx, row)


def _let_go(row: Blocker) -> None:
    """Nobody's again: it was reopened, or waits for the other side now."""
    row.state, row.owner_id, row.owned_at = BlockerState.OPEN, None, None


def _note(tx: Tx, row: Blocker, event: BlockerEvent, by_id: UUID, note: str) -> None:
    _enter(tx, row, event, by_id, note)
    board = posts.latest_board(tx, row.workspace_id, row.engagement_id)
    outbox.refresh(tx, row.workspace_id, f"blocker:{row.id}", *([board] if board else ()))
    activity.record(tx, f"blocker.{event.value}", row)


def _enter(tx: Tx, row: Blocker, event: BlockerEvent, by_id: UUID, note: str) -> None:
    entry = BlockerEntry(
        workspace_id=row.workspace_id,
        engagement_id=row.engagement_id,
        blocker_id=row.id,
        event=event,
        by_id=by_id,
        at=tx.now,
    )
    entry.note = tx.seal(entry, "note", note) if note else None
    tx.add(entry)


def _checked(note: str, *, required: bool) -> str:
    note = note.strip()
    if required and not note:
        raise Invalid({"note": "Please write a word on where it stands."})
    if len(note) > _NOTE_LENGTH:
        raise Invalid({"note": f"Please keep it to {_NOTE_LENGTH} characters."})
    return note
