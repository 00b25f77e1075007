"""The invariants of what is to be seen in Slack: I2, I5, I8, and Slack's limits."""

import json
from collections.abc import Iterator

from sandbox.seed import HOME
from tests.simulation.evidence import Evidence, Step
from tests.simulation.history import Shown, tokens
from tests.support.posted import key_of

INHOUSE_ONLY = frozenset({"summary.inhouse", "escalation.inhouse", "escalation.private", "greeting.inhouse"})
"""Kinds of message that no outsider may ever read."""
TO_ONE = frozenset({"checkin.prompt", "checkin.reminder", "checkin.receipt", "ask.nudge"})
"""Kinds that one person reads alone, unless they cannot be written to directly and are mentioned instead."""
ONCE = frozenset(
    {
        *("checkin.board", "checkin.prompt", "checkin.reminder", "checkin.answer", "checkin.receipt"),
        *("blocker.card", "ask.card", "escalation.card", "escalation.inhouse", "escalation.note"),
        *("summary.weekly", "summary.detail", "summary.inhouse"),
    }
)
"""Kinds of which there is one message a subject, ever."""


class Copies:
    """I2: each message is there once, never twice even for a moment; at the end all are there, or have a reason."""

    name = "I2"

    def __init__(self, evidence: Evidence) -> None:
        self._history = evidence.history
        self._books = evidence.books

    def look(self, step: Step) -> Iterator[str]:
        for shown in step.fresh:
            if shown.how == "message" and shown.key and (times := self._history.posted[shown.key]) > 1:
                yield f"posted {times} times: {shown.text[:60]!r}"
        yield from self._standing_twice()
        if step.is_last:
            yield from self._out_of_step()
            yield from self._unsaid()

    def _standing_twice(self) -> Iterator[str]:
        sql = """SELECT kind, subject_id, channel_id, count(*) FROM post WHERE is_deleted = 0
                 GROUP BY 1, 2, 3 HAVING count(*) > 1"""
        for kind, subject, channel, times in self._books.rows(sql):
            if kind in ONCE:
                yield f"{times} messages {kind} of {subject} in {channel}"

    def _out_of_step(self) -> Iterator[str]:
        sql = "SELECT channel_id, ts, kind FROM post WHERE is_deleted = 0 AND workspace_id = ?"
        known = {(channel, ts): kind for channel, ts, kind in self._books.rows(sql, HOME)}
        standing = {spot for spot, key in self._history.standing.items() if key}
        yield from (f"lost: {known[spot]} at {spot}" for spot in known.keys() - standing)
        yield from (f"unknown to us: {spot}" for spot in standing - known.keys())

    def _unsaid(self) -> Iterator[str]:
        sql = """SELECT kind, operation, state, error FROM outbox_message
                 WHERE workspace_id = ? AND state NOT IN ('sent', 'dropped')"""
        for kind, operation, state, error in self._books.rows(sql, HOME):
            if state != "dead" or not error:
                yield f"{operation} of {kind} ended as {state}: {error}"
        sql = """SELECT local_date FROM check_in WHERE opened_at IS NOT NULL AND workspace_id = ? AND NOT EXISTS
                 (SELECT 1 FROM post WHERE kind = 'checkin.board' AND post.subject_id = check_in.id)"""
        yield from (f"no board of {day}" for (day,) in self._books.rows(sql, HOME))


class Readers:
    """I5: what is to be seen is within what may be seen, by whoever could read it at that moment."""

    name = "I5"

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    def look(self, step: Step) -> Iterator[str]:
        for shown in step.shown:
            post = self._evidence.books.post(shown.channel, shown.ts) if shown.key else None
            kind = post.kind if post else shown.how
            outsiders = sorted(reader for reader in shown.readers if not self._evidence.is_inhouse(reader))
            if outsiders and kind in INHOUSE_ONLY:
                yield f"{kind} was shown to {outsiders}"
            if outsiders and _is_private(shown):
                yield f"{kind} with a private note was shown to {outsiders}"
            if post and kind in TO_ONE and not post.key.endswith(":mention") and len(shown.readers) != 1:
                yield f"{kind} was shown to {sorted(shown.readers)}"


def _is_private(shown: Shown) -> bool:
    return any(mark.startswith("private") for mark in tokens(shown.text))


class Neighbour:
    """I8: no call with our token speaks of another workspace's rows."""

    name = "I8"

    def __init__(self, evidence: Evidence) -> None:
        self._books = evidence.books

    def look(self, step: Step) -> Iterator[str]:
        for call in step.calls:
            if call.team_id not in ("", HOME):
                yield f"{call.method} with the token of {call.team_id}"
            if "Cloud Nine" in json.dumps(call.args, ensure_ascii=False):
                yield f"{call.method} speaks of the neighbour"
            if key := key_of(call.args):
                owners = self._books.rows("SELECT workspace_id FROM outbox_message WHERE id = ?", key.replace("-", ""))
                if any(owner != HOME for (owner,) in owners):
                    yield f"{call.method} carries a message of the neighbour's"


class Limits:
    """Slack never has to say "too fast", but where a fault says it."""

    name = "limits"

    def look(self, step: Step) -> Iterator[str]:
        for call in step.calls:
            if call.fault is None and (call.result or {}).get("error") == "ratelimited":
                yield f"{call.method} went over Slack's limit"
