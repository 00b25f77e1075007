"""What breaks in a story breaks by the stage's clock: nothing waits for real seconds."""

from datetime import UTC, datetime
from pathlib import Path

from sandbox import channels
from sandbox.faults import Fault, Kind
from sandbox.seed import INES, INHOUSE, SHARED, VERA
from tests.simulation.plans import plan_of
from tests.support.databases import fresh_database
from tests.support.stage import stage

START = datetime(2026, 11, 23, tzinfo=UTC)


async def test_an_event_that_cannot_be_handled_comes_again_at_once(tmp_path: Path) -> None:
    broken = next(plan for plan in map(plan_of, range(100)) if plan.trouble)
    with fresh_database("sqlite", tmp_path) as url:
        async with stage(url, START, patient=True, http=broken.by_http) as play:
            play.settles_within = 20.0
            play.sandbox.faults.add(Fault("users.info", 1, Kind.HTTP_503))
            channels.join(play.sandbox.workspace, INHOUSE, VERA, INES)

            await play.settle()

            tries = [one for one in play.sandbox.deliveries.log if one.payload["event"]["type"].startswith("member_")]
            assert [one.ack.ok for one in tries] == [False, True]


async def test_what_was_said_while_the_application_was_away_is_heard_when_it_is_back(tmp_path: Path) -> None:
    with fresh_database("sqlite", tmp_path) as url:
        async with stage(url, START, patient=True, http=True) as play:
            await play.until(START.replace(hour=9))
            await play.stop()
            await play.person("vera").posts(SHARED, "Finished.", thread_ts=play.board()["ts"])

            await play.restart()
            await play.settle()

            assert "Vera Iyer" in play.thread(play.board())[-1]["text"]
