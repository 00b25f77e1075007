"""Who is asked, judged anew: after absences changed, and when somebody lost their place or has it back."""

from sqlmodel import col, select

from models.checkins import lifecycle
from models.checkins.rules import CheckInState, PromptState
from models.checkins.tables import CheckIn, Prompt
from models.commitments import climbing
from models.commitments import queries as commitments
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Participant
from models.outbox import service as outbox


def judge_all_again(tx: Tx) -> None:
    """Judge the actor's open prompts in all their engagements."""
    for seat in tx.actor.memberships:
        judge_again(tx, tx.one(Participant, tx.actor.workspace_id, seat.participant_id))


def judge_again(tx: Tx, place: Participant) -> None:
    """Excuse, or ask again, one participant in the check-ins that are still to be answered."""
    tx.session.flush()
    member = engagements.crew(tx, place.workspace_id, place.engagement_id).members[place.id]
    for promised in commitments.open_of(tx, place.workspace_id, place.id):
        climbing.set_due(tx, promised)
    rows = tx.session.exec(
        select(Prompt, CheckIn)
        .join(CheckIn, (col(CheckIn.id) == Prompt.checkin_id) & (col(CheckIn.workspace_id) == Prompt.workspace_id))
        .where(
            Prompt.workspace_id == place.workspace_id,
            Prompt.participant_id == place.id,
            col(Prompt.state).in_([PromptState.WAITING, PromptState.ASKED, PromptState.EXCUSED]),
            col(CheckIn.state).in_([CheckInState.SCHEDULED, CheckInState.OPEN]),
        )
        .with_for_update(of=Prompt, key_share=True)  # an answer on its way stays an answer
        .execution_options(populate_existing=True)
    ).all()
    for prompt, checkin in rows:
        reason = lifecycle.excuse(member, checkin.local_date)
        if reason is None and prompt.state is PromptState.EXCUSED and prompt.deadline_at <= tx.now:
            continue  # back too late to be asked
        prompt.excuse = reason
        prompt.state = lifecycle.unanswered(prompt)
        lifecycle.set_prompt_due(prompt, checkin)
        outbox.refresh(tx, checkin.workspace_id, f"board:{checkin.id}")
        if prompt.asked_at:
            outbox.refresh(tx, checkin.workspace_id, f"prompt:{prompt.id}")
