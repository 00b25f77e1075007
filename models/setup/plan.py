"""What applying an engagement file would change, in plain words. Pure: compares two files in normal form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from models.access import Side
from models.cadences.defaults import QuestionList
from models.cadences.rules import CadenceKind, Question
from models.calendars.holidays import SideCalendar
from models.calendars.recurrence import BadRecurrence, parse
from models.errors import Invalid
from models.escalations.ladders import DEFAULT, Ladder, Severity
from models.setup import values
from models.setup.cadences import repeats_text
from models.setup.file import CadenceEntry, EngagementFile, PersonEntry, in_order
from models.setup.ladder import facts

Facts = Mapping[str, str]


class Deed(StrEnum):
    """What happens to a thing."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changes: what it is, and each fact before and after (None: there was or will be none)."""

    deed: Deed
    thing: str
    facts: tuple[tuple[str, str | None, str | None], ...] = ()
    summary: str = ""
    """What is added, or what follows from the removal."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a file would do."""

    key: str
    changes: tuple[Change, ...]
    unchanged: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()
    """What changes in other engagements too, a sentence each: a person has one name, one zone and one week."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.changes

    def lines(self) -> list[str]:
        """The plan to be read: `+` added, `~` changed, `-` removed, `!` other engagements, how much stays as before."""
        if self.is_empty:
            return [f"{self.key}: nothing to change."]
        lines = [f"{self.key}:"]
        for change in self.changes:
            sign = {Deed.ADDED: "+", Deed.CHANGED: "~", Deed.REMOVED: "-"}[change.deed]
            lines.append(f"  {sign} {change.thing}{': ' if change.summary else ''}{change.summary}")
            lines += [f"      {name}: {before or 'none'} → {after or 'none'}" for name, before, after in change.facts]
        lines += [f"  ! {sentence}" for sentence in self.elsewhere]
        count = len(self.unchanged)
        return [*lines, f"  = {count} {'thing stays' if count == 1 else 'things stay'} as before"] if count else lines


def settled(file: EngagementFile, before: EngagementFile | None, workspace_id: str, today: date) -> EngagementFile:
    """The file with everything filled in that it leaves as it is: first days, home workspaces, the workspace.

    Raises Invalid where that does not go together with what is stored.
    """
    known = {person.slack_id: person for person in before.people} if before else {}
    running = {cadence.key: cadence for cadence in before.cadences} if before else {}
    problems: dict[str, str] = {}
    cadences = []
    for cadence in file.cadences:
        try:
            cadences.append(_settled(cadence, running.get(cadence.key), today))
        except ValueError as error:
            problems[f"cadences.{cadence.key}"] = f"cadences.{cadence.key}: {error}"
    if problems:
        raise Invalid(problems)
    return in_order(
        replace(
            file,
            workspace=workspace_id,
            people=tuple(
                replace(person, team=person.team or (known[person.slack_id].team if person.slack_id in known else None))
                for person in file.people
            ),
            cadences=tuple(cadences),
        )
    )


def compare(before: EngagementFile | None, after: EngagementFile) -> Plan:
    """The plan that leads from one settled file to another."""
    old = dict(_things(before)) if before else {}
    new = dict(_things(after))
    for severity in Severity if before else ():
        name = _ladder_name(severity)
        if name in new and name not in old:
            old[name] = _severity(DEFAULT, severity)  # what held until now
    same = tuple(name for name, thing in new.items() if name in old and old[name].value == thing.value)
    changes = [_change(old.get(name), thing) for name, thing in new.items() if name not in same]
    changes += [Change(Deed.REMOVED, thing.label, (), thing.gone) for name, thing in old.items() if name not in new]
    return Plan(after.key, tuple(changes), tuple(new[name].label for name in same))


@dataclass(frozen=True, slots=True)
class _Thing:
    label: str
    value: object
    """What is compared."""
    facts: Facts
    """What is shown."""
    gone: str = ""
    """What follows when it is removed."""
    short: str = ""
    """All of it in one line, where that is less than its facts."""


def _settled(cadence: CadenceEntry, running: CadenceEntry | None, today: date) -> CadenceEntry:
    starts_on = cadence.starts_on or (running.starts_on if running and running.starts_on else today)
    if cadence.ends_on and cadence.ends_on < starts_on:
        raise BadRecurrence(f"It ends on {cadence.ends_on}, before it starts on {starts_on}.")
    return replace(cadence, starts_on=starts_on, repeats=parse(cadence.repeats, starts_on).rule)


def _change(old: _Thing | None, new: _Thing) -> Change:
    if old is None:
        return Change(
            Deed.ADDED, new.label, (), new.short or "; ".join(f"{name} {new.facts[name]}" for name in new.facts)
        )
    facts = tuple(
        (fact, old.facts.get(fact), new.facts.get(fact))
        for fact in dict.fromkeys((*old.facts, *new.facts))
        if old.facts.get(fact) != new.facts.get(fact)
    )
    return Change(Deed.CHANGED, old.label, facts)


def _things(file: EngagementFile) -> Iterator[tuple[str, _Thing]]:
    """Everything in a file, each by a name that stays the same."""
    own = _facts(
        company=file.company,
        provider=file.vendor,
        channel=file.channel,
        in_house_channel=file.inhouse_channel,
        zone=file.zone,
        state=file.state.value,
        answer_within=values.span_text(file.answer_minutes),
    )
    yield "engagement", _Thing("engagement", own, own)
    for person in file.people:
        yield f"person {person.slack_id}", _person(person)
    for side, calendar in file.holidays.items():
        label = f"holidays, {_side(side)}"
        yield label, _Thing(label, calendar, _calendar(calendar), "none are observed any more")
    for questions in file.questions:
        yield f"questions {questions.key}", _questions(questions)
    for cadence in file.cadences:
        label = f"cadence {cadence.key}"
        gone = "nothing more is asked or posted; what was said stays"
        yield label, _Thing(label, cadence, _cadence(cadence), gone)
    for severity in Severity:
        if file.ladder.climb(severity) != DEFAULT.climb(severity):
            yield _ladder_name(severity), _severity(file.ladder, severity)


def _ladder_name(severity: Severity) -> str:
    return f"ladder {severity.value}"


def _severity(ladder: Ladder, severity: Severity) -> _Thing:
    climb = ladder.climb(severity)
    return _Thing(_ladder_name(severity), climb, facts(climb), "the default levels hold again")


def _person(person: PersonEntry) -> _Thing:
    facts = _facts(
        name=person.name,
        side=_side(person.side),
        role=person.role.value,
        deputy="yes" if person.is_deputy else None,
        zone=person.zone,
        hours=values.hours_text(person.works_from, person.works_to),
        workdays=values.workdays_text(person.workdays),
        home_workspace=person.team,
    )
    gone = "leaves the roster and is not asked any more; what was said stays"
    short = ", ".join(value for name, value in facts.items() if name != "name")
    return _Thing(f"{person.name} ({person.slack_id})", person, facts, gone, short)


def _calendar(calendar: SideCalendar) -> Facts:
    own = {f"own day {day}": name for day, name in calendar.own_days}
    worked = {f"worked on {day}": "yes" for day in sorted(calendar.working_on)}
    return _facts(country=calendar.country, subdivision=calendar.subdivision) | own | worked


def _questions(questions: QuestionList) -> _Thing:
    order = ", ".join(question.id for question in questions.questions)
    facts = {"title": questions.title, "order": order}
    facts |= {f"“{question.id}”": _question(question) for question in questions.questions}
    gone = "not asked any more; what was answered stays"
    return _Thing(f"questions {questions.key}", questions, facts, gone, f"{questions.title}: {order}")


def _question(question: Question) -> str:
    parts = [f"{question.text} ({question.type.value}{', required' if question.required else ''})"]
    parts += [f"hint: {question.hint}"] if question.hint else []
    parts += [f"options: {', '.join(question.options)}"] if question.options else []
    parts += [f"only if {question.only_if[0]} is {question.only_if[1]}"] if question.only_if else []
    return "; ".join(parts)


def _cadence(cadence: CadenceEntry) -> Facts:
    asks = cadence.kind is not CadenceKind.SUMMARY
    return _facts(
        kind=cadence.kind.value,
        title=cadence.title,
        repeats=repeats_text(cadence),
        at=f"{cadence.at:%H:%M}",
        zone=cadence.zone or values.OWN_ZONE,
        window=values.span_text(cadence.window_minutes) if asks else None,
        reminder=values.span_text(cadence.reminder_minutes) if asks else None,
        questions_in_house=cadence.questions.get(Side.INHOUSE),
        questions_provider=cadence.questions.get(Side.VENDOR),
        missed_before_escalation=str(cadence.escalate_after or "any number") if asks else None,
        starts_on=str(cadence.starts_on) if cadence.starts_on else None,
        ends_on=str(cadence.ends_on) if cadence.ends_on else None,
    )


def _facts(**named: str | None) -> dict[str, str]:
    return {name.replace("in_house", "in-house").replace("_", " "): value for name, value in named.items() if value}


def _side(side: Side) -> str:
    return "in-house" if side is Side.INHOUSE else "provider"
