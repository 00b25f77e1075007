"""Who may do what: every public service function, every kind of person. A function that is not listed fails."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from models.access import SYSTEM, Actor, Role, Side
from models.asks import queries as ask_queries
from models.asks import service as asks
from models.asks import silence, threads
from models.blockers import climbing as blocker_climbing
from models.blockers import queries as blocker_queries
from models.blockers import service as blockers
from models.blockers.rules import NewBlocker
from models.blockers.service import Thread
from models.blockers.tables import Blocker
from models.checkins import answers, asking, lifecycle, planning, replies
from models.checkins import service as checkins
from models.checkins.rules import CheckInState, Source
from models.checkins.submissions import Submission
from models.checkins.tables import CheckIn
from models.clock import ManualClock
from models.commitments import climbing as commitment_climbing
from models.commitments import service as commitments
from models.db import Database, Tx
from models.engagements import queries as engagements
from models.engagements.tables import Engagement, Participant, Person
from models.errors import Conflict, DomainError, NotAllowed, NotFound
from models.escalations import lifecycle as escalation_lifecycle
from models.escalations import queries as escalation_queries
from models.escalations import raising, versions, watching
from models.escalations import service as escalations
from models.escalations.ladders import DEFAULT, Ladder, Severity
from models.escalations.rules import Event
from models.home import standing
from models.matters import service as matters
from models.summaries import queries as summary_queries
from models.summaries import service as summaries
from models.tables import METADATA
from models.vault import Vault, parse_keys
from tests.conftest import MONDAY, TEST_KEYS
from tests.support.databases import chosen_backend, fresh_database
from tests.support.world import CHANNEL, PEOPLE, WORKSPACE, World, at, build, nov

MODULES = (
    asking, asks, blockers, blocker_climbing, checkins, commitments, commitment_climbing, escalations,
    escalation_lifecycle, lifecycle, matters, planning, raising, replies, silence, summaries, threads, versions,
    watching,
)  # fmt: skip
CALM = DEFAULT.climbs | {Severity.S1: DEFAULT.climb(Severity.S2)}

READS = ("checkins.back", "checkins.skippable", "blockers.for_resolve", "escalations.is_possible")
"""They change nothing here: nobody is away, and the others only look."""

STEPS: Mapping[str, Callable[[Tx, Any], Any]] = {
    "blockers.climbing.look": blocker_climbing.look,
    "commitments.climbing.look": commitment_climbing.look,
    "escalations.lifecycle.advance": escalation_lifecycle.advance,
    "escalations.lifecycle.retime": escalation_lifecycle.retime,
    "asking.ask": asking.ask,
    "asks.advance": asks.advance,
    "silence.look": lambda tx, row: silence.look(tx, row, row),
    "watching.look": lambda tx, row: watching.look(tx, row, row, row),
    "lifecycle.advance": lifecycle.advance,
    "planning.plan": planning.plan,
    "summaries.plan": summaries.plan,
    "summaries.publish": summaries.publish,
}
"""Steps of the due queue: nobody else may call them."""

INNER = {
    "asks.ask", "asks.enter", "asks.follow", "asks.happened", "asks.may_close", "asks.reword", "asks.until",
    "silence.broken", "silence.set_due", "silence.nudge_key", "silence.cause_key", "watching.retime",
    "blockers.raise_one", "blockers.close", "blockers.confirm", "blockers.correct", "blockers.mention",
    "blockers.may_resolve", "blockers.let_go", "blockers.reopen", "blockers.require_resolver",
    "checkins.store", "checkins.mark_skipped",
    "checkins.own_prompt",
    "checkins.closed_because", "commitments.promise", "commitments.withdraw", "commitments.keep", "commitments.drop",
    "commitments.move", "commitments.take_back", "lifecycle.open_now", "lifecycle.set_prompt_due",
    "lifecycle.unanswered", "lifecycle.present_at", "lifecycle.excuse", "lifecycle.skip", "commitments.on_track",
    "blockers.climbing.climb", "blockers.climbing.set_due", "blockers.climbing.gone", "blockers.climbing.retime",
    "blockers.climbing.taken",
    "blockers.climbing.cause_key", "commitments.climbing.set_due", "commitments.climbing.word",
    "commitments.climbing.retime", "commitments.climbing.cause_key", "escalations.may_close", "raising.raise_for",
    "raising.standing_for", "raising.cause_gone", "raising.cause_owned",
    "raising.own", "raising.end", "versions.latest", "versions.current",
    "versions.ladder", "versions.frozen", "versions.hold", "versions.begin", "versions.rename_channel",
    "escalations.lifecycle.let_go",
}  # fmt: skip
"""Called by the others with rows that they have checked. No listener may call them."""

KINDS = ("owner", "lead", "member", "executive", "observer", "deactivated", "elsewhere", "abroad", "stranger")
"""`elsewhere` is on another engagement's roster, `abroad` has the same ids in another workspace."""

Call = Callable[[Tx, Any], Any]


@dataclass(frozen=True)
class Case:
    """A use case on the check-in that is open, or the blocker that waits for the in-house side."""

    call: Call
    outcome: Mapping[str, type[Exception] | bool | None]
    """By kind of person: None = done, False = taken for talk, or what is raised."""


def only(*allowed: str, readers: type[Exception] | bool = NotAllowed, others: type[Exception] | bool = NotFound) -> Any:
    outcome: dict[str, Any] = dict.fromkeys(KINDS, others)
    outcome |= dict.fromkeys(("executive", "observer"), readers)
    return outcome | dict.fromkeys(allowed, None)


DOERS = ("owner", "lead", "member")
VERAS = "0000000100.000200"
ASKED_AT = f"{at(23, 9).timestamp():.0f}.000300"
ANSWERED_AT = f"{at(23, 9).timestamp():.0f}.000400"
ABROAD = "T0ABROAD"

MATRIX: Mapping[str, Case] = {
    "checkins.submit": Case(
        lambda tx, s: checkins.submit(tx, s.open_id, Submission(note="x"), source=Source.MODAL, source_key="k"),
        only(*DOERS),
    ),
    "checkins.skip": Case(lambda tx, s: checkins.skip(tx, s.open_id, "At the dentist"), only(*DOERS)),
    "checkins.skippable": Case(lambda tx, s: checkins.skippable(tx, s.open_id), only(*DOERS)),
    "checkins.away": Case(
        lambda tx, _: checkins.away(tx, nov(23), nov(24)), only(*DOERS, "executive", "observer", "elsewhere", "abroad")
    ),
    "checkins.back": Case(
        lambda tx, _: checkins.back(tx), only(*DOERS, "executive", "observer", "elsewhere", "abroad")
    ),
    "checkins.start_now": Case(
        lambda tx, s: checkins.start_now(tx, s.next_id), only("owner", "lead") | {"member": NotAllowed}
    ),
    "asks.mark": Case(
        lambda tx, s: asks.mark(
            tx, s.world.engagement_id, channel_id=CHANNEL, ts="300.1", thread_ts="300.1", text="Who?"
        ),
        only(*DOERS),
    ),
    "asks.answered": Case(lambda tx, s: asks.answered(tx, s.own_ask_id), only(*DOERS)),
    "asks.withdraw": Case(lambda tx, s: asks.withdraw(tx, s.own_ask_id), only(*DOERS)),
    "asks.reopen": Case(lambda tx, s: asks.reopen(tx, s.replied_ask_id), only(*DOERS)),
    "threads.heard": Case(
        lambda tx, s: threads.heard(tx, channel_id=CHANNEL, thread_ts=ASKED_AT, ts=ANSWERED_AT, text="Ines does"),
        only(*DOERS, "executive", readers=False, others=False),
    ),
    "threads.edited": Case(
        lambda tx, s: threads.edited(
            tx, channel_id=CHANNEL, thread_ts=ASKED_AT, ts=ANSWERED_AT, text="Ines does", revision=ANSWERED_AT
        ),
        only(*DOERS, "executive", readers=False, others=False),
    ),
    "threads.deleted": Case(
        lambda tx, s: threads.deleted(tx, channel_id=CHANNEL, thread_ts=ASKED_AT, ts=ANSWERED_AT),
        only(readers=False, others=False) | dict.fromkeys((*DOERS, "executive", "observer"), None),
    ),
    "blockers.take": Case(lambda tx, s: blockers.take(tx, s.blocker_id), only(*DOERS)),
    "blockers.update": Case(lambda tx, s: blockers.update(tx, s.blocker_id, "Asked."), only(*DOERS)),
    "blockers.raise_from_message": Case(
        lambda tx, s: blockers.raise_from_message(
            tx, s.world.engagement_id, NewBlocker("Stuck"), Thread(CHANNEL, "5.1", "5.1")
        ),
        only(*DOERS),
    ),
    "blockers.for_resolve": Case(
        lambda tx, s: blockers.for_resolve(tx, s.blocker_id), only() | dict.fromkeys(DOERS, NotAllowed)
    ),
    "blockers.climbing.escalate": Case(
        lambda tx, s: blocker_climbing.escalate(tx, s.blocker_id, Severity.S2, ""),
        only(*DOERS, "executive"),
    ),
    "escalations.escalate": Case(
        lambda tx, s: escalations.escalate(tx, s.world.engagement_id, "Stuck", Severity.S2, source_key="k"),
        only(*DOERS, "executive"),
    ),
    "escalations.acknowledge": Case(
        lambda tx, s: escalations.acknowledge(tx, s.escalation_id), only(*DOERS, "executive")
    ),
    "escalations.update": Case(
        lambda tx, s: escalations.update(tx, s.escalation_id, "Asked."), only(*DOERS, "executive")
    ),
    "escalations.finish": Case(lambda tx, s: escalations.finish(tx, s.escalation_id, ""), only(*DOERS, "executive")),
    "escalations.snooze": Case(
        lambda tx, s: escalations.snooze(tx, s.escalation_id, nov(25), ""), only(*DOERS, "executive")
    ),
    "escalations.rerate": Case(
        lambda tx, s: escalations.rerate(tx, s.escalation_id, Severity.S1, ""), only(*DOERS, "executive")
    ),
    "escalations.reopen": Case(lambda tx, s: escalations.reopen(tx, s.ended_id, ""), only(*DOERS, "executive")),
    "matters.finish": Case(lambda tx, s: matters.finish(tx, s.escalation_id, ""), only(*DOERS, "executive")),
    "matters.reopen": Case(lambda tx, s: matters.reopen(tx, s.ended_id, ""), only(*DOERS, "executive")),
    "escalations.is_possible": Case(
        lambda tx, s: escalations.is_possible(tx, s.escalation_id, Event.SNOOZE), only(*DOERS, "executive")
    ),
    "escalations.note_privately": Case(
        lambda tx, s: escalations.note_privately(tx, s.escalation_id, "Hm"), only(*DOERS, "executive")
    ),
    "escalations.look_again": Case(
        lambda tx, s: escalations.look_again(tx, s.escalation_id), only(*DOERS, "executive")
    ),
    "versions.change": Case(
        lambda tx, s: versions.change(tx, tx.one(Engagement, WORKSPACE, s.world.engagement_id), Ladder(CALM)),
        only("owner") | dict.fromkeys(("lead", "member"), NotAllowed),
    ),
    "blockers.resolve": Case(
        lambda tx, s: blockers.resolve(tx, s.blocker_id, ""), only() | dict.fromkeys(DOERS, NotAllowed)
    ),
    "replies.heard": Case(
        lambda tx, s: replies.heard(tx, channel_id=CHANNEL, thread_ts=s.thread_ts, ts="200.1", text="next: A"),
        only(*DOERS, readers=False, others=False),
    ),
    "replies.edited": Case(
        lambda tx, _: replies.edited(tx, channel_id=CHANNEL, ts=VERAS, text="next: B", revision="2"),
        only(readers=Conflict, others=Conflict) | dict.fromkeys(DOERS, Conflict) | {"abroad": False},
    ),
    "replies.deleted": Case(
        lambda tx, _: replies.deleted(tx, channel_id=CHANNEL, ts=VERAS),
        only(readers=Conflict, others=Conflict) | dict.fromkeys(DOERS, Conflict) | {"abroad": False},
    ),
}

STAFF = {
    "member": ("U0MIRA", "Mira", Side.INHOUSE, Role.MEMBER, "Europe/Paris"),
    "executive": ("U0ERIK", "Erik", Side.INHOUSE, Role.EXECUTIVE, "Europe/Paris"),
    "deactivated": ("U0DORA", "Dora", Side.INHOUSE, Role.MEMBER, "Europe/Paris"),
}
NAMES = {"owner": "ines", "lead": "olaf", "observer": "ada", "stranger": "mallory"}


@dataclass
class Stage:
    """The world, and the rows the use cases are tried on."""

    world: World
    abroad: World
    open_id: UUID
    next_id: UUID
    blocker_id: UUID
    thread_ts: str
    own_ask_id: UUID
    """The in-house side asked it, and waits."""
    replied_ask_id: UUID
    """The in-house side asked it, and Vera has replied."""
    escalation_id: UUID
    ended_id: UUID

    def actor(self, kind: str) -> Actor:
        if kind == "abroad":
            with self.world.db.read(SYSTEM) as tx:
                return engagements.actor(tx, ABROAD, "U0INES", None)
        return self.world.actor(NAMES.get(kind, kind))


class Undo(Exception):
    """Rolls a trial back, so that all of them start from the same rows."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Vera has replied in the thread of Monday's check-in, with a blocker for the in-house side. Read only."""
    with fresh_database(chosen_backend(), tmp_path_factory.mktemp("stage")) as url:
        clock = ManualClock(MONDAY)
        db = Database(url, clock, Vault(parse_keys(TEST_KEYS)))
        yield _set(db, clock)
        db.close()


def _set(db: Database, clock: ManualClock) -> Stage:
    world = build(db, clock, people={**PEOPLE, **STAFF}, countries=(None, None))
    abroad = build(db, clock, countries=(None, None), workspace_id=ABROAD)
    _employ_elsewhere(world)
    world.until(at(23, 9))
    world.replies("vera", nov(23), "blocked: no VPN", ts=VERAS)
    world.change(Participant, {"id": world.place("deactivated")}, is_active=False)
    own, replied = _asked(world)
    monday, blocker = world.checkin(nov(23)), world.one(Blocker)
    rows = (monday.id, world.checkin(nov(24)).id, blocker.id)
    return Stage(world, abroad, *rows, world.thread(nov(23)), own, replied, *_escalated(world))


def _asked(world: World) -> tuple[UUID, UUID]:
    """Vera asks the in-house side; the in-house side asks twice and has one reply."""
    world.does("vera", asks.mark, world.engagement_id, channel_id=CHANNEL, ts=ASKED_AT, thread_ts=ASKED_AT, text="Who?")
    own, replied = (
        world.does("ines", asks.mark, world.engagement_id, channel_id=CHANNEL, ts=ts, thread_ts=ts, text="Which port?")
        for ts in ("1795420801.000500", "1795420801.000600")
    )
    world.does("vera", asks_reply, "1795420801.000600")
    return own, replied


def asks_reply(tx: Tx, thread_ts: str) -> bool:
    ts = f"{at(23, 9).timestamp():.0f}.000700"
    return threads.heard(tx, channel_id=CHANNEL, thread_ts=thread_ts, ts=ts, text="443")


def _escalated(world: World) -> tuple[UUID, UUID]:
    """One against the provider that nobody owns, and one that was resolved."""
    made = []
    for key in ("one", "two"):
        where = (world.engagement_id, "Stuck", Severity.S2, Side.VENDOR)
        made.append(world.does("vera", escalations.escalate, *where, source_key=key).id)
    world.does("ines", escalations.finish, made[1], "")
    world.advance()
    return made[0], made[1]


def _employ_elsewhere(world: World) -> None:
    world.people = {**world.people, "elsewhere": ("U0ELSE", "Elsa", Side.INHOUSE, Role.OWNER, "UTC")}
    with world.db.transaction(SYSTEM) as tx:
        other = tx.add(
            Engagement(workspace_id=WORKSPACE, key="other", company="A", vendor="B", channel_id="C9", zone="UTC")
        )
        elsa = tx.add(Person(workspace_id=WORKSPACE, slack_user_id="U0ELSE", name="Elsa", zone="UTC"))
        tx.add(
            Participant(
                workspace_id=WORKSPACE, engagement_id=other.id, person_id=elsa.id, side=Side.INHOUSE, role=Role.OWNER
            )
        )


def everything(tx: Tx) -> dict[str, list[str]]:
    """Every row of every table."""
    tx.session.flush()
    rows = tx.session.connection()
    return {table.name: sorted(map(repr, rows.execute(select(table)))) for table in METADATA.sorted_tables}


def attempt(stage: Stage, kind: str, call: Call) -> tuple[Any, bool]:
    """What came of it and whether any row is another one; undone afterwards."""
    found: tuple[Any, bool] = (None, False)
    with suppress(Undo), stage.world.db.transaction(stage.actor(kind)) as tx:
        before = everything(tx)
        try:
            result = call(tx, stage)
        except DomainError as refusal:
            result = type(refusal)
        found = result, everything(tx) != before
        raise Undo
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", sorted(MATRIX))
def test_who_may_do_what(stage: Stage, name: str, kind: str) -> None:
    expected = MATRIX[name].outcome[kind]

    result, changed = attempt(stage, kind, MATRIX[name].call)

    assert expected is None or result is expected
    assert not (expected is None and isinstance(result, type))
    assert changed is (expected is None and name not in READS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", sorted(STEPS))
def test_nobody_moves_the_clock(stage: Stage, name: str, kind: str) -> None:
    with pytest.raises(NotAllowed), stage.world.db.transaction(stage.actor(kind)) as tx:
        STEPS[name](tx, None)


STATES: Mapping[str, Mapping[str, type[Exception] | None]] = {
    "scheduled": {"submit": Conflict, "skip": Conflict, "start_now": None},
    "open": {"submit": None, "skip": None, "start_now": Conflict},
    "closed": {"submit": None, "skip": Conflict, "start_now": Conflict},
    "skipped": {"submit": Conflict, "skip": Conflict, "start_now": Conflict},
}
"""What the owner may do with a check-in in each state; the scheduled one waits for an open one."""


@pytest.mark.parametrize("deed", ["submit", "skip", "start_now"])
@pytest.mark.parametrize("state", sorted(STATES))
def test_what_a_check_in_allows_in_each_state(stage: Stage, state: str, deed: str) -> None:
    expected = STATES[state][deed]
    deeds: dict[str, Callable[[Tx, UUID], Any]] = {
        "submit": lambda tx, row_id: checkins.submit(
            tx, row_id, Submission(note="x"), source=Source.MODAL, source_key="k"
        ),
        "skip": lambda tx, row_id: checkins.skip(tx, row_id, "At the dentist"),
        "start_now": checkins.start_now,
    }

    result, _ = attempt(stage, "owner", lambda tx, s: deeds[deed](tx, _checkin_in(tx, s, state)))

    assert (result if isinstance(result, type) else None) is expected


def _checkin_in(tx: Tx, stage: Stage, state: str) -> UUID:
    row = tx.one(CheckIn, WORKSPACE, stage.next_id if state == "scheduled" else stage.open_id)
    row.state = CheckInState(state)
    row.closed_at = tx.now if state == "closed" else None
    return row.id


@pytest.mark.parametrize("kind", ["elsewhere", "abroad", "stranger", "deactivated"])
def test_outsiders_read_nothing(stage: Stage, kind: str) -> None:
    reads: list[Call] = [
        lambda tx, s: standing.status(tx, s.world.engagement_id),
        lambda tx, s: summary_queries.published(tx, s.world.engagement_id),
        lambda tx, s: answers.answer_form(tx, s.open_id),
        lambda tx, s: blocker_queries.for_update(tx, s.blocker_id),
        lambda tx, s: blocker_queries.raise_form(tx, s.world.engagement_id),
        lambda tx, s: ask_queries.listed(tx, s.world.engagement_id),
        lambda tx, s: ask_queries.waiting_for(tx, s.world.engagement_id, Side.INHOUSE),
        lambda tx, s: blocker_queries.for_escalation(tx, s.blocker_id),
        lambda tx, s: escalation_queries.for_action(tx, s.escalation_id),
        lambda tx, s: escalation_queries.escalate_form(tx, s.world.engagement_id),
        lambda tx, s: escalation_queries.open_lines(tx, s.world.engagement_id),
    ]

    for read in reads:
        with pytest.raises(NotFound), stage.world.db.read(stage.actor(kind)) as tx:
            read(tx, stage)


def test_somebody_from_another_home_workspace_is_a_stranger(stage: Stage) -> None:
    with suppress(Undo), stage.world.db.transaction(SYSTEM) as tx:
        person = tx.session.exec(select(Person).where(Person.slack_user_id == "U0INES")).first()
        assert person is not None
        person.slack_team_id = "T0HOME"

        assert engagements.actor(tx, person.workspace_id, "U0INES", "T0ELSE").memberships == ()
        raise Undo


def test_every_public_service_function_is_in_the_matrix() -> None:
    found = {
        f"{_name(module)}.{name}"
        for module in MODULES
        for name, thing in vars(module).items()
        if inspect.isfunction(thing) and thing.__module__ == module.__name__ and not name.startswith("_")
    }

    assert found == {*MATRIX, *STEPS, *INNER}


def _name(module: ModuleType) -> str:
    parts = module.__name__.split(".")
    if parts[-1] == "service":
        return parts[1]
    is_told_apart = parts[-1] == "climbing" or module is escalation_lifecycle
    return ".".join(parts[1:]) if is_told_apart else parts[-1]
