"""Whose turn it is with a question: one pure fold over what happened to it.

A question waits for the side that was asked. A reply of that side ends the turn, a further word of the asker begins the
next one, thanks do neither. Whatever is edited, deleted or heard late, the fold is made anew from what stands.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from models.access import Side
from models.asks.courtesy import is_courtesy, is_thanks
from models.calendars.working_time import WorkingHours, add_working_time

SETTLED_AFTER_DAYS = 5
"""Working days of the asker without a word after which a reply is taken to have been enough."""

GRACE = timedelta(minutes=1)
"""A reply that comes right on time is in time: we look a moment later."""

CLIMBS_AFTER = timedelta(hours=4)
"""Working time of the side that was asked, from its nudge on, after which its silence is escalated."""

PUNCTUAL = timedelta(minutes=15)
"""A nudge that comes later than this after its time waits for the working hours of the person it goes to."""


class AskState(StrEnum):
    """waiting ⇄ replied → answered; waiting, replied → withdrawn; answered, withdrawn → waiting when asked again."""

    WAITING = "waiting"
    REPLIED = "replied"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


OPEN = (AskState.WAITING, AskState.REPLIED)
"""States in which somebody still has a turn."""


class AskEvent(StrEnum):
    """What happened to a question. The first three, and thanks, are messages; the others were pressed or said."""

    ASKED = "asked"
    REPLIED = "replied"
    FOLLOWED_UP = "followed_up"
    """The asker wrote again: after a reply the next turn begins with it."""
    THANKED = "thanked"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    SETTLED = "settled"
    """Nobody asked again for days after the reply."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, at an instant (UTC)."""

    id: UUID
    event: AskEvent
    at: datetime
    until: datetime | None = None
    """By when the next word is expected, in the working time of who must give it: fixed when it happened."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the side that was asked."""

    begun_by: UUID
    """The happening that began it."""
    started_at: datetime
    until: datetime
    ended_at: datetime | None = None
    """When that side replied, or the asker said that it is answered; none while it waits."""
    is_void: bool = False
    """Withdrawn before an answer: it is measured nowhere."""

    def is_met(self, now: datetime) -> bool | None:
        """Ended by its time (equality counts); an open one past it is a breach now. None: still undecided, or void."""
        if self.is_void or (self.ended_at is None and now <= self.until):
            return None
        return self.ended_at is not None and self.ended_at <= self.until


@dataclass(frozen=True, slots=True)
class Course:
    """What all that happened comes to."""

    state: AskState
    since: datetime
    """When this state began."""
    begun_by: UUID
    """The happening with which it began."""
    until: datetime | None
    """When the next word is due; none once it is closed."""
    turns: tuple[Turn, ...]


def course(happenings: Iterable[Happening]) -> Course:
    """The course of a question. The first happening is that it was asked; ValueError if there is none."""
    ordered = sorted(happenings, key=lambda item: (item.event is not AskEvent.ASKED, item.at, item.id))
    if not ordered or ordered[0].event is not AskEvent.ASKED:
        raise ValueError("A question begins with being asked.")
    first, *rest = ordered
    state, turns, began = AskState.WAITING, [_turn(first)], first
    for item in rest:
        following = _NEXT.get((state, item.event))
        if following is None:
            continue
        if state is AskState.WAITING:
            is_void = following is AskState.WITHDRAWN
            turns[-1] = _ended(turns[-1], item.at, is_void=is_void)
        if following is AskState.WAITING:
            turns.append(_turn(item))
        state, began = following, item
    return Course(state, began.at, began.id, began.until if state in OPEN else None, tuple(turns))


def heard_as(text: str, *, by_asker: bool) -> AskEvent:
    """What a message in a question's thread is: of the asker, or of a person of the side that was asked.

    "OK" or a thumb is an answer from who was asked, and a courtesy from who asked. Thanks are neither.
    """
    if by_asker:
        return AskEvent.THANKED if is_courtesy(text) else AskEvent.FOLLOWED_UP
    return AskEvent.THANKED if is_thanks(text) else AskEvent.REPLIED


def next_due(now_is: Course, nudged_for: UUID | None, climbs_at: datetime | None) -> datetime | None:
    """When to look at a question again: its time runs out, the nudge was in vain, or a reply has stood long enough.

    The first two happen once a turn; `climbs_at` is none once the second has.
    """
    if now_is.state is AskState.WAITING and nudged_for == now_is.begun_by:
        return climbs_at
    return now_is.until + GRACE if now_is.until else None


def climbs_at(watched_from: datetime, hours: WorkingHours) -> datetime:
    """When silence is escalated, in the hours of the side that was asked."""
    return add_working_time(hours, watched_from, CLIMBS_AFTER)


def turn_of(state: AskState, asked: Side) -> Side | None:
    """Whose turn it is; nobody's once it is closed."""
    match state:
        case AskState.WAITING:
            return asked
        case AskState.REPLIED:
            return asked.other
        case AskState.ANSWERED | AskState.WITHDRAWN:
            return None


_NEXT = {
    (AskState.WAITING, AskEvent.REPLIED): AskState.REPLIED,
    (AskState.WAITING, AskEvent.ANSWERED): AskState.ANSWERED,
    (AskState.WAITING, AskEvent.WITHDRAWN): AskState.WITHDRAWN,
    (AskState.REPLIED, AskEvent.FOLLOWED_UP): AskState.WAITING,
    (AskState.REPLIED, AskEvent.REOPENED): AskState.WAITING,
    (AskState.REPLIED, AskEvent.ANSWERED): AskState.ANSWERED,
    (AskState.REPLIED, AskEvent.SETTLED): AskState.ANSWERED,
    (AskState.REPLIED, AskEvent.WITHDRAWN): AskState.WITHDRAWN,
    (AskState.ANSWERED, AskEvent.REOPENED): AskState.WAITING,
    (AskState.WITHDRAWN, AskEvent.REOPENED): AskState.WAITING,
}
"""State and event to the next state; what is not listed changes nothing."""


def _turn(item: Happening) -> Turn:
    return Turn(item.id, item.at, item.until or item.at)


def _ended(turn: Turn, at: datetime, *, is_void: bool) -> Turn:
    return Turn(turn.begun_by, turn.started_at, turn.until, None if is_void else at, is_void)
