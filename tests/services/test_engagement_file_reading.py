"""Reading engagement files: defaults, values as written, every problem at once with its line, no YAML tricks."""

from pathlib import Path

import pytest

from models.access import Side
from models.setup.file import EngagementFile, FileErrors
from models.setup.reading import read

MINIMAL = Path(__file__).parents[2] / "examples" / "minimal.yaml"
SMALL = """
engagement: acme
company: Acme
vendor: Helpful
channel: C0ACME
zone: Europe/Berlin
people:
  inhouse:
    - {name: Anna, slack: U0ANNA, role: owner}
    - {name: Dan, slack: U0DAN, role: observer}
  vendor:
    - {name: Ravi, slack: U0RAVI, role: lead, zone: Asia/Kolkata}
"""


def _read(text: str) -> EngagementFile:
    return read(text.encode(), "file.yaml")


def _problems(text: str) -> list[str]:
    with pytest.raises(FileErrors) as found:
        _read(text)
    return found.value.lines()


def test_the_smallest_file_gets_a_daily_a_weekly_and_a_summary() -> None:
    file = _read(SMALL)

    assert [(cadence.key, cadence.repeats, f"{cadence.at:%H:%M}", cadence.zone) for cadence in file.cadences] == [
        ("daily", "weekdays", "09:30", None),
        ("weekly", "Fridays", "14:00", "Europe/Berlin"),
        ("summary", "Fridays", "16:30", "Europe/Berlin"),
    ]
    assert [person.zone for person in file.people] == ["Europe/Berlin", "Europe/Berlin", "Asia/Kolkata"]
    assert [questions.key for questions in file.questions] == [
        "daily-inhouse",
        "daily-vendor",
        "weekly-inhouse",
        "weekly-vendor",
    ]
    assert len(MINIMAL.read_text().splitlines()) <= 20


def test_values_are_what_was_written_whatever_yaml_makes_of_them() -> None:
    file = _read(
        SMALL
        + "holidays: {inhouse: {country: NO}}\n"
        + "cadences: {daily: {at: 14:00}, summary: {zone: Europe/Oslo, at: 1:05}}\n"
    )

    assert file.holidays[Side.INHOUSE].country == "NO"
    assert [f"{cadence.at:%H:%M}" for cadence in file.cadences] == ["14:00", "01:05"]


def test_every_problem_is_reported_at_once_with_line_and_field() -> None:
    text = """engagement: Acme Support
company: Acme
vendr: Helpful
channel: acme-helpful
zone: Europe/Berln
people:
  inhouse:
    - {name: Anna, slack: U0ANNA}
    - {name: Bert, slack: U0ANNA, role: boss}
  vendor:
    - {name: Ravi, slack: "@ravi", workdays: mon-fry}
cadences:
  daily:
    repeats: now and then
    at: 25:00
    window: long
  summary:
    window: 2h
    zone: own
holidays:
  vendor: {country: XX}
"""

    lines = _problems(text)

    assert [line.removeprefix("file.yaml:").split(": ", 2)[:2] for line in lines] == [
        ["1", "engagement"],
        ["1", "vendor"],
        ["3", "vendr"],
        ["4", "channel"],
        ["5", "zone"],
        ["6", "people"],
        ["6", "people"],
        ["9", "people.inhouse[2]"],
        ["9", "people.inhouse[2].role"],
        ["11", "people.vendor[1].slack"],
        ["11", "people.vendor[1].workdays"],
        ["14", "cadences.daily.repeats"],
        ["15", "cadences.daily.at"],
        ["16", "cadences.daily.window"],
        ["18", "cadences.summary.window"],
        ["19", "cadences.summary.zone"],
        ["21", "holidays.vendor.country"],
    ]
    assert "Did you mean vendor?" in lines[2]
    assert "Did you mean Europe/Berlin" in lines[4]


@pytest.mark.parametrize(
    ("addition", "said"),
    [
        ("company: Other\n", "stands on line 3 already"),
        ("inhouse_channel: C0ACME\n", "the shared channel"),
        ("answer_within: 5m\n", "15m to 200h"),
        ("answer_within: soon\n", "not a length of time"),
        ("state: sleeping\n", "active, paused, closed"),
        ("holidays: {inhouse: {subdivision: BY}}\n", "needs its country"),
        ("holidays: {inhouse: {country: DE, subdivision: ZZ}}\n", "no subdivision"),
        ("holidays: {inhouse: {own_days: {Christmas: Closed}}}\n", "not a date"),
        ("cadences: {standup: {}}\n", "cadences.standup.kind: It is missing"),
        ("cadences: {daily: {window: 2d}}\n", "15 minutes to 24h"),
        ("cadences: {daily: {window: 1h, reminder: 60m}}\n", "shorter than the window"),
        ("cadences: {daily: {questions: {vendor: none}}}\n", "There are no questions “none”"),
        ("cadences: {daily: {starts_on: 2026-12-02, ends_on: 2026-12-01}}\n", "ends before it starts"),
        ("cadences: {daily: {repeats: FREQ=DAILY;COUNT=3}}\n", "write `starts_on` too"),
        ("cadences: {daily: {repeats: FREQ=DAILY;UNTIL=20200101}}\n", "write `starts_on` too"),
        ("cadences: [daily]\n", "Write named entries here"),
        ("questions: {mine: {ask: [{id: a, type: text, text: Why}]}}\n", "No cadence asks these"),
        ("questions: {daily-vendor: {ask: []}}\n", "at least one"),
        ("questions: {daily-vendor: {ask: [{id: a, type: text}]}}\n", "What is asked."),
        ("questions: {daily-vendor: {ask: [{id: a, type: text, text: 'Hi {name}'}]}}\n", "{name}” means nothing"),
        ("questions: {daily-vendor: {ask: [{id: a, type: choice, text: Q, options: [x]}]}}\n", "2 to 20 options"),
        ("questions: {daily-vendor: {ask: [{id: a, type: text, text: Q, options: [x, y]}]}}\n", "Only a question of"),
        (
            "questions: {daily-vendor: {ask: [{id: a, type: text, text: Q, only_if: {b: yes}}]}}\n",
            "No earlier question",
        ),
        (
            "questions: {daily-vendor: {ask: [{id: a, type: text, text: Q}, {id: a, type: text, text: R}]}}\n",
            "every id is used once",
        ),
        (
            "questions: {daily-vendor: {ask: [{id: a, type: blocker, text: Q}, {id: b, type: blocker, text: R}]}}\n",
            "one question of type blocker",
        ),
        (
            f"questions: {{daily-vendor: {{title: {'x' * 101}, ask: [{{id: a, type: text, text: Q}}]}}}}\n",
            "100 is the most",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(addition: str, said: str) -> None:
    (line,) = _problems(SMALL + addition)

    assert said in line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x 1\nb: *x\n", "file.yaml:1: Anchors"),
        ("a: 1\nb: *x\n", "file.yaml:2: Anchors"),
        ("a: !!python/object/apply:os.system [ls]\n", "Tags"),
        ("a: 1\n---\nb: 2\n", "file.yaml:2: A file holds one engagement"),
        ("a: [" * 30 + "]" * 30, "nested too deeply"),
        ("a:\n" + "  - 1\n" * 20_000, "holds too much"),
        ("a: " + "x" * 300_000, "larger than 256 KB"),
        ("a: 1\n b: [\n", "file.yaml:2: This is not YAML"),
        ("a: 'x\n", "This is not YAML"),
        ("? [1]\n: 2\n", "plain text"),
        ("a: \x07\n", "a character that text cannot hold"),
        ("", "Write the fields of an engagement"),
        ("- a\n", "Write the fields of an engagement"),
    ],
)
def test_tricks_and_rubbish_are_refused(text: str, said: str) -> None:
    assert said in _problems(text)[0]


def test_text_that_is_not_utf8_names_the_line() -> None:
    with pytest.raises(FileErrors, match=r"file\.yaml:2: The file is not UTF-8"):
        read(b"company: Acme\nvendor: Caf\xe9\n", "file.yaml")


@pytest.mark.parametrize(
    ("before", "after", "deputies"),
    [
        ("", "", ["Dan"]),
        ("role: observer", "role: lead", ["Dan"]),
        ("- {name: Dan", "- {name: Lou, slack: U0LOU, role: lead}\n    - {name: Dan", ["Lou"]),
        ("- {name: Dan", "- {name: Lou, slack: U0LOU, role: lead}\n    - {deputy: yes, name: Dan", ["Dan"]),
        ("- {name: Dan", "- {name: Lou, slack: U0LOU, deputy: yes}\n    - {deputy: yes, name: Dan", ["Lou", "Dan"]),
    ],
)
def test_a_deputy_is_named_or_is_the_first_lead_in_house(before: str, after: str, deputies: list[str]) -> None:
    file = _read(SMALL.replace(before, after))

    assert [person.name for person in file.people if person.is_deputy] == deputies


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("    - {name: Dan, slack: U0DAN, role: observer}\n", "", "Nobody in-house can stand in for the owner"),
        ("role: owner}", "role: owner, deputy: yes}", "The owner cannot be the own deputy"),
        ("role: lead,", "role: lead, deputy: yes,", "it is somebody in-house"),
    ],
)
def test_who_cannot_be_a_deputy_is_said(before: str, after: str, problem: str) -> None:
    assert any(problem in line for line in _problems(SMALL.replace(before, after)))
