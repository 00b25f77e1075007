"""What a seed stands for: which weeks, who is there, how they are, and how often things go wrong.

Everything is drawn from one `random.Random(seed)`, in one order: the same seed is the same story.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

PERIODS: Sequence[date] = (
    date(2026, 10, 12),  # Europe leaves summer time on 25 October; Dussehra, All Saints'
    date(2026, 10, 19),  # and Armistice Day, Diwali
    date(2027, 3, 15),  # Holi, Good Friday, Easter Monday, summer time on the 28th
    date(2027, 3, 22),
    date(2026, 12, 7),  # Christmas; the year ends
    date(2027, 1, 11),  # Pongal, Republic Day
)
"""Mondays on which the four weeks begin."""
_QUIET = 0.1
BUSTLE: Sequence[float] = (*15 * (_QUIET,), 1.0)
"""How much goes on beside the answering, of all that people think of: most companies are quiet."""
SELDOM: Sequence[tuple[str, tuple[int, ...]]] = (
    ("Mondays", (0,)),
    ("Wednesdays", (2,)),
    ("Fridays", (4,)),
    ("Sundays", (6,)),
)
"""When the quiet ones are asked. Sundays are the days on which clocks change."""
RHYTHMS: Sequence[tuple[str, tuple[int, ...]]] = (
    ("weekdays", (0, 1, 2, 3, 4)),
    ("mon,wed,fri", (0, 2, 4)),
    ("tue,thu", (1, 3)),
    ("mon,thu,sun", (0, 3, 6)),
)
"""When the others are."""
HOURS: Sequence[time] = (time(9, 30), time(9, 30), time(9, 30), time(2, 30))
"""When everybody is asked, by their own clock. Half past two does not exist, or exists twice, when clocks change."""


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody on the roster, and how they are: how likely each way of theirs is, of one."""

    name: str
    side: str
    zone: str
    role: str
    is_external: bool
    """From another workspace: no commands, no Home tab."""
    answers: float
    in_form: float
    is_sloppy: float
    """Edits, deletes, presses twice, presses old buttons."""

    @property
    def slack(self) -> str:
        """Their Slack user id."""
        return f"U0{self.name.upper()}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One seed."""

    seed: int
    weeks: int
    first: date
    bustle: float
    repeats: str
    weekdays: tuple[int, ...]
    at: time
    cast: tuple[Character, ...]
    trouble: float
    """How likely a day is to have a fault of Slack's or of the network."""
    has_neighbour: bool
    """Another workspace's engagement lies in the same database."""
    only_writes: frozenset[str]
    """Slack user ids of those for whom buttons do not work."""
    unreachable: frozenset[str]
    """Slack user ids of those who take no direct messages."""

    @property
    def by_http(self) -> bool:
        """How Slack delivers. Where things break, by HTTP: a request that fails says so at once.

        On a socket Slack waits three seconds of the real time before it brings an event again.
        """
        return self.trouble > 0

    @property
    def start(self) -> datetime:
        """The first moment, UTC."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def end(self) -> datetime:
        """The last one."""
        return self.start + timedelta(weeks=self.weeks)

    def person(self, slack: str) -> Character | None:
        """Somebody on the roster by Slack user id."""
        return next((one for one in self.cast if one.slack == slack), None)


def plan_of(seed: int, weeks: int = 4) -> Plan:
    """What this seed stands for."""
    rng = Random(seed)
    bustle = rng.choice(BUSTLE)
    repeats, weekdays = rng.choice(SELDOM if bustle == _QUIET else RHYTHMS)
    cast = _cast(rng)
    external = [one.slack for one in cast if one.is_external]
    return Plan(
        seed=seed,
        weeks=weeks,
        first=rng.choice(PERIODS),
        bustle=bustle,
        repeats=repeats,
        weekdays=weekdays,
        at=rng.choice(HOURS),
        cast=cast,
        trouble=rng.choice((0.0, 0.3, 0.8)),
        has_neighbour=rng.random() < 0.15,
        only_writes=frozenset(one for one in external if rng.random() < 0.2),
        unreachable=frozenset(one for one in external if rng.random() < 0.2),
    )


def _cast(rng: Random) -> tuple[Character, ...]:
    """One or two on each side; an owner in-house, a lead at the provider."""
    everybody = [
        ("ines", "inhouse", "Europe/Paris", "owner", False),
        ("vera", "vendor", "Asia/Kolkata", "lead", True),
    ]
    if rng.random() < 0.3:
        everybody.append(("olaf", "inhouse", "Europe/Stockholm", "lead", False))
    if rng.random() < 0.3:
        everybody.append(
            rng.choice(
                [
                    ("vikram", "vendor", "Asia/Kolkata", "member", True),
                    ("tomas", "vendor", "America/Sao_Paulo", "member", False),
                ]
            )
        )
    return tuple(
        Character(*one, answers=rng.uniform(0.5, 0.95), in_form=rng.random(), is_sloppy=rng.uniform(0, 0.4))
        for one in everybody
    )


_NAMES = {
    "ines": "Ines Moreau",
    "olaf": "Olaf Lindqvist",
    "vera": "Vera Iyer",
    "vikram": "Vikram Rao",
    "tomas": "Tomas Silva",
}


NEIGHBOUR = """
workspace: T0NEIGHBOUR
engagement: cloud-nine
company: Cloud Nine Bakery
vendor: Cloud Nine Hosting
channel: C0SHARED
zone: Europe/Paris
people:
  inhouse: [{name: Cloud Nine Ines, slack: U0INES, role: owner}, {name: Cloud Nine Ada, slack: U0ADA, role: observer}]
  vendor: [{name: Cloud Nine Vera, slack: U0VERA, role: lead}]
cadences:
  daily: {title: Cloud Nine stand-up, repeats: weekdays, at: "09:30", zone: Europe/Paris, window: 4h}
"""
"""Another tenant, with the same Slack ids. Its every text names it."""


def engagement_file(plan: Plan) -> str:
    """The engagement of a plan."""
    people = {
        side: "\n".join(
            f"    - {{name: {_NAMES[one.name]}, slack: {one.slack}, role: {one.role}, zone: {one.zone}"
            + (", team: T0BRIGHTLANE}" if one.is_external else "}")
            for one in plan.cast
            if one.side == side
        )
        for side in ("inhouse", "vendor")
    }
    return f"""
workspace: T0NORTHWIND
engagement: northwind-brightlane
company: Northwind Retail
vendor: Brightlane Systems
channel: C0SHARED
inhouse_channel: C0INHOUSE
zone: Europe/Paris
people:
  inhouse:
{people["inhouse"]}
    - {{name: Ada Novak, slack: U0ADA, role: observer, zone: Europe/Prague}}
  vendor:
{people["vendor"]}
holidays:
  inhouse: {{country: FR}}
  vendor: {{country: IN, subdivision: KA}}
cadences:
  daily:
    title: Stand-up
    repeats: "{plan.repeats}"
    at: "{plan.at:%H:%M}"
    zone: each person's own
    window: 4h
    reminder: 1h
  summary:
    title: Weekly summary
    repeats: Fridays
    at: "16:30"
"""
