"""The ladder of an engagement: by severity, who is told at which level, after what wait, in whose working time. Pure.

Default: levels at 0 / 1 / 2 / 4 working hours for S1, 0 / 4 / 8 / 16 working hours for S2, 0 / 1 / 3 / 5 working days
for S3; S4 waits for the weekly summary.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from models.access import Role, Side
from models.calendars.working_time import ALWAYS, WorkingHours, add_working_days, add_working_time


class Severity(StrEnum):
    """How bad it is. S1: work has stopped. S4: a nuisance."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"

    def is_worse_than(self, other: "Severity") -> bool:
        """Whether this is the more severe one."""
        return self.value < other.value


class WaitsIn(StrEnum):
    """In whose working time a ladder waits."""

    MUST_ACT = "must_act"
    INHOUSE = "inhouse"
    VENDOR = "vendor"


CONCERNED = "concerned"
"""In a list of who is told: whoever must act on their side, or who raised it on the other."""
ROLES = frozenset({CONCERNED, Role.OWNER.value, Role.LEAD.value, Role.MEMBER.value, Role.EXECUTIVE.value})
"""Words in a list of who is told; anything else there is a Slack user id."""
MOST_LEVELS = 6
LONGEST_SNOOZE = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Wait:
    """A length of working time: minutes, or working days of whoever it waits for. Around the clock a day has 24 h."""

    minutes: int = 0
    days: int = 0

    def after(self, moment: datetime, hours: WorkingHours, share: float = 1.0) -> datetime:
        """The instant at which this wait (or a share of it), begun at `moment`, is over."""
        if self.days:
            return add_working_days(hours, moment, self.days * share)
        return add_working_time(hours, moment, timedelta(minutes=self.minutes) * share)


@dataclass(frozen=True, slots=True)
class Level:
    """One step: who is told on each side (role words or Slack user ids), and how long they have before the next."""

    wait: Wait
    told: Mapping[Side, tuple[str, ...]]
    channel: str | None = None
    """A channel to be told as well, by Slack id."""


@dataclass(frozen=True, slots=True)
class Climb:
    """The levels of one severity."""

    levels: tuple[Level, ...]
    update: Wait
    """How often whoever owns it must say where it stands."""
    around_the_clock: bool = False
    """Waits run day and night, on weekends and holidays: only where both sides have agreed."""
    waits_in: WaitsIn = WaitsIn.MUST_ACT

    def side(self, against: Side) -> Side:
        """In whose working time it waits, when raised against that side."""
        return against if self.waits_in is WaitsIn.MUST_ACT else Side(self.waits_in.value)

    def hours(self, of: Mapping[Side, WorkingHours], against: Side) -> WorkingHours:
        """The clock its waits run on."""
        return ALWAYS if self.around_the_clock else of[self.side(against)]


@dataclass(frozen=True, slots=True)
class Ladder:
    """All severities."""

    climbs: Mapping[Severity, Climb] = field(default_factory=dict)

    def climb(self, severity: Severity) -> Climb:
        """The levels of a severity."""
        return self.climbs[severity]

    def channels(self) -> frozenset[str]:
        """Every channel that is named."""
        return frozenset(level.channel for climb in self.climbs.values() for level in climb.levels if level.channel)

    def with_channel(self, old_id: str, new_id: str) -> "Ladder":
        """The same, with another id for one of its channels."""
        climbs = {
            severity: replace(
                climb,
                levels=tuple(
                    replace(level, channel=new_id) if level.channel == old_id else level for level in climb.levels
                ),
            )
            for severity, climb in self.climbs.items()
        }
        return Ladder(climbs)


def ladder_to(ladder: Ladder) -> dict[str, Any]:
    """The JSON of a ladder."""
    return {severity.value: _climb_to(ladder.climbs[severity]) for severity in Severity}


def ladder_from(data: Mapping[str, Any]) -> Ladder:
    """A ladder as stored."""
    return Ladder({severity: _climb_from(data[severity.value]) for severity in Severity})


def _climb_to(climb: Climb) -> dict[str, Any]:
    return {
        "levels": [
            {
                "wait": _wait_to(level.wait),
                "told": {side.value: list(level.told.get(side, ())) for side in Side},
                "channel": level.channel,
            }
            for level in climb.levels
        ],
        "update": _wait_to(climb.update),
        "around_the_clock": climb.around_the_clock,
        "waits_in": climb.waits_in.value,
    }


def _climb_from(data: Mapping[str, Any]) -> Climb:
    return Climb(
        levels=tuple(
            Level(
                wait=_wait_from(item["wait"]),
                told={side: tuple(item["told"][side.value]) for side in Side},
                channel=item["channel"],
            )
            for item in data["levels"]
        ),
        update=_wait_from(data["update"]),
        around_the_clock=bool(data["around_the_clock"]),
        waits_in=WaitsIn(data["waits_in"]),
    )


def _wait_to(wait: Wait) -> list[int]:
    return [wait.minutes, wait.days]


def _wait_from(data: Iterable[int]) -> Wait:
    minutes, days = data
    return Wait(minutes, days)


def _hours(count: int) -> Wait:
    return Wait(minutes=60 * count)


_STEPS: tuple[Mapping[Side, tuple[str, ...]], ...] = (
    {Side.INHOUSE: (CONCERNED,), Side.VENDOR: (CONCERNED,)},
    {Side.INHOUSE: ("owner",), Side.VENDOR: ("lead",)},
    {Side.INHOUSE: ("owner", "lead"), Side.VENDOR: ("lead", "executive")},
    {Side.INHOUSE: ("owner", "executive"), Side.VENDOR: ("lead", "executive")},
)


def _climb(waits: tuple[Wait, ...], update: Wait) -> Climb:
    return Climb(tuple(Level(wait, told) for wait, told in zip(waits, _STEPS, strict=False)), update)


DEFAULT = Ladder(
    {
        Severity.S1: _climb((_hours(1), _hours(1), _hours(2), _hours(2)), _hours(1)),
        Severity.S2: _climb((_hours(4), _hours(4), _hours(8), _hours(8)), _hours(4)),
        Severity.S3: _climb((Wait(days=1), Wait(days=2), Wait(days=2), Wait(days=2)), Wait(days=1)),
        Severity.S4: Climb((), Wait(days=5)),
    }
)
"""What an engagement has until it says otherwise: doers, then owner and lead, then the heads, then the sponsors."""
