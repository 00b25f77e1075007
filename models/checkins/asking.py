"""Asking and reminding the people whose prompts have come due: step of the due queue, many at a time.

At nine in the morning thousands of prompts are in the same case. So the rules decide once for each case, and one
statement changes all prompts in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlmodel import col

from models import listed
from models.access import ASKED, system_only
from models.checkins import lifecycle, rules
from models.checkins.rules import DuePrompt, Hours, Message, PromptState
from models.checkins.tables import CheckIn, Prompt
from models.db import Tx
from models.engagements.tables import Participant
from models.outbox import service as outbox
from models.outbox.service import Direct

DUE_PROMPTS: Select[*tuple[Any, ...]] = (
    select(
        col(Prompt.workspace_id),
        col(Prompt.id),
        col(Prompt.due_at),
        col(Prompt.engagement_id),
        col(Prompt.checkin_id),
        col(Participant.person_id),
        col(CheckIn.state).label("checkin_state"),
        col(Prompt.state),
        col(Prompt.ask_at),
        col(Prompt.remind_at),
        col(Prompt.deadline_at),
        col(Prompt.reminded_at),
        col(Participant.is_active),
        col(Participant.role),
    )
    .join(CheckIn, (col(CheckIn.workspace_id) == Prompt.workspace_id) & (col(CheckIn.id) == Prompt.checkin_id))
    .join(
        Participant,
        (col(Participant.workspace_id) == Prompt.workspace_id) & (col(Participant.id) == Prompt.participant_id),
    )
)
"""What `ask` reads of a prompt: its keys, then everything from `checkin_state` on is its case."""

_CASE = 6
_KINDS: Mapping[Message, str] = {Message.PROMPT: "checkin.prompt", Message.REMINDER: "checkin.reminder"}


def ask(tx: Tx, prompts: Sequence[Any]) -> None:
    """Ask, or remind, the people whose prompts have come due. `prompts` are rows of `DUE_PROMPTS`."""
    system_only(tx)
    cases: dict[tuple[Any, ...], list[Any]] = {}
    for row in prompts:
        cases.setdefault((row[0], *row[_CASE:]), []).append(row)
    for (workspace_id, *values), rows in cases.items():
        case = _case(*values)
        turn = rules.turn(case, tx.now)
        _write(tx, workspace_id, [row[1] for row in rows], _columns(case, turn, tx.now))
        tx.touch(workspace_id, (row[5] for row in rows))
        if turn.message:
            outbox.post_all(tx, _messages(rows, turn.message))


def _case(
    checkin: rules.CheckInState,
    state: PromptState,
    ask_at: datetime,
    remind_at: datetime | None,
    deadline_at: datetime,
    reminded_at: datetime | None,
    is_active: bool,
    role: str,
) -> DuePrompt:
    return DuePrompt(
        checkin, state, Hours(ask_at, remind_at, deadline_at), reminded_at is not None, is_active and role in ASKED
    )


def _columns(case: DuePrompt, turn: rules.Turn, now: datetime) -> dict[str, Any]:
    """The columns that change, with their new values."""
    was_reminded = case.was_reminded or turn.message is Message.REMINDER
    found: dict[str, Any] = {
        "state": turn.state,
        "remind_at": turn.hours.remind_at,
        "deadline_at": turn.hours.deadline_at,
        "due_at": rules.prompt_due(case.checkin, turn.state, turn.hours, was_reminded=was_reminded),
        "due_failures": 0,
        "due_error": None,
    }
    if turn.message:
        found["asked_at" if turn.message is Message.PROMPT else "reminded_at"] = now
    if turn.state is PromptState.EXCUSED and case.state is not PromptState.EXCUSED:
        found["excuse"] = lifecycle.LEFT
    return found


def _write(tx: Tx, workspace_id: str, ids: Sequence[UUID], columns: Mapping[str, Any]) -> None:
    theirs = (col(Prompt.workspace_id) == workspace_id, listed.is_listed(Prompt.id, tx.dialect.name))
    tx.beside(update(Prompt).where(*theirs).values(columns), listed.keys(Prompt.id, ids, tx.dialect))


def _messages(rows: Iterable[Any], message: Message) -> list[Direct]:
    return [
        Direct(
            workspace_id=workspace_id,
            engagement_id=engagement_id,
            kind=_KINDS[message],
            subject_id=prompt_id,
            key=f"{message}:{prompt_id}",
            person_id=person_id,
            parent_key=f"board:{checkin_id}",
        )
        for workspace_id, prompt_id, _, engagement_id, checkin_id, person_id, *_ in rows
    ]
