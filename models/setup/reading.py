"""Reads an engagement file: YAML in, `EngagementFile` out, or every problem at once."""

from datetime import date

from models.access import Role, Side
from models.cadences.defaults import QUESTION_SETS, QuestionList
from models.calendars.holidays import CountryUnknown, SideCalendar, check_country
from models.engagements.rules import DEFAULT_ANSWER_MINUTES, EngagementState
from models.setup import values
from models.setup.cadences import read_cadences
from models.setup.fields import Section, Spot
from models.setup.file import (
    WORKDAYS,
    WORKS_FROM,
    WORKS_TO,
    CadenceEntry,
    EngagementFile,
    FileErrors,
    PersonEntry,
    Problem,
    in_order,
)
from models.setup.ladder import read_ladder
from models.setup.people import problems, with_deputy
from models.setup.questions import read_questions
from models.setup.yaml_nodes import Fields, Unreadable, read_yaml

_MOST_PEOPLE = 100
_MOST_DAYS = 200


def read(data: bytes, name: str) -> EngagementFile:
    """The engagement that a file describes, in normal order. Raises FileErrors with everything that is wrong."""
    problems: list[Problem] = []
    try:
        node = read_yaml(data, problems)
    except Unreadable as error:
        raise FileErrors(name, (*problems, error.problem)) from None
    if not isinstance(node, Fields):
        raise FileErrors(name, (Problem(1, "", "Write the fields of an engagement here, such as `company: …`."),))
    file = _engagement(Section(Spot(node, 1, "", problems)))
    if problems:
        raise FileErrors(name, tuple(problems))
    return in_order(file)


def _engagement(top: Section) -> EngagementFile:
    zone = top.value("zone", values.zone, "UTC", needed="The time zone of the engagement, such as Europe/Paris.")
    own_sets = read_questions(top.field("questions"))
    cadences = read_cadences(top.field("cadences"), zone, own_sets)
    file = EngagementFile(
        workspace=top.value("workspace", values.team_id, None),
        key=top.value("engagement", values.slug, "", needed="A short name, such as northwind-brightlane."),
        company=top.value("company", values.name, "", needed="The name of the in-house side."),
        vendor=top.value("vendor", values.name, "", needed="The name of the provider."),
        channel=top.value("channel", values.channel_id, "", needed="The id of the shared channel, C…."),
        inhouse_channel=top.value("inhouse_channel", values.channel_id, None),
        zone=zone,
        state=top.value("state", lambda text: values.one_of(EngagementState, text), EngagementState.ACTIVE),
        answer_minutes=top.value("answer_within", values.answer_time, DEFAULT_ANSWER_MINUTES),
        people=_people(top, zone),
        holidays=_holidays(top.section("holidays")),
        questions=_used(own_sets, cadences),
        cadences=cadences,
        ladder=read_ladder(top.field("ladder")),
    )
    if file.inhouse_channel and file.inhouse_channel == file.channel and (spot := top.field("inhouse_channel")):
        spot.wrong("It is the shared channel: what is meant for the in-house side alone would be read by the provider.")
    top.finish()
    return file


def _used(
    own_sets: dict[str, tuple[Spot, QuestionList]], cadences: tuple[CadenceEntry, ...]
) -> tuple[QuestionList, ...]:
    asked = {key for cadence in cadences for key in cadence.questions.values()}
    for key, (spot, _) in own_sets.items():
        if key not in asked:
            spot.wrong("No cadence asks these questions. Name them under a cadence's `questions`, or remove them.")
    known = dict(QUESTION_SETS) | {key: questions for key, (_, questions) in own_sets.items()}
    return tuple(known[key] for key in asked if key in known)


def _people(top: Section, zone: str) -> tuple[PersonEntry, ...]:
    people = top.section("people")
    if people is None:
        top.spot.problems.append(Problem(top.spot.line, "people", "It is missing. Who is on the roster of each side."))
        return ()
    found: list[tuple[Spot, PersonEntry]] = []
    for side in Side:
        spot = people.field(side)
        found += [(item, _person(Section(item), side, zone)) for item in spot.items(_MOST_PEOPLE)] if spot else []
    people.finish()
    return _checked_roster(people.spot, found)


def _person(fields: Section, side: Side, zone: str) -> PersonEntry:
    works_from, works_to = fields.value("hours", values.hours, (WORKS_FROM, WORKS_TO))
    person = PersonEntry(
        side=side,
        slack_id=fields.value("slack", values.user_id, "", needed="The person's Slack id, U…."),
        name=fields.value("name", values.name, "", needed="The person's name."),
        zone=fields.value("zone", values.zone, zone),
        role=fields.value("role", lambda text: values.one_of(Role, text), Role.MEMBER),
        is_deputy=fields.value("deputy", values.yes_no, False),
        team=fields.value("team", values.team_id, None),
        works_from=works_from,
        works_to=works_to,
        workdays=fields.value("workdays", values.workdays, WORKDAYS),
    )
    fields.finish()
    return person


def _checked_roster(spot: Spot, found: list[tuple[Spot, PersonEntry]]) -> tuple[PersonEntry, ...]:
    """The people, with a deputy among them; everything that is wrong with the roster is noted."""
    first: dict[str, int] = {}
    for item, person in found:
        if person.slack_id and person.slack_id in first:
            item.wrong(f"{person.slack_id} stands on line {first[person.slack_id]} already: everybody is listed once.")
        first.setdefault(person.slack_id, item.line)
    people = with_deputy([person for _, person in found])
    spots = {id(person): item for (item, _), person in zip(found, people, strict=True)}
    for problem in problems(people):
        spots.get(id(problem.person), spot).wrong(problem.text)
    return people


def _holidays(fields: Section | None) -> dict[Side, SideCalendar]:
    if fields is None:
        return {}
    found = {side: _calendar(section) for side in Side if (section := fields.section(side))}
    fields.finish()
    return found


def _calendar(fields: Section) -> SideCalendar:
    country = fields.value("country", values.name, None)
    subdivision = fields.value("subdivision", values.name, None)
    spot = fields.field("country") or fields.field("subdivision")
    try:
        if country:
            check_country(country, subdivision)
        elif subdivision and spot:
            spot.wrong("A subdivision needs its country.")
    except CountryUnknown as error:
        if spot:
            spot.wrong(str(error))
    calendar = SideCalendar(
        country=country,
        subdivision=subdivision,
        own_days=_own_days(fields.field("own_days")),
        working_on=_working_on(fields.field("working_on")),
    )
    fields.finish()
    return calendar


def _own_days(spot: Spot | None) -> tuple[tuple[date, str], ...]:
    found = {}
    for text, item in spot.named(_MOST_DAYS) if spot else ():
        try:
            found[values.day(text)] = item.read(values.name, "")
        except values.BadValue as error:
            item.wrong(str(error))
    return tuple(sorted(found.items()))


def _working_on(spot: Spot | None) -> frozenset[date]:
    return frozenset(item.read(values.day, date.min) for item in spot.items(_MOST_DAYS)) if spot else frozenset()
