"""The help, in the words of each side: the provider's people have mentions and buttons, not commands."""

from typing import Any

from slack_sdk.models.blocks import Block

from bot.blocks import kit
from bot.blocks.kit import Rendered
from bot.blocks.markup import Markup, say, spoken
from models.access import Side

_ANSWER = [
    say("*Answer a check-in*"),
    say("• Press *Answer* under the check-in, or just reply in its thread or to my direct message."),
    say("• In a reply, `next: …` makes a promise; `C-3 done` and `C-3 moved to Friday: why` say what became of one."),
    say("• `blocked: …` raises a blocker, `blocked S1: …` one that has stopped the work and is escalated at once."),
    say("• `no blockers` says that nothing is in the way."),
    say("• `question: …` asks the other side, and gets a time by which the answer is due."),
    say("• Edit or delete your reply, and the record follows."),
]
_QUESTIONS = [
    say("*Ask the other side*"),
    say("• Mention me in the channel with `needs an answer: …`, or alone under a message to mean that message."),
    say(
        "• Reply in the question's thread, and the clock stops; write again, and it starts again. Thanks do not count."
    ),
    say("• `Q-7: …` anywhere in the channel answers one; who asked writes `Q-7 answered` or `Q-7 withdrawn`."),
]
_ESCALATE = [
    say("*When something is stuck*"),
    say("• `escalate: …` in any thread, or mention me with it: both sides are told until it is owned."),
    say("• `escalate B-7: why` does it for a blocker; `escalate S1: …` says how bad it is (S1 to S4)."),
    say("• In the thread of an escalation: `mine` owns it, `update: …` says where it stands, `done: …` ends it."),
    say("• The side that does not have to act can also write `rest until Friday` or `S3: why`."),
]
_COMMANDS = [
    say("*Commands*, and my Home tab, which shows what is due"),
    say("• `/standup` – answer now"),
    say("• `/cadence status` – where things stand, and what is open for you"),
    say("• `/cadence questions` – what waits for an answer, and whose turn it is"),
    say("• `/cadence skip &lt;reason&gt;` – skip this time; the board shows the reason"),
    say("• `/cadence away 3 Dec to 7 Dec`, `/cadence away back` – be away, be back"),
    say("• `/escalate` – what is stuck climbs until somebody owns it"),
    say("• `/cadence summary` – the last weekly summary"),
    say("• `/cadence now` – be asked now; from an owner or lead, ask everybody now"),
    say("• `/cadence settings` – people, check-ins, questions, ladder, holidays, pause, hand over (owner or deputy)"),
    say("• `/cadence setup` – set up another channel with a provider"),
]
_MENTIONS = [
    say("*Ask me in the channel*"),
    say("• Mention me with `home`: what is open for you, what waits, your promises and the next check-ins."),
    say("• Mention me with `status`, `questions`, `summary`, `answer` or `help`."),
    say("• Mention me with `now` to be asked now; from a lead, to ask everybody now."),
    say("• Mention me with `blocked: …` anywhere in the channel: your message becomes a blocker."),
    say("• `B-3 mine`, `B-3 update: …`, `B-3 done: …`, in the card's thread or in a mention: what its buttons do."),
    say("• Mention me with `skip &lt;reason&gt;` to skip this time; the board shows the reason."),
    say("• Mention me with `away 3 Dec to 7 Dec` or `away back`."),
]
_FAIR = [
    say("*Who sees what*"),
    say("• Answers stand in the shared channel: both sides see them, and both sides are measured by the same rules."),
    say("• Who has not answered is shown as a number; names go to their own side only."),
]


_NOBODY = say(
    "Vendor Cadence keeps the rhythm between a company and its provider: check-ins, promises, blockers and a "
    "weekly summary. You are on no roster here yet; the owner of the engagement can add you. "
    "To set up a channel that has none, type `/cadence setup` there."
)


def help_text(side: Side | None) -> Rendered:
    """The help for a side; for somebody on no roster, how to get on one."""
    return kit.message([spoken(line) for group in _groups(side) for line in group], _sections(side))


def help_modal(side: Side | None) -> dict[str, Any]:
    """The help as a modal."""
    return kit.modal("Vendor Cadence", "help", "", _sections(side), submit=None)


def unknown(word: str, side: Side | None) -> Rendered:
    """A word that is no command, and the help."""
    first = say("I do not know “{}”. This is what I know:", word) if word.strip() else say("This is what I know:")
    rest = help_text(side)
    return Rendered(f"{first} {rest.text}", [*kit.message([], [kit.section(first)]).blocks, *rest.blocks])


def _sections(side: Side | None) -> list[Block | None]:
    return [kit.section(*group) for group in _groups(side)]


def _groups(side: Side | None) -> list[list[Markup]]:
    if side is None:
        return [[_NOBODY]]
    return [_ANSWER, _QUESTIONS, _ESCALATE, _COMMANDS if side is Side.INHOUSE else _MENTIONS, _FAIR]
