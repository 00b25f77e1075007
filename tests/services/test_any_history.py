"""Whatever people, clocks and administrators do, in whatever order, some things always hold."""

import tempfile
from contextlib import suppress
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import text

from models.access import SYSTEM
from models.base import Sealed
from models.blockers import service as blocking
from models.blockers.rules import BlockerState
from models.blockers.tables import Blocker, BlockerEntry
from models.cadences.tables import Cadence
from models.checkins import replies
from models.checkins import service as checkins
from models.checkins.rules import CheckInState, Hours, PromptState, Source, checkin_due, prompt_due
from models.checkins.submissions import NewBlocker, Outcome, Promise, Still, Submission, Verdict
from models.checkins.tables import CheckIn, Prompt, Reply, Response
from models.clock import ManualClock
from models.commitments.rules import CommitmentState
from models.commitments.tables import Commitment, CommitmentMove
from models.db import Database
from models.engagements.tables import Participant
from models.errors import DomainError
from models.outbox.tables import OutboxMessage, Post
from models.summaries.rules import SummaryState
from models.summaries.tables import WeeklySummary
from models.vault import Vault, parse_keys
from tests.conftest import MONDAY, TEST_KEYS
from tests.support.databases import chosen_backend, fresh_database
from tests.support.world import CHANNEL, World, build

pytestmark = pytest.mark.slow

ASKED = st.sampled_from(["ines", "olaf", "vera", "vik"])
ANYBODY = st.sampled_from(["ines", "olaf", "vera", "vik", "ada", "mallory"])
SECRET = "psst!"
"""Stands in every text that people write, and cannot occur in an envelope by chance."""
WORDS = st.sampled_from(
    [f"{SECRET} talk", f"next: {SECRET} A", f"next: {SECRET} B by Friday", f"blocked: {SECRET} VPN", "no blockers",
     "C-1 done", "C-2 moved to Friday: later", "C-1 dropped: no", f"skip: {SECRET} dentist", "skip: x\nnext: C"]
)  # fmt: skip
MOVES: dict[CheckInState, set[CheckInState]] = {
    CheckInState.SCHEDULED: {CheckInState.OPEN, CheckInState.CLOSED, CheckInState.SKIPPED},
    CheckInState.OPEN: {CheckInState.CLOSED},
    CheckInState.CLOSED: set(),
    CheckInState.SKIPPED: set(),
}
SEALED = [
    (table, name)
    for table in (Blocker, BlockerEntry, Commitment, CommitmentMove, Prompt, Reply, Response, WeeklySummary)
    for name, field in table.model_fields.items()
    if Sealed in (field.annotation, *getattr(field.annotation, "__args__", ()))
]


class AnyHistory(RuleBasedStateMachine):
    """One engagement, its people, a clock that hops, and an administrator who cannot leave things alone."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.address = fresh_database(chosen_backend(), Path(self.folder.name))
        self.clock = ManualClock(MONDAY)
        self.db = Database(self.address.__enter__(), self.clock, Vault(parse_keys(TEST_KEYS)))
        self.world: World = build(self.db, self.clock, countries=(None, None))
        self.states: dict[object, CheckInState] = {}
        self.promised: dict[object, date] = {}
        self.frozen: dict[object, str] = {}
        self.messages: list[tuple[str, str, str]] = []
        self.world.advance()

    def teardown(self) -> None:
        self.db.close()
        self.address.__exit__(None, None, None)
        self.folder.cleanup()

    def checkin(self, pick: int) -> CheckIn:
        """One of the last three; one that is not there where none is laid down."""
        found = self.world.rows(CheckIn) or [CheckIn(local_date=MONDAY.date())]  # type: ignore[call-arg]
        return found[-1 - pick % min(3, len(found))]

    def submits(self, name: str, checkin: CheckIn, said: Submission) -> None:
        key = f"view:{next(self.world.keys)}"
        with suppress(DomainError):
            self.world.does(name, checkins.submit, checkin.id, said, source=Source.MODAL, source_key=key)

    def advance(self) -> None:
        """Do what is due; nothing may stay due."""
        self.world.advance()
        due = self.world.queue.next_due()
        assert due is None or due > self.clock.now()

    # People

    @rule(name=ANYBODY, pick=st.integers(0, 2), what=st.sampled_from("ABC"), due=st.none() | st.integers(-3, 9),
          blocked=st.booleans())  # fmt: skip
    def answers(self, name: str, pick: int, what: str, due: int | None, blocked: bool) -> None:
        checkin = self.checkin(pick)
        day = None if due is None else checkin.local_date + timedelta(days=due)
        said = Submission(
            promises=(Promise(f"{SECRET} {what}", day),),
            is_blocked=blocked,
            blockers=(NewBlocker(f"{SECRET} {what}"),) if blocked else (),
            note=SECRET,
        )
        self.submits(name, checkin, said)

    @rule(name=ASKED, pick=st.integers(0, 2), verdict=st.sampled_from(list(Verdict)), due=st.integers(-2, 9))
    def reviews(self, name: str, pick: int, verdict: Verdict, due: int) -> None:
        checkin = self.checkin(pick)
        day = checkin.local_date + timedelta(days=due)
        outcomes = tuple(Outcome(row.id, verdict, day, None, SECRET) for row in self.world.rows(Commitment)[-3:])
        still = tuple(Still(row.id, due > 3) for row in self.world.rows(Blocker)[-2:])
        self.submits(name, checkin, Submission(outcomes=outcomes, still=still))

    @rule(name=ANYBODY, words=WORDS)
    def writes(self, name: str, words: str) -> None:
        boards = [row for row in self.world.rows(Post) if row.kind == "checkin.board"]
        if boards:
            ts = f"{next(self.world.keys):010d}.000300"
            self.messages.append((name, CHANNEL, ts))
            self.world.does(name, replies.heard, channel_id=CHANNEL, thread_ts=boards[-1].ts, ts=ts, text=words)

    @rule(name=ANYBODY, words=WORDS)
    def writes_directly(self, name: str, words: str) -> None:
        self.messages.append((name, f"D0{name.upper()}", self.world.direct(name, words)))

    @rule(pick=st.integers(0, 4), words=WORDS, revision=st.integers(1, 9))
    def edits(self, pick: int, words: str, revision: int) -> None:
        if self.messages:
            name, channel_id, ts = self.messages[-1 - pick % len(self.messages)]
            self.world.does(name, replies.edited, channel_id=channel_id, ts=ts, text=words, revision=str(revision))

    @rule(pick=st.integers(0, 4))
    def deletes(self, pick: int) -> None:
        if self.messages:
            name, channel_id, ts = self.messages[-1 - pick % len(self.messages)]
            self.world.does(name, replies.deleted, channel_id=channel_id, ts=ts)

    @rule(name=ANYBODY, pick=st.integers(0, 2))
    def skips(self, name: str, pick: int) -> None:
        with suppress(DomainError):
            self.world.does(name, checkins.skip, self.checkin(pick).id, SECRET)

    @rule(name=ANYBODY, first=st.integers(-1, 2), days=st.integers(0, 3))
    def goes_away(self, name: str, first: int, days: int) -> None:
        start = self.clock.now().date() + timedelta(days=first)
        with suppress(DomainError):
            self.world.does(name, checkins.away, start, start + timedelta(days=days))

    @rule(name=ANYBODY)
    def comes_back(self, name: str) -> None:
        with suppress(DomainError):
            self.world.does(name, checkins.back)

    @rule(name=ANYBODY)
    def starts_now(self, name: str) -> None:
        with suppress(DomainError):
            self.world.does(name, checkins.start_now, self.checkin(0).id)

    @rule(name=ANYBODY, pick=st.integers(0, 2), press=st.sampled_from(["take", "update", "resolve"]))
    def presses(self, name: str, pick: int, press: str) -> None:
        rows = self.world.rows(Blocker)
        if rows:
            arguments = () if press == "take" else (SECRET,)
            with suppress(DomainError):
                self.world.does(name, getattr(blocking, press), rows[-1 - pick % len(rows)].id, *arguments)

    # Time, and the administrator

    @rule(hours=st.sampled_from([1, 3, 5, 9, 24]))
    def time_goes_by(self, hours: int) -> None:
        self.world.until(self.clock.now() + timedelta(hours=hours))
        self.advance()

    @rule(hours=st.sampled_from([2, 8, 30, 100]))
    def nothing_runs_for_a_while(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))
        self.advance()

    @rule(
        change=st.sampled_from([
            {"at": time(7)}, {"at": time(9, 30)}, {"at": time(22)}, {"window_minutes": 30}, {"window_minutes": 600},
            {"rule": "FREQ=WEEKLY;BYDAY=TU,FR"}, {"rule": "FREQ=DAILY"}, {"rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
            {"zone": "Asia/Kolkata"}, {"zone": None}, {"is_active": False}, {"is_active": True},
            {"ends_on": date(2026, 11, 26)}, {"ends_on": None}, {"reminder_minutes": 0}, {"reminder_minutes": 120},
        ])
    )  # fmt: skip
    def the_cadence_is_edited(self, change: dict[str, object]) -> None:
        self.world.change(Cadence, {"key": "daily"}, **change)
        self.advance()

    @rule(name=st.sampled_from(["olaf", "vik"]), is_active=st.booleans())
    def the_roster_is_edited(self, name: str, is_active: bool) -> None:
        slack_user_id = self.world.people[name][0]
        with self.db.read(SYSTEM) as tx:
            query = text("SELECT p.id FROM participant p JOIN person q ON q.id = p.person_id WHERE slack_user_id = :id")
            found = str(tx.session.connection().execute(query, {"id": slack_user_id}).scalar_one()).replace("-", "")
        row = next(row for row in self.world.rows(Participant) if row.id.hex == found)
        self.world.change(Participant, {"id": row.id}, is_active=is_active)
        self.advance()

    # What always holds

    @invariant()
    def no_step_has_failed(self) -> None:
        for table in (Cadence, CheckIn, Prompt, WeeklySummary):
            assert [row.due_error for row in self.world.rows(table) if row.due_error] == []  # type: ignore[attr-defined]

    @invariant()
    def due_times_are_what_the_rules_say(self) -> None:
        found = {row.id: row for row in self.world.rows(CheckIn)}
        for row in found.values():
            assert row.due_at == checkin_due(row.state, row.opens_at, row.closes_at)
        for prompt in self.world.rows(Prompt):
            hours = Hours(prompt.ask_at, prompt.remind_at, prompt.deadline_at)
            was_reminded = prompt.reminded_at is not None
            state = found[prompt.checkin_id].state
            assert prompt.due_at == prompt_due(state, prompt.state, hours, was_reminded=was_reminded)
        for summary in self.world.rows(WeeklySummary):
            assert summary.due_at == (summary.publishes_at if summary.state is SummaryState.SCHEDULED else None)

    @invariant()
    def check_ins_keep_to_their_states(self) -> None:
        rows = self.world.rows(CheckIn)
        for row in rows:
            before = self.states.get(row.id, row.state)
            assert row.state is before or row.state in MOVES[before]
        gone = {row_id for row_id in self.states if row_id not in {row.id for row in rows}}
        assert all(self.states[row_id] is CheckInState.SCHEDULED for row_id in gone)
        self.states = {row.id: row.state for row in rows}
        assert len({(row.cadence_id, row.local_date) for row in rows}) == len(rows)

    @invariant()
    def versions_count_up_from_one(self) -> None:
        versions: dict[object, list[int]] = {}
        for row in self.world.rows(Response):
            versions.setdefault(row.prompt_id, []).append(row.version)
        assert all(found == list(range(1, len(found) + 1)) for found in versions.values())

    @invariant()
    def prompts_agree_with_their_answers(self) -> None:
        last = {row.prompt_id: row for row in self.world.rows(Response)}
        closed = {row.id for row in self.world.rows(CheckIn) if row.state is CheckInState.CLOSED}
        for prompt in self.world.rows(Prompt):
            has_answer = prompt.id in last and not last[prompt.id].is_withdrawn
            assert (prompt.state is PromptState.ANSWERED) is has_answer
            assert (prompt.answered_at is not None) is has_answer
            assert (prompt.skip_reason is not None) is (prompt.state is PromptState.SKIPPED)
            assert prompt.checkin_id not in closed or prompt.state not in (PromptState.WAITING, PromptState.ASKED)

    @invariant()
    def people_are_asked_and_reminded_once(self) -> None:
        keys = [row.key for row in self.world.rows(OutboxMessage)]
        assert len(set(keys)) == len(keys)
        asked = [row.subject_id for row in self.world.said("checkin.prompt")]
        reminded = [row.subject_id for row in self.world.said("checkin.reminder")]
        assert (len(set(asked)), len(set(reminded))) == (len(asked), len(reminded))
        assert set(reminded) <= set(asked)

    @invariant()
    def promises_keep_their_first_date_and_their_chain_of_moves(self) -> None:
        rows = self.world.rows(Commitment)
        moves = self.world.rows(CommitmentMove)
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        assert self.promised.items() <= {row.id: row.promised_due for row in rows}.items()
        self.promised = {row.id: row.promised_due for row in rows}
        for row in rows:
            chain = [row.promised_due]
            for move in (move for move in moves if move.commitment_id == row.id):
                assert move.from_due == chain[-1]
                chain.append(move.to_due)
            assert row.current_due == chain[-1]
            assert (row.closed_at is None) is (row.state is CommitmentState.OPEN)

    @invariant()
    def blockers_are_owned_by_the_side_that_must_act(self) -> None:
        sides = {row.id: row.side for row in self.world.rows(Participant)}
        rows = self.world.rows(Blocker)
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        for row in rows:
            assert (row.state is BlockerState.RESOLVED) is (row.resolved_at is not None)
            assert row.state is not BlockerState.OPEN or row.owner_id is None
            assert row.state is not BlockerState.OWNED or sides[row.owner_id] is row.acting_side

    @invariant()
    def published_facts_never_change(self) -> None:
        found = {row.id: str(row.facts) for row in self.world.rows(WeeklySummary) if row.facts}
        assert self.frozen.items() <= found.items()
        self.frozen = found

    @invariant()
    def what_people_wrote_is_sealed(self) -> None:
        for table, name in SEALED:
            for row in self.world.rows(table):
                stored = getattr(row, name)
                if isinstance(row, Reply) and row.is_deleted:
                    assert stored == "", "words that were taken back are gone"
                else:
                    assert stored is None or (stored.startswith("v1|") and SECRET not in stored)
        with self.db.read(SYSTEM) as tx:
            logged = tx.session.connection().execute(text('SELECT before, "after" FROM activity')).all()
        assert SECRET not in str(logged)


def test_every_text_of_people_has_a_sealed_column() -> None:
    assert {f"{table.__name__}.{name}" for table, name in SEALED} == {
        "Blocker.what", "BlockerEntry.note", "Commitment.what", "Commitment.drop_reason", "CommitmentMove.reason",
        "Prompt.skip_reason", "Reply.text", "Response.answers", "WeeklySummary.facts",
    }  # fmt: skip


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(
    max_examples=6, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
