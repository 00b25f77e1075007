"""Whatever an engagement is: writing, reading, applying and exporting it loses nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.access import SYSTEM, Role, Side
from models.cadences.defaults import QUESTION_SETS, QuestionList, default_key
from models.cadences.rules import CadenceKind, Question, QuestionType
from models.calendars.holidays import SideCalendar
from models.calendars.recurrence import parse
from models.clock import ManualClock
from models.db import Database
from models.engagements.rules import EngagementState
from models.escalations.ladders import DEFAULT, ROLES, Climb, Ladder, Level, Severity, Wait, WaitsIn
from models.setup import service, stored
from models.setup.cadences import default_entry
from models.setup.file import CadenceEntry, EngagementFile, PersonEntry, in_order
from models.setup.people import with_deputy
from models.setup.reading import read
from models.setup.writing import write
from models.vault import Vault, new_key, parse_keys
from tests.support.databases import fresh_database

pytestmark = pytest.mark.slow

WORKSPACE = "T0NORTHWIND"
ZONES = ("Europe/Paris", "Asia/Kolkata", "America/Sao_Paulo", "UTC", "Pacific/Apia")
RULES = ("weekdays", "Fridays", "every second Tuesday", "last Friday of the month", "FREQ=MONTHLY;BYMONTHDAY=-1")

_letters = st.characters(exclude_categories=("C", "Z")) | st.sampled_from(" :#'\"{}[],&*!|>%@`-?~")
_lines = st.text(_letters, max_size=12).map(lambda text: text.strip() or "null")
_asked = _lines.map(lambda text: text.replace("{", "(").replace("}", ")"))
_days = st.dates(date(2020, 1, 1), date(2040, 1, 1))
_minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))
_ids = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)


@st.composite
def _people(draw: st.DrawFn) -> tuple[PersonEntry, ...]:
    roles = [(Side.INHOUSE, Role.OWNER), (Side.VENDOR, Role.LEAD), (Side.INHOUSE, Role.OBSERVER)]
    roles += draw(
        st.lists(
            st.tuples(st.sampled_from(Side), st.sampled_from([r for r in Role if r is not Role.OWNER])), max_size=3
        )
    )
    people = tuple(
        PersonEntry(
            side=side,
            slack_id=f"U0{number:04}",
            name=draw(_lines),
            zone=draw(st.sampled_from(ZONES)),
            role=role,
            is_deputy=side is Side.INHOUSE and role is not Role.OWNER and draw(st.booleans()),
            team=draw(st.sampled_from([None, "T0NORTHWIND", "T0BRIGHTLANE"])),
            works_from=draw(_minutes),
            works_to=draw(_minutes),
            workdays="".join(sorted(draw(st.sets(st.sampled_from("0123456"), min_size=1)))),
        )
        for number, (side, role) in enumerate(roles)
    )
    return with_deputy(people)


@st.composite
def _questions(draw: st.DrawFn, key: str) -> QuestionList:
    found: list[Question] = []
    kinds = [QuestionType.TEXT, QuestionType.NUMBER, QuestionType.DATE, QuestionType.YES_NO, QuestionType.CHOICE]
    for id_ in draw(st.lists(_ids, min_size=1, max_size=4, unique=True)):
        kind = draw(st.sampled_from(kinds))
        choice = kind is QuestionType.CHOICE
        options = draw(st.lists(_lines, min_size=2, max_size=4, unique=True)) if choice else []
        conditions = [(q.id, a) for q in found for a in (q.options or ("yes", "no")) if q.type in kinds[3:]]
        found.append(
            Question(
                id=id_,
                type=kind,
                text=draw(_asked) + draw(st.sampled_from(["", " {last_day}"])),
                hint=draw(st.just("") | _asked),
                required=draw(st.booleans()),
                options=tuple(options),
                only_if=draw(st.sampled_from([None, *conditions])),
            )
        )
    return QuestionList(key, draw(_lines), tuple(found))


@st.composite
def _cadence(draw: st.DrawFn, kind: CadenceKind, key: str, zone: str, sets: list[str]) -> CadenceEntry:
    starts_on = draw(_days)
    default = default_entry(kind, zone, key)
    asks = kind is not CadenceKind.SUMMARY
    window = draw(st.integers(15, 1440)) if asks else default.window_minutes
    return CadenceEntry(
        key=key,
        kind=kind,
        title=draw(_lines),
        repeats=parse(draw(st.sampled_from(RULES)), starts_on).rule,
        at=draw(_minutes),
        zone=draw(st.sampled_from([*ZONES, None] if asks else list(ZONES))),
        window_minutes=window,
        reminder_minutes=draw(st.integers(0, window - 1)) if asks else default.reminder_minutes,
        questions={side: draw(st.sampled_from([default_key(kind, side), *sets])) for side in Side} if asks else {},
        escalate_after=draw(st.integers(0, 20)) if asks else 0,
        starts_on=starts_on,
        ends_on=draw(st.none() | st.just(starts_on)),
    )


_calendars = st.builds(
    SideCalendar,
    country=st.sampled_from([None, "FR", "NO", "IN"]),
    own_days=st.dictionaries(_days, _lines, max_size=3).map(lambda days: tuple(sorted(days.items()))),
    working_on=st.frozensets(_days, max_size=3),
)


_waits = st.builds(Wait, minutes=st.integers(15, 30 * 1440)) | st.builds(Wait, days=st.integers(1, 30))
_words = st.lists(st.sampled_from([*sorted(ROLES), "U0INES", "W0GRID"]), min_size=1, max_size=3, unique=True).map(tuple)
_levels = st.builds(
    Level,
    wait=_waits,
    told=st.fixed_dictionaries({Side.INHOUSE: _words, Side.VENDOR: st.just(()) | _words}),
    channel=st.sampled_from([None, "C0OPS"]),
)
_climbs = st.builds(
    Climb,
    levels=st.lists(_levels, max_size=4).map(tuple),
    update=_waits,
    around_the_clock=st.booleans(),
    waits_in=st.just(WaitsIn.MUST_ACT),
) | st.builds(Climb, levels=st.just(()), update=_waits, waits_in=st.sampled_from(WaitsIn))
_ladders = st.just(DEFAULT) | st.dictionaries(st.sampled_from(Severity), _climbs).map(
    lambda own: Ladder(DEFAULT.climbs | own)
)


@st.composite
def engagements(draw: st.DrawFn) -> EngagementFile:
    """Any settled engagement."""
    zone = draw(st.sampled_from(ZONES))
    own = {key: draw(_questions(key)) for key in draw(st.sets(st.sampled_from(["extra", "daily-vendor"])))}
    kinds = draw(st.lists(st.sampled_from(CadenceKind), max_size=4))
    cadences = [draw(_cadence(kind, f"{kind}-{n}", zone, sorted(own))) for n, kind in enumerate(kinds)]
    asked = {key for cadence in cadences for key in cadence.questions.values()}
    known = dict(QUESTION_SETS) | own
    return in_order(
        EngagementFile(
            key="any",
            company=draw(_lines),
            vendor=draw(_lines),
            channel="C0SHARED",
            zone=zone,
            workspace=WORKSPACE,
            answer_minutes=draw(st.sampled_from([480, 15, 90, 240, 12_000])),
            inhouse_channel=draw(st.sampled_from([None, "G0INHOUSE"])),
            state=draw(st.sampled_from([EngagementState.ACTIVE, EngagementState.PAUSED])),
            people=draw(_people()),
            holidays=draw(st.dictionaries(st.sampled_from(Side), _calendars)),
            questions=tuple(known[key] for key in asked),
            cadences=tuple(cadences),
            ladder=draw(_ladders),
        )
    )


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(engagements())
def test_what_is_written_reads_the_same(file: EngagementFile) -> None:
    assert read(write(file).encode(), "any.yaml") == file


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(engagements(), min_size=1, max_size=2))
def test_what_is_applied_is_exported_and_changes_nothing_again(files: list[EngagementFile]) -> None:
    clock, vault = ManualClock(datetime(2026, 11, 23, tzinfo=UTC)), Vault(parse_keys(f"k:{new_key()}"))
    with TemporaryDirectory() as folder, fresh_database("sqlite", Path(folder)) as url:
        db = Database(url, clock, vault)
        for file in files:  # one after the other: each must leave exactly itself
            with db.transaction(SYSTEM) as tx:
                service.apply(tx, WORKSPACE, file)
            with db.read(SYSTEM) as tx:
                engagement = stored.by_key(tx, WORKSPACE, file.key)
                assert engagement is not None
                exported = stored.as_file(tx, engagement)
                again = service.plan(tx, WORKSPACE, read(write(exported).encode(), "any.yaml"))
            assert again.is_empty
            assert _without_learned(exported, file) == file
        db.close()


def _without_learned(exported: EngagementFile, file: EngagementFile) -> EngagementFile:
    """A home workspace that an earlier file named is kept where a later one names none."""
    named = {person.slack_id for person in file.people if person.team}
    return in_order(
        replace(
            exported,
            people=tuple(
                person if person.slack_id in named else replace(person, team=None) for person in exported.people
            ),
        )
    )
