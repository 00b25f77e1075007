"""The stand-ups of an engagement: prompts, answers, the messages about them, and what was promised in them."""

import json
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from models.access import Role
from models.activity.tables import Activity
from models.checkins.rules import CheckInState, PromptState, Source
from models.checkins.submissions import Promise, Submission, to_json
from models.checkins.tables import CheckIn, Prompt, Reply, Response
from models.commitments.rules import CommitmentState, MoveCause
from models.commitments.tables import Commitment, CommitmentMove
from tests.support.estate.engagement import NOW, SEATS, OneEngagement

_DONE = "The index of the archive is finished, and the two that failed last week were rebuilt as well."
_PART = to_json(Submission(answers={"done": _DONE}, promises=(Promise("The report"),), is_blocked=False))
_SAID = json.dumps({"form": _PART, "said": _PART})
_OPENS, _LASTS = time(4), timedelta(hours=10)
_SEEN_AS_LATE = 10
"""One prompt in so many is missed."""
_MOVED_EVERY = 4
_OPEN_FOR = 6
"""Days after which every promise but a few is kept."""


def past(one: OneEngagement, ordinal: int, day: date) -> None:
    """A stand-up that is over: nine of ten answered."""
    opens = datetime.combine(day, _OPENS, UTC)
    closes = opens + _LASTS
    checkin_id = _checkin(one, day, CheckInState.CLOSED, opens, closes)
    one.said(f"board:{checkin_id}", "checkin.board", checkin_id, opens, 0)
    for seat in _asked():
        is_answered = (ordinal + seat + one.number) % _SEEN_AS_LATE != 0
        state = PromptState.ANSWERED if is_answered else PromptState.MISSED
        at = opens + timedelta(hours=2)
        prompt_id = _prompt(one, checkin_id, seat, state, opens, closes, at if is_answered else None)
        if is_answered:
            _answered(one, ordinal, seat, checkin_id, prompt_id, at)


def present(one: OneEngagement) -> None:
    """Today's: open, everybody asked, nobody has answered yet."""
    opens = datetime.combine(NOW.date(), _OPENS, UTC)
    closes = opens + timedelta(hours=20)
    checkin_id = _checkin(one, NOW.date(), CheckInState.OPEN, opens, closes)
    one.said(f"board:{checkin_id}", "checkin.board", checkin_id, opens, 0)
    for seat in _asked():
        _prompt(one, checkin_id, seat, PromptState.ASKED, opens, closes)


def coming(one: OneEngagement) -> None:
    """Monday's, laid down."""
    day = NOW.date() + timedelta(days=3)
    opens = datetime.combine(day, _OPENS, UTC)
    checkin_id = _checkin(one, day, CheckInState.SCHEDULED, opens, opens + _LASTS)
    for seat in _asked():
        _prompt(one, checkin_id, seat, PromptState.WAITING, opens, opens + _LASTS)


def _asked() -> list[int]:
    return [seat for seat, (_, _, role, _) in enumerate(SEATS) if role is not Role.OBSERVER]


def _checkin(one: OneEngagement, day: date, state: CheckInState, opens: datetime, closes: datetime) -> UUID:
    is_over = state is CheckInState.CLOSED
    return one.add(
        CheckIn,
        cadence_id=one.daily_id,
        local_date=day,
        state=state,
        opens_at=opens,
        closes_at=closes,
        opened_at=None if state is CheckInState.SCHEDULED else opens,
        closed_at=closes if is_over else None,
        inhouse_questions_id=one.questions_id,
        vendor_questions_id=one.questions_id,
        due_at={CheckInState.SCHEDULED: opens, CheckInState.OPEN: closes}.get(state),
    )


def _prompt(
    one: OneEngagement,
    checkin_id: UUID,
    seat: int,
    state: PromptState,
    opens: datetime,
    closes: datetime,
    answered_at: datetime | None = None,
) -> UUID:
    remind_at = closes - timedelta(hours=1)
    return one.add(
        Prompt,
        checkin_id=checkin_id,
        participant_id=one.places[seat],
        side=SEATS[seat][1],
        state=state,
        ask_at=opens,
        remind_at=remind_at,
        deadline_at=closes,
        asked_at=None if state is PromptState.WAITING else opens,
        answered_at=answered_at,
        due_at={PromptState.WAITING: opens, PromptState.ASKED: remind_at}.get(state),
    )


def _answered(one: OneEngagement, ordinal: int, seat: int, checkin_id: UUID, prompt_id: UUID, at: datetime) -> None:
    where = {"checkin_id": checkin_id, "prompt_id": prompt_id, "version": 1, "given_at": at}
    one.sealed(Response, "answers", _SAID, **where, source=Source.MODAL, source_key=f"view:{prompt_id}")
    one.said(f"answer:{prompt_id}", "checkin.answer", prompt_id, at, seat + 1)
    one.add(
        Activity,
        at=at,
        by_person_id=one.people[seat],
        action="checkin.answered",
        subject_kind="prompt",
        subject_id=prompt_id,
        after={"version": 1, "source": "modal"},
    )
    if ordinal % 8 == seat:
        ts = f"{at.timestamp():.0f}.{one.number:06}"
        one.sealed(
            Reply, "text", "Done: the rest of it", prompt_id=prompt_id, channel_id=f"D{one.number}S{seat}", ts=ts
        )
    if ordinal % 2 == seat % 2:
        _promised(one, ordinal, seat, checkin_id, at)


def _promised(one: OneEngagement, ordinal: int, seat: int, checkin_id: UUID, at: datetime) -> None:
    """A promise of that answer for a few days later: kept, or open while it is young; some were moved."""
    due = at.date() + timedelta(days=2)
    is_open = NOW.date() - at.date() < timedelta(days=_OPEN_FOR)
    is_moved = (ordinal + seat + one.number) % _MOVED_EVERY == 0
    number = ordinal * len(SEATS) + seat + 1
    current = due + timedelta(days=3) if is_moved else due
    commitment_id = one.sealed(
        Commitment,
        "what",
        f"Part {number} of the report about the index",
        number=number,
        side=SEATS[seat][1],
        participant_id=one.places[seat],
        checkin_id=checkin_id,
        promised_due=due,
        current_due=current,
        state=CommitmentState.OPEN if is_open else CommitmentState.KEPT,
        made_at=at,
        closed_at=None if is_open else at + timedelta(days=2),
        closed_on=None if is_open else due,
        is_escalated=True,
    )
    if is_moved:
        one.sealed(
            CommitmentMove,
            "reason",
            "The access came late",
            commitment_id=commitment_id,
            from_due=due,
            to_due=current,
            cause=MoveCause.INHOUSE,
            moved_at=at + timedelta(days=1),
            moved_by_id=one.places[seat],
        )
