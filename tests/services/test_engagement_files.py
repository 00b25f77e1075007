"""Engagement files: planned in words, applied in one transaction, harmless to apply again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from models.access import SYSTEM, Role, Side, stranger
from models.activity.tables import Activity
from models.blockers import service as blocking
from models.blockers.rules import BlockerState
from models.blockers.tables import Blocker
from models.cadences.tables import Cadence, QuestionSet
from models.checkins.rules import CheckInState, PromptState
from models.checkins.submissions import NewBlocker
from models.checkins.tables import CheckIn, Prompt
from models.clock import ManualClock
from models.db import Database, Tx
from models.engagements.queries import actor
from models.engagements.tables import Absence, Engagement, Participant, Person, SideHolidays
from models.errors import Conflict, DomainError, Invalid, NotAllowed
from models.escalations import service as escalating
from models.escalations.ladders import Severity
from models.escalations.rules import EscalationState
from models.escalations.tables import Escalation
from models.outbox import trouble
from models.outbox.rules import Place
from models.setup import service, stored
from models.setup.file import EngagementFile
from models.setup.plan import Deed, Plan
from models.setup.reading import read
from models.setup.writing import write
from scheduler.due import DueQueue
from scheduler.steps import STEPS
from tests.support.databases import somebody_waits

WORKSPACE = "T0NORTHWIND"
EXAMPLES = Path(__file__).parents[2] / "examples"
NORTHWIND = (EXAMPLES / "northwind-brightlane.yaml").read_text()
SMALL = """
engagement: acme
company: Acme
vendor: Helpful
channel: C0ACME
zone: Europe/Berlin
people:
  inhouse:
    - {name: Anna, slack: U0ANNA, role: owner}
    - {name: Dan, slack: U0DAN, role: observer}
  vendor:
    - {name: Ravi, slack: U0RAVI, role: lead, zone: Asia/Kolkata}
"""


def _read(text: str) -> EngagementFile:
    return read(text.encode(), "file.yaml")


def _apply(db: Database, text: str) -> Plan:
    with db.transaction(SYSTEM) as tx:
        return service.apply(tx, WORKSPACE, _read(text))


def _stored(db: Database, key: str) -> EngagementFile:
    with db.read(SYSTEM) as tx:
        engagement = stored.by_key(tx, WORKSPACE, key)
        assert engagement is not None
        return stored.as_file(tx, engagement)


def _steps(db: Database) -> None:
    DueQueue(db, STEPS).run()


# The plan and applying it


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_the_examples_are_right(db: Database, path: Path) -> None:
    assert _apply(db, path.read_text().replace("T0NORTHWIND", WORKSPACE)).changes


def test_applying_twice_changes_nothing_the_second_time(each_db: Database) -> None:
    first = _apply(each_db, NORTHWIND)
    rows = _counts(each_db)

    second = _apply(each_db, NORTHWIND)

    assert {change.deed for change in first.changes} == {Deed.ADDED}
    assert second.is_empty
    assert second.lines() == ["northwind-brightlane: nothing to change."]
    assert _counts(each_db) == rows


def test_two_files_at_once_that_bring_the_same_people_go_one_after_the_other(postgres_db: Database) -> None:
    other = SMALL.replace("acme", "other").replace("C0ACME", "C0OTHER")

    with ThreadPoolExecutor(1) as pool:
        with postgres_db.transaction(SYSTEM) as tx:
            service.apply(tx, WORKSPACE, _read(SMALL))
            tx.session.flush()
            second = pool.submit(_apply, postgres_db, other)
            somebody_waits(postgres_db)
        assert not second.result().is_empty

    with postgres_db.read(SYSTEM) as tx:
        assert len(tx.session.exec(select(Engagement)).all()) == 2
        assert len(tx.session.exec(select(Person)).all()) == 3


def _counts(db: Database) -> list[int]:
    tables = (Engagement, Person, Participant, SideHolidays, QuestionSet, Cadence, Activity)
    with db.read(SYSTEM) as tx:
        return [len(tx.session.exec(select(table)).all()) for table in tables]


def test_the_plan_says_what_was_and_what_will_be(db: Database) -> None:
    _apply(db, NORTHWIND)
    text = (
        NORTHWIND.replace("at: 09:30", "at: 09:00")
        .replace("    - {name: Tomas Silva, slack: U0TOMAS, zone: America/Sao_Paulo}", "   ")
        .replace("zone: Europe/Prague", "role: observer, zone: Europe/Berlin")
        .replace("country: FR", "country: DE")
    )

    plan = _apply(db, text)

    assert plan.lines() == [
        "northwind-brightlane:",
        "  ~ Ada Novak (U0ADA)",
        "      role: member → observer",
        "      zone: Europe/Prague → Europe/Berlin",
        "  ~ holidays, in-house",
        "      country: FR → DE",
        "  ~ cadence daily",
        "      at: 09:30 → 09:00",
        "  - Tomas Silva (U0TOMAS): leaves the roster and is not asked any more; what was said stays",
        "  = 13 things stay as before",
    ]


def test_looking_at_the_plan_changes_nothing(db: Database) -> None:
    with db.transaction(SYSTEM) as tx:
        plan = service.plan(tx, WORKSPACE, _read(NORTHWIND))

    assert plan.changes
    assert _counts(db) == [0] * 7


def test_a_plan_that_has_changed_meanwhile_is_not_carried_out(db: Database) -> None:
    with db.read(SYSTEM) as tx:
        shown = service.plan(tx, WORKSPACE, _read(SMALL))
    _apply(db, SMALL.replace("Helpful", "Helpless"))

    with pytest.raises(Conflict, match="Look at the plan again"), db.transaction(SYSTEM) as tx:
        service.apply(tx, WORKSPACE, _read(SMALL), shown)

    assert _stored(db, "acme").vendor == "Helpless"


def test_nobody_but_the_operator_applies_a_file(db: Database) -> None:
    for use in (service.plan, service.apply):
        with pytest.raises(NotAllowed), db.transaction(stranger(WORKSPACE, "U0MALLORY")) as tx:
            use(tx, WORKSPACE, _read(SMALL))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SMALL.replace("C0ACME", "C0SHARED"), "C0SHARED is used by the engagement northwind-brightlane"),
        (SMALL.replace("C0ACME", "C0INHOUSE"), "C0INHOUSE is used by the engagement northwind-brightlane"),
        (SMALL + "inhouse_channel: C0SHARED\n", "shared with the provider of northwind-brightlane"),
        (SMALL + "workspace: T0OTHER\n", "for T0OTHER, not for T0NORTHWIND"),
        (NORTHWIND.replace("  weekly:\n", "  weekly:\n    kind: daily\n"), "it stays weekly"),
        (NORTHWIND.replace("    window: 2h\n", "    ends_on: 2020-01-01\n"), "before it starts"),
    ],
)
def test_what_does_not_fit_the_rest_is_refused(db: Database, text: str, said: str) -> None:
    _apply(db, NORTHWIND)
    rows = _counts(db)

    with pytest.raises(Invalid, match=said):
        _apply(db, text)

    assert _counts(db) == rows


def test_a_closed_engagement_stays_closed(db: Database) -> None:
    _apply(db, SMALL + "state: closed\n")

    with pytest.raises(DomainError, match="closed for good"):
        _apply(db, SMALL)


def test_changed_questions_are_a_new_version_and_the_old_one_stays(db: Database) -> None:
    _apply(db, SMALL)

    _apply(db, SMALL + "questions: {daily-vendor: {title: Short, ask: [{id: done, type: text, text: Done}]}}\n")

    with db.read(SYSTEM) as tx:
        versions = tx.session.exec(
            select(QuestionSet).where(QuestionSet.key == "daily-vendor").order_by(col(QuestionSet.version))
        ).all()
        daily = tx.session.exec(select(Cadence).where(Cadence.key == "daily")).one()
    assert [(row.version, row.title) for row in versions] == [(1, "Daily stand-up, provider"), (2, "Short")]
    assert daily.vendor_questions_id == versions[1].id
    assert _apply(db, SMALL).changes[0].thing == "questions daily-vendor"


def test_what_has_a_name_in_the_log_is_never_text_of_people(db: Database) -> None:
    _apply(db, NORTHWIND)

    with db.read(SYSTEM) as tx:
        rows = tx.session.exec(select(Activity)).all()
    assert {row.action for row in rows} >= {
        "engagement.added",
        "person.added",
        "participant.added",
        "holidays.changed",
        "question_set.added",
        "cadence.added",
    }
    assert "Ines" not in repr([(row.before, row.after) for row in rows])


# What follows in time


def test_the_next_check_ins_are_laid_down_at_once(db: Database) -> None:
    _apply(db, NORTHWIND)

    _steps(db)

    with db.read(SYSTEM) as tx:
        found = tx.session.exec(select(CheckIn)).all()
        due = tx.session.exec(select(Cadence.due_at)).all()
    assert sorted(checkin.local_date for checkin in found) == [date(2026, 11, 23), date(2026, 11, 27)]
    assert all(due)


def test_a_removed_cadence_rests_and_comes_back(db: Database) -> None:
    _apply(db, NORTHWIND)
    _steps(db)
    without = NORTHWIND[: NORTHWIND.index("  weekly:")] + NORTHWIND[NORTHWIND.index("  summary:") :]

    plan = _apply(db, without)
    _steps(db)

    assert [change.thing for change in plan.changes if change.deed is Deed.REMOVED] == [
        "questions weekly-inhouse",
        "questions weekly-vendor",
        "cadence weekly",
    ]
    assert _weekly(db) == (False, 0)
    assert _apply(db, without).is_empty
    _apply(db, NORTHWIND)
    _steps(db)
    assert _weekly(db) == (True, 1)


def _weekly(db: Database) -> tuple[bool, int]:
    """Whether the weekly review goes on, and how many of its check-ins are laid down."""
    with db.read(SYSTEM) as tx:
        cadence = tx.session.exec(select(Cadence).where(Cadence.key == "weekly")).one()
        statement = select(CheckIn).where(CheckIn.cadence_id == cadence.id, CheckIn.state == CheckInState.SCHEDULED)
        return cadence.is_active, len(tx.session.exec(statement).all())


def test_a_pause_takes_back_what_was_laid_down_and_resuming_starts_from_then(db: Database, clock: ManualClock) -> None:
    _apply(db, SMALL)
    _steps(db)
    _apply(db, SMALL + "state: paused\n")
    _steps(db)
    clock.advance(timedelta(days=9))

    _apply(db, SMALL)
    _steps(db)

    with db.read(SYSTEM) as tx:
        laid_down = tx.session.exec(select(CheckIn.local_date).where(CheckIn.state == CheckInState.SCHEDULED)).all()
    assert sorted(laid_down) == [date(2026, 12, 2), date(2026, 12, 4)]


def test_a_trouble_that_outlives_a_change_of_the_engagement_is_told_again(db: Database) -> None:
    _apply(db, NORTHWIND)
    _meets(db, "is_archived")

    _apply(db, NORTHWIND.replace("company: ", "company: New "))

    assert _troubles(db) == [None]
    _meets(db, "is_archived")
    assert _troubles(db) == ["is_archived"]


def _meets(db: Database, code: str) -> None:
    with db.transaction(SYSTEM) as tx:
        trouble.found(tx, tx.session.exec(select(Engagement)).one(), Place.CHANNEL, code)


def _troubles(db: Database) -> list[str | None]:
    with db.read(SYSTEM) as tx:
        return [row.trouble_code if row.trouble else None for row in tx.session.exec(select(Engagement))]


def test_who_leaves_is_not_waited_for_and_may_come_back(db: Database, clock: ManualClock) -> None:
    _apply(db, NORTHWIND)
    _steps(db)
    clock.advance(timedelta(hours=4, minutes=1))  # 09:31 in Kolkata
    _steps(db)
    without = NORTHWIND.replace("    - {name: Vikram Rao", "    # {name: Vikram Rao")

    _apply(db, without)
    _steps(db)

    assert _vikram(db) == (False, [PromptState.EXCUSED])
    plan = _apply(db, NORTHWIND)
    assert [(change.deed, change.thing) for change in plan.changes] == [(Deed.ADDED, "Vikram Rao (U0VIKRAM)")]
    _steps(db)
    is_active, states = _vikram(db)
    assert is_active
    assert states[0] is PromptState.EXCUSED
    assert PromptState.WAITING in states


@pytest.mark.parametrize(
    "line", ["", "    - {name: Vikram Rao, slack: U0VIKRAM, role: observer}"], ids=["off", "reads"]
)
def test_what_was_theirs_is_free_for_others(db: Database, line: str) -> None:
    _apply(db, NORTHWIND)
    with db.transaction(SYSTEM) as tx:
        engagement = tx.session.exec(select(Engagement)).one()
        tx.actor = actor(tx, WORKSPACE, "U0VIKRAM", None)
        thread = blocking.Thread(engagement.channel_id, "1.1", "1.1")
        blocking.raise_from_message(tx, engagement.id, NewBlocker("no VPN", acting_side=Side.VENDOR), thread)
        blocking.take(tx, tx.session.exec(select(Blocker.id)).one())
        row = escalating.escalate(tx, engagement.id, "no VPN", Severity.S2, Side.VENDOR, source_key="x")
        escalating.acknowledge(tx, row.id)
    start = NORTHWIND.index("    - {name: Vikram Rao")

    _apply(db, NORTHWIND[:start] + line + NORTHWIND[NORTHWIND.index("\n", start) :])

    with db.read(SYSTEM) as tx:
        blocker, escalation = tx.session.exec(select(Blocker)).one(), tx.session.exec(select(Escalation)).one()
    assert (blocker.state, blocker.owner_id) == (BlockerState.OPEN, None)
    assert (escalation.state, escalation.vendor_owner_id) == (EscalationState.OPEN, None)


def _vikram(db: Database) -> tuple[bool, list[PromptState]]:
    with db.read(SYSTEM) as tx:
        place, _ = tx.session.exec(
            select(Participant, Person)
            .join(Person, col(Person.id) == Participant.person_id)
            .where(Person.slack_user_id == "U0VIKRAM")
        ).one()
        rows = tx.session.exec(
            select(Prompt.state)
            .join(CheckIn, col(CheckIn.id) == Prompt.checkin_id)
            .where(
                Prompt.participant_id == place.id, col(CheckIn.state).in_([CheckInState.OPEN, CheckInState.SCHEDULED])
            )
            .order_by(col(CheckIn.local_date))
        ).all()
        return place.is_active, list(rows)


def test_somebody_on_two_rosters_is_one_person_whose_move_both_follow(db: Database) -> None:
    _apply(db, NORTHWIND)
    second = SMALL.replace("U0ANNA", "U0INES").replace("name: Anna", "name: Ines Moreau")
    _apply(db, second.replace("role: owner", "role: owner, zone: Europe/Paris"))
    _steps(db)

    _apply(db, second.replace("role: owner", "role: owner, zone: Europe/London"))

    with db.read(SYSTEM) as tx:
        assert len(tx.session.exec(select(Person).where(Person.slack_user_id == "U0INES")).all()) == 1
        due = tx.session.exec(select(Cadence.due_at)).all()
    assert set(due) == {db.clock.now()}
    assert next(p for p in _stored(db, "northwind-brightlane").people if p.role is Role.OWNER).zone == "Europe/London"


def test_a_home_workspace_that_was_learned_is_kept(db: Database) -> None:
    _apply(db, SMALL)

    def learn(tx: Tx) -> None:
        tx.session.exec(select(Person).where(Person.slack_user_id == "U0RAVI")).one().slack_team_id = "T0HELPFUL"

    with db.transaction(SYSTEM) as tx:
        learn(tx)

    assert _apply(db, SMALL).is_empty
    assert "team: T0HELPFUL" in write(_stored(db, "acme"))


def test_absences_outlive_a_file(db: Database) -> None:
    _apply(db, SMALL)
    with db.transaction(SYSTEM) as tx:
        person = tx.session.exec(select(Person).where(Person.slack_user_id == "U0RAVI")).one()
        tx.add(
            Absence(
                workspace_id=WORKSPACE,
                person_id=person.id,
                first_day=date(2026, 12, 1),
                last_day=date(2026, 12, 2),
            )
        )

    _apply(db, SMALL.replace("name: Ravi", "name: Ravi Shah"))

    with db.read(SYSTEM) as tx:
        assert len(tx.session.exec(select(Absence)).all()) == 1


def test_the_plan_says_what_changes_in_other_engagements_too(each_db: Database) -> None:
    _apply(each_db, SMALL)
    other = SMALL.replace("engagement: acme", "engagement: globex").replace("C0ACME", "C0GLOBEX")
    unlike = other.replace("zone: Asia/Kolkata", "zone: Asia/Tokyo").replace("Dan,", "Daniel,")

    assert not any(line.startswith("  !") for line in _apply(each_db, other).lines())
    plan = _apply(each_db, unlike)

    assert [line for line in plan.lines() if line.startswith("  !")] == [
        "  ! Dan (U0DAN): name Dan → Daniel also in acme",
        "  ! Ravi (U0RAVI): zone Asia/Kolkata → Asia/Tokyo also in acme",
    ]
    assert {person.zone for person in _stored(each_db, "acme").people} == {"Europe/Berlin", "Asia/Tokyo"}
