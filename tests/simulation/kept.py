"""The invariants of what is stored, held against what people did: I1, I3, I4, I6, I7, I9, I10. Plain SQL throughout."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.seed import HOME
from tests.simulation.books import moment, stored
from tests.simulation.evidence import Evidence, Step
from tests.simulation.history import tokens

_SLACK_OF_DAYS = timedelta(hours=2)
"""So far a check-in may be from the hour that the plan gives it: clocks change."""
_EDGES = frozenset(
    {
        *(("open", after) for after in ("acknowledged", "snoozed", "exhausted", "resolved")),
        *(("acknowledged", after) for after in ("open", "exhausted", "snoozed", "resolved")),
        *(("snoozed", after) for after in ("open", "acknowledged", "resolved")),
        *(("exhausted", after) for after in ("acknowledged", "snoozed", "open", "resolved")),
        ("resolved", "open"),
    }
)
"""How the state of an escalation may change."""
_CLOSED_BY_ITS_OWN_SIDE = """
    SELECT number, cause FROM escalation JOIN participant ON participant.id = resolved_by_id
    WHERE escalation.id = ? AND participant.side = against AND escalation.state = 'resolved' AND CASE cause
        WHEN 'blocker' THEN EXISTS (SELECT 1 FROM blocker WHERE blocker.id = subject_id AND state <> 'resolved')
        WHEN 'commitment' THEN EXISTS (SELECT 1 FROM commitment WHERE commitment.id = subject_id AND state = 'open'
                                       AND word_on IS NULL)
        WHEN 'question' THEN EXISTS (SELECT 1 FROM ask WHERE ask.id = subject_id AND state = 'waiting')
        WHEN 'missed' THEN NOT EXISTS (SELECT 1 FROM response WHERE given_at >= raised_at)
        ELSE 1 END
"""
"""The side that must act closes one only by what ends its cause: an answer, a word on a promise, a blocker freed."""
_LOGGED = (
    ("checkin.opened", "SELECT count(*) FROM check_in WHERE opened_at IS NOT NULL"),
    ("checkin.closed", "SELECT count(*) FROM check_in WHERE closed_at IS NOT NULL"),
    ("checkin.skipped", "SELECT count(*) FROM check_in WHERE state = 'skipped'"),
    ("checkin.answered", "SELECT count(*) FROM response"),
    ("blocker.raised", "SELECT count(*) FROM blocker"),
    ("commitment.made", "SELECT count(*) FROM commitment"),
    ("escalation.raised", "SELECT count(*) FROM escalation"),
    ("ask.asked", "SELECT count(*) FROM ask"),
    ("summary.published", "SELECT count(*) FROM weekly_summary WHERE published_at IS NOT NULL"),
)
"""As many entries in the log as there are rows in that state."""
_DUE = ("cadence", "check_in", "prompt", "blocker", "commitment", "escalation", "ask", "weekly_summary")
_CAP = 2
"""Messages that call on one person in one check-in: the question and one reminder."""
_PATIENCE = timedelta(minutes=30)
"""Longer than any wait of the delivery."""


class Occurrences:
    """I1: each scheduled local date has one check-in, and no other date has any."""

    name = "I1"

    def __init__(self, evidence: Evidence) -> None:
        self._plan = evidence.plan
        self._books = evidence.books
        days = (self._plan.first + timedelta(days=number) for number in range(self._plan.weeks * 7 + 1))
        weekdays = self._plan.weekdays
        self._scheduled = [day for day in days if day.weekday() in weekdays and self._opening(day) >= self._plan.start]

    def look(self, step: Step) -> Iterator[str]:
        sql = "SELECT local_date, state, opens_at FROM check_in WHERE workspace_id = ?"
        rows = [(date.fromisoformat(day), state, opens) for day, state, opens in self._books.rows(sql, HOME)]
        found = Counter(day for day, _, _ in rows)
        yield from (f"{times} check-ins on {day}" for day, times in found.items() if times > 1)
        yield from (f"a check-in on {day}, a day off" for day in found if day.weekday() not in self._plan.weekdays)
        ahead = sorted(day for day in found if self._opening(day) > step.now + _SLACK_OF_DAYS)
        yield from (f"a check-in on {day} is laid down too early" for day in ahead[1:])
        over = (day for day in self._scheduled if self._opening(day) < step.now - _SLACK_OF_DAYS)
        yield from (f"no check-in on {day}" for day in over if not found[day])
        for day, state, opens_at in rows:
            if state == "scheduled" and (moment(opens_at) or step.now) < step.now - _SLACK_OF_DAYS:
                yield f"the check-in of {day} was never opened"

    def _opening(self, day: date) -> datetime:
        """When the first person is asked, about."""
        return min(datetime.combine(day, self._plan.at, ZoneInfo(one.zone)) for one in self._plan.cast)


class Answers:
    """I3: who was told that an answer is stored finds it stored: all of it, nothing taken back, and in the figures."""

    name = "I3"

    def __init__(self, evidence: Evidence) -> None:
        self._books = evidence.books
        self._ledger = evidence.ledger
        self._stored: dict[tuple[str, date], tuple[frozenset[str], bool]] = {}
        self._counted: set[str] = set()

    def look(self, step: Step) -> Iterator[str]:
        self._read()
        for key, standing in self._ledger.answers.items():
            found, is_withdrawn = self._stored.get(key, (frozenset(), True))
            who = f"{key[0]} on {key[1]}"
            if missing := standing.marks - found:
                yield f"the answer of {who} lacks {sorted(missing)}"
            if too_many := found & standing.gone:
                yield f"the answer of {who} still says {sorted(too_many)}"
            if standing.marks and is_withdrawn:
                yield f"the answer of {who} counts as withdrawn"
        yield from self._figures(step.now)

    def _read(self) -> None:
        new = self._books.new("response", "id, prompt_id, is_withdrawn, answers")
        people = self._books.people() if new else {}
        for row_id, prompt_id, is_withdrawn, sealed in new:
            participant, _, day = self._prompt(prompt_id)
            said = json.loads(self._books.unsealed("response", "answers", row_id, sealed))["said"]
            self._stored[people[participant], day] = tokens(json.dumps(said)), bool(is_withdrawn)

    def _figures(self, now: datetime) -> Iterator[str]:
        """A summary that has just been published counts the answers that people were told are stored."""
        sql = "SELECT id, facts FROM weekly_summary WHERE published_at > ? AND workspace_id = ?"
        for row_id, sealed in self._books.rows(sql, stored(now - timedelta(minutes=1)), HOME):
            if row_id in self._counted:
                continue
            self._counted.add(row_id)
            facts = json.loads(self._books.unsealed("weekly_summary", "facts", row_id, sealed))
            counted = {row["side"]: row["on_time"] + row["late"] for row in facts["participation"] if row["side"]}
            known = self._told(facts["trace"]["participation"])
            if counted != known:
                yield f"the summary counts the answers {counted}, people were told of {known}"

    def _told(self, prompt_ids: list[str]) -> dict[str, int]:
        people, count = self._books.people(), Counter({"inhouse": 0, "vendor": 0})
        for prompt_id in prompt_ids:
            participant, side, day = self._prompt(prompt_id.replace("-", ""))
            standing = self._ledger.answers.get((people[participant], day))
            count[side] += bool(standing and standing.marks)
        return dict(count)

    def _prompt(self, prompt_id: str) -> tuple[str, str, date]:
        sql = """SELECT participant_id, side, local_date FROM prompt JOIN check_in ON check_in.id = checkin_id
                 WHERE prompt.id = ?"""
        ((participant, side, day),) = self._books.rows(sql, prompt_id)
        return participant, side, date.fromisoformat(day)


class Escalations:
    """I4: states change along the graph alone; closing and resting are for the side that does not have to act."""

    name = "I4"

    def __init__(self, evidence: Evidence) -> None:
        self._books = evidence.books
        self._states: dict[str, str] = {}

    def look(self, step: Step) -> Iterator[str]:
        new = self._books.new("activity", 'action, subject_id, by_person_id, "before", subject_kind')
        entries = [entry[:4] for entry in new if entry[4] == "escalation"]
        against = dict(self._books.rows("SELECT id, against FROM escalation")) if entries else {}
        sides = dict(self._books.rows("SELECT person_id, side FROM participant")) if entries else {}
        for action, subject, by, before in entries:
            yield from self._followed(action, subject, is_own=bool(by) and sides.get(by) == against[subject], by=by)
            if state := (json.loads(before or "null") or {}).get("state"):
                yield from self._moved(subject, state, action.removeprefix("escalation."))
        for subject, state in self._books.rows("SELECT id, state FROM escalation"):
            if self._states.get(subject) != state:
                yield f"escalation {subject} is {state}, and nothing says why"

    def _followed(self, action: str, subject: str, *, is_own: bool, by: str | None) -> Iterator[str]:
        if action == "escalation.raised":
            self._states[subject] = "open"
        if action in ("escalation.snoozed", "escalation.rerated") and is_own:
            yield f"{action} by the side that must act"
        if action == "escalation.acknowledged" and by and not is_own:
            yield f"{action} by the side that does not have to act"
        if action == "escalation.resolved" and (closed := self._books.rows(_CLOSED_BY_ITS_OWN_SIDE, subject)):
            yield f"E-{closed[0][0]} ({closed[0][1]}) was closed by the side that must act"

    def _moved(self, subject: str, was: str, after: str) -> Iterator[str]:
        if (known := self._states.get(subject)) != was:
            yield f"escalation {subject} was {known}, but the log says {was}"
        if (was, after) not in _EDGES:
            yield f"escalation {subject} went from {was} to {after}"
        self._states[subject] = after


class Facts:
    """I6: what a summary has said it says for ever: the frozen facts, and its messages in Slack."""

    name = "I6"

    def __init__(self, evidence: Evidence) -> None:
        self._books = evidence.books
        self._facts: dict[str, str] = {}
        self._words: dict[tuple[str, str], str] = {}

    def look(self, step: Step) -> Iterator[str]:
        sql = "SELECT id, facts FROM weekly_summary WHERE published_at IS NOT NULL AND workspace_id = ?"
        for row_id, sealed in self._books.rows(sql, HOME):
            if self._facts.setdefault(row_id, sealed) != sealed:
                yield f"the facts of the summary {row_id} were changed"
        for shown in step.shown:
            post = self._books.post(shown.channel, shown.ts) if shown.key else None
            if not post or not post.kind.startswith("summary."):
                continue
            if self._words.setdefault((shown.channel, shown.ts), shown.text) != shown.text:
                yield f"the words of {post.kind} were changed"


class Log:
    """I7: there is an entry in the log for each change, and a change for each entry."""

    name = "I7"

    def __init__(self, evidence: Evidence) -> None:
        self._books = evidence.books

    def look(self, step: Step) -> Iterator[str]:
        logged = dict(self._books.rows("SELECT action, count(*) FROM activity GROUP BY action"))
        for action, sql in _LOGGED:
            if (count := self._books.one(sql)) != logged.get(action, 0):
                yield f"{count} changes, but {logged.get(action, 0)} entries {action}"


class Rest:
    """I9: when nothing is under way, nothing is half done."""

    name = "I9"

    def __init__(self, evidence: Evidence) -> None:
        self._books = evidence.books

    def look(self, step: Step) -> Iterator[str]:
        sql = """SELECT kind, state, error FROM outbox_message WHERE workspace_id = ?
                 AND (state = 'leased' OR (state IN ('ready', 'unsure') AND written_at < ?))"""
        for kind, state, error in self._books.rows(sql, HOME, stored(step.now - _PATIENCE)):
            yield f"{kind} has stayed {state}: {error}"
        for table in _DUE:
            sql = f"SELECT due_at, due_error FROM {table} WHERE due_failures > 0 OR due_at < ?"  # noqa: S608 (our names)
            for due_at, error in self._books.rows(sql, stored(step.now - timedelta(minutes=1))):
                yield f"{table} was due at {due_at} and is not done: {error}"
        sql = """SELECT count(*) FROM prompt JOIN check_in ON check_in.id = checkin_id
                 WHERE check_in.state IN ('closed', 'skipped') AND prompt.state IN ('waiting', 'asked')"""
        if count := self._books.one(sql):
            yield f"{count} answers still count as open although the check-in is over"


class Reminders:
    """I10: one question and one reminder a person a check-in, wherever they were posted."""

    name = "I10"

    def __init__(self, evidence: Evidence) -> None:
        self._books = evidence.books

    def look(self, step: Step) -> Iterator[str]:
        sql = """SELECT count(*) FROM post WHERE kind IN ('checkin.prompt', 'checkin.reminder')
                 GROUP BY subject_id HAVING count(*) > ?"""
        yield from (f"{times} calls on one person in one check-in" for (times,) in self._books.rows(sql, _CAP))
