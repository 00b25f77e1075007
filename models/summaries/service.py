"""The weekly summary: laid down, published with frozen facts, or skipped."""

from datetime import date, datetime, timedelta

from models.access import system_only
from models.activity import service as activity
from models.cadences.tables import Cadence
from models.calendars.local_time import instant, local_date
from models.calendars.recurrence import Recurrence, next_date
from models.db import Tx
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement
from models.outbox import service as outbox
from models.outbox.rules import Audience, Place
from models.summaries import queries, questions, rules
from models.summaries.rules import SummaryState
from models.summaries.tables import WeeklySummary

_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


def plan(tx: Tx, cadence: Cadence) -> None:
    """Lay down the next summary of a cadence. Step of a due cadence."""
    system_only(tx)
    engagement = tx.one(Engagement, cadence.workspace_id, cadence.engagement_id)
    last = queries.latest(tx, cadence.workspace_id, cadence.id)
    if last and last.state is SummaryState.SCHEDULED and last.publishes_at > tx.now:
        tx.session.delete(last)  # laid down anew below: nothing hangs on a summary that is not published
        tx.session.flush()
        last = queries.latest(tx, cadence.workspace_id, cadence.id)
        cadence.is_idle = True
    if not cadence.is_active or engagement.state is not EngagementState.ACTIVE:
        cadence.is_idle, cadence.due_at = True, None
        return
    zone = cadence.zone or engagement.zone
    day = _next_day(cadence, zone, last, tx.now)
    if day is None:
        cadence.is_idle, cadence.due_at = True, None
        return
    publishes_at = instant(day, cadence.at, zone)
    tx.add(
        WeeklySummary(
            workspace_id=cadence.workspace_id,
            engagement_id=cadence.engagement_id,
            cadence_id=cadence.id,
            local_date=day,
            publishes_at=publishes_at,
            due_at=publishes_at,
            first_day=day - _WEEK + _DAY,  # when it is published, it begins where the last one ended
            last_day=day,
        )
    )
    cadence.due_at, cadence.is_idle = publishes_at, False


def publish(tx: Tx, row: WeeklySummary) -> None:
    """Freeze the facts and post them. Step of a due summary."""
    system_only(tx)
    engagement = tx.one(Engagement, row.workspace_id, row.engagement_id)
    row.due_at = None
    if engagement.state is not EngagementState.ACTIVE:
        row.state, row.skip_reason = SummaryState.SKIPPED, "the engagement was paused"
        return
    if not rules.is_publishable(tx.now, row.publishes_at):
        row.state, row.skip_reason = SummaryState.SKIPPED, "the bot was not running at its time"
        return
    last = queries.latest(tx, row.workspace_id, row.cadence_id, SummaryState.PUBLISHED)
    if last and last.published_at:
        row.first_day, since = last.local_date + _DAY, last.published_at
    else:
        row.first_day = rules.first_day(row.local_date, queries.first_checkin_day(tx, row))
        since = row.publishes_at - (row.local_date - row.first_day + _DAY)
    facts = queries.facts(tx, row, since, queries.reported(tx, last), queries.escalations_of(tx, last))
    facts = questions.added(tx, row, facts, since, last)
    row.facts = tx.seal(row, "facts", queries.FACTS.dump_json(facts).decode())
    row.state, row.published_at = SummaryState.PUBLISHED, tx.now
    key = f"summary:{row.id}"
    outbox.post(tx, engagement, "summary.weekly", row.id, key=key)
    outbox.post(tx, engagement, "summary.detail", row.id, key=f"summary-detail:{row.id}", parent_key=key)
    if engagement.inhouse_channel_id:
        outbox.post(
            tx,
            engagement,
            "summary.inhouse",
            row.id,
            key=f"summary-inhouse:{row.id}",
            place=Place.INHOUSE,
            audience=Audience.INHOUSE,
        )
    activity.record(tx, "summary.published", row)


def _next_day(cadence: Cadence, zone: str, last: WeeklySummary | None, now: datetime) -> date | None:
    """The next local date of a summary; one that starts, or starts again, begins with one still to come."""
    recurrence = Recurrence(cadence.rule, cadence.starts_on)
    day = local_date(now, zone) - _DAY
    if last:
        day = last.local_date if not cadence.is_idle else max(day, last.local_date)
    found = next_date(recurrence, day)
    while found and cadence.is_idle and instant(found, cadence.at, zone) < now:
        found = next_date(recurrence, found)
    return None if found is None or (cadence.ends_on and found > cadence.ends_on) else found
