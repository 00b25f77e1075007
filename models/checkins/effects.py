"""What follows from an answer: commitments kept, moved, dropped and made; blockers raised, confirmed, resolved.

An edited answer is applied anew: what it no longer says is taken back, what it says again stays as it is.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from models.access import Permission, Side, place_of
from models.blockers import queries as blockers
from models.blockers import service as blocking
from models.blockers.rules import BlockerState, NewBlocker
from models.blockers.tables import Blocker
from models.calendars.local_time import local_date
from models.calendars.working_time import next_working_day
from models.checkins import queries, questions
from models.checkins.reading import Heard, Roll, merge, questions_in, read
from models.checkins.rules import CheckInState
from models.checkins.submissions import Outcome, Promise, Still, Submission, Verdict
from models.checkins.tables import CheckIn, Prompt
from models.commitments import queries as commitments
from models.commitments import service as promising
from models.commitments.rules import CommitmentState, MoveCause, is_correctable
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


def apply(tx: Tx, checkin: CheckIn, prompt: Prompt, said: Submission, before: Submission | None) -> None:
    """Bring commitments and blockers to what an answer says; `before` is what its last version said.

    Before a first version there is nothing that could be taken back or said again, so nothing is looked for.
    """
    crew = engagements.crew(tx, checkin.workspace_id, checkin.engagement_id)
    member = crew.members[prompt.participant_id]
    today = local_date(tx.now, member.person.zone)
    made: Sequence[Commitment] = ()
    raised: Sequence[Blocker] = ()
    is_edit = before is not None
    if is_edit:
        _take_back(tx, prompt, said.outcomes)
        made = commitments.made_in(tx, checkin.workspace_id, prompt.participant_id, checkin.id)
        raised = blockers.of_prompt(tx, checkin.workspace_id, prompt.id)
    before = before or Submission()
    _review(tx, prompt, said.outcomes, today)
    asked = questions_in(said)
    _promise(tx, checkin, prompt, said.promises, member, made)
    spoken = {_spoken(item) for item in before.blockers}
    _block(
        tx, checkin, prompt, crew, _confirm_known(tx, checkin, prompt, said.blockers, before.blockers), spoken, raised
    )
    if asked or is_edit:
        questions.bring(tx, checkin, prompt, asked)
    _still(tx, checkin, prompt, [item for item in said.still if item not in before.still])


def said_with(tx: Tx, checkin: CheckIn, prompt: Prompt, form: Submission | None) -> Submission:
    """A form and the replies that stand, together."""
    replies = heard(tx, checkin, prompt)
    return merge(form, [reply.submission for reply in replies]) if replies else form or Submission()


def heard(tx: Tx, checkin: CheckIn, prompt: Prompt) -> list[Heard]:
    """The replies that stand, understood, oldest first."""
    return [understand(tx, checkin, prompt, tx.unseal(reply, "text")) for reply in queries.replies(tx, prompt)]


def understand(tx: Tx, checkin: CheckIn, prompt: Prompt, text: str) -> Heard:
    """Read one reply."""
    crew = engagements.crew(tx, checkin.workspace_id, checkin.engagement_id)
    return read(text, checkin.local_date, roll(tx, prompt, crew))


def default_due(member: Member, day: date) -> date:
    """What a promise without a date means: the person's next working day after the check-in's date."""
    return next_working_day(member.hours, day)


def _take_back(tx: Tx, prompt: Prompt, outcomes: Sequence[Outcome]) -> None:
    """What is said again stays as it is, with its day; what is not said any more is taken back."""
    wanted = {outcome.commitment_id: outcome for outcome in outcomes}
    for row in commitments.touched_in(tx, prompt.workspace_id, prompt.checkin_id):
        is_own = row.participant_id == prompt.participant_id and row.checkin_id != prompt.checkin_id
        if is_own and not _is_said_again(tx, row, wanted.get(row.id), prompt.checkin_id):
            promising.take_back(tx, row, prompt.checkin_id)


def _review(tx: Tx, prompt: Prompt, outcomes: Sequence[Outcome], today: date) -> None:
    wanted = {outcome.commitment_id: outcome for outcome in outcomes}
    rows = commitments.open_of(tx, prompt.workspace_id, prompt.participant_id, lock=True) if wanted else ()
    for row in rows:
        if outcome := wanted.get(row.id):
            _conclude(tx, prompt, row, outcome, today)


def _is_said_again(tx: Tx, row: Commitment, outcome: Outcome | None, checkin_id: UUID) -> bool:
    if outcome is None:
        return False
    if row.closed_in_id != checkin_id:
        return outcome.verdict is Verdict.MOVED and outcome.new_due is not None
    match row.state:
        case CommitmentState.KEPT:
            return outcome.verdict is Verdict.KEPT
        case CommitmentState.DROPPED:
            return outcome.verdict is Verdict.DROPPED and outcome.reason == tx.unseal(row, "drop_reason")
        case CommitmentState.OPEN | CommitmentState.WITHDRAWN:
            return False


def _conclude(tx: Tx, prompt: Prompt, row: Commitment, outcome: Outcome, today: date) -> None:
    match outcome.verdict:
        case Verdict.KEPT:
            promising.keep(tx, row, today, prompt.checkin_id)
        case Verdict.DROPPED:
            promising.drop(tx, row, today, outcome.reason, prompt.checkin_id)
        case Verdict.MOVED if outcome.new_due:
            _move(tx, prompt, row, outcome.new_due, outcome.cause, outcome.reason)
        case Verdict.ON_TRACK:
            promising.on_track(tx, row, today)
        case Verdict.MOVED:
            pass


def _move(tx: Tx, prompt: Prompt, row: Commitment, due: date, cause: MoveCause | None = None, reason: str = "") -> None:
    if due == row.current_due and all(move.checkin_id != prompt.checkin_id for move in commitments.moves(tx, row)):
        return
    own = MoveCause.VENDOR if prompt.side is Side.VENDOR else MoveCause.INHOUSE
    promising.move(tx, row, due, cause or own, reason, prompt.participant_id, prompt.checkin_id)


def _promise(
    tx: Tx, checkin: CheckIn, prompt: Prompt, promises: Sequence[Promise], member: Member, made: Sequence[Commitment]
) -> None:
    """Make what is promised; an edit takes promises back while they are correctable, and moves them afterwards."""
    default = default_due(member, checkin.local_date)
    standing = {(tx.unseal(row, "what"), row.promised_due): row for row in made}
    wanted = {(promise.what, promise.due or default): promise.due for promise in promises}
    for key in [key for key in wanted if key in standing]:
        del wanted[key]
        promising.take_back(tx, standing.pop(key), checkin.id)
    is_closed = checkin.state is CheckInState.CLOSED
    for (what, due), given in wanted.items():
        same = next((key for key in standing if key[0] == what and standing[key].state is CommitmentState.OPEN), None)
        if same and given is None:
            del standing[same]  # the default may have changed since, with an absence or a holiday
        elif same and not is_correctable(standing[same].made_at, tx.now, is_closed=is_closed):
            _move(tx, prompt, standing.pop(same), due, reason="The answer was edited.")
        else:
            _make(tx, checkin, prompt, what, due, member)
    for row in standing.values():
        if row.state is CommitmentState.OPEN and is_correctable(row.made_at, tx.now, is_closed=is_closed):
            promising.withdraw(tx, row)


def _make(tx: Tx, checkin: CheckIn, prompt: Prompt, what: str, due: date, member: Member) -> None:
    promising.promise(
        tx,
        checkin.workspace_id,
        checkin.engagement_id,
        prompt.participant_id,
        prompt.side,
        what=what,
        due=due,
        checkin_id=checkin.id,
        hours=member.hours,
    )


def _block(
    tx: Tx,
    checkin: CheckIn,
    prompt: Prompt,
    crew: Crew,
    wanted: Sequence[NewBlocker],
    before: set[str],
    raised: Sequence[Blocker],
) -> None:
    """Match the answer's blockers with those it raised before: by text, then by order; raise or close the rest.

    One that was resolved since the last version said it stays resolved.
    """
    standing = list(raised)
    count = len(standing)
    fresh: list[NewBlocker] = []
    for new in wanted:
        same = next((row for row in standing if tx.unseal(row, "what") == new.what), None)
        if same is not None:
            standing.remove(same)
            if same.state is not BlockerState.RESOLVED or _spoken(new) not in before:
                blocking.correct(tx, same, new, prompt.participant_id)
        elif _spoken(new) not in before:
            fresh.append(new)
    unmatched = [row for row in standing if row.state is not BlockerState.RESOLVED]
    for new in fresh:
        if unmatched:
            blocking.correct(tx, unmatched.pop(0), new, prompt.participant_id)
        else:
            _raise(tx, checkin, prompt, crew, new, f"prompt:{prompt.id}:{count}")
            count += 1
    for row in unmatched:
        blocking.close(tx, row, prompt.participant_id, "Taken back: the answer that raised it was changed.")


def _confirm_known(
    tx: Tx, checkin: CheckIn, prompt: Prompt, wanted: Sequence[NewBlocker], before: Sequence[NewBlocker]
) -> list[NewBlocker]:
    """Confirm what the person's own open blockers of earlier check-ins already say, instead of raising it twice.

    An edit confirms again only what it makes worse.
    """
    rows = blockers.open_rows(tx, checkin.workspace_id, checkin.engagement_id, lock=True) if wanted else ()
    known = {
        tx.unseal(row, "what").casefold(): row
        for row in rows
        if row.raised_by_id == prompt.participant_id and row.prompt_id != prompt.id
    }
    spoken = {_spoken(item) for item in before}
    for new in (new for new in wanted if new not in before):
        row = known.get(_spoken(new))
        if row and (_spoken(new) not in spoken or new.is_worse_than(row.severity, row.needed_by)):
            blocking.confirm(tx, row, prompt.participant_id, new)
    return [new for new in wanted if _spoken(new) not in known]


def _spoken(new: NewBlocker) -> str:
    return new.what.casefold()


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
    rows = blockers.open_rows(tx, checkin.workspace_id, checkin.engagement_id, lock=True) if answers else ()
    known = {row.id: row for row in rows}
    for answer in answers:
        row = known.get(answer.blocker_id)
        if row is None:
            continue
        if answer.still:
            blocking.confirm(tx, row, prompt.participant_id)
        elif blocking.may_resolve(row, place_of(tx, row.engagement_id, Permission.BLOCKER_UPDATE)):
            blocking.close(tx, row, prompt.participant_id, "Not blocked any more, said in the check-in.")
        else:
            blocking.mention(tx, row, prompt.participant_id, "Done, said in the check-in. Is it out of the way?")
