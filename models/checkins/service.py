"""What people do with a check-in: answer, skip, be away, ask for it now."""

import json
from datetime import date, datetime, timedelta
from uuid import UUID

from models import access
from models.access import Permission
from models.activity import service as activity
from models.cadences.tables import Cadence
from models.calendars.local_time import local_date
from models.checkins import attendance, effects, lifecycle, missed, queries, rules
from models.checkins.rules import CheckInState, PromptState, Source
from models.checkins.submissions import Submission, to_json
from models.checkins.tables import CheckIn, Prompt, Response
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Absence, Engagement
from models.errors import Conflict, Invalid, NotAllowed, NotFound
from models.outbox import service as outbox
from models.outbox.rules import Place

_REASON_LENGTH = 300
_LONGEST_ABSENCE = timedelta(days=366)


def submit(tx: Tx, checkin_id: UUID, submission: Submission, *, source: Source, source_key: str) -> UUID:
    """Store a person's answers to a check-in: a first version, or an edit. Returns the prompt's id.

    The same `source_key` twice is the same submission. Raises Conflict when the check-in takes no answers
    any more, NotFound for who is not asked in it.
    """
    checkin, prompt = own_prompt(tx, checkin_id)
    if queries.latest_response(tx, prompt) and queries.response_by_source(tx, checkin.workspace_id, source_key):
        return prompt.id
    said = effects.said_with(tx, checkin, prompt, submission)
    store(tx, checkin, prompt, form=submission, said=said, source=source, source_key=source_key)
    return prompt.id


def store(
    tx: Tx,
    checkin: CheckIn,
    prompt: Prompt,
    *,
    form: Submission | None,
    said: Submission,
    source: Source,
    source_key: str,
    at: datetime | None = None,
) -> None:
    """Write one more version of a prompt's answers, with all that follows from it, and tell the channel.

    `at` is when it was said, where that was not just now: whether it came in time is told by that.
    """
    at = at or tx.now
    last = queries.latest_response(tx, prompt)
    response = Response(
        workspace_id=checkin.workspace_id,
        engagement_id=checkin.engagement_id,
        checkin_id=checkin.id,
        prompt_id=prompt.id,
        version=last.version + 1 if last else 1,
        source=source,
        source_key=source_key,
        given_at=tx.now,
        is_late=at > prompt.deadline_at,
        answers="",  # type: ignore[arg-type]  # sealed below: the envelope is bound to the row's id
    )
    data = {"form": to_json(form) if form else None, "said": to_json(said)}
    response.answers = tx.seal(response, "answers", json.dumps(data))
    tx.add(response)
    if prompt.answered_at is None or prompt.state is not PromptState.ANSWERED:
        prompt.answered_at, prompt.is_late = at, at > prompt.deadline_at
    prompt.state, prompt.skip_reason = PromptState.ANSWERED, None
    lifecycle.set_prompt_due(prompt, checkin)
    missed.answered(tx, checkin, prompt.side, prompt.participant_id)
    effects.apply(tx, checkin, prompt, said, queries.said(tx, last) if last else None)
    _publish(tx, checkin, prompt, source)
    activity.record(tx, "checkin.answered", prompt, after={"version": response.version, "source": source.value})


def skip(tx: Tx, checkin_id: UUID, reason: str) -> None:
    """Say that one has nothing to report this time, and why. An answer given later replaces it."""
    reason = reason.strip()
    if not reason or len(reason) > _REASON_LENGTH:
        raise Invalid({"reason": f"Please give a reason of up to {_REASON_LENGTH} characters."})
    checkin, prompt = skippable(tx, checkin_id, lock=True)
    mark_skipped(tx, checkin, prompt, reason)


def skippable(tx: Tx, checkin_id: UUID, *, lock: bool = False) -> tuple[CheckIn, Prompt]:
    """The check-in and the actor's own invitation, if they can skip it now. Raises NotFound, NotAllowed, Conflict."""
    checkin, prompt = own_prompt(tx, checkin_id, permission=Permission.CHECKIN_SKIP, lock=lock)
    if checkin.state is CheckInState.CLOSED:
        raise Conflict("This check-in has closed; it can still be answered late, but not skipped.")
    if prompt.state is PromptState.ANSWERED:
        raise Conflict("You have answered this check-in already. Open your answer to change it.")
    if prompt.state is PromptState.EXCUSED:
        raise Conflict(f"You are not asked this time ({prompt.excuse}), so there is nothing to skip.")
    return checkin, prompt


def mark_skipped(tx: Tx, checkin: CheckIn, prompt: Prompt, reason: str) -> None:
    """Record that somebody skips, and tell the board."""
    prompt.state, prompt.skip_reason = PromptState.SKIPPED, tx.seal(prompt, "skip_reason", reason)
    lifecycle.set_prompt_due(prompt, checkin)
    outbox.refresh(tx, checkin.workspace_id, f"board:{checkin.id}", f"prompt:{prompt.id}")
    activity.record(tx, "checkin.skipped_by_person", prompt)


def away(tx: Tx, first_day: date, last_day: date) -> None:
    """Be away on a range of own local days, both included: not asked, not counted, shown as away."""
    if tx.actor.person_id is None or not tx.actor.memberships:
        raise NotFound("Your place on a roster")
    if last_day < first_day:
        raise Invalid({"last_day": "The last day lies before the first one."})
    if last_day - first_day > _LONGEST_ABSENCE:
        raise Invalid({"last_day": "An absence can be a year long at the most."})
    if last_day < _today(tx):
        raise Invalid({"last_day": "These days are over already."})
    absence = tx.add(
        Absence(
            workspace_id=tx.actor.workspace_id,
            person_id=tx.actor.person_id,
            first_day=first_day,
            last_day=last_day,
        )
    )
    attendance.judge_all_again(tx)
    activity.record(
        tx, "absence.added", absence, after={"first_day": first_day.isoformat(), "last_day": last_day.isoformat()}
    )


def back(tx: Tx) -> bool:
    """Be back from today on: a running absence ends yesterday, later ones go. False when there was none."""
    if tx.actor.person_id is None:
        raise NotFound("Your place on a roster")
    today, changed = _today(tx), False
    for absence in engagements.absences_of(tx, tx.actor.workspace_id, tx.actor.person_id):
        if absence.last_day < today:
            continue
        changed = True
        activity.record(tx, "absence.ended", absence, before={"last_day": absence.last_day.isoformat()})
        if absence.first_day >= today:
            tx.session.delete(absence)
        else:
            absence.last_day = today - timedelta(days=1)
    if changed:
        attendance.judge_all_again(tx)
    return changed


def start_now(tx: Tx, checkin_id: UUID) -> None:
    """Open a scheduled check-in at once and ask everybody who is there. For owners and leads."""
    checkin = access.load(tx, CheckIn, checkin_id, Permission.CADENCE_NOW, lock=True)
    if checkin.state is CheckInState.SKIPPED:
        raise Conflict(f"This check-in was skipped: {checkin.skip_reason}.")
    if checkin.state is not CheckInState.SCHEDULED:
        raise Conflict("This check-in has been opened already.")
    present = lifecycle.present_at(tx, checkin)
    if not present:
        raise Conflict("Everybody is away or has a holiday on that day, so there is nobody to ask.")
    for prompt in present:
        length = prompt.deadline_at - prompt.ask_at
        prompt.ask_at, prompt.deadline_at = tx.now, max(prompt.deadline_at, tx.now + length)
    checkin.opens_at, checkin.closes_at = tx.now, max(prompt.deadline_at for prompt in present)
    lifecycle.open_now(tx, checkin, tx.one(Engagement, checkin.workspace_id, checkin.engagement_id))
    tx.one(Cadence, checkin.workspace_id, checkin.cadence_id).due_at = tx.now


def own_prompt(
    tx: Tx, checkin_id: UUID, *, permission: Permission = Permission.CHECKIN_ANSWER, lock: bool = True
) -> tuple[CheckIn, Prompt]:
    """The check-in and the actor's own invitation to it, locked unless told; only while it takes answers."""
    return tx.once(("own prompt", checkin_id, permission, lock), lambda: _own_prompt(tx, checkin_id, permission, lock))


def _own_prompt(tx: Tx, checkin_id: UUID, permission: Permission, lock: bool) -> tuple[CheckIn, Prompt]:
    checkin = access.load(tx, CheckIn, checkin_id, permission, lock=lock)
    place = access.place_of(tx, checkin.engagement_id, permission)
    prompt = queries.prompt_of(tx, checkin, place.participant_id, lock=lock)
    if prompt is None:
        raise NotAllowed("You joined after this check-in was laid down; the next one asks you.")
    if problem := closed_because(tx, checkin):
        raise Conflict(problem)
    return checkin, prompt


def closed_because(tx: Tx, checkin: CheckIn, at: datetime | None = None) -> str | None:
    """Why a check-in takes no answers, in words; None when it does. One to come takes them once the last has closed.

    `at` is when it was said, where that was not just now.
    """
    if checkin.state is CheckInState.SCHEDULED and (
        running := queries.latest(tx, checkin.workspace_id, checkin.cadence_id, CheckInState.OPEN)
    ):
        return (
            f"The check-in of {running.local_date:%A} is still open; the next one can be answered when it has closed."
        )
    if checkin.state is CheckInState.SKIPPED:
        return f"This check-in was skipped: {checkin.skip_reason}. Nothing was stored."
    if checkin.closed_at and (at or tx.now) - checkin.closed_at > rules.LATE_FOR:
        return f"This check-in closed more than {rules.LATE_FOR.days} days ago and takes no more answers."
    return None


def _publish(tx: Tx, checkin: CheckIn, prompt: Prompt, source: Source) -> None:
    """The answer's own message, the receipt of a direct message, and the board."""
    if checkin.state is CheckInState.SCHEDULED and source is not Source.DIRECT:
        return  # the answer is posted when the check-in opens
    engagement = tx.one(Engagement, checkin.workspace_id, checkin.engagement_id)
    board, changed = f"board:{checkin.id}", []
    if checkin.state is not CheckInState.SCHEDULED:
        answer = f"answer:{prompt.id}"
        is_new = outbox.post(tx, engagement, "checkin.answer", prompt.id, key=answer, parent_key=board)
        changed += [board] if is_new else [answer, board]
    if source is Source.DIRECT:
        receipt = f"receipt:{prompt.id}"
        is_new = outbox.post(
            tx,
            engagement,
            "checkin.receipt",
            prompt.id,
            key=receipt,
            parent_key=board,
            place=Place.DIRECT,
            person_id=tx.actor.person_id,
        )
        changed += [] if is_new else [receipt]
    outbox.refresh(tx, checkin.workspace_id, *changed, f"prompt:{prompt.id}")


def _today(tx: Tx) -> date:
    """The actor's local date."""
    place = tx.actor.memberships[0] if tx.actor.memberships else None
    if place is None:
        raise NotFound("Your place on a roster")
    crew = engagements.crew(tx, tx.actor.workspace_id, place.engagement_id)
    return local_date(tx.now, crew.members[place.participant_id].person.zone)
