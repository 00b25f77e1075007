"""What is done often is served by an index that leads to a few rows, however many there are."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.delivery import messages
from models import statistics
from models.access import SYSTEM
from models.activity.tables import Activity
from models.asks import queries as asks
from models.asks import service as asking
from models.asks.tables import Ask, AskEntry
from models.blockers import queries as blocked
from models.blockers import service as blockers
from models.blockers.rules import NewBlocker
from models.blockers.tables import Blocker, BlockerEntry
from models.cadences.tables import Cadence
from models.checkins import answers, boards, choices, replies
from models.checkins import service as checkins
from models.checkins.rules import Source
from models.checkins.submissions import Promise, Submission
from models.checkins.tables import CheckIn, Prompt, Reply, Response
from models.clock import ManualClock
from models.commitments.tables import Commitment, CommitmentMove
from models.conversations import escalations as plain_words
from models.db import Database
from models.engagements import queries as engagements
from models.engagements.tables import Engagement, Person
from models.escalations import queries as climbed
from models.escalations import service as escalations
from models.escalations.ladders import Severity
from models.escalations.tables import Escalation, EscalationEntry
from models.exports import queries as exports
from models.exports.rules import Wanted
from models.home import queries as homes_of
from models.home import standing
from models.outbox import homes
from models.outbox import queries as posts
from models.outbox.rules import OutboxState
from models.outbox.tables import OutboxMessage, Post
from models.summaries import queries as summaries
from models.summaries.tables import WeeklySummary
from models.tables import METADATA
from models.vault import Vault, parse_keys
from scheduler.auditor import audit
from scheduler.steps import STEPS
from tests.conftest import TEST_KEYS
from tests.support.databases import BACKENDS, copied_database, fresh_database
from tests.support.estate.engagement import NOW
from tests.support.estate.layout import Size, lay_down
from tests.support.estate.view import world
from tests.support.plans import asked, searches
from tests.support.world import World

pytestmark = pytest.mark.slow

SIZE = Size(workspaces=2, engagements=50, days=20, every=1)
TODAY = NOW.date()
SHARED = "C0SHARED000000"
T = TypeVar("T")
GROWING = {
    table.__tablename__
    for table in (
        Activity,
        Ask,
        AskEntry,
        Blocker,
        BlockerEntry,
        CheckIn,
        Commitment,
        CommitmentMove,
        Escalation,
        EscalationEntry,
        OutboxMessage,
        Post,
        Prompt,
        Reply,
        Response,
        WeeklySummary,
    )
}
"""Tables that grow with every day; the others grow with engagements and people alone."""
TABLES = {name for name in METADATA.tables if name != "workspace"}
"""All that matters: of workspaces there are few."""
WHOLE = {""}
BY_WORKSPACE = {"workspace_id=?", "((workspace_id)::text = 'T0NORTHWIND'::text)"}
"""Searches that lead to everything, or to everything of a workspace."""


@dataclass(frozen=True)
class Case:
    """An engagement in use, and the same beside: through another connection, whose statements nobody counts."""

    one: World
    beside: World

    def of(self, table: type[T], **values: Any) -> T:
        """The engagement's one row with these values."""
        return self.beside.one(table, engagement_id=self.one.engagement_id, **values)

    def alone(self) -> None:
        """From now on nothing is due in any other engagement: one shows as much as a hundred."""
        with self.beside.db.engine.begin() as connection:
            for table in (CheckIn, Prompt, Cadence, WeeklySummary):
                others = update(table).where(col(table.engagement_id) != self.one.engagement_id)
                connection.execute(others.values(due_at=None))

    def today(self) -> CheckIn:
        """The stand-up that is open."""
        return self.of(CheckIn, local_date=TODAY)


def _home(case: Case) -> None:
    one = case.one
    for name in ("owner", "manager", "engineer"):
        one.does(name, homes.opened, "hash")
        person = case.beside.one(Person, slack_user_id=one.people[name][0])
        assert one.sees("system", homes_of.home, one.workspace_id, person.id)


def _shared_home(case: Case) -> None:
    one = case.one
    for name in ("lead", "engineer"):
        asker = (one.workspace_id, one.people[name][0])
        assert one.sees("system", homes_of.shared, one.engagement_id, *asker)


def _summary(case: Case) -> None:
    case.alone()
    case.one.queue.run()
    assert case.one.sees("owner", summaries.published, case.one.engagement_id, TODAY)


def _answering(case: Case) -> None:
    one, checkin = case.one, case.today()
    assert one.sees("lead", choices.answerable)
    one.sees("lead", answers.answer_form, checkin.id)
    said = Submission(
        answers={"done": "All"}, promises=(Promise("More"),), is_blocked=True, blockers=(NewBlocker("No key"),)
    )
    for key in ("view:1", "view:2"):
        one.does("lead", checkins.submit, checkin.id, said, source=Source.MODAL, source_key=key)
    one.does("member", checkins.skip, checkin.id, "On a course")
    one.does("engineer", checkins.away, TODAY, TODAY + timedelta(days=4))
    one.does("engineer", checkins.back)


def _replying(case: Case) -> None:
    one = case.one
    in_thread = {"channel_id": SHARED, "thread_ts": case.beside.one(Post, key=f"board:{case.today().id}").ts}
    ts = f"{NOW.timestamp():.0f}.000100"
    assert one.does("manager", replies.heard, **in_thread, ts=ts, text="Done: the report. Next: the other one")
    one.does("manager", replies.edited, **in_thread, ts=ts, text="Next: another", revision="9999999999.1")
    one.does("manager", replies.deleted, channel_id=SHARED, ts=ts)
    assert not one.sees("manager", posts.may_be_coming, one.workspace_id, SHARED, "3.3")
    direct = {"channel_id": "D0ENGINEER", "thread_ts": None}
    assert one.does("engineer", replies.heard, **direct, ts="2.2", text="Blocked: no access to the archive")


def _reading(case: Case) -> None:
    one = case.one
    one.sees("system", boards.board, one.workspace_id, case.today().id)
    one.sees("lead", standing.status, one.engagement_id)
    one.sees("lead", asks.listed, one.engagement_id)
    one.sees("lead", climbed.open_lines, one.engagement_id)


def _blocker(case: Case) -> None:
    one, row = case.one, case.of(Blocker, number=SIZE.days - 1)
    one.sees("lead", blocked.for_update, row.id)
    one.does("lead", blockers.take, row.id)
    one.does("lead", blockers.update, row.id, "On it")
    one.does("lead", blockers.resolve, row.id, "Done")


def _escalation(case: Case) -> None:
    one, what = case.one, ("The archive", Severity.S2)
    row = one.does("lead", escalations.escalate, one.engagement_id, *what, source_key="said:1")
    one.does("manager", escalations.acknowledge, row.id)
    one.does("manager", escalations.update, row.id, "We are on it")
    one.does("manager", escalations.finish, row.id, "Done")
    one.does("lead", escalations.finish, row.id, "")


def _words(case: Case) -> None:
    heard = plain_words.heard
    text = f"escalate B-{SIZE.days}: it is needed today"
    case.one.does("manager", heard, channel_id=SHARED, thread_ts=None, ts="1.1", text=text)
    case.one.does("manager", heard, channel_id=SHARED, thread_ts="5.5", ts="1.2", text="I own it")


def _question(case: Case) -> None:
    one, where = case.one, {"channel_id": SHARED, "ts": "2.1", "thread_ts": "2.1"}
    ask_id = one.does("manager", asking.mark, one.engagement_id, **where, text="May it go?")
    one.sees("system", asks.card, one.workspace_id, ask_id)
    one.does("manager", asking.answered, ask_id)


def _weekend(case: Case) -> None:
    """All that falls due over a weekend and a Monday, and all that is said of it."""
    case.alone()
    for hours in (0, 8, 60, 70, 71, 84):
        case.one.clock.set(NOW + timedelta(hours=hours))
        case.one.queue.run()
        ready = [row for row in case.beside.rows(OutboxMessage) if row.state is OutboxState.READY]
        for message in {row.kind: row for row in ready}.values():
            case.one.sees("system", messages.render, message)
        case.beside.sent()


def _exports(case: Case) -> None:
    with case.one.db.read(SYSTEM) as tx:
        engagement = tx.one(Engagement, case.one.workspace_id, case.one.engagement_id)
        for table in exports.Table:
            assert list(exports.records(tx, table, engagement, Wanted()))


def _coming_in(case: Case) -> None:
    assert case.one.sees("system", engagements.engagement_in_channel, case.one.workspace_id, SHARED)
    assert case.one.actor("manager").memberships


def _auditor(case: Case) -> None:
    """Nothing is overdue: it reads little because little is wrong."""
    case.one.queue.run()
    for is_whole in (False, True):
        case.one.sees("system", audit, STEPS, is_whole=is_whole)


HOT: Mapping[str, Callable[[Case], None]] = {
    "a Home": _home,
    "Home in the channel": _shared_home,
    "weekly summaries": _summary,
    "an answer": _answering,
    "a reply": _replying,
    "boards and lists": _reading,
    "a blocker": _blocker,
    "an escalation": _escalation,
    "plain words": _words,
    "a question": _question,
    "a weekend and a Monday": _weekend,
    "exports": _exports,
    "who it is, and where": _coming_in,
    "the auditor": _auditor,
}
"""What is done often."""


@pytest.fixture(
    scope="module",
    params=[pytest.param(backend, marks=pytest.mark.xdist_group(f"plans-{backend}")) for backend in BACKENDS],
)
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One in use, with nobody connected to it."""
    with fresh_database(request.param, tmp_path_factory.mktemp("estate")) as url:
        db = Database(url, ManualClock(NOW), Vault(parse_keys(TEST_KEYS)))
        lay_down(db, SIZE, checked=True)
        statistics.take(db)
        db.close()
        yield url


@pytest.mark.parametrize("hot", HOT)
def test_it_is_served_by_an_index(installation: str, tmp_path: Path, hot: str) -> None:
    with copied_database(installation, tmp_path) as url:
        clock = ManualClock(NOW)
        db, beside = (Database(url, clock, Vault(parse_keys(TEST_KEYS))) for _ in range(2))
        homes.watch(db)
        case = Case(world(db, clock), world(beside, clock))
        with asked(db) as seen:
            HOT[hot](case)
        beside.close()
        scans = {
            f"{table} by {by or 'nothing'}: {_short(statement)}"
            for statement, values in seen.items()
            for table, by in _plan(db, statement, values)
            if (table in TABLES and by in WHOLE) or (table in GROWING and by in BY_WORKSPACE)
        }
        db.close()
    assert seen
    assert not scans, "\n".join(sorted(scans))


def _short(statement: str) -> str:
    """Without the list of what is wanted of each row."""
    return " ".join(statement[statement.find("\nFROM") + 1 :].split())


def _plan(db: Database, statement: str, values: object) -> list[tuple[str, str]]:
    with db.engine.connect() as connection:
        for way in () if db.is_sqlite else ("seqscan", "hashjoin", "mergejoin"):  # what small tables are read by
            connection.exec_driver_sql(f"SET enable_{way} = off; SET random_page_cost = 1")
        return list(searches(connection, statement, values))
