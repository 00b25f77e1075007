"""Messages counted in what Slack was told and shows, beside what the outbox says of them."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlmodel import col, func, select

from models.checkins.rules import CheckInState
from models.checkins.tables import CheckIn
from models.db import Tx
from models.outbox.rules import OPEN_STATES, OutboxState
from models.outbox.tables import OutboxMessage
from sandbox.server import SandboxServer
from sandbox.workspace import Workspace
from tests.support.posted import key_of, standing


def opened(tx: Tx) -> int:
    """How many check-ins are open."""
    return int(tx.session.exec(select(func.count()).where(CheckIn.state == CheckInState.OPEN)).one())


def waiting(tx: Tx) -> int:
    """In how many messages and edits something could still be done."""
    return _count(tx, col(OutboxMessage.state).in_(OPEN_STATES))


def sent(tx: Tx) -> int:
    """How many messages and edits are sent."""
    return _count(tx, col(OutboxMessage.state) == OutboxState.SENT)


def _count(tx: Tx, where: object) -> int:
    return int(tx.session.exec(select(func.count()).select_from(OutboxMessage).where(where)).one())  # type: ignore[arg-type]


def miswritten(posts: Iterable[OutboxMessage], wanted: set[tuple[str, UUID]]) -> list[str]:
    """Messages, by kind and subject, that were never written into the outbox, and all that were written twice."""
    subjects = Counter((row.kind, row.subject_id) for row in posts)
    return [f"{kind} of {row_id} was never written" for kind, row_id in wanted - subjects.keys()] + [
        f"{kind} of {row_id} was written {count} times" for (kind, row_id), count in subjects.items() if count > 1
    ]


def miscounted(
    posts: Sequence[OutboxMessage], sandbox: SandboxServer, world: Workspace, *, may_drop: Collection[str] = ()
) -> list[str]:
    """Messages that Slack was not told exactly once, or that do not stand there exactly once.

    One of which nobody knows is not counted here. Kinds that `may_drop` may be of no use any more when their turn
    comes, because people answer; Slack must not have been told of them then. None is given up.
    """
    told, seen = _told(sandbox, world), _seen(world)
    wrong = []
    for row in posts:
        if row.workspace_id != world.home.id:
            continue
        calls, times = told.pop(row.id.hex, 0), seen.pop(row.id.hex, 0)
        if row.state is OutboxState.UNSURE or (
            row.kind in may_drop and row.state is OutboxState.DROPPED and not calls + times
        ):
            continue
        if calls > 1 or times > 1:
            wrong.append(f"doubled: {row.key} was told {calls} times and stands there {times} times")
        elif not calls or not times or row.state is not OutboxState.SENT:
            wrong.append(f"lost: {row.key} is {row.state}, told {calls} times, and stands there {times} times")
    return wrong + [f"nobody’s: {key}" for key in (told + seen)]


def _told(sandbox: SandboxServer, world: Workspace) -> Counter[str]:
    """How often Slack took a message with each key, whatever became of it afterwards."""
    taken = [
        call
        for call in sandbox.calls
        if call.method == "chat.postMessage" and call.team_id == world.home.id and (call.result or {}).get("ok")
    ]
    return Counter(key_of(call.args) for call in taken)


def _seen(world: Workspace) -> Counter[str]:
    """How many messages with each key stand in a workspace."""
    return Counter(key for _, _, key in standing(world))
