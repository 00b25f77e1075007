"""Every fault of Slack and the network on every call of every flow, in the whole application: nothing lost or doubled.

Each day meets a fault of each method in each of its flows; a first day without any says which calls there are, and how
a day ends. Nobody dies here: that people press again where they see an error, and that the delivery looks before it
sends again, is all there is to help.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import zip_longest

import pytest
from sqlmodel import col, select

from models.access import SYSTEM
from models.db import Database, Tx
from models.engagements.tables import Person
from models.outbox.tables import Post
from sandbox.faults import Fault, Kind, catalogue
from tests.kill.findings import found
from tests.kill.world import ENGAGEMENT, START
from tests.support.determined import without_threads
from tests.support.engines import prepared
from tests.support.stage import SHARED, Stage, shown_in, stage

pytestmark = [pytest.mark.kill, pytest.mark.slow]

_PARTS = 4
_LOST_ANSWER = Fault("chat.postMessage", 1, Kind.CLOSE, after=True)
_SHORT = 0.05
"""Seconds for which a silent Slack holds the line here."""
Calls = Counter[str]
Step = Callable[[Stage, datetime], Awaitable[None]]


def _fit(db: Database) -> None:
    """The n-th call is to be the same one every day."""
    prepared(db)
    without_threads(db)


async def _opens(day: Stage, morning: datetime) -> None:
    await day.until(morning + timedelta(hours=5, minutes=45))


async def _replies(day: Stage, _: datetime) -> None:
    said = "Import runs.\nnext: Export\nblocked: no VPN"
    await day.person("vera").posts(SHARED, said, thread_ts=day.board()["ts"])
    await day.settle()


async def _deletes(day: Stage, _: datetime) -> None:
    vera = day.person("vera")
    await vera.deletes([item for item in vera.messages(SHARED) if item["user"] == vera.id][-1])
    await day.settle()


async def _is_reminded(day: Stage, morning: datetime) -> None:
    await day.until(morning + timedelta(hours=8, minutes=45))


async def _fills_in(day: Stage, _: datetime) -> None:
    ines = day.person("ines")
    await ines.clicks(day.board(), "Answer")
    if not ines.open_views:
        await ines.clicks(day.board(), "Answer")
    said = {"answer.checked": "Contract read.", "answer.blocked": "no"}
    assert await ines.submits(ines.open_views[-1], said) == {}
    await day.settle()


async def _escalates(day: Stage, _: datetime) -> None:
    bot = day.sandbox.workspace.app.bot_user_id
    await day.person("ines").posts(SHARED, f"<@{bot}> escalate S2: the tills are down")
    await day.settle()


async def _owns(day: Stage, _: datetime) -> None:
    await _says_of_it(day, "vera", "mine")


async def _reports(day: Stage, _: datetime) -> None:
    await _says_of_it(day, "vera", "update: one till works again")


async def _ends(day: Stage, _: datetime) -> None:
    await _says_of_it(day, "ines", "done: they work")


async def _says_of_it(day: Stage, name: str, words: str) -> None:
    """A reply in the thread of the day's escalation."""
    cards = [item for item in day.boards() if "the tills are down" in shown_in(item)]
    await day.person(name).posts(SHARED, words, thread_ts=cards[-1]["ts"])
    await day.settle()


async def _closes(day: Stage, morning: datetime) -> None:
    await day.until(morning + timedelta(hours=9, minutes=45))


async def _sums_up(day: Stage, morning: datetime) -> None:
    await day.until(morning + timedelta(hours=12, minutes=45))


STEPS: tuple[Step, ...] = (
    _opens,
    _replies,
    _deletes,
    _is_reminded,
    _fills_in,
    _escalates,
    _owns,
    _reports,
    _ends,
    _closes,
    _sums_up,
)
_LOOKING = {_opens: "conversations.history", _replies: "conversations.replies"}


@pytest.mark.parametrize("part", range(_PARTS))
async def test_every_fault_on_every_call(database_address: str, part: int) -> None:
    async with stage(database_address, START, engagement=ENGAGEMENT, fit=_fit) as life:
        called, end = await _day(life, START, ())
        plans = [_plan(step, calls) for step, calls in zip(STEPS, called, strict=True)]
        morning, played = START, 0
        for faults in list(zip_longest(*plans, fillvalue=()))[part::_PARTS]:
            morning = _next_working_day(morning)
            _, after = await _day(life, morning, faults)
            assert after == end, [str(fault) for some in faults for fault in some]
            played += sum(map(len, faults))
    assert played > 100
    print(f"\npart {part}: {played} faults")  # noqa: T201


async def _day(life: Stage, morning: datetime, faults: tuple[tuple[Fault, ...], ...]) -> tuple[list[Calls], object]:
    """Play one day; which calls each step made, and how it ended: our messages of the day by kind, and who answered."""
    with life.app.db.transaction(SYSTEM) as tx:
        _forget_directs(tx)
    called = []
    for step, some in zip_longest(STEPS, faults, fillvalue=()):
        before = len(life.sandbox.calls)
        life.sandbox.faults.add(*some)
        await step(life, morning)
        life.sandbox.faults.clear()
        called.append(Counter(call.method for call in life.sandbox.calls[before:]))
    seen = found(life.sandbox.workspace, life.app.db)
    with life.app.db.read(SYSTEM) as tx:
        posts = tx.session.exec(select(Post).where(col(Post.posted_at) >= morning)).all()
    kinds = Counter(f"{post.kind} {'deleted' if post.is_deleted else 'there'}" for post in posts)
    today = f"prompt {morning:%Y-%m-%d}"
    answered = sorted(line.split(" due")[0].replace(today, "") for line in seen.records if line.startswith(today))
    return called, (seen.wrong, kinds, answered)


def _plan(step: Step, calls: Calls) -> list[tuple[Fault, ...]]:
    """Every kind of fault on every call the step makes, a day for each, the methods side by side.

    Then every kind on the look after a lost answer.
    """
    methods = [
        [fault for nth in range(1, most + 1) for fault in catalogue(method, nth)]
        for method, most in sorted(calls.items())
    ]
    days = [tuple(fault for fault in some if fault) for some in zip_longest(*methods)]
    if step in _LOOKING:
        days += [(_LOST_ANSWER, fault) for fault in catalogue(_LOOKING[step])]
    return [tuple(replace(fault, seconds=_SHORT) for fault in some) for some in days]


def _next_working_day(morning: datetime) -> datetime:
    morning += timedelta(days=1)
    return morning if morning.weekday() < 5 else _next_working_day(morning)


def _forget_directs(tx: Tx) -> None:
    """Every day every direct message is opened anew."""
    for person in tx.session.exec(select(Person)):
        person.dm_channel_id = None
