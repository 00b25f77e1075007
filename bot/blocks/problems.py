"""What an engagement's owner is told when something cannot be said: what happened, what was kept, what to do."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from bot.blocks import kit
from bot.blocks.kit import Rendered
from bot.blocks.markup import NOTHING, Markup, esc, join, say


class Notice(NamedTuple):
    """The three parts of a notice."""

    happened: Markup
    kept: Markup
    do: Markup


_KEPT = say(
    "What people wrote is stored. What could not be posted is not repeated; new messages go out once it is mended."
)

_PERSON_KEPT = say(
    "What they said is kept. They are not asked and cannot act. Their open blockers are nobody's again, and their open "
    "promises are on your Home."
)
_PERSON_DO = say("Nothing, if they come back: they have their place again at once. Else change the roster.")

NOTICES: Mapping[str, Notice] = {
    "channel_archived": Notice(
        say("The channel is archived, so I cannot post there."),
        _KEPT,
        say("Unarchive the channel, or name another one for this engagement."),
    ),
    "channel_gone": Notice(
        say("The channel is gone, or I cannot see it any more."),
        _KEPT,
        say("Invite me to the channel again, or name another one for this engagement."),
    ),
    "not_in_channel": Notice(
        say("I am not in the channel any more, so I cannot post there."), _KEPT, say("Invite me to the channel again.")
    ),
    "posting_restricted": Notice(
        say("I am not allowed to post in the channel."),
        _KEPT,
        say("Ask a workspace administrator to let this app post there."),
    ),
    "shared_with_outsiders": Notice(
        say("A message for your side alone was held back: people from outside are in the in-house channel now."),
        say("The message was not sent and nobody outside has seen it."),
        say("Name another channel for in-house messages, or take the outside people out of this one."),
    ),
    "disconnected": Notice(
        say("The provider's company was disconnected from the shared channel."),
        say("Everything is kept. Its people are not asked and not counted until they are back."),
        say("Invite the company into the channel again. If the provider now has another channel, name that one."),
    ),
    "person_left_channel": Notice(
        say("Somebody on the roster left the shared channel, or was taken off it."),
        _PERSON_KEPT,
        say("If that was a mistake, invite them again: they have their place back at once. If not, change the roster."),
    ),
    "person_disconnected": Notice(
        say("Somebody on the roster cannot read the shared channel any more."), _PERSON_KEPT, _PERSON_DO
    ),
    "person_deactivated": Notice(
        say("The account of somebody on the roster was closed, or their time as a guest is over."),
        _PERSON_KEPT,
        say("Name somebody else on the roster. If it was you who looked after this as a deputy: the owner is gone."),
    ),
    "person_outsider": Notice(
        say("Somebody on your side of the roster is a guest, or belongs to another company, by now."),
        _PERSON_KEPT,
        say(
            "Take them off the roster, or name their new side. If they are to act for you all the same: take them off, "
            "save, and add them again."
        ),
    ),
    "cannot_reach_person": Notice(
        say("I cannot reach somebody on the roster, neither by direct message nor in the thread."),
        say("Their place and their answers are kept."),
        say("Check that they are in the channel, and that their Slack user is the right one on the roster."),
    ),
    "message_refused": Notice(
        say("Slack refused one of my messages."),
        say("What it would have shown is stored; every other message goes on."),
        say("Nothing has to be done unless it happens again; then tell whoever runs this app."),
    ),
}
"""By key."""

_BY_CODE: Mapping[str, str] = {
    "is_archived": "channel_archived",
    "channel_not_found": "channel_gone",
    "method_not_supported_for_channel_type": "channel_gone",
    "not_in_channel": "not_in_channel",
    "channel_is_limited_access": "posting_restricted",
    "channel_is_shared": "shared_with_outsiders",
    "posting_to_channel_denied": "posting_restricted",
    "restricted_action": "posting_restricted",
    "cannot_dm_bot": "cannot_reach_person",
    "is_inactive": "cannot_reach_person",
    "user_disabled": "cannot_reach_person",
    "user_not_found": "cannot_reach_person",
    "user_not_visible": "cannot_reach_person",
    "users_not_found": "cannot_reach_person",
    "invalid_blocks": "message_refused",
    "msg_too_long": "message_refused",
}

_OTHER = Notice(
    say("One of my messages could not be sent."), _KEPT, say("Tell whoever runs this app, with the words below.")
)


def notice_of(code: str) -> str:
    """The key of the notice that fits a code of Slack's or ours; empty where none does."""
    return _BY_CODE.get(code, "")


def owner_notice(extra: Mapping[str, Any]) -> Rendered:
    """The notice named by `extra["notice"]`, or the one that fits `extra["code"]`, Slack's own code.

    `engagement` (its name) and `channel` (its id) in `extra` say where.
    """
    key = str(extra.get("notice") or notice_of(str(extra.get("code"))))
    told = NOTICES.get(key, _OTHER)
    about = join(
        " · ",
        [
            _labelled("Who", extra, "about"),
            _labelled("Engagement", extra, "engagement"),
            _channel(extra),
            _labelled("Code", extra, "code"),
        ],
    )
    blocks = [
        kit.section(say("⚠️ *{}*", told.happened)),
        kit.section(told.kept, say("*What to do:* {}", told.do)),
        kit.context(about),
    ]
    return kit.message([told.happened, told.kept, say("What to do: {}", told.do), about], blocks)


def _labelled(label: str, extra: Mapping[str, Any], key: str) -> Markup:
    value = extra.get(key)
    return say("{}: {}", label, esc(value, 80)) if isinstance(value, str) and value.strip() else NOTHING


def _channel(extra: Mapping[str, Any]) -> Markup:
    return kit.channel(str(extra.get("channel") or ""))
