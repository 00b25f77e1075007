"""An engagement as it stands in the database, in the form of a file."""

from uuid import UUID

from sqlmodel import col, select

from models.access import Side
from models.cadences.defaults import CADENCES, QuestionList, default_reminder
from models.cadences.rules import CadenceKind, question_from
from models.cadences.tables import Cadence, QuestionSet
from models.db import Tx
from models.engagements import queries
from models.engagements.tables import Engagement
from models.escalations import versions
from models.setup.file import CadenceEntry, EngagementFile, PersonEntry, in_order


def by_key(tx: Tx, workspace_id: str, key: str, *, lock: bool = False) -> Engagement | None:
    """The engagement with this key. With `lock` it stays locked until the commit."""
    statement = select(Engagement).where(Engagement.workspace_id == workspace_id, Engagement.key == key)
    return tx.session.exec(statement.with_for_update(key_share=True) if lock else statement).one_or_none()


def as_file(tx: Tx, engagement: Engagement) -> EngagementFile:
    """Everything configured about an engagement. What was removed from it is left out."""
    crew = queries.crew(tx, engagement.workspace_id, engagement.id)
    cadences = [row for row in cadence_rows(tx, engagement) if row.is_active]
    sets = question_rows(tx, engagement)
    asked = {id_ for row in cadences for id_ in (row.inhouse_questions_id, row.vendor_questions_id) if id_}
    return in_order(
        EngagementFile(
            workspace=engagement.workspace_id,
            key=engagement.key,
            company=engagement.company,
            vendor=engagement.vendor,
            channel=engagement.channel_id,
            inhouse_channel=engagement.inhouse_channel_id,
            zone=engagement.zone,
            state=engagement.state,
            answer_minutes=engagement.answer_minutes,
            people=tuple(_person(member) for member in crew.named()),
            holidays={member.participant.side: member.calendar for member in crew.members.values()},
            questions=tuple(_questions(row) for row in sets.values() if row.id in asked),
            cadences=tuple(_cadence(row, sets) for row in cadences),
            ladder=versions.ladder(tx, engagement),
        )
    )


def cadence_rows(tx: Tx, engagement: Engagement) -> tuple[Cadence, ...]:
    """Every cadence the engagement has or had."""
    return tuple(
        tx.session.exec(
            select(Cadence).where(
                Cadence.workspace_id == engagement.workspace_id, Cadence.engagement_id == engagement.id
            )
        )
    )


def question_rows(tx: Tx, engagement: Engagement) -> dict[UUID, QuestionSet]:
    """Every version of every question set, oldest first, by id."""
    rows = tx.session.exec(
        select(QuestionSet)
        .where(QuestionSet.workspace_id == engagement.workspace_id, QuestionSet.engagement_id == engagement.id)
        .order_by(col(QuestionSet.key), col(QuestionSet.version))
    )
    return {row.id: row for row in rows}


def _person(member: queries.Member) -> PersonEntry:
    person = member.person
    return PersonEntry(
        side=member.participant.side,
        slack_id=person.slack_user_id,
        name=person.name,
        zone=person.zone,
        role=member.participant.role,
        is_deputy=member.participant.is_deputy,
        team=person.slack_team_id,
        works_from=person.works_from,
        works_to=person.works_to,
        workdays=person.workdays,
    )


def _questions(row: QuestionSet) -> QuestionList:
    return QuestionList(row.key, row.title, tuple(question_from(item) for item in row.questions))


def _cadence(row: Cadence, sets: dict[UUID, QuestionSet]) -> CadenceEntry:
    window, reminder = row.window_minutes, row.reminder_minutes
    if row.kind is CadenceKind.SUMMARY:
        window = CADENCES[row.kind].window_minutes
        reminder = default_reminder(window)
    named = {Side.INHOUSE: row.inhouse_questions_id, Side.VENDOR: row.vendor_questions_id}
    return CadenceEntry(
        key=row.key,
        kind=row.kind,
        title=row.title,
        repeats=row.rule,
        at=row.at,
        zone=row.zone,
        window_minutes=window,
        reminder_minutes=reminder,
        questions={side: sets[id_].key for side, id_ in named.items() if id_},
        escalate_after=0 if row.kind is CadenceKind.SUMMARY else row.escalate_after,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )
