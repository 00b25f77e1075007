"""What follows from what happens to a channel, for each of an engagement's channels."""

from itertools import product

import pytest

from models.access import Role, Side
from models.channels.rules import OPEN_TO_OUTSIDERS, Follows, Happening, follows, stays
from models.outbox.rules import Place

PLACES = (Place.CHANNEL, Place.INHOUSE)


@pytest.mark.parametrize(
    ("happening", "place", "begins", "notice"),
    [
        *((Happening.ARCHIVED, place, "is_archived", "") for place in PLACES),
        *((Happening.DELETED, place, "channel_not_found", "") for place in PLACES),
        *((Happening.BOT_LEFT, place, "not_in_channel", "") for place in PLACES),
        (Happening.SHARED, Place.CHANNEL, "", ""),
        (Happening.SHARED, Place.INHOUSE, OPEN_TO_OUTSIDERS, ""),
        (Happening.UNSHARED, Place.CHANNEL, "", "disconnected"),
        (Happening.UNSHARED, Place.INHOUSE, "", ""),
        *((Happening.PEOPLE_CHANGED, place, "", "") for place in PLACES),
    ],
)
def test_what_begins(happening: Happening, place: Place, begins: str, notice: str) -> None:
    found = follows(happening, place)

    assert (found.begins, found.notice) == (begins, notice)


@pytest.mark.parametrize(
    ("bad", "good"),
    [(Happening.ARCHIVED, Happening.UNARCHIVED), (Happening.BOT_LEFT, Happening.BOT_CAME)],
)
def test_what_begins_with_one_ends_with_its_opposite_alone(bad: Happening, good: Happening) -> None:
    for place in PLACES:
        began = follows(bad, place).begins
        ending = {one for one in Happening if began in follows(one, place).ends}
        assert ending == {good}


def test_nothing_begins_and_ends_at_once() -> None:
    for happening, place in product(Happening, PLACES):
        found = follows(happening, place)
        assert isinstance(found, Follows)
        assert not (found.begins and found.ends)


@pytest.mark.parametrize(
    ("side", "role", "is_deputy", "keeps"),
    [
        (Side.INHOUSE, Role.OWNER, False, True),
        (Side.INHOUSE, Role.LEAD, True, True),
        (Side.INHOUSE, Role.LEAD, False, False),
        (Side.INHOUSE, Role.MEMBER, False, False),
        (Side.VENDOR, Role.LEAD, False, False),
        (Side.VENDOR, Role.MEMBER, True, False),
    ],
)
def test_somebody_who_can_mend_it_keeps_their_place(side: Side, role: Role, is_deputy: bool, keeps: bool) -> None:
    assert stays(side, role, is_deputy=is_deputy) is keeps
