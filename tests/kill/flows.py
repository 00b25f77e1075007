"""The flows: each goes on where it was when it is played again after a death, as people do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.seed import SHARED
from tests.kill.case import Case
from tests.kill.world import ENGAGEMENT, START

Json = dict[str, Any]

_SAID = "Import runs.\nnext: Export by Friday\nblocked: no VPN for @Ines"
_SAID_BETTER = "Import runs well.\nnext: Export by Monday\nblocked: no VPN for @Ines"
_FILLED = {
    "answer.done": "Import runs.",
    "answer.next": "Export by Friday",
    "answer.blocked": "yes",
    "answer.blocked.what": "no VPN",
}


def at(hour: int, minute: int = 0) -> datetime:
    """A time of the day, UTC."""
    return START.replace(hour=hour, minute=minute)


@dataclass(frozen=True, slots=True)
class Flow:
    """What is played, from the end of which other flow on, and what is to be seen of ours at its end, by kind."""

    name: str
    play: Callable[[Case], Awaitable[None]]
    shown: dict[str, int]
    after: str | None = None
    from_start: bool = False


async def start(case: Case) -> None:
    """The application comes up on an empty database and is told of the engagement."""
    await case.life.asks("apply", file=str(ENGAGEMENT))
    await case.settle()


async def opening(case: Case) -> None:
    """The stand-up opens: a board, and everybody is asked."""
    await case.until(at(8, 45))


async def modal(case: Case) -> None:
    """Vera presses Answer, says that she is blocked, fills in what then appears, and sends."""
    vera = case.person("vera")
    if "told" not in case.memo:
        if not vera.open_views:
            await case.acts(lambda: vera.clicks(case.board(), "Answer"))
        if not _has(vera.open_views[-1], "answer.blocked.what"):
            await case.acts(lambda: vera.chooses(vera.open_views[-1], "checkin.answer.change", "yes"))
        errors = await case.acts(lambda: vera.submits(vera.open_views[-1], _FILLED))
        assert errors == {}
        case.memo["told"] = True
    assert not vera.open_views, "the form closed: it is stored"
    await case.settle()


async def reply(case: Case) -> None:
    """Vera answers in the thread."""
    if "reply" not in case.memo:
        case.memo["reply"] = await case.person("vera").posts(SHARED, _SAID, thread_ts=case.board()["ts"])
    await case.settle()


async def direct(case: Case) -> None:
    """Vera answers by direct message, and gets a receipt."""
    vera = case.person("vera")
    if "reply" not in case.memo:
        channel = vera.direct_messages()[-1]["channel"]
        case.memo["reply"] = await vera.posts(channel, _SAID)
    await case.settle()


async def edit(case: Case) -> None:
    """She edits that reply."""
    if "edited" not in case.memo:
        case.memo["edited"] = await case.person("vera").edits(case.memo["reply"], _SAID_BETTER)
    await case.settle()


async def deletion(case: Case) -> None:
    """She deletes it."""
    if "deleted" not in case.memo:
        await case.person("vera").deletes(case.memo["reply"])
        case.memo["deleted"] = True
    await case.settle()


async def home(case: Case) -> None:
    """Ines opens her Home, and what Vera says changes it."""
    if "home" not in case.memo:
        case.memo["home"] = await case.acts(case.person("ines").opens_home) or True
    await case.settle()
    await reply(case)


async def reminding(case: Case) -> None:
    """Whoever has not answered is reminded."""
    await case.until(at(11, 45))


async def closing(case: Case) -> None:
    """The stand-up closes: the board becomes the report, the reminders go."""
    await case.until(at(12, 45))


async def asking(case: Case) -> None:
    """Vera asks the other side by a mention."""
    if "asked" not in case.memo:
        words = f"<@{case.sandbox.workspace.app.bot_user_id}> needs an answer: which port?"
        case.memo["asked"] = await case.person("vera").posts(SHARED, words)
    await case.settle()


async def nudging(case: Case) -> None:
    """Nobody answers in time: one person is nudged."""
    await case.until(at(10))


async def answering(case: Case) -> None:
    """Ines answers in the question's thread: the nudge goes."""
    if "answered" not in case.memo:
        thread = case.memo["asked"]["ts"]
        case.memo["answered"] = await case.person("ines").posts(SHARED, "It is 443", thread_ts=thread)
    await case.settle()


async def summarising(case: Case) -> None:
    """The summary comes out."""
    await case.until(at(15, 45))


_OPEN = {"checkin.board": 1, "checkin.prompt": 2}
_ANSWERED = {**_OPEN, "checkin.answer": 1, "blocker.card": 1}
_SUMMED_UP = {**_ANSWERED, "summary.weekly": 1, "summary.detail": 1, "summary.inhouse": 1}

FLOWS = {
    flow.name: flow
    for flow in (
        Flow("start", start, {}, from_start=True),
        Flow("opening", opening, _OPEN, "start"),
        Flow("modal", modal, _ANSWERED, "opening"),
        Flow("reply", reply, _ANSWERED, "opening"),
        Flow("direct", direct, {**_ANSWERED, "checkin.receipt": 1}, "opening"),
        Flow("home", home, _ANSWERED, "opening"),
        Flow("edit", edit, _ANSWERED, "reply"),
        Flow("deletion", deletion, _ANSWERED, "reply"),
        Flow("reminding", reminding, {**_ANSWERED, "checkin.reminder": 1}, "reply"),
        Flow("closing", closing, _ANSWERED, "reminding"),
        Flow("asking", asking, {**_OPEN, "ask.card": 1}, "opening"),
        Flow("nudging", nudging, {**_OPEN, "ask.card": 1, "ask.nudge": 1}, "asking"),
        Flow("answering", answering, {**_OPEN, "ask.card": 1}, "nudging"),
        Flow("summarising", summarising, _SUMMED_UP, "closing"),
    )
}


def _has(view: Json, block_id: str) -> bool:
    return any(block.get("block_id") == block_id for block in view["blocks"])
