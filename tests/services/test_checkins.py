"""A check-in from being laid down to being closed."""

from datetime import UTC, datetime

from models.checkins.rules import CheckInState, PromptState
from models.checkins.tables import CheckIn, Prompt
from tests.support.world import World


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in November 2026, UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_people_are_asked_at_their_own_hour(world: World) -> None:
    world.until(at(23, 4))

    asked = {prompt.side.value: prompt.ask_at for prompt in world.rows(Prompt) if prompt.ask_at < at(24, 0)}
    assert asked == {"vendor": at(23, 4), "inhouse": at(23, 8, 30)}
    assert [row.kind for row in world.said()] == ["checkin.board", "checkin.prompt", "checkin.prompt"]


def test_a_check_in_closes_with_the_last_deadline(world: World) -> None:
    world.until(at(23, 12, 30))

    monday = world.rows(CheckIn)[0]
    assert monday.state is CheckInState.CLOSED
    assert {prompt.state for prompt in world.rows(Prompt) if prompt.checkin_id == monday.id} == {PromptState.MISSED}
