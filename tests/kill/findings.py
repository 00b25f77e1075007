"""What is to be seen in Slack and what is stored at the end, in words that do not depend on when things happened."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import select

from models.access import SYSTEM
from models.activity.tables import Activity
from models.asks.tables import Ask, AskEntry
from models.blockers.tables import Blocker
from models.cadences.tables import Cadence
from models.channels.tables import ChannelLook
from models.checkins.tables import CheckIn, Prompt, Reply, Response
from models.clock import SystemClock
from models.commitments.tables import Commitment
from models.db import Database, Tx
from models.engagements.tables import Participant, Person
from models.escalations.tables import Escalation, EscalationEntry
from models.outbox.rules import OPEN_STATES, OutboxState
from models.outbox.tables import OutboxMessage, Post
from models.summaries.tables import WeeklySummary
from models.vault import Vault, parse_keys
from sandbox.web_api import Call
from sandbox.workspace import Workspace
from tests.support.posted import standing
from tests.support.stage import KEYS

_DATE = re.compile(r"<!date\^\d+\^[^|]*\|[^>]*>|\b\d\d:\d\d\b|\b\d+ (?:min|h)\b")


@dataclass(frozen=True, slots=True)
class Found:
    """The end of a run. `wrong` says what must never be, whatever happened."""

    shown: dict[str, int]
    messages: list[str]
    records: list[str]
    wrong: list[str]


def found(workspace: Workspace, db: Database) -> Found:
    """Look at everything."""
    with db.read(SYSTEM) as tx:
        posts = {(post.channel_id, post.ts): post for post in _all(tx, Post) if not post.is_deleted}
        shown = Counter(post.kind for post in posts.values())
        wrong = [*_unsettled(tx), *_out_of_step(workspace, set(posts))]
        messages = sorted([*_messages(workspace), *_homes(workspace)])
        return Found(dict(shown), messages, sorted(_records(tx)), wrong)


def sent_twice(calls: Sequence[Call]) -> Iterator[str]:
    """Nothing was there twice even for a moment, and no limit of Slack's was overrun."""
    posts = [call.args["metadata"] for call in calls if call.ok and "metadata" in call.args]
    keys = Counter(str(json.loads(it) if isinstance(it, str) else it) for it in posts)
    yield from (f"posted {times} times: {key}" for key, times in keys.items() if times > 1)
    yield from (f"limited: {call.method}" for call in calls if (call.result or {}).get("error") == "ratelimited")


def opened(address: str) -> Database:
    """The database, for looking."""
    return Database(address, SystemClock(), Vault(parse_keys(KEYS)))


def _messages(workspace: Workspace) -> Iterator[str]:
    for channel in workspace.channels.values():
        place = channel.id if channel.kind != "im" else f"direct:{sorted(channel.members)}"
        for message in channel.messages.values():
            depth = "reply" if message.get("thread_ts", message["ts"]) != message["ts"] else "top"
            yield f"{place} {depth} {message['user']}: {_DATE.sub('T', message.get('text', ''))}"


def _homes(workspace: Workspace) -> Iterator[str]:
    """What the Home tabs show."""
    for user_id, view in workspace.homes.items():
        shown = [{key: part for key, part in block.items() if key != "block_id"} for block in view["blocks"]]
        yield f"home of {user_id}: {_without_ids(_DATE.sub('T', json.dumps(shown, ensure_ascii=False)))}"


def _records(tx: Tx) -> Iterator[str]:
    people = {row.id: row.name for row in _all(tx, Person)}
    names = {row.id: people[row.person_id] for row in _all(tx, Participant)}
    for row in _all(tx, Cadence):
        yield f"cadence {row.kind} {row.title} due {row.due_at}"
    for seat in _all(tx, Participant):
        yield f"participant {names[seat.id]} {seat.is_active} {seat.lost_because} {seat.seen_in}"
    for look in _all(tx, ChannelLook):
        yield f"night look wanted {look.wanted_at is not None} up to {look.asked_up_to} after {look.attempts}"
    days = {row.id: row.local_date for row in _all(tx, CheckIn)}
    for checkin in _all(tx, CheckIn):
        yield f"check-in {checkin.local_date} {checkin.state} due {checkin.due_at}"
    prompts = {row.id: f"{days[row.checkin_id]} {names[row.participant_id]}" for row in _all(tx, Prompt)}
    for prompt in _all(tx, Prompt):
        flags = (prompt.asked_at is not None, prompt.reminded_at is not None, prompt.answered_at is not None)
        yield f"prompt {prompts[prompt.id]} {prompt.state} {flags} due {prompt.due_at}"
    for response in _all(tx, Response):
        said = f"{response.source} {'withdrawn' if response.is_withdrawn else tx.unseal(response, 'answers')}"
        yield f"response {prompts[response.prompt_id]} v{response.version} {_without_ids(said)}"
    for reply in _all(tx, Reply):
        yield f"reply {prompts[reply.prompt_id]} {reply.is_deleted} {tx.unseal(reply, 'text')}"
    for promise in _all(tx, Commitment):
        yield f"commitment {promise.number} {promise.state} {promise.current_due} {tx.unseal(promise, 'what')}"
    for blocker in _all(tx, Blocker):
        yield f"blocker {blocker.number} {blocker.state} {tx.unseal(blocker, 'what')}"
    for ask in _all(tx, Ask):
        yield f"ask {ask.number} {ask.state} {ask.nudged_for is not None} {tx.unseal(ask, 'what')}"
    for entry in _all(tx, AskEntry):
        yield f"ask entry {entry.event} {entry.is_deleted}"
    for row in _all(tx, Escalation):
        when = f"level {row.level} owned {row.is_owned} due {row.due_at}"
        yield f"escalation {row.number} {row.state} {when} {tx.unseal(row, 'what')}"
    for line in _all(tx, EscalationEntry):
        yield f"escalation entry {line.kind} level {line.level} {tx.unseal(line, 'note')}"
    for log in _all(tx, Activity):
        if not log.action.startswith("engagement.applied"):
            yield f"activity {log.action} {log.by_person_id is not None}"
    for summary in _all(tx, WeeklySummary):
        yield f"summary {summary.local_date} {summary.state} {summary.facts is not None}"
    for key in _all(tx, Post):
        yield f"post {key.kind} {'deleted' if key.is_deleted else 'there'}"


def _unsettled(tx: Tx) -> Iterator[str]:
    """Everything comes to rest: nothing open, in doubt or given up, no step that failed."""
    for row in _all(tx, OutboxMessage):
        if row.state in OPEN_STATES or row.state is OutboxState.DEAD:
            yield f"outbox {row.kind} {row.operation} {row.state} {row.error}"
    for table in (Ask, Blocker, Cadence, CheckIn, Commitment, Escalation, Prompt, WeeklySummary):
        for due in _all(tx, table):
            if due.due_failures:
                yield f"{table.__name__} failed: {due.due_error}"


def _out_of_step(workspace: Workspace, stored: set[tuple[str, str]]) -> Iterator[str]:
    """What we believe is in Slack is there, what is there is known, and nothing is there twice."""
    visible = {(channel_id, ts): key for channel_id, ts, key in standing(workspace)}
    for key, times in Counter(visible.values()).items():
        if times > 1:
            yield f"doubled: {key} is there {times} times"
    for place in stored ^ set(visible):
        yield f"{'lost' if place in stored else 'unknown'}: {place}"


def _all(tx: Tx, table: type) -> list:  # type: ignore[type-arg]
    return list(tx.session.exec(select(table)))


def _without_ids(text: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "id", text)
