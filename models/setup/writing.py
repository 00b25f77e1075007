"""Writes an engagement file: short, in reading order, without what goes without saying. `reading` reads it."""

from dataclasses import replace
from typing import Any

import yaml

from models.access import Role, Side
from models.cadences.defaults import QUESTION_SETS, QuestionList, default_key, default_reminder
from models.cadences.rules import CadenceKind, Question
from models.calendars.holidays import SideCalendar
from models.engagements.rules import DEFAULT_ANSWER_MINUTES, EngagementState
from models.setup import values
from models.setup.cadences import default_entry, repeats_text
from models.setup.file import (
    WORKDAYS,
    WORKS_FROM,
    WORKS_TO,
    CadenceEntry,
    EngagementFile,
    PersonEntry,
    in_order,
)
from models.setup.ladder import ladder_fields
from models.setup.people import with_deputy


class _OneLine(dict[str, Any]):
    """A mapping written in braces on one line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    # The reader takes values as they are written, so only what would be read as nothing needs quotes.
    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in known if tag == "tag:yaml.org,2002:null"]
        for first, known in yaml.SafeDumper.yaml_implicit_resolvers.items()
    }


_Dumper.add_representer(
    _OneLine, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True)
)


def write(file: EngagementFile) -> str:
    """The file as YAML text."""
    file = in_order(file)
    deputies = _named_deputies(file)
    parts: list[dict[str, Any]] = [
        _without_nothing(
            workspace=file.workspace,
            engagement=file.key,
            company=file.company,
            vendor=file.vendor,
            channel=file.channel,
            inhouse_channel=file.inhouse_channel,
            zone=file.zone,
            state=None if file.state is EngagementState.ACTIVE else file.state.value,
            answer_within=None
            if file.answer_minutes == DEFAULT_ANSWER_MINUTES
            else values.span_text(file.answer_minutes),
        ),
        {
            "people": {
                side.value: [_person(file, person, deputies) for person in file.people if person.side is side]
                for side in Side
            }
        },
        {"holidays": {side.value: _calendar(calendar) for side, calendar in file.holidays.items()}},
        {"cadences": {cadence.key: _cadence(file, cadence) for cadence in file.cadences}},
        {"ladder": _ladder(file)},
        {"questions": {own.key: _questions(own) for own in file.questions if QUESTION_SETS.get(own.key) != own}},
    ]
    texts = [
        yaml.dump(part, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
        for part in parts
        if any(part.values()) or "cadences" in part
    ]
    return "\n".join(texts)


def _without_nothing(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _named_deputies(file: EngagementFile) -> tuple[PersonEntry, ...]:
    """The deputies, unless they are the one that a file gets which names none."""
    unnamed = [replace(person, is_deputy=False) for person in file.people]
    return () if with_deputy(unnamed) == file.people else tuple(person for person in file.people if person.is_deputy)


def _person(file: EngagementFile, person: PersonEntry, deputies: tuple[PersonEntry, ...]) -> dict[str, Any]:
    hours = (person.works_from, person.works_to)
    return _OneLine(
        _without_nothing(
            name=person.name,
            slack=person.slack_id,
            role=None if person.role is Role.MEMBER else person.role.value,
            deputy="yes" if person in deputies else None,
            zone=None if person.zone == file.zone else person.zone,
            hours=None if hours == (WORKS_FROM, WORKS_TO) else values.hours_text(*hours),
            workdays=None if person.workdays == WORKDAYS else values.workdays_text(person.workdays),
            team=person.team,
        )
    )


def _calendar(calendar: SideCalendar) -> dict[str, Any]:
    return _without_nothing(
        country=calendar.country,
        subdivision=calendar.subdivision,
        own_days={day.isoformat(): name for day, name in calendar.own_days} or None,
        working_on=[day.isoformat() for day in sorted(calendar.working_on)] or None,
    )


def _cadence(file: EngagementFile, cadence: CadenceEntry) -> dict[str, Any]:
    default = default_entry(cadence.kind, file.zone, cadence.key)
    zone = None if cadence.zone == default.zone else (cadence.zone or values.OWN_ZONE)
    reminder = cadence.reminder_minutes
    return _without_nothing(
        kind=None if cadence.key == cadence.kind else cadence.kind.value,
        title=None if cadence.title == default.title else cadence.title,
        repeats=repeats_text(cadence),
        at=f"{cadence.at:%H:%M}",
        zone=zone,
        window=None if cadence.window_minutes == default.window_minutes else values.span_text(cadence.window_minutes),
        reminder=None if reminder == default_reminder(cadence.window_minutes) else values.span_text(reminder),
        escalate_after=None
        if cadence.escalate_after == default.escalate_after
        else str(cadence.escalate_after or "none"),
        questions=_chosen(cadence) or None,
        starts_on=cadence.starts_on.isoformat() if cadence.starts_on else None,
        ends_on=cadence.ends_on.isoformat() if cadence.ends_on else None,
    )


def _ladder(file: EngagementFile) -> dict[str, Any]:
    found = ladder_fields(file.ladder)
    for climb in found.values():
        climb |= {"levels": [_OneLine(level) for level in climb["levels"]]} if "levels" in climb else {}
    return found


def _chosen(cadence: CadenceEntry) -> dict[str, Any]:
    """The question sets that are not the ones of the kind."""
    if cadence.kind is CadenceKind.SUMMARY:
        return {}
    return _OneLine(
        {side.value: key for side, key in cadence.questions.items() if key != default_key(cadence.kind, side)}
    )


def _questions(questions: QuestionList) -> dict[str, Any]:
    return {"title": questions.title, "ask": [_question(question) for question in questions.questions]}


def _question(question: Question) -> dict[str, Any]:
    return _without_nothing(
        id=question.id,
        type=question.type.value,
        text=question.text,
        hint=question.hint or None,
        required="yes" if question.required else None,
        options=list(question.options) or None,
        only_if=_OneLine([question.only_if]) if question.only_if else None,
    )
