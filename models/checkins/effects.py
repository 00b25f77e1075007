"""What follows from an answer: commitments kept, moved, dropped and made; blockers raised, confirmed, resolved.

An edited answer is applied anew: what it no longer says is taken back, what it says again stays as it is.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from models.access import Permission, Side, place_of
from models.blockers import queries as blockers
from models.blockers import service as blocking
from models.blockers.rules import BlockerState, NewBlocker
from models.blockers.tables import Blocker
from models.calendars.local_time import local_date
from models.calendars.working_time import next_working_day
from models.checkins import queries
from models.checkins.reading import Heard, Roll, merge, read
from models.checkins.submissions import Outcome, Promise, Still, Submission, Verdict
from models.checkins.tables import CheckIn, Prompt
from models.commitments import queries as commitments
from models.commitments import service as promising
from models.commitments.rules import CommitmentState, MoveCause
from models.commitments.tables import Commitment
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew, Member
from models.outbox import queries as posts


def roll(tx: Tx, prompt: Prompt, crew: Crew) -> Roll:
    """Who and what a participant's reply may speak of."""
    own = commitments.open_of(tx, prompt.workspace_id, prompt.participant_id)
    closed_here = [
        row
        for row in commitments.touched_in(tx, prompt.workspace_id, prompt.checkin_id)
        if row.participant_id == prompt.participant_id
    ]
    return Roll(
        side=prompt.side,
        people={
            member.person.slack_user_id: (member.participant.id, member.participant.side, member.person.name)
            for member in crew.active()
        },
        commitments={row.number: row.id for row in (*own, *closed_here) if row.checkin_id != prompt.checkin_id},
    )


def apply(tx: Tx, checkin: CheckIn, prompt: Prompt, said: Submission) -> None:
    """Bring commitments and blockers to what an answer says."""
    crew = engagements.crew(tx, checkin.workspace_id, checkin.engagement_id)
    member = crew.members[prompt.participant_id]
    today = local_date(tx.now, member.person.zone)
    _review(tx, prompt, said.outcomes, today)
    _promise(tx, checkin, prompt, said.promises, default_due(member, checkin.local_date))
    _block(tx, checkin, prompt, crew, said.blockers)
    _still(tx, checkin, prompt, said.still)


def said_with(tx: Tx, checkin: CheckIn, prompt: Prompt, form: Submission | None) -> Submission:
    """A form and the replies that stand, together."""
    texts = [tx.unseal(reply, "text") for reply in queries.replies(tx, prompt)]
    if not texts:
        return form or Submission()
    return merge(form, [understand(tx, checkin, prompt, text).submission for text in texts])


def understand(tx: Tx, checkin: CheckIn, prompt: Prompt, text: str) -> Heard:
    """Read one reply; a promise without a date gets the person's next working day."""
    crew = engagements.crew(tx, checkin.workspace_id, checkin.engagement_id)
    understood = read(text, checkin.local_date, roll(tx, prompt, crew))
    default = default_due(crew.members[prompt.participant_id], checkin.local_date)
    promises = tuple(replace(item, due=item.due or default) for item in understood.submission.promises)
    return replace(understood, submission=replace(understood.submission, promises=promises))


def default_due(member: Member, day: date) -> date:
    """What a promise without a date means: the person's next working day after the check-in's date."""
    return next_working_day(member.hours, day)


def _review(tx: Tx, prompt: Prompt, outcomes: Sequence[Outcome], today: date) -> None:
    wanted = {outcome.commitment_id: outcome for outcome in outcomes}
    touched = {row.id: row for row in commitments.touched_in(tx, prompt.workspace_id, prompt.checkin_id)}
    for row in touched.values():
        if row.participant_id == prompt.participant_id:
            promising.take_back(tx, row, prompt.checkin_id)
    for row in commitments.open_of(tx, prompt.workspace_id, prompt.participant_id):
        if outcome := wanted.get(row.id):
            _conclude(tx, prompt, row, outcome, today)


def _conclude(tx: Tx, prompt: Prompt, row: Commitment, outcome: Outcome, today: date) -> None:
    match outcome.verdict:
        case Verdict.KEPT:
            promising.keep(tx, row, today, prompt.checkin_id)
        case Verdict.DROPPED:
            promising.drop(tx, row, today, outcome.reason, prompt.checkin_id)
        case Verdict.MOVED if outcome.new_due and outcome.new_due != row.current_due:
            own = MoveCause.VENDOR if prompt.side is Side.VENDOR else MoveCause.INHOUSE
            promising.move(
                tx, row, outcome.new_due, outcome.cause or own, outcome.reason, prompt.participant_id, prompt.checkin_id
            )
        case Verdict.ON_TRACK | Verdict.MOVED:
            pass


def _promise(tx: Tx, checkin: CheckIn, prompt: Prompt, promises: Sequence[Promise], default: date) -> None:
    made = commitments.made_in(tx, checkin.workspace_id, prompt.participant_id, checkin.id)
    standing = {(tx.unseal(row, "what"), row.promised_due): row for row in made}
    for promise in promises:
        due = promise.due or default
        if standing.pop((promise.what, due), None) is None:
            promising.promise(
                tx,
                checkin.workspace_id,
                checkin.engagement_id,
                prompt.participant_id,
                prompt.side,
                what=promise.what,
                due=due,
                checkin_id=checkin.id,
            )
    for row in standing.values():
        if row.state is CommitmentState.OPEN:
            promising.withdraw(tx, row)


def _block(tx: Tx, checkin: CheckIn, prompt: Prompt, crew: Crew, wanted: Sequence[NewBlocker]) -> None:
    """Match the answer's blockers with those it raised before: by text, then by order; raise or close the rest.

    One the person has raised in an earlier check-in, and that is still open, is confirmed instead of raised twice.
    """
    wanted = _confirm_known(tx, checkin, prompt, wanted)
    standing = list(blockers.of_prompt(tx, checkin.workspace_id, prompt.id))
    count = len(standing)
    fresh: list[NewBlocker] = []
    for new in wanted:
        same = next((row for row in standing if tx.unseal(row, "what") == new.what), None)
        if same is None:
            fresh.append(new)
        else:
            standing.remove(same)
            blocking.correct(tx, same, new, prompt.participant_id)
    unmatched = [row for row in standing if row.state is not BlockerState.RESOLVED]
    for new in fresh:
        if unmatched:
            blocking.correct(tx, unmatched.pop(0), new, prompt.participant_id)
        else:
            _raise(tx, checkin, prompt, crew, new, f"prompt:{prompt.id}:{count}")
            count += 1
    for row in unmatched:
        blocking.close(tx, row, prompt.participant_id, "Taken back: the answer that raised it was changed.")


def _confirm_known(tx: Tx, checkin: CheckIn, prompt: Prompt, wanted: Sequence[NewBlocker]) -> list[NewBlocker]:
    """Confirm what the person's own open blockers already say; the others."""
    known = {
        tx.unseal(row, "what").casefold(): row
        for row in blockers.open_rows(tx, checkin.workspace_id, checkin.engagement_id)
        if row.raised_by_id == prompt.participant_id and row.prompt_id != prompt.id
    }
    for new in wanted:
        if (row := known.get(new.what.casefold())) and _is_first(tx, prompt):
            blocking.confirm(tx, row, prompt.participant_id)
    return [new for new in wanted if new.what.casefold() not in known]


def _is_first(tx: Tx, prompt: Prompt) -> bool:
    """Whether this is the first version of an answer: a later one does not confirm again."""
    last = queries.latest_response(tx, prompt)
    return last is None or last.version == 1


def _raise(tx: Tx, checkin: CheckIn, prompt: Prompt, crew: Crew, new: NewBlocker, source_key: str) -> Blocker:
    board = f"board:{checkin.id}" if checkin.opened_at else None
    return blocking.raise_one(
        tx,
        checkin.workspace_id,
        checkin.engagement_id,
        crew.members[prompt.participant_id].participant,
        new,
        source_key=source_key,
        checkin_id=checkin.id,
        prompt_id=prompt.id,
        thread_of=board or posts.latest_board(tx, checkin.workspace_id, checkin.engagement_id),
    )


def _still(tx: Tx, checkin: CheckIn, prompt: Prompt, answers: Sequence[Still]) -> None:
    known = {row.id: row for row in blockers.open_rows(tx, checkin.workspace_id, checkin.engagement_id)}
    is_first = _is_first(tx, prompt)
    for answer in answers:
        row = known.get(answer.blocker_id)
        if row is None:
            continue
        if answer.still:
            if is_first:
                blocking.confirm(tx, row, prompt.participant_id)
        elif blocking.may_resolve(row, place_of(tx, row.engagement_id, Permission.BLOCKER_UPDATE)):
            blocking.close(tx, row, prompt.participant_id, "Not blocked any more, said in the check-in.")
