"""The flows: each goes on where it was when it is played again after a death, as people do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
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


def at(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """A time of the day, UTC, or of a later day."""
    return START.replace(hour=hour, minute=minute) + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Flow:
    """What is played, from the end of which other flow on, and what is to be seen of ours at its end, by kind."""

    name: str
    play: Callable[[Case], Awaitable[None]]
    shown: dict[str, int]
    after: str | None = None
    from_start: bool = False
    is_way: bool = False
    """It only leads to where another flow begins: nobody strikes."""


async def start(case: Case) -> None:
    """The application comes up on an empty database and is told of the engagement."""
    await case.life.asks("apply", file=str(ENGAGEMENT))
    await case.settle()


async def seen(case: Case) -> None:
    """It is Friday evening: nothing is said before Monday, and everybody was seen in the channel."""
    await case.until(at(18, days=2))


async def missing(case: Case) -> None:
    """Vera left the channel while nobody listened: the night finds it, and the owner is told."""
    if "gone" not in case.memo:
        case.sandbox.workspace.channel(SHARED).members.remove("U0VERA")
        case.memo["gone"] = True
    await case.until(at(5, days=3))
    await case.until(at(5, 20, days=3))  # whoever died at it is waited for


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


async def escalating(case: Case) -> None:
    """Ines escalates in plain words: the card, its twin, and Vera is told."""
    if "escalated" not in case.memo:
        words = f"<@{case.sandbox.workspace.app.bot_user_id}> escalate S1: the tills are down"
        case.memo["escalated"] = await case.person("ines").posts(SHARED, words)
    await case.settle()


async def climbing(case: Case) -> None:
    """Nobody owns it: the second level is told."""
    await case.until(at(9, 20))


async def exhausting(case: Case) -> None:
    """The ladder ends: both owners are told."""
    await case.until(at(9, 50))


async def another_day(case: Case) -> None:
    """Time passes."""
    await case.until(at(9, 40, days=1))


async def telling_again(case: Case) -> None:
    """Both owners are told once more."""
    await case.until(at(9, 50, days=1))


async def owning(case: Case) -> None:
    """Vera presses "I own it": who was told reads it there."""
    vera = case.person("vera")
    if "owned" not in case.memo:
        await case.acts(lambda: vera.clicks(_card(case), "escalation.own.press"))
        case.memo["owned"] = True
    await case.settle()


async def resolving(case: Case) -> None:
    """Ines presses Done and says how."""
    ines = case.person("ines")
    if "resolved" not in case.memo:
        if not ines.open_views:
            await case.acts(lambda: ines.clicks(_card(case), "escalation.finish.open"))
        if ines.open_views:  # else it was stored already, and the old button said so
            errors = await case.acts(lambda: ines.submits(ines.open_views[-1], {"note": "New cable"}))
            assert errors == {}
        case.memo["resolved"] = True
    await case.settle()


async def setting(case: Case) -> None:
    """Ines gives the stand-up another title, looks at what that changes, and saves."""
    ines = case.person("ines")
    for _ in range(_STEPS):
        if "set" in case.memo:
            break
        top = ines.open_views[-1] if ines.open_views else {}
        match top.get("callback_id"):
            case "admin.edit.submit":
                errors = await case.acts(lambda: ines.submits(ines.open_views[-1], {"title": "Morning round"}))
                assert errors == {}
            case "admin.save.submit" if "Nothing would change" in str(top):
                case.memo["set"] = True  # it was saved already
            case "admin.save.submit":
                await case.acts(lambda: ines.submits(ines.open_views[-1]))
                case.memo["set"] = True
            case _ if where := _offering(top, "cadence|daily"):
                await case.acts(lambda: ines.chooses(ines.open_views[-1], where, "cadence|daily"))
            case _:
                await case.acts(lambda: ines.commands("/cadence settings", SHARED))
    assert "set" in case.memo
    await case.settle()


_STEPS = 12
_OPEN = {"checkin.board": 1, "checkin.prompt": 2}
_ANSWERED = {**_OPEN, "checkin.answer": 1, "blocker.card": 1}


_SUMMED_UP = {**_ANSWERED, "summary.weekly": 1, "summary.detail": 1, "summary.inhouse": 1}


def _told(*, told: int = 1, notes: int = 1, owners: int = 0) -> dict[str, int]:
    """One escalation: its card and twin, who was told, and its history."""
    more = {"escalation.owners": owners} if owners else {}
    seen = {"escalation.card": 1, "escalation.inhouse": 1, "escalation.told": told, "escalation.note": notes}
    return _OPEN | seen | more


_NEXT_DAY = _told(told=3, notes=4, owners=4) | {
    "checkin.board": 2, "checkin.prompt": 4, "summary.weekly": 1, "summary.detail": 1, "summary.inhouse": 1,
}  # fmt: skip

_THREE_DAYS = {
    "checkin.board": 3, "checkin.prompt": 6, "summary.weekly": 3, "summary.detail": 3, "summary.inhouse": 3,
}  # fmt: skip

FLOWS = {
    flow.name: flow
    for flow in (
        Flow("start", start, {}, from_start=True),
        Flow("opening", opening, _OPEN, "start"),
        Flow("seen", seen, {}, "start", is_way=True),
        Flow("missing", missing, _THREE_DAYS | {"owner.notice": 1}, "seen"),
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
        Flow("escalating", escalating, _told(), "opening"),
        Flow("climbing", climbing, _told(told=3, notes=2), "escalating"),
        Flow("owning", owning, _told(told=3, notes=3), "climbing"),
        Flow("resolving", resolving, _told(told=3, notes=4), "owning"),
        Flow("exhausting", exhausting, _told(told=3, notes=3, owners=2), "climbing"),
        Flow("another day", another_day, {}, "exhausting", is_way=True),
        Flow("telling again", telling_again, _NEXT_DAY, "another day"),
        Flow("setting", setting, _OPEN, "opening"),
        Flow("summarising", summarising, _SUMMED_UP, "closing"),
    )
}


def _card(case: Case) -> Json:
    """The escalation's card."""
    return next(item for item in case.person("ines").messages(SHARED) if "*E-1*" in str(item.get("blocks")))


def _offering(view: Json, value: str) -> str:
    """The block of a view in which something can be chosen."""
    for block in view.get("blocks", ()):
        if any(option["value"] == value for option in block.get("accessory", {}).get("options", ())):
            return str(block["block_id"])
    return ""


def _has(view: Json, block_id: str) -> bool:
    return any(block.get("block_id") == block_id for block in view["blocks"])
