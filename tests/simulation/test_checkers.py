"""The checks can fail: a defect is planted for each invariant, in Slack or in the database, and its check finds it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox import messages
from sandbox.seed import BOT, HOME, SHARED
from sandbox.state import Json
from sandbox.web_api import Call
from tests.simulation.books import Books
from tests.simulation.evidence import Evidence
from tests.simulation.invariants import Checker
from tests.simulation.plans import plan_of
from tests.simulation.play import Play, playing

pytestmark = pytest.mark.slow

CALM = replace(plan_of(1, 1), repeats="tue,thu", weekdays=(1, 3), cast=plan_of(1, 1).cast[:2], trouble=0.0)
"""A week without a fault of Slack's, with answers and a summary."""

IN_THE_DATABASE = {
    "I1": """UPDATE check_in SET local_date = '2026-12-06'
             WHERE id = (SELECT id FROM check_in WHERE closed_at IS NOT NULL LIMIT 1)""",
    "I2": """UPDATE post SET subject_id = (SELECT subject_id FROM post WHERE kind = 'checkin.board' LIMIT 1)
             WHERE kind = 'checkin.board'""",
    "I3": "DELETE FROM response",
    "I4": "UPDATE escalation SET state = 'snoozed'",
    "I5": "UPDATE post SET kind = 'summary.inhouse' WHERE kind = 'checkin.board'",
    "I6": "UPDATE weekly_summary SET facts = substr(facts, 1, 40) WHERE facts IS NOT NULL",
    "I7": "DELETE FROM activity WHERE action = 'checkin.answered'",
    "I9": "UPDATE outbox_message SET state = 'leased' WHERE kind = 'checkin.board'",
    "I10": """INSERT INTO post SELECT workspace_id, hex(randomblob(16)), engagement_id, hex(randomblob(8)), kind,
              subject_id, channel_id, hex(randomblob(4)), thread_ts, posted_at, 1 FROM post, (SELECT 1 UNION SELECT 2)
              WHERE kind = 'checkin.prompt'""",
}


def _doubled(play: Play) -> None:
    """A message of ours is posted again, with the same key."""
    channel = play.stage.sandbox.workspace.channel(SHARED)
    one = next(item for item in channel.messages.values() if item.get("metadata"))
    _post(play, {key: one[key] for key in ("text", "metadata")})


def _told_on(play: Play) -> None:
    """What is private is said in the shared channel."""
    _post(play, {"text": "As Ines says among us: private-1."})


def _lost(play: Play) -> None:
    """A message of ours is gone from Slack, and nobody knows."""
    workspace = play.stage.sandbox.workspace
    channel = workspace.channel(SHARED)
    one = next(item for item in reversed(channel.messages.values()) if item.get("metadata"))
    messages.delete(workspace, channel, one["ts"], workspace.user(BOT))


def _of_the_neighbour(play: Play) -> None:
    """A call with our token speaks of another tenant."""
    _call(play, {"channel": SHARED, "text": "Cloud Nine stand-up"}, {"ok": True})


def _too_fast(play: Play) -> None:
    """Slack has to hold us up."""
    _call(play, {"channel": SHARED}, {"ok": False, "error": "ratelimited"})


IN_SLACK: dict[Callable[[Play], None], str] = {
    _lost: "I2",
    _doubled: "I2",
    _told_on: "I5",
    _of_the_neighbour: "I8",
    _too_fast: "limits",
}


async def test_each_check_finds_the_defect_that_is_planted_for_it(tmp_path: Path) -> None:
    async with playing(CALM) as play:
        assert await play.run() == []
        await _escalates(play)

        before, after = {}, {}
        for name, defect in IN_THE_DATABASE.items():
            with _copied(play, tmp_path / f"{name}.db") as (evidence, database):
                follower = Checker(play.stage.sandbox, evidence())
                before[name] = _found(follower)
                database.executescript(defect)
                after[name] = _found(follower) | _found(Checker(play.stage.sandbox, evidence()))
        assert not any(before.values()), before
        assert {name: found for name, found in after.items() if name not in found} == {}

        found = [(_planted(plant, play, play.checker), plant.__doc__) for plant in IN_SLACK]
        assert found == [({name}, plant.__doc__) for plant, name in IN_SLACK.items()]


async def _escalates(play: Play) -> None:
    """Somebody is blocked, and nobody sees to it for days."""
    await play.people.is_blocked(play.plan.cast[1])
    await play.until(play.stage.clock.now() + timedelta(days=4))
    assert play.books.rows("SELECT 1 FROM escalation")
    assert play.checker.wrong == []


def _planted(plant: Callable[[Play], None], play: Play, checker: Checker) -> set[str]:
    plant(play)
    return _found(checker, is_last=plant is _lost)


def _found(checker: Checker, *, is_last: bool = False) -> set[str]:
    """What a look finds. What it was is forgotten, as if it had been mended."""
    checker.look(is_last=is_last)
    wrong, checker.wrong = checker.wrong, []
    return {one.invariant for one in wrong}


@contextmanager
def _copied(play: Play, path: Path) -> Iterator[tuple[Callable[[], Evidence], sqlite3.Connection]]:
    """What there is, with a copy of the database, to be damaged."""
    (_, _, source) = play.books.rows("PRAGMA database_list")[0]
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(path)) as copy:
        old.backup(copy)
        yield lambda: replace(play.evidence, books=Books(str(path))), copy  # books remember what they have read


def _post(play: Play, fields: Json) -> None:
    workspace = play.stage.sandbox.workspace
    bot = {"bot_id": workspace.app.bot_id}
    messages.post(workspace, workspace.channel(SHARED), workspace.user(BOT), fields | bot)


def _call(play: Play, args: Json, result: Json) -> None:
    calls = play.stage.sandbox.calls
    calls.append(Call(len(calls) + 1, "chat.postMessage", args, result, play.stage.clock.now(), team_id=HOME))
