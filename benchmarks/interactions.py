"""Signed interactions stored and acknowledged over HTTP, beside a bare server that verifies and inserts one row.

    python -m benchmarks.interactions [--requests 2000] [--connections 16] [--rate 20]

Both servers run in a process of their own and write to SQLite with the same durability; the requests are the same
ones, made beforehand. `mine` is a button that changes a blocker (state, history, messages, activity); `answer` is a
whole form (a version of sealed answers, a promise, messages, activity). The application delivers nothing meanwhile.
With `--rate` so many come each second, whether or not those before are answered, as from people; else each connection
sends the next as soon as it can. What is late with a rate counts from when it was to be sent.
Afterwards every request must have left its row: what is missing is counted as lost.
"""

import argparse
import asyncio
import hmac
import multiprocessing
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import UUID

from aiohttp import web
from sqlmodel import func, select

from bot import ids, pauses
from bot.app import build
from bot.settings import Settings
from bot.web import SLACK_PATH
from models import schema
from models.access import SYSTEM, Role, Side
from models.blockers.rules import BlockerEvent
from models.blockers.tables import Blocker, BlockerEntry
from models.cadences.rules import CadenceKind
from models.cadences.tables import Cadence, QuestionSet
from models.checkins.rules import CheckInState, PromptState
from models.checkins.tables import CheckIn, Prompt, Response
from models.clock import SystemClock
from models.db import Database, Tx
from models.engagements.tables import Engagement, Participant, Person
from models.vault import Vault, new_key, parse_keys
from sandbox.seed import BOT_TOKEN, SIGNING_SECRET, example_world
from sandbox.server import SandboxServer
from tests.support import payloads
from tests.support.world import QUESTIONS, WORKSPACE

CREW = 8
"""People of one engagement."""
_NEXT_WEEK = (datetime.now(UTC) + timedelta(days=7)).date()
FILLED: payloads.Json = {
    ids.question("done"): {ids.VALUE: {"type": "plain_text_input", "value": "The index of the archive is finished"}},
    ids.question("next"): {ids.VALUE: {"type": "plain_text_input", "value": "The report about the index"}},
    ids.question("next", "due"): {ids.VALUE: {"type": "datepicker", "selected_date": f"{_NEXT_WEEK}"}},
    ids.question("blocked"): {ids.ANSWER_CHANGE: {"type": "radio_buttons", "selected_option": {"value": "no"}}},
    ids.ASKS: {ids.VALUE: {"type": "plain_text_input", "value": None}},
}


@dataclass(frozen=True)
class Figures:
    """Of one run: requests a second, milliseconds at the median and the 99th percentile, answers that were not 200."""

    rate: float
    p50: float
    p99: float
    refused: int


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.interactions")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rate", type=float, default=0.0, help="requests a second; 0: as many as go")
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder), given.requests, given.connections, given.rate))


async def _measure(folder: Path, count: int, connections: int, rate: float) -> None:
    url, keys = f"sqlite:///{folder}/app.db", f"bench:{new_key()}"
    db = Database(url, SystemClock(), Vault(parse_keys(keys)))
    schema.upgrade(db)
    with db.transaction(SYSTEM) as tx:
        people = crowd(tx, count)
    mine = [payloads.form(payloads.press(user, ids.MINE_PRESS, str(blocker))) for user, _, blocker in people]
    answers = [answer(user, checkin, number) for number, (user, checkin, _) in enumerate(people)]
    print(f"  {count} requests over {connections} connections; {count // CREW} engagements of {CREW} people")
    bare = await _run(serve_bare, (str(folder / "bare.db"),), mine, connections, rate)
    with sqlite3.connect(folder / "bare.db") as connection:
        kept = connection.execute("SELECT count(*) FROM happened").fetchone()[0]
    _tell("bare", bare, bare, count - kept)
    sandbox = SandboxServer(example_world())
    await sandbox.start()
    for name, bodies, table in (("answer", answers, Response), ("mine", mine, BlockerEntry)):
        stored = count_of(db, table)
        found = await _run(serve_app, (url, keys, sandbox.api_url), bodies, connections, rate)
        _tell(name, found, bare, count - (count_of(db, table) - stored))
    await sandbox.stop()
    db.close()


def _tell(name: str, found: Figures, bare: Figures, lost: int) -> None:
    print(
        f"  {name:<8}{found.rate:8.0f}/s  {found.rate / bare.rate:5.2f} of bare  p50 {found.p50:6.1f} ms  "
        f"p99 {found.p99:6.1f} ms  lost {lost}  not 200: {found.refused}"
    )


@asynccontextmanager
async def served(serve: Callable[..., None], *args: str) -> AsyncIterator[tuple[int, int]]:
    """A server in a process of its own: its port, and the process's id."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, *args), daemon=True)
    process.start()
    port: int = await asyncio.to_thread(ours.recv)
    try:
        yield port, process.pid or 0
    finally:
        ours.send("stop")
        await asyncio.to_thread(process.join, 20)


async def _run(
    serve: Callable[..., None], args: tuple[str, ...], bodies: list[bytes], connections: int, rate: float
) -> Figures:
    """Send a server every body once."""
    async with served(serve, *args) as (port, _):
        return await load(port, bodies, connections, rate)


async def load(port: int, bodies: list[bytes], connections: int, rate: float = 0.0) -> Figures:
    now = int(time.time())
    waiting = [signed(body, now) for body in reversed(bodies)]
    took: list[float] = []
    refused = 0

    async def send() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            number, request = len(bodies) - len(waiting), waiting.pop()
            sent_at = began + number / rate if rate else time.perf_counter()
            await asyncio.sleep(max(sent_at - time.perf_counter(), 0.0))
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            if length:
                await reader.readexactly(length)
            took.append(time.perf_counter() - sent_at)
            refused += not head.startswith(b"HTTP/1.1 200")
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(send() for _ in range(connections)))
    whole = time.perf_counter() - began
    took.sort()
    return Figures(len(took) / whole, took[len(took) // 2] * 1000, took[len(took) * 99 // 100] * 1000, refused)


def signed(body: bytes, now: int, secret: str = SIGNING_SECRET) -> bytes:
    """The whole request, as Slack would send it."""
    headers = payloads.sign(body, secret.encode(), now)
    head = [f"POST {SLACK_PATH} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/x-www-form-urlencoded"]
    head += [f"{name}: {value}" for name, value in headers.items()] + [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(head).encode() + body


def serve_bare(pipe: Connection, path: str) -> None:
    """The least a server can do: check the signature, insert one row, commit."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE happened (id INTEGER PRIMARY KEY, body BLOB)")

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        base = b"v0:" + request.headers["X-Slack-Request-Timestamp"].encode() + b":" + body
        expected = "v0=" + hmac.new(SIGNING_SECRET.encode(), base, sha256).hexdigest()
        if not hmac.compare_digest(expected, request.headers["X-Slack-Signature"]):
            return web.Response(status=401)
        connection.execute("INSERT INTO happened (body) VALUES (?)", (body,))
        return web.Response()

    async def serve() -> None:
        app = web.Application()
        app.router.add_post(SLACK_PATH, receive)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(runner.addresses[0][1])
        await asyncio.to_thread(pipe.recv)
        await runner.cleanup()

    asyncio.run(serve())


def serve_whole(pipe: Connection, url: str, keys: str, api_url: str) -> None:
    """The application over HTTP as it runs."""
    serve_app(pipe, url, keys, api_url, with_jobs=True)


def serve_app(pipe: Connection, url: str, keys: str, api_url: str, *, with_jobs: bool = False) -> None:
    """The application over HTTP, without its jobs."""

    async def serve() -> None:
        settings = Settings(
            slack_bot_token=BOT_TOKEN,
            slack_signing_secret=SIGNING_SECRET,
            slack_api_url=api_url,
            database_url=url,
            cadence_keys=keys,
            http_port=0,
        )
        app = build(settings)
        await app.start(with_jobs=with_jobs)
        pauses.shorten()
        pipe.send(int(app.http_url.rsplit(":", 1)[1]))
        await asyncio.to_thread(pipe.recv)
        await app.stop()

    asyncio.run(serve())


def answer(user: str, checkin: UUID, number: int) -> bytes:
    blocks = [{"type": "input", "block_id": block_id} for block_id in FILLED]
    view: payloads.Json = {"type": "modal", "callback_id": ids.ANSWER_SUBMIT, "blocks": blocks}
    view |= {"private_metadata": str(checkin)}
    return payloads.form(payloads.submission(user, payloads.opened(view, f"V{number:09}"), FILLED))


def crowd(tx: Tx, count: int) -> list[tuple[str, UUID, UUID]]:
    """Engagements with an open check-in: for every request its own person, their check-in and a blocker to take."""
    found = []
    for number in range(-(-count // CREW)):
        engagement, checkin = _engagement(tx, number)
        raiser = _person(tx, engagement, checkin, f"U{number:05}V", Side.VENDOR)
        for seat in range(CREW):
            user = f"U{number:05}S{seat}"
            _person(tx, engagement, checkin, user)
            found.append((user, checkin.id, _blocker(tx, engagement, raiser, number * CREW + seat)))
    return found[:count]


def _engagement(tx: Tx, number: int) -> tuple[Engagement, CheckIn]:
    engagement = tx.add(
        Engagement(
            workspace_id=WORKSPACE,
            key=f"engagement-{number}",
            company="Northwind",
            vendor="Brightlane",
            channel_id=f"C{number:08}",
            zone="UTC",
            blocker_count=CREW,
        )
    )
    common: dict[str, Any] = {"workspace_id": WORKSPACE, "engagement_id": engagement.id}
    questions = tx.add(QuestionSet(**common, key="daily", version=1, title="Daily", questions=QUESTIONS))
    both = {"inhouse_questions_id": questions.id, "vendor_questions_id": questions.id}
    cadence = tx.add(
        Cadence(
            **common,
            **both,
            key="daily",
            kind=CadenceKind.DAILY,
            title="Daily stand-up",
            rule="FREQ=DAILY",
            starts_on=date(2026, 1, 1),
            at=wall_time(9),
        )
    )
    now = datetime.now(UTC)
    times = {"opens_at": now, "opened_at": now, "closes_at": now + timedelta(hours=4)}
    checkin = tx.add(
        CheckIn(**common, **both, cadence_id=cadence.id, local_date=now.date(), state=CheckInState.OPEN, **times)
    )
    return engagement, checkin


def _person(tx: Tx, engagement: Engagement, checkin: CheckIn, user: str, side: Side = Side.INHOUSE) -> Participant:
    person = tx.add(Person(workspace_id=WORKSPACE, slack_user_id=user, name=f"Person {user}", zone="UTC"))
    common: dict[str, Any] = {"workspace_id": WORKSPACE, "engagement_id": engagement.id}
    place = tx.add(Participant(**common, person_id=person.id, side=side, role=Role.MEMBER))
    tx.add(
        Prompt(
            **common,
            checkin_id=checkin.id,
            participant_id=place.id,
            side=side,
            state=PromptState.ASKED,
            ask_at=checkin.opens_at,
            asked_at=checkin.opens_at,
            deadline_at=checkin.closes_at,
        )
    )
    return place


def _blocker(tx: Tx, engagement: Engagement, place: Participant, number: int) -> UUID:
    common: dict[str, Any] = {"workspace_id": WORKSPACE, "engagement_id": engagement.id}
    row = Blocker(
        **common,
        number=number % CREW + 1,
        what="",
        raised_by_id=place.id,
        raised_side=Side.VENDOR,
        raised_at=tx.now,
        acting_side=Side.INHOUSE,
        source_key=f"benchmark:{number}",
    )
    row.what = tx.seal(row, "what", "No access to the archive")
    tx.add(row)
    tx.add(BlockerEntry(**common, blocker_id=row.id, event=BlockerEvent.RAISED, by_id=place.id, at=tx.now))
    return row.id


def count_of(db: Database, table: Any) -> int:
    with db.read(SYSTEM) as tx:
        return int(tx.session.exec(select(func.count()).select_from(table)).one())


if __name__ == "__main__":
    main()
