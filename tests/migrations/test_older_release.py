"""A rolling upgrade from the code before the newest migration: `benchmarks.upgrade` on a small scale."""

from datetime import UTC, datetime, timedelta

import pytest

from models.calendars.local_time import instant, local_date
from models.setup.reading import read
from tests.support import older
from tests.support.morning import engagement
from tests.support.rollout import WAVES, Plan, play


@pytest.mark.parametrize("hour", range(24))
def test_at_any_hour_check_ins_open_when_they_are_wanted(hour: int) -> None:
    first = datetime(2026, 11, 28, hour, 57, tzinfo=UTC)  # a Saturday

    file = read(engagement(0, first, WAVES).encode(), "e0.yaml")

    days = {local_date(first + timedelta(minutes=wave), file.zone) for wave in range(-5, WAVES)}
    assert len(days) == 1
    opened = [instant(next(iter(days)), cadence.at, cadence.zone) for cadence in file.cadences]
    assert opened == [first + timedelta(minutes=wave) for wave in range(WAVES)]
    assert {person.workdays for person in file.people} == {"0123456"}


@pytest.mark.soak
async def test_old_and_new_code_work_side_by_side_on_the_new_schema() -> None:
    try:
        revision = older.before_newest_migration()
    except older.NoHistoryError as error:
        pytest.skip(str(error))

    found = await play(Plan(revision, engagements=4))

    assert found.wrong == []
    assert (found.opened, found.unclear) == (4 * WAVES, 0)
