"""Reads of check-ins, prompts and responses, as rows."""

import json
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from models.access import Side
from models.cadences.rules import Question, question_from
from models.cadences.tables import QuestionSet
from models.checkins.rules import CheckInState, PromptState
from models.checkins.submissions import Submission, from_json
from models.checkins.tables import CheckIn, Prompt, Reply, Response
from models.db import Tx
from models.engagements.tables import Participant, Person
from models.prepared import at, is_named


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
    statement = select(Prompt).where(
        Prompt.workspace_id == checkin.workspace_id,
        Prompt.checkin_id == checkin.id,
        Prompt.participant_id == participant_id,
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return tx.session.exec(statement).one_or_none()


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
    return tuple(
        tx.session.exec(
            select(Response)
            .where(Response.workspace_id == prompt.workspace_id, Response.prompt_id == prompt.id)
            .order_by(col(Response.version))
        )
    )


def latest_response(tx: Tx, prompt: Prompt) -> Response | None:
    """The version that counts."""
    statement = (
        select(Response)
        .where(Response.workspace_id == prompt.workspace_id, Response.prompt_id == prompt.id)
        .order_by(col(Response.version).desc())
        .limit(1)
    )
    return tx.once(("latest", prompt.id), lambda: tx.session.exec(statement).first(), Response)


def response_by_source(tx: Tx, workspace_id: str, source_key: str) -> Response | None:
    """The version a submission made, if it was delivered before."""
    return tx.session.exec(
        select(Response).where(Response.workspace_id == workspace_id, Response.source_key == source_key)
    ).one_or_none()


def said(tx: Tx, response: Response) -> Submission:
    """All a version says, form and replies together."""
    return from_json(json.loads(tx.unseal(response, "answers"))["said"])


def form_part(tx: Tx, response: Response) -> Submission | None:
    """What the form said, without the replies; None when no form was sent."""
    data = json.loads(tx.unseal(response, "answers"))["form"]
    return from_json(data) if data else None


def replies(tx: Tx, prompt: Prompt) -> tuple[Reply, ...]:
    """The replies of one participant that stand, oldest first."""
    return tuple(
        tx.session.exec(
            select(Reply)
            .where(
                Reply.workspace_id == prompt.workspace_id,
                Reply.prompt_id == prompt.id,
                col(Reply.is_deleted).is_(False),
            )
            .order_by(col(Reply.ts))
        )
    )


def reply_at(tx: Tx, workspace_id: str, channel_id: str, ts: str) -> Reply | None:
    """A reply by its place in Slack."""
    return tx.session.exec(
        select(Reply).where(Reply.workspace_id == workspace_id, Reply.channel_id == channel_id, Reply.ts == ts)
    ).one_or_none()


def writer_at(tx: Tx, workspace_id: str, channel_id: str, ts: str) -> Person | None:
    """Who wrote the reply at a place in Slack; none where nothing was heard."""
    return tx.session.exec(
        select(Person)
        .join(
            Participant,
            (col(Participant.person_id) == Person.id) & (col(Participant.workspace_id) == Person.workspace_id),
        )
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
