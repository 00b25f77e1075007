"""The auditor: looks at the database as an outsider would, and says what should have happened and has not.

It re-derives what the rules say instead of asking the code that acts. It changes nothing; a clean look is what the
dead man's switch waits for.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, Subquery, bindparam, func, or_, sql
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from models.access import system_only
from models.cadences.tables import Cadence
from models.checkins import rules
from models.checkins.rules import CheckInState, Hours
from models.checkins.tables import CheckIn, Prompt
from models.db import Tx
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement
from models.installations.queries import stopped
from models.outbox import agenda
from models.outbox.conditions import is_held, is_ready
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import OutboxMessage
from models.outbox.transitions import HOLD
from models.prepared import at
from scheduler.due import LONGEST_BACK_OFF, Step, goes_on

OVERDUE = timedelta(minutes=5)
"""Due work is looked at within seconds; later than this something is wrong."""
LEASE_OVER = timedelta(minutes=2)
UNSURE = timedelta(minutes=30)
STUCK = timedelta(minutes=30)
_MANY_TRIES = 13
"""Back-off has made these take half an hour."""
_RECENT = timedelta(days=14)
"""Check-ins that opened since then, or will, are read by a whole look. One lasts a few days at the most."""
_FAILING = 3
_MOST = 5_000
"""Nothing is counted any further: that many is bad enough."""

QUICK = ("overdue", "leases", "unsure", "stuck")
"""What a quick look finds: a few probes of indexes, whatever is stored."""
KINDS = (*QUICK, "failing", "due_at", "silent_cadence", "unfinished")
"""What a whole look finds. It reads the check-ins of the last days, workspace by workspace."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One kind of thing that is not as it should be: which, how many, and a sentence for the operator."""

    what: str
    count: int
    said: str
    remedy: str


def audit(tx: Tx, steps: Sequence[Step], *, is_whole: bool = True) -> list[Violation]:
    """Everything that is not as it should be; nothing when all is well. Stopped workspaces rest, and are left out."""
    system_only(tx)
    looks = (_quick, _slow) if is_whole else (_quick,)
    return [found for look in looks for found in look(tx, steps) if found.count]


def _quick(tx: Tx, steps: Sequence[Step]) -> Iterator[Violation]:
    running = "Is the bot running? `cadence run`, or `cadence tick` once."
    yield Violation("overdue", _overdue(tx, steps), "steps should have been done minutes ago.", running)
    hang = _hanging(tx)
    yield Violation("leases", hang["leases"], "messages were left by a worker and not taken up again.", running)
    said = "messages may or may not be in Slack, and could not be found out about."
    can_read = "Can the bot read the channel's history? See `cadence doctor`."
    yield Violation("unsure", hang["unsure"], said, can_read)
    yield Violation("stuck", hang["stuck"], "messages wait for longer than Slack's limits explain.", running)


def _slow(tx: Tx, steps: Sequence[Step]) -> Iterator[Violation]:
    yield Violation("failing", _failing(tx, steps), "steps fail again and again.", "See `cadence next` and the log.")
    report = "Nothing mends this by itself: please report it, with the log."
    again = "Apply its file with another time, then with the right one; and please report it."
    served = tuple(_served(tx))
    yield Violation("due_at", _wrong_due(tx, served), "rows are not due when the rules say so.", report)
    yield Violation("silent_cadence", _silent(tx, served), "cadences go on, but nothing will wake them.", again)
    unfinished = _unfinished(tx, served)
    yield Violation("unfinished", unfinished, "check-ins are over, but somebody's answer still counts as open.", report)


def _overdue(tx: Tx, steps: Sequence[Step]) -> int:
    return sum(_count(tx, step, step.table.due_at < tx.now - OVERDUE) for step in steps)


def _failing(tx: Tx, steps: Sequence[Step]) -> int:
    """A step that failed is due again within the longest back-off: no need to look further ahead."""
    latest = tx.now + LONGEST_BACK_OFF
    return sum(_count(tx, step, step.table.due_at <= latest, step.table.due_failures >= _FAILING) for step in steps)


def _count(tx: Tx, step: Step, *conditions: Any) -> int:
    found: Select[Any] = sql.select(step.table.id).where(*conditions, goes_on(step)).limit(_MOST)
    return int(tx.session.execute(sql.select(func.count()).select_from(found.subquery())).scalar_one())


def _hanging(tx: Tx) -> Counter[str]:
    """Messages that should have moved on. The delivery's clock tells: the domain's may have hopped meanwhile.

    Of engagements in which posting is not known to be impossible: those are told to their owner.
    """
    found: Counter[str] = Counter()
    rest = frozenset(tx.session.exec(stopped()))
    for workspace_id in agenda.workspaces(tx):
        if workspace_id not in rest:
            values = {**at(workspace_id), **_before(tx.wall)}
            found.update(tx.session.execute(_hanging_in(), values).one()._asdict())
    return found


def _before(wall: datetime) -> Mapping[str, datetime]:
    return {"leased": wall - LEASE_OVER, "unsure": wall - UNSURE + HOLD, "ready": wall - STUCK}


@cache
def _hanging_in() -> Select[*tuple[Any, ...]]:
    """One row of counts for one workspace, by the indexes of what is open; of what is ready, the oldest are read."""
    leased, unsure, ready = (bindparam(name, type_=UTCDateTime()) for name in ("leased", "unsure", "ready"))
    until = col(OutboxMessage.lease_until)
    columns: tuple[Any, ...] = (OutboxMessage.workspace_id, OutboxMessage.engagement_id)
    late = [
        sql.select(*columns).where(is_held(state), until < moment).limit(_MOST).subquery()
        for state, moment in ((OutboxState.LEASED, leased), (OutboxState.UNSURE, unsure))
    ]
    waiting = [
        sql.select(*columns, col(OutboxMessage.not_before), col(OutboxMessage.attempts))
        .where(is_ready(operation))
        .order_by(col(OutboxMessage.id))
        .limit(_MOST)
        .subquery()
        for operation in Operation
    ]
    stuck = [_without_trouble(one, or_(one.c.not_before < ready, one.c.attempts >= _MANY_TRIES)) for one in waiting]
    counts = (*(_without_trouble(one) for one in late), sum(stuck[1:], stuck[0]))
    return sql.select(*(count.label(name) for name, count in zip(("leases", "unsure", "stuck"), counts, strict=True)))


def _without_trouble(found: Subquery, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many of these belong to engagements in which posting is not known to be impossible."""
    is_its = (col(Engagement.workspace_id) == found.c.workspace_id) & (col(Engagement.id) == found.c.engagement_id)
    statement = sql.select(func.count()).select_from(found).join(Engagement, is_its)
    return statement.where(col(Engagement.trouble).is_(None), *conditions).scalar_subquery()


def _served(tx: Tx) -> Iterator[str]:
    """The workspaces that have engagements and are not stopped: one probe of an index each."""
    rest = frozenset(tx.session.exec(stopped()))
    last: str | None = ""
    while (last := tx.session.execute(_NEXT_WORKSPACE, {"last": last}).scalar()) is not None:
        if last not in rest:
            yield last


_WORKSPACE = col(Engagement.workspace_id)
_NEXT_WORKSPACE = sql.select(_WORKSPACE).where(bindparam("last") < _WORKSPACE).order_by(_WORKSPACE).limit(1)


def _wrong_due(tx: Tx, served: Sequence[str]) -> int:
    """Check-ins that have not ended, and their prompts, whose due time is not what the rules give for their state."""
    return sum(_wrong_due_in(tx, workspace_id) for workspace_id in served)


def _wrong_due_in(tx: Tx, workspace_id: str) -> int:
    values = {"workspace": workspace_id, "since": tx.now - _RECENT}
    checkins = tx.session.execute(_LIVING, values)
    wrong = sum(_differs(row, rules.checkin_due(row.state, row.opens_at, row.closes_at)) for row in checkins)
    prompts = tx.session.execute(_ASKED, values)
    return wrong + sum(_differs(row, _prompt_due(row)) for row in prompts)


_RECENT_ONES = (
    (col(Engagement.workspace_id) == bindparam("workspace"))
    & (col(CheckIn.workspace_id) == Engagement.workspace_id)
    & (col(CheckIn.engagement_id) == Engagement.id)
    & (col(CheckIn.opens_at) > bindparam("since", type_=UTCDateTime()))
)
"""The check-ins of a workspace's engagements, by the index that leads to an engagement's latest."""
_THEIR_PROMPTS = (col(Prompt.workspace_id) == CheckIn.workspace_id) & (col(Prompt.checkin_id) == CheckIn.id)
_LIVING = sql.select(
    *(getattr(CheckIn, name) for name in ("state", "opens_at", "closes_at", "due_at", "due_failures"))
).where(_RECENT_ONES, col(CheckIn.state).in_((CheckInState.SCHEDULED, CheckInState.OPEN)))
_ASKED = sql.select(
    *(getattr(Prompt, name) for name in ("state", "ask_at", "remind_at", "deadline_at", "reminded_at")),
    *(getattr(Prompt, name) for name in ("due_at", "due_failures")),
).where(_RECENT_ONES, col(CheckIn.state) == CheckInState.OPEN, _THEIR_PROMPTS)
_PENDING = sql.select(func.count()).where(
    _RECENT_ONES,
    col(CheckIn.state).in_((CheckInState.CLOSED, CheckInState.SKIPPED)),
    col(CheckIn.closes_at) > bindparam("closed_after", type_=UTCDateTime()),
    _THEIR_PROMPTS,
    col(Prompt.state).in_(rules.PENDING),
)


def _prompt_due(prompt: Any) -> datetime | None:
    hours = Hours(prompt.ask_at, prompt.remind_at, prompt.deadline_at)
    return rules.prompt_due(CheckInState.OPEN, prompt.state, hours, was_reminded=prompt.reminded_at is not None)


def _differs(row: Any, expected: datetime | None) -> bool:
    """A row that failed waits longer than the rules say; that is counted elsewhere."""
    return bool(row.due_failures == 0 and row.due_at != expected)


def _silent(tx: Tx, served: Sequence[str]) -> int:
    return sum(int(tx.session.execute(_SILENT, {"workspace": one}).scalar_one()) for one in served)


_SILENT = sql.select(func.count()).where(
    col(Cadence.workspace_id) == bindparam("workspace"),
    col(Cadence.is_active),
    ~col(Cadence.is_idle),
    col(Cadence.due_at).is_(None),
    col(Engagement.workspace_id) == Cadence.workspace_id,
    col(Engagement.id) == Cadence.engagement_id,
    col(Engagement.state) == EngagementState.ACTIVE,
)


def _unfinished(tx: Tx, served: Sequence[str]) -> int:
    values = {"since": tx.now - _RECENT, "closed_after": tx.now - timedelta(days=2)}
    return sum(int(tx.session.execute(_PENDING, values | {"workspace": one}).scalar_one()) for one in served)
