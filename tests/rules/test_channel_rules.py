"""What follows from what happens to a channel, for each of an engagement's channels."""

from itertools import product

import pytest

from models.access import Role, Side
from models.channels.rules import OPEN_TO_OUTSIDERS, Follows, Happening, Which, follows, stays

SHARED, INHOUSE = Which.SHARED, Which.INHOUSE


@pytest.mark.parametrize(
    ("happening", "which", "begins", "notice"),
    [
        *((Happening.ARCHIVED, which, "is_archived", "") for which in Which),
        *((Happening.DELETED, which, "channel_not_found", "") for which in Which),
        *((Happening.BOT_LEFT, which, "not_in_channel", "") for which in Which),
        (Happening.SHARED, SHARED, "", ""),
        (Happening.SHARED, INHOUSE, OPEN_TO_OUTSIDERS, ""),
        (Happening.UNSHARED, SHARED, "", "disconnected"),
        (Happening.UNSHARED, INHOUSE, "", ""),
        *((Happening.PEOPLE_CHANGED, which, "", "") for which in Which),
    ],
)
def test_what_begins(happening: Happening, which: Which, begins: str, notice: str) -> None:
    found = follows(happening, which)

    assert (found.begins, found.notice) == (begins, notice)


@pytest.mark.parametrize(
    ("bad", "good"),
    [(Happening.ARCHIVED, Happening.UNARCHIVED), (Happening.BOT_LEFT, Happening.BOT_CAME)],
)
def test_what_begins_with_one_ends_with_its_opposite_alone(bad: Happening, good: Happening) -> None:
    for which in Which:
        began = follows(bad, which).begins
        ending = {one for one in Happening if began in follows(one, which).ends}
        assert ending == {good}


def test_nothing_begins_and_ends_at_once() -> None:
    for happening, which in product(Happening, Which):
        found = follows(happening, which)
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
