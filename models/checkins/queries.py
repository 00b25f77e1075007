"""Reads of check-ins, prompts and responses, as rows."""

import json
from datetime import date
from functools import cache
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.access import Side
from models.cadences.rules import Question, question_from
from models.cadences.tables import QuestionSet
from models.checkins.rules import CheckInState, PromptState
from models.checkins.submissions import Submission, from_json
from models.checkins.tables import CheckIn, Prompt, Reply, Response
from models.db import Tx
from models.engagements.queries import IS_THEIR_PLACE
from models.engagements.tables import Participant, Person
from models.prepared import at, is_at, is_named


def latest(
    tx: Tx, workspace_id: str, cadence_id: UUID, *states: CheckInState, before: date | None = None
) -> CheckIn | None:
    """The last check-in of a cadence by local date, among the given states (none given: any), `before` a date."""
    statement = select(CheckIn).where(CheckIn.workspace_id == workspace_id, CheckIn.cadence_id == cadence_id)
    if states:
        statement = statement.where(col(CheckIn.state).in_(states))
    if before:
        statement = statement.where(CheckIn.local_date < before)
    return tx.session.exec(statement.order_by(col(CheckIn.local_date).desc()).limit(1)).first()


def prompts(tx: Tx, checkin: CheckIn) -> tuple[Prompt, ...]:
    """Every invitation of a check-in."""
    return tuple(tx.session.exec(_PROMPTS, params=at(checkin.workspace_id, named=[checkin.id])))


_PROMPTS = select(Prompt).where(is_named(Prompt, Prompt.checkin_id))


def prompt_of(tx: Tx, checkin: CheckIn, participant_id: UUID, *, lock: bool = False) -> Prompt | None:
    """One participant's invitation."""
    where = at(checkin.workspace_id, checkin=checkin.id, of=participant_id)
    return tx.session.exec(_prompt_of(lock=lock), params=where).one_or_none()


@cache
def _prompt_of(*, lock: bool) -> SelectOfScalar[Prompt]:
    is_theirs = col(Prompt.participant_id) == bindparam("of")
    statement = select(Prompt).where(is_at(Prompt, Prompt.checkin_id, "checkin"), is_theirs)
    return statement.with_for_update().execution_options(populate_existing=True) if lock else statement


def spoken_in(tx: Tx, checkin: CheckIn) -> frozenset[UUID]:
    """Ids of the prompts to which something was said, even if it was taken back: answered, skipped, replied."""
    skipped = {prompt.id for prompt in prompts(tx, checkin) if prompt.state is PromptState.SKIPPED}
    answered = tx.session.exec(
        select(Response.prompt_id).where(
            Response.workspace_id == checkin.workspace_id, Response.checkin_id == checkin.id
        )
    )
    replied = tx.session.exec(
        select(Reply.prompt_id)
        .join(Prompt, (col(Prompt.id) == Reply.prompt_id) & (col(Prompt.workspace_id) == Reply.workspace_id))
        .where(Prompt.workspace_id == checkin.workspace_id, Prompt.checkin_id == checkin.id)
    )
    return frozenset({*skipped, *answered, *replied})


def responses(tx: Tx, prompt: Prompt) -> tuple[Response, ...]:
    """Every version of a prompt's answers, oldest first."""
    where = at(prompt.workspace_id, prompt=prompt.id)
    return tuple(tx.session.exec(_VERSIONS.order_by(col(Response.version)), params=where))


def latest_response(tx: Tx, prompt: Prompt) -> Response | None:
    """The version that counts."""
    where = at(prompt.workspace_id, prompt=prompt.id)
    return tx.once(("latest", prompt.id), lambda: tx.session.exec(_LATEST, params=where).first(), Response)


_VERSIONS = select(Response).where(is_at(Response, Response.prompt_id, "prompt"))
_LATEST = _VERSIONS.order_by(col(Response.version).desc()).limit(1)


def response_by_source(tx: Tx, workspace_id: str, source_key: str) -> Response | None:
    """The version a submission made, if it was delivered before."""
    return tx.session.exec(_BY_SOURCE, params=at(workspace_id, source=source_key)).one_or_none()


_BY_SOURCE = select(Response).where(is_at(Response, Response.source_key, "source"))


def said(tx: Tx, response: Response) -> Submission:
    """All a version says, form and replies together."""
    return from_json(json.loads(tx.unseal(response, "answers"))["said"])


def form_part(tx: Tx, response: Response) -> Submission | None:
    """What the form said, without the replies; None when no form was sent."""
    data = json.loads(tx.unseal(response, "answers"))["form"]
    return from_json(data) if data else None


def replies(tx: Tx, prompt: Prompt) -> tuple[Reply, ...]:
    """The replies of one participant that stand, oldest first."""
    return tuple(tx.session.exec(_REPLIES, params=at(prompt.workspace_id, prompt=prompt.id)))


_REPLIES = (
    select(Reply)
    .where(is_at(Reply, Reply.prompt_id, "prompt"), col(Reply.is_deleted).is_(False))
    .order_by(col(Reply.ts))
)


def reply_at(tx: Tx, workspace_id: str, channel_id: str, ts: str) -> Reply | None:
    """A reply by its place in Slack."""
    return tx.session.exec(_REPLY_AT, params=at(workspace_id, channel=channel_id, ts=ts)).one_or_none()


_REPLY_AT = select(Reply).where(is_at(Reply, Reply.channel_id, "channel"), Reply.ts == bindparam("ts"))


def writer_at(tx: Tx, workspace_id: str, channel_id: str, ts: str) -> Person | None:
    """Who wrote the reply at a place in Slack; none where nothing was heard."""
    return tx.session.exec(
        select(Person)
        .join(Participant, IS_THEIR_PLACE)
        .join(
            Prompt,
            (col(Prompt.participant_id) == Participant.id) & (col(Prompt.workspace_id) == Person.workspace_id),
        )
        .join(Reply, (col(Reply.prompt_id) == Prompt.id) & (col(Reply.workspace_id) == Person.workspace_id))
        .where(Reply.workspace_id == workspace_id, Reply.channel_id == channel_id, Reply.ts == ts)
    ).one_or_none()


def questions(tx: Tx, checkin: CheckIn, side: Side) -> tuple[Question, ...]:
    """The questions a side is asked in a check-in, in the version frozen when it was laid down."""
    set_id = checkin.inhouse_questions_id if side is Side.INHOUSE else checkin.vendor_questions_id
    if set_id is None:
        return ()
    row = tx.one(QuestionSet, checkin.workspace_id, set_id)
    return tuple(question_from(item) for item in row.questions)
