"""What will happen when, in words."""

from scheduler.agenda import agenda
from tests.support.world import World


def test_the_agenda_tells_what_comes_next_in_words(world: World) -> None:
    world.advance()

    items = agenda(world.db, world.queue, 3)

    assert [item.what for item in items] == ["Daily stand-up opens", "Weekly summary is posted"]
    assert items[0].zone == "Europe/Paris"
