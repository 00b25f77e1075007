"""Bring an engagement to what a file says, in one transaction. Nothing is ever deleted: what is removed rests."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import select

from models.access import Side, system_only
from models.activity import service as activity
from models.blockers import climbing as blockers
from models.cadences.defaults import QuestionList
from models.cadences.rules import question_to
from models.cadences.tables import Cadence, QuestionSet
from models.calendars.holidays import SideCalendar
from models.calendars.local_time import local_date
from models.channels import nightly
from models.commitments import climbing as commitments
from models.db import Tx
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement, SideHolidays, Workspace
from models.errors import Conflict, Invalid
from models.escalations import lifecycle as escalations
from models.escalations import versions
from models.outbox import trouble
from models.outbox.rules import Place
from models.setup import roster, stored
from models.setup.file import CadenceEntry, EngagementFile
from models.setup.people import problems as roster_problems
from models.setup.plan import Plan, compare, settled


def plan(tx: Tx, workspace_id: str, file: EngagementFile) -> Plan:
    """What applying a file would change. Raises Invalid where it does not fit what is stored. Changes nothing."""
    system_only(tx)
    return planned(tx, workspace_id, file, stored.by_key(tx, workspace_id, file.key))[0]


def apply(tx: Tx, workspace_id: str, file: EngagementFile, expected: Plan | None = None) -> Plan:
    """Bring the engagement to what the file says, and return what was changed. Doing it again changes nothing.

    Raises Conflict if that is not the `expected` plan any more, Invalid where the file does not fit what is stored.
    """
    system_only(tx)
    return bring(tx, workspace_id, file, expected)


def bring(tx: Tx, workspace_id: str, file: EngagementFile, expected: Plan | None = None) -> Plan:
    """What `apply` does, for callers that have checked who asks."""
    engagement = stored.by_key(tx, workspace_id, file.key, lock=True)
    _one_at_a_time(tx, workspace_id)
    engagement = engagement or stored.by_key(tx, workspace_id, file.key, lock=True)
    found, after = planned(tx, workspace_id, file, engagement)
    if expected is not None and found != expected:
        raise Conflict("The engagement was changed meanwhile. Look at the plan again.")
    if found.is_empty:
        return found
    is_new = engagement is None
    engagement = _engagement(tx, workspace_id, after, engagement)
    if is_new:
        nightly.begin(tx, engagement)
    roster.bring(tx, engagement, after.people)
    for side in Side:
        _holidays(tx, engagement, side, after.holidays.get(side, SideCalendar()))
    _cadences(
        tx, engagement, after, {questions.key: _questions(tx, engagement, questions) for questions in after.questions}
    )
    if versions.ladder(tx, engagement) != after.ladder:
        change_ladder = versions.begin if is_new else versions.change
        change_ladder(tx, engagement, after.ladder)
    with tx.by_itself():
        for retime in (blockers.retime, commitments.retime, escalations.retime):
            retime(tx, engagement)
    return found


def _one_at_a_time(tx: Tx, workspace_id: str) -> None:
    """Two files may bring the same people: the second one waits until those of the first are there to be seen."""
    tx.add_new(Workspace, {"workspace_id": workspace_id})
    tx.session.get(Workspace, workspace_id, with_for_update={"key_share": True})  # new rows may still name it


def planned(
    tx: Tx, workspace_id: str, file: EngagementFile, engagement: Engagement | None
) -> tuple[Plan, EngagementFile]:
    """The plan, and the file with everything settled. For callers that have checked who asks. Raises Invalid."""
    before = stored.as_file(tx, engagement) if engagement else None
    after = settled(file, before, workspace_id, local_date(tx.now, file.zone))
    check(tx, workspace_id, after, engagement, file.workspace)
    return replace(compare(before, after), elsewhere=tuple(roster.elsewhere(tx, workspace_id, after))), after


def check(
    tx: Tx, workspace_id: str, file: EngagementFile, engagement: Engagement | None, given: str | None = None
) -> None:
    """Refuse what would break something that is stored already."""
    problems: dict[str, str] = {}
    if (given or workspace_id) != workspace_id:
        problems["workspace"] = f"workspace: the file is for {given}, not for {workspace_id}."
    others = tx.session.exec(
        select(Engagement).where(Engagement.workspace_id == workspace_id, Engagement.key != file.key)
    )
    for other in others:
        if file.channel in (other.channel_id, other.inhouse_channel_id):
            problems["channel"] = f"channel: {file.channel} is used by the engagement {other.key} already."
        if file.inhouse_channel == other.channel_id:
            problems["inhouse_channel"] = (
                f"inhouse_channel: {file.inhouse_channel} is shared with the provider of {other.key}."
            )
    if wrong := roster_problems(file.people):
        problems["people"] = " ".join(f"people: {found.text}" for found in wrong)
    if engagement and engagement.state is EngagementState.CLOSED and file.state is not EngagementState.CLOSED:
        problems["state"] = f"state: {file.key} was closed for good. Begin anew under another key."
    kinds = {row.key: row.kind for row in stored.cadence_rows(tx, engagement)} if engagement else {}
    for cadence in file.cadences:
        if kinds.get(cadence.key, cadence.kind) is not cadence.kind:
            problems[cadence.key] = (
                f"cadences.{cadence.key}.kind: it stays {kinds[cadence.key]}. Use another key for the new cadence."
            )
    if problems:
        raise Invalid(problems)


def _engagement(tx: Tx, workspace_id: str, file: EngagementFile, row: Engagement | None) -> Engagement:
    fields: dict[str, Any] = {
        "company": file.company,
        "vendor": file.vendor,
        "channel_id": file.channel,
        "inhouse_channel_id": file.inhouse_channel,
        "zone": file.zone,
        "state": file.state,
        "answer_minutes": file.answer_minutes,
    }
    if row is None:
        row = tx.add(Engagement(workspace_id=workspace_id, key=file.key, **fields))
        activity.record(tx, "engagement.added", row, after=activity.facts(fields))
    else:
        is_elsewhere = row.inhouse_channel_id != file.inhouse_channel
        if activity.change(tx, "engagement.changed", row, fields):
            trouble.ends(row, Place.CHANNEL)  # if it is not mended, the next post finds it, and the owners hear of it
        if is_elsewhere:
            trouble.ends(row, Place.INHOUSE)
    tx.session.flush()
    return row


def _holidays(tx: Tx, engagement: Engagement, side: Side, calendar: SideCalendar) -> None:
    row = tx.session.exec(
        select(SideHolidays).where(
            SideHolidays.workspace_id == engagement.workspace_id,
            SideHolidays.engagement_id == engagement.id,
            SideHolidays.side == side,
        )
    ).one_or_none()
    fields: dict[str, Any] = {
        "country": calendar.country,
        "subdivision": calendar.subdivision,
        "own_days": {day.isoformat(): name for day, name in calendar.own_days},
        "working_on": sorted(day.isoformat() for day in calendar.working_on),
    }
    if row is None:
        if calendar == SideCalendar():
            return
        row = tx.add(
            SideHolidays(workspace_id=engagement.workspace_id, engagement_id=engagement.id, side=side, **fields)
        )
        activity.record(tx, "holidays.changed", row, after=activity.facts(fields))
    else:
        activity.change(tx, "holidays.changed", row, fields)


def _questions(tx: Tx, engagement: Engagement, questions: QuestionList) -> UUID:
    """The id of the version that says this: the newest one, or a new one. A version is never edited."""
    versions = [row for row in stored.question_rows(tx, engagement).values() if row.key == questions.key]
    asked = [question_to(question) for question in questions.questions]
    if versions and (versions[-1].title, versions[-1].questions) == (questions.title, asked):
        return versions[-1].id
    row = tx.add(
        QuestionSet(
            workspace_id=engagement.workspace_id,
            engagement_id=engagement.id,
            key=questions.key,
            version=versions[-1].version + 1 if versions else 1,
            title=questions.title,
            questions=asked,
        )
    )
    before = {"key": row.key, "version": row.version - 1} if versions else None
    activity.record(tx, "question_set.added", row, before=before, after={"key": row.key, "version": row.version})
    return row.id


def _cadences(tx: Tx, engagement: Engagement, file: EngagementFile, sets: dict[str, UUID]) -> None:
    """Every cadence is looked at anew afterwards: roster, zones, hours and questions bear on what is laid down."""
    known = {row.key: row for row in stored.cadence_rows(tx, engagement)}
    for entry in file.cadences:
        row = known.pop(entry.key, None)
        fields = _cadence_fields(entry, sets)
        if row is None:
            row = tx.add(
                Cadence(workspace_id=engagement.workspace_id, engagement_id=engagement.id, key=entry.key, **fields)
            )
            activity.record(tx, "cadence.added", row, after=activity.facts(fields))
        else:
            activity.change(tx, "cadence.changed", row, fields)
        row.due_at, row.due_failures, row.due_error = tx.now, 0, None
    for gone in known.values():
        if gone.is_active:
            activity.change(tx, "cadence.removed", gone, {"is_active": False})
            gone.due_at = tx.now


def _cadence_fields(entry: CadenceEntry, sets: dict[str, UUID]) -> dict[str, Any]:
    questions = {side: sets[key] for side, key in entry.questions.items()}
    return {
        "kind": entry.kind,
        "title": entry.title,
        "rule": entry.repeats,
        "starts_on": entry.starts_on or date.min,
        "ends_on": entry.ends_on,
        "at": entry.at,
        "zone": entry.zone,
        "window_minutes": entry.window_minutes,
        "reminder_minutes": entry.reminder_minutes,
        "escalate_after": entry.escalate_after,
        "inhouse_questions_id": questions.get(Side.INHOUSE),
        "vendor_questions_id": questions.get(Side.VENDOR),
        "is_active": True,
    }
