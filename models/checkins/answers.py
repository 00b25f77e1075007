"""What one person is shown: the prompt, the answer form, the answer as posted. Read models."""

from uuid import UUID

from models.asks import queries as asks
from models.asks.rules import OPEN
from models.blockers import queries as blockers
from models.blockers.tables import Blocker
from models.cadences.rules import Question
from models.cadences.tables import Cadence
from models.calendars.local_time import spoken_day
from models.calendars.working_time import last_working_day
from models.checkins import effects, marking, queries, service
from models.checkins.rules import Source
from models.checkins.tables import CheckIn, Prompt
from models.checkins.views import AnswerForm, AnswerView, PromptView
from models.commitments import queries as commitments
from models.commitments.tables import Commitment
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Member
from models.engagements.tables import Engagement
from models.outbox import queries as posts


def prompt_view(tx: Tx, workspace_id: str, prompt_id: UUID) -> PromptView:
    """What a person is asked or reminded of."""
    prompt = tx.one(Prompt, workspace_id, prompt_id)
    checkin = tx.one(CheckIn, workspace_id, prompt.checkin_id)
    crew = engagements.crew(tx, workspace_id, prompt.engagement_id)
    member = crew.members[prompt.participant_id]
    post = posts.post_by_key(tx, workspace_id, f"board:{checkin.id}")
    return PromptView(
        prompt_id=prompt.id,
        checkin_id=checkin.id,
        parties=engagements.parties(tx, tx.one(Engagement, workspace_id, prompt.engagement_id)),
        title=tx.one(Cadence, workspace_id, checkin.cadence_id).title,
        local_date=checkin.local_date,
        who=member.who,
        state=prompt.state,
        checkin_state=checkin.state,
        deadline_at=prompt.deadline_at,
        last_day=_last_day(member, checkin),
        open_commitments=len(commitments.open_of(tx, workspace_id, prompt.participant_id)),
        open_blockers=len(_concerning(tx, checkin, prompt.participant_id)),
        board_link=(post.channel_id, post.ts) if post and not post.is_deleted else None,
    )


def answer_form(tx: Tx, checkin_id: UUID, *, lock: bool = False) -> AnswerForm:
    """The actor's answer form. Raises NotFound, NotAllowed or Conflict for who cannot answer it now.

    With `lock` the check-in and the prompt stay as the form shows them until the commit.
    """
    checkin, prompt = service.own_prompt(tx, checkin_id, lock=lock)
    crew = engagements.crew(tx, checkin.workspace_id, checkin.engagement_id)
    member = crew.members[prompt.participant_id]
    last = queries.latest_response(tx, prompt)
    concerning = blockers.lines(tx, crew, _concerning(tx, checkin, prompt.participant_id), tx.now)
    last_day = _last_day(member, checkin)
    return AnswerForm(
        checkin_id=checkin.id,
        prompt_id=prompt.id,
        parties=engagements.parties(tx, tx.one(Engagement, checkin.workspace_id, checkin.engagement_id)),
        title=tx.one(Cadence, checkin.workspace_id, checkin.cadence_id).title,
        local_date=checkin.local_date,
        who=member.who,
        state=checkin.state,
        opens_at=checkin.opens_at,
        deadline_at=prompt.deadline_at,
        is_late=prompt.answered_at is None and tx.now > prompt.deadline_at,
        last_day=last_day,
        default_due=effects.default_due(member, checkin.local_date),
        questions=_questions(tx, checkin, prompt, last_day),
        commitments=commitments.lines(tx, crew, _reviewable(tx, prompt)),
        open_blockers=concerning,
        roster=tuple(other.who for other in crew.active()),
        given=queries.form_part(tx, last) if last else None,
    )


def answer_view(tx: Tx, workspace_id: str, prompt_id: UUID) -> AnswerView | None:
    """One person's answers as they stand; None when there are none."""
    prompt = tx.one(Prompt, workspace_id, prompt_id)
    checkin = tx.one(CheckIn, workspace_id, prompt.checkin_id)
    last = queries.latest_response(tx, prompt)
    if last is None:
        return None
    crew = engagements.crew(tx, workspace_id, prompt.engagement_id)
    made = commitments.made_in(tx, workspace_id, prompt.participant_id, checkin.id)
    touched = commitments.touched_in(tx, workspace_id, checkin.id)
    free = marking.asking(tx, prompt) if last.source is Source.THREAD else marking.Asking()
    return AnswerView(
        checkin_id=checkin.id,
        prompt_id=prompt.id,
        parties=engagements.parties(tx, tx.one(Engagement, workspace_id, prompt.engagement_id)),
        title=tx.one(Cadence, workspace_id, checkin.cadence_id).title,
        who=crew.who(prompt.participant_id),
        source=last.source,
        version=last.version,
        given_at=last.given_at,
        is_late=prompt.is_late,
        is_withdrawn=last.is_withdrawn,
        questions=_questions(tx, checkin, prompt, _last_day(crew.members[prompt.participant_id], checkin)),
        submission=queries.said(tx, last),
        outcomes=commitments.lines(tx, crew, _own(touched, prompt)),
        promised=commitments.lines(tx, crew, made),
        blockers=blockers.lines(tx, crew, blockers.of_prompt(tx, workspace_id, prompt.id), tx.now),
        asked=tuple(
            sorted(
                row.number for row in (*asks.of_prompt(tx, workspace_id, prompt.id), *free.marked) if row.state in OPEN
            )
        ),
        has_free_question=free.reply is not None,
        names={participant_id: member.person.name for participant_id, member in crew.members.items()},
    )


def _questions(tx: Tx, checkin: CheckIn, prompt: Prompt, last_day: str) -> tuple[Question, ...]:
    """The questions of the person's side, with their own last working day written in."""
    return tuple(
        Question(
            id=question.id,
            type=question.type,
            text=question.text.replace("{last_day}", last_day),
            hint=question.hint.replace("{last_day}", last_day),
            required=question.required,
            options=question.options,
            only_if=question.only_if,
        )
        for question in queries.questions(tx, checkin, prompt.side)
    )


def _last_day(member: Member, checkin: CheckIn) -> str:
    return spoken_day(last_working_day(member.hours, checkin.local_date), checkin.local_date)


def _reviewable(tx: Tx, prompt: Prompt) -> list[Commitment]:
    """Open commitments of earlier check-ins, and those this answer has closed: it can still be changed."""
    rows = {row.id: row for row in commitments.open_of(tx, prompt.workspace_id, prompt.participant_id)}
    rows |= {row.id: row for row in _own(commitments.touched_in(tx, prompt.workspace_id, prompt.checkin_id), prompt)}
    earlier = [row for row in rows.values() if row.checkin_id != prompt.checkin_id]
    return sorted(earlier, key=lambda row: (row.current_due, row.number))


def _own(rows: tuple[Commitment, ...], prompt: Prompt) -> list[Commitment]:
    return [row for row in rows if row.participant_id == prompt.participant_id]


def _concerning(tx: Tx, checkin: CheckIn, participant_id: UUID) -> list[Blocker]:
    """Open blockers from earlier check-ins that a person raised, owns or was named to act on."""
    return [
        row
        for row in blockers.open_rows(tx, checkin.workspace_id, checkin.engagement_id)
        if participant_id in (row.raised_by_id, row.owner_id, row.acting_id) and row.checkin_id != checkin.id
    ]
