"""The form of one severity's ladder: what it shows is what is stored, and what is filled in is what a file can hold."""

from dataclasses import replace

import pytest

from models.access import Side
from models.errors import Invalid, NotFound
from models.escalations.ladders import DEFAULT, MOST_LEVELS, Climb, Ladder, Level, Severity, Wait, WaitsIn
from models.setup.edits import EDITS, Kind
from models.setup.edits.typed import Values
from models.setup.file import EngagementFile
from models.setup.reading import read
from models.setup.writing import write
from tests.support.settings_views import file

FILE = read(write(replace(file(str), inhouse_channel=None)).encode(), "")
ODD = Climb(
    levels=(
        Level(Wait(minutes=90), {Side.INHOUSE: ("owner", "U0GONE"), Side.VENDOR: ()}, "C0OPS"),
        Level(Wait(days=2), {Side.INHOUSE: (), Side.VENDOR: ("lead", "U0VERA", "executive")}),
    ),
    update=Wait(days=1),
    waits_in=WaitsIn.VENDOR,
)


def shown(climb: Climb, severity: Severity = Severity.S2) -> tuple[EngagementFile, dict[str, str]]:
    file_ = replace(FILE, ladder=Ladder({**DEFAULT.climbs, severity: climb}))
    return file_, dict(EDITS[Kind.LADDER].initial(file_, severity.value, None))


def filled(before: EngagementFile, values: Values, severity: Severity = Severity.S2) -> Climb:
    return EDITS[Kind.LADDER].edited(before, severity.value, None, values).ladder.climb(severity)


@pytest.mark.parametrize(
    "climb", [*DEFAULT.climbs.values(), ODD, replace(DEFAULT.climb(Severity.S1), around_the_clock=True)]
)
def test_filling_in_nothing_new_changes_nothing(climb: Climb) -> None:
    before, values = shown(climb)

    assert filled(before, values) == climb


def test_the_order_in_which_people_are_chosen_says_nothing() -> None:
    before, values = shown(ODD)

    assert filled(before, values | {"vendor2": "executive U0VERA lead"}) == ODD


def test_a_level_is_changed_added_and_taken_out() -> None:
    before, values = shown(ODD)
    changes = {
        "inhouse1": "",
        "vendor1": "",
        "wait2": "3h",
        "inhouse3": "U0INES owner",
        "wait3": "1d",
        "channel3": "C0X",
    }

    assert filled(before, values | changes).levels == (
        Level(Wait(minutes=180), ODD.levels[1].told),
        Level(Wait(days=1), {Side.INHOUSE: ("U0INES", "owner"), Side.VENDOR: ()}, "C0X"),
    )


def test_a_severity_can_have_no_level_at_all_and_the_most_has_no_empty_one() -> None:
    before, values = shown(ODD)
    told = dict.fromkeys(("inhouse1", "vendor1", "inhouse2", "vendor2"), "")
    assert filled(before, values | told).levels == ()

    _, values = shown(replace(ODD, levels=ODD.levels * (MOST_LEVELS // 2)))
    assert f"wait{MOST_LEVELS}" in values
    assert f"wait{MOST_LEVELS + 1}" not in values


def test_day_and_night_waits_for_nobodys_hours() -> None:
    before, values = shown(ODD)

    climb = filled(before, values | {"clock": "always"})

    assert (climb.around_the_clock, climb.waits_in) == (True, WaitsIn.MUST_ACT)
    assert filled(before, values | {"clock": "inhouse"}).waits_in is WaitsIn.INHOUSE


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"update": ""}, "update", "how often"),
        ({"update": "5m"}, "update", "no wait"),
        ({"wait1": ""}, "wait1", "How long"),
        ({"wait2": "1d2h"}, "wait2", "no wait"),
        ({"vendor2": "boss"}, "vendor2", "neither a role"),
        ({"wait3": "4h"}, "inhouse3", "who is told"),
        ({"channel3": "C0X"}, "inhouse3", "who is told"),
        ({"channel1": "#ops"}, "channel1", "channel"),
        ({"clock": "never"}, "clock", "not one of"),
    ],
)
def test_what_is_wrong_is_said_on_its_field(changes: dict[str, str], field: str, words: str) -> None:
    before, values = shown(ODD)

    with pytest.raises(Invalid) as refused:
        filled(before, values | changes)

    assert list(refused.value.fields) == [field]
    assert words in refused.value.fields[field]


def test_there_is_no_form_for_what_is_no_severity() -> None:
    with pytest.raises(NotFound):
        EDITS[Kind.LADDER].initial(FILE, "S5", None)
